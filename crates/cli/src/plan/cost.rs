//! What jobs are expected to take, from their settings alone. Times are fitted to measurements on one core of a 2-core
//! AVX-512 machine; they decide the order of jobs and what a cluster is asked for, and no result.

use rbm_core::{Algorithm, TrainConfig};

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
const START: f64 = 0.05;
/// What any job needs, in bytes.
const BASE: f64 = 4e6;

impl Cost {
    fn new(core_seconds: f64, bytes: f64) -> Self {
        Self { core_seconds: START + core_seconds, memory_bytes: (BASE + bytes) as u64 }
    }

    /// Configurations at some temperatures. The pilot runs take longer than the samples unless there are very many; on
    /// large lattices time and memory go with the number of sites (measured at L = 32, 64 and 512).
    pub(super) fn sample(size: usize, temperatures: &[f64], each: usize) -> Self {
        let sites = (size * size) as f64;
        let samples = (temperatures.len() * each) as f64;
        let pilots = temperatures.len() as f64 * (0.04 + 0.003 * size as f64 + 8e-5 * sites);
        Self::new(pilots + samples * sites * 6e-8, samples * sites * 4.5 + sites * 650.0)
    }

    /// A table of thermal averages: exact for small lattices, otherwise sampled.
    pub(super) fn equation_of_state(config: &ising_mc::EquationOfStateConfig) -> Self {
        let size = config.size as f64;
        let each = if config.size <= ising_mc::LARGEST_EXACT {
            // States of a row times rows times sites of a row.
            1e-6 * size.exp2() * size * size
        } else {
            config.effective_samples as f64 * 2.7e-5 * (size / 20.0).powf(2.5)
        };
        Self::new(each * config.temperatures.len() as f64, 1e8)
    }

    /// A machine: rows of data and chains in the products of each update.
    pub(super) fn train(config: &TrainConfig, visible: usize, samples: usize) -> Self {
        let batch = config.batch_size.min(samples);
        let persistent = config.chains.unwrap_or(batch);
        let (chains, levels) = match config.algorithm {
            Algorithm::Cd => (batch, 1),
            Algorithm::Pcd => (persistent, 1),
            Algorithm::ParallelTempering => (persistent, config.tempering_levels),
        };
        let steps = (chains * levels) as f64 * f64::from(config.gibbs_steps);
        // Hidden means of the data, steps of the chains there and back, both sides of the gradient.
        let products = batch as f64 + 2.0 * steps + (batch + chains) as f64;
        let (pairs, units) = ((visible * config.hidden) as f64, (visible + config.hidden) as f64);
        // The levels' energies and exchanges.
        let tempering = if levels > 1 { steps * units * 1.5e-9 } else { 0.0 };
        let update = products * pairs * 2.2e-11 + (batch as f64 + 2.0 * steps) * units * 1e-10 + tempering;
        let updates = samples.div_ceil(config.batch_size) as f64 * f64::from(config.epochs);
        let memory = config.memory(visible, samples) as f64 + (samples * visible) as f64 * 4.0;
        Self::new(updates * update, memory)
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
        let presented = f64::from(config.epochs) * samples;
        Self::new(presented * (weights * 6e-11 + 2.5e-7), samples * sites * 10.0)
    }

    /// A flow of many chains; block spins have no hidden units.
    pub(super) fn flow(size: usize, hidden: usize, chains: usize, steps: u32) -> Self {
        let sites = (size * size) as f64;
        let each = sites * hidden as f64 * 4.5e-11 + sites * 8e-9;
        Self::new(chains as f64 * f64::from(steps + 1) * each, chains as f64 * sites * 16.0)
    }

    /// The analysis of a weight matrix: complete, or of its leading modes.
    pub(super) fn weights(visible: usize, hidden: usize, samples: usize) -> Self {
        let truncation = weight_analysis::WeightsConfig::default().truncation(visible);
        let (visible, hidden, samples) = (visible as f64, hidden as f64, samples as f64);
        if let Some(modes) = truncation {
            // W twice in double and once in single precision; the subspace, several times; W·Wᵀ row by row.
            let subspace = 4.0 * modes as f64;
            let matrices = 26.0 * visible * hidden + 8.0 * 4.0 * subspace * (visible + hidden);
            let seconds = visible * visible * hidden * 4e-10 + visible * hidden * subspace * 7e-9;
            return Self::new(seconds, matrices + samples * visible * 2.0 + 2e7);
        }
        let cube = visible * visible * (visible + hidden);
        let matrices = 8.0 * 6.0 * visible * visible + 8.0 * visible * hidden * 3.0;
        Self::new(cube * 2e-9, matrices + samples * visible * 4.0 + 1e7)
    }

    /// A likelihood: enumeration of the smaller layer, or chains in both directions.
    pub(super) fn likelihood(
        config: &rbm_core::LikelihoodConfig,
        visible: usize,
        hidden: usize,
        samples: usize,
    ) -> Self {
        let pairs = visible as f64 * hidden as f64;
        let read = samples as f64 * pairs * 2e-9;
        let partition = if visible.min(hidden) <= rbm_core::likelihood::EXACT_LIMIT {
            (visible.min(hidden) as f64).exp2() * visible.max(hidden) as f64 * 2e-8
        } else {
            let steps = (2 * config.steps + config.burn_in) as f64;
            config.chains as f64 * steps * (pairs * 1.5e-10 + (visible + hidden) as f64 * 2e-9)
        };
        Self::new(read + partition, samples as f64 * visible as f64 * 6.0 + 2e7)
    }

    /// The numbers of the figures from a number of files.
    pub(super) fn figures(files: usize) -> Self {
        Self::new(0.5 + 0.01 * files as f64, 1e6 * files as f64 + 5e7)
    }

    /// Pictures, claims, report.
    pub(super) fn report() -> Self {
        Self::new(1.0, 2e8)
    }
}
