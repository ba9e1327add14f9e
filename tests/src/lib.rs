//! What the tests of the whole pipeline share: the built program, a finished run of the quick experiment, and a Python
//! with h5py.
//!
//! **Invariant:** nothing here knows what is inside a file; the tests use the program from outside, as a user does.

/// The README, whose Rust example is run as a test of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// The README of a crate.
#[cfg(doctest)]
#[doc = include_str!("../../crates/numerics/README.md")]
pub struct Numerics;

/// The README of a crate.
#[cfg(doctest)]
#[doc = include_str!("../../crates/lattice/README.md")]
pub struct Lattice;

/// The README of a crate.
#[cfg(doctest)]
#[doc = include_str!("../../crates/datasets/README.md")]
pub struct Datasets;

/// The README of a crate.
#[cfg(doctest)]
#[doc = include_str!("../../crates/ising-mc/README.md")]
pub struct IsingMc;

/// The README of a crate.
#[cfg(doctest)]
#[doc = include_str!("../../crates/rbm-core/README.md")]
pub struct RbmCore;

/// The README of a crate.
#[cfg(doctest)]
#[doc = include_str!("../../crates/temp-classifier/README.md")]
pub struct TempClassifier;

/// The README of a crate.
#[cfg(doctest)]
#[doc = include_str!("../../crates/rg-flow/README.md")]
pub struct RgFlow;

/// The README of a crate.
#[cfg(doctest)]
#[doc = include_str!("../../crates/weight-analysis/README.md")]
pub struct WeightAnalysis;

/// The README of a crate.
#[cfg(doctest)]
#[doc = include_str!("../../crates/plot/README.md")]
pub struct Plot;

/// The README of a crate.
#[cfg(doctest)]
#[doc = include_str!("../../crates/figures/README.md")]
pub struct Figures;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in a folder of the repository")
}

/// The folder of the built programs: the running test is in `<profile>/deps`.
fn built() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    let deps = test.parent().expect("a file has a folder");
    deps.parent().expect("tests are built into a folder of the profile").to_path_buf()
}

/// A call of `rbmflow`: of the program that the variable `RBMFLOW` names, else of one that is built first.
pub fn rbmflow() -> Command {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| {
        if let Some(program) = std::env::var_os("RBMFLOW") {
            return program.into();
        }
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(root()).args(["build", "--quiet", "--package", "rbmflow-cli", "--bin", "rbmflow"]);
        if built().ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().expect("cargo can be started").success(), "building rbmflow failed");
        built().join("rbmflow")
    });
    let mut command = Command::new(program);
    command.env_remove("RBMFLOW_VECTOR_WIDTH").env_remove("SLURM_JOB_END_TIME");
    command
}

/// Runs a command and fails with its output unless it succeeds.
#[track_caller]
pub fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} ended with {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// A finished run of the quick experiment, made once for all tests of one binary.
pub fn quick_run() -> &'static Path {
    static RUN: OnceLock<tempfile::TempDir> = OnceLock::new();
    RUN.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        run_experiment(&root().join("data/experiments/quick.toml"), folder.path(), &[]);
        folder
    })
    .path()
}

/// Runs an experiment into a folder, with further arguments.
#[track_caller]
pub fn run_experiment(experiment: &Path, folder: &Path, arguments: &[&str]) -> Output {
    succeed(rbmflow().args(["run", "--quiet"]).arg(experiment).arg("--out").arg(folder).args(arguments))
}

/// All files below a folder with their bytes, sorted by path.
pub fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let relative = path.strip_prefix(folder).expect("found below the folder").to_path_buf();
                found.push((relative, std::fs::read(&path).expect("a readable file")));
            }
        }
    }
    found.sort();
    found
}

/// Fails unless both folders hold the same files with the same bytes; returns how many.
#[track_caller]
pub fn assert_same_files(a: &Path, b: &Path) -> usize {
    let (left, right) = (contents(a), contents(b));
    let names = |files: &[(PathBuf, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&left), names(&right), "the folders hold different files");
    for ((name, left), (_, right)) in left.iter().zip(&right) {
        assert!(left == right, "{} differs", name.display());
    }
    left.len()
}

/// A call of a Python with h5py, matplotlib and a websocket client, in a private environment below `target/` that is
/// made on first use.
///
/// It is made beside its place and then renamed, so that several processes may make it at once and an interrupted one
/// leaves nothing half-made under its name.
pub fn python() -> Command {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    let python = PYTHON.get_or_init(|| {
        let parent = built().parent().expect("a profile's folder is in target").join("tmp");
        let place = parent.join("python-2");
        let python = place.join("bin/python");
        if !python.exists() {
            std::fs::create_dir_all(&parent).expect("a folder below target");
            let staging = tempfile::tempdir_in(&parent).expect("a temporary folder below target");
            let made = staging.path().join("environment");
            succeed(Command::new("python3").args(["-m", "venv"]).arg(&made));
            let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
            succeed(Command::new(made.join("bin/python")).args(install).args([
                "h5py>=3.10",
                "numpy",
                "blake3",
                "matplotlib==3.10.7",
                "websocket-client==1.9.0",
            ]));
            // Another process may have been faster; then its environment is used.
            if let Err(error) = std::fs::rename(&made, &place) {
                assert!(python.exists(), "{}: {error}", place.display());
            }
        }
        python
    });
    Command::new(python)
}
