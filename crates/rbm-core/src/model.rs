//! Energy, free energy and conditional means of a machine, in double precision.
//!
//! E(v, h) = −Σ v_i W_ia h_a − Σ b_i v_i − Σ c_a h_a. Configurations are given as spins of ±1; with binary units a spin s
//! stands for the unit (s + 1) / 2.

use datasets::{Rbm, Units};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut1, Axis};

use crate::elementary::{exp, ln, logistic, tanh};
use crate::layer::unit_of_spin;

/// v·W + c of each configuration: `spins` is [n, visible] of ±1, the result [n, hidden].
///
/// # Panics
///
/// If the configurations have another number of sites than the machine has visible units.
pub fn hidden_fields(rbm: &Rbm, spins: ArrayView2<i8>) -> Array2<f64> {
    assert_eq!(spins.ncols(), rbm.visible(), "sites of the configurations");
    let weights = rbm.weights.mapv(f64::from);
    let mut fields = Array2::zeros((spins.nrows(), rbm.hidden()));
    for (configuration, field) in spins.rows().into_iter().zip(fields.rows_mut()) {
        set_field(rbm, &weights, configuration, field);
    }
    fields
}

/// v·W + c of one configuration, from the weights in double precision.
fn set_field(rbm: &Rbm, weights: &Array2<f64>, configuration: ArrayView1<i8>, mut field: ArrayViewMut1<f64>) {
    field.assign(&rbm.hidden_bias.mapv(f64::from));
    for (&spin, weights) in configuration.iter().zip(weights.rows()) {
        field.scaled_add(f64::from(unit_of_spin(rbm.units, spin)), &weights);
    }
}

/// The machine with units 0 and 1 that gives each configuration the same probability: with v = 2x − 1 and h = 2y − 1,
/// W′ = 4W, b′_i = 2b_i − 2 Σ_a W_ia and c′_a = 2c_a − 2 Σ_i W_ia. A machine of such units stays as it is.
///
/// ```
/// use datasets::{Rbm, Units};
/// use ndarray::{array, arr1};
///
/// let spins = Rbm::new(Units::Spin, array![[0.5], [0.25]], arr1(&[1.0, 0.0]), arr1(&[0.25]))?;
/// let binary = rbm_core::model::with_binary_units(&spins);
/// let [a, b] = [&spins, &binary].map(|rbm| rbm_core::model::free_energy(rbm, array![[1, 1], [-1, 1]].view()));
/// assert!((a[1] - a[0] - (b[1] - b[0])).abs() < 1e-12);
/// # Ok::<(), datasets::ContentError>(())
/// ```
#[must_use]
pub fn with_binary_units(rbm: &Rbm) -> Rbm {
    if rbm.units == Units::Binary {
        return rbm.clone();
    }
    let weights = rbm.weights.mapv(f64::from);
    // Of both layers alike.
    let bias = |bias: &Array1<f32>, sums: Array1<f64>| {
        bias.iter().zip(sums).map(|(&b, sum)| (2.0 * f64::from(b) - 2.0 * sum) as f32).collect()
    };
    Rbm {
        units: Units::Binary,
        visible_bias: bias(&rbm.visible_bias, weights.sum_axis(Axis(1))),
        hidden_bias: bias(&rbm.hidden_bias, weights.sum_axis(Axis(0))),
        weights: rbm.weights.mapv(|w| 4.0 * w),
        ..rbm.clone()
    }
}

