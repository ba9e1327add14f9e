//! Experiments: one TOML file from which everything follows.

mod lists;
mod options;
mod training;

use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::exit::Problem;
use crate::job::Stage;
use crate::temperatures::{TemperatureError, Temperatures, nearly_same};
pub(crate) use lists::{Counts, Epochs, HiddenUnits};
pub(crate) use options::{Options, from_table, to_table};
pub(crate) use training::{Group, Training};

/// An experiment. Keys that are not described here are refused.
///
/// Sections hold, besides the keys described here, any setting of the stage that they are for; `rbmflow STAGE --help`
/// describes those.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Experiment {
    /// The name, also of the default output folder: letters, digits, `-`, `_`.
    pub(crate) name: String,
    /// What it is for (empty).
    #[serde(default)]
    pub(crate) description: String,
    /// The master seed, from which those of all jobs are derived (1).
    #[serde(default = "one", deserialize_with = "seed")]
    pub(crate) seed: u64,
    /// The number of independent repetitions: data, machines and thermometer each (1).
    #[serde(default = "one_replica")]
    pub(crate) replicas: u32,
    /// The lattice.
    #[serde(default)]
    pub(crate) lattice: Lattice,
    /// The configurations that machines are trained on.
    #[serde(default)]
    pub(crate) sample: SampleSection,
    /// The tables that temperatures are read against, for every lattice size that is needed.
    #[serde(default)]
    pub(crate) equation_of_state: EquationOfStateSection,
    /// The network that reads temperatures.
    #[serde(default)]
    pub(crate) thermometer: ThermometerSection,
    /// The flows of the machines.
    #[serde(default)]
    pub(crate) flow: FlowSection,
    /// The map T → T′ of the main machines that were trained on all temperatures; left out without this section.
    pub(crate) map: Option<MapSection>,
    /// The block-spin flow; left out without this section.
    pub(crate) block_spin: Option<BlockSpinSection>,
    /// The analysis of the weights; left out without this section.
    pub(crate) weights: Option<WeightsSection>,
    /// How probable the machines find configurations; left out without this section.
    pub(crate) likelihood: Option<LikelihoodSection>,
    /// The machines.
    #[serde(default)]
    pub(crate) training: Vec<Training>,
}

/// `[lattice]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Lattice {
    /// L: the lattice has L × L sites (10).
    pub(crate) size: usize,
}

/// `[sample]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SampleSection {
    /// The temperatures (`V`: 0:6:0.25).
    pub(crate) temperatures: Temperatures,
    /// The number of configurations at each (1000).
    pub(crate) samples_per_temperature: usize,
    /// Further settings of `sample`.
    #[serde(flatten)]
    pub(crate) options: Options,
}

/// `[equation_of_state]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct EquationOfStateSection {
    /// The temperatures of the tables (121 from 0 to 12, most of them about the critical one).
    pub(crate) temperatures: Temperatures,
    /// Further settings of `equation-of-state`.
    #[serde(flatten)]
    pub(crate) options: Options,
}

/// `[thermometer]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ThermometerSection {
    /// The number of configurations at each temperature of `[sample]` (2000). It is tested on those of `[sample]`.
    pub(crate) samples_per_temperature: usize,
    /// Further settings of `thermometer train`.
    #[serde(flatten)]
    pub(crate) options: Options,
}

/// `[flow]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct FlowSection {
    /// The temperatures of the start ensembles (`0,tc,6,inf`).
    pub(crate) starts: Temperatures,
    /// The number of chains from each (1000).
    pub(crate) chains: usize,
    /// The number of steps (200).
    pub(crate) steps: u32,
    /// Further settings of `flow rbm`.
    #[serde(flatten)]
    pub(crate) options: Options,
}

/// `[map]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MapSection {
    /// The number of steps (1).
    pub(crate) steps: u32,
}

/// `[block_spin]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct BlockSpinSection {
    /// L of the lattice that it starts from (40).
    pub(crate) size: usize,
    /// The temperatures of the start ensembles.
    pub(crate) temperatures: Temperatures,
    /// The number of configurations at each (1000).
    pub(crate) samples_per_temperature: usize,
    /// The number of steps, each of which halves L (1).
    pub(crate) steps: u32,
    /// Further settings of `flow block-spin`.
    #[serde(flatten)]
    pub(crate) options: Options,
}

