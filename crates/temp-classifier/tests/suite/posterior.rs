//! The exact posterior against Bayes' rule over all configurations of small lattices.

use crate::exact::{density_of_states, enumerate, sample, square, weight};
use temp_classifier::{BayesPosterior, ClassError, PosteriorError};

const CLASSES: [f64; 6] = [0.0, 0.5, 1.75, 2.269, 6.0, f64::INFINITY];

/// P(T_k | configuration) from the probabilities of the single configuration at each temperature.
fn brute_force(all: &[(i32, i32)], energy: i32) -> Vec<f64> {
    let ground = all.iter().map(|&(e, _)| e).min().unwrap();
    let likelihood: Vec<f64> = CLASSES
        .iter()
        .map(|&t| weight(energy - ground, t) / all.iter().map(|&(e, _)| weight(e - ground, t)).sum::<f64>())
        .collect();
    let total: f64 = likelihood.iter().sum();
    likelihood.iter().map(|p| p / total).collect()
}

#[test]
fn probabilities_and_optimum_match_enumeration() {
    for size in [2, 3, 4] {
        let all = enumerate(size);
        let ground = all.iter().map(|&(e, _)| e).min().unwrap();
        let posterior = BayesPosterior::new(square(size), &density_of_states(&all), &CLASSES).unwrap();
        let (mut optimum, mut accuracy) = (0.0, 0.0);
        let by_energy: std::collections::BTreeMap<i32, Vec<f64>> =
            density_of_states(&all).energy.into_iter().map(|e| (e, brute_force(&all, e))).collect();
        for (&energy, expected) in &by_energy {
            for (class, (&p, &q)) in posterior.probabilities(energy).iter().zip(expected).enumerate() {
                assert!((p - q).abs() < 1e-11, "size {size}, energy {energy}: {p}, expected {q}");
                assert!((posterior.log_probability(energy, class).exp() - q).abs() < 1e-11);
            }
        }
        for (class, &t) in CLASSES.iter().enumerate() {
            let z: f64 = all.iter().map(|&(e, _)| weight(e - ground, t)).sum();
            for &(energy, _) in &all {
                let p = weight(energy - ground, t) / z / CLASSES.len() as f64;
                let expected = &by_energy[&energy];
                if p > 0.0 {
                    optimum -= p * expected[class].ln();
                    if expected.iter().all(|&q| q <= expected[class]) {
                        accuracy += p;
                    }
                }
            }
        }
        assert!((posterior.optimum() - optimum).abs() < 1e-10, "{} {optimum}", posterior.optimum());
        assert!((posterior.accuracy() - accuracy).abs() < 1e-10, "{} {accuracy}", posterior.accuracy());
    }
}

#[test]
fn only_ground_states_can_be_at_zero_temperature() {
    let posterior = BayesPosterior::new(square(3), &density_of_states(&enumerate(3)), &CLASSES).unwrap();
    assert_eq!(posterior.probabilities(-10)[0], 0.0);
    assert_eq!(posterior.log_probability(-10, 0), f64::NEG_INFINITY);
    let ground = posterior.probabilities(-18);
    assert!(ground[0] > ground[1] && ground[1] > ground[2]);
}

#[test]
fn mean_loss_of_exact_samples_is_the_optimum() {
    let classes: Vec<f64> = (0..13).map(|i| f64::from(i) * 0.5).collect();
    let each = 2000;
    let posterior = BayesPosterior::new(square(4), &density_of_states(&enumerate(4)), &classes).unwrap();
    let spins = sample(4, &classes, each, 3);
    let losses: Vec<f64> = spins
        .energy
        .iter()
        .zip(&spins.labels)
        .map(|(&energy, &label)| -posterior.log_probability(energy, usize::from(label)))
        .collect();
    let n = losses.len() as f64;
    let mean = losses.iter().sum::<f64>() / n;
    let error = (losses.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n / n).sqrt();
    // Four standard errors (overestimated, since the sample is stratified): false alarms below 1e-4.
    assert!((mean - posterior.optimum()).abs() < 4.0 * error, "{mean} ± {error}, {}", posterior.optimum());
}

#[test]
fn nonsense_is_refused_by_name() {
    let states = density_of_states(&enumerate(2));
    let refuse = |lattice, states: &datasets::DensityOfStates, classes: &[f64]| {
        BayesPosterior::new(lattice, states, classes).unwrap_err()
    };
    assert_eq!(refuse(square(2), &states, &[1.0]), PosteriorError::Classes(ClassError::TooFew(1)));
    assert_eq!(
        refuse(square(2), &states, &[1.0, 2.0, 1.0]),
        PosteriorError::Classes(ClassError::Repeated(1.0))
    );
    assert!(refuse(square(2), &states, &[1.0, f64::NAN]).to_string().contains("class 1 is T = NaN"));
    assert!(refuse(square(2), &states, &[1.0, -2.0]).to_string().contains("class 1 is T = -2"));
    let ragged = datasets::DensityOfStates { log_count: vec![0.0], ..states.clone() };
    assert_eq!(
        refuse(square(2), &ragged, &[1.0, 2.0]),
        PosteriorError::WrongLength { energies: states.energy.len(), counts: 1 }
    );
    let foreign = density_of_states(&enumerate(3));
    assert_eq!(
        refuse(square(2), &foreign, &[1.0, 2.0]),
        PosteriorError::InvalidEnergy { lattice: square(2), energy: -18, limit: 8 }
    );
}
