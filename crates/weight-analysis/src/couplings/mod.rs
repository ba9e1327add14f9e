//! The Hamiltonian that a machine has learnt.

mod block;
mod error;
mod lattice;
mod local;
mod parameters;
mod quadrature;

use datasets::Rbm;
use ndarray::{Array1, Array2};
use rayon::prelude::*;

use block::{BLOCK, for_each_block};
pub use error::CouplingError;
pub use lattice::{couplings_by_distance, encoded_temperature};
pub use local::{LocalCouplings, local_couplings};
use parameters::Parameters;

use crate::linear::dot;

/// The largest number of sites of a coupling that [`couplings_of`] knows.
pub const LARGEST_ORDER: usize = 4;

/// The couplings of one site and of two, in units of k_B T (as β J and β h of an Ising model).
#[derive(Debug, Clone, PartialEq)]
pub struct Couplings {
    /// J_i, `[visible]`.
    pub fields: Array1<f64>,
    /// J_ij, `[visible, visible]`, symmetric, 0 on the diagonal. Each pair of sites is one term of ln p, so that it
    /// stands here twice.
    pub pairs: Array2<f64>,
}

/// The fields and all pair couplings of a machine, as in [`couplings_of`]; exact to about 10⁻¹⁵ per hidden unit.
///
/// The time grows as visible² · (hidden · 130 + 4 Σ|W|) / 2 (a quarter of the weights for 0/1 units).
///
/// # Errors
///
/// If the biases are not one per unit, a parameter is not finite, or the weights of a hidden unit are too large for the
/// integral (Σ|W_ia| above some 15,000).
///
/// ```
/// use datasets::{Rbm, Units};
/// use ndarray::{Array1, array};
///
/// // One hidden unit between two spins: Σ_h e^{w h (v₁ + v₂)} ∝ e^{J v₁ v₂} with J = ½ ln cosh 2w.
/// let rbm = Rbm {
///     units: Units::Spin,
///     weights: array![[0.5f32], [0.5]],
///     visible_bias: Array1::zeros(2),
///     hidden_bias: Array1::zeros(1),
///     training_temperatures: vec![],
///     updates: 0,
///     history_epoch: vec![],
///     history: Default::default(),
/// };
/// let found = weight_analysis::couplings(&rbm)?;
/// assert!((found.pairs[[0, 1]] - 0.5 * 1f64.cosh().ln()).abs() < 1e-14);
/// # Ok::<(), weight_analysis::CouplingError>(())
/// ```
pub fn couplings(rbm: &Rbm) -> Result<Couplings, CouplingError> {
    let Parameters { mut fields, hidden } = Parameters::new(rbm)?;
    let sites = fields.len();
    let mut pairs = vec![0.0; sites * sites];
    for_each_block(&hidden, |block| {
        let lower = pairs.par_chunks_mut(sites.max(1)).zip(fields.par_iter_mut()).enumerate();
        lower.for_each(|(i, (row, field))| {
            *field += dot(block.tangents(i), block.odd());
            let mut left = [0.0; BLOCK];
            for ((left, tangent), even) in left.iter_mut().zip(block.tangents(i)).zip(block.even()) {
                *left = tangent * even;
            }
            for (j, pair) in row[..i].iter_mut().enumerate() {
                *pair += dot(&left, block.tangents(j));
            }
        });
    })?;
    for i in 0..sites {
        for j in 0..i {
            pairs[j * sites + i] = pairs[i * sites + j];
        }
    }
    let pairs = Array2::from_shape_vec((sites, sites), pairs).expect("one value per pair of sites");
    Ok(Couplings { fields: Array1::from_vec(fields), pairs })
}

/// The couplings J_S of ln p(v) = J_∅ + Σ_S J_S Π_{i∈S} v_i, for each S of `sets`, which have one to [`LARGEST_ORDER`]
/// different sites each, in any order; exact to about 10⁻¹⁵ per hidden unit.
///
/// Visible units are taken as spins v = ±1 (+1 for the state 1 of 0/1 units). The expansion is then unique: J_S is the
/// average of Π_{i∈S} v_i ln p(v) over all 2^N configurations. A hidden unit adds ln 2 cosh(c_a + Σ_i W_ia v_i) to ln
/// p, and ln cosh x = ∫₀^∞ dk (1 − cos kx) / (k sinh(πk/2)), so that for n = |S| sites
///
///   J_S = b_i δ_{S={i}} + σ_n Σ_a ∫₀^∞ dk t_n(k c_a) Π_{i∈S} sin(k W_ia) Π_{l∉S} cos(k W_la) / (k sinh(πk/2)),
///
/// with (σ, t) = (+, sin), (+, cos), (−, sin), (−, cos) for n = 1, 2, 3, 4. For small weights the pairs are W·Wᵀ to the
/// lowest order. 0/1 units are spins with W/4, c ← (c + ½ Σ_i W_i)/2 and b ← b/2 + ¼ Σ_a W_ia.
///
/// # Errors
///
/// As [`couplings`], and if a set is empty or too large, or has a site twice or one that the machine has not.
pub fn couplings_of(rbm: &Rbm, sets: &[Vec<usize>]) -> Result<Vec<f64>, CouplingError> {
    let Parameters { fields, hidden } = Parameters::new(rbm)?;
    for set in sets {
        let twice = (1..set.len()).any(|n| set[..n].contains(&set[n]));
        let allowed = (1..=LARGEST_ORDER).contains(&set.len()) && !twice;
        if !allowed || set.iter().any(|&site| site >= fields.len()) {
            return Err(CouplingError::Sites { sites: set.clone(), visible: fields.len() });
        }
    }
    let mut found: Vec<f64> =
        sets.iter().map(|set| if let [i] = set[..] { fields[i] } else { 0.0 }).collect();
    for_each_block(&hidden, |block| {
        found.par_iter_mut().zip(sets).for_each(|(found, set)| {
            let weight = if set.len() % 2 == 1 { block.odd() } else { block.even() };
            let mut product = [0.0; BLOCK];
            product.copy_from_slice(block.tangents(set[0]));
            for &site in &set[1..set.len().max(1)] {
                product
                    .iter_mut()
                    .zip(block.tangents(site))
                    .for_each(|(product, tangent)| *product *= tangent);
            }
            let sum = dot(&product, weight);
            *found += if set.len() > 2 { -sum } else { sum };
        });
    })?;
    Ok(found)
}
