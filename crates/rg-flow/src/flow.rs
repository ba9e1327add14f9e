//! A flow put together from what was recorded of each start.

use datasets::lattice::Lattice;
use datasets::{Flow, FlowKind, LabelKind, Measured, Reading, Value};
use ising_mc::ensemble::Ensemble;
use ndarray::{Array2, Array3, Array4, s};
use numerics::bit_matrix::BitRows;

use crate::measure::{Observed, PerChain, correlation};
use datasets::Readout;

/// Which steps are recorded, and what else is kept of some of them.
pub(crate) struct Schedule {
    /// The recorded steps, ascending, the first is 0.
    pub(crate) step: Vec<u32>,
    /// Indices into `step` of the steps whose G(r) is kept.
    pub(crate) kept: Vec<u32>,
    /// Indices into `step` of the steps whose first configurations are kept.
    pub(crate) pictured: Vec<u32>,
    /// The number of configurations that are kept of each of those.
    pub(crate) snapshots: usize,
}

impl Schedule {
    /// As far as they are recorded, and the last step always: G(r) at the steps 0, 1, 2, 5, 10, 20, 50, …, configurations
    /// at every step up to 10 and about ten times in each decade from there on, enough to see the flow move.
    pub(crate) fn new(step: Vec<u32>, snapshots: usize) -> Self {
        let last = step.len().saturating_sub(1);
        let where_it = |wanted: fn(u32) -> bool| -> Vec<u32> {
            (0..step.len()).filter(|&i| i == last || wanted(step[i])).map(|i| i as u32).collect()
        };
        Self { kept: where_it(is_one_two_five), pictured: where_it(is_pictured), step, snapshots }
    }
}

fn is_one_two_five(mut step: u32) -> bool {
    while step > 0 && step.is_multiple_of(10) {
        step /= 10;
    }
    matches!(step, 0 | 1 | 2 | 5)
}

/// Whether a step is at most 10, or 10, 12, 15, 20, 25, 30, 40, 50, 60 or 80 times a power of ten.
fn is_pictured(mut step: u32) -> bool {
    if step <= 10 {
        return true;
    }
    while step > 99 && step.is_multiple_of(10) {
        step /= 10;
    }
    matches!(step, 10 | 12 | 15 | 20 | 25 | 30 | 40 | 50 | 60 | 80)
}

/// What was recorded of one start.
#[derive(Default)]
pub(crate) struct Course {
    readings: Vec<Reading>,
    observed: Vec<Observed>,
    correlations: Vec<Vec<Value>>,
    snapshots: Vec<Array2<i8>>,
}

impl Course {
    /// Records the next step of the schedule. `pictures` makes of configurations what is to be shown.
    pub(crate) fn record(
        &mut self,
        schedule: &Schedule,
        readout: &dyn Readout,
        lattice: Lattice,
        configurations: BitRows,
        pictures: impl FnOnce(Array2<i8>) -> Array2<i8>,
    ) -> PerChain {
        let index = self.observed.len() as u32;
        let ensemble = Ensemble::new(lattice, configurations);
        let chains = PerChain::of(lattice, &ensemble);
        self.observed.push(Observed::of(lattice.sites(), &chains));
        self.readings.push(readout.read_bits(lattice, configurations));
        if schedule.kept.contains(&index) {
            self.correlations.push(correlation(lattice, &ensemble));
        }
        if schedule.pictured.contains(&index) {
            let shown = configurations.range(0, schedule.snapshots.min(configurations.rows()));
            self.snapshots.push(pictures(shown.to_spins()));
        }
        chains
    }
}

