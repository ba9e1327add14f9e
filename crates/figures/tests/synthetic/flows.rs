//! Made-up flows: temperatures that approach a target exponentially, with readings that fit them.

use datasets::{EquationOfState, FixedPoint, Flow, FlowKind, Measured, Value};
use ndarray::{Array2, Array3, Array4};

use super::{Random, posterior};

/// How a made-up flow goes.
#[derive(Debug, Clone, Copy)]
pub struct FlowShape {
    pub target: f64,
    pub rate: f64,
    /// By how much hot starts stay above the target.
    pub apart: f64,
}

fn at(table: &EquationOfState, values: &[f64], temperature: f64) -> f64 {
    let upper = table.temperature.iter().position(|&t| t >= temperature).unwrap_or(values.len() - 1).max(1);
    let (low, high) = (table.temperature[upper - 1], table.temperature[upper]);
    let fraction = ((temperature - low) / (high - low)).min(1.0);
    values[upper - 1] + fraction * (values[upper] - values[upper - 1])
}

fn square(size: usize) -> datasets::lattice::Lattice {
    datasets::lattice::Lattice::square(size).unwrap()
}

fn empty(kind: FlowKind, starts: &[f64], step: Vec<u32>, classes: &[f64]) -> Flow {
    let (f, s) = (starts.len(), step.len());
    let zeros = || Measured::zeros(f, s);
    Flow {
        kind,
        lattice: square(10),
        lattice_at_step: vec![square(10); s],
        chains: 1000,
        label_kind: datasets::LabelKind::Temperature,
        start_temperature: starts.to_vec(),
        class_temperature: classes.to_vec(),
        nn_posterior: Some(Array3::zeros((f, s, classes.len()))),
        bayes_posterior: Some(Array3::zeros((f, s, classes.len()))),
        nn_temperature: Some(zeros()),
        nn_peak: Some(Array2::zeros((f, s))),
        bayes_temperature: Some(zeros()),
        energy_temperature: Some(zeros()),
        magnetization_temperature: Some(zeros()),
        energy_per_spin: zeros(),
        energy_variance: zeros(),
        abs_magnetization: zeros(),
        magnetization: zeros(),
        squared_magnetization: zeros(),
        binder_cumulant: zeros(),
        short_range_correlation: zeros(),
        correlation_at: vec![0, s as u32 - 1],
        correlation: Array3::zeros((f, 2, 6)),
        correlation_error: Array3::from_elem((f, 2, 6), 0.003),
        snapshot_at: (0..s as u32).step_by(3).collect(),
        snapshots: Array4::from_shape_fn((f, s.div_ceil(3), 2, 100), |(f, k, c, i)| {
            if (f * 31 + k * 17 + c * 7 + i * i) % 5 < 2 { -1 } else { 1 }
        }),
        step,
        machine: None,
        fixed_point: None,
        prediction: None,
        balance: None,
        exponents: None,
        response: None,
    }
}

/// Fills everything that is read at one step from the temperature there.
fn fill(
    flow: &mut Flow,
    table: &EquationOfState,
    (f, s): (usize, usize),
    temperature: f64,
    random: &mut Random,
) {
    let mut put = |measured: &mut Measured, value: f64, error: f64| {
        measured.set(f, s, Value { value: value + error * random.normal(), error });
    };
    let read = temperature.min(6.0);
    let energy = if temperature.is_finite() { at(table, &table.energy_per_spin, temperature) } else { 0.0 };
    let magnetization = at(table, &table.abs_magnetization, temperature.min(6.5));
    let small = if temperature == 0.0 { 0.0 } else { 1.0 };
    let squared = (-energy / 2.0).max(0.01);
    for (measured, value, error) in [
        (flow.energy_temperature.as_mut(), read, 0.015),
        (flow.magnetization_temperature.as_mut(), (0.95 * read).min(6.0), 0.02),
        (flow.nn_temperature.as_mut(), 0.98 * read + 0.1, 0.02),
        (flow.bayes_temperature.as_mut(), read, 0.02),
        (Some(&mut flow.energy_per_spin), energy, 0.006),
        (Some(&mut flow.energy_variance), 2.0, 0.1),
        (Some(&mut flow.abs_magnetization), magnetization, 0.004),
        (Some(&mut flow.squared_magnetization), squared, 0.004),
        (Some(&mut flow.short_range_correlation), 0.0008, 0.0006),
    ] {
        if let Some(measured) = measured {
            put(measured, value, error * small);
        }
    }
    let classes = flow.class_temperature.clone();
    let network = posterior(&classes, read, 1.5);
    let peak = (0..classes.len()).max_by(|&a, &b| network[a].total_cmp(&network[b])).unwrap_or(0);
    if let Some(peaks) = &mut flow.nn_peak {
        peaks[[f, s]] = classes[peak];
    }
    let exact = posterior(&classes, read, 1.3);
    for c in 0..classes.len() {
        if let Some(p) = &mut flow.nn_posterior {
            p[[f, s, c]] = network[c];
        }
        if let Some(p) = &mut flow.bayes_posterior {
            p[[f, s, c]] = exact[c];
        }
    }
    let record = if s == 0 { 0 } else { 1 };
    for r in 0..6 {
        flow.correlation[[f, record, r]] = if r == 0 { 1.0 } else { squared + 0.002 * random.normal() };
    }
}

