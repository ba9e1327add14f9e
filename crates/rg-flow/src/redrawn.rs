//! Chains whose weights are drawn anew at each half step.

use datasets::{Rbm, Units};
use ndarray::{Array1, Array2, ArrayView2};
use numerics::bit_matrix::BitMatrix;
use numerics::bits::{Bits, unit_f64};
use numerics::streams::stream;
use rayon::prelude::*;

use crate::surrogate::moments;
use crate::theory::gaussian::tanh_moments;

/// Chains of a machine each of which draws all weights anew at each half step, independently from N(μ, σ²) with the
/// mean and the variance of the machine's own.
///
/// Each weight is used once. So the fields of a layer are independent of each other and normal: with k units of n at +1
/// (or 1) the mean is μ (2k − n) and the variance σ² n of spins, μ k and σ² k of 0/1 units. A unit is +1 with the
/// chance averaged over its field, which depends on k and its bias alone: no weight needs to be drawn.
#[derive(Debug, Clone)]
pub(crate) struct Redrawn {
    /// The chances of +1, [units at +1 of the other layer, unit], or one for all units if their biases are equal.
    hidden: Array2<f64>,
    visible: Array2<f64>,
    units: [usize; 2],
    configurations: Array2<i8>,
    bits: Vec<Bits>,
}

impl Redrawn {
    /// Chains that start at `start`, [chains, visible] of ±1.
    pub(crate) fn new(rbm: &Rbm, start: ArrayView2<i8>, seed: u64) -> Self {
        let moments = moments(&rbm.weights);
        let (visible, hidden) = rbm.weights.dim();
        let chances = |from: usize, bias: &Array1<f32>| {
            let distinct = if bias.iter().all(|b| *b == bias[0]) { 1 } else { bias.len() };
            Array2::from_shape_fn((from + 1, distinct), |(k, unit)| {
                chance(rbm.units, moments, (k, from), f64::from(bias[unit]))
            })
        };
        let generator =
            |chain: usize| Bits::from_stream(&mut stream(seed, "redrawn weights", &[chain as u64]));
        Self {
            hidden: chances(visible, &rbm.hidden_bias),
            visible: chances(hidden, &rbm.visible_bias),
            units: [visible, hidden],
            configurations: start.as_standard_layout().into_owned(),
            bits: (0..start.nrows()).map(generator).collect(),
        }
    }

    /// One step v → h → v of every chain.
    pub(crate) fn step(&mut self) {
        let Self { hidden, visible, units, configurations, bits } = self;
        let chance = |table: &Array2<f64>, k: usize, unit: usize| table[[k, unit % table.ncols()]];
        let sites = units[0].max(1);
        let spins = configurations.as_slice_mut().expect("standard layout is contiguous");
        spins.par_chunks_mut(sites).zip(bits).for_each(|(spins, bits)| {
            let up = spins.iter().filter(|&&spin| spin == 1).count();
            let above = (0..units[1]).filter(|&a| unit_f64(bits.next()) < chance(hidden, up, a)).count();
            for (site, spin) in spins.iter_mut().enumerate() {
                *spin = if unit_f64(bits.next()) < chance(visible, above, site) { 1 } else { -1 };
            }
        });
    }

    /// The configurations, [chains, visible]: 1 for +1, 0 for −1.
    pub(crate) fn configurations(&self) -> BitMatrix {
        BitMatrix::of_spins(self.configurations.view())
    }
}

/// The chance that a unit is +1 (or 1) if k of n units of the other layer are, averaged over the weights between them.
fn chance(units: Units, (mean, variance): (f64, f64), (k, n): (usize, usize), bias: f64) -> f64 {
    let (k, n) = (k as f64, n as f64);
    // ½ (1 + E tanh x) of spins, and E logistic x = ½ (1 + E tanh(x/2)).
    let found = match units {
        Units::Spin => tanh_moments(bias + mean * (2.0 * k - n), variance * n),
        Units::Binary => tanh_moments(0.5 * (bias + mean * k), 0.25 * variance * k),
    };
    0.5 * (1.0 + found.mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The average of the exact chance over the Gaussian sum of the weights, by the trapezoidal rule.
    #[test]
    fn chances_are_averages_over_the_weights() {
        let (mean, variance, n, bias) = (0.03, 0.2, 9_usize, 0.1);
        for k in [0, 2, 9] {
            for units in [Units::Spin, Units::Binary] {
                let (centre, width) = match units {
                    Units::Spin => (bias + mean * (2.0 * k as f64 - n as f64), variance * n as f64),
                    Units::Binary => (bias + mean * k as f64, variance * k as f64),
                };
                let (mut sum, mut total) = (0.0, 0.0);
                for step in -4000..=4000 {
                    let z = f64::from(step) * 0.002;
                    let (x, weight) = (centre + width.sqrt() * z, (-0.5 * z * z).exp());
                    let exponent = if units == Units::Spin { 2.0 * x } else { x };
                    sum += weight / (1.0 + (-exponent).exp());
                    total += weight;
                }
                let found = chance(units, (mean, variance), (k, n), bias);
                assert!((found - sum / total).abs() < 1e-9, "{units:?}, {k}: {found} {}", sum / total);
            }
        }
    }
}
