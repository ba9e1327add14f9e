//! Artifacts as HDF5 files.
//!
//! One file holds one artifact. It begins with a user block of 512 bytes, which HDF5 programs skip:
//!
//! | bytes | content |
//! | --- | --- |
//! | 0..16 | magic: `\x89RBMFLOW\r\n\x1a\n` and four zeros |
//! | 16..20 | version of the block, u32: 1 |
//! | 24..32 | length of the rest of the file in bytes, u64 |
//! | 32..64 | BLAKE3 hash of the rest of the file |
//! | others | zeros |
//!
//! (integers little endian). The hash is checked before the HDF5 library parses anything. The HDF5 part has the root
//! attributes `schema`, `schema_major`, `schema_minor`, `producer`, `config` (TOML), `seed` (u64), `inputs` (JSON),
//! `content_hash` ([`Tree::content_hash`](crate::Tree::content_hash)) and those of the content; each dataset has
//! `description`, `units` and `dims` (axis names, comma separated). All texts are UTF-8 of variable length, which
//! h5py shows as `str`. Equal artifacts with equal provenance are equal files, byte for byte.
//!
//! # Files of other programs
//!
//! A file that begins with the HDF5 signature (so without user block; h5py writes such) is accepted if its content
//! is. It needs the root attributes `schema` and `schema_major` (an integer) and what its schema's type asks for; for
//! [`Spins`](crate::Spins) that is the attribute `size` and the datasets `samples`, `labels` and `temperature`. The
//! other root attributes and those of datasets may be missing; a `content_hash` must be right if it is there. Numbers
//! may have any integer or real type, either byte order and any storage (contiguous, compact, chunked; deflate,
//! shuffle, Fletcher-32), as long as each number stays the same in the type of the schema. Attributes that are not
//! text, numbers or lists of numbers are ignored. Refused, whatever they hold: soft and external links, a second link
//! to an object, datasets whose numbers are in other files or are not numbers, and files that declare more than
//! 64 MiB plus 32 times their length.
//!
//! The HDF5 library itself parses such a file, whose bytes nothing vouches for. The bundled one (2.2.0) withstood 360,000
//! damaged files here within 150 MB, apart from three faults that are now looked for beforehand (texts in an endless heap
//! or longer than the file, chunks shorter than their checksum); older ones, which the feature `system-hdf5` may find,
//! crash on some (1.10.8 does). Memory stays within a few times what a file may declare, but for chunks that were made to
//! harm: they may unpack to 1032 times their stored length before the library sees that they are wrong.
//!
//! # Threads
//!
//! HDF5 is not made for threads: a lock of the process is held while a file is packed or unpacked. Files are read and
//! written as bytes in memory, so no handle outlives a call, nothing is locked on the disk, and a failed write of the
//! disk is an ordinary error.
//!
//! # Example
//!
//! ```
//! use datasets::{Artifact, Provenance, Rbm, Units, file};
//!
//! let machine = Rbm {
//!     units: Units::Spin,
//!     weights: ndarray::arr2(&[[0.5, -0.5, 1.0], [0.0, 1.0, 2.0]]),
//!     visible_bias: ndarray::arr1(&[0.0, 0.0]),
//!     hidden_bias: ndarray::arr1(&[0.0, 0.0, 0.0]),
//!     training_temperatures: vec![0.0, 2.0],
//!     updates: 7,
//!     history_epoch: vec![],
//!     history: Default::default(),
//! };
//! let provenance =
//!     Provenance { producer: "example 1.0".to_owned(), config: String::new(), seed: 1, inputs: vec![] };
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("rbm.h5");
//! let hash = file::write(&path, &machine, &provenance)?;
//! let stored = file::read::<Rbm>(&path)?;
//! assert_eq!(stored.content, machine);
//! assert_eq!(stored.content_hash, hash);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod block;
mod decode;
mod encode;
mod errors;
mod guard;
mod library;
mod names;
mod replace;
mod root;
mod superblock;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

pub use errors::{ReadError, WriteError};
pub use replace::{TEMPORARY_SUFFIX, replace};

use crate::artifact::{Artifact, Provenance, Stored, Version};
use crate::tree::{Attribute, Tree};
use block::Origin;
use decode::Reader;
use root::Root;

