//! One run at a time in a folder, or any number of tasks that share the work of one.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use datasets::file::WriteError;

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
    file: File,
    /// Whether others may hold it as well.
    shared: bool,
}

/// How often, and how long apart, a shared lock is tried for before it is refused: the last of several tasks holds it
/// alone for a moment when it ends.
const ATTEMPTS: u32 = 30;
const BETWEEN: Duration = Duration::from_millis(100);

impl Lock {
    /// Locks a folder that exists.
    pub(crate) fn acquire(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(NAME);
        let failed = || format!("cannot lock `{}`", folder.display());
        loop {
            let mut file = open(&path).map_err(|error| WriteError::from_io(&path, "opening", error))?;
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
                return Ok(Self { path, file, shared: false });
            }
        }
    }
}

impl Lock {
    /// Locks a folder that exists against whole runs, but not against other tasks: these write different files.
    ///
    /// `None` on a file system without locks: it is then up to people to start no whole run beside tasks.
    pub(crate) fn share(folder: &Path) -> anyhow::Result<Option<Self>> {
        let path = folder.join(NAME);
        let failed = || format!("cannot lock `{}`", folder.display());
        for _ in 0..ATTEMPTS {
            let mut file = open(&path).map_err(|error| WriteError::from_io(&path, "opening", error))?;
            match file.try_lock_shared() {
                Ok(()) if is_the_file_at(&file, &path) => {
                    let text = format!("{} (a task)\n", std::process::id());
                    file.write_all(text.as_bytes()).with_context(failed)?;
                    return Ok(Some(Self { path, file, shared: true }));
                }
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => std::thread::sleep(BETWEEN),
                Err(TryLockError::Error(_)) => return Ok(None),
            }
        }
        let holder = std::fs::read_to_string(&path).unwrap_or_default().trim().to_owned();
        Err(Problem::Locked { folder: folder.to_owned(), holder }.into())
    }
}

/// The lock's file, made if it is not there; what another holder has noted in it stays.
fn open(path: &Path) -> std::io::Result<File> {
    // Opening a pipe or device could wait or do something, and what a link leads to is somebody else's.
    if std::fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(std::io::Error::other("it is no plain file; delete it if no other program needs it"));
    }
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.shared && (self.file.try_lock().is_err() || !is_the_file_at(&self.file, &self.path)) {
            // Another task is still at work, and will clear up.
            return;
        }
        // The lock is held alone here, so nobody else's file is deleted; a leftover would do no harm.
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

    #[cfg(unix)]
    #[test]
    fn a_link_under_the_name_is_not_followed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let target = folder.path().join("thesis");
        std::fs::write(&target, "precious").expect("writable");
        std::os::unix::fs::symlink(&target, folder.path().join(NAME)).expect("a link");
        for error in [Lock::acquire(folder.path()).map(drop), Lock::share(folder.path()).map(drop)] {
            let error = error.expect_err("a link").to_string();
            assert!(error.contains(NAME) && error.contains("no plain file"), "{error}");
        }
        assert_eq!(std::fs::read(&target).expect("there"), b"precious");
        assert!(folder.path().join(NAME).is_symlink());
    }

    #[test]
    fn tasks_share_a_folder_and_keep_whole_runs_out() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let share = || Lock::share(folder.path()).expect("shared").expect("a file system with locks");
        let (first, second) = (share(), share());
        let error = Lock::acquire(folder.path()).expect_err("held").to_string();
        assert!(error.contains("(a task)"), "{error}");
        drop(first);
        assert!(Lock::acquire(folder.path()).is_err(), "the second one is still there");
        drop(second);
        assert!(!folder.path().join(NAME).exists());
        let whole = Lock::acquire(folder.path()).expect("released");
        assert!(Lock::share(folder.path()).is_err(), "a whole run is at work");
        drop(whole);
        drop(share());
    }
}
