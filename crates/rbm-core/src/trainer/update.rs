//! From gradients to new parameters.

use super::state::{AdamMoments, Parameters, TrainState};
use super::workspace::Workspace;
use crate::config::TrainConfig;
use crate::layer::LARGE_PASS;

/// A weight or bias beyond this has lost all meaning: training has diverged long before it overflows.
const LIMIT: f32 = 1e4;
/// The decay rates of Adam's moments, and what is added to the root of the second.
const FIRST_DECAY: f32 = 0.9;
const SECOND_DECAY: f32 = 0.999;
const SMALL: f32 = 1e-8;

/// Changes the parameters by the workspace's gradient, which is a sum over `rows` configurations. Says whether all
/// parameters are still sensible.
pub(crate) fn apply(
    config: &TrainConfig,
    workspace: &Workspace,
    state: &mut TrainState,
    rows: usize,
) -> bool {
    let mean = 1.0 / rows as f32;
    let decay = config.learning_rate * config.weight_decay;
    let TrainState { parameters, velocity, moments, .. } = state;
    let values = slices_mut(parameters).into_iter();
    let parts = values.zip(slices(&workspace.gradient)).zip([decay, 0.0, 0.0]);
    let parts = parts.take(if config.biases { 3 } else { 1 });
    let mut sensible = true;
    if let Some(AdamMoments { first, second, first_power, second_power }) = moments {
        *first_power *= f64::from(FIRST_DECAY);
        *second_power *= f64::from(SECOND_DECAY);
        let rate = (f64::from(config.learning_rate) / (1.0 - *first_power)) as f32;
        let second_scale = (1.0 / (1.0 - *second_power)) as f32;
        let moments = slices_mut(first).into_iter().zip(slices_mut(second));
        for (((values, gradient), decay), (first, second)) in parts.zip(moments) {
            sensible &= divided(values, gradient, first, second, &|values, gradient, first, second| {
                adam(values, gradient, first, second, &AdamStep { mean, rate, second_scale, decay })
            });
        }
    } else if let Some(velocity) = velocity {
        let (rate, momentum) = (config.learning_rate * mean, config.momentum);
        for (((values, gradient), decay), velocity) in parts.zip(slices_mut(velocity)) {
            sensible &= divided(values, gradient, velocity, &mut [], &|values, gradient, velocity, _| {
                with_momentum(values, gradient, velocity, rate, decay, momentum)
            });
        }
    } else {
        let rate = config.learning_rate * mean;
        for ((values, gradient), decay) in parts {
            sensible &= divided(values, gradient, &mut [], &mut [], &|values, gradient, _, _| {
                plain(values, gradient, rate, decay)
            });
        }
    }
    sensible
}

/// What is done to a part of the parameters: values, gradient, and up to two arrays that are remembered.
type Rule<'a> = dyn Fn(&mut [f32], &[f32], &mut [f32], &mut [f32]) -> bool + Sync + 'a;

/// Applies a rule for single elements to halves of long arrays on several threads.
fn divided(values: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32], rule: &Rule) -> bool {
    if values.len() < LARGE_PASS {
        return rule(values, gradient, first, second);
    }
    let middle = values.len() / 2;
    let (values, values_rest) = values.split_at_mut(middle);
    let (gradient, gradient_rest) = gradient.split_at(middle);
    let (first, first_rest) = first.split_at_mut(middle.min(first.len()));
    let (second, second_rest) = second.split_at_mut(middle.min(second.len()));
    let (one, other) = rayon::join(
        || divided(values, gradient, first, second, rule),
        || divided(values_rest, gradient_rest, first_rest, second_rest, rule),
    );
    one && other
}

fn plain(values: &mut [f32], gradient: &[f32], rate: f32, decay: f32) -> bool {
    let mut lost = false;
    for (value, &gradient) in values.iter_mut().zip(gradient) {
        *value += rate * gradient - decay * *value;
        lost |= !in_range(*value);
    }
    !lost
}

fn with_momentum(
    values: &mut [f32],
    gradient: &[f32],
    velocity: &mut [f32],
    rate: f32,
    decay: f32,
    momentum: f32,
) -> bool {
    let mut lost = false;
    for ((value, &gradient), velocity) in values.iter_mut().zip(gradient).zip(velocity) {
        *velocity = momentum * *velocity + (rate * gradient - decay * *value);
        *value += *velocity;
        lost |= !in_range(*value);
    }
    !lost
}

/// The numbers of an update by Adam that are the same for all elements.
struct AdamStep {
    /// 1 / batch.
    mean: f32,
    /// ε / (1 − 0.9ᵗ).
    rate: f32,
    /// 1 / (1 − 0.999ᵗ).
    second_scale: f32,
    decay: f32,
}

fn adam(
    values: &mut [f32],
    gradient: &[f32],
    first: &mut [f32],
    second: &mut [f32],
    step: &AdamStep,
) -> bool {
    let mut lost = false;
    for ((value, &gradient), (first, second)) in
        values.iter_mut().zip(gradient).zip(first.iter_mut().zip(second))
    {
        let gradient = step.mean * gradient;
        *first = FIRST_DECAY * *first + (1.0 - FIRST_DECAY) * gradient;
        *second = SECOND_DECAY * *second + (1.0 - SECOND_DECAY) * (gradient * gradient);
        let root = (step.second_scale * *second).sqrt();
        *value += step.rate * *first / (root + SMALL) - step.decay * *value;
        lost |= !in_range(*value);
    }
    !lost
}

/// False for NaN too.
fn in_range(value: f32) -> bool {
    value.abs() <= LIMIT
}

fn slices(parameters: &Parameters) -> [&[f32]; 3] {
    let Parameters { weights, visible_bias, hidden_bias } = parameters;
    [weights.as_slice(), visible_bias.as_slice(), hidden_bias.as_slice()]
        .map(|slice| slice.expect("all parameters are in row-major order"))
}

fn slices_mut(parameters: &mut Parameters) -> [&mut [f32]; 3] {
    let Parameters { weights, visible_bias, hidden_bias } = parameters;
    [weights.as_slice_mut(), visible_bias.as_slice_mut(), hidden_bias.as_slice_mut()]
        .map(|slice| slice.expect("all parameters are in row-major order"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first step of Adam (D. P. Kingma and J. Ba, 2014) is ε g/(|g| + 10⁻⁸), the second from moments by hand.
    #[test]
    fn the_first_steps_of_adam() {
        let rate = 0.01f64;
        let (mut value, mut first, mut second) = ([1.0f32], [0.0f32], [0.0f32]);
        let mut expected = 1.0;
        let (mut m, mut v) = (0.0, 0.0);
        for (t, gradient) in [(1, 3.0f64), (2, -0.5)] {
            let step = AdamStep {
                mean: 0.5,
                rate: (rate / (1.0 - 0.9f64.powi(t))) as f32,
                second_scale: (1.0 / (1.0 - 0.999f64.powi(t))) as f32,
                decay: 0.0,
            };
            assert!(adam(&mut value, &[2.0 * gradient as f32], &mut first, &mut second, &step));
            m = 0.9 * m + 0.1 * gradient;
            v = 0.999 * v + 0.001 * gradient * gradient;
            expected += rate * (m / (1.0 - 0.9f64.powi(t))) / ((v / (1.0 - 0.999f64.powi(t))).sqrt() + 1e-8);
            assert!((f64::from(value[0]) - expected).abs() < 1e-6, "step {t}: {} {expected}", value[0]);
            assert!(t > 1 || (expected - 1.0 - rate).abs() < 1e-8);
        }
    }
}
