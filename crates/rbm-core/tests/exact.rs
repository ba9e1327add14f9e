//! Exact sums against brute force over both layers, and gradients against finite differences.

mod common;

use common::{all_configurations, log_likelihood, log_weights, machine, unit};
use datasets::Units;
use ndarray::Array2;
use rbm_core::SpinParameters;
use rbm_core::likelihood::{LikelihoodError, gradient, log_partition, mean_log_likelihood, moments};

const CASES: [(Units, usize, usize, f64, bool); 8] = [
    (Units::Spin, 4, 3, 0.8, false),
    (Units::Spin, 3, 4, 0.8, true),
    (Units::Binary, 4, 3, 1.5, true),
    (Units::Binary, 3, 5, 1.5, false),
    (Units::Spin, 2, 7, 0.5, true),
    (Units::Spin, 6, 1, 3.0, true),
    (Units::Spin, 1, 9, 1.0, true),
    (Units::Binary, 5, 5, 4.0, true),
];

/// ln p(v) of any machine is that of its spin parameters, b·v + Σ_a ln 2 cosh(c_a + Σ_i W_ia v_i) up to a constant.
#[test]
fn spin_parameters_have_the_law_of_the_machine() {
    for (case, (units, visible, hidden, scale, biases)) in CASES.into_iter().enumerate() {
        let rbm = machine(units, visible, hidden, scale, biases, case as u64);
        let (expected, total) = log_weights(&rbm);
        let spins = SpinParameters::of(&rbm).unwrap();
        let log_weight = |v: ndarray::ArrayView1<i8>| {
            let v: Vec<f64> = v.iter().map(|&s| f64::from(s)).collect();
            let fields = (0..hidden).map(|a| {
                spins.hidden_bias[a] + v.iter().zip(spins.weights.column(a)).map(|(v, w)| v * w).sum::<f64>()
            });
            v.iter().zip(&spins.visible_bias).map(|(v, b)| v * b).sum::<f64>()
                + fields.map(|field| (2.0 * field.cosh()).ln()).sum::<f64>()
        };
        let found: Vec<f64> = all_configurations(visible).rows().into_iter().map(log_weight).collect();
        let sum = found.iter().map(|l| l.exp()).sum::<f64>().ln();
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - sum - (expected - total)).abs() < 1e-11, "case {case}");
        }
        // Without biases a machine of spins has a law without a preferred direction, one of 0 and 1 has not.
        assert_eq!(spins.is_symmetric(), units == Units::Spin && !biases, "case {case}");
    }
}

#[test]
fn partition_function_and_moments_are_brute_force_sums() {
    for (case, (units, visible, hidden, scale, biases)) in CASES.into_iter().enumerate() {
        let rbm = machine(units, visible, hidden, scale, biases, case as u64);
        let (_, expected) = log_weights(&rbm);
        let found = log_partition(&rbm).unwrap();
        assert!((found - expected).abs() < 1e-11, "case {case}: {found} against {expected}");
        let moments = moments(&rbm).unwrap();
        assert_eq!(moments.log_partition, found);
        let mut expected = Array2::<f64>::zeros((visible, hidden));
        let (mut expected_visible, mut expected_hidden) = (vec![0.0; visible], vec![0.0; hidden]);
        for v in all_configurations(visible).rows() {
            let v: Vec<f64> = v.iter().map(|&s| unit(units, s)).collect();
            for h in all_configurations(hidden).rows() {
                let h: Vec<f64> = h.iter().map(|&s| unit(units, s)).collect();
                let p = (-common::energy(&rbm, &v, &h) - found).exp();
                for i in 0..visible {
                    expected_visible[i] += p * v[i];
                    for a in 0..hidden {
                        expected[[i, a]] += p * v[i] * h[a];
                    }
                }
                (0..hidden).for_each(|a| expected_hidden[a] += p * h[a]);
            }
        }
        for (found, expected) in moments
            .product
            .iter()
            .zip(&expected)
            .chain(moments.visible.iter().zip(&expected_visible))
            .chain(moments.hidden.iter().zip(&expected_hidden))
        {
            assert!((found - expected).abs() < 1e-11, "case {case}: {found} against {expected}");
        }
    }
}

/// More enumerated units than change within a block, from both sides: the sum over h of one machine is the sum over v of
/// its transpose.
#[test]
fn layers_may_be_exchanged() {
    let rbm = machine(Units::Spin, 17, 13, 0.3, true, 5);
    let mut exchanged = rbm.clone();
    exchanged.weights = rbm.weights.t().as_standard_layout().into_owned();
    std::mem::swap(&mut exchanged.visible_bias, &mut exchanged.hidden_bias);
    let (ours, theirs) = (moments(&rbm).unwrap(), moments(&exchanged).unwrap());
    assert!((ours.log_partition - theirs.log_partition).abs() < 1e-12);
    for (a, b) in ours.product.iter().zip(theirs.product.t()) {
        assert!((a - b).abs() < 1e-12);
    }
    // Against the probability of each configuration: the mean of each spin, by free energies.
    let configurations = all_configurations(17);
    let free_energy = rbm_core::model::free_energy(&rbm, configurations.view());
    let mut total = 0.0;
    let mut mean = [0.0; 17];
    for (v, f) in configurations.rows().into_iter().zip(&free_energy) {
        let p = (-f - ours.log_partition).exp();
        total += p;
        mean.iter_mut().zip(v).for_each(|(mean, &spin)| *mean += p * f64::from(spin));
    }
    assert!((total - 1.0).abs() < 1e-11, "probabilities sum up to {total}");
    for (found, expected) in ours.visible.iter().zip(mean) {
        assert!((found - expected).abs() < 1e-11);
    }
}

