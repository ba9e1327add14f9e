//! `cargo xtask evidence`: tables of what the exact results, the samplers and the estimators are judged by.

use std::path::PathBuf;

use crate::commands::{cargo, run};

/// Arguments of `evidence`.
#[derive(clap::Args)]
pub(crate) struct Evidence {
    /// Less of everything, in seconds.
    #[arg(long)]
    short: bool,
    /// Write the tables to this file, too, as Markdown.
    #[arg(long, short)]
    out: Option<PathBuf>,
}

impl Evidence {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let mut command =
            cargo(["run", "--release", "--package", "rbmflow-tests", "--bin", "evidence", "--"]);
        if self.short {
            command.arg("--short");
        }
        if let Some(path) = self.out {
            // The program starts in the root of the repository.
            command.arg("--out").arg(std::path::absolute(path)?);
        }
        run(&mut command)
    }
}
