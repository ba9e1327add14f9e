//! `cargo xtask bench`: the benchmarks.

use crate::commands::{cargo, run};

/// Arguments of `bench`.
#[derive(clap::Args)]
pub(crate) struct Bench {
    /// Further arguments for criterion, such as a filter.
    #[arg(last = true)]
    rest: Vec<String>,
}

impl Bench {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        run(cargo(["bench", "--package", "rbmflow-benches", "--"]).args(&self.rest))
    }
}
