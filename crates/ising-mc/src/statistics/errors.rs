//! Standard errors of means and of functions of means.

use datasets::Value;

use super::StatisticsError;

/// The mean; 0 of nothing.
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// Mean and standard error of independent values. The error of a single value is unknown and given as ∞.
///
/// ```
/// let value = ising_mc::statistics::mean_and_error(&[1.0, 2.0, 3.0]);
/// assert_eq!(value.value, 2.0);
/// assert!((value.error - (1.0f64 / 3.0).sqrt()).abs() < 1e-15);
/// ```
pub fn mean_and_error(values: &[f64]) -> Value {
    let n = values.len() as f64;
    let value = mean(values);
    if values.len() < 2 {
        return Value { value, error: f64::INFINITY };
    }
    let sum: f64 = values.iter().map(|x| (x - value) * (x - value)).sum();
    Value { value, error: (sum / (n * (n - 1.0))).sqrt() }
}

/// Errors of a mean from bins of 1, 2, 4, … consecutive values.
#[derive(Debug, Clone, PartialEq)]
pub struct Binning {
    /// The mean of all values.
    pub mean: f64,
    /// The standard error estimated from bins of 2^level values, `[level]`. It grows to a plateau.
    pub errors: Vec<f64>,
    /// The number of bins at each level.
    pub bins: Vec<usize>,
}

impl Binning {
    /// The largest error among the levels with at least 32 bins (whose errors are good to 13 %): a conservative choice.
    pub fn error(&self) -> f64 {
        let trusted = self.errors.iter().zip(&self.bins).filter(|&(_, &bins)| bins >= 32).map(|(&e, _)| e);
        trusted.fold(self.errors[0], f64::max)
    }

    /// τ from the ratio of the plateau to the error of the unbinned data: 2τ = (error / `errors[0]`)².
    pub fn autocorrelation_time(&self) -> f64 {
        if self.errors[0] == 0.0 { 0.5 } else { 0.5 * (self.error() / self.errors[0]).powi(2) }
    }
}

