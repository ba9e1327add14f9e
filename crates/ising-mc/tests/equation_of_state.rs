//! The equation of state against the exact results it is made from, and its measured form against an exact one.

use datasets::lattice::Lattice;
use datasets::{Artifact, EquationOfState, Source};
use ising_mc::exact::{canonical, density_of_states, kaufman, magnetization_distribution};
use ising_mc::{EquationOfStateConfig, SampleError, equation_of_state, exact::ExactError};

fn table(size: usize, temperatures: Vec<f64>) -> EquationOfState {
    let mut config = EquationOfStateConfig::new(Lattice::square(size).unwrap(), 3);
    config.temperatures = temperatures;
    equation_of_state(&config, &()).unwrap()
}

#[test]
fn exact_tables() {
    let table = table(10, vec![0.0, 2.0, 2.25, 3.0]);
    assert_eq!(table.source, Source::Exact);
    for (found, published) in table.energy_per_spin[1..].iter().zip([-1.745_431, -1.500_168, -0.825_641]) {
        assert!((found - published).abs() < 5.1e-7);
    }
    for (found, published) in table.abs_magnetization[1..].iter().zip([0.911_122, 0.772_391, 0.277_498]) {
        assert!((found - published).abs() < 5.1e-7);
    }
    assert_eq!((table.energy_per_spin[0], table.fourth_magnetization[0]), (-2.0, 1.0));
    assert!(table.energy_per_spin_error.iter().chain(&table.fourth_magnetization_error).all(|e| *e == 0.0));
    let states = table.density_of_states.as_ref().unwrap();
    let found = canonical(states, 100, 2.25).unwrap();
    assert!((found.specific_heat - table.specific_heat[2]).abs() < 1e-10);
    let correlation = table.correlation.as_ref().unwrap();
    assert_eq!(correlation.dim(), (4, 6));
    assert!((table.energy_per_spin[2] + 2.0 * correlation[[2, 1]]).abs() < 1e-12);
    assert_eq!(table.magnetization, None);
    // The file layer's own checks accept it.
    assert_eq!(EquationOfState::from_tree(&table.to_tree()).unwrap(), table);
}

/// In a field: against the averages over all configurations by energy and magnetization at L = 4, and against each other.
#[test]
fn tables_in_a_field() {
    let in_field = |size: usize, field: f64, temperatures: Vec<f64>| {
        let config = EquationOfStateConfig {
            field,
            temperatures,
            ..EquationOfStateConfig::new(Lattice::square(size).unwrap(), 0)
        };
        equation_of_state(&config, &())
    };
    let (temperatures, field) = (vec![0.0, 1.0, 2.269, 5.0], 0.3);
    let table = in_field(4, field, temperatures.clone()).unwrap();
    let states = ising_mc::exact::enumerate(Lattice::square(4).unwrap()).unwrap();
    for (t, &temperature) in temperatures.iter().enumerate().skip(1) {
        let average = |f: &dyn Fn(f64, f64) -> f64| {
            let weight = |e: f64, m: f64| (-(e + 32.0 - field * (m - 16.0)) / temperature).exp();
            let (mut sum, mut total) = (0.0, 0.0);
            for state in &states {
                let (e, m) = (f64::from(state.energy), f64::from(state.magnetization));
                let weight = state.count as f64 * weight(e, m);
                (sum, total) = (sum + weight * f(e, m), total + weight);
            }
            sum / total
        };
        let near = |found: f64, expected: f64| {
            assert!((found - expected).abs() < 1e-11, "T = {temperature}: {found} {expected}");
        };
        near(table.energy_per_spin[t], average(&|e, _| e) / 16.0);
        near(table.magnetization.as_ref().unwrap()[t], average(&|_, m| m) / 16.0);
        near(table.abs_magnetization[t], average(&|_, m| m.abs()) / 16.0);
        near(table.fourth_magnetization[t], average(&|_, m| m.powi(4)) / 65_536.0);
        let mean = average(&|e, m| e - field * m);
        let variance = average(&|e, m| (e - field * m - mean).powi(2));
        near(table.specific_heat[t], variance / (16.0 * temperature * temperature));
        near(-2.0 * table.correlation.as_ref().unwrap()[[t, 1]], table.energy_per_spin[t]);
    }
    assert_eq!(table.magnetization.as_ref().unwrap()[0], 1.0);
    assert_eq!((table.field, &table.density_of_states), (field, &None));
    assert_eq!(EquationOfState::from_tree(&table.to_tree()).unwrap(), table);
    // The specific heat at constant field is the slope of the energy with the field's part.
    let table = in_field(10, 0.05, vec![2.299, 2.3, 2.301]).unwrap();
    let total = |t: usize| table.energy_per_spin[t] - 0.05 * table.magnetization.as_ref().unwrap()[t];
    let slope = (total(2) - total(0)) / 0.002;
    assert!((slope - table.specific_heat[1]).abs() < 1e-5, "{slope} {:?}", table.specific_heat);
    // Too large: the limit and the alternative.
    let message = in_field(13, 0.1, vec![1.0]).unwrap_err().to_string();
    assert!(message.contains("13") && message.contains("12") && message.contains("`sample`"), "{message}");
    assert!(in_field(4, f64::NAN, vec![1.0]).is_err());
}

