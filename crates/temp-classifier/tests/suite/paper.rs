//! The paper's 25 classes, on exact tables and configurations of the sampler: L = 10 where the exact energies suffice,
//! L = 6 where the exact magnetization, which takes long at L = 10, is needed too.

use datasets::lattice::Lattice;
use datasets::{EquationOfState, Spins};
use ising_mc::{EquationOfStateConfig, SampleConfig, equation_of_state, sample};
use temp_classifier::{BayesPosterior, TemperatureScale, ThermometerConfig, Thermometers, measure, train};

fn classes() -> Vec<f64> {
    (0..25).map(|i| f64::from(i) * 0.25).collect()
}

fn table(size: usize, temperatures: Option<Vec<f64>>) -> EquationOfState {
    let mut config = EquationOfStateConfig::new(Lattice::square(size).unwrap(), 0);
    if let Some(temperatures) = temperatures {
        config.temperatures = temperatures;
    }
    equation_of_state(&config, &()).unwrap()
}

fn spins(size: usize, samples: usize, seed: u64) -> Spins {
    let config = SampleConfig {
        lattice: Lattice::square(size).unwrap(),
        temperatures: classes(),
        samples_per_temperature: samples,
        field: 0.0,
        algorithm: ising_mc::Algorithm::default(),
        model: ising_mc::Model::Ising,
        seed,
    };
    sample(&config, &()).unwrap()
}

#[test]
fn the_optimum_is_that_of_the_exact_energy_distribution() {
    let table = table(10, Some(vec![0.0, 1.0]));
    let states = table.density_of_states.unwrap();
    let posterior = BayesPosterior::new(Lattice::square(10).unwrap(), &states, &classes()).unwrap();
    // From an independent program, to the digits that it printed.
    assert!((posterior.optimum() - 2.1251).abs() < 5e-5, "{}", posterior.optimum());
    assert!((posterior.accuracy() - 0.1885).abs() < 5e-5, "{}", posterior.accuracy());
}

#[test]
fn exact_averages_give_back_their_temperature() {
    let table_of_all = table(6, None);
    // Between the nodes of the default grid; a grid starts at 0.
    let between = (0..52).map(|i| if i == 0 { 0.0 } else { 0.7183 + f64::from(i) * 0.1 });
    let truth = table(6, Some(between.collect()));
    let energy = TemperatureScale::energy(&table_of_all).unwrap();
    let magnetization = TemperatureScale::magnetization(&table_of_all).unwrap();
    for index in 1..truth.temperature.len() {
        let t = truth.temperature[index];
        let from_energy = energy.temperature(truth.energy_per_spin[index]);
        let from_magnetization = magnetization.temperature(truth.abs_magnetization[index]);
        assert!((from_energy - t).abs() < 1e-3, "T = {t}: T_E = {from_energy}");
        assert!((from_magnetization - t).abs() < 1e-3, "T = {t}: T_m = {from_magnetization}");
    }
}

#[test]
fn readings_of_sampled_ensembles_agree_with_their_temperatures() {
    let table = table(6, None);
    let thermometers = Thermometers::new(None, Some(&table), &classes()).unwrap();
    for measurement in measure(&thermometers, &spins(6, 500, 3)).unwrap() {
        let t = measurement.temperature;
        // Below T = 0.8 and above T = 5 the curves are flat: the reading is only within its (large) error.
        for value in [measurement.reading.energy_temperature, measurement.reading.magnetization_temperature] {
            let value = value.unwrap();
            // 50 readings, four standard errors: false alarms below 0.4 %; the seed is fixed.
            assert!((value.value - t).abs() < 4.0 * value.error, "T = {t}: {value:?}");
        }
    }
}

#[test]
fn a_short_training_is_near_the_optimum_and_not_below() {
    let table = table(10, Some(vec![0.0, 1.0]));
    let config = ThermometerConfig {
        hidden: vec![32],
        epochs: 12,
        batch_size: 50,
        learning_rate: 0.006,
        ..ThermometerConfig::default()
    };
    let (training, test) = (spins(10, 400, 1), spins(10, 200, 2));
    let thermometer = train(&config, &training, &test, Some(&table), &()).unwrap();
    let c = thermometer.calibration;
    let (bayes, optimum) = (c.bayes_cross_entropy.unwrap(), c.bayes_optimum.unwrap());
    // Exact posterior on 5000 sampled configurations: within four standard errors of its expectation.
    assert!((bayes - optimum).abs() < 4.0 * c.cross_entropy_error, "{bayes} {optimum}");
    assert!(c.cross_entropy > bayes - 4.0 * c.cross_entropy_error, "{} below {bayes}", c.cross_entropy);
    // Without any knowledge it would be ln 25 = 3.22.
    assert!(c.cross_entropy < 2.6, "{}", c.cross_entropy);
}

/// Tables in a field are read as tables of that field: at temperatures between those of the grid, by the exact averages
/// there.
#[test]
fn tables_in_a_field_read_their_own_temperatures() {
    let in_field = |temperatures: Vec<f64>| {
        let config = EquationOfStateConfig {
            field: 0.3,
            temperatures,
            ..EquationOfStateConfig::new(Lattice::square(4).unwrap(), 0)
        };
        equation_of_state(&config, &()).unwrap()
    };
    let table = in_field(EquationOfStateConfig::default_temperatures(datasets::lattice::Kind::Square));
    let truth = [1.537, 2.263, 3.31, 4.94];
    let exact = in_field(truth.to_vec());
    let energy = TemperatureScale::energy(&table).unwrap();
    let magnetization = TemperatureScale::magnetization(&table).unwrap();
    for (t, truth) in truth.into_iter().enumerate() {
        let found = energy.read(exact.energy_per_spin[t], 1e-6, 1_000_000).value;
        assert!((found - truth).abs() < 1e-3, "energy: {found} at {truth}");
        let found = magnetization.read(exact.abs_magnetization[t], 1e-6, 1_000_000).value;
        assert!((found - truth).abs() < 1e-3, "magnetization: {found} at {truth}");
    }
}
