//! The pseudo-log-likelihood: Σ_i ln p(v_i | all other v), over all sites.
//!
//! Flipping v_i changes the free energy by ΔF with
//!
//! e^−ΔF = e^{bias} Π_a [σ(y_a) e^{−d_a} + σ(−y_a) e^{d_a}],
//!
//! for spins y_a = 2x_a, d_a = 2 v_i W_ia; binary units have the same form. The n · sites · hidden factors therefore need
//! no transcendental function: σ(±y) is computed once for each configuration and e^{±d} once for each weight. All terms
//! are positive, so that nothing cancels and single precision is enough for the factors (relative errors about 10⁻⁶ in
//! the end, as in the fields x).

use datasets::{Rbm, Units};
use ndarray::{Array2, ArrayView1, ArrayView2};
use numerics::bit_matrix::BitMatrix;
use rayon::prelude::*;

use crate::elementary::{exp, ln, logistic, softplus};
use crate::layer::{Layers, values};
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
    let units = BitMatrix::of_positive(spins);
    let layers = Layers::of(rbm);
    let mut fields = Array2::zeros((units.rows(), rbm.hidden()));
    layers.hidden_fields(units.view(), fields.view_mut());
    pseudo_log_likelihood_of(&layers, &units, fields.view())
}

/// The number of configurations for which a row of e^{±d} is used while it is in the cache.
const TILE: usize = 16;
/// The number of partial products that are carried along side by side.
const LANES: usize = 16;
/// The largest d for which [`SMALLEST`] e^d is still negligible beside e^−d.
const LARGEST_FLIP: f64 = 30.0;
/// Smaller probabilities are replaced by this one, since subnormal numbers are slow.
const SMALLEST: f64 = 1e-35;
/// ln of the largest product of factors in single precision.
const LARGEST_LOG: f64 = 80.0;

