//! The flow of a restricted Boltzmann machine, and the block-spin flow it is compared with.
//!
//! **Invariant:** nothing here trains a machine or knows how a thermometer works: ensembles of configurations go in, are
//! mapped again and again, and are shown to a [`Readout`] at each step. The numbers are the same bytes with any number of
//! threads.
//!
//! # Walk
//!
//! * [`rbm_flow`] — v → h → v of a machine, from the ensembles of a spins file.
//! * [`block_spin_flow`], [`block_spins`] — 2 × 2 majority with random ties.
//! * [`monte_carlo_rg`] — exponents from configurations and their block spins; [`stability`], of any map of configurations.
//! * [`Readout`] — what reads the temperature of an ensemble.
//! * [`theory`] — where a machine's flow goes, from its weights alone.
//! * [`fixed_point`], [`Tail`], [`Pool`] — where a flow comes to rest, when, and whether all starts end there.
//!
//! The one-step map T → T′ is a flow with `steps = 1` from many start temperatures.
//!
//! All standard errors are over chains, which are independent of each other; successive steps of one chain are not, and
//! are never treated as if they were.

#![deny(unsafe_code)]

mod block_spin;
mod error;
mod fixed_point;
mod flow;
mod measure;
mod monte_carlo_rg;
mod rbm;
mod starts;
mod tail;
pub mod theory;

use datasets::Reading;
use datasets::lattice::Lattice;
use ndarray::ArrayView2;
use numerics::bit_matrix::BitRows;

pub use block_spin::{BlockSpinConfig, block_spin_flow, block_spins};
pub use error::FlowError;
pub use fixed_point::{FixedPointConfig, fixed_point};
pub use monte_carlo_rg::{
    Blocking, MonteCarloRgConfig, Sector, Stability, StabilityError, monte_carlo_rg, operators, stability,
};
pub use rbm::{LARGEST_POOL, RbmFlowConfig, Record, rbm_flow};
pub use rbm_core::gibbs::Mode;
pub use tail::{End, Pool, Tail};

/// What reads the temperature of an ensemble.
pub trait Readout: Sync {
    /// The temperatures of the posteriors' classes in J/k_B.
    fn classes(&self) -> &[f64];

    /// Reads an ensemble, [chains, sites] of ±1. Readings that do not exist on this lattice are `None`; a posterior has
    /// one entry per class.
    fn read(&self, lattice: Lattice, spins: ArrayView2<i8>) -> Reading;

    /// Reads an ensemble of which each spin is one bit, [chains, sites]: the same.
    fn read_bits(&self, lattice: Lattice, configurations: BitRows) -> Reading {
        self.read(lattice, configurations.to_spins().view())
    }

    /// T_E and T_m in J/k_B of a law of which the energy per site in J and ⟨|m|⟩ are known; `None` without such a thermometer
    /// for this lattice.
    fn read_averages(
        &self,
        _lattice: Lattice,
        _energy_per_site: f64,
        _abs_magnetization: f64,
    ) -> [Option<f64>; 2] {
        [None, None]
    }
}

/// The readout that reads nothing: for flows of which only energies and magnetizations are wanted.
impl Readout for () {
    fn classes(&self) -> &[f64] {
        &[]
    }

    fn read(&self, _lattice: Lattice, _spins: ArrayView2<i8>) -> Reading {
        Reading::default()
    }

    fn read_bits(&self, _lattice: Lattice, _configurations: BitRows) -> Reading {
        Reading::default()
    }
}
