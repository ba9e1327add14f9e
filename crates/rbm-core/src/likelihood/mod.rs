//! How probable a machine finds configurations.
//!
//! * [`pseudo_log_likelihood`] — each spin given all the others; exact and cheap, needs no partition function.
//! * [`log_partition`], [`moments`], [`gradient`] — exact, by enumerating the smaller layer, up to [`EXACT_LIMIT`] units.
//! * [`anneal`] — ln Z between two stochastic bounds for machines that cannot be enumerated.
//! * [`mean_log_likelihood`] — of data, given ln Z.
//! * [`measure`] — all of this for a file of configurations, beside what is possible.

mod annealed;
mod enumeration;
mod measure;
mod pseudo;

use datasets::Rbm;
use ndarray::ArrayView2;

pub use annealed::{AnnealConfig, Annealed, Bound, LOWER_LIMIT_RISK, anneal, lower_limit};
pub use enumeration::{EXACT_LIMIT, Gradient, Moments, gradient, log_partition, moments};
pub use measure::{DataLaw, LikelihoodConfig, PartitionMethod, Selection, measure};
pub(crate) use pseudo::pseudo_log_likelihood_of;
pub use pseudo::{PseudoLogLikelihood, pseudo_log_likelihood};

use crate::model;

/// A likelihood cannot be had.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum LikelihoodError {
    #[error(
        "the smaller layer has {smaller} units; exact sums are possible up to {EXACT_LIMIT}: use annealed importance \
         sampling"
    )]
    TooLarge { smaller: usize },
    #[error("setting `{setting}` of annealed importance sampling is {found}; it must be {expected}")]
    Setting { setting: &'static str, found: usize, expected: &'static str },
    #[error("the configurations have {found} sites, but the machine has {expected} visible units")]
    WrongSites { found: usize, expected: usize },
    #[error(
        "there are no configurations at temperature {temperature}: choose other `temperatures` or another file"
    )]
    NoSuchTemperature { temperature: f64 },
    #[error("there are no configurations")]
    NoConfigurations,
    #[error(
        "annealed importance sampling has not converged: ln Z is at least {:.2} with 95 % probability, and there is \
         no upper bound; raise {}",
        lower_limit(lower.log_partition),
        cure(lower.log_partition, upper.log_partition, *steps, *burn_in)
    )]
    NotConverged { lower: Bound, upper: Bound, steps: usize, burn_in: usize },
}

/// What to raise where both directions of annealing disagree. Growing chains that end above falling ones have found
/// states that those did not start from: the start was not the machine's own distribution.
fn cure(lower: f64, upper: f64, steps: usize, burn_in: usize) -> String {
    if lower > upper {
        format!("`burn_in` above {burn_in}, since the chains did not start at the machine's distribution")
    } else {
        format!("`steps` above {steps}")
    }
}

/// The mean of ln p(v) = −F(v) − ln Z over configurations, [n, visible] of ±1, in nats.
///
/// # Errors
///
/// If there is no configuration or if they do not fit the machine.
pub fn mean_log_likelihood(
    rbm: &Rbm,
    spins: ArrayView2<i8>,
    log_partition: f64,
) -> Result<f64, LikelihoodError> {
    check(rbm, spins)?;
    let free_energy = model::free_energy(rbm, spins);
    Ok(-free_energy.iter().sum::<f64>() / free_energy.len() as f64 - log_partition)
}

fn check(rbm: &Rbm, spins: ArrayView2<i8>) -> Result<(), LikelihoodError> {
    if spins.ncols() != rbm.visible() {
        return Err(LikelihoodError::WrongSites { found: spins.ncols(), expected: rbm.visible() });
    }
    if spins.nrows() == 0 { Err(LikelihoodError::NoConfigurations) } else { Ok(()) }
}
