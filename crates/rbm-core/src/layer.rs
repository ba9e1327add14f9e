//! The conditional distributions of one layer given the other, for many configurations at a time, in single precision.
//!
//! Large layers use several threads: a product is cut along a side of its result, drawing by blocks of rows with
//! a generator each. Neither changes a bit.

use datasets::{Rbm, Units};
use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut2};
use numerics::bits::Bits;
use numerics::product::multiply_parallel;
use numerics::{activation, sampling};
use rayon::prelude::*;

use crate::block;

/// The number of elements from which on a pass over a matrix is worth dividing.
pub(crate) const LARGE_PASS: usize = 1 << 16;

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
        multiply_parallel(visible, self.weights, out.view_mut());
        add_bias(out, self.hidden_bias);
    }

    /// h·Wᵀ + b: `hidden` is [rows, hidden], `out` [rows, visible].
    pub(crate) fn visible_fields(&self, hidden: ArrayView2<f32>, mut out: ArrayViewMut2<f32>) {
        multiply_parallel(hidden, self.weights.t(), out.view_mut());
        add_bias(out, self.visible_bias);
    }

    /// scale · h·Wᵀ + b.
    pub(crate) fn scaled_visible_fields(
        &self,
        scale: f32,
        hidden: ArrayView2<f32>,
        mut out: ArrayViewMut2<f32>,
    ) {
        multiply_parallel(hidden, self.weights.t(), out.view_mut());
        out *= scale;
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
pub(crate) fn fields_to_means(units: Units, mut fields: ArrayViewMut2<f32>) {
    let columns = fields.ncols();
    let all = flat(&mut fields);
    let means = |values: &mut [f32]| match units {
        Units::Spin => activation::tanh_in_place(values),
        Units::Binary => activation::logistic_in_place(values),
    };
    if all.len() >= LARGE_PASS {
        all.par_chunks_mut(block::ROWS * columns).for_each(means);
    } else {
        means(all);
    }
}

/// Replaces fields by units drawn from their conditional distributions; block number i of the rows uses `bits[i]`.
pub(crate) fn fields_to_units(units: Units, mut fields: ArrayViewMut2<f32>, bits: &mut [Bits]) {
    let length = block::ROWS * fields.ncols();
    let all = flat(&mut fields);
    let draw = |(values, bits): (&mut [f32], &mut Bits)| draw_values(units, values, bits);
    if all.len() >= LARGE_PASS {
        all.par_chunks_mut(length).zip(bits).for_each(draw);
    } else {
        all.chunks_mut(length).zip(bits).for_each(draw);
    }
}

/// The same with a single generator and on the calling thread.
pub(crate) fn draw_in_place(units: Units, mut fields: ArrayViewMut2<f32>, bits: &mut Bits) {
    draw_values(units, flat(&mut fields), bits);
}

fn draw_values(units: Units, values: &mut [f32], bits: &mut Bits) {
    match units {
        Units::Spin => sampling::sample_spins_in_place(values, bits),
        Units::Binary => sampling::sample_binary_in_place(values, bits),
    }
}

/// Fields with their generator, and where means and units belong.
type Piece<'a> = ((&'a [f32], &'a mut Bits), (&'a mut [f32], &'a mut [f32]));

/// From fields both the units' conditional means and units drawn from them; block number i of the rows uses `bits[i]`.
pub(crate) fn fields_to_means_and_units(
    units: Units,
    fields: ArrayView2<f32>,
    bits: &mut [Bits],
    mut means: ArrayViewMut2<f32>,
    mut out: ArrayViewMut2<f32>,
) {
    let length = block::ROWS * fields.ncols();
    let fields = fields.to_slice().expect("rows of a row-major matrix are contiguous");
    let (means, out) = (flat(&mut means), flat(&mut out));
    let draw = |(from, to): Piece| {
        let ((fields, bits), (means, out)) = (from, to);
        match units {
            Units::Spin => sampling::sample_spins_from_field(fields, bits, means, out),
            Units::Binary => sampling::sample_binary_from_field(fields, bits, means, out),
        }
    };
    if fields.len() >= LARGE_PASS {
        let results = means.par_chunks_mut(length).zip(out.par_chunks_mut(length));
        fields.par_chunks(length).zip(bits).zip(results).for_each(draw);
    } else {
        let results = means.chunks_mut(length).zip(out.chunks_mut(length));
        fields.chunks(length).zip(bits).zip(results).for_each(draw);
    }
}

/// The value of a unit that stands for a spin of ±1.
pub(crate) fn unit_of_spin(units: Units, spin: i8) -> f32 {
    match units {
        Units::Spin => f32::from(spin),
        Units::Binary => f32::from(spin > 0),
    }
}

/// Configurations of ±1, [n, visible], as units.
pub(crate) fn units_of_spins(units: Units, spins: ArrayView2<i8>) -> Array2<f32> {
    spins.mapv(|spin| unit_of_spin(units, spin)).as_standard_layout().into_owned()
}

/// All elements of some rows of a row-major matrix.
pub(crate) fn flat<'a>(rows: &'a mut ArrayViewMut2<f32>) -> &'a mut [f32] {
    rows.as_slice_mut().expect("rows of a row-major matrix are contiguous")
}
