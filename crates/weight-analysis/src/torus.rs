//! Matrices between the sites of an L × L torus by distance, and weights as lattice images.

use ndarray::{Array2, ArrayView2};

/// The elements of a matrix between sites, by distance.
#[derive(Debug, Clone, PartialEq)]
pub struct ByDistance {
    /// The distances that occur, ascending, in lattice constants.
    pub distance: Vec<f64>,
    /// Mean element at each.
    pub mean: Vec<f64>,
    /// Standard deviation of the elements at each (over all elements, not of the mean).
    pub deviation: Vec<f64>,
}

/// L of a lattice with `sites` sites, if it is a square of at least 2 × 2.
pub(crate) fn size_of(sites: usize) -> Option<usize> {
    let size = sites.isqrt();
    (size >= 2 && size * size == sites).then_some(size)
}

/// Mean and standard deviation of the elements of `matrix` [L², L²] at each distance on the torus: two sites are as far
/// apart as their nearest periodic images.
///
/// # Panics
///
/// If the matrix is not [L², L²].
///
/// ```
/// let found = weight_analysis::by_distance(2, ndarray::Array2::eye(4).view());
/// assert_eq!(found.distance, [0.0, 1.0, 2f64.sqrt()]);
/// assert_eq!(found.mean, [1.0, 0.0, 0.0]);
/// ```
pub fn by_distance(size: usize, matrix: ArrayView2<f64>) -> ByDistance {
    let sites = size * size;
    assert_eq!(matrix.dim(), (sites, sites), "a matrix between the sites");
    let class = classes(size);
    let largest = 2 * (size / 2).pow(2);
    let mut count = vec![0u64; largest + 1];
    let mut mean = vec![0.0; largest + 1];
    for (i, row) in matrix.outer_iter().enumerate() {
        for (j, &value) in row.iter().enumerate() {
            let d = class[displacement(size, i, j)];
            count[d] += 1;
            mean[d] += value;
        }
    }
    for (mean, &count) in mean.iter_mut().zip(&count) {
        *mean /= count.max(1) as f64;
    }
    let mut square = vec![0.0; largest + 1];
    for (i, row) in matrix.outer_iter().enumerate() {
        for (j, &value) in row.iter().enumerate() {
            let d = class[displacement(size, i, j)];
            square[d] += (value - mean[d]) * (value - mean[d]);
        }
    }
    let occurring: Vec<usize> = (0..=largest).filter(|&d| count[d] > 0).collect();
    ByDistance {
        distance: occurring.iter().map(|&d| (d as f64).sqrt()).collect(),
        mean: occurring.iter().map(|&d| mean[d]).collect(),
        deviation: occurring.iter().map(|&d| (square[d] / count[d] as f64).sqrt()).collect(),
    }
}

/// The structure of W·Wᵀ on the torus without W·Wᵀ itself, of which a few rows at a time are computed.
pub(crate) struct Structure {
    /// As of [`by_distance`].
    pub(crate) by_distance: ByDistance,
    /// As of [`rbm_core::monitor::translation_invariant_fraction`].
    pub(crate) translation_invariant_fraction: f64,
}

/// Rows of W·Wᵀ that are computed at once.
const ROWS: usize = 64;

/// The structure of the products of all pairs of rows of `weights` [L², hidden].
pub(crate) fn structure(size: usize, weights: ArrayView2<f64>) -> Structure {
    let sites = size * size;
    // Sums and sums of squares by translation, added up row by row.
    let (mut sum, mut square) = (vec![0.0; sites], vec![0.0; sites]);
    for start in (0..sites).step_by(ROWS) {
        let rows = weights.slice(ndarray::s![start..(start + ROWS).min(sites), ..]);
        let products = crate::linear::products_of_rows(rows, weights);
        for (i, row) in products.outer_iter().enumerate() {
            for (j, &value) in row.iter().enumerate() {
                let d = displacement(size, start + i, j);
                sum[d] += value;
                square[d] += value * value;
            }
        }
    }
    let class = classes(size);
    let largest = 2 * (size / 2).pow(2);
    let (mut count, mut sums, mut squares) =
        (vec![0.0; largest + 1], vec![0.0; largest + 1], vec![0.0; largest + 1]);
    for d in 0..sites {
        count[class[d]] += sites as f64;
        sums[class[d]] += sum[d];
        squares[class[d]] += square[d];
    }
    let occurring: Vec<usize> = (0..=largest).filter(|&d| count[d] > 0.0).collect();
    let mean = |d: usize| sums[d] / count[d];
    let deviation = |d: usize| (squares[d] / count[d] - mean(d) * mean(d)).max(0.0).sqrt();
    let total: f64 = square.iter().sum();
    let invariant: f64 = sum.iter().map(|sum| sum * sum / sites as f64).sum();
    Structure {
        by_distance: ByDistance {
            distance: occurring.iter().map(|&d| (d as f64).sqrt()).collect(),
            mean: occurring.iter().map(|&d| mean(d)).collect(),
            deviation: occurring.iter().map(|&d| deviation(d)).collect(),
        },
        // Of a matrix of zeros nothing is lost.
        translation_invariant_fraction: if total > 0.0 { (invariant / total).min(1.0) } else { 1.0 },
    }
}

/// The translation that takes site i to site j, as a site number.
fn displacement(size: usize, i: usize, j: usize) -> usize {
    let x = (j % size + size - i % size) % size;
    let y = (j / size + size - i / size) % size;
    y * size + x
}

/// The squared distance of each translation.
fn classes(size: usize) -> Vec<usize> {
    let nearest = |d: usize| d.min(size - d).pow(2);
    (0..size * size).map(|d| nearest(d % size) + nearest(d / size)).collect()
}

/// The columns of `weights` [L², hidden] as lattice images, [hidden, L, L]: what each hidden unit looks at.
///
/// # Panics
///
/// If there are not L² rows.
pub fn receptive_fields(size: usize, weights: ArrayView2<f32>) -> ndarray::Array3<f32> {
    let (visible, hidden) = weights.dim();
    assert_eq!(visible, size * size, "one row per site");
    let rows: Array2<f32> = weights.t().as_standard_layout().into_owned();
    rows.into_shape_with_order((hidden, size, size)).expect("hidden · L · L values")
}
