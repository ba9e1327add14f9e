//! Restricted Boltzmann machines: model, gradients, trainers, likelihoods, Gibbs chains.
//!
//! **Invariant:** nothing here knows a file, a clock or a thermometer, and a lattice only as the torus over which
//! [`monitor::translation_invariant_fraction`] averages. A training set is a matrix of ±1; everything is a function of
//! its arguments and a seed, and the same bytes with any number of threads.
//!
//! # Overview
//!
//! * [`TrainConfig`], [`Trainer`], [`TrainState`] — from configurations to a machine, epoch by epoch, resumable.
//! * [`model`] — energy, free energy, conditional means of a [`datasets::Rbm`].
//! * [`SpinParameters`] — any machine as one of spins ±1.
//! * [`gibbs`] — many chains v → h → v side by side.
//! * [`monitor`] — what is watched during training.
//! * [`likelihood`] — how probable a machine finds its data.

//!
//! # How a batch is computed, and what bounds it
//!
//! CD-1 needs five matrix products: v·W and h·Wᵀ for the chain, v·W for its end, and two outer products for the gradient,
//! which are one product here, since data and chains stand below each other in one matrix. All else is a pass over
//! one layer: fields become means and units in one go, the update reads the gradient once and looks for parameters out of
//! range on the way. Training sets are kept as bits, so that a batch in random order comes out of the cache. Nothing is
//! allocated between two batches. An epoch therefore takes little more than its products; the activations, about as many
//! as there are units in the batch, are what is left, and weigh most where the layers are small.
//!
//! A layer from about 400 × 400 on is divided among the threads of the pool: products by columns or rows of the result,
//! drawing by blocks of 16 rows with a generator each. Neither changes a bit.

mod block;
mod config;
mod elementary;
pub mod gibbs;
mod layer;
pub mod likelihood;
pub mod model;
pub mod monitor;
mod spin_parameters;
mod trainer;

pub use config::{Algorithm, Optimizer, TrainConfig};
pub use likelihood::LikelihoodConfig;
pub use spin_parameters::{ParameterError, SpinParameters};
pub use trainer::{AdamMoments, Offsets, Parameters, TrainError, TrainState, Trainer, normal_pair};
