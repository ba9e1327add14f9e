//! One run at a time in a folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::exit::Problem;

/// The name of the lock file in a run's folder.
pub(crate) const NAME: &str = ".rbmflow.lock";

/// The right to write into a folder, until it is dropped.
///
/// The file holds the process's number for whoever is refused; the lock itself is the operating system's, which takes
/// it back when the process ends in whatever way. A file left behind by a dead process is therefore in nobody's way.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    /// Open for as long as the lock is held.
    _file: File,
}

impl Lock {
    /// Locks a folder that exists.
    pub(crate) fn acquire(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(NAME);
        let failed = || format!("cannot lock `{}`", folder.display());
        loop {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
                .with_context(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    file.read_to_string(&mut holder).with_context(failed)?;
                    // Between taking the lock and noting its number, the holder has no name.
                    let holder = match holder.trim() {
                        "" => "another process".to_owned(),
                        number => format!("process {number}"),
                    };
                    return Err(Problem::Locked { folder: folder.to_owned(), holder }.into());
                }
                Err(TryLockError::Error(error)) => {
                    let cure = "the file system does not support locks; choose a folder on another one";
                    return Err(error).with_context(failed).context(cure);
                }
            }
            // Whoever held the lock until now may have deleted the file that this process has opened.
            if is_the_file_at(&file, &path) {
                file.set_len(0).with_context(failed)?;
                file.rewind().with_context(failed)?;
                writeln!(file, "{}", std::process::id()).with_context(failed)?;
                return Ok(Self { path, _file: file });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The lock is still held here, so nobody else's file is deleted; a leftover would do no harm.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(unix)]
fn is_the_file_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_the_file_at(_file: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_and_a_leftover_is_not_in_the_way() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join(NAME), "4194305\n").expect("a leftover");
        let first = Lock::acquire(folder.path()).expect("nobody holds it");
        let error = Lock::acquire(folder.path()).expect_err("held").to_string();
        assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
        drop(first);
        assert!(!folder.path().join(NAME).exists());
        drop(Lock::acquire(folder.path()).expect("released"));
    }
}
