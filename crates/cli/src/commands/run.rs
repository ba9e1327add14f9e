//! `run` and `plan`.

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use datasets::file::{TEMPORARY_SUFFIX, replace};

use super::{files_below, say};
use crate::arguments::{PlanArguments, PlanFormat, Run};
use crate::executor::{Summary, execute};
use crate::exit::{self, Problem};
use crate::experiment::Experiment;
use crate::interrupt::Stop;
use crate::lock::Lock;
use crate::plan::Plan;
use crate::progress::Display;
use crate::stages::report;

/// The name of the resolved experiment in a run's folder.
pub(super) const EXPERIMENT: &str = "experiment.toml";

/// Runs an experiment.
pub(crate) fn run(arguments: &Run, jobs: usize, quiet: bool, stop: &Stop) -> anyhow::Result<()> {
    let since = Instant::now();
    let experiment = Experiment::read(&arguments.experiment)?;
    let folder = &arguments.out;
    let plan = Plan::of(&experiment)?.below(folder);
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    let _lock = Lock::acquire(folder)?;
    claim_folder(folder, &experiment)?;
    remove_leftovers(folder)?;

    let memory = arguments.memory.map(|megabytes| megabytes.saturating_mul(1_000_000));
    let memory = memory.or_else(free_memory).unwrap_or(u64::MAX);
    let display = Display::of_plan(quiet, &plan);
    let summary = execute(&plan, jobs, memory, stop, &display)?;
    drop(display);
    let Summary { made, kept, .. } = summary;
    conclude(summary)?;

    if !quiet {
        let claims = report::claims_in(&folder.join("claims.json"))?;
        say(&figures::claims_table(&claims))?;
        say(&match made {
            0 => format!("nothing to do: all {kept} outputs are up to date"),
            _ => format!("made {made} outputs, kept {kept}, in {:.1} s", since.elapsed().as_secs_f64()),
        })?;
        say(&format!("\n{}\n", folder.join("report.html").display()))?;
    }
    require(&folder.join("claims.json"), arguments.require_claims)
}

/// Writes the resolved experiment, unless the folder holds another one's results.
fn claim_folder(folder: &Path, experiment: &Experiment) -> anyhow::Result<()> {
    let path = folder.join(EXPERIMENT);
    if path.exists() {
        let name = std::fs::read_to_string(&path).ok().and_then(|text| text.parse::<toml::Table>().ok());
        let name = name.as_ref().and_then(|table| table.get("name")).and_then(toml::Value::as_str);
        if let Some(name) = name.filter(|name| *name != experiment.name) {
            let difference = format!("it is of the experiment `{name}`, not `{}`", experiment.name);
            return Err(Problem::WouldOverwrite { path, difference }.into());
        }
    }
    let text = experiment.toml()?;
    if std::fs::read_to_string(&path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    Ok(replace(&path, text.as_bytes())?)
}

/// Deletes the temporary files of a run that was killed while it wrote.
fn remove_leftovers(folder: &Path) -> anyhow::Result<()> {
    for path in files_below(folder)? {
        if path.to_string_lossy().ends_with(TEMPORARY_SUFFIX) {
            std::fs::remove_file(&path).with_context(|| format!("cannot delete `{}`", path.display()))?;
        }
    }
    Ok(())
}

/// What is wrong, if anything is; of several failures all but one are told here.
fn conclude(summary: Summary) -> anyhow::Result<()> {
    let Summary { mut failed, left, interrupted, .. } = summary;
    let last = failed.pop();
    for (id, error) in &failed {
        eprintln!("error: {id}: {}", exit::line(error));
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

/// The memory that the machine has free, in bytes, where it says so (Linux).
fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// Shows what running an experiment would do.
pub(crate) fn plan(arguments: &PlanArguments) -> anyhow::Result<()> {
    let plan = Plan::of(&Experiment::read(&arguments.experiment)?)?;
    let plan = match &arguments.out {
        Some(folder) => plan.below(folder),
        None => plan,
    };
    say(&match arguments.format {
        PlanFormat::Text => plan.text()?,
        PlanFormat::Json => plan.json()? + "\n",
    })
}
