//! Trainers: what they refuse, that they are reproducible, and that they learn.

mod common;

use common::ising;
use datasets::{Rbm, Spins, Units};
use numerics::vector::{Width, limit_width};
use rbm_core::likelihood;
use rbm_core::{Algorithm, Optimizer, TrainConfig, TrainError, TrainState, Trainer};

fn small() -> TrainConfig {
    TrainConfig { hidden: 5, epochs: 6, batch_size: 32, monitor_every: 2, seed: 7, ..Default::default() }
}

fn run(config: &TrainConfig, spins: &Spins) -> Rbm {
    let mut trainer = Trainer::new(config, spins).unwrap();
    while !trainer.finished() {
        trainer.advance().unwrap();
    }
    trainer.finish()
}

/// Every kind of training there is, on the settings above.
fn all_kinds() -> Vec<TrainConfig> {
    let mut kinds = vec![];
    for algorithm in [Algorithm::Cd, Algorithm::Pcd, Algorithm::ParallelTempering] {
        for units in [Units::Spin, Units::Binary] {
            let plain = TrainConfig { algorithm, units, tempering_levels: 4, ..small() };
            let full = TrainConfig { biases: true, gibbs_steps: 3, weight_decay: 1e-3, ..plain.clone() };
            let chains = (algorithm != Algorithm::Cd).then_some(20);
            kinds.push(plain);
            kinds.push(TrainConfig { momentum: 0.5, centred: true, chains, ..full.clone() });
            kinds.push(TrainConfig { optimizer: Optimizer::Adam, ..full });
        }
    }
    kinds
}

fn bits(rbm: &Rbm) -> Vec<u64> {
    let parameters = rbm.weights.iter().chain(&rbm.visible_bias).chain(&rbm.hidden_bias);
    let history = rbm.history.values().flatten().map(|value| value.to_bits());
    parameters.map(|value| value.to_bits().into()).chain(history).collect()
}

#[test]
fn resumed_training_ends_in_the_same_bytes() {
    // 150 configurations are four batches of 32 and one of 22.
    let spins = ising(3, &[1.5, 2.5, 4.0], 50, 1);
    for config in all_kinds() {
        let whole = run(&config, &spins);
        for stop in [1, 3, 6] {
            let mut trainer = Trainer::new(&config, &spins).unwrap();
            for _ in 0..stop {
                trainer.advance().unwrap();
            }
            let mut trainer = Trainer::resume(&config, &spins, trainer.state()).unwrap();
            assert_eq!(trainer.epoch(), stop);
            while !trainer.finished() {
                trainer.advance().unwrap();
            }
            let resumed = trainer.finish();
            assert_eq!(bits(&resumed), bits(&whole), "{config:?}, stopped after {stop}");
            assert_eq!(resumed, whole);
        }
    }
}

/// A training that was planned shorter and then prolonged is the same as one planned longer.
#[test]
fn prolonged_training_ends_in_the_same_bytes() {
    let spins = ising(3, &[1.5, 2.5, 4.0], 50, 1);
    let config = small();
    let shorter = TrainConfig { epochs: 3, ..config.clone() };
    let mut trainer = Trainer::new(&shorter, &spins).unwrap();
    while !trainer.finished() {
        trainer.advance().unwrap();
    }
    let mut trainer = Trainer::resume(&config, &spins, trainer.state()).unwrap();
    while !trainer.finished() {
        trainer.advance().unwrap();
    }
    assert_eq!(trainer.finish(), run(&config, &spins));
}

#[test]
fn number_of_threads_does_not_matter() {
    let spins = ising(3, &[1.5, 2.5, 4.0], 50, 1);
    for config in all_kinds() {
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| run(&config, &spins))
        };
        let one = with(1);
        assert_eq!(bits(&one), bits(&with(3)));
        assert_eq!(bits(&one), bits(&with(2)));
    }
}

