//! Where a flow comes to rest, when it gets there, and whether all starts end at the same place.

use datasets::{FixedPoint, Flow, Measured, Value};
use ising_mc::statistics::mean_and_error;
use serde::{Deserialize, Serialize};

use crate::error::FlowError;

/// The least number of steps of a flow of which a fixed point is estimated.
const SHORTEST: u32 = 8;

/// When a flow counts as settled, and two ends as the same.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FixedPointConfig {
    /// The last part of the steps, as a fraction of all of them, over which the fixed point is averaged; an equal part
    /// before it is what it is compared with. In 0..=0.5, without 0.
    pub window: f64,
    /// Differences of energies within this many standard errors are noise.
    pub deviations: f64,
    /// Differences of energies per site, in J, that are too small to matter are added to that.
    pub energy_tolerance: f64,
}

impl Default for FixedPointConfig {
    fn default() -> Self {
        Self { window: 0.25, deviations: 4.0, energy_tolerance: 0.01 }
    }
}

impl FixedPointConfig {
    pub(crate) fn check(&self) -> Result<(), FlowError> {
        let refuse =
            |name, found: f64, expected| Err(FlowError::Setting { name, found: found.to_string(), expected });
        if !(self.window > 0.0 && self.window <= 0.5) {
            return refuse("fixed_point.window", self.window, "above 0 and at most 0.5");
        }
        if !(self.deviations > 0.0 && self.deviations.is_finite()) {
            return refuse("fixed_point.deviations", self.deviations, "a positive number");
        }
        if !(self.energy_tolerance >= 0.0 && self.energy_tolerance.is_finite()) {
            return refuse(
                "fixed_point.energy_tolerance",
                self.energy_tolerance,
                "a number that is not negative",
            );
        }
        Ok(())
    }

    /// The number of steps of the window; none if the flow is too short to say whether it has settled.
    fn window_of(&self, steps: u32) -> u32 {
        if steps < SHORTEST { 0 } else { (self.window * f64::from(steps)) as u32 }
    }

    /// Whether two energies per site are the same.
    fn same(&self, a: Value, b: Value) -> bool {
        let noise = (a.error * a.error + b.error * b.error).sqrt();
        (a.value - b.value).abs() <= self.deviations * noise + self.energy_tolerance
    }
}

/// The last part of the flow of one start: each chain's own averages, from which errors are taken, because chains are
/// independent and successive steps are not.
#[derive(Debug, Clone)]
pub struct Tail {
    steps: u32,
    window: u32,
    before: Sums,
    last: Sums,
}

#[derive(Debug, Clone)]
struct Sums {
    records: u32,
    /// One number per chain each.
    energy: Vec<f64>,
    abs_magnetization: Vec<f64>,
    short_range: Vec<f64>,
}

impl Sums {
    fn new(chains: usize) -> Self {
        let zeros = vec![0.0; chains];
        Self { records: 0, energy: zeros.clone(), abs_magnetization: zeros.clone(), short_range: zeros }
    }

    fn mean(&self, sums: &[f64]) -> Vec<f64> {
        sums.iter().map(|sum| sum / f64::from(self.records)).collect()
    }
}

impl Tail {
    /// An empty tail of a flow of so many chains and steps.
    pub fn new(chains: usize, steps: u32, config: &FixedPointConfig) -> Self {
        Self { steps, window: config.window_of(steps), before: Sums::new(chains), last: Sums::new(chains) }
    }

