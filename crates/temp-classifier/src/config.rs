//! The settings of a network thermometer.

use serde::{Deserialize, Serialize};

/// How a network thermometer is built and trained.
///
/// ```
/// use temp_classifier::ThermometerConfig;
/// let config = ThermometerConfig { hidden: vec![100], ..ThermometerConfig::default() };
/// assert!(config.check().is_ok());
/// let config = ThermometerConfig { hidden: vec![], ..config };
/// assert_eq!(config.check().unwrap_err().to_string(), "hidden is empty: give at least one layer, such as [64]");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ThermometerConfig {
    /// The number of tanh units in each hidden layer, input side first. Default `[64]`, the paper's kind of network: it
    /// comes within a few hundredths of a nat of the optimum on the 10 × 10 lattice. More units come closer at
    /// proportional cost: 100 leave two thirds of the excess. A second layer lets the network form the energy, which is
    /// quadratic in the spins, more easily: `[64, 16]` leaves little more than 100 units in one layer do, for the price
    /// of 64.
    pub hidden: Vec<usize>,
    /// Passes over the training data at most. Default 120. The learning rate falls to zero over this number, so that
    /// fewer epochs give a worse network, not an unfinished one.
    pub epochs: u32,
    /// Configurations per update. Default 100. Smaller batches need a smaller learning rate and more time.
    pub batch_size: usize,
    /// The step size of Adam at the start; it falls linearly to zero at the last update. Default 0.003. When in doubt
    /// halve it: too large shows as a validation cross entropy that jumps.
    pub learning_rate: f32,
    /// Whether each configuration is replaced by a random symmetric image (translation, rotation or reflection of the
    /// torus, global flip) whenever it is used for training. Default true: the images are as probable as the original,
    /// and without them the network learns the training set by heart. Turning it off is for comparison only.
    /// Classes that are no temperatures have no such images, and then there are none.
    pub augment: bool,
    /// The fraction of each temperature's training configurations that is put aside to choose the best epoch. Default
    /// 0.1. Less is noisy, more is lost for training.
    pub validation_fraction: f64,
    /// Training stops after this number of epochs without a better validation cross entropy; the parameters of the best
    /// epoch are kept in any case. Default 40. As the learning rate falls to zero, the best epochs are usually the last:
    /// a small value may stop too early.
    pub patience: u32,
    /// The master seed of the initial weights, the split, the order and the symmetric images. Default 1.
    pub seed: u64,
}

impl Default for ThermometerConfig {
    fn default() -> Self {
        Self {
            hidden: vec![64],
            epochs: 120,
            batch_size: 100,
            learning_rate: 0.003,
            augment: true,
            validation_fraction: 0.1,
            patience: 40,
            seed: 1,
        }
    }
}

/// A setting of [`ThermometerConfig`] is impossible.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ConfigError {
    #[error("hidden is empty: give at least one layer, such as [64]")]
    NoHiddenLayer,
    #[error("hidden[{layer}] is 0: each layer needs at least one unit")]
    EmptyLayer { layer: usize },
    #[error("hidden = {hidden:?} on {sites} sites means more than {limit} parameters: use fewer units")]
    TooManyParameters { hidden: Vec<usize>, sites: usize, limit: u64 },
    #[error("epochs is 0: train for at least one")]
    NoEpochs,
    #[error("batch_size is 0: use at least one configuration per update")]
    EmptyBatch,
    #[error("learning_rate is {0}: it must be positive and finite")]
    LearningRate(f32),
    #[error("validation_fraction is {0}: it must lie between 0 and 1, both excluded")]
    ValidationFraction(f64),
    #[error("patience is 0: allow at least one epoch without improvement")]
    NoPatience,
}

/// Parameters of a network at most: with gradients and Adam's means they take 20 bytes each, so 1.3 GB.
const MOST_PARAMETERS: u64 = 1 << 26;

impl ThermometerConfig {
    /// Checks every setting.
    ///
    /// # Errors
    ///
    /// The first setting that is impossible.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.hidden.is_empty() {
            return Err(ConfigError::NoHiddenLayer);
        }
        if let Some(layer) = self.hidden.iter().position(|&units| units == 0) {
            return Err(ConfigError::EmptyLayer { layer });
        }
        if self.epochs == 0 {
            return Err(ConfigError::NoEpochs);
        }
        if self.batch_size == 0 {
            return Err(ConfigError::EmptyBatch);
        }
        if !(self.learning_rate > 0.0 && self.learning_rate.is_finite()) {
            return Err(ConfigError::LearningRate(self.learning_rate));
        }
        if !(self.validation_fraction > 0.0 && self.validation_fraction < 1.0) {
            return Err(ConfigError::ValidationFraction(self.validation_fraction));
        }
        if self.patience == 0 {
            return Err(ConfigError::NoPatience);
        }
        Ok(())
    }
    /// Checks that the network for this number of inputs and classes is not too large.
    ///
    /// # Errors
    ///
    /// If it has more than 2²⁶ parameters.
    pub(crate) fn check_parameters(&self, sites: usize, classes: usize) -> Result<(), ConfigError> {
        let mut parameters = 0u64;
        let mut inputs = sites as u64;
        for &units in self.hidden.iter().chain([&classes]) {
            let units = units as u64;
            parameters = parameters.saturating_add(units.saturating_mul(inputs.saturating_add(1)));
            inputs = units;
        }
        if parameters > MOST_PARAMETERS {
            return Err(ConfigError::TooManyParameters {
                hidden: self.hidden.clone(),
                sites,
                limit: MOST_PARAMETERS,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 64 units on s sites and 64 classes have 64 (s + 1) + 64 · 65 parameters.
    #[test]
    fn networks_up_to_the_limit_are_accepted() {
        let config = ThermometerConfig { hidden: vec![64], ..ThermometerConfig::default() };
        let sites = (1 << 20) - 66;
        assert!(config.check_parameters(sites, 64).is_ok());
        assert!(config.check_parameters(sites + 1, 64).is_err());
    }
}
