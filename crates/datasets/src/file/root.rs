//! The root attributes of a file: its provenance, and those of the content.

use std::collections::BTreeMap;

use super::block::Origin;
use super::decode::Reader;
use super::errors::ReadError;
use super::library::{self, Kind};
use super::{guard, names};
use crate::artifact::{Provenance, Version};
use crate::tree::Attribute;

/// The number of different names that attributes with texts may have in a file of another program.
const MOST_NAMES: usize = 100;

/// The root attributes of a file besides the content.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) schema: String,
    pub(super) version: Version,
    pub(super) provenance: Provenance,
    /// As stored; a file that another program wrote need not have one.
    pub(super) content_hash: Option<String>,
    pub(super) attributes: BTreeMap<String, Attribute>,
}

impl Reader<'_> {
    /// The root attributes.
    pub(super) fn root(&self) -> Result<Root, ReadError> {
        let mut attributes = BTreeMap::new();
        for name in self.try_at("/", self.file.attr_names())? {
            if let Some(value) = self.attribute(&self.file, "/", &name)? {
                attributes.insert(name, value);
            }
        }
        let schema = match attributes.remove(names::SCHEMA) {
            Some(Attribute::Text(schema)) => schema,
            _ => {
                return Err(ReadError::WrongSchema {
                    path: self.path.to_owned(),
                    found: "none".to_owned(),
                    expected: "a text in the root attribute `schema`, such as `rbmflow.spins`".to_owned(),
                });
            }
        };
        let version = Version {
            major: self.count(&mut attributes, names::SCHEMA_MAJOR)?.ok_or_else(|| {
                self.unsupported("/", "no attribute `schema_major`", "the schema's major version, such as 1")
            })?,
            minor: self.count(&mut attributes, names::SCHEMA_MINOR)?.unwrap_or(0),
        };
        let mut text = |name: &str| match attributes.remove(name) {
            Some(Attribute::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.unsupported("/", &format!("no text in attribute `{name}`"), "text")),
            None => Ok(None),
        };
        let content_hash = text(names::CONTENT_HASH)?;
        let producer = text(names::PRODUCER)?.unwrap_or_else(|| "unknown".to_owned());
        let config = text(names::CONFIG)?.unwrap_or_default();
        let inputs = match text(names::INPUTS)? {
            Some(json) => serde_json::from_str(&json).map_err(|error| {
                self.unsupported("/", &format!("an attribute `inputs` that is not ours ({error})"), "JSON")
            })?,
            None => vec![],
        };
        let seed = self.seed()?;
        attributes.remove(names::SEED);
        if self.origin != Origin::Foreign && content_hash.is_none() {
            return Err(self.damaged("it has no content hash".to_owned()));
        }
        let provenance = Provenance { producer, config, seed, inputs };
        Ok(Root { schema, version, provenance, content_hash, attributes })
    }

    /// An attribute that exists, or `None` if it is something that no attribute of ours is.
    pub(super) fn attribute(
        &self,
        location: &hdf5::Location,
        path: &str,
        name: &str,
    ) -> Result<Option<Attribute>, ReadError> {
        let at = format!("{path} (attribute `{name}`)");
        let attribute = self.try_at(&at, location.attr(name))?;
        let Some(extent) = self.try_at(&at, library::extent(&attribute))? else {
            return Ok(None);
        };
        let kind = self.try_at(&at, library::kind(&attribute))?;
        // An attribute is stored uncompressed, so it cannot be longer than the file.
        if attribute.storage_size() > self.file.size() {
            return Err(self.unsupported(&at, "more bytes than the file has", "a short attribute"));
        }
        Ok(match (kind, extent.as_slice()) {
            (Kind::Text, [] | [1]) if !self.may_read_text(&at, &attribute, name)? => {
                return Err(self.damaged(format!("`{at}` has a text without end")));
            }
            (Kind::Text, [] | [1]) => Some(Attribute::Text(self.try_at(&at, library::text(&attribute))?)),
            (Kind::Signed(_), []) => {
                Some(Attribute::Integer(self.try_at(&at, attribute.read_scalar::<i64>())?))
            }
            (Kind::Unsigned(_), []) => {
                let value = self.try_at(&at, attribute.read_scalar::<u64>())?;
                i64::try_from(value).ok().map(Attribute::Integer)
            }
            (Kind::Real(_), []) => Some(Attribute::Real(self.try_at(&at, attribute.read_scalar::<f64>())?)),
            (Kind::Real(_), [0]) => Some(Attribute::Reals(vec![])),
            (Kind::Real(_), [_]) => Some(Attribute::Reals(self.try_at(&at, attribute.read_raw::<f64>())?)),
            (Kind::Signed(_), [_]) => {
                Some(Attribute::Integers(self.try_at(&at, attribute.read_raw::<i64>())?))
            }
            (Kind::Unsigned(_), [_]) => {
                let values = self.try_at(&at, attribute.read_raw::<u64>())?;
                let values: Result<Vec<i64>, _> = values.into_iter().map(i64::try_from).collect();
                values.ok().map(Attribute::Integers)
            }
            _ => None,
        })
    }

    /// Whether the library can be trusted with a text: the hash of a file of ours vouches for it.
    fn may_read_text(&self, at: &str, attribute: &hdf5::Attribute, name: &str) -> Result<bool, ReadError> {
        if self.origin == Origin::Ours || !self.try_at(at, library::is_variable_text(attribute))? {
            return Ok(true);
        }
        let mut known = self.short_texts.borrow_mut();
        if let Some(&short) = known.get(name) {
            return Ok(short);
        }
        // Each name is searched in the whole file.
        let short = known.len() < MOST_NAMES && guard::text_is_short(self.bytes, name);
        known.insert(name.to_owned(), short);
        Ok(short)
    }

    /// The seed, which uses all of u64.
    fn seed(&self) -> Result<u64, ReadError> {
        if !self.try_at("/", self.file.attr_names())?.iter().any(|name| name == names::SEED) {
            return Ok(0);
        }
        let attribute = self.try_at("/", self.file.attr(names::SEED))?;
        let extent = self.try_at("/", library::extent(&attribute))?;
        let scalar = extent.is_some_and(|extent| matches!(extent[..], [] | [1]));
        let kind = self.try_at("/", library::kind(&attribute))?;
        let seed = match kind {
            Kind::Unsigned(_) if scalar => self.try_at("/", attribute.read_raw::<u64>())?.first().copied(),
            Kind::Signed(_) if scalar => {
                let values = self.try_at("/", attribute.read_raw::<i64>())?;
                values.first().and_then(|&value| u64::try_from(value).ok())
            }
            _ => None,
        };
        seed.ok_or_else(|| {
            self.unsupported("/", "no seed in attribute `seed`", "an integer from 0 to 2^64 - 1")
        })
    }

    /// Removes an attribute that counts something.
    fn count(
        &self,
        attributes: &mut BTreeMap<String, Attribute>,
        name: &str,
    ) -> Result<Option<u32>, ReadError> {
        match attributes.remove(name) {
            None => Ok(None),
            Some(value) => match value.integer().and_then(|value| u32::try_from(value).ok()) {
                Some(value) => Ok(Some(value)),
                None => Err(self.unsupported("/", &format!("no count in attribute `{name}`"), "an integer")),
            },
        }
    }
}
