//! What jobs are expected to take, from their settings alone. Times are fitted to measurements on one core of a 2-core
//! AVX-512 machine; they decide the order of jobs and what a cluster is asked for, and no result.

use rbm_core::{Algorithm, TrainConfig};

use crate::job::Stage;
use crate::known::Known;

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
const BASE: f64 = 1.4e7;
/// Parts of a job that are taken to be at work at the same time.
const CONCURRENT: f64 = 8.0;

impl Cost {
    /// That of a stage whose input files hold what is `known` of them.
    pub(crate) fn of(stage: &Stage, known: &Known) -> Self {
        let &Known { sites, hidden, samples, others, temperatures, classes, files } = known;
        match stage {
            Stage::Sample(config) => Self::sample(config),
            Stage::EquationOfState(config) => Self::equation_of_state(config),
            Stage::Train(config) => Self::train(config, sites, samples),
            Stage::Thermometer(config) => Self::thermometer(config, sites, temperatures, samples, others),
            Stage::RbmFlow(config) => {
                let starts = config.start_temperatures.as_ref().map_or(temperatures, Vec::len);
                Self::rbm_flow(config, sites, hidden, starts, classes, samples)
            }
            Stage::BlockSpinFlow(config) => {
                let starts = config.start_temperatures.as_ref().map_or(temperatures, Vec::len);
                Self::block_spin_flow(config, sites, starts, classes, samples)
            }
            Stage::Weights(config) => Self::weights(config, sites, hidden, samples),
            Stage::Likelihood(config) => Self::likelihood(config, sites, hidden, samples),
            Stage::Figures(_) => Self::figures(files),
            Stage::Report(_) => Self::report(),
        }
    }

    fn new(core_seconds: f64, bytes: f64) -> Self {
        Self { core_seconds: START + core_seconds, memory_bytes: (BASE + bytes) as u64 }
    }

    /// Configurations at some temperatures. The pilot runs take longer than the samples unless there are very many
    /// (measured at L = 8 to 64 and 512).
    fn sample(config: &ising_mc::SampleConfig) -> Self {
        let (size, temperatures) = (config.size as f64, config.temperatures.len() as f64);
        let sites = size * size;
        let samples = temperatures * config.samples_per_temperature as f64;
        let pilots = temperatures * (0.03 + 3.7e-6 * size.powf(2.5));
        Self::new(
            pilots + samples * sites * 6e-8,
            samples * (sites * 4.5 + 40.0) + sites * 650.0 + temperatures * 900.0,
        )
    }

    /// A table of thermal averages: exact for small lattices, otherwise sampled.
    fn equation_of_state(config: &ising_mc::EquationOfStateConfig) -> Self {
        let (size, temperatures) = (config.size as f64, config.temperatures.len() as f64);
        let effective = config.effective_samples as f64;
        if config.size <= ising_mc::LARGEST_EXACT {
            // Measured at L = 8, 10 and 12: states of a row, sites, values of the magnetization, and caches that overflow.
            return Self::new(0.032 * 5.3f64.powf(size - 10.0) * temperatures, 2e7);
        }
        // Two measurements for each, of several temperatures at a time.
        let series = temperatures.min(CONCURRENT) * effective * 60.0;
        let each = effective * 6.6e-5 * (size / 20.0).powf(1.95);
        Self::new(each * temperatures, 1e7 + series + temperatures.min(CONCURRENT) * size * size * 200.0)
    }

    /// A machine: rows of data and chains in the products of each update.
    fn train(config: &TrainConfig, visible: usize, samples: usize) -> Self {
        let (sites, hidden) = (visible as f64, config.hidden as f64);
        let (pairs, units, configurations) = (sites * hidden, sites + hidden, samples as f64);
        // A batch of none will be refused.
        let batch = (config.batch_size as f64).clamp(1.0, configurations.max(1.0));
        let persistent = config.chains.map_or(batch, |chains| chains as f64);
        let (chains, levels) = match config.algorithm {
            Algorithm::Cd => (batch, 1.0),
            Algorithm::Pcd => (persistent, 1.0),
            Algorithm::ParallelTempering => (persistent, config.tempering_levels as f64),
        };
        let steps = chains * levels * f64::from(config.gibbs_steps);
        // Hidden means of the data, steps of the chains there and back, both sides of the gradient.
        let products = batch + 2.0 * steps + (batch + chains);
        // The levels' energies and exchanges.
        let tempering = if levels > 1.0 { steps * units * 1.5e-9 } else { 0.0 };
        let update = products * pairs * 2.5e-11 + (batch + 2.0 * steps) * units * 1e-10 + tempering;
        let updates = (configurations / batch).ceil() * f64::from(config.epochs);
        // Besides the training itself, the file that is read, and those that are written.
        let records = f64::from(config.epochs / config.monitor_every.max(1)) * 250.0;
        let files = configurations * (sites * 4.0 + 40.0) + pairs * 20.0 + records;
        Self::new(updates * update, 1.1 * config.memory(visible, samples) as f64 + files)
    }

    /// A network thermometer, from configurations to train on and to test it on.
    fn thermometer(
        config: &temp_classifier::ThermometerConfig,
        sites: usize,
        classes: usize,
        samples: usize,
        others: usize,
    ) -> Self {
        let mut units = vec![sites as f64];
        units.extend(config.hidden.iter().map(|&units| units as f64));
        units.push(classes as f64);
        let weights: f64 = units.windows(2).map(|pair| pair[0] * pair[1]).sum();
        let all: f64 = units.iter().sum();
        let samples = samples as f64;
        let presented = f64::from(config.epochs) * samples;
        let batch = (config.batch_size as f64).min(samples);
        // Parameters, gradients, two moments, the best so far, what is written, and tables of class by class.
        let calibration = 80.0 * (classes as f64).powi(2);
        let bytes = (samples + others as f64) * (units[0] * 10.0 + 40.0)
            + weights * 32.0
            + batch * all * 16.0
            + calibration;
        Self::new(presented * (weights * 6e-11 + 2.5e-7), bytes)
    }