/// L = 13 is measured. Its energy is exact; the moments of the magnetization are compared where they are known: at low
/// temperature with the bulk, at high temperature with the series of the susceptibility.
#[test]
fn measured_tables() {
    let table = table(13, vec![0.0, 1.5, 2.2, 50.0]);
    assert_eq!(table.source, Source::Measured);
    assert_eq!(table.abs_magnetization[0], 1.0);
    for t in 1..4 {
        let exact = kaufman(13, table.temperature[t]).unwrap();
        assert_eq!(table.energy_per_spin[t], exact.energy_per_spin);
        assert!(table.abs_magnetization_error[t] > 0.0 && table.abs_magnetization_error[t] < 0.01);
    }
    // Yang's bulk value, up to terms of the order e^(−4 L / T) (4.9 standard errors: 1e-6).
    let bulk = ising_mc::exact::spontaneous_magnetization(1.5).unwrap();
    let z = (table.abs_magnetization[1] - bulk) / table.abs_magnetization_error[1];
    assert!(z.abs() < 4.9, "{z}");
    // N⟨m²⟩ = 1 + 4w + 12w² + 36w³ + 100w⁴ + …, w = tanh 1/T (the high-temperature series of the susceptibility).
    let w = (1.0f64 / 50.0).tanh();
    let series = (1.0 + 4.0 * w + 12.0 * w * w + 36.0 * w.powi(3) + 100.0 * w.powi(4)) / 169.0;
    let z = (table.squared_magnetization[3] - series) / table.squared_magnetization_error[3];
    assert!(z.abs() < 4.9, "{z}");
}

/// The slopes of a monotone cubic interpolation (F. N. Fritsch and J. Butland, SIAM J. Sci. Stat. Comput. 5, 300, 1984).
fn interpolate(x: &[f64], y: &[f64], at: f64) -> f64 {
    let n = x.len();
    let slope = |k: usize| (y[k + 1] - y[k]) / (x[k + 1] - x[k]);
    let tangent = |k: usize| {
        if k == 0 {
            return slope(0);
        }
        if k == n - 1 {
            return slope(n - 2);
        }
        let (before, after) = (slope(k - 1), slope(k));
        if before * after <= 0.0 {
            return 0.0;
        }
        let (h0, h1) = (x[k] - x[k - 1], x[k + 1] - x[k]);
        let (w0, w1) = (2.0 * h1 + h0, h1 + 2.0 * h0);
        (w0 + w1) / (w0 / before + w1 / after)
    };
    let k = (0..n - 1).rfind(|&k| x[k] <= at).unwrap();
    let h = x[k + 1] - x[k];
    let t = (at - x[k]) / h;
    let (a, b) = (tangent(k) * h, tangent(k + 1) * h);
    let (t2, t3) = (t * t, t * t * t);
    y[k] * (2.0 * t3 - 3.0 * t2 + 1.0)
        + a * (t3 - 2.0 * t2 + t)
        + y[k + 1] * (3.0 * t2 - 2.0 * t3)
        + b * (t3 - t2)
}

