//! Thermometers: reading the temperature of spin configurations, by a neural network, by the exact posterior, by the
//! energy and by the magnetization.
//!
//! **Invariant:** nothing here samples a configuration, reads a file, a clock or the environment, or keeps random state
//! of its own; the same data, config and seed give the same bytes, and no parameter is ever chosen by looking at test
//! data.
//!
//! # Overview
//!
//! * [`ThermometerConfig`] and [`train`] — a network from labelled configurations, with its quality on test data.
//! * [`probabilities`] — what a trained network says about each configuration.
//! * [`BayesPosterior`] — the best that any thermometer can say, since the energy is a sufficient statistic.
//! * [`TemperatureScale`] — T_E and T_m: the inverse of a tabulated thermal average.
//! * [`Thermometers`] — all of them at once on an ensemble; [`measure`] applies them to each temperature of a file.
//! * [`LatticeSymmetries`] — random symmetries of the lattice, for augmentation.

mod calibration;
mod classes;
mod config;
mod error;
mod measure;
mod network;
mod optimizer;
mod overlap;
mod posterior;
mod scale;
mod selection;
mod symmetry;
mod thermometers;
mod training;

pub use classes::ClassError;
pub use config::{ConfigError, ThermometerConfig};
pub use error::{DataError, ReadoutError, TrainError};
pub use measure::{Measurement, measure};
pub use network::probabilities;
pub use overlap::{NotIndependent, Overlap, check_independent, overlap};
pub use posterior::{BayesPosterior, PosteriorError};
pub use scale::{ScaleError, TemperatureScale};
pub use symmetry::{LatticeSymmetries, Symmetry};
pub use thermometers::Thermometers;
pub use training::train;
