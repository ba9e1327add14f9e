//! Where a flow comes to rest, when it gets there, and whether all starts end at the same place.

use datasets::{FixedPoint, Flow, Reading, Value};

use crate::end::FixedPointConfig;
use crate::tail::{End, Tail};

/// Where a flow comes to rest; `None` for flows of fewer than 8 steps, or if the window or
/// the part before it holds no recorded step.
///
/// The *window* is the last quarter of the steps ([`FixedPointConfig::window`]). Energies are per site, and two of them
/// are *the same* if they differ by at most 4 standard errors ([`FixedPointConfig::deviations`]) plus 0.01 J
/// ([`FixedPointConfig::energy_tolerance`]).
///
/// * The *final energy* of a start is the mean over the window; its error is that of the mean over chains of each chain's
///   own average.
/// * A start has *settled* if its final energy is the same as the mean over the quarter before the window (the error is
///   that of each chain's own change), and if from some step before the window on every recorded energy is the same as
///   the final one. The first such step is `steps_needed`; a start that has not settled needs all steps of the flow, at
///   least.
/// * The *ends meet* if the final energies of all starts are the same.
/// * |m| and c_sr are averages over window and starts. A temperature is the mean over starts of what is read on all
///   configurations of the window together ([`Pool`](crate::Pool)): T_E is the temperature of the mean energy. Its
///   error is the reading's own, which takes configurations as independent, times the factor by which correlations
///   between steps raise the error of the energy (T_m: of |m|; network: the larger of the two). The spread between
///   starts that do not meet is not part of any error.
///
/// # Panics
///
/// If there is not one tail for each start.
pub fn fixed_point(flow: &Flow, tails: &[Tail], config: &FixedPointConfig) -> Option<FixedPoint> {
    assert_eq!(tails.len(), flow.start_temperature.len(), "one tail for each start");
    if tails.is_empty() || tails.iter().any(|tail| tail.last.records == 0 || tail.before.records == 0) {
        return None;
    }
    let steps = tails[0].steps;
    let first = flow.step.partition_point(|&step| !tails[0].in_window(step));
    let energy: Vec<Value> = tails.iter().map(|tail| tail.last.energy()).collect();
    let mut steps_needed = Vec::with_capacity(tails.len());
    let mut settled = Vec::with_capacity(tails.len());
    for (f, tail) in tails.iter().enumerate() {
        let differs = |&s: &usize| {
            let here = Value {
                value: flow.energy_per_spin.value[[f, s]],
                error: flow.energy_per_spin.error[[f, s]],
            };
            !config.same(here, energy[f])
        };
        let arrived = (0..flow.step.len()).rev().find(differs).map_or(0, |last| last + 1);
        let at_rest = arrived <= first && config.same(tail.drift(), Value { value: 0.0, error: 0.0 });
        settled.push(at_rest);
        steps_needed.push(if at_rest { flow.step[arrived] } else { steps });
    }
    let ends_meet = energy.iter().all(|&a| energy.iter().all(|&b| config.same(a, b)));
    let temperature = |pick: fn(&Reading) -> Option<Value>, inflation: fn(&End) -> f64| {
        let read = |tail: &Tail| {
            let end = tail.end.as_ref()?;
            let Value { value, error } = pick(&end.reading)?;
            let error = error * inflation(end);
            (value.is_finite() && error.is_finite()).then_some(Value { value, error })
        };
        let read: Option<Vec<Value>> = tails.iter().map(read).collect();
        read.map(|read| over_starts(read.into_iter()))
    };
    Some(FixedPoint {
        energy_temperature: temperature(|r| r.energy_temperature, |end| end.energy_inflation),
        magnetization_temperature: temperature(
            |r| r.magnetization_temperature,
            |end| end.magnetization_inflation,
        ),
        nn_temperature: temperature(
            |r| r.nn_temperature,
            |end| end.energy_inflation.max(end.magnetization_inflation),
        ),
        abs_magnetization: over_starts(tails.iter().map(|tail| tail.last.abs_magnetization())),
        short_range_correlation: over_starts(tails.iter().map(|tail| tail.last.short_range())),
        energy_per_spin: energy,
        steps_needed,
        settled,
        ends_meet,
    })
}

/// The mean of independent values with its error.
fn over_starts(values: impl Iterator<Item = Value>) -> Value {
    let (mut n, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for value in values {
        n += 1.0;
        sum += value.value;
        squares += value.error * value.error;
    }
    Value { value: sum / n, error: squares.sqrt() / n }
}
