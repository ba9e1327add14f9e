//! Estimates of the fixed point on synthetic flows: chains that relax by x' = μ + a (x − μ) + noise, whose means,
//! variances and correlations are known.

mod common;

use common::agrees;
use datasets::lattice::Lattice;
use datasets::{Flow, FlowKind, Measured, Reading, Value};
use ising_mc::statistics::mean_and_error;
use ndarray::{Array3, Array4, ArrayView2};
use numerics::bit_matrix::BitMatrix;
use numerics::bits::{Bits, unit_f64};
use numerics::streams::stream;
use rg_flow::{FixedPointConfig, Pool, Readout, Tail, fixed_point};

/// What the energies of a start do.
#[derive(Clone, Copy)]
struct Relaxation {
    start: f64,
    end: f64,
    /// What is left of a deviation from the end after one step.
    memory: f64,
    /// Stationary standard deviation of one chain.
    deviation: f64,
    /// Added to the energy with every step.
    drift: f64,
}

const QUICK: Relaxation = Relaxation { start: 0.0, end: -1.5, memory: 0.8, deviation: 0.15, drift: 0.0 };

fn normal(bits: &mut Bits) -> f64 {
    let radius = (-2.0 * (1.0 - unit_f64(bits.next())).ln()).sqrt();
    radius * (std::f64::consts::TAU * unit_f64(bits.next())).cos()
}

/// Reads 4 + 2e for energies that it knows beforehand, with the error of independent configurations.
struct Known(Vec<f64>);

impl Readout for Known {
    fn classes(&self) -> &[f64] {
        &[]
    }

    fn read(&self, lattice: Lattice, spins: ArrayView2<i8>) -> Reading {
        assert_eq!(spins.dim(), (self.0.len(), 1));
        let e = mean_and_error(&self.0);
        let mut reading = ().read(lattice, spins);
        reading.energy_temperature = Some(Value { value: 4.0 + 2.0 * e.value, error: 2.0 * e.error });
        reading
    }
}

/// A flow with e as given, |m| = 1 + e/4, c_sr = 0.1 for all chains, T_E = 4 + 2e, and neither T_m nor a network.
fn synthetic(relaxations: &[Relaxation], steps: u32, chains: usize, seed: u64) -> (Flow, Vec<Tail>) {
    let records = steps as usize + 1;
    let zeros = || Measured::zeros(relaxations.len(), records);
    let (mut energy, mut magnetization) = (zeros(), zeros());
    let mut tails = Vec::new();
    for (f, r) in relaxations.iter().enumerate() {
        let mut tail = Tail::new(chains, steps, &FixedPointConfig::default());
        let (mut pool, mut known) = (Pool::new(chains, 1), Known(vec![]));
        let mut bits = Bits::from_stream(&mut stream(seed, "synthetic flow", &[f as u64]));
        let noise = r.deviation * (1.0 - r.memory * r.memory).sqrt();
        let mut state: Vec<f64> = (0..chains).map(|_| r.start + r.deviation * normal(&mut bits)).collect();
        for s in 0..records {
            let values: Vec<f64> = state.iter().map(|e| e + r.drift * s as f64).collect();
            let abs: Vec<f64> = values.iter().map(|e| 1.0 + e / 4.0).collect();
            energy.set(f, s, mean_and_error(&values));
            magnetization.set(f, s, mean_and_error(&abs));
            tail.record(s as u32, &values, &abs, &vec![0.1; chains]);
            if tail.in_window(s as u32) {
                pool.add(BitMatrix::zeros(chains, 1).view(), &values, &abs);
                known.0.extend(&values);
            }
            for e in &mut state {
                *e = r.end + r.memory * (*e - r.end) + noise * normal(&mut bits);
            }
        }
        if !pool.is_empty() {
            tail.set_end(pool.read("none:1".parse().unwrap(), &known));
        }
        tails.push(tail);
    }
    let flow = Flow {
        kind: FlowKind::Rbm,
        lattice: Lattice::square(10).unwrap(),
        lattice_at_step: vec![Lattice::square(10).unwrap(); records],
        chains,
        label_kind: datasets::LabelKind::Temperature,
        start_temperature: (0..relaxations.len()).map(|f| f as f64).collect(),
        step: (0..=steps).collect(),
        class_temperature: vec![],
        nn_posterior: None,
        bayes_posterior: None,
        nn_temperature: None,
        nn_peak: None,
        bayes_temperature: None,
        energy_temperature: None,
        magnetization_temperature: None,
        energy_per_spin: energy,
        energy_variance: zeros(),
        abs_magnetization: magnetization,
        magnetization: zeros(),
        squared_magnetization: zeros(),
        binder_cumulant: zeros(),
        short_range_correlation: zeros(),
        correlation_at: vec![],
        correlation: Array3::zeros((relaxations.len(), 0, 6)),
        correlation_error: Array3::zeros((relaxations.len(), 0, 6)),
        snapshot_at: vec![],
        snapshots: Array4::ones((relaxations.len(), 0, 0, 100)),
        machine: None,
        fixed_point: None,
        prediction: None,
        balance: None,
        exponents: None,
        response: None,
    };
    (flow, tails)
}

