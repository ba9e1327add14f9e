//! What all files have in common: schema, version, provenance.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::tree::{ContentError, Tree};

/// The version of a schema. The major part changes when old readers would misread, the minor part when they would
/// only miss something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Version {
    pub major: u32,
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A type that is stored as one file.
pub trait Artifact: Sized {
    /// The schema's name, such as `rbmflow.spins`.
    const SCHEMA: &'static str;
    /// The version that is written.
    const VERSION: Version;

    /// The content as named arrays.
    fn to_tree(&self) -> Tree;

    /// The content back from named arrays.
    ///
    /// # Errors
    ///
    /// If an array is missing, has another type or shape, or holds a value outside its range.
    fn from_tree(tree: &Tree) -> Result<Self, ContentError>;
}

/// Which file another one was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// What the file was used as, such as `training`.
    pub role: String,
    /// The file's schema.
    pub schema: String,
    /// The file's content hash, in hexadecimal digits.
    pub content_hash: String,
}

/// What a file says about its own making: all that is needed to make it again, and no time, host or path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The program and its version.
    pub producer: String,
    /// The full config of the stage as TOML, defaults filled in.
    pub config: String,
    /// The master seed.
    pub seed: u64,
    /// The files it was made from.
    pub inputs: Vec<Input>,
}

impl Provenance {
    /// Whether a machine that was made so was trained on the configurations with a hash; unknown of machines of other
    /// programs, which have no inputs.
    pub fn is_trained_on(&self, content_hash: &str) -> Option<bool> {
        let mut trained = self.inputs.iter().filter(|input| input.role == "spins").peekable();
        trained.peek()?;
        Some(trained.any(|input| input.content_hash == content_hash))
    }
}

/// An artifact with its provenance, as read from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored<T> {
    /// The artifact.
    pub content: T,
    /// How it was made.
    pub provenance: Provenance,
    /// The hash over every dataset's name, type, shape and bytes, and over the config, in hexadecimal digits.
    pub content_hash: String,
}
