//! The leading singular values and vectors of a matrix that is too large to be decomposed completely.
//!
//! Block Krylov subspaces (Golub and Kahan 1965; Musco and Musco 2015): vectors X, (Wᵀ·W)·X, (Wᵀ·W)²·X, … of a block X
//! from a fixed generator are made orthonormal, and the best approximations within their span are found by a complete
//! decomposition of W restricted to it. A block rather than one vector, as waves of one length have equal singular
//! values on a torus. How far each value may be off is measured, not estimated: with W·v = σ u exactly, there is a
//! singular value of W within ‖Wᵀ·u − σ v‖ of σ.

use ndarray::{Array2, ArrayView2, Axis};
use numerics::bits::{Bits, unit_f64};
use numerics::streams::stream;

use crate::decomposition::{fix_signs, noise_level, orthogonalize};
use crate::linear::{dot, products_of_rows};

/// The number of vectors that are taken further at a time: more than waves on a torus have a common length, up to a few
/// accidental ones.
const BLOCK: usize = 16;

/// The accuracy that is wanted, as a part of the largest singular value; far below what a figure or a statistical error
/// can show.
const ACCURACY: f64 = 1e-7;

/// The leading part of W = U Σ Vᵀ.
#[derive(Debug, Clone, PartialEq)]
pub struct Leading {
    /// The largest singular values, descending; none that is numerical noise.
    pub singular_values: Vec<f64>,
    /// Their left vectors in the columns, [rows, count], with the sign convention of [`crate::decompose`].
    pub left: Array2<f64>,
    /// Their right vectors, [columns, count].
    pub right: Array2<f64>,
    /// For each value a distance within which there is a singular value of W.
    pub residual: Vec<f64>,
}

/// Finds up to `count` leading singular values and vectors of a matrix with finite elements, of values fewer if the
/// matrix has a smaller rank. `None` if the rotations do not converge, which has never been seen.
///
/// The subspace grows until all residuals are below 10⁻⁷ of the largest value, or it is the whole space.
///
/// ```
/// use ndarray::Array2;
/// let matrix = Array2::from_shape_fn((60, 40), |(i, j)| if i == j { 1.0 / (1.0 + j as f64) } else { 0.0 });
/// let found = weight_analysis::leading(matrix.view(), 3).unwrap();
/// assert!((found.singular_values[2] - 1.0 / 3.0).abs() < 1e-10);
/// ```
pub fn leading(matrix: ArrayView2<f64>, count: usize) -> Option<Leading> {
    let (rows, columns) = matrix.dim();
    let most = rows.min(columns);
    let count = count.min(most);
    let transposed = matrix.t().as_standard_layout().into_owned();
    let matrix = matrix.as_standard_layout();
    let mut basis = Basis { vectors: vec![], length: columns };
    // Images of Wᵀ, so that nothing is spent on what W takes to zero.
    let start = products_of_rows(random(rows, most).view(), transposed.view());
    let mut newest = basis.extend(start);
    if newest == 0 {
        let (left, right) = (Array2::zeros((rows, 0)), Array2::zeros((columns, 0)));
        return Some(Leading { singular_values: vec![], left, right, residual: vec![] });
    }
    // At first enough for a spectrum that decays, then half as much again each time.
    let mut wanted = (2 * count + 2 * BLOCK).min(most);
    loop {
        while basis.vectors.len() < wanted && newest > 0 {
            let from = basis.vectors.len() - newest;
            let images = products_of_rows(basis.rows(from).view(), matrix.view());
            let next = products_of_rows(images.view(), transposed.view());
            newest = basis.extend(next);
            basis.vectors.truncate(most);
        }
        let found = within(&basis, &matrix.view(), &transposed.view(), count)?;
        let largest = found.singular_values.first().copied().unwrap_or(0.0);
        let accurate = found.residual.iter().all(|&residual| residual <= ACCURACY * largest);
        if accurate || newest == 0 || basis.vectors.len() >= most {
            return Some(found);
        }
        wanted = (wanted + wanted / 2).min(most);
    }
}

/// Orthonormal vectors.
struct Basis {
    vectors: Vec<Vec<f64>>,
    length: usize,
}

impl Basis {
    /// Adds what the rows of `candidates` have beyond the span; returns how many vectors that is.
    fn extend(&mut self, candidates: Array2<f64>) -> usize {
        let before = self.vectors.len();
        for candidate in candidates.outer_iter() {
            if self.vectors.len() >= self.length {
                break;
            }
            let mut vector = candidate.to_vec();
            let original = dot(&vector, &vector).sqrt();
            // Twice is enough (Kahan; Giraud, Langou and Rozložník 2005).
            for _ in 0..2 {
                for other in &self.vectors {
                    let product = dot(&vector, other);
                    vector.iter_mut().zip(other).for_each(|(value, other)| *value -= product * other);
                }
            }
            let length = dot(&vector, &vector).sqrt();
            if length > noise_level(self.length) * original {
                vector.iter_mut().for_each(|value| *value /= length);
                self.vectors.push(vector);
            }
        }
        self.vectors.len() - before
    }

    /// The vectors from number `from` on, in rows.
    fn rows(&self, from: usize) -> Array2<f64> {
        let values: Vec<f64> = self.vectors[from..].iter().flatten().copied().collect();
        Array2::from_shape_vec((self.vectors.len() - from, self.length), values)
            .expect("vectors of one length")
    }
}

/// A block to start from.
fn random(length: usize, most: usize) -> Array2<f64> {
    let mut bits = Bits::from_stream(&mut stream(0, "leading singular vectors", &[]));
    Array2::from_shape_simple_fn((BLOCK.min(most), length), || 2.0 * unit_f64(bits.next()) - 1.0)
}

/// The best approximations within the span of a basis.
fn within(
    basis: &Basis,
    matrix: &ArrayView2<f64>,
    transposed: &ArrayView2<f64>,
    count: usize,
) -> Option<Leading> {
    let vectors = basis.rows(0);
    // W restricted to the basis; its rows are made orthogonal by a rotation of the basis.
    let images = products_of_rows(vectors.view(), matrix.view());
    let (images, rotation, norms) = orthogonalize(images.view())?;
    let mut order: Vec<usize> = (0..norms.len()).collect();
    order.sort_by(|&a, &b| norms[b].total_cmp(&norms[a]));
    let largest = order.first().map_or(0.0, |&k| norms[k]);
    let noise = noise_level(matrix.nrows().max(matrix.ncols())) * largest;
    order.retain(|&k| norms[k] > noise);
    order.truncate(count);
    let singular_values: Vec<f64> = order.iter().map(|&k| norms[k]).collect();
    let mut left = images.select(Axis(0), &order);
    left.outer_iter_mut().zip(&singular_values).for_each(|(mut row, &value)| row /= value);
    let basis_columns = vectors.t().as_standard_layout().into_owned();
    let right = products_of_rows(rotation.select(Axis(0), &order).view(), basis_columns.view());
    let back = products_of_rows(left.view(), transposed.view());
    let residual = (0..order.len())
        .map(|k| {
            let difference = &back.row(k) - &(&right.row(k) * singular_values[k]);
            difference.iter().map(|value| value * value).sum::<f64>().sqrt()
        })
        .collect();
    let (mut left, mut right) = (left.reversed_axes(), right.reversed_axes());
    fix_signs(&mut left.view_mut(), Some(&mut right.view_mut()));
    Some(Leading {
        singular_values,
        left: left.as_standard_layout().into_owned(),
        right: right.as_standard_layout().into_owned(),
        residual,
    })
}
