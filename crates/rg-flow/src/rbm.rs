//! The flow v → h → v of a machine.

use std::sync::atomic::{AtomicU64, Ordering};

use datasets::{Flow, FlowKind, LabelKind, Progress, Rbm, Spins};
use numerics::bit_matrix::BitMatrix;
use rayon::prelude::*;
use rbm_core::gibbs::{Chains, Mode};
use serde::{Deserialize, Serialize};

use crate::balance::balance;
use crate::end::FixedPointConfig;
use crate::error::FlowError;
use crate::exponents::{Sectors, exponents, is_measured_on, response};
use crate::fixed_point::fixed_point;
use crate::flow::{Course, Schedule, assemble};
use crate::machine::{self, Measures};
use crate::redrawn::Redrawn;
use crate::starts::{Start, check_settings, starts, stream_index};
use crate::surrogate::Surrogate;
use crate::tail::{Pool, Tail};
use crate::theory::predict;
use datasets::Readout;

/// The number of spins of one start that are kept to be read together at the end, unless a single step has more.
pub const LARGEST_POOL: usize = 1 << 24;

/// Which steps of a flow are recorded. Step 0, the start itself, and the last step always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Record {
    /// Each multiple of a number of steps.
    Every(u32),
    /// 1, 2, 3, … at first, then about ten steps per decade.
    Logarithmic,
}

impl Record {
    fn steps(self, last: u32) -> Result<Vec<u32>, FlowError> {
        let mut step = vec![0];
        match self {
            Self::Every(0) => {
                let expected = "at least 1";
                return Err(FlowError::Setting { name: "record.every", found: "0".to_owned(), expected });
            }
            Self::Every(interval) => step.extend((interval..=last).step_by(interval as usize)),
            Self::Logarithmic => {
                // Rounded 10^(k/10), without a platform's power function.
                const DECADE: [u64; 10] = [100, 126, 158, 200, 251, 316, 398, 501, 631, 794];
                let mut decade = 1u64;
                while decade <= u64::from(last) {
                    for part in DECADE {
                        let next = (part * decade + 50) / 100;
                        if next > u64::from(step[step.len() - 1]) && next <= u64::from(last) {
                            step.push(next as u32);
                        }
                    }
                    decade *= 10;
                }
            }
        }
        if step.last() != Some(&last) {
            step.push(last);
        }
        Ok(step)
    }
}

/// How a machine's flow is run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RbmFlowConfig {
    /// The number of steps v → h → v.
    pub steps: u32,
    /// The number of chains from each start: the first so many configurations of the file at that temperature.
    pub chains: usize,
    /// Sampled units, or their conditional means (`sampled` or `mean-field`). In the second case what is read at each
    /// step are the signs of the visible means.
    pub mode: Mode,
    /// The temperatures of the starts in J/k_B; all of the start file if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_temperatures: Option<Vec<f64>>,
    /// The weights: the machine's (`trained`), or surrogates that keep some of their properties.
    #[serde(skip_serializing_if = "Surrogate::is_trained")]
    pub weights: Surrogate,
    /// Which steps are recorded.
    pub record: Record,
    /// The number of chains whose configurations are kept at every step up to 10, at 12, 15, 20, 25, 30, 40, 50, 60, 80,
    /// 100, 120, …, and at the last, as far as these are recorded.
    pub snapshots: usize,
    /// Whether to measure what the Monte Carlo renormalization group says: exponents of the start, of the ensemble
    /// after one step and of the last one, and what the first step does to couplings. On square lattices with even
    /// sides.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub exponents: bool,
    /// Whether overlaps with the starts, free energies and pseudo-log-likelihoods are recorded as well (false). They
    /// always are of configurations without a lattice or without temperatures, of which there is little else to say.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub machine: bool,
    /// When a flow counts as settled.
    pub fixed_point: FixedPointConfig,
    /// The master seed.
    pub seed: u64,
}

impl Default for RbmFlowConfig {
    fn default() -> Self {
        Self {
            steps: 200,
            chains: 1000,
            mode: Mode::Sampled,
            start_temperatures: None,
            weights: Surrogate::Trained,
            record: Record::Every(1),
            snapshots: 8,
            exponents: false,
            machine: false,
            fixed_point: FixedPointConfig::default(),
            seed: 0,
        }
    }
}

impl RbmFlowConfig {
    /// Whether it can be done, as far as that does not depend on a machine or on configurations.
    ///
    /// # Errors
    ///
    /// The first setting that is impossible.
    pub fn check(&self) -> Result<(), FlowError> {
        check_settings(self.steps, self.chains, self.start_temperatures.as_deref())?;
        if self.record == Record::Every(0) {
            let expected = "at least 1";
            return Err(FlowError::Setting { name: "record.every", found: "0".to_owned(), expected });
        }
        if self.weights == Surrogate::GaussianEachStep && self.mode != Mode::Sampled {
            let expected = "sampled, as weights that are drawn anew at each step are";
            return Err(FlowError::Setting { name: "mode", found: "mean-field".to_owned(), expected });
        }
        self.fixed_point.check()
    }
}

