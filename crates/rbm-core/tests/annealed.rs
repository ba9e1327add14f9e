//! Annealed importance sampling in both directions against exact partition functions.

mod common;

use common::{ising, machine};
use datasets::Units;
use rbm_core::likelihood::{AnnealConfig, LikelihoodError, anneal, log_partition};
use rbm_core::{Algorithm, TrainConfig, Trainer};

/// Random machines of both units with and without biases: the estimates in both directions are within 4.5 standard
/// errors (false alarm 7·10⁻⁶ each for normal errors, fixed seeds).
#[test]
fn bounds_agree_with_enumeration() {
    for (case, (units, visible, hidden, scale, biases)) in [
        (Units::Spin, 16, 10, 0.3, false),
        (Units::Spin, 12, 20, 0.4, true),
        (Units::Binary, 16, 12, 1.0, true),
        (Units::Binary, 25, 9, 0.8, false),
    ]
    .into_iter()
    .enumerate()
    {
        let rbm = machine(units, visible, hidden, scale, biases, case as u64);
        let exact = log_partition(&rbm).unwrap();
        let config = AnnealConfig { chains: 300, steps: 300, burn_in: 50, seed: case as u64 };
        let annealed = anneal(&rbm, None, &config).unwrap();
        println!("case {case}: exact {exact}, {annealed:?}");
        for bound in [annealed.lower, annealed.upper] {
            assert!(bound.error > 0.0 && bound.error < 0.2, "{bound:?}");
            let deviation = (bound.log_partition - exact) / bound.error;
            assert!(deviation.abs() < 4.5, "case {case}: {deviation} standard errors, {bound:?}");
        }
        assert!((annealed.log_partition - exact).abs() < 4.5 * annealed.error, "case {case}");
    }
}

/// A machine trained below the critical temperature has two modes; chains that start at the data and chains that come
/// from high temperature must agree on it.
#[test]
fn trained_machine_agrees_with_enumeration() {
    let spins = ising(4, &[1.8, 2.4], 300, 1);
    let config = TrainConfig {
        hidden: 12,
        epochs: 60,
        batch_size: 50,
        learning_rate: 0.05,
        algorithm: Algorithm::Pcd,
        ..Default::default()
    };
    let mut trainer = Trainer::new(&config, &spins).unwrap();
    while !trainer.finished() {
        trainer.advance().unwrap();
    }
    let rbm = trainer.finish();
    let exact = log_partition(&rbm).unwrap();
    let config = AnnealConfig { chains: 300, steps: 1000, burn_in: 100, seed: 4 };
    let annealed = anneal(&rbm, Some(spins.samples.view()), &config).unwrap();
    println!("exact {exact}, {annealed:?}");
    for bound in [annealed.lower, annealed.upper] {
        assert!((bound.log_partition - exact).abs() < 4.5 * bound.error, "{exact} against {bound:?}");
    }
}

/// Far too few steps for strong couplings: no number, but the bounds and the cure.
#[test]
fn unconverged_annealing_says_so() {
    let rbm = machine(Units::Spin, 64, 64, 2.0, false, 1);
    let config = AnnealConfig { chains: 100, steps: 3, burn_in: 0, seed: 1 };
    let error = anneal(&rbm, None, &config).unwrap_err();
    let LikelihoodError::NotConverged { lower, upper, .. } = error else { panic!("{error}") };
    assert!(lower.log_partition < upper.log_partition);
    assert!(error.to_string().contains("raise `steps` above 3"), "{error}");
}

#[test]
fn impossible_settings_are_refused() {
    let rbm = machine(Units::Spin, 4, 3, 0.1, false, 1);
    for (config, expected) in [
        (AnnealConfig { chains: 1, ..Default::default() }, "`chains`"),
        (AnnealConfig { steps: 0, ..Default::default() }, "`steps`"),
    ] {
        let error = anneal(&rbm, None, &config).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let starts = ndarray::Array2::ones((3, 5));
    let error = anneal(&rbm, Some(starts.view()), &AnnealConfig::default()).unwrap_err();
    assert_eq!(error, LikelihoodError::WrongSites { found: 5, expected: 4 });
}

#[test]
fn number_of_threads_does_not_matter() {
    let rbm = machine(Units::Spin, 9, 7, 0.4, true, 2);
    let config = AnnealConfig { chains: 200, steps: 50, burn_in: 5, seed: 3 };
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| anneal(&rbm, None, &config).unwrap())
    };
    assert_eq!(with(1), with(3));
}