/// No vector width, from the machine's widest to none at all, changes a bit.
#[test]
fn vector_width_does_not_matter() {
    let spins = ising(3, &[1.5, 2.5, 4.0], 50, 1);
    for config in all_kinds() {
        let with = |width| {
            limit_width(width);
            run(&TrainConfig { epochs: 2, ..config.clone() }, &spins)
        };
        let widest = with(Width::Avx512);
        assert_eq!(bits(&widest), bits(&with(Width::Avx2)));
        assert_eq!(bits(&widest), bits(&with(Width::Portable)));
        limit_width(Width::Avx512);
    }
}

/// The first and last weight after six epochs, and a sum over the bits of all, as they were when this test was last
/// changed: the same on every machine, in debug and release builds. A change of these numbers changes every trained
/// machine.
#[test]
fn bytes_are_those_of_the_last_release() {
    let mut generator = common::generator(1);
    let samples =
        ndarray::Array2::from_shape_fn(
            (150, 9),
            |(row, _)| if generator.next() % 150 < row as u64 { 1 } else { -1 },
        );
    let rbm = run(&small(), &common::spins(3, vec![1.0], samples, vec![0; 150]));
    let sum = bits(&rbm).iter().fold(0u64, |sum, bits| sum.rotate_left(7) ^ bits);
    assert_eq!(
        (rbm.weights[[0, 0]].to_bits(), rbm.weights[[8, 4]].to_bits(), sum),
        (3_188_699_691, 1_023_594_288, 4_564_167_923_838_594_167)
    );
}

/// A large layer is divided among threads; the result must not show it.
#[test]
fn divided_layers_are_the_same() {
    let mut generator = common::generator(3);
    let mut spin = || if generator.next() >> 63 == 0 { 1i8 } else { -1 };
    let samples = ndarray::Array2::from_shape_simple_fn((130, 400), &mut spin);
    let spins = common::spins(20, vec![1.0], samples, vec![0; 130]);
    let plain = TrainConfig { hidden: 500, epochs: 1, batch_size: 100, ..small() };
    for config in [
        plain.clone(),
        TrainConfig { biases: true, algorithm: Algorithm::Pcd, momentum: 0.5, ..plain.clone() },
        TrainConfig { units: Units::Binary, optimizer: Optimizer::Adam, ..plain },
    ] {
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| run(&config, &spins))
        };
        let one = bits(&with(1));
        for threads in [2, 3, 8] {
            assert_eq!(one, bits(&with(threads)), "{threads} threads");
        }
    }
}

/// The state passes through the encoding of checkpoints unchanged.
#[test]
fn state_survives_encoding() {
    let spins = ising(2, &[1.0, 2.0], 20, 3);
    for config in all_kinds() {
        let mut trainer = Trainer::new(&config, &spins).unwrap();
        trainer.advance().unwrap();
        let settings = bincode::config::standard();
        let bytes = bincode::serde::encode_to_vec(trainer.state(), settings).unwrap();
        let (state, length): (TrainState, usize) =
            bincode::serde::decode_from_slice(&bytes, settings).unwrap();
        assert_eq!(length, bytes.len());
        assert_eq!(state, trainer.state());
    }
}

/// One hidden unit, one configuration, a lattice of four sites, a batch larger than the set.
#[test]
fn smallest_cases_work() {
    let one = common::spins(2, vec![0.0], ndarray::Array2::ones((1, 4)), vec![0]);
    for config in all_kinds() {
        let rbm = run(&TrainConfig { hidden: 1, chains: None, ..config }, &one);
        assert!(rbm.weights.iter().all(|w| w.is_finite()));
        assert_eq!(rbm.updates, 6);
    }
    // No epochs: the initial machine with its record.
    let rbm = run(&TrainConfig { epochs: 0, ..small() }, &one);
    assert_eq!((rbm.updates, rbm.history_epoch), (0, vec![0]));
}

#[test]
fn history_is_recorded_at_its_cadence() {
    let spins = ising(3, &[1.5, 2.5], 50, 1);
    let rbm = run(&TrainConfig { epochs: 5, ..small() }, &spins);
    assert_eq!(rbm.history_epoch, [0, 2, 4, 5]);
    let names: Vec<&str> = rbm.history.keys().map(String::as_str).collect();
    let expected = [
        "max_abs_weight",
        "pseudo_log_likelihood",
        "pseudo_log_likelihood_per_spin",
        "reconstruction_error",
        "translation_invariant_fraction",
    ];
    assert_eq!(names, expected);
    assert_eq!(rbm.updates, 5 * 4);
    assert_eq!(rbm.training_temperatures, [1.5, 2.5]);
}

