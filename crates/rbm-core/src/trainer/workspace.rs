//! The buffers of a training, made once, and the data's side of the gradient.

use ndarray::{Array2, ArrayViewMut2, s};
use numerics::bits::Bits;
use numerics::product;
use numerics::streams::stream;

use super::state::{Parameters, chains};
use super::training_set::{TrainingSet, shuffle};
use crate::block;
use crate::config::{Algorithm, TrainConfig};
use crate::layer::{Layers, fields_to_means, spins_to_units};

/// All that a batch needs; nothing is allocated between two batches.
///
/// The visible units and the hidden means of both sides stand below each other in one matrix, the chains' rows first, so
/// that ⟨v hᵀ⟩_data − ⟨v hᵀ⟩_model is a single matrix product.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The order in which the configurations are visited.
    order: Vec<u32>,
    /// The most rows of the chains' part.
    most_chains: usize,
    /// Rows of chains in the present batch.
    pub(crate) chain_rows: usize,
    /// [chains + batch, visible].
    visible: Array2<f32>,
    /// [chains + batch, hidden].
    hidden_mean: Array2<f32>,
    /// The chains' sampled hidden units, [chains, hidden].
    pub(crate) hidden: Array2<f32>,
    /// The fields of the chains' visible units, [chains, visible].
    pub(crate) visible_field: Array2<f32>,
    /// ⟨v hᵀ⟩_data − ⟨v hᵀ⟩_model and the same for the biases, times the number of configurations of the batch.
    pub(crate) gradient: Parameters,
}

impl Workspace {
    pub(crate) fn new(config: &TrainConfig, training_set: &TrainingSet) -> Self {
        let (visible, hidden) = (training_set.visible(), config.hidden);
        let batch = config.batch_size.min(training_set.len());
        let most_chains = chains(config, training_set);
        Self {
            order: Vec::with_capacity(training_set.len()),
            most_chains,
            chain_rows: most_chains,
            visible: Array2::zeros((most_chains + batch, visible)),
            hidden_mean: Array2::zeros((most_chains + batch, hidden)),
            hidden: Array2::zeros((most_chains, hidden)),
            visible_field: Array2::zeros((most_chains, visible)),
            gradient: Parameters::zeros(visible, hidden),
        }
    }

    pub(crate) fn most_chains(&self) -> usize {
        self.most_chains
    }

    /// Draws the order of an epoch. It starts from file order, so that it depends on the epoch's number alone.
    pub(crate) fn shuffle(&mut self, config: &TrainConfig, configurations: usize, epoch: u32) {
        let mut bits = Bits::from_stream(&mut stream(config.seed, "train order", &[epoch.into()]));
        self.order.clear();
        self.order.extend(0..configurations as u32);
        shuffle(&mut self.order, &mut bits);
    }

    /// Puts `rows` configurations of the order, from number `first` on, into the data's part.
    pub(crate) fn load(&mut self, config: &TrainConfig, set: &TrainingSet, first: usize, rows: usize) {
        self.chain_rows = match config.algorithm {
            Algorithm::Cd => rows,
            Algorithm::Pcd => self.most_chains,
        };
        let start = self.chain_rows;
        for (row, &configuration) in self.order[first..first + rows].iter().enumerate() {
            let mut units = self.visible.row_mut(start + row);
            let units = units.as_slice_mut().expect("rows of a row-major matrix are contiguous");
            spins_to_units(config.units, set.row(configuration as usize), units);
        }
    }

    /// The hidden means of the data.
    pub(crate) fn positive_phase(&mut self, layers: &Layers, rows: usize) {
        let data = s![self.chain_rows..self.chain_rows + rows, ..];
        let mut means = self.hidden_mean.slice_mut(data);
        layers.hidden_fields(self.visible.slice(data), means.view_mut());
        fields_to_means(layers.units, flat(&mut means));
    }

    /// The chains' parts: visible units and hidden means.
    pub(crate) fn chains(&mut self) -> Chains<'_> {
        let rows = self.chain_rows;
        let (hidden_mean, data_mean) = self.hidden_mean.view_mut().split_at(ndarray::Axis(0), rows);
        Chains {
            visible: self.visible.slice_mut(s![..rows, ..]),
            hidden_mean,
            data_mean,
            hidden: self.hidden.slice_mut(s![..rows, ..]),
            visible_field: self.visible_field.slice_mut(s![..rows, ..]),
        }
    }

    /// The gradient from both sides, `rows` being the number of configurations in the batch.
    pub(crate) fn gradient(&mut self, config: &TrainConfig, rows: usize) {
        let chain_rows = self.chain_rows;
        let weight = -(rows as f32) / chain_rows as f32;
        for mean in flat(&mut self.hidden_mean.slice_mut(s![..chain_rows, ..])) {
            *mean *= weight;
        }
        let all = s![..chain_rows + rows, ..];
        let (visible, hidden_mean) = (self.visible.slice(all), self.hidden_mean.slice(all));
        product::multiply(visible.t(), hidden_mean, self.gradient.weights.view_mut());
        if config.biases {
            let gradient = &mut self.gradient;
            gradient.visible_bias.fill(0.0);
            gradient.hidden_bias.fill(0.0);
            for (row, (visible, hidden_mean)) in
                visible.rows().into_iter().zip(hidden_mean.rows()).enumerate()
            {
                let weight = if row < chain_rows { weight } else { 1.0 };
                gradient.visible_bias.zip_mut_with(&visible, |sum, &v| *sum += weight * v);
                gradient.hidden_bias += &hidden_mean;
            }
        }
    }
}

/// The chains' part of a [`Workspace`], all [chains, units of the layer].
pub(crate) struct Chains<'a> {
    pub(crate) visible: ArrayViewMut2<'a, f32>,
    pub(crate) hidden_mean: ArrayViewMut2<'a, f32>,
    /// The data's hidden means, [batch or more, hidden].
    pub(crate) data_mean: ArrayViewMut2<'a, f32>,
    pub(crate) hidden: ArrayViewMut2<'a, f32>,
    pub(crate) visible_field: ArrayViewMut2<'a, f32>,
}

/// All elements of some rows of a row-major matrix.
pub(crate) fn flat<'a>(rows: &'a mut ArrayViewMut2<f32>) -> &'a mut [f32] {
    rows.as_slice_mut().expect("rows of a row-major matrix are contiguous")
}

/// The elements of block number `block` of such rows.
pub(crate) fn flat_block<'a>(rows: &'a mut ArrayViewMut2<f32>, block: usize) -> &'a mut [f32] {
    let columns = rows.ncols();
    let range = block::range(rows.nrows(), block);
    &mut flat(rows)[range.start * columns..range.end * columns]
}
