//! The likelihood of a file of configurations against sums over all states.

mod common;

use common::{all_configurations, ising, log_likelihood, log_weights, machine, spins};
use datasets::{Artifact, Likelihood, LikelihoodMethod, Rbm, Units};
use ndarray::{Array2, Axis};
use rbm_core::likelihood::{
    DataLaw, EXACT_LIMIT, LikelihoodConfig, LikelihoodError, PartitionMethod, measure,
};

fn annealed(seed: u64) -> LikelihoodConfig {
    LikelihoodConfig {
        method: PartitionMethod::Annealed,
        chains: 300,
        steps: 300,
        burn_in: 50,
        seed,
        ..LikelihoodConfig::default()
    }
}

#[test]
fn exact_values_are_those_of_brute_force() {
    for (units, biases) in [(Units::Spin, false), (Units::Binary, true)] {
        let rbm = machine(units, 9, 5, 0.7, biases, 3);
        let file = ising(3, &[1.5, 3.0], 40, 5);
        let config = LikelihoodConfig::default();
        let selection = config.select(&rbm, &file).unwrap();
        assert_eq!(selection.components, [(1.5, 0.5), (3.0, 0.5)]);
        let found = measure(&config, &rbm, &file, &selection, None).unwrap();
        assert_eq!((found.method, found.configurations), (LikelihoodMethod::Exact, 80));
        let value = found.log_likelihood.unwrap();
        assert!((value.value - log_likelihood(&rbm, file.samples.view())).abs() < 1e-10);
        assert_eq!(found.log_partition.unwrap().error, 0.0);
        assert_eq!(value.error, found.mean_free_energy.error);
        assert_eq!((found.excess, found.data_bound, found.lower), (None, None, None));
        assert_eq!(Likelihood::from_tree(&found.to_tree()).unwrap(), found);
    }
}

/// Every configuration once, under the uniform law: the excess is the divergence Σ (1/n) ln((1/n) / p) without any
/// error of sampling.
#[test]
fn excess_is_the_divergence_from_the_law() {
    let rbm = machine(Units::Spin, 9, 4, 0.5, true, 8);
    let file = spins(3, vec![1.0], all_configurations(9), vec![0; 512]);
    let config = LikelihoodConfig::default();
    let selection = config.select(&rbm, &file).unwrap();
    let uniform = -512f64.ln();
    let law = DataLaw { log_probability: vec![uniform; 512], bound: Some(uniform) };
    let found = measure(&config, &rbm, &file, &selection, Some(&law)).unwrap();
    let (logs, total) = log_weights(&rbm);
    let divergence = logs.iter().map(|log| (uniform - (log - total)) / 512.0).sum::<f64>();
    assert!(divergence > 0.0);
    let excess = found.excess.unwrap();
    assert!((excess.value - divergence).abs() < 1e-11);
    let likelihood = found.log_likelihood.unwrap();
    assert!((found.data_log_likelihood.unwrap().value - likelihood.value - excess.value).abs() < 1e-12);
    assert_eq!(found.data_bound, Some(uniform));
}

/// 4.5 standard errors: a false alarm in 7 of 10⁶ cases.
#[test]
fn annealed_values_agree_with_exact_ones() {
    let rbm = machine(Units::Spin, 16, 12, 0.3, false, 4);
    let file = ising(4, &[2.0, 4.0], 60, 6);
    let config = annealed(1);
    let selection = config.select(&rbm, &file).unwrap();
    let found = measure(&config, &rbm, &file, &selection, None).unwrap();
    let exact = measure(&LikelihoodConfig::default(), &rbm, &file, &selection, None).unwrap();
    assert_eq!((found.method, exact.method), (LikelihoodMethod::Annealed, LikelihoodMethod::Exact));
    let (value, error) = (found.log_partition.unwrap().value, found.log_partition.unwrap().error);
    let deviation = (value - exact.log_partition.unwrap().value) / error;
    println!("{deviation} standard errors");
    assert!(deviation.abs() < 4.5);
    assert!(found.log_likelihood.unwrap().error > exact.log_likelihood.unwrap().error);
    assert!(found.lower.unwrap().effective_chains > 10.0 && found.upper.is_some());
    assert_eq!(Likelihood::from_tree(&found.to_tree()).unwrap(), found);
}

