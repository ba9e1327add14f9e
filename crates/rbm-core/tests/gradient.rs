//! A trainer's update against the exact gradient.

mod common;

use common::{all_configurations, generator, ising, log_weights, machine, unit};
use datasets::{Rbm, Spins, Units};
use ndarray::{Array1, Array2, Axis};
use numerics::bits::unit_f64;
use rbm_core::likelihood::gradient;
use rbm_core::model;
use rbm_core::{Algorithm, TrainConfig, Trainer};

/// The change of all parameters by one update with the whole training set as the batch, divided by the learning rate,
/// together with the machine before it.
fn one_update(config: &TrainConfig, spins: &Spins, start: &Rbm) -> (Array2<f64>, Array1<f64>, Array1<f64>) {
    let mut state = Trainer::new(config, spins).unwrap().state();
    state.parameters.weights.assign(&start.weights);
    state.parameters.visible_bias.assign(&start.visible_bias);
    state.parameters.hidden_bias.assign(&start.hidden_bias);
    let mut trainer = Trainer::resume(config, spins, state).unwrap();
    trainer.advance().unwrap();
    let after = trainer.finish();
    let rate = f64::from(config.learning_rate);
    (
        (after.weights.mapv(f64::from) - start.weights.mapv(f64::from)) / rate,
        (after.visible_bias.mapv(f64::from) - start.visible_bias.mapv(f64::from)) / rate,
        (after.hidden_bias.mapv(f64::from) - start.hidden_bias.mapv(f64::from)) / rate,
    )
}

/// With chains long enough to forget their start, the mean update is the exact gradient of the mean log-likelihood. The
/// only noise is that of the chains, whose variance is known exactly: each deviation must be below 5 standard errors
/// (false alarm 6·10⁻⁷ each, fixed seeds) and their mean square, which is 1 on average, below 3 and not suspiciously
/// small.
#[test]
fn long_chains_give_the_exact_gradient() {
    let (size, visible, hidden) = (2, 4, 3);
    let spins = ising(size, &[1.5, 3.0], 10_000, 8);
    for units in [Units::Spin, Units::Binary] {
        let start = machine(units, visible, hidden, if units == Units::Spin { 0.5 } else { 1.0 }, true, 4);
        let exact = gradient(&start, spins.samples.view()).unwrap();
        let (logs, total) = log_weights(&start);
        let configurations = all_configurations(visible);
        let means = model::hidden_means(&start, configurations.view());
        // The variance of f(v) under the model.
        let variance = |f: &dyn Fn(usize) -> f64| {
            let average = |g: &dyn Fn(usize) -> f64| -> f64 {
                logs.iter().enumerate().map(|(row, log)| (log - total).exp() * g(row)).sum()
            };
            average(&|row| f(row) * f(row)) - average(f).powi(2)
        };
        let v = |row: usize, i: usize| unit(units, configurations[[row, i]]);
        for algorithm in [Algorithm::Cd, Algorithm::Pcd, Algorithm::ParallelTempering] {
            let config = TrainConfig {
                hidden,
                units,
                biases: true,
                epochs: 1,
                learning_rate: 1.0 / 64.0,
                batch_size: usize::MAX,
                algorithm,
                gibbs_steps: 30,
                tempering_levels: 3,
                seed: 5,
                ..Default::default()
            };
            let (weights, visible_bias, hidden_bias) = one_update(&config, &spins, &start);
            let chains = spins.samples.nrows() as f64;
            let check = |what: String, found: f64, expected: f64, variance: f64| {
                let error = (variance / chains).sqrt();
                let deviation = (found - expected) / error;
                assert!(
                    deviation.abs() < 5.0,
                    "{algorithm:?} {units:?} {what}: {found} against {expected}, {deviation} standard errors"
                );
                deviation * deviation
            };
            let mut squares = 0.0;
            for i in 0..visible {
                for a in 0..hidden {
                    let variance = variance(&|row| v(row, i) * means[[row, a]]);
                    squares += check(format!("W {i} {a}"), weights[[i, a]], exact.weights[[i, a]], variance);
                }
                let variance = variance(&|row| v(row, i));
                squares += check(format!("b {i}"), visible_bias[i], exact.visible_bias[i], variance);
            }
            for a in 0..hidden {
                let variance = variance(&|row| means[[row, a]]);
                squares += check(format!("c {a}"), hidden_bias[a], exact.hidden_bias[a], variance);
            }
            let count = (visible * hidden + visible + hidden) as f64;
            println!("{algorithm:?} {units:?}: χ² = {squares} of {count}");
            assert!(squares > 0.05 * count && squares < 3.0 * count, "χ² = {squares} of {count}");
        }
    }
}

