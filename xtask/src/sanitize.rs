//! `cargo xtask sanitize`: the unsafe kernels under tools that watch each access to memory.

use std::process::Command;

use anyhow::bail;

use crate::commands::{built, output, root, run};

/// The crates with kernels of vector instructions.
const KERNELS: [&str; 2] = ["rbmflow-numerics", "ising-mc"];

/// What the interpreter takes the machine to have. It knows the instructions of AVX2, not all of AVX-512.
const INTERPRETED: &str = "-Ctarget-feature=+avx2,+fma";

/// Arguments of `sanitize`.
#[derive(clap::Args)]
pub(crate) struct Sanitize {
    /// Only the address sanitizer, which is fast: the interpreter takes some minutes.
    #[arg(long)]
    sanitizer_only: bool,
}

impl Sanitize {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        const CURE: &str = "rustup toolchain install nightly --component miri --component rust-src";
        if output("rustup", &["run", "nightly", "rustc", "--version"]).is_none() {
            bail!("there is no nightly Rust, which the sanitizer and Miri are part of: `{CURE}`");
        }
        // Miri: undefined behaviour of any kind, in small cases of every kernel.
        if !self.sanitizer_only {
            if output("rustup", &["run", "nightly", "cargo", "miri", "--version"]).is_none() {
                bail!("the nightly Rust has no Miri: `{CURE}`, or use --sanitizer-only");
            }
            let mut miri = nightly(&["miri", "test"], "miri", INTERPRETED);
            run(miri.args(["--test", "memory"]).env("MIRIFLAGS", "-Zmiri-disable-isolation"))?;
        }
        // The address sanitizer: accesses outside of what is allocated, at every width of this machine, in all tests.
        let target = host()?;
        let mut tests =
            nightly(&["test", "--release", "--target", &target], "sanitized", "-Zsanitizer=address");
        run(tests.args(["--lib", "--tests"]))
    }
}

/// A call of the nightly cargo with the kernels' crates, in a target folder of its own.
fn nightly(verb: &[&str], folder: &str, flags: &str) -> Command {
    let mut command = Command::new("rustup");
    command.current_dir(root()).args(["run", "nightly", "cargo"]).args(verb);
    for package in KERNELS {
        command.args(["--package", package]);
    }
    // What the cargo that started us has set is for its own compiler.
    for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(variable);
    }
    command.arg("--no-default-features").env("CARGO_TARGET_DIR", built(folder)).env("RUSTFLAGS", flags);
    command
}

/// The name of this machine's target; the sanitizer needs one, so that build scripts go without it.
fn host() -> anyhow::Result<String> {
    let text = output("rustup", &["run", "nightly", "rustc", "--version", "--verbose"]).unwrap_or_default();
    match text.lines().find_map(|line| line.strip_prefix("host: ")) {
        Some(host) => Ok(host.to_owned()),
        None => bail!("`rustc --version --verbose` names no host"),
    }
}