/// What a file says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The schema's name.
    pub schema: String,
    /// The schema's version.
    pub version: Version,
    /// How it was made.
    pub provenance: Provenance,
    /// The hash of the content and the config, in hexadecimal digits.
    pub content_hash: String,
    /// Whether this library wrote the file, so that the hash of every byte could be checked.
    pub sealed: bool,
    /// The root attributes that belong to the content.
    pub attributes: BTreeMap<String, Attribute>,
    /// The datasets, sorted by path.
    pub datasets: Vec<DatasetHeader>,
}

/// What a file says about one of its datasets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetHeader {
    /// Where it is, without leading `/`.
    pub path: String,
    /// The element type's name, as in Rust.
    pub element: String,
    /// The axis lengths.
    pub shape: Vec<usize>,
    /// The unit; `1` if there is none.
    pub units: String,
    /// The names of the axes.
    pub dims: Vec<String>,
    /// What the numbers are.
    pub description: String,
}

/// Writes an artifact; returns its content hash, in hexadecimal digits.
///
/// A file that is under the name already is replaced in one step, and kept if anything fails.
///
/// # Errors
///
/// If the content is not what its schema says (it could not be read back), or the file cannot be written.
pub fn write<T: Artifact>(path: &Path, artifact: &T, provenance: &Provenance) -> Result<String, WriteError> {
    let (bytes, content_hash) = to_bytes(path, artifact, provenance)?;
    replace::replace(path, &bytes)?;
    Ok(content_hash)
}

/// The bytes that [`write()`] would put under the name `path`, and the content hash.
///
/// # Errors
///
/// As [`write()`], without those of the disk.
pub fn to_bytes<T: Artifact>(
    path: &Path,
    artifact: &T,
    provenance: &Provenance,
) -> Result<(Vec<u8>, String), WriteError> {
    let mut tree = artifact.to_tree();
    tree.settle_nan();
    T::from_tree(&tree).map_err(|source| WriteError::WrongContent { path: path.to_owned(), source })?;
    let content_hash = tree.content_hash(&provenance.config);
    let root =
        encode::Root { schema: T::SCHEMA, version: T::VERSION, provenance, content_hash: &content_hash };
    let bytes = encode::encode(path, &root, &tree)?;
    Ok((bytes, content_hash))
}

/// Reads an artifact and checks everything: the hash of the file, schema and version, types, shapes, value ranges,
/// and the content hash.
///
/// # Errors
///
/// If the file cannot be read or is refused; the error names file, object, what was found, what was expected, and the
/// cure.
pub fn read<T: Artifact>(path: &Path) -> Result<Stored<T>, ReadError> {
    from_bytes(path, &load(path)?)
}

/// As [`read`], of the bytes of a file that are in memory; `path` is what errors call it.
///
/// # Errors
///
/// As [`read`], without those of the disk.
pub fn from_bytes<T: Artifact>(path: &Path, bytes: &[u8]) -> Result<Stored<T>, ReadError> {
    let (root, tree, content_hash) = take_apart(path, bytes, |root| {
        check_schema::<T>(path, root)?;
        check_version::<T>(path, root)
    })?;
    let content =
        T::from_tree(&tree).map_err(|source| ReadError::WrongContent { path: path.to_owned(), source })?;
    Ok(Stored { content, provenance: root.provenance, content_hash })
}

/// Reads what a file says about itself, of any schema and version. The hash of the file is checked, its numbers are not
/// looked at.
///
/// # Errors
///
/// As [`read`].
pub fn read_header(path: &Path) -> Result<Header, ReadError> {
    let bytes = load(path)?;
    let origin = block::check(&bytes, path)?;
    library::exclusively(|| {
        let mut reader = Reader::open(path, &bytes, origin)?;
        let root = reader.root()?;
        let datasets = reader.headers()?;
        drop(reader);
        let content_hash = match &root.content_hash {
            Some(hash) => hash.clone(),
            None => {
                let tree = Reader::open(path, &bytes, origin)?.tree(&root)?;
                tree.content_hash(&root.provenance.config)
            }
        };
        Ok(header(root, content_hash, origin, datasets))
    })
}

/// Reads a file of any schema of this version of the library and checks everything that [`read`] checks.
///
/// # Errors
///
/// As [`read`].
pub fn verify(path: &Path) -> Result<Header, ReadError> {
    verify_bytes(path, &load(path)?)
}

