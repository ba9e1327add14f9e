//! Kinds of machines: those of all replicas that have equal settings, with the means and errors of what was measured.

use datasets::lattice::Lattice;
use datasets::{EquationOfState, PredictedPoint, Prediction, Units, Value};

use crate::f13_training::LOCKING;
use crate::machine::{Settings, TRAINED};
use crate::point::{End, History, Point};
use crate::run::Run;
use crate::statistics::{Estimate, combine};

/// The machines with these settings, at most one for each replica.
#[derive(Debug, Clone)]
pub(crate) struct Kind<'a> {
    /// The name of the training that they are from, the first one if there are several.
    pub(crate) training: &'a str,
    pub(crate) settings: &'a Settings,
    pub(crate) hidden: usize,
    pub(crate) updates: u64,
    pub(crate) points: Vec<&'a Point>,
}

/// All kinds of a run, by lattice, trainer and training set, then by N_h and updates: those whose flows have the
/// weights of the machine.
pub(crate) fn kinds(run: &Run) -> Vec<Kind<'_>> {
    of_weights(run, |weights| weights == TRAINED)
}

/// The kinds whose flows have surrogate weights, likewise.
pub(crate) fn surrogates(run: &Run) -> Vec<Kind<'_>> {
    of_weights(run, |weights| weights != TRAINED)
}

fn of_weights(run: &Run, wanted: impl Fn(&str) -> bool) -> Vec<Kind<'_>> {
    let mut kinds: Vec<Kind<'_>> = Vec::new();
    for point in run.points.iter().filter(|point| wanted(&point.settings.weights)) {
        let same = |kind: &&mut Kind<'_>| {
            kind.hidden == point.hidden && kind.updates == point.updates && *kind.settings == point.settings
        };
        match kinds.iter_mut().find(same) {
            // The same machine may be in a run under several names.
            Some(kind) if kind.points.iter().any(|p| p.replica == point.replica) => {}
            Some(kind) => kind.points.push(point),
            None => kinds.push(Kind {
                training: &point.training,
                settings: &point.settings,
                hidden: point.hidden,
                updates: point.updates,
                points: vec![point],
            }),
        }
    }
    let list = |values: &[f64]| values.iter().map(|v| (v * 1e6) as i64).collect::<Vec<i64>>();
    kinds.sort_by_cached_key(|kind| {
        let Settings { lattice, units, biases, trainer, gibbs_steps, model, temperatures, fields, .. } =
            kind.settings;
        let numbers = list(&[kind.settings.learning_rate, kind.settings.weight_decay]);
        let trainer = (*units == Units::Binary, *biases, trainer.clone(), *gibbs_steps, numbers);
        (
            (lattice.kind(), lattice.shape().to_vec()),
            model.clone(),
            list(fields),
            list(temperatures),
            trainer,
            kind.hidden,
            kind.updates,
        )
    });
    kinds
}

/// The mean over the starts; their differences are no error of it.
pub(crate) fn over_ends(point: &Point, pick: impl Fn(&End) -> Option<Value>) -> Estimate {
    let ends: Vec<Value> = point.ends.iter().filter_map(pick).filter(|v| v.value.is_finite()).collect();
    if ends.is_empty() {
        return Estimate::NONE;
    }
    let n = ends.len() as f64;
    let squares: f64 = ends.iter().map(|v| v.error * v.error).sum();
    Estimate::new(ends.iter().map(|v| v.value).sum::<f64>() / n, squares.sqrt() / n)
}

pub(crate) fn estimate(value: Value) -> Estimate {
    Estimate::new(value.value, value.error)
}

/// The flow's own estimate of its fixed point where there is one, otherwise the mean over the starts at the last step.
fn at_rest(
    point: &Point,
    fixed: impl Fn(&datasets::FixedPoint) -> Option<Value>,
    end: impl Fn(&End) -> Option<Value>,
) -> Estimate {
    let own = point.fixed_point.as_ref().and_then(fixed).filter(|v| v.value.is_finite());
    own.map_or_else(|| over_ends(point, end), estimate)
}

