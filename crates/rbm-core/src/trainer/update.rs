//! From gradients to new parameters.

use super::state::{Parameters, TrainState};
use super::workspace::Workspace;
use crate::config::TrainConfig;

/// A weight or bias beyond this has lost all meaning: training has diverged long before it overflows.
pub(crate) const LIMIT: f32 = 1e4;

/// Changes the parameters by the workspace's gradient, which is a sum over `rows` configurations. Says whether all
/// parameters are still sensible.
pub(crate) fn apply(
    config: &TrainConfig,
    workspace: &Workspace,
    state: &mut TrainState,
    rows: usize,
) -> bool {
    let scale = config.learning_rate / rows as f32;
    let decay = config.learning_rate * config.weight_decay;
    let Parameters { weights, visible_bias, hidden_bias } = &mut state.parameters;
    let gradient = &workspace.gradient;
    let mut parts = [
        (weights.as_slice_mut(), gradient.weights.as_slice(), decay),
        (visible_bias.as_slice_mut(), gradient.visible_bias.as_slice(), 0.0),
        (hidden_bias.as_slice_mut(), gradient.hidden_bias.as_slice(), 0.0),
    ];
    let mut velocities = match &mut state.velocity {
        Some(velocity) => [
            velocity.weights.as_slice_mut(),
            velocity.visible_bias.as_slice_mut(),
            velocity.hidden_bias.as_slice_mut(),
        ],
        None => [None, None, None],
    };
    let used = if config.biases { 3 } else { 1 };
    let mut sensible = true;
    for ((values, gradient, decay), velocity) in parts.iter_mut().zip(&mut velocities).take(used) {
        let (Some(values), Some(gradient)) = (values, gradient) else {
            unreachable!("parameters and gradients are in row-major order")
        };
        sensible &= match velocity {
            Some(velocity) => with_momentum(values, gradient, velocity, scale, *decay, config.momentum),
            None => plain(values, gradient, scale, *decay),
        };
    }
    sensible
}

fn plain(values: &mut [f32], gradient: &[f32], scale: f32, decay: f32) -> bool {
    let mut lost = false;
    for (value, &gradient) in values.iter_mut().zip(gradient) {
        *value += scale * gradient - decay * *value;
        lost |= !in_range(*value);
    }
    !lost
}

fn with_momentum(
    values: &mut [f32],
    gradient: &[f32],
    velocity: &mut [f32],
    scale: f32,
    decay: f32,
    momentum: f32,
) -> bool {
    let mut lost = false;
    for ((value, &gradient), velocity) in values.iter_mut().zip(gradient).zip(velocity) {
        *velocity = momentum * *velocity + (scale * gradient - decay * *value);
        *value += *velocity;
        lost |= !in_range(*value);
    }
    !lost
}

/// False for NaN too.
fn in_range(value: f32) -> bool {
    value.abs() <= LIMIT
}
