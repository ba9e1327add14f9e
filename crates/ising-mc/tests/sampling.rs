//! What `sample` promises besides the right law: the same bits everywhere, refusals by name, exact ends.

use datasets::lattice::Lattice;
use std::sync::Mutex;

use datasets::{Artifact, Interrupted, Progress, Spins};
use ising_mc::{Algorithm, Model, SampleConfig, SampleError, sample, sample_with};
use numerics::vector::Width;

fn config(algorithm: Algorithm) -> SampleConfig {
    SampleConfig {
        lattice: Lattice::square(6).unwrap(),
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

/// One call with a list and one for each temperature are the same, in any order; and what differs in temperature, size,
/// field or algorithm has nothing else in common.
#[test]
fn streams_are_those_of_the_temperature() {
    for algorithm in Algorithm::ALL {
        for (model, field) in
            [(Model::Ising, 0.0), (Model::Ising, 0.2), (Model::Shuffled, 0.0), (Model::CurieWeiss, 0.0)]
        {
            let of = |temperatures: &[f64]| SampleConfig {
                temperatures: temperatures.to_vec(),
                samples_per_temperature: 50,
                field,
                model,
                ..config(algorithm)
            };
            let list = [5.0, 5.1, 0.0, f64::INFINITY, 3.0];
            if of(&list).check().is_err() {
                continue;
            }
            let together = sample(&of(&list), &()).unwrap();
            let mut backwards = list;
            backwards.reverse();
            let reversed = sample(&of(&backwards), &()).unwrap();
            for (t, &temperature) in list.iter().enumerate() {
                let alone = sample(&of(&[temperature]), &()).unwrap();
                assert_eq!(alone.at(0), together.at(t), "{algorithm:?} {model:?} {field} {temperature}");
                assert_eq!(alone.at(0), reversed.at(4 - t), "{algorithm:?} {model:?} {field} {temperature}");
            }
        }
    }
}

/// Two calls with one seed, at temperatures that hardly differ: 2000 rows, so that 4.9 / √2000 is exceeded by chance
/// with a probability of 1e-6.
#[test]
fn different_temperatures_are_uncorrelated() {
    let correlation = |a: &[i32], b: &[i32]| {
        let n = a.len() as f64;
        let centred = |x: &[i32]| {
            let mean = x.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
            x.iter().map(|&x| f64::from(x) - mean).collect::<Vec<f64>>()
        };
        let (a, b) = (centred(a), centred(b));
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
    };
    for algorithm in Algorithm::ALL {
        let at = |temperature: f64| {
            let config = SampleConfig {
                temperatures: vec![temperature],
                samples_per_temperature: 2000,
                ..config(algorithm)
            };
            sample(&config, &()).unwrap()
        };
        for (a, b) in [(5.0, 5.1), (2.0, 2.05), (f64::INFINITY, 1e6)] {
            let (a, b) = (at(a), at(b));
            for r in [correlation(&a.energy, &b.energy), correlation(&a.magnetization, &b.magnetization)] {
                assert!(r.abs() < 4.9 / 2000f64.sqrt(), "{algorithm:?} {r}");
            }
        }
    }
}

/// The specific heat is that of the whole energy, as exact tables have it.
#[test]
fn specific_heat_in_a_field() {
    for (size, field) in [(2, 0.5), (4, -0.2), (3, 3.0)] {
        let temperatures = vec![0.0, 1.0, 2.269, 6.0, f64::INFINITY];
        let config = SampleConfig {
            lattice: Lattice::square(size).unwrap(),
            field,
            temperatures: temperatures.clone(),
            samples_per_temperature: 8000,
            ..config(Algorithm::HeatBath)
        };
        let found = sample(&config, &()).unwrap().observables;
        let exact = found.specific_heat_exact.unwrap();
        for (t, &temperature) in temperatures.iter().enumerate() {
            let states = ising_mc::exact::enumerate(Lattice::square(size).unwrap()).unwrap();
            let sites = (size * size) as f64;
            if temperature == 0.0 || temperature == f64::INFINITY {
                assert_eq!((exact[t], found.specific_heat[t], found.specific_heat_error[t]), (0.0, 0.0, 0.0));
                continue;
            }
            let energy = |e: i32, m: i32| f64::from(e) - field * f64::from(m);
            let ground = -(2.0 + field.abs()) * sites;
            let average = |f: &dyn Fn(f64) -> f64| {
                let (mut sum, mut total) = (0.0, 0.0);
                for state in &states {
                    let energy = energy(state.energy, state.magnetization);
                    let weight = state.count as f64 * ((ground - energy) / temperature).exp();
                    (sum, total) = (sum + weight * f(energy), total + weight);
                }
                sum / total
            };
            let mean = average(&|energy| energy);
            let expected = average(&|energy| (energy - mean).powi(2)) / (sites * temperature * temperature);
            assert!(
                (exact[t] - expected).abs() < 1e-12,
                "{size} {field} {temperature}: {} {expected}",
                exact[t]
            );
            let (value, error) = (found.specific_heat[t], found.specific_heat_error[t]);
            // Where all configurations are the ground state they tell no error.
            let frozen = value == 0.0 && error.is_nan() && expected < 1e-3;
            assert!(frozen || (value - expected).abs() < 4.9 * error, "{size} {field} {temperature}");
        }
    }
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

/// Near the ground states the Binder cumulant differs from ⅔ by far less than the digits of ⟨m⁴⟩ and ⟨m²⟩, and its
/// error too.
#[test]
fn binder_cumulants_and_their_errors_are_no_rounding_at_low_temperature() {
    let temperatures = vec![0.25, 0.5, 0.8, 1.1];
    let config = SampleConfig {
        lattice: Lattice::square(10).unwrap(),
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
            assert!(found.binder_cumulant[t] == 2.0 / 3.0 && error.is_nan());
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
        lattice: Lattice::square(3).unwrap(),
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
    let lattice = |name: &str| name.parse::<Lattice>().unwrap();
    let large = lattice("chain:100000000");
    assert_eq!(refused(&|c| c.lattice = large), SampleError::TooManySites(large));
    let none = lattice("none:9");
    assert_eq!(refused(&|c| c.lattice = none), SampleError::NoBonds(none));
    let ring = lattice("chain:10");
    let of_ring = refused(&|c| (c.lattice, c.model) = (ring, Model::CurieWeiss));
    assert_eq!(of_ring, SampleError::NoCurieWeiss(ring));
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
    for name in ["square:7", "square:4x6", "triangular:6"] {
        let error = refused(&|c| (c.algorithm, c.lattice) = (Algorithm::Checkerboard, lattice(name)));
        assert_eq!(error, SampleError::NoCheckerboard(lattice(name)));
    }
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
                lattice: Lattice::square(size).unwrap(),
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
            let found = &spins.observables;
            assert!(found.energy_per_spin.iter().all(|x| x.is_finite()), "{algorithm:?} {field}");
            // Where nothing has changed, no errors are known. In the weakest field both ground states occur, whose whole
            // energies differ.
            let weak = field.abs() == 1e-300;
            for (series, constant) in
                [(&found.specific_heat_error, !weak), (&found.energy_per_spin_error, true)]
            {
                assert!(
                    !constant || series[..2].iter().all(|x| x.is_nan()),
                    "{algorithm:?} {field} {series:?}"
                );
                assert!(series[2].is_finite() != (field == 1e300), "{algorithm:?} {field} {series:?}");
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

/// The lattice is a kind with a size or a shape; squares are as they were before others.
#[test]
fn lattices_in_settings() {
    let rest = "temperatures = [2.0]\nsamples_per_temperature = 3\n";
    let read = |text: &str| toml::from_str::<SampleConfig>(&format!("{text}\n{rest}"));
    for (text, lattice) in [
        ("size = 6", "square:6"),
        ("shape = [6, 4]", "square:6x4"),
        ("lattice = \"triangular\"\nsize = 6", "triangular:6"),
        ("lattice = \"honeycomb\"\nshape = [6, 4]", "honeycomb:6x4"),
        ("lattice = \"cubic\"\nsize = 3", "cubic:3"),
        ("lattice = \"chain\"\nsize = 3", "chain:3"),
    ] {
        let config = read(text).unwrap();
        assert_eq!(config.lattice, lattice.parse().unwrap());
        let written = toml::to_string(&config).unwrap();
        assert!(written.starts_with(text), "{written}");
        assert_eq!(toml::from_str::<SampleConfig>(&written).unwrap(), config);
    }
    for (text, says) in [
        ("size = 1", "at least 2"),
        ("lattice = \"triangular\"\nsize = 2", "at least 3"),
        ("lattice = \"honeycomb\"\nsize = 5", "even"),
        ("lattice = \"kagome\"\nsize = 5", "honeycomb"),
        ("lattice = \"cubic\"\nshape = [5, 5]", "three sides"),
        ("lattice = \"chain\"", "size of the lattice, or its shape"),
        ("size = 4\nshape = [4, 4]", "size of the lattice, or its shape"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
}

/// On each lattice the same bytes with any number of threads and at any width, and other ones for another lattice.
#[test]
fn other_lattices_are_sampled_alike_everywhere() {
    let lattices = ["chain:16", "square:4x6", "honeycomb:6x4", "triangular:4", "cubic:2x3x4"];
    for algorithm in Algorithm::ALL.into_iter().filter(|&a| a != Algorithm::Checkerboard) {
        let mut all = Vec::new();
        for name in lattices {
            let config = SampleConfig {
                lattice: name.parse().unwrap(),
                temperatures: vec![1.0, 2.0, f64::INFINITY],
                samples_per_temperature: 20,
                field: 0.0,
                algorithm,
                model: Model::Ising,
                seed: 3,
            };
            let narrow = ising_mc::sample_with(&config, &(), numerics::vector::Width::Portable).unwrap();
            let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
            let wide = pool.install(|| sample(&config, &()).unwrap());
            assert!(wide.samples == narrow.samples, "{name} {algorithm:?}");
            let one = SampleConfig { temperatures: vec![2.0], ..config };
            assert_eq!(sample(&one, &()).unwrap().samples, narrow.at(1), "{name} {algorithm:?}");
            all.push(narrow.at(2).iter().take(320).copied().collect::<Vec<i8>>());
        }
        all.sort();
        all.dedup();
        assert_eq!(all.len(), lattices.len(), "{algorithm:?}");
    }
}
