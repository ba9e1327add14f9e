//! Gradients against finite differences of an independent double-precision network.

use datasets::Layer;
use ndarray::Array2;
use numerics::bit_matrix::BitMatrix;
use numerics::bits::{Bits, unit_f32};
use numerics::streams::stream;

use super::{Pass, initial_layers};
use crate::optimizer::zeros_like;

/// The mean loss in double precision, with the platform's functions.
fn reference_loss(layers: &[Layer], input: &Array2<f32>, labels: &[u16], shift: (usize, usize, f64)) -> f64 {
    let mut total = 0.0;
    for (row, &label) in input.rows().into_iter().zip(labels) {
        let mut values: Vec<f64> = row.iter().map(|&x| f64::from(x)).collect();
        for (number, layer) in layers.iter().enumerate() {
            let columns = layer.bias.len();
            let mut sums: Vec<f64> = layer.bias.iter().map(|&b| f64::from(b)).collect();
            for ((i, j), &w) in layer.weights.indexed_iter() {
                sums[j] += f64::from(w) * values[i];
            }
            // Parameter `shift.1` of layer `shift.0` is moved by `shift.2`; biases come after the weights.
            if shift.0 == number {
                let (i, j) = (shift.1 / columns, shift.1 % columns);
                sums[j] += shift.2 * if i < values.len() { values[i] } else { 1.0 };
            }
            values = if number + 1 < layers.len() { sums.iter().map(|x| x.tanh()).collect() } else { sums };
        }
        let largest = values.iter().copied().fold(f64::MIN, f64::max);
        let normalization: f64 = values.iter().map(|x| (x - largest).exp()).sum();
        total += normalization.ln() + largest - values[usize::from(label)];
    }
    total / labels.len() as f64
}

fn random_layers(widths: &[usize]) -> Vec<Layer> {
    let mut layers = initial_layers(widths, &mut stream(5, "test layers", &[]));
    let mut bits = Bits::from_stream(&mut stream(6, "test layers", &[]));
    for layer in &mut layers {
        layer.bias.mapv_inplace(|_| unit_f32(bits.next() as u32) - 0.5);
    }
    layers
}

#[track_caller]
fn check_gradient(widths: &[usize], rows: usize, capacity: usize) {
    let layers = random_layers(widths);
    let mut bits = Bits::from_stream(&mut stream(7, "test batch", &[]));
    let mut pass = Pass::new(&layers, capacity, true);
    let input =
        Array2::from_shape_simple_fn((capacity, widths[0]), || if bits.next() >> 63 == 0 { -1i8 } else { 1 });
    let configurations = BitMatrix::of_spins(input.view());
    let batch = configurations.range(0, rows);
    let classes = widths[widths.len() - 1];
    let labels: Vec<u16> = (0..rows).map(|_| (bits.next() % classes as u64) as u16).collect();
    let mut gradient = zeros_like(&layers);
    pass.forward(&layers, batch, Some(&labels));
    pass.backward(&layers, batch, &labels, &mut gradient);

    let input = input.slice(ndarray::s![..rows, ..]).mapv(f32::from);
    let loss = pass.losses(rows).iter().sum::<f64>() / rows as f64;
    let exact = reference_loss(&layers, &input, &labels, (0, 0, 0.0));
    assert!((loss - exact).abs() < 1e-6, "loss {loss}, reference {exact}");

    for (number, layer) in gradient.iter().enumerate() {
        let ours: Vec<f64> = layer.weights.iter().chain(&layer.bias).map(|&g| f64::from(g)).collect();
        let scale = ours.iter().fold(0.0f64, |largest, g| largest.max(g.abs()));
        let step = 1e-4;
        for (index, &g) in ours.iter().enumerate() {
            let up = reference_loss(&layers, &input, &labels, (number, index, step));
            let down = reference_loss(&layers, &input, &labels, (number, index, -step));
            let difference = (up - down) / (2.0 * step);
            // Single precision in ours, second order in the reference's step: both near 1e-7.
            assert!(
                (g - difference).abs() < 3e-6 * scale.max(0.1),
                "layer {number}, parameter {index}: {g}, finite difference {difference}"
            );
        }
    }
}

#[test]
fn gradient_of_one_hidden_layer() {
    check_gradient(&[16, 7, 5], 12, 12);
}

#[test]
fn gradient_of_two_hidden_layers() {
    check_gradient(&[9, 8, 6, 4], 10, 10);
}

#[test]
fn gradient_of_a_batch_that_is_not_full() {
    check_gradient(&[9, 5, 3], 3, 8);
}

#[test]
fn an_impossible_class_has_a_finite_loss() {
    let mut layers = random_layers(&[4, 2, 2]);
    layers[1].weights.fill(0.0);
    layers[1].bias[0] = 500.0;
    layers[1].bias[1] = -500.0;
    let mut pass = Pass::new(&layers, 2, false);
    pass.forward(&layers, BitMatrix::zeros(2, 4).view(), Some(&[0, 1]));
    assert_eq!(pass.probabilities(2).row(1).to_vec(), [1.0, 0.0]);
    assert_eq!(pass.losses(2), [0.0, 1000.0]);
}
