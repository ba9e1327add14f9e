//! Experiments: one TOML file from which everything follows.

mod line;
mod lists;
mod options;
mod sections;
mod training;

use std::path::Path;

use anyhow::Context as _;
use datasets::lattice::{Kind, Lattice};
use ising_mc::Model;
use rbm_core::LikelihoodConfig;
use serde::{Deserialize, Serialize};
use weight_analysis::WeightsConfig;

use crate::exit::Problem;
use crate::stage::{InputSizes, Stage};
use crate::temperatures::{TemperatureError, Temperatures, nearly_same};
use line::line_of;
use options::Options;
use sections::{
    BlockSpinSection, EquationOfStateSection, FlowSection, LatticeSection, MapSection, SampleSection,
    ThermometerSection,
};
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
    /// The purpose (empty).
    #[serde(default)]
    pub(crate) description: String,
    /// The master seed, from which those of all jobs are derived (1).
    #[serde(default = "first_seed", deserialize_with = "seed")]
    pub(crate) seed: u64,
    /// The number of independent repetitions: data, machines and thermometer each (1).
    #[serde(default = "one_replica")]
    pub(crate) replicas: u32,
    /// The lattice (a square with L = 10).
    #[serde(default)]
    pub(crate) lattice: LatticeSection,
    /// The configurations that machines are trained on.
    #[serde(default)]
    pub(crate) sample: SampleSection,
    /// The tables that temperatures are read against, for every lattice that is needed.
    #[serde(default)]
    pub(crate) equation_of_state: EquationOfStateSection,
    /// The network that reads temperatures.
    #[serde(default)]
    pub(crate) thermometer: ThermometerSection,
    /// The flows of the machines.
    #[serde(default)]
    pub(crate) flow: FlowSection,
    /// The map T → T′ of the machines from their training temperatures, except those of sweeps and those trained on
    /// others than `[sample]` has; left out without this section.
    pub(crate) map: Option<MapSection>,
    /// The block-spin flow; left out without this section.
    pub(crate) block_spin: Option<BlockSpinSection>,
    /// The analysis of the weights; left out without this section.
    pub(crate) weights: Option<Options<WeightsConfig>>,
    /// How probable the machines find configurations; left out without this section.
    pub(crate) likelihood: Option<Options<LikelihoodConfig>>,
    /// The machines.
    #[serde(default)]
    pub(crate) training: Vec<Training>,
}

/// The largest number of bonds: files count the energy of a lattice in 32 bits.
const MOST_BONDS: usize = i32::MAX as usize;