#[test]
fn what_has_not_converged_has_bounds_and_no_value() {
    let rbm = machine(Units::Spin, 16, 12, 2.0, false, 1);
    let file = ising(4, &[2.0], 20, 6);
    let config = LikelihoodConfig { chains: 100, steps: 3, burn_in: 500, ..annealed(1) };
    let selection = config.select(&rbm, &file).unwrap();
    let law = DataLaw { log_probability: vec![-30.0; 20], bound: None };
    let found = measure(&config, &rbm, &file, &selection, Some(&law)).unwrap();
    assert_eq!(found.method, LikelihoodMethod::NotConverged);
    assert_eq!((found.log_partition, found.log_likelihood, found.excess), (None, None, None));
    assert!(found.lower.unwrap().log_partition.value < found.upper.unwrap().log_partition.value);
    assert!(found.data_log_likelihood.is_some());
    assert_eq!(Likelihood::from_tree(&found.to_tree()).unwrap(), found);
}

#[test]
fn configurations_are_those_of_the_training_unless_asked_otherwise() {
    let file = spins(2, vec![3.0, 1.0, 2.0], Array2::ones((5, 4)), vec![0, 1, 2, 1, 0]);
    let trained = |temperatures: &[f64]| Rbm {
        training_temperatures: temperatures.to_vec(),
        ..machine(Units::Spin, 4, 3, 0.1, false, 1)
    };
    let select = |temperatures: Option<&[f64]>, rbm: &Rbm| {
        let temperatures = temperatures.map(<[f64]>::to_vec);
        LikelihoodConfig { temperatures, ..LikelihoodConfig::default() }.select(rbm, &file)
    };
    let selection = select(None, &trained(&[2.0, 1.0])).unwrap();
    assert_eq!(selection.rows, [1, 2, 3]);
    assert_eq!(selection.components, [(1.0, 2.0 / 3.0), (2.0, 1.0 / 3.0)]);
    assert_eq!(select(Some(&[3.0]), &trained(&[2.0, 1.0])).unwrap().rows, [0, 4]);
    assert_eq!(select(None, &trained(&[])).unwrap().rows.len(), 5);
    let error = select(None, &trained(&[2.0, 5.0])).unwrap_err();
    assert_eq!(error, LikelihoodError::NoSuchTemperature { temperature: 5.0 });
    assert!(error.to_string().contains("`temperatures`"), "{error}");
    assert!(select(Some(&[]), &trained(&[])).is_err());
    // Another lattice.
    let rbm = machine(Units::Spin, 9, 3, 0.1, false, 1);
    let config = LikelihoodConfig::default();
    let selection = config.select(&rbm, &file).unwrap();
    let error = measure(&config, &rbm, &file, &selection, None).unwrap_err();
    assert_eq!(error, LikelihoodError::WrongSites { found: 4, expected: 9 });
    // An exact sum that is too large says what else there is.
    let rbm = machine(Units::Spin, 25, 25, 0.1, false, 1);
    let file = spins(5, vec![1.0], Array2::ones((2, 25)), vec![0; 2]);
    let config = LikelihoodConfig { method: PartitionMethod::Exact, ..config };
    let selection = config.select(&rbm, &file).unwrap();
    let error = measure(&config, &rbm, &file, &selection, None).unwrap_err().to_string();
    assert!(error.contains("25") && error.contains("20") && error.contains("annealed"), "{error}");
}

/// The smaller layer decides what can be exact, and only where it cannot do the settings of annealing matter.
#[test]
fn what_is_asked_for_is_checked_by_the_smaller_layer() {
    let with = |method| LikelihoodConfig { method, chains: 1, ..LikelihoodConfig::default() };
    let too_large = Err(LikelihoodError::TooLarge { smaller: EXACT_LIMIT + 1 });
    let exact = with(PartitionMethod::Exact);
    assert_eq!(exact.check(1000, EXACT_LIMIT), Ok(()));
    assert_eq!(exact.check(1000, EXACT_LIMIT + 1), too_large);
    assert!(exact.check(1000, EXACT_LIMIT + 2).is_err());
    let auto = with(PartitionMethod::Auto);
    assert_eq!(auto.check(EXACT_LIMIT, 1000), Ok(()));
    assert!(
        auto.check(EXACT_LIMIT + 1, 1000).is_err() && with(PartitionMethod::Annealed).check(2, 2).is_err()
    );
}

#[test]
fn number_of_threads_does_not_matter() {
    let rbm = machine(Units::Spin, 16, 12, 0.3, false, 4);
    let file = ising(4, &[2.0, 4.0], 60, 6);
    let config = annealed(2);
    let selection = config.select(&rbm, &file).unwrap();
    assert_eq!(file.samples.select(Axis(0), &selection.rows), file.samples);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| measure(&config, &rbm, &file, &selection, None).unwrap())
    };
    assert_eq!(with(1), with(3));
}