pub(crate) fn energy_temperature(point: &Point) -> Estimate {
    at_rest(point, |f| f.energy_temperature, |e| e.energy_temperature)
}

pub(crate) fn magnetization_temperature(point: &Point) -> Estimate {
    at_rest(point, |f| f.magnetization_temperature, |e| e.magnetization_temperature)
}

pub(crate) fn nn_temperature(point: &Point) -> Estimate {
    at_rest(point, |f| f.nn_temperature, |e| e.nn_temperature)
}

pub(crate) fn nn_peak(point: &Point) -> Estimate {
    over_ends(point, |e| e.nn_peak.map(|value| Value { value, error: f64::NAN }))
}

/// The energy per site where the flow comes to rest.
pub(crate) fn energy(point: &Point) -> Estimate {
    match &point.fixed_point {
        Some(fixed) if !fixed.energy_per_spin.is_empty() => {
            let n = fixed.energy_per_spin.len() as f64;
            let squares: f64 = fixed.energy_per_spin.iter().map(|v| v.error * v.error).sum();
            Estimate::new(fixed.energy_per_spin.iter().map(|v| v.value).sum::<f64>() / n, squares.sqrt() / n)
        }
        _ => over_ends(point, |e| Some(e.energy_per_spin)),
    }
}

pub(crate) fn abs_magnetization(point: &Point) -> Estimate {
    at_rest(point, |f| Some(f.abs_magnetization), |e| Some(e.abs_magnetization))
}

pub(crate) fn short_range_correlation(point: &Point) -> Estimate {
    at_rest(point, |f| Some(f.short_range_correlation), |e| Some(e.short_range_correlation))
}

pub(crate) fn magnetization(point: &Point) -> Estimate {
    over_ends(point, |e| Some(e.magnetization))
}

pub(crate) fn squared_magnetization(point: &Point) -> Estimate {
    over_ends(point, |e| Some(e.squared_magnetization))
}

pub(crate) fn energy_variance(point: &Point) -> Estimate {
    over_ends(point, |e| Some(e.energy_variance))
}

pub(crate) fn binder_cumulant(point: &Point) -> Estimate {
    over_ends(point, |e| Some(e.binder_cumulant))
}

/// T_E at the last step from the hottest minus from the coldest start.
pub(crate) fn end_difference(point: &Point) -> Estimate {
    let by_start = |a: &&End, b: &&End| a.start_temperature.total_cmp(&b.start_temperature);
    let (cold, hot) = (point.ends.iter().min_by(by_start), point.ends.iter().max_by(by_start));
    let (Some(cold), Some(hot)) = (cold, hot) else { return Estimate::NONE };
    let (Some(low), Some(high)) = (cold.energy_temperature, hot.energy_temperature) else {
        return Estimate::NONE;
    };
    if cold.start_temperature >= hot.start_temperature {
        return Estimate::NONE;
    }
    Estimate::new(high.value - low.value, high.error.hypot(low.error))
}

/// 1 if the flow has settled from every start, otherwise 0.
pub(crate) fn settled(point: &Point) -> Estimate {
    point.fixed_point.as_ref().map_or(Estimate::NONE, |f| truth(f.settled.iter().all(|&s| s)))
}

/// 1 if the flow settles from every start at one energy, otherwise 0.
pub(crate) fn reached(point: &Point) -> Estimate {
    point.fixed_point.as_ref().map_or(Estimate::NONE, |f| truth(f.is_reached()))
}

/// A number of the one state at which the weights alone say that the flow ends.
pub(crate) fn predicted(point: &Point, pick: impl Fn(&PredictedPoint) -> Option<f64>) -> Estimate {
    single(point.prediction.as_ref().and_then(Prediction::end).and_then(pick))
}

/// The temperature at which the training neither heats nor cools, in the direction of the weights.
pub(crate) fn balance_zero(point: &Point) -> Estimate {
    point.balance.as_ref().and_then(|(_, balance)| balance.zero).map_or(Estimate::NONE, estimate)
}

