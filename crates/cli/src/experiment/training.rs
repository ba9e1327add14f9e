//! `[[training]]`: machines of one kind.

use serde::{Deserialize, Serialize};

use super::{Counts, Epochs, Options};
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
}

/// `[[training]]`: machines that differ in N_h and epochs only.
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
    /// N_h, one or several (64).
    #[serde(default = "main_hidden")]
    pub(crate) hidden: Counts,
    /// The number of epochs (100).
    #[serde(default = "main_epochs")]
    pub(crate) epochs: Epochs,
    /// Further settings of `train`.
    #[serde(flatten)]
    pub(crate) options: Options,
}

fn main_hidden() -> Counts {
    Counts(vec![64])
}

fn main_epochs() -> Epochs {
    Epochs::Series(vec![100])
}
