//! What the weights of a restricted Boltzmann machine have learnt: spectra, vectors, structure by distance.
//!
//! **Invariant:** nothing here samples or trains; the same weights and configurations give the same numbers, whatever the
//! number of threads.
//!
//! # Overview
//!
//! * [`analyse`] — everything at once, as a [`datasets::Weights`].
//! * [`decompose`] — singular values and complete sets of vectors with a fixed sign convention.
//! * [`leading`] — the leading ones only, of a matrix that is too large for that.
//! * [`by_distance`], [`translation_invariant_fraction`], [`receptive_fields`] — structure on the lattice.
//! * [`shell_power`] — lattice images by wave number.
//! * [`fit_spectrum`] — exponential or power law.
//! * [`couplings()`], [`couplings_of`], [`local_couplings`], [`encoded_temperature`] — the Hamiltonian that a machine has
//!   learnt, by exact integrals.
//!
//! Vectors of equal or nearly equal eigenvalues are only determined up to a rotation among themselves. On a torus that
//! is the rule: the waves (kx, ky), (−kx, ky), (ky, kx), … have equal eigenvalues in a translation-invariant matrix.
//! What does not depend on that rotation are the eigenvalues and the sums over such a set: Fourier-shell power,
//! overlaps, projections.

mod couplings;
mod decomposition;
mod fourier;
mod leading;
mod linear;
mod projection;
mod spectrum;
mod structure;

use datasets::lattice::{Lattice, LatticeError};
use datasets::{PairCouplings, Rbm, Spins, Weights};
use ndarray::{Array2, ArrayView2, s};

pub use couplings::{
    CouplingError, Couplings, LARGEST_ORDER, LocalCouplings, couplings, couplings_by_distance, couplings_of,
    encoded_temperature, local_couplings,
};
pub use decomposition::{Decomposition, decompose};
pub use fourier::shell_power;
pub use leading::{Leading, leading};
pub use rbm_core::monitor::translation_invariant_fraction;
pub use spectrum::{Line, SMALLEST_FITTED, SpectrumFit, fit_spectrum};
use structure::Structure;
pub use structure::{ByDistance, by_distance, receptive_fields};

/// What to analyse.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WeightsConfig {
    /// The temperatures whose configurations are projected on the eigenvectors, in J/k_B; all of the file if absent.
    pub temperatures: Option<Vec<f64>>,
    /// The number of leading singular values and vectors; all of them if absent and there are at most 2048 visible units,
    /// otherwise 128.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modes: Option<usize>,
}

/// The largest number of visible units whose W·Wᵀ is decomposed completely unless the number of modes is given.
///
/// The complete decomposition takes several matrices of visible × visible numbers and a time that grows with the third
/// power of visible: 0.8 GB and minutes at 2048 visible and hidden units.
pub const LARGEST_COMPLETE: usize = 2048;

/// The number of leading modes of larger machines.
pub const MODES: usize = 128;

impl WeightsConfig {
    /// Whether it can be done, as far as that does not depend on a machine or on configurations.
    ///
    /// # Errors
    ///
    /// If it asks for no modes.
    pub fn check(&self) -> Result<(), AnalysisError> {
        if self.modes == Some(0) { Err(AnalysisError::NoModes) } else { Ok(()) }
    }

    /// The number of modes that are found of a machine with so many visible units; `None` for all of them.
    pub fn truncation(&self, visible: usize) -> Option<usize> {
        self.modes.or((visible > LARGEST_COMPLETE).then_some(MODES)).filter(|&modes| modes < visible)
    }
}

/// Why weights cannot be analysed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AnalysisError {
    /// The visible units are no lattice.
    #[error(transparent)]
    Lattice(#[from] LatticeError),
    /// There is nothing to analyse.
    #[error("the machine has no hidden units")]
    NoHiddenUnits,
    /// A weight is infinite or not a number.
    #[error(
        "weight [{visible}, {hidden}] is {found}, not a finite number; the training that made it has diverged"
    )]
    NotFinite {
        /// Its row.
        visible: usize,
        /// Its column.
        hidden: usize,
        /// The weight.
        found: f32,
    },
    /// Machine and configurations are of different lattices.
    #[error(
        "the machine has {visible} visible units but the configurations are of lattice {lattice} with {} sites; \
         use configurations of the lattice that it was trained on",
        lattice.sites()
    )]
    OtherLattice {
        /// The number of visible units.
        visible: usize,
        /// The lattice of the configurations.
        lattice: Lattice,
    },
    /// There are no configurations at a requested temperature.
    #[error("temperatures: {temperature} is not in the configurations' file, which has {available:?}")]
    UnknownTemperature {
        /// The temperature.
        temperature: f64,
        /// Those of the file.
        available: Vec<f64>,
    },
    /// A standard error needs two configurations.
    #[error("there are {found} configurations at temperature {temperature}, and at least 2 are needed")]
    TooFewConfigurations {
        /// The temperature.
        temperature: f64,
        /// How many there are.
        found: usize,
    },
    /// There is no leading mode.
    #[error("all weights are 0; train the machine")]
    AllZero,
    /// The configuration asks for nothing.
    #[error("modes is 0; it must be at least 1")]
    NoModes,
    /// The singular value decomposition failed.
    #[error("the singular value decomposition of the weights did not converge")]
    NotConverged,
}