/// The mean growth over the training temperatures.
pub(crate) fn balance_mean(point: &Point) -> Estimate {
    point.balance.as_ref().map_or(Estimate::NONE, |(_, balance)| estimate(balance.mean))
}

/// 1/J of nearest neighbours.
pub(crate) fn encoded_temperature(point: &Point) -> Estimate {
    let value = point.couplings.as_ref().and_then(|(_, couplings)| couplings.encoded_temperature);
    value.map_or(Estimate::NONE, estimate)
}

/// The largest |W| at the end of the training.
pub(crate) fn max_abs_weight(point: &Point) -> Estimate {
    single(point.history.max_abs_weight.last().copied())
}

/// 1 if a unit has locked onto a site, max|W| > 2, otherwise 0.
pub(crate) fn locked(point: &Point) -> Estimate {
    point.history.max_abs_weight.last().map_or(Estimate::NONE, |&largest| truth(largest > LOCKING))
}

/// The updates at the first record with max|W| > 2, with half the distance to the record before as error; none if there
/// is no such record.
pub(crate) fn onset(point: &Point) -> Estimate {
    let History { updates, max_abs_weight, .. } = &point.history;
    let first = max_abs_weight.iter().position(|&largest| largest > LOCKING);
    let Some((at, &found)) = first.and_then(|at| Some((at, updates.get(at)?))) else { return Estimate::NONE };
    let before = at.checked_sub(1).map_or(0.0, |before| updates[before]);
    Estimate::new(found, (found - before) / 2.0)
}

/// A number that is known without an error of its own.
pub(crate) fn single(value: Option<f64>) -> Estimate {
    value.map_or(Estimate::NONE, Estimate::bare)
}

fn truth(yes: bool) -> Estimate {
    Estimate::bare(f64::from(u8::from(yes)))
}

impl Kind<'_> {
    /// The mean over replicas of something that each machine has.
    pub(crate) fn over(&self, pick: impl Fn(&Point) -> Estimate) -> Estimate {
        combine(&self.points.iter().map(|point| pick(point)).collect::<Vec<_>>())
    }

    /// Whether the flow has a fixed point in every replica.
    pub(crate) fn has_fixed_point(&self) -> bool {
        self.over(reached).value >= 1.0
    }

    /// Whether the training set is the Ising model's without field, at three or more temperatures.
    pub(crate) fn is_plain(&self) -> bool {
        self.settings.model == "ising"
            && self.settings.fields == [0.0]
            && self.settings.temperatures.len() > 2
    }
}

/// The thermal averages on a lattice in a field.
pub(crate) fn table(run: &Run, lattice: Lattice, field: f64) -> Option<&EquationOfState> {
    run.equation_of_state
        .iter()
        .chain(&run.tables)
        .find(|table| table.lattice == lattice && table.field == field)
}

/// The temperature and height of the maximum of the specific heat: of the parabola through the highest of the tabulated
/// points and its neighbours.
pub(crate) fn heat_maximum(table: &EquationOfState) -> Option<(f64, f64)> {
    let (t, c) = (&table.temperature, &table.specific_heat);
    let highest = (0..t.len()).filter(|&i| t[i] > 0.0).max_by(|&a, &b| c[a].total_cmp(&c[b]))?;
    if highest == 0 || highest + 1 >= t.len() {
        return None;
    }
    let (x, y) = (&t[highest - 1..=highest + 1], &c[highest - 1..=highest + 1]);
    let first = (y[1] - y[0]) / (x[1] - x[0]);
    let second = ((y[2] - y[1]) / (x[2] - x[1]) - first) / (x[2] - x[0]);
    if second >= 0.0 {
        return Some((x[1], y[1]));
    }
    let at = (x[0] + x[1]) / 2.0 - first / (2.0 * second);
    Some((at, y[0] + first * (at - x[0]) + second * (at - x[0]) * (at - x[1])))
}
