//! The laws without geometry: shuffled configurations and the Curie–Weiss model.

mod chi_squared;

use chi_squared::p_value;
use datasets::lattice::Lattice;
use datasets::{Artifact, Spins};
use ising_mc::exact::{curie_weiss, magnetization_distribution};
use ising_mc::observables::axis_correlation;
use ising_mc::statistics::mean_and_error;
use ising_mc::{Algorithm, Model, SampleConfig, SampleError, sample};

/// About 60 comparisons are made: all together raise a false alarm with a probability of 6e-5.
const FALSE_ALARM: f64 = 1e-6;
/// The same in standard errors.
const DEVIATION: f64 = 4.9;

fn config(model: Model, size: usize, temperatures: &[f64], samples: usize) -> SampleConfig {
    SampleConfig {
        lattice: Lattice::square(size).unwrap(),
        temperatures: temperatures.to_vec(),
        samples_per_temperature: samples,
        field: 0.0,
        algorithm: Algorithm::Metropolis,
        model,
        seed: 21,
    }
}

/// G(r) of any r, averaged over configurations, is the mean over all pairs of sites, (N⟨m²⟩ − 1) / (N − 1).
fn check_correlation(spins: &Spins, t: usize, squared: f64) {
    let rows = spins.at(t);
    let lattice = spins.lattice;
    let sites = spins.sites() as f64;
    let expected = (sites * squared - 1.0) / (sites - 1.0);
    let all: Vec<Vec<f64>> =
        rows.outer_iter().map(|row| axis_correlation(lattice, row.to_slice().unwrap())).collect();
    for r in 1..=lattice.axis_steps() {
        let series: Vec<f64> = all.iter().map(|g| g[r]).collect();
        let found = mean_and_error(&series);
        let z = (found.value - expected) / found.error;
        println!("G({r}) {:.5} ± {:.5}, expected {expected:.5}, z {z:.2}", found.value, found.error);
        assert!(z.abs() < DEVIATION, "r = {r}, z = {z}");
    }
}

#[test]
fn shuffling_keeps_magnetizations_and_nothing_else() {
    let temperatures = [0.0, 1.8, 2.269, 3.5, f64::INFINITY];
    let ising = sample(&config(Model::Ising, 8, &temperatures, 4000), &()).unwrap();
    let shuffled = sample(&config(Model::Shuffled, 8, &temperatures, 4000), &()).unwrap();
    assert_eq!(ising.magnetization, shuffled.magnetization);
    assert_ne!(ising.samples, shuffled.samples);
    for (t, &temperature) in temperatures.iter().enumerate().take(4).skip(1) {
        let squared = magnetization_distribution(8, temperature).unwrap().squared();
        check_correlation(&shuffled, t, squared);
        let found = &shuffled.observables;
        let exact = found.energy_per_spin_exact.as_ref().unwrap()[t];
        assert!((found.energy_per_spin[t] - exact).abs() < DEVIATION * found.energy_per_spin_error[t]);
        // Which is not that of the Ising model.
        let difference = found.energy_per_spin[t] - ising.observables.energy_per_spin[t];
        assert!(difference > DEVIATION * found.energy_per_spin_error[t], "{difference}");
        assert_eq!(found.abs_magnetization_exact, ising.observables.abs_magnetization_exact);
        assert_eq!(found.specific_heat_exact, None);
    }
    assert_eq!(shuffled.algorithm, "metropolis, shuffled");
    assert_eq!(Spins::from_tree(&shuffled.to_tree()).unwrap(), shuffled);
}

#[test]
fn curie_weiss_magnetizations_follow_their_law() {
    let temperatures = [2.0, 3.5, 4.0, 5.0, f64::INFINITY];
    for (size, field) in [(3, 0.0), (10, 0.0), (10, -0.05), (16, 0.0)] {
        let config = SampleConfig { field, ..config(Model::CurieWeiss, size, &temperatures, 10_000) };
        let spins = sample(&config, &()).unwrap();
        for (t, &temperature) in temperatures.iter().enumerate() {
            let law = curie_weiss(size, temperature, field).unwrap();
            let pairs: Vec<(i32, f64)> =
                law.magnetization.iter().copied().zip(law.probability.clone()).collect();
            let p = p_value(&spins.magnetization[t * 10_000..(t + 1) * 10_000], &pairs);
            println!("L {size} h {field} T {temperature} p(M) {p:.4}");
            assert!(p > FALSE_ALARM, "L = {size}, T = {temperature}");
            check_correlation(&spins, t, law.squared());
        }
        assert_eq!(spins.observables.effective_samples, [10_000.0; 5]);
        assert_eq!(spins.algorithm, "curie-weiss");
        assert_eq!(Spins::from_tree(&spins.to_tree()).unwrap(), spins);
    }
}

#[test]
fn curie_weiss_has_its_ends_and_any_size() {
    let spins = sample(&config(Model::CurieWeiss, 40, &[0.0, 4.0], 200), &()).unwrap();
    assert!(spins.magnetization[..200].iter().all(|m| m.abs() == 1600));
    assert_eq!(spins.observables.abs_magnetization[0], 1.0);
    // The algorithm is not used, and so not refused.
    let unused =
        SampleConfig { field: 0.1, algorithm: Algorithm::Wolff, ..config(Model::CurieWeiss, 4, &[2.0], 10) };
    assert!(sample(&unused, &()).is_ok());
    let used = SampleConfig { model: Model::Shuffled, ..unused };
    assert!(matches!(sample(&used, &()), Err(SampleError::FieldUnsupported { .. })));
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    for model in [Model::Shuffled, Model::CurieWeiss] {
        let config = config(model, 6, &[1.5, 4.0, f64::INFINITY], 300);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| sample(&config, &()).unwrap())
        };
        let one = on(1);
        assert!(on(2) == one && on(3) == one, "{model:?}");
        let more = sample(&SampleConfig { samples_per_temperature: 400, ..config.clone() }, &()).unwrap();
        assert_eq!(more.at(1).slice(ndarray::s![..300, ..]), one.at(1), "{model:?}");
    }
}
