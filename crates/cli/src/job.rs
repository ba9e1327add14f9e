//! A job: one stage with its settings, its input files and its output file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use datasets::file::{self, Header, ReadError};
use datasets::{Artifact, Input, Provenance, Stored};
use serde::{Deserialize, Serialize};

use crate::exit::Problem;
use crate::experiment::Experiment;
use crate::known::Known;

/// The program and its version, as files have it.
pub(crate) const PRODUCER: &str = concat!("rbmflow ", env!("CARGO_PKG_VERSION"));

/// A stage with all its settings. As TOML it is the `config` of the files that it makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub(crate) enum Stage {
    #[serde(rename = "sample")]
    Sample(ising_mc::SampleConfig),
    #[serde(rename = "equation-of-state")]
    EquationOfState(ising_mc::EquationOfStateConfig),
    #[serde(rename = "train")]
    Train(rbm_core::TrainConfig),
    #[serde(rename = "thermometer train")]
    Thermometer(temp_classifier::ThermometerConfig),
    #[serde(rename = "flow rbm")]
    RbmFlow(rg_flow::RbmFlowConfig),
    #[serde(rename = "flow block-spin")]
    BlockSpinFlow(rg_flow::BlockSpinConfig),
    #[serde(rename = "weights")]
    Weights(weight_analysis::WeightsConfig),
    #[serde(rename = "likelihood")]
    Likelihood(rbm_core::LikelihoodConfig),
    #[serde(rename = "figures")]
    Figures(Box<Experiment>),
    #[serde(rename = "report")]
    Report(ReportConfig),
}

/// The settings of the report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ReportConfig {
    /// Results that are missing, by the name of their job, and why; empty of a complete run.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) missing: BTreeMap<String, String>,
}

impl Stage {
    /// The master seed.
    pub(crate) fn seed(&self) -> u64 {
        match self {
            Self::Sample(config) => config.seed,
            Self::EquationOfState(config) => config.seed,
            Self::Train(config) => config.seed,
            Self::Thermometer(config) => config.seed,
            Self::RbmFlow(config) => config.seed,
            Self::BlockSpinFlow(config) => config.seed,
            Self::Likelihood(config) => config.seed,
            Self::Figures(experiment) => experiment.seed,
            Self::Weights(_) | Self::Report(_) => 0,
        }
    }

    /// The name, as in the files' `config`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sample(_) => "sample",
            Self::EquationOfState(_) => "equation-of-state",
            Self::Train(_) => "train",
            Self::Thermometer(_) => "thermometer train",
            Self::RbmFlow(_) => "flow rbm",
            Self::BlockSpinFlow(_) => "flow block-spin",
            Self::Weights(_) => "weights",
            Self::Likelihood(_) => "likelihood",
            Self::Figures(_) => "figures",
            Self::Report(_) => "report",
        }
    }

    /// Refuses settings that can never work with input files like those that are `known`.
    pub(crate) fn check(&self, known: &Known) -> Result<(), Problem> {
        let refused = |error: &dyn std::fmt::Display| Problem::Usage(error.to_string());
        let each = |samples: usize| samples.checked_div(known.temperatures);
        match self {
            Self::Sample(config) => config.check().map_err(|error| refused(&error)),
            Self::EquationOfState(config) => config.check().map_err(|error| refused(&error)),
            Self::Train(config) if config.epochs == 0 => Err(refused(&"epochs is 0; it must be at least 1")),
            Self::Train(config) => config.validate().map_err(|error| refused(&error)),
            Self::Thermometer(config) => {
                config.check().map_err(|error| refused(&error))?;
                match each(known.samples.min(known.others)) {
                    Some(0 | 1) => Err(refused(
                        &"samples_per_temperature must be at least 2, for training and for the test",
                    )),
                    _ => Ok(()),
                }
            }
            Self::RbmFlow(config) => config.check().map_err(|error| refused(&error)),
            Self::BlockSpinFlow(config) => config.check().map_err(|error| refused(&error)),
            Self::Weights(config) => {
                config.check().map_err(|error| refused(&error))?;
                match each(known.samples).filter(|_| config.temperatures.is_none()) {
                    Some(0 | 1) => Err(refused(
                        &"the configurations that are projected must be at least 2 at each temperature",
                    )),
                    _ => Ok(()),
                }
            }
            Self::Likelihood(config) => {
                config.check(known.sites, known.hidden).map_err(|error| refused(&error))
            }
            Self::Figures(_) | Self::Report(_) => Ok(()),
        }
    }

    /// The settings as TOML, defaults filled in.
    pub(crate) fn toml(&self) -> anyhow::Result<String> {
        toml::to_string(self).context("the settings cannot be written as TOML")
    }
}

