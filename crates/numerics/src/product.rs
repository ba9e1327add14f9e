//! Products of real matrices with a fixed order of summation, whatever the vector width, the blocking or the number of
//! threads.
//!
//! # The bits
//!
//! With s₀ = +0 and sₖ₊₁ = sₖ + aᵢₖ bₖⱼ, product and sum rounded to single precision one after the other, an element of
//! the result is s after the last k. Registers run over columns, so they change which sums advance together and nothing
//! else. There are no fused multiply-adds, which not every machine has.
//!
//! # How it works
//!
//! The result is cut into panels of 32 columns, and these into tiles of 6 × 16, whose sums stay in registers. For each
//! k a tile loads 16 columns of b once, and multiplies them with an element of each of its rows of a, which is read
//! where it is. A panel of b is copied to lines first if it lies across, ends within a register or is spread over too
//! much memory. Rows are independent: threads take some each.
//!
//! # What bounds it
//!
//! Arithmetic: a multiplication and an addition for each register of the result and k, of which two start in a cycle.
//! That is half the rate of fused multiply-adds, and is asked of few products only: those with two-valued units are
//! made by [`two_valued`](crate::two_valued). On an Intel Xeon (Sapphire Rapids, 2.7 GHz), GFLOP/s with AVX-512, AVX2
//! and the portable code: 76, 54 and 21 for 100 × 100 × 64 and 51, 40 and 17 for 100 × 80 × 25, whose last 7 of 32
//! columns are zeros. Copying costs a few percent of that for 100 rows.

#![expect(unsafe_code, reason = "vector instructions of a machine that has them")]

use std::cell::RefCell;

use ndarray::{ArrayView2, ArrayViewMut2, Axis, Slice};
use rayon::prelude::*;

use crate::lines::{self, GROUP, Line, PANEL, REGISTER, ZERO};
use crate::vector::{Width, width};

mod kernel;

/// The rows of a tile.
const ROWS: usize = 6;
/// A panel that spans at most so many numbers is read in place, if its layout allows.
const NEAR: usize = 1 << 15;
/// Products are not divided into parts of less than so many multiplications: some 100 µs.
const PART: usize = 1 << 22;

/// Rows of at least 16 columns: row k begins at `start + k * step`.
#[derive(Clone, Copy)]
struct Rows {
    start: *const f32,
    step: isize,
}

thread_local! {
    /// The copy of a panel.
    static COPY: RefCell<Vec<[Line; GROUP]>> = RefCell::default();
}

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
pub fn multiply(a: ArrayView2<f32>, b: ArrayView2<f32>, mut out: ArrayViewMut2<f32>) {
    assert_eq!(a.ncols(), b.nrows(), "inner lengths");
    assert_eq!(out.dim(), (a.nrows(), b.ncols()), "shape of the result");
    if out.is_empty() {
        return;
    }
    COPY.with_borrow_mut(|copies| {
        for first in (0..b.ncols()).step_by(PANEL) {
            let columns = Slice::from(first..(first + PANEL).min(b.ncols()));
            panel(a, b.slice_axis(Axis(1), columns), out.slice_axis_mut(Axis(1), columns), copies);
        }
    });
}

/// [`multiply`] on the threads of the current rayon pool, with the same bits: each takes some rows.
///
/// Products of less than 2²³ multiplications run on the calling thread.
///
/// # Panics
///
/// As [`multiply`].
pub fn multiply_parallel(a: ArrayView2<f32>, b: ArrayView2<f32>, mut out: ArrayViewMut2<f32>) {
    let work = a.len().saturating_mul(b.ncols());
    let parts = (work / PART).min(2 * rayon::current_num_threads());
    // One thread makes two parts, and gains nothing by them.
    if parts <= 2 || a.nrows() != out.nrows() {
        return multiply(a, b, out);
    }
    let rows = a.nrows().div_ceil(parts).next_multiple_of(ROWS);
    let parts: Vec<_> =
        a.axis_chunks_iter(Axis(0), rows).zip(out.axis_chunks_iter_mut(Axis(0), rows)).collect();
    parts.into_par_iter().for_each(|(a, out)| multiply(a, b, out));
}

/// The product for at most [`PANEL`] columns.
fn panel(
    a: ArrayView2<f32>,
    b: ArrayView2<f32>,
    mut out: ArrayViewMut2<f32>,
    copies: &mut Vec<[Line; GROUP]>,
) {
    let depth = b.nrows();
    let rows = if lines::in_place(&b) && depth * b.strides()[0].unsigned_abs() <= NEAR {
        Rows { start: b.as_ptr(), step: b.strides()[0] }
    } else {
        copies.resize(copies.len().max(depth.div_ceil(GROUP)), [ZERO; GROUP]);
        for (first, copies) in (0..depth).step_by(GROUP).zip(&mut *copies) {
            lines::copy(&b, first, copies);
        }
        Rows { start: copies.as_ptr().cast(), step: PANEL as isize }
    };
    let mut sums = [[0.0; REGISTER]; ROWS];
    for (part, mut out) in out.axis_chunks_iter_mut(Axis(1), REGISTER).enumerate() {
        let rows = Rows { start: rows.start.wrapping_add(part * REGISTER), ..rows };
        for (a, mut out) in a.axis_chunks_iter(Axis(0), ROWS).zip(out.axis_chunks_iter_mut(Axis(0), ROWS)) {
            tile(a, &rows, &mut sums);
            for (mut out, sums) in out.outer_iter_mut().zip(&sums) {
                match out.as_slice_mut() {
                    Some(out) if out.len() == REGISTER => out.copy_from_slice(sums),
                    _ => out.iter_mut().zip(sums).for_each(|(out, &sum)| *out = sum),
                }
            }
        }
    }
}

/// The sums of up to [`ROWS`] rows of a and 16 columns of b.
fn tile(a: ArrayView2<f32>, b: &Rows, sums: &mut kernel::Sums) {
    let (depth, [down, along]) = (a.ncols(), [a.strides()[0], a.strides()[1]]);
    // Rows beyond the last are the last one again.
    let starts =
        std::array::from_fn(|row| a.as_ptr().wrapping_offset(row.min(a.nrows() - 1) as isize * down));
    // SAFETY: `width` names instructions that the machine has; the rows of a have `depth` elements, and b as many rows.
    unsafe {
        match width() {
            #[cfg(target_arch = "x86_64")]
            Width::Avx512 => kernel::avx512::tile(starts, along, b, depth, sums),
            #[cfg(target_arch = "x86_64")]
            Width::Avx2 => kernel::avx2::tile(starts, along, b, depth, sums),
            _ => kernel::portable::tile(starts, along, b, depth, sums),
        }
    }
}
