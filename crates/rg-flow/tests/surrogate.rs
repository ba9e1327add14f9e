//! Surrogates keep what they say, and nothing else.

mod common;

use common::{agrees, ground_states, independent, machine, starts};
use datasets::{Rbm, Units};
use ndarray::{Array1, Array2, Axis};
use numerics::bits::{Bits, unit_f64};
use numerics::streams::stream;
use rg_flow::theory::ClosedMap;
use rg_flow::{FlowError, Mode, RbmFlowConfig, Surrogate, rbm_flow};

/// 16 sites, 6 hidden units, the first of which couples to all sites alike.
fn structured() -> Rbm {
    let mut bits = Bits::from_stream(&mut stream(5, "test", &[]));
    let mut rbm = machine(Array2::from_shape_fn((16, 6), |(_, a)| {
        let noise = (0.6 * unit_f64(bits.next()) - 0.3) as f32;
        if a == 0 { 0.8 + noise } else { noise }
    }));
    rbm.training_temperatures = vec![1.0];
    rbm.hidden_bias = Array1::linspace(0.0, 0.5, 6);
    rbm
}

fn sorted(mut list: Vec<f32>) -> Vec<f32> {
    list.sort_by(f32::total_cmp);
    list
}

/// The eigenvalues of W·Wᵀ are invariant if its trace and those of its square and cube are.
fn traces(weights: &Array2<f32>) -> [f64; 3] {
    let w = weights.mapv(f64::from);
    let gram = w.dot(&w.t());
    let square = gram.dot(&gram);
    [gram.diag().sum(), square.diag().sum(), square.dot(&gram).diag().sum()]
}

#[test]
fn surrogates_keep_what_they_say() {
    let rbm = structured();
    let w = &rbm.weights;
    let of = |surrogate: Surrogate| surrogate.of(&rbm, 3);
    assert_eq!(of(Surrogate::Trained), rbm);
    assert_eq!(of(Surrogate::GaussianEachStep).weights, w);

    let permuted = of(Surrogate::Permuted).weights;
    assert_eq!(sorted(permuted.iter().copied().collect()), sorted(w.iter().copied().collect()));
    assert_ne!(permuted, w);

    let sites = of(Surrogate::PermutedSites).weights;
    for (new, old) in sites.axis_iter(Axis(1)).zip(w.axis_iter(Axis(1))) {
        assert_eq!(sorted(new.to_vec()), sorted(old.to_vec()));
        assert_ne!(new, old);
    }

    let rotated = of(Surrogate::SingularValues).weights;
    for (new, old) in traces(&rotated).into_iter().zip(traces(w)) {
        assert!((new / old - 1.0).abs() < 1e-5, "{new} {old}");
    }
    assert!((rotated[[0, 0]] - w[[0, 0]]).abs() > 1e-3);

    // The best approximation of rank r leaves the other singular values: traces of what is left, and of it all.
    let [all, ..] = traces(w);
    let [rank_one, rank_one_square, _] = traces(&of(Surrogate::Rank(1)).weights);
    assert!((rank_one * rank_one / rank_one_square - 1.0).abs() < 1e-5, "one singular value");
    let [left, ..] = traces(&(w - &of(Surrogate::Rank(1)).weights));
    assert!((rank_one + left - all).abs() < 1e-4, "{rank_one} {left} {all}");
    // ‖W x‖ of any unit vector is no more than the largest singular value.
    let uniform = w.mapv(f64::from).sum_axis(Axis(0)).mapv(|x| x * x).sum() / 16.0;
    assert!(rank_one >= uniform && uniform > 0.9 * rank_one);
    let full = of(Surrogate::Rank(100)).weights;
    assert!((&full - w).iter().all(|x| x.abs() < 1e-6));

    for surrogate in [Surrogate::Gaussian, Surrogate::Permuted, Surrogate::Rank(1)] {
        let new = surrogate.of(&rbm, 3);
        assert_eq!((&new.hidden_bias, new.units), (&rbm.hidden_bias, rbm.units));
        assert!(new.training_temperatures.is_empty(), "it was not trained");
        assert_eq!(new, surrogate.of(&rbm, 3), "the seed says it all");
    }
    assert_ne!(of(Surrogate::Gaussian), Surrogate::Gaussian.of(&rbm, 4));
}

