//! `cargo xtask reproduce`: build the program and run an experiment.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::commands::{built, cargo, root, run};
use crate::doctor;

/// Arguments of `reproduce`.
#[derive(clap::Args)]
pub(crate) struct Reproduce {
    /// The short experiment: one replica, few hidden layers.
    #[arg(long, conflicts_with = "experiment")]
    quick: bool,
    /// The name of an experiment in data/experiments, or the path of a TOML file.
    #[arg(long, default_value = "paper")]
    experiment: String,
    /// Where to write [default: a folder below out/ with the name of the experiment]
    #[arg(long, short)]
    out: Option<PathBuf>,
    /// Further arguments for `rbmflow run`, after `--`.
    #[arg(last = true)]
    rest: Vec<String>,
}

impl Reproduce {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let (name, file) = self.experiment_file()?;
        doctor::require()?;
        run(&mut cargo(["build", "--release", "--package", "rbmflow-cli"]))?;
        let out = self.out.unwrap_or_else(|| Path::new("out").join(&name));
        let mut program = std::process::Command::new(built("release").join("rbmflow"));
        program.current_dir(root()).arg("run").arg(&file).arg("--out").arg(&out).args(&self.rest);
        // The program's own exit code says what went wrong, so it is handed on.
        let status = program.status().context("the built program could not be started")?;
        if !status.success() {
            std::process::exit(status.code().unwrap_or(1));
        }
        Ok(())
    }

    fn experiment_file(&self) -> anyhow::Result<(String, PathBuf)> {
        let name = if self.quick { "quick" } else { self.experiment.as_str() };
        let own = root().join("data/experiments").join(name).with_extension("toml");
        let file = if name.ends_with(".toml") { PathBuf::from(name) } else { own };
        if !file.is_file() {
            bail!("no experiment `{name}`: expected a name from data/experiments or the path of a TOML file");
        }
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let file = std::path::absolute(&file)?;
        let file = file.strip_prefix(root()).map(Path::to_path_buf).unwrap_or(file);
        Ok((stem, file))
    }
}
