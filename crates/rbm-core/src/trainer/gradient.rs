//! ⟨·⟩_data − ⟨·⟩_model from the hidden means of both sides.

use ndarray::{ArrayView1, ArrayView2, Axis, s};
use numerics::product::multiply_parallel;

use super::state::{Offsets, Parameters};
use super::workspace::Workspace;
use crate::config::TrainConfig;
use crate::layer::flat;

/// How fast the offsets of the centred gradient follow the batches.
const OFFSET_RATE: f32 = 0.01;

/// Leaves the gradient, times the number of configurations of the batch, in the workspace. The chains' hidden means are
/// used up.
pub(crate) fn compute(config: &TrainConfig, workspace: &mut Workspace, offsets: Option<&mut Offsets>) {
    let (visible, mut hidden_mean, chains, gradient) = workspace.both_sides();
    let data = visible.nrows() - chains;
    // As many chains as configurations count as one.
    let weight = -(data as f32) / chains as f32;
    for mean in flat(&mut hidden_mean.slice_mut(s![..chains, ..])) {
        *mean *= weight;
    }
    multiply_parallel(visible.t(), hidden_mean.view(), gradient.weights.view_mut());
    if config.biases {
        gradient.visible_bias.fill(0.0);
        gradient.hidden_bias.fill(0.0);
        add_rows(weight, visible.slice(s![..chains, ..]), &mut gradient.visible_bias);
        add_rows(1.0, visible.slice(s![chains.., ..]), &mut gradient.visible_bias);
        add_rows(1.0, hidden_mean.view(), &mut gradient.hidden_bias);
    }
    if let Some(offsets) = offsets {
        follow(&mut offsets.visible, visible.slice(s![chains.., ..]));
        follow(&mut offsets.hidden, hidden_mean.slice(s![chains.., ..]));
        centre(gradient, offsets);
    }
}

/// sum += weight · Σ rows.
fn add_rows(weight: f32, rows: ArrayView2<f32>, sum: &mut ndarray::Array1<f32>) {
    for row in rows.rows() {
        sum.zip_mut_with(&row, |sum, &value| *sum += weight * value);
    }
}

/// Moves an offset towards the mean of `rows`.
fn follow(offset: &mut ndarray::Array1<f32>, rows: ArrayView2<f32>) {
    *offset *= 1.0 - OFFSET_RATE;
    add_rows(OFFSET_RATE / rows.nrows() as f32, rows, offset);
}

/// From the gradient with respect to W, b, c to the change of W, b, c that is the gradient of the model whose units are
/// v − μ and h − λ: ΔW − μ Δcᵀ − Δb λᵀ, then Δb − ΔW λ and Δc − ΔWᵀ μ with the new ΔW.
fn centre(gradient: &mut Parameters, offsets: &Offsets) {
    let Parameters { weights, visible_bias, hidden_bias } = gradient;
    let rows = weights.axis_iter_mut(Axis(0)).zip(&offsets.visible).zip(&*visible_bias);
    for ((mut row, &mu), &change) in rows {
        for ((weight, &lambda), &hidden_change) in row.iter_mut().zip(&offsets.hidden).zip(&*hidden_bias) {
            *weight = *weight - mu * hidden_change - change * lambda;
        }
    }
    for ((row, bias), &mu) in weights.rows().into_iter().zip(visible_bias).zip(&offsets.visible) {
        *bias -= dot(row, offsets.hidden.view());
        hidden_bias.zip_mut_with(&row, |bias, &weight| *bias -= weight * mu);
    }
}

/// Summed up in order, unlike ndarray's.
fn dot(a: ArrayView1<f32>, b: ArrayView1<f32>) -> f32 {
    a.iter().zip(b).fold(0.0, |sum, (&a, &b)| sum + a * b)
}
