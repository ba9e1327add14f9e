//! `flow rbm`: the flow of a machine, from visible to hidden to visible units, and so on.

use std::path::PathBuf;

use datasets::{Rbm, Spins};
use rg_flow::{LARGEST_POOL, RbmFlowConfig, Record, rbm_flow};

use super::readout::{Arguments, Thermometers, record_bytes};
use crate::exit::Problem;
use crate::stage::{CONCURRENT, Cost, InputSizes, Source, Stage, Work, reading};
use crate::temperatures::Temperatures;
use crate::verb::{Verb, seed, settings};

/// The input files.
#[derive(Debug, clap::Args)]
pub(crate) struct Inputs {
    /// The machine
    rbm: PathBuf,
    /// The configurations to start from
    #[arg(long, value_name = "FILE")]
    starts: PathBuf,
    #[command(flatten)]
    thermometers: Arguments,
}

impl From<Inputs> for Vec<Source> {
    fn from(files: Inputs) -> Self {
        let own = [Source::new("rbm", files.rbm), Source::new("starts", files.starts)];
        own.into_iter().chain(files.thermometers.sources()).collect()
    }
}

settings! {
    /// The settings of `flow rbm` that have an argument of their own.
    Settings {
        /// The number of steps [default: 200]
        steps: u32,
        /// The number of chains from each start [default: 1000]
        chains: usize,
        /// `sampled` or `mean-field` [default: sampled]
        mode: String,
        /// The weights: `trained`, or surrogates that keep some of their properties: `gaussian`, `gaussian-each-step`,
        /// `permuted`, `permuted-sites`, `singular-values`, `rank-1`, … [default: trained]
        weights: String,
        /// The temperatures of the starts in J/k_B [default: all of the file]
        start_temperatures: Temperatures,
        /// Whether to measure exponents of the first and the last ensembles by the Monte Carlo renormalization group
        /// [default: false]
        #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
        exponents: bool,
        /// The number of chains whose configurations are kept [default: 8]
        snapshots: usize,
        /// Whether overlaps with the starts, free energies and pseudo-log-likelihoods are recorded as well; they always
        /// are without a lattice or without temperatures [default: false]
        #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
        machine: bool,
        /// The master seed [default: 0]
        #[arg(value_parser = seed())]
        seed: u64,
    }
}

impl Verb for RbmFlowConfig {
    type Inputs = Inputs;
    type Settings = Settings;
}

impl Stage for RbmFlowConfig {
    fn name(&self) -> &'static str {
        "flow rbm"
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn check(&self, _: &InputSizes) -> Result<(), Problem> {
        RbmFlowConfig::check(self).map_err(Problem::usage)
    }

    fn cost(&self, sizes: &InputSizes) -> Cost {
        let &InputSizes { hidden, samples, temperatures, classes, .. } = sizes;
        let starts = self.start_temperatures.as_ref().map_or(temperatures, Vec::len);
        let steps = f64::from(self.steps) + 1.0;
        let recorded = match self.record {
            Record::Every(interval) => steps / f64::from(interval.max(1)) + 1.0,
            // Ten for each decade, after the first.
            Record::Logarithmic => steps.min(100.0),
        };
        let chains = self.chains as f64;
        let (sites, hidden, starts) = (sizes.sites as f64, hidden as f64, starts as f64);
        // Configurations of the last part of the flow are kept, to be read together.
        let step = chains * sites;
        let pool = (step * recorded).min(step.max(LARGEST_POOL as f64)) * 2.0;
        let concurrent = starts.min(CONCURRENT);
        let each = sites * hidden * 4.5e-11 + sites * 8e-9;
        let pictured = recorded.min(60.0);
        let record = record_bytes(sites, starts, recorded, pictured, self.snapshots, chains, classes);
        // The flips of every site, for each recorded step.
        let measures = if self.machine { starts * step * recorded * hidden * 5e-10 } else { 0.0 };
        let bytes = starts * step * 16.0 + concurrent * (pool + chains * hidden * 12.0) + record;
        // What the weights alone say of it: some hundred images of means, and their derivatives.
        let theory = if self.steps > 1 { 1.7e-4 * sites * hidden } else { 0.0 };
        let bytes = bytes + sites * hidden * 40.0 + sites * sites * 48.0 + reading(samples, sizes.sites);
        Cost::new(starts * chains * steps * each + theory + measures, bytes)
    }

    fn run(&self, work: &Work) -> anyhow::Result<()> {
        let rbm = work.read::<Rbm>("rbm")?;
        let starts = work.read::<Spins>("starts")?;
        let thermometers = Thermometers::of(work)?;
        work.write(&thermometers.follow(|readout| rbm_flow(self, &rbm, &starts, readout, work.progress))?)
    }
}