/// The chains of one start.
enum FlowChains {
    Machine(Box<Chains>),
    Redrawn(Box<Redrawn>),
}

impl FlowChains {
    fn new(config: &RbmFlowConfig, rbm: &Rbm, start: &Start) -> Result<Self, FlowError> {
        let (spins, seed) = (start.configurations.view(), start.seed(config.seed));
        Ok(match config.weights {
            Surrogate::GaussianEachStep => Self::Redrawn(Box::new(Redrawn::new(rbm, spins, seed))),
            _ => Self::Machine(Box::new(Chains::new(rbm, spins, config.mode, seed)?)),
        })
    }

    fn step(&mut self) {
        match self {
            Self::Machine(chains) => chains.step(),
            Self::Redrawn(chains) => chains.step(),
        }
    }

    fn configurations(&self) -> BitMatrix {
        match self {
            Self::Machine(chains) => chains.configurations(),
            Self::Redrawn(chains) => chains.configurations(),
        }
    }
}

/// Runs the flow of a machine from the ensembles of a spins file. One of drawn units that starts at all training
/// temperatures of the machine has their [`Balance`](datasets::Balance).
///
/// All starts run at the same time, each with its own random streams that depend on the seed and the start's temperature
/// only.
///
/// ```
/// use datasets::{Rbm, Spins, Units};
/// use ndarray::{Array1, Array2};
/// use rg_flow::{RbmFlowConfig, rbm_flow};
///
/// // A machine without weights forgets everything in one step.
/// let rbm = Rbm::new(Units::Spin, Array2::zeros((16, 3)), Array1::zeros(16), Array1::zeros(3))?;
/// let starts = Spins::from_samples("square:4".parse()?, vec![0.0], Array2::ones((100, 16)), vec![0; 100])?;
/// let config = RbmFlowConfig { steps: 1, chains: 100, ..Default::default() };
/// let flow = rbm_flow(&config, &rbm, &starts, &(), &())?;
/// assert_eq!(flow.abs_magnetization.value[[0, 0]], 1.0);
/// assert!(flow.abs_magnetization.value[[0, 1]] < 0.3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If a setting is impossible, a start temperature is not in the file or has too few configurations, machine and starts
/// are of different lattices, or `progress` asks to stop.
pub fn rbm_flow(
    config: &RbmFlowConfig,
    rbm: &Rbm,
    spins: &Spins,
    readout: &dyn Readout,
    progress: &dyn Progress,
) -> Result<Flow, FlowError> {
    config.check()?;
    if rbm.visible() != spins.sites() {
        return Err(FlowError::OtherLattice { visible: rbm.visible(), lattice: spins.lattice });
    }
    if config.exponents && !(is_measured_on(spins.lattice) && spins.lattice.blocks().is_ok()) {
        let expected = "false on a lattice without 2 × 2 blocks of sites of a square one";
        return Err(FlowError::Setting { name: "exponents", found: "true".to_owned(), expected });
    }
    let surrogate = config.weights.of(rbm, config.seed);
    let rbm = &surrogate;
    let starts = starts(spins, config.start_temperatures.as_deref(), config.chains)?;
    let schedule = Schedule::new(config.record.steps(config.steps)?, config.snapshots);
    let work =
        Work { done: AtomicU64::new(0), total: starts.len() as u64 * u64::from(config.steps), progress };
    let run = |start: &Start| run(config, rbm, spins, &schedule, readout, start, &work);
    let runs: Vec<Run> = starts.par_iter().map(run).collect::<Result<_, FlowError>>()?;
    let (mut courses, mut tails, mut renormalized, mut of_machine) = (vec![], vec![], vec![], vec![]);
    for (start, found) in starts.iter().zip(runs) {
        courses.push((start.temperature, found.course));
        tails.push(found.tail);
        renormalized.extend(found.renormalized);
        of_machine.push(found.of_machine);
    }
    let lattices = vec![spins.lattice; schedule.step.len()];
    let mut flow = assemble(FlowKind::Rbm, &lattices, config.chains, readout.classes(), &schedule, &courses);
    flow.label_kind = spins.label_kind;
    flow.machine = machine::course(&of_machine);
    // A flow is at rest where its energy is, which needs a lattice.
    if spins.lattice.has_geometry() {
        flow.fixed_point = fixed_point(&flow, &tails, &config.fixed_point);
    }
    // Machines whose weights are too large have no theory, nor have those without weights that last.
    let fixed = config.weights != Surrogate::GaussianEachStep;
    flow.prediction =
        (fixed && flow.fixed_point.is_some()).then(|| predict(rbm, flow.lattice, readout).ok()).flatten();
    if config.exponents {
        let (steps, blocked): (Vec<Sectors>, Vec<Vec<Sectors>>) =
            renormalized.into_iter().map(|found| (found.step, found.blocked)).unzip();
        flow.exponents = exponents(&blocked_at(&schedule.step), &blocked);
        flow.response = Some(response(&steps));
    }
    if config.mode == Mode::Sampled {
        flow.balance = balance(rbm, &starts, config.seed)?;
        if let Some(balance) = &mut flow.balance
            && spins.label_kind != LabelKind::Temperature
        {
            // Between classes there is nothing.
            balance.zero = None;
            balance.zeros.clear();
        }
    }
    Ok(flow)
}

