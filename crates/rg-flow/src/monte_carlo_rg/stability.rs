//! The matrix of a map between couplings, from operators before and after it.

use datasets::Value;
use datasets::lattice::Lattice;
use ising_mc::statistics::jackknife;
use nalgebra::{DMatrix, Schur};
use ndarray::{Array2, ArrayView2};
use numerics::elementary::ln;

/// The linearised map between couplings.
#[derive(Debug, Clone, PartialEq)]
pub struct Stability {
    /// T_αβ = ∂K'_α/∂K_β, `[couplings, couplings]`.
    pub matrix: Array2<f64>,
    /// Its standard errors by the jackknife, `[couplings, couplings]`.
    pub matrix_error: Array2<f64>,
    /// The eigenvalue of largest modulus; its real part, should noise have made it one of a complex pair.
    pub eigenvalue: Value,
    /// y = ln λ / ln b, λ the leading eigenvalue; absent if the map does not change the scale (b = 1) or λ is not
    /// positive.
    pub exponent: Option<Value>,
}

/// Why there is no matrix.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StabilityError {
    /// There is nothing to block to.
    #[error("smallest: {found} is impossible; it must be at least 2")]
    Smallest {
        /// The setting.
        found: usize,
    },
    /// Errors need parts.
    #[error(
        "parts: {found} is impossible; it must be at least 2 and at most the number of configurations, {available}"
    )]
    Parts {
        /// The setting.
        found: usize,
        /// The number of configurations.
        available: usize,
    },
    /// There is no temperature to take.
    #[error("temperature: one must be chosen where the file has several; it has {available:?}")]
    ManyTemperatures {
        /// Those of the file.
        available: Vec<f64>,
    },
    /// The temperature is not in the file.
    #[error("temperature: {temperature} is not in the file, which has {available:?}")]
    UnknownTemperature {
        /// The temperature.
        temperature: f64,
        /// Those of the file.
        available: Vec<f64>,
    },
    /// The operators are those of the square lattice.
    #[error(
        "the configurations are of lattice {lattice}; the operators are those of a square one, so sample on that"
    )]
    NotSquare {
        /// The lattice.
        lattice: Lattice,
    },
    /// No blocked lattice is large enough.
    #[error(
        "the configurations are of lattice {lattice}; 2 × 2 blocks down to size {smallest} need even sides of at least twice that"
    )]
    NoBlocking {
        /// The lattice.
        lattice: Lattice,
        /// L of the smallest blocked lattice.
        smallest: usize,
    },
    /// Operators of different shapes.
    #[error("{mapped:?} operators of configurations after the map do not fit to {before:?} before it")]
    Shapes {
        /// Configurations and operators after.
        mapped: (usize, usize),
        /// Configurations and operators before.
        before: (usize, usize),
    },
    /// The scale factor is none.
    #[error("a scale factor of {found} is impossible; it must be at least 1")]
    Scale {
        /// b.
        found: f64,
    },
    /// The covariance matrix cannot be inverted.
    #[error(
        "the operators after the map do not fluctuate independently of each other; \
         use more configurations, a higher temperature or fewer couplings"
    )]
    Singular,
    /// The eigenvalues were not found.
    #[error("the eigenvalues of the stability matrix did not converge")]
    NotConverged,
}

/// T of Σ_α ⟨S'_γ S'_α⟩_c T_αβ = ⟨S'_γ S_β⟩_c, its leading eigenvalue and exponent, from the operators `before` [n,
/// operators] a map of configurations by the scale factor b, and the same operators `mapped` [n, operators] after it,
/// of the same configurations in the same order. Errors are by the jackknife over `parts` parts of consecutive
/// configurations.
///
/// R. H. Swendsen, Phys. Rev. Lett. 42, 859 (1979).
///
/// ```
/// // A map that changes nothing has the unit matrix, and no scale.
/// let spins = ndarray::Array2::from_shape_fn((64, 16), |(n, i)| if n >> (i % 6) & 1 == 1 { 1 } else { -1 });
/// let odd = rg_flow::operators("square:4".parse().unwrap(), spins.view(), rg_flow::Sector::Odd);
/// let magnetization = odd.slice(ndarray::s![.., ..1]);
/// let found = rg_flow::stability(magnetization, magnetization, 1.0, 8)?;
/// assert_eq!((found.matrix[[0, 0]], found.exponent), (1.0, None));
/// # Ok::<(), rg_flow::StabilityError>(())
/// ```
///
/// # Errors
///
/// If the shapes do not fit, a setting is impossible, the covariances of the mapped operators have no inverse (with any
/// of the parts left out), or the eigenvalues do not converge.
pub fn stability(
    mapped: ArrayView2<f64>,
    before: ArrayView2<f64>,
    scale: f64,
    parts: usize,
) -> Result<Stability, StabilityError> {
    let (samples, n) = mapped.dim();
    if before.dim() != (samples, n) || n == 0 {
        return Err(StabilityError::Shapes { mapped: mapped.dim(), before: before.dim() });
    }
    if !(scale >= 1.0 && scale.is_finite()) {
        return Err(StabilityError::Scale { found: scale });
    }
    if parts < 2 || parts > samples {
        return Err(StabilityError::Parts { found: parts, available: samples });
    }
    let columns = columns(mapped, before);
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let whole: Vec<f64> = columns.iter().map(|column| ising_mc::statistics::mean(column)).collect();
    let matrix_of_all = solve(n, &whole).ok_or(StabilityError::Singular)?;
    if leading(&matrix_of_all).is_nan() {
        return Err(StabilityError::NotConverged);
    }
    // A part without which there is no value makes it NaN.
    let estimate = |function: &dyn Fn(&DMatrix<f64>) -> f64| {
        let found = jackknife(&columns, parts, |means| solve(n, means).map_or(f64::NAN, |t| function(&t)));
        if found.value.is_nan() { Err(StabilityError::Singular) } else { Ok(found) }
    };
    let mut matrix = Array2::zeros((n, n));
    let mut matrix_error = Array2::zeros((n, n));
    for alpha in 0..n {
        for beta in 0..n {
            let found = estimate(&|t| t[(alpha, beta)])?;
            (matrix[[alpha, beta]], matrix_error[[alpha, beta]]) = (found.value, found.error);
        }
    }
    let exponent = if scale > 1.0 { estimate(&|t| ln(leading(t)) / ln(scale)).ok() } else { None };
    Ok(Stability { matrix, matrix_error, eigenvalue: estimate(&leading)?, exponent })
}

