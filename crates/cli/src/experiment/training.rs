//! `[[training]]`: machines of one kind.

use datasets::lattice::{Kind, Lattice};
use ising_mc::Model;
use rbm_core::TrainConfig;
use rg_flow::Surrogate;
use serde::{Deserialize, Deserializer, Serialize};
use toml::{Table, Value};

use super::lists::{Counts, Epochs, HiddenUnits, Lattices, distinct};
use super::options::{Planned, complete, own_settings};
use crate::exit::Problem;
use crate::temperatures::{Scaled, TemperatureError, Temperatures};

/// The number of machines that the lists of one training may mean, so that a slip of the pen does not fill the memory.
const MOST_COMBINATIONS: usize = 10_000;

/// The purposes of machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Group {
    /// The paper's types V, H and L.
    #[default]
    Main,
    /// As the main ones with other numbers of updates.
    Updates,
    /// Other ranges of training temperatures.
    Range,
    /// Controls.
    Control,
    /// Points of a map over settings.
    Sweep,
}

/// `[[training]]`: machines that differ in lattice, N_h, epochs, and in any setting of `train` that is given as a list:
/// one machine for each combination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Training {
    /// The name: `V`, `H`, `L` for the paper's types, or another one.
    pub(crate) name: String,
    /// The purpose of the machines (main).
    #[serde(default)]
    pub(crate) group: Group,
    /// The temperatures of the training set; with `{ each = … }` there is one machine for each of them.
    pub(crate) temperatures: Sets,
    /// The number of configurations at each (that of `[sample]`). With the temperatures and the number of `[sample]` the
    /// main file is used, otherwise configurations are sampled for these machines alone.
    pub(crate) samples_per_temperature: Option<usize>,
    /// The law of the configurations, a `model` of `sample` (that of `[sample]`).
    pub(crate) model: Option<Model>,
    /// The fields that they are drawn at, all in one training set (that of `[sample]`).
    pub(crate) fields: Option<Vec<f64>>,
    /// L, one or several, of lattices of the kind of `[lattice]` (that of `[lattice]`).
    pub(crate) size: Option<Counts>,
    /// Lattices, one or several, such as `"triangular:10"` (that of `[lattice]`).
    pub(crate) lattice: Option<Lattices>,
    /// N_h, one or several (64).
    #[serde(default = "main_hidden")]
    pub(crate) hidden: HiddenUnits,
    /// The number of epochs (100).
    #[serde(default = "main_epochs")]
    pub(crate) epochs: Epochs,
    /// The weights that flows run with, one or several: `trained`, or surrogates that keep some of their properties,
    /// such as `gaussian` or `permuted` (trained).
    pub(crate) weights: Option<Surrogates>,
    /// Further settings of `train`.
    #[serde(flatten)]
    pub(crate) options: TrainingOptions,
}

impl Training {
    /// The lattices of the machines, in an experiment with a lattice of its own.
    pub(crate) fn lattices(&self, own: Lattice) -> Result<Vec<Lattice>, Problem> {
        match (&self.size, &self.lattice) {
            (None, None) => Ok(vec![own]),
            (None, Some(lattices)) => Ok(lattices.0.clone()),
            (Some(sizes), None) => {
                let of_size = |&size: &usize| Lattice::of_size(own.kind(), size).map_err(Problem::usage);
                sizes.0.iter().map(of_size).collect()
            }
            (Some(_), Some(_)) => {
                let what = "lattice and size are both there; write the sizes as lattices, such as `square:8`";
                Err(Problem::Usage(what.to_owned()))
            }
        }
    }

    /// The weights that flows run with.
    pub(crate) fn surrogates(&self) -> Vec<Surrogate> {
        match &self.weights {
            None => vec![Surrogate::Trained],
            Some(Surrogates::One(weights)) => vec![*weights],
            Some(Surrogates::Several(weights)) => weights.clone(),
        }
    }
}

/// The temperatures of one training set, or of several that have one each.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Sets {
    /// All in one set.
    Together(Scaled),
    /// A set for each.
    Each { each: Scaled },
}

impl Sets {
    /// All temperatures on lattices of a kind.
    pub(crate) fn on(&self, kind: Kind) -> Result<Temperatures, TemperatureError> {
        match self {
            Self::Together(all) | Self::Each { each: all } => all.on(kind),
        }
    }

    /// Each training set on lattices of a kind, with what its machines are called after the others of their training.
    pub(crate) fn each_on(&self, kind: Kind) -> Result<Vec<(String, Temperatures)>, TemperatureError> {
        let all = self.on(kind)?;
        match self {
            Self::Together(_) => Ok(vec![(String::new(), all)]),
            Self::Each { .. } => {
                all.0.iter().map(|&t| Ok((format!("T{t}"), Temperatures::new(vec![t])?))).collect()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Sets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let list =
            |value: Value| value.try_into::<Scaled>().map_err(|error| D::Error::custom(error.message()));
        match Value::deserialize(deserializer)? {
            Value::Table(mut table) => match (table.remove("each"), table.is_empty()) {
                (Some(each), true) => Ok(Self::Each { each: list(each)? }),
                _ => Err(D::Error::custom("temperatures is a table, of which only `{ each = … }` is known")),
            },
            together => list(together).map(Self::Together),
        }
    }
}

/// One kind of weights or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Surrogates {
    One(Surrogate),
    Several(Vec<Surrogate>),
}

fn main_hidden() -> HiddenUnits {
    HiddenUnits::numbers(&[64])
}

fn main_epochs() -> Epochs {
    Epochs::Series(vec![100])
}

/// The further settings of `train`, of which any may be a list.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct TrainingOptions(Table);

impl Planned for TrainConfig {
    const PLANNED: &str = "hidden = 1\nepochs = 1\ntemperatures = [1.0]\nseed = 0";
}

impl TrainingOptions {
    /// One for each combination of the settings that are lists, with its name: `units-binary-gibbs_steps-5`, empty if
    /// there is but one.
    pub(crate) fn combinations(&self) -> Result<Vec<(String, TrainConfig)>, Problem> {
        let mut all = vec![(String::new(), self.0.clone())];
        for (key, value) in &self.0 {
            let Value::Array(values) = value else { continue };
            if values.is_empty() {
                return Err(Problem::Usage(format!("the list `{key}` is empty")));
            }
            distinct(values).map_err(|what| Problem::Usage(format!("{key}: {what}")))?;
            if all.len().saturating_mul(values.len()) > MOST_COMBINATIONS {
                let what = format!(
                    "the lists up to `{key}` have more than {MOST_COMBINATIONS} combinations; divide the training"
                );
                return Err(Problem::Usage(what));
            }
            let several = values.len() > 1;
            let extended = all.iter().flat_map(|(name, table)| {
                values.iter().map(move |value| {
                    let dash = if name.is_empty() { "" } else { "-" };
                    let name =
                        if several { format!("{name}{dash}{key}-{}", plain(value)) } else { name.clone() };
                    let mut table = table.clone();
                    table.insert(key.clone(), value.clone());
                    (name, table)
                })
            });
            all = extended.collect();
        }
        all.into_iter().map(|(name, table)| Ok((name, complete(&table)?))).collect()
    }

    /// Adds all defaults, and refuses combinations that can never work.
    pub(super) fn resolve(&mut self) -> Result<(), Problem> {
        let mut resolved = Table::new();
        for (_, config) in self.combinations()? {
            config.validate().map_err(Problem::usage)?;
            resolved = own_settings(&config)?;
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
}

/// A value as part of a name of a file.
fn plain(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}