/// Steps done by all starts together.
struct Work<'a> {
    done: AtomicU64,
    total: u64,
    progress: &'a dyn Progress,
}

impl Work<'_> {
    fn step_done(&self) -> Result<(), FlowError> {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(self.progress.report(done as f64 / self.total as f64)?)
    }
}

/// What the Monte Carlo renormalization group says of the flow from one start.
struct Renormalized {
    /// Of what becomes of the start until the next recorded step.
    step: Sectors,
    /// Of the ensembles of [`blocked_at`].
    blocked: Vec<Sectors>,
}

/// The recorded steps whose ensembles are blocked: the start, the next one, and the last.
fn blocked_at(step: &[u32]) -> Vec<u32> {
    let mut at = vec![0, 1, step.len() as u32 - 1];
    at.dedup();
    at
}

/// What was measured of the flow from one start.
struct Run {
    course: Course,
    tail: Tail,
    renormalized: Option<Renormalized>,
    of_machine: Vec<Measures>,
}

/// One start from its first to its last step.
fn run(
    config: &RbmFlowConfig,
    rbm: &Rbm,
    spins: &Spins,
    schedule: &Schedule,
    readout: &dyn Readout,
    start: &Start,
    work: &Work,
) -> Result<Run, FlowError> {
    let lattice = spins.lattice;
    let is_measured = config.machine || machine::is_needed(spins);
    let mut chains = FlowChains::new(config, rbm, start)?;
    let mut course = Course::default();
    let mut of_machine = vec![];
    let mut tail = Tail::new(config.chains, config.steps, &config.fixed_point);
    let mut pool = Pool::new(config.chains, lattice.sites());
    let mut configurations = BitMatrix::of_spins(start.configurations.view());
    let mut step = 0;
    let (blocked_at, mut blocked, mut first_step) = (blocked_at(&schedule.step), vec![], None);
    for (index, &recorded) in schedule.step.iter().enumerate() {
        while step < recorded {
            chains.step();
            step += 1;
            work.step_done()?;
        }
        if step > 0 {
            configurations = chains.configurations();
        }
        if config.exponents && blocked_at.contains(&(index as u32)) {
            let spins = configurations.view().to_spins();
            let indices = [stream_index(start.temperature), u64::from(step) + 1];
            blocked.extend(Sectors::of_ensemble(lattice, spins.view(), config.seed, indices));
            if index == 1 {
                first_step = Some(Sectors::of_step(lattice, start.configurations.view(), spins.view()));
            }
        }
        let found = course.record(schedule, readout, lattice, configurations.view(), |spins| spins);
        if is_measured {
            of_machine.push(Measures::of(
                rbm,
                start.configurations.view(),
                &configurations.view().to_spins(),
            ));
        }
        tail.record(step, &found.energy, &found.abs_magnetization, &found.short_range);
        let (last, spins) = (schedule.step.len() - 1, configurations.rows() * configurations.columns());
        if tail.in_window(step) && (last - index).is_multiple_of(pooled_every(&tail, schedule, spins)) {
            pool.add(configurations.view(), &found.energy, &found.abs_magnetization);
        }
    }
    if !pool.is_empty() {
        tail.set_end(pool.read(lattice, readout));
    }
    let renormalized = first_step.map(|step| Renormalized { step, blocked });
    Ok(Run { course, tail, renormalized, of_machine })
}

/// Every how many of the recorded steps of the window are pooled, so that the pool does not outgrow [`LARGEST_POOL`].
fn pooled_every(tail: &Tail, schedule: &Schedule, spins: usize) -> usize {
    let records = schedule.step.iter().filter(|&&step| tail.in_window(step)).count();
    let fitting = (LARGEST_POOL / spins.max(1)).max(1);
    records.div_ceil(fitting).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_stay_within_bounds() {
        let tail = Tail::new(2, 200, &FixedPointConfig::default());
        let schedule = Schedule::new((0..=200).collect(), 0);
        assert_eq!(pooled_every(&tail, &schedule, 100_000), 1);
        assert_eq!(pooled_every(&tail, &schedule, LARGEST_POOL / 10), 5);
        assert_eq!(pooled_every(&tail, &schedule, 2 * LARGEST_POOL), 50, "at least the last step");
        let short = Tail::new(2, 1, &FixedPointConfig::default());
        assert_eq!(pooled_every(&short, &Schedule::new(vec![0, 1], 0), 100), 1);
    }
}
