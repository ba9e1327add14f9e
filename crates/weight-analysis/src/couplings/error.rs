//! Why couplings cannot be found.

use datasets::lattice::LatticeError;
use rbm_core::ParameterError;

/// Why couplings cannot be found.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CouplingError {
    /// The machine's parameters are none.
    #[error(transparent)]
    Parameters(#[from] ParameterError),
    /// The integral needs too many nodes.
    #[error(
        "the weights of hidden unit {hidden} are too large: their absolute values and that of its bias add up to {sum:.0}, \
         and couplings are found up to about 15000"
    )]
    TooLarge {
        /// The unit.
        hidden: usize,
        /// Σ|w| + |c|, of the machine of spin units.
        sum: f64,
    },
    /// A coupling that there is not.
    #[error("{sites:?} are not one to four different sites of a machine with {visible} visible units")]
    Sites {
        /// The sites.
        sites: Vec<usize>,
        /// The number of visible units.
        visible: usize,
    },
    /// The sites are no lattice, or another one.
    #[error(transparent)]
    Lattice(#[from] LatticeError),
    /// Configurations of another length.
    #[error("the machine has {visible} visible units but the configurations have {sites} sites")]
    OtherSites {
        /// The number of visible units.
        visible: usize,
        /// The number of sites of the configurations.
        sites: usize,
    },
    /// There is nothing to average over.
    #[error("there are no configurations to average over")]
    NoConfigurations,
    /// A configuration holds something else than spins.
    #[error("site {site} of configuration {configuration} is {found}; it must be 1 or -1")]
    NotASpin {
        /// Its row.
        configuration: usize,
        /// The site.
        site: usize,
        /// What is there.
        found: i8,
    },
}
