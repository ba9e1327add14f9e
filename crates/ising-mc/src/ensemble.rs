//! The [`observables`](crate::observables) of many configurations at a time, of which each spin is one bit.
//!
//! Σσ counts the bits of a configuration. Sums over pairs of sites are found from the transpose, where the bits of a site in 64
//! configurations are one word. All are integers, the same as those of single configurations.

use numerics::bit_matrix::{BitMatrix, BitRows};

/// Configurations of an L × L torus, 1 for +1 and 0 for −1, ready to be measured.
///
/// ```
/// use ising_mc::ensemble::Ensemble;
/// use ndarray::array;
/// use numerics::bit_matrix::BitMatrix;
///
/// let bits = BitMatrix::of_spins(array![[1, 1, 1, 1], [1, -1, 1, -1]].view());
/// let ensemble = Ensemble::new(2, bits.view());
/// assert_eq!(ensemble.energies(), [-8, 0]);
/// assert_eq!(ensemble.magnetizations(), [4, 0]);
/// ```
#[derive(Debug)]
pub struct Ensemble<'a> {
    size: usize,
    configurations: BitRows<'a>,
    /// [sites, configurations].
    sites: BitMatrix,
}

impl<'a> Ensemble<'a> {
    /// The configurations are [n, L²], L = `size`.
    ///
    /// # Panics
    ///
    /// If there are not L² columns.
    pub fn new(size: usize, configurations: BitRows<'a>) -> Self {
        assert_eq!(configurations.columns(), size * size, "number of sites");
        let mut sites = BitMatrix::zeros(0, 0);
        sites.set_transposed(configurations);
        Self { size, configurations, sites }
    }

    /// [`energy`](crate::observables::energy) of each configuration.
    pub fn energies(&self) -> Vec<i32> {
        self.sums(1).into_iter().map(|sum| -sum).collect()
    }

    /// [`magnetization`](crate::observables::magnetization) of each configuration.
    pub fn magnetizations(&self) -> Vec<i32> {
        let sites = (self.size * self.size) as i32;
        self.configurations.counts().map(|ups| 2 * ups as i32 - sites).collect()
    }

    /// [`axis_correlation`](crate::observables::axis_correlation) of each configuration at the distance `r`.
    pub fn axis_correlations(&self, r: usize) -> Vec<f64> {
        let norm = 1.0 / (2 * self.size * self.size) as f64;
        self.sums(r).into_iter().map(|sum| f64::from(sum) * norm).collect()
    }

    /// Σ σ_x σ_{x + r e} over all sites x and both axes e.
    fn sums(&self, r: usize) -> Vec<i32> {
        let size = self.size as u32;
        let r = r as u32;
        let rows = (0..size).flat_map(|y| (0..size).map(move |x| [y * size + x, y * size + (x + r) % size]));
        let columns =
            (0..size).flat_map(|y| (0..size).map(move |x| [y * size + x, (y + r) % size * size + x]));
        let pairs: Vec<[u32; 2]> = rows.chain(columns).collect();
        let sum = |unequal: u32| pairs.len() as i32 - 2 * unequal as i32;
        self.sites.unequal(&pairs).into_iter().map(sum).collect()
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
        for (size, count) in [(1, 3), (2, 64), (3, 65), (8, 700), (10, 513), (17, 5)] {
            let spins = Array2::from_shape_simple_fn((count, size * size), || {
                if random.next() >> 62 == 0 { -1i8 } else { 1 }
            });
            let bits = BitMatrix::of_spins(spins.view());
            assert_eq!(bits.view().to_spins(), spins);
            let ensemble = Ensemble::new(size, bits.view());
            let rows: Vec<Vec<i8>> = spins.outer_iter().map(|row| row.to_vec()).collect();
            assert_eq!(ensemble.energies(), rows.iter().map(|row| energy(size, row)).collect::<Vec<_>>());
            let totals: Vec<i32> = rows.iter().map(|row| magnetization(row)).collect();
            assert_eq!(ensemble.magnetizations(), totals);
            for r in 0..=size / 2 {
                let expected: Vec<f64> = rows.iter().map(|row| axis_correlation(size, row)[r]).collect();
                assert_eq!(ensemble.axis_correlations(r), expected, "L = {size}, r = {r}");
            }
        }
    }
}
