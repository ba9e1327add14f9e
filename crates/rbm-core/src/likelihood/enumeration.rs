//! Exact sums over all states of the smaller layer; the other layer's sum is a product.
//!
//! The states are visited in blocks of 2¹⁰ in the order of a Gray code, so that a step changes one unit and costs one
//! addition for each unit of the other layer. Each block starts from freshly computed fields, and blocks are summed in
//! their order: the result does not depend on the number of threads.

use datasets::{Rbm, Units};
use ndarray::{Array1, Array2, ArrayView2};
use rayon::prelude::*;

use super::LikelihoodError;
use crate::elementary::{exp, ln};
use crate::layer::unit_of_spin;
use crate::model::{self, log_sum_over_units};

/// The largest number of units that are enumerated: 2²⁰ states take about a second.
pub const EXACT_LIMIT: usize = 20;

/// The number of units that change within a block.
const BLOCK_BITS: usize = 10;

/// Exact averages under the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// ln Z.
    pub log_partition: f64,
    /// ⟨v⟩, \[visible\], in the units' own values.
    pub visible: Array1<f64>,
    /// ⟨h⟩, \[hidden\].
    pub hidden: Array1<f64>,
    /// ⟨v hᵀ⟩, [visible, hidden].
    pub product: Array2<f64>,
}

/// The exact gradient of the mean log-likelihood of some configurations.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient {
    /// The mean log-likelihood itself, in nats.
    pub log_likelihood: f64,
    /// ⟨v hᵀ⟩_data − ⟨v hᵀ⟩_model, [visible, hidden].
    pub weights: Array2<f64>,
    /// ⟨v⟩_data − ⟨v⟩_model, \[visible\].
    pub visible_bias: Array1<f64>,
    /// ⟨h⟩_data − ⟨h⟩_model, \[hidden\].
    pub hidden_bias: Array1<f64>,
}

/// ln Z, Z = Σ over all states of both layers of e^−E.
///
/// ```
/// use datasets::{Rbm, Units};
/// use ndarray::Array;
///
/// // Without couplings all 2⁷ states have weight 1.
/// let rbm = Rbm {
///     units: Units::Spin,
///     weights: Array::zeros((4, 3)),
///     visible_bias: Array::zeros(4),
///     hidden_bias: Array::zeros(3),
///     training_temperatures: vec![],
///     updates: 0,
///     history_epoch: vec![],
///     history: Default::default(),
/// };
/// let log_partition = rbm_core::likelihood::log_partition(&rbm)?;
/// assert!((log_partition - 128.0f64.ln()).abs() < 1e-14);
/// # Ok::<(), rbm_core::likelihood::LikelihoodError>(())
/// ```
///
/// # Errors
///
/// If both layers have more than [`EXACT_LIMIT`] units.
pub fn log_partition(rbm: &Rbm) -> Result<f64, LikelihoodError> {
    Ok(Enumeration::new(rbm)?.log_partition())
}

/// ln Z and the averages that the gradient of the likelihood is made of.
///
/// # Errors
///
/// As [`log_partition`].
pub fn moments(rbm: &Rbm) -> Result<Moments, LikelihoodError> {
    let enumeration = Enumeration::new(rbm)?;
    let log_partition = enumeration.log_partition();
    let sums = enumeration.sums(log_partition);
    let (visible, hidden, product) = if enumeration.visible_is_enumerated {
        (sums.enumerated, sums.other, sums.product)
    } else {
        (sums.other, sums.enumerated, sums.product.reversed_axes().as_standard_layout().into_owned())
    };
    Ok(Moments { log_partition, visible, hidden, product })
}

/// The exact gradient of the mean log-likelihood of configurations, [n, visible] of ±1, with respect to the parameters.
///
/// # Errors
///
/// As [`log_partition`], and if there is no configuration or if they do not fit the machine.
pub fn gradient(rbm: &Rbm, spins: ArrayView2<i8>) -> Result<Gradient, LikelihoodError> {
    super::check(rbm, spins)?;
    let Moments { log_partition, visible, hidden, product } = moments(rbm)?;
    let count = spins.nrows() as f64;
    let data = spins.mapv(|spin| f64::from(unit_of_spin(rbm.units, spin)));
    let means = model::hidden_means(rbm, spins);
    let mean_of = |columns: &Array2<f64>| columns.sum_axis(ndarray::Axis(0)) / count;
    Ok(Gradient {
        log_likelihood: super::mean_log_likelihood(rbm, spins, log_partition)?,
        weights: data.t().dot(&means) / count - product,
        visible_bias: mean_of(&data) - visible,
        hidden_bias: mean_of(&means) - hidden,
    })
}

/// A machine seen from its smaller layer.
struct Enumeration {
    units: Units,
    visible_is_enumerated: bool,
    /// [enumerated, other].
    weights: Array2<f64>,
    enumerated_bias: Vec<f64>,
    other_bias: Vec<f64>,
}

/// Sums over states weighted with their probabilities.
struct Sums {
    enumerated: Array1<f64>,
    other: Array1<f64>,
    product: Array2<f64>,
}