#[test]
fn gradient_is_the_finite_difference_of_the_likelihood() {
    for (case, (units, visible, hidden, scale, biases)) in CASES.into_iter().enumerate() {
        let rbm = machine(units, visible, hidden, scale, biases, 20 + case as u64);
        let all = all_configurations(visible);
        let rows: Vec<usize> = (0..7).map(|k| (k * 5 + case) % all.nrows()).collect();
        let spins = all.select(ndarray::Axis(0), &rows);
        let gradient = gradient(&rbm, spins.view()).unwrap();
        assert!((gradient.log_likelihood - log_likelihood(&rbm, spins.view())).abs() < 1e-10);
        // The parameters are single precision: steps of 2⁻⁷ in either direction, as they come out.
        let slope = |change: &dyn Fn(&mut datasets::Rbm) -> &mut f32| {
            let (mut up, mut down) = (rbm.clone(), rbm.clone());
            *change(&mut up) += 1.0 / 128.0;
            *change(&mut down) -= 1.0 / 128.0;
            let width = f64::from(*change(&mut up)) - f64::from(*change(&mut down));
            (log_likelihood(&up, spins.view()) - log_likelihood(&down, spins.view())) / width
        };
        // The error of the central difference is about step²/6 times the third derivative.
        let tolerance = 1e-4 * (1.0 + scale);
        for i in 0..visible {
            for a in 0..hidden {
                let expected = slope(&|rbm| &mut rbm.weights[[i, a]]);
                let found = gradient.weights[[i, a]];
                assert!((found - expected).abs() < tolerance, "case {case}, W: {found} against {expected}");
            }
            let (found, expected) = (gradient.visible_bias[i], slope(&|rbm| &mut rbm.visible_bias[i]));
            assert!((found - expected).abs() < tolerance, "case {case}, b: {found} against {expected}");
        }
        for a in 0..hidden {
            let (found, expected) = (gradient.hidden_bias[a], slope(&|rbm| &mut rbm.hidden_bias[a]));
            assert!((found - expected).abs() < tolerance, "case {case}, c: {found} against {expected}");
        }
    }
}

/// Σ_v p(v) = 1 with the largest layer that is enumerated and weights of both signs and great size.
#[test]
fn large_weights_do_not_overflow() {
    let mut rbm = machine(Units::Spin, 30, 2, 1.0, true, 1);
    rbm.weights.mapv_inplace(|w| w * 1e3);
    let weights = rbm.weights.mapv(f64::from);
    // ln of the sum over four states of h, of terms near e^30000.
    let logs: Vec<f64> = all_configurations(2)
        .rows()
        .into_iter()
        .map(|h| {
            let mut log = 0.0;
            for a in 0..2 {
                log += f64::from(h[a]) * f64::from(rbm.hidden_bias[a]);
            }
            for i in 0..30 {
                let field: f64 = (0..2).map(|a| weights[[i, a]] * f64::from(h[a])).sum();
                let x = field + f64::from(rbm.visible_bias[i]);
                log += x.abs() + (-2.0 * x.abs()).exp().ln_1p();
            }
            log
        })
        .collect();
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let expected = largest + logs.iter().map(|l| (l - largest).exp()).sum::<f64>().ln();
    let found = log_partition(&rbm).unwrap();
    assert!((found / expected - 1.0).abs() < 1e-14, "{found} against {expected}");
}

#[test]
fn machines_that_are_too_large_are_refused_with_the_alternative() {
    let rbm = machine(Units::Spin, 25, 21, 0.1, false, 1);
    let error = log_partition(&rbm).unwrap_err();
    assert_eq!(error, LikelihoodError::TooLarge { smaller: 21 });
    let text = error.to_string();
    assert!(text.contains("up to 20") && text.contains("annealed importance sampling"), "{text}");
    let rbm = machine(Units::Spin, 4, 3, 0.1, false, 1);
    let error = mean_log_likelihood(&rbm, Array2::ones((2, 5)).view(), 0.0).unwrap_err();
    assert_eq!(error, LikelihoodError::WrongSites { found: 5, expected: 4 });
    let error = gradient(&rbm, Array2::ones((0, 4)).view()).unwrap_err();
    assert_eq!(error, LikelihoodError::NoConfigurations);
}

#[test]
fn number_of_threads_does_not_matter() {
    let rbm = machine(Units::Binary, 14, 20, 0.5, true, 2);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| moments(&rbm).unwrap())
    };
    assert_eq!(with(1), with(3));
}
