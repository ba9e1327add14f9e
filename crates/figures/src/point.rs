//! One machine of one replica as a point of a map: its settings, and where its flow ends.

use datasets::{Balance, FixedPoint, Flow, Likelihood, PairCouplings, Prediction, Response, Value};
use ndarray::Array3;

use crate::machine::{Group, Machine, Settings};

/// One machine of one replica without its large arrays. A run has one for every machine, so that maps over thousands of
/// machines fit into memory.
#[derive(Debug, Clone)]
pub struct Point {
    /// The replica's index.
    pub replica: usize,
    /// The training's name.
    pub training: String,
    /// What it was trained for.
    pub group: Group,
    /// How it was trained.
    pub settings: Settings,
    /// N_h.
    pub hidden: usize,
    /// The number of parameter updates.
    pub updates: u64,
    /// Where the flow comes to rest, if it is long enough to say.
    pub fixed_point: Option<FixedPoint>,
    /// The ensembles at the last step, one for each start; none without a flow.
    pub ends: Vec<End>,
    /// Likewise the starts themselves.
    pub starts: Vec<End>,
    /// Likewise what one step makes of them; none if it is not recorded.
    pub reconstructions: Vec<End>,
    /// The history of the training: updates, and max|W| and the pseudo-log-likelihood per spin at them.
    pub history: History,
    /// The largest eigenvalues of W·Wᵀ, descending, at most eight; empty without an analysis.
    pub eigenvalues: Vec<f64>,
    /// Overlap² of the leading eigenvector with the uniform one.
    pub uniform_overlap: Option<f64>,
    /// The translation-invariant fraction of W·Wᵀ.
    pub translation_invariant_fraction: Option<f64>,
    /// How probable the machine finds configurations that it has not seen.
    pub likelihood: Option<Likelihood>,
    /// Where the weights alone say that the flow comes to rest.
    pub prediction: Option<Prediction>,
    /// What contrastive divergence would still change at each training temperature: the temperatures of the starts, and
    /// the balance.
    pub balance: Option<(Vec<f64>, Balance)>,
    /// What one step does to couplings: the temperatures of the starts, and the response.
    pub response: Option<(Vec<f64>, Response)>,
    /// The one-step map: the temperatures of its starts, and T_E after the step.
    pub map: Option<(Vec<f64>, Vec<Value>)>,
    /// The distances between sites, and the pair couplings of the machine at each of them.
    pub couplings: Option<(Vec<f64>, PairCouplings)>,
    /// W·Wᵀ at the distances of [`Self::couplings`]; empty without an analysis.
    pub gram_by_distance: Vec<f64>,
}

/// The ensemble at a step from one start.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// The temperature of the start in J/k_B.
    pub start_temperature: f64,
    /// T_E in J/k_B; none without that thermometer, as for the next three.
    pub energy_temperature: Option<Value>,
    /// T_m.
    pub magnetization_temperature: Option<Value>,
    /// The mean temperature of the network.
    pub nn_temperature: Option<Value>,
    /// The network's most probable class.
    pub nn_peak: Option<f64>,
    /// Energy per site in J.
    pub energy_per_spin: Value,
    /// Variance of the total energy per site in J².
    pub energy_variance: Value,
    /// ⟨|m|⟩.
    pub abs_magnetization: Value,
    /// ⟨m⟩.
    pub magnetization: Value,
    /// ⟨m²⟩.
    pub squared_magnetization: Value,
    /// Binder cumulant.
    pub binder_cumulant: Value,
    /// c_sr.
    pub short_range_correlation: Value,
    /// The machine's free energy for each visible unit, in nats; none if the flow did not record it.
    pub free_energy: Option<Value>,
    /// G(r) along the axes, r = 0..=L/2; empty if it was not recorded at the last step.
    pub correlation: Vec<Value>,
    /// y_t and y_h of one block spin, with all couplings; none if they were not measured.
    pub exponents: Option<[Value; 2]>,
    /// The network's mean probabilities of its classes; empty without a network.
    pub nn_posterior: Vec<f64>,
}

/// Records during a training.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// Parameter updates at each record.
    pub updates: Vec<f64>,
    /// max|W|.
    pub max_abs_weight: Vec<f64>,
    /// Pseudo-log-likelihood per spin in nats.
    pub pseudo_log_likelihood_per_spin: Vec<f64>,
}