/// The same from the units, [n, visible], and the hidden units' fields, [n, hidden].
pub(crate) fn pseudo_log_likelihood_of(
    layers: &Layers,
    units: &BitMatrix,
    fields: ArrayView2<f32>,
) -> PseudoLogLikelihood {
    let configurations = units.rows();
    assert!(configurations > 0, "no configuration");
    let flips = Flips::new(layers);
    let tiles = configurations.div_ceil(TILE);
    let values: Vec<Vec<f64>> = (0..tiles)
        .into_par_iter()
        .map(|tile| {
            let rows = tile * TILE..((tile + 1) * TILE).min(configurations);
            let (first, rows) = (rows.start, ndarray::Slice::from(rows));
            let fields = fields.slice_axis(ndarray::Axis(0), rows);
            let up = |row: usize, site: usize| units.get(first + row, site);
            if flips.safe == 0 { flips.plain_tile(layers, &up, fields) } else { flips.tile(&up, fields) }
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

/// Whether a unit (row, site) is the upper one of its two values.
type Up<'a> = dyn Fn(usize, usize) -> bool + 'a;

/// e^{±d} of every weight.
struct Flips {
    units: Units,
    /// e^d and e^−d, [visible, hidden].
    rise: Array2<f32>,
    fall: Array2<f32>,
    /// e^{bias} of a flip upwards, \[visible\].
    bias: Vec<f64>,
    /// The number of factors that may be multiplied before they must go on in double precision, a multiple of [`LANES`];
    /// 0 if the weights are so large that no product may be formed.
    safe: usize,
    /// Whether the product of all factors is sure to be in the range of double precision.
    in_range: bool,
}

impl Flips {
    fn new(layers: &Layers) -> Self {
        let scale = scale(layers.units);
        // A machine may be given with its weights in any order.
        let weights = layers.weights.as_standard_layout();
        let rise = weights.mapv(|w| exp(scale * f64::from(w)) as f32);
        let fall = weights.mapv(|w| exp(-scale * f64::from(w)) as f32);
        let largest = layers.weights.iter().fold(1e-3, |m: f64, &w| m.max(scale * f64::from(w.abs())));
        let bias: Vec<f64> = match layers.visible_bias {
            Some(bias) => bias.iter().map(|&b| scale * f64::from(b)).collect(),
            None => vec![0.0; layers.weights.nrows()],
        };
        let total =
            layers.weights.ncols() as f64 * largest + bias.iter().fold(0.0, |m: f64, &b| m.max(b.abs()));
        // A lane takes every LANES-th factor, each of them between e^−d and e^d.
        let safe = if largest < LARGEST_FLIP { (LARGEST_LOG / largest) as usize * LANES } else { 0 };
        let bias = bias.into_iter().map(exp).collect();
        Self { units: layers.units, rise, fall, bias, safe, in_range: total < 600.0 }
    }

    /// The pseudo-log-likelihoods of a few configurations, whatever the weights: the free energies are subtracted.
    fn plain_tile(&self, layers: &Layers, up: &Up, fields: ArrayView2<f32>) -> Vec<f64> {
        let values = values(self.units);
        let value = |(row, fields): (usize, ArrayView1<f32>)| {
            let fields: Vec<f64> = fields.iter().map(|&x| f64::from(x)).collect();
            let mut there = fields.clone();
            let here = log_sum_over_units(self.units, &fields);
            let flips = layers.weights.rows().into_iter().zip(&self.bias).enumerate();
            let value = flips.map(|(site, (weights, &bias))| {
                let up = up(row, site);
                let change = f64::from(values.of(!up) - values.of(up));
                for ((there, x), &w) in there.iter_mut().zip(&fields).zip(weights) {
                    *there = x + change * f64::from(w);
                }
                let bias = if up { -ln(bias) } else { ln(bias) };
                -softplus(log_sum_over_units(self.units, &there) - here + bias)
            });
            value.sum()
        };
        fields.rows().into_iter().enumerate().map(value).collect()
    }

    /// The pseudo-log-likelihoods of a few configurations, by products.
    fn tile(&self, up: &Up, fields: ArrayView2<f32>) -> Vec<f64> {
        let scale = scale(self.units);
        let probability = |y: f64| logistic(y).max(SMALLEST) as f32;
        let above = fields.mapv(|x| probability(scale * f64::from(x)));
        let below = fields.mapv(|x| probability(-scale * f64::from(x)));
        let ones = vec![1.0; fields.ncols()];
        // Σ ln(1 + r) as few logarithms of products of 1 + r.
        let mut sums = vec![(0.0, 1.0); fields.nrows()];
        for (site, &bias) in self.bias.iter().enumerate() {
            let (rise, fall) = (contiguous(self.rise.row(site)), contiguous(self.fall.row(site)));
            for (row, (sum, product)) in sums.iter_mut().enumerate() {
                let up = up(row, site);
                // The factor is σ(y)·toward + σ(−y)·away.
                let (toward, away) = match (self.units, up) {
                    (Units::Spin, true) => (fall, rise),
                    (Units::Spin, false) => (rise, fall),
                    (Units::Binary, true) => (fall, &ones[..]),
                    (Units::Binary, false) => (rise, &ones[..]),
                };
                let (above, below) = (contiguous(above.row(row)), contiguous(below.row(row)));
                let factor = match self.product(above, below, toward, away) {
                    Product::Plain(flip) if up => 1.0 + flip / bias,
                    Product::Plain(flip) => 1.0 + flip * bias,
                    Product::Log(log) => {
                        let bias = ln(bias);
                        *sum += softplus(if up { log - bias } else { log + bias });
                        continue;
                    }
                };
                if *product < 1e40 && factor < 1e200 {
                    *product *= factor;
                } else {
                    *sum += ln(*product);
                    *product = factor;
                }
            }
        }
        sums.into_iter().map(|(sum, product)| -(sum + ln(product))).collect()
    }

    /// ln Π_a (above_a toward_a + below_a away_a), or the product itself if it is sure to be in range.
    fn product(&self, above: &[f32], below: &[f32], toward: &[f32], away: &[f32]) -> Product {
        let mut product = 1.0;
        let mut log = 0.0;
        let pieces = above.chunks(self.safe).zip(below.chunks(self.safe));
        for ((above, below), (toward, away)) in
            pieces.zip(toward.chunks(self.safe).zip(away.chunks(self.safe)))
        {
            let lanes = lane_products(above, below, toward, away).map(f64::from);
            let (first, second) = lanes.split_at(LANES / 2);
            let halves = [first, second].map(|half| half.iter().product::<f64>());
            if self.in_range {
                product *= halves[0] * halves[1];
            } else {
                log += ln(halves[0]) + ln(halves[1]);
            }
        }
        if self.in_range { Product::Plain(product) } else { Product::Log(log) }
    }
}

/// A product of factors.
enum Product {
    Plain(f64),
    Log(f64),
}

/// The products of every [`LANES`]-th above_a toward_a + below_a away_a.
fn lane_products(above: &[f32], below: &[f32], toward: &[f32], away: &[f32]) -> [f32; LANES] {
    let (above, above_rest) = above.as_chunks::<LANES>();
    let (below, below_rest) = below.as_chunks::<LANES>();
    let (toward, toward_rest) = toward.as_chunks::<LANES>();
    let (away, away_rest) = away.as_chunks::<LANES>();
    let mut lanes = [1.0f32; LANES];
    for ((above, below), (toward, away)) in above.iter().zip(below).zip(toward.iter().zip(away)) {
        for lane in 0..LANES {
            lanes[lane] *= above[lane] * toward[lane] + below[lane] * away[lane];
        }
    }
    // Through a copy, so that the lanes above can stay in registers.
    let mut all = lanes;
    let rests = above_rest.iter().zip(below_rest).zip(toward_rest.iter().zip(away_rest));
    for (lane, ((above, below), (toward, away))) in all.iter_mut().zip(rests) {
        *lane *= above * toward + below * away;
    }
    all
}

/// y and d are this times x and W.
fn scale(units: Units) -> f64 {
    match units {
        Units::Spin => 2.0,
        Units::Binary => 1.0,
    }
}

fn contiguous(row: ArrayView1<'_, f32>) -> &[f32] {
    row.to_slice().expect("rows of a row-major matrix are contiguous")
}
