//! Couplings on the lattice: by distance, and as a temperature.

use datasets::Value;
use datasets::lattice::Lattice;
use ndarray::ArrayView2;

use super::CouplingError;
use crate::structure::{ByDistance, by_distance};

/// The couplings of all pairs of different sites of a lattice by distance, from `pairs` [sites, sites]: mean and
/// standard deviation over the pairs. An Ising model has β at distance 1 and 0 beyond (2β at distance 1 where two bonds
/// join a pair of neighbours, on sides of 2).
///
/// # Errors
///
/// If the sites have no geometry or the matrix is not [sites, sites].
pub fn couplings_by_distance(lattice: Lattice, pairs: ArrayView2<f64>) -> Result<ByDistance, CouplingError> {
    lattice.check_sites(pairs.nrows())?;
    lattice.check_sites(pairs.ncols())?;
    let mut found = by_distance(lattice, pairs)?;
    // A site and itself are no pair.
    found.distance.remove(0);
    found.mean.remove(0);
    found.deviation.remove(0);
    Ok(found)
}

/// The temperature that a machine itself encodes, in J/k_B: 1/J_nn, with J_nn the mean coupling per bond between nearest
/// neighbours, from `pairs` [sites, sites]. The error is that of the mean if bonds were independent, to first order:
/// the standard deviation over the pairs of neighbours / √(their number) / J_nn².
///
/// It says what an Ising model with nearest neighbours would have to be at, and only as much as the couplings beyond and
/// those of more sites are small.
///
/// # Errors
///
/// As [`couplings_by_distance`].
pub fn encoded_temperature(lattice: Lattice, pairs: ArrayView2<f64>) -> Result<Value, CouplingError> {
    let found = couplings_by_distance(lattice, pairs)?;
    // Along sides of 2 a pair of neighbours is joined by two bonds.
    let neighbours = lattice.displacements()?.multiplicity()[1];
    let bonds = lattice.coordination() as f64 / neighbours as f64;
    let (coupling, deviation) = (found.mean[0] / bonds, found.deviation[0] / bonds);
    let count = (lattice.sites() * neighbours) as f64 / 2.0;
    Ok(Value { value: 1.0 / coupling, error: deviation / count.sqrt() / (coupling * coupling) })
}
