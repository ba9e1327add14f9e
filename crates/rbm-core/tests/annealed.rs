//! Annealed importance sampling in both directions against exact partition functions.

mod common;

use common::{ising, machine};
use datasets::Units;
use rbm_core::likelihood::{
    AnnealConfig, LOWER_LIMIT_RISK, LikelihoodError, anneal, log_partition, lower_limit,
};
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

/// Thousands of hidden units above a few visible ones, so that ln Z is known: falling chains that start far from the
/// machine's distribution end below the growing ones and below the truth. Neither that estimate nor its error is then
/// printed.
#[test]
fn what_has_not_converged_is_no_bound() {
    let mut contradictions = 0;
    for seed in 0..4 {
        let rbm = machine(Units::Spin, 12, 3000, 0.12, false, seed);
        let exact = log_partition(&rbm).unwrap();
        let starts =
            ndarray::Array2::from_shape_fn((12, 12), |(row, site)| if site <= row { 1i8 } else { -1 });
        let config = AnnealConfig { chains: 100, steps: 200, burn_in: 0, seed };
        match anneal(&rbm, Some(starts.view()), &config) {
            Ok(found) => {
                assert!((found.log_partition - exact).abs() < 4.5 * found.error, "{found:?} {exact}")
            }
            Err(error) => {
                let text = error.to_string();
                let LikelihoodError::NotConverged { lower, upper, .. } = error else { panic!("{text}") };
                println!("exact {exact}, {lower:?}, {upper:?}");
                assert!(lower_limit(lower.log_partition) < exact);
                assert!(
                    text.contains(&format!("at least {:.2}", lower_limit(lower.log_partition))),
                    "{text}"
                );
                assert!(!text.contains(&format!("{:.2}", upper.log_partition)), "{text}");
                if upper.log_partition < lower.log_partition {
                    contradictions += 1;
                    assert!(text.contains("`burn_in` above 0"), "{text}");
                }
            }
        }
    }
    assert!(contradictions > 0, "the case that this test is about");
}

/// By Markov's inequality Ẑ > 20 Z has a probability of at most 1/20, and ln 20 = 2.995732273553991.
#[test]
fn the_lower_limit_is_ln_20_below() {
    assert!((lower_limit(7.0) - (7.0 - 2.995_732_273_553_991)).abs() < 1e-14);
}

/// The limit holds at its confidence however badly the chains have converged: of 200 annealings of 3 steps at most 5 %
/// and 4.5 standard deviations are above the truth.
#[test]
fn lower_limit_holds_without_convergence() {
    let (trials, mut above, mut unconverged) = (200u32, 0u32, 0u32);
    for seed in 0..trials {
        let rbm = machine(Units::Spin, 10, 40, 1.5, true, u64::from(seed));
        let exact = log_partition(&rbm).unwrap();
        let config = AnnealConfig { chains: 10, steps: 3, burn_in: 0, seed: u64::from(seed) };
        let lower = match anneal(&rbm, None, &config) {
            Ok(found) => found.lower,
            Err(LikelihoodError::NotConverged { lower, .. }) => {
                unconverged += 1;
                lower
            }
            Err(error) => panic!("{error}"),
        };
        above += u32::from(lower_limit(lower.log_partition) > exact);
    }
    let n = f64::from(trials);
    let most = LOWER_LIMIT_RISK * n + 4.5 * (LOWER_LIMIT_RISK * n).sqrt();
    assert!(f64::from(above) <= most, "{above}");
    assert!(unconverged > trials / 2, "{unconverged}");
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
