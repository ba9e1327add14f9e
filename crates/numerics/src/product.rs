//! Products of real matrices with a fixed order of summation: every element is one chain of fused multiply-adds over
//! k = 0, 1, …, in single precision, whatever the vector width, the blocking or the number of threads.
//!
//! # The bits
//!
//! With s₀ = +0 and sₖ₊₁ = fma(aᵢₖ, bₖⱼ, sₖ), [`multiply`] stores s and [`multiply_add`] stores fma(scale, s,
//! out). Vectors and register tiles run over i and j only, so they change which chains advance together and
//! nothing else. Where k is cut into blocks, the chain continues from the stored s: a store and a load of f32
//! round nothing.
//!
//! # How it works
//!
//! The result is cut into panels of columns, and the panels into tiles of rows that fit the registers: 14 ×
//! 32 with AVX-512 (28 of 32 registers hold sums), 6 × 16 with AVX2 (12 of 16). For each k a tile loads one
//! row of the panel of b and broadcasts one element of a for each of its rows. Rows are dealt out evenly, so
//! 100 rows are 4 × 13 + 4 × 12 and not 7 × 14 + 2; the last panel of columns is masked, and uses half
//! vectors where they suffice. A result that lies across is computed as outᵀ = bᵀ·aᵀ.
//!
//! Operands are copied into panels in the order in which the tiles read them (with 8 × 8 transposes in
//! registers where an operand lies across), in blocks over k that stay in the caches. The copy is skipped
//! where an operand is small and laid out well enough: the tile takes a by rows or by columns. The copies
//! live in buffers of the thread that are kept between calls: after the first call of a size nothing is
//! allocated (except for a result none of whose axes is contiguous). A transposed view costs little or
//! nothing, so user code never copies.
//!
//! # What bounds it
//!
//! The fused multiply-adds: one of 512 bits (or two of 256) starts per cycle on Zen 4, which is 32 operations
//! per cycle and 118 GFLOP/s at 3.7 GHz; many server Xeons start two of 512. A tile of 14 × 32 needs 16 loads
//! for 28 of them, so the load ports are half idle. What is lost are the copies, masked lanes in the last
//! panel, some 50 cycles at the start and end of each tile, and for large matrices the waits for memory.
//! Measured on one core of that kind, GFLOP/s with AVX-512 (AVX2) for v·W, h·Wᵀ and vᵀ·h of a batch of 100:
//!
//! | visible × hidden | v·W | h·Wᵀ | vᵀ·h |
//! | --- | --- | --- | --- |
//! | 100 × 64 | 112 (89) | 95 (74) | 113 (89) |
//! | 100 × 100 | 101 (82) | 97 (80) | 106 (83) |
//! | 100 × 400 | 107 (85) | 97 (84) | 108 (86) |
//! | 784 × 500 | 102 (88) | 104 (91) | 105 (87) |
//! | 1024 × 1024 | 97–100 (79) | 96–100 (91) | 86–97 (85) |
//!
//! 2048³: 94–98 (84–90). 100 columns are three panels and 4 masked columns, which costs 5 %. The tile of AVX2
//! is smaller, so that its start, its end and its broadcasts weigh more.

use ndarray::{ArrayView2, ArrayViewMut2};

mod blocks;
mod pack;
mod parallel;
mod tile;
#[cfg(target_arch = "x86_64")]
mod tile_x86;

pub use parallel::{multiply_add_parallel, multiply_parallel};

/// out = a·b. Any of the arguments may be transposed or strided views.
///
/// ```
/// use ndarray::{arr2, Array2};
/// let a = arr2(&[[1.0, 2.0], [3.0, 4.0]]);
/// let mut gram = Array2::zeros((2, 2));
/// numerics::product::multiply(a.view(), a.t(), gram.view_mut());
/// assert_eq!(gram, arr2(&[[5.0, 11.0], [11.0, 25.0]]));
/// ```
///
/// # Panics
///
/// If the shapes do not fit.
pub fn multiply(a: ArrayView2<f32>, b: ArrayView2<f32>, out: ArrayViewMut2<f32>) {
    blocks::run(None, a, b, out);
}

/// out += scale · (a·b): the product is summed up from zero and then added with one fused multiply-add.
///
/// # Panics
///
/// If the shapes do not fit.
pub fn multiply_add(scale: f32, a: ArrayView2<f32>, b: ArrayView2<f32>, out: ArrayViewMut2<f32>) {
    blocks::run(Some(scale), a, b, out);
}
