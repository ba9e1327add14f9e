//! All thermometers on ensembles of known temperature.

use crate::exact::{equation_of_state, fine_grid, sample, square};
use datasets::lattice::LatticeError;
use datasets::{LabelKind, Layer, Readout, Thermometer};
use ndarray::{Array1, Array2};
use temp_classifier::{ReadoutError, ThermometerConfig, Thermometers, measure, probabilities, train};

const CLASSES: [f64; 5] = [0.0, 1.0, 2.0, 3.0, 6.0];

fn trained() -> Thermometer {
    let config = ThermometerConfig {
        hidden: vec![24],
        epochs: 30,
        batch_size: 50,
        learning_rate: 0.01,
        ..ThermometerConfig::default()
    };
    train(&config, &sample(4, &CLASSES, 800, 1), &sample(4, &CLASSES, 100, 2), None, &()).unwrap()
}

#[test]
fn every_thermometer_reads_the_temperature_of_an_exact_ensemble() {
    let network = trained();
    let table = equation_of_state(4, &fine_grid());
    let thermometers = Thermometers::new(Some(&network), Some(&table), &[]).unwrap();
    assert_eq!(thermometers.classes(), CLASSES);
    let spins = sample(4, &[1.5, 2.0, 2.5, 3.0, 3.5], 4000, 7);
    for measurement in measure(&thermometers, &spins).unwrap() {
        let t = measurement.temperature;
        assert_eq!(measurement.configurations, 4000);
        // Ten readings, four standard errors each: false alarms below 1e-3.
        for value in [measurement.reading.energy_temperature, measurement.reading.magnetization_temperature] {
            let value = value.unwrap();
            assert!((value.value - t).abs() < 4.0 * value.error, "T = {t}: {value:?}");
            assert!(value.error < 0.1);
        }
        let nn = measurement.reading.nn_posterior.unwrap();
        assert!((nn.iter().sum::<f64>() - 1.0).abs() < 1e-5);
        let mean: f64 = nn.iter().zip(CLASSES).map(|(p, t)| p * t).sum();
        assert!((mean - measurement.reading.nn_temperature.unwrap().value).abs() < 1e-9);
        let bayes = measurement.reading.bayes_posterior.unwrap();
        assert!((bayes.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let mean: f64 = bayes.iter().zip(CLASSES).map(|(p, t)| p * t).sum();
        assert!((mean - measurement.reading.bayes_temperature.unwrap().value).abs() < 1e-9);
        for (ours, exact) in nn.iter().zip(&bayes) {
            assert!((ours - exact).abs() < 0.1, "T = {t}: network {nn:?}, exact {bayes:?}");
        }
        let largest = nn.iter().copied().fold(0.0, f64::max);
        let peak = CLASSES.iter().position(|&class| class == measurement.reading.nn_peak.unwrap()).unwrap();
        assert_eq!(nn[peak], largest);
    }
}

#[test]
fn standard_errors_are_those_of_the_mean_over_configurations() {
    let network = trained();
    let thermometers = Thermometers::new(Some(&network), None, &[]).unwrap();
    // More rows than a block, and not a multiple of it.
    let spins = sample(4, &[2.5], 700, 8);
    let reading = thermometers.read(square(4), spins.samples.view());
    let each: Vec<f64> = probabilities(&network, spins.samples.view())
        .unwrap()
        .rows()
        .into_iter()
        .map(|row| row.iter().zip(CLASSES).map(|(&p, t)| f64::from(p) * t).sum())
        .collect();
    let mean = each.iter().sum::<f64>() / 700.0;
    let error = (each.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 699.0 / 700.0).sqrt();
    let value = reading.nn_temperature.unwrap();
    assert!((value.value - mean).abs() < 1e-12 && (value.error - error).abs() < 1e-12);
    assert_eq!((reading.bayes_posterior, reading.energy_temperature), (None, None));
}

#[test]
fn the_memory_layout_of_an_ensemble_does_not_matter() {
    let network = trained();
    let table = equation_of_state(4, &fine_grid());
    let thermometers = Thermometers::new(Some(&network), Some(&table), &[]).unwrap();
    let rows = sample(4, &[2.5], 300, 8).samples;
    let columns = rows.t().as_standard_layout().into_owned();
    assert_eq!(thermometers.read(square(4), columns.t()), thermometers.read(square(4), rows.view()));
}

#[test]
fn tables_of_several_sizes_read_their_own_lattices() {
    let network = trained();
    let thermometers = Thermometers::new(Some(&network), Some(&equation_of_state(4, &fine_grid())), &CLASSES)
        .unwrap()
        .with_table(&equation_of_state(2, &fine_grid()))
        .unwrap();
    let small = thermometers.read(square(2), sample(2, &[3.0], 5000, 9).samples.view());
    assert_eq!(small.nn_posterior, None);
    let value = small.energy_temperature.unwrap();
    assert!((value.value - 3.0).abs() < 4.0 * value.error, "{value:?}");
    assert!(small.bayes_posterior.is_some());
    let unknown = thermometers.read(square(3), sample(3, &[3.0], 10, 9).samples.view());
    assert_eq!((unknown.energy_temperature, unknown.bayes_posterior, unknown.nn_peak), (None, None, None));
    let empty = thermometers.read(square(4), Array2::<i8>::ones((0, 16)).view());
    assert_eq!((empty.energy_temperature, empty.nn_posterior), (None, None));
}

/// A table knows temperatures, so that it says nothing of classes that are none.
#[test]
fn classes_of_other_data_have_no_exact_posterior() {
    let network = Thermometer { label_kind: LabelKind::Class, ..trained() };
    let table = equation_of_state(4, &fine_grid());
    let thermometers = Thermometers::new(Some(&network), Some(&table), &[]).unwrap();
    let reading = thermometers.read(square(4), sample(4, &[2.0], 10, 3).samples.view());
    assert_eq!((reading.bayes_posterior.is_none(), reading.nn_posterior.is_some()), (true, true));
}

#[test]
fn exact_averages_are_read_as_their_temperature() {
    let table = equation_of_state(4, &fine_grid());
    let thermometers = Thermometers::new(None, Some(&table), &[]).unwrap();
    let exact = equation_of_state(4, &[2.5]);
    let (energy, magnetization) = (exact.energy_per_spin[0], exact.abs_magnetization[0]);
    let found = thermometers.read_averages(square(4), energy, magnetization);
    assert!(found.iter().all(|t| (t.unwrap() - 2.5).abs() < 1e-3), "{found:?}");
    assert_eq!(thermometers.read_averages(square(3), energy, magnetization), [None, None]);
}

#[test]
fn the_ends_of_the_scale_are_finite() {
    let network = trained();
    let table = equation_of_state(4, &fine_grid());
    let thermometers = Thermometers::new(Some(&network), Some(&table), &[]).unwrap();
    let ground = thermometers.read(square(4), sample(4, &[0.0], 1000, 3).samples.view());
    assert_eq!(ground.energy_temperature.unwrap().value, 0.0);
    assert_eq!(ground.magnetization_temperature.unwrap().value, 0.0);
    assert_eq!(ground.bayes_temperature.unwrap().error, 0.0);
    let random = thermometers.read(square(4), sample(4, &[f64::INFINITY], 1000, 3).samples.view());
    let hot = random.energy_temperature.unwrap();
    assert!(hot.value == 6.0 && hot.error > 1.0 && hot.error.is_finite(), "{hot:?}");
    let one = thermometers.read(square(4), sample(4, &[2.0], 1, 3).samples.view());
    for value in [one.energy_temperature, one.nn_temperature, one.bayes_temperature] {
        assert_eq!(value.unwrap().error, 6.0);
    }
}

#[test]
fn a_distribution_with_an_infinite_class_has_no_mean() {
    let table = equation_of_state(3, &fine_grid());
    let thermometers = Thermometers::new(None, Some(&table), &[0.0, 2.0, f64::INFINITY]).unwrap();
    let reading = thermometers.read(square(3), sample(3, &[f64::INFINITY], 500, 3).samples.view());
    assert_eq!(reading.bayes_temperature, None);
    assert!(reading.bayes_posterior.unwrap()[2] > 0.5);
}

#[test]
fn an_untrained_network_of_one_layer_reads_what_it_computes() {
    // Logits 2 σ_0 and 0: p = 1 / (1 + e^∓2).
    let mut weights = Array2::zeros((4, 2));
    weights[[0, 0]] = 2.0;
    let network = Thermometer {
        lattice: square(2),
        layers: vec![Layer { weights, bias: Array1::zeros(2) }],
        temperature: vec![1.0, 3.0],
        ..trained()
    };
    let spins = ndarray::array![[1i8, 1, 1, 1], [-1, 1, 1, 1]];
    let p = probabilities(&network, spins.view()).unwrap();
    let expected = 1.0 / (1.0 + (-2f32).exp());
    assert!((p[[0, 0]] - expected).abs() < 1e-6 && (p[[1, 1]] - expected).abs() < 1e-6);
    let reading = Thermometers::new(Some(&network), None, &[]).unwrap().read(square(2), spins.view());
    assert!((reading.nn_temperature.unwrap().value - 2.0).abs() < 1e-6);
}

#[test]
fn what_does_not_fit_together_is_refused_by_name() {
    let network = trained();
    let refuse = |classes: &[f64]| Thermometers::new(Some(&network), None, classes).err().unwrap();
    assert_eq!(refuse(&[1.0, 2.0]), ReadoutError::ClassCount { network: 5, classes: 2 });
    assert_eq!(
        refuse(&[0.0, 1.0, 2.5, 3.0, 6.0]),
        ReadoutError::ClassMismatch { index: 2, network: 2.0, class: 2.5 }
    );
    let wrong = Thermometer { lattice: square(3), ..network.clone() };
    let error = Thermometers::new(Some(&wrong), None, &[]).err().unwrap();
    assert_eq!(error, ReadoutError::NetworkShape { inputs: 16, lattice: square(3) });
    assert_eq!(
        probabilities(&network, Array2::<i8>::ones((2, 9)).view()).unwrap_err(),
        ReadoutError::WrongSites(LatticeError::WrongSites { lattice: square(4), found: 9 })
    );
    let thermometers = Thermometers::new(Some(&network), None, &[]).unwrap();
    let mut spins = sample(4, &CLASSES, 2, 1);
    spins.field = 0.1;
    assert_eq!(measure(&thermometers, &spins).unwrap_err(), ReadoutError::Field(0.1));
}

#[test]
fn thermometers_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Thermometers<'_>>();
    shared::<temp_classifier::BayesPosterior>();
    shared::<temp_classifier::TemperatureScale>();
    shared::<temp_classifier::TrainError>();
    shared::<ReadoutError>();
}

/// Networks and configurations of other programs may lie in memory column by column.
#[test]
fn arrays_by_columns_are_read_as_the_same() {
    fn by_columns<T: Copy>(array: &Array2<T>) -> Array2<T> {
        Array2::from_shape_fn(ndarray::ShapeBuilder::f(array.dim()), |index| array[index])
    }
    let network = trained();
    let mut other = network.clone();
    other.layers.iter_mut().for_each(|layer| layer.weights = by_columns(&layer.weights));
    let spins = sample(4, &[2.5], 300, 8).samples;
    let turned = by_columns(&spins);
    assert!(turned.as_slice().is_none());
    let expected = probabilities(&network, spins.view()).unwrap();
    assert_eq!(probabilities(&other, turned.view()).unwrap(), expected);
    let read = |network, spins: &Array2<i8>| {
        Thermometers::new(Some(network), None, &[]).unwrap().read(square(4), spins.view())
    };
    assert_eq!(read(&other, &turned), read(&network, &spins));
}
