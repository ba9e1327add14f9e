//! Snakemake from PyPI, in an environment of its own below target/.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};

use super::{Setting, number_of_jobs, skip, timed};
use crate::commands::{built, run};

const VERSION: &str = "snakemake==9.*";

pub(super) fn test(setting: &Setting) -> anyhow::Result<()> {
    let Some(program) = snakemake()? else {
        skip("Snakemake", "it could not be installed (python3 -m venv; pip install 'snakemake==9.*')");
        return Ok(());
    };
    let folder = setting.export("snakemake", "snakemake")?;
    let workflow = || {
        let mut command = Command::new(&program);
        // Its own log is long; it is shown only on failure, by Snakemake itself.
        command.current_dir(&folder).arg("--snakefile").arg(folder.join("snakemake/Snakefile"));
        command.args(["--cores", "2"]);
        command
    };
    let took = timed(workflow().args(["--quiet", "all"]))?;
    setting.tell("Snakemake with two cores", number_of_jobs(setting)?, took);
    let second = workflow().arg("--dry-run").output().context("Snakemake could not be started")?;
    let text =
        String::from_utf8_lossy(&second.stdout).into_owned() + &String::from_utf8_lossy(&second.stderr);
    if !text.contains("Nothing to be done") {
        bail!("a second call of Snakemake would not be a no-op:\n{text}");
    }
    setting.compare(&folder, &["snakemake", ".snakemake"])
}

/// The program, which is installed unless it is there.
fn snakemake() -> anyhow::Result<Option<PathBuf>> {
    let place = built("tmp").join("snakemake-9");
    let program = place.join("bin/snakemake");
    if !program.is_file() {
        // The environment is not moved afterwards: the paths in its scripts would be wrong.
        let made = run(Command::new("python3").args(["-m", "venv"]).arg(&place))
            .and_then(|()| run(Command::new(place.join("bin/pip")).args(["install", "--quiet", VERSION])));
        if let Err(error) = made {
            eprintln!("{error:#}");
            return Ok(None);
        }
    }
    Ok(Some(program))
}