impl Enumeration {
    fn new(rbm: &Rbm) -> Result<Self, LikelihoodError> {
        let (visible, hidden) = rbm.weights.dim();
        let smaller = visible.min(hidden);
        if smaller > EXACT_LIMIT {
            return Err(LikelihoodError::TooLarge { smaller });
        }
        let list = |bias: &Array1<f32>| bias.iter().map(|&b| f64::from(b)).collect();
        let weights = rbm.weights.mapv(f64::from);
        let visible_is_enumerated = visible <= hidden;
        Ok(if visible_is_enumerated {
            Self {
                units: rbm.units,
                visible_is_enumerated,
                weights,
                enumerated_bias: list(&rbm.visible_bias),
                other_bias: list(&rbm.hidden_bias),
            }
        } else {
            Self {
                units: rbm.units,
                visible_is_enumerated,
                weights: weights.reversed_axes().as_standard_layout().into_owned(),
                enumerated_bias: list(&rbm.hidden_bias),
                other_bias: list(&rbm.visible_bias),
            }
        })
    }

    fn blocks(&self) -> usize {
        1 << self.weights.nrows().saturating_sub(BLOCK_BITS)
    }

    /// The value of an enumerated unit by its bit.
    fn value(&self, up: bool) -> f64 {
        f64::from(unit_of_spin(self.units, if up { 1 } else { -1 }))
    }

    /// Calls `visit` with each state of a block: the unit that has just changed (none at first), the state, its ln weight
    /// and the other layer's fields.
    fn visit(&self, block: usize, mut visit: impl FnMut(Option<usize>, usize, f64, &[f64])) {
        let units = self.weights.nrows();
        let inner = units.min(BLOCK_BITS);
        let mut state = block << inner;
        let mut fields = self.other_bias.clone();
        let mut linear = 0.0;
        for (unit, (weights, &bias)) in self.weights.rows().into_iter().zip(&self.enumerated_bias).enumerate()
        {
            let value = self.value(state >> unit & 1 == 1);
            linear += value * bias;
            fields.iter_mut().zip(weights).for_each(|(x, w)| *x += value * w);
        }
        let log_weight = |linear: f64, fields: &[f64]| linear + log_sum_over_units(self.units, fields);
        visit(None, state, log_weight(linear, &fields), &fields);
        for step in 1usize..1 << inner {
            let unit = step.trailing_zeros() as usize;
            state ^= 1 << unit;
            let up = state >> unit & 1 == 1;
            let change = self.value(up) - self.value(!up);
            linear += change * self.enumerated_bias[unit];
            fields.iter_mut().zip(self.weights.row(unit)).for_each(|(x, w)| *x += change * w);
            visit(Some(unit), state, log_weight(linear, &fields), &fields);
        }
    }

    fn log_partition(&self) -> f64 {
        let of_block = |block| {
            let mut logs = Vec::with_capacity(1 << BLOCK_BITS);
            self.visit(block, |_, _, log_weight, _| logs.push(log_weight));
            log_sum_exp(&logs)
        };
        let logs: Vec<f64> = (0..self.blocks()).into_par_iter().map(of_block).collect();
        log_sum_exp(&logs)
    }

    /// ⟨enumerated⟩, ⟨other⟩ and ⟨enumerated otherᵀ⟩ given ln Z.
    fn sums(&self, log_partition: f64) -> Sums {
        let (enumerated, other) = self.weights.dim();
        let of_block = |block| {
            let mut sums = Sums {
                enumerated: Array1::zeros(enumerated),
                other: Array1::zeros(other),
                product: Array2::zeros((enumerated, other)),
            };
            // What has been summed up over the states since a unit changed belongs to its value in that time. So a step
            // adds up the other layer once, and one row of the product is brought up to date.
            let mut probability_before = vec![0.0; enumerated];
            let mut other_before = Array2::<f64>::zeros((enumerated, other));
            let mut probability_sum = 0.0;
            let mut last = 0;
            let settle = |unit: usize,
                          up: bool,
                          sums: &mut Sums,
                          probability: f64,
                          before: &mut f64,
                          row: ndarray::ArrayViewMut1<f64>| {
                let value = self.value(up);
                sums.enumerated[unit] += value * (probability - *before);
                *before = probability;
                let Sums { other, product, .. } = sums;
                ndarray::Zip::from(product.row_mut(unit)).and(row).and(&*other).for_each(
                    |product, before, &now| {
                        *product += value * (now - *before);
                        *before = now;
                    },
                );
            };
            self.visit(block, |changed, state, log_weight, fields| {
                if let Some(unit) = changed {
                    let up = state >> unit & 1 == 0;
                    let row = other_before.row_mut(unit);
                    settle(unit, up, &mut sums, probability_sum, &mut probability_before[unit], row);
                }
                let probability = exp(log_weight - log_partition);
                probability_sum += probability;
                for (sum, &x) in sums.other.iter_mut().zip(fields) {
                    *sum += probability * model::mean(self.units, x);
                }
                last = state;
            });
            for (unit, before) in probability_before.iter_mut().enumerate() {
                let row = other_before.row_mut(unit);
                let up = last >> unit & 1 == 1;
                settle(unit, up, &mut sums, probability_sum, before, row);
            }
            sums
        };
        let mut total = Sums {
            enumerated: Array1::zeros(enumerated),
            other: Array1::zeros(other),
            product: Array2::zeros((enumerated, other)),
        };
        // Few blocks at a time, so that their sums do not fill the memory.
        let blocks: Vec<usize> = (0..self.blocks()).collect();
        for some in blocks.chunks(64) {
            let sums: Vec<Sums> = some.par_iter().map(|&block| of_block(block)).collect();
            for sums in sums {
                total.enumerated += &sums.enumerated;
                total.other += &sums.other;
                total.product += &sums.product;
            }
        }
        total
    }
}

/// ln Σ e^l, in the order given.
pub(super) fn log_sum_exp(logs: &[f64]) -> f64 {
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest + ln(logs.iter().map(|&log| exp(log - largest)).sum())
}
