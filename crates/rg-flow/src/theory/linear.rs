//! Linear algebra in double precision with a fixed order of summation.

use ndarray::Array2;
use numerics::for_each_width;
use rayon::prelude::*;

/// a · b.
pub(crate) fn multiply(a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    let (rows, inner) = a.dim();
    let columns = b.ncols();
    assert_eq!(inner, b.nrows(), "shapes of the factors");
    let (a, b) = (a.as_standard_layout(), b.as_standard_layout());
    let (left, right) =
        (a.as_slice().expect("standard layout is contiguous"), b.as_slice().expect("as well"));
    let mut product = vec![0.0; rows * columns];
    product.par_chunks_mut(columns.max(1)).enumerate().for_each(|(i, out)| {
        add_rows(&left[i * inner..(i + 1) * inner], right, out);
    });
    Array2::from_shape_vec((rows, columns), product).expect("rows · columns values")
}

for_each_width! {
    /// out += Σ_k factor_k · row k.
    fn add_rows(factors: &[f64], rows: &[f64], out: &mut [f64]) = add_rows_body;
}

#[inline(always)]
fn add_rows_body(factors: &[f64], rows: &[f64], out: &mut [f64]) {
    for (factor, row) in factors.iter().zip(rows.chunks_exact(out.len().max(1))) {
        out.iter_mut().zip(row).for_each(|(out, x)| *out += factor * x);
    }
}

/// x of a · x = b by elimination with partial pivoting; `None` if a pivot is 0.
pub(super) fn solve(mut a: Array2<f64>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    assert_eq!(a.dim(), (n, n), "a square matrix and its right-hand side");
    let a = a.as_slice_mut().expect("owned and in standard layout");
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| a[i * n + k].abs().total_cmp(&a[j * n + k].abs()))?;
        if a[pivot * n + k] == 0.0 {
            return None;
        }
        if pivot != k {
            let (upper, lower) = a.split_at_mut(pivot * n);
            upper[k * n..(k + 1) * n].swap_with_slice(&mut lower[..n]);
            b.swap(k, pivot);
        }
        let (upper, lower) = a.split_at_mut((k + 1) * n);
        let (row, value) = (&upper[k * n..], b[k]);
        for (other, target) in lower.chunks_exact_mut(n).zip(&mut b[k + 1..]) {
            let factor = other[k] / row[k];
            other[k..].iter_mut().zip(&row[k..n]).for_each(|(x, y)| *x -= factor * y);
            *target -= factor * value;
        }
    }
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| a[k * n + j] * b[j]).sum();
        b[k] = (b[k] - known) / a[k * n + k];
    }
    Some(b)
}

/// Sweeps of rotations after which a decomposition ends; ten are ample.
const SWEEPS: usize = 60;

/// The singular values with their left and right vectors, descending, those that are 0 left out: by rotations that make
/// rows orthogonal to each other (one-sided Jacobi; J. Demmel and K. Veselić, SIAM J. Matrix Anal. Appl. 13, 1204,
/// 1992). Its numbers are the weights of a flow, which must be the same on every machine: products, sums and roots
/// alone.
pub(crate) fn singular_triplets(matrix: &Array2<f64>) -> Vec<(f64, Vec<f64>, Vec<f64>)> {
    if matrix.nrows() > matrix.ncols() {
        let transposed = matrix.t().as_standard_layout().into_owned();
        return singular_triplets(&transposed).into_iter().map(|(s, left, right)| (s, right, left)).collect();
    }
    let n = matrix.nrows();
    let mut rows: Vec<Vec<f64>> = matrix.rows().into_iter().map(|row| row.to_vec()).collect();
    // Row i of `left` becomes the left vector of row i.
    let mut left: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    for _ in 0..SWEEPS {
        let mut rotated = false;
        for i in 0..n {
            for j in i + 1..n {
                let (a, b, c) = (dot(&rows[i], &rows[i]), dot(&rows[j], &rows[j]), dot(&rows[i], &rows[j]));
                if c.abs() <= 1e-14 * (a * b).sqrt() {
                    continue;
                }
                rotated = true;
                let ratio = (b - a) / (2.0 * c);
                let tangent = ratio.signum() / (ratio.abs() + (1.0 + ratio * ratio).sqrt());
                let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
                for list in [&mut rows, &mut left] {
                    let (before, after) = list.split_at_mut(j);
                    for (x, y) in before[i].iter_mut().zip(&mut after[0]) {
                        (*x, *y) = (cosine * (*x - tangent * *y), cosine * (*y + tangent * *x));
                    }
                }
            }
        }
        if !rotated {
            break;
        }
    }
    let mut triplets: Vec<(f64, Vec<f64>, Vec<f64>)> = rows
        .into_iter()
        .zip(left)
        .map(|(row, left)| {
            let value = dot(&row, &row).sqrt();
            (value, left, row.iter().map(|x| x / value).collect())
        })
        .filter(|(value, ..)| *value > 0.0)
        .collect();
    triplets.sort_by(|a, b| b.0.total_cmp(&a.0));
    triplets
}

