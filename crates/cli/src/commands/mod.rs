//! The verbs.

mod claims;
mod compare;
mod convert;
mod info;
mod machines;
mod partial;
mod plan;
mod predict;
mod run;
mod shell;
mod stage;
mod status;
mod verify;

use std::path::{Path, PathBuf};

pub(crate) use compare::compare;
pub(crate) use convert::{decode_array, export, import};
pub(crate) use info::info;
pub(crate) use plan::plan;
pub(crate) use run::run;
pub(crate) use shell::{completions, man};
pub(crate) use stage::stage;
pub(crate) use status::status;
pub(crate) use verify::verify;

use crate::terminal::say;

/// All files below a folder, sorted; none if it is not there.
fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = vec![];
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        let entries = match std::fs::read_dir(&next) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error.into()),
        };
        for entry in entries {
            let entry = entry?;
            // Links are not followed: they could lead in a circle.
            if entry.file_type()?.is_dir() { open.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    files.sort();
    Ok(files)
}
