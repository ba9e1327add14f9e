//! The names of the attributes that every file has.

pub(super) const SCHEMA: &str = "schema";
pub(super) const SCHEMA_MAJOR: &str = "schema_major";
pub(super) const SCHEMA_MINOR: &str = "schema_minor";
pub(super) const PRODUCER: &str = "producer";
pub(super) const CONFIG: &str = "config";
pub(super) const SEED: &str = "seed";
pub(super) const INPUTS: &str = "inputs";
pub(super) const CONTENT_HASH: &str = "content_hash";

/// The root attributes that no content may use.
pub(super) const RESERVED: [&str; 8] =
    [SCHEMA, SCHEMA_MAJOR, SCHEMA_MINOR, PRODUCER, CONFIG, SEED, INPUTS, CONTENT_HASH];

/// Of each dataset.
pub(super) const DESCRIPTION: &str = "description";
/// Of each dataset.
pub(super) const UNITS: &str = "units";
/// Of each dataset.
pub(super) const DIMS: &str = "dims";