/// For each configuration: the operators after, those before, and the products of which covariances are made; about the
/// means, which changes no covariance and keeps digits.
fn columns(mapped: ArrayView2<f64>, before: ArrayView2<f64>) -> Vec<Vec<f64>> {
    let centred = |operators: ArrayView2<f64>| -> Vec<Vec<f64>> {
        let columns = operators.columns().into_iter().map(|column| column.to_vec());
        columns
            .map(|column| {
                let mean = ising_mc::statistics::mean(&column);
                column.iter().map(|value| value - mean).collect()
            })
            .collect()
    };
    let (mapped, before) = (centred(mapped), centred(before));
    let mut columns: Vec<Vec<f64>> = mapped.iter().chain(&before).cloned().collect();
    for left in &mapped {
        for right in mapped.iter().chain(&before) {
            columns.push(left.iter().zip(right).map(|(a, b)| a * b).collect());
        }
    }
    columns
}

/// T from the means of [`columns`] of n operators; `None` if the covariance matrix is singular to rounding.
fn solve(n: usize, means: &[f64]) -> Option<DMatrix<f64>> {
    let (single, products) = means.split_at(2 * n);
    let covariance =
        |gamma: usize, other: usize| products[gamma * 2 * n + other] - single[gamma] * single[other];
    // In units of the standard deviations, so that "singular" does not depend on the operators' sizes.
    let deviation: Vec<f64> = (0..n).map(|gamma| covariance(gamma, gamma).sqrt()).collect();
    if !deviation.iter().all(|&deviation| deviation > 0.0) {
        return None;
    }
    let after = DMatrix::from_fn(n, n, |gamma, alpha| {
        covariance(gamma, alpha) / (deviation[gamma] * deviation[alpha])
    });
    let across = DMatrix::from_fn(n, n, |gamma, beta| covariance(gamma, n + beta) / deviation[gamma]);
    let decomposed = after.cholesky()?;
    let smallest = decomposed.l_dirty().diagonal().iter().fold(f64::INFINITY, |a, &b| a.min(b));
    if smallest < 1e-6 {
        return None;
    }
    let scaled = decomposed.solve(&across);
    Some(DMatrix::from_fn(n, n, |alpha, beta| scaled[(alpha, beta)] / deviation[alpha]))
}

/// The real part of the eigenvalue of largest modulus; NaN if it is not found. The tolerance is that of a matrix with
/// rounding errors: at the last digit the iteration need not end (near the unit matrix it does not).
fn leading(matrix: &DMatrix<f64>) -> f64 {
    const TOLERANCE: f64 = 1e-13;
    const ITERATIONS: usize = 1000;
    let Some(schur) = Schur::try_new(matrix.clone(), TOLERANCE, ITERATIONS) else { return f64::NAN };
    let eigenvalues = schur.complex_eigenvalues();
    let largest = eigenvalues.iter().max_by(|a, b| a.norm_sqr().total_cmp(&b.norm_sqr()));
    largest.map_or(f64::NAN, |eigenvalue| eigenvalue.re)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two operators of unit variance whose correlation is `correlation`, and their covariance with those before.
    fn means(correlation: f64) -> Vec<f64> {
        let products = [[1.0, correlation, 0.5, 0.25], [correlation, 1.0, 0.125, 0.75]];
        [vec![0.0; 4], products.concat()].concat()
    }

    #[test]
    fn operators_that_are_one_to_rounding_have_no_matrix() {
        assert!(solve(2, &means(1.0)).is_none());
        assert!(solve(2, &means(1.0 - 1e-14)).is_none());
        assert!(solve(2, &means(1.0 - 1e-9)).is_some());
        // Without correlation it is the covariance with those before.
        let found = solve(2, &means(0.0)).expect("a matrix");
        assert_eq!(found, DMatrix::from_row_slice(2, 2, &[0.5, 0.25, 0.125, 0.75]));
    }
}
