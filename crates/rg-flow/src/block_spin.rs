//! The block-spin flow: the majority of blocks of two sites along each axis; the sides halve with each step.

use datasets::lattice::{Blocks, Lattice};
use datasets::{Flow, FlowKind, Progress, Spins};
use ndarray::{Array2, ArrayView2, Axis};
use numerics::bit_matrix::BitMatrix;
use numerics::bits::Bits;
use numerics::streams::stream;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::FlowError;
use crate::exponents::{Sectors, exponents, is_measured_on};
use crate::flow::{Course, Schedule, assemble};
use crate::starts::{Start, check_settings, starts, stream_index};
use datasets::Readout;

/// The number of configurations whose ties are decided by one generator; a constant, so that results do not depend on the
/// number of threads.
const BLOCK: usize = 128;

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
/// The readout is asked with each step's own lattice. Snapshots are of the lattice of the start: a block spin is shown on all
/// sites that it stands for. On a square lattice each step has its exponents, as [`monte_carlo_rg`](crate::monte_carlo_rg()) defines
/// them.
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

/// Blocks many configurations in parallel, in fixed parts with one generator each.
pub(crate) fn block_all(blocks: &Blocks, spins: ArrayView2<i8>, seed: u64, indices: [u64; 2]) -> Array2<i8> {
    let parts: Vec<ArrayView2<i8>> = spins.axis_chunks_iter(Axis(0), BLOCK).collect();
    let parts: Vec<Array2<i8>> = parts
        .into_par_iter()
        .enumerate()
        .map(|(part, spins)| {
            let indices = [indices[0], indices[1], part as u64];
            let mut bits = Bits::from_stream(&mut stream(seed, "block spin ties", &indices));
            block_spins(blocks, spins, &mut bits)
        })
        .collect();
    let views: Vec<ArrayView2<i8>> = parts.iter().map(|part| part.view()).collect();
    ndarray::concatenate(Axis(0), &views).expect("all parts have the same number of sites")
}

/// The majority of each block of each configuration, [n, sites] → [n, blocks]; as many against as many is decided by a fair
/// coin.
///
/// ```
/// use datasets::lattice::Lattice;
/// use ndarray::array;
/// use numerics::{bits::Bits, streams::stream};
///
/// let lattice: Lattice = "square:4".parse()?;
/// let spins = array![[1, 1, -1, -1, 1, -1, -1, -1, 1, 1, 1, 1, 1, 1, 1, 1i8]];
/// let mut bits = Bits::from_stream(&mut stream(1, "example", &[]));
/// assert_eq!(rg_flow::block_spins(&lattice.blocks()?, spins.view(), &mut bits), array![[1, -1, 1, 1]]);
/// # Ok::<(), datasets::lattice::LatticeError>(())
/// ```
///
/// # Panics
///
/// If the configurations have another number of sites than the lattice of the blocks.
pub fn block_spins(blocks: &Blocks, spins: ArrayView2<i8>, bits: &mut Bits) -> Array2<i8> {
    assert_eq!(spins.ncols(), blocks.block_of_site().len(), "number of sites");
    let spins = spins.as_standard_layout();
    let mut coarse = Array2::zeros((spins.nrows(), blocks.lattice().sites()));
    let (mut coins, mut left) = (0u64, 0u32);
    for (spins, mut coarse) in spins.outer_iter().zip(coarse.outer_iter_mut()) {
        let spins = spins.as_slice().expect("rows in standard layout are contiguous");
        for (block, out) in coarse.iter_mut().enumerate() {
            let sum: i8 = blocks.members(block).iter().map(|&site| spins[site as usize]).sum();
            *out = if sum != 0 {
                sum.signum()
            } else {
                if left == 0 {
                    (coins, left) = (bits.next(), 64);
                }
                let coin = if coins & 1 == 1 { 1 } else { -1 };
                (coins, left) = (coins >> 1, left - 1);
                coin
            };
        }
    }
    coarse
}
