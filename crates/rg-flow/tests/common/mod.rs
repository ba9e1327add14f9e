//! Machines, starts and readouts for the tests.

#![allow(dead_code, reason = "each test file uses some of it")]

use datasets::lattice::Lattice;
use std::collections::BTreeMap;

use datasets::{Boundary, Observables, Rbm, Reading, Spins, Units, Value};
use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate};
use numerics::bits::{Bits, unit_f64};
use numerics::streams::stream;
use rg_flow::Readout;

pub(crate) fn machine(weights: Array2<f32>) -> Rbm {
    let (visible, hidden) = weights.dim();
    Rbm {
        units: Units::Spin,
        visible_bias: Array1::zeros(visible),
        hidden_bias: Array1::zeros(hidden),
        weights,
        training_temperatures: vec![],
        updates: 0,
        history_epoch: vec![],
        history: BTreeMap::new(),
    }
}

/// Independent spins that are up with probability `up`, [n, size²].
pub(crate) fn independent(size: usize, n: usize, up: f64, seed: u64) -> Array2<i8> {
    let mut bits = Bits::from_stream(&mut stream(seed, "test spins", &[]));
    Array2::from_shape_simple_fn((n, size * size), || if unit_f64(bits.next()) < up { 1 } else { -1 })
}

/// A start file of several ensembles.
pub(crate) fn starts(size: usize, ensembles: &[(f64, Array2<i8>)]) -> Spins {
    let views: Vec<ArrayView2<i8>> = ensembles.iter().map(|(_, spins)| spins.view()).collect();
    let samples = concatenate(Axis(0), &views).expect("equal sizes");
    let labels = ensembles
        .iter()
        .enumerate()
        .flat_map(|(label, (_, spins))| std::iter::repeat_n(label as u16, spins.nrows()))
        .collect();
    Spins {
        lattice: Lattice::square(size).unwrap(),
        boundary: Boundary::Periodic,
        coupling: 1.0,
        field: 0.0,
        algorithm: "test".to_owned(),
        label_kind: datasets::LabelKind::Temperature,
        temperature: ensembles.iter().map(|&(temperature, _)| temperature).collect(),
        energy: vec![0; samples.nrows()],
        magnetization: vec![0; samples.nrows()],
        samples,
        labels,
        observables: Observables::default(),
    }
}

/// Both ground states, half of each.
pub(crate) fn ground_states(size: usize, n: usize) -> Array2<i8> {
    Array2::from_shape_fn((n, size * size), |(row, _)| if row % 2 == 0 { 1 } else { -1 })
}

/// Reads 4 + 2 e as the temperature, and a posterior over two classes from the sign of the magnetization; for one size
/// only.
pub(crate) struct Linear {
    pub(crate) size: usize,
}

impl Readout for Linear {
    fn classes(&self) -> &[f64] {
        &[1.0, 2.0]
    }

    fn read(&self, lattice: Lattice, spins: ArrayView2<i8>) -> Reading {
        let mut reading = ().read(lattice, spins);
        if lattice.size() == Some(self.size) {
            let energies: Vec<f64> = spins
                .outer_iter()
                .map(|row| {
                    f64::from(ising_mc::observables::energy(lattice, &row.to_vec())) / lattice.sites() as f64
                })
                .collect();
            let energy = ising_mc::statistics::mean_and_error(&energies);
            let value = Value { value: 4.0 + 2.0 * energy.value, error: 2.0 * energy.error };
            reading.energy_temperature = Some(value);
            reading.magnetization_temperature = Some(value);
            reading.nn_temperature = Some(value);
            reading.nn_peak = Some(2.0);
            let up = spins.iter().filter(|&&s| s == 1).count() as f64 / spins.len() as f64;
            reading.nn_posterior = Some(vec![up, 1.0 - up]);
        }
        reading
    }
}

/// Probability of k successes of n with probability p.
pub(crate) fn binomial(n: usize, k: usize, p: f64) -> f64 {
    let mut probability = 1.0;
    for j in 0..k {
        probability *= (n - j) as f64 / (k - j) as f64 * p;
    }
    probability * (1.0 - p).powi((n - k) as i32)
}

/// ⟨f(m)⟩ of n independent spins that are up with probability p.
pub(crate) fn average(n: usize, p: f64, f: impl Fn(f64) -> f64) -> f64 {
    (0..=n).map(|k| binomial(n, k, p) * f((2 * k) as f64 / n as f64 - 1.0)).sum()
}

/// A value agrees with an exact one within 4.5 standard errors: a false alarm in 7 of a million.
#[track_caller]
pub(crate) fn agrees(found: f64, error: f64, exact: f64, what: &str) {
    assert!((found - exact).abs() <= 4.5 * error, "{what}: {found} ± {error}, exact {exact}");
}
