//! The figures of an incomplete run, from the results that there are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::status::{State, states};
use crate::exit::Problem;
use crate::job::Job;
use crate::stages::figures;
use crate::stages::report::{self, ReportConfig};

/// The folder of the figures and the report of an incomplete run, within its own. The run's own are made at its
/// end, maybe at this moment by another process, and are left alone.
const FOLDER: &str = "partial";

/// The file of the numbers of a run's figures: the run's own, or those of an incomplete run.
pub(super) fn numbers_of(folder: &Path) -> Result<PathBuf, Problem> {
    let places = [folder.join("data/figures.h5"), folder.join(FOLDER).join("figures.h5")];
    let found = places.into_iter().find(|path| path.exists());
    found.ok_or_else(|| {
        let folder = folder.display();
        Problem::Input(format!(
            "`{folder}` has no figures; `rbmflow figures {folder}` makes them of what there is"
        ))
    })
}

/// The figures and the report that the folder of a run allows.
pub(super) struct Available {
    /// The figures from the results that there are.
    pub(super) figures: Job,
    /// The folder of their report.
    folder: PathBuf,
    /// The results that are not there, by the name of their job, and why, where that is known.
    pub(super) missing: BTreeMap<String, String>,
    /// The number of results of the complete run.
    pub(super) all: usize,
}

impl Available {
    /// Looks at the folder of a run.
    pub(super) fn of(folder: &Path) -> anyhow::Result<Self> {
        let mut figures = None;
        let mut missing = BTreeMap::new();
        let mut all = 0;
        for (job, state) in states(folder)? {
            match job.stage.name() {
                figures::NAME => figures = Some(job),
                report::NAME => {}
                _ => {
                    all += 1;
                    let why = match state {
                        State::Done | State::Waiting => continue,
                        State::Missing => String::new(),
                        State::Failed(reason) => format!("failed: {reason}"),
                        State::Stale(reason) => format!("out of date: {reason}"),
                    };
                    missing.insert(job.id, why);
                }
            }
        }
        let mut figures = figures.ok_or_else(|| Problem::Failed("the plan has no figures".to_owned()))?;
        let mut place = folder.to_owned();
        if !missing.is_empty() {
            place = folder.join(FOLDER);
            figures.inputs.retain(|input| !missing.contains_key(&input.role));
            figures.output = place.join("figures.h5");
        }
        Ok(Self { figures, folder: place, missing, all })
    }

    /// The report of the figures, into a folder or where it belongs.
    pub(super) fn report(&self, out: Option<PathBuf>) -> Job {
        let config = ReportConfig { missing: self.missing.clone() };
        let output = out.unwrap_or_else(|| self.folder.clone()).join("claims.json");
        Job::new(report::NAME, config, output).with("figures", &self.figures.output)
    }

    /// The number of missing results in a line, if there are any.
    pub(super) fn lack(&self) -> Option<String> {
        let failed = self.missing.values().filter(|why| why.starts_with("failed")).count();
        let failed = if failed > 0 { format!(", {failed} of them failed") } else { String::new() };
        let (missing, all) = (self.missing.len(), self.all);
        (missing > 0).then(|| format!("{missing} of {all} results are missing{failed}; made from the others"))
    }
}
