//! Matrix products with a fixed order of summation: every element is one chain of fused multiply-adds over k = 0, 1, …,
//! in single precision, whatever the vector width.

use ndarray::{ArrayView2, ArrayViewMut2};

/// out = a·b. Any of the arguments may be transposed views.
///
/// # Panics
///
/// If the shapes do not fit.
pub fn multiply(a: ArrayView2<f32>, b: ArrayView2<f32>, mut out: ArrayViewMut2<f32>) {
    out.fill(0.0);
    multiply_add(1.0, a, b, out);
}

/// out += scale · (a·b): the product is summed up from zero and then added with one fused multiply-add.
///
/// # Panics
///
/// If the shapes do not fit.
pub fn multiply_add(scale: f32, a: ArrayView2<f32>, b: ArrayView2<f32>, mut out: ArrayViewMut2<f32>) {
    assert_eq!(a.ncols(), b.nrows(), "inner lengths");
    assert_eq!(out.dim(), (a.nrows(), b.ncols()), "shape of the result");
    for i in 0..a.nrows() {
        for j in 0..b.ncols() {
            let mut sum = 0.0f32;
            for k in 0..a.ncols() {
                sum = a[[i, k]].mul_add(b[[k, j]], sum);
            }
            out[[i, j]] = scale.mul_add(sum, out[[i, j]]);
        }
    }
}
