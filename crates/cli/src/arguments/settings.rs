//! The settings of the stages as arguments. Each is named as in the stage's config, which also has the default and the
//! checks; what is not given is left out, so that there is one place for defaults. Settings that are rarely changed
//! have no argument of their own and are reached with `--set`.

use clap::Args;
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::exit::Problem;
use crate::experiment::{from_table, to_table};
use crate::temperatures::Temperatures;

/// Declares settings as arguments that may be left out.
macro_rules! settings {
    ($(#[$meta:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Default, Args, Serialize)]
        pub(crate) struct $name {
            $(
                $(#[$attribute])*
                #[arg(long, allow_negative_numbers = true)]
                #[serde(skip_serializing_if = "Option::is_none")]
                $field: Option<$type>,
            )*
        }
    };
}

/// Seeds are 63 bits wide, as TOML has signed integers only.
fn seed() -> impl clap::builder::TypedValueParser<Value = u64> {
    clap::value_parser!(u64).range(..=i64::MAX as u64)
}

settings! {
    /// `sample`
    SampleSettings {
        /// L: the lattice has L × L sites
        #[arg(short = 'L', required = true)]
        size: usize,
        /// Temperatures in J/k_B, such as `0:6:0.25` or `0,tc,inf`
        #[arg(required = true)]
        temperatures: Temperatures,
        /// Configurations at each temperature
        #[arg(required = true)]
        samples_per_temperature: usize,
        /// The uniform field in J [default: 0]
        field: f64,
        /// How to sample [default: metropolis]
        algorithm: String,
        /// `ising`, `shuffled` (spins permuted within each configuration) or `curie-weiss` [default: ising]
        model: String,
        /// The master seed [default: 0]
        #[arg(value_parser = seed())]
        seed: u64,
    }
}

settings! {
    /// `equation-of-state`
    EquationOfStateSettings {
        /// L: the lattice has L × L sites
        #[arg(short = 'L', required = true)]
        size: usize,
        /// Ascending temperatures in J/k_B from 0 on
        temperatures: Temperatures,
        /// The uniform field in J, for lattices up to size 12 [default: 0]
        field: f64,
        /// Where the lattice is too large for exact results: effectively independent configurations at each temperature
        effective_samples: usize,
        /// The master seed; needed where the lattice is too large for exact results [default: 0]
        #[arg(value_parser = seed())]
        seed: u64,
    }
}

settings! {
    /// `train`
    TrainSettings {
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

settings! {
    /// `thermometer train`
    ThermometerSettings {
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

settings! {
    /// `flow rbm`
    FlowSettings {
        /// The number of steps [default: 200]
        steps: u32,
        /// The number of chains from each start [default: 1000]
        chains: usize,
        /// `sampled` or `mean-field` [default: sampled]
        mode: String,
        /// The temperatures of the starts in J/k_B [default: all of the file]
        start_temperatures: Temperatures,
        /// The number of chains whose configurations are kept [default: 8]
        snapshots: usize,
        /// The master seed [default: 0]
        #[arg(value_parser = seed())]
        seed: u64,
    }
}

settings! {
    /// `flow block-spin`
    BlockSpinSettings {
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

settings! {
    /// `weights`
    WeightsSettings {
        /// The temperatures in J/k_B whose configurations are projected [default: all of the file]
        temperatures: Temperatures,
    }
}

settings! {
    /// `likelihood`
    LikelihoodSettings {
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

/// Counts, comma separated.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub(crate) struct List(Vec<usize>);

impl std::str::FromStr for List {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',').map(|item| item.trim().parse()).collect::<Result<_, _>>().map(Self)
    }
}

/// Any setting by its name in the config.
#[derive(Debug, Default, Args)]
pub(crate) struct Others {
    /// Set any setting of the config by its name there, in TOML: `--set fixed_point.window=0.2`
    #[arg(long = "set", value_name = "KEY=VALUE")]
    others: Vec<String>,
}

impl Others {
    /// A config from the settings that were given.
    pub(crate) fn complete<C: DeserializeOwned>(&self, settings: &impl Serialize) -> Result<C, Problem> {
        let mut table = to_table(settings)?;
        for other in &self.others {
            let parsed: Table = other
                .parse()
                .or_else(|_| quoted(other).parse())
                .map_err(|_| Problem::Usage(format!("`--set {other}` is not of the form KEY=VALUE")))?;
            merge(&mut table, parsed).map_err(|key| Problem::Usage(format!("`{key}` is set twice")))?;
        }
        from_table(table)
    }
}

/// A value that is no TOML is taken as text.
fn quoted(setting: &str) -> String {
    setting.split_once('=').map_or(setting.to_owned(), |(key, value)| format!("{key} = {:?}", value.trim()))
}

fn merge(table: &mut Table, more: Table) -> Result<(), String> {
    for (key, value) in more {
        match (table.get_mut(&key), value) {
            (None, value) => drop(table.insert(key, value)),
            (Some(Value::Table(inner)), Value::Table(value)) => merge(inner, value)?,
            (Some(_), _) => return Err(key),
        }
    }
    Ok(())
}
