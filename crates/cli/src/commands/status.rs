//! `status`: what is done, missing or out of date in the folder of a run.

use std::fmt::Write as _;
use std::path::Path;

use datasets::file::ReadError;
use serde_json::json;

use super::run::EXPERIMENT;
use super::say;
use crate::arguments::Status;
use crate::exit::text_of;
use crate::experiment::Experiment;
use crate::job::{Job, Standing};
use crate::plan::Plan;
use crate::stages;

/// How a job of a run stands.
pub(super) enum State {
    Done,
    Missing,
    /// Missing as the job failed, and why.
    Failed(String),
    /// To be redone, and why.
    Stale(String),
    /// An input is not there, so that nothing more can be said about the output that is.
    Waiting,
}

impl State {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Missing => "missing",
            Self::Failed(_) => "failed",
            Self::Stale(_) => "stale",
            Self::Waiting => "waiting",
        }
    }

    pub(super) fn reason(&self) -> &str {
        match self {
            Self::Stale(reason) | Self::Failed(reason) => reason,
            Self::Waiting => "an input is missing",
            _ => "",
        }
    }
}

/// The jobs of the run in a folder, and how each stands.
pub(super) fn states(folder: &Path) -> anyhow::Result<Vec<(Job, State)>> {
    let experiment = Experiment::read(&folder.join(EXPERIMENT))?;
    let plan = Plan::of(&experiment)?.below(folder);
    plan.jobs.into_iter().map(|planned| state(&planned.job).map(|state| (planned.job, state))).collect()
}

fn state(job: &Job) -> anyhow::Result<State> {
    let provenance = match job.provenance() {
        Ok(provenance) => provenance,
        Err(error) => {
            return match error.downcast_ref::<ReadError>() {
                Some(ReadError::Io { .. }) | None => Err(error),
                Some(_) if job.output.exists() => Ok(State::Waiting),
                Some(_) => Ok(missing(job)),
            };
        }
    };
    Ok(match job.standing(&provenance)? {
        Standing::Done => State::Done,
        Standing::Missing => missing(job),
        Standing::Stale(reason) | Standing::Unreadable(reason) => State::Stale(reason),
    })
}

fn missing(job: &Job) -> State {
    stages::failure(&job.output).map_or(State::Missing, State::Failed)
}

/// Shows how each job of a run stands.
pub(crate) fn status(arguments: &Status) -> anyhow::Result<()> {
    let states = states(&arguments.folder)?;
    if arguments.json {
        text_of(&arguments.folder)?;
        let jobs: Vec<_> = states
            .iter()
            .map(|(job, state)| json!({ "id": job.id, "output": job.output, "state": state.name(), "reason": state.reason() }))
            .collect();
        return say(&format!("{}\n", serde_json::to_string_pretty(&jobs)?));
    }
    let mut text = String::new();
    for (job, state) in &states {
        writeln!(text, "{:<8} {:<28} {}", state.name(), job.id, state.reason())?;
    }
    let done = states.iter().filter(|(_, state)| matches!(state, State::Done)).count();
    writeln!(text, "{done} of {} jobs are done", states.len())?;
    say(&text)
}