/// A flow from T = 0, T_c, 6 and ∞.
pub fn flow(table: &EquationOfState, classes: &[f64], shape: FlowShape, random: &mut Random) -> Flow {
    let starts = [0.0, 2.0 / (1.0 + 2f64.sqrt()).ln(), 6.0, f64::INFINITY];
    let steps: Vec<u32> = (0..=20).chain((22..=50).step_by(4)).chain((60..=200).step_by(10)).collect();
    let mut flow = empty(FlowKind::Rbm, &starts, steps.clone(), classes);
    let mut needed = Vec::new();
    for (f, &start) in starts.iter().enumerate() {
        let hot = start > 3.0;
        let target = shape.target + if hot { shape.apart } else { 0.0 };
        let rate = if hot { shape.rate } else { 2.5 };
        for (s, &step) in steps.iter().enumerate() {
            let from = start.min(6.5);
            let temperature = target + (from - target) * (-rate * f64::from(step)).exp();
            let temperature = if step == 0 { start } else { temperature };
            fill(&mut flow, table, (f, s), temperature, random);
        }
        needed.push((3.0 / rate).ceil().clamp(1.0, 200.0) as u32);
    }
    let value = |value: f64| Value { value, error: 0.008 };
    flow.fixed_point = Some(FixedPoint {
        energy_temperature: Some(value(shape.target + shape.apart / 2.0)),
        magnetization_temperature: Some(value(0.955 * shape.target)),
        nn_temperature: Some(value(0.98 * shape.target + 0.1)),
        abs_magnetization: Value { value: at(table, &table.abs_magnetization, shape.target), error: 0.002 },
        short_range_correlation: Value { value: 0.0008, error: 0.0004 },
        energy_per_spin: vec![
            Value { value: at(table, &table.energy_per_spin, shape.target), error: 0.003 };
            4
        ],
        settled: vec![shape.apart == 0.0; 4],
        steps_needed: needed,
        ends_meet: shape.apart == 0.0,
    });
    flow
}

/// One step from every class temperature.
pub fn map(table: &EquationOfState, classes: &[f64], shape: FlowShape, random: &mut Random) -> Flow {
    let mut flow = empty(FlowKind::Rbm, classes, vec![0, 1], classes);
    for (f, &t) in classes.iter().enumerate() {
        fill(&mut flow, table, (f, 0), t, random);
        let rate = if t > shape.target { 0.16 } else { 2.5 };
        let after = shape.target + (t - shape.target) * f64::exp(-rate);
        fill(&mut flow, table, (f, 1), after, random);
    }
    flow
}

/// One and two block-spin steps.
pub fn block_spin(table: &EquationOfState, classes: &[f64], random: &mut Random) -> Flow {
    let starts = [1.5, 1.75, 2.0, 2.1, 2.25, 2.3, 2.5, 2.75, 3.0, 3.5, 4.0, 5.0];
    let mut flow = empty(FlowKind::BlockSpin, &starts, vec![0, 1, 2], classes);
    flow.lattice_at_step = [40, 20, 10].map(square).to_vec();
    for (f, &t) in starts.iter().enumerate() {
        let mut now: f64 = t;
        for s in 0..3 {
            fill(&mut flow, table, (f, s), now, random);
            now = (now + (now - 2.26) * 0.9 + 0.1 * (now - 2.26).powi(2)).clamp(0.3, 6.0);
        }
    }
    flow
}
