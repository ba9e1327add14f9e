//! The majority of the spins of each block, with random ties.

use datasets::lattice::Blocks;
use ndarray::{Array2, ArrayView2, Axis};
use numerics::bits::Bits;
use numerics::streams::stream;
use rayon::prelude::*;

/// The number of configurations whose ties are decided by one generator; a constant, so that results do not depend on the
/// number of threads.
const BLOCK: usize = 128;

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

/// The majority of each block of each configuration, [n, sites] → [n, blocks]; as many against as many is decided by a
/// fair coin.
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
