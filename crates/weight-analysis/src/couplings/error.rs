//! Why couplings cannot be found.

use datasets::lattice::LatticeError;

/// Why couplings cannot be found.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CouplingError {
    /// There is not one bias per unit.
    #[error(
        "the machine has {visible} visible and {hidden} hidden units but {visible_biases} and {hidden_biases} biases"
    )]
    Biases {
        /// The number of visible units.
        visible: usize,
        /// The number of hidden units.
        hidden: usize,
        /// The number of biases of visible units.
        visible_biases: usize,
        /// The number of biases of hidden units.
        hidden_biases: usize,
    },
    /// A bias of a visible unit is infinite or not a number.
    #[error(
        "the bias of visible unit {visible} is not a finite number; the training that made it has diverged"
    )]
    VisibleNotFinite {
        /// The unit.
        visible: usize,
    },
    /// A parameter of a hidden unit is infinite or not a number.
    #[error(
        "a weight or the bias of hidden unit {hidden} is not a finite number; the training that made it has diverged"
    )]
    HiddenNotFinite {
        /// The unit.
        hidden: usize,
    },
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
