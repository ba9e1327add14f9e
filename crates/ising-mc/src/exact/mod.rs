//! Exact results for finite lattices, most of them for the L × L torus, and for infinite ones, J = k_B = 1.
//!
//! Every oracle is checked against another one in its tests:
//!
//! | oracle | range | checked against |
//! | --- | --- | --- |
//! | [`enumerate`], all configurations of any lattice | 27 sites | each configuration's energy, moments |
//! | [`JointStates`], ln g(E, M) of chains in closed form | N ≤ 2048 | enumeration, the chain's transfer matrix |
//! | [`chain_correlation`], G(r) of a ring | any N | energy and ⟨m²⟩ from the states |
//! | [`triangular`], ln Z, energy, specific heat in closed form | any L | enumeration |
//! | [`Strip`], g(E) and P(M) at any T of tori up to 12 sites wide | 256 sites | enumeration, the square's, [`triangular`] |
//! | [`density_of_states`], g(E) as integers | L ≤ 32 | enumeration, 2^N states, known levels, symmetry |
//! | [`magnetization_distribution`], P(M) at any T and field | L ≤ 12 | enumeration, binomial at T = ∞ |
//! | [`axis_correlation`], [`in_field`], G(r), energy and specific heat in a field | L ≤ 12 | enumeration, Kaufman, P(M) |
//! | [`kaufman`], ln Z, energy, specific heat in closed form | any L | g(E), the bulk |
//! | [`curie_weiss`], P(M) of the model without geometry | any L | enumeration of pairs, the bulk's m = tanh 4m/T |
//! | [`mixture`], ln p and entropy of a training set over temperatures | L ≤ 32, 12 | enumeration, thermodynamics |
//! | [`onsager`], [`spontaneous_magnetization`] | L = ∞ | Kaufman at large L |
//! | [`critical_temperature_of`], [`critical_correlation`] | L = ∞ | Houtappel's integrals |

mod bulk;
mod count;
mod density;
mod enumeration;
mod joint;
mod kaufman;
mod mean_field;
mod mixture;
mod modular;
mod rows;
mod strip;
mod transfer;
mod triangular;

use datasets::lattice::Lattice;

pub use bulk::{
    Bulk, MAGNETIC_EXPONENT, THERMAL_EXPONENT, critical_correlation, critical_temperature,
    critical_temperature_of, onsager, spontaneous_magnetization,
};
pub use count::Count;
pub use density::{Canonical, LARGEST_DENSITY, Levels, canonical, density_of_states, levels};
pub use enumeration::{JointCount, LARGEST_ENUMERATION, enumerate};
pub use joint::{Averages, JointStates, LARGEST_CHAIN, chain_correlation};
pub use kaufman::kaufman;
pub use mean_field::curie_weiss;
pub use mixture::{Mixture, mixture};
pub use rows::{InField, axis_correlation, in_field};
pub use strip::{LARGEST_STRIP, Strip, WIDEST_STRIP};
pub use transfer::{LARGEST_TRANSFER, MagnetizationDistribution, magnetization_distribution};
pub use triangular::triangular;

/// An exact result that cannot be had.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ExactError {
    /// The lattice is too small.
    #[error("a lattice of size {size} has no {what}: the size must be at least 2")]
    TooSmall {
        /// L.
        size: usize,
        /// What was asked for.
        what: &'static str,
    },
    /// The lattice is too large for the method.
    #[error(
        "{what} of a lattice of size {size} is beyond the exact method, whose limit is size {limit}: {alternative}"
    )]
    TooLarge {
        /// L.
        size: usize,
        /// What was asked for.
        what: &'static str,
        /// The largest L.
        limit: usize,
        /// What to use instead.
        alternative: &'static str,
    },
    /// There are too many configurations to go through, or no bonds.
    #[error(
        "all configurations of lattice {0} cannot be gone through: the limit is {LARGEST_ENUMERATION} sites with bonds, so use a smaller lattice"
    )]
    NoEnumeration(Lattice),
    /// The lattice is no strip in two dimensions, or too wide.
    #[error(
        "the states of lattice {0} cannot be counted row by row: the limits are {WIDEST_STRIP} sites along the shorter side and \
         {LARGEST_STRIP} in all, in two dimensions, so use a smaller lattice, or measure with `sample`"
    )]
    NoStrip(Lattice),
    /// No exact law of configurations is known.
    #[error(
        "no exact law of configurations on lattice {0} is known: it is for squares, chains, triangular rhombi, lattices of two dimensions \
         up to 10 sites wide, and up to {LARGEST_ENUMERATION} sites of others"
    )]
    NoLaw(Lattice),
    /// In a field only exact tables are made.
    #[error(
        "the equation of state in a field is exact, for square lattices up to size {LARGEST_TRANSFER}, not for {0}: use one \
         of these or no field, or measure the averages with `sample`"
    )]
    NoTableInField(Lattice),
    /// The temperature is negative or not a number.
    #[error("temperature {0} is not a number in 0..=inf")]
    BadTemperature(f64),
    /// The field is not a finite number.
    #[error("field {0} is not a finite number")]
    BadField(f64),
    /// Nothing exact is known in a field.
    #[error("{what} has no exact law in a field, and the field is {field}: use configurations without field")]
    FieldUnsupported {
        /// h in J.
        field: f64,
        /// What was asked for.
        what: &'static str,
    },
    /// The grid of temperatures is empty or not ascending.
    #[error("the temperatures of an equation of state must be finite, not negative, and ascending: {0}")]
    BadGrid(String),
    /// Measuring instead of computing failed.
    #[error(transparent)]
    Sample(#[from] crate::error::SampleError),
    /// The computation was asked to stop.
    #[error(transparent)]
    Interrupted(#[from] datasets::Interrupted),
}

impl ExactError {
    pub(crate) fn check_size(
        size: usize,
        what: &'static str,
        limit: usize,
        alternative: &'static str,
    ) -> Result<(), Self> {
        match size {
            0 | 1 => Err(Self::TooSmall { size, what }),
            _ if size > limit => Err(Self::TooLarge { size, what, limit, alternative }),
            _ => Ok(()),
        }
    }

    fn check_temperature(temperature: f64) -> Result<(), Self> {
        if temperature >= 0.0 { Ok(()) } else { Err(Self::BadTemperature(temperature)) }
    }
}

/// A fluctuation times its scale, which may overflow near T = 0 where nothing fluctuates.
pub(crate) fn response(scale: f64, fluctuation: f64) -> f64 {
    if fluctuation == 0.0 || scale == 0.0 { 0.0 } else { scale * fluctuation }
}
