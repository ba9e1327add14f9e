//! Writing a whole file so that its name never stands for less than all of it.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::errors::WriteError;

/// How the names of temporary files end. They begin with a dot and the name of their target. One that a killed
/// process left behind may be deleted.
pub const TEMPORARY_SUFFIX: &str = ".rbmflow-temporary";

/// As many links as Linux follows.
const MOST_LINKS: usize = 40;

/// Puts `bytes` under the name `path`: temporary file beside it, fsync, rename, fsync of the folder.
///
/// On failure the temporary file is removed and what was under the name stays. A link is kept: the file that it leads to
/// is replaced, or made.
///
/// # Errors
///
/// If the file cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let target = target_of(path)?;
    let path = target.as_path();
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let Some(name) = path.file_name() else {
        return Err(WriteError::IsFolder { path: path.to_owned() });
    };
    if let Ok(found) = std::fs::metadata(path)
        && !found.is_file()
    {
        let path = path.to_owned();
        return Err(if found.is_dir() {
            WriteError::IsFolder { path }
        } else {
            WriteError::NotPlain { path }
        });
    }
    let fail = |doing| move |source| WriteError::from_io(path, doing, source);
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(TEMPORARY_SUFFIX);
    // Results are for sharing: the usual permissions (less the umask), not those of a private temporary file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut temporary = builder.tempfile_in(folder).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            WriteError::MissingFolder { path: path.to_owned(), folder: folder.to_owned() }
        }
        _ => WriteError::from_io(path, "making a temporary file beside it", source),
    })?;
    temporary.write_all(bytes).map_err(fail("writing the temporary file"))?;
    temporary.as_file().sync_all().map_err(fail("flushing the temporary file"))?;
    temporary.persist(path).map_err(|error| fail("renaming the temporary file")(error.error))?;
    sync_folder(folder).map_err(fail("flushing the folder"))
}

/// Where a name leads to, by links that may end at a file that is not there yet.
fn target_of(path: &Path) -> Result<PathBuf, WriteError> {
    let fail = |source| WriteError::from_io(path, "following the link", source);
    let mut target = path.to_owned();
    for _ in 0..MOST_LINKS {
        if !target.is_symlink() {
            return Ok(target);
        }
        let next = std::fs::read_link(&target).map_err(fail)?;
        target = target.parent().unwrap_or(Path::new("")).join(next);
    }
    Err(fail(io::Error::other("links lead in a circle")))
}

/// Makes the rename last; without it a power cut could bring the old name back.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some network file systems have no such call; the rename is then as durable as they make it.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
            Ok(())
        }
        result => result,
    }
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
