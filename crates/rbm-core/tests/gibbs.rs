//! Gibbs chains against sums over all states.

mod common;

use common::{all_configurations, index, log_weights, machine};
use datasets::Units;
use ndarray::Array2;
use numerics::vector::{Width, limit_width};
use rbm_core::gibbs::{Chains, GibbsError, Mode};
use statrs::distribution::{ChiSquared, ContinuousCDF};

#[test]
fn steps_are_counted() {
    let rbm = machine(Units::Spin, 3, 2, 0.5, true, 1);
    let mut chains = Chains::new(&rbm, Array2::ones((2, 3)).view(), Mode::Sampled, 1).unwrap();
    let counted: Vec<u64> = (0..3)
        .map(|_| {
            chains.step();
            chains.steps()
        })
        .collect();
    assert_eq!(counted, [1, 2, 3]);
}

/// Independent chains (one reading of each after 40 steps from a random start) against the exact distribution of the
/// configurations. Each of the four tests alarms falsely with probability 10⁻⁴ (fixed seeds).
#[test]
fn stationary_law_is_the_model() {
    for (case, (units, visible, hidden, scale, biases)) in [
        (Units::Spin, 5, 3, 0.7, true),
        (Units::Spin, 4, 4, 0.6, false),
        (Units::Binary, 5, 4, 1.5, true),
        (Units::Binary, 4, 6, 1.2, false),
    ]
    .into_iter()
    .enumerate()
    {
        let rbm = machine(units, visible, hidden, scale, biases, case as u64);
        let chains = 20_000;
        let mut bits = common::generator(case as u64 + 50);
        let start =
            Array2::from_shape_simple_fn((chains, visible), || if bits.next() >> 63 == 0 { 1 } else { -1 });
        let mut chains_state = Chains::new(&rbm, start.view(), Mode::Sampled, 9).unwrap();
        for _ in 0..40 {
            chains_state.step();
        }
        let mut counts = vec![0.0; 1 << visible];
        for row in chains_state.spins().rows() {
            counts[index(row)] += 1.0;
        }
        let (logs, total) = log_weights(&rbm);
        let chi_squared: f64 = logs
            .iter()
            .zip(&counts)
            .map(|(log, count)| {
                let expected = chains as f64 * (log - total).exp();
                assert!(expected > 5.0, "too few expected for a χ² test: {expected}");
                (count - expected) * (count - expected) / expected
            })
            .sum();
        let degrees = counts.len() as f64 - 1.0;
        let p = ChiSquared::new(degrees).unwrap().sf(chi_squared);
        assert!(p > 1e-4, "case {case}: χ² = {chi_squared} with {degrees} degrees of freedom, p = {p}");
    }
}

/// One step from a fixed start against the exact transition probabilities Σ_h p(v'|h) p(h|v): a stationary law alone
/// would not notice a step that does not move.
#[test]
fn one_step_has_the_exact_transition_probabilities() {
    let rbm = machine(Units::Spin, 4, 3, 0.8, true, 1);
    let chains = 40_000;
    let start = Array2::from_elem((chains, 4), 1i8);
    let mut state = Chains::new(&rbm, start.view(), Mode::Sampled, 3).unwrap();
    state.step();
    let mut counts = [0.0; 16];
    for row in state.spins().rows() {
        counts[index(row)] += 1.0;
    }
    let weights = rbm.weights.mapv(f64::from);
    let (visible, hidden) = (all_configurations(4), all_configurations(3));
    let probability = |field: f64, spin: i8| 1.0 / (1.0 + (-2.0 * field * f64::from(spin)).exp());
    let mut chi_squared = 0.0;
    for (v, count) in visible.rows().into_iter().zip(counts) {
        let mut expected = 0.0;
        for h in hidden.rows() {
            let mut p = chains as f64;
            for a in 0..3 {
                p *= probability(weights.column(a).sum() + f64::from(rbm.hidden_bias[a]), h[a]);
            }
            for i in 0..4 {
                let field: f64 = (0..3).map(|a| weights[[i, a]] * f64::from(h[a])).sum();
                p *= probability(field + f64::from(rbm.visible_bias[i]), v[i]);
            }
            expected += p;
        }
        chi_squared += (count - expected) * (count - expected) / expected;
    }
    let p = ChiSquared::new(15.0).unwrap().sf(chi_squared);
    assert!(p > 1e-4, "χ² = {chi_squared}, p = {p}");
}