#[test]
fn the_default_grid_is_fine_enough() {
    let grid = EquationOfStateConfig::default_temperatures(datasets::lattice::Kind::Square);
    assert_eq!((grid[0], *grid.last().unwrap()), (0.0, 12.0));
    assert!(grid.windows(2).all(|pair| pair[0] < pair[1]));
    for size in [3, 4, 8] {
        let table = table(size, grid.clone());
        let states = density_of_states(size).unwrap();
        for pair in grid.windows(2) {
            for part in [0.25, 0.5, 0.75] {
                let t = pair[0] + part * (pair[1] - pair[0]);
                let energy = interpolate(&grid, &table.energy_per_spin, t);
                let exact = canonical(&states, size * size, t).unwrap().energy_per_spin;
                assert!((energy - exact).abs() < 1e-4, "L {size} T {t}: energy {energy} {exact}");
                let abs = interpolate(&grid, &table.abs_magnetization, t);
                let exact = magnetization_distribution(size, t).unwrap().abs();
                assert!((abs - exact).abs() < 1e-4, "L {size} T {t}: |m| {abs} {exact}");
            }
        }
    }
    // Larger lattices bend more sharply; the energy is known for them.
    for size in [10, 12, 16, 24] {
        let energies: Vec<f64> = grid.iter().map(|&t| kaufman(size, t).unwrap().energy_per_spin).collect();
        let mut worst = 0.0f64;
        for pair in grid.windows(2) {
            let t = 0.5 * (pair[0] + pair[1]);
            let exact = kaufman(size, t).unwrap().energy_per_spin;
            worst = worst.max((interpolate(&grid, &energies, t) - exact).abs());
        }
        assert!(worst < 1e-4, "L {size}: {worst}");
    }
}

#[test]
fn nonsense_is_refused_by_name() {
    let refused = |change: &dyn Fn(&mut EquationOfStateConfig)| {
        let mut config = EquationOfStateConfig::new(Lattice::square(4).unwrap(), 0);
        change(&mut config);
        equation_of_state(&config, &()).unwrap_err()
    };
    let large: Lattice = "square:10000".parse().unwrap();
    assert_eq!(refused(&|c| c.lattice = large), ExactError::Sample(SampleError::TooManySites(large)));
    let none: Lattice = "none:16".parse().unwrap();
    assert_eq!(refused(&|c| c.lattice = none), ExactError::Sample(SampleError::NoBonds(none)));
    let honeycomb: Lattice = "honeycomb:8".parse().unwrap();
    let error = refused(&|c| (c.lattice, c.field) = (honeycomb, 0.1));
    assert_eq!(error, ExactError::NoTableInField(honeycomb));
    assert!(matches!(refused(&|c| c.temperatures.clear()), ExactError::BadGrid(_)));
    let message = refused(&|c| c.temperatures = vec![0.0, 2.0, 1.0]).to_string();
    assert!(message.contains("1 comes after 2"), "{message}");
    assert!(matches!(refused(&|c| c.temperatures = vec![f64::INFINITY]), ExactError::BadGrid(_)));
    assert!(matches!(refused(&|c| c.temperatures = vec![f64::NAN]), ExactError::BadGrid(_)));
    assert!(matches!(refused(&|c| c.effective_samples = 0), ExactError::Sample(SampleError::NoSamples)));
}

