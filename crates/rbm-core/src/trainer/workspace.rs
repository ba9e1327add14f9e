//! The buffers of a training, made once.

use ndarray::Array2;
use numerics::bit_matrix::BitMatrix;
use numerics::bits::Bits;
use numerics::streams::stream;

use super::state::{Parameters, TrainState};
use super::training_set::{TrainingSet, shuffle};
use crate::block;
use crate::config::TrainConfig;
use crate::layer::values;

/// All that a batch needs; nothing is allocated between two batches.
///
/// The visible units and the hidden means of both sides stand below each other in one matrix, the chains' rows first, so
/// that ⟨v hᵀ⟩_data − ⟨v hᵀ⟩_model is a single matrix product.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The order in which the configurations are visited.
    order: Vec<u32>,
    /// The generators of the chains, one for each block of rows.
    pub(crate) bits: Vec<Bits>,
    /// Decides on exchanges between chains.
    pub(crate) exchange_bits: Bits,
    /// The most rows of the chains' part.
    most_chains: usize,
    /// Rows of chains in the present batch.
    pub(crate) chain_rows: usize,
    /// Rows of data in the present batch.
    pub(crate) data_rows: usize,
    /// [chains + batch, visible].
    pub(crate) visible: BitMatrix,
    /// Its transpose.
    pub(crate) transposed: BitMatrix,
    /// [chains + batch, hidden].
    pub(crate) hidden_mean: Array2<f32>,
    /// Where the chains are, [chains, hidden]; all levels of β, one after the other, if there are several.
    pub(crate) hidden: BitMatrix,
    /// Fields of the chains' visible units, [chains, visible].
    pub(crate) visible_field: Array2<f32>,
    /// The visible units of chains at all β, [levels × chains, visible].
    pub(crate) tempered_visible: BitMatrix,
    /// Their hidden fields at β = 1 and scaled, [levels × chains, hidden].
    pub(crate) tempered_field: Array2<f32>,
    pub(crate) scaled_field: Array2<f32>,
    /// The energy of each of them.
    pub(crate) energy: Vec<f64>,
    /// ⟨v hᵀ⟩_data − ⟨v hᵀ⟩_model and the same for the biases, times the number of configurations of the batch.
    pub(crate) gradient: Parameters,
}

impl Workspace {
    pub(crate) fn new(config: &TrainConfig, training_set: &TrainingSet) -> Self {
        let (visible, hidden) = (training_set.visible(), config.hidden);
        let batch = config.batch_size.min(training_set.len());
        let most_chains = config.chains_for(training_set.len());
        let tempered = if config.levels() > 1 { config.levels() * most_chains } else { 0 };
        let all = most_chains.max(tempered);
        Self {
            order: Vec::with_capacity(training_set.len()),
            bits: Vec::with_capacity(block::count(all)),
            exchange_bits: Bits::from_stream(&mut stream(config.seed, "train exchanges", &[0])),
            most_chains,
            chain_rows: 0,
            data_rows: 0,
            visible: BitMatrix::zeros(most_chains + batch, visible),
            transposed: BitMatrix::zeros(visible, most_chains + batch),
            hidden_mean: Array2::zeros((most_chains + batch, hidden)),
            hidden: BitMatrix::zeros(all, hidden),
            visible_field: Array2::zeros((all, visible)),
            tempered_visible: BitMatrix::zeros(tempered, visible),
            tempered_field: Array2::zeros((tempered, hidden)),
            scaled_field: Array2::zeros((tempered, hidden)),
            energy: vec![0.0; tempered],
            gradient: Parameters::zeros(visible, hidden),
        }
    }

    /// Draws the order of an epoch, makes its generators, and takes up the persistent chains. The generators start from
    /// the epoch's number alone.
    pub(crate) fn begin_epoch(&mut self, config: &TrainConfig, configurations: usize, state: &TrainState) {
        if let Some(persistent) = &state.persistent {
            self.hidden = BitMatrix::of_positive(persistent.view());
        }
        let epoch = u64::from(state.epoch) + 1;
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
        self.chain_rows = if config.algorithm.is_persistent() { self.most_chains } else { rows };
        set.load(&self.order[first..first + rows], &mut self.visible, self.chain_rows);
    }

    /// Stores the persistent chains at the end of an epoch.
    pub(crate) fn end_epoch(&self, config: &TrainConfig, state: &mut TrainState) {
        if let Some(persistent) = &mut state.persistent {
            self.hidden.unpack(values(config.units), persistent.view_mut());
        }
    }
}
