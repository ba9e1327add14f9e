//! Adam: a step for each parameter along the mean of its recent gradients, in units of their root mean square
//! (Kingma and Ba, arXiv:1412.6980).

#![expect(unsafe_code, reason = "vector instructions of a machine that has them")]

use datasets::Layer;

/// Decay of the mean gradient per update.
const MEAN_DECAY: f32 = 0.9;
/// Decay of the mean squared gradient per update.
const SQUARE_DECAY: f32 = 0.999;
/// What is added to the root mean square, so that a parameter without gradient stays.
const SMALL: f32 = 1e-8;

/// The running means of all parameters.
pub(crate) struct Adam {
    mean: Vec<Layer>,
    square: Vec<Layer>,
    mean_power: f32,
    square_power: f32,
}

/// Layers of the same shapes, filled with zeros.
pub(crate) fn zeros_like(layers: &[Layer]) -> Vec<Layer> {
    layers
        .iter()
        .map(|layer| Layer {
            weights: ndarray::Array2::zeros(layer.weights.dim()),
            bias: ndarray::Array1::zeros(layer.bias.dim()),
        })
        .collect()
}

/// All parameters as two slices per layer.
fn slices(layers: &[Layer]) -> impl Iterator<Item = &[f32]> {
    layers.iter().flat_map(|layer| [layer.weights.as_slice(), layer.bias.as_slice()]).flatten()
}

/// All parameters as two slices per layer.
fn slices_mut(layers: &mut [Layer]) -> impl Iterator<Item = &mut [f32]> {
    layers.iter_mut().flat_map(|layer| [layer.weights.as_slice_mut(), layer.bias.as_slice_mut()]).flatten()
}

impl Adam {
    pub(crate) fn new(layers: &[Layer]) -> Self {
        Self { mean: zeros_like(layers), square: zeros_like(layers), mean_power: 1.0, square_power: 1.0 }
    }

    /// One update of all parameters.
    pub(crate) fn step(&mut self, layers: &mut [Layer], gradient: &[Layer], learning_rate: f32) {
        self.mean_power *= MEAN_DECAY;
        self.square_power *= SQUARE_DECAY;
        let rate = learning_rate / (1.0 - self.mean_power);
        let square_scale = 1.0 / (1.0 - self.square_power);
        let states = slices_mut(&mut self.mean).zip(slices_mut(&mut self.square));
        for ((parameters, gradient), (mean, square)) in slices_mut(layers).zip(slices(gradient)).zip(states) {
            update(parameters, gradient, mean, square, (rate, square_scale));
        }
    }
}

/// One update of some parameters, in the vectors that the machine has.
fn update(
    parameters: &mut [f32],
    gradient: &[f32],
    mean: &mut [f32],
    square: &mut [f32],
    scales: (f32, f32),
) {
    #[cfg(target_arch = "x86_64")]
    if numerics::vector::width() >= numerics::vector::Width::Avx2 {
        // SAFETY: `width` is at least `Avx2` only on a machine that has AVX2.
        unsafe { update_avx2(parameters, gradient, mean, square, scales) };
        return;
    }
    update_body(parameters, gradient, mean, square, scales);
}

/// [`update_body`] compiled for eight numbers at a time: division and square root bound it.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn update_avx2(p: &mut [f32], gradient: &[f32], mean: &mut [f32], square: &mut [f32], scales: (f32, f32)) {
    update_body(p, gradient, mean, square, scales);
}

/// Only + − × ÷ and square roots, each rounded as IEEE 754 says, and no fused operations: the same bits in any width.
#[inline(always)]
fn update_body(
    parameters: &mut [f32],
    gradient: &[f32],
    mean: &mut [f32],
    square: &mut [f32],
    (rate, square_scale): (f32, f32),
) {
    for (((parameter, &g), mean), square) in parameters.iter_mut().zip(gradient).zip(mean).zip(square) {
        *mean += (1.0 - MEAN_DECAY) * (g - *mean);
        *square += (1.0 - SQUARE_DECAY) * (g * g - *square);
        *parameter -= rate * *mean / ((*square * square_scale).sqrt() + SMALL);
    }
}
