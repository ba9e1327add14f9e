//! The results of an experiment: the jobs that make them, and where they are, relative to the folder of the run.

mod builder;
mod jobs;
mod machine;
mod replica;

use std::path::{Path, PathBuf};

use crate::experiment::Group;
pub(crate) use builder::results;
pub(crate) use jobs::Planned;

/// The files of the results of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Results {
    /// The thermal averages on the lattice of the training data.
    pub(crate) equation_of_state: PathBuf,
    /// The same for the machines on other lattices and at other fields.
    pub(crate) tables: Vec<PathBuf>,
    /// One for each independent repetition.
    pub(crate) replicas: Vec<ReplicaFiles>,
}

/// The files of one independent repetition.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ReplicaFiles {
    pub(crate) spins: PathBuf,
    pub(crate) thermometer: PathBuf,
    pub(crate) block_spin: Option<PathBuf>,
    pub(crate) block_spin_spins: Option<PathBuf>,
    pub(crate) machines: Vec<MachineFiles>,
}

/// The files on one machine.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MachineFiles {
    pub(crate) training: String,
    pub(crate) group: Group,
    pub(crate) settings: MachineSettings,
    /// Whether it is on the lattice of the experiment and belongs to the figures of single machines.
    pub(crate) shown: bool,
    pub(crate) hidden: usize,
    pub(crate) rbm: PathBuf,
    pub(crate) flow: PathBuf,
    /// The thermal averages that its temperatures are read against.
    pub(crate) table: PathBuf,
    pub(crate) map: Option<PathBuf>,
    pub(crate) weights: Option<PathBuf>,
    pub(crate) likelihood: Option<PathBuf>,
}

/// The training set and the settings of a machine.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MachineSettings {
    pub(crate) lattice: datasets::lattice::Lattice,
    pub(crate) model: ising_mc::Model,
    pub(crate) fields: Vec<f64>,
    pub(crate) temperatures: Vec<f64>,
    pub(crate) train: rbm_core::TrainConfig,
    /// The weights that its flow runs with.
    pub(crate) weights: rg_flow::Surrogate,
}

/// The name of a file of a run in messages and in the inputs of the figures: its path without `data/` and `.h5`.
pub(crate) fn role_of(path: &Path) -> String {
    path.strip_prefix("data").unwrap_or(path).with_extension("").display().to_string()
}
