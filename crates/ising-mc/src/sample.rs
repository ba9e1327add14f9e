//! Sampling: from a config to configurations with observables.

use datasets::{Boundary, Progress, Spins};
use ndarray::Array2;
use numerics::bits::Bits;
use numerics::vector::{Width, width};
use rayon::prelude::*;

use crate::config::{SampleConfig, is_dynamic};
use crate::controls;
use crate::error::SampleError;
use crate::exact::critical_temperature;
use crate::meter::Meter;
use crate::model::Model;
use crate::observables;
use crate::pilot::{Schedule, pilot};
use crate::sampler::{self, Ensemble, ensemble};
use crate::summary::summarise;

/// Configurations of the Ising model, grouped by temperature in the order of the config, with their observables.
///
/// Up to [`MAXIMUM_CHAINS`](crate::MAXIMUM_CHAINS) samples at a temperature all come from different chains that start
/// ordered and are thermalized for at least 20 autocorrelation times, as measured in a pilot run, or as long as one
/// that saw no change at all; so they are independent. Without field each stored configuration is turned over with
/// probability ½. T = 0 gives the ground states (both, equally likely, without field), T = ∞ independent spins.
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
            let samples = controls::curie_weiss_samples(config, progress)?;
            (samples, vec![Schedule::INDEPENDENT; config.temperatures.len()])
        }
    };
    if config.model == Model::Shuffled {
        controls::shuffle(config, &mut samples);
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
        label_kind: datasets::LabelKind::Temperature,
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
    // Each temperature's chains start as soon as its own pilot has ended, and the slowest are begun first: so no thread
    // waits for the last pilots, or is left with a long one.
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
