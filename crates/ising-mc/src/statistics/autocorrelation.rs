//! The integrated autocorrelation time with an automatic window.

use super::StatisticsError;

/// The window ends at the first lag t ≥ `WINDOW` · max(τ(t), 1), where the truncation bias e^−6 is far below the noise
/// (A. Sokal, "Monte Carlo methods in statistical mechanics", 1997).
const WINDOW: f64 = 6.0;

/// An integrated autocorrelation time in steps of the series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AutocorrelationTime {
    /// τ = ½ + Σ ρ(t), summed over the window; anticorrelated series have less than ½.
    pub time: f64,
    /// Standard error of τ, √(4 (window + ½ − τ) / n) τ (U. Wolff, Comput. Phys. Commun. 156, 143, 2004).
    pub error: f64,
    /// The last lag of the sum.
    pub window: usize,
}

/// τ of one series.
///
/// # Errors
///
/// If the series has fewer than 8 values, is constant, or is too short for its own τ.
pub fn autocorrelation_time(series: &[f64]) -> Result<AutocorrelationTime, StatisticsError> {
    autocorrelation_time_of_chains(&[series])
}

/// τ of several independent series of equal length with one law, about their common mean.
///
/// Many short chains are as good as a long one as long as each is longer than the window: the common mean removes the
/// bias that the mean of a single short chain has.
///
/// ```
/// use ising_mc::statistics::autocorrelation_time_of_chains;
/// let chains: Vec<Vec<f64>> = (0..3).map(|c| (0..64).map(|i| f64::from((i * 37 + c) % 11)).collect()).collect();
/// let chains: Vec<&[f64]> = chains.iter().map(Vec::as_slice).collect();
/// assert!(autocorrelation_time_of_chains(&chains)?.time < 1.0);
/// # Ok::<(), ising_mc::statistics::StatisticsError>(())
/// ```
///
/// # Errors
///
/// If the series have fewer than 8 values, are constant, or are too short for their own τ.
pub fn autocorrelation_time_of_chains(chains: &[&[f64]]) -> Result<AutocorrelationTime, StatisticsError> {
    let length = chains.iter().map(|chain| chain.len()).min().unwrap_or(0);
    if length < 8 {
        return Err(StatisticsError::TooFew { what: "an autocorrelation time", found: length, needed: 8 });
    }
    let count = (chains.len() * length) as f64;
    let mean = chains.iter().map(|chain| chain[..length].iter().sum::<f64>()).sum::<f64>() / count;
    let centred: Vec<Vec<f64>> =
        chains.iter().map(|chain| chain[..length].iter().map(|x| x - mean).collect()).collect();
    let variance = covariance(&centred, 0);
    if variance <= f64::EPSILON * mean * mean {
        return Err(StatisticsError::NoVariance);
    }
    let mut time = 0.5;
    for lag in 1..length / 2 {
        time += covariance(&centred, lag) / variance;
        if lag as f64 >= WINDOW * time.max(1.0) {
            let error = (4.0 * (lag as f64 + 0.5 - time) / count).sqrt() * time;
            return Ok(AutocorrelationTime { time, error, window: lag });
        }
    }
    Err(StatisticsError::NotConverged { length, at_least: (time.max(0.5)) as usize })
}

/// The mean of x(s) x(s + lag) over all chains.
fn covariance(centred: &[Vec<f64>], lag: usize) -> f64 {
    let mut sum = 0.0;
    let mut count = 0;
    for chain in centred {
        sum += chain.iter().zip(&chain[lag..]).map(|(a, b)| a * b).sum::<f64>();
        count += chain.len() - lag;
    }
    sum / count as f64
}

/// n / 2τ, at most n.
pub fn effective_samples(samples: usize, time: f64) -> f64 {
    samples as f64 / (2.0 * time).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::super::tests::autoregressive;
    use super::*;

    // For x' = a x + noise, ρ(t) = a^t and τ = ½ (1 + a) / (1 − a). Fixed seeds; bounds of 4.5 standard errors have a
    // false-alarm rate of 7e-6 each.
    #[test]
    fn first_order_autoregression_has_the_known_time() {
        for (index, a) in [0.0, 0.5, 0.9, 0.98].into_iter().enumerate() {
            let series = autoregressive(a, 200_000, index as u64);
            let found = autocorrelation_time(&series).unwrap();
            let exact = 0.5 * (1.0 + a) / (1.0 - a);
            assert!((found.time - exact).abs() < 4.5 * found.error, "a = {a}: {found:?}, exact {exact}");
            assert!(found.error < 0.15 * exact);
        }
    }

    #[test]
    fn many_short_chains_give_the_same_time() {
        let chains: Vec<Vec<f64>> = (0..256).map(|i| autoregressive(0.9, 256, 100 + i)).collect();
        let chains: Vec<&[f64]> = chains.iter().map(Vec::as_slice).collect();
        let found = autocorrelation_time_of_chains(&chains).unwrap();
        assert!((found.time - 9.5).abs() < 4.5 * found.error, "{found:?}");
    }

    #[test]
    fn error_bar_covers_the_truth() {
        // The distance from the truth in standard errors has a second moment near 1 over 200 series.
        let mut sum = 0.0;
        for seed in 0..200 {
            let found = autocorrelation_time(&autoregressive(0.8, 20_000, 1000 + seed)).unwrap();
            sum += ((found.time - 4.5) / found.error).powi(2);
        }
        let second_moment = sum / 200.0;
        // χ² with 200 degrees of freedom / 200 has deviation 0.1; the estimator of the error itself is good to 20 %.
        assert!((0.5..1.5).contains(&second_moment), "{second_moment}");
    }

    #[test]
    fn anticorrelated_and_constant_series() {
        let found = autocorrelation_time(&autoregressive(-0.5, 100_000, 7)).unwrap();
        assert!((found.time - 0.5 * 0.5 / 1.5).abs() < 0.02, "{found:?}");
        assert_eq!(autocorrelation_time(&[3.0; 20]), Err(StatisticsError::NoVariance));
    }

    #[test]
    fn short_series_are_refused() {
        assert!(matches!(autocorrelation_time(&[1.0; 3]), Err(StatisticsError::TooFew { .. })));
        let drift: Vec<f64> = (0..100).map(f64::from).collect();
        assert!(matches!(autocorrelation_time(&drift), Err(StatisticsError::NotConverged { .. })));
    }
}