#[test]
fn training_set_is_chosen_by_temperature() {
    let spins = ising(2, &[0.0, 1.0, 2.0, f64::INFINITY], 40, 3);
    let config = TrainConfig { temperatures: Some(vec![f64::INFINITY, 0.0]), ..small() };
    let chosen = run(&config, &spins);
    // The same configurations in a file of their own.
    let rows: Vec<usize> = (0..160).filter(|&row| matches!(spins.labels[row], 0 | 3)).collect();
    let samples = spins.samples.select(ndarray::Axis(0), &rows);
    let labels = rows.iter().map(|&row| u16::from(spins.labels[row] != 0)).collect();
    let alone = common::spins(2, vec![0.0, f64::INFINITY], samples, labels);
    let all = run(&TrainConfig { temperatures: None, ..config }, &alone);
    assert_eq!(bits(&chosen), bits(&all));
    assert_eq!(chosen.training_temperatures, [f64::INFINITY, 0.0]);
}

#[track_caller]
fn check_refused(config: TrainConfig, expected: &str) {
    let spins = ising(2, &[1.0, 2.0], 20, 3);
    let error = Trainer::new(&config, &spins).unwrap_err().to_string();
    assert!(error.contains(expected), "`{error}` does not contain `{expected}`");
}

#[test]
fn impossible_settings_are_refused_by_name() {
    check_refused(TrainConfig { hidden: 0, ..small() }, "`hidden` is 0");
    check_refused(TrainConfig { hidden: usize::MAX, ..small() }, "`hidden`");
    check_refused(TrainConfig { learning_rate: f32::NAN, ..small() }, "`learning_rate` is NaN");
    check_refused(TrainConfig { learning_rate: 0.0, ..small() }, "`learning_rate`");
    check_refused(TrainConfig { learning_rate: f32::INFINITY, ..small() }, "`learning_rate`");
    check_refused(TrainConfig { batch_size: 0, ..small() }, "`batch_size` is 0");
    check_refused(TrainConfig { momentum: 1.0, ..small() }, "`momentum` is 1");
    check_refused(TrainConfig { momentum: f32::NAN, ..small() }, "`momentum`");
    check_refused(TrainConfig { weight_decay: -1.0, ..small() }, "`weight_decay` is -1");
    let adam = TrainConfig { optimizer: Optimizer::Adam, momentum: 0.5, ..small() };
    check_refused(adam, "`momentum` is 0.5");
    check_refused(
        TrainConfig { centred: true, ..small() },
        "`centred` is true; it must be false without `biases`",
    );
    check_refused(TrainConfig { chains: Some(10), ..small() }, "`chains` is 10; it must be absent");
    let no_chains = TrainConfig { algorithm: Algorithm::Pcd, chains: Some(0), ..small() };
    check_refused(no_chains, "`chains` is 0");
    check_refused(TrainConfig { tempering_levels: 1, ..small() }, "`tempering_levels` is 1");
    check_refused(TrainConfig { gibbs_steps: 0, ..small() }, "`gibbs_steps` is 0");
    check_refused(TrainConfig { initial_deviation: f32::NAN, ..small() }, "`initial_deviation`");
    check_refused(TrainConfig { monitor_every: 0, ..small() }, "`monitor_every`");
    check_refused(TrainConfig { monitor_samples: 0, ..small() }, "`monitor_samples`");
    check_refused(TrainConfig { temperatures: Some(vec![]), ..small() }, "`temperatures` is an empty list");
    check_refused(TrainConfig { temperatures: Some(vec![f64::NAN]), ..small() }, "`temperatures` is NaN");
    check_refused(TrainConfig { temperatures: Some(vec![1.0, 1.0]), ..small() }, "1 twice");
    let expected = "asks for 1.5, but the configurations are at [1.0, 2.0]";
    check_refused(TrainConfig { temperatures: Some(vec![1.0, 1.5]), ..small() }, expected);
}

