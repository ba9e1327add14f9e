//! One self-contained HTML page about a run.

mod cards;
mod csv;
mod first_screen;
mod markup;
mod page;
mod player;
mod provenance;
mod shown;
mod story;
mod symbols;
mod table;

pub(crate) use markup::markup;
pub(crate) use page::{plain_figure, shell};
pub(crate) use table::verdict_class;

use std::collections::BTreeMap;

use datasets::Figures;

use crate::claims::Claim;

/// What the page says about the run besides its figures.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunInfo {
    /// The experiment's name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The full resolved experiment as TOML.
    pub config: String,
    /// The master seed.
    pub seed: u64,
    /// The number of replicas.
    pub replicas: usize,
    /// The command that makes the run.
    pub command: String,
    /// The program and its version.
    pub producer: String,
    /// The files of the run.
    pub files: Vec<File>,
    /// The number of results of the complete run; 0 if it is not known.
    pub results: usize,
    /// The results that are missing.
    pub missing: Vec<Missing>,
    /// What went wrong or deserves a second look, one sentence each.
    pub warnings: Vec<String>,
}

/// A result that a run lacks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Missing {
    /// The name of its job.
    pub name: String,
    /// Why it is missing; empty if its job has not run yet.
    pub reason: String,
}

/// A file of the run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct File {
    /// The path inside the run's folder.
    pub path: String,
    /// Its schema and version.
    pub schema: String,
    /// Its content hash.
    pub content_hash: String,
}

/// The page: claims first, then the figures in the order of the story with their captions, then the provenance. It
/// loads nothing from anywhere. `pictures` are the SVG texts by figure id; one that is missing is named as missing.
pub fn report(
    info: &RunInfo,
    figures: &Figures,
    claims: &[Claim],
    pictures: &BTreeMap<String, String>,
) -> String {
    page::page(info, figures, claims, pictures)
}
