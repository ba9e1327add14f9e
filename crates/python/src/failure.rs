//! Errors of the crates, each with the line that the program prints and the exception that it becomes.

use std::fmt::Display;

use datasets::file::{ReadError, WriteError};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;

/// What went wrong. The classes are those of `rbmflow.errors`; they go with the exit codes of the program.
#[derive(Debug)]
pub(crate) enum Failure {
    /// `UsageError`: impossible settings, or inputs that do not go together.
    Usage(String),
    /// `InputError`: a file that is missing, damaged or something else.
    Input(String),
    /// `VersionError`: a file of an unknown version.
    Version(String),
    /// `FileError`: reading or writing.
    File(String),
    /// `ComputationError`: a computation failed.
    Computation(String),
    /// The computation was asked to stop.
    Interrupted,
}

impl Failure {
    /// Impossible settings.
    pub(crate) fn usage(error: impl Display) -> Self {
        Self::Usage(error.to_string())
    }

    /// A failed computation.
    pub(crate) fn computation(error: impl Display) -> Self {
        Self::Computation(error.to_string())
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        let line = error.to_string();
        match error {
            ReadError::Io { .. } => Self::File(line),
            ReadError::IncompatibleBlock { .. } | ReadError::IncompatibleVersion { .. } => {
                Self::Version(line)
            }
            _ => Self::Input(line),
        }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        let line = error.to_string();
        match error {
            WriteError::WrongContent { .. } | WriteError::Unrepresentable { .. } => Self::Computation(line),
            _ => Self::File(line),
        }
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        let (class, line) = match failure {
            Failure::Usage(line) => ("UsageError", line),
            Failure::Input(line) => ("InputError", line),
            Failure::Version(line) => ("VersionError", line),
            Failure::File(line) => ("FileError", line),
            Failure::Computation(line) => ("ComputationError", line),
            Failure::Interrupted => return PyKeyboardInterrupt::new_err(()),
        };
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        Python::attach(|py| {
            let made = py.import("rbmflow.errors").and_then(|errors| errors.getattr(class)?.call1((line,)));
            made.map_or_else(|error| error, PyErr::from_value)
        })
    }
}
