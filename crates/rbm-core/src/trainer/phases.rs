//! The two sides of the gradient: hidden means of the data, and chains of the model.

use ndarray::{Array2, ArrayViewMut2, s};

use super::workspace::{Parts, Workspace};
use crate::config::{Algorithm, TrainConfig};
use crate::layer::{Layers, fields_to_means, fields_to_means_and_units, fields_to_units};

/// Leaves the data's hidden means and the chains' visible units and hidden means in the workspace.
///
/// CD draws the chains' first hidden units from the data's hidden means; persistent chains go on from their own. Then k
/// times: v given h, the means of h given v, and h itself where it is still needed.
pub(crate) fn run(
    config: &TrainConfig,
    layers: &Layers,
    workspace: &mut Workspace,
    persistent: Option<&mut Array2<f32>>,
    update: u64,
) {
    let Parts { data_visible, mut data_mean, mut hidden_field, hidden, bits, .. } = workspace.parts();
    match persistent {
        None => {
            let mut field = hidden_field.slice_mut(s![..data_visible.nrows(), ..]);
            layers.hidden_fields(data_visible.view(), field.view_mut());
            fields_to_means_and_units(layers.units, field.view(), bits, data_mean, hidden);
            let Parts { chain_visible, chain_mean, hidden_field, hidden, bits, .. } = workspace.parts();
            let chains = Chains { visible: chain_visible, mean: chain_mean, field: hidden_field, hidden };
            chains.run(config, layers, bits);
        }
        Some(persistent) => {
            layers.hidden_fields(data_visible.view(), data_mean.view_mut());
            fields_to_means(layers.units, data_mean);
            if config.algorithm == Algorithm::ParallelTempering {
                super::tempering::run(config, layers, workspace, persistent, update);
            } else {
                let Parts { chain_visible, chain_mean, hidden_field, bits, .. } = workspace.parts();
                let hidden = persistent.view_mut();
                let chains = Chains { visible: chain_visible, mean: chain_mean, field: hidden_field, hidden };
                chains.run(config, layers, bits);
            }
        }
    }
}

/// Chains in a row each.
struct Chains<'a> {
    /// [chains, visible].
    visible: ArrayViewMut2<'a, f32>,
    /// [chains, hidden].
    mean: ArrayViewMut2<'a, f32>,
    /// [chains or more, hidden].
    field: ArrayViewMut2<'a, f32>,
    /// Where the chains are, [chains, hidden].
    hidden: ArrayViewMut2<'a, f32>,
}

impl Chains<'_> {
    fn run(mut self, config: &TrainConfig, layers: &Layers, bits: &mut [numerics::bits::Bits]) {
        for step in 1..=config.gibbs_steps {
            layers.visible_fields(self.hidden.view(), self.visible.view_mut());
            fields_to_units(layers.units, self.visible.view_mut(), bits);
            if step == config.gibbs_steps && config.algorithm == Algorithm::Cd {
                layers.hidden_fields(self.visible.view(), self.mean.view_mut());
                fields_to_means(layers.units, self.mean.view_mut());
            } else {
                let mut field = self.field.slice_mut(s![..self.visible.nrows(), ..]);
                layers.hidden_fields(self.visible.view(), field.view_mut());
                let (mean, hidden) = (self.mean.view_mut(), self.hidden.view_mut());
                fields_to_means_and_units(layers.units, field.view(), bits, mean, hidden);
            }
        }
    }
}
