//! `cargo xtask cluster-test`: the exported plan under a real Slurm and a real Snakemake gives the files of a local run.

mod slurm;
mod snakemake;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::ci::compare;
use crate::commands::{built, cargo, root, run};

/// Arguments of `cluster-test`.
#[derive(clap::Args)]
pub(crate) struct ClusterTest {
    /// Only one of both.
    #[arg(long)]
    only: Option<Which>,
    /// The experiment, a TOML file.
    #[arg(long, default_value = "data/experiments/quick.toml")]
    experiment: PathBuf,
    /// Bundle jobs of the experiment up to this many minutes.
    #[arg(long, default_value_t = 0.05)]
    bundle_minutes: f64,
    /// Install Slurm from Debian's packages where it is not there.
    #[arg(long)]
    install: bool,
}

/// An engine that does the jobs of a plan.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Which {
    Slurm,
    Snakemake,
}

/// A local run to compare with, and where everything is.
pub(crate) struct Setting {
    program: PathBuf,
    experiment: PathBuf,
    /// A folder of this test alone.
    folder: PathBuf,
    bundle_minutes: String,
    local: Duration,
}

impl ClusterTest {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        run(&mut cargo(["build", "--release", "--package", "rbmflow-cli"]))?;
        let folder = built("cluster-test");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        let mut setting = Setting {
            program: built("release").join("rbmflow"),
            experiment: root().join(&self.experiment),
            folder,
            bundle_minutes: self.bundle_minutes.to_string(),
            local: Duration::ZERO,
        };
        let local = setting.folder.join("local");
        let mut command = Command::new(&setting.program);
        command.arg("run").arg(&setting.experiment).arg("--out").arg(&local);
        setting.local = timed(command.args(["--quiet", "--jobs", "2"]))?;
        eprintln!("local run on two cores: {:.1} s", setting.local.as_secs_f64());
        if self.only != Some(Which::Snakemake) {
            slurm::test(&setting, self.install)?;
        }
        if self.only != Some(Which::Slurm) {
            snakemake::test(&setting)?;
        }
        Ok(())
    }
}

impl Setting {
    /// Writes the plan for an engine into a folder of its own, and returns that folder.
    fn export(&self, format: &str, folder: &str) -> anyhow::Result<PathBuf> {
        let folder = self.folder.join(folder);
        let mut command = Command::new(&self.program);
        command.arg("plan").arg(&self.experiment).arg("--out").arg(&folder);
        run(command.args(["--format", format, "--bundle-minutes", &self.bundle_minutes]))?;
        Ok(folder)
    }

    /// Fails unless a folder holds the files of the local run, apart from what an engine keeps in folders of its own.
    fn compare(&self, folder: &Path, aside: &[&str]) -> anyhow::Result<()> {
        for name in aside {
            let _ = std::fs::remove_dir_all(folder.join(name));
        }
        compare(&self.folder.join("local"), folder)
    }

    /// Says how long an engine took beside the local run.
    fn tell(&self, engine: &str, jobs: usize, took: Duration) {
        let (took, local) = (took.as_secs_f64(), self.local.as_secs_f64());
        let each = (took - local) / jobs as f64;
        eprintln!(
            "{engine}: {took:.1} s beside {local:.1} s locally, {jobs} jobs: {each:.3} s more for each job"
        );
    }
}

/// Runs a command and says how long it took.
fn timed(command: &mut Command) -> anyhow::Result<Duration> {
    let since = Instant::now();
    run(command)?;
    Ok(since.elapsed())
}

/// The number of jobs of an experiment.
fn number_of_jobs(setting: &Setting) -> anyhow::Result<usize> {
    let output = Command::new(&setting.program)
        .arg("plan")
        .arg(&setting.experiment)
        .output()
        .context("the program could not be started")?;
    // One line for each job, and the sums.
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().filter(|line| line.contains("  rbmflow ")).count())
}

/// Says loudly that a test could not be made.
fn skip(what: &str, why: &str) {
    eprintln!("NOTICE: {what} was NOT tested: {why}");
}
