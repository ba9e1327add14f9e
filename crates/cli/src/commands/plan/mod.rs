//! `plan`.

mod requests;
mod slurm;
mod snakemake;
mod text;

use std::path::Path;

use anyhow::Context as _;

use super::run::{claim_folder, make_folder};
use super::say;
use crate::arguments::{PlanArguments, PlanFormat};
use crate::exit::{Problem, text_of};
use crate::experiment::Experiment;
use crate::lock::Lock;
use crate::output::SCRIPT;
use crate::plan::Plan;
use crate::terminal::terminal_width;
pub(super) use text::by_stage;
use text::shell;

/// Shows what running an experiment would do, or writes what a cluster needs to do it.
pub(crate) fn plan(arguments: &PlanArguments) -> anyhow::Result<()> {
    let experiment = Experiment::read(&arguments.experiment)?;
    let plan = Plan::of(&experiment)?;
    arguments.out.as_deref().map(text_of).transpose()?;
    let below = |plan: Plan| match &arguments.out {
        Some(folder) => plan.below(folder),
        None => plan,
    };
    match arguments.format {
        PlanFormat::Text if arguments.all => say(&below(plan).list(terminal_width())?),
        PlanFormat::Text => say(&plan.summary()),
        PlanFormat::Json => say(&(below(plan).json()? + "\n")),
        PlanFormat::Slurm => export(arguments, &experiment, "slurm", |program| {
            plan.slurm(&experiment.name, &arguments.cluster, program)
        }),
        PlanFormat::Snakemake => {
            export(arguments, &experiment, "snakemake", |program| plan.snakemake(&arguments.cluster, program))
        }
    }
}

/// Files for a cluster, and what people should know of them.
struct Export {
    /// Names below the folder of the export, and contents.
    files: Vec<(String, String)>,
    /// The message in the end.
    summary: String,
    /// The command that starts everything, with `{}` for the folder of the export.
    command: &'static str,
}

fn export(
    arguments: &PlanArguments,
    experiment: &Experiment,
    name: &str,
    write: impl FnOnce(&Path) -> anyhow::Result<Export>,
) -> anyhow::Result<()> {
    let Some(folder) = &arguments.out else {
        let what = format!("--format {name} writes into the folder of the run: say which one with --out");
        return Err(Problem::Usage(what).into());
    };
    let program = crate::program().context("the path of this program is unknown")?;
    text_of(&program)?;
    let Export { files, summary, command } = write(&program)?;
    make_folder(folder)?;
    let _lock = Lock::acquire(folder)?;
    claim_folder(folder, experiment)?;
    let place = folder.join(name);
    for (file, text) in &files {
        let path = place.join(file);
        make_folder(path.parent().unwrap_or(&place))?;
        let text = match file.ends_with(".json") {
            true => SCRIPT.seal(text),
            false => SCRIPT.seal_with(text, "# ", ""),
        };
        SCRIPT.write(&path, &text)?;
        if file.ends_with(".sh") {
            make_executable(&path).with_context(|| format!("cannot make `{}` executable", path.display()))?;
        }
    }
    say(&summary)?;
    say(&format!("\n{}\n", command.replace("{}", &shell(&[place.display().to_string()]))))
}

#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = std::fs::metadata(path)?.permissions();
    permissions.set_mode(permissions.mode() | 0o111);
    std::fs::set_permissions(path, permissions)
}

#[cfg(not(unix))]
fn make_executable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}
