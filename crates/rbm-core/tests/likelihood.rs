//! Energies, free energies and likelihoods against sums over all states.

mod common;

use common::{all_configurations, log_weights, machine, unit};
use datasets::Units;
use rbm_core::likelihood::pseudo_log_likelihood;
use rbm_core::model;

const CASES: [(Units, usize, usize, f64, bool); 8] = [
    (Units::Spin, 4, 3, 0.8, false),
    (Units::Spin, 4, 3, 0.8, true),
    (Units::Binary, 4, 3, 1.5, true),
    (Units::Binary, 3, 5, 1.5, false),
    (Units::Spin, 2, 7, 0.5, true),
    (Units::Spin, 6, 1, 3.0, true),
    (Units::Spin, 1, 9, 1.0, true),
    (Units::Binary, 5, 9, 4.0, true),
];

#[test]
fn free_energy_and_means_are_sums_over_hidden_states() {
    for (case, (units, visible, hidden, scale, biases)) in CASES.into_iter().enumerate() {
        let rbm = machine(units, visible, hidden, scale, biases, case as u64);
        let (logs, _) = log_weights(&rbm);
        let configurations = all_configurations(visible);
        let free_energy = model::free_energy(&rbm, configurations.view());
        for (found, expected) in free_energy.iter().zip(&logs) {
            assert!((found + expected).abs() < 1e-10, "case {case}: {found} against {}", -expected);
        }
        let means = model::hidden_means(&rbm, configurations.view());
        let states = all_configurations(hidden);
        for (v, means) in configurations.rows().into_iter().zip(means.rows()) {
            let v: Vec<f64> = v.iter().map(|&s| unit(units, s)).collect();
            let (mut sum, mut weighted) = (0.0, vec![0.0; hidden]);
            for h in states.rows() {
                let h: Vec<f64> = h.iter().map(|&s| unit(units, s)).collect();
                let weight = (-common::energy(&rbm, &v, &h)).exp();
                let ours = model::energy(&rbm, ndarray::aview1(&v), ndarray::aview1(&h));
                assert!((ours - common::energy(&rbm, &v, &h)).abs() < 1e-12);
                sum += weight;
                weighted.iter_mut().zip(&h).for_each(|(w, h)| *w += weight * h);
            }
            for (found, expected) in means.iter().zip(weighted.iter().map(|w| w / sum)) {
                assert!((found - expected).abs() < 1e-10, "case {case}: {found} against {expected}");
            }
        }
    }
}

#[test]
fn pseudo_likelihood_is_a_product_of_conditional_probabilities() {
    for (case, (units, visible, hidden, scale, biases)) in CASES.into_iter().enumerate() {
        let rbm = machine(units, visible, hidden, scale, biases, 100 + case as u64);
        let (logs, _) = log_weights(&rbm);
        let configurations = all_configurations(visible);
        let of_site = |row: usize, site: usize| -(1.0 + (logs[row ^ (1 << site)] - logs[row]).exp()).ln();
        let count = configurations.nrows() as f64;
        let of_row = |row| (0..visible).map(|site| of_site(row, site)).sum::<f64>();
        let values: Vec<f64> = (0..configurations.nrows()).map(of_row).collect();
        let expected = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - expected).powi(2)).sum();
        let error = (squares / (count * (count - 1.0))).sqrt();
        let found = pseudo_log_likelihood(&rbm, configurations.view());
        // The hidden fields are single precision.
        assert!((found.total - expected).abs() < 1e-5 * (1.0 + expected.abs()), "case {case}");
        assert!((found.error - error).abs() < 1e-5 * (1.0 + error), "case {case}: {}", found.error);
        assert!((found.per_spin * visible as f64 - found.total).abs() < 1e-12);
    }
}

/// Weights so large, or so many, that the products of factors overflow unless they are treated with care.
#[test]
fn pseudo_likelihood_survives_large_weights() {
    for (hidden, scale) in [(40, 200.0), (700, 0.9), (1001, 2.0), (50, 30.0)] {
        let rbm = machine(Units::Spin, 6, hidden, scale, true, 3);
        let configurations = all_configurations(6);
        let free_energy = model::free_energy(&rbm, configurations.view());
        let mut sum = 0.0;
        for row in 0..configurations.nrows() {
            for site in 0..6 {
                let rise = free_energy[row] - free_energy[row ^ (1 << site)];
                sum -= if rise > 700.0 { rise } else { rise.exp().ln_1p() };
            }
        }
        let expected = sum / configurations.nrows() as f64;
        let found = pseudo_log_likelihood(&rbm, configurations.view()).total;
        assert!((found / expected - 1.0).abs() < 2e-5, "{hidden}, {scale}: {found} against {expected}");
    }
}
