//! `thermometer train`: a network that reads temperatures.

use std::path::PathBuf;

use datasets::file::Header;
use datasets::{EquationOfState, Spins};
use ising_mc::SampleConfig;
use temp_classifier::{ThermometerConfig, TrainError, check_independent};

use super::sample;
use crate::exit::Problem;
use crate::stage::{Cost, InputFile, InputSizes, Source, Stage, Work, refuse_repeated, settings_of};
use crate::verb::{Verb, seed, settings, sources};

/// The input files.
#[derive(Debug, clap::Args)]
pub(crate) struct Inputs {
    /// The configurations to train on
    spins: PathBuf,
    /// Configurations at the same temperatures to test it on
    #[arg(long, value_name = "FILE")]
    test: PathBuf,
    /// Thermal averages, to compare with the exact posterior
    #[arg(long, value_name = "FILE")]
    equation_of_state: Option<PathBuf>,
}

impl From<Inputs> for Vec<Source> {
    fn from(files: Inputs) -> Self {
        let configurations = [Source::new("spins", files.spins), Source::new("test", files.test)];
        configurations.into_iter().chain(sources("equation-of-state", files.equation_of_state)).collect()
    }
}

settings! {
    /// The settings of `thermometer train` that have an argument of their own.
    Settings {
        /// Units of each hidden layer, comma separated [default: 64]
        hidden: List,
        /// Passes over the training data at most [default: 120]
        epochs: u32,
        /// Configurations of one update [default: 100]
        batch_size: usize,
        /// The learning rate at the start [default: 0.003]
        learning_rate: f32,
        /// Whether to train with random symmetric images [default: true]
        #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
        augment: bool,
        /// The fraction of the configurations that chooses the best epoch [default: 0.1]
        validation_fraction: f64,
        /// Epochs without improvement before training stops [default: 40]
        patience: u32,
        /// The master seed [default: 1]
        #[arg(value_parser = seed())]
        seed: u64,
    }
}

/// Counts, comma separated.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(transparent)]
struct List(Vec<usize>);

impl std::str::FromStr for List {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',').map(|item| item.trim().parse()).collect::<Result<_, _>>().map(Self)
    }
}

impl Verb for ThermometerConfig {
    type Inputs = Inputs;
    type Settings = Settings;
}

impl Stage for ThermometerConfig {
    fn name(&self) -> &'static str {
        "thermometer train"
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn check(&self, sizes: &InputSizes) -> Result<(), Problem> {
        ThermometerConfig::check(self).map_err(Problem::usage)?;
        match sizes.samples.min(sizes.test_samples).checked_div(sizes.temperatures) {
            Some(0 | 1) => {
                let what = "samples_per_temperature must be at least 2, for training and for the test";
                Err(Problem::usage(what))
            }
            _ => Ok(()),
        }
    }

    fn cost(&self, sizes: &InputSizes) -> Cost {
        let &InputSizes { sites, samples, test_samples, temperatures: classes, .. } = sizes;
        let mut units = vec![sites as f64];
        units.extend(self.hidden.iter().map(|&units| units as f64));
        units.push(classes as f64);
        let weights: f64 = units.windows(2).map(|pair| pair[0] * pair[1]).sum();
        let all: f64 = units.iter().sum();
        let samples = samples as f64;
        let presented = f64::from(self.epochs) * samples;
        let batch = (self.batch_size as f64).min(samples);
        // Parameters, gradients, two moments, the best so far, what is written, and tables of class by class.
        let calibration = 80.0 * (classes as f64).powi(2);
        let bytes = (samples + test_samples as f64) * (units[0] * 10.0 + 40.0)
            + weights * 32.0
            + batch * all * 16.0
            + calibration;
        Cost::new(presented * (weights * 6e-11 + 2.5e-7), bytes)
    }

    fn run(&self, work: &Work) -> anyhow::Result<()> {
        let training = work.read::<Spins>("spins")?;
        let test = work.read::<Spins>("test")?;
        let table = work.read_optional::<EquationOfState>("equation-of-state")?;
        check_independent(&training, &test).map_err(Problem::usage)?;
        let trained = temp_classifier::train(self, &training, &test, table.as_ref(), work.progress);
        let thermometer = trained.map_err(|error| match error {
            TrainError::Interrupted(_) => Problem::Interrupted,
            TrainError::Diverged { .. } => Problem::Failed(error.to_string()),
            other => Problem::usage(other),
        })?;
        work.write(&thermometer)
    }

    fn check_inputs(&self, inputs: &[InputFile]) -> Result<(), Problem> {
        refuse_repeated(inputs)?;
        let of_role = |role| inputs.iter().find(|(source, _)| source.role == role);
        let (Some((spins, training)), Some((other, test))) = (of_role("spins"), of_role("test")) else {
            return Ok(());
        };
        let paths = format!("`{}` and `{}`", spins.path.display(), other.path.display());
        if training.content_hash == test.content_hash {
            let cure = "test on configurations from `sample` with another --seed";
            return Err(Problem::Usage(format!("{paths} are the same file: that is no test; {cure}")));
        }
        match same_streams(training, test) {
            Some(seed) => Err(Problem::Usage(format!(
                "{paths} were sampled with the same seed {seed}, so that they share configurations: that is no \
                 test; sample the test file with another --seed"
            ))),
            None => Ok(()),
        }
    }
}

/// The seed of two files of configurations that were drawn with the same random numbers at a common temperature.
fn same_streams(one: &Header, other: &Header) -> Option<u64> {
    let sampled = |header: &Header| settings_of::<SampleConfig>(&header.provenance.config, sample::NAME);
    let (one, other) = (sampled(one)?, sampled(other)?);
    let common = one.temperatures.iter().any(|t| other.temperatures.contains(t));
    let number = one.samples_per_temperature;
    let same =
        SampleConfig { temperatures: one.temperatures.clone(), samples_per_temperature: number, ..other }
            == one;
    (common && same).then_some(one.seed)
}
