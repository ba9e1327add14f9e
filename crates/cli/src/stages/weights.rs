//! `weights`: the analysis of the weights of a machine.

use std::path::PathBuf;

use datasets::{Rbm, Spins};
use weight_analysis::WeightsConfig;

use crate::exit::Problem;
use crate::stage::{Cost, InputSizes, Source, Stage, Work};
use crate::temperatures::Temperatures;
use crate::verb::{Verb, settings};

/// The input files.
#[derive(Debug, clap::Args)]
pub(crate) struct Inputs {
    /// The machine
    rbm: PathBuf,
    /// The configurations to project on the vectors
    #[arg(long, value_name = "FILE")]
    spins: PathBuf,
}

impl From<Inputs> for Vec<Source> {
    fn from(files: Inputs) -> Self {
        vec![Source::new("rbm", files.rbm), Source::new("spins", files.spins)]
    }
}

settings! {
    /// The settings of `weights` that have an argument of their own.
    Settings {
        /// The temperatures in J/k_B whose configurations are projected [default: all of the file]
        temperatures: Temperatures,
    }
}

impl Verb for WeightsConfig {
    type Inputs = Inputs;
    type Settings = Settings;
}

impl Stage for WeightsConfig {
    fn name(&self) -> &'static str {
        "weights"
    }

    fn check(&self, sizes: &InputSizes) -> Result<(), Problem> {
        WeightsConfig::check(self).map_err(Problem::usage)?;
        match sizes.samples.checked_div(sizes.temperatures).filter(|_| self.temperatures.is_none()) {
            Some(0 | 1) => Err(Problem::usage(
                "the configurations that are projected must be at least 2 at each temperature",
            )),
            _ => Ok(()),
        }
    }

    /// A complete analysis, or one of the leading modes.
    fn cost(&self, sizes: &InputSizes) -> Cost {
        let (visible, hidden, samples) = (sizes.sites as f64, sizes.hidden as f64, sizes.samples as f64);
        if let Some(modes) = self.truncation(sizes.sites) {
            // W twice in double and once in single precision; the subspace, several times; W·Wᵀ row by row.
            let subspace = 4.0 * modes as f64;
            let matrices = 26.0 * visible * hidden + 8.0 * 4.0 * subspace * (visible + hidden);
            let seconds = visible * visible * hidden * 4e-10 + visible * hidden * subspace * 7e-9;
            return Cost::new(seconds, matrices + samples * visible * 2.0 + 2e7);
        }
        let cube = visible * visible * (visible + hidden);
        // Of a machine without full rank the right vectors are completed, which takes as much again as W several times.
        let matrices = 8.0 * 8.5 * visible * visible + 8.0 * visible * hidden * 7.5;
        Cost::new(cube * 2e-9, matrices + samples * visible * 4.0 + 2e7)
    }

    fn run(&self, work: &Work) -> anyhow::Result<()> {
        let rbm = work.read::<Rbm>("rbm")?;
        let spins = work.read::<Spins>("spins")?;
        work.write(&weight_analysis::analyse(self, &rbm, &spins).map_err(Problem::usage)?)
    }
}
