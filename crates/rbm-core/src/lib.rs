//! Restricted Boltzmann machines: model, gradients, trainers, likelihoods, Gibbs chains.
//!
//! **Invariant:** nothing here knows a file, a clock or a thermometer, and a lattice only as the torus over which
//! [`monitor::translation_invariant_fraction`] averages. A training set is a matrix of ±1; everything is a function of
//! its arguments and a seed, and the same bytes with any number of threads.
//!
//! # Walk
//!
//! * [`TrainConfig`], [`Trainer`], [`TrainState`] — from configurations to a machine, epoch by epoch, resumable.
//! * [`model`] — energy, free energy, conditional means of a [`datasets::Rbm`].
//! * [`gibbs`] — many chains v → h → v side by side.
//! * [`monitor`] — what is watched during training.
//! * [`likelihood`] — how probable a machine finds its data.

mod block;
mod config;
mod elementary;
pub mod gibbs;
mod layer;
pub mod likelihood;
pub mod model;
pub mod monitor;
mod trainer;

pub use config::{Algorithm, Optimizer, TrainConfig};
pub use trainer::{AdamMoments, Offsets, Parameters, TrainError, TrainState, Trainer};