/// Binning analysis of a series in time order.
///
/// # Errors
///
/// If there are fewer than 2 values.
pub fn binning(series: &[f64]) -> Result<Binning, StatisticsError> {
    if series.len() < 2 {
        return Err(StatisticsError::TooFew { what: "a binning analysis", found: series.len(), needed: 2 });
    }
    let mut errors = Vec::new();
    let mut bins = Vec::new();
    let mut level: Vec<f64> = series.to_vec();
    while level.len() >= 2 {
        errors.push(mean_and_error(&level).error);
        bins.push(level.len());
        level = level.chunks_exact(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect();
    }
    Ok(Binning { mean: mean(series), errors, bins })
}

/// Mean of a correlated series with its binning error.
///
/// # Errors
///
/// If there are fewer than 2 values.
pub fn binned_mean(series: &[f64]) -> Result<Value, StatisticsError> {
    let binning = binning(series)?;
    Ok(Value { value: binning.mean, error: binning.error() })
}

/// A function of means with its jackknife error, the bias of order 1/n removed.
///
/// `columns` are the series of the quantities whose means the function takes; they are cut into `blocks` blocks of
/// consecutive values, longer than the autocorrelation time (or whole chains). Values that do not fill the last block are
/// left out of the error but not of the value. With fewer than 2 blocks the error is ∞.
///
/// ```
/// // A variance: f = ⟨x²⟩ − ⟨x⟩².
/// let x: Vec<f64> = (0..100).map(|i| f64::from(i % 10)).collect();
/// let squares: Vec<f64> = x.iter().map(|x| x * x).collect();
/// let variance = ising_mc::statistics::jackknife(&[&x, &squares], 100, |m| m[1] - m[0] * m[0]);
/// // Without the bias of 1/n this is the unbiased estimate.
/// assert!((variance.value - 8.25 * 100.0 / 99.0).abs() < 1e-9);
/// ```
///
/// # Panics
///
/// If the columns have different lengths.
pub fn jackknife(columns: &[&[f64]], blocks: usize, function: impl Fn(&[f64]) -> f64) -> Value {
    let n = columns.first().map_or(0, |column| column.len());
    assert!(columns.iter().all(|column| column.len() == n), "columns of equal length");
    let means: Vec<f64> = columns.iter().map(|column| mean(column)).collect();
    let value = function(&means);
    let blocks = blocks.min(n);
    if blocks < 2 {
        return Value { value, error: f64::INFINITY };
    }
    let length = n / blocks;
    let used = length * blocks;
    let sums: Vec<f64> = columns.iter().map(|column| column[..used].iter().sum()).collect();
    let whole: Vec<f64> = sums.iter().map(|sum| sum / used as f64).collect();
    let mut rest = vec![0.0; columns.len()];
    let without: Vec<f64> = (0..blocks)
        .map(|block| {
            for (rest, (column, sum)) in rest.iter_mut().zip(columns.iter().zip(&sums)) {
                let part: f64 = column[block * length..][..length].iter().sum();
                *rest = (sum - part) / (used - length) as f64;
            }
            function(&rest)
        })
        .collect();
    let average = mean(&without);
    let b = blocks as f64;
    let spread: f64 = without.iter().map(|f| (f - average) * (f - average)).sum();
    let bias = (b - 1.0) * (average - function(&whole));
    Value { value: value - bias, error: ((b - 1.0) / b * spread).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::super::tests::autoregressive;
    use super::*;

    #[test]
    fn binning_finds_the_error_of_an_autoregression() {
        // σ²(mean) = 2τ σ² / n with τ = 9.5 and σ² = 1 / (1 − 0.81).
        let n = 1 << 17;
        let series = autoregressive(0.9, n, 3);
        let exact = (19.0 / 0.19 / n as f64).sqrt();
        let found = binned_mean(&series).unwrap();
        // The largest of several noisy levels is biased upwards by up to about 20 %.
        assert!(found.error > 0.85 * exact && found.error < 1.35 * exact, "{} {exact}", found.error);
        assert!(found.value.abs() < 4.5 * exact);
        assert!((binning(&series).unwrap().autocorrelation_time() / 9.5 - 1.0).abs() < 0.6);
    }

    #[test]
    fn jackknife_error_covers_the_truth() {
        // The ratio of two means of correlated data: 400 series, the second moment of (estimate − truth) / error is 1
        // within 0.07 · 4.5 (false-alarm rate 1e-5) and the t distribution of 40 blocks adds 5 %.
        let mut sum = 0.0;
        for seed in 0..400 {
            let x: Vec<f64> = autoregressive(0.6, 4000, 2 * seed).iter().map(|x| x + 5.0).collect();
            let y: Vec<f64> = autoregressive(0.6, 4000, 2 * seed + 1).iter().map(|x| x + 2.0).collect();
            let found = jackknife(&[&x, &y], 40, |m| m[0] / m[1]);
            sum += ((found.value - 2.5) / found.error).powi(2);
        }
        let second_moment = sum / 400.0;
        assert!((0.7..1.4).contains(&second_moment), "{second_moment}");
    }

    #[test]
    fn jackknife_removes_the_bias() {
        // ⟨x⟩² of n values has the bias σ²/n; with blocks of one value the jackknife removes it exactly.
        let x = [1.0, 4.0, 2.0, 7.0];
        let found = jackknife(&[&x], 4, |m| m[0] * m[0]);
        let unbiased = x.iter().sum::<f64>().powi(2) - x.iter().map(|x| x * x).sum::<f64>();
        assert!((found.value - unbiased / 12.0).abs() < 1e-12);
    }

    #[test]
    fn a_mean_has_the_plain_error() {
        let x: Vec<f64> = (0..50).map(|i| f64::from(i * i % 17)).collect();
        let plain = mean_and_error(&x);
        let found = jackknife(&[&x], 50, |m| m[0]);
        assert!((plain.error - found.error).abs() < 1e-12);
        assert_eq!(mean_and_error(&[1.0]).error, f64::INFINITY);
        assert!(binning(&[1.0]).is_err());
    }
}
