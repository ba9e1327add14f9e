//! The block-spin flow: 2 × 2 majority, the lattice halves with each step.

use datasets::{Flow, FlowKind, Progress, Spins};
use ndarray::{Array2, ArrayView2, Axis};
use numerics::bit_matrix::BitMatrix;
use numerics::bits::Bits;
use numerics::streams::stream;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Readout;
use crate::error::FlowError;
use crate::flow::{Course, Schedule, assemble};
use crate::starts::{Start, check_settings, starts, stream_index};

/// The number of configurations whose ties are decided by one generator; a constant, so that results do not depend on the
/// number of threads.
const BLOCK: usize = 128;

/// How a block-spin flow is run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BlockSpinConfig {
    /// The largest number of steps. The flow ends earlier where the size is odd or 2.
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
/// The readout is asked with each step's own size. Snapshots are of the size of the start: a block spin is shown on all
/// sites that it stands for.
///
/// # Errors
///
/// If the size is odd or below 4, a setting is impossible, a start temperature is not in the file or has too few
/// configurations, or `progress` asks to stop.
pub fn block_spin_flow(
    config: &BlockSpinConfig,
    spins: &Spins,
    readout: &dyn Readout,
    progress: &dyn Progress,
) -> Result<Flow, FlowError> {
    config.check()?;
    let mut sizes = vec![spins.size];
    for _ in 0..config.steps {
        let size = sizes[sizes.len() - 1];
        if !has_blocks(size) {
            break;
        }
        sizes.push(size / 2);
    }
    if sizes.len() == 1 {
        return Err(FlowError::NoBlocks { size: spins.size });
    }
    let starts = starts(spins, config.start_temperatures.as_deref(), config.chains)?;
    let steps: Vec<u32> = (0..sizes.len() as u32).collect();
    let snapshots = config.snapshots;
    let schedule = Schedule { kept: steps.clone(), pictured: steps.clone(), step: steps, snapshots };
    let mut courses = Vec::with_capacity(starts.len());
    for (done, start) in starts.iter().enumerate() {
        progress.report(done as f64 / starts.len() as f64)?;
        courses.push((start.temperature, run(config, &sizes, &schedule, readout, start)));
    }
    progress.report(1.0)?;
    let chains = config.chains;
    Ok(assemble(FlowKind::BlockSpin, &sizes, chains, readout.classes(), &schedule, &courses))
}

pub(crate) fn has_blocks(size: usize) -> bool {
    size >= 4 && size.is_multiple_of(2)
}

fn run(
    config: &BlockSpinConfig,
    sizes: &[usize],
    schedule: &Schedule,
    readout: &dyn Readout,
    start: &Start,
) -> Course {
    let mut course = Course::default();
    let mut spins = start.configurations.clone();
    for (step, &size) in sizes.iter().enumerate() {
        if step > 0 {
            let indices = [stream_index(start.temperature), step as u64];
            spins = block_all(sizes[step - 1], spins.view(), config.seed, indices);
        }
        let configurations = BitMatrix::of_spins(spins.view());
        let pictures = |spins: Array2<i8>| enlarge(size, sizes[0], spins.view());
        course.record(schedule, readout, size, configurations.view(), pictures);
    }
    course
}

/// Blocks many configurations in parallel, in fixed parts with one generator each.
pub(crate) fn block_all(size: usize, spins: ArrayView2<i8>, seed: u64, indices: [u64; 2]) -> Array2<i8> {
    let parts: Vec<ArrayView2<i8>> = spins.axis_chunks_iter(Axis(0), BLOCK).collect();
    let parts: Vec<Array2<i8>> = parts
        .into_par_iter()
        .enumerate()
        .map(|(part, spins)| {
            let indices = [indices[0], indices[1], part as u64];
            let mut bits = Bits::from_stream(&mut stream(seed, "block spin ties", &indices));
            block_spins(size, spins, &mut bits)
        })
        .collect();
    let views: Vec<ArrayView2<i8>> = parts.iter().map(|part| part.view()).collect();
    ndarray::concatenate(Axis(0), &views).expect("all parts have the same number of sites")
}

/// The majority of each 2 × 2 block of each configuration, [n, L²] → [n, (L/2)²]; two against two is decided by a fair coin.
///
/// ```
/// use ndarray::array;
/// use numerics::{bits::Bits, streams::stream};
///
/// let spins = array![[1, 1, -1, -1, 1, -1, -1, -1, 1, 1, 1, 1, 1, 1, 1, 1i8]];
/// let mut bits = Bits::from_stream(&mut stream(1, "example", &[]));
/// assert_eq!(rg_flow::block_spins(4, spins.view(), &mut bits), array![[1, -1, 1, 1]]);
/// ```
///
/// # Panics
///
/// If the size is odd, or the configurations have not L² sites.
pub fn block_spins(size: usize, spins: ArrayView2<i8>, bits: &mut Bits) -> Array2<i8> {
    assert!(size.is_multiple_of(2), "an even size");
    assert_eq!(spins.ncols(), size * size, "number of sites");
    let half = size / 2;
    let spins = spins.as_standard_layout();
    let mut blocks = Array2::zeros((spins.nrows(), half * half));
    let (mut coins, mut left) = (0u64, 0u32);
    for (spins, mut blocks) in spins.outer_iter().zip(blocks.outer_iter_mut()) {
        let spins = spins.as_slice().expect("rows in standard layout are contiguous");
        for (block, out) in blocks.iter_mut().enumerate() {
            let corner = 2 * (block / half) * size + 2 * (block % half);
            let sum = spins[corner] + spins[corner + 1] + spins[corner + size] + spins[corner + size + 1];
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
    blocks
}

/// Each spin repeated over the block of sites of the start lattice that it stands for.
fn enlarge(size: usize, start_size: usize, spins: ArrayView2<i8>) -> Array2<i8> {
    let scale = start_size / size;
    Array2::from_shape_fn((spins.nrows(), start_size * start_size), |(chain, site)| {
        let (y, x) = (site / start_size / scale, site % start_size / scale);
        spins[[chain, y * size + x]]
    })
}
