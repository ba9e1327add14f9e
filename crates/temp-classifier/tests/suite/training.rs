//! Training, its determinism and its refusals, on exact samples of small lattices.

use datasets::lattice::LatticeError;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::exact::{equation_of_state, fine_grid, sample, square};
use datasets::{Interrupted, Progress, Spins, Thermometer};
use temp_classifier::{ConfigError, DataError, ThermometerConfig, TrainError, train};

const CLASSES: [f64; 5] = [0.0, 1.0, 2.0, 3.0, 6.0];

fn config() -> ThermometerConfig {
    ThermometerConfig { hidden: vec![24], epochs: 30, learning_rate: 0.01, ..ThermometerConfig::default() }
}

fn quick() -> ThermometerConfig {
    ThermometerConfig { hidden: vec![6, 5], epochs: 3, batch_size: 32, ..config() }
}

#[test]
fn a_network_learns_a_tiny_set_by_heart() {
    // Eight different configurations with arbitrary labels, each twice so that validation sees them too.
    let mut spins = sample(3, &[f64::INFINITY, 1.0], 8, 5);
    for row in 0..16 {
        let state = [3, 77, 130, 199, 260, 318, 401, 444][row / 2];
        let row_spins = ndarray::Array1::from(crate::exact::configuration(3, state));
        spins.samples.row_mut(row).assign(&row_spins);
        spins.labels[row] = (row / 2 % 2) as u16;
    }
    let config = ThermometerConfig {
        hidden: vec![16],
        epochs: 300,
        patience: 300,
        batch_size: 4,
        augment: false,
        learning_rate: 0.02,
        ..config()
    };
    let thermometer = train(&config, &spins, &spins, None, &()).unwrap();
    assert!(thermometer.training_cross_entropy[299] < 0.01, "{:?}", thermometer.training_cross_entropy[299]);
    assert!(thermometer.training_cross_entropy[0] > 0.3);
}

#[test]
fn a_network_comes_close_to_the_exact_posterior_and_not_below() {
    let (training, test) = (sample(4, &CLASSES, 1000, 1), sample(4, &CLASSES, 1000, 2));
    let table = equation_of_state(4, &fine_grid());
    let thermometer = train(&config(), &training, &test, Some(&table), &()).unwrap();
    let c = &thermometer.calibration;
    let (optimum, bayes) = (c.bayes_optimum.unwrap(), c.bayes_cross_entropy.unwrap());
    // The exact posterior on these configurations: within four standard errors of its expectation.
    assert!((bayes - optimum).abs() < 4.0 * c.cross_entropy_error, "{bayes} {optimum}");
    // A network that ignores its input has ln 5 = 1.61; one that knows the energy has the optimum.
    let excess = c.cross_entropy - bayes;
    assert!(excess > -4.0 * c.cross_entropy_error && excess < 0.1, "{} {bayes}", c.cross_entropy);
    for matrix in [&c.mean_posterior, &c.confusion, c.bayes_mean_posterior.as_ref().unwrap()] {
        assert!(matrix.rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-5));
    }
    let largest = (c.mean_posterior.clone() - c.bayes_mean_posterior.as_ref().unwrap())
        .fold(0.0f64, |largest, d| largest.max(d.abs()));
    assert!(largest < 0.1, "calibration is off by {largest}");
    assert_eq!(thermometer.training_cross_entropy.len(), thermometer.validation_cross_entropy.len());
    let best = thermometer.validation_cross_entropy.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(thermometer.validation_cross_entropy[thermometer.best_epoch as usize - 1], best);
}

#[test]
fn the_same_seed_gives_the_same_bytes_in_any_thread() {
    let (training, test) = (sample(3, &CLASSES, 60, 1), sample(3, &CLASSES, 20, 2));
    let alone = train(&quick(), &training, &test, None, &()).unwrap();
    let together: Vec<Thermometer> = std::thread::scope(|scope| {
        let start = || scope.spawn(|| train(&quick(), &training, &test, None, &()).unwrap());
        let handles: Vec<_> = (0..3).map(|_| start()).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).collect()
    });
    for other in together {
        assert_eq!(other, alone);
    }
    let other = ThermometerConfig { seed: 2, ..quick() };
    assert_ne!(train(&other, &training, &test, None, &()).unwrap().layers, alone.layers);
}

#[test]
fn narrow_vectors_give_the_same_bytes() {
    use numerics::vector::{Width, limit_width, width};
    let before = width();
    let (training, test) = (sample(3, &CLASSES, 60, 1), sample(3, &CLASSES, 20, 2));
    // Other tests may run meanwhile: no result depends on the width.
    let results = Width::ALL.map(|width| {
        limit_width(width);
        train(&quick(), &training, &test, None, &()).unwrap()
    });
    limit_width(before);
    assert_eq!(results[0], results[2]);
    assert_eq!(results[1], results[2]);
}

