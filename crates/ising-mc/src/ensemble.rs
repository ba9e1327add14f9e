//! The [`observables`](crate::observables) of many configurations at a time, of which each spin is one bit.
//!
//! Σσ counts the bits of a configuration. Sums over pairs of sites are found from the transpose, where the bits of a
//! site in 64 configurations are one word. All are integers, the same as those of single configurations.

use datasets::lattice::Lattice;
use numerics::bit_matrix::{BitMatrix, BitRows};

/// Configurations on a lattice, 1 for +1 and 0 for −1, ready to be measured.
///
/// ```
/// use ising_mc::ensemble::Ensemble;
/// use ndarray::array;
/// use numerics::bit_matrix::BitMatrix;
///
/// let bits = BitMatrix::of_spins(array![[1, 1, 1, 1], [1, -1, 1, -1]].view());
/// let ensemble = Ensemble::new("square:2".parse()?, bits.view());
/// assert_eq!(ensemble.energies(), [-8, 0]);
/// assert_eq!(ensemble.magnetizations(), [4, 0]);
/// # Ok::<(), datasets::lattice::LatticeError>(())
/// ```
#[derive(Debug)]
pub struct Ensemble<'a> {
    lattice: Lattice,
    configurations: BitRows<'a>,
    /// [sites, configurations].
    sites: BitMatrix,
}

impl<'a> Ensemble<'a> {
    /// The configurations are [n, sites].
    ///
    /// # Panics
    ///
    /// If there is not one column per site.
    pub fn new(lattice: Lattice, configurations: BitRows<'a>) -> Self {
        assert_eq!(configurations.columns(), lattice.sites(), "number of sites");
        let mut sites = BitMatrix::zeros(0, 0);
        sites.set_transposed(configurations);
        Self { lattice, configurations, sites }
    }

    /// [`energy`](crate::observables::energy) of each configuration.
    pub fn energies(&self) -> Vec<i32> {
        self.sums(&self.lattice.bonds()).into_iter().map(|sum| -sum).collect()
    }

    /// [`magnetization`](crate::observables::magnetization) of each configuration.
    pub fn magnetizations(&self) -> Vec<i32> {
        let sites = self.lattice.sites() as i32;
        self.configurations.counts().map(|ups| 2 * ups as i32 - sites).collect()
    }

    /// [`axis_correlation`](crate::observables::axis_correlation) of each configuration at the distance `r`.
    pub fn axis_correlations(&self, r: usize) -> Vec<f64> {
        let sites: Vec<u32> = (0..self.lattice.sites() as u32).collect();
        let mut moved = sites.clone();
        let mut pairs = Vec::with_capacity(self.lattice.axes().len() * sites.len());
        for axis in self.lattice.axes() {
            self.lattice.shift(axis.map(|step| step * r as isize), &sites, &mut moved);
            pairs.extend(sites.iter().zip(&moved).map(|(&one, &other)| [one, other]));
        }
        if pairs.is_empty() {
            pairs.extend(sites.iter().map(|&site| [site, site]));
        }
        let norm = 1.0 / pairs.len() as f64;
        self.sums(&pairs).into_iter().map(|sum| f64::from(sum) * norm).collect()
    }

    /// Σ σσ over pairs of sites.
    fn sums(&self, pairs: &[[u32; 2]]) -> Vec<i32> {
        let sum = |unequal: u32| pairs.len() as i32 - 2 * unequal as i32;
        self.sites.unequal(pairs).into_iter().map(sum).collect()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::observables::{axis_correlation, energy, magnetization};

    #[test]
    fn ensembles_are_measured_as_single_configurations() {
        let mut random = numerics::bits::Bits::from_stream(&mut numerics::streams::stream(1, "test", &[]));
        for (name, count) in [
            ("square:2", 64),
            ("square:3", 65),
            ("square:8", 700),
            ("square:10", 513),
            ("square:17", 5),
            ("square:3x8", 9),
            ("chain:11", 70),
            ("honeycomb:6x4", 65),
            ("triangular:5", 64),
            ("cubic:2x3x4", 10),
            ("none:3", 3),
        ] {
            let lattice: Lattice = name.parse().unwrap();
            let spins = Array2::from_shape_simple_fn((count, lattice.sites()), || {
                if random.next() >> 62 == 0 { -1i8 } else { 1 }
            });
            let bits = BitMatrix::of_spins(spins.view());
            assert_eq!(bits.view().to_spins(), spins);
            let ensemble = Ensemble::new(lattice, bits.view());
            let rows: Vec<Vec<i8>> = spins.outer_iter().map(|row| row.to_vec()).collect();
            assert_eq!(ensemble.energies(), rows.iter().map(|row| energy(lattice, row)).collect::<Vec<_>>());
            let totals: Vec<i32> = rows.iter().map(|row| magnetization(row)).collect();
            assert_eq!(ensemble.magnetizations(), totals);
            for r in 0..=lattice.axis_steps() {
                let expected: Vec<f64> = rows.iter().map(|row| axis_correlation(lattice, row)[r]).collect();
                assert_eq!(ensemble.axis_correlations(r), expected, "{name}, r = {r}");
            }
        }
    }
}
