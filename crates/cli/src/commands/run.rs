//! `run`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use datasets::file::{ReadError, TEMPORARY_SUFFIX};

use super::{claims, files_below, say};
use crate::arguments::Run;
use crate::executor::{Summary, execute};
use crate::exit::{self, Problem};
use crate::experiment::Experiment;
use crate::interrupt::Stop;
use crate::lock::Lock;
use crate::memory::Allowance;
use crate::output;
use crate::plan::{Plan, Planned, Task};
use crate::progress::Display;
use crate::stage::sweep;
use crate::stages::report;
use crate::terminal::{tell, width, wrap};

/// The name of the resolved experiment in a run's folder.
pub(super) const EXPERIMENT: &str = "experiment.toml";

/// The age from which a temporary file is taken for that of a killed process. Writing one takes seconds.
const FORSAKEN: Duration = Duration::from_secs(3600);

/// Runs an experiment.
pub(crate) fn run(
    arguments: &Run,
    memory: &Allowance,
    jobs: usize,
    quiet: bool,
    stop: &Stop,
) -> anyhow::Result<()> {
    let since = Instant::now();
    let experiment = Experiment::read(&arguments.experiment)?;
    let folder = &arguments.out;
    let plan = Plan::of(&experiment)?.below(folder);
    make_folder(folder)?;
    if let Some(level) = arguments.level {
        let plan = plan.task(level, arguments.task.unwrap_or(Task { number: 1, of: 1 }))?;
        return part(arguments, &experiment, &plan, memory, jobs, quiet, stop);
    }
    let _lock = Lock::acquire(folder)?;
    claim_folder(folder, &experiment)?;
    remove_leftovers(&files_below(folder)?)?;

    let (made, kept) = perform(arguments, &plan, memory, jobs, quiet, stop)?;

    if !quiet {
        let (found, width) = (report::claims_in(&folder.join("claims.json"))?, width());
        say(&format!("{}\n{}", claims::answer(&found, width), claims::table(&found, width)))?;
        if experiment.replicas == 1 {
            let what =
                "provisional: of one replica, which does not show how much machines differ among themselves";
            say(&(wrap(what, width).join("\n") + "\n"))?;
        }
        say(&match made {
            0 => format!("nothing to do: all {kept} outputs are up to date"),
            _ => format!("made {made} outputs, kept {kept}, in {:.1} s", since.elapsed().as_secs_f64()),
        })?;
        say(&format!("\n{}\n", folder.join("report.html").display()))?;
    }
    require(&folder.join("claims.json"), arguments.require_claims)
}

/// Does one part of one level, among other processes that do the others.
///
/// No output belongs to two parts, outputs and checkpoints are replaced at once and as a whole, and temporary files
/// have names of their own. So parts need nothing from each other, and one that is started twice only wastes time.
fn part(
    arguments: &Run,
    experiment: &Experiment,
    plan: &Plan,
    memory: &Allowance,
    jobs: usize,
    quiet: bool,
    stop: &Stop,
) -> anyhow::Result<()> {
    let since = Instant::now();
    let folder = &arguments.out;
    let lock = Lock::share(folder)?;
    if lock.is_none() && !quiet {
        tell("note: the file system has no locks; start no run without --level in this folder meanwhile");
    }
    let path = folder.join(EXPERIMENT);
    match Experiment::read(&path) {
        Ok(found) if found == *experiment => {}
        Err(error) if matches!(error.downcast_ref(), Some(ReadError::Missing { .. })) => {
            output::EXPERIMENT.write(&path, &resolved(experiment)?)?;
        }
        _ => {
            let cure = "other parts may be at work with it; once they have ended, call `plan` or `run` with the new one";
            let difference = format!("it is another experiment, or this one with other settings ({cure})");
            return Err(Problem::WouldOverwrite { path, difference }.into());
        }
    }
    for Planned { job, .. } in &plan.jobs {
        if let Some(input) = job.inputs.iter().find(|input| !input.path.exists()) {
            let cure = "all lower levels must have been done first";
            return Err(Problem::Input(format!("`{}` is not there; {cure}", input.path.display())).into());
        }
    }
    let folders: BTreeSet<&Path> =
        plan.jobs.iter().filter_map(|planned| planned.job.output.parent()).collect();
    for folder in folders {
        remove_leftovers(&forsaken_in(folder)?)?;
    }
    let (made, kept) = perform(arguments, plan, memory, jobs, quiet, stop)?;
    if !quiet {
        say(&format!("made {made} outputs, kept {kept}, in {:.1} s\n", since.elapsed().as_secs_f64()))?;
    }
    Ok(())
}