#[test]
fn the_bytes_are_those_of_every_machine_and_build() {
    // T = 0 and ∞ only, so that the samples need no exponential function. The number is from the first run: it is the
    // same in debug and release builds and on every machine, and changes only with the algorithm.
    let ends = [0.0, f64::INFINITY];
    let thermometer = train(&quick(), &sample(3, &ends, 60, 1), &sample(3, &ends, 20, 2), None, &()).unwrap();
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for layer in &thermometer.layers {
        for value in layer.weights.iter().chain(&layer.bias) {
            hash = (hash ^ u64::from(value.to_bits())).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    let values = thermometer.training_cross_entropy.iter().chain(&thermometer.validation_cross_entropy);
    for value in values {
        hash = (hash ^ value.to_bits()).wrapping_mul(0x0000_0100_0000_01b3);
    }
    assert_eq!(hash, 0x7c92_391c_68ac_674f, "{hash:#x}");
}

#[test]
fn test_data_decide_nothing() {
    let training = sample(3, &CLASSES, 60, 1);
    let one = train(&quick(), &training, &sample(3, &CLASSES, 20, 2), None, &()).unwrap();
    let two = train(&quick(), &training, &sample(3, &CLASSES, 30, 3), None, &()).unwrap();
    assert_eq!(one.layers, two.layers);
    assert_eq!(
        (one.best_epoch, &one.validation_cross_entropy),
        (two.best_epoch, &two.validation_cross_entropy)
    );
    assert_ne!(one.calibration.cross_entropy, two.calibration.cross_entropy);
}

#[test]
fn test_temperatures_may_come_in_any_order() {
    let training = sample(3, &CLASSES, 60, 1);
    let test = sample(3, &CLASSES, 20, 2);
    let mut reordered = test.clone();
    reordered.temperature.reverse();
    reordered.labels.iter_mut().for_each(|label| *label = 4 - *label);
    assert_eq!(
        train(&quick(), &training, &test, None, &()).unwrap(),
        train(&quick(), &training, &reordered, None, &()).unwrap()
    );
}

#[test]
fn patience_ends_a_training_that_does_not_improve() {
    let (training, test) = (sample(3, &CLASSES, 20, 1), sample(3, &CLASSES, 20, 2));
    let config = ThermometerConfig { epochs: 2000, patience: 5, augment: false, batch_size: 8, ..config() };
    let thermometer = train(&config, &training, &test, None, &()).unwrap();
    let epochs = thermometer.training_cross_entropy.len();
    assert_eq!(epochs as u32, thermometer.best_epoch + 5);
}

/// The first of equally good epochs is kept: steps this small change no parameter that counts.
#[test]
fn the_first_of_equal_epochs_is_the_best() {
    let (training, test) = (sample(3, &CLASSES, 20, 1), sample(3, &CLASSES, 20, 2));
    let config = ThermometerConfig { epochs: 4, learning_rate: 1e-30, ..config() };
    let thermometer = train(&config, &training, &test, None, &()).unwrap();
    let values = &thermometer.validation_cross_entropy;
    assert!(values.len() == 4 && values.iter().all(|value| *value == values[0]), "{values:?}");
    assert_eq!(thermometer.best_epoch, 1);
}

/// Of two configurations one is left to learn from, whatever fraction is to be put aside.
#[test]
fn something_is_left_for_the_training() {
    let (training, test) = (sample(3, &CLASSES, 2, 1), sample(3, &CLASSES, 20, 2));
    let config = ThermometerConfig { validation_fraction: 0.99, ..quick() };
    assert!(train(&config, &training, &test, None, &()).is_ok());
}

struct StopAfter(AtomicU32);

impl Progress for StopAfter {
    fn report(&self, fraction: f64) -> Result<(), Interrupted> {
        assert!((0.0..=1.0).contains(&fraction));
        if self.0.fetch_sub(1, Ordering::Relaxed) == 1 { Err(Interrupted) } else { Ok(()) }
    }
}

#[test]
fn training_stops_when_asked() {
    let (training, test) = (sample(3, &CLASSES, 20, 1), sample(3, &CLASSES, 20, 2));
    let stop = StopAfter(AtomicU32::new(2));
    assert_eq!(train(&config(), &training, &test, None, &stop), Err(TrainError::Interrupted(Interrupted)));
}

#[test]
fn a_diverging_training_says_so() {
    let (training, test) = (sample(3, &CLASSES, 20, 1), sample(3, &CLASSES, 20, 2));
    let config = ThermometerConfig { learning_rate: 1e38, ..config() };
    let error = train(&config, &training, &test, None, &()).unwrap_err();
    assert!(matches!(error, TrainError::Diverged { .. }), "{error}");
    assert!(error.to_string().contains("lower learning_rate"));
}

#[track_caller]
fn refuse_config(change: impl FnOnce(&mut ThermometerConfig), expected: ConfigError) {
    let mut config = config();
    change(&mut config);
    let spins = sample(2, &[0.0, 1.0], 4, 1);
    assert_eq!(train(&config, &spins, &spins, None, &()), Err(TrainError::Config(expected)));
}

#[test]
fn impossible_settings_are_refused_by_name() {
    refuse_config(|c| c.hidden.clear(), ConfigError::NoHiddenLayer);
    refuse_config(|c| c.hidden = vec![3, 0], ConfigError::EmptyLayer { layer: 1 });
    let huge = ConfigError::TooManyParameters { hidden: vec![1 << 40], sites: 4, limit: 1 << 26 };
    refuse_config(|c| c.hidden = vec![1 << 40], huge);
    refuse_config(|c| c.epochs = 0, ConfigError::NoEpochs);
    refuse_config(|c| c.batch_size = 0, ConfigError::EmptyBatch);
    refuse_config(|c| c.learning_rate = -1.0, ConfigError::LearningRate(-1.0));
    refuse_config(|c| c.validation_fraction = 1.0, ConfigError::ValidationFraction(1.0));
    refuse_config(|c| c.validation_fraction = 0.0, ConfigError::ValidationFraction(0.0));
    refuse_config(|c| c.patience = 0, ConfigError::NoPatience);
    let config = ThermometerConfig { learning_rate: f32::NAN, ..config() };
    assert_eq!(
        config.check().unwrap_err().to_string(),
        "learning_rate is NaN: it must be positive and finite"
    );
}

#[track_caller]
fn refuse_data(change: impl FnOnce(&mut Spins, &mut Spins), expected: DataError) {
    let (mut training, mut test) = (sample(2, &[0.0, 1.0], 4, 1), sample(2, &[0.0, 1.0], 4, 2));
    change(&mut training, &mut test);
    let result = train(&quick(), &training, &test, None, &());
    assert_eq!(result, Err(TrainError::Data(expected)));
}

#[test]
fn unusable_files_are_refused_by_name() {
    refuse_data(
        |_, test| *test = sample(3, &[0.0, 1.0], 4, 2),
        DataError::LatticeMismatch { training: square(2), role: "test configurations", found: square(3) },
    );
    refuse_data(|_, test| test.temperature[1] = 1.5, DataError::UnknownTestTemperature(1.5));
    refuse_data(
        |_, test| test.labels.fill(0),
        DataError::TooFewSamples { role: "test", temperature: 1.0, found: 0, needed: 2 },
    );
    refuse_data(
        |training, _| training.labels.fill(1),
        DataError::TooFewSamples { role: "training", temperature: 0.0, found: 0, needed: 2 },
    );
    refuse_data(
        |training, _| training.temperature[0] = 1.0,
        DataError::Classes(temp_classifier::ClassError::Repeated(1.0)),
    );
    refuse_data(|_, test| test.field = 0.5, DataError::FieldMismatch { training: 0.0, test: 0.5 });
    refuse_data(
        |training, _| training.lattice = square(3),
        DataError::WrongSites {
            role: "training",
            source: LatticeError::WrongSites { lattice: square(3), found: 4 },
        },
    );
    refuse_data(
        |_, test| test.labels[3] = 9,
        DataError::UnknownLabel { role: "test", index: 3, label: 9, classes: 2 },
    );
}

#[test]
fn a_table_for_another_lattice_is_refused() {
    let spins = sample(2, &[0.0, 1.0], 4, 1);
    let table = equation_of_state(3, &[0.0, 1.0]);
    let error = train(&quick(), &spins, &spins, Some(&table), &()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the training configurations are of lattice square:2x2, the equation of state of square:3x3: they must be the same"
    );
}

#[test]
fn settings_are_read_from_toml_and_unknown_ones_refused() {
    let config: ThermometerConfig = toml::from_str("hidden = [100, 20]\nepochs = 7").unwrap();
    assert_eq!(
        config,
        ThermometerConfig { hidden: vec![100, 20], epochs: 7, ..ThermometerConfig::default() }
    );
    assert_eq!(toml::from_str::<ThermometerConfig>(&toml::to_string(&config).unwrap()).unwrap(), config);
    let error = toml::from_str::<ThermometerConfig>("epoch = 7").unwrap_err().to_string();
    assert!(error.contains("unknown field `epoch`"), "{error}");
}
