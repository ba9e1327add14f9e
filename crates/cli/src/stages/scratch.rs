//! Where the output of a job is written: in its place, or first in a folder of this machine alone.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::Context as _;
use datasets::file::{self, replace};
use datasets::{Artifact, Provenance};
use tempfile::TempDir;

use crate::job::Job;

/// How the names of folders begin that hold an output before it is moved.
const PREFIX: &str = "rbmflow-";
/// A file in such a folder that is locked for as long as its process lives.
const LOCK: &str = "lock";

/// Deletes the folders that killed processes left in a scratch folder.
pub(crate) fn sweep(scratch: &Path) {
    let Ok(entries) = std::fs::read_dir(scratch) else { return };
    for folder in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let ours = File::open(folder.path().join(LOCK));
        if ours.is_ok_and(|lock| lock.try_lock().is_ok()) {
            // Another process may sweep it at the same time.
            let _ = std::fs::remove_dir_all(folder.path());
        }
    }
}

/// A new folder, which no sweep deletes while the file beside it is open.
fn own_folder(scratch: &Path) -> std::io::Result<(TempDir, File)> {
    loop {
        let own = tempfile::Builder::new().prefix(PREFIX).tempdir_in(scratch)?;
        let path = own.path().join(LOCK);
        let lock = File::create(&path)?;
        match lock.try_lock() {
            // A sweep was there before the lock.
            Err(TryLockError::WouldBlock) => {}
            Ok(()) if !path.exists() => {}
            // On a file system without locks a leftover stays; nothing else depends on it.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok((own, lock)),
        }
    }
}

/// Where an output is written.
pub(super) struct Place<'a> {
    output: &'a Path,
    scratch: Option<&'a Path>,
}

impl<'a> Place<'a> {
    /// That of a job.
    pub(super) fn of(job: &'a Job, scratch: Option<&'a Path>) -> Self {
        Self { output: &job.output, scratch }
    }

    /// Writes the output. In either way its name never stands for less than all of it.
    pub(super) fn write<T: Artifact>(&self, artifact: &T, provenance: &Provenance) -> anyhow::Result<()> {
        let Some(scratch) = self.scratch else {
            file::write(self.output, artifact, provenance)?;
            return Ok(());
        };
        // Several processes may use one folder; this one's own is deleted at the end.
        let own =
            own_folder(scratch).with_context(|| format!("cannot write into `{}`", scratch.display()))?;
        let own = &own.0;
        let local = own.path().join("output.h5");
        file::write(&local, artifact, provenance)?;
        let bytes =
            std::fs::read(&local).with_context(|| format!("cannot read back `{}`", local.display()))?;
        Ok(replace(self.output, &bytes)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_dead_processes_left_is_swept_and_nothing_else() {
        let scratch = tempfile::tempdir().expect("a folder");
        let [dead, alive, foreign] = ["rbmflow-dead", "rbmflow-alive", "other"].map(|name| {
            let folder = scratch.path().join(name);
            std::fs::create_dir(&folder).expect("a folder");
            std::fs::write(folder.join(LOCK), "").expect("a lock");
            folder
        });
        let held = File::open(alive.join(LOCK)).expect("a lock");
        held.try_lock().expect("nobody else's");
        sweep(scratch.path());
        assert_eq!([dead, alive, foreign].map(|folder| folder.exists()), [false, true, true]);
    }
}
