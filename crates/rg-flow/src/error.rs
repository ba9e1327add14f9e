//! Why a flow cannot run.

use datasets::Interrupted;
use datasets::lattice::{Lattice, LatticeError};
use rbm_core::gibbs::GibbsError;

/// Why a flow cannot run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FlowError {
    /// A setting makes no sense.
    #[error("{name}: {found} is impossible; it must be {expected}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// Its value.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A start temperature is not in the file.
    #[error("start_temperatures: {temperature} is not in the start file, which has {available:?}")]
    UnknownTemperature {
        /// The temperature.
        temperature: f64,
        /// Those of the file.
        available: Vec<f64>,
    },
    /// A start temperature is asked for twice.
    #[error("start_temperatures: {temperature} is listed twice")]
    TwiceTheSame {
        /// The temperature.
        temperature: f64,
    },
    /// There are fewer start configurations than chains.
    #[error(
        "chains: {chains} are asked for, but the start file has {available} configurations at temperature \
         {temperature}; sample more or ask for fewer chains"
    )]
    TooFewConfigurations {
        /// The temperature.
        temperature: f64,
        /// The number of chains.
        chains: usize,
        /// The number of configurations.
        available: usize,
    },
    /// A start configuration holds something else than spins.
    #[error("site {site} of start configuration {configuration} is {found}; it must be 1 or -1")]
    NotASpin {
        /// Its row in the start file.
        configuration: usize,
        /// The site.
        site: usize,
        /// What is there.
        found: i8,
    },
    /// Machine and configurations are of different lattices.
    #[error(
        "the machine has {visible} visible units but the start configurations are of lattice {lattice} with {} sites; \
         use starts of the lattice that the machine was trained on",
        lattice.sites()
    )]
    OtherLattice {
        /// The number of visible units.
        visible: usize,
        /// The lattice of the start configurations.
        lattice: Lattice,
    },
    /// The lattice of the start configurations has no blocks.
    #[error("the start configurations: {0}")]
    NoBlocks(#[from] LatticeError),
    /// The chains cannot be made.
    #[error(transparent)]
    Chains(#[from] GibbsError),
    /// Asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}
