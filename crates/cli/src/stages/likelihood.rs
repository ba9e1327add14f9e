//! `likelihood`: a machine, configurations, and the law that they were drawn from.

use datasets::{Rbm, Spins, Stored};
use ising_mc::exact::Mixture;
use rbm_core::LikelihoodConfig;
use rbm_core::likelihood::{self, EXACT_LIMIT, PartitionMethod};

use crate::exit::Problem;
use crate::stage::{Cost, InputFile, InputSizes, Stage, Work};
use crate::temperatures::Temperatures;
use crate::terminal::tell;
use crate::verb::{RbmAndSpins, Verb, seed, settings};

settings! {
    /// The settings of `likelihood` that have an argument of their own.
    Settings {
        /// How the partition function is found: `auto` (exact for up to 20 hidden units), `exact` or `annealed`
        /// [default: auto]
        method: String,
        /// Annealing: the number of chains in each direction [default: 500]
        chains: usize,
        /// Annealing: the number of steps [default: 1000]
        steps: usize,
        /// The temperatures in J/k_B of the configurations [default: those that the machine was trained at]
        temperatures: Temperatures,
        /// The master seed [default: 0]
        #[arg(value_parser = seed())]
        seed: u64,
    }
}

impl Verb for LikelihoodConfig {
    type Inputs = RbmAndSpins;
    type Settings = Settings;
}

impl Stage for LikelihoodConfig {
    fn name(&self) -> &'static str {
        "likelihood"
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn check(&self, sizes: &InputSizes) -> Result<(), Problem> {
        LikelihoodConfig::check(self, sizes.sites, sizes.hidden).map_err(Problem::usage)
    }

    /// Enumeration of the smaller layer, or chains in both directions.
    fn cost(&self, sizes: &InputSizes) -> Cost {
        let (visible, hidden, samples) = (sizes.sites as f64, sizes.hidden as f64, sizes.samples as f64);
        let (pairs, smaller) = (visible * hidden, sizes.sites.min(sizes.hidden));
        let read = samples * pairs * 2e-9;
        let exact = match self.method {
            PartitionMethod::Auto => smaller <= EXACT_LIMIT,
            PartitionMethod::Exact => true,
            PartitionMethod::Annealed => false,
        };
        let chains = self.chains as f64;
        let (partition, bytes) = if exact {
            ((smaller as f64).exp2() * visible.max(hidden) * 2e-8, 0.0)
        } else {
            let steps = 2.0 * self.steps as f64 + self.burn_in as f64;
            let seconds = chains * steps * (pairs * 1.5e-10 + (visible + hidden) * 2e-9);
            (seconds, chains * (visible + hidden) * 20.0)
        };
        Cost::new(read + partition, samples * visible * 6.0 + pairs * 16.0 + bytes + 2e7)
    }

    fn run(&self, work: &Work) -> anyhow::Result<()> {
        let Stored { content: rbm, provenance, .. } = work.read_with_provenance::<Rbm>("rbm")?;
        let Stored { content: spins, content_hash, .. } = work.read_with_provenance::<Spins>("spins")?;
        let selection = self.select(&rbm, &spins).map_err(Problem::usage)?;
        let law = Mixture::of(&spins, &selection.components).map(|mixture| {
            let of_row = |row: usize| mixture.log_probability(spins.energy[row], spins.magnetization[row]);
            selection.law(of_row, mixture.entropy())
        });
        let mut found =
            likelihood::measure(self, &rbm, &spins, &selection, law.as_ref()).map_err(Problem::usage)?;
        found.on_training_data = provenance.is_trained_on(&content_hash);
        if let Some(lack) = self.lack(&found) {
            tell(&format!(
                "warning: annealed importance sampling has not converged for `{}`, which has no likelihood: {lack}",
                work.output.display()
            ));
        }
        work.write(&found)
    }

    fn note_on_inputs(&self, inputs: &[InputFile]) -> Option<String> {
        let of_role = |role| inputs.iter().find(|(source, _)| source.role == role).map(|(_, header)| header);
        let (rbm, spins) = (of_role("rbm")?, of_role("spins")?);
        let note = "note: the machine was trained on these configurations: this is no test, for which others are needed";
        rbm.provenance.is_trained_on(&spins.content_hash)?.then(|| note.to_owned())
    }
}
