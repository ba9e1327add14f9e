//! What to sample.

use datasets::lattice::{Kind, Lattice, LatticeError};
use numerics::streams::stream;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::error::{SampleError, check_lattice, checkerboard_size};
use crate::model::Model;
use crate::sampler::Algorithm;

/// The largest number of independent chains at one temperature. Up to this number of samples every sample comes from a
/// chain of its own; more samples are taken from the same chains, far apart.
pub const MAXIMUM_CHAINS: usize = 8192;

/// What to sample.
///
/// ```
/// let config = ising_mc::SampleConfig {
///     lattice: "square:4".parse()?,
///     temperatures: vec![0.0, 2.5, f64::INFINITY],
///     samples_per_temperature: 10,
///     field: 0.0,
///     algorithm: ising_mc::Algorithm::Metropolis,
///     model: ising_mc::Model::Ising,
///     seed: 1,
/// };
/// let spins = ising_mc::sample(&config, &())?;
/// assert_eq!(spins.samples.dim(), (30, 16));
/// // At T = 0 there are only the two ground states.
/// assert_eq!(spins.energy[..10], [-32; 10]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
/// In settings the lattice is `lattice`, its kind (default `square`), with `size`, all its sides, or `shape`, a list of
/// them.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(try_from = "Settings", into = "Settings")]
pub struct SampleConfig {
    /// The lattice, with bonds and up to [`LARGEST_SITES`](crate::LARGEST_SITES) sites.
    pub lattice: Lattice,
    /// Temperatures in J/k_B, all different; 0 and ∞ are exact.
    pub temperatures: Vec<f64>,
    /// Configurations at each temperature.
    pub samples_per_temperature: usize,
    /// Uniform field h in J; the energy is −J Σσσ − h Σσ. Default 0.
    pub field: f64,
    /// The sampler. Default Metropolis.
    pub algorithm: Algorithm,
    /// The law of the configurations. Default `ising`.
    pub model: Model,
    /// Master seed. Default 0.
    pub seed: u64,
}

/// The settings of a [`SampleConfig`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default, skip_serializing_if = "Kind::is_square")]
    lattice: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shape: Option<Vec<usize>>,
    temperatures: Vec<f64>,
    samples_per_temperature: usize,
    #[serde(default)]
    field: f64,
    #[serde(default)]
    algorithm: Algorithm,
    #[serde(default)]
    model: Model,
    #[serde(default)]
    seed: u64,
}

impl TryFrom<Settings> for SampleConfig {
    type Error = LatticeError;

    fn try_from(settings: Settings) -> Result<Self, LatticeError> {
        Ok(Self {
            lattice: Lattice::from_settings(settings.lattice, settings.size, settings.shape.as_deref())?,
            temperatures: settings.temperatures,
            samples_per_temperature: settings.samples_per_temperature,
            field: settings.field,
            algorithm: settings.algorithm,
            model: settings.model,
            seed: settings.seed,
        })
    }
}

impl From<SampleConfig> for Settings {
    fn from(config: SampleConfig) -> Self {
        let (lattice, size, shape) = config.lattice.settings();
        Self {
            lattice,
            size,
            shape,
            temperatures: config.temperatures,
            samples_per_temperature: config.samples_per_temperature,
            field: config.field,
            algorithm: config.algorithm,
            model: config.model,
            seed: config.seed,
        }
    }
}

/// Whether a temperature needs a Markov chain: the ends are exact.
pub(crate) fn is_dynamic(temperature: f64) -> bool {
    temperature > 0.0 && temperature.is_finite()
}

/// The limit of the samples' memory.
const LARGEST_BYTES: u128 = 1 << 36;

impl SampleConfig {
    /// Whether it can be done.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, by name.
    pub fn check(&self) -> Result<(), SampleError> {
        check_lattice(self.lattice)?;
        if self.model == Model::CurieWeiss && self.lattice.square_size().is_none() {
            return Err(SampleError::NoCurieWeiss(self.lattice));
        }
        if self.algorithm == Algorithm::Checkerboard {
            checkerboard_size(self.lattice)?;
        }
        match self.temperatures.len() {
            0 => return Err(SampleError::NoTemperatures),
            n if n > usize::from(u16::MAX) => return Err(SampleError::TooManyTemperatures(n)),
            _ => {}
        }
        for (index, &value) in self.temperatures.iter().enumerate() {
            if value.is_nan() || value < 0.0 {
                return Err(SampleError::Temperature { index, value });
            }
        }
        let mut sorted = self.temperatures.clone();
        sorted.sort_by(f64::total_cmp);
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(SampleError::RepeatedTemperature(pair[0]));
        }
        if self.samples_per_temperature == 0 {
            return Err(SampleError::NoSamples);
        }
        let bytes = self.samples_per_temperature as u128
            * self.temperatures.len() as u128
            * self.lattice.sites() as u128;
        if bytes > LARGEST_BYTES {
            return Err(SampleError::TooLarge { bytes, limit: LARGEST_BYTES });
        }
        if !self.field.is_finite() {
            return Err(SampleError::Field(self.field));
        }
        let sampled = self.model != Model::CurieWeiss;
        if sampled && self.field != 0.0 && !self.algorithm.allows_field() {
            return Err(SampleError::FieldUnsupported { algorithm: self.algorithm.name() });
        }
        Ok(())
    }

    /// The random stream of one purpose at one temperature, keyed by all that the configurations depend on, so that it
    /// does not matter whether temperatures are given in one call or in several, nor in which order. `part` numbers
    /// blocks of chains.
    pub(crate) fn stream(&self, purpose: &str, temperature: f64, part: usize) -> ChaCha8Rng {
        // -0.0 is the same field, and the same temperature, as 0.0.
        let bits = |x: f64| (x + 0.0).to_bits();
        let [temperature, field, part] = [bits(temperature), bits(self.field), part as u64];
        match self.lattice.square_size() {
            Some(size) => stream(self.seed, purpose, &[size as u64, temperature, field, part]),
            // Squares of equal sides were there first: theirs is the purpose without a lattice.
            None => stream(self.seed, &format!("{purpose} on {}", self.lattice), &[temperature, field, part]),
        }
    }

    /// The stream of what depends on the algorithm too.
    pub(crate) fn stream_of_algorithm(&self, purpose: &str, temperature: f64, part: usize) -> ChaCha8Rng {
        self.stream(&format!("sample {purpose}, {}", self.algorithm.name()), temperature, part)
    }

    /// Samples per chain.
    pub(crate) fn samples_per_chain(&self) -> usize {
        self.samples_per_temperature.div_ceil(MAXIMUM_CHAINS)
    }

    /// Chains at each temperature.
    pub(crate) fn chains(&self) -> usize {
        self.samples_per_temperature.div_ceil(self.samples_per_chain())
    }

    /// How the configurations were made, as files have it.
    pub(crate) fn algorithm_name(&self) -> String {
        match self.model {
            Model::Ising => self.algorithm.name().to_owned(),
            Model::Shuffled => format!("{}, shuffled", self.algorithm.name()),
            Model::CurieWeiss => Model::CurieWeiss.name().to_owned(),
        }
    }
}
