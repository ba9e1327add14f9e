//! The maps of the augmentation are the symmetries of the torus.

use datasets::lattice::Lattice;
use std::collections::BTreeSet;

use datasets::energy;
use numerics::bits::Bits;
use numerics::streams::stream;
use temp_classifier::{LatticeSymmetries, Symmetry};

fn all(lattice: Lattice) -> Vec<Symmetry> {
    let [width, height, depth] = lattice.sides();
    let symmetries = lattice.symmetries();
    let mut list = Vec::new();
    for operation in 0..symmetries.point_operations() {
        for site in 0..lattice.sites() {
            let shift = [site % width, site / width % height, site / width / height];
            assert!(shift[2] < depth);
            if symmetries.translation(shift) == shift {
                list.extend([false, true].map(|flip| Symmetry { operation, shift, flip }));
            }
        }
    }
    list
}

/// Lattices with the number of their point operations.
fn lattices() -> Vec<(Lattice, usize)> {
    let list = [("square:3", 8), ("square:4", 8), ("square:5", 8), ("square:3x4", 4), ("chain:7", 2)];
    let others = [("honeycomb:4x4", 4), ("triangular:4", 12), ("triangular:3x4", 2), ("cubic:3", 48)];
    list.into_iter().chain(others).map(|(name, n)| (name.parse().unwrap(), n)).collect()
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
    let two = Lattice::square(2).unwrap();
    let ten = Lattice::square(10).unwrap();
    for lattice in [two, ten].into_iter().chain(lattices().into_iter().map(|(lattice, _)| lattice)) {
        let symmetries = LatticeSymmetries::new(lattice);
        let mut bits = Bits::from_stream(&mut stream(1, "test", &[lattice.sites() as u64]));
        for _ in 0..5 {
            let spins: Vec<i8> =
                (0..lattice.sites()).map(|_| if bits.next() >> 63 == 0 { 1 } else { -1 }).collect();
            for symmetry in all(lattice) {
                let image = image(&symmetries, symmetry, &spins);
                assert_eq!(energy(lattice, &image), energy(lattice, &spins), "{lattice} {symmetry:?}");
            }
        }
    }
}

#[test]
fn the_images_form_a_group_of_the_right_order() {
    for (lattice, operations) in lattices() {
        let symmetries = LatticeSymmetries::new(lattice);
        let sites = lattice.sites();
        let group: BTreeSet<Vec<i8>> =
            all(lattice).into_iter().map(|s| permutation(&symmetries, s, sites)).collect();
        // Point operations, translations, two signs, all different.
        let translations = lattice.symmetries().translations();
        assert_eq!(group.len(), 2 * operations * translations, "{lattice}");
        for element in &group {
            let sorted: BTreeSet<i8> = element.iter().map(|label| label.abs()).collect();
            assert_eq!(sorted.len(), sites);
        }
        for first in group.iter().step_by(3) {
            for second in all(lattice).into_iter().step_by(31) {
                assert!(group.contains(&image(&symmetries, second, first)), "{lattice}: not closed");
            }
        }
    }
}

#[test]
fn random_symmetries_reach_every_image_equally_often() {
    let lattices =
        ["square:3", "triangular:3", "honeycomb:4x4", "cubic:2"].map(|name| name.parse::<Lattice>());
    for lattice in lattices.map(Result::unwrap) {
        let symmetries = LatticeSymmetries::new(lattice);
        let mut bits = Bits::from_stream(&mut stream(2, "test", &[]));
        let mut counts = std::collections::BTreeMap::new();
        let images: BTreeSet<Vec<i8>> =
            all(lattice).into_iter().map(|s| permutation(&symmetries, s, lattice.sites())).collect();
        let draws = images.len() * 400;
        for _ in 0..draws {
            let symmetry = symmetries.draw(true, &mut bits);
            *counts.entry(permutation(&symmetries, symmetry, lattice.sites())).or_insert(0.0) += 1.0;
        }
        assert_eq!(counts.len(), images.len(), "{lattice}");
        let chi_squared: f64 = counts.values().map(|n: &f64| (n - 400.0).powi(2) / 400.0).sum();
        // 5 standard deviations of χ², false alarms below 1e-5.
        let freedom = (images.len() - 1) as f64;
        let z = (chi_squared - freedom) / (2.0 * freedom).sqrt();
        assert!(z.abs() < 5.0, "{lattice}: chi squared {chi_squared} of {freedom}");
        assert!((0..100).all(|_| !symmetries.draw(false, &mut bits).flip));
    }
}
