//! The conditional distributions of one layer given the other, for many configurations at a time, in single precision.
//!
//! Large layers use several threads: a product is cut along a side of its result, drawing by blocks of rows with
//! a generator each. Neither changes a bit.

use datasets::{Rbm, Units};
use ndarray::{ArrayView1, ArrayView2, ArrayViewMut2};
use numerics::bit_matrix::{BitMatrix, BitRows, Values, words_of};
use numerics::bits::Bits;
use numerics::{activation, product, sampling, two_valued};
use rayon::prelude::*;

use crate::block;

/// The number of elements from which on a pass over a matrix is worth dividing.
pub(crate) const LARGE_PASS: usize = 1 << 16;

/// What the bits of units stand for.
pub(crate) fn values(units: Units) -> Values {
    match units {
        Units::Spin => Values::Spin,
        Units::Binary => Values::Binary,
    }
}

/// Borrowed parameters. A bias that is `None` is 0.
#[derive(Clone, Copy)]
pub(crate) struct Layers<'a> {
    pub(crate) units: Units,
    /// W, [visible, hidden].
    pub(crate) weights: ArrayView2<'a, f32>,
    /// Wᵀ: a view of W, or a copy where many products are made with the same weights.
    pub(crate) transposed: ArrayView2<'a, f32>,
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
            transposed: rbm.weights.t(),
            visible_bias: some(&rbm.visible_bias),
            hidden_bias: some(&rbm.hidden_bias),
        }
    }

    /// v·W + c: `visible` is [rows, visible], `out` [rows, hidden].
    pub(crate) fn hidden_fields(&self, visible: BitRows, mut out: ArrayViewMut2<f32>) {
        two_valued::multiply_parallel(values(self.units), visible, self.weights, out.view_mut());
        add_bias(out, self.hidden_bias);
    }

    /// h·Wᵀ + b: `hidden` is [rows, hidden], `out` [rows, visible].
    pub(crate) fn visible_fields(&self, hidden: BitRows, mut out: ArrayViewMut2<f32>) {
        two_valued::multiply_parallel(values(self.units), hidden, self.transposed, out.view_mut());
        add_bias(out, self.visible_bias);
    }

    /// β h·Wᵀ + b.
    pub(crate) fn scaled_visible_fields(&self, beta: f32, hidden: BitRows, mut out: ArrayViewMut2<f32>) {
        two_valued::multiply_parallel(values(self.units), hidden, self.transposed, out.view_mut());
        out *= beta;
        add_bias(out, self.visible_bias);
    }

    /// v·W + c of visible means.
    pub(crate) fn hidden_fields_of_means(&self, visible: ArrayView2<f32>, mut out: ArrayViewMut2<f32>) {
        product::multiply_parallel(visible, self.weights, out.view_mut());
        add_bias(out, self.hidden_bias);
    }

    /// h·Wᵀ + b of hidden means.
    pub(crate) fn visible_fields_of_means(&self, hidden: ArrayView2<f32>, mut out: ArrayViewMut2<f32>) {
        product::multiply_parallel(hidden, self.transposed, out.view_mut());
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

/// Whether fields are replaced by the units' conditional means when units are drawn.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Fields {
    /// They are not needed again, or as they are.
    Keep,
    /// They become the means.
    BecomeMeans,
}

/// Draws units from their conditional distributions into the first rows of `out`; block number i of the rows uses
/// `bits[i]`.
pub(crate) fn draw(
    units: Units,
    then: Fields,
    mut fields: ArrayViewMut2<f32>,
    bits: &mut [Bits],
    out: &mut BitMatrix,
) {
    let columns = fields.ncols();
    let rows = fields.nrows();
    let (fields, out) = (flat(&mut fields), &mut out.words_mut()[..rows * words_of(columns)]);
    let (length, words) = (block::ROWS * columns, block::ROWS * words_of(columns));
    let draw = |((fields, out), bits): ((&mut [f32], &mut [u64]), &mut Bits)| {
        draw_rows(units, then, columns, fields, bits, out);
    };
    if fields.len() >= LARGE_PASS {
        fields.par_chunks_mut(length).zip(out.par_chunks_mut(words)).zip(bits).for_each(draw);
    } else {
        fields.chunks_mut(length).zip(out.chunks_mut(words)).zip(bits).for_each(draw);
    }
}

/// The same with a single generator and on the calling thread.
pub(crate) fn draw_with(units: Units, mut fields: ArrayViewMut2<f32>, bits: &mut Bits, out: &mut BitMatrix) {
    let columns = fields.ncols();
    draw_rows(units, Fields::Keep, columns, flat(&mut fields), bits, out.words_mut());
}

fn draw_rows(
    units: Units,
    then: Fields,
    columns: usize,
    fields: &mut [f32],
    bits: &mut Bits,
    out: &mut [u64],
) {
    match then {
        Fields::Keep => sampling::draw(values(units), columns, fields, bits, out),
        Fields::BecomeMeans => sampling::draw_with_means(values(units), columns, fields, bits, out),
    }
}

/// The value of a unit that stands for a spin of ±1.
pub(crate) fn unit_of_spin(units: Units, spin: i8) -> f32 {
    match units {
        Units::Spin => f32::from(spin),
        Units::Binary => f32::from(spin > 0),
    }
}

/// All elements of some rows of a row-major matrix.
pub(crate) fn flat<'a>(rows: &'a mut ArrayViewMut2<f32>) -> &'a mut [f32] {
    rows.as_slice_mut().expect("rows of a row-major matrix are contiguous")
}