/// A file that a job reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Source {
    /// What it is used as.
    pub(crate) role: String,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The hash of the content that it must have when it is read, once that is known.
    #[serde(skip)]
    pub(crate) content_hash: Option<String>,
}

impl Source {
    /// A file whose content is not known yet.
    pub(crate) fn new(role: &str, path: impl Into<PathBuf>) -> Self {
        Self { role: role.to_owned(), path: path.into(), content_hash: None }
    }

    /// Reads the file, which must not have become another one since its hash was noted.
    pub(crate) fn read<T: Artifact>(&self) -> anyhow::Result<Stored<T>> {
        let stored = file::read::<T>(&self.path)?;
        match &self.content_hash {
            Some(noted) if *noted != stored.content_hash => {
                let path = self.path.display();
                let what = format!("`{path}` was replaced while it was in use; run the same command again");
                Err(Problem::Input(what).into())
            }
            _ => Ok(stored),
        }
    }
}

/// One stage with its settings, its input files and its output file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Job {
    /// A name for people.
    pub(crate) id: String,
    /// The stage and its settings.
    pub(crate) stage: Stage,
    /// The files that are read.
    pub(crate) inputs: Vec<Source>,
    /// The file that is made (of the report: `claims.json`, the last of several).
    pub(crate) output: PathBuf,
}

/// How an output file stands to the job that is to make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is what the job makes.
    Done,
    /// There is none.
    Missing,
    /// It was made with other settings or from other files; what differs.
    Stale(String),
    /// It cannot be read; why.
    Unreadable(String),
}

impl Job {
    /// A job without inputs.
    pub(crate) fn new(id: impl Into<String>, stage: Stage, output: impl Into<PathBuf>) -> Self {
        Self { id: id.into(), stage, inputs: vec![], output: output.into() }
    }

    /// Adds an input.
    pub(crate) fn with(mut self, role: &str, path: impl Into<PathBuf>) -> Self {
        self.inputs.push(Source::new(role, path));
        self
    }

    /// Adds the inputs that there are.
    pub(crate) fn with_all(self, role: &str, paths: impl IntoIterator<Item = PathBuf>) -> Self {
        paths.into_iter().fold(self, |job, path| job.with(role, path))
    }

    /// The same job with all paths below a folder.
    pub(crate) fn below(&self, folder: &Path) -> Self {
        let mut job = self.clone();
        job.output = folder.join(&job.output);
        for input in &mut job.inputs {
            input.path = folder.join(&input.path);
        }
        job
    }

    /// The inputs with a role.
    pub(crate) fn sources<'a>(&'a self, role: &'a str) -> impl Iterator<Item = &'a Source> {
        self.inputs.iter().filter(move |input| input.role == role)
    }

    /// The same job, which only reads inputs with the hashes that its output will name.
    pub(crate) fn pinned(&self, provenance: &Provenance) -> Self {
        let mut job = self.clone();
        for (source, input) in job.inputs.iter_mut().zip(&provenance.inputs) {
            source.content_hash = Some(input.content_hash.clone());
        }
        job
    }

    /// What the output will say about its making; reads what the inputs say about themselves.
    pub(crate) fn provenance(&self) -> anyhow::Result<Provenance> {
        self.provenance_from(&self.headers()?)
    }

    /// What the inputs say about themselves.
    pub(crate) fn headers(&self) -> anyhow::Result<Vec<Header>> {
        self.inputs.iter().map(|input| Ok(file::read_header(&input.path)?)).collect()
    }

    /// What the output will say about its making, from inputs with these headers.
    pub(crate) fn provenance_from(&self, headers: &[Header]) -> anyhow::Result<Provenance> {
        let inputs = self.inputs.iter().zip(headers).map(|(Source { role, .. }, header)| Input {
            role: role.clone(),
            schema: header.schema.clone(),
            content_hash: header.content_hash.clone(),
        });
        Ok(Provenance {
            producer: PRODUCER.to_owned(),
            config: self.stage.toml()?,
            seed: self.stage.seed(),
            inputs: inputs.collect(),
        })
    }

    /// What inputs with these headers hold. What a file of another kind says counts for nothing: the stage
    /// will refuse it.
    pub(crate) fn known(&self, headers: &[Header]) -> Known {
        let mut known = Known { files: headers.len(), ..Known::default() };
        for (source, header) in self.inputs.iter().zip(headers) {
            let length = |path: &str, axis: usize| {
                let dataset = header.datasets.iter().find(|dataset| dataset.path == path);
                dataset.and_then(|dataset| dataset.shape.get(axis)).copied().unwrap_or(0)
            };
            match (source.role.as_str(), header.schema.as_str()) {
                ("test", "rbmflow.spins") => known.others = length("samples", 0),
                (_, "rbmflow.spins") => {
                    known.samples = known.samples.saturating_add(length("samples", 0));
                    known.sites = known.sites.max(length("samples", 1));
                    known.temperatures = known.temperatures.max(length("temperature", 0));
                }
                (_, "rbmflow.rbm") => {
                    known.sites = known.sites.max(length("weights", 0));
                    known.hidden = length("weights", 1);
                }
                (_, "rbmflow.thermometer") => known.classes = length("temperature", 0),
                _ => {}
            }
        }
        known
    }

