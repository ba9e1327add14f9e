//! What workers share: places for damage that are the same in every run, and an account of cases.

use std::os::unix::fs::FileExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::Resource;

use crate::program;

/// The address space that a worker may use, in bytes: the bound on memory that damaged files are held to.
pub(crate) const MEMORY: u64 = 768 << 20;

/// A generator for choosing places (splitmix64).
pub(crate) struct Places(pub(crate) u64);

impl Places {
    /// A number below another.
    pub(crate) fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below.max(1) as u64) as usize
    }
}

/// What became of the cases of a worker.
pub(crate) struct Account {
    refused: u64,
    accepted: u64,
    /// Where the number of the case at hand is written, so that it is known if the process dies.
    at: std::fs::File,
}

impl Account {
    /// None yet; `place` is the file for the number of the case.
    pub(crate) fn new(place: &str) -> Result<Self> {
        program::limit(Resource::As, MEMORY)?;
        // A panic is reported with its case below.
        std::panic::set_hook(Box::new(|_| {}));
        let at = std::fs::File::create(place).context("the file for the number of the case")?;
        Ok(Self { refused: 0, accepted: 0, at })
    }

    /// One case: refused with a message, which must name the `file` if there is one, or accepted.
    pub(crate) fn case(
        &mut self,
        file: Option<&str>,
        case: impl FnOnce() -> Result<(), String>,
    ) -> Result<()> {
        let number = self.refused + self.accepted;
        self.at.write_at(format!("{number:<20}").as_bytes(), 0)?;
        match catch_unwind(AssertUnwindSafe(case)) {
            Ok(Ok(())) => self.accepted += 1,
            Ok(Err(message)) => {
                ensure!(!message.is_empty(), "case {number} is refused without a word");
                if let Some(file) = file {
                    ensure!(message.contains(file), "case {number} does not name the file: {message}");
                }
                self.refused += 1;
            }
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("?");
                bail!("case {number}: panic: {text}");
            }
        }
        Ok(())
    }

    /// Whether any case was accepted.
    pub(crate) fn accepts(&self) -> bool {
        self.accepted > 0
    }

    /// The account in words.
    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.refused, self.accepted)
    }
}

/// Prints what a worker has to say.
pub(crate) fn finish(result: Result<String>) -> ExitCode {
    match result {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a worker; returns the numbers of cases that were refused and accepted.
pub(crate) fn delegate(words: &[&str]) -> Result<(u64, u64)> {
    let folder = tempfile::tempdir()?;
    let place = folder.path().join("case");
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("worker").args(words).arg(&place).env("RAYON_NUM_THREADS", "1");
    let ended = program::call(&mut command).with_context(|| format!("case {}", case(&place)))?;
    if ended.code != Some(0) {
        bail!("case {}: {} {}", case(&place), ended.how(), ended.err);
    }
    let mut numbers = ended.out.split_whitespace().map(str::parse::<u64>);
    let mut number = || numbers.next().context("a worker says two numbers")?.context("a worker says numbers");
    Ok((number()?, number()?))
}

fn case(place: &Path) -> String {
    std::fs::read_to_string(place).unwrap_or_default().trim().to_owned()
}
