//! Small machines and training sets, and sums over all states: the reference that everything is judged by.

#![allow(dead_code, unreachable_pub, reason = "not every test uses everything")]

use std::collections::BTreeMap;

use datasets::{Boundary, Observables, Rbm, Spins, Units};
use ndarray::{Array1, Array2, ArrayView2};
use numerics::bits::{Bits, unit_f64};
use numerics::streams::stream;

/// A generator for tests.
pub fn generator(seed: u64) -> Bits {
    Bits::from_stream(&mut stream(seed, "test", &[]))
}

/// A machine with parameters drawn uniformly from ±`scale`; biases only if wanted.
pub fn machine(units: Units, visible: usize, hidden: usize, scale: f64, biases: bool, seed: u64) -> Rbm {
    let mut bits = generator(seed);
    let mut draw = |scale: f64| (scale * (2.0 * unit_f64(bits.next()) - 1.0)) as f32;
    let weights = Array2::from_shape_simple_fn((visible, hidden), || draw(scale));
    let bias = if biases { scale } else { 0.0 };
    Rbm {
        units,
        weights,
        visible_bias: Array1::from_shape_simple_fn(visible, || draw(bias)),
        hidden_bias: Array1::from_shape_simple_fn(hidden, || draw(bias)),
        training_temperatures: vec![],
        updates: 0,
        history_epoch: vec![],
        history: BTreeMap::new(),
    }
}

/// All configurations of `sites` spins, [2^sites, sites]; bit i of the row number set means spin i up.
pub fn all_configurations(sites: usize) -> Array2<i8> {
    Array2::from_shape_fn((1 << sites, sites), |(row, site)| if row >> site & 1 == 1 { 1 } else { -1 })
}

/// The value of the unit for a spin.
pub fn unit(units: Units, spin: i8) -> f64 {
    match units {
        Units::Spin => f64::from(spin),
        Units::Binary => (f64::from(spin) + 1.0) / 2.0,
    }
}

/// E(v, h) written out.
pub fn energy(rbm: &Rbm, v: &[f64], h: &[f64]) -> f64 {
    let mut energy = 0.0;
    for (i, vi) in v.iter().enumerate() {
        energy -= vi * f64::from(rbm.visible_bias[i]);
        for (a, ha) in h.iter().enumerate() {
            energy -= vi * ha * f64::from(rbm.weights[[i, a]]);
        }
    }
    for (a, ha) in h.iter().enumerate() {
        energy -= ha * f64::from(rbm.hidden_bias[a]);
    }
    energy
}

fn units_of(units: Units, row: ndarray::ArrayView1<i8>) -> Vec<f64> {
    row.iter().map(|&s| unit(units, s)).collect()
}

/// ln Σ_h exp(−E(v, h)) of one configuration and ln of the sum over all, by brute force over both layers.
pub fn log_weights(rbm: &Rbm) -> (Vec<f64>, f64) {
    let hidden = all_configurations(rbm.hidden());
    let visible = all_configurations(rbm.visible());
    let logs: Vec<f64> = visible
        .rows()
        .into_iter()
        .map(|v| {
            let v = units_of(rbm.units, v);
            let sum: f64 =
                hidden.rows().into_iter().map(|h| (-energy(rbm, &v, &units_of(rbm.units, h))).exp()).sum();
            sum.ln()
        })
        .collect();
    let total = logs.iter().map(|l| l.exp()).sum::<f64>().ln();
    (logs, total)
}

/// Mean log-likelihood of configurations by brute force.
pub fn log_likelihood(rbm: &Rbm, spins: ArrayView2<i8>) -> f64 {
    let (logs, total) = log_weights(rbm);
    let sum: f64 = spins.rows().into_iter().map(|row| logs[index(row)] - total).sum();
    sum / spins.nrows() as f64
}

/// The row number of a configuration in [`all_configurations`].
pub fn index(row: ndarray::ArrayView1<i8>) -> usize {
    row.iter().enumerate().map(|(site, &spin)| usize::from(spin == 1) << site).sum()
}

/// A file of configurations; `labels` index `temperature`.
pub fn spins(size: usize, temperature: Vec<f64>, samples: Array2<i8>, labels: Vec<u16>) -> Spins {
    Spins {
        lattice: datasets::lattice::Lattice::square(size).unwrap(),
        boundary: Boundary::Periodic,
        coupling: 1.0,
        field: 0.0,
        algorithm: "test".to_owned(),
        label_kind: datasets::LabelKind::Temperature,
        temperature,
        energy: vec![0; samples.nrows()],
        magnetization: samples.rows().into_iter().map(|r| r.iter().map(|&s| i32::from(s)).sum()).collect(),
        samples,
        labels,
        observables: Observables::default(),
    }
}

/// −Σ⟨xy⟩ σσ on the L × L torus.
pub fn ising_energy(size: usize, row: ndarray::ArrayView1<i8>) -> f64 {
    let at = |x: usize, y: usize| f64::from(row[(x % size) * size + y % size]);
    let mut energy = 0.0;
    for x in 0..size {
        for y in 0..size {
            energy -= at(x, y) * (at(x + 1, y) + at(x, y + 1));
        }
    }
    energy
}

/// Exactly distributed configurations of the L × L Ising model (L ≤ 4) at each temperature, by enumeration.
pub fn ising(size: usize, temperature: &[f64], per_temperature: usize, seed: u64) -> Spins {
    let sites = size * size;
    let all = all_configurations(sites);
    let energies: Vec<f64> = all.rows().into_iter().map(|row| ising_energy(size, row)).collect();
    let lowest = energies.iter().copied().fold(f64::INFINITY, f64::min);
    let mut bits = generator(seed);
    let mut samples = Array2::zeros((temperature.len() * per_temperature, sites));
    let mut labels = vec![];
    for (t, &temperature) in temperature.iter().enumerate() {
        let mut cumulative = 0.0;
        let steps: Vec<f64> = energies
            .iter()
            .map(|e| {
                let weight = if *e == lowest { 1.0 } else { (-(e - lowest) / temperature).exp() };
                cumulative += weight;
                cumulative
            })
            .collect();
        for sample in 0..per_temperature {
            let u = unit_f64(bits.next()) * cumulative;
            let chosen = steps.partition_point(|&c| c <= u).min(steps.len() - 1);
            samples.row_mut(t * per_temperature + sample).assign(&all.row(chosen));
            labels.push(t as u16);
        }
    }
    spins(size, temperature.to_vec(), samples, labels)
}
