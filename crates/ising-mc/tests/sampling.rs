//! What `sample` promises besides the right law: the same bits everywhere, refusals by name, exact ends.

use std::sync::Mutex;

use datasets::{Artifact, Interrupted, Progress, Spins};
use ising_mc::{Algorithm, Model, SampleConfig, SampleError, sample, sample_with};
use numerics::vector::Width;

fn config(algorithm: Algorithm) -> SampleConfig {
    SampleConfig {
        size: 6,
        temperatures: vec![0.0, 1.5, 2.269, 4.0, f64::INFINITY],
        samples_per_temperature: 600,
        field: 0.0,
        algorithm,
        model: Model::Ising,
        seed: 5,
    }
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    for algorithm in Algorithm::ALL {
        let mut config = config(algorithm);
        config.samples_per_temperature = 60;
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| sample(&config, &()).unwrap())
        };
        let one = on(1);
        assert!(on(2) == one && on(4) == one, "{algorithm:?}");
    }
}

#[test]
fn the_same_bits_at_every_register_width() {
    for algorithm in Algorithm::ALL {
        for field in [0.0, 0.2] {
            let mut config = config(algorithm);
            config.field = field;
            if field != 0.0 && !algorithm.allows_field() {
                continue;
            }
            config.samples_per_temperature = 100;
            let narrow = sample_with(&config, &(), Width::Portable).unwrap();
            for width in Width::ALL {
                assert!(sample_with(&config, &(), width).unwrap() == narrow, "{algorithm:?} {width:?}");
            }
        }
    }
}

#[test]
fn more_samples_or_temperatures_keep_what_was_there() {
    let few = sample(&config(Algorithm::Metropolis), &()).unwrap();
    let mut longer = config(Algorithm::Metropolis);
    longer.samples_per_temperature = 700;
    let many = sample(&longer, &()).unwrap();
    for t in 0..5 {
        assert_eq!(few.at(t), many.at(t).slice(ndarray::s![..600, ..]));
    }
    let mut other = config(Algorithm::Metropolis);
    other.seed = 6;
    assert_ne!(sample(&other, &()).unwrap().samples, few.samples);
}

#[test]
fn the_ends_are_exact() {
    let spins = sample(&config(Algorithm::Metropolis), &()).unwrap();
    let cold = spins.at(0);
    let up = cold.outer_iter().filter(|row| row.iter().all(|&s| s == 1)).count();
    let down = cold.outer_iter().filter(|row| row.iter().all(|&s| s == -1)).count();
    assert_eq!(up + down, 600);
    // Binomial with deviation 12; 5 deviations have a false-alarm rate of 6e-7.
    assert!(up.abs_diff(300) < 61, "{up}");
    let hot = spins.at(4);
    let sum: i64 = hot.iter().map(|&s| i64::from(s)).sum();
    assert!(sum.abs() < 5 * 147, "{sum}");
    let found = &spins.observables;
    assert_eq!((found.energy_per_spin[0], found.energy_per_spin_error[0]), (-2.0, 0.0));
    assert_eq!((found.specific_heat[0], found.specific_heat[4], found.susceptibility[4]), (0.0, 0.0, 0.0));
    assert_eq!(found.thermalization[0], 0.0);
    // With a field there is one ground state.
    let mut in_field = config(Algorithm::Metropolis);
    in_field.field = -0.5;
    assert!(sample(&in_field, &()).unwrap().at(0).iter().all(|&s| s == -1));
}

