//! Pilot runs: how long a chain must run before its first sample, and between two.

use datasets::Interrupted;
use rand_chacha::ChaCha8Rng;

use crate::SampleError;
use crate::sampler::{Algorithm, Model, ensemble};
use crate::statistics::{autocorrelation_time_of_chains, effective_samples};
use numerics::vector::Width;

/// Thermalization in autocorrelation times. What is left of the ordered start is e^−20.
const THERMALIZATION: f64 = 20.0;

/// Thinning in autocorrelation times.
const THINNING: f64 = 5.0;

/// The measured part of a pilot must be this many autocorrelation times long.
const LENGTH: f64 = 12.0;

/// Points of a pilot's series; when they are full, every second is dropped and the time between them doubled.
const POINTS: usize = 512;

/// The longest pilot in sweeps.
const LONGEST: u64 = 1 << 23;

/// How a chain is run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Schedule {
    /// Integrated autocorrelation time in sweeps, the larger of energy and |m| (m in a field).
    pub(crate) time: f64,
    /// Sweeps before the first sample.
    pub(crate) thermalization: u64,
    /// Sweeps between samples.
    pub(crate) thinning: u64,
}

impl Schedule {
    /// For samplers whose configurations are independent from the start.
    pub(crate) const INDEPENDENT: Self = Self { time: 0.5, thermalization: 0, thinning: 0 };

    /// How many of n samples are effectively independent, if each chain gives `per_chain` of them.
    pub(crate) fn effective_samples(&self, n: usize, per_chain: usize) -> f64 {
        if per_chain == 1 || self.thinning == 0 {
            return n as f64;
        }
        // Of the autoregression with the time τ between sweeps: ρ(1) = (2τ − 1) / (2τ + 1).
        let rho = ((2.0 * self.time - 1.0) / (2.0 * self.time + 1.0)).powf(self.thinning as f64);
        effective_samples(n, 0.5 * (1.0 + rho) / (1.0 - rho))
    }

    fn from_time(time: f64) -> Self {
        let at_least_one = time.max(1.0);
        Self {
            time: time.max(0.5),
            thermalization: (THERMALIZATION * at_least_one).ceil() as u64,
            thinning: (THINNING * at_least_one).ceil() as u64,
        }
    }
}

/// Runs chains from the ordered start, drops the first half of their history and measures τ in the second, longer and
/// longer until that half holds 12 τ.
pub(crate) fn pilot(
    algorithm: Algorithm,
    model: Model,
    width: Width,
    stream: &mut ChaCha8Rng,
    stop: &dyn Fn() -> Result<(), Interrupted>,
) -> Result<Schedule, SampleError> {
    if algorithm == Algorithm::CouplingFromThePast {
        // Each "sweep" is an independent configuration; one is needed before the first sample.
        return Ok(Schedule { time: 0.5, thermalization: 1, thinning: 1 });
    }
    let chains = algorithm.pilot_chains();
    let mut ensemble = ensemble(algorithm, model, chains, width, stream);
    let (mut energy, mut magnetization) = (vec![0; chains], vec![0; chains]);
    let mut histories = [vec![Vec::with_capacity(POINTS); chains], vec![Vec::with_capacity(POINTS); chains]];
    let mut stride = 1;
    let mut look = 64;
    let mut sweeps = 0;
    loop {
        ensemble.sweep(stride)?;
        sweeps += stride;
        ensemble.measure(&mut energy, &mut magnetization);
        for chain in 0..chains {
            histories[0][chain].push(f64::from(energy[chain]));
            let m = f64::from(magnetization[chain]);
            histories[1][chain].push(if model.field == 0.0 { m.abs() } else { m });
        }
        let points = histories[0][0].len();
        if points % 16 == 0 {
            stop()?;
        }
        if points < look {
            continue;
        }
        if let Some(time) = largest_time(&histories) {
            return Ok(Schedule::from_time(time * stride as f64));
        }
        if sweeps >= LONGEST {
            return Err(SampleError::TooSlow {
                algorithm: algorithm.name(),
                temperature: model.temperature,
                sweeps: LONGEST / 24,
            });
        }
        look = POINTS.min(2 * look);
        if points == POINTS {
            stride *= 2;
            for history in histories.iter_mut().flatten() {
                let mut index = 0;
                history.retain(|_| {
                    index += 1;
                    index % 2 == 0
                });
            }
        }
    }
}

/// The largest τ in points of the second halves, if they are long enough for it.
fn largest_time(histories: &[Vec<Vec<f64>>; 2]) -> Option<f64> {
    let mut largest = 0.5f64;
    for history in histories {
        let halves: Vec<&[f64]> = history.iter().map(|series| &series[series.len() / 2..]).collect();
        let time = autocorrelation_time_of_chains(&halves).ok()?.time;
        if time * LENGTH > halves[0].len() as f64 {
            return None;
        }
        largest = largest.max(time);
    }
    Some(largest)
}
