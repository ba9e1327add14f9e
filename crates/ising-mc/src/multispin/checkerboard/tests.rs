//! The kernel against a plain version, the counters, and the claim of the proof.

use numerics::streams::stream;

use super::super::tests::{PlainGenerator, up_neighbours};
use super::*;
use crate::observables;
use crate::thresholds::{DIGITS, threshold};

/// Sweeps with if and else, site by site.
fn plain_sweeps(size: usize, temperature: f64, generator: &mut PlainGenerator, sweeps: u32) -> Vec<i8> {
    let elements = (size / 2).div_ceil(64);
    // Into the favoured direction always, unless it is damped.
    let [one, two] = Metropolis::probabilities(temperature);
    let damped = DampedMetropolis::probabilities(temperature);
    let thresholds = damped.unwrap_or([one, two, 1.0]).map(threshold);
    let mut spins = vec![1i8; size * size];
    for half in 0..2 * sweeps as usize {
        let colour = half % 2;
        let words = (size * elements).div_ceil(8);
        let (mut digits, mut fair) = (Vec::new(), Vec::new());
        while digits.len() < words {
            let (more_digits, more_fair) = generator.draw((words - digits.len()).min(16));
            digits.extend(more_digits);
            fair.extend(more_fair);
        }
        let before = spins.clone();
        for y in 0..size {
            for x in (0..size).filter(|x| (x + y) % 2 == colour) {
                let at = |x: usize, y: usize| i32::from(before[y % size * size + x % size]);
                let sum = at(x + 1, y) + at(x + size - 1, y) + at(x, y + 1) + at(x, y + size - 1);
                let element = y * elements + x / 2 / 64;
                let (word, bit) = (element / 8, element % 8 * 64 + x / 2 % 64);
                let verdict = |n: usize| thresholds[n] >> (DIGITS - digits[word][bit]) & 1 == 1;
                let flip = match sum * at(x, y) {
                    ..0 => damped.is_none() || verdict(2),
                    0 => fair[word][bit],
                    2 => verdict(0),
                    _ => verdict(1),
                };
                if flip {
                    spins[y * size + x] *= -1;
                }
            }
        }
    }
    spins
}

#[test]
fn every_width_is_the_plain_version() {
    // Rows of one element, of one full element, and of more, one of which is full.
    for (size, sweeps, temperature) in [
        (2, 20, 2.4),
        (4, 20, 2.4),
        (4, 20, 1e4),
        (10, 20, 2.4),
        (34, 9, 2.4),
        (34, 9, 8.0),
        (66, 5, 2.4),
        (128, 4, 2.4),
        (130, 4, 2.4),
        (256, 3, 2.4),
    ] {
        let seed = || stream(3, "kernel test", &[size as u64]);
        let expected = plain_sweeps(size, temperature, &mut PlainGenerator::from_stream(&mut seed()), sweeps);
        assert!(expected.contains(&-1));
        for width in Width::ALL {
            let mut lattice = Checkerboard::new(size, temperature, width, &mut seed()).unwrap();
            lattice.sweep(1);
            lattice.sweep(u64::from(sweeps) - 1);
            let mut found = vec![0; size * size];
            lattice.copy(&mut found);
            assert!(found == expected, "L = {size}, {width:?}");
            let (energy, magnetization) = lattice.measure();
            assert_eq!(
                energy,
                observables::energy(datasets::lattice::Lattice::square(size).unwrap(), &found),
                "L = {size}"
            );
            assert_eq!(magnetization, observables::magnetization(&found), "L = {size}");
        }
    }
}

/// The claim of the proof: from each state, two sweeps that choose down wherever they can end in "all down".
#[test]
fn two_sweeps_reach_all_down() {
    for size in [2, 4] {
        for start in 0..1u32 << (size * size) {
            let mut state = start;
            for half in 0..4 {
                let before = state;
                for site in (0..size * size).filter(|site| (site / size + site % size) % 2 == half % 2) {
                    let forced = before >> site & 1 == 0 && up_neighbours(size, before, site) >= 3;
                    state = if forced { state | 1 << site } else { state & !(1 << site) };
                }
            }
            assert_eq!(state, 0, "L = {size} from {start:b}");
        }
    }
}

#[test]
fn impossible_lattices_are_refused() {
    let refused = |size, temperature| {
        Checkerboard::new(size, temperature, Width::Portable, &mut stream(1, "test", &[])).err()
    };
    assert_eq!(
        refused(5, 2.0),
        Some(SampleError::NoCheckerboard(datasets::lattice::Lattice::square(5).unwrap()))
    );
    assert_eq!(
        refused(0, 2.0),
        Some(SampleError::Lattice(datasets::lattice::Lattice::square(0).unwrap_err()))
    );
    assert!(matches!(refused(4, f64::NAN), Some(SampleError::Temperature { .. })));
    assert!(matches!(refused(4, 0.0), Some(SampleError::Temperature { .. })));
}
