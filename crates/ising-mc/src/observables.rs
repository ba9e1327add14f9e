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
    if size == 0 {
        return 0;
    }
    // Over the whole lattice as one line, which vectorises also where rows are short. The bonds from the end of a row to the
    // beginning of the next are none of the torus, and its own from the end to the beginning are not in the line.
    let products = |a: &[i8], b: &[i8]| a.len() as i32 - 2 * unequal(a, b);
    let seam = spins.len() - size;
    let vertical = products(&spins[..seam], &spins[size..]) + products(&spins[seam..], &spins[..size]);
    let line = products(&spins[..spins.len() - 1], &spins[1..]);
    let ends = spins.chunks_exact(size).zip(spins[size..].chunks_exact(size).map(Some).chain([None]));
    let corrections = ends.map(|(row, next)| {
        let last = i32::from(row[size - 1]);
        last * (i32::from(row[0]) - next.map_or(0, |next| i32::from(next[0])))
    });
    -(vertical + line + corrections.sum::<i32>())
}

/// The number of places where two slices of ±1 differ, which have the same length.
fn unequal(a: &[i8], b: &[i8]) -> i32 {
    const LANES: usize = 16;
    let differs = |a: i8, b: i8| (a ^ b) as u8 >> 7;
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut count: i32 = a_rest.iter().zip(b_rest).map(|(&a, &b)| i32::from(differs(a, b))).sum();
    // Counters of one byte each, for as long as they cannot overflow.
    for (a, b) in a.chunks(255).zip(b.chunks(255)) {
        let mut counts = [0u8; LANES];
        for (a, b) in a.iter().zip(b) {
            for (count, (&a, &b)) in counts.iter_mut().zip(a.iter().zip(b)) {
                *count += differs(a, b);
            }
        }
        count += counts.into_iter().map(i32::from).sum::<i32>();
    }
    count
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
    // The lattice moved to the left by r, which vectorises also where rows are short.
    let mut moved = spins.to_vec();
    (0..=size / 2)
        .map(|r| {
            if r > 0 {
                moved.copy_within(1.., 0);
                let last_column = moved[size - 1..].iter_mut().step_by(size);
                last_column.zip(spins[r - 1..].iter().step_by(size)).for_each(|(last, &first)| *last = first);
            }
            let seam = spins.len() - r * size;
            let below =
                unequal(&spins[..seam], &spins[r * size..]) + unequal(&spins[seam..], &spins[..r * size]);
            let unequal = unequal(spins, &moved) + below;
            f64::from(2 * spins.len() as i32 - 2 * unequal) * norm
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

    /// Site by site, for short and long rows.
    #[test]
    fn energy_and_correlation_are_sums_over_the_sites() {
        let mut bits = numerics::bits::Bits::from_stream(&mut numerics::streams::stream(1, "test", &[]));
        for size in (1..=17).chain([63, 64, 100]) {
            let spins: Vec<i8> =
                (0..size * size).map(|_| if bits.next() >> 63 == 0 { 1 } else { -1 }).collect();
            let at = |x: usize, y: usize| i32::from(spins[y % size * size + x % size]);
            let pairs = |r: usize| -> i32 {
                let sites = (0..size * size).map(|i| (i % size, i / size));
                sites.map(|(x, y)| at(x, y) * (at(x + r, y) + at(x, y + r))).sum()
            };
            assert_eq!(energy(size, &spins), -pairs(1), "L = {size}");
            let expected: Vec<f64> =
                (0..=size / 2).map(|r| f64::from(pairs(r)) * (1.0 / (2 * size * size) as f64)).collect();
            assert_eq!(axis_correlation(size, &spins), expected, "L = {size}");
        }
        assert_eq!(energy(0, &[]), 0);
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
