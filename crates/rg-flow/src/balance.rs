//! The balance of heating and cooling that a training comes to rest in.
//!
//! Contrastive divergence changes W by ε (Σ_T g(T) − λ W), with g(T) = ⟨v h⟩ at the training temperature T minus ⟨v h⟩
//! after one step v → h → v, and λ the weight decay. Where it has come to rest, Σ_T g_ia(T) = λ W_ia. So with λ = 0 no
//! projection of g can have one sign over the training temperatures: a step must make some of the ensembles more
//! ordered in that direction and others less, whatever the data. What is measured here is the projection on W itself.

use datasets::{Balance, Rbm, Value};
use ising_mc::statistics::mean_and_error;
use ndarray::ArrayView2;
use rayon::prelude::*;
use rbm_core::gibbs::{Chains, Mode};
use rbm_core::model::{hidden_fields, hidden_means};

use crate::error::FlowError;
use crate::starts::Start;

/// Σ_ia W_ia v_i ⟨h_a⟩ / Σ_ia W_ia² of each configuration.
fn alignment(rbm: &Rbm, spins: ArrayView2<i8>, squares: f64) -> Vec<f64> {
    let (fields, means) = (hidden_fields(rbm, spins), hidden_means(rbm, spins));
    let configurations = fields.rows().into_iter().zip(means.rows());
    configurations
        .map(|(fields, means)| {
            let units = fields.iter().zip(means).zip(&rbm.hidden_bias);
            units.map(|((x, h), &c)| (x - f64::from(c)) * h).sum::<f64>() / squares
        })
        .collect()
}

/// Σ_ia W_ia g_ia / Σ_ia W_ia² from chains before and after one step, [chains, visible] of ±1.
fn growth(rbm: &Rbm, before: ArrayView2<i8>, after: ArrayView2<i8>, squares: f64) -> Value {
    let (before, after) = (alignment(rbm, before, squares), alignment(rbm, after, squares));
    let changes: Vec<f64> = before.iter().zip(after).map(|(before, after)| before - after).collect();
    mean_and_error(&changes)
}

/// The balance of a machine at its training temperatures, and the growth at further starts; `None` if a training
/// temperature is not among the starts, or without weights. The one step is the first of the flow with this seed.
pub(crate) fn balance(rbm: &Rbm, starts: &[Start], seed: u64) -> Result<Option<Balance>, FlowError> {
    let temperatures: Vec<f64> = starts.iter().map(|start| start.temperature).collect();
    let squares: f64 = rbm.weights.iter().map(|&w| f64::from(w) * f64::from(w)).sum();
    let Some(places) = places(&temperatures, &rbm.training_temperatures).filter(|_| squares > 0.0) else {
        return Ok(None);
    };
    let of = |start: &Start| {
        let before = start.configurations.view();
        let mut chains = Chains::new(rbm, before, Mode::Sampled, start.seed(seed))?;
        chains.step();
        Ok(growth(rbm, before, chains.spins().view(), squares))
    };
    let growths = starts.par_iter().map(of).collect::<Result<Vec<Value>, FlowError>>()?;
    Ok(Some(sum_up(&temperatures, growths, &places)))
}

/// The places of the training temperatures among those of the starts, by temperature.
fn places(starts: &[f64], training: &[f64]) -> Option<Vec<usize>> {
    let places: Option<Vec<usize>> = training.iter().map(|t| starts.iter().position(|s| s == t)).collect();
    let mut places = places.filter(|places| !places.is_empty())?;
    places.sort_by(|&a, &b| starts[a].total_cmp(&starts[b]));
    Some(places)
}

/// The mean and the zero of the growth at some of the starts.
fn sum_up(starts: &[f64], growth: Vec<Value>, places: &[usize]) -> Balance {
    let n = places.len() as f64;
    let (mut sum, mut squares) = (0.0, 0.0);
    for &place in places {
        sum += growth[place].value;
        squares += growth[place].error * growth[place].error;
    }
    let crossing = |pair: &[usize]| {
        let (low, high) = (growth[pair[0]], growth[pair[1]]);
        let (from, to) = (starts[pair[0]], starts[pair[1]]);
        let cools = low.value > 0.0 && high.value <= 0.0 && to.is_finite();
        cools.then(|| between((from, low), (to, high)))
    };
    // The last one: where all is order, noise may change the sign as well.
    let zero = places.windows(2).rev().find_map(crossing);
    let sorted: Vec<(f64, Value)> = places.iter().map(|&place| (starts[place], growth[place])).collect();
    let zeros = balance_zeros(&sorted);
    Balance { growth, mean: Value { value: sum / n, error: squares.sqrt() / n }, zero, zeros }
}

/// Where a growth (temperature in J/k_B, ascending, and its value) changes its sign, either way: by linear
/// interpolation between neighbours at which it is at least two errors from 0. What is nearer to 0 in between, as where
/// all is order, is left out.
///
/// ```
/// let at = |t: f64, value: f64| (t, datasets::Value { value, error: 0.1 });
/// let zeros = rg_flow::balance_zeros(&[at(0.0, 0.05), at(1.0, -0.5), at(2.0, 0.5), at(3.0, -1.5)]);
/// assert_eq!(zeros.iter().map(|zero| zero.value).collect::<Vec<_>>(), [1.5, 2.25]);
/// ```
pub fn balance_zeros(growth: &[(f64, Value)]) -> Vec<Value> {
    let certain = |(t, growth): &&(f64, Value)| t.is_finite() && growth.value.abs() >= 2.0 * growth.error;
    let certain: Vec<&(f64, Value)> = growth.iter().filter(certain).collect();
    let changes = certain.windows(2).filter(|pair| pair[0].1.value * pair[1].1.value < 0.0);
    changes.map(|pair| between(*pair[0], *pair[1])).collect()
}

/// The zero of the line through two points.
fn between((from, low): (f64, Value), (to, high): (f64, Value)) -> Value {
    let part = low.value / (low.value - high.value);
    let per_growth = (to - from) / (low.value - high.value).abs();
    let error = per_growth * ((1.0 - part) * low.error).hypot(part * high.error);
    Value { value: from + part * (to - from), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(value: f64) -> Value {
        Value { value, error: 0.3 }
    }

    #[test]
    fn the_zero_lies_between_heating_and_cooling() {
        let starts = [6.0, 0.0, 2.0, 3.0];
        let growth = [-0.5, 0.25, 0.75, -0.25].map(value).to_vec();
        let all = places(&starts, &[0.0, 2.0, 3.0, 6.0]).expect("all are there");
        let found = sum_up(&starts, growth.clone(), &all);
        assert_eq!(found.mean, Value { value: 0.0625, error: 0.15 });
        let zero = found.zero.expect("a change of sign");
        assert_eq!(zero.value, 2.75);
        assert!((zero.error - 0.3 * 0.25f64.hypot(0.75)).abs() < 1e-15);
        // Only training temperatures count.
        let some = places(&starts, &[2.0, 0.0]).expect("both are there");
        assert_eq!(sum_up(&starts, growth.clone(), &some).zero, None);
        assert_eq!(sum_up(&starts, growth, &all).zeros, [], "0.3 is too large an error");
        assert_eq!(places(&starts, &[1.0]), None);
        assert_eq!(places(&starts, &[]), None);
    }
}
