//! What can be wrong with data, training and reading.

use datasets::Interrupted;
use datasets::lattice::{Lattice, LatticeError};

use crate::classes::ClassError;
use crate::config::ConfigError;
use crate::posterior::PosteriorError;
use crate::scale::ScaleError;

/// Labelled configurations cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum DataError {
    #[error("the {role} configurations: {source}")]
    WrongSites { role: &'static str, source: LatticeError },
    #[error("there are {labels} labels for {samples} {role} configurations")]
    WrongLabels { role: &'static str, labels: usize, samples: usize },
    #[error("the label of {role} configuration {index} is {label}, but there are {classes} temperatures")]
    UnknownLabel { role: &'static str, index: usize, label: u16, classes: usize },
    #[error(transparent)]
    Classes(#[from] ClassError),
    #[error("{found} {role} configurations at T = {temperature}: at least {needed} are needed")]
    TooFewSamples { role: &'static str, temperature: f64, found: usize, needed: usize },
    #[error(
        "the training configurations are of lattice {training}, the {role} of {found}: they must be the same"
    )]
    LatticeMismatch { training: Lattice, role: &'static str, found: Lattice },
    #[error(
        "the test configurations have T = {0}, which is no training temperature: sample both at the same"
    )]
    UnknownTestTemperature(f64),
    #[error(
        "the labels of the training configurations are of the kind `{training}`, those of the test of the kind `{test}`"
    )]
    LabelMismatch { training: &'static str, test: &'static str },
    #[error("the training configurations have field {training}, the test configurations {test}")]
    FieldMismatch { training: f64, test: f64 },
    #[error("the configurations have field {0}, but the equation of state is without field: leave it out")]
    FieldWithoutTable(f64),
}

/// Training a network failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum TrainError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Posterior(#[from] PosteriorError),
    #[error("the cross entropy is not finite in epoch {epoch}: lower learning_rate (now {learning_rate})")]
    Diverged { epoch: u32, learning_rate: f32 },
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// A set of thermometers cannot be put together or applied.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ReadoutError {
    #[error(
        "the network has {network} classes, the readout {classes}: give the network's temperatures or none"
    )]
    ClassCount { network: usize, classes: usize },
    #[error("class {index} is T = {network} for the network, but T = {class} for the readout")]
    ClassMismatch { index: usize, network: f64, class: f64 },
    #[error("the network reads {inputs} inputs, but its lattice {lattice} has {} sites", lattice.sites())]
    NetworkShape { inputs: usize, lattice: Lattice },
    #[error("layer {layer} of the network has {found} {what}, expected {expected}")]
    LayerShape { layer: usize, what: &'static str, found: usize, expected: usize },
    #[error(transparent)]
    Posterior(#[from] PosteriorError),
    #[error("unusable table for lattice {lattice}")]
    Scale { lattice: Lattice, source: ScaleError },
    #[error(transparent)]
    WrongSites(#[from] LatticeError),
    #[error("{labels} labels for {samples} configurations")]
    WrongLabels { labels: usize, samples: usize },
    #[error("the configurations have field {0}: the thermometers are for the Ising model without field")]
    Field(f64),
}
