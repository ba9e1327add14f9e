//! The network: fully connected layers with tanh, a softmax over the classes at the end, and its own gradients.
//!
//! Batches are rows. Products with the spins go through [`numerics::two_valued`], the others through
//! [`numerics::product`], all activations through [`numerics::activation`], and sums run in a fixed order, so that
//! every number is the same on every machine.

use datasets::{Layer, Thermometer};
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, s};
use numerics::bit_matrix::{BitMatrix, BitRows, Values};
use numerics::elementary::ln;
use numerics::{activation, product, two_valued};
use rand_chacha::ChaCha8Rng;

use crate::error::ReadoutError;

/// Rows that are evaluated at once: enough for fast products, few enough to stay in the second-level cache.
const BLOCK: usize = 256;

/// Layers of the given widths (input first) with Glorot's uniform initialisation: weights in ±√(6 / (in + out)), no bias.
pub(crate) fn initial_layers(widths: &[usize], random: &mut ChaCha8Rng) -> Vec<Layer> {
    let mut bits = numerics::bits::Bits::from_stream(random);
    widths
        .windows(2)
        .map(|pair| {
            let bound = (6.0 / (pair[0] + pair[1]) as f32).sqrt();
            let mut weights = Array2::zeros((pair[0], pair[1]));
            for weight in &mut weights {
                let uniform = numerics::bits::unit_f32((bits.next() >> 32) as u32);
                *weight = bound * (2.0 * uniform - 1.0);
            }
            Layer { weights, bias: Array1::zeros(pair[1]) }
        })
        .collect()
}

/// The memory of a forward and backward pass over at most a given number of rows, allocated once.
pub(crate) struct Pass {
    /// The transpose of the batch, [sites, rows].
    transposed: BitMatrix,
    /// What each layer puts out, [rows, out]: means of the hidden units, and probabilities at the end.
    outputs: Vec<Array2<f32>>,
    /// The derivative of the loss with respect to each layer's sum of inputs, [rows, out]; empty for reading only.
    deltas: Vec<Array2<f32>>,
    /// −ln p of the true class of each row, in nats.
    losses: Vec<f64>,
}

impl Pass {
    pub(crate) fn new(layers: &[Layer], rows: usize, backward: bool) -> Self {
        let zeros = || -> Vec<Array2<f32>> {
            layers.iter().map(|layer| Array2::zeros((rows, layer.bias.len()))).collect()
        };
        Self {
            transposed: BitMatrix::zeros(0, 0),
            outputs: zeros(),
            deltas: if backward { zeros() } else { Vec::new() },
            losses: vec![0.0; rows],
        }
    }

    /// The probabilities after [`Pass::forward`], [rows, classes].
    pub(crate) fn probabilities(&self, rows: usize) -> ArrayView2<'_, f32> {
        self.outputs[self.outputs.len() - 1].slice(s![..rows, ..])
    }

    /// −ln p(true class) of each row after [`Pass::forward`] with labels.
    pub(crate) fn losses(&self, rows: usize) -> &[f64] {
        &self.losses[..rows]
    }

    /// Computes the probabilities of a batch, [rows, sites], and the losses if there are labels.
    pub(crate) fn forward(&mut self, layers: &[Layer], batch: BitRows, labels: Option<&[u16]>) {
        let rows = batch.rows();
        let last = layers.len() - 1;
        for (number, layer) in layers.iter().enumerate() {
            let (before, rest) = self.outputs.split_at_mut(number);
            let width = layer.bias.len();
            let mut output = rest[0].slice_mut(s![..rows, ..]);
            let weights = layer.weights.view();
            match before.last() {
                None => two_valued::multiply(Values::Spin, batch, weights, output.view_mut()),
                Some(input) => product::multiply(input.slice(s![..rows, ..]), weights, output.view_mut()),
            }
            for mut row in output.rows_mut() {
                row += &layer.bias;
            }
            let values = contiguous(&mut output);
            if number < last {
                activation::tanh_in_place(values);
            } else {
                softmax(values, width, labels.map(|labels| (labels, &mut self.losses[..rows])));
            }
        }
    }

    /// The gradient of the mean loss over a batch, after [`Pass::forward`].
    pub(crate) fn backward(
        &mut self,
        layers: &[Layer],
        batch: BitRows,
        labels: &[u16],
        gradient: &mut [Layer],
    ) {
        let rows = batch.rows();
        let last = layers.len() - 1;
        let scale = 1.0 / rows as f32;
        let classes = layers[last].bias.len();
        {
            let mut delta = self.deltas[last].slice_mut(s![..rows, ..]);
            delta.assign(&self.outputs[last].slice(s![..rows, ..]));
            let delta = contiguous(&mut delta);
            for (row, &label) in delta.chunks_exact_mut(classes).zip(labels) {
                row[usize::from(label)] -= 1.0;
                for value in row {
                    *value *= scale;
                }
            }
        }
        for number in (0..=last).rev() {
            let (before, rest) = self.deltas.split_at_mut(number);
            let delta = rest[0].slice(s![..rows, ..]);
            let Layer { weights, bias } = &mut gradient[number];
            column_sums(delta, bias);
            if number == 0 {
                self.transposed.set_transposed(batch);
                two_valued::multiply(Values::Spin, self.transposed.view(), delta, weights.view_mut());
            } else if let Some(previous) = before.last_mut() {
                let input = self.outputs[number - 1].slice(s![..rows, ..]);
                product::multiply(input.t(), delta, weights.view_mut());
                let mut previous = previous.slice_mut(s![..rows, ..]);
                product::multiply(delta, layers[number].weights.t(), previous.view_mut());
                // The derivative of tanh, from its value.
                let means = input.as_slice().expect("leading rows of a row-major array are contiguous");
                for (delta, &mean) in contiguous(&mut previous).iter_mut().zip(means) {
                    *delta *= 1.0 - mean * mean;
                }
            }
        }
    }
}

