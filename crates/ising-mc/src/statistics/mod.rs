//! Means, errors and autocorrelation times of Monte Carlo data.
//!
//! # Conventions
//!
//! ρ(t) is the normalised autocorrelation function, τ = ½ + Σ_{t ≥ 1} ρ(t) the integrated autocorrelation time in steps
//! of the series: ½ for independent data. A mean over n values has the variance 2τ σ² / n, so that n / 2τ values
//! are effectively independent. Errors are standard errors (one standard deviation of the estimate).

mod autocorrelation;
mod errors;
mod line;

pub use autocorrelation::{
    AutocorrelationTime, autocorrelation_time, autocorrelation_time_of_chains, effective_samples,
};
pub use errors::{jackknife, mean, mean_and_error};
pub use line::{Line, line};

/// Data from which a statistic cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StatisticsError {
    /// Not enough values.
    #[error("{found} values are too few for {what}, which needs at least {needed}")]
    TooFew {
        /// What was asked for.
        what: &'static str,
        /// The number of values.
        found: usize,
        /// The least number.
        needed: usize,
    },
    /// All values are the same, which says nothing about how fast they change.
    #[error("a series without variance has no autocorrelation time: use a longer one")]
    NoVariance,
    /// The series is too short for its own autocorrelation time.
    #[error(
        "the autocorrelation time does not fit into a series of {length} values; it is at least {at_least}: \
         use a longer series"
    )]
    NotConverged {
        /// Length of the series.
        length: usize,
        /// A lower bound, in steps.
        at_least: usize,
    },
}

#[cfg(test)]
mod tests {
    use numerics::bits::{Bits, unit_f64};
    use numerics::streams::stream;

    /// x' = a x + noise of unit variance from its stationary law; the noise is normal (Box–Muller).
    pub(super) fn autoregressive(a: f64, length: usize, seed: u64) -> Vec<f64> {
        let mut bits = Bits::from_stream(&mut stream(seed, "autoregression", &[]));
        let mut normal = move || {
            let u = 1.0 - unit_f64(bits.next());
            let v = unit_f64(bits.next());
            (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
        };
        let mut x = normal() / (1.0 - a * a).sqrt();
        (0..length)
            .map(|_| {
                x = a * x + normal();
                x
            })
            .collect()
    }
}
