//! What can go wrong with files, with the cure.

use std::io;
use std::path::{Path, PathBuf};

use crate::artifact::Version;
use crate::tree::ContentError;

/// A file could not be written. Nothing is under its name that was not there before.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum WriteError {
    #[error("cannot write `{}`: the folder `{}` does not exist; make it first", path.display(), folder.display())]
    MissingFolder { path: PathBuf, folder: PathBuf },
    #[error("cannot write `{}`: permission denied; choose another place or change the folder's permissions", path.display())]
    PermissionDenied { path: PathBuf },
    #[error("cannot write `{}`: the file system is read-only; choose another place", path.display())]
    ReadOnly { path: PathBuf },
    #[error("cannot write `{}`: no space left on the disk or in the quota; free some and run again", path.display())]
    DiskFull { path: PathBuf },
    #[error("cannot write `{}`: it is a folder; choose another name", path.display())]
    IsFolder { path: PathBuf },
    #[error("cannot write `{}`: it is a device, pipe or socket; choose another name", path.display())]
    NotPlain { path: PathBuf },
    #[error("cannot write `{}`: {doing} failed: {source}", path.display())]
    Io { path: PathBuf, doing: &'static str, source: io::Error },
    /// The content would be refused when read, so it is not written.
    #[error("cannot write `{}`: the content is not what its schema says: {source}", path.display())]
    WrongContent { path: PathBuf, source: ContentError },
    #[error("cannot write `{}`: {what}", path.display())]
    Unrepresentable { path: PathBuf, what: String },
    #[error("cannot write `{}`: the HDF5 library failed: {message}", path.display())]
    Library { path: PathBuf, message: String },
}

impl WriteError {
    /// Sorts a failed system call, made while `doing` something to a file, by its cure.
    pub fn from_io(path: &Path, doing: &'static str, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { path },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::DiskFull { path }
            }
            io::ErrorKind::IsADirectory => Self::IsFolder { path },
            _ => Self::Io { path, doing, source },
        }
    }
}

/// A file could not be read, or is refused.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ReadError {
    #[error("`{}` does not exist", path.display())]
    Missing { path: PathBuf },
    #[error("cannot read `{}`: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("cannot read `{}`: it is {what}, not a plain file; give the name of a file", path.display())]
    NotPlain { path: PathBuf, what: &'static str },
    #[error("`{}` has {length} bytes, more than the {most} of any file of its kind; check the name", path.display())]
    TooLong { path: PathBuf, length: u64, most: u64 },
    #[error("`{}` is not text", path.display())]
    NotText { path: PathBuf },
    #[error("`{}` was not closed by the program that wrote it; once that has ended, `h5clear -s {}` mends it", path.display(), path.display())]
    NotClosed { path: PathBuf },
    #[error("`{}` is not an HDF5 file of ours: {looks}; check the name, or make the file again", path.display())]
    NotHdf5 { path: PathBuf, looks: String },
    #[error("`{}` is damaged: {what}; copy it again from its source, or delete it and make it again", path.display())]
    Damaged { path: PathBuf, what: String },
    #[error("`{}` has user block version {found}, this program reads {supported}; use a newer version of the program", path.display())]
    IncompatibleBlock { path: PathBuf, found: u32, supported: u32 },
    #[error("`{}` has schema `{found}`, expected {expected}; give a file of that schema", path.display())]
    WrongSchema { path: PathBuf, found: String, expected: String },
    #[error("`{}` has schema {schema} {found}, this program reads {supported}; {cure}", path.display(),
        supported = readable(*supported), cure = cure(*found, *supported))]
    IncompatibleVersion { path: PathBuf, schema: String, found: Version, supported: Version },
    #[error("`{}` has a wrong content: {source}", path.display())]
    WrongContent { path: PathBuf, source: ContentError },
    /// A feature of HDF5 that no file of the contract uses, and that is not followed for safety.
    #[error("`{}` has {found} at `{object}`, expected {expected}; write it as the format describes", path.display())]
    Unsupported { path: PathBuf, object: String, found: String, expected: String },
}

/// The versions that a program reads.
fn readable(supported: Version) -> String {
    match supported {
        Version { major: 1, minor: 0 } => "1.0".to_owned(),
        supported => format!("1.0 to {supported}"),
    }
}

fn cure(found: Version, supported: Version) -> String {
    if found > supported {
        format!("use a version of the program that knows {found}")
    } else {
        format!("use an older version of the program, which knows {}.x, or make the file again", found.major)
    }
}

impl ReadError {
    /// The file.
    pub fn path(&self) -> &Path {
        match self {
            Self::Missing { path }
            | Self::Io { path, .. }
            | Self::NotPlain { path, .. }
            | Self::TooLong { path, .. }
            | Self::NotText { path }
            | Self::NotClosed { path }
            | Self::NotHdf5 { path, .. }
            | Self::Damaged { path, .. }
            | Self::IncompatibleBlock { path, .. }
            | Self::WrongSchema { path, .. }
            | Self::IncompatibleVersion { path, .. }
            | Self::WrongContent { path, .. }
            | Self::Unsupported { path, .. } => path,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_of_the_disk_name_their_cure() {
        let check = |kind: io::ErrorKind, word: &str| {
            let error = WriteError::from_io(Path::new("a/b.h5"), "writing", kind.into());
            let text = error.to_string();
            assert!(text.contains("`a/b.h5`") && text.contains(word), "{text}");
        };
        check(io::ErrorKind::PermissionDenied, "permission denied");
        check(io::ErrorKind::ReadOnlyFilesystem, "read-only");
        check(io::ErrorKind::StorageFull, "no space left");
        check(io::ErrorKind::QuotaExceeded, "no space left");
        check(io::ErrorKind::IsADirectory, "is a folder");
        check(io::ErrorKind::TimedOut, "writing failed: timed out");
    }

    #[test]
    fn versions_name_their_cure() {
        let version = |major, minor| Version { major, minor };
        assert_eq!(readable(version(1, 0)), "1.0");
        assert_eq!(readable(version(2, 3)), "1.0 to 2.3");
        assert_eq!(cure(version(1, 4), version(1, 3)), "use a version of the program that knows 1.4");
        assert!(cure(version(1, 9), version(2, 0)).contains("knows 1.x"));
    }
}
