//! What one update of a trainer changes, and what it should on average.

use datasets::{Rbm, Spins};
use ndarray::Array2;
use rbm_core::model;
use rbm_core::{Algorithm, TrainConfig, Trainer};

use super::estimators::reference::{all_configurations, index, log_weights, unit};

type Failure = Box<dyn std::error::Error>;

/// The probabilities of all configurations under a machine.
fn law(rbm: &Rbm) -> Vec<f64> {
    let (logs, total) = log_weights(rbm);
    logs.iter().map(|log| (log - total).exp()).collect()
}

/// p(v'|v) of one step v → h → v', [2^visible, 2^visible].
fn transition(rbm: &Rbm) -> Array2<f64> {
    let (visible, hidden) = (all_configurations(rbm.visible()), all_configurations(rbm.hidden()));
    let weights = rbm.weights.mapv(f64::from);
    let scale = match rbm.units {
        datasets::Units::Spin => 2.0,
        datasets::Units::Binary => 1.0,
    };
    // The probability of a layer's state given the fields of its units.
    let given = |fields: &[f64], state: ndarray::ArrayView1<i8>| -> f64 {
        fields.iter().zip(state).map(|(x, &s)| 1.0 / (1.0 + (-scale * x * f64::from(s)).exp())).product()
    };
    let values = |state: ndarray::ArrayView1<i8>| state.mapv(|s| unit(rbm.units, s));
    let from_visible: Vec<Vec<f64>> = visible
        .rows()
        .into_iter()
        .map(|v| (values(v).dot(&weights) + rbm.hidden_bias.mapv(f64::from)).to_vec())
        .collect();
    let from_hidden: Vec<Vec<f64>> = hidden
        .rows()
        .into_iter()
        .map(|h| (weights.dot(&values(h)) + rbm.visible_bias.mapv(f64::from)).to_vec())
        .collect();
    let up = Array2::from_shape_fn((visible.nrows(), hidden.nrows()), |(v, h)| {
        given(&from_visible[v], hidden.row(h))
    });
    let down = Array2::from_shape_fn((hidden.nrows(), visible.nrows()), |(h, v)| {
        given(&from_hidden[h], visible.row(v))
    });
    up.dot(&down)
}

/// The deviations in standard errors of one update of all weights and biases, with the whole training set as its batch,
/// from what it is on average: ⟨·⟩ of the data − ⟨·⟩ of where the chains are. The only chance is that of the chains,
/// which are independent; their variance is known exactly too.
pub(crate) fn deviations(config: &TrainConfig, spins: &Spins, start: &Rbm) -> Result<Vec<f64>, Failure> {
    let configurations = all_configurations(start.visible());
    let means = model::hidden_means(start, configurations.view());
    let count = spins.samples.nrows() as f64;
    let mut data = vec![0.0; configurations.nrows()];
    spins.samples.rows().into_iter().for_each(|row| data[index(row)] += 1.0 / count);
    // Where a chain is after the update's steps: with CD it depends on the configuration of the data that it started
    // from, which it does not with many steps.
    let kernel = match (config.algorithm, config.gibbs_steps) {
        (Algorithm::Cd, steps @ ..=3) => {
            let step = transition(start);
            (1..steps).fold(step.clone(), |kernel, _| kernel.dot(&step))
        }
        _ => {
            let law = law(start);
            Array2::from_shape_fn((law.len(), law.len()), |(_, v)| law[v])
        }
    };
    let average = |law: &[f64], f: &[f64]| -> f64 { law.iter().zip(f).map(|(p, f)| p * f).sum() };
    let Change { weights, visible_bias, hidden_bias } = one_update(config, spins, start)?;
    let v = |row: usize, i: usize| unit(start.units, configurations[[row, i]]);
    let mut found = vec![];
    let mut compare = |change: f64, f: &dyn Fn(usize) -> f64| {
        let f = ndarray::Array1::from_iter((0..configurations.nrows()).map(f));
        // The mean and the variance of f at the end of a chain, by its start.
        let means = kernel.dot(&f);
        let variances = kernel.dot(&(&f * &f)) - &means * &means;
        let expected = average(&data, &f.to_vec()) - average(&data, &means.to_vec());
        found.push((change - expected) / (average(&data, &variances.to_vec()) / count).sqrt());
    };
    for i in 0..start.visible() {
        for a in 0..start.hidden() {
            compare(weights[[i, a]], &|row| v(row, i) * means[[row, a]]);
        }
        compare(visible_bias[i], &|row| v(row, i));
    }
    for (a, change) in hidden_bias.iter().enumerate() {
        compare(*change, &|row| means[[row, a]]);
    }
    Ok(found)
}

/// What an update changes.
struct Change {
    weights: Array2<f64>,
    visible_bias: Vec<f64>,
    hidden_bias: Vec<f64>,
}

/// The change of weights and biases by one update, divided by the learning rate.
fn one_update(config: &TrainConfig, spins: &Spins, start: &Rbm) -> Result<Change, Failure> {
    let mut state = Trainer::new(config, spins)?.state();
    state.parameters.weights.assign(&start.weights);
    state.parameters.visible_bias.assign(&start.visible_bias);
    state.parameters.hidden_bias.assign(&start.hidden_bias);
    let mut trainer = Trainer::resume(config, spins, state)?;
    trainer.advance()?;
    let after = trainer.finish();
    let rate = f64::from(config.learning_rate);
    let change = |after: &ndarray::Array1<f32>, before: &ndarray::Array1<f32>| -> Vec<f64> {
        after.iter().zip(before).map(|(a, b)| (f64::from(*a) - f64::from(*b)) / rate).collect()
    };
    let weights = (after.weights.mapv(f64::from) - start.weights.mapv(f64::from)) / rate;
    Ok(Change {
        weights,
        visible_bias: change(&after.visible_bias, &start.visible_bias),
        hidden_bias: change(&after.hidden_bias, &start.hidden_bias),
    })
}
