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

/// What `cargo test` does not test: the Python package has its own tests, and benchmarks are no tests.
const WITHOUT_TESTS: [&str; 2] = ["python", "rbmflow-benches"];

impl Test {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        doctor::require()?;
        if self.python {
            return python::test();
        }
        let mut command = cargo(["test", "--release", "--workspace"]);
        command.args(WITHOUT_TESTS.iter().flat_map(|package| ["--exclude", package]));
        run(command.args(&self.rest))?;
        if self.rest.is_empty() {
            python::test()?;
        }
        if self.slow { slow() } else { Ok(()) }
    }
}

/// The crates that must build and pass their tests without HDF5. Beside the others, cargo would unify features and give it to all.
const SCIENCE: [&str; 8] = [
    "lattice",
    "numerics",
    "datasets",
    "ising-mc",
    "rbm-core",
    "temp-classifier",
    "rg-flow",
    "weight-analysis",
];

/// The tests of the crates that need no C compiler, without one.
pub(crate) fn without_hdf5() -> anyhow::Result<()> {
    let mut command = cargo(["test", "--release"]);
    command.args(SCIENCE.iter().flat_map(|package| ["--package", package]));
    run(&mut command)
}

/// The tests that take minutes.
pub(crate) fn slow() -> anyhow::Result<()> {
    let package = ["test", "--release", "--package", "rbmflow-tests", "--features", "slow"];
    run(cargo(package).args(["--test", "validation", "--test", "faults"]))
}