#[test]
fn observables_are_filled_and_fit_the_exact_values() {
    let spins = sample(&config(Algorithm::Metropolis), &()).unwrap();
    let found = &spins.observables;
    // 5 temperatures × 5 quantities, 4.9 deviations: a false-alarm rate of 3e-5.
    for (name, value, error, exact) in [
        ("energy", &found.energy_per_spin, &found.energy_per_spin_error, &found.energy_per_spin_exact),
        ("|m|", &found.abs_magnetization, &found.abs_magnetization_error, &found.abs_magnetization_exact),
        ("heat", &found.specific_heat, &found.specific_heat_error, &found.specific_heat_exact),
        ("response", &found.susceptibility, &found.susceptibility_error, &found.susceptibility_exact),
        ("binder", &found.binder_cumulant, &found.binder_cumulant_error, &found.binder_cumulant_exact),
    ] {
        for t in 0..5 {
            let exact = exact.as_ref().unwrap()[t];
            let deviation = (value[t] - exact).abs();
            assert!(deviation <= 4.9 * error[t] + 1e-9, "{name} {t}: {} {exact} ± {}", value[t], error[t]);
        }
    }
    for t in 1..4 {
        let tau = found.autocorrelation_time[t];
        assert!((0.5..30.0).contains(&tau));
        assert!(found.thermalization[t] >= 20.0 * tau && found.thinning[t] >= 5.0 * tau);
        assert_eq!(found.effective_samples[t], 600.0);
    }
    // The file layer's own checks accept it.
    assert_eq!(Spins::from_tree(&spins.to_tree()).unwrap(), spins);
}

/// Near the ground states the Binder cumulant differs from ⅔ by far less than the digits of ⟨m⁴⟩ and ⟨m²⟩, and its error too.
#[test]
fn binder_cumulants_and_their_errors_are_no_rounding_at_low_temperature() {
    let temperatures = vec![0.25, 0.5, 0.8, 1.1];
    let config = SampleConfig {
        size: 10,
        temperatures,
        samples_per_temperature: 8000,
        ..config(Algorithm::Metropolis)
    };
    let spins = sample(&config, &()).unwrap();
    let found = &spins.observables;
    for t in 0..4 {
        let rows = &spins.magnetization[t * 8000..(t + 1) * 8000];
        let turned = rows.iter().filter(|m| m.abs() < 100).count() as f64;
        let error = found.binder_cumulant_error[t];
        if turned == 0.0 {
            assert_eq!((found.binder_cumulant[t], error), (2.0 / 3.0, 0.0));
        } else {
            // A turned spin takes m² from 1 to 0.98²: Var(m²) is at least that of as many, known to 1 / √turned.
            let least = turned / 8000.0 * 0.0396f64.powi(2) / 3.0 / turned.sqrt();
            assert!(error > 0.5 * least, "T = {}: {error} {least}", config.temperatures[t]);
            let z = (found.binder_cumulant[t] - found.binder_cumulant_exact.as_ref().unwrap()[t]) / error;
            // Few and skewed events: a generous 6 standard errors.
            assert!(z.abs() < 6.0, "T = {}: z = {z}", config.temperatures[t]);
        }
    }
    assert!(found.binder_cumulant_error[3] > 0.0);
    // At T = 0.25 the exact value is ⅔ up to e^−32.
    assert!((found.binder_cumulant_exact.as_ref().unwrap()[0] - 2.0 / 3.0).abs() < 1e-14);
}

#[test]
fn long_runs_take_several_samples_from_a_chain() {
    let config = SampleConfig {
        size: 3,
        temperatures: vec![2.5],
        samples_per_temperature: 20_000,
        field: 0.0,
        algorithm: Algorithm::HeatBath,
        model: Model::Ising,
        seed: 1,
    };
    let spins = sample(&config, &()).unwrap();
    assert_eq!(spins.samples.dim(), (20_000, 9));
    let effective = spins.observables.effective_samples[0];
    assert!((19_000.0..=20_000.0).contains(&effective), "{effective}");
    let exact = spins.observables.energy_per_spin_exact.as_ref().unwrap()[0];
    let z = (spins.observables.energy_per_spin[0] - exact) / spins.observables.energy_per_spin_error[0];
    assert!(z.abs() < 4.9, "{z}");
}

