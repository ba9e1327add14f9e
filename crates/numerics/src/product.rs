//! Matrix products with a fixed order of summation: every element is one chain of fused multiply-adds over k = 0, 1, …,
//! in single precision, whatever the vector width, the blocking or the number of threads.
//!
//! # The bits
//!
//! With s₀ = +0 and sₖ₊₁ = fma(aᵢₖ, bₖⱼ, sₖ), [`multiply`] stores s and [`multiply_add`] stores fma(scale, s, out).
//! Vectors and register tiles run over i and j only, so they change which chains advance together and nothing else.
//! Where k is cut into blocks, the chain continues from the stored s: a store and a load of f32 round nothing.
//!
//! # How it works
//!
//! The out matrix is cut into panels of columns, and the panels into tiles of rows that fit the registers: 14 × 32 with
//! AVX-512 (28 of 32 registers hold sums), 6 × 16 with AVX2 (12 of 16). For each k a tile loads one row of the panel
//! of b and broadcasts one element of a for each of its rows. Rows are dealt out evenly, so 100 rows are 4 × 13 + 4 × 12
//! and not 7 × 14 + 2; the last panel of columns is masked, and uses half vectors where they suffice.
//!
//! Operands are copied into panels in the order in which the tile reads them (with 8 × 8 transposes in registers where
//! an operand lies across), in blocks over k that stay in the caches. The copy is skipped where an operand is
//! already laid out well enough. The copies live in a buffer of each thread that is kept between calls: after the first
//! call of a size nothing is allocated. Any layout of operands and result is accepted; a transposed view costs nothing
//! or nearly nothing, so user code never copies.
//!
//! # What bounds it
//!
//! The fused multiply-adds. One 512-bit one (or two 256-bit ones) start per cycle on Zen 4, that is 32 floating-point
//! operations per cycle; many server Xeons start two 512-bit ones. A tile of 14 × 32 needs 16 loads for 28 of them, so the load ports are half
//! idle. What is lost: the copies (each element of b is used for all rows of a, so 1/rows of the time or so; with 100
//! rows, a few per cent), masked lanes in the last panel, and the start and end of each tile when k is short.

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
