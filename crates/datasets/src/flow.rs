//! `rbmflow.flow`: what becomes of ensembles of configurations under a repeated map, read by all thermometers.

mod balance;
mod conversion;
mod exponents;
mod machine;
mod prediction;
mod value;

use lattice::Lattice;
use ndarray::{Array2, Array3, Array4};

use crate::label_kind::LabelKind;

pub use balance::Balance;
pub use exponents::{Exponents, Response};
pub use machine::MachineCourse;
pub use prediction::{PredictedPoint, Prediction, PredictionClosure, relaxation_steps};

/// The map that is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowKind {
    /// v → h → v of a restricted Boltzmann machine.
    Rbm,
    /// Majority block spins; the sides of the lattice halve with each step.
    BlockSpin,
}

/// A number with its standard error, which is infinite where a single measurement does not tell.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Value {
    pub value: f64,
    pub error: f64,
}

/// A quantity along a flow: `[start, step]`, with standard errors over chains. Values are finite; errors are infinite for
/// a single chain.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Measured {
    pub value: Array2<f64>,
    pub error: Array2<f64>,
}

impl Measured {
    /// Zeros.
    pub fn zeros(starts: usize, steps: usize) -> Self {
        Self { value: Array2::zeros((starts, steps)), error: Array2::zeros((starts, steps)) }
    }

    /// Sets one entry.
    pub fn set(&mut self, start: usize, step: usize, value: Value) {
        self.value[[start, step]] = value.value;
        self.error[[start, step]] = value.error;
    }
}

/// What all thermometers say about one ensemble of configurations.
///
/// Temperatures are in J/k_B. A reading that does not exist (no thermometer for this lattice) is `None`; one beyond the
/// thermometer's range is the end of the range.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// The neural network's probabilities averaged over the ensemble, `[class]`.
    pub nn_posterior: Option<Vec<f64>>,
    /// The mean temperature of that distribution.
    pub nn_temperature: Option<Value>,
    /// The temperature of its largest class.
    pub nn_peak: Option<f64>,
    /// The exact Bayes posterior averaged over the ensemble, `[class]`.
    pub bayes_posterior: Option<Vec<f64>>,
    /// Its mean temperature.
    pub bayes_temperature: Option<Value>,
    /// T_E: the temperature whose ⟨E⟩ is the ensemble's mean energy.
    pub energy_temperature: Option<Value>,
    /// T_m: the temperature whose ⟨|m|⟩ is the ensemble's.
    pub magnetization_temperature: Option<Value>,
}

/// Where a flow comes to rest: averages over its last part and over the starts, with standard errors over chains.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedPoint {
    /// T_E in J/k_B; none without that thermometer, as for the next two.
    pub energy_temperature: Option<Value>,
    /// T_m.
    pub magnetization_temperature: Option<Value>,
    /// The mean temperature of the network.
    pub nn_temperature: Option<Value>,
    /// ⟨|m|⟩.
    pub abs_magnetization: Value,
    /// c_sr.
    pub short_range_correlation: Value,
    /// The energy per site at which each start ends, `[f]`.
    pub energy_per_spin: Vec<Value>,
    /// For each start the first step from which on the energy stays with its final value within the noise; the number of
    /// steps of the flow if it has not settled.
    pub steps_needed: Vec<u32>,
    /// For each start whether it has settled.
    pub settled: Vec<bool>,
    /// Whether all starts end at the same energy within the noise.
    pub ends_meet: bool,
}

impl FixedPoint {
    /// Whether there is one: the flow has settled from every start, and all starts at one energy.
    pub fn is_reached(&self) -> bool {
        self.ends_meet && self.settled.iter().all(|&settled| settled)
    }
}

/// Flows from several start ensembles.
///
/// What thermometers read is `None` if they read nothing anywhere, and NaN at the steps at which they do not read, such
/// as those of a block-spin flow whose lattice has no table.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// The map.
    pub kind: FlowKind,
    /// The lattice of the start configurations.
    pub lattice: Lattice,
    /// The lattice at each step (the same for the RBM, that of the blocks for block spins), `[s]`.
    pub lattice_at_step: Vec<Lattice>,
    /// The number of chains of each start.
    pub chains: usize,
    /// What the numbers of the starts are.
    pub label_kind: LabelKind,
    /// The temperature of each start ensemble in J/k_B, or its class, `[f]`.
    pub start_temperature: Vec<f64>,
    /// The recorded steps, ascending, `[s]`; 0 is the start itself.
    pub step: Vec<u32>,
    /// The temperatures of the thermometers' classes in J/k_B, `[c]`.
    pub class_temperature: Vec<f64>,
    /// The network's mean probabilities, `[f, s, c]`.
    pub nn_posterior: Option<Array3<f64>>,
    /// The exact posterior's mean probabilities, `[f, s, c]`.
    pub bayes_posterior: Option<Array3<f64>>,
    /// Mean temperature of `nn_posterior`.
    pub nn_temperature: Option<Measured>,
    /// Most probable class of `nn_posterior`, as a temperature, `[f, s]`.
    pub nn_peak: Option<Array2<f64>>,
    /// Mean temperature of `bayes_posterior`.
    pub bayes_temperature: Option<Measured>,
    /// T_E.
    pub energy_temperature: Option<Measured>,
    /// T_m.
    pub magnetization_temperature: Option<Measured>,
    /// Energy per site in J.
    pub energy_per_spin: Measured,
    /// Variance of the total energy per site, (⟨E²⟩ − ⟨E⟩²) / sites, in J².
    pub energy_variance: Measured,
    /// ⟨|m|⟩.
    pub abs_magnetization: Measured,
    /// ⟨m⟩.
    pub magnetization: Measured,
    /// ⟨m²⟩.
    pub squared_magnetization: Measured,
    /// Binder cumulant.
    pub binder_cumulant: Measured,
    /// c_sr: ⟨σσ⟩ over nearest neighbours minus ⟨σσ⟩ over all pairs of different sites.
    pub short_range_correlation: Measured,
    /// The steps at which G is recorded, `[g]` (indices into `step`).
    pub correlation_at: Vec<u32>,
    /// G(r) = ⟨σ_x σ_{x+r}⟩ along the lattice's axes, r = 0..=[`Lattice::axis_steps`], `[f, g, r]`; beyond those of the
    /// lattice of that step: 0.
    pub correlation: Array3<f64>,
    /// Its standard error.
    pub correlation_error: Array3<f64>,
    /// The steps of the snapshots, `[k]` (indices into `step`).
    pub snapshot_at: Vec<u32>,
    /// The first configurations of each start, `[f, k, chain, sites]`, ±1; a block spin is shown on all sites of the
    /// start lattice that it stands for.
    pub snapshots: Array4<i8>,
    /// What the machine says of the configurations; none for block spins, and for configurations of a lattice at known
    /// temperatures, of which there is more to say.
    pub machine: Option<MachineCourse>,
    /// Where the flow comes to rest; none for block spins, without a lattice, or for flows that are too short to say.
    pub fixed_point: Option<FixedPoint>,
    /// Where the weights alone say that it comes to rest; none for block spins and for machines without such a theory.
    pub prediction: Option<Prediction>,
    /// What contrastive divergence would still change; none for block spins, and if the flow does not start at all
    /// training temperatures of the machine.
    pub balance: Option<Balance>,
    /// Exponents of ensembles along the flow, where they are measured.
    pub exponents: Option<Exponents>,
    /// What the first step of a machine does to couplings, where it is measured.
    pub response: Option<Response>,
}
