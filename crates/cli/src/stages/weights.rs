//! `weights`: the analysis of the weights of a machine.

use datasets::{Rbm, Spins};
use weight_analysis::{LARGEST_COUPLED, WeightsConfig};

use crate::exit::Problem;
use crate::stage::{Cost, InputSizes, Stage, Work};
use crate::temperatures::Temperatures;
use crate::verb::{RbmAndSpins, Verb, settings};

settings! {
    /// The settings of `weights` that have an argument of their own.
    Settings {
        /// The temperatures in J/k_B whose configurations are projected [default: all of the file]
        temperatures: Temperatures,
    }
}

impl Verb for WeightsConfig {
    type Inputs = RbmAndSpins;
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
        // All pair couplings, as sums over some hundred nodes of each hidden unit.
        let coupled = sizes.sites <= LARGEST_COUPLED;
        let (pairs, pair_bytes) = if coupled { (visible * visible, 3e3 * visible) } else { (0.0, 0.0) };
        let (couplings, pair_bytes) = (pairs * hidden * 4e-8, pair_bytes + pairs * 24.0);
        if let Some(modes) = self.truncation(sizes.sites) {
            // W twice in double and once in single precision; the subspace, several times; W·Wᵀ row by row.
            let subspace = 4.0 * modes as f64;
            let matrices = 26.0 * visible * hidden + 8.0 * 4.0 * subspace * (visible + hidden);
            let seconds = visible * visible * hidden * 4e-10 + visible * hidden * subspace * 7e-9;
            let bytes = matrices + pair_bytes + samples * visible * 2.0 + 2e7;
            return Cost::new(seconds + couplings, bytes);
        }
        let cube = visible * visible * (visible + hidden);
        // Of a machine without full rank the right vectors are completed, which takes as much again as W several times.
        let matrices = 8.0 * 8.5 * visible * visible + 8.0 * visible * hidden * 7.5;
        Cost::new(cube * 2e-9 + couplings, matrices + pair_bytes + samples * visible * 4.0 + 2e7)
    }

    fn run(&self, work: &Work) -> anyhow::Result<()> {
        let rbm = work.read::<Rbm>("rbm")?;
        let spins = work.read::<Spins>("spins")?;
        work.write(&weight_analysis::analyse(self, &rbm, &spins).map_err(Problem::usage)?)
    }
}
