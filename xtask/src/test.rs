//! `cargo xtask test`: all tests.

use crate::commands::{cargo, run};
use crate::{doctor, python};

/// Arguments of `test`.
#[derive(clap::Args)]
pub(crate) struct Test {
    /// The slow tests too: faults for real, and the whole validation.
    #[arg(long)]
    slow: bool,
    /// The tests of the Python package only.
    #[arg(long, conflicts_with = "slow")]
    python: bool,
    /// Further arguments for `cargo test`, such as a filter; the Python package is then left out.
    #[arg(last = true)]
    rest: Vec<String>,
}

/// The crates that must build and pass their tests without HDF5.
pub(crate) const SCIENCE: [&str; 7] =
    ["lattice", "numerics", "ising-mc", "rbm-core", "temp-classifier", "rg-flow", "weight-analysis"];

/// The crates that are tested with HDF5.
const WITH_FILES: [&str; 5] = ["datasets", "figures", "cli", "rbmflow-tests", "xtask"];

impl Test {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        doctor::require()?;
        if self.python {
            return python::test();
        }
        // Both groups separately: in one call, cargo would unify features and give HDF5 to all.
        for (group, options) in [(&SCIENCE[..], &["--no-default-features"][..]), (&WITH_FILES[..], &[][..])] {
            let mut command = cargo(["test", "--release"]);
            for package in group {
                command.args(["--package", package]);
            }
            run(command.args(options).args(&self.rest))?;
        }
        if self.rest.is_empty() {
            python::test()?;
        }
        if self.slow { slow() } else { Ok(()) }
    }
}

/// The tests that take minutes.
pub(crate) fn slow() -> anyhow::Result<()> {
    let package = ["test", "--release", "--package", "rbmflow-tests", "--features", "slow"];
    run(cargo(package).args(["--test", "validation", "--test", "faults"]))
}
