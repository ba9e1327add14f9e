//! Couplings on the torus: by distance, and as a temperature.

use datasets::Value;
use ndarray::ArrayView2;

use super::CouplingError;
use crate::torus::{ByDistance, by_distance};

/// The couplings of all pairs of different sites of an L × L torus by distance, from `pairs` [L², L²]: mean and standard
/// deviation over the pairs. An Ising model has β at distance 1 and 0 beyond (2β at distance 1 for L = 2, where two bonds join
/// each pair of neighbours).
///
/// # Errors
///
/// If L is below 2 or the matrix is not [L², L²].
pub fn couplings_by_distance(size: usize, pairs: ArrayView2<f64>) -> Result<ByDistance, CouplingError> {
    let sites = pairs.nrows();
    if size < 2 || sites != size * size || pairs.ncols() != sites {
        return Err(CouplingError::NotSquare { size, sites });
    }
    let mut found = by_distance(size, pairs);
    // A site and itself are no pair.
    found.distance.remove(0);
    found.mean.remove(0);
    found.deviation.remove(0);
    Ok(found)
}

/// The temperature that a machine itself encodes, in J/k_B: 1/J_nn, with J_nn the mean coupling per bond between nearest
/// neighbours, from `pairs` [L², L²]. The error is that of the mean if bonds were independent, to first order:
/// the standard deviation over the 2L² bonds / √(2L²) / J_nn².
///
/// It says what an Ising model with nearest neighbours would have to be at, and only as much as the couplings beyond and
/// those of more sites are small.
///
/// # Errors
///
/// As [`couplings_by_distance`].
pub fn encoded_temperature(size: usize, pairs: ArrayView2<f64>) -> Result<Value, CouplingError> {
    let found = couplings_by_distance(size, pairs)?;
    // On the 2 × 2 torus a pair of neighbours is joined by two bonds.
    let bonds = if size == 2 { 2.0 } else { 1.0 };
    let (coupling, deviation) = (found.mean[0] / bonds, found.deviation[0] / bonds);
    let count = 2.0 * (size * size) as f64 / bonds;
    Ok(Value { value: 1.0 / coupling, error: deviation / count.sqrt() / (coupling * coupling) })
}
