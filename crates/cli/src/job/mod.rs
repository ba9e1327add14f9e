//! A job: one stage with its settings, its input files and its output file.

mod difference;
mod make;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use datasets::file::ReadError;
use datasets::{Input, Provenance};

use crate::stage::{Headers, InputFile, Source, Stage};
use difference::difference;
pub(crate) use make::{Done, failure, failure_beside, make, make_again, make_new};

/// The program and its version, as files have it.
pub(crate) const PRODUCER: &str = concat!("rbmflow ", env!("CARGO_PKG_VERSION"));

/// One stage with its settings, its input files and its output file.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// A name for people.
    pub(crate) id: String,
    /// The stage and its settings.
    pub(crate) stage: Arc<dyn Stage>,
    /// The files that are read.
    pub(crate) inputs: Vec<Source>,
    /// The file that is made (of the report: `claims.json`, the last of several).
    pub(crate) output: PathBuf,
}

/// The state of an output file with regard to the job that is to make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OutputState {
    /// It is what the job makes.
    Done,
    /// There is none.
    Missing,
    /// It was made with other settings or from other files; the differences.
    Stale(String),
    /// It cannot be read; the reason.
    Unreadable(String),
}

impl Job {
    /// A job without inputs.
    pub(crate) fn new(
        id: impl Into<String>,
        stage: impl Stage + 'static,
        output: impl Into<PathBuf>,
    ) -> Self {
        Self { id: id.into(), stage: Arc::new(stage), inputs: vec![], output: output.into() }
    }

    /// Adds an input.
    pub(crate) fn with(mut self, role: &str, path: impl Into<PathBuf>) -> Self {
        self.inputs.push(Source::new(role, path));
        self
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

    /// The inputs with their headers.
    pub(crate) fn input_files(&self, headers: &Headers) -> Result<Vec<InputFile<'_>>, ReadError> {
        self.inputs.iter().map(|source| Ok((source, headers.of(&source.path)?))).collect()
    }

    /// The provenance of the output.
    pub(crate) fn provenance(&self, inputs: &[InputFile]) -> anyhow::Result<Provenance> {
        let inputs = inputs.iter().map(|(source, header)| Input {
            role: source.role.clone(),
            schema: header.schema.clone(),
            content_hash: header.content_hash.clone(),
        });
        Ok(Provenance {
            producer: PRODUCER.to_owned(),
            config: self.stage.config()?,
            seed: self.stage.seed(),
            inputs: inputs.collect(),
        })
    }

    /// The state of the output file.
    pub(crate) fn state(&self, provenance: &Provenance, headers: &Headers) -> anyhow::Result<OutputState> {
        Ok(match self.stage.provenance_of(&self.output, headers) {
            Ok(found) => match difference(&found, provenance) {
                None => OutputState::Done,
                Some(difference) => OutputState::Stale(difference),
            },
            Err(ReadError::Missing { .. }) => OutputState::Missing,
            Err(error @ ReadError::Io { .. }) => return Err(error.into()),
            Err(error) => OutputState::Unreadable(error.to_string()),
        })
    }
}
