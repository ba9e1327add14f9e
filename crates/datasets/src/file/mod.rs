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
//! A file that begins with the HDF5 signature (so without user block; h5py writes such) is accepted if its content is.
//! So is one of ours that has been annotated or repacked since, as long as its content still has its `content_hash`
//! ([`Integrity::Annotated`]); otherwise it is damaged. A file needs the root attributes `schema` and `schema_major`
//! (an integer) and what its schema's type asks for; for [`Spins`](crate::Spins) that is the attribute `size` and the
//! datasets `samples`, `labels` and `temperature`. The other root attributes and those of datasets may be missing; a
//! `content_hash` must be right if it is there. Numbers may have any integer or real type, either byte order and any
//! storage (contiguous, compact, chunked; deflate, shuffle, Fletcher-32), as long as each number stays the same in the
//! type of the schema. Attributes that are not text, numbers or lists of numbers are ignored, and a list of one is as
//! good as a number. Soft and external links are not followed, and datasets whose numbers are in other files or are not
//! numbers are not read; they may be there as long as the schema does not ask for them. Refused, whatever they hold:
//! files that declare more than 64 MiB plus 32 times their length.
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
mod scales;
mod source;
mod superblock;
mod torchrbm;

use std::collections::BTreeMap;
use std::path::Path;

pub use block::{looks_foreign, looks_ours};
pub use errors::{ReadError, WriteError};
pub use replace::{TEMPORARY_SUFFIX, replace};
pub use source::{head, load, load_text};
pub use torchrbm::{read_torchrbm, to_torchrbm};

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
    /// What is known of its bytes.
    pub integrity: Integrity,
    /// The root attributes that belong to the content.
    pub attributes: BTreeMap<String, Attribute>,
    /// The datasets, sorted by path.
    pub datasets: Vec<DatasetHeader>,
}

/// What is known of the bytes of a file that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integrity {
    /// Every byte is as this library wrote it.
    AsMade,
    /// Somebody has annotated or repacked the file; its content and config still have their hash.
    Annotated,
    /// There is no hash that changes could be seen by: another program wrote it.
    WithoutHash,
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
    from_bytes(path, &load_hdf5(path)?)
}

/// As [`read`], of the bytes of a file that are in memory; `path` is what errors call it.
///
/// # Errors
///
/// As [`read`], without those of the disk.
pub fn from_bytes<T: Artifact>(path: &Path, bytes: &[u8]) -> Result<Stored<T>, ReadError> {
    let parts = take_apart(path, bytes, |root| {
        check_schema::<T>(path, root)?;
        check_version::<T>(path, root)
    })?;
    let (content, content_hash, _) = parts.content::<T>(path)?;
    Ok(Stored { content, provenance: parts.root.provenance, content_hash })
}

/// Reads what a file says about itself, of any schema and version. The hash of the file is checked; its numbers are not
/// looked at unless their own hash is all there is.
///
/// # Errors
///
/// As [`read`].
pub fn read_header(path: &Path) -> Result<Header, ReadError> {
    let bytes = load_hdf5(path)?;
    let (origin, _) = block::check(&bytes, path)?;
    if origin == Origin::Changed {
        return verify_bytes(path, &bytes);
    }
    let root = library::exclusively(|| Reader::open(path, &bytes, origin)?.root())?;
    if origin == Origin::Foreign && root.content_hash.is_some() {
        return verify_bytes(path, &bytes);
    }
    library::exclusively(|| {
        let datasets = Reader::open(path, &bytes, origin)?.headers()?;
        let (content_hash, integrity) = match &root.content_hash {
            Some(hash) => (hash.clone(), Integrity::AsMade),
            None => {
                let tree = Reader::open(path, &bytes, origin)?.tree(root.attributes.clone())?;
                (tree.content_hash(&root.provenance.config), Integrity::WithoutHash)
            }
        };
        Ok(header(root, content_hash, integrity, datasets))
    })
}

/// Reads a file of any schema of this version of the library and checks everything that [`read`] checks.
///
/// # Errors
///
/// As [`read`].
pub fn verify(path: &Path) -> Result<Header, ReadError> {
    verify_bytes(path, &load_hdf5(path)?)
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
    let parts = take_apart(path, bytes, |root| {
        by_schema!(
            root.schema.as_str(),
            check_version,
            (root),
            [Spins, EquationOfState, Rbm, Thermometer, Flow, Weights, Likelihood, Figures]
        )
    })?;
    let (content_hash, integrity) = by_schema!(
        parts.root.schema.as_str(),
        check_content,
        (&parts),
        [Spins, EquationOfState, Rbm, Thermometer, Flow, Weights, Likelihood, Figures]
    )?;
    let datasets = library::exclusively(|| Reader::open(path, bytes, parts.origin)?.headers())?;
    Ok(header(parts.root, content_hash, integrity, datasets))
}

