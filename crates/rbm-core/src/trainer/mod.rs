//! From configurations to a machine, epoch by epoch.

mod error;
mod gradient;
mod phases;
mod state;
mod tempering;
mod training_set;
mod update;
mod workspace;

pub use error::TrainError;
pub use state::{AdamMoments, Offsets, Parameters, TrainState, normal_pair};

use datasets::{Rbm, Spins};
use numerics::bit_matrix::BitMatrix;

use crate::config::TrainConfig;
use crate::layer::Layers;
use crate::monitor;
use training_set::TrainingSet;
use workspace::Workspace;

/// A training in progress.
///
/// The generators are derived from the seed, the epoch and the block of chains, so that [`TrainState`], taken between two
/// epochs, is all that is needed to continue: the result is the same, byte for byte.
///
/// ```
/// use datasets::Spins;
/// use ndarray::Array2;
/// use rbm_core::{TrainConfig, Trainer};
///
/// // 40 configurations of a 2 × 2 lattice, all up or all down.
/// let samples = Array2::from_shape_fn((40, 4), |(row, _)| if row % 2 == 0 { 1 } else { -1 });
/// let spins = Spins::from_samples("square:2".parse()?, vec![0.0], samples, vec![0; 40])?;
/// let config = TrainConfig { hidden: 2, epochs: 50, batch_size: 10, learning_rate: 0.1, ..Default::default() };
/// let mut trainer = Trainer::new(&config, &spins)?;
/// while !trainer.finished() {
///     trainer.advance()?;
/// }
/// let rbm = trainer.finish();
/// let history = &rbm.history["pseudo_log_likelihood_per_spin"];
/// assert!(history[0] < -0.6 && history[history.len() - 1] > -0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Trainer {
    config: TrainConfig,
    training_set: TrainingSet,
    state: TrainState,
    workspace: Workspace,
    /// The units of the configurations that the monitored quantities are averaged over.
    monitored: BitMatrix,
}

impl Trainer {
    /// A training at its beginning; the monitored quantities of epoch 0 are recorded.
    ///
    /// # Errors
    ///
    /// If a setting is impossible, or a temperature of the training set is not in the file or has no configurations.
    pub fn new(config: &TrainConfig, spins: &Spins) -> Result<Self, TrainError> {
        let training_set = TrainingSet::select(config, spins)?;
        let state = TrainState::initial(config, &training_set)?;
        let mut trainer = Self::assemble(config, training_set, state);
        trainer.record();
        Ok(trainer)
    }

    /// A training that goes on where `state` was taken. The config and the training set must be the same as then, except
    /// that the number of epochs may differ.
    ///
    /// # Errors
    ///
    /// As [`Trainer::new`], and if the state belongs to another config or training set or is damaged.
    pub fn resume(config: &TrainConfig, spins: &Spins, mut state: TrainState) -> Result<Self, TrainError> {
        let training_set = TrainingSet::select(config, spins)?;
        state.check(config, &training_set)?;
        state.config.epochs = config.epochs;
        // The end of a shorter training was recorded out of turn.
        if state.epoch < config.epochs && !state.epoch.is_multiple_of(config.monitor_every) {
            state.forget_record();
        }
        Ok(Self::assemble(config, training_set, state))
    }

    fn assemble(config: &TrainConfig, training_set: TrainingSet, state: TrainState) -> Self {
        let monitored = training_set.monitored(config);
        let workspace = Workspace::new(config, &training_set);
        Self { config: config.clone(), training_set, state, workspace, monitored }
    }

    /// One epoch: every configuration of the training set once, in a new random order.
    ///
    /// Does nothing if the training is finished.
    ///
    /// # Errors
    ///
    /// [`TrainError::Diverged`] if a parameter is no longer a sensible number. The state is then again that of the end of
    /// the last epoch.
    pub fn advance(&mut self) -> Result<(), TrainError> {
        if self.finished() {
            return Ok(());
        }
        let before = self.state.clone();
        let result = self.run_epoch();
        if result.is_err() {
            self.state = before;
        }
        result
    }

    fn run_epoch(&mut self) -> Result<(), TrainError> {
        let epoch = self.state.epoch + 1;
        let Self { config, training_set, state, workspace, .. } = self;
        workspace.begin_epoch(config, training_set.len(), state);
        let mut first = 0;
        while first < training_set.len() {
            let rows = config.batch_size.min(training_set.len() - first);
            workspace.load(config, training_set, first, rows);
            first += rows;
            let layers = layers(&state.parameters, config);
            phases::run(config, &layers, workspace, state.updates);
            gradient::compute(config, workspace, state.offsets.as_mut());
            let sensible = update::apply(config, workspace, state, rows);
            state.updates += 1;
            if !sensible {
                return Err(TrainError::Diverged {
                    epoch,
                    update: state.updates,
                    max_abs_weight: monitor::max_abs(state.parameters.weights.view()),
                    learning_rate: config.learning_rate,
                });
            }
        }
        workspace.end_epoch(config, state);
        state.epoch = epoch;
        if epoch.is_multiple_of(config.monitor_every) || epoch == config.epochs {
            self.record();
        }
        Ok(())
    }

    fn record(&mut self) {
        let layers = layers(&self.state.parameters, &self.config);
        let quantities = monitor::measure(&layers, &self.monitored, self.training_set.lattice());
        self.state.history_epoch.push(self.state.epoch);
        for (name, value) in quantities {
            self.state.history.entry(name.to_owned()).or_default().push(value);
        }
    }

    /// The number of epochs done.
    pub fn epoch(&self) -> u32 {
        self.state.epoch
    }

    /// Whether all epochs are done.
    pub fn finished(&self) -> bool {
        self.state.epoch >= self.config.epochs
    }

    /// All that is needed to continue with [`Trainer::resume`].
    pub fn state(&self) -> TrainState {
        self.state.clone()
    }

    /// The machine as it is now.
    pub fn finish(self) -> Rbm {
        let Parameters { weights, visible_bias, hidden_bias } = self.state.parameters;
        Rbm {
            units: self.config.units,
            weights,
            visible_bias,
            hidden_bias,
            training_temperatures: self.training_set.temperatures().to_vec(),
            updates: self.state.updates,
            history_epoch: self.state.history_epoch,
            history: self.state.history,
        }
    }
}

fn layers<'a>(parameters: &'a Parameters, config: &TrainConfig) -> Layers<'a> {
    Layers {
        units: config.units,
        weights: parameters.weights.view(),
        transposed: parameters.weights.t(),
        visible_bias: config.biases.then(|| parameters.visible_bias.view()),
        hidden_bias: config.biases.then(|| parameters.hidden_bias.view()),
    }
}
