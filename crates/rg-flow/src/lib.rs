//! The flow of a restricted Boltzmann machine, and the block-spin flow it is compared with.
//!
//! **Invariant:** nothing here trains a machine or knows how a thermometer works: ensembles of configurations go in, are
//! mapped again and again, and are shown to a [`Readout`] at each step. The numbers are the same bytes with any number of
//! threads.
//!
//! # Overview
//!
//! * [`rbm_flow`] — v → h → v of a machine, from the ensembles of a spins file.
//! * [`block_spin_flow`], [`block_spins`] — 2 × 2 majority with random ties.
//! * [`monte_carlo_rg`] — exponents from configurations and their block spins; [`stability`], of any map of
//!   configurations.
//! * [`finite_size_exponent`] — exponents from ensembles of several sizes; [`map_slopes`], of a measured map T → T′.
//! * [`state`] — specific heat, susceptibility and entropy of the state where a flow ends.
//! * [`Readout`] — what reads the temperature of an ensemble.
//! * [`Surrogate`] — the same flow with weights of which only some properties are the machine's.
//! * [`theory`] — where a machine's flow goes, from its weights alone.
//! * [`fixed_point`], [`Tail`], [`Pool`] — where a flow comes to rest, when, and whether all starts end there.
//!
//! The one-step map T → T′ is a flow with `steps = 1` from many start temperatures.
//!
//! All standard errors are over chains, which are independent of each other; successive steps of one chain are not, and
//! are never treated as if they were.

mod balance;
mod block_spin;
mod end;
mod error;
mod exponents;
mod finite_size;
mod fixed_point;
mod flow;
mod machine;
mod majority;
mod measure;
mod monte_carlo_rg;
mod rbm;
mod redrawn;
mod starts;
pub mod state;
mod surrogate;
mod tail;
pub mod theory;

pub use datasets::Readout;

pub use balance::balance_zeros;
pub use block_spin::{BlockSpinConfig, block_spin_flow};
pub use end::FixedPointConfig;
pub use error::FlowError;
pub use exponents::map_slopes;
pub use finite_size::finite_size_exponent;
pub use fixed_point::fixed_point;
pub use majority::block_spins;
pub use monte_carlo_rg::{
    Blocking, MonteCarloRgConfig, Sector, Stability, StabilityError, monte_carlo_rg, operators, stability,
};
pub use rbm::{LARGEST_POOL, RbmFlowConfig, Record, rbm_flow};
pub use rbm_core::gibbs::Mode;
pub use surrogate::{Surrogate, UnknownSurrogate};
pub use tail::{End, Pool, Tail};
