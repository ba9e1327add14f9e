//! Large products on several threads.

use ndarray::{ArrayView2, ArrayViewMut2, Axis};

use super::blocks;

/// Parts are not made smaller than this many multiplications: some 50 µs, well above the cost of handing over
/// a part.
const PART: usize = 1 << 22;

/// [`multiply`](super::multiply) on the threads of the current rayon pool, with the same bits: the result is
/// cut along its longer side, and each part is a product of its own.
///
/// Products of less than 2²³ multiplications run on the calling thread.
///
/// # Panics
///
/// If the shapes do not fit.
pub fn multiply_parallel(a: ArrayView2<f32>, b: ArrayView2<f32>, out: ArrayViewMut2<f32>) {
    split(None, a, b, out, 2 * rayon::current_num_threads());
}

/// [`multiply_add`](super::multiply_add) on the threads of the current rayon pool, with the same bits; see
/// [`multiply_parallel`].
///
/// # Panics
///
/// If the shapes do not fit.
pub fn multiply_add_parallel(scale: f32, a: ArrayView2<f32>, b: ArrayView2<f32>, out: ArrayViewMut2<f32>) {
    split(Some(scale), a, b, out, 2 * rayon::current_num_threads());
}

/// Cuts the product into at most `parts` parts, halving again and again.
fn split(scale: Option<f32>, a: ArrayView2<f32>, b: ArrayView2<f32>, out: ArrayViewMut2<f32>, parts: usize) {
    assert_eq!(a.ncols(), b.nrows(), "inner lengths");
    assert_eq!(out.dim(), (a.nrows(), b.ncols()), "shape of the result");
    let (rows, columns) = out.dim();
    let work = rows.saturating_mul(columns).saturating_mul(a.ncols());
    // One thread makes two parts, and gains nothing by them.
    if parts <= 2 || work < 2 * PART {
        blocks::run(scale, a, b, out);
    } else {
        halve(scale, a, b, out, parts);
    }
}

/// Halves the product along the longer side of its result until there are `parts` parts.
fn halve(scale: Option<f32>, a: ArrayView2<f32>, b: ArrayView2<f32>, out: ArrayViewMut2<f32>, parts: usize) {
    let (rows, columns) = out.dim();
    let work = rows.saturating_mul(columns).saturating_mul(a.ncols());
    if parts <= 1 || work < 2 * PART {
        blocks::run(scale, a, b, out);
    } else if rows > columns {
        // Whole tiles of 14 rows, so that neither half ends with an odd one.
        let middle = (rows / 2).next_multiple_of(14).min(rows);
        let (a, a_rest) = a.split_at(Axis(0), middle);
        let (out, out_rest) = out.split_at(Axis(0), middle);
        rayon::join(
            || halve(scale, a, b, out, parts / 2),
            || halve(scale, a_rest, b, out_rest, parts - parts / 2),
        );
    } else {
        // Whole panels of 32 columns.
        let middle = (columns / 2).next_multiple_of(32).min(columns);
        let (b, b_rest) = b.split_at(Axis(1), middle);
        let (out, out_rest) = out.split_at(Axis(1), middle);
        rayon::join(
            || halve(scale, a, b, out, parts / 2),
            || halve(scale, a, b_rest, out_rest, parts - parts / 2),
        );
    }
}