/// The number of products after which a power iteration ends.
const POWERS: usize = 2000;

/// The eigenvalue of largest magnitude and its vector of length 1, by power iteration from a vector without symmetry.
/// Where several have that magnitude (±λ, or complex pairs) the magnitude with a vector that is none of them alone.
pub(super) fn leading_eigenpair(matrix: &Array2<f64>) -> (f64, Vec<f64>) {
    let n = matrix.nrows();
    // Uniform, and something of every other mode: the fractions of multiples of the golden ratio.
    let mut vector: Vec<f64> =
        (1..=n).map(|i| 1.0 + 0.2 * (i as f64 * 0.618_033_988_749_895).fract()).collect();
    normalize(&mut vector);
    let (mut previous, mut growth, mut eigenvalue) = (f64::NAN, 0.0, 0.0);
    for _ in 0..POWERS {
        let mut image: Vec<f64> =
            matrix.rows().into_iter().map(|row| row.iter().zip(&vector).map(|(a, x)| a * x).sum()).collect();
        eigenvalue = image.iter().zip(&vector).map(|(a, x)| a * x).sum::<f64>();
        growth = normalize(&mut image);
        if growth == 0.0 {
            return (0.0, vector);
        }
        vector = image;
        if (eigenvalue - previous).abs() <= 1e-14 * growth && eigenvalue.abs() >= (1.0 - 1e-9) * growth {
            return (eigenvalue, vector);
        }
        previous = eigenvalue;
    }
    // Not one eigenvector yet: nearly degenerate, or a pair.
    (if eigenvalue.abs() >= 0.999 * growth { eigenvalue } else { growth }, vector)
}

/// Divides by the length, which is returned.
fn normalize(vector: &mut [f64]) -> f64 {
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|x| *x /= length);
    }
    length
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn systems_are_solved_with_pivoting() {
        let a = array![[0.0, 2.0, 1.0], [1.0, -1.0, 3.0], [4.0, 1.0, 0.5]];
        let x = [1.0, -2.0, 0.25];
        let b = a.rows().into_iter().map(|row| row.iter().zip(&x).map(|(a, x)| a * x).sum()).collect();
        let found = solve(a, b).expect("regular");
        assert!(found.iter().zip(&x).all(|(a, b)| (a - b).abs() < 1e-14), "{found:?}");
        assert_eq!(solve(array![[1.0, 2.0], [2.0, 4.0]], vec![1.0, 1.0]), None);
    }

    #[test]
    fn eigenvalues_of_largest_magnitude() {
        let (value, vector) = leading_eigenpair(&array![[2.0, 1.0], [1.0, 2.0]]);
        assert!((value - 3.0).abs() < 1e-12 && (vector[0] - vector[1]).abs() < 1e-6);
        let (value, vector) = leading_eigenpair(&array![[1.0, 0.0], [0.5, -2.0]]);
        assert!((value + 2.0).abs() < 1e-12 && vector[0].abs() < 1e-6);
        assert_eq!(leading_eigenpair(&array![[0.0, 1.0], [0.0, 0.0]]).0, 0.0);
        // A rotation by a right angle, times 0.7.
        assert!((leading_eigenpair(&array![[0.0, -0.7], [0.7, 0.0]]).0 - 0.7).abs() < 1e-12);
    }

    #[test]
    fn singular_values_and_vectors_make_the_matrix() {
        let matrix = Array2::from_shape_fn((5, 7), |(i, j)| ((3 * i * i + 5 * j + i * j) % 11) as f64 - 4.0);
        for matrix in [matrix.clone(), matrix.t().as_standard_layout().into_owned()] {
            let triplets = singular_triplets(&matrix);
            assert_eq!(triplets.len(), 5);
            let mut rest = matrix.clone();
            for (k, (value, left, right)) in triplets.iter().enumerate() {
                for ((i, j), x) in rest.indexed_iter_mut() {
                    *x -= value * left[i] * right[j];
                }
                for (l, (_, other_left, other_right)) in triplets.iter().enumerate() {
                    let expected = f64::from(u8::from(k == l));
                    for (a, b) in [(left, other_left), (right, other_right)] {
                        let product: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                        assert!((product - expected).abs() < 1e-13, "{k} {l}: {product}");
                    }
                }
            }
            assert!(rest.iter().all(|x| x.abs() < 1e-12));
            assert!(triplets.windows(2).all(|pair| pair[0].0 >= pair[1].0));
        }
        // |(3, 4)| = 5.
        let triplets = singular_triplets(&array![[3.0, 4.0], [6.0, 8.0]]);
        assert!((triplets[0].0 - 125f64.sqrt()).abs() < 1e-13);
        assert!(triplets.get(1).is_none_or(|second| second.0 < 1e-13));
    }

    #[test]
    fn products_of_matrices() {
        let found = multiply(&array![[1.0, 2.0, 3.0]], &array![[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]);
        assert_eq!(found, array![[4.0, -1.0]]);
    }
}