impl Point {
    /// The point of a machine.
    #[must_use]
    pub fn of(replica: usize, machine: &Machine) -> Self {
        let weights = machine.weights.as_ref();
        let largest = |list: &Vec<f64>| list.iter().take(8).copied().collect();
        let at = |place: &dyn Fn(&Flow) -> Option<usize>| -> Vec<End> {
            machine.flow.as_ref().and_then(|flow| Some(ensembles(flow, place(flow)?))).unwrap_or_default()
        };
        Self {
            replica,
            training: machine.training.clone(),
            group: machine.group,
            settings: machine.settings.clone(),
            hidden: machine.hidden,
            updates: machine.updates,
            fixed_point: machine.flow.as_ref().and_then(|flow| flow.fixed_point.clone()),
            ends: at(&|flow| flow.step.len().checked_sub(1)),
            starts: at(&|_| Some(0)),
            reconstructions: at(&|flow| flow.step.iter().position(|&step| step == 1)),
            history: history(machine),
            eigenvalues: weights.map(|w| largest(&w.eigenvalues)).unwrap_or_default(),
            uniform_overlap: weights.and_then(|w| w.uniform_overlap.first().copied()),
            translation_invariant_fraction: weights.and_then(|w| w.translation_invariant_fraction),
            // That of the training data is no test.
            likelihood: machine.likelihood.clone().filter(|found| found.on_training_data != Some(true)),
            prediction: machine.flow.as_ref().and_then(|flow| flow.prediction.clone()),
            balance: [&machine.map, &machine.flow].into_iter().flatten().find_map(balance),
            response: [&machine.map, &machine.flow].into_iter().flatten().find_map(response),
            map: machine.map.as_ref().and_then(map),
            gram_by_distance: weights.map(|w| w.gram_by_distance.clone()).unwrap_or_default(),
            couplings: weights.and_then(|w| Some((w.distance.clone(), w.couplings.clone()?))),
        }
    }
}

fn balance(flow: &Flow) -> Option<(Vec<f64>, Balance)> {
    Some((flow.start_temperature.clone(), flow.balance.clone()?))
}

fn response(flow: &Flow) -> Option<(Vec<f64>, Response)> {
    Some((flow.start_temperature.clone(), flow.response.clone()?))
}

fn map(flow: &Flow) -> Option<(Vec<f64>, Vec<Value>)> {
    let step = flow.step.iter().position(|&step| step == 1)?;
    let read = flow.energy_temperature.as_ref()?;
    let (value, error) = (read.value.column(step), read.error.column(step));
    let after = value.iter().zip(error).map(|(&value, &error)| Value { value, error }).collect();
    Some((flow.start_temperature.clone(), after))
}

fn history(machine: &Machine) -> History {
    let series = |key: &str| machine.rbm.history.get(key).cloned().unwrap_or_default();
    History {
        updates: machine.rbm.history_updates(),
        max_abs_weight: series("max_abs_weight"),
        pseudo_log_likelihood_per_spin: series("pseudo_log_likelihood_per_spin"),
    }
}

/// The ensembles at the recorded step with this index, one for each start.
fn ensembles(flow: &Flow, at: usize) -> Vec<End> {
    let end = |(start, &start_temperature): (usize, &f64)| {
        let value = |measured: &datasets::Measured| Value {
            value: measured.value[[start, at]],
            error: measured.error[[start, at]],
        };
        let reading = |measured: &Option<datasets::Measured>| {
            measured.as_ref().map(value).filter(|reading| reading.value.is_finite())
        };
        let recorded = flow.correlation_at.iter().position(|&index| index as usize == at);
        End {
            start_temperature,
            energy_temperature: reading(&flow.energy_temperature),
            magnetization_temperature: reading(&flow.magnetization_temperature),
            nn_temperature: reading(&flow.nn_temperature),
            nn_peak: flow.nn_peak.as_ref().map(|peak| peak[[start, at]]).filter(|peak| peak.is_finite()),
            energy_per_spin: value(&flow.energy_per_spin),
            energy_variance: value(&flow.energy_variance),
            abs_magnetization: value(&flow.abs_magnetization),
            magnetization: value(&flow.magnetization),
            squared_magnetization: value(&flow.squared_magnetization),
            binder_cumulant: value(&flow.binder_cumulant),
            short_range_correlation: value(&flow.short_range_correlation),
            free_energy: flow.machine.as_ref().map(|machine| value(&machine.free_energy)),
            correlation: recorded.map(|record| correlation(flow, start, record)).unwrap_or_default(),
            exponents: exponents(flow, start, at),
            nn_posterior: flow
                .nn_posterior
                .as_ref()
                .map(|posterior| posterior.slice(ndarray::s![start, at, ..]).to_vec())
                .unwrap_or_default(),
        }
    };
    flow.start_temperature.iter().enumerate().map(end).collect()
}

/// y_t and y_h with all couplings.
fn exponents(flow: &Flow, start: usize, at: usize) -> Option<[Value; 2]> {
    let found = flow.exponents.as_ref()?;
    let place = found.at.iter().position(|&index| index as usize == at)?;
    let last = |value: &Array3<f64>, error: &Array3<f64>| {
        let at = [start, place, value.shape()[2].checked_sub(1)?];
        Some(Value { value: value[at], error: error[at] })
    };
    Some([last(&found.thermal, &found.thermal_error)?, last(&found.magnetic, &found.magnetic_error)?])
}

fn correlation(flow: &Flow, start: usize, at: usize) -> Vec<Value> {
    let values = flow.correlation.slice(ndarray::s![start, at, ..]);
    let errors = flow.correlation_error.slice(ndarray::s![start, at, ..]);
    values.iter().zip(errors).map(|(&value, &error)| Value { value, error }).collect()
}
