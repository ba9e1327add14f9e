//! The settings of a training.

use datasets::Units;
use serde::{Deserialize, Serialize};

use crate::trainer::TrainError;

/// How the model's side of the gradient is estimated.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// Contrastive divergence: chains of `gibbs_steps` steps that start at the batch.
    Cd,
    /// Persistent contrastive divergence: chains that go on from update to update.
    Pcd,
    /// Persistent chains at several temperatures of the model (energies β E with β from 1 down to 0) that exchange their
    /// states; those at β = 1 are the model's side.
    ParallelTempering,
}

impl Algorithm {
    /// The name in configs and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cd => "cd",
            Self::Pcd => "pcd",
            Self::ParallelTempering => "parallel-tempering",
        }
    }

    /// Whether chains go on from update to update.
    pub fn is_persistent(self) -> bool {
        self != Self::Cd
    }
}

/// How parameters follow their gradient.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Optimizer {
    /// Stochastic gradient ascent, with momentum if set.
    Sgd,
    /// Adam (Kingma and Ba, ICLR 2015) with decay rates 0.9 and 0.999; ε is the learning rate.
    Adam,
}

/// The settings of a training. Any that is left out has the default given here.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct TrainConfig {
    /// The number of hidden units, 1 to 2²⁰ (64).
    pub hidden: usize,
    /// The values of the units of both layers (`spin`).
    pub units: Units,
    /// Whether there are biases (no). Without them a machine of spins is exactly symmetric under a global flip.
    pub biases: bool,
    /// The number of passes through the training set (100).
    pub epochs: u32,
    /// ε of ΔW = ε (⟨v hᵀ⟩_data − ⟨v hᵀ⟩_model), positive (0.01).
    pub learning_rate: f32,
    /// The number of configurations of an update (100); the last batch of an epoch may be smaller.
    pub batch_size: usize,
    /// How the model's side of the gradient is estimated (`cd`).
    pub algorithm: Algorithm,
    /// How parameters follow their gradient (`sgd`).
    pub optimizer: Optimizer,
    /// Whether the gradient is that of the model with centred units (Montavon and Müller 2012; Melchior, Fischer and
    /// Wiskott, JMLR 17, 2016), which does not depend on how the units' values are chosen (no). Needs `biases`.
    pub centred: bool,
    /// The number of persistent chains at β = 1 of `pcd` and `parallel-tempering`; as many as `batch_size` if absent.
    pub chains: Option<usize>,
    /// The number of values of β in `parallel-tempering`, evenly spaced from 1 to 0, 2 to 1000 (10).
    pub tempering_levels: usize,
    /// k, the number of steps v → h → v of the chains in each update, at least 1 (1).
    pub gibbs_steps: u32,
    /// The fraction of the last update that is repeated, in [0, 1) (0).
    pub momentum: f32,
    /// λ of the additional ΔW = −ε λ W, not negative (0). Biases do not decay.
    pub weight_decay: f32,
    /// The standard deviation of the initial weights (0.1). Biases start at 0.
    pub initial_deviation: f32,
    /// The temperatures of the training set in J/k_B; all of the file if absent.
    pub temperatures: Option<Vec<f64>>,
    /// The number of epochs between two records of the monitored quantities, at least 1 (10). Epoch 0 and the last one
    /// are always recorded.
    pub monitor_every: u32,
    /// The number of configurations the monitored quantities are averaged over, at least 1 (500).
    pub monitor_samples: usize,
    /// The master seed.
    pub seed: u64,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            hidden: 64,
            units: Units::Spin,
            biases: false,
            epochs: 100,
            learning_rate: 0.01,
            batch_size: 100,
            algorithm: Algorithm::Cd,
            optimizer: Optimizer::Sgd,
            centred: false,
            chains: None,
            tempering_levels: 10,
            gibbs_steps: 1,
            momentum: 0.0,
            weight_decay: 0.0,
            initial_deviation: 0.1,
            temperatures: None,
            monitor_every: 10,
            monitor_samples: 500,
            seed: 0,
        }
    }
}

