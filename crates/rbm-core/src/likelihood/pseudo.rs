//! The pseudo-log-likelihood: Σ_i ln p(v_i | all other v), over all sites.
//!
//! Flipping v_i changes the free energy by ΔF with
//!
//! e^−ΔF = e^{bias} Π_a [σ(y_a) e^{−d_a} + σ(−y_a) e^{d_a}],
//!
//! for spins y_a = 2x_a, d_a = 2 v_i W_ia; binary units have the same form. The n · sites · hidden factors therefore need
//! no transcendental function: σ(±y) is computed once for each configuration and e^{±d} once for each weight. All terms
//! are positive, so that nothing cancels.

use datasets::{Rbm, Units};
use ndarray::{Array2, ArrayView1, ArrayView2};
use rayon::prelude::*;

use crate::elementary::{exp, ln, logistic, softplus};
use crate::layer::{Layers, units_of_spins};
use crate::model::log_sum_over_units;

/// The mean pseudo-log-likelihood of configurations, in nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PseudoLogLikelihood {
    /// Σ_i ln p(v_i | rest), averaged over the configurations.
    pub total: f64,
    /// The standard error of `total` if the configurations are independent.
    pub error: f64,
    /// `total` divided by the number of sites.
    pub per_spin: f64,
}

/// The pseudo-log-likelihood of `spins`, [n, visible] of ±1, exact over all sites.
///
/// # Panics
///
/// If there is no configuration, or if the number of sites is not the number of visible units.
pub fn pseudo_log_likelihood(rbm: &Rbm, spins: ArrayView2<i8>) -> PseudoLogLikelihood {
    assert_eq!(spins.ncols(), rbm.visible(), "sites of the configurations");
    let units = units_of_spins(rbm.units, spins);
    let layers = Layers::of(rbm);
    let mut fields = Array2::zeros((units.nrows(), rbm.hidden()));
    layers.hidden_fields(units.view(), fields.view_mut());
    pseudo_log_likelihood_of(&layers, units.view(), fields.view())
}

/// The number of configurations for which a row of e^{±d} is used while it is in the cache.
const TILE: usize = 16;
/// The number of partial products that are carried along side by side.
const LANES: usize = 8;

/// The same from the units (±1 or 0/1), [n, visible], and the hidden units' fields, [n, hidden].
pub(crate) fn pseudo_log_likelihood_of(
    layers: &Layers,
    units: ArrayView2<f32>,
    fields: ArrayView2<f32>,
) -> PseudoLogLikelihood {
    let configurations = units.nrows();
    assert!(configurations > 0, "no configuration");
    let flips = Flips::new(layers);
    let tiles = configurations.div_ceil(TILE);
    let values: Vec<Vec<f64>> = (0..tiles)
        .into_par_iter()
        .map(|tile| {
            let rows = tile * TILE..((tile + 1) * TILE).min(configurations);
            let rows = ndarray::Slice::from(rows);
            let axis = ndarray::Axis(0);
            let (units, fields) = (units.slice_axis(axis, rows), fields.slice_axis(axis, rows));
            if flips.safe == 0 { flips.plain_tile(layers, units, fields) } else { flips.tile(units, fields) }
        })
        .collect();
    let values: Vec<f64> = values.into_iter().flatten().collect();
    let count = configurations as f64;
    let total = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|v| (v - total) * (v - total)).sum::<f64>() / (count - 1.0).max(1.0);
    PseudoLogLikelihood {
        total,
        error: (variance / count).sqrt(),
        per_spin: total / layers.weights.nrows() as f64,
    }
}

/// e^{±d} of every weight.
struct Flips {
    units: Units,
    /// The factors of σ(−y) when the unit goes down (from +1 to −1, or from 1 to 0), [visible, hidden]; those when it
    /// goes up are the factors of σ(y) when it goes down and vice versa, apart from binary units' constant.
    rise: Array2<f64>,
    fall: Array2<f64>,
    visible_bias: Vec<f64>,
    /// The number of factors whose product is sure not to overflow or underflow; 0 if not even [`LANES`] are.
    safe: usize,
}

impl Flips {
    fn new(layers: &Layers) -> Self {
        let scale = match layers.units {
            Units::Spin => 2.0,
            Units::Binary => 1.0,
        };
        let rise = layers.weights.mapv(|w| exp(scale * f64::from(w)));
        let fall = layers.weights.mapv(|w| exp(-scale * f64::from(w)));
        let largest = layers.weights.iter().fold(0.0, |m: f64, &w| m.max(f64::from(w.abs())));
        // Each factor is between e^−d and e^d, their product must stay between e^−600 and e^600.
        let safe = (600.0 / (scale * largest).max(1e-3)) as usize / LANES * LANES;
        let visible_bias = match layers.visible_bias {
            Some(bias) => bias.iter().map(|&b| scale * f64::from(b)).collect(),
            None => vec![0.0; layers.weights.nrows()],
        };
        Self { units: layers.units, rise, fall, visible_bias, safe }
    }