/// The sum of each column, over the rows in their order.
fn column_sums(matrix: ArrayView2<f32>, sums: &mut Array1<f32>) {
    sums.fill(0.0);
    if let (Some(values), Some(sums)) = (matrix.as_slice(), sums.as_slice_mut()) {
        for row in values.chunks_exact(sums.len()) {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += value;
            }
        }
    }
}

/// The elements of leading rows of a row-major array.
fn contiguous<'a>(view: &'a mut ArrayViewMut2<'_, f32>) -> &'a mut [f32] {
    view.as_slice_mut().expect("leading rows of a row-major array are contiguous")
}

/// Replaces each row of `classes` logits by probabilities; writes −ln p of the labelled class.
///
/// The loss is taken from the logits, not from the rounded probability, so that it stays finite for a class of
/// vanishing probability.
fn softmax(values: &mut [f32], classes: usize, mut losses: Option<(&[u16], &mut [f64])>) {
    for (index, row) in values.chunks_exact_mut(classes).enumerate() {
        let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        for value in row.iter_mut() {
            *value -= largest;
        }
        if let Some((labels, losses)) = &mut losses {
            losses[index] = -f64::from(row[usize::from(labels[index])]);
        }
    }
    activation::exp_in_place(values);
    for (index, row) in values.chunks_exact_mut(classes).enumerate() {
        let mut sum = 0.0f32;
        for &value in row.iter() {
            sum += value;
        }
        if let Some((_, losses)) = &mut losses {
            losses[index] += ln(f64::from(sum));
        }
        let scale = 1.0 / sum;
        for value in row {
            *value *= scale;
        }
    }
}

/// Runs the network over blocks of configurations in order; `visit` gets the block's first row, the pass and the number
/// of rows.
pub(crate) fn for_each_block(
    layers: &[Layer],
    configurations: BitRows,
    labels: Option<&[u16]>,
    mut visit: impl FnMut(usize, &Pass, usize),
) {
    let count = configurations.rows();
    let mut pass = Pass::new(layers, BLOCK.min(count), false);
    for start in (0..count).step_by(BLOCK) {
        let block = configurations.range(start, count.min(start + BLOCK));
        pass.forward(layers, block, labels.map(|labels| &labels[start..start + block.rows()]));
        visit(start, &pass, block.rows());
    }
}

/// Checks that a thermometer's layers fit together, its lattice and its classes.
pub(crate) fn check(thermometer: &Thermometer) -> Result<(), ReadoutError> {
    let mut inputs = thermometer.lattice.sites();
    for (layer, parameters) in thermometer.layers.iter().enumerate() {
        let found = parameters.weights.nrows();
        if found != inputs {
            return Err(if layer == 0 {
                ReadoutError::NetworkShape { inputs: found, lattice: thermometer.lattice }
            } else {
                ReadoutError::LayerShape { layer, what: "inputs", found, expected: inputs }
            });
        }
        inputs = parameters.weights.ncols();
        let found = parameters.bias.len();
        if found != inputs {
            return Err(ReadoutError::LayerShape { layer, what: "biases", found, expected: inputs });
        }
    }
    let layer = thermometer.layers.len();
    if layer == 0 || inputs != thermometer.temperature.len() {
        let expected = thermometer.temperature.len();
        return Err(ReadoutError::LayerShape { layer, what: "classes", found: inputs, expected });
    }
    Ok(())
}

/// The network's probability of each class for each configuration, [n, classes]; `spins` is [n, sites], ±1.
///
/// # Errors
///
/// If the configurations have another number of sites than the network's lattice, or the network's own arrays do not fit
/// together.
pub fn probabilities(thermometer: &Thermometer, spins: ArrayView2<i8>) -> Result<Array2<f32>, ReadoutError> {
    check(thermometer)?;
    thermometer.lattice.check_sites(spins.ncols())?;
    let mut result = Array2::zeros((spins.nrows(), thermometer.temperature.len()));
    for_each_block(&thermometer.layers, BitMatrix::of_spins(spins).view(), None, |start, pass, rows| {
        result.slice_mut(s![start..start + rows, ..]).assign(&pass.probabilities(rows));
    });
    Ok(result)
}

#[cfg(test)]
mod tests;
