//! The input files of a job, and what they say about themselves.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use datasets::file::{self, Header, ReadError};
use serde::Serialize;

use crate::exit::Problem;

/// A file that a job reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Source {
    /// Its use.
    pub(crate) role: String,
    /// Its path.
    pub(crate) path: PathBuf,
}

impl Source {
    /// A file in a role.
    pub(crate) fn new(role: &str, path: impl Into<PathBuf>) -> Self {
        Self { role: role.to_owned(), path: path.into() }
    }
}

/// An input with its header.
pub(crate) type InputFile<'a> = (&'a Source, Arc<Header>);

/// The headers of files, each read once.
#[derive(Debug, Default)]
pub(crate) struct Headers(Mutex<HashMap<PathBuf, Arc<Header>>>);

impl Headers {
    /// The header of a file.
    pub(crate) fn of(&self, path: &Path) -> Result<Arc<Header>, ReadError> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(header) = known().get(path) {
            return Ok(header.clone());
        }
        let header = Arc::new(file::read_header(path)?);
        known().insert(path.to_owned(), header.clone());
        Ok(header)
    }

    /// Forgets a file that is to be replaced.
    pub(crate) fn forget(&self, path: &Path) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
    }
}

/// The sizes of a job's inputs, on which its cost depends; 0 where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct InputSizes {
    /// Sites of the lattice, which are the visible units.
    pub(crate) sites: usize,
    /// Hidden units of the machine.
    pub(crate) hidden: usize,
    /// Configurations in all files of them together.
    pub(crate) samples: usize,
    /// Configurations that a thermometer is tested on.
    pub(crate) test_samples: usize,
    /// Temperatures of the configurations.
    pub(crate) temperatures: usize,
    /// Temperatures that a thermometer knows.
    pub(crate) classes: usize,
    /// The number of files.
    pub(crate) files: usize,
}

impl InputSizes {
    /// Those of some files. What a file of another kind says counts for nothing: the stage will refuse it.
    pub(crate) fn of(inputs: &[InputFile]) -> Self {
        let mut sizes = Self { files: inputs.len(), ..Self::default() };
        for (source, header) in inputs {
            let length = |path: &str, axis: usize| {
                let dataset = header.datasets.iter().find(|dataset| dataset.path == path);
                dataset.and_then(|dataset| dataset.shape.get(axis)).copied().unwrap_or(0)
            };
            match (source.role.as_str(), header.schema.as_str()) {
                ("test", "rbmflow.spins") => sizes.test_samples = length("samples", 0),
                (_, "rbmflow.spins") => {
                    sizes.samples = sizes.samples.saturating_add(length("samples", 0));
                    sizes.sites = sizes.sites.max(length("samples", 1));
                    sizes.temperatures = sizes.temperatures.max(length("temperature", 0));
                }
                (_, "rbmflow.rbm") => {
                    sizes.sites = sizes.sites.max(length("weights", 0));
                    sizes.hidden = length("weights", 1);
                }
                (_, "rbmflow.thermometer") => sizes.classes = length("temperature", 0),
                _ => {}
            }
        }
        sizes
    }
}

/// Refuses one content in two files of a role, where it would count twice.
pub(crate) fn refuse_repeated(inputs: &[InputFile]) -> Result<(), Problem> {
    for (place, (source, header)) in inputs.iter().enumerate() {
        let twice = |(other, earlier): &&InputFile| {
            other.role == source.role && earlier.content_hash == header.content_hash
        };
        if let Some((other, _)) = inputs[..place].iter().find(twice) {
            let (other, path) = (other.path.display(), source.path.display());
            return Err(Problem::usage(format!(
                "`{other}` and `{path}` are the same file, which would count twice"
            )));
        }
    }
    Ok(())
}
