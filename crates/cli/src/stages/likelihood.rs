//! `likelihood`: a machine, configurations, and the law that they were drawn from.

use datasets::lattice::Kind;
use std::path::PathBuf;

use datasets::{LikelihoodMethod, Rbm, Spins};
use ising_mc::{Model, exact};
use rbm_core::LikelihoodConfig;
use rbm_core::likelihood::{self, DataLaw, EXACT_LIMIT, PartitionMethod, Selection};

use crate::exit::Problem;
use crate::stage::{Cost, InputFile, InputSizes, Source, Stage, Work};
use crate::temperatures::Temperatures;
use crate::terminal::tell;
use crate::verb::{Verb, seed, settings};

/// The input files.
#[derive(Debug, clap::Args)]
pub(crate) struct Inputs {
    /// The machine
    rbm: PathBuf,
    /// The configurations
    #[arg(long, value_name = "FILE")]
    spins: PathBuf,
}

impl From<Inputs> for Vec<Source> {
    fn from(files: Inputs) -> Self {
        vec![Source::new("rbm", files.rbm), Source::new("spins", files.spins)]
    }
}

settings! {
    /// The settings of `likelihood` that have an argument of their own.
    Settings {
        /// How the partition function is found: `auto` (exact for up to 20 hidden units), `exact` or `annealed` [default: auto]
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
    type Inputs = Inputs;
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
        let rbm = work.read::<Rbm>("rbm")?;
        let spins = work.read::<Spins>("spins")?;
        let selection = self.select(&rbm, &spins).map_err(Problem::usage)?;
        let law = law_of(&spins, &selection);
        let found =
            likelihood::measure(self, &rbm, &spins, &selection, law.as_ref()).map_err(Problem::usage)?;
        if let (LikelihoodMethod::NotConverged, Some(lower), Some(upper)) =
            (found.method, found.lower, found.upper)
        {
            tell(&format!(
                "warning: annealed importance sampling has not converged for `{}`, which has no likelihood: ln Z is at least \
                 {:.2} with 95 % probability; raise {}",
                work.output.display(),
                likelihood::lower_limit(lower.log_partition.value),
                likelihood::cure(
                    lower.log_partition.value,
                    upper.log_partition.value,
                    self.steps,
                    self.burn_in
                )
            ));
        }
        work.write(&found)
    }

    fn note_on_inputs(&self, inputs: &[InputFile]) -> Option<String> {
        let of_role = |role| inputs.iter().find(|(source, _)| source.role == role).map(|(_, header)| header);
        let (rbm, spins) = (of_role("rbm")?, of_role("spins")?);
        let trained = rbm.provenance.inputs.iter().any(|input| input.content_hash == spins.content_hash);
        let note = "note: the machine was trained on these configurations: this is no test, for which others are needed";
        trained.then(|| note.to_owned())
    }
}

/// The exact law of the configurations; none of those from another program or in a field.
fn law_of(spins: &Spins, selection: &Selection) -> Option<DataLaw> {
    let model = Model::of_algorithm(&spins.algorithm)?;
    let square = spins.lattice.size().filter(|_| spins.lattice.kind() == Kind::Square)?;
    let mixture = exact::mixture(model, square, spins.field, &selection.components).ok()?;
    let of_row = |&row: &usize| mixture.log_probability(spins.energy[row], spins.magnetization[row]);
    Some(DataLaw {
        log_probability: selection.rows.iter().map(of_row).collect(),
        bound: mixture.entropy().map(|entropy| -entropy),
    })
}
