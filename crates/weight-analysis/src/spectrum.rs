//! What law a spectrum falls off with.

use numerics::elementary::ln;

/// A straight line y = intercept + slope · x fitted by least squares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Its slope.
    pub slope: f64,
    /// Its value at x = 0.
    pub intercept: f64,
    /// The fraction of the variance of y that it explains, in 0..=1; 1 if y does not vary.
    pub r_squared: f64,
}

/// Two laws for the positive eigenvalues λ₁ ≥ λ₂ ≥ … against their number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpectrumFit {
    /// How many eigenvalues were used.
    pub count: usize,
    /// ln λ_k against k: an exponential law is a straight line.
    pub exponential: Line,
    /// ln λ_k against ln k: a power law is a straight line.
    pub power_law: Line,
}

impl SpectrumFit {
    /// Whether the exponential law explains more of the variance of ln λ than the power law.
    pub fn is_exponential(&self) -> bool {
        self.exponential.r_squared > self.power_law.r_squared
    }
}

/// Eigenvalues below this fraction of the largest are no part of a law: they belong to directions that training has
/// hardly touched.
pub const SMALLEST_FITTED: f64 = 1e-3;

/// Fits both laws to a descending list of eigenvalues, those below [`SMALLEST_FITTED`] of the largest left out. `None`
/// if fewer than three are left.
///
/// ```
/// let halving: Vec<f64> = (0..20).map(|k| 0.5f64.powi(k)).collect();
/// let fit = weight_analysis::fit_spectrum(&halving).unwrap();
/// assert!((fit.exponential.slope + 2f64.ln()).abs() < 1e-12);
/// assert!(fit.is_exponential());
/// ```
pub fn fit_spectrum(eigenvalues: &[f64]) -> Option<SpectrumFit> {
    let largest = eigenvalues.iter().fold(0.0f64, |a, &b| a.max(b));
    let logarithm: Vec<f64> = eigenvalues
        .iter()
        .filter(|&&value| value > SMALLEST_FITTED * largest)
        .map(|&value| ln(value))
        .collect();
    if logarithm.len() < 3 {
        return None;
    }
    let number: Vec<f64> = (1..=logarithm.len()).map(|k| k as f64).collect();
    let logarithm_of_number: Vec<f64> = number.iter().map(|&k| ln(k)).collect();
    Some(SpectrumFit {
        count: logarithm.len(),
        exponential: fit_line(&number, &logarithm),
        power_law: fit_line(&logarithm_of_number, &logarithm),
    })
}

fn fit_line(x: &[f64], y: &[f64]) -> Line {
    let n = x.len() as f64;
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let mut sums = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (dx, dy) = (x - mean_x, y - mean_y);
        sums.0 += dx * dx;
        sums.1 += dx * dy;
        sums.2 += dy * dy;
    }
    let slope = sums.1 / sums.0;
    let r_squared = if sums.2 > 0.0 { (slope * sums.1 / sums.2).clamp(0.0, 1.0) } else { 1.0 };
    Line { slope, intercept: mean_y - slope * mean_x, r_squared }
}
