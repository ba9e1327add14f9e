//! Effective couplings against enumeration, machines whose Hamiltonian is known, and limits.

use datasets::lattice::Lattice;

use datasets::{Rbm, Units};
use ndarray::{Array1, Array2, Axis};
use numerics::bits::{Bits, unit_f64};
use numerics::streams::stream;
use proptest::prelude::*;
use weight_analysis::{
    CouplingError, Couplings, couplings, couplings_by_distance, couplings_of, encoded_temperature,
    local_couplings,
};

fn machine(units: Units, weights: Array2<f32>, visible_bias: Array1<f32>, hidden_bias: Array1<f32>) -> Rbm {
    Rbm::new(units, weights, visible_bias, hidden_bias).expect("a machine")
}

/// Weights and biases uniform in ±`scale`.
fn random(units: Units, visible: usize, hidden: usize, scale: f32, seed: u64) -> Rbm {
    let mut bits = Bits::from_stream(&mut stream(seed, "test couplings", &[]));
    let mut uniform = || scale * (2.0 * unit_f64(bits.next()) - 1.0) as f32;
    machine(
        units,
        Array2::from_shape_simple_fn((visible, hidden), &mut uniform),
        Array1::from_shape_simple_fn(visible, &mut uniform),
        Array1::from_shape_simple_fn(hidden, &mut uniform),
    )
}

fn spin(state: usize, i: usize) -> f64 {
    if state >> i & 1 == 1 { 1.0 } else { -1.0 }
}

/// ln p(v) + ln Z by the definition of the machine, summed over the hidden units' own values; v_i is the i-th bit.
fn log_weights(rbm: &Rbm) -> Vec<f64> {
    let lower = match rbm.units {
        Units::Spin => -1.0,
        Units::Binary => 0.0,
    };
    let value = |state: usize, i: usize| if state >> i & 1 == 1 { 1.0 } else { lower };
    (0..1usize << rbm.visible())
        .map(|state| {
            let sum = |column: ndarray::ArrayView1<f32>| -> f64 {
                column.iter().enumerate().map(|(i, &w)| f64::from(w) * value(state, i)).sum()
            };
            let hidden = rbm.weights.columns().into_iter().zip(&rbm.hidden_bias).map(|(column, &c)| {
                let field = sum(column) + f64::from(c);
                let (up, down) = (field, lower * field);
                up.max(down) + (-(up - down).abs()).exp().ln_1p()
            });
            hidden.sum::<f64>() + sum(rbm.visible_bias.view())
        })
        .collect()
}

/// J_S of a set of sites by the average over all configurations.
fn enumerated(log_weights: &[f64], set: &[usize]) -> f64 {
    let sum: f64 = log_weights
        .iter()
        .enumerate()
        .map(|(state, ln_p)| ln_p * set.iter().map(|&i| spin(state, i)).product::<f64>())
        .sum();
    sum / log_weights.len() as f64
}

/// All sets of one to four sites.
fn sets(sites: usize) -> Vec<Vec<usize>> {
    (1..1usize << sites)
        .filter(|mask| mask.count_ones() <= 4)
        .map(|mask| (0..sites).filter(|i| mask >> i & 1 == 1).collect())
        .collect()
}

#[track_caller]
fn check(rbm: &Rbm, tolerance: f64) {
    let exact = log_weights(rbm);
    let sets = sets(rbm.visible());
    let found = couplings_of(rbm, &sets).unwrap();
    let all = couplings(rbm).unwrap();
    for (set, found) in sets.iter().zip(found) {
        let expected = enumerated(&exact, set);
        assert!((found - expected).abs() < tolerance, "{set:?}: {found} for {expected}");
        let again = match set[..] {
            [i] => all.fields[i],
            [i, j] => all.pairs[[i, j]],
            _ => continue,
        };
        assert!((again - expected).abs() < tolerance, "{set:?}: {again} for {expected}");
    }
    assert_eq!(all.pairs, all.pairs.t());
    assert!(all.pairs.diag().iter().all(|&value| value == 0.0));
}

#[test]
fn all_couplings_of_up_to_four_sites_are_those_of_enumeration() {
    for units in [Units::Spin, Units::Binary] {
        for (visible, hidden, scale, seed) in [
            (1, 1, 1.0, 0),
            (2, 3, 1.0, 1),
            (8, 5, 0.3, 2),
            (9, 20, 1.0, 3),
            (10, 7, 3.0, 4),
            (12, 12, 0.8, 5),
        ] {
            check(&random(units, visible, hidden, scale, seed), 1e-10);
        }
    }
}