impl TrainConfig {
    /// Refuses settings that no training set can make sense of.
    ///
    /// # Errors
    ///
    /// [`TrainError::Setting`] with the setting's name, what it is, and what it must be.
    pub fn validate(&self) -> Result<(), TrainError> {
        let Self { learning_rate, momentum, weight_decay, initial_deviation, .. } = *self;
        check("hidden", self.hidden, (1..=1 << 20).contains(&self.hidden), "from 1 to 1048576")?;
        check("batch_size", self.batch_size, self.batch_size >= 1, "at least 1")?;
        check("gibbs_steps", self.gibbs_steps, self.gibbs_steps >= 1, "at least 1")?;
        let valid = learning_rate > 0.0 && learning_rate.is_finite();
        check("learning_rate", learning_rate, valid, "positive and finite")?;
        check("momentum", momentum, (0.0..1.0).contains(&momentum), "at least 0 and below 1")?;
        let valid = weight_decay >= 0.0 && weight_decay.is_finite();
        check("weight_decay", weight_decay, valid, "finite and not negative")?;
        let valid = initial_deviation >= 0.0 && initial_deviation.is_finite();
        check("initial_deviation", initial_deviation, valid, "finite and not negative")?;
        check("monitor_every", self.monitor_every, self.monitor_every >= 1, "at least 1")?;
        check("monitor_samples", self.monitor_samples, self.monitor_samples >= 1, "at least 1")?;
        let valid = momentum == 0.0 || self.optimizer == Optimizer::Sgd;
        check("momentum", momentum, valid, "0 with the optimizer `adam`, which has its own")?;
        check("centred", self.centred, !self.centred || self.biases, "false without `biases`")?;
        if let Some(chains) = self.chains {
            let expected = "absent with the algorithm `cd`, whose chains are the batch";
            check("chains", chains, self.algorithm != Algorithm::Cd, expected)?;
            check("chains", chains, (1..=1 << 20).contains(&chains), "from 1 to 1048576")?;
        }
        let valid = (2..=1000).contains(&self.tempering_levels);
        check("tempering_levels", self.tempering_levels, valid, "from 2 to 1000")?;
        if let Some(temperatures) = &self.temperatures {
            if temperatures.is_empty() {
                return Err(setting("temperatures", "an empty list", "absent or a list of temperatures"));
            }
            for (index, t) in temperatures.iter().enumerate() {
                if t.is_nan() || *t < 0.0 {
                    return Err(setting("temperatures", t, "not negative"));
                }
                if temperatures[..index].contains(t) {
                    return Err(setting(
                        "temperatures",
                        format!("a list with {t} twice"),
                        "without repetition",
                    ));
                }
            }
        }
        Ok(())
    }

    /// The chains of the model's side of the gradient, with a training set of so many configurations: as many as the
    /// batch has unless `chains` says otherwise.
    pub fn chains_for(&self, configurations: usize) -> usize {
        self.chains.unwrap_or_else(|| self.batch_size.min(configurations))
    }

    /// The temperatures of the model at which each chain runs; 1 without tempering.
    pub fn levels(&self) -> usize {
        if self.algorithm == Algorithm::ParallelTempering { self.tempering_levels } else { 1 }
    }

    /// The memory in bytes that a training needs for `visible` units and `configurations` in its training set, without
    /// what the file of configurations takes: an upper bound within a factor of about 1.5.
    ///
    /// ```
    /// let config = rbm_core::TrainConfig::default();
    /// assert!(config.memory(100, 25_000) < 3_000_000);
    /// ```
    pub fn memory(&self, visible: usize, configurations: usize) -> u64 {
        let [visible, hidden, configurations] = [visible, self.hidden, configurations].map(|n| n as u64);
        let both = visible.saturating_add(hidden);
        let batch = (self.batch_size as u64).min(configurations);
        let chains = match self.algorithm {
            Algorithm::Cd => batch,
            Algorithm::Pcd => self.chains.map_or(batch, |chains| chains as u64),
            Algorithm::ParallelTempering => {
                self.chains.map_or(batch, |chains| chains as u64).saturating_mul(self.tempering_levels as u64)
            }
        };
        // Parameters, their copy from the epoch's beginning, the gradient, the product's copy; twice again the moments.
        let copies = match self.optimizer {
            Optimizer::Sgd if self.momentum == 0.0 => 4,
            Optimizer::Sgd => 6,
            Optimizer::Adam => 8,
        };
        let weights = visible.saturating_mul(hidden);
        let rows = batch.saturating_add(chains.saturating_mul(3));
        let monitored = (self.monitor_samples as u64).min(configurations).saturating_mul(3);
        let floats = weights
            .saturating_mul(copies)
            // Records: e^±d of every weight and W·Wᵀ in double precision.
            .saturating_add(weights.saturating_mul(2))
            .saturating_add(visible.saturating_mul(visible).saturating_mul(3))
            .saturating_add(both.saturating_mul(rows.saturating_add(monitored)));
        let bits = configurations.saturating_mul(visible.div_ceil(64) * 8 + 12);
        floats.saturating_mul(4).saturating_add(bits)
    }
}

fn check(
    name: &'static str,
    found: impl ToString,
    valid: bool,
    expected: &'static str,
) -> Result<(), TrainError> {
    if valid { Ok(()) } else { Err(setting(name, found, expected)) }
}

fn setting(setting: &'static str, found: impl ToString, expected: &'static str) -> TrainError {
    TrainError::Setting { setting, found: found.to_string(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Momentum keeps a step of each weight and its copy, Adam two moments, four bytes each.
    #[test]
    fn memory_counts_what_an_optimizer_keeps() {
        let memory = |optimizer, momentum| {
            let config = TrainConfig { hidden: 30, optimizer, momentum, ..TrainConfig::default() };
            config.memory(100, 1000)
        };
        let plain = memory(Optimizer::Sgd, 0.0);
        assert_eq!(memory(Optimizer::Sgd, 0.9) - plain, 100 * 30 * 2 * 4);
        assert_eq!(memory(Optimizer::Adam, 0.0) - plain, 100 * 30 * 4 * 4);
    }
}