#[test]
fn mean_field_steps_are_the_formula() {
    for units in [Units::Spin, Units::Binary] {
        let rbm = machine(units, 5, 3, 0.7, true, 2);
        let start = all_configurations(5);
        let mut chains = Chains::new(&rbm, start.view(), Mode::MeanField, 1).unwrap();
        let mut v = start.mapv(|s| common::unit(units, s));
        let f = |x: f64| match units {
            Units::Spin => x.tanh(),
            Units::Binary => 1.0 / (1.0 + (-x).exp()),
        };
        let weights = rbm.weights.mapv(f64::from);
        for _ in 0..3 {
            chains.step();
            let h = (v.dot(&weights) + &rbm.hidden_bias.mapv(f64::from)).mapv(f);
            v = (h.dot(&weights.t()) + &rbm.visible_bias.mapv(f64::from)).mapv(f);
        }
        let expected = if units == Units::Spin { v } else { v.mapv(|p| 2.0 * p - 1.0) };
        for ((found, spin), expected) in chains.means().iter().zip(&chains.spins()).zip(&expected) {
            assert!((f64::from(*found) - expected).abs() < 1e-5);
            assert_eq!(f64::from(*spin), expected.signum());
        }
    }
}

/// Without couplings all means are exactly 0: the read-out is then a fair coin (within 4.5 standard errors), and reading
/// twice gives the same.
#[test]
fn mean_field_ties_are_fair() {
    let mut rbm = machine(Units::Spin, 4, 2, 0.5, false, 2);
    rbm.weights.fill(0.0);
    let mut chains = Chains::new(&rbm, Array2::from_elem((5000, 4), 1).view(), Mode::MeanField, 1).unwrap();
    chains.step();
    let spins = chains.spins();
    let sum: i32 = spins.iter().map(|&s| i32::from(s)).sum();
    assert!(f64::from(sum.abs()) < 4.5 * 20_000f64.sqrt(), "{sum}");
    assert_eq!(spins, chains.spins());
}

#[test]
fn number_of_threads_does_not_matter() {
    let rbm = machine(Units::Spin, 9, 7, 0.5, true, 2);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let start = Array2::from_elem((700, 9), 1i8);
            let mut chains = Chains::new(&rbm, start.view(), Mode::Sampled, 1).unwrap();
            (0..20).for_each(|_| chains.step());
            chains.spins()
        })
    };
    assert_eq!(with(1), with(4));
}

#[test]
fn vector_width_does_not_matter() {
    let start = Array2::from_elem((150, 9), 1i8);
    for (units, mode) in
        [(Units::Spin, Mode::Sampled), (Units::Binary, Mode::Sampled), (Units::Spin, Mode::MeanField)]
    {
        let rbm = machine(units, 9, 7, 0.5, true, 2);
        let with = |width| {
            limit_width(width);
            let mut chains = Chains::new(&rbm, start.view(), mode, 1).unwrap();
            (0..10).for_each(|_| chains.step());
            limit_width(Width::Avx512);
            chains.means()
        };
        let widest = with(Width::Avx512);
        assert_eq!(widest, with(Width::Avx2));
        assert_eq!(widest, with(Width::Portable));
    }
}

#[test]
fn unfit_starts_are_refused() {
    let rbm = machine(Units::Spin, 4, 2, 0.5, false, 2);
    let error = Chains::new(&rbm, Array2::from_elem((3, 5), 1).view(), Mode::Sampled, 1).unwrap_err();
    assert_eq!(error, GibbsError::WrongSites { found: 5, expected: 4 });
    let mut start = Array2::from_elem((3, 4), 1i8);
    start[[2, 1]] = i8::MIN;
    let error = Chains::new(&rbm, start.view(), Mode::Sampled, 1).unwrap_err();
    assert_eq!(error, GibbsError::NotASpin { chain: 2, site: 1, found: -128 });
}