fn estimate(
    relaxations: &[Relaxation],
    steps: u32,
    chains: usize,
    seed: u64,
) -> Option<datasets::FixedPoint> {
    let (flow, tails) = synthetic(relaxations, steps, chains, seed);
    fixed_point(&flow, &tails, &FixedPointConfig::default())
}

/// The variance of the mean over w successive steps of one chain, in units of a single step's.
fn variance_of_window(memory: f64, w: usize) -> f64 {
    let n = w as f64;
    let correlated: f64 = (1..w).map(|lag| (n - lag as f64) * memory.powi(lag as i32)).sum();
    (n + 2.0 * correlated) / (n * n)
}

#[test]
fn the_answer_and_its_error() {
    let chains = 1000;
    let other = Relaxation { start: -2.0, ..QUICK };
    let found = estimate(&[QUICK, other], 200, chains, 1).expect("long enough");
    assert_eq!(found.settled, [true, true]);
    assert!(found.ends_meet);
    let expected = 0.15 * (variance_of_window(0.8, 50) / chains as f64).sqrt();
    for end in &found.energy_per_spin {
        agrees(end.value, end.error, -1.5, "final energy");
        // An error from 1000 chains is good to 2 %.
        assert!((end.error / expected - 1.0).abs() < 0.1, "{} {expected}", end.error);
    }
    let temperature = found.energy_temperature.expect("read");
    agrees(temperature.value, temperature.error, 1.0, "T_E");
    let expected = 2.0 * expected / 2f64.sqrt();
    assert!((temperature.error / expected - 1.0).abs() < 0.1, "{} {expected}", temperature.error);
    agrees(found.abs_magnetization.value, found.abs_magnetization.error, 1.0 - 1.5 / 4.0, "|m|");
    assert!((found.short_range_correlation.value - 0.1).abs() < 1e-12);
    assert!(found.magnetization_temperature.is_none() && found.nn_temperature.is_none());
    // The start's distance 1.5 · 0.8^s falls below 4 errors of a step and of the end plus 0.01 at s = 18; noise of one
    // error moves that by a step or two.
    let noise = (0.15f64 * 0.15 / 1000.0).sqrt();
    let threshold = 4.0 * (noise * noise + found.energy_per_spin[0].error.powi(2)).sqrt() + 0.01;
    let exact = (0..).find(|&s| 1.5 * 0.8f64.powi(s) <= threshold).expect("it relaxes");
    assert!(found.steps_needed[0].abs_diff(exact as u32) <= 3, "{:?} {exact}", found.steps_needed);
}

/// Over 100 flows the final energy is off by its error in the mean square (χ² with 100 degrees of freedom: 0.5 to 1.7
/// has a false-alarm rate below 1e-4), every flow settles, and all ends meet.
#[test]
fn errors_cover_and_settled_flows_are_seen_as_such() {
    let mut chi_squared = 0.0;
    for seed in 0..100 {
        let found =
            estimate(&[QUICK, Relaxation { start: -2.0, ..QUICK }], 100, 200, 100 + seed).expect("long");
        let end = found.energy_per_spin[0];
        chi_squared += ((end.value + 1.5) / end.error).powi(2);
        assert_eq!(found.settled, [true, true]);
        assert!(found.ends_meet);
    }
    assert!((0.5..1.7).contains(&(chi_squared / 100.0)), "{chi_squared}");
}

#[test]
fn a_flow_that_still_moves_has_not_settled() {
    let slow = Relaxation { memory: 0.99, ..QUICK };
    let drifting = Relaxation { drift: -0.001, memory: 0.5, start: -1.5, ..QUICK };
    let found = estimate(&[QUICK, slow, drifting], 200, 1000, 3).expect("long enough");
    assert_eq!(found.settled, [true, false, false]);
    assert_eq!(found.steps_needed[1..], [200, 200]);
    assert!(!found.ends_meet);
    // A start that never moves has settled at once.
    let still = Relaxation { start: -1.5, ..QUICK };
    assert_eq!(estimate(&[still], 200, 1000, 4).expect("long enough").steps_needed, [0]);
}

#[test]
fn ends_that_do_not_meet() {
    let other = Relaxation { start: -2.0, end: -1.4, ..QUICK };
    let found = estimate(&[QUICK, other], 200, 1000, 5).expect("long enough");
    assert_eq!(found.settled, [true, true]);
    assert!(!found.ends_meet);
    agrees(found.energy_temperature.expect("read").value, 0.02, 1.1, "the mean of both ends");
}

#[test]
fn without_any_noise() {
    let exact = Relaxation { deviation: 0.0, ..QUICK };
    let found = estimate(&[exact, Relaxation { start: -1.5, ..exact }], 200, 10, 6).expect("long enough");
    // 1.5 · 0.8^s ≤ 0.01 first at s = 23.
    assert_eq!(found.steps_needed, [23, 0]);
    assert!(found.ends_meet && found.settled == [true, true]);
    assert!(found.energy_temperature.expect("read").error < 1e-9);
}

#[test]
fn short_flows_do_not_say() {
    assert!(estimate(&[QUICK], 7, 100, 7).is_none());
    assert!(estimate(&[Relaxation { start: -1.5, ..QUICK }], 8, 100, 7).is_some());
}