#[test]
fn large_and_mixed_weights_are_no_harder() {
    for units in [Units::Spin, Units::Binary] {
        check(&random(units, 8, 4, 30.0, 6), 1e-10);
        let mut mixed = random(units, 8, 6, 1.0, 7);
        // Equal weights, whose cosines are zero together; a weight of 0; a single large one; a unit of zeros.
        mixed.weights.column_mut(0).fill(0.7);
        mixed.weights[[2, 1]] = 0.0;
        mixed.weights[[3, 2]] = 200.0;
        mixed.weights.column_mut(3).fill(0.0);
        mixed.weights.column_mut(4).fill(12.5);
        mixed.hidden_bias[4] = -25.0;
        check(&mixed, 1e-10);
    }
}

/// One hidden unit per bond: Σ_h e^{w h (v₁ + v₂)} ∝ e^{β v₁ v₂} with β = ½ ln cosh 2w. For 0/1 units with four times the
/// weights, and biases that make it symmetric, the same.
fn decorated(units: Units, sites: usize, bonds: &[[usize; 2]], w: f32) -> (Rbm, f64) {
    let mut weights = Array2::zeros((sites, bonds.len()));
    for (a, &[i, j]) in bonds.iter().enumerate() {
        weights[[i, a]] = w;
        weights[[j, a]] = w;
    }
    let beta = 0.5 * (2.0 * f64::from(w)).cosh().ln();
    let (visible_bias, hidden_bias) = (Array1::zeros(sites), Array1::zeros(bonds.len()));
    let rbm = match units {
        Units::Spin => machine(units, weights, visible_bias, hidden_bias),
        Units::Binary => {
            let weights = 4.0 * weights;
            let visible_bias = -0.5 * weights.sum_axis(Axis(1));
            let hidden_bias = -0.5 * weights.sum_axis(Axis(0));
            machine(units, weights, visible_bias, hidden_bias)
        }
    };
    (rbm, beta)
}

#[test]
fn a_decorated_ring_is_the_ising_ring() {
    let bonds: Vec<[usize; 2]> = (0..12).map(|i| [i, (i + 1) % 12]).collect();
    for units in [Units::Spin, Units::Binary] {
        for w in [0.05, 0.4, 1.0, 6.0] {
            let (rbm, beta) = decorated(units, 12, &bonds, w);
            let sets = sets(12);
            for (set, found) in sets.iter().zip(couplings_of(&rbm, &sets).unwrap()) {
                let bond = set.len() == 2 && matches!(set[1] - set[0], 1 | 11);
                let expected = if bond { beta } else { 0.0 };
                assert!((found - expected).abs() < 1e-13 * (1.0 + beta), "{set:?}: {found} for {expected}");
            }
        }
    }
}

#[test]
fn a_decorated_torus_encodes_its_temperature() {
    for (size, units) in [(2, Units::Spin), (3, Units::Binary), (6, Units::Spin), (10, Units::Spin)] {
        let sites = size * size;
        let right = |i: usize| i / size * size + (i + 1) % size;
        let bonds: Vec<[usize; 2]> =
            (0..sites).flat_map(|i| [[i, right(i)], [i, (i + size) % sites]]).collect();
        let (rbm, beta) = decorated(units, sites, &bonds, 0.6);
        let Couplings { fields, pairs } = couplings(&rbm).unwrap();
        assert!(fields.iter().all(|field| field.abs() < 1e-12));
        let by_distance = couplings_by_distance(Lattice::square(size).unwrap(), pairs.view()).unwrap();
        assert_eq!(by_distance.distance[0], 1.0);
        let bonds_of_a_pair = if size == 2 { 2.0 } else { 1.0 };
        assert!((by_distance.mean[0] - bonds_of_a_pair * beta).abs() < 1e-12);
        assert!(by_distance.mean[1..].iter().all(|mean| mean.abs() < 1e-12));
        assert!(by_distance.deviation.iter().all(|deviation| deviation.abs() < 1e-12));
        let found = encoded_temperature(Lattice::square(size).unwrap(), pairs.view()).unwrap();
        assert!((found.value - 1.0 / beta).abs() < 1e-11 && found.error < 1e-12, "L = {size}: {found:?}");
    }
}

