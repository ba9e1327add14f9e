//! How probable a machine finds configurations.
//!
//! * [`pseudo_log_likelihood`] — each spin given all the others; exact and cheap, needs no partition function.

mod pseudo;

pub(crate) use pseudo::pseudo_log_likelihood_of;
pub use pseudo::{PseudoLogLikelihood, pseudo_log_likelihood};
