//! The maps of the augmentation are the symmetries of the torus.

use std::collections::BTreeSet;

use crate::exact::energy;
use numerics::bits::Bits;
use numerics::streams::stream;
use temp_classifier::{LatticeSymmetries, Symmetry};

fn all(size: usize) -> Vec<Symmetry> {
    let mut list = Vec::new();
    for square in 0..8 {
        for y in 0..size {
            for x in 0..size {
                for flip in [false, true] {
                    list.push(Symmetry { square, shift: (y, x), flip });
                }
            }
        }
    }
    list
}

fn image(symmetries: &LatticeSymmetries, symmetry: Symmetry, spins: &[i8]) -> Vec<i8> {
    let mut out = vec![0; spins.len()];
    symmetries.apply(symmetry, spins, &mut out);
    out
}

/// Where each site's spin comes from: labels 1..=sites instead of spins.
fn permutation(symmetries: &LatticeSymmetries, symmetry: Symmetry, sites: usize) -> Vec<i8> {
    let labels: Vec<i8> = (1..=sites as i8).collect();
    image(symmetries, symmetry, &labels)
}

#[test]
fn the_energy_of_every_image_is_the_same() {
    for size in [2, 3, 4, 5, 10] {
        let symmetries = LatticeSymmetries::new(size);
        let mut bits = Bits::from_stream(&mut stream(1, "test", &[size as u64]));
        for _ in 0..5 {
            let spins: Vec<i8> =
                (0..size * size).map(|_| if bits.next() >> 63 == 0 { 1 } else { -1 }).collect();
            for symmetry in all(size) {
                let image = image(&symmetries, symmetry, &spins);
                assert_eq!(energy(size, &image), energy(size, &spins), "{symmetry:?}");
            }
        }
    }
}

#[test]
fn the_images_form_a_group_of_the_right_order() {
    for size in [3usize, 4, 5] {
        let symmetries = LatticeSymmetries::new(size);
        let sites = size * size;
        let group: BTreeSet<Vec<i8>> =
            all(size).into_iter().map(|s| permutation(&symmetries, s, sites)).collect();
        // Eight symmetries of the square, L² translations, two signs, all different.
        assert_eq!(group.len(), 16 * sites, "size {size}");
        for element in &group {
            let sorted: BTreeSet<i8> = element.iter().map(|label| label.abs()).collect();
            assert_eq!(sorted.len(), sites);
        }
        for first in &group {
            for second in all(size).into_iter().step_by(7) {
                assert!(group.contains(&image(&symmetries, second, first)), "size {size}: not closed");
            }
        }
    }
}

#[test]
fn random_symmetries_reach_every_image_equally_often() {
    let size = 3;
    let symmetries = LatticeSymmetries::new(size);
    let mut bits = Bits::from_stream(&mut stream(2, "test", &[]));
    let mut counts = std::collections::BTreeMap::new();
    let draws = 144 * 1000;
    for _ in 0..draws {
        let symmetry = symmetries.draw(true, &mut bits);
        *counts.entry(permutation(&symmetries, symmetry, 9)).or_insert(0.0) += 1.0;
    }
    assert_eq!(counts.len(), 144);
    let chi_squared: f64 = counts.values().map(|n: &f64| (n - 1000.0).powi(2) / 1000.0).sum();
    // 143 degrees of freedom: 143 ± 16.9; 5 standard deviations, false alarms below 1e-5.
    assert!((chi_squared - 143.0).abs() < 85.0, "chi squared {chi_squared}");
    assert!((0..100).all(|_| !symmetries.draw(false, &mut bits).flip));
}
