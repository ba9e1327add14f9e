//! The conditional distributions of one layer given the other, for many configurations at a time, in single precision.

use datasets::{Rbm, Units};
use ndarray::{ArrayView1, ArrayView2, ArrayViewMut2};
use numerics::bits::Bits;
use numerics::{activation, product, sampling};

/// Borrowed parameters. A bias that is `None` is 0.
#[derive(Clone, Copy)]
pub(crate) struct Layers<'a> {
    pub(crate) units: Units,
    /// W, [visible, hidden].
    pub(crate) weights: ArrayView2<'a, f32>,
    pub(crate) visible_bias: Option<ArrayView1<'a, f32>>,
    pub(crate) hidden_bias: Option<ArrayView1<'a, f32>>,
}

impl<'a> Layers<'a> {
    /// The parameters of a machine; biases that vanish are left out.
    pub(crate) fn of(rbm: &'a Rbm) -> Self {
        let some = |bias: &'a ndarray::Array1<f32>| bias.iter().any(|&b| b != 0.0).then(|| bias.view());
        Self {
            units: rbm.units,
            weights: rbm.weights.view(),
            visible_bias: some(&rbm.visible_bias),
            hidden_bias: some(&rbm.hidden_bias),
        }
    }

    /// v·W + c: `visible` is [rows, visible], `out` [rows, hidden].
    pub(crate) fn hidden_fields(&self, visible: ArrayView2<f32>, mut out: ArrayViewMut2<f32>) {
        product::multiply(visible, self.weights, out.view_mut());
        add_bias(out, self.hidden_bias);
    }

    /// scale · h·Wᵀ + b: `hidden` is [rows, hidden], `out` [rows, visible].
    pub(crate) fn scaled_visible_fields(
        &self,
        scale: f32,
        hidden: ArrayView2<f32>,
        mut out: ArrayViewMut2<f32>,
    ) {
        product::multiply(hidden, self.weights.t(), out.view_mut());
        out *= scale;
        add_bias(out, self.visible_bias);
    }

    /// h·Wᵀ + b: `hidden` is [rows, hidden], `out` [rows, visible].
    pub(crate) fn visible_fields(&self, hidden: ArrayView2<f32>, mut out: ArrayViewMut2<f32>) {
        product::multiply(hidden, self.weights.t(), out.view_mut());
        add_bias(out, self.visible_bias);
    }
}

fn add_bias(mut fields: ArrayViewMut2<f32>, bias: Option<ArrayView1<f32>>) {
    if let Some(bias) = bias {
        for mut row in fields.rows_mut() {
            row += &bias;
        }
    }
}

/// Replaces fields by the units' conditional means: tanh x for spins, 1 / (1 + e^−x) for binary units.
pub(crate) fn fields_to_means(units: Units, fields: &mut [f32]) {
    match units {
        Units::Spin => activation::tanh_in_place(fields),
        Units::Binary => activation::logistic_in_place(fields),
    }
}

/// Draws units with the given means.
pub(crate) fn sample_means(units: Units, means: &[f32], bits: &mut Bits, out: &mut [f32]) {
    match units {
        Units::Spin => sampling::sample_spins(means, bits, out),
        Units::Binary => sampling::sample_binary(means, bits, out),
    }
}

/// Draws units with the given fields; the fields are used up.
pub(crate) fn sample_fields(units: Units, fields: &mut [f32], bits: &mut Bits, out: &mut [f32]) {
    fields_to_means(units, fields);
    sample_means(units, fields, bits, out);
}

/// The value of a unit that stands for a spin of ±1.
pub(crate) fn unit_of_spin(units: Units, spin: i8) -> f32 {
    match units {
        Units::Spin => f32::from(spin),
        Units::Binary => f32::from(spin > 0),
    }
}

/// Writes spins of ±1 as units.
pub(crate) fn spins_to_units(units: Units, spins: &[i8], out: &mut [f32]) {
    // One rule for both kinds of units, so that the loop has no branch: unit = scale · spin + shift.
    let (scale, shift) = match units {
        Units::Spin => (1.0, 0.0),
        Units::Binary => (0.5, 0.5),
    };
    for (out, &spin) in out.iter_mut().zip(spins) {
        *out = f32::from(spin) * scale + shift;
    }
}