/// Analyses the weights of a machine on the lattice of `spins`, and projects configurations on the eigenvectors of W·Wᵀ.
///
/// Eigenvectors and eigenvalues of W·Wᵀ are the left singular vectors and the squared singular values of W, so the
/// first min(visible, hidden) columns of `eigenvectors` and `left_singular_vectors` agree exactly, signs included.
/// Configurations are taken as ±1, biases and the values of the units play no part. Of machines with more than
/// [`LARGEST_COMPLETE`] visible units, or if a number of modes is set, only the leading modes are found, and W·Wᵀ
/// itself is left out; its structure by distance is that of all of it in either case. Without a lattice there is
/// nothing by distance or wave number, and no couplings.
///
/// # Errors
///
/// If the lattice of the configurations has another number of sites than the machine has visible units; if a weight is
/// not finite; if a temperature is not in `spins` or has fewer than two configurations.
pub fn analyse(config: &WeightsConfig, rbm: &Rbm, spins: &Spins) -> Result<Weights, AnalysisError> {
    let (visible, hidden) = rbm.weights.dim();
    let lattice = spins.lattice;
    if hidden == 0 {
        return Err(AnalysisError::NoHiddenUnits);
    }
    if let Some(((i, a), &found)) = rbm.weights.indexed_iter().find(|(_, weight)| !weight.is_finite()) {
        return Err(AnalysisError::NotFinite { visible: i, hidden: a, found });
    }
    if lattice.sites() != visible {
        return Err(AnalysisError::OtherLattice { visible, lattice });
    }
    config.check()?;
    let weights = rbm.weights.mapv(f64::from);
    let found = match config.truncation(visible) {
        Some(modes) => Modes::leading(lattice, weights.view(), modes)?,
        None => Modes::all(lattice, weights.view())?,
    };
    let eigenvectors = &found.eigenvectors;
    let uniform_overlap =
        eigenvectors.columns().into_iter().map(|vector| vector.sum().powi(2) / visible as f64).collect();
    let (shell_power, shell) = if lattice.has_geometry() {
        fourier::shell_power(lattice, eigenvectors.view())?
    } else {
        (Array2::zeros((eigenvectors.ncols(), 0)), vec![])
    };
    let temperature = config.temperatures.clone().unwrap_or_else(|| spins.temperature.clone());
    let projections = projection::project(eigenvectors.view(), spins, &temperature)?;
    let (by_distance, invariant) = match found.structure {
        Some(Structure { by_distance, translation_invariant_fraction }) => {
            (by_distance, Some(translation_invariant_fraction))
        }
        None => (ByDistance { distance: vec![], mean: vec![], deviation: vec![] }, None),
    };
    let rank = found.singular_values.len();
    let mut eigenvalues: Vec<f64> = found.singular_values.iter().map(|value| value * value).collect();
    eigenvalues.resize(eigenvectors.ncols(), 0.0);
    Ok(Weights {
        lattice,
        distance: by_distance.distance,
        gram_by_distance: by_distance.mean,
        gram_by_distance_deviation: by_distance.deviation,
        translation_invariant_fraction: invariant,
        gram: found.gram,
        eigenvalues,
        left_singular_vectors: eigenvectors.slice(s![.., ..rank]).to_owned(),
        singular_values: found.singular_values,
        right_singular_vectors: found.right,
        residual: found.residual,
        uniform_overlap,
        shell_power,
        shell,
        temperature,
        projection: projections.mean,
        projection_error: projections.error,
        squared_magnetization: projections.squared_magnetization,
        eigenvectors: found.eigenvectors,
        couplings: pair_couplings(rbm, lattice),
    })
}

/// The largest number of visible units whose pair couplings are found with the rest; their time grows with its square.
pub const LARGEST_COUPLED: usize = 1024;

/// The couplings of all pairs by distance; `None` of machines that are too large, or whose weights are.
fn pair_couplings(rbm: &Rbm, lattice: Lattice) -> Option<PairCouplings> {
    if rbm.visible() > LARGEST_COUPLED {
        return None;
    }
    let pairs = couplings(rbm).ok()?.pairs;
    let found = by_distance(lattice, pairs.view()).ok()?;
    let temperature = encoded_temperature(lattice, pairs.view()).ok()?;
    Some(PairCouplings {
        by_distance: found.mean,
        deviation: found.deviation,
        // Without couplings there is none.
        encoded_temperature: Some(temperature).filter(|t| t.value.is_finite()),
    })
}

/// What is found of W and W·Wᵀ.
struct Modes {
    gram: Option<Array2<f64>>,
    /// None without geometry.
    structure: Option<Structure>,
    singular_values: Vec<f64>,
    /// [visible, mode]
    eigenvectors: Array2<f64>,
    /// [hidden, rank]
    right: Array2<f64>,
    residual: Option<Vec<f64>>,
}

impl Modes {
    fn all(lattice: Lattice, weights: ArrayView2<f64>) -> Result<Self, AnalysisError> {
        let gram = linear::gram_of_rows(weights);
        let found = decompose(weights).ok_or(AnalysisError::NotConverged)?;
        let of_gram = || -> Result<Structure, LatticeError> {
            Ok(Structure {
                by_distance: by_distance(lattice, gram.view())?,
                translation_invariant_fraction: translation_invariant_fraction(lattice, gram.view())?,
            })
        };
        let structure = lattice.has_geometry().then(of_gram).transpose()?;
        let Decomposition { singular_values, left, right } = found;
        Ok(Self { gram: Some(gram), structure, singular_values, eigenvectors: left, right, residual: None })
    }

    fn leading(lattice: Lattice, weights: ArrayView2<f64>, modes: usize) -> Result<Self, AnalysisError> {
        let found = leading(weights, modes).ok_or(AnalysisError::NotConverged)?;
        if found.singular_values.is_empty() {
            return Err(AnalysisError::AllZero);
        }
        let Leading { singular_values, left, right, residual } = found;
        let structure = lattice.has_geometry().then(|| structure::structure(lattice, weights)).transpose()?;
        Ok(Self {
            gram: None,
            structure,
            singular_values,
            eigenvectors: left,
            right,
            residual: Some(residual),
        })
    }
}
