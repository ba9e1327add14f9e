//! The power of lattice images in shells of equal wave number.

use datasets::lattice::{Lattice, LatticeError};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// The power of each column of `images` [sites, n] in each shell of waves with the same |k|, as a fraction of the
/// column's own total: ([n, shell], squares of the shells ascending). The squares are those of
/// [`Fourier::squares`](datasets::lattice::Fourier::squares): kx² + ky² in units of (2π/L)² on a square of equal sides.
///
/// # Errors
///
/// If the sites have no geometry.
///
/// # Panics
///
/// If there is not one row per site.
///
/// ```
/// let uniform = ndarray::Array2::from_elem((9, 1), 1.0 / 3.0);
/// let (power, shell) = weight_analysis::shell_power("square:3".parse()?, uniform.view())?;
/// assert_eq!(shell, [0, 1, 2]);
/// assert!((power[[0, 0]] - 1.0).abs() < 1e-12);
/// # Ok::<(), datasets::lattice::LatticeError>(())
/// ```
pub fn shell_power(
    lattice: Lattice,
    images: ArrayView2<f64>,
) -> Result<(Array2<f64>, Vec<u32>), LatticeError> {
    assert_eq!(images.nrows(), lattice.sites(), "one row per site");
    let fourier = lattice.fourier()?;
    // A square is at most the number of sites times the longest side, on any lattice that a machine can have.
    let shells = fourier.squares().iter().map(|&square| u32::try_from(square).unwrap_or(u32::MAX)).collect();
    let count = fourier.squares().len();
    let mut power = vec![0.0; images.ncols() * count];
    power.par_chunks_mut(count).enumerate().for_each(|(n, power)| {
        power.copy_from_slice(&fourier.shell_power(&images.column(n).to_vec()));
    });
    let power = Array2::from_shape_vec((images.ncols(), count), power).expect("columns · shells values");
    Ok((power, shells))
}
