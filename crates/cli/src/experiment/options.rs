//! Settings of a stage that an experiment hands on as they are.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::{EquationOfStateSection, Experiment, FlowSection, SampleSection};
use crate::exit::Problem;
use crate::job::Stage;
use crate::known::Known;

/// The number of machines that the lists of one training may mean, so that a slip of the pen does not fill the memory.
const MOST_COMBINATIONS: usize = 10_000;

/// The keys of a section that are the stage's own settings.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Options(pub(crate) Table);

/// The settings that the plan itself fills in, for a stage.
pub(crate) struct Filled(Vec<(&'static str, Value)>);

impl Filled {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self(vec![])
    }

    /// One more.
    pub(crate) fn set(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((key, value.into()));
        self
    }

    /// One more, a count.
    pub(crate) fn count(self, key: &'static str, value: usize) -> Self {
        self.set(key, i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl Options {
    /// The stage's config from these settings and those that the plan fills in.
    pub(crate) fn complete<C: DeserializeOwned>(&self, filled: Filled) -> Result<C, Problem> {
        let mut table = self.0.clone();
        for (key, value) in filled.0 {
            if table.insert(key.to_owned(), value).is_some() {
                return Err(Problem::Usage(format!("`{key}` cannot be set here: the plan fills it in")));
            }
        }
        from_table(table)
    }

    /// The same with one setting replaced.
    pub(crate) fn with(&self, key: &str, value: impl Into<Value>) -> Self {
        let mut options = self.clone();
        options.0.insert(key.to_owned(), value.into());
        options
    }

    /// One for each combination of the settings that are lists, with its name: `units-binary-gibbs_steps-5`, empty if
    /// there is but one.
    pub(crate) fn combinations(&self) -> Result<Vec<(String, Self)>, Problem> {
        let mut all = vec![(String::new(), self.clone())];
        for (key, value) in &self.0 {
            let Value::Array(values) = value else { continue };
            if values.is_empty() {
                return Err(Problem::Usage(format!("the list `{key}` is empty")));
            }
            super::lists::distinct(values).map_err(|what| Problem::Usage(format!("{key}: {what}")))?;
            if all.len().saturating_mul(values.len()) > MOST_COMBINATIONS {
                let what = format!(
                    "the lists up to `{key}` have more than {MOST_COMBINATIONS} combinations; divide the training"
                );
                return Err(Problem::Usage(what));
            }
            let several = values.len() > 1;
            let extended = all.iter().flat_map(|(name, options)| {
                values.iter().map(move |value| {
                    let dash = if name.is_empty() { "" } else { "-" };
                    let name =
                        if several { format!("{name}{dash}{key}-{}", plain(value)) } else { name.clone() };
                    (name, options.with(key, value.clone()))
                })
            });
            all = extended.collect();
        }
        Ok(all)
    }

    /// As [`Options::resolve`] for `train`, where settings may be lists of which each combination is a stage of its own.
    fn resolve_combinations(&mut self, filled: impl Fn() -> Filled) -> Result<(), Problem> {
        let mut resolved = Table::new();
        for (_, mut options) in self.combinations()? {
            options.resolve(filled(), Stage::Train)?;
            resolved = options.0;
        }
        for (key, value) in &self.0 {
            if let (Value::Array(values), Some(single)) = (value, resolved.get(key)) {
                // A list of one value means the value.
                let value_of_one = (values.len() == 1).then(|| single.clone());
                resolved.insert(key.clone(), value_of_one.unwrap_or_else(|| Value::Array(values.clone())));
            }
        }
        self.0 = resolved;
        Ok(())
    }

    /// Adds all defaults, and refuses what the stage does not know or what can never work.
    fn resolve<C: DeserializeOwned + Serialize + Clone>(
        &mut self,
        filled: Filled,
        stage: fn(C) -> Stage,
    ) -> Result<(), Problem> {
        let keys: Vec<&str> = filled.0.iter().map(|(key, _)| *key).collect();
        let config = self.complete::<C>(filled)?;
        stage(config.clone()).check(&Known::default())?;
        let mut table = to_table(&config)?;
        keys.iter().for_each(|key| drop(table.remove(*key)));
        self.0 = table;
        Ok(())
    }
}

/// A value as part of a name of a file.
fn plain(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}

/// A config from its settings.
pub(crate) fn from_table<C: DeserializeOwned>(table: Table) -> Result<C, Problem> {
    table.try_into().map_err(|error: toml::de::Error| Problem::Usage(error.message().to_owned()))
}

/// The settings of a config, as they are written in files: single-precision numbers with their own few digits.
pub(crate) fn to_table(config: &impl Serialize) -> Result<Table, Problem> {
    let text = toml::to_string(config).map_err(|error| Problem::Failed(error.to_string()))?;
    text.parse().map_err(|error: toml::de::Error| Problem::Failed(error.to_string()))
}

/// Resolves every section of an experiment. The plan's own values do not matter here, only their keys.
pub(super) fn resolve_all(experiment: &mut Experiment) -> Result<(), Problem> {
    let size = experiment.lattice.size;
    let section = |name: &str, result: Result<(), Problem>| match result {
        Err(Problem::Usage(what)) => Err(Problem::Usage(format!("{name}: {what}"))),
        other => other,
    };
    let SampleSection { temperatures, samples_per_temperature, options } = &mut experiment.sample;
    let filled = sample(size, &temperatures.0, *samples_per_temperature, 0);
    section("[sample]", options.resolve(filled, Stage::Sample))?;
    let EquationOfStateSection { temperatures, options } = &mut experiment.equation_of_state;
    let filled = table(size, &temperatures.0, 0);
    section("[equation_of_state]", options.resolve(filled, Stage::EquationOfState))?;
    let options = &mut experiment.thermometer.options;
    section("[thermometer]", options.resolve(seed(0), Stage::Thermometer))?;
    let FlowSection { starts, chains, steps, options } = &mut experiment.flow;
    section("[flow]", options.resolve(flow(&starts.0, *chains, *steps, 0), Stage::RbmFlow))?;
    if let Some(block) = &mut experiment.block_spin {
        let filled = flow(&block.temperatures.0, block.samples_per_temperature, block.steps, 0);
        section("[block_spin]", block.options.resolve(filled, Stage::BlockSpinFlow))?;
    }
    if let Some(weights) = &mut experiment.weights {
        section("[weights]", weights.options.resolve(Filled::new(), Stage::Weights))?;
    }
    if let Some(likelihood) = &mut experiment.likelihood {
        section("[likelihood]", likelihood.options.resolve(seed(0), Stage::Likelihood))?;
    }
    for training in &mut experiment.training {
        let filled = || self::training(1, 1, &[0.0], 0);
        section(&format!("[[training]] `{}`", training.name), training.options.resolve_combinations(filled))?;
    }
    Ok(())
}

fn list(temperatures: &[f64]) -> Value {
    Value::from(temperatures.to_vec())
}

/// Seeds are 63 bits wide: TOML has signed integers only.
fn seed(seed: u64) -> Filled {
    Filled::new().set("seed", seed as i64)
}

/// What the plan fills in for `sample`.
fn sample(size: usize, temperatures: &[f64], samples_per_temperature: usize, of: u64) -> Filled {
    seed(of)
        .count("size", size)
        .set("temperatures", list(temperatures))
        .count("samples_per_temperature", samples_per_temperature)
}

/// What the plan fills in for `equation-of-state`.
fn table(size: usize, temperatures: &[f64], of: u64) -> Filled {
    seed(of).count("size", size).set("temperatures", list(temperatures))
}

/// What the plan fills in for `flow rbm` and `flow block-spin`.
fn flow(starts: &[f64], chains: usize, steps: u32, of: u64) -> Filled {
    seed(of).set("start_temperatures", list(starts)).count("chains", chains).set("steps", i64::from(steps))
}

/// What the plan fills in for `train`.
fn training(hidden: usize, epochs: u32, temperatures: &[f64], of: u64) -> Filled {
    seed(of).count("hidden", hidden).set("epochs", i64::from(epochs)).set("temperatures", list(temperatures))
}

impl Options {
    /// `sample`, with the further settings of `[sample]`.
    pub(crate) fn sample(
        &self,
        size: usize,
        temperatures: &[f64],
        samples_per_temperature: usize,
        seed: u64,
    ) -> Result<Stage, Problem> {
        Ok(Stage::Sample(self.complete(sample(size, temperatures, samples_per_temperature, seed))?))
    }

    /// `equation-of-state`, with the further settings of `[equation_of_state]`.
    pub(crate) fn equation_of_state(
        &self,
        size: usize,
        temperatures: &[f64],
        seed: u64,
    ) -> Result<Stage, Problem> {
        Ok(Stage::EquationOfState(self.complete(table(size, temperatures, seed))?))
    }

    /// `thermometer train`, with the further settings of `[thermometer]`.
    pub(crate) fn thermometer(&self, of: u64) -> Result<Stage, Problem> {
        Ok(Stage::Thermometer(self.complete(seed(of))?))
    }

    /// `train`, with the further settings of a `[[training]]`.
    pub(crate) fn train(
        &self,
        hidden: usize,
        epochs: u32,
        temperatures: &[f64],
        seed: u64,
    ) -> Result<rbm_core::TrainConfig, Problem> {
        self.complete(training(hidden, epochs, temperatures, seed))
    }

    /// `flow rbm`, with the further settings of `[flow]`.
    pub(crate) fn rbm_flow(
        &self,
        starts: &[f64],
        chains: usize,
        steps: u32,
        seed: u64,
    ) -> Result<Stage, Problem> {
        Ok(Stage::RbmFlow(self.complete(flow(starts, chains, steps, seed))?))
    }

    /// `flow block-spin`, with the further settings of `[block_spin]`.
    pub(crate) fn block_spin(
        &self,
        starts: &[f64],
        chains: usize,
        steps: u32,
        seed: u64,
    ) -> Result<Stage, Problem> {
        Ok(Stage::BlockSpinFlow(self.complete(flow(starts, chains, steps, seed))?))
    }

    /// `likelihood`, with the settings of `[likelihood]`.
    pub(crate) fn likelihood(&self, of: u64) -> Result<Stage, Problem> {
        Ok(Stage::Likelihood(self.complete(seed(of))?))
    }

    /// `weights`, with the settings of `[weights]`.
    pub(crate) fn weights(&self) -> Result<Stage, Problem> {
        Ok(Stage::Weights(self.complete(Filled::new())?))
    }
}
