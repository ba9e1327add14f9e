//! χ² of counts against exact probabilities.

use statrs::distribution::{ChiSquared, ContinuousCDF};

/// The probability of a larger χ² of counts against probabilities. Neighbouring values with fewer than 8 expected
/// counts are pooled.
pub(crate) fn p_value(values: &[i32], law: &[(i32, f64)]) -> f64 {
    let n = values.len() as f64;
    let mut outside = values.len();
    let mut bins: Vec<(f64, f64)> = vec![(0.0, 0.0)];
    for &(value, probability) in law {
        let found = values.iter().filter(|&&v| v == value).count();
        outside -= found;
        if bins.last().is_some_and(|bin| bin.1 >= 8.0) {
            bins.push((0.0, 0.0));
        }
        let bin = bins.last_mut().unwrap();
        bin.0 += found as f64;
        bin.1 += n * probability;
    }
    assert_eq!(outside, 0, "values that cannot occur");
    if bins.len() > 1 && bins.last().unwrap().1 < 8.0 {
        let last = bins.pop().unwrap();
        let before = bins.last_mut().unwrap();
        *before = (before.0 + last.0, before.1 + last.1);
    }
    if bins.len() < 2 {
        return 1.0;
    }
    let chi_squared: f64 = bins.iter().map(|(found, expected)| (found - expected).powi(2) / expected).sum();
    1.0 - ChiSquared::new(bins.len() as f64 - 1.0).unwrap().cdf(chi_squared)
}
