//! `cargo xtask ci`: the checks that are no tests, and the slow tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::commands::{built, cargo, output, root, run};
use crate::doctor;
use crate::package::Package;
use crate::test::{slow, without_hdf5};

/// The version of cargo-deny that is installed where there is none.
const CARGO_DENY: &str = "0.20.2";

/// Arguments of `ci`.
#[derive(clap::Args)]
pub(crate) struct Ci {}

impl Ci {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        doctor::require()?;
        run(&mut cargo(["fmt", "--all", "--check"]))?;
        run(&mut cargo(["clippy", "--release", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
        run(cargo(["doc", "--release", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))?;
        without_hdf5()?;
        dependencies()?;
        Package { no_tests: true }.run()?;
        same_bytes()?;
        slow()
    }
}

/// Licences, sources and duplicates; and known vulnerabilities where their database can be reached.
fn dependencies() -> anyhow::Result<()> {
    let deny = cargo_deny()?;
    run(Command::new(&deny).current_dir(root()).args(["check", "bans", "licenses", "sources"]))?;
    let mut advisories = Command::new(&deny);
    advisories.current_dir(root()).args(["check", "advisories"]);
    let output = advisories.output().context("cargo-deny could not be started")?;
    let text = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        eprintln!("advisories: none that is not on the list in deny.toml");
    } else if text.contains("failed to fetch advisory database") {
        eprintln!("NOTICE: advisories were not checked: their database cannot be reached from here");
    } else {
        bail!("cargo-deny found advisories:\n{text}");
    }
    Ok(())
}

fn cargo_deny() -> anyhow::Result<PathBuf> {
    if output("cargo-deny", &["--version"]).is_some() {
        return Ok("cargo-deny".into());
    }
    let tools = built("tools");
    let program = tools.join("bin/cargo-deny");
    if !program.is_file() {
        run(cargo(["install", "--quiet", "--locked", "--version", CARGO_DENY, "cargo-deny", "--root"])
            .arg(&tools))?;
    }
    Ok(program)
}

/// A small experiment gives the same bytes in a debug and in a release build, and without vector instructions.
fn same_bytes() -> anyhow::Result<()> {
    let experiment = root().join("tests/experiments/tiny.toml");
    let folder = built("same-bytes");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    run(&mut cargo(["build", "--package", "rbmflow-cli"]))?;
    run(&mut cargo(["build", "--release", "--package", "rbmflow-cli"]))?;
    for (name, profile, width) in
        [("debug", "debug", None), ("release", "release", None), ("portable", "release", Some("portable"))]
    {
        let mut command = Command::new(built(profile).join("rbmflow"));
        command.args(["run", "--quiet"]).arg(&experiment).arg("--out").arg(folder.join(name));
        run(command.args(width.map(|width| format!("--vector-width={width}"))))?;
    }
    compare(&folder.join("debug"), &folder.join("release"))?;
    compare(&folder.join("portable"), &folder.join("release"))
}

/// Fails unless both folders hold the same files with the same bytes.
pub(crate) fn compare(a: &Path, b: &Path) -> anyhow::Result<()> {
    let (left, right) = (files(a)?, files(b)?);
    if left != right || left.is_empty() {
        bail!("{} and {} hold different files", a.display(), b.display());
    }
    for file in &left {
        if std::fs::read(a.join(file))? != std::fs::read(b.join(file))? {
            bail!("{} differs between {} and {}", file.display(), a.display(), b.display());
        }
    }
    eprintln!("{} files with the same bytes in {} and {}", left.len(), a.display(), b.display());
    Ok(())
}

/// All files below a folder, sorted, relative to it.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).with_context(|| format!("reading {}", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(folder)?.to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}
