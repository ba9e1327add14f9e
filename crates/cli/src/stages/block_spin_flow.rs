//! `flow block-spin`: the block-spin flow, 2 × 2 majority, so that the lattice halves with each step.

use std::path::PathBuf;

use datasets::Spins;
use rg_flow::{BlockSpinConfig, block_spin_flow};

use super::readout::{Arguments, Thermometers, record_bytes};
use crate::exit::Problem;
use crate::stage::{Cost, InputSizes, Source, Stage, Work, reading};
use crate::temperatures::Temperatures;
use crate::verb::{Verb, seed, settings};

/// The input files.
#[derive(Debug, clap::Args)]
pub(crate) struct Inputs {
    /// The configurations to start from
    spins: PathBuf,
    #[command(flatten)]
    thermometers: Arguments,
}

impl From<Inputs> for Vec<Source> {
    fn from(files: Inputs) -> Self {
        [Source::new("spins", files.spins)].into_iter().chain(files.thermometers.sources()).collect()
    }
}

settings! {
    /// The settings of `flow block-spin` that have an argument of their own.
    Settings {
        /// The number of steps at most, each of which halves the lattice [default: 3]
        steps: u32,
        /// The number of configurations of each start [default: 1000]
        chains: usize,
        /// The temperatures of the starts in J/k_B [default: all of the file]
        start_temperatures: Temperatures,
        /// The number of configurations that are kept at each step [default: 8]
        snapshots: usize,
        /// The master seed [default: 0]
        #[arg(value_parser = seed())]
        seed: u64,
    }
}

impl Verb for BlockSpinConfig {
    type Inputs = Inputs;
    type Settings = Settings;
}

impl Stage for BlockSpinConfig {
    fn name(&self) -> &'static str {
        "flow block-spin"
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn check(&self, _: &InputSizes) -> Result<(), Problem> {
        BlockSpinConfig::check(self).map_err(Problem::usage)
    }

    fn cost(&self, sizes: &InputSizes) -> Cost {
        let &InputSizes { samples, temperatures, classes, .. } = sizes;
        let starts = self.start_temperatures.as_ref().map_or(temperatures, Vec::len);
        // The lattice halves with each step.
        let steps = (f64::from(self.steps) + 1.0).min(32.0);
        let (sites, starts, chains) = (sizes.sites as f64, starts as f64, self.chains as f64);
        let seconds = starts * chains * steps * sites * 8e-9;
        let record = record_bytes(sites, starts, steps, steps, self.snapshots, chains, classes);
        Cost::new(seconds, starts * chains * sites * 16.0 + record + reading(samples, sizes.sites))
    }

    fn run(&self, work: &Work) -> anyhow::Result<()> {
        let starts = work.read::<Spins>("spins")?;
        let thermometers = Thermometers::of(work)?;
        work.write(&thermometers.follow(|readout| block_spin_flow(self, &starts, readout, work.progress))?)
    }
}
