//! `cargo xtask package`: the crates as they would be published, built and tested from their archives.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

use crate::commands::{built, cargo, root, run};

/// Arguments of `package`.
#[derive(clap::Args)]
pub(crate) struct Package {
    /// Stop after the archives are packed and unpacked and the stranger's program has run: without all tests.
    #[arg(long)]
    pub(crate) no_tests: bool,
}

/// Packages that nobody is to publish.
const OURS_ALONE: [&str; 4] = ["python", "rbmflow-benches", "rbmflow-tests", "xtask"];

/// The package that is a program.
const PROGRAM: &str = "rbmflow-cli";

/// What tests of the crates read beside them.
const BESIDE: [&str; 3] = ["data", "docs", "fuzz"];

impl Package {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let excluded = OURS_ALONE.iter().flat_map(|package| ["--exclude", package]);
        let archives = built("package");
        if archives.exists() {
            std::fs::remove_dir_all(&archives)?;
        }
        // Built below, all of them together. What is not committed yet is packed as well.
        run(cargo(["package", "--workspace", "--no-verify", "--allow-dirty"]).args(excluded))?;
        let folder = built("unpacked");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        let names = unpack(&archives, &folder.join("crates"))?;
        for name in BESIDE {
            std::os::unix::fs::symlink(root().join(name), folder.join(name))?;
        }
        std::fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
        std::fs::write(folder.join("Cargo.toml"), workspace(&names)?)?;
        stranger(&folder.join("stranger"), &names)?;
        run(&mut cargo_in(&folder, ["run", "--release", "--package", "stranger"]))?;
        if !self.no_tests {
            run(&mut cargo_in(&folder, ["test", "--release", "--workspace"]))?;
        }
        Ok(())
    }
}

/// Unpacks the archives of this version, each into a folder of its name.
fn unpack(archives: &Path, folder: &Path) -> anyhow::Result<Vec<String>> {
    let ending = format!("-{}.crate", env!("CARGO_PKG_VERSION"));
    std::fs::create_dir_all(folder)?;
    let mut names = vec![];
    for entry in std::fs::read_dir(archives).with_context(|| format!("reading {}", archives.display()))? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(&ending)) else {
            continue;
        };
        run(Command::new("tar").arg("-xzf").arg(&path).arg("-C").arg(folder))?;
        std::fs::rename(folder.join(format!("{name}-{}", env!("CARGO_PKG_VERSION"))), folder.join(name))?;
        names.push(name.to_owned());
    }
    names.sort();
    Ok(names)
}

/// A workspace in which the registry's crates of our names are the unpacked ones.
fn workspace(names: &[String]) -> anyhow::Result<String> {
    let mut text = String::from(
        "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\", \"stranger\"]\n\n[patch.crates-io]\n",
    );
    for name in names {
        writeln!(text, "{name} = {{ path = \"crates/{name}\" }}")?;
    }
    Ok(text)
}

/// A project that depends on the published libraries and knows nothing of the repository.
fn stranger(folder: &Path, names: &[String]) -> anyhow::Result<()> {
    let mut manifest = String::from(
        "[package]\nname = \"stranger\"\nedition = \"2024\"\n\n[dependencies]\nndarray = \"0.17\"\n",
    );
    for name in names.iter().filter(|name| *name != PROGRAM) {
        writeln!(manifest, "{name} = \"{}\"", env!("CARGO_PKG_VERSION"))?;
    }
    std::fs::create_dir_all(folder.join("src"))?;
    std::fs::copy(root().join("xtask/stranger/main.rs"), folder.join("src/main.rs"))?;
    Ok(std::fs::write(folder.join("Cargo.toml"), manifest)?)
}

/// cargo in a folder, with the same place for what is built, so that dependencies are not built again.
fn cargo_in<const N: usize>(folder: &Path, arguments: [&str; N]) -> Command {
    let mut command = cargo(arguments);
    command.current_dir(folder).env("CARGO_TARGET_DIR", built(""));
    command
}