/// The data's side and one step of CD-1 by hand: with chains that cannot move, ⟨v hᵀ⟩ of both sides is known.
#[test]
fn cd_compares_data_with_their_reconstruction() {
    // Couplings so strong that the reconstruction of (+,+,+,+) and (−,−,−,−) is certain: the gradient vanishes.
    let samples = Array2::from_shape_fn((200, 4), |(row, _)| if row % 2 == 0 { 1 } else { -1 });
    let spins = common::spins(2, vec![0.0], samples, vec![0; 200]);
    let mut start = machine(Units::Spin, 4, 2, 0.1, false, 1);
    start.weights.fill(20.0);
    let config = TrainConfig { hidden: 2, epochs: 1, batch_size: 7, ..Default::default() };
    let (weights, ..) = one_update(&config, &spins, &start);
    assert!(weights.iter().all(|&w| w == 0.0), "{weights}");
    // Without couplings the data's side vanishes for spins, since ⟨h⟩ = 0, and so does the chains'.
    start.weights.fill(0.0);
    let (weights, ..) = one_update(&config, &spins, &start);
    assert!(weights.iter().all(|&w| w == 0.0), "{weights}");
}

/// The centred gradient is the plain one of the machine written in centred units, so that turning all spins of a site
/// round in the data turns the result round and changes nothing else.
#[test]
fn centred_update_does_not_depend_on_the_choice_of_values() {
    let mut bits = generator(3);
    let samples = Array2::from_shape_fn((4000, 4), |(_, site)| {
        if unit_f64(bits.next()) < 0.2 + 0.2 * site as f64 { 1i8 } else { -1 }
    });
    let mut turned = samples.clone();
    turned.column_mut(1).mapv_inplace(|s| -s);
    // The machine that gives the turned site the opposite field: for binary units v → 1 − v.
    let start = machine(Units::Binary, 4, 2, 0.5, true, 1);
    let mut turned_start = start.clone();
    turned_start.weights.row_mut(1).mapv_inplace(|w| -w);
    turned_start.visible_bias[1] = -start.visible_bias[1];
    turned_start.hidden_bias += &start.weights.row(1);
    let file = |samples: Array2<i8>| common::spins(2, vec![1.0], samples, vec![0; 4000]);
    let config = TrainConfig {
        hidden: 2,
        units: Units::Binary,
        biases: true,
        centred: true,
        epochs: 1,
        learning_rate: 1.0,
        batch_size: usize::MAX,
        gibbs_steps: 20,
        ..Default::default()
    };
    let (plain, ..) = one_update(&config, &file(samples.clone()), &start);
    let (other, ..) = one_update(&config, &file(turned), &turned_start);
    // The chains differ by chance: 4000 chains, variances of at most 1/16 each (false alarm 6·10⁻⁷ for 5 errors).
    let error = (2.0 / 16.0 / 4000.0f64).sqrt();
    for ((site, a), &found) in other.indexed_iter() {
        let expected = if site == 1 { -plain[[site, a]] } else { plain[[site, a]] };
        assert!((found - expected).abs() < 5.0 * error, "W {site} {a}: {found} against {expected}");
    }
    // The plain gradient does depend on it, far beyond the noise, so that the comparison has a meaning.
    let plain_config = TrainConfig { centred: false, ..config };
    let (plain, ..) = one_update(&plain_config, &file(samples), &start);
    let largest = plain.axis_iter(Axis(0)).flatten().fold(0.0f64, |m, w| m.max(w.abs()));
    assert!(largest > 10.0 * error, "{largest}");
}