/// `[weights]`: any settings of `weights`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct WeightsSection {
    /// Settings of `weights`.
    #[serde(flatten)]
    pub(crate) options: Options,
}

/// The largest L: files count the energy of a lattice, at most 2 L² in size, in 32 bits.
const LARGEST_SIZE: usize = 32_767;

/// `[likelihood]`: any settings of `likelihood`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LikelihoodSection {
    /// Settings of `likelihood`.
    #[serde(flatten)]
    pub(crate) options: Options,
}

fn one() -> u64 {
    1
}

/// Seeds are 63 bits wide: TOML has signed integers only.
fn seed<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let seed = u64::deserialize(deserializer)?;
    let largest = i64::MAX as u64;
    let what = || serde::de::Error::custom(format!("seed is {seed}; it must be at most {largest}"));
    if seed > largest { Err(what()) } else { Ok(seed) }
}

fn one_replica() -> u32 {
    1
}

/// A list that is written in the source of this program.
fn known(text: &str) -> Temperatures {
    text.parse().expect("a list that is read in the tests")
}

impl Default for Lattice {
    fn default() -> Self {
        Self { size: 10 }
    }
}

impl Default for SampleSection {
    fn default() -> Self {
        Self { temperatures: known("V"), samples_per_temperature: 1000, options: Options::default() }
    }
}

impl Default for EquationOfStateSection {
    fn default() -> Self {
        let temperatures = ising_mc::EquationOfStateConfig::default_temperatures();
        Self { temperatures: Temperatures(temperatures), options: Options::default() }
    }
}

impl Default for ThermometerSection {
    fn default() -> Self {
        Self { samples_per_temperature: 2000, options: Options::default() }
    }
}

impl Default for FlowSection {
    fn default() -> Self {
        Self { starts: known("0,tc,6,inf"), chains: 1000, steps: 200, options: Options::default() }
    }
}

impl Default for MapSection {
    fn default() -> Self {
        Self { steps: 1 }
    }
}

impl Default for BlockSpinSection {
    fn default() -> Self {
        Self {
            size: 40,
            temperatures: known("1.75:3:0.25,tc"),
            samples_per_temperature: 1000,
            steps: 1,
            options: Options::default(),
        }
    }
}

/// The most bytes that an experiment has.
const LONGEST: u64 = 16 << 20;

impl Experiment {
    /// Reads an experiment and fills in all defaults.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = datasets::file::load_text(path, LONGEST)?;
        Self::parse(&text).with_context(|| format!("`{}` is no experiment", path.display()))
    }

    /// As [`Experiment::read`], of a text.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let mut experiment: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start].matches('\n').count() + 1);
            let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            Problem::Usage(format!("{place}{}", error.message()))
        })?;
        experiment.resolve().map_err(|problem| match problem {
            Problem::Usage(what) => {
                let place = line_of(text, &what).map(|line| format!("line {line}: ")).unwrap_or_default();
                Problem::Usage(format!("{place}{what}"))
            }
            other => other,
        })?;
        Ok(experiment)
    }

    /// The experiment that the figures of a file are of, from the file's config, which is checked like any other text; none
    /// if it says none that is possible.
    pub(crate) fn of_figures(config: &str) -> Option<Self> {
        let Ok(Stage::Figures(mut experiment)) = toml::from_str(config) else { return None };
        experiment.resolve().ok()?;
        Some(*experiment)
    }

    /// The experiment as TOML, all defaults filled in.
    pub(crate) fn toml(&self) -> anyhow::Result<String> {
        toml::to_string(self).context("the experiment cannot be written as TOML")
    }

    /// What the main configurations are drawn from, a `model` of `sample`.
    pub(crate) fn model(&self) -> String {
        self.sample.options.0.get("model").and_then(toml::Value::as_str).unwrap_or("ising").to_owned()
    }

    /// The field of the main configurations in J.
    pub(crate) fn field(&self) -> f64 {
        self.sample.options.0.get("field").and_then(toml::Value::as_float).unwrap_or(0.0)
    }

    fn resolve(&mut self) -> Result<(), Problem> {
        check_name(&self.name)?;
        if self.replicas == 0 {
            return Err(Problem::Usage("replicas is 0; it must be at least 1".to_owned()));
        }
        let block_size = self.block_spin.as_ref().map(|block| ("block_spin", block.size));
        for (section, size) in [("lattice", self.lattice.size)].into_iter().chain(block_size) {
            if size > LARGEST_SIZE {
                let what = format!("size is {size}; it must be at most {LARGEST_SIZE}");
                return Err(Problem::Usage(format!("[{section}]: {what}")));
            }
        }
        for (index, training) in self.training.iter().enumerate() {
            check_name(&training.name)?;
            if training
                .fields
                .as_ref()
                .is_some_and(|fields| fields.is_empty() || fields.iter().any(|field| !field.is_finite()))
            {
                let what =
                    format!("fields of [[training]] `{}` must be one or more finite numbers", training.name);
                return Err(Problem::Usage(what));
            }
            let fields = training.fields.as_deref().unwrap_or_default();
            // Folders are named after trainings, and some file systems take both cases for the same.
            let earlier = &self.training[..index];
            if let Some(other) = earlier.iter().find(|other| other.name.eq_ignore_ascii_case(&training.name))
            {
                let both =
                    if other.name == training.name { "is there twice" } else { "is there in another case" };
                return Err(Problem::Usage(format!("the name of [[training]] `{}` {both}", training.name)));
            }
            lists::distinct(fields).map_err(|what| in_training(training, "fields", &what))?;
            for size in training.sizes(self.lattice.size) {
                let hidden = training.hidden.of(size.saturating_mul(size));
                lists::distinct(&hidden).map_err(|what| in_training(training, "hidden", &what))?;
            }
        }
        self.same_temperatures()?;
        if let Some(BlockSpinSection { size, steps, .. }) = self.block_spin {
            // Blocks need an even size of at least 4.
            let possible =
                if size < 2 { 0 } else { size.trailing_zeros() - u32::from(size.is_power_of_two()) };
            if steps == 0 || steps > possible {
                let what = format!("steps is {steps}, but size {size} can be halved {possible} times");
                return Err(Problem::Usage(format!("[block_spin]: {what}")));
            }
        }
        options::resolve_all(self)
    }
}

