//! Matrices between the sites of a lattice by distance, and weights as lattice images.

use datasets::lattice::{Lattice, LatticeError};
use ndarray::{Array2, ArrayD, ArrayView2};

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

/// Mean and standard deviation of the elements of `matrix` [sites, sites] at each distance: two sites are as far apart as
/// their nearest periodic images.
///
/// # Errors
///
/// If the sites have no geometry.
///
/// # Panics
///
/// If the matrix is not [sites, sites].
///
/// ```
/// let found = weight_analysis::by_distance("square:2".parse()?, ndarray::Array2::eye(4).view())?;
/// assert_eq!(found.distance, [0.0, 1.0, 2f64.sqrt()]);
/// assert_eq!(found.mean, [1.0, 0.0, 0.0]);
/// # Ok::<(), datasets::lattice::LatticeError>(())
/// ```
pub fn by_distance(lattice: Lattice, matrix: ArrayView2<f64>) -> Result<ByDistance, LatticeError> {
    let sites = lattice.sites();
    assert_eq!(matrix.dim(), (sites, sites), "a matrix between the sites");
    let displacements = lattice.displacements()?;
    let distance = displacements.distances().to_vec();
    let class = |i: usize, j: usize| displacements.class(displacements.of(i, j));
    let count: Vec<f64> = displacements.multiplicity().iter().map(|&m| (m * sites) as f64).collect();
    let mut mean = vec![0.0; distance.len()];
    for ((i, j), &value) in matrix.indexed_iter() {
        mean[class(i, j)] += value;
    }
    mean.iter_mut().zip(&count).for_each(|(mean, count)| *mean /= count);
    let mut square = vec![0.0; distance.len()];
    for ((i, j), &value) in matrix.indexed_iter() {
        let d = class(i, j);
        square[d] += (value - mean[d]) * (value - mean[d]);
    }
    let deviation = square.iter().zip(&count).map(|(square, count)| (square / count).sqrt()).collect();
    Ok(ByDistance { distance, mean, deviation })
}

/// The structure of W·Wᵀ on the lattice without W·Wᵀ itself, of which a few rows at a time are computed.
pub(crate) struct Structure {
    /// As of [`by_distance`].
    pub(crate) by_distance: ByDistance,
    /// As of [`rbm_core::monitor::translation_invariant_fraction`].
    pub(crate) translation_invariant_fraction: f64,
}

/// Rows of W·Wᵀ that are computed at once.
const ROWS: usize = 64;

/// The structure of the products of all pairs of rows of `weights` [sites, hidden].
pub(crate) fn structure(lattice: Lattice, weights: ArrayView2<f64>) -> Result<Structure, LatticeError> {
    let sites = lattice.sites();
    let displacements = lattice.displacements()?;
    // Sums and sums of squares by displacement, added up row by row.
    let count = displacements.count();
    let (mut sum, mut square) = (vec![0.0; count], vec![0.0; count]);
    for start in (0..sites).step_by(ROWS) {
        let rows = weights.slice(ndarray::s![start..(start + ROWS).min(sites), ..]);
        let products = crate::linear::products_of_rows(rows, weights);
        for (i, row) in products.outer_iter().enumerate() {
            for (j, &value) in row.iter().enumerate() {
                let d = displacements.of(start + i, j);
                sum[d] += value;
                square[d] += value * value;
            }
        }
    }
    let pairs = displacements.pairs() as f64;
    let distance = displacements.distances().to_vec();
    let mut count = vec![0.0; distance.len()];
    let (mut sums, mut squares) = (count.clone(), count.clone());
    for (d, (sum, square)) in sum.iter().zip(&square).enumerate() {
        let class = displacements.class(d);
        count[class] += pairs;
        sums[class] += sum;
        squares[class] += square;
    }
    let mean: Vec<f64> = sums.iter().zip(&count).map(|(sum, count)| sum / count).collect();
    let deviation =
        (0..distance.len()).map(|d| (squares[d] / count[d] - mean[d] * mean[d]).max(0.0).sqrt()).collect();
    let total: f64 = square.iter().sum();
    let invariant: f64 = sum.iter().map(|sum| sum * sum / pairs).sum();
    Ok(Structure {
        by_distance: ByDistance { distance, mean, deviation },
        // Of a matrix of zeros nothing is lost.
        translation_invariant_fraction: if total > 0.0 { (invariant / total).min(1.0) } else { 1.0 },
    })
}

/// The columns of `weights` [sites, hidden] as images on the lattice, [hidden, …, L_y, L_x]: what each hidden unit
/// looks at.
///
/// # Panics
///
/// If there is not one row per site.
pub fn receptive_fields(lattice: Lattice, weights: ArrayView2<f32>) -> ArrayD<f32> {
    let (visible, hidden) = weights.dim();
    assert_eq!(visible, lattice.sites(), "one row per site");
    let shape: Vec<usize> = std::iter::once(hidden).chain(lattice.shape().iter().rev().copied()).collect();
    let rows: Array2<f32> = weights.t().as_standard_layout().into_owned();
    rows.into_shape_with_order(shape).expect("one value per hidden unit and site")
}
