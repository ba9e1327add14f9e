//! The Monte Carlo renormalization group: exponents from configurations and their block spins.
//!
//! R. H. Swendsen, Phys. Rev. Lett. 42, 859 (1979). The couplings K'_α of the blocked lattice depend on those of the
//! fine one, and near a fixed point T_αβ = ∂K'_α/∂K_β follows from fluctuations alone: with the operators S_β that K_β
//! multiplies, ∂⟨S'_γ⟩/∂K_β taken in two ways is Σ_α ⟨S'_γ S'_α⟩_c T_αβ = ⟨S'_γ S_β⟩_c. Even and odd operators do not
//! mix.

mod operators;
mod stability;

use datasets::Spins;
use datasets::lattice::{Kind, Lattice};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

pub use operators::{Sector, operators};
pub use stability::{Stability, StabilityError, stability};

use crate::majority::block_all;
use crate::starts::stream_index;

/// How exponents are found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MonteCarloRgConfig {
    /// The temperature of the configurations in J/k_B; the only one of the file if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// L of the smallest blocked lattice, at least 2.
    pub smallest: usize,
    /// The number of parts of the configurations for the errors, at least 2.
    pub parts: usize,
    /// The master seed of the ties.
    pub seed: u64,
}

impl Default for MonteCarloRgConfig {
    fn default() -> Self {
        Self { temperature: None, smallest: 8, parts: 50, seed: 0 }
    }
}

/// One blocking, and what it says with few and with more couplings.
#[derive(Debug, Clone, PartialEq)]
pub struct Blocking {
    /// The lattice before.
    pub lattice: Lattice,
    /// With 1, 2, 3 and 4 even couplings: `exponent` is y_t = 1/ν, exactly 1 for the Ising model at T_c.
    pub even: Vec<Stability>,
    /// With 1, 2 and 3 odd couplings: `exponent` is y_h = (d + 2 − η)/2, exactly 15/8.
    pub odd: Vec<Stability>,
}

/// Exponents from 2 × 2 majority blocks, one blocking after the other down to `smallest`, each lattice against the one
/// before.
///
/// What is found differs from the exact exponents, beyond its error, by what is left out: further couplings (at L = 32
/// → 16 up to 0.1 of y_t with the nearest neighbours alone, 0.05 with more), the distance of the critical point from
/// the fixed point (it shrinks with each blocking), and the finite size of the lattices. The configurations are taken
/// as independent of each other.
///
/// # Errors
///
/// If a setting is impossible, the temperature is not in `spins`, the lattice is not square or cannot be blocked, or
/// the operators do not fluctuate independently (at T = 0, say).
pub fn monte_carlo_rg(config: &MonteCarloRgConfig, spins: &Spins) -> Result<Vec<Blocking>, StabilityError> {
    if config.smallest < 2 {
        return Err(StabilityError::Smallest { found: config.smallest });
    }
    let temperature = match (config.temperature, &spins.temperature[..]) {
        (Some(temperature), _) => temperature,
        (None, &[temperature]) => temperature,
        (None, _) => return Err(StabilityError::ManyTemperatures { available: spins.temperature.clone() }),
    };
    let index = spins.index_of(temperature).ok_or_else(|| StabilityError::UnknownTemperature {
        temperature,
        available: spins.temperature.clone(),
    })?;
    let mut lattice = spins.lattice;
    if lattice.kind() != Kind::Square {
        return Err(StabilityError::NotSquare { lattice });
    }
    let mut fine = spins.at(index);
    let mut blockings = Vec::new();
    let large_enough = |lattice: Lattice| lattice.shape().iter().all(|&side| side >= config.smallest);
    while let Some(blocks) = lattice.blocks().ok().filter(|blocks| large_enough(blocks.lattice())) {
        let step = blockings.len() as u64 + 1;
        let blocked = block_all(&blocks, fine.view(), config.seed, [stream_index(temperature), step]);
        blockings.push(blocking(config.parts, lattice, fine.view(), blocks.lattice(), &blocked)?);
        (lattice, fine) = (blocks.lattice(), blocked);
    }
    if blockings.is_empty() {
        return Err(StabilityError::NoBlocking { lattice, smallest: config.smallest });
    }
    Ok(blockings)
}

fn blocking(
    parts: usize,
    lattice: Lattice,
    fine: ArrayView2<i8>,
    coarse: Lattice,
    blocked: &Array2<i8>,
) -> Result<Blocking, StabilityError> {
    let of = |sector| {
        let found = stabilities(sector, (lattice, fine), (coarse, blocked.view()), 2.0, parts);
        found.into_iter().collect::<Result<Vec<_>, _>>()
    };
    Ok(Blocking { lattice, even: of(Sector::Even)?, odd: of(Sector::Odd)? })
}

/// With 1, 2, … couplings of a sector, from configurations [n, sites] on their lattice before and after a map by the
/// scale factor b.
pub(crate) fn stabilities(
    sector: Sector,
    before: (Lattice, ArrayView2<i8>),
    after: (Lattice, ArrayView2<i8>),
    scale: f64,
    parts: usize,
) -> Vec<Result<Stability, StabilityError>> {
    let (measured, mapped) = (operators(before.0, before.1, sector), operators(after.0, after.1, sector));
    let of = |n: usize| {
        let first = ndarray::s![.., ..n];
        stability(mapped.slice(first), measured.slice(first), scale, parts)
    };
    (1..=sector.operators()).map(of).collect()
}