fn header(root: Root, content_hash: String, integrity: Integrity, datasets: Vec<DatasetHeader>) -> Header {
    let Root { schema, version, provenance, attributes, .. } = root;
    Header { schema, version, provenance, content_hash, integrity, attributes, datasets }
}

/// All that is in a file, and what is known of its bytes.
struct Parts {
    root: Root,
    tree: Tree,
    origin: Origin,
    /// What is wrong with the bytes of a file of ours.
    changed: Option<String>,
}

impl Parts {
    /// The content with its hash, which is right if there is one.
    fn content<T: Artifact>(&self, path: &Path) -> Result<(T, String, Integrity), ReadError> {
        let damaged = |what| ReadError::Damaged { path: path.to_owned(), what };
        let content = T::from_tree(&self.tree).map_err(|source| match &self.changed {
            Some(what) => damaged(what.clone()),
            None => ReadError::WrongContent { path: path.to_owned(), source },
        })?;
        let config = &self.root.provenance.config;
        let found = self.tree.content_hash(config);
        let as_stored = |hash: &String| {
            // What has been added is no part of the content.
            let schema = content.to_tree();
            let mut own = self.tree.clone();
            own.attributes.retain(|name, _| schema.attributes.contains_key(name));
            own.datasets.retain(|path, _| schema.datasets.contains_key(path));
            own.content_hash(config) == *hash
        };
        match (&self.root.content_hash, self.origin) {
            (None, _) => Ok((content, found, Integrity::WithoutHash)),
            (Some(hash), Origin::Ours) if *hash == found => Ok((content, found, Integrity::AsMade)),
            (Some(hash), Origin::Changed | Origin::Foreign) if *hash == found || as_stored(hash) => {
                Ok((content, hash.clone(), Integrity::Annotated))
            }
            (Some(hash), _) => {
                let what = || format!("its content has the hash {found}, but it says {hash}");
                Err(damaged(self.changed.clone().unwrap_or_else(what)))
            }
        }
    }
}

/// All that is in the file, after the checks that do not depend on the schema and `check`, which sees the root
/// attributes before any array is unpacked.
fn take_apart(
    path: &Path,
    bytes: &[u8],
    check: impl FnOnce(&Root) -> Result<(), ReadError>,
) -> Result<Parts, ReadError> {
    let (origin, changed) = block::check(bytes, path)?;
    let parts = library::exclusively(|| {
        let mut reader = Reader::open(path, bytes, origin)?;
        let root = reader.root()?;
        check(&root)?;
        let tree = reader.tree(root.attributes.clone())?;
        Ok((root, tree))
    });
    match (parts, changed) {
        (Ok((root, tree)), changed) => Ok(Parts { root, tree, origin, changed }),
        (Err(error), None) => Err(error),
        (
            Err(
                error @ (ReadError::WrongSchema { .. }
                | ReadError::IncompatibleVersion { .. }
                | ReadError::NotClosed { .. }),
            ),
            _,
        ) => Err(error),
        // What was found beyond that the bytes have changed may be anything.
        (Err(_), Some(what)) => Err(ReadError::Damaged { path: path.to_owned(), what }),
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

/// The version must be no newer than ours: a newer file may say something that matters. Older ones are read, of major
/// versions from 1.
fn check_version<T: Artifact>(path: &Path, root: &Root) -> Result<(), ReadError> {
    if root.version.major >= 1 && root.version <= T::VERSION {
        return Ok(());
    }
    Err(ReadError::IncompatibleVersion {
        path: path.to_owned(),
        schema: root.schema.clone(),
        found: root.version,
        supported: T::VERSION,
    })
}

fn check_content<T: Artifact>(path: &Path, parts: &Parts) -> Result<(String, Integrity), ReadError> {
    parts.content::<T>(path).map(|(_, content_hash, integrity)| (content_hash, integrity))
}

fn load_hdf5(path: &Path) -> Result<Vec<u8>, ReadError> {
    load(path, |head, _| block::look(head, path))
}
