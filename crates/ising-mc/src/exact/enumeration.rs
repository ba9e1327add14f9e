//! All 2^N configurations of a small lattice, counted once: the oracle of the other oracles.

use datasets::lattice::Lattice;

use super::ExactError;

/// The largest number of sites of [`enumerate`]: the cubic lattice of size 3 takes half a second.
pub const LARGEST_ENUMERATION: usize = 27;

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
/// If the lattice has no bonds or more than [`LARGEST_ENUMERATION`] sites.
///
/// ```
/// let states = ising_mc::exact::enumerate("square:2".parse()?)?;
/// let at_minus_8: u64 = states.iter().filter(|s| s.energy == -8).map(|s| s.count).sum();
/// assert_eq!(at_minus_8, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn enumerate(lattice: Lattice) -> Result<Vec<JointCount>, ExactError> {
    if !lattice.has_geometry() || lattice.sites() > LARGEST_ENUMERATION {
        return Err(ExactError::NoEnumeration(lattice));
    }
    let (sites, bonds) = (lattice.sites(), lattice.bond_count());
    let neighbours = lattice.neighbours();
    let mut spins = vec![-1i8; sites];
    // The last spin stays down: each state stands for the one with all spins turned as well.
    let mut counts = vec![0u64; (2 * bonds + 1) * (sites + 1)];
    let (mut energy, mut up) = (0, 0);
    for step in 1..=1u64 << (sites - 1) {
        counts[energy * (sites + 1) + up] += 1;
        let site = step.trailing_zeros() as usize;
        if site + 1 >= sites {
            break;
        }
        // In steps of one bond from that of the ground states on.
        let sum: i8 = neighbours.of(site).iter().map(|&other| spins[other as usize]).sum();
        energy = energy.wrapping_add_signed(isize::from(spins[site] * sum));
        spins[site] = -spins[site];
        up = up.wrapping_add_signed(isize::from(spins[site]));
    }
    let of = |energy: usize, up: usize| counts[energy * (sites + 1) + up];
    let mut found = Vec::new();
    for level in 0..=2 * bonds {
        for up in 0..=sites {
            let count = of(level, up) + of(level, sites - up);
            if count > 0 {
                let energy = 2 * level as i32 - bonds as i32;
                found.push(JointCount { energy, magnetization: 2 * up as i32 - sites as i32, count });
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::observables;

    #[test]
    fn agrees_with_the_observables_of_each_configuration() {
        let names =
            ["square:3", "square:2x5", "chain:2", "chain:9", "triangular:3x4", "honeycomb:4x2", "cubic:2"];
        for lattice in names.map(|name| name.parse::<Lattice>().unwrap()) {
            let mut counts: BTreeMap<(i32, i32), u64> = BTreeMap::new();
            for state in 0..1u32 << lattice.sites() {
                let spins: Vec<i8> =
                    (0..lattice.sites()).map(|i| if state >> i & 1 == 1 { 1 } else { -1 }).collect();
                let pair = (observables::energy(lattice, &spins), observables::magnetization(&spins));
                *counts.entry(pair).or_default() += 1;
            }
            let found: BTreeMap<(i32, i32), u64> =
                enumerate(lattice).unwrap().iter().map(|s| ((s.energy, s.magnetization), s.count)).collect();
            assert_eq!(found, counts, "{lattice}");
        }
    }

    #[test]
    fn limits() {
        let of = |name: &str| enumerate(name.parse().unwrap());
        assert!(of("none:9").is_err());
        assert!(of("square:6").unwrap_err().to_string().contains("27"));
        assert_eq!(of("square:4").unwrap().iter().map(|s| s.count).sum::<u64>(), 1 << 16);
    }

    /// Known of the 3 × 3 × 3 torus: 2^27 states, 2 ground states, 54 with one spin turned, and the moments of E and M
    /// at infinite temperature, ⟨E²⟩ = 81, ⟨M²⟩ = 27, ⟨M⁴⟩ = 3 · 27² − 2 · 27, ⟨E³⟩ = −6 · 27 from the triangles around
    /// the torus.
    #[test]
    fn states_of_the_cube() {
        let states = enumerate("cubic:3".parse().unwrap()).unwrap();
        let moment = |f: &dyn Fn(i64, i64) -> i64| -> i128 {
            let term =
                |s: &JointCount| i128::from(s.count) * i128::from(f(s.energy.into(), s.magnetization.into()));
            states.iter().map(term).sum()
        };
        let all = 1i128 << 27;
        assert_eq!(moment(&|_, _| 1), all);
        assert_eq!(moment(&|e, _| e), 0);
        assert_eq!(moment(&|e, _| e * e), 81 * all);
        assert_eq!(moment(&|_, m| m * m), 27 * all);
        assert_eq!(moment(&|_, m| m * m * m * m), (3 * 27 * 27 - 2 * 27) * all);
        assert_eq!(moment(&|e, _| e * e * e), -6 * 27 * all);
        assert_eq!((states[0].energy, states[0].count, states[1].count), (-81, 1, 1));
        let first: u64 = states.iter().filter(|s| s.energy == -69).map(|s| s.count).sum();
        assert_eq!(first, 54);
    }
}
