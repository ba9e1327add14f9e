//! Making the output of a job, unless it is there.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use datasets::{Progress, Provenance, file};

use super::{Job, OutputState};
use crate::exit::{self, Problem};
use crate::memory::Allowance;
use crate::output::{self, FAILURE};
use crate::stage::{Headers, InputSizes, Work};

/// The outcome of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// The output was made.
    Made,
    /// The output had been there.
    Kept,
}

/// The most bytes that are read of a note.
const LONGEST_NOTE: u64 = 1 << 20;

/// The note of the failure of the job that makes a file, for later readers.
pub(crate) fn failure_beside(output: &Path) -> PathBuf {
    output.with_extension("failed")
}

/// The reason why the job that makes a file has failed, if it has.
pub(crate) fn failure(output: &Path) -> Option<String> {
    let text = file::load_text(&failure_beside(output), LONGEST_NOTE).ok()?;
    Some(text.lines().next()?.to_owned())
}

/// Makes the output of a job unless it is there. Anything else of ours under its name is replaced: the folder of a run
/// is the run's own. With a folder `scratch` the output is written there first. The reason of a failure is noted beside
/// the output until the job succeeds.
pub(crate) fn make(
    job: &Job,
    headers: &Headers,
    scratch: Option<&Path>,
    progress: &dyn Progress,
) -> anyhow::Result<Done> {
    noting_failure(job, || {
        let provenance = job.provenance(&job.input_files(headers)?)?;
        if is_done(job, &provenance, headers)? {
            return Ok(Done::Kept);
        }
        replace(job, &provenance, headers, scratch, progress)
    })
}

/// As [`make`], but an output that is there is made again.
pub(crate) fn make_again(job: &Job, headers: &Headers, progress: &dyn Progress) -> anyhow::Result<Done> {
    noting_failure(job, || {
        let provenance = job.provenance(&job.input_files(headers)?)?;
        replace(job, &provenance, headers, None, progress)
    })
}

/// As [`make`], but any other file under the output's name is kept, inputs have to go together, and nothing is begun
/// that needs more memory than is allowed.
pub(crate) fn make_new(
    job: &Job,
    headers: &Headers,
    memory: &Allowance,
    progress: &dyn Progress,
) -> anyhow::Result<Done> {
    output::check(&job.output)?;
    let inputs = job.input_files(headers)?;
    let sizes = InputSizes::of(&inputs);
    job.stage.check(&sizes)?;
    job.stage.check_inputs(&inputs)?;
    let provenance = job.provenance(&inputs)?;
    let refuse = |difference| Problem::WouldOverwrite { path: job.output.clone(), difference };
    match job.state(&provenance, headers)? {
        OutputState::Done => return Ok(Done::Kept),
        OutputState::Missing => {}
        OutputState::Stale(difference) | OutputState::Unreadable(difference) => {
            return Err(refuse(difference).into());
        }
    }
    memory.require(&job.id, job.stage.cost(&sizes).memory_bytes)?;
    perform(job, &provenance, headers, None, progress)
}

fn noting_failure(job: &Job, attempt: impl FnOnce() -> anyhow::Result<Done>) -> anyhow::Result<Done> {
    let result = attempt();
    let note = failure_beside(&job.output);
    // The note is a help, no result: that it cannot be written or deleted must not hide the error itself.
    match &result {
        Ok(_) if FAILURE.is_at(&note) => drop(std::fs::remove_file(note)),
        Ok(_) => {}
        Err(error) if exit::is_interruption(error) => {}
        Err(error) => drop(FAILURE.write(&note, &FAILURE.seal_with(&exit::line(error), "# ", ""))),
    }
    result
}

/// Whether nothing needs to be made. Another version of the program may draw the same numbers in another way.
fn is_done(job: &Job, provenance: &Provenance, headers: &Headers) -> anyhow::Result<bool> {
    let by_this_version = || {
        let found = job.stage.provenance_of(&job.output, headers);
        found.is_ok_and(|found| found.producer == provenance.producer)
    };
    let done = job.state(provenance, headers)? == OutputState::Done;
    Ok(done && (!job.stage.depends_on_version() || by_this_version()))
}

fn replace(
    job: &Job,
    provenance: &Provenance,
    headers: &Headers,
    scratch: Option<&Path>,
    progress: &dyn Progress,
) -> anyhow::Result<Done> {
    job.stage.require_replaceable(&job.output)?;
    if let Some(folder) = job.output.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    }
    perform(job, provenance, headers, scratch, progress)
}

fn perform(
    job: &Job,
    provenance: &Provenance,
    headers: &Headers,
    scratch: Option<&Path>,
    progress: &dyn Progress,
) -> anyhow::Result<Done> {
    let Job { inputs, output, stage, .. } = job;
    headers.forget(output);
    stage.run(&Work { inputs, output, provenance, scratch, progress })?;
    Ok(Done::Made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use datasets::Spins;

    /// Configurations from other seeds are other files.
    fn write_spins(path: &Path, seed: u64) {
        let config = format!("size = 2\ntemperatures = [2.0]\nsamples_per_temperature = 4\nseed = {seed}\n");
        let config: ising_mc::SampleConfig = toml::from_str(&config).expect("settings");
        make_again(&Job::new("spins", config, path), &Headers::default(), &()).expect("a small sample");
    }

    #[test]
    fn an_input_that_is_replaced_while_the_job_runs_is_not_read() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("spins.h5");
        write_spins(&path, 1);
        let config = weight_analysis::WeightsConfig::default();
        let job = Job::new("weights", config, folder.path().join("weights.h5")).with("spins", &path);
        let headers = Headers::default();
        let provenance =
            job.provenance(&job.input_files(&headers).expect("a readable input")).expect("settings");
        let work = Work {
            inputs: &job.inputs,
            output: &job.output,
            provenance: &provenance,
            scratch: None,
            progress: &(),
        };
        work.read::<Spins>("spins").expect("the file that was there");
        write_spins(&path, 2);
        let error = work.read::<Spins>("spins").expect_err("another file").to_string();
        assert!(error.contains("was replaced") && error.contains("spins.h5"), "{error}");
        work.read_optional::<Spins>("spins").expect_err("another file");
    }
}
