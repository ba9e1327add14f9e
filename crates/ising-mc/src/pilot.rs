//! Pilot runs: how long a chain must run before its first sample, and between two.

use datasets::Interrupted;

use rand_chacha::ChaCha8Rng;

use crate::error::SampleError;
use crate::sampler::{Algorithm, Model, ensemble};
use crate::statistics::{StatisticsError, autocorrelation_time_of_chains, effective_samples};
use numerics::elementary::{exp, ln};
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
    /// Integrated autocorrelation time in sweeps, the larger of energy and |m| (m in a field); NaN if neither has changed
    /// in any chain of the pilot, so that it is unknown.
    pub(crate) time: f64,
    /// Sweeps before the first sample.
    pub(crate) thermalization: u64,
    /// Sweeps between samples.
    pub(crate) thinning: u64,
}

impl Schedule {
    /// For samplers whose configurations are independent from the start.
    pub(crate) const INDEPENDENT: Self = Self { time: 0.5, thermalization: 0, thinning: 0 };

    /// How many of n samples are effectively independent, if each chain gives `per_chain` of them: where the
    /// autocorrelation time is unknown, at least one of each chain.
    pub(crate) fn effective_samples(&self, n: usize, per_chain: usize) -> f64 {
        if per_chain == 1 || self.thinning == 0 {
            return n as f64;
        }
        if self.time.is_nan() {
            return n.div_ceil(per_chain) as f64;
        }
        // Of the autoregression with the time τ between sweeps: ρ(1) = (2τ − 1) / (2τ + 1).
        let each = ((2.0 * self.time - 1.0) / (2.0 * self.time + 1.0)).max(0.0);
        let rho = exp(self.thinning as f64 * ln(each));
        effective_samples(n, 0.5 * (1.0 + rho) / (1.0 - rho))
    }

    /// Where nothing has changed in `sweeps` sweeps of the pilot's chains. They started in the most probable state, and
    /// whatever leaves it less often than that is as rare in the law itself: so the samples are given as long.
    fn quiet(sweeps: u64) -> Self {
        Self { time: f64::NAN, thermalization: sweeps, thinning: sweeps }
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
        match largest_time(&histories) {
            Look::Time(time) => return Ok(Schedule::from_time(time * stride as f64)),
            Look::Quiet => return Ok(Schedule::quiet(sweeps)),
            Look::Short => {}
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

/// What the second halves of some series say.
#[derive(Debug, PartialEq)]
enum Look {
    /// The largest τ in points.
    Time(f64),
    /// They are too short for τ.
    Short,
    /// None of them has any variance.
    Quiet,
}

fn largest_time(histories: &[Vec<Vec<f64>>; 2]) -> Look {
    let mut largest: Option<f64> = None;
    for history in histories {
        let halves: Vec<&[f64]> = history.iter().map(|series| &series[series.len() / 2..]).collect();
        match autocorrelation_time_of_chains(&halves) {
            Ok(found) if found.time * LENGTH <= halves[0].len() as f64 => {
                largest = Some(found.time.max(largest.unwrap_or(0.5)));
            }
            Err(StatisticsError::NoVariance) => {}
            _ => return Look::Short,
        }
    }
    largest.map_or(Look::Quiet, Look::Time)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Series that do not change say nothing about τ; one that does is enough.
    #[test]
    fn constant_series_are_not_independent() {
        let flat = vec![vec![3.0; 64]; 4];
        assert_eq!(largest_time(&[flat.clone(), flat.clone()]), Look::Quiet);
        let series = |k: i32| (0..64).map(|i| f64::from((i * 37 + k) % 11)).collect();
        let lively: Vec<Vec<f64>> = (0..4).map(series).collect();
        assert!(matches!(largest_time(&[flat.clone(), lively]), Look::Time(_)));
        let drift: Vec<Vec<f64>> = (0..4).map(|_| (0..64).map(f64::from).collect()).collect();
        assert_eq!(largest_time(&[flat, drift]), Look::Short);
        let quiet = Schedule::quiet(64);
        assert!(quiet.time.is_nan() && quiet.effective_samples(300, 3) == 100.0);
    }

    /// An autoregression with τ = 4.5 has ρ(1) = .8, so ρ(3) = .512, and n (1 − ρ) / (1 + ρ) of n samples are independent.
    #[test]
    fn effective_samples_are_those_of_an_autoregression() {
        let schedule = Schedule { time: 4.5, thermalization: 100, thinning: 3 };
        let expected = 1000.0 * (1.0 - 0.512) / (1.0 + 0.512);
        assert!((schedule.effective_samples(1000, 10) - expected).abs() < 1e-9);
    }

    /// At T_c single flips need tens of sweeps on 16 × 16 sites (τ ~ L^2.17). Without longer strides 512 points hold 12 τ
    /// up to τ = 21 only.
    #[test]
    fn pilots_grow_with_the_time() {
        let temperature = crate::exact::critical_temperature();
        let model = Model { lattice: "square:16".parse().unwrap(), temperature, field: 0.0 };
        let mut random = numerics::streams::stream(1, "test", &[]);
        let schedule =
            pilot(Algorithm::Metropolis, model, numerics::vector::width(), &mut random, &|| Ok(())).unwrap();
        assert!(schedule.time > 256.0 / 12.0 && schedule.time < 1000.0, "{schedule:?}");
        assert!(schedule.thermalization as f64 >= THERMALIZATION * schedule.time);
    }
}
