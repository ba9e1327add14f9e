//! Small machines, configuration by configuration.

use datasets::{Rbm, Units};
use ndarray::Array2;

/// All configurations of n spins.
pub(crate) fn configurations(n: usize) -> impl Iterator<Item = Vec<f64>> {
    (0..1usize << n).map(move |bits| (0..n).map(|i| if bits >> i & 1 == 1 { 1.0 } else { -1.0 }).collect())
}

/// The probability of a configuration of independent spins.
pub(crate) fn probability(spins: &[f64], means: &[f64]) -> f64 {
    spins.iter().zip(means).map(|(s, m)| 0.5 * (1.0 + s * m)).product()
}

/// Each unit's spin mean given the other layer's spins, by the units' own definition: tanh of the field of ±1, or
/// 2 logistic − 1 of the field of 0/1.
fn conditional(units: Units, bias: f32, weights: impl Iterator<Item = f32>, spins: &[f64]) -> f64 {
    let unit = |spin: f64| if units == Units::Spin { spin } else { 0.5 * (1.0 + spin) };
    let field = f64::from(bias) + weights.zip(spins).map(|(w, &s)| f64::from(w) * unit(s)).sum::<f64>();
    match units {
        Units::Spin => field.tanh(),
        Units::Binary => 2.0 / (1.0 + (-field).exp()) - 1.0,
    }
}

/// The hidden spins' means given the visible spins.
pub(crate) fn hidden_given(rbm: &Rbm, visible: &[f64]) -> Vec<f64> {
    let units = rbm.weights.columns().into_iter().zip(&rbm.hidden_bias);
    units.map(|(w, &c)| conditional(rbm.units, c, w.iter().copied(), visible)).collect()
}

/// The visible spins' means given the hidden spins.
fn visible_given(rbm: &Rbm, hidden: &[f64]) -> Vec<f64> {
    let units = rbm.weights.rows().into_iter().zip(&rbm.visible_bias);
    units.map(|(w, &b)| conditional(rbm.units, b, w.iter().copied(), hidden)).collect()
}

/// The exact law of the visible spins after a step, in the order of [`configurations`].
pub(crate) fn after_step(rbm: &Rbm, law: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let (n, hidden) = rbm.weights.dim();
    let mut after = vec![0.0; 1 << n];
    for visible in configurations(n) {
        let (p, means) = (law(&visible), hidden_given(rbm, &visible));
        for spins in configurations(hidden) {
            let (q, next) = (p * probability(&spins, &means), visible_given(rbm, &spins));
            for (after, spins) in after.iter_mut().zip(configurations(n)) {
                *after += q * probability(&spins, &next);
            }
        }
    }
    after
}

/// The exact means and second moments ⟨v_i v_j⟩ of the visible spins after a step, from a law of visible spins.
pub(crate) fn step(rbm: &Rbm, law: impl Fn(&[f64]) -> f64) -> (Vec<f64>, Array2<f64>) {
    let (n, hidden) = rbm.weights.dim();
    let mut weight = vec![0.0; 1 << hidden];
    for visible in configurations(n) {
        let (p, means) = (law(&visible), hidden_given(rbm, &visible));
        for (weight, spins) in weight.iter_mut().zip(configurations(hidden)) {
            *weight += p * probability(&spins, &means);
        }
    }
    let mut mean = vec![0.0; n];
    let mut second = Array2::zeros((n, n));
    for (p, spins) in weight.iter().zip(configurations(hidden)) {
        let means = visible_given(rbm, &spins);
        for i in 0..n {
            mean[i] += p * means[i];
            for j in 0..n {
                second[[i, j]] += p * if i == j { 1.0 } else { means[i] * means[j] };
            }
        }
    }
    (mean, second)
}
