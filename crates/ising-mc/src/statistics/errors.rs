//! Standard errors of means and of functions of means.

use datasets::Value;

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

/// A function of means with its jackknife error, the bias of order 1/n removed.
///
/// `columns` are the series of the quantities whose means the function takes; they are cut into `blocks` blocks of
/// consecutive values, longer than the autocorrelation time (or whole chains), whose lengths differ by at most one.
/// With fewer than 2 blocks the error is ∞.
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
    let sums: Vec<f64> = columns.iter().map(|column| column.iter().sum()).collect();
    let mut rest = vec![0.0; columns.len()];
    let without: Vec<f64> = (0..blocks)
        .map(|block| {
            let part = block * n / blocks..(block + 1) * n / blocks;
            for (rest, (column, sum)) in rest.iter_mut().zip(columns.iter().zip(&sums)) {
                let left_out: f64 = column[part.clone()].iter().sum();
                *rest = (sum - left_out) / (n - part.len()) as f64;
            }
            function(&rest)
        })
        .collect();
    let average = mean(&without);
    let b = blocks as f64;
    let spread: f64 = without.iter().map(|f| (f - average) * (f - average)).sum();
    let bias = (b - 1.0) * (average - value);
    Value { value: value - bias, error: ((b - 1.0) / b * spread).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::super::tests::autoregressive;
    use super::*;

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
    }
}
