//! Singular value decomposition with complete sets of vectors, and the sign convention of the vectors.
//!
//! The eigenvectors of the smaller Gram matrix, W·Wᵀ or Wᵀ·W, give a first rotation of W after which its columns (or
//! rows) are almost orthogonal. One-sided Jacobi rotations (Hestenes; Demmel and Veselić 1992) then make them orthogonal
//! to working precision. So small singular values do not suffer from the squaring in the Gram matrix, orthonormality
//! does not depend on the first step, and there is no matrix for which the second step does not converge. Singular
//! values of a numerically rank-deficient matrix are set to 0 and their vectors are completed by Householder
//! reflections.

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};

use crate::linear::{dot, gram_of_rows};

/// Sweeps over all pairs. From a good start two or three are enough; from none about ten.
const MAX_SWEEPS: usize = 60;

/// Components of a vector that are within this fraction of the largest count as equal to it when the sign is chosen,
/// so that rounding does not decide.
const SIGN_TIE: f64 = 1e-6;

/// W = U Σ Vᵀ, with U completed to a square matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Decomposition {
    /// Singular values, descending, [min(rows, columns)]; those below the numerical noise are exactly 0.
    pub singular_values: Vec<f64>,
    /// Left singular vectors in the columns, [rows, rows]. The first min(rows, columns) go with the singular values;
    /// the others are an arbitrary orthonormal basis of the rest.
    pub left: Array2<f64>,
    /// Right singular vectors in the columns, [columns, min(rows, columns)].
    pub right: Array2<f64>,
}

/// Decomposes a matrix with finite elements. `None` if the rotations do not converge, which has never been seen.
///
/// The sign of each left vector is such that its largest component by magnitude is positive; of several within 10⁻⁶ of
/// the largest the first one counts. Right vectors follow their left ones. Equal singular values leave the rotation
/// among their vectors undetermined.
///
/// ```
/// use ndarray::array;
/// let found = weight_analysis::decompose(array![[3.0, 0.0], [0.0, -4.0], [0.0, 0.0]].view()).unwrap();
/// assert_eq!(found.singular_values, [4.0, 3.0]);
/// assert_eq!(found.left.column(0).to_vec(), [0.0, 1.0, 0.0]);
/// assert_eq!(found.right.column(0).to_vec(), [0.0, -1.0]);
/// ```
pub fn decompose(matrix: ArrayView2<f64>) -> Option<Decomposition> {
    let (rows, columns) = matrix.dim();
    let tall = columns <= rows;
    // Vectors to make orthogonal: the shorter side counts them, they lie in the rows.
    let vectors = if tall { matrix.t() } else { matrix };
    let (vectors, rotation, norms) = orthogonalize(vectors)?;

    // From here on a vector's number is its place in descending order.
    let mut order: Vec<usize> = (0..norms.len()).collect();
    order.sort_by(|&a, &b| norms[b].total_cmp(&norms[a]));
    let largest = order.first().map_or(0.0, |&k| norms[k]);
    let noise = noise_level(rows.max(columns)) * largest;
    let singular_values: Vec<f64> =
        order.iter().map(|&k| if norms[k] > noise { norms[k] } else { 0.0 }).collect();
    let rank = singular_values.iter().take_while(|&&s| s > 0.0).count();

    let rotated = rotation.select(Axis(0), &order).reversed_axes();
    let mut images = Array2::zeros((vectors.ncols(), rank));
    for (k, mut image) in images.columns_mut().into_iter().enumerate() {
        image.assign(&vectors.row(order[k]));
        image.mapv_inplace(|value| value / singular_values[k]);
    }
    let (mut left, mut right) =
        if tall { (complete(images, rows), rotated) } else { (rotated, complete(images, rows)) };
    fix_signs(&mut left.view_mut(), Some(&mut right.view_mut()));
    Some(Decomposition { singular_values, left, right })
}

/// The relative size below which a singular value is rounding noise.
pub(crate) fn noise_level(longer_side: usize) -> f64 {
    longer_side as f64 * f64::EPSILON
}

/// Rotates the rows of `matrix` [n, m], n ≤ m, until they are orthogonal. Returns the rotated rows, the rotation [n, n]
/// with rows in the same order, and the norms.
pub(crate) fn orthogonalize(matrix: ArrayView2<f64>) -> Option<(Array2<f64>, Array2<f64>, Vec<f64>)> {
    let (n, m) = matrix.dim();
    let mut rotation = first_rotation(matrix);
    // The product by `dot`, whose summation order is our own.
    let columns = matrix.t().as_standard_layout().into_owned();
    let mut vectors = Array2::zeros((n, m));
    {
        let rotation = rotation.as_slice().expect("owned and contiguous");
        let columns = columns.as_slice().expect("owned and contiguous");
        for (k, mut vector) in vectors.rows_mut().into_iter().enumerate() {
            for (j, value) in vector.iter_mut().enumerate() {
                *value = dot(&rotation[k * n..(k + 1) * n], &columns[j * n..(j + 1) * n]);
            }
        }
    }
    let tolerance = noise_level(m);
    let mut norms = vec![0.0; n];
    for _ in 0..MAX_SWEEPS {
        let rotations = sweep(&mut vectors, &mut rotation, &mut norms, tolerance);
        if rotations == 0 {
            return Some((vectors, rotation, norms));
        }
    }
    None
}