#[test]
fn foreign_and_damaged_states_are_refused() {
    let spins = ising(2, &[1.0, 2.0], 20, 3);
    let config = TrainConfig { momentum: 0.5, algorithm: Algorithm::Pcd, ..small() };
    let good = Trainer::new(&config, &spins).unwrap().state();
    let refused = |change: &dyn Fn(&mut TrainState), expected: &str| {
        let mut state = good.clone();
        change(&mut state);
        let error = Trainer::resume(&config, &spins, state).unwrap_err().to_string();
        assert!(error.contains(expected), "`{error}` does not contain `{expected}`");
    };
    refused(&|state| state.config.seed += 1, "settings differ");
    refused(&|state| state.epoch = 7, "at epoch 7 of 6");
    refused(&|state| state.parameters.weights[[0, 0]] = f32::NAN, "one of the parameters is NaN");
    refused(&|state| state.parameters.weights = ndarray::Array2::zeros((4, 4)), "4 visible and 5 hidden");
    refused(&|state| state.velocity = None, "velocity");
    refused(&|state| state.persistent.as_mut().unwrap()[[0, 0]] = 0.5, "persistent chains");
    refused(&|state| state.history.values_mut().next().unwrap().push(0.0), "differ in length");
    let others = ising(2, &[1.0, 2.0], 20, 4);
    let error = Trainer::resume(&config, &others, good.clone()).unwrap_err();
    assert!(matches!(error, TrainError::OtherTraining { .. }));
    assert!(Trainer::resume(&config, &spins, good).is_ok());
}

/// With weight decay beyond 2/ε every update enlarges the weights.
#[test]
fn divergence_stops_with_the_last_good_state_kept() {
    let spins = ising(2, &[1.0, 2.0], 20, 3);
    let config = TrainConfig { weight_decay: 400.0, epochs: 100, ..small() };
    let mut trainer = Trainer::new(&config, &spins).unwrap();
    let error = loop {
        let before = trainer.state();
        if let Err(error) = trainer.advance() {
            assert_eq!(trainer.state(), before);
            break error;
        }
    };
    let TrainError::Diverged { epoch, update, max_abs_weight, .. } = error else { panic!("{error}") };
    assert_eq!(epoch, trainer.epoch() + 1);
    assert!(update > trainer.state().updates && max_abs_weight > 1e4);
    assert!(Trainer::resume(&config, &spins, trainer.state()).is_ok());
}

/// Whatever makes the steps: weights beyond all bounds end a training.
#[test]
fn every_optimizer_notices_divergence() {
    let spins = ising(2, &[1.0, 2.0], 20, 3);
    for (optimizer, momentum) in [(Optimizer::Sgd, 0.0), (Optimizer::Sgd, 0.9), (Optimizer::Adam, 0.0)] {
        let config = TrainConfig { optimizer, momentum, weight_decay: 4000.0, epochs: 2000, ..small() };
        let mut trainer = Trainer::new(&config, &spins).unwrap();
        let ended = std::iter::repeat_with(|| trainer.advance()).take(2000).find_map(Result::err);
        assert!(matches!(ended, Some(TrainError::Diverged { .. })), "{optimizer:?} {momentum}: {ended:?}");
    }
}

/// Persistent chains start at random: of 8000 hidden units about half are up, within 4.5 standard deviations.
#[test]
fn persistent_chains_start_at_random() {
    let spins = ising(2, &[1.0, 2.0], 20, 3);
    for (units, down) in [(Units::Spin, -1.0), (Units::Binary, 0.0)] {
        let config =
            TrainConfig { units, algorithm: Algorithm::Pcd, hidden: 40, chains: Some(200), ..small() };
        let state = Trainer::new(&config, &spins).unwrap().state();
        let chains = state.persistent.expect("the algorithm has them");
        assert!(chains.dim() == (200, 40) && chains.iter().all(|&unit| unit == 1.0 || unit == down));
        let up = chains.iter().filter(|&&unit| unit == 1.0).count() as f64;
        assert!((up - 4000.0).abs() < 4.5 * 2000f64.sqrt(), "{up}");
    }
}

