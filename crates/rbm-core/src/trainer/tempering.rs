//! Persistent chains at several temperatures of the model that exchange their states (Desjardins et al., AISTATS 2010).
//!
//! Level l has the energies β_l E with β evenly spaced from 1 to 0; at β = 0 every state is as probable as any other,
//! so that chains cannot stay in one mode for ever. After each Gibbs step neighbouring levels, alternately even and odd
//! pairs, exchange their states with probability min(1, exp((β_l − β_{l+1}) (E_l − E_{l+1}))).

use ndarray::{Array2, Axis, s};
use numerics::bit_matrix::BitMatrix;
use numerics::bits::unit_f64;

use super::workspace::Workspace;
use crate::config::TrainConfig;
use crate::elementary::exp;
use crate::layer::{Fields, Layers, draw, fields_to_means, values};

/// Runs the chains of one update.
pub(crate) fn run(config: &TrainConfig, layers: &Layers, workspace: &mut Workspace, update: u64) {
    let levels = config.tempering_levels;
    let Workspace {
        hidden,
        tempered_visible: visible,
        visible_field,
        tempered_field: field,
        scaled_field,
        bits,
        energy,
        exchange_bits,
        ..
    } = &mut *workspace;
    let chains = hidden.rows() / levels;
    let beta = |level: usize| 1.0 - level as f64 / (levels - 1) as f64;
    let beta_of_row = |row: usize| beta(row / chains) as f32;
    for step in 0..u64::from(config.gibbs_steps) {
        layers.visible_fields(hidden.view(), visible_field.view_mut());
        scale_rows(visible_field, beta_of_row);
        draw(layers.units, Fields::Keep, visible_field.view_mut(), bits, visible);
        layers.hidden_fields(visible.view(), field.view_mut());
        scaled_field.assign(field);
        scale_rows(scaled_field, beta_of_row);
        draw(layers.units, Fields::Keep, scaled_field.view_mut(), bits, hidden);
        energies(layers, visible, field, hidden, energy);
        let parity = ((update + step) % 2) as usize;
        for level in (parity..levels - 1).step_by(2) {
            let difference = beta(level) - beta(level + 1);
            for chain in 0..chains {
                let (here, there) = (level * chains + chain, (level + 1) * chains + chain);
                // Always drawn, so that what the generator gives does not depend on the states.
                let draw = unit_f64(exchange_bits.next());
                if draw < exp(difference * (energy[here] - energy[there])) {
                    hidden.swap_rows(here, there);
                    visible.swap_rows(here, there);
                    swap_rows(field, here, there);
                }
            }
        }
    }
    for chain in 0..chains {
        workspace.visible.row_mut(chain).copy_from_slice(workspace.tempered_visible.row(chain));
    }
    let mut mean = workspace.hidden_mean.slice_mut(s![..chains, ..]);
    mean.assign(&workspace.tempered_field.slice(s![..chains, ..]));
    fields_to_means(layers.units, mean);
}

/// Multiplies each row by its β.
fn scale_rows(rows: &mut Array2<f32>, beta: impl Fn(usize) -> f32) {
    for (row, mut values) in rows.rows_mut().into_iter().enumerate() {
        values *= beta(row);
    }
}

/// E of each row at β = 1: −h·(vW + c) − b·v.
fn energies(
    layers: &Layers,
    visible: &BitMatrix,
    field: &Array2<f32>,
    hidden: &BitMatrix,
    energy: &mut [f64],
) {
    let values = values(layers.units);
    for (row, energy) in energy.iter_mut().enumerate() {
        let products = field.row(row).into_iter().enumerate();
        let products = products.map(|(a, &x)| f64::from(x) * f64::from(values.of(hidden.get(row, a))));
        *energy = -products.sum::<f64>();
        if let Some(bias) = layers.visible_bias {
            let products = bias.iter().enumerate();
            let products = products.map(|(i, &b)| f64::from(b) * f64::from(values.of(visible.get(row, i))));
            *energy -= products.sum::<f64>();
        }
    }
}

fn swap_rows(matrix: &mut Array2<f32>, first: usize, second: usize) {
    let (mut upper, mut lower) = matrix.view_mut().split_at(Axis(0), second);
    ndarray::Zip::from(upper.row_mut(first)).and(lower.row_mut(0)).for_each(std::mem::swap);
}
