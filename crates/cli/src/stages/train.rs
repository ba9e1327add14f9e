//! `train`: a machine, epoch after epoch, with checkpoints.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use datasets::{Provenance, Spins};
use rbm_core::{TrainConfig, TrainError, TrainState, Trainer};

use crate::checkpoint::Checkpoint;
use crate::exit::Problem;
use crate::stage::{Cost, InputSizes, Source, Stage, Work};
use crate::temperatures::Temperatures;
use crate::terminal::tell;
use crate::verb::{Verb, seed, settings, sources};

/// The time between two checkpoints. It has no influence on the result, which is the same from any of them.
const CADENCE: Duration = Duration::from_secs(5);

/// The input files.
#[derive(Debug, clap::Args)]
pub(crate) struct Inputs {
    /// The configurations to train on; those of several files are one training set
    #[arg(required = true)]
    spins: Vec<PathBuf>,
}

impl From<Inputs> for Vec<Source> {
    fn from(files: Inputs) -> Self {
        sources("spins", files.spins).collect()
    }
}

settings! {
    /// The settings of `train` that have an argument of their own.
    Settings {
        /// The number of hidden units [default: 64]
        hidden: usize,
        /// The values of the units: `spin` (±1) or `binary` (0/1) [default: spin]
        units: String,
        /// Whether there are biases [default: false]
        #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
        biases: bool,
        /// The number of passes through the training set [default: 100]
        epochs: u32,
        /// The learning rate [default: 0.01]
        learning_rate: f32,
        /// Configurations of one update [default: 100]
        batch_size: usize,
        /// `cd`, `pcd` or `parallel-tempering`: where the model's side of the gradient comes from [default: cd]
        algorithm: String,
        /// `sgd` or `adam` [default: sgd]
        optimizer: String,
        /// Whether units are centred, which needs biases [default: false]
        #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
        centred: bool,
        /// The number of persistent chains [default: the batch size]
        chains: usize,
        /// Gibbs steps of the chains in each update [default: 1]
        #[arg(short = 'k')]
        gibbs_steps: u32,
        /// The fraction of the last update that is repeated [default: 0]
        momentum: f32,
        /// The decay of the weights in units of the learning rate [default: 0]
        weight_decay: f32,
        /// The standard deviation of the initial weights [default: 0.1]
        initial_deviation: f32,
        /// The temperatures of the training set in J/k_B, such as `0:6:0.25`, `V`, `H` or `L` [default: all of the file]
        temperatures: Temperatures,
        /// Epochs between two records of the monitored quantities [default: 10]
        monitor_every: u32,
        /// Configurations that the monitored quantities are averaged over [default: 500]
        monitor_samples: usize,
        /// The master seed [default: 0]
        #[arg(value_parser = seed())]
        seed: u64,
    }
}

impl Verb for TrainConfig {
    type Inputs = Inputs;
    type Settings = Settings;
}

impl Stage for TrainConfig {
    fn name(&self) -> &'static str {
        "train"
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn check(&self, _: &InputSizes) -> Result<(), Problem> {
        if self.epochs == 0 {
            return Err(Problem::usage("epochs is 0; it must be at least 1"));
        }
        self.validate().map_err(Problem::usage)
    }

    /// Rows of data and chains in the products of each update.
    fn cost(&self, sizes: &InputSizes) -> Cost {
        let (sites, hidden) = (sizes.sites as f64, self.hidden as f64);
        let (pairs, units, configurations) = (sites * hidden, sites + hidden, sizes.samples as f64);
        // A batch of none will be refused.
        let batch = (self.batch_size as f64).clamp(1.0, configurations.max(1.0));
        let (chains, levels) = (self.chains_for(sizes.samples) as f64, self.levels() as f64);
        let steps = chains * levels * f64::from(self.gibbs_steps);
        // Hidden means of the data, steps of the chains there and back, both sides of the gradient.
        let products = batch + 2.0 * steps + (batch + chains);
        // The levels' energies and exchanges.
        let tempering = if levels > 1.0 { steps * units * 1.5e-9 } else { 0.0 };
        let update = products * pairs * 2.5e-11 + (batch + 2.0 * steps) * units * 1e-10 + tempering;
        let updates = (configurations / batch).ceil() * f64::from(self.epochs);
        // Besides the training itself, the file that is read, and those that are written.
        let records = f64::from(self.epochs / self.monitor_every.max(1)) * 250.0;
        let files = configurations * (sites * 4.0 + 40.0) + pairs * 20.0 + records;
        Cost::new(updates * update, 1.1 * self.memory(sizes.sites, sizes.samples) as f64 + files)
    }

    fn run(&self, work: &Work) -> anyhow::Result<()> {
        let spins = Spins::joined(work.read_all("spins")?).map_err(Problem::usage)?;
        let checkpoint = Checkpoint::of(work.output, fingerprint(work.provenance));
        let mut trainer = match checkpoint.load::<TrainState>()? {
            Some(Ok(state)) => Trainer::resume(self, &spins, state),
            Some(Err(reason)) => {
                tell(&format!(
                    "warning: the checkpoint `{}` is not used: {reason}; the training starts from the beginning",
                    checkpoint.path().display()
                ));
                Trainer::new(self, &spins)
            }
            None => Trainer::new(self, &spins),
        }
        .map_err(Problem::usage)?;
        let mut saved = Instant::now();
        while !trainer.finished() {
            if work.progress.report(f64::from(trainer.epoch()) / f64::from(self.epochs)).is_err() {
                checkpoint.save(&trainer.state())?;
                return Err(Problem::Interrupted.into());
            }
            if let Err(error) = trainer.advance() {
                return Err(match error {
                    TrainError::Diverged { .. } => {
                        checkpoint.save(&trainer.state())?;
                        let kept = checkpoint.path().display();
                        Problem::Failed(format!("{error} (it is kept in `{kept}`)"))
                    }
                    other => Problem::usage(other),
                }
                .into());
            }
            if saved.elapsed() >= CADENCE {
                checkpoint.save(&trainer.state())?;
                saved = Instant::now();
            }
        }
        work.write(&trainer.finish())?;
        checkpoint.remove();
        Ok(())
    }
}

/// A hash of everything that the result depends on.
fn fingerprint(provenance: &Provenance) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let mut part = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
    };
    part(&provenance.config);
    for input in &provenance.inputs {
        [&input.role, &input.schema, &input.content_hash].into_iter().for_each(|text| part(text));
    }
    *hasher.finalize().as_bytes()
}
