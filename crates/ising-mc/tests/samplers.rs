//! Every sampler against the exact distributions of energy and magnetization.
//!
//! The samples come from different chains, so they are independent and χ² needs no correction. The false-alarm rate of
//! one comparison is [`FALSE_ALARM`]; the seeds are fixed.

mod chi_squared;

use chi_squared::p_value;
use datasets::lattice::Lattice;
use ising_mc::exact::{
    canonical, critical_temperature, density_of_states, enumerate, magnetization_distribution,
};
use ising_mc::{Algorithm, Model, SampleConfig, sample};

/// About 200 comparisons are made, so that all of them together raise a false alarm with a probability of 0.02 %.
const FALSE_ALARM: f64 = 1e-6;

fn energy_law(size: usize, temperature: f64) -> Vec<(i32, f64)> {
    let states = density_of_states(size).unwrap();
    let log_z = canonical(&states, size * size, temperature).unwrap().log_partition;
    let weight = |e: i32, log: f64| (log - f64::from(e) / temperature - log_z).exp();
    states.energy.iter().zip(&states.log_count).map(|(&e, &log)| (e, weight(e, log))).collect()
}

fn magnetization_law(size: usize, temperature: f64, field: f64) -> Vec<(i32, f64)> {
    let law = magnetization_distribution(size, temperature).unwrap().in_field(field).unwrap();
    law.magnetization.into_iter().zip(law.probability).collect()
}

fn check(algorithm: Algorithm, size: usize, temperatures: &[f64], samples: usize, seed: u64) {
    let config = SampleConfig {
        lattice: Lattice::square(size).unwrap(),
        temperatures: temperatures.to_vec(),
        samples_per_temperature: samples,
        field: 0.0,
        algorithm,
        model: Model::Ising,
        seed,
    };
    let spins = sample(&config, &()).unwrap();
    for (t, &temperature) in temperatures.iter().enumerate() {
        let rows = t * samples..(t + 1) * samples;
        let energy = p_value(&spins.energy[rows.clone()], &energy_law(size, temperature));
        let magnetization = p_value(&spins.magnetization[rows], &magnetization_law(size, temperature, 0.0));
        let found = &spins.observables;
        println!(
            "{:24} L {size:2} T {temperature:.3} n {samples} p(E) {energy:.4} p(M) {magnetization:.4} tau {:.2}",
            algorithm.name(),
            found.autocorrelation_time[t]
        );
        assert!(energy > FALSE_ALARM, "energy: {algorithm:?}, L = {size}, T = {temperature}");
        assert!(magnetization > FALSE_ALARM, "magnetization: {algorithm:?}, L = {size}, T = {temperature}");
        // The means within 4.9 standard errors (1e-6).
        let exact = found.energy_per_spin_exact.as_ref().unwrap()[t];
        let z = (found.energy_per_spin[t] - exact) / found.energy_per_spin_error[t];
        assert!(z.abs() < 4.9, "mean energy: {algorithm:?}, L = {size}, T = {temperature}, z = {z}");
        let exact = found.abs_magnetization_exact.as_ref().unwrap()[t];
        let z = (found.abs_magnetization[t] - exact) / found.abs_magnetization_error[t];
        assert!(z.abs() < 4.9, "mean |m|: {algorithm:?}, L = {size}, T = {temperature}, z = {z}");
    }
}

/// Below, at and above T_c.
fn temperatures() -> [f64; 3] {
    [1.9, critical_temperature(), 3.2]
}

/// Small and odd lattices are where a reducible chain shows.
#[test]
fn metropolis() {
    for (size, samples) in [(2, 8192), (3, 8192), (4, 8192), (5, 8192), (8, 8192), (10, 8192)] {
        check(Algorithm::Metropolis, size, &temperatures(), samples, 11);
    }
}

#[test]
fn heat_bath() {
    for (size, samples) in [(2, 8192), (3, 8192), (4, 8192), (5, 8192), (10, 4096)] {
        check(Algorithm::HeatBath, size, &temperatures(), samples, 12);
    }
}

#[test]
fn checkerboard() {
    for (size, samples) in [(2, 4096), (4, 4096), (6, 2048), (10, 2048), (12, 512)] {
        check(Algorithm::Checkerboard, size, &temperatures(), samples, 17);
    }
}

/// Rows of one full element and of more than one, where only the mean energy is known exactly (4.9 standard errors).
#[test]
fn checkerboard_on_larger_lattices() {
    for (size, samples) in [(128, 200), (144, 200)] {
        let config = SampleConfig {
            lattice: Lattice::square(size).unwrap(),
            temperatures: vec![1.9, 3.2],
            samples_per_temperature: samples,
            field: 0.0,
            algorithm: Algorithm::Checkerboard,
            model: Model::Ising,
            seed: 18,
        };
        let found = sample(&config, &()).unwrap().observables;
        let exact = found.energy_per_spin_exact.unwrap();
        for (t, exact) in exact.into_iter().enumerate() {
            let z = (found.energy_per_spin[t] - exact) / found.energy_per_spin_error[t];
            println!("L {size} e {} exact {exact} z {z:.2}", found.energy_per_spin[t]);
            assert!(z.abs() < 4.9, "L = {size}, z = {z}");
        }
    }
}

#[test]
fn wolff() {
    for (size, samples) in [(2, 4096), (3, 4096), (5, 4096), (10, 2048)] {
        check(Algorithm::Wolff, size, &temperatures(), samples, 13);
    }
}

