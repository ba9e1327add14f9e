//! What one configuration says about itself: energy, magnetization, correlations.
//!
//! A configuration is a slice of spins ±1, one for each site of a [`Lattice`] in its order. Every bond counts once,
//! both bonds of a pair of neighbours where a side is 2.

use datasets::lattice::Lattice;
use datasets::unequal;
pub use datasets::{energy, magnetization};

/// G(r) = ⟨σ_x σ_{x + r e}⟩ for r = 0, 1, …, [`Lattice::axis_steps`], averaged over all sites x and all
/// [`Lattice::axes`] e; nothing is subtracted. Sites without geometry have G(0) only.
///
/// # Panics
///
/// If the slice has not one spin per site.
///
/// ```
/// let lattice = "square:2".parse()?;
/// assert_eq!(ising_mc::observables::axis_correlation(lattice, &[1, -1, 1, -1]), vec![1.0, 0.0]);
/// # Ok::<(), datasets::lattice::LatticeError>(())
/// ```
pub fn axis_correlation(lattice: Lattice, spins: &[i8]) -> Vec<f64> {
    assert_eq!(spins.len(), lattice.sites(), "number of sites");
    let axes = lattice.axes();
    let pairs = (axes.len().max(1) * spins.len()) as i32;
    let norm = 1.0 / f64::from(pairs);
    let mut moved = spins.to_vec();
    let mut at = |r: usize| -> f64 {
        let differ = |axis: &[isize; 3]| {
            lattice.shift(axis.map(|step| step * r as isize), spins, &mut moved);
            unequal(spins, &moved)
        };
        f64::from(pairs - 2 * axes.iter().map(differ).sum::<i32>()) * norm
    };
    (0..=lattice.axis_steps()).map(&mut at).collect()
}

/// The mean of σσ over nearest neighbours, −E / bonds; 0 where there are no bonds.
pub fn nearest_neighbour_correlation(lattice: Lattice, spins: &[i8]) -> f64 {
    -f64::from(energy(lattice, spins)) / lattice.bond_count().max(1) as f64
}

/// The mean of σσ over all pairs of different sites, (M² − sites) / (sites (sites − 1)).
pub fn all_pairs_correlation(spins: &[i8]) -> f64 {
    let sites = spins.len() as f64;
    let m = f64::from(magnetization(spins));
    (m * m - sites) / (sites * (sites - 1.0))
}

/// c_sr, the mean of σσ over nearest neighbours minus its mean over all pairs of different sites. Over an ensemble of
/// independent spins with any common mean it averages to 0.
///
/// ```
/// let lattice = "square:3".parse()?;
/// assert_eq!(ising_mc::observables::short_range_correlation(lattice, &[1; 9]), 0.0);
/// # Ok::<(), datasets::lattice::LatticeError>(())
/// ```
pub fn short_range_correlation(lattice: Lattice, spins: &[i8]) -> f64 {
    nearest_neighbour_correlation(lattice, spins) - all_pairs_correlation(spins)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Site by site, for short and long rows, and on each lattice.
    #[test]
    fn correlations_are_sums_over_the_sites() {
        let mut bits = numerics::bits::Bits::from_stream(&mut numerics::streams::stream(1, "test", &[]));
        let squares = (2..=17).chain([63, 64]).map(|size| format!("square:{size}"));
        let others = ["chain:9", "square:4x7", "triangular:5", "honeycomb:6x4", "cubic:4x3x5", "none:4"];
        for name in squares.chain(others.map(str::to_owned)) {
            let lattice: Lattice = name.parse().unwrap();
            let spins: Vec<i8> =
                (0..lattice.sites()).map(|_| if bits.next() >> 63 == 0 { 1 } else { -1 }).collect();
            let found = axis_correlation(lattice, &spins);
            let neighbours = lattice.neighbours();
            // The first of each pair of neighbours is the step along an axis; the third one of the honeycomb is none.
            let lines = lattice.coordination() / 2;
            let mut expected = vec![0; lattice.axis_steps() + 1];
            for site in 0..lattice.sites() {
                for line in 0..lines.max(1) {
                    let mut other = site;
                    for sum in &mut expected {
                        *sum += i32::from(spins[site] * spins[other]);
                        if lines > 0 {
                            other = neighbours.of(other)[2 * line] as usize;
                        }
                    }
                }
            }
            let norm = 1.0 / (lines.max(1) * lattice.sites()) as f64;
            let expected: Vec<f64> = expected.into_iter().map(|sum| f64::from(sum) * norm).collect();
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn correlation_at_distance_one_is_the_energy() {
        let spins: Vec<i8> = (0..25u32).map(|i| if (i * i + i / 3) % 4 < 2 { 1 } else { -1 }).collect();
        for name in ["square:5", "triangular:5", "chain:25"] {
            let lattice = name.parse().unwrap();
            let g = axis_correlation(lattice, &spins);
            assert_eq!(g[0], 1.0);
            assert!((g[1] - nearest_neighbour_correlation(lattice, &spins)).abs() < 1e-15, "{name}");
        }
    }

    #[test]
    fn independent_spins_have_no_short_range_correlation() {
        // The average over all 2^9 configurations weighted with independent probabilities, mean 0.4.
        for name in ["square:3", "triangular:3", "chain:9"] {
            let lattice = name.parse().unwrap();
            let mut mean = 0.0;
            for state in 0..512u32 {
                let spins: Vec<i8> = (0..9).map(|i| if state >> i & 1 == 1 { 1 } else { -1 }).collect();
                let up = state.count_ones() as i32;
                let weight = 0.7f64.powi(up) * 0.3f64.powi(9 - up);
                mean += weight * short_range_correlation(lattice, &spins);
            }
            assert!(mean.abs() < 1e-14, "{name}");
        }
    }
}