/// As [`verify`], of the bytes of a file that are in memory; `path` is what errors call it.
///
/// # Errors
///
/// As [`verify`], without those of the disk.
pub fn verify_bytes(path: &Path, bytes: &[u8]) -> Result<Header, ReadError> {
    macro_rules! by_schema {
        ($schema:expr, $function:ident, $arguments:tt, [$($artifact:ident),*]) => {
            match $schema {
                $(name if name == crate::$artifact::SCHEMA => by_schema!(@call $function, $artifact, $arguments),)*
                found => {
                    let known = [$(crate::$artifact::SCHEMA),*].join("`, `");
                    let expected = format!("one of `{known}`");
                    Err(ReadError::WrongSchema { path: path.to_owned(), found: found.to_owned(), expected })
                }
            }
        };
        (@call $function:ident, $artifact:ident, ($($argument:expr),*)) => {
            $function::<crate::$artifact>(path, $($argument),*)
        };
    }
    let (root, tree, content_hash) = take_apart(path, bytes, |root| {
        by_schema!(
            root.schema.as_str(),
            check_version,
            (root),
            [Spins, EquationOfState, Rbm, Thermometer, Flow, Weights, Likelihood, Figures]
        )
    })?;
    by_schema!(
        root.schema.as_str(),
        check_content,
        (&tree),
        [Spins, EquationOfState, Rbm, Thermometer, Flow, Weights, Likelihood, Figures]
    )?;
    let origin = block::check(bytes, path)?;
    let datasets = library::exclusively(|| Reader::open(path, bytes, origin)?.headers())?;
    Ok(header(root, content_hash, origin, datasets))
}

fn header(root: Root, content_hash: String, origin: Origin, datasets: Vec<DatasetHeader>) -> Header {
    let Root { schema, version, provenance, attributes, .. } = root;
    Header { schema, version, provenance, content_hash, sealed: origin == Origin::Ours, attributes, datasets }
}

/// All that is in the file, after the checks that do not depend on the schema and `check`, which sees the root
/// attributes before any array is unpacked.
fn take_apart(
    path: &Path,
    bytes: &[u8],
    check: impl FnOnce(&Root) -> Result<(), ReadError>,
) -> Result<(Root, Tree, String), ReadError> {
    let origin = block::check(bytes, path)?;
    let (root, tree) = library::exclusively(|| {
        let mut reader = Reader::open(path, bytes, origin)?;
        let root = reader.root()?;
        check(&root)?;
        let tree = reader.tree(&root)?;
        Ok((root, tree))
    })?;
    let content_hash = tree.content_hash(&root.provenance.config);
    match &root.content_hash {
        Some(stored) if *stored != content_hash => {
            let what = format!("its content has the hash {content_hash}, but it says {stored}");
            Err(ReadError::Damaged { path: path.to_owned(), what })
        }
        _ => Ok((root, tree, content_hash)),
    }
}

fn check_schema<T: Artifact>(path: &Path, root: &Root) -> Result<(), ReadError> {
    if root.schema == T::SCHEMA {
        return Ok(());
    }
    Err(ReadError::WrongSchema {
        path: path.to_owned(),
        found: root.schema.clone(),
        expected: format!("`{}`", T::SCHEMA),
    })
}

/// The major version must be ours and the minor version no newer: a newer file may say something that matters.
fn check_version<T: Artifact>(path: &Path, root: &Root) -> Result<(), ReadError> {
    if root.version.major == T::VERSION.major && root.version.minor <= T::VERSION.minor {
        return Ok(());
    }
    Err(ReadError::IncompatibleVersion {
        path: path.to_owned(),
        schema: root.schema.clone(),
        found: root.version,
        supported: T::VERSION,
    })
}

fn check_content<T: Artifact>(path: &Path, tree: &Tree) -> Result<(), ReadError> {
    T::from_tree(tree).map(|_| ()).map_err(|source| ReadError::WrongContent { path: path.to_owned(), source })
}

fn load(path: &Path) -> Result<Vec<u8>, ReadError> {
    std::fs::read(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => ReadError::Missing { path: path.to_owned() },
        _ => ReadError::Io { path: path.to_owned(), source },
    })
}
