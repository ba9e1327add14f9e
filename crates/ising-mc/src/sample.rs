//! Sampling: from a config to configurations with observables.

use std::sync::atomic::{AtomicU64, Ordering};

use datasets::lattice::{Kind, Lattice, LatticeError};
use datasets::{Boundary, Interrupted, Progress, Spins};
use ndarray::Array2;
use numerics::bits::Bits;
use numerics::streams::stream;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::exact::critical_temperature;
use crate::model::{self, Model};
use crate::observables;
use crate::pilot::{Schedule, pilot};
use crate::sampler::{self, Algorithm, Ensemble, ensemble};
use crate::summary::summarise;
use numerics::vector::{Width, width};

/// The largest number of independent chains at one temperature. Up to this number of samples every sample comes from a
/// chain of its own; more samples are taken from the same chains, far apart.
pub const MAXIMUM_CHAINS: usize = 8192;

/// The largest number of sites that is sampled.
pub const LARGEST_SITES: usize = 1 << 24;

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
/// In settings the lattice is `lattice`, its kind (default `square`), with `size`, all its sides, or `shape`, a list of them.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(try_from = "Settings", into = "Settings")]
pub struct SampleConfig {
    /// The lattice, with bonds and up to [`LARGEST_SITES`] sites.
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
    #[serde(default, skip_serializing_if = "is_square")]
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

/// Squares need no kind in settings: these are those of the time before other lattices.
pub(crate) fn is_square(kind: &Kind) -> bool {
    *kind == Kind::Square
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

/// A sampling that cannot be done.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SampleError {
    #[error("lattice {0} has more than {LARGEST_SITES} sites: use a smaller one")]
    TooManySites(Lattice),
    #[error("lattice {0} has no bonds: name the lattice that the spins are on")]
    NoBonds(Lattice),
    #[error("model `curie-weiss` has the four neighbours of a square lattice, not those of {0}: use square")]
    NoCurieWeiss(Lattice),
    #[error("algorithm `checkerboard` needs a square lattice of even size, not {0}: use `metropolis`")]
    NoCheckerboard(Lattice),
    #[error("no temperatures are given")]
    NoTemperatures,
    #[error("{0} temperatures are more than the 65535 that a file can number")]
    TooManyTemperatures(usize),
    #[error("temperature number {index} is {value}, not a number in 0..=inf")]
    Temperature { index: usize, value: f64 },
    #[error("temperature {0} is given twice")]
    RepeatedTemperature(f64),
    #[error("samples_per_temperature is 0")]
    NoSamples,
    #[error(
        "the samples would take {bytes} bytes, more than the limit of {limit}: ask for fewer, or a smaller size"
    )]
    TooLarge { bytes: u128, limit: u128 },
    #[error("field {0} is not a finite number")]
    Field(f64),
    #[error(
        "algorithm `{algorithm}` cannot sample in a field: use `metropolis`, `heat-bath` or \
         `coupling-from-the-past`"
    )]
    FieldUnsupported { algorithm: &'static str },
    #[error(
        "`{algorithm}` at temperature {temperature} has an autocorrelation time beyond {sweeps} sweeps: \
         use `wolff` or `swendsen-wang`, or a smaller size"
    )]
    TooSlow { algorithm: &'static str, temperature: f64, sweeps: u64 },
    #[error(
        "coupling from the past at temperature {temperature} has not met within {sweeps} sweeps: use another algorithm"
    )]
    NotCoalesced { temperature: f64, sweeps: u64 },
    #[error(transparent)]
    Lattice(#[from] LatticeError),
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// Whether a lattice can be sampled.
pub(crate) fn check_lattice(lattice: Lattice) -> Result<(), SampleError> {
    if !lattice.has_geometry() {
        return Err(SampleError::NoBonds(lattice));
    }
    if lattice.sites() > LARGEST_SITES {
        return Err(SampleError::TooManySites(lattice));
    }
    Ok(())
}

/// L of a lattice that `checkerboard` can sample.
pub(crate) fn checkerboard_size(lattice: Lattice) -> Result<usize, SampleError> {
    lattice.square_size().filter(|size| size % 2 == 0).ok_or(SampleError::NoCheckerboard(lattice))
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

    /// The random stream of one purpose at one temperature, keyed by all that the configurations depend on, so that it does
    /// not matter whether temperatures are given in one call or in several, nor in which order. `part` numbers blocks of chains.
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
    fn stream_of_algorithm(&self, purpose: &str, temperature: f64, part: usize) -> ChaCha8Rng {
        self.stream(&format!("sample {purpose}, {}", self.algorithm.name()), temperature, part)
    }

    /// Samples per chain.
    fn samples_per_chain(&self) -> usize {
        self.samples_per_temperature.div_ceil(MAXIMUM_CHAINS)
    }

    /// Chains at each temperature.
    fn chains(&self) -> usize {
        self.samples_per_temperature.div_ceil(self.samples_per_chain())
    }
}

/// Configurations of the Ising model, grouped by temperature in the order of the config, with their observables.
///
/// Up to [`MAXIMUM_CHAINS`] samples at a temperature all come from different chains that start ordered and are
/// thermalized for at least 20 autocorrelation times, as measured in a pilot run, or as long as one that saw no change at all; so they are independent. Without field each
/// stored configuration is turned over with probability ½. T = 0 gives the ground states (both, equally likely, without
/// field), T = ∞ independent spins.
///
/// # Errors
///
/// If the config is refused ([`SampleConfig::check`]), the dynamics is too slow, or `progress` asks to stop.
pub fn sample(config: &SampleConfig, progress: &dyn Progress) -> Result<Spins, SampleError> {
    sample_with(config, progress, width())
}

/// [`sample`] with a given register width, which changes nothing but the time.
///
/// # Errors
///
/// As [`sample`].
pub fn sample_with(
    config: &SampleConfig,
    progress: &dyn Progress,
    width: Width,
) -> Result<Spins, SampleError> {
    config.check()?;
    let (mut samples, schedules) = match config.model {
        Model::Ising | Model::Shuffled => chain_samples(config, progress, width)?,
        Model::CurieWeiss => {
            let samples = model::curie_weiss_samples(config, progress)?;
            (samples, vec![Schedule::INDEPENDENT; config.temperatures.len()])
        }
    };
    if config.model == Model::Shuffled {
        model::shuffle(config, &mut samples);
    }
    let (lattice, sites) = (config.lattice, config.lattice.sites());
    let energy: Vec<i32> = samples.chunks_exact(sites).map(|s| observables::energy(lattice, s)).collect();
    let magnetization: Vec<i32> = samples.chunks_exact(sites).map(observables::magnetization).collect();
    let per_chain = config.samples_per_chain();
    let observables = summarise(config, &schedules, per_chain, &energy, &magnetization)?;
    progress.report(1.0)?;
    let rows = energy.len();
    Ok(Spins {
        lattice,
        boundary: Boundary::Periodic,
        coupling: 1.0,
        field: config.field,
        algorithm: config.algorithm_name(),
        temperature: config.temperatures.clone(),
        samples: Array2::from_shape_vec((rows, sites), samples).expect("n samples of all sites"),
        labels: (0..rows).map(|row| (row / config.samples_per_temperature) as u16).collect(),
        energy,
        magnetization,
        observables,
    })
}

/// Configurations from Markov chains, [temperatures, samples, sites], and how the chains were run.
fn chain_samples(
    config: &SampleConfig,
    progress: &dyn Progress,
    width: Width,
) -> Result<(Vec<i8>, Vec<Schedule>), SampleError> {
    let temperatures = &config.temperatures;
    let model = |t: usize| sampler::Model {
        lattice: config.lattice,
        temperature: temperatures[t],
        field: config.field,
    };
    let per_block = config.algorithm.chains_per_block();
    let blocks = config.chains().div_ceil(per_block);
    let meter = Meter::new(progress, 0.0, 0.99, temperatures.len() as u64 * SHARE);
    // Each temperature's chains start as soon as its own pilot has ended, and the slowest are begun first: so no thread waits
    // for the last pilots, or is left with a long one.
    let mut order: Vec<usize> = (0..temperatures.len()).collect();
    order.sort_by(|&s, &t| slowness(temperatures[t]).total_cmp(&slowness(temperatures[s])));
    let mut found: Vec<(usize, Schedule, Vec<Vec<i8>>)> = order
        .into_par_iter()
        .map(|t| {
            let schedule = if is_dynamic(temperatures[t]) {
                let mut stream = config.stream_of_algorithm("pilot", temperatures[t], 0);
                pilot(config.algorithm, model(t), width, &mut stream, &|| meter.advance(0))?
            } else {
                Schedule::INDEPENDENT
            };
            meter.advance(SHARE / 4)?;
            let run = |block| {
                let chains = per_block.min(config.chains() - block * per_block);
                let job = Job { block, chains, share: (SHARE - SHARE / 4) / blocks as u64 };
                run_block(config, &job, model(t), schedule, width, &meter)
            };
            let samples = (0..blocks).into_par_iter().map(run).collect::<Result<_, SampleError>>()?;
            Ok((t, schedule, samples))
        })
        .collect::<Result<_, SampleError>>()?;
    found.sort_by_key(|&(t, ..)| t);

    let sites = config.lattice.sites();
    let n = config.samples_per_temperature;
    let mut samples = Vec::with_capacity(temperatures.len() * n * sites);
    let mut schedules = Vec::with_capacity(temperatures.len());
    for (t, schedule, blocks) in found {
        let temperature = temperatures[t];
        schedules.push(schedule);
        let start = samples.len();
        for block in blocks {
            let left = n * sites - (samples.len() - start);
            samples.extend_from_slice(&block[..block.len().min(left)]);
        }
        if config.field == 0.0 {
            let mut coins = Bits::from_stream(&mut config.stream_of_algorithm("flip", temperature, 0));
            for sample in samples[start..].chunks_exact_mut(sites) {
                if coins.next() >> 63 == 1 {
                    sample.iter_mut().for_each(|spin| *spin = -*spin);
                }
            }
        }
    }
    Ok((samples, schedules))
}

/// Whether a temperature needs a Markov chain: the ends are exact.
pub(crate) fn is_dynamic(temperature: f64) -> bool {
    temperature > 0.0 && temperature.is_finite()
}

/// How slow the chains at a temperature can be expected to be, by order: most at the critical one.
fn slowness(temperature: f64) -> f64 {
    if is_dynamic(temperature) { -(temperature - critical_temperature()).abs() } else { f64::NEG_INFINITY }
}

/// The units of progress of a temperature.
const SHARE: u64 = 1 << 40;

/// Chains that one thread advances together.
struct Job {
    block: usize,
    chains: usize,
    /// Their units of progress.
    share: u64,
}

/// The samples of the job's chains, one chain after the other, [chains, samples per chain, sites].
fn run_block(
    config: &SampleConfig,
    job: &Job,
    model: sampler::Model,
    schedule: Schedule,
    width: Width,
    meter: &Meter,
) -> Result<Vec<i8>, SampleError> {
    let sites = config.lattice.sites();
    let per_chain = config.samples_per_chain();
    let mut samples = vec![1i8; job.chains * per_chain * sites];
    let mut stream = config.stream_of_algorithm("chains", model.temperature, job.block);
    if !is_dynamic(model.temperature) {
        if model.temperature == 0.0 {
            if config.field < 0.0 {
                samples.fill(-1);
            }
        } else {
            let mut bits = Bits::from_stream(&mut stream);
            for spins in samples.chunks_mut(64) {
                let word = bits.next();
                for (k, spin) in spins.iter_mut().enumerate() {
                    *spin = if word >> k & 1 == 1 { 1 } else { -1 };
                }
            }
        }
        meter.advance(job.share)?;
        return Ok(samples);
    }
    let mut ensemble = ensemble(config.algorithm, model, job.chains, width, &mut stream);
    // Of a sweep.
    let each = job.share / (schedule.thermalization + (per_chain as u64 - 1) * schedule.thinning + 1);
    // Often enough to be stopped within a fraction of a second.
    let portion = ((1 << 20) / sites as u64).max(1);
    let advance = |ensemble: &mut Box<dyn Ensemble>, mut sweeps: u64| {
        while sweeps > 0 {
            let part = sweeps.min(portion);
            ensemble.sweep(part)?;
            meter.advance(part * each)?;
            sweeps -= part;
        }
        Ok::<(), SampleError>(())
    };
    advance(&mut ensemble, schedule.thermalization)?;
    for round in 0..per_chain {
        if round > 0 {
            advance(&mut ensemble, schedule.thinning)?;
        }
        for chain in 0..job.chains {
            let start = (chain * per_chain + round) * sites;
            ensemble.copy(chain, &mut samples[start..][..sites]);
        }
    }
    meter.advance(each)?;
    Ok(samples)
}

/// Counts units of work of all threads and reports the fraction.
pub(crate) struct Meter<'a> {
    progress: &'a dyn Progress,
    start: f64,
    end: f64,
    total: u64,
    done: AtomicU64,
}

impl<'a> Meter<'a> {
    /// Reports fractions in `start`..=`end`.
    pub(crate) fn new(progress: &'a dyn Progress, start: f64, end: f64, total: u64) -> Self {
        Self { progress, start, end, total: total.max(1), done: AtomicU64::new(0) }
    }

    pub(crate) fn advance(&self, units: u64) -> Result<(), Interrupted> {
        let done = self.done.fetch_add(units, Ordering::Relaxed) + units;
        let fraction = (done as f64 / self.total as f64).min(1.0);
        self.progress.report(self.start + (self.end - self.start) * fraction)
    }
}
