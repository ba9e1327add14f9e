//! What one configuration says about itself: energy, magnetization, correlations.
//!
//! A configuration is a slice of L² spins ±1 in row-major order on a torus. The energy counts for each site the bond to
//! its right and the bond to its lower neighbour, so that on the 2 × 2 torus every pair of neighbours counts twice.

/// −Σ⟨xy⟩ σ_x σ_y in units of J.
///
/// # Panics
///
/// If the slice has not `size`² elements.
///
/// ```
/// assert_eq!(ising_mc::observables::energy(3, &[1; 9]), -18);
/// ```
pub fn energy(size: usize, spins: &[i8]) -> i32 {
    assert_eq!(spins.len(), size * size, "number of sites");
    let mut sum = 0i32;
    for y in 0..size {
        let row = &spins[y * size..][..size];
        let below = &spins[(y + 1) % size * size..][..size];
        let vertical: i32 = row.iter().zip(below).map(|(&a, &b)| i32::from(a * b)).sum();
        let horizontal: i32 = row.windows(2).map(|pair| i32::from(pair[0] * pair[1])).sum();
        sum += vertical + horizontal + i32::from(row[size - 1] * row[0]);
    }
    -sum
}

/// Σσ.
///
/// ```
/// assert_eq!(ising_mc::observables::magnetization(&[1, 1, -1, 1]), 2);
/// ```
pub fn magnetization(spins: &[i8]) -> i32 {
    spins.iter().map(|&s| i32::from(s)).sum()
}

/// G(r) = ⟨σ_x σ_{x + r e}⟩ for r = 0, 1, …, L/2, averaged over all sites x and both axes e; nothing is subtracted.
///
/// # Panics
///
/// If the slice has not `size`² elements.
///
/// ```
/// assert_eq!(ising_mc::observables::axis_correlation(2, &[1, -1, 1, -1]), vec![1.0, 0.0]);
/// ```
pub fn axis_correlation(size: usize, spins: &[i8]) -> Vec<f64> {
    assert_eq!(spins.len(), size * size, "number of sites");
    let norm = 1.0 / (2 * size * size) as f64;
    (0..=size / 2)
        .map(|r| {
            let mut sum = 0i32;
            for y in 0..size {
                for x in 0..size {
                    let right = spins[y * size + (x + r) % size];
                    let below = spins[(y + r) % size * size + x];
                    sum += i32::from(spins[y * size + x]) * (i32::from(right) + i32::from(below));
                }
            }
            f64::from(sum) * norm
        })
        .collect()
}

/// The mean of σσ over nearest neighbours, −E / (2 sites).
pub fn nearest_neighbour_correlation(size: usize, spins: &[i8]) -> f64 {
    -f64::from(energy(size, spins)) / (2 * size * size) as f64
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
/// assert_eq!(ising_mc::observables::short_range_correlation(3, &[1; 9]), 0.0);
/// ```
pub fn short_range_correlation(size: usize, spins: &[i8]) -> f64 {
    nearest_neighbour_correlation(size, spins) - all_pairs_correlation(spins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn energies_of_known_configurations() {
        assert_eq!(energy(4, &[-1; 16]), -32);
        let checkerboard: Vec<i8> = (0..16).map(|i| if (i / 4 + i) % 2 == 0 { 1 } else { -1 }).collect();
        assert_eq!(energy(4, &checkerboard), 32);
        let mut one_flipped = [1; 100];
        one_flipped[37] = -1;
        assert_eq!(energy(10, &one_flipped), -192);
        // On the 2 × 2 torus each neighbour counts twice.
        assert_eq!(energy(2, &[1, 1, 1, -1]), 0);
        assert_eq!(energy(2, &[1, -1, -1, 1]), 8);
    }

    #[test]
    fn correlation_at_distance_one_is_the_energy() {
        let spins: Vec<i8> = (0..25u32).map(|i| if (i * i + i / 3) % 4 < 2 { 1 } else { -1 }).collect();
        let g = axis_correlation(5, &spins);
        assert_eq!(g.len(), 3);
        assert_eq!(g[0], 1.0);
        assert!((g[1] - nearest_neighbour_correlation(5, &spins)).abs() < 1e-15);
    }

    #[test]
    fn independent_spins_have_no_short_range_correlation() {
        // The average over all 2^9 configurations weighted with independent probabilities, mean 0.4.
        let mut mean = 0.0;
        for state in 0..512u32 {
            let spins: Vec<i8> = (0..9).map(|i| if state >> i & 1 == 1 { 1 } else { -1 }).collect();
            let up = state.count_ones() as i32;
            let weight = 0.7f64.powi(up) * 0.3f64.powi(9 - up);
            mean += weight * short_range_correlation(3, &spins);
        }
        assert!(mean.abs() < 1e-14);
    }
}