#[test]
fn spread_of_a_temperature_is_that_of_the_bonds() {
    // Bonds of 0.4 and 0.6 along rows, alternating, and 0.5 along columns.
    let size = 4;
    let mut pairs = Array2::zeros((16, 16));
    for i in 0..16usize {
        let right = i / 4 * 4 + (i + 1) % 4;
        let below = (i + 4) % 16;
        for (j, value) in [(right, if i % 2 == 0 { 0.4 } else { 0.6 }), (below, 0.5)] {
            (pairs[[i, j]], pairs[[j, i]]) = (value, value);
        }
    }
    let found = encoded_temperature(Lattice::square(size).unwrap(), pairs.view()).unwrap();
    let deviation = (0.5f64 * 0.01).sqrt();
    assert!((found.value - 2.0).abs() < 1e-12);
    assert!((found.error - deviation / 32f64.sqrt() * 4.0).abs() < 1e-12);
}

/// J_ij = (W·Wᵀ)_ij (1 + O(w²)) and J_i = (W c)_i: at half the weights, the relative difference is a quarter.
#[test]
fn small_weights_give_the_gram_matrix() {
    let difference = |scale: f32| {
        let mut rbm = random(Units::Spin, 10, 6, scale, 8);
        rbm.visible_bias.fill(0.0);
        let found = couplings(&rbm).unwrap();
        let weights = rbm.weights.mapv(f64::from);
        let gram = weights.dot(&weights.t());
        let fields = weights.dot(&rbm.hidden_bias.mapv(f64::from));
        let mut worst = (0.0f64, 0.0f64);
        for i in 0..10 {
            worst.1 = worst.1.max((found.fields[i] - fields[i]).abs() / f64::from(scale).powi(2));
            for j in 0..i {
                worst.0 = worst.0.max((found.pairs[[i, j]] - gram[[i, j]]).abs() / f64::from(scale).powi(2));
            }
        }
        worst
    };
    let (coarse, fine) = (difference(0.02), difference(0.01));
    for (coarse, fine) in [(coarse.0, fine.0), (coarse.1, fine.1)] {
        assert!(fine < 1e-3 && fine > 0.0, "{fine}");
        assert!((coarse / fine - 4.0).abs() < 0.02, "{coarse} {fine}");
    }
    // Relative accuracy does not depend on the scale: weights of 2⁻³⁰.
    let mut tiny = random(Units::Spin, 4, 3, 1.0, 9);
    tiny.weights *= 2f32.powi(-30);
    let gram = tiny.weights.mapv(f64::from).dot(&tiny.weights.t().mapv(f64::from));
    let found = couplings(&tiny).unwrap().pairs;
    let mut without_bias = tiny.clone();
    without_bias.hidden_bias.fill(0.0);
    let symmetric = couplings(&without_bias).unwrap().pairs;
    for (i, j) in [(0, 1), (0, 2), (1, 3)] {
        assert!((symmetric[[i, j]] / gram[[i, j]] - 1.0).abs() < 1e-12, "{}", symmetric[[i, j]]);
        // With a bias each unit's part is multiplied by sech² c.
        let expected: f64 = (0..3)
            .map(|a| {
                let pair = f64::from(tiny.weights[[i, a]]) * f64::from(tiny.weights[[j, a]]);
                pair / f64::from(tiny.hidden_bias[a]).cosh().powi(2)
            })
            .sum();
        assert!((found[[i, j]] - expected).abs() < 1e-12 * gram[[i, i]].max(gram[[j, j]]));
    }
}

/// Where one weight outweighs all others, the unit is locked to that spin: ln 2 cosh x = v_0 x, and nothing else is left.
#[test]
fn a_locked_unit_couples_pairs_by_its_weights() {
    for size in [1.0, -1.0] {
        let weights = ndarray::array![[size * 60.0f32], [1.5], [-0.7], [4.0], [0.0]];
        let rbm = machine(Units::Spin, weights, Array1::zeros(5), ndarray::array![2.5]);
        let found = couplings(&rbm).unwrap();
        let sign = f64::from(size);
        let expected = [1.5, -0.7, 4.0, 0.0].map(|w: f32| sign * f64::from(w));
        assert!((found.fields[0] - sign * 2.5).abs() < 1e-12);
        for i in 1..5 {
            assert!((found.pairs[[0, i]] - expected[i - 1]).abs() < 1e-12, "{}", found.pairs[[0, i]]);
            assert!(found.fields[i].abs() < 1e-12);
            assert!((1..i).all(|j| found.pairs[[i, j]].abs() < 1e-12));
        }
        let higher = couplings_of(&rbm, &[vec![0, 1, 2], vec![3, 1, 2], vec![0, 1, 2, 3]]).unwrap();
        assert!(higher.iter().all(|value| value.abs() < 1e-12), "{higher:?}");
    }
}