    /// Adds a recorded step; one that is too early is ignored. All slices have one number per chain: energy per site, |m|,
    /// c_sr.
    ///
    /// # Panics
    ///
    /// If a slice has another length than the number of chains.
    pub fn record(&mut self, step: u32, energy: &[f64], abs_magnetization: &[f64], short_range: &[f64]) {
        let sums = if step + self.window > self.steps {
            &mut self.last
        } else if step + 2 * self.window > self.steps {
            &mut self.before
        } else {
            return;
        };
        sums.records += 1;
        for (sums, values) in [
            (&mut sums.energy, energy),
            (&mut sums.abs_magnetization, abs_magnetization),
            (&mut sums.short_range, short_range),
        ] {
            assert_eq!(sums.len(), values.len(), "one number per chain");
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
    }

    fn energy(&self) -> Value {
        mean_and_error(&self.last.mean(&self.last.energy))
    }

    /// How much the energy changed from the part before to the last part.
    fn drift(&self) -> Value {
        let (before, last) = (self.before.mean(&self.before.energy), self.last.mean(&self.last.energy));
        let change: Vec<f64> = last.iter().zip(&before).map(|(last, before)| last - before).collect();
        mean_and_error(&change)
    }
}

/// Where a flow comes to rest; `None` for flows of fewer than 8 steps, or if the window or
/// the part before it holds no recorded step.
///
/// The *window* is the last quarter of the steps ([`FixedPointConfig::window`]). Energies are per site, and two of them are
/// *the same* if they differ by at most 4 standard errors ([`FixedPointConfig::deviations`]) plus 0.01 J
/// ([`FixedPointConfig::energy_tolerance`]).
///
/// * The *final energy* of a start is the mean over the window; its error is that of the mean over chains of each chain's
///   own average.
/// * A start has *settled* if its final energy is the same as the mean over the quarter before the window (the error is
///   that of each chain's own change), and if from some step before the window on every recorded energy is the same as
///   the final one. The first such step is `steps_needed`; a start that has not settled needs all steps of the flow, at
///   least.
/// * The *ends meet* if the final energies of all starts are the same.
/// * Temperatures, |m| and c_sr are averages over window and starts. A temperature's error is the mean error of a single
///   step's reading times the factor by which averaging over the window reduces the error of the energy (T_m: of |m|;
///   network: the larger of the two factors), so that correlations between steps are accounted for. The spread between starts
///   that do not meet is not part of any error.
///
/// # Panics
///
/// If there is not one tail for each start.
pub fn fixed_point(flow: &Flow, tails: &[Tail], config: &FixedPointConfig) -> Option<FixedPoint> {
    assert_eq!(tails.len(), flow.start_temperature.len(), "one tail for each start");
    if tails.is_empty() || tails.iter().any(|tail| tail.last.records == 0 || tail.before.records == 0) {
        return None;
    }
    let (steps, window) = (tails[0].steps, tails[0].window);
    let first = flow.step.partition_point(|&step| step + window <= steps);
    let energy: Vec<Value> = tails.iter().map(Tail::energy).collect();
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
    let average = |pick: fn(&Sums) -> &Vec<f64>| {
        over_starts(tails.iter().map(|tail| mean_and_error(&tail.last.mean(pick(&tail.last)))))
    };
    // How much less than a single step's error the window's is, for each start.
    let factor = |measured: &Measured, pick: fn(&Sums) -> &Vec<f64>| -> Vec<f64> {
        let of_window = tails.iter().map(|tail| mean_and_error(&tail.last.mean(pick(&tail.last))).error);
        let factors = of_window.enumerate().map(|(f, error)| {
            let single = mean_from(measured.error.row(f).iter().skip(first));
            if single > 0.0 { (error / single).min(1.0) } else { 1.0 }
        });
        factors.collect()
    };
    let by_energy = factor(&flow.energy_per_spin, |sums| &sums.energy);
    let by_magnetization = factor(&flow.abs_magnetization, |sums| &sums.abs_magnetization);
    let larger: Vec<f64> = by_energy.iter().zip(&by_magnetization).map(|(a, b)| a.max(*b)).collect();
    let temperature = |reading: &Option<Measured>, factor: &[f64]| {
        let reading = reading.as_ref()?;
        let found = over_starts((0..tails.len()).map(|f| Value {
            value: mean_from(reading.value.row(f).iter().skip(first)),
            error: mean_from(reading.error.row(f).iter().skip(first)) * factor[f],
        }));
        (found.value.is_finite() && found.error.is_finite()).then_some(found)
    };
    Some(FixedPoint {
        energy_temperature: temperature(&flow.energy_temperature, &by_energy),
        magnetization_temperature: temperature(&flow.magnetization_temperature, &by_magnetization),
        nn_temperature: temperature(&flow.nn_temperature, &larger),
        abs_magnetization: average(|sums| &sums.abs_magnetization),
        short_range_correlation: average(|sums| &sums.short_range),
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

fn mean_from<'a>(values: impl ExactSizeIterator<Item = &'a f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}
