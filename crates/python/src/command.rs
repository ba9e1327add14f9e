//! The program `rbmflow`.

use std::ffi::OsString;
use std::path::PathBuf;

use pyo3::prelude::*;

/// Does what the program `rbmflow` does with these arguments, the first of which is its name, and returns its exit code.
/// It belongs into a process of its own: it listens to signals, and may end the process.
#[pyfunction]
pub(crate) fn main(py: Python<'_>, program: PathBuf, arguments: Vec<OsString>) -> u8 {
    py.detach(|| cli::main_of(program, arguments))
}
