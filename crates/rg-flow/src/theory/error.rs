//! Why a machine has no theory.

use rbm_core::ParameterError;

/// The largest Σ|w| + |c| of a unit in the closure [`super::Closure::Exact`]; the number of nodes grows with it.
pub const LARGEST_FIELD: f64 = 15_000.0;

/// Why a machine has no theory.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TheoryError {
    /// Its parameters are none.
    #[error(transparent)]
    Parameters(#[from] ParameterError),
    /// The exact average needs too many nodes.
    #[error(
        "the weights and the bias of one unit add up to {sum:.0} in absolute value; the exact average over its field is \
         taken up to {LARGEST_FIELD}; use Gaussian fields"
    )]
    TooLarge {
        /// Σ|w| + |c| in spin variables.
        sum: f64,
    },
    /// Not one mean per visible unit.
    #[error("there are {found} means but {visible} visible units")]
    Means {
        /// The number of means.
        found: usize,
        /// The number of visible units.
        visible: usize,
    },
}