impl Experiment {
    /// Refuses temperatures of different lists that are the same but for rounding: configurations at one are not those at
    /// the other.
    fn same_temperatures(&self) -> Result<(), Problem> {
        let block = self.block_spin.as_ref().map(|block| &block.temperatures);
        let lists = [&self.sample.temperatures, &self.flow.starts].into_iter().chain(block);
        let mut all: Vec<f64> = lists
            .chain(self.training.iter().map(|t| &t.temperatures))
            .flat_map(|list| list.0.clone())
            .collect();
        all.sort_by(f64::total_cmp);
        match all.windows(2).find(|pair| nearly_same(pair[0], pair[1])) {
            Some(pair) => Err(Problem::Usage(TemperatureError::NearlyRepeated(pair[0], pair[1]).to_string())),
            None => Ok(()),
        }
    }
}

fn in_training(training: &Training, key: &str, what: &str) -> Problem {
    Problem::Usage(format!("[[training]] `{}`: {key}: {what}", training.name))
}

/// The line of a setting that a message of the form "[section]: setting …" or "[[training]] `name`: setting …" is about.
fn line_of(text: &str, message: &str) -> Option<usize> {
    let (place, what) = message.split_once(": ")?;
    let (header, name) = match place.split_once(" `") {
        Some((header, name)) => (header, name.strip_suffix('`')),
        None => (place, None),
    };
    let key = what.trim_start_matches("setting ").trim_start_matches('`');
    let key =
        key.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().filter(|key| !key.is_empty())?;
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let value = |line: &str, key: &str| {
        Some(line.strip_prefix(key)?.trim_start().strip_prefix('=')?.trim().to_owned())
    };
    let starts = (0..lines.len()).filter(|&at| lines[at].starts_with(header));
    let blocks = starts.map(|at| {
        let end = (at + 1..lines.len()).find(|&end| lines[end].starts_with('[')).unwrap_or(lines.len());
        at..end
    });
    let mut named = blocks.filter(|block| {
        name.is_none_or(|name| {
            let quoted = [format!("\"{name}\""), format!("'{name}'")];
            block
                .clone()
                .any(|at| value(lines[at], "name").is_some_and(|v| quoted.iter().any(|q| v.starts_with(q))))
        })
    });
    named.next()?.find(|&at| value(lines[at], key).is_some()).map(|at| at + 1)
}

/// Names become parts of paths.
fn check_name(name: &str) -> Result<(), Problem> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        let what = format!("name is `{name}`; it must consist of letters, digits, `-` and `_`");
        return Err(Problem::Usage(what));
    }
    Ok(())
}