#[test]
fn local_couplings_are_sums_of_all_higher_ones() {
    for units in [Units::Spin, Units::Binary] {
        let rbm = random(units, 9, 300, 0.4, 11);
        let exact = log_weights(&rbm);
        let states: Vec<usize> = vec![0, 511, 37, 300, 300, 129];
        let configurations = Array2::from_shape_fn((states.len(), 9), |(n, i)| spin(states[n], i) as i8);
        let pairs = [[0, 1], [8, 3], [3, 8]];
        let found = local_couplings(&rbm, configurations.view(), &pairs).unwrap();
        for (n, &[i, j]) in pairs.iter().enumerate() {
            let values: Vec<f64> = states
                .iter()
                .map(|state| {
                    let with = |up: [bool; 2]| {
                        let others = state & !(1 << i | 1 << j);
                        exact[others | usize::from(up[0]) << i | usize::from(up[1]) << j]
                    };
                    (with([true; 2]) + with([false; 2]) - with([true, false]) - with([false, true])) / 4.0
                })
                .collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
            assert!((found.mean[n] - mean).abs() < 1e-10, "{} for {mean}", found.mean[n]);
            assert!((found.deviation[n] - variance.sqrt()).abs() < 1e-10);
        }
    }
    // Over all configurations D_ij averages to J_ij, and where there is nothing beyond pairs it is J_ij everywhere.
    let rbm = random(Units::Spin, 8, 5, 1.0, 12);
    let all = Array2::from_shape_fn((256, 8), |(state, i)| spin(state, i) as i8);
    let found = local_couplings(&rbm, all.view(), &[[2, 5]]).unwrap();
    assert!((found.mean[0] - couplings(&rbm).unwrap().pairs[[2, 5]]).abs() < 1e-12);
    assert!(found.deviation[0] > 1e-3);
    let (ring, beta) = decorated(Units::Spin, 8, &(0..8).map(|i| [i, (i + 1) % 8]).collect::<Vec<_>>(), 40.0);
    let found = local_couplings(&ring, all.view(), &[[2, 3], [2, 4]]).unwrap();
    for (mean, expected) in found.mean.iter().zip([80.0 - 2f64.ln(), 0.0]) {
        assert!((mean - 0.5 * expected).abs() < 1e-12, "{mean}; {beta}");
    }
    assert!(found.deviation.iter().all(|deviation| *deviation < 1e-12));
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let rbm = random(Units::Spin, 30, 25, 0.7, 13);
    let configurations = Array2::from_shape_fn((50, 30), |(n, i)| if (n * i) % 7 < 3 { 1 } else { -1 });
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            (
                couplings(&rbm).unwrap(),
                couplings_of(&rbm, &[vec![3], vec![4, 1], vec![9, 3, 7], vec![1, 2, 3, 4]]).unwrap(),
                local_couplings(&rbm, configurations.view(), &[[1, 2], [0, 29]]).unwrap(),
            )
        })
    };
    let one = on(1);
    assert!(on(2) == one && on(5) == one);
    assert!((one.0.fields[3] - one.1[0]).abs() < 1e-14 && (one.0.pairs[[1, 4]] - one.1[1]).abs() < 1e-14);
}