    /// A flow of a machine on a lattice, from some starts, read with some classes of temperature.
    fn rbm_flow(
        config: &rg_flow::RbmFlowConfig,
        sites: usize,
        hidden: usize,
        starts: usize,
        classes: usize,
        samples: usize,
    ) -> Self {
        let steps = f64::from(config.steps) + 1.0;
        let recorded = match config.record {
            rg_flow::Record::Every(interval) => steps / f64::from(interval.max(1)) + 1.0,
            // Ten for each decade, after the first.
            rg_flow::Record::Logarithmic => steps.min(100.0),
        };
        let chains = config.chains as f64;
        let (sites, hidden, starts) = (sites as f64, hidden as f64, starts as f64);
        // Configurations of the last part of the flow are kept, to be read together.
        let step = chains * sites;
        let pool = (step * recorded).min(step.max(rg_flow::LARGEST_POOL as f64)) * 2.0;
        let concurrent = starts.min(CONCURRENT);
        let each = sites * hidden * 4.5e-11 + sites * 8e-9;
        let course = courses(sites, starts, recorded, recorded.min(60.0), config.snapshots, chains, classes);
        let bytes = starts * step * 16.0 + concurrent * (pool + chains * hidden * 12.0) + course;
        Self::new(starts * chains * steps * each, bytes + sites * hidden * 16.0 + read(samples, sites))
    }

    /// A block-spin flow.
    fn block_spin_flow(
        config: &rg_flow::BlockSpinConfig,
        sites: usize,
        starts: usize,
        classes: usize,
        samples: usize,
    ) -> Self {
        // The lattice halves with each step.
        let steps = (f64::from(config.steps) + 1.0).min(32.0);
        let (sites, starts, chains) = (sites as f64, starts as f64, config.chains as f64);
        let seconds = starts * chains * steps * sites * 8e-9;
        let course = courses(sites, starts, steps, steps, config.snapshots, chains, classes);
        Self::new(seconds, starts * chains * sites * 16.0 + course + read(samples, sites))
    }

    /// The analysis of a weight matrix: complete, or of its leading modes.
    fn weights(
        config: &weight_analysis::WeightsConfig,
        visible: usize,
        hidden: usize,
        samples: usize,
    ) -> Self {
        let truncation = config.truncation(visible);
        let (visible, hidden, samples) = (visible as f64, hidden as f64, samples as f64);
        if let Some(modes) = truncation {
            // W twice in double and once in single precision; the subspace, several times; W·Wᵀ row by row.
            let subspace = 4.0 * modes as f64;
            let matrices = 26.0 * visible * hidden + 8.0 * 4.0 * subspace * (visible + hidden);
            let seconds = visible * visible * hidden * 4e-10 + visible * hidden * subspace * 7e-9;
            return Self::new(seconds, matrices + samples * visible * 2.0 + 2e7);
        }
        let cube = visible * visible * (visible + hidden);
        // Of a machine without full rank the right vectors are completed, which takes as much again as W several times.
        let matrices = 8.0 * 8.5 * visible * visible + 8.0 * visible * hidden * 7.5;
        Self::new(cube * 2e-9, matrices + samples * visible * 4.0 + 2e7)
    }

    /// A likelihood: enumeration of the smaller layer, or chains in both directions.
    fn likelihood(
        config: &rbm_core::LikelihoodConfig,
        visible: usize,
        hidden: usize,
        samples: usize,
    ) -> Self {
        use rbm_core::likelihood::{EXACT_LIMIT, PartitionMethod};
        let pairs = visible as f64 * hidden as f64;
        let read = samples as f64 * pairs * 2e-9;
        let exact = match config.method {
            PartitionMethod::Auto => visible.min(hidden) <= EXACT_LIMIT,
            PartitionMethod::Exact => true,
            PartitionMethod::Annealed => false,
        };
        let (visible, hidden, smaller) = (visible as f64, hidden as f64, visible.min(hidden) as f64);
        let chains = config.chains as f64;
        let (partition, bytes) = if exact {
            (smaller.exp2() * visible.max(hidden) * 2e-8, 0.0)
        } else {
            let steps = 2.0 * config.steps as f64 + config.burn_in as f64;
            let seconds = chains * steps * (pairs * 1.5e-10 + (visible + hidden) * 2e-9);
            (seconds, chains * (visible + hidden) * 20.0)
        };
        Self::new(read + partition, samples as f64 * visible * 6.0 + pairs * 16.0 + bytes + 2e7)
    }

    /// The numbers of the figures from a number of files.
    fn figures(files: usize) -> Self {
        Self::new(0.5 + 0.01 * files as f64, 1e6 * files as f64 + 5e7)
    }

    /// Pictures, claims, report.
    fn report() -> Self {
        Self::new(1.0, 2e8)
    }
}

/// What reading configurations takes, in bytes.
fn read(samples: usize, sites: f64) -> f64 {
    samples as f64 * (sites * 3.0 + 40.0)
}

/// What is recorded of a flow, in bytes: posteriors and a few dozen numbers for each recorded step, and configurations.
fn courses(
    sites: f64,
    starts: f64,
    recorded: f64,
    pictured: f64,
    snapshots: usize,
    chains: f64,
    classes: usize,
) -> f64 {
    let numbers = recorded * (2.0 * classes as f64 + 60.0) * 8.0 * 3.0;
    starts * (numbers + pictured * (snapshots as f64).min(chains) * sites * 4.0)
}
