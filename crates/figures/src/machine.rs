//! A trained machine with what was measured on it.

use datasets::lattice::Lattice;
use datasets::{Flow, Likelihood, Rbm, Units, Weights};

/// How a machine was trained, as far as machines of one run can differ in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The lattice.
    pub lattice: Lattice,
    /// The values of the units.
    pub units: Units,
    /// Whether there are biases.
    pub biases: bool,
    /// The trainer in a few words, such as `cd`, `pcd, adam` or `parallel-tempering, centred`.
    pub trainer: String,
    /// k, the steps of the chains in each update.
    pub gibbs_steps: u32,
    /// ε.
    pub learning_rate: f64,
    /// λ.
    pub weight_decay: f64,
    /// What the training set consists of: `ising`, `shuffled` or `curie-weiss`.
    pub model: String,
    /// The temperatures of the training set in J/k_B.
    pub temperatures: Vec<f64>,
    /// The fields of the training set in J.
    pub fields: Vec<f64>,
    /// The weights that the flow runs with: `trained`, or the name of a surrogate.
    pub weights: String,
}

/// The weights of the machine itself.
pub(crate) const TRAINED: &str = "trained";

impl Default for Settings {
    /// Those of the paper's main machine, without temperatures.
    fn default() -> Self {
        Self {
            lattice: Lattice::square(10).expect("a lattice"),
            units: Units::Spin,
            biases: false,
            trainer: "cd".to_owned(),
            gibbs_steps: 1,
            learning_rate: 0.01,
            weight_decay: 0.0,
            model: "ising".to_owned(),
            temperatures: vec![],
            fields: vec![0.0],
            weights: TRAINED.to_owned(),
        }
    }
}

/// What a machine was trained for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The types V, H and L at the main settings.
    Main,
    /// The same as a main machine, with other numbers of updates.
    Updates,
    /// Other ranges of training temperatures.
    Range,
    /// Controls, such as training on T = 0 and T = ∞ alone.
    Control,
    /// Points of a map over settings.
    Sweep,
}

/// A trained machine with its flow and its weights.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The type of the training set: `V`, `H`, `L`, or a free name such as `range-0-4` or `control-0-inf`.
    pub training: String,
    /// What it was trained for.
    pub group: Group,
    /// How it was trained.
    pub settings: Settings,
    /// N_h.
    pub hidden: usize,
    /// The number of parameter updates.
    pub updates: u64,
    /// The parameters and the history of their training.
    pub rbm: Rbm,
    /// The flow from several starts.
    pub flow: Option<Flow>,
    /// One step from every training temperature.
    pub map: Option<Flow>,
    /// The analysis of the weights.
    pub weights: Option<Weights>,
    /// How probable it finds configurations that it has not seen.
    pub likelihood: Option<Likelihood>,
}
