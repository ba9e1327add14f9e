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

/// How many cases of a class were tried on a file, and what became of them.
#[derive(Clone, Default)]
pub(crate) struct Count {
    pub(crate) class: String,
    pub(crate) file: String,
    pub(crate) refused: u64,
    pub(crate) accepted: u64,
}

/// What became of the cases of a worker.
pub(crate) struct Account {
    counts: Vec<Count>,
    /// The place of the class and file at hand.
    now: usize,
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
        Ok(Self { counts: vec![Count::default()], now: 0, at })
    }

    /// The cases that follow are of this class, and of a damaged version of this file.
    pub(crate) fn enter(&mut self, class: &str, file: &str) {
        let found = self.counts.iter().position(|count| count.class == class && count.file == file);
        self.now = found.unwrap_or_else(|| {
            self.counts.push(Count { class: class.to_owned(), file: file.to_owned(), ..Count::default() });
            self.counts.len() - 1
        });
    }

    /// One case: refused with a message, which must name the `file` if there is one, or accepted.
    pub(crate) fn case(
        &mut self,
        file: Option<&str>,
        case: impl FnOnce() -> Result<(), String>,
    ) -> Result<()> {
        let number: u64 = self.counts.iter().map(|count| count.refused + count.accepted).sum();
        self.at.write_at(format!("{number:<20}").as_bytes(), 0)?;
        match catch_unwind(AssertUnwindSafe(case)) {
            Ok(Ok(())) => self.counts[self.now].accepted += 1,
            Ok(Err(message)) => {
                ensure!(!message.is_empty(), "case {number} is refused without a word");
                if let Some(file) = file {
                    ensure!(message.contains(file), "case {number} does not name the file: {message}");
                }
                self.counts[self.now].refused += 1;
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
        self.counts.iter().any(|count| count.accepted > 0)
    }

    /// The account in words.
    pub(crate) fn text(&self) -> String {
        let lines =
            self.counts.iter().filter(|count| count.refused + count.accepted > 0).map(|count| {
                format!("{}\t{}\t{}\t{}", count.class, count.file, count.refused, count.accepted)
            });
        lines.collect::<Vec<_>>().join("\n")
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

/// Runs a worker; returns what became of its cases.
pub(crate) fn delegate(words: &[&str]) -> Result<Vec<Count>> {
    let folder = tempfile::tempdir()?;
    let place = folder.path().join("case");
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("worker").args(words).arg(&place).env("RAYON_NUM_THREADS", "1");
    let ended = program::call(&mut command).with_context(|| format!("case {}", case(&place)))?;
    if ended.code != Some(0) {
        bail!("case {}: {} {}", case(&place), ended.how(), ended.err);
    }
    let count = |line: &str| {
        let [class, file, refused, accepted] = line.split('\t').collect::<Vec<_>>()[..] else {
            bail!("a worker says `{line}`");
        };
        let (class, file) = (class.to_owned(), file.to_owned());
        Ok(Count { class, file, refused: refused.parse()?, accepted: accepted.parse()? })
    };
    ended.out.lines().map(count).collect()
}

fn case(place: &Path) -> String {
    std::fs::read_to_string(place).unwrap_or_default().trim().to_owned()
}
