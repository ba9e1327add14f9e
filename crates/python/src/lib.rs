//! The native half of the Python package `rbmflow`: settings, arrays and errors between Python and the crates.
//!
//! **Invariant:** no science, and no file format. Every function here turns its arguments into the arguments of one
//! function of a crate and its result into a Python object; names, defaults and documentation for people are in
//! `python/rbmflow`.
//!
//! # Overview
//!
//! * `failure` — errors of the crates as exceptions of the package.
//! * `settings` — keyword arguments to the config of a stage, and back to the text that files have.
//! * `work` — computations away from the interpreter, with progress and Ctrl-C.
//! * `artifact` — what a file holds, as arrays that are not copied.
//! * `stages` — the stages; `theory` — couplings and predictions; `command` — the program.

mod artifact;
mod command;
mod failure;
mod settings;
mod stages;
mod theory;
mod work;

/// The native half of the package `rbmflow`.
#[pyo3::pymodule]
mod _rbmflow {
    #[pymodule_export]
    use crate::artifact::{Artifact, from_arrays, from_bytes, open};
    #[pymodule_export]
    use crate::command::main;
    #[pymodule_export]
    use crate::stages::{
        block_spin_flow, equation_of_state, likelihood, measure, rbm_flow, sample, thermometer, train,
        train_on_matrix, weights,
    };
    #[pymodule_export]
    use crate::theory::{couplings, free_energy, hidden_means, predict, pseudo_log_likelihood};
}