/// The flow of all starts, which are at temperatures. What the machine says and the fixed point are left out.
pub(crate) fn assemble(
    kind: FlowKind,
    lattices: &[Lattice],
    chains: usize,
    classes: &[f64],
    schedule: &Schedule,
    courses: &[(f64, Course)],
) -> Flow {
    let lattice = lattices[0];
    let measured = |pick: fn(&Observed) -> Value| {
        let mut out = Measured::zeros(courses.len(), schedule.step.len());
        for (f, (_, course)) in courses.iter().enumerate() {
            for (s, observed) in course.observed.iter().enumerate() {
                out.set(f, s, pick(observed));
            }
        }
        out
    };
    let (correlation, correlation_error) = correlations(lattice, schedule, courses);
    Flow {
        kind,
        lattice,
        lattice_at_step: lattices.to_vec(),
        chains,
        label_kind: LabelKind::Temperature,
        start_temperature: courses.iter().map(|&(temperature, _)| temperature).collect(),
        step: schedule.step.clone(),
        class_temperature: classes.to_vec(),
        nn_posterior: posteriors(courses, classes, |reading| reading.nn_posterior.as_deref()),
        bayes_posterior: posteriors(courses, classes, |reading| reading.bayes_posterior.as_deref()),
        nn_temperature: readings(courses, |reading| reading.nn_temperature),
        nn_peak: readings(courses, |reading| reading.nn_peak.map(|value| Value { value, error: 0.0 }))
            .map(|peak| peak.value),
        bayes_temperature: readings(courses, |reading| reading.bayes_temperature),
        energy_temperature: readings(courses, |reading| reading.energy_temperature),
        magnetization_temperature: readings(courses, |reading| reading.magnetization_temperature),
        energy_per_spin: measured(|o| o.energy_per_spin),
        energy_variance: measured(|o| o.energy_variance),
        abs_magnetization: measured(|o| o.abs_magnetization),
        magnetization: measured(|o| o.magnetization),
        squared_magnetization: measured(|o| o.squared_magnetization),
        binder_cumulant: measured(|o| o.binder_cumulant),
        short_range_correlation: measured(|o| o.short_range_correlation),
        correlation_at: schedule.kept.clone(),
        correlation,
        correlation_error,
        snapshot_at: schedule.pictured.clone(),
        snapshots: snapshots(lattice, chains, schedule, courses),
        machine: None,
        fixed_point: None,
        prediction: None,
        balance: None,
        exponents: None,
        response: None,
    }
}

/// A reading at each [start, step]; NaN where it does not exist, `None` if it exists nowhere.
fn readings(courses: &[(f64, Course)], pick: impl Fn(&Reading) -> Option<Value>) -> Option<Measured> {
    let steps = courses.first().map_or(0, |(_, course)| course.readings.len());
    let mut out = Measured::zeros(courses.len(), steps);
    let mut any = false;
    for (f, (_, course)) in courses.iter().enumerate() {
        for (s, reading) in course.readings.iter().enumerate() {
            let value = pick(reading);
            any |= value.is_some();
            out.set(f, s, value.unwrap_or(Value { value: f64::NAN, error: f64::NAN }));
        }
    }
    any.then_some(out)
}

/// A posterior at each [start, step, class], likewise.
fn posteriors(
    courses: &[(f64, Course)],
    classes: &[f64],
    pick: impl Fn(&Reading) -> Option<&[f64]>,
) -> Option<Array3<f64>> {
    let steps = courses.first().map_or(0, |(_, course)| course.readings.len());
    let mut out = Array3::from_elem((courses.len(), steps, classes.len()), f64::NAN);
    let mut any = false;
    for (f, (_, course)) in courses.iter().enumerate() {
        for (s, reading) in course.readings.iter().enumerate() {
            if let Some(posterior) = pick(reading) {
                any = true;
                out.slice_mut(s![f, s, ..]).iter_mut().zip(posterior).for_each(|(out, &p)| *out = p);
            }
        }
    }
    any.then_some(out)
}

fn correlations(
    lattice: Lattice,
    schedule: &Schedule,
    courses: &[(f64, Course)],
) -> (Array3<f64>, Array3<f64>) {
    let shape = (courses.len(), schedule.kept.len(), lattice.axis_steps() + 1);
    let (mut value, mut error) = (Array3::zeros(shape), Array3::zeros(shape));
    for (f, (_, course)) in courses.iter().enumerate() {
        for (g, correlation) in course.correlations.iter().enumerate() {
            for (r, found) in correlation.iter().enumerate() {
                value[[f, g, r]] = found.value;
                error[[f, g, r]] = found.error;
            }
        }
    }
    (value, error)
}

fn snapshots(lattice: Lattice, chains: usize, schedule: &Schedule, courses: &[(f64, Course)]) -> Array4<i8> {
    let pictures = schedule.snapshots.min(chains);
    let mut out = Array4::ones((courses.len(), schedule.pictured.len(), pictures, lattice.sites()));
    for (f, (_, course)) in courses.iter().enumerate() {
        for (k, snapshot) in course.snapshots.iter().enumerate() {
            out.slice_mut(s![f, k, .., ..]).assign(snapshot);
        }
    }
    out
}
