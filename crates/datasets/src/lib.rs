//! The versioned data types that pass between the stages of rbmflow, and the only code that touches HDF5.
//!
//! **Invariant:** nothing here computes physics, but for the energy and the magnetization of a configuration, by which
//! files are checked. A type holds arrays with names, units and axes; it is turned into a [`Tree`] and back, and
//! (feature `hdf5`) a tree into a file and back. No other crate knows about files.
//!
//! # Overview
//!
//! * [`Tree`] — what a file holds, in memory: named arrays with description, units and axes, plus root attributes.
//! * [`Artifact`] — a type with a schema name, a version, and a conversion to and from a tree.
//! * [`Provenance`] — what every file says about its own making.
//! * [`Spins`], [`EquationOfState`], [`Rbm`], [`Thermometer`], [`Flow`], [`Weights`], [`Likelihood`],
//!   [`Figures`] — the artifacts.
//! * [`Progress`], [`Readout`] — what computations report to, and what flows are read by.

pub use lattice;

mod artifact;
mod checks;
mod energy;
mod equation_of_state;
mod figures;
#[cfg(any(feature = "hdf5", feature = "system-hdf5"))]
pub mod file;
mod flow;
mod hash;
mod label_kind;
mod likelihood;
mod observables;
mod progress;
mod rbm;
mod readout;
mod spins;
mod thermometer;
mod tree;
mod values;
mod weights;

pub use artifact::{Artifact, Input, Provenance, Stored, Version};
pub use energy::{energy, magnetization, unequal};
pub use equation_of_state::{DensityOfStates, EquationOfState, Source};
pub use figures::{Figure, Figures};
pub use flow::{
    Balance, Exponents, FixedPoint, Flow, FlowKind, MachineCourse, Measured, PredictedPoint, Prediction,
    PredictionClosure, Reading, Response, Value, relaxation_steps,
};
pub use label_kind::LabelKind;
pub use likelihood::{Likelihood, LikelihoodMethod, PartitionBound};
pub use observables::Observables;
pub use progress::{Interrupted, Progress};
pub use rbm::{Rbm, Units};
pub use readout::Readout;
pub use spins::{Boundary, JoinError, Spins};
pub use thermometer::{Calibration, Layer, Thermometer};
pub use tree::{Attribute, ContentError, Dataset, Tree};
pub use values::{Element, Number, Values};
pub use weights::{PairCouplings, Weights};
