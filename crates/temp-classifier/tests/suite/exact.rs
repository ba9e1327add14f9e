//! Exact small lattices: all configurations, their averages, and independent samples from the exact distribution.

use datasets::lattice::Lattice;
use datasets::{Boundary, DensityOfStates, EquationOfState, Observables, Source, Spins};
use ndarray::Array2;
use numerics::bits::{Bits, unit_f64};
use numerics::streams::stream;

/// −Σ⟨xy⟩ σσ, straight from the definition: each site with its right and lower neighbour.
pub(crate) fn square(size: usize) -> Lattice {
    Lattice::square(size).unwrap()
}

pub(crate) fn energy(size: usize, spins: &[i8]) -> i32 {
    let at = |y: usize, x: usize| i32::from(spins[(y % size) * size + x % size]);
    let mut sum = 0;
    for y in 0..size {
        for x in 0..size {
            sum += at(y, x) * (at(y, x + 1) + at(y + 1, x));
        }
    }
    -sum
}

/// Configuration number `state`: bit i is site i.
pub(crate) fn configuration(size: usize, state: u32) -> Vec<i8> {
    (0..size * size).map(|site| if state >> site & 1 == 1 { 1 } else { -1 }).collect()
}

/// Energy and Σσ of all 2^(L²) configurations.
pub(crate) fn enumerate(size: usize) -> Vec<(i32, i32)> {
    (0..1u32 << (size * size))
        .map(|state| {
            let spins = configuration(size, state);
            (energy(size, &spins), spins.iter().map(|&s| i32::from(s)).sum())
        })
        .collect()
}

/// The Boltzmann weight of an energy counted from the ground state.
pub(crate) fn weight(above: i32, temperature: f64) -> f64 {
    match (above, temperature) {
        (0, _) => 1.0,
        (_, 0.0) => 0.0,
        _ => (-f64::from(above) / temperature).exp(),
    }
}

pub(crate) fn density_of_states(all: &[(i32, i32)]) -> DensityOfStates {
    let mut counts = std::collections::BTreeMap::new();
    for &(energy, _) in all {
        *counts.entry(energy).or_insert(0u32) += 1;
    }
    DensityOfStates {
        energy: counts.keys().copied().collect(),
        log_count: counts.values().map(|&count| f64::from(count).ln()).collect(),
    }
}

/// The exact thermal averages by enumeration.
pub(crate) fn equation_of_state(size: usize, temperature: &[f64]) -> EquationOfState {
    let all = enumerate(size);
    let ground = all.iter().map(|&(energy, _)| energy).min().unwrap();
    let sites = (size * size) as f64;
    let zeros = vec![0.0; temperature.len()];
    let mut table = EquationOfState {
        field: 0.0,
        magnetization: None,
        correlation: None,
        lattice: square(size),
        source: Source::Exact,
        temperature: temperature.to_vec(),
        energy_per_spin: vec![],
        energy_per_spin_error: zeros.clone(),
        specific_heat: vec![],
        specific_heat_error: zeros.clone(),
        abs_magnetization: vec![],
        abs_magnetization_error: zeros.clone(),
        squared_magnetization: vec![],
        squared_magnetization_error: zeros.clone(),
        fourth_magnetization: vec![],
        fourth_magnetization_error: zeros,
        density_of_states: Some(density_of_states(&all)),
    };
    for &t in temperature {
        let mut sums = [0.0; 6];
        for &(energy, magnetization) in &all {
            let w = weight(energy - ground, t);
            let (e, m) = (f64::from(energy - ground), f64::from(magnetization) / sites);
            for (sum, x) in sums.iter_mut().zip([1.0, e, e * e, m.abs(), m * m, m.powi(4)]) {
                *sum += w * x;
            }
        }
        let [z, e, ee, m1, m2, m4] = sums;
        table.energy_per_spin.push((e / z + f64::from(ground)) / sites);
        let heat = if t == 0.0 { 0.0 } else { (ee / z - (e / z).powi(2)) / (sites * t * t) };
        table.specific_heat.push(heat);
        table.abs_magnetization.push(m1 / z);
        table.squared_magnetization.push(m2 / z);
        table.fourth_magnetization.push(m4 / z);
    }
    table
}

/// Independent configurations from the exact distribution at each temperature.
pub(crate) fn sample(size: usize, temperature: &[f64], each: usize, seed: u64) -> Spins {
    let all = enumerate(size);
    let ground = all.iter().map(|&(energy, _)| energy).min().unwrap();
    let mut spins = Vec::new();
    let mut labels = Vec::new();
    let mut energies = Vec::new();
    let mut magnetizations = Vec::new();
    for (label, &t) in temperature.iter().enumerate() {
        let mut bits = Bits::from_stream(&mut stream(seed, "test samples", &[label as u64]));
        let mut cumulative = Vec::with_capacity(all.len());
        let mut z = 0.0;
        for &(energy, _) in &all {
            z += weight(energy - ground, t);
            cumulative.push(z);
        }
        for _ in 0..each {
            let u = unit_f64(bits.next()) * z;
            let state = cumulative.partition_point(|&c| c <= u).min(all.len() - 1);
            spins.extend(configuration(size, state as u32));
            labels.push(label as u16);
            energies.push(all[state].0);
            magnetizations.push(all[state].1);
        }
    }
    Spins {
        lattice: square(size),
        boundary: Boundary::Periodic,
        coupling: 1.0,
        field: 0.0,
        algorithm: "exact".to_owned(),
        label_kind: datasets::LabelKind::Temperature,
        temperature: temperature.to_vec(),
        samples: Array2::from_shape_vec((labels.len(), size * size), spins).unwrap(),
        labels,
        energy: energies,
        magnetization: magnetizations,
        observables: Observables::default(),
    }
}

/// 0, 0.05, ..., 6.
pub(crate) fn fine_grid() -> Vec<f64> {
    (0..=120).map(|i| f64::from(i) * 0.05).collect()
}