#[test]
fn impossible_questions_are_refused() {
    let rbm = random(Units::Spin, 4, 3, 1.0, 14);
    for set in [vec![], vec![4], vec![1, 1], vec![0, 2, 0], vec![0, 1, 2, 3, 0]] {
        assert!(matches!(couplings_of(&rbm, &[vec![0], set]), Err(CouplingError::Sites { .. })));
    }
    assert_eq!(couplings_of(&rbm, &[]), Ok(vec![]));
    let huge = machine(Units::Spin, Array2::from_elem((4, 1), 1e30), Array1::zeros(4), Array1::zeros(1));
    assert!(matches!(couplings(&huge), Err(CouplingError::TooLarge { hidden: 0, .. })));
    let mut broken = rbm.clone();
    broken.weights[[1, 2]] = f32::NAN;
    assert_eq!(couplings(&broken), Err(CouplingError::Parameters(rbm_core::ParameterError::NotFinite)));
    let mut broken = rbm.clone();
    broken.visible_bias[3] = f32::INFINITY;
    assert_eq!(couplings(&broken), Err(CouplingError::Parameters(rbm_core::ParameterError::NotFinite)));
    let mut broken = rbm.clone();
    broken.hidden_bias = Array1::zeros(2);
    assert!(matches!(
        couplings(&broken),
        Err(CouplingError::Parameters(rbm_core::ParameterError::Biases { .. }))
    ));
    let spins = |row: [i8; 4]| Array2::from_shape_vec((1, 4), row.to_vec()).unwrap();
    let local = |row, pair| local_couplings(&rbm, spins(row).view(), &[pair]);
    assert!(matches!(local([1, 0, 1, 1], [0, 1]), Err(CouplingError::NotASpin { site: 1, found: 0, .. })));
    assert!(matches!(local([1; 4], [0, 4]), Err(CouplingError::Sites { .. })));
    assert!(matches!(local([1; 4], [2, 2]), Err(CouplingError::Sites { .. })));
    let none = local_couplings(&rbm, Array2::zeros((0, 4)).view(), &[[0, 1]]);
    assert_eq!(none, Err(CouplingError::NoConfigurations));
    let other = local_couplings(&rbm, Array2::ones((1, 5)).view(), &[[0, 1]]);
    assert_eq!(other, Err(CouplingError::OtherSites { visible: 4, sites: 5 }));
    for (size, sites) in [(3, 4), (2, 5)] {
        let pairs = Array2::zeros((sites, sites));
        assert!(matches!(
            couplings_by_distance(Lattice::square(size).unwrap(), pairs.view()),
            Err(CouplingError::Lattice(_))
        ));
        assert!(encoded_temperature(Lattice::square(size).unwrap(), pairs.view()).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// The hidden units' order, and the sign of each with its bias, are no part of the law.
    #[test]
    fn hidden_units_may_be_permuted_and_flipped(
        seed in any::<u64>(),
        scale in 0.01f32..4.0,
        flips in any::<u8>(),
        turn in 0usize..6,
    ) {
        let rbm = random(Units::Spin, 6, 6, scale, seed);
        let mut other = rbm.clone();
        for a in 0..6 {
            let sign = if flips >> a & 1 == 1 { -1.0 } else { 1.0 };
            let from = (a + turn) % 6;
            other.weights.column_mut(a).assign(&(sign * &rbm.weights.column(from)));
            other.hidden_bias[a] = sign * rbm.hidden_bias[from];
        }
        let sets = sets(6);
        let (found, again) = (couplings_of(&rbm, &sets).unwrap(), couplings_of(&other, &sets).unwrap());
        for (a, b) in found.iter().zip(again) {
            prop_assert!((a - b).abs() < 1e-12 * (1.0 + f64::from(scale)));
        }
    }

    /// Flipping a visible unit changes the sign of every coupling that has it.
    #[test]
    fn a_flipped_spin_flips_its_couplings(seed in any::<u64>(), scale in 0.01f32..4.0, site in 0usize..6) {
        let rbm = random(Units::Spin, 6, 4, scale, seed);
        let mut other = rbm.clone();
        other.weights.row_mut(site).mapv_inplace(|w| -w);
        other.visible_bias[site] *= -1.0;
        let sets = sets(6);
        let (found, again) = (couplings_of(&rbm, &sets).unwrap(), couplings_of(&other, &sets).unwrap());
        for (set, (a, b)) in sets.iter().zip(found.iter().zip(again)) {
            let sign = if set.contains(&site) { -1.0 } else { 1.0 };
            prop_assert!((a - sign * b).abs() < 1e-12 * (1.0 + f64::from(scale)), "{set:?}");
        }
    }

    /// Machines of any scale against enumeration.
    #[test]
    fn any_machine_agrees_with_enumeration(
        seed in any::<u64>(),
        scale in prop_oneof![0.001f32..1.0, 1.0f32..20.0],
        visible in 1usize..8,
        hidden in 1usize..6,
        binary in any::<bool>(),
    ) {
        let rbm = random(if binary { Units::Binary } else { Units::Spin }, visible, hidden, scale, seed);
        let exact = log_weights(&rbm);
        let sets = sets(visible);
        for (set, found) in sets.iter().zip(couplings_of(&rbm, &sets).unwrap()) {
            let expected = enumerated(&exact, set);
            prop_assert!((found - expected).abs() < 1e-11 * (1.0 + f64::from(scale)), "{set:?}");
        }
    }
}
