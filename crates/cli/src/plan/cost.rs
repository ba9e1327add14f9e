//! What jobs are expected to take, from their settings alone. Measured on one core of a 2-core AVX-512 machine.

use crate::job::Stage;

/// What a job is expected to take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cost {
    /// The time on one core, in seconds.
    pub(crate) core_seconds: f64,
    /// The largest memory, in bytes.
    pub(crate) memory_bytes: u64,
}

/// The time to start a job, and to read and write small files.
const START: f64 = 0.02;
/// What any job needs, in bytes.
const BASE: f64 = 4e6;

impl Cost {
    fn new(core_seconds: f64, bytes: f64) -> Self {
        Self { core_seconds: START + core_seconds, memory_bytes: (BASE + bytes) as u64 }
    }

    /// Configurations at some temperatures.
    pub(super) fn sample(size: usize, temperatures: &[f64], each: usize) -> Self {
        let sites = (size * size) as f64;
        let samples = (temperatures.len() * each) as f64;
        // Near the critical temperature the autocorrelation time grows about as L².
        Self::new(samples * sites * (1.0 + sites / 100.0) * 2e-8, samples * sites * 4.0)
    }

    /// A table of thermal averages: exact for small lattices, otherwise sampled.
    pub(super) fn equation_of_state(config: &ising_mc::EquationOfStateConfig) -> Self {
        let sites = (config.size * config.size) as f64;
        if config.size <= ising_mc::LARGEST_EXACT {
            Self::new(0.3, 1e8)
        } else {
            Self::new(sites * 2e-3, 5e7)
        }
    }

    /// A machine.
    pub(super) fn train(visible: usize, hidden: usize, epochs: u32, samples: usize) -> Self {
        let (visible, hidden, samples) = (visible as f64, hidden as f64, samples as f64);
        // Five products of 2 · visible · hidden operations for each configuration, and the sampling of both layers.
        let each = visible * hidden * 7e-11 + (visible + hidden) * 1e-9;
        Self::new(f64::from(epochs) * samples * each, samples * visible * 10.0 + visible * hidden * 40.0)
    }

    /// A network thermometer.
    pub(super) fn thermometer(stage: &Stage, size: usize, classes: usize, each: usize) -> Self {
        let Stage::Thermometer(config) = stage else { return Self::new(0.0, 0.0) };
        let sites = (size * size) as f64;
        let samples = (classes * each) as f64;
        let mut units = vec![sites];
        units.extend(config.hidden.iter().map(|&units| units as f64));
        units.push(classes as f64);
        let weights: f64 = units.windows(2).map(|pair| pair[0] * pair[1]).sum();
        let updates = f64::from(config.epochs) * samples;
        Self::new(updates * (weights * 1.2e-10 + 1e-6), samples * sites * 10.0)
    }

    /// A flow of many chains; block spins have no hidden units.
    pub(super) fn flow(size: usize, hidden: usize, chains: usize, steps: u32) -> Self {
        let sites = (size * size) as f64;
        let each = sites * hidden as f64 * 6e-11 + (sites + hidden as f64) * 5e-9 + 2e-6;
        Self::new(chains as f64 * f64::from(steps + 1) * each, chains as f64 * sites * 12.0)
    }

    /// The analysis of a weight matrix.
    pub(super) fn weights(visible: usize, hidden: usize) -> Self {
        let (visible, hidden) = (visible as f64, hidden as f64);
        let cube = visible * visible * (visible + hidden);
        Self::new(cube * 2e-8, 8.0 * 6.0 * visible * visible + 8.0 * visible * hidden * 3.0 + 1e7)
    }

    /// The numbers of the figures from a number of files.
    pub(super) fn figures(files: usize) -> Self {
        Self::new(0.5 + 0.02 * files as f64, 1e6 * files as f64 + 5e7)
    }

    /// Pictures, claims, report.
    pub(super) fn report() -> Self {
        Self::new(3.0, 2e8)
    }
}
