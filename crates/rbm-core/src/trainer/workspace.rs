//! The buffers of a training, made once.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, s};
use numerics::bits::Bits;
use numerics::streams::stream;

use super::state::{Parameters, chains};
use super::training_set::{TrainingSet, shuffle};
use crate::block;
use crate::config::{Algorithm, TrainConfig};

/// All that a batch needs; nothing is allocated between two batches.
///
/// The visible units and the hidden means of both sides stand below each other in one matrix, the chains' rows first, so
/// that ⟨v hᵀ⟩_data − ⟨v hᵀ⟩_model is a single matrix product.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The order in which the configurations are visited.
    order: Vec<u32>,
    /// The present batch as it is kept in the training set.
    batch_bits: Vec<u64>,
    /// The generators of the chains, one for each block of rows.
    pub(crate) bits: Vec<Bits>,
    /// Decides on exchanges between chains.
    pub(crate) exchange_bits: Bits,
    /// The most rows of the chains' part.
    most_chains: usize,
    /// Rows of chains in the present batch.
    chain_rows: usize,
    /// Rows of data in the present batch.
    data_rows: usize,
    /// [chains + batch, visible].
    visible: Array2<f32>,
    /// [chains + batch, hidden].
    hidden_mean: Array2<f32>,
    /// Fields of hidden units, [max(chains, batch), hidden].
    hidden_field: Array2<f32>,
    /// The chains' hidden units if they are not persistent, [batch, hidden].
    hidden: Array2<f32>,
    /// The visible units of chains at all β, [levels × chains, visible].
    pub(crate) tempered_visible: Array2<f32>,
    /// Their hidden fields at β = 1, [levels × chains, hidden].
    pub(crate) tempered_field: Array2<f32>,
    /// The energy of each of them.
    pub(crate) energy: Vec<f64>,
    /// ⟨v hᵀ⟩_data − ⟨v hᵀ⟩_model and the same for the biases, times the number of configurations of the batch.
    pub(crate) gradient: Parameters,
}

impl Workspace {
    pub(crate) fn new(config: &TrainConfig, training_set: &TrainingSet) -> Self {
        let (visible, hidden) = (training_set.visible(), config.hidden);
        let batch = config.batch_size.min(training_set.len());
        let most_chains = chains(config, training_set);
        let (own, tempered) = match config.algorithm {
            Algorithm::Cd => (batch, 0),
            Algorithm::Pcd => (0, 0),
            Algorithm::ParallelTempering => (0, config.tempering_levels * most_chains),
        };
        Self {
            order: Vec::with_capacity(training_set.len()),
            batch_bits: Vec::with_capacity(batch * visible.div_ceil(64)),
            bits: Vec::with_capacity(block::count(most_chains.max(tempered))),
            exchange_bits: Bits::from_stream(&mut stream(config.seed, "train exchanges", &[0])),
            most_chains,
            chain_rows: 0,
            data_rows: 0,
            visible: Array2::zeros((most_chains + batch, visible)),
            hidden_mean: Array2::zeros((most_chains + batch, hidden)),
            hidden_field: Array2::zeros((most_chains.max(batch), hidden)),
            hidden: Array2::zeros((own, hidden)),
            tempered_visible: Array2::zeros((tempered, visible)),
            tempered_field: Array2::zeros((tempered, hidden)),
            energy: vec![0.0; tempered],
            gradient: Parameters::zeros(visible, hidden),
        }
    }

    /// Draws the order of an epoch and makes its generators. All start from the epoch's number alone.
    pub(crate) fn begin_epoch(&mut self, config: &TrainConfig, configurations: usize, epoch: u32) {
        let epoch = u64::from(epoch);
        let mut bits = Bits::from_stream(&mut stream(config.seed, "train order", &[epoch]));
        self.order.clear();
        self.order.extend(0..configurations as u32);
        shuffle(&mut self.order, &mut bits);
        let blocks = block::count(self.most_chains.max(self.energy.len()));
        self.bits.clear();
        self.bits.extend(
            (0..blocks as u64)
                .map(|block| Bits::from_stream(&mut stream(config.seed, "train chains", &[epoch, block]))),
        );
        self.exchange_bits = Bits::from_stream(&mut stream(config.seed, "train exchanges", &[epoch]));
    }

    /// Puts `rows` configurations of the order, from number `first` on, into the data's part.
    pub(crate) fn load(&mut self, config: &TrainConfig, set: &TrainingSet, first: usize, rows: usize) {
        self.data_rows = rows;
        self.chain_rows = match config.algorithm {
            Algorithm::Cd => rows,
            Algorithm::Pcd | Algorithm::ParallelTempering => self.most_chains,
        };
        let data = s![self.chain_rows..self.chain_rows + rows, ..];
        set.load(&self.order[first..first + rows], &mut self.batch_bits, self.visible.slice_mut(data));
    }

    /// The parts of the present batch.
    pub(crate) fn parts(&mut self) -> Parts<'_> {
        let (chains, data) = (self.chain_rows, self.data_rows);
        let (chain_visible, rest) = self.visible.view_mut().split_at(ndarray::Axis(0), chains);
        let data_visible = rest.slice_move(s![..data, ..]);
        let (chain_mean, rest) = self.hidden_mean.view_mut().split_at(ndarray::Axis(0), chains);
        let data_mean = rest.slice_move(s![..data, ..]);
        let own = self.hidden.nrows().min(chains);
        Parts {
            data_visible,
            data_mean,
            chain_visible,
            chain_mean,
            hidden_field: self.hidden_field.view_mut(),
            hidden: self.hidden.slice_mut(s![..own, ..]),
            bits: &mut self.bits,
        }
    }

    /// The visible units and hidden means of chains and data below each other, the number of rows that are chains, and
    /// where the gradient belongs.
    pub(crate) fn both_sides(
        &mut self,
    ) -> (ArrayView2<'_, f32>, ArrayViewMut2<'_, f32>, usize, &mut Parameters) {
        let all = s![..self.chain_rows + self.data_rows, ..];
        let (visible, hidden_mean) = (self.visible.slice(all), self.hidden_mean.slice_mut(all));
        (visible, hidden_mean, self.chain_rows, &mut self.gradient)
    }
}

/// The parts of a [`Workspace`] in a batch.
pub(crate) struct Parts<'a> {
    /// [batch, visible].
    pub(crate) data_visible: ArrayViewMut2<'a, f32>,
    /// [batch, hidden].
    pub(crate) data_mean: ArrayViewMut2<'a, f32>,
    /// [chains, visible].
    pub(crate) chain_visible: ArrayViewMut2<'a, f32>,
    /// [chains, hidden].
    pub(crate) chain_mean: ArrayViewMut2<'a, f32>,
    /// At least as many rows as each side has, [rows, hidden].
    pub(crate) hidden_field: ArrayViewMut2<'a, f32>,
    /// [chains, hidden]; empty if the chains are persistent.
    pub(crate) hidden: ArrayViewMut2<'a, f32>,
    /// One for each block of rows.
    pub(crate) bits: &'a mut [Bits],
}
