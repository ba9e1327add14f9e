//! The two sides of the gradient: hidden means of the data, and chains of the model.

use ndarray::s;

use super::workspace::Workspace;
use crate::config::{Algorithm, TrainConfig};
use crate::layer::{Fields, Layers, draw, fields_to_means};

/// Leaves the data's hidden means and the chains' visible units and hidden means in the workspace.
///
/// CD draws the chains' first hidden units from the data's hidden means; persistent chains go on from their own. Then k
/// times: v given h, the means of h given v, and h itself where it is still needed.
pub(crate) fn run(config: &TrainConfig, layers: &Layers, workspace: &mut Workspace, update: u64) {
    let Workspace { visible, hidden, hidden_mean, bits, chain_rows, data_rows, .. } = workspace;
    let all = *chain_rows + *data_rows;
    let mut data_mean = hidden_mean.slice_mut(s![*chain_rows..all, ..]);
    layers.hidden_fields(visible.range(*chain_rows, all), data_mean.view_mut());
    if config.algorithm.is_persistent() {
        fields_to_means(layers.units, data_mean);
    } else {
        draw(layers.units, Fields::BecomeMeans, data_mean, bits, hidden);
    }
    match config.algorithm {
        Algorithm::Cd | Algorithm::Pcd => chains(config, layers, workspace),
        Algorithm::ParallelTempering => super::tempering::run(config, layers, workspace, update),
    }
}

/// The chains, in a row each.
fn chains(config: &TrainConfig, layers: &Layers, workspace: &mut Workspace) {
    let Workspace { visible, visible_field, hidden, hidden_mean, bits, chain_rows: rows, .. } = workspace;
    let rows = *rows;
    let mut mean = hidden_mean.slice_mut(s![..rows, ..]);
    let mut field = visible_field.slice_mut(s![..rows, ..]);
    for step in 1..=config.gibbs_steps {
        layers.visible_fields(hidden.range(0, rows), field.view_mut());
        draw(layers.units, Fields::Keep, field.view_mut(), bits, visible);
        layers.hidden_fields(visible.range(0, rows), mean.view_mut());
        let last = step == config.gibbs_steps;
        match config.algorithm.is_persistent() {
            false if last => fields_to_means(layers.units, mean.view_mut()),
            true if last => draw(layers.units, Fields::BecomeMeans, mean.view_mut(), bits, hidden),
            _ => draw(layers.units, Fields::Keep, mean.view_mut(), bits, hidden),
        }
    }
}
