//! `[[training]]`: machines of one kind.

use serde::{Deserialize, Serialize};

use super::{Counts, Epochs, HiddenUnits, Options};
use crate::temperatures::Temperatures;

/// What machines are trained for.
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

/// `[[training]]`: machines that differ in L, N_h, epochs, and in any setting of `train` that is given as a list: one
/// machine for each combination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Training {
    /// The name: `V`, `H`, `L` for the paper's types, or another one.
    pub(crate) name: String,
    /// What the machines are for (main).
    #[serde(default)]
    pub(crate) group: Group,
    /// The temperatures of the training set.
    pub(crate) temperatures: Temperatures,
    /// The number of configurations at each (that of `[sample]`). With the temperatures and the number of `[sample]` the
    /// main file is used, otherwise configurations are sampled for these machines alone.
    pub(crate) samples_per_temperature: Option<usize>,
    /// What the configurations are drawn from, a `model` of `sample` (that of `[sample]`).
    pub(crate) model: Option<String>,
    /// The fields that they are drawn at, all in one training set (that of `[sample]`).
    pub(crate) fields: Option<Vec<f64>>,
    /// L, one or several (that of `[lattice]`).
    pub(crate) size: Option<Counts>,
    /// N_h, one or several (64).
    #[serde(default = "main_hidden")]
    pub(crate) hidden: HiddenUnits,
    /// The number of epochs (100).
    #[serde(default = "main_epochs")]
    pub(crate) epochs: Epochs,
    /// Further settings of `train`.
    #[serde(flatten)]
    pub(crate) options: Options,
}

impl Training {
    /// The lattice sizes of the machines, in an experiment whose own is `size`.
    pub(crate) fn sizes(&self, size: usize) -> Vec<usize> {
        self.size.as_ref().map_or_else(|| vec![size], |sizes| sizes.0.clone())
    }
}

fn main_hidden() -> HiddenUnits {
    HiddenUnits::numbers(&[64])
}

fn main_epochs() -> Epochs {
    Epochs::Series(vec![100])
}
