//! Sampling the Ising model on periodic lattices, with exact results to judge the samples by.
//!
//! **Invariant:** nothing here reads or writes files, prints, looks at the clock or the environment, or keeps a random
//! state between calls: a config with its seed determines every bit of the result, on any number of threads and at any
//! register width. Nothing here knows of machine learning.
//!
//! # Overview
//!
//! * [`sample()`] — configurations at a list of temperatures, with observables: independent chains, thermalized by a
//!   measured time. [`Model`] — the Ising model, or a control without geometry.
//! * [`sampler`] — the samplers behind one interface; [`multispin`] explains the fast one, [`multispin::checkerboard`]
//!   the one for a single large lattice.
//! * [`exact`] — finite-lattice and bulk results that the samplers are judged by.
//! * [`equation_of_state()`] — the table that thermometers are read against.
//! * [`observables`] — energy, magnetization and correlations of a configuration; [`ensemble`], of many that are kept
//!   as bits.
//! * [`statistics`] — autocorrelation times and standard errors.

mod config;
mod controls;
pub mod ensemble;
mod equation_of_state;
mod error;
pub mod exact;
mod meter;
mod model;
pub mod multispin;
pub mod observables;
mod pilot;
mod sample;
pub mod sampler;
pub mod statistics;
mod summary;
mod thresholds;

pub use config::{MAXIMUM_CHAINS, SampleConfig};
pub use equation_of_state::{EquationOfStateConfig, LARGEST_EXACT, equation_of_state};
pub use error::{LARGEST_SITES, SampleError};
pub use model::Model;
pub use sample::{sample, sample_with};
pub use sampler::Algorithm;