/// One rotation of each pair of rows that is not orthogonal yet. Returns how many there were, and the norms.
fn sweep(vectors: &mut Array2<f64>, rotation: &mut Array2<f64>, norms: &mut [f64], tolerance: f64) -> usize {
    let (n, m) = vectors.dim();
    let vectors = vectors.as_slice_mut().expect("owned and contiguous");
    let rotation = rotation.as_slice_mut().expect("owned and contiguous");
    let mut squares: Vec<f64> = (0..n).map(|k| dot(&vectors[k * m..][..m], &vectors[k * m..][..m])).collect();
    let largest = squares.iter().fold(0.0f64, |a, &b| a.max(b));
    // Rows of rounding noise never become orthogonal to working precision, and are replaced anyway.
    let noise = tolerance * tolerance * largest;
    let mut rotations = 0;
    for p in 0..n {
        for q in p + 1..n {
            if squares[p] <= noise || squares[q] <= noise {
                continue;
            }
            let (x, y) = pair(vectors, p, q, m);
            let product = dot(x, y);
            if product.abs() <= tolerance * (squares[p].sqrt() * squares[q].sqrt()) {
                continue;
            }
            rotations += 1;
            let zeta = (squares[q] - squares[p]) / (2.0 * product);
            let tangent = zeta.signum() / (zeta.abs() + (1.0 + zeta * zeta).sqrt());
            let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
            let sine = cosine * tangent;
            rotate(x, y, cosine, sine);
            let (x, y) = pair(rotation, p, q, n);
            rotate(x, y, cosine, sine);
            squares[p] -= tangent * product;
            squares[q] += tangent * product;
        }
    }
    for (norm, square) in norms.iter_mut().zip(&squares) {
        *norm = square.max(0.0).sqrt();
    }
    rotations
}

/// Rows p < q of a matrix with rows of length `length`.
fn pair(values: &mut [f64], p: usize, q: usize, length: usize) -> (&mut [f64], &mut [f64]) {
    let (head, tail) = values.split_at_mut(q * length);
    (&mut head[p * length..][..length], &mut tail[..length])
}

fn rotate(x: &mut [f64], y: &mut [f64], cosine: f64, sine: f64) {
    for (x, y) in x.iter_mut().zip(y) {
        let (old_x, old_y) = (*x, *y);
        *x = cosine * old_x - sine * old_y;
        *y = sine * old_x + cosine * old_y;
    }
}

/// The eigenvectors of the Gram matrix of the rows of `matrix`, in the rows, by descending eigenvalue; the unit matrix
/// if they do not converge, which costs sweeps and no accuracy.
fn first_rotation(matrix: ArrayView2<f64>) -> Array2<f64> {
    let gram = gram_of_rows(matrix);
    let n = gram.nrows();
    let steps = 64 * n + 64;
    let column_major = DMatrix::from_fn(n, n, |i, j| gram[[i, j]]);
    let Some(found) = SymmetricEigen::try_new(column_major, f64::EPSILON, steps) else {
        return Array2::eye(n);
    };
    if found.eigenvectors.iter().any(|value| !value.is_finite()) {
        return Array2::eye(n);
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| found.eigenvalues[b].total_cmp(&found.eigenvalues[a]));
    Array2::from_shape_fn((n, n), |(k, i)| found.eigenvectors[(i, order[k])])
}

/// Appends columns to orthonormal columns [n, k] until there are `total` ≤ n.
///
/// The reflections that turn the given columns into unit vectors, applied backwards to the other unit vectors.
fn complete(columns: Array2<f64>, total: usize) -> Array2<f64> {
    let (n, k) = columns.dim();
    if total == k {
        return columns;
    }
    // Everything transposed: vectors in contiguous rows.
    let mut work = columns.t().as_standard_layout().into_owned();
    let mut reflections: Vec<Vec<f64>> = Vec::with_capacity(k);
    for step in 0..k {
        let mut mirror = vec![0.0; n];
        mirror[step..].copy_from_slice(&work.row(step).to_vec()[step..]);
        let length = dot(&mirror, &mirror).sqrt();
        mirror[step] += if mirror[step] < 0.0 { -length } else { length };
        let length = dot(&mirror, &mirror).sqrt();
        mirror.iter_mut().for_each(|value| *value /= length);
        for row in step..k {
            reflect(work.row_mut(row).into_slice().expect("owned and contiguous"), &mirror, step);
        }
        reflections.push(mirror);
    }
    let mut completed = Array2::zeros((n, total));
    completed.slice_mut(ndarray::s![.., ..k]).assign(&columns);
    let mut vector = vec![0.0; n];
    for column in k..total {
        vector.fill(0.0);
        vector[column] = 1.0;
        for (step, mirror) in reflections.iter().enumerate().rev() {
            reflect(&mut vector, mirror, step);
        }
        for (out, &value) in completed.column_mut(column).iter_mut().zip(&vector) {
            *out = value;
        }
    }
    completed
}

/// Mirrors a vector at the plane orthogonal to the unit vector `mirror`, whose first `zeros` components vanish.
fn reflect(vector: &mut [f64], mirror: &[f64], zeros: usize) {
    let (vector, mirror) = (&mut vector[zeros..], &mirror[zeros..]);
    let twice = 2.0 * dot(vector, mirror);
    for (value, normal) in vector.iter_mut().zip(mirror) {
        *value -= twice * normal;
    }
}

/// Makes the largest component of each column of `left` positive and flips the column of `right` with it.
pub(crate) fn fix_signs(left: &mut ArrayViewMut2<f64>, mut right: Option<&mut ArrayViewMut2<f64>>) {
    for (k, mut column) in left.columns_mut().into_iter().enumerate() {
        let largest = column.iter().fold(0.0f64, |a, &b| a.max(b.abs()));
        let first = column.iter().find(|value| value.abs() >= (1.0 - SIGN_TIE) * largest);
        if first.is_some_and(|&value| value < 0.0) {
            column.mapv_inplace(|value| -value);
            if let Some(right) = right.as_deref_mut().filter(|right| k < right.ncols()) {
                right.column_mut(k).mapv_inplace(|value| -value);
            }
        }
    }
}