fn first_seed() -> u64 {
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

    /// The experiment as TOML, all defaults filled in.
    pub(crate) fn toml(&self) -> anyhow::Result<String> {
        toml::to_string(self).context("the experiment cannot be written as TOML")
    }

    /// The same with all defaults filled in, if it is possible.
    pub(crate) fn resolved(mut self) -> Result<Self, Problem> {
        self.resolve()?;
        Ok(self)
    }

    /// The law of the main configurations.
    pub(crate) fn model(&self) -> Result<Model, Problem> {
        Ok(self.sample.options.get()?.model)
    }

    /// The field of the main configurations in J.
    pub(crate) fn field(&self) -> Result<f64, Problem> {
        Ok(self.sample.options.get()?.field)
    }

    /// All lattices of the experiment, its own first.
    fn lattices(&self) -> Result<Vec<Lattice>, Problem> {
        let own = self.lattice.0;
        let mut all = vec![own];
        for training in &self.training {
            let found = training.lattices(own).map_err(|problem| match problem {
                Problem::Usage(what) => Problem::Usage(format!("[[training]] `{}`: {what}", training.name)),
                other => other,
            })?;
            all.extend(found);
        }
        Ok(all)
    }

    fn resolve(&mut self) -> Result<(), Problem> {
        check_name(&self.name)?;
        if self.replicas == 0 {
            return Err(Problem::Usage("replicas is 0; it must be at least 1".to_owned()));
        }
        let lattices = self.lattices()?;
        for lattice in &lattices {
            if !lattice.has_geometry() {
                let what =
                    format!("kind is {}, which has no bonds; choose a lattice to sample", lattice.kind());
                return Err(Problem::Usage(format!("[lattice]: {what}")));
            }
            if lattice.bond_count() > MOST_BONDS {
                let what = format!("size of {lattice} is too large; it must have at most {MOST_BONDS} bonds");
                return Err(Problem::Usage(format!("[lattice]: {what}")));
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
            lists::distinct(&training.surrogates())
                .map_err(|what| in_training(training, "weights", &what))?;
            if training.surrogates().is_empty() {
                return Err(in_training(training, "weights", "the list is empty"));
            }
            for lattice in training.lattices(self.lattice.0)? {
                let hidden = training.hidden.of(lattice.sites());
                lists::distinct(&hidden).map_err(|what| in_training(training, "hidden", &what))?;
            }
        }
        for lattice in &lattices {
            self.same_temperatures(lattice.kind())?;
        }
        if let Some(block) = &self.block_spin {
            let kind = self.lattice.0.kind();
            let blocks = block.lattices(kind);
            in_section("[block_spin]", blocks.map(|_| ()))?;
            if block.steps == 0 {
                return Err(Problem::Usage("[block_spin]: steps is 0; it must be at least 1".to_owned()));
            }
        }
        for &lattice in &lattices {
            self.check_sections(lattice)?;
        }
        for training in &mut self.training {
            in_section(&format!("[[training]] `{}`", training.name), training.options.resolve())?;
        }
        Ok(())
    }

    /// Refuses sections with settings that their stage does not know or that can never work. Seeds do not matter here.
    fn check_sections(&self, lattice: Lattice) -> Result<(), Problem> {
        let (kind, sample, flow) = (lattice.kind(), &self.sample, &self.flow);
        let each = sample.samples_per_temperature;
        let temperatures = &sample.temperatures.on(kind).map_err(Problem::usage)?;
        check_section("[sample]", sample.config(lattice, &temperatures.0, each, 0))?;
        check_section("[equation_of_state]", self.equation_of_state.config(lattice, 0))?;
        check_section("[thermometer]", self.thermometer.config(0))?;
        let starts = flow.starts(kind);
        check_section("[flow]", starts.and_then(|list| flow.config(&list.0, flow.chains, flow.steps, 0)))?;
        if let Some(block) = &self.block_spin {
            check_section("[block_spin]", block.config(self.lattice.0.kind(), 0))?;
        }
        if let Some(weights) = &self.weights {
            check_section("[weights]", weights.get().cloned())?;
            has_all("[weights]", temperatures, weights.get()?.temperatures.as_deref())?;
        }
        if let Some(likelihood) = &self.likelihood {
            check_section("[likelihood]", likelihood.get().cloned())?;
            // Machines trained on a part of the common configurations are judged by fresh ones of all.
            let chosen = likelihood.get()?.temperatures.as_deref();
            let field_of_all = self.field()?;
            for training in self.trainings_on(kind) {
                let own = training.temperatures.on(kind).map_err(Problem::usage)?;
                let fields = training.fields.clone().unwrap_or_else(|| vec![field_of_all]);
                // Machines of several fields have no likelihood.
                let [field] = fields[..] else { continue };
                let shared = self.shares_samples(training, kind, field)?;
                has_all("[likelihood]", if shared { temperatures } else { &own }, chosen)?;
            }
        }
        Ok(())
    }

    /// Whether the configurations of a training in a field are those of `[sample]`.
    pub(crate) fn shares_samples(
        &self,
        training: &Training,
        kind: Kind,
        field: f64,
    ) -> Result<bool, Problem> {
        let all = self.sample.temperatures.on(kind).map_err(Problem::usage)?;
        let own = training.temperatures.on(kind).map_err(Problem::usage)?;
        let each = self.sample.samples_per_temperature;
        Ok(all.contain(&own)
            && training.samples_per_temperature.is_none_or(|own| own == each)
            && training.model.unwrap_or(self.model()?) == self.model()?
            && field == self.field()?)
    }

    /// The trainings with machines on lattices of a kind.
    fn trainings_on(&self, kind: Kind) -> impl Iterator<Item = &Training> {
        let on_kind = move |training: &&Training| {
            let lattices = training.lattices(self.lattice.0);
            lattices.is_ok_and(|all| all.iter().any(|lattice| lattice.kind() == kind))
        };
        self.training.iter().filter(on_kind)
    }

    /// Refuses temperatures of different lists that are the same but for rounding: configurations at one are not those at
    /// the other.
    fn same_temperatures(&self, kind: Kind) -> Result<(), Problem> {
        let mut all = self
            .flow
            .starts(kind)
            .map_err(|problem| match problem {
                Problem::Usage(what) => Problem::Usage(format!("[flow]: starts: {what}")),
                other => other,
            })?
            .0;
        let block = self.block_spin.as_ref().filter(|_| kind == self.lattice.0.kind());
        let lists = [("[sample]".to_owned(), self.sample.temperatures.on(kind))].into_iter();
        let lists = lists.chain(block.map(|block| ("[block_spin]".to_owned(), block.temperatures.on(kind))));
        let named = |training: &Training| format!("[[training]] `{}`", training.name);
        let trainings = self.trainings_on(kind).map(|t| (named(t), t.temperatures.on(kind)));
        for (section, list) in lists.chain(trainings) {
            let wrong = |error| Problem::Usage(format!("{section}: temperatures: {error}"));
            all.extend(list.map_err(wrong)?.0);
        }
        all.sort_by(f64::total_cmp);
        match all.windows(2).find(|pair| nearly_same(pair[0], pair[1])) {
            Some(pair) => Err(Problem::Usage(TemperatureError::NearlyRepeated(pair[0], pair[1]).to_string())),
            None => Ok(()),
        }
    }
}

/// Refuses temperatures at which there are no configurations.
fn has_all(section: &str, sampled: &Temperatures, chosen: Option<&[f64]>) -> Result<(), Problem> {
    match chosen.unwrap_or_default().iter().find(|t| !sampled.0.contains(t)) {
        Some(t) => Err(Problem::Usage(format!(
            "{section}: temperatures has {t}, but there are configurations at {} only",
            sampled.text()
        ))),
        None => Ok(()),
    }
}

fn check_section(name: &str, config: Result<impl Stage, Problem>) -> Result<(), Problem> {
    in_section(name, config.and_then(|config| config.check(&InputSizes::default())))
}

fn in_section(name: &str, result: Result<(), Problem>) -> Result<(), Problem> {
    match result {
        Err(Problem::Usage(what)) => Err(Problem::Usage(format!("{name}: {what}"))),
        other => other,
    }
}

fn in_training(training: &Training, key: &str, what: &str) -> Problem {
    Problem::Usage(format!("[[training]] `{}`: {key}: {what}", training.name))
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
