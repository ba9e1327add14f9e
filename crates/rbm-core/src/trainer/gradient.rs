//! ⟨·⟩_data − ⟨·⟩_model from the hidden means of both sides.

use ndarray::{Array1, ArrayView1, ArrayView2, Axis, s};
use numerics::two_valued::multiply_parallel;

use super::state::{Offsets, Parameters};
use super::workspace::Workspace;
use crate::config::TrainConfig;
use crate::layer::{flat, values};

/// How fast the offsets of the centred gradient follow the batches.
const OFFSET_RATE: f32 = 0.01;

/// Leaves the gradient, times the number of configurations of the batch, in the workspace. The chains' hidden means are
/// used up.
pub(crate) fn compute(config: &TrainConfig, workspace: &mut Workspace, offsets: Option<&mut Offsets>) {
    let Workspace { visible, transposed, hidden_mean, gradient, chain_rows: chains, data_rows: data, .. } =
        workspace;
    let (chains, data) = (*chains, *data);
    let mut hidden_mean = hidden_mean.slice_mut(s![..chains + data, ..]);
    // As many chains as configurations count as one.
    let weight = -(data as f32) / chains as f32;
    for mean in flat(&mut hidden_mean.slice_mut(s![..chains, ..])) {
        *mean *= weight;
    }
    transposed.set_transposed(visible.range(0, chains + data));
    let values = values(config.units);
    multiply_parallel(values, transposed.view(), hidden_mean.view(), gradient.weights.view_mut());
    if !config.biases {
        return;
    }
    let step = values.of(true) - values.of(false);
    let sum = |count: u32, rows: usize| values.of(false) * rows as f32 + step * count as f32;
    let all: Array1<u32> = transposed.view().counts().collect();
    transposed.set_transposed(visible.range(0, chains));
    let counts: Array1<u32> = transposed.view().counts().collect();
    let chain_sums = counts.mapv(|count| sum(count, chains));
    let data_sums = (all - counts).mapv(|count| sum(count, data));
    gradient.visible_bias.assign(&(&data_sums + &(chain_sums * weight)));
    gradient.hidden_bias.fill(0.0);
    add_rows(1.0, hidden_mean.view(), &mut gradient.hidden_bias);
    if let Some(offsets) = offsets {
        let rate = OFFSET_RATE / data as f32;
        offsets.visible *= 1.0 - OFFSET_RATE;
        offsets.visible.zip_mut_with(&data_sums, |offset, &sum| *offset += rate * sum);
        offsets.hidden *= 1.0 - OFFSET_RATE;
        add_rows(rate, hidden_mean.slice(s![chains.., ..]), &mut offsets.hidden);
        centre(gradient, offsets);
    }
}

/// sum += weight · Σ rows.
fn add_rows(weight: f32, rows: ArrayView2<f32>, sum: &mut Array1<f32>) {
    for row in rows.rows() {
        sum.zip_mut_with(&row, |sum, &value| *sum += weight * value);
    }
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

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    /// By hand: ΔW = ((1, 2), (3, 4)), Δb = (5, 6), Δc = (7, 8), μ = (½, −1), λ = (2, ¼).
    #[test]
    fn centred_gradients_are_those_of_the_shifted_units() {
        let mut gradient = Parameters {
            weights: array![[1.0, 2.0], [3.0, 4.0]],
            visible_bias: array![5.0, 6.0],
            hidden_bias: array![7.0, 8.0],
        };
        centre(&mut gradient, &Offsets { visible: array![0.5, -1.0], hidden: array![2.0, 0.25] });
        // 1 − ½·7 − 5·2, 2 − ½·8 − 5·¼; 3 + 7 − 6·2, 4 + 8 − 6·¼.
        assert_eq!(gradient.weights, array![[-12.5, -3.25], [-2.0, 10.5]]);
        // 5 − (−12.5·2 − 3.25·¼), 6 − (−2·2 + 10.5·¼).
        assert_eq!(gradient.visible_bias, array![30.8125, 7.375]);
        // 7 − (−12.5·½ + 2), 8 − (−3.25·½ − 10.5).
        assert_eq!(gradient.hidden_bias, array![11.25, 20.125]);
    }
}
