//! What flows ask of thermometers.

use lattice::Lattice;
use ndarray::ArrayView2;
use numerics::bit_matrix::BitRows;

use crate::flow::Reading;

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

    /// T_E and T_m in J/k_B of a law of which the energy per site in J and ⟨|m|⟩ are known; `None` without such a
    /// thermometer for this lattice.
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