#[test]
fn gaussian_weights_have_the_moments() {
    let rbm = machine(Array2::from_shape_fn((300, 200), |(i, a)| if (i + a) % 3 == 0 { 0.7 } else { -0.2 }));
    let new = Surrogate::Gaussian.of(&rbm, 1).weights.mapv(f64::from);
    let n = new.len() as f64;
    let (mean, deviation) = (0.1, 0.9 * 2f64.sqrt() / 3.0);
    agrees(new.mean().expect("weights"), deviation / n.sqrt(), mean, "mean");
    let variance = new.mapv(|w| (w - mean).powi(2)).mean().expect("weights");
    let exact = deviation * deviation;
    agrees(variance, exact * (2.0 / n).sqrt(), exact, "variance");
    // Normal: the fourth moment is three times the square of the second.
    let fourth = new.mapv(|w| (w - mean).powi(4)).mean().expect("weights");
    agrees(fourth, exact * exact * (96.0 / n).sqrt(), 3.0 * exact * exact, "fourth moment");
}

/// A. Veiga and R. Vicente, arXiv:2006.10176: 0/1 units without biases, n = 10⁴, W from N(−.001, .0015) drawn anew at
/// each half step: |m| = .59389; the closed map has .59297. The map depends on n μ and n σ² alone, and n = 1600 is near
/// enough: corrections are of the order of 1/n.
#[test]
fn weights_drawn_anew_have_the_published_fixed_point() {
    let (size, chains) = (40, 150);
    let n = size * size;
    let mut weights = Array2::from_shape_fn((n, n), |(i, a)| if (i + a) % 2 == 0 { 1f32 } else { -1.0 });
    let deviation = (15.0 / n as f64).sqrt();
    weights.mapv_inplace(|sign| (-10.0 / n as f64 + deviation * f64::from(sign)) as f32);
    let rbm = Rbm { units: Units::Binary, ..machine(weights) };
    let ensembles = [(0.0, ground_states(size, chains)), (f64::INFINITY, independent(size, chains, 0.5, 1))];
    let config = RbmFlowConfig {
        steps: 60,
        chains,
        snapshots: 1,
        weights: Surrogate::GaussianEachStep,
        ..RbmFlowConfig::default()
    };
    let flow = rbm_flow(&config, &rbm, &starts(size, &ensembles), &(), &()).expect("runs");
    let map = ClosedMap { visible: n, hidden: n, mean: -10.0 / n as f64, variance: 15.0 / n as f64 };
    let [(fraction, _)] = map.fixed_points()[..] else { panic!("one fixed point") };
    assert!(((2.0 * fraction - 1.0).abs() - 0.59297).abs() < 5e-6);
    for start in 0..2 {
        let m = flow.magnetization.value[[start, 60]];
        assert!((m - (2.0 * fraction - 1.0)).abs() < 0.005, "{m}");
        assert!((m.abs() - 0.59389).abs() < 0.005, "{m}");
    }
    assert_eq!(flow.prediction, None, "the map of a machine is not theirs");
}

/// Spins: m′ = E tanh of a field of variance σ² n without mean, so that a step forgets all, whatever the weights were.
#[test]
fn weights_of_spins_drawn_anew_forget_at_once() {
    let rbm = machine(Array2::from_shape_fn((16, 8), |(i, a)| if (i + a) % 2 == 0 { 1.5 } else { -1.5 }));
    let n = 4000;
    let spins = starts(4, &[(0.0, ground_states(4, n))]);
    let config =
        RbmFlowConfig { steps: 1, chains: n, weights: Surrogate::GaussianEachStep, ..Default::default() };
    let flow = rbm_flow(&config, &rbm, &spins, &(), &()).expect("runs");
    let (m, error) = (flow.squared_magnetization.value[[0, 1]], flow.squared_magnetization.error[[0, 1]]);
    agrees(m, error, 1.0 / 16.0, "m²");
    let config = RbmFlowConfig { mode: Mode::MeanField, ..config };
    assert!(matches!(config.check(), Err(FlowError::Setting { name: "mode", .. })));
}
