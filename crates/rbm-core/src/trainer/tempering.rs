//! Persistent chains at several temperatures of the model that exchange their states (Desjardins et al., AISTATS 2010).
//!
//! Level l has the energies β_l E with β evenly spaced from 1 to 0; at β = 0 every state is as probable as any other, so
//! that chains cannot stay in one mode for ever. After each Gibbs step neighbouring levels, alternately even and odd pairs, exchange
//! their states with probability min(1, exp((β_l − β_{l+1}) (E_l − E_{l+1}))).

use ndarray::{Array2, ArrayView2, Axis, s};
use numerics::bits::unit_f64;

use super::workspace::{Parts, Workspace};
use crate::config::TrainConfig;
use crate::elementary::exp;
use crate::layer::{Layers, fields_to_means, fields_to_units};

/// Runs the chains of one update. `hidden` holds them, [levels × chains, hidden], level by level from β = 1.
pub(crate) fn run(
    config: &TrainConfig,
    layers: &Layers,
    workspace: &mut Workspace,
    hidden: &mut Array2<f32>,
    update: u64,
) {
    let levels = config.tempering_levels;
    let chains = hidden.nrows() / levels;
    let beta = |level: usize| 1.0 - level as f64 / (levels - 1) as f64;
    for step in 0..u64::from(config.gibbs_steps) {
        let Workspace {
            tempered_visible: visible, tempered_field: field, bits, energy, exchange_bits, ..
        } = &mut *workspace;
        layers.visible_fields(hidden.view(), visible.view_mut());
        scale_levels(visible, chains, beta);
        fields_to_units(layers.units, visible.view_mut(), bits);
        layers.hidden_fields(visible.view(), field.view_mut());
        hidden.assign(field);
        scale_levels(hidden, chains, beta);
        fields_to_units(layers.units, hidden.view_mut(), bits);
        energies(layers, visible.view(), field.view(), hidden.view(), energy);
        let parity = ((update + step) % 2) as usize;
        for level in (parity..levels - 1).step_by(2) {
            let difference = beta(level) - beta(level + 1);
            for chain in 0..chains {
                let (here, there) = (level * chains + chain, (level + 1) * chains + chain);
                // Always drawn, so that what the generator gives does not depend on the states.
                let draw = unit_f64(exchange_bits.next());
                if draw < exp(difference * (energy[here] - energy[there])) {
                    swap_rows(hidden, here, there);
                    swap_rows(visible, here, there);
                    swap_rows(field, here, there);
                }
            }
        }
    }
    let (visible, field) = (&workspace.tempered_visible, &workspace.tempered_field);
    let first = s![..chains, ..];
    let (visible, field) = (visible.slice(first).to_owned(), field.slice(first).to_owned());
    let Parts { mut chain_visible, mut chain_mean, .. } = workspace.parts();
    chain_visible.assign(&visible);
    chain_mean.assign(&field);
    fields_to_means(layers.units, chain_mean);
}

/// Multiplies the rows of each level by its β.
fn scale_levels(rows: &mut Array2<f32>, chains: usize, beta: impl Fn(usize) -> f64) {
    for (level, mut rows) in rows.axis_chunks_iter_mut(Axis(0), chains).enumerate() {
        rows *= beta(level) as f32;
    }
}

/// E of each row at β = 1: −h·(vW + c) − b·v.
fn energies(
    layers: &Layers,
    visible: ArrayView2<f32>,
    field: ArrayView2<f32>,
    hidden: ArrayView2<f32>,
    energy: &mut [f64],
) {
    for (row, energy) in energy.iter_mut().enumerate() {
        let products = field.row(row).into_iter().zip(hidden.row(row));
        *energy = -products.map(|(&x, &h)| f64::from(x) * f64::from(h)).sum::<f64>();
        if let Some(bias) = layers.visible_bias {
            let products = bias.iter().zip(visible.row(row));
            *energy -= products.map(|(&b, &v)| f64::from(b) * f64::from(v)).sum::<f64>();
        }
    }
}

fn swap_rows(matrix: &mut Array2<f32>, first: usize, second: usize) {
    let (mut upper, mut lower) = matrix.view_mut().split_at(Axis(0), second);
    ndarray::Zip::from(upper.row_mut(first)).and(lower.row_mut(0)).for_each(std::mem::swap);
}
