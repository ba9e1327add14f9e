//! A job at work: reading its inputs, and writing its output in its place or first in a folder of this machine alone.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::Context as _;
use datasets::file::{self, replace};
use datasets::{Artifact, Progress, Provenance, Stored};
use tempfile::TempDir;

use super::inputs::Source;
use crate::exit::Problem;

/// The prefix of the names of folders that hold an output before it is moved.
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

/// A job at work: its inputs, and the place of its output.
pub(crate) struct Work<'a> {
    /// The input files.
    pub(crate) inputs: &'a [Source],
    /// The file to make.
    pub(crate) output: &'a Path,
    /// The provenance of the output, with the hashes of the inputs.
    pub(crate) provenance: &'a Provenance,
    /// A folder of this machine alone, in which the output is written before it is moved.
    pub(crate) scratch: Option<&'a Path>,
    /// Listens, and may ask to stop.
    pub(crate) progress: &'a dyn Progress,
}

impl Work<'_> {
    /// Reads the only input with a role.
    pub(crate) fn read<T: Artifact>(&self, role: &str) -> anyhow::Result<T> {
        Ok(self.read_with_provenance(role)?.content)
    }

    /// Reads the only input with a role, and how it was made.
    pub(crate) fn read_with_provenance<T: Artifact>(&self, role: &str) -> anyhow::Result<Stored<T>> {
        let missing = || Problem::Failed(format!("`{}` has no input `{role}`", self.output.display()));
        self.read_stored(role).next().ok_or_else(missing)?
    }

    /// Reads an input that may be left out.
    pub(crate) fn read_optional<T: Artifact>(&self, role: &str) -> anyhow::Result<Option<T>> {
        Ok(self.read_stored(role).next().transpose()?.map(|stored| stored.content))
    }

    /// Reads all inputs with a role.
    pub(crate) fn read_all<T: Artifact>(&self, role: &str) -> anyhow::Result<Vec<T>> {
        self.read_stored(role).map(|stored| Ok(stored?.content)).collect()
    }

    /// Reads inputs with a role, none of which may have become another file since its hash was noted.
    pub(crate) fn read_stored<T: Artifact>(
        &self,
        role: &str,
    ) -> impl Iterator<Item = anyhow::Result<Stored<T>>> {
        let inputs = self.inputs.iter().zip(&self.provenance.inputs);
        inputs.filter(move |(source, _)| source.role == role).map(|(source, noted)| {
            let stored = file::read::<T>(&source.path)?;
            if noted.content_hash != stored.content_hash {
                let path = source.path.display();
                let what = format!("`{path}` was replaced while it was in use; run the same command again");
                return Err(Problem::Input(what).into());
            }
            Ok(stored)
        })
    }

    /// Writes the output. Its name never stands for less than all of it.
    pub(crate) fn write<T: Artifact>(&self, artifact: &T) -> anyhow::Result<()> {
        let Some(scratch) = self.scratch else {
            file::write(self.output, artifact, self.provenance)?;
            return Ok(());
        };
        // Several processes may use one folder; this one's own is deleted at the end.
        let own =
            own_folder(scratch).with_context(|| format!("cannot write into `{}`", scratch.display()))?;
        let own = &own.0;
        let local = own.path().join("output.h5");
        file::write(&local, artifact, self.provenance)?;
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
