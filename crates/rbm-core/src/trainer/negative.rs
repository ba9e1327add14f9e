//! The model's side of the gradient: chains.

use ndarray::Array2;
use numerics::bits::Bits;

use super::workspace::{Chains, Workspace, flat, flat_block};
use crate::block;
use crate::config::{Algorithm, TrainConfig};
use crate::layer::{Layers, fields_to_means, sample_fields, sample_means};

/// Runs the chains of one update and leaves their visible units and hidden means in the workspace.
///
/// CD draws the chains' first hidden units from the data's hidden means; persistent chains go on from their own. Then k
/// times: v given h, the means of h given v, and (except after the last v of CD) h.
pub(crate) fn sample_chains(
    config: &TrainConfig,
    layers: &Layers,
    workspace: &mut Workspace,
    persistent: Option<&mut Array2<f32>>,
    rows: usize,
    bits: &mut [Bits],
) {
    let mut chains = workspace.chains();
    let count = chains.hidden.nrows();
    if let Some(persistent) = &persistent {
        chains.hidden.assign(persistent);
    } else {
        let columns = chains.data_mean.ncols();
        let Chains { data_mean, hidden, .. } = &mut chains;
        let means = &flat(data_mean)[..rows * columns];
        for (block, bits) in bits.iter_mut().enumerate().take(block::count(count)) {
            let range = block::range(count, block);
            let means = &means[range.start * columns..range.end * columns];
            sample_means(layers.units, means, bits, flat_block(hidden, block));
        }
    }
    for step in 1..=config.gibbs_steps {
        let Chains { visible, hidden_mean, hidden, visible_field, .. } = &mut chains;
        layers.visible_fields(hidden.view(), visible_field.view_mut());
        for (block, bits) in bits.iter_mut().enumerate().take(block::count(count)) {
            let (fields, out) = (flat_block(visible_field, block), flat_block(visible, block));
            sample_fields(layers.units, fields, bits, out);
        }
        layers.hidden_fields(visible.view(), hidden_mean.view_mut());
        fields_to_means(layers.units, flat(hidden_mean));
        if step < config.gibbs_steps || config.algorithm == Algorithm::Pcd {
            for (block, bits) in bits.iter_mut().enumerate().take(block::count(count)) {
                sample_means(layers.units, flat_block(hidden_mean, block), bits, flat_block(hidden, block));
            }
        }
    }
    if let Some(persistent) = persistent {
        persistent.assign(&chains.hidden);
    }
}
