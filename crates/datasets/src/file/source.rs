//! Reading files whole: only plain ones, and only after a look at their first bytes and their length.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::errors::ReadError;

/// The number of first bytes that are looked at.
const HEAD: usize = 1024;

/// The bytes of a plain file, once `look` has approved of the first kilobyte and of the length.
///
/// Devices, pipes, sockets and folders are refused before they are opened: some never end, others wait or do something.
///
/// # Errors
///
/// If there is no such file, it is no plain file, it is refused, or it cannot be read.
pub fn load(
    path: &Path,
    look: impl FnOnce(&[u8], u64) -> Result<(), ReadError>,
) -> Result<Vec<u8>, ReadError> {
    let fail = |source| failed(path, source);
    let (mut file, mut bytes, length) = open(path)?;
    look(&bytes, length)?;
    let rest = usize::try_from(length).unwrap_or(usize::MAX).saturating_sub(bytes.len());
    let memory = |_| fail(io::Error::new(io::ErrorKind::OutOfMemory, "there is not enough memory for it"));
    bytes.try_reserve_exact(rest).map_err(memory)?;
    file.read_to_end(&mut bytes).map_err(fail)?;
    Ok(bytes)
}

/// The first kilobyte of a plain file, or all if it is shorter.
///
/// # Errors
///
/// As [`load`].
pub fn head(path: &Path) -> Result<Vec<u8>, ReadError> {
    open(path).map(|(_, head, _)| head)
}

/// A plain file with its head, which has been read, and its length.
fn open(path: &Path) -> Result<(File, Vec<u8>, u64), ReadError> {
    let fail = |source| failed(path, source);
    let found = std::fs::metadata(path).map_err(fail)?;
    if !found.is_file() {
        let what = if found.is_dir() { "a folder" } else { "a device, pipe or socket" };
        return Err(ReadError::NotPlain { path: path.to_owned(), what });
    }
    let mut file = File::open(path).map_err(fail)?;
    let mut head = vec![];
    file.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(fail)?;
    Ok((file, head, found.len()))
}

fn failed(path: &Path, source: io::Error) -> ReadError {
    match source.kind() {
        io::ErrorKind::NotFound => ReadError::Missing { path: path.to_owned() },
        _ => ReadError::Io { path: path.to_owned(), source },
    }
}

/// The text of a plain file of at most `most` bytes.
///
/// # Errors
///
/// As [`load`], and if it is longer or no UTF-8.
pub fn load_text(path: &Path, most: u64) -> Result<String, ReadError> {
    let bytes = load(path, |_, length| {
        if length <= most { Ok(()) } else { Err(ReadError::TooLong { path: path.to_owned(), length, most }) }
    })?;
    String::from_utf8(bytes).map_err(|_| ReadError::NotText { path: path.to_owned() })
}
