//! What is watched during training.

use std::collections::BTreeMap;

use datasets::lattice::{Lattice, LatticeError};
use ndarray::{Array2, ArrayView2};
use numerics::bit_matrix::BitMatrix;
use numerics::product;

use crate::layer::{Layers, fields_to_means, values};
use crate::likelihood::pseudo_log_likelihood_of;

/// Name of the mean squared difference between the visible units and f(f(v·W + c)·Wᵀ + b), per unit.
pub const RECONSTRUCTION_ERROR: &str = "reconstruction_error";
/// Name of the pseudo-log-likelihood of a configuration, in nats.
pub const PSEUDO_LOG_LIKELIHOOD: &str = "pseudo_log_likelihood";
/// Name of the same divided by the number of visible units.
pub const PSEUDO_LOG_LIKELIHOOD_PER_SPIN: &str = "pseudo_log_likelihood_per_spin";
/// Name of max |W_ia|.
pub const MAX_ABS_WEIGHT: &str = "max_abs_weight";
/// Name of [`translation_invariant_fraction`] of W·Wᵀ.
pub const TRANSLATION_INVARIANT_FRACTION: &str = "translation_invariant_fraction";

/// The fraction of the squared Frobenius norm of a matrix over the sites of a lattice that is left when each element is
/// replaced by its mean over all translations: 1 for a translation-invariant matrix, about 1 / translations for
/// one without structure; 1 for zeros. `gram` is [sites, sites].
///
/// ```
/// use ndarray::Array2;
/// use rbm_core::monitor::translation_invariant_fraction;
///
/// let lattice = "square:3".parse()?;
/// assert_eq!(translation_invariant_fraction(lattice, Array2::eye(9).view())?, 1.0);
/// let mut locked = Array2::<f64>::zeros((9, 9));
/// locked[[4, 4]] = 7.0;
/// assert!((translation_invariant_fraction(lattice, locked.view())? - 1.0 / 9.0).abs() < 1e-15);
/// # Ok::<(), datasets::lattice::LatticeError>(())
/// ```
///
/// # Errors
///
/// If the sites have no geometry.
///
/// # Panics
///
/// If `gram` is not [sites, sites].
pub fn translation_invariant_fraction(lattice: Lattice, gram: ArrayView2<f64>) -> Result<f64, LatticeError> {
    let sites = lattice.sites();
    assert_eq!(gram.dim(), (sites, sites), "shape of the matrix");
    let displacements = lattice.displacements()?;
    let mut sum_at = vec![0.0; displacements.count()];
    let mut total = 0.0;
    for ((from, to), &element) in gram.indexed_iter() {
        sum_at[displacements.of(from, to)] += element;
        total += element * element;
    }
    let invariant: f64 = sum_at.iter().map(|sum| sum * sum).sum::<f64>() / displacements.pairs() as f64;
    Ok(if total > 0.0 { invariant / total } else { 1.0 })
}

/// The monitored quantities of one moment, by name.
pub(crate) fn measure(layers: &Layers, units: &BitMatrix, lattice: Lattice) -> BTreeMap<&'static str, f64> {
    let (visible, hidden) = layers.weights.dim();
    let mut fields = Array2::zeros((units.rows(), hidden));
    layers.hidden_fields(units.view(), fields.view_mut());
    let pseudo = pseudo_log_likelihood_of(layers, units, fields.view());

    fields_to_means(layers.units, fields.view_mut());
    let mut reconstruction = Array2::zeros((units.rows(), visible));
    layers.visible_fields_of_means(fields.view(), reconstruction.view_mut());
    fields_to_means(layers.units, reconstruction.view_mut());
    let values = values(layers.units);
    let squares = reconstruction.indexed_iter().map(|((row, site), &mean)| {
        let difference = mean - values.of(units.get(row, site));
        f64::from(difference * difference)
    });
    let error = squares.sum::<f64>() / reconstruction.len() as f64;

    let mut quantities = BTreeMap::from([
        (RECONSTRUCTION_ERROR, error),
        (PSEUDO_LOG_LIKELIHOOD, pseudo.total),
        (PSEUDO_LOG_LIKELIHOOD_PER_SPIN, pseudo.per_spin),
        (MAX_ABS_WEIGHT, f64::from(max_abs(layers.weights))),
    ]);
    if lattice.has_geometry() && lattice.sites() == visible {
        let mut gram = Array2::zeros((visible, visible));
        product::multiply_parallel(layers.weights, layers.weights.t(), gram.view_mut());
        let gram = gram.mapv(f64::from);
        if let Ok(fraction) = translation_invariant_fraction(lattice, gram.view()) {
            quantities.insert(TRANSLATION_INVARIANT_FRACTION, fraction);
        }
    }
    quantities
}

/// The largest absolute value; NaN if any is NaN.
pub(crate) fn max_abs(values: ArrayView2<f32>) -> f32 {
    values.iter().fold(0.0, |max: f32, value| if value.is_nan() { f32::NAN } else { max.max(value.abs()) })
}