/// The 3 × 3 Ising model at T = 3.5, where all trainers mix. No law has a greater expected log-likelihood than the one
/// that the data were drawn from, so the Boltzmann distribution's log-likelihood on the same data is the mark: every
/// trainer must cover 85 % of the way to it from the uniform distribution.
#[test]
fn training_increases_the_likelihood() {
    let (size, temperature) = (3, 3.5);
    let spins = ising(size, &[temperature], 1000, 5);
    let energy = |row: ndarray::ArrayView1<i8>| common::ising_energy(size, row) / temperature;
    let all = common::all_configurations(9);
    let log_partition = all.rows().into_iter().map(|row| (-energy(row)).exp()).sum::<f64>().ln();
    let mark = -spins.samples.rows().into_iter().map(energy).sum::<f64>() / 1000.0 - log_partition;
    let uniform = -9.0 * 2f64.ln();
    let base = TrainConfig {
        hidden: 12,
        epochs: 100,
        learning_rate: 0.05,
        batch_size: 50,
        monitor_every: 100,
        ..small()
    };
    let adam = TrainConfig { optimizer: Optimizer::Adam, learning_rate: 0.005, ..base.clone() };
    let binary = TrainConfig { units: Units::Binary, biases: true, epochs: 200, ..base.clone() };
    let centred = TrainConfig { centred: true, ..binary.clone() };
    let momentum = TrainConfig { momentum: 0.9, learning_rate: 0.005, ..base.clone() };
    for (name, config) in
        [("plain", base), ("adam", adam), ("binary", binary), ("centred", centred), ("momentum", momentum)]
    {
        for algorithm in [Algorithm::Cd, Algorithm::Pcd, Algorithm::ParallelTempering] {
            let config = TrainConfig { algorithm, tempering_levels: 5, ..config.clone() };
            let rbm = run(&config, &spins);
            let log_partition = likelihood::log_partition(&rbm).unwrap();
            let reached = likelihood::mean_log_likelihood(&rbm, spins.samples.view(), log_partition).unwrap();
            println!("{name} {algorithm:?}: {reached:.3} between {uniform:.3} and {mark:.3}");
            let fraction = (reached - uniform) / (mark - uniform);
            assert!(fraction > 0.85, "{name} {algorithm:?}: {reached} covers {fraction}");
        }
    }
}

#[test]
fn machines_without_biases_are_symmetric() {
    let spins = ising(3, &[1.5, 2.5], 100, 5);
    let rbm = run(&small(), &spins);
    let configurations = common::all_configurations(9);
    let up = rbm_core::model::free_energy(&rbm, configurations.view());
    let down = rbm_core::model::free_energy(&rbm, configurations.mapv(|s| -s).view());
    for (up, down) in up.iter().zip(&down) {
        assert!((up - down).abs() < 1e-12);
    }
    assert!(rbm.visible_bias.iter().chain(&rbm.hidden_bias).all(|&b| b == 0.0));
}

/// The monitored quantities are sums over a fixed subset that is read in file order; a different seed of the training
/// reads another subset but a subset of everything is everything.
#[test]
fn monitor_does_not_depend_on_batches() {
    let spins = ising(3, &[1.5, 2.5], 50, 1);
    let record = |batch_size, monitor_samples| {
        let config = TrainConfig { batch_size, monitor_samples, ..small() };
        Trainer::new(&config, &spins).unwrap().finish().history
    };
    assert_eq!(record(32, 100), record(7, 100));
    assert_eq!(record(32, 100), record(32, 1000));
    assert_ne!(record(32, 100), record(32, 50));
}

#[test]
fn config_is_read_with_defaults_and_refuses_unknown_keys() {
    let config: TrainConfig =
        serde_json::from_str(r#"{"hidden": 3, "algorithm": "pcd", "units": "binary"}"#).unwrap();
    let expected =
        TrainConfig { hidden: 3, algorithm: Algorithm::Pcd, units: Units::Binary, ..Default::default() };
    assert_eq!(config, expected);
    assert!(serde_json::from_str::<TrainConfig>(r#"{"hiden": 3}"#).is_err());
}