#[test]
fn swendsen_wang() {
    for (size, samples) in [(2, 4096), (3, 4096), (5, 4096), (10, 2048)] {
        check(Algorithm::SwendsenWang, size, &temperatures(), samples, 14);
    }
}

#[test]
fn coupling_from_the_past() {
    for (size, samples) in [(2, 4096), (3, 4096), (5, 2048), (10, 256)] {
        check(Algorithm::CouplingFromThePast, size, &temperatures(), samples, 15);
    }
}

/// In a field the joint law of energy and magnetization is compared with the enumeration.
#[test]
fn in_a_field() {
    for (algorithm, samples) in
        [(Algorithm::Metropolis, 8192), (Algorithm::HeatBath, 8192), (Algorithm::CouplingFromThePast, 2048)]
    {
        for (size, field, temperature) in
            [(2, 0.4, 2.0), (3, -0.3, 2.5), (3, 2.0, 3.0), (4, 0.05, 1.9), (4, 4.0, 3.0), (4, 0.5, 5.0)]
        {
            let config = SampleConfig {
                lattice: Lattice::square(size).unwrap(),
                temperatures: vec![temperature],
                samples_per_temperature: samples,
                field,
                algorithm,
                model: Model::Ising,
                seed: 16,
            };
            let spins = sample(&config, &()).unwrap();
            let magnetization = p_value(&spins.magnetization, &magnetization_law(size, temperature, field));
            // One number for each pair.
            let number = |energy: i32, magnetization: i32| energy * 1000 + magnetization;
            let states = enumerate(Lattice::square(size).unwrap()).unwrap();
            let log_weight = |e: i32, m: i32| (field * f64::from(m) - f64::from(e)) / temperature;
            let largest =
                states.iter().map(|s| log_weight(s.energy, s.magnetization)).fold(f64::MIN, f64::max);
            let weights: Vec<f64> = states
                .iter()
                .map(|s| s.count as f64 * (log_weight(s.energy, s.magnetization) - largest).exp())
                .collect();
            let sum: f64 = weights.iter().sum();
            let law: Vec<(i32, f64)> = states
                .iter()
                .zip(&weights)
                .map(|(s, weight)| (number(s.energy, s.magnetization), weight / sum))
                .collect();
            let pairs: Vec<i32> =
                spins.energy.iter().zip(&spins.magnetization).map(|(&e, &m)| number(e, m)).collect();
            let joint = p_value(&pairs, &law);
            println!(
                "{:24} L {size} T {temperature} h {field} p(E,M) {joint:.4} p(M) {magnetization:.4}",
                algorithm.name()
            );
            assert!(joint > FALSE_ALARM && magnetization > FALSE_ALARM, "{algorithm:?} {size} {field}");
        }
    }
}

/// On every other lattice, with and without field, the joint law of energy and magnetization is that of enumeration.
#[test]
fn on_other_lattices() {
    let lattices =
        ["chain:2", "chain:9", "square:2x5", "honeycomb:4x2", "triangular:3x4", "cubic:2", "honeycomb:4"];
    for lattice in lattices.map(|name| name.parse::<Lattice>().unwrap()) {
        let states = ising_mc::exact::JointStates::of(lattice).unwrap();
        for algorithm in Algorithm::ALL.into_iter().filter(|&a| a != Algorithm::Checkerboard) {
            for (field, temperature) in
                [(0.0, 0.6), (0.0, 1.7), (0.0, 4.0), (0.0, 50.0), (-0.4, 2.5), (3.0, 4.0)]
            {
                if field != 0.0 && !algorithm.allows_field() {
                    continue;
                }
                let config = SampleConfig {
                    lattice,
                    temperatures: vec![temperature],
                    samples_per_temperature: 4096,
                    field,
                    algorithm,
                    model: Model::Ising,
                    seed: 18,
                };
                let spins = sample(&config, &()).unwrap();
                // One number for each pair.
                let number = |energy: i32, magnetization: i32| energy * 1000 + magnetization;
                let probability = states.probabilities(temperature, field).unwrap();
                let law: Vec<(i32, f64)> = states
                    .states()
                    .iter()
                    .zip(probability)
                    .map(|(&(e, m, _), p)| (number(e, m), p))
                    .collect();
                let pairs: Vec<i32> =
                    spins.energy.iter().zip(&spins.magnetization).map(|(&e, &m)| number(e, m)).collect();
                let joint = p_value(&pairs, &law);
                assert!(joint > FALSE_ALARM, "{algorithm:?} {lattice} {temperature} {field}: {joint}");
            }
        }
    }
}

/// The test of the tests: a wrong temperature by one percent is noticed.
#[test]
fn a_wrong_temperature_is_noticed() {
    let config = SampleConfig {
        lattice: Lattice::square(10).unwrap(),
        temperatures: vec![2.3],
        samples_per_temperature: 32_768,
        field: 0.0,
        algorithm: Algorithm::Metropolis,
        model: Model::Ising,
        seed: 17,
    };
    let spins = sample(&config, &()).unwrap();
    assert!(p_value(&spins.energy, &energy_law(10, 2.277)) < FALSE_ALARM);
    assert!(p_value(&spins.magnetization, &magnetization_law(10, 2.277, 0.0)) < FALSE_ALARM);
}
