//! The block-spin flow: the majority of blocks of two sites along each axis; the sides halve with each step.

use datasets::lattice::{Blocks, Lattice};
use datasets::{Flow, FlowKind, Progress, Spins};
use ndarray::Array2;
use numerics::bit_matrix::BitMatrix;
use serde::{Deserialize, Serialize};

use crate::error::FlowError;
use crate::exponents::{Sectors, exponents, is_measured_on};
use crate::flow::{Course, Schedule, assemble};
use crate::majority::block_all;
use crate::starts::{Start, check_settings, starts, stream_index};
use datasets::Readout;

/// How a block-spin flow is run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BlockSpinConfig {
    /// The largest number of steps. The flow ends earlier where the lattice has no blocks.
    pub steps: u32,
    /// The number of configurations of each start: the first so many of the file at that temperature.
    pub chains: usize,
    /// The temperatures of the starts in J/k_B; all of the start file if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_temperatures: Option<Vec<f64>>,
    /// The number of configurations that are kept at each step.
    pub snapshots: usize,
    /// The master seed.
    pub seed: u64,
}

impl Default for BlockSpinConfig {
    fn default() -> Self {
        Self { steps: 3, chains: 1000, start_temperatures: None, snapshots: 8, seed: 0 }
    }
}

impl BlockSpinConfig {
    /// Whether it can be done, as far as that does not depend on the configurations.
    ///
    /// # Errors
    ///
    /// The first setting that is impossible.
    pub fn check(&self) -> Result<(), FlowError> {
        check_settings(self.steps, self.chains, self.start_temperatures.as_deref())
    }
}

/// Runs the block-spin flow from the ensembles of a spins file.
///
/// The readout is asked with each step's own lattice. Snapshots are of the lattice of the start: a block spin is shown
/// on all sites that it stands for. On a square lattice each step has its exponents, as
/// [`monte_carlo_rg`](crate::monte_carlo_rg()) defines them.
///
/// # Errors
///
/// If the lattice has no blocks, a setting is impossible, a start temperature is not in the file or has too few
/// configurations, or `progress` asks to stop.
pub fn block_spin_flow(
    config: &BlockSpinConfig,
    spins: &Spins,
    readout: &dyn Readout,
    progress: &dyn Progress,
) -> Result<Flow, FlowError> {
    config.check()?;
    // The first step must be possible; the flow ends before one that is not.
    let mut steps = vec![spins.lattice.blocks()?];
    while (steps.len() as u32) < config.steps {
        let Ok(next) = steps[steps.len() - 1].lattice().blocks() else { break };
        steps.push(next);
    }
    let blocks = &steps[..steps.len().min(config.steps as usize)];
    let lattices: Vec<Lattice> =
        std::iter::once(spins.lattice).chain(blocks.iter().map(Blocks::lattice)).collect();
    let starts = starts(spins, config.start_temperatures.as_deref(), config.chains)?;
    let steps: Vec<u32> = (0..lattices.len() as u32).collect();
    let snapshots = config.snapshots;
    let schedule = Schedule { kept: steps.clone(), pictured: steps.clone(), step: steps, snapshots };
    let (mut courses, mut sectors) = (Vec::with_capacity(starts.len()), Vec::with_capacity(starts.len()));
    for (done, start) in starts.iter().enumerate() {
        progress.report(done as f64 / starts.len() as f64)?;
        let (course, found) = run(config, spins.lattice, blocks, &schedule, readout, start);
        courses.push((start.temperature, course));
        sectors.push(found);
    }
    progress.report(1.0)?;
    let chains = config.chains;
    let mut flow = assemble(FlowKind::BlockSpin, &lattices, chains, readout.classes(), &schedule, &courses);
    let blocked: Vec<u32> = (0..blocks.len() as u32).collect();
    flow.exponents = exponents(&blocked, &sectors);
    Ok(flow)
}

fn run(
    config: &BlockSpinConfig,
    start_lattice: Lattice,
    blocks: &[Blocks],
    schedule: &Schedule,
    readout: &dyn Readout,
    start: &Start,
) -> (Course, Vec<Sectors>) {
    let (mut course, mut sectors) = (Course::default(), vec![]);
    let mut spins = start.configurations.clone();
    // The site of the present lattice that each site of the start is part of.
    let mut part_of: Vec<u32> = (0..start_lattice.sites() as u32).collect();
    let mut lattice = start_lattice;
    course.record(schedule, readout, start_lattice, BitMatrix::of_spins(spins.view()).view(), |spins| spins);
    for (step, blocks) in blocks.iter().enumerate() {
        let indices = [stream_index(start.temperature), step as u64 + 1];
        let blocked = block_all(blocks, spins.view(), config.seed, indices);
        let (before, after) = (lattice, blocks.lattice());
        if is_measured_on(before) {
            sectors.push(Sectors::of_blocks((before, spins.view()), (after, blocked.view())));
        }
        spins = blocked;
        part_of.iter_mut().for_each(|site| *site = blocks.block_of_site()[*site as usize]);
        let enlarged = |spins: Array2<i8>| {
            Array2::from_shape_fn((spins.nrows(), part_of.len()), |(chain, site)| {
                spins[[chain, part_of[site] as usize]]
            })
        };
        let configurations = BitMatrix::of_spins(spins.view());
        course.record(schedule, readout, after, configurations.view(), enlarged);
        lattice = after;
    }
    (course, sectors)
}