/// Tables of chains are exact, in a field too; those of other lattices are measured, with exact energies where there is
/// a formula.
#[test]
fn tables_of_other_lattices() {
    let of = |lattice: &str, field: f64, effective_samples: usize| {
        let config = EquationOfStateConfig {
            field,
            temperatures: vec![0.0, 1.5, 4.0],
            effective_samples,
            ..EquationOfStateConfig::new(lattice.parse().unwrap(), 5)
        };
        equation_of_state(&config, &()).unwrap()
    };
    let chain = of("chain:100", 0.0, 1);
    assert_eq!((chain.source, chain.energy_per_spin[0]), (datasets::Source::Exact, -1.0));
    assert!((chain.energy_per_spin[2] + 0.25f64.tanh()).abs() < 1e-14);
    assert_eq!(chain.correlation.as_ref().unwrap().dim(), (3, 51));
    let states = chain.density_of_states.unwrap();
    assert_eq!((states.energy[0], states.energy.len()), (-100, 51));
    let in_field = of("chain:50", 0.5, 1);
    assert!(in_field.magnetization.unwrap()[2] > 0.1 && in_field.density_of_states.is_none());
    // Against enumeration of 16 sites, which is the table itself, and of the formula, a measured one.
    let exact = of("honeycomb:4", 0.0, 1);
    assert_eq!(exact.source, datasets::Source::Exact);
    // Row by row: energy and specific heat are those of the closed form, |m| that of independent samples.
    let rows = of("triangular:6", 0.0, 1);
    assert_eq!((rows.source, rows.density_of_states.is_some()), (datasets::Source::Exact, true));
    let formula = ising_mc::exact::triangular(6, 4.0).unwrap();
    assert!((rows.energy_per_spin[2] - formula.energy_per_spin).abs() < 1e-11);
    assert!((rows.specific_heat[2] - formula.specific_heat).abs() < 1e-9);
    // Beyond that the formula and a measurement.
    let measured = of("triangular:11", 0.0, 2000);
    assert_eq!((measured.source, measured.energy_per_spin_error[1]), (datasets::Source::Measured, 0.0));
    let formula = ising_mc::exact::triangular(11, 4.0).unwrap();
    assert_eq!(measured.energy_per_spin[2], formula.energy_per_spin);
    let measured = of("honeycomb:12", 0.0, 2000);
    assert!(measured.energy_per_spin_error[1] > 0.0);
    assert_eq!((measured.energy_per_spin[0], measured.abs_magnetization[0]), (-1.5, 1.0));
}

/// What is counted row by row is what a sampler finds, on lattices that no other exact result is for.
#[test]
fn counted_tables_agree_with_samples() {
    for (name, temperature) in [("honeycomb:6", 1.5), ("square:6x8", 2.4), ("triangular:5x8", 3.6)] {
        let lattice: Lattice = name.parse().unwrap();
        let temperatures = vec![temperature];
        let table = EquationOfStateConfig {
            temperatures: temperatures.clone(),
            ..EquationOfStateConfig::new(lattice, 0)
        };
        let table = equation_of_state(&table, &()).unwrap();
        let config = ising_mc::SampleConfig {
            lattice,
            temperatures,
            samples_per_temperature: 4000,
            field: 0.0,
            algorithm: ising_mc::Algorithm::SwendsenWang,
            model: ising_mc::Model::Ising,
            seed: 3,
        };
        let found = ising_mc::sample(&config, &()).unwrap().observables;
        for (value, error, exact) in [
            (found.energy_per_spin[0], found.energy_per_spin_error[0], table.energy_per_spin[0]),
            (found.abs_magnetization[0], found.abs_magnetization_error[0], table.abs_magnetization[0]),
            (found.specific_heat[0], found.specific_heat_error[0], table.specific_heat[0]),
        ] {
            assert!(
                (value - exact).abs() < 4.5 * error && error < 0.05,
                "{name}: {value} ± {error}, {exact}"
            );
        }
    }
}
