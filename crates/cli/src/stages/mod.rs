//! Doing a job: its inputs are read, the stage's crate computes, the output is written.

mod figures;
mod flow;
mod inputs;
mod likelihood;
pub(crate) mod report;
mod scratch;
mod thermometers;
mod train;

use std::fmt::Display;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use datasets::{EquationOfState, Progress, Provenance, Rbm, Spins, file};

use ising_mc::SampleError;
use ising_mc::exact::ExactError;

use crate::exit::{self, Problem};
use crate::job::{Job, Stage, Standing};
use crate::memory::Allowance;
use crate::output::{self, CLAIMS, FAILURE};
use crate::plan::Cost;
pub(crate) use inputs::remark;
use scratch::Place;
pub(crate) use scratch::sweep;
pub(crate) use thermometers::measure;

/// What became of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// The output was made.
    Made,
    /// The output had been there.
    Kept,
}

/// The most bytes that are read of a note.
const LONGEST_NOTE: u64 = 1 << 20;

/// Where it is noted that the job that makes a file has failed, for those who look at the run later.
pub(crate) fn failure_beside(output: &Path) -> PathBuf {
    output.with_extension("failed")
}

/// Why the job that makes a file has failed, if it has.
pub(crate) fn failure(output: &Path) -> Option<String> {
    let text = file::load_text(&failure_beside(output), LONGEST_NOTE).ok()?;
    Some(text.lines().next()?.to_owned())
}

/// Makes the output of a job unless it is there. What else of ours is under its name is replaced: the folder of a run is the
/// run's own. With a folder `scratch` the output is written there first. Why a job fails is noted beside its output until it
/// succeeds.
pub(crate) fn make(job: &Job, scratch: Option<&Path>, progress: &dyn Progress) -> anyhow::Result<Done> {
    let result = make_unless(is_done, job, scratch, progress);
    note_failure(job, &result);
    result
}

/// As [`make`], but what is there is made again.
pub(crate) fn make_again(job: &Job, progress: &dyn Progress) -> anyhow::Result<Done> {
    let result = make_unless(|_, _| Ok(false), job, None, progress);
    note_failure(job, &result);
    result
}

fn note_failure(job: &Job, result: &anyhow::Result<Done>) {
    let note = failure_beside(&job.output);
    // The note is a help, no result: that it cannot be written or deleted must not hide the error itself.
    match result {
        Ok(_) if FAILURE.is_at(&note) => drop(std::fs::remove_file(note)),
        Ok(_) => {}
        Err(error) if exit::is_interruption(error) => {}
        Err(error) => drop(FAILURE.write(&note, &FAILURE.seal_with(&exit::line(error), "# ", ""))),
    }
}

/// Whether nothing needs to be made. Another version of the program may draw the same numbers in another way.
fn is_done(job: &Job, provenance: &Provenance) -> anyhow::Result<bool> {
    let drawn_by_another = || match &job.stage {
        Stage::Report(_) => {
            !report::provenance_of(&job.output).is_ok_and(|p| p.producer == provenance.producer)
        }
        _ => false,
    };
    Ok(job.standing(provenance)? == Standing::Done && !drawn_by_another())
}

/// Refuses to make the output of a job of a run where another program's file is.
pub(crate) fn replaceable(job: &Job) -> anyhow::Result<()> {
    match job.stage {
        Stage::Report(_) => CLAIMS.require(&job.output),
        _ => output::require_result(&job.output),
    }
}

fn make_unless(
    done: impl FnOnce(&Job, &Provenance) -> anyhow::Result<bool>,
    job: &Job,
    scratch: Option<&Path>,
    progress: &dyn Progress,
) -> anyhow::Result<Done> {
    let provenance = job.provenance()?;
    if done(job, &provenance)? {
        return Ok(Done::Kept);
    }
    replaceable(job)?;
    if let Some(folder) = job.output.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    }
    perform(job, &Place::of(job, scratch), &provenance, progress)?;
    Ok(Done::Made)
}

/// As [`make`], but what else is under the output's name is not replaced, and nothing is begun that needs more memory than
/// is allowed.
pub(crate) fn make_new(job: &Job, memory: &Allowance, progress: &dyn Progress) -> anyhow::Result<Done> {
    output::check(&job.output)?;
    let headers = job.headers()?;
    let known = job.known(&headers);
    job.stage.check(&known)?;
    inputs::check(job, &headers)?;
    let provenance = job.provenance_from(&headers)?;
    let refuse = |difference| Problem::WouldOverwrite { path: job.output.clone(), difference };
    match job.standing(&provenance)? {
        Standing::Done => return Ok(Done::Kept),
        Standing::Missing => {}
        Standing::Stale(difference) | Standing::Unreadable(difference) => {
            return Err(refuse(difference).into());
        }
    }
    memory.require(&job.id, Cost::of(&job.stage, &known).memory_bytes)?;
    perform(job, &Place::of(job, None), &provenance, progress)?;
    Ok(Done::Made)
}

fn perform(job: &Job, place: &Place, provenance: &Provenance, progress: &dyn Progress) -> anyhow::Result<()> {
    let job = &job.pinned(provenance);
    match &job.stage {
        Stage::Sample(config) => {
            let spins = ising_mc::sample(config, progress).map_err(|error| match error {
                SampleError::Interrupted(_) => Problem::Interrupted,
                other => refused(other),
            })?;
            place.write(&spins, provenance)
        }
        Stage::EquationOfState(config) => {
            let table = ising_mc::equation_of_state(config, progress).map_err(|error| match error {
                ExactError::Interrupted(_) | ExactError::Sample(SampleError::Interrupted(_)) => {
                    Problem::Interrupted
                }
                other => refused(other),
            })?;
            place.write(&table, provenance)
        }
        Stage::Train(config) => train::run(job, place, config, provenance, progress),
        Stage::Thermometer(config) => {
            use temp_classifier::TrainError;
            let training = job.read::<Spins>("spins")?.content;
            let test = job.read::<Spins>("test")?.content;
            let table =
                job.read_optional::<EquationOfState>("equation-of-state")?.map(|stored| stored.content);
            inputs::refuse_common(&training, &test)?;
            let trained = temp_classifier::train(config, &training, &test, table.as_ref(), progress);
            let thermometer = trained.map_err(|error| match error {
                TrainError::Interrupted(_) => Problem::Interrupted,
                TrainError::Diverged { .. } => Problem::Failed(error.to_string()),
                other => refused(other),
            })?;
            place.write(&thermometer, provenance)
        }
        Stage::RbmFlow(config) => place.write(&flow::rbm(job, config, progress)?, provenance),
        Stage::BlockSpinFlow(config) => place.write(&flow::block_spin(job, config, progress)?, provenance),
        Stage::Weights(config) => {
            let rbm = job.read::<Rbm>("rbm")?.content;
            let spins = job.read::<Spins>("spins")?.content;
            place.write(&weight_analysis::analyse(config, &rbm, &spins).map_err(refused)?, provenance)
        }
        Stage::Likelihood(config) => place.write(&likelihood::run(job, config)?, provenance),
        Stage::Figures(experiment) => place.write(&figures::run(job, experiment)?, provenance),
        Stage::Report(config) => report::run(job, config, provenance),
    }
}

/// Settings, or files that do not fit them.
fn refused(error: impl Display) -> Problem {
    Problem::Usage(error.to_string())
}