/// The temporary files in a folder that are too old to be anybody's who is still writing; none if it is not there.
fn forsaken_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(vec![]) };
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    let forsaken = |path: &PathBuf| {
        let age = std::fs::metadata(path).and_then(|data| data.modified()).map(|time| time.elapsed());
        path.to_string_lossy().ends_with(TEMPORARY_SUFFIX)
            && age.is_ok_and(|age| age.is_ok_and(|age| age > FORSAKEN))
    };
    Ok(paths.into_iter().filter(forsaken).collect())
}

/// Does the jobs of a plan; returns how many outputs were made and how many had been there.
fn perform(
    arguments: &Run,
    plan: &Plan,
    memory: &Allowance,
    jobs: usize,
    quiet: bool,
    stop: &Stop,
) -> anyhow::Result<(usize, usize)> {
    if let Some(scratch) = &arguments.scratch {
        sweep(scratch);
    }
    // What cannot be written in the end is not begun.
    plan.jobs.iter().try_for_each(|planned| planned.job.stage.require_replaceable(&planned.job.output))?;
    report::make_folders(&arguments.out, &arguments.pictures.styles)?;
    let display = Display::of_plan(quiet, plan);
    let summary = execute(plan, jobs, memory, arguments.scratch.as_deref(), stop, &display)?;
    drop(display);
    let Summary { made, kept, .. } = summary;
    conclude(summary)?;
    Ok((made, kept))
}

/// Makes the folder of a run unless it is there.
pub(super) fn make_folder(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))
}

/// The text of a resolved experiment in the folder of its run.
fn resolved(experiment: &Experiment) -> anyhow::Result<String> {
    Ok(output::EXPERIMENT.seal_with(&experiment.toml()?, "# ", ""))
}

/// Writes the resolved experiment, unless the folder holds another one's results, or the same experiment as somebody
/// else has written it, with comments.
pub(super) fn claim_folder(folder: &Path, experiment: &Experiment) -> anyhow::Result<()> {
    let path = folder.join(EXPERIMENT);
    if let Ok(found) = Experiment::read(&path) {
        if found == *experiment {
            return Ok(());
        }
        if found.name != experiment.name {
            let difference = format!("it is of the experiment `{}`, not `{}`", found.name, experiment.name);
            return Err(Problem::WouldOverwrite { path, difference }.into());
        }
    }
    output::EXPERIMENT.write(&path, &resolved(experiment)?)
}

/// Deletes the temporary files of a run that was killed while it wrote.
fn remove_leftovers(files: &[PathBuf]) -> anyhow::Result<()> {
    for path in files {
        if path.to_string_lossy().ends_with(TEMPORARY_SUFFIX) {
            match std::fs::remove_file(path) {
                // Another part has deleted it.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                result => result.with_context(|| format!("cannot delete `{}`", path.display()))?,
            }
        }
    }
    Ok(())
}

/// The error of a run, if there is one; of several failures all but one are told here.
fn conclude(summary: Summary) -> anyhow::Result<()> {
    let Summary { mut failed, left, interrupted, .. } = summary;
    let last = failed.pop();
    for (id, error) in &failed {
        tell(&format!("error: {id}: {}", exit::line(error)));
    }
    match last {
        Some((id, error)) if left == 0 => Err(error.context(id)),
        Some((id, error)) => Err(error.context(format!("{id}, without which {left} more could not be done"))),
        None if interrupted => Err(Problem::Interrupted.into()),
        None => Ok(()),
    }
}

/// Fails unless all claims hold, if that is `required`.
pub(super) fn require(claims: &Path, required: bool) -> anyhow::Result<()> {
    if required {
        let claims = report::claims_in(claims)?;
        let failing = claims.iter().filter(|claim| claim.verdict == figures::Verdict::Fails).count();
        if failing > 0 {
            return Err(Problem::Claims { failing, all: claims.len() }.into());
        }
    }
    Ok(())
}