#[test]
fn nonsense_is_refused_by_name() {
    let refused = |change: &dyn Fn(&mut SampleConfig)| {
        let mut config = config(Algorithm::Metropolis);
        change(&mut config);
        sample(&config, &()).unwrap_err()
    };
    assert_eq!(refused(&|c| c.size = 0), SampleError::Size(0));
    assert_eq!(refused(&|c| c.size = 1), SampleError::Size(1));
    assert!(matches!(refused(&|c| c.size = usize::MAX), SampleError::Size(_)));
    assert_eq!(refused(&|c| c.temperatures.clear()), SampleError::NoTemperatures);
    let error = refused(&|c| c.temperatures[2] = f64::NAN);
    assert_eq!(error.to_string(), "temperature number 2 is NaN, not a number in 0..=inf");
    assert!(matches!(refused(&|c| c.temperatures[1] = -0.5), SampleError::Temperature { index: 1, .. }));
    assert_eq!(refused(&|c| c.temperatures[1] = 4.0), SampleError::RepeatedTemperature(4.0));
    assert_eq!(refused(&|c| c.samples_per_temperature = 0), SampleError::NoSamples);
    assert!(matches!(refused(&|c| c.samples_per_temperature = usize::MAX), SampleError::TooLarge { .. }));
    assert_eq!(refused(&|c| c.field = f64::INFINITY), SampleError::Field(f64::INFINITY));
    assert!(matches!(refused(&|c| c.field = f64::NAN), SampleError::Field(_)));
    let error = refused(&|c| (c.field, c.algorithm) = (0.1, Algorithm::Wolff));
    assert!(error.to_string().contains("`wolff`") && error.to_string().contains("`heat-bath`"), "{error}");
    let error = refused(&|c| {
        (c.field, c.algorithm, c.temperatures) = (1e-3, Algorithm::CouplingFromThePast, vec![0.5]);
    });
    assert!(matches!(error, SampleError::NotCoalesced { .. }), "{error}");
    let odd = refused(&|c| (c.algorithm, c.size) = (Algorithm::Checkerboard, 7));
    assert_eq!(odd, SampleError::OddSize(7));
    assert!(matches!(
        refused(&|c| c.temperatures = (0..70_000).map(f64::from).collect()),
        SampleError::TooManyTemperatures(70_000)
    ));
}

#[test]
fn extreme_temperatures_and_fields_do_no_harm() {
    for algorithm in Algorithm::ALL {
        for field in [0.0, 1e300, -1e-300] {
            // In a weak field below T_c coupling from the past says that it does not come to an end.
            let exact = algorithm == Algorithm::CouplingFromThePast;
            if field != 0.0 && (exact || !algorithm.allows_field()) {
                continue;
            }
            let size = if algorithm == Algorithm::Checkerboard { 4 } else { 3 };
            let config = SampleConfig {
                size,
                temperatures: vec![1e-300, 1e-3, 1e12, 1e300],
                samples_per_temperature: 20,
                field,
                algorithm,
                model: Model::Ising,
                seed: 1,
            };
            let spins = sample(&config, &()).unwrap();
            let ground = -2 * (size * size) as i32;
            assert!(spins.energy[..40].iter().all(|&e| e == ground), "{algorithm:?} {field}");
            for series in [&spins.observables.energy_per_spin, &spins.observables.specific_heat_error] {
                assert!(series.iter().all(|x| x.is_finite()), "{algorithm:?} {field}");
            }
        }
    }
}

/// Remembers what it was told and asks to stop at some point.
struct Listener {
    stop_at: f64,
    heard: Mutex<Vec<f64>>,
}

impl Progress for Listener {
    fn report(&self, fraction: f64) -> Result<(), Interrupted> {
        self.heard.lock().unwrap().push(fraction);
        if fraction >= self.stop_at { Err(Interrupted) } else { Ok(()) }
    }
}

#[test]
fn progress_is_reported_and_can_stop() {
    let listener = Listener { stop_at: 2.0, heard: Mutex::default() };
    sample(&config(Algorithm::Metropolis), &listener).unwrap();
    let heard = listener.heard.into_inner().unwrap();
    assert!(heard.iter().all(|f| (0.0..=1.0).contains(f)) && heard.last() == Some(&1.0));
    let listener = Listener { stop_at: 0.35, heard: Mutex::default() };
    let stopped = sample(&config(Algorithm::Metropolis), &listener);
    assert_eq!(stopped.unwrap_err(), SampleError::Interrupted(Interrupted));
}
