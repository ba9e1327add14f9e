//! Sums and products in double precision with one fixed order of summation, so that a matrix has the same bits on
//! every machine and with any number of threads.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// The number of partial sums of [`dot`]: enough to hide the latency of an addition, and a fixed part of the result.
const LANES: usize = 16;

/// Σ a_i b_i.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// The scalar products of all pairs of rows of `rows` [n, m]: a symmetric matrix [n, n].
pub(crate) fn gram_of_rows(rows: ArrayView2<f64>) -> Array2<f64> {
    let rows = rows.as_standard_layout();
    let (n, m) = rows.dim();
    let values = rows.as_slice().expect("standard layout is contiguous");
    let row = |i: usize| &values[i * m..(i + 1) * m];
    let mut gram = vec![0.0; n * n];
    gram.par_chunks_mut(n.max(1)).enumerate().for_each(|(i, out)| {
        for (j, out) in out.iter_mut().enumerate().take(i + 1) {
            *out = dot(row(i), row(j));
        }
    });
    for i in 0..n {
        for j in 0..i {
            gram[j * n + i] = gram[i * n + j];
        }
    }
    Array2::from_shape_vec((n, n), gram).expect("n² values")
}

/// The scalar products of the rows of `a` [n, k] with the rows of `b` [m, k]: [n, m].
pub(crate) fn products_of_rows(a: ArrayView2<f64>, b: ArrayView2<f64>) -> Array2<f64> {
    let (a, b) = (a.as_standard_layout(), b.as_standard_layout());
    let (n, k) = a.dim();
    let m = b.nrows();
    let (left, right) =
        (a.as_slice().expect("standard layout is contiguous"), b.as_slice().expect("as well"));
    // Over the rows of `b`, of which there are more, so that each is read once.
    let mut transposed = vec![0.0; m * n];
    transposed.par_chunks_mut(n.max(1)).enumerate().for_each(|(j, out)| {
        let row = &right[j * k..(j + 1) * k];
        for (i, out) in out.iter_mut().enumerate() {
            *out = dot(&left[i * k..(i + 1) * k], row);
        }
    });
    let transposed = Array2::from_shape_vec((m, n), transposed).expect("n · m values");
    transposed.reversed_axes().as_standard_layout().into_owned()
}
