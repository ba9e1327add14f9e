//! `status`: the states of the jobs of a run.

use std::fmt::Write as _;
use std::path::Path;

use datasets::file::ReadError;
use serde_json::json;

use super::plan::by_stage;
use super::run::EXPERIMENT;
use super::say;
use crate::arguments::Status;
use crate::exit::text_of;
use crate::experiment::Experiment;
use crate::job::{Job, OutputState, failure};
use crate::plan::Plan;
use crate::stage::Headers;
use crate::terminal::{cut, terminal_width};

/// The state of a job of a run.
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

/// The jobs of the run in a folder with their states.
pub(super) fn states(folder: &Path) -> anyhow::Result<Vec<(Job, State)>> {
    let experiment = Experiment::read(&folder.join(EXPERIMENT))?;
    let plan = Plan::of(&experiment)?.below(folder);
    let headers = Headers::default();
    let jobs = plan.jobs.into_iter().map(|planned| planned.job);
    jobs.map(|job| state(&job, &headers).map(|state| (job, state))).collect()
}

fn state(job: &Job, headers: &Headers) -> anyhow::Result<State> {
    let inputs = match job.input_files(headers) {
        Ok(inputs) => inputs,
        Err(error @ ReadError::Io { .. }) => return Err(error.into()),
        Err(_) if job.output.exists() => return Ok(State::Waiting),
        Err(_) => return Ok(missing(job)),
    };
    Ok(match job.state(&job.provenance(&inputs)?, headers)? {
        OutputState::Done => State::Done,
        OutputState::Missing => missing(job),
        OutputState::Stale(reason) | OutputState::Unreadable(reason) => State::Stale(reason),
    })
}

fn missing(job: &Job) -> State {
    failure(&job.output).map_or(State::Missing, State::Failed)
}

/// Shows the states of the jobs of a run, by stage or each.
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
    if !arguments.all {
        for (stage, group) in by_stage(states.iter().map(|(job, state)| (job.stage.name(), state))) {
            let mut counts = by_stage(group.iter().map(|state| (state.name(), ())));
            counts.sort_by_key(|(name, _)| *name != "done");
            let counts = counts.iter().map(|(name, states)| format!("{} {name}", states.len()));
            writeln!(text, "{stage:<20}{}", counts.collect::<Vec<_>>().join(", "))?;
        }
    }
    let told = |state: &State| arguments.all || !matches!(state, State::Done | State::Missing);
    for (job, state) in states.iter().filter(|(_, state)| told(state)) {
        let line = format!("{:<8} {:<28} {}", state.name(), job.id, state.reason());
        let line = line.trim_end();
        writeln!(text, "{}", terminal_width().map_or(line.to_owned(), |width| cut(line, width)))?;
    }
    let done = states.iter().filter(|(_, state)| matches!(state, State::Done)).count();
    writeln!(text, "{done} of {} jobs are done", states.len())?;
    say(&text)
}