    /// How the output file stands to this job.
    pub(crate) fn standing(&self, provenance: &Provenance) -> anyhow::Result<Standing> {
        let found = match &self.stage {
            Stage::Report(_) => crate::stages::report::provenance_of(&self.output),
            _ => file::read_header(&self.output).map(|header| header.provenance),
        };
        Ok(match found {
            Ok(found) => match difference(&found, provenance) {
                None => Standing::Done,
                Some(difference) => Standing::Stale(difference),
            },
            Err(ReadError::Missing { .. }) => Standing::Missing,
            Err(error @ ReadError::Io { .. }) => return Err(error.into()),
            Err(error) => Standing::Unreadable(error.to_string()),
        })
    }

    /// Reads the only input with a role.
    pub(crate) fn read<T: Artifact>(&self, role: &str) -> anyhow::Result<Stored<T>> {
        let source = self.sources(role).next();
        source.ok_or_else(|| Problem::Failed(format!("the job `{}` has no input `{role}`", self.id)))?.read()
    }

    /// Reads an input that may be left out.
    pub(crate) fn read_optional<T: Artifact>(&self, role: &str) -> anyhow::Result<Option<Stored<T>>> {
        self.sources(role).next().map(Source::read).transpose()
    }
}

/// What differs between two origins, apart from the program's version; none if nothing does.
fn difference(found: &Provenance, expected: &Provenance) -> Option<String> {
    let parse = |text: &str| text.parse::<toml::Table>().unwrap_or_default();
    let mut list = vec![];
    if found.config != expected.config {
        differing_keys("", &parse(&found.config), &parse(&expected.config), &mut list);
        if list.is_empty() {
            list.push("its settings are written in another way".to_owned());
        }
    }
    let of_role = |inputs: &[Input], role: &str| -> Vec<String> {
        inputs.iter().filter(|input| input.role == role).map(|input| input.content_hash.clone()).collect()
    };
    let mut roles: Vec<&str> =
        found.inputs.iter().chain(&expected.inputs).map(|input| input.role.as_str()).collect();
    roles.sort_unstable();
    roles.dedup();
    for role in roles {
        if of_role(&found.inputs, role) != of_role(&expected.inputs, role) {
            list.push(format!("it was made from another `{role}` file"));
        }
    }
    (!list.is_empty()).then(|| list.join(", "))
}

fn differing_keys(prefix: &str, found: &toml::Table, expected: &toml::Table, list: &mut Vec<String>) {
    let mut keys: Vec<&String> = found.keys().chain(expected.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let text = |value: Option<&toml::Value>| value.map_or("not set".to_owned(), shortened);
        match (found.get(key), expected.get(key)) {
            (Some(toml::Value::Table(a)), Some(toml::Value::Table(b))) => {
                differing_keys(&format!("{prefix}{key}."), a, b, list);
            }
            (a, b) if a != b => list.push(format!("{prefix}{key} is {}, not {}", text(a), text(b))),
            _ => {}
        }
    }
}

/// A value as text that is not too long for an error message.
fn shortened(value: &toml::Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Configurations from other seeds are other files.
    fn write_spins(path: &Path, seed: u64) {
        let config = format!("size = 2\ntemperatures = [2.0]\nsamples_per_temperature = 4\nseed = {seed}\n");
        let config: ising_mc::SampleConfig = toml::from_str(&config).expect("settings");
        let spins = ising_mc::sample(&config, &()).expect("a small sample");
        let stage = Stage::Sample(config);
        let provenance = Job::new("spins", stage, path).provenance().expect("there are no inputs");
        file::write(path, &spins, &provenance).expect("a written file");
    }

    #[test]
    fn an_input_that_is_replaced_while_the_job_runs_is_not_read() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("spins.h5");
        write_spins(&path, 1);
        let stage = Stage::Weights(Default::default());
        let job = Job::new("weights", stage, folder.path().join("weights.h5")).with("spins", &path);
        let pinned = job.pinned(&job.provenance().expect("a readable input"));
        pinned.read::<datasets::Spins>("spins").expect("the file that was there");
        write_spins(&path, 2);
        let error = pinned.read::<datasets::Spins>("spins").expect_err("another file").to_string();
        assert!(error.contains("was replaced") && error.contains("spins.h5"), "{error}");
        pinned.read_optional::<datasets::Spins>("spins").expect_err("another file");
        job.read::<datasets::Spins>("spins").expect("any file");
    }
}
