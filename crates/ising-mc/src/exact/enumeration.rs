//! All 2^N configurations of a small torus, counted once: the oracle of the other oracles.

use datasets::lattice::Lattice;
use std::collections::BTreeMap;

use super::ExactError;

/// The largest L of [`enumerate`].
pub const LARGEST_ENUMERATION: usize = 5;

/// The number of configurations with one pair of energy and magnetization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JointCount {
    /// Total energy in J, without field.
    pub energy: i32,
    /// Σσ.
    pub magnetization: i32,
    /// The number of configurations.
    pub count: u64,
}

/// g(E, M) by going through all configurations in Gray-code order; sorted by energy, then magnetization.
///
/// # Errors
///
/// If `size` is below 2 or above [`LARGEST_ENUMERATION`].
///
/// ```
/// let states = ising_mc::exact::enumerate(2)?;
/// let at_minus_8: u64 = states.iter().filter(|s| s.energy == -8).map(|s| s.count).sum();
/// assert_eq!(at_minus_8, 2);
/// # Ok::<(), ising_mc::exact::ExactError>(())
/// ```
pub fn enumerate(size: usize) -> Result<Vec<JointCount>, ExactError> {
    ExactError::check_size(
        size,
        "the enumeration of all states",
        LARGEST_ENUMERATION,
        "`density_of_states` and `magnetization_distribution` reach further",
    )?;
    let sites = size * size;
    let mut spins = vec![-1i8; sites];
    let lattice = Lattice::square(size).expect("at least 2");
    let mut energy = crate::observables::energy(lattice, &spins);
    let mut magnetization = -(sites as i32);
    let mut counts: BTreeMap<(i32, i32), u64> = BTreeMap::new();
    for step in 1..=1u64 << sites {
        *counts.entry((energy, magnetization)).or_default() += 1;
        let site = (step.trailing_zeros() as usize).min(sites - 1);
        let (x, y) = (site % size, site / size);
        let at = |x: usize, y: usize| i32::from(spins[y % size * size + x % size]);
        let neighbours = at(x + 1, y) + at(x + size - 1, y) + at(x, y + 1) + at(x, y + size - 1);
        energy += 2 * i32::from(spins[site]) * neighbours;
        spins[site] = -spins[site];
        magnetization += 2 * i32::from(spins[site]);
    }
    Ok(counts
        .into_iter()
        .map(|((energy, magnetization), count)| JointCount { energy, magnetization, count })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observables;

    #[test]
    fn agrees_with_the_observables_of_each_configuration() {
        let mut counts: BTreeMap<(i32, i32), u64> = BTreeMap::new();
        for state in 0..512u32 {
            let spins: Vec<i8> = (0..9).map(|i| if state >> i & 1 == 1 { 1 } else { -1 }).collect();
            *counts
                .entry((
                    observables::energy(Lattice::square(3).unwrap(), &spins),
                    observables::magnetization(&spins),
                ))
                .or_default() += 1;
        }
        let found: BTreeMap<(i32, i32), u64> =
            enumerate(3).unwrap().iter().map(|s| ((s.energy, s.magnetization), s.count)).collect();
        assert_eq!(found, counts);
    }

    #[test]
    fn limits() {
        assert!(enumerate(1).is_err());
        assert!(enumerate(6).unwrap_err().to_string().contains("limit is size 5"));
        assert_eq!(enumerate(4).unwrap().iter().map(|s| s.count).sum::<u64>(), 1 << 16);
    }
}
