//! `cargo xtask test`: all tests.

use std::path::PathBuf;
use std::process::Command;

use crate::commands::{built, cargo, run};
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

/// What `cargo test` does not test: the Python package has its own tests, and benchmarks are no tests.
const WITHOUT_TESTS: [&str; 2] = ["python", "rbmflow-benches"];

impl Test {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        doctor::require()?;
        if self.python {
            // What the bytes are compared with.
            run(&mut cargo(["build", "--release", "--package", "rbmflow-cli"]))?;
            return python::test();
        }
        if self.rest.is_empty() {
            run(cargo_test().env("RBMFLOW", program()))?;
            python::test()?;
        } else {
            run(cargo_test().args(&self.rest))?;
        }
        if self.slow { slow() } else { Ok(()) }
    }
}

/// `cargo test` of the one set of packages: another set would have other features, and cargo would compile everything
/// again.
fn cargo_test() -> Command {
    let mut command = cargo(["test", "--release", "--workspace"]);
    command.args(WITHOUT_TESTS.iter().flat_map(|package| ["--exclude", package]));
    command
}

/// The program, which cargo builds together with the tests of its package.
fn program() -> PathBuf {
    built("release").join("rbmflow")
}

/// The tests of the files without HDF5. The science crates take nothing else from there, and must build without it.
pub(crate) fn without_hdf5() -> anyhow::Result<()> {
    run(&mut cargo(["test", "--release", "--package", "rbmflow-datasets"]))?;
    run(&mut cargo(["check", "--release", "--package", "rg-flow", "--package", "weight-analysis"]))
}

/// The tests that take minutes.
pub(crate) fn slow() -> anyhow::Result<()> {
    let mut command = cargo_test();
    command.args(["--features", "rbmflow-tests/slow", "--test", "validation", "--test", "faults"]);
    run(command.env("RBMFLOW", program()))
}
