//! Where a machine's flow goes, from its weights alone: nothing here draws a random number.
//!
//! A step v → h → v takes one law of configurations to another. If the sites are taken to be independent, a law is the
//! vector m of their means, and the step is a map m → m′ of that vector: [`MeanMap`]. Its fixed points are where a flow
//! can come to rest, its slope there says how fast ([`FixedPoint`]), and the energy and the magnetization of the
//! product law say what a thermometer reads ([`energy_per_site`], [`abs_magnetization`]). For a state that is the same
//! on all sites the map is a curve over −1 ≤ m ≤ 1: [`MeanMap::uniform_image`].
//!
//! * [`predict`] — all of it at once, for one machine.
//! * [`Closure`] — what is taken to be independent of what.
//! * [`CovarianceState`] — means and covariances, where there are no means to speak of (m = 0).
//! * [`gaussian::tanh_moments`], [`independent::tanh_of_independent_spins`] — the averages behind it.
//! * [`critical_squared_magnetization`], [`independent_energy_ratio`] — when an end state reads T_c.
//! * [`ClosedMap`] — the same for weights that are drawn anew at each half step.
//!
//! Machines of 0/1 units are treated as the machines of spins that they are: [`SpinParameters`]. All means are those of
//! spins (0/1 units: 2⟨v⟩ − 1).
//!
//! The mean-field theory of layered networks with Gaussian fields is that of E. Domany, W. Kinzel and R. Meir, J. Phys.
//! A 22, 2081 (1989), with weights that are given instead of averaged over.

mod closed;
mod covariance;
mod critical;
mod error;
pub mod gaussian;
pub mod independent;
pub(crate) mod linear;
mod map;
mod predict;
mod product_law;
mod search;

pub use closed::ClosedMap;
pub use covariance::{CovarianceFixedPoint, CovarianceState, covariance_fixed_point};
pub use critical::{
    critical_squared_magnetization, independent_energy_ratio, independent_squared_magnetization,
};
pub use error::{LARGEST_FIELD, TheoryError};
pub use lattice::{Kind, Lattice};
pub use map::{Closure, Linearization, MeanMap};
pub use predict::predict;
pub use product_law::{abs_magnetization, energy_per_site, magnetization};
pub use rbm_core::{ParameterError, SpinParameters};
pub use search::{FixedPoint, FixedPoints, fixed_points};
