//! Exit codes, and which one an error leads to.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use datasets::file::{ReadError, WriteError};

use crate::terminal::printable;

/// Everything was done, or had been done before.
pub(crate) const SUCCESS: u8 = 0;
/// A computation failed (a training that diverged, say), or there is a mistake in the program.
pub(crate) const FAILURE: u8 = 1;
/// The arguments or settings are impossible, or an output file is there that would not have come out.
pub(crate) const USAGE: u8 = 2;
/// An input file is missing, damaged, or not what it should be.
pub(crate) const INPUT: u8 = 3;
/// A file was written by a version of the program that this one does not understand.
pub(crate) const VERSION: u8 = 4;
/// Reading or writing failed: no space, no permission, no such folder.
pub(crate) const IO: u8 = 5;
/// A claim of the paper was not reproduced, and `--require-claims` was given.
pub(crate) const CLAIM: u8 = 6;
/// Another process is at work in the folder.
pub(crate) const LOCKED: u8 = 7;
/// The program was interrupted or ran out of its time limit; the same command goes on.
pub(crate) const INTERRUPTED: u8 = 130;

/// The table for `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
    0  everything was done, or had been done before
    1  a computation failed
    2  impossible arguments or settings, or an output file that would not have come out
    3  an input file is missing, damaged, or not what it should be
    4  a file of a version that this program does not understand
    5  reading or writing failed
    6  a claim was not reproduced (only with --require-claims)
    7  another process is at work in the folder
  130  interrupted, or out of time; the same command goes on";

/// Errors of this program itself, as opposed to the crates below it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    /// Arguments or settings.
    #[error("{0}")]
    Usage(String),
    /// A file that is given.
    #[error("{0}")]
    Input(String),
    /// A computation.
    #[error("{0}")]
    Failed(String),
    #[error(
        "`{}` exists and is not what this command makes: {difference}; choose another name or delete it",
        path.display()
    )]
    WouldOverwrite { path: PathBuf, difference: String },
    #[error("`{}` is in use by {holder}; wait for it or choose another folder", folder.display())]
    Locked { folder: PathBuf, holder: String },
    #[error("{failing} of {all} claims were not reproduced")]
    Claims { failing: usize, all: usize },
    #[error("interrupted; the same command goes on from here")]
    Interrupted,
}

impl Problem {
    /// Settings, or files that do not fit them.
    pub(crate) fn usage(error: impl std::fmt::Display) -> Self {
        Self::Usage(error.to_string())
    }

    fn code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::WouldOverwrite { .. } => USAGE,
            Self::Input(_) => INPUT,
            Self::Failed(_) => FAILURE,
            Self::Locked { .. } => LOCKED,
            Self::Claims { .. } => CLAIM,
            Self::Interrupted => INTERRUPTED,
        }
    }
}

/// A path as text, for JSON, scripts and printed commands, none of which can say any other.
pub(crate) fn text_of(path: &Path) -> Result<&str, Problem> {
    path.to_str().ok_or_else(|| {
        let cure = "which neither JSON nor a script can name; give it another name";
        Problem::Usage(format!("`{}` is not UTF-8, {cure}", path.display()))
    })
}

/// The exit code of an error: that of the outermost cause that has one.
pub(crate) fn code(error: &anyhow::Error) -> u8 {
    error.chain().find_map(code_of).unwrap_or(FAILURE)
}

fn code_of(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if let Some(problem) = cause.downcast_ref::<Problem>() {
        return Some(problem.code());
    }
    if let Some(error) = cause.downcast_ref::<ReadError>() {
        return Some(match error {
            ReadError::Io { .. } => IO,
            ReadError::IncompatibleBlock { .. } | ReadError::IncompatibleVersion { .. } => VERSION,
            _ => INPUT,
        });
    }
    if let Some(error) = cause.downcast_ref::<WriteError>() {
        return Some(match error {
            // Our own content was wrong, which is no fault of the disk.
            WriteError::WrongContent { .. } | WriteError::Unrepresentable { .. } => FAILURE,
            _ => IO,
        });
    }
    cause.downcast_ref::<std::io::Error>().map(|_| IO)
}

/// The error of threads that cannot be started, with its cure.
pub(crate) fn no_threads(error: &impl Display) -> anyhow::Error {
    let cure = "ask for fewer with -j N, or raise the limit (`ulimit -u`)";
    Problem::Usage(format!("cannot start as many threads: {error}; {cure}")).into()
}

/// Whether an error is only that the program was asked to stop.
pub(crate) fn is_interruption(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<Problem>(), Some(Problem::Interrupted))
}

/// Does something that must not panic; if it does, there is a mistake in the program, which is told in one line like
/// any other error.
pub(crate) fn guarded<T>(attempt: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    catch_unwind(AssertUnwindSafe(attempt)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panic");
        let cure = "please report it; RUST_BACKTRACE=1 tells where";
        Err(Problem::Failed(format!("a mistake in the program: {text} ({cure})")).into())
    })
}

/// Keeps panics, which [`guarded`] tells, from being told twice, unless their places are asked for.
pub(crate) fn quiet_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        std::panic::set_hook(Box::new(|_| {}));
    }
}

/// An error with its causes in one line.
pub(crate) fn line(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        // Some messages have their cause's in them already.
        if !text.contains(&cause) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause);
        }
    }
    printable(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_folded_into_one_line_without_repetition() {
        let missing = ReadError::Missing { path: "a.h5".into() };
        let error = anyhow::Error::from(missing).context("cannot train");
        assert_eq!(line(&error), "cannot train: `a.h5` does not exist");
        assert_eq!(code(&error), INPUT);
        let io = std::io::Error::other("disk on fire");
        let error = anyhow::Error::from(io).context("cannot write: disk\n on fire");
        assert_eq!(line(&error), "cannot write: disk on fire");
        assert_eq!(code(&error), IO);
    }

    #[test]
    fn a_panic_is_an_error() {
        let error = guarded::<()>(|| panic!("two is {}", 3)).expect_err("a panic");
        assert!(line(&error).starts_with("a mistake in the program: two is 3"), "{error}");
        assert_eq!(code(&error), FAILURE);
        assert_eq!(guarded(|| Ok(4)).ok(), Some(4));
    }

    #[test]
    fn every_code_is_in_the_help() {
        for code in [SUCCESS, FAILURE, USAGE, INPUT, VERSION, IO, CLAIM, LOCKED, INTERRUPTED] {
            assert!(HELP.lines().any(|line| line.trim_start().starts_with(&format!("{code}  "))), "{code}");
        }
    }
}