/// F(v) = −ln Σ_h exp(−E(v, h)) of each configuration, \[n\]: −b·v − Σ_a ln 2cosh x_a with spins, −b·v − Σ_a ln(1 +
/// e^x_a) with binary units, x = v·W + c.
///
/// ```
/// use datasets::{Rbm, Units};
/// use ndarray::array;
///
/// let rbm = Rbm {
///     units: Units::Spin,
///     weights: array![[0.0], [0.0]],
///     visible_bias: array![1.0, 0.0],
///     hidden_bias: array![0.0],
///     training_temperatures: vec![],
///     updates: 0,
///     history_epoch: vec![],
///     history: Default::default(),
/// };
/// let free_energy = rbm_core::model::free_energy(&rbm, array![[1, 1], [-1, 1]].view());
/// assert_eq!(free_energy[1] - free_energy[0], 2.0);
/// assert!((free_energy[0] + 1.0 + 2.0f64.ln()).abs() < 1e-15);
/// ```
///
/// # Panics
///
/// As [`hidden_fields`].
pub fn free_energy(rbm: &Rbm, spins: ArrayView2<i8>) -> Array1<f64> {
    assert_eq!(spins.ncols(), rbm.visible(), "sites of the configurations");
    let weights = rbm.weights.mapv(f64::from);
    // One field after the other: those of a million configurations would take much memory.
    let mut field = vec![0.0; rbm.hidden()];
    let energies = spins.rows().into_iter().map(|configuration| {
        set_field(rbm, &weights, configuration, ArrayViewMut1::from(&mut field[..]));
        let bias: f64 = configuration
            .iter()
            .zip(&rbm.visible_bias)
            .map(|(&spin, &b)| f64::from(unit_of_spin(rbm.units, spin)) * f64::from(b))
            .sum();
        -bias - log_sum_over_units(rbm.units, &field)
    });
    energies.collect()
}

/// Σ_a ln 2cosh x_a for spins, Σ_a ln(1 + e^x_a) for binary units.
///
/// ln 2cosh x = |x| + ln(1 + e^−2|x|) and ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|): the logarithms' arguments are
/// between 1 and 2, so that one logarithm serves a product of 512 of them.
pub(crate) fn log_sum_over_units(units: Units, fields: &[f64]) -> f64 {
    const LANES: usize = 8;
    let (scale, half) = match units {
        Units::Spin => (2.0, 1.0),
        Units::Binary => (1.0, 0.5),
    };
    // max(x, 0) = ½ |x| + ½ x.
    let mut sum = match units {
        Units::Spin => 0.0,
        Units::Binary => 0.5 * fields.iter().sum::<f64>(),
    };
    for piece in fields.chunks(512) {
        let mut linear = [0.0; LANES];
        let mut factors = [1.0; LANES];
        let mut rest_factor = 1.0;
        let (groups, rest) = piece.as_chunks::<LANES>();
        for group in groups {
            for lane in 0..LANES {
                let x = group[lane].abs();
                linear[lane] += x;
                factors[lane] *= 1.0 + exp(-scale * x);
            }
        }
        for x in rest {
            sum += half * x.abs();
            rest_factor *= 1.0 + exp(-scale * x.abs());
        }
        let ([a, b, c, d, e, f, g, h], [k, l, m, n, o, p, q, r]) = (linear, factors);
        sum += half * (((a + b) + (c + d)) + ((e + f) + (g + h)));
        sum += ln((((k * l) * (m * n)) * ((o * p) * (q * r))) * rest_factor);
    }
    sum
}

/// The mean of a unit in the field x: tanh x, or 1 / (1 + e^−x).
pub(crate) fn mean(units: Units, x: f64) -> f64 {
    match units {
        Units::Spin => tanh(x),
        Units::Binary => logistic(x),
    }
}

/// ⟨h⟩ given each configuration, [n, hidden].
///
/// # Panics
///
/// As [`hidden_fields`].
pub fn hidden_means(rbm: &Rbm, spins: ArrayView2<i8>) -> Array2<f64> {
    hidden_fields(rbm, spins).mapv_into(|x| mean(rbm.units, x))
}

/// E(v, h) of one pair of layers in the units' own values (±1, or 0 and 1).
///
/// # Panics
///
/// If a length is not the number of units of its layer.
pub fn energy(rbm: &Rbm, visible: ArrayView1<f64>, hidden: ArrayView1<f64>) -> f64 {
    assert_eq!((visible.len(), hidden.len()), rbm.weights.dim(), "lengths of the layers");
    let coupling = visible.dot(&rbm.weights.mapv(f64::from).dot(&hidden));
    let visible_part = visible.dot(&rbm.visible_bias.mapv(f64::from));
    -coupling - visible_part - hidden.dot(&rbm.hidden_bias.mapv(f64::from))
}