    /// The pseudo-log-likelihoods of a few configurations, whatever the weights: the free energies are subtracted.
    fn plain_tile(&self, layers: &Layers, units: ArrayView2<f32>, fields: ArrayView2<f32>) -> Vec<f64> {
        let value = |units: ArrayView1<f32>, fields: ArrayView1<f32>| {
            let fields: Vec<f64> = fields.iter().map(|&x| f64::from(x)).collect();
            let mut there = fields.clone();
            let here = log_sum_over_units(self.units, &fields);
            let flips = units.iter().zip(layers.weights.rows()).zip(&self.visible_bias);
            let value = flips.map(|((&unit, weights), &bias)| {
                let change = match self.units {
                    Units::Spin => f64::from(-2.0 * unit),
                    Units::Binary => f64::from(1.0 - 2.0 * unit),
                };
                for ((there, x), &w) in there.iter_mut().zip(&fields).zip(weights) {
                    *there = x + change * f64::from(w);
                }
                let bias = if unit > 0.5 { -bias } else { bias };
                -softplus(log_sum_over_units(self.units, &there) - here + bias)
            });
            value.sum()
        };
        units.rows().into_iter().zip(fields.rows()).map(|(units, fields)| value(units, fields)).collect()
    }

    /// The pseudo-log-likelihoods of a few configurations, by products.
    fn tile(&self, units: ArrayView2<f32>, fields: ArrayView2<f32>) -> Vec<f64> {
        let scale = match self.units {
            Units::Spin => 2.0,
            Units::Binary => 1.0,
        };
        let above = fields.mapv(|x| logistic(scale * f64::from(x)));
        let below = fields.mapv(|x| logistic(-scale * f64::from(x)));
        let ones = vec![1.0; fields.ncols()];
        let mut values = vec![0.0; units.nrows()];
        for (site, &bias) in self.visible_bias.iter().enumerate() {
            let (rise, fall) = (contiguous(self.rise.row(site)), contiguous(self.fall.row(site)));
            for (row, value) in values.iter_mut().enumerate() {
                let up = units[[row, site]] > 0.5;
                // The factor is σ(y)·toward + σ(−y)·away.
                let (toward, away) = match (self.units, up) {
                    (Units::Spin, true) => (fall, rise),
                    (Units::Spin, false) => (rise, fall),
                    (Units::Binary, true) => (fall, &ones[..]),
                    (Units::Binary, false) => (rise, &ones[..]),
                };
                let flip =
                    self.log_product(contiguous(above.row(row)), contiguous(below.row(row)), toward, away);
                let flip = if up { flip - bias } else { flip + bias };
                *value -= softplus(flip);
            }
        }
        values
    }

    /// Σ_a ln(above_a toward_a + below_a away_a).
    fn log_product(&self, above: &[f64], below: &[f64], toward: &[f64], away: &[f64]) -> f64 {
        let mut sum = 0.0;
        let pieces = above.chunks(self.safe).zip(below.chunks(self.safe));
        for ((above, below), (toward, away)) in
            pieces.zip(toward.chunks(self.safe).zip(away.chunks(self.safe)))
        {
            let mut lanes = [1.0f64; LANES];
            let mut groups = above
                .chunks_exact(LANES)
                .zip(below.chunks_exact(LANES))
                .zip(toward.chunks_exact(LANES).zip(away.chunks_exact(LANES)));
            for ((above, below), (toward, away)) in &mut groups {
                for lane in 0..LANES {
                    lanes[lane] *= above[lane] * toward[lane] + below[lane] * away[lane];
                }
            }
            let done = above.len() / LANES * LANES;
            for (lane, a) in (done..above.len()).enumerate() {
                lanes[lane] *= above[a] * toward[a] + below[a] * away[a];
            }
            let [a, b, c, d, e, f, g, h] = lanes;
            sum += ln(((a * b) * (c * d)) * ((e * f) * (g * h)));
        }
        sum
    }
}

fn contiguous<'a>(row: ArrayView1<'a, f64>) -> &'a [f64] {
    row.to_slice().expect("rows of a row-major matrix are contiguous")
}
