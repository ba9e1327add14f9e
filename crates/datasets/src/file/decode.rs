//! From the bytes of a file to a tree and its provenance. Nothing in the file is trusted.

use std::collections::BTreeMap;
use std::path::Path;

use hdf5::dataset::Layout;
use hdf5::filters::Filter;
use hdf5::{Group, IndexType, IterationOrder, LinkType, LocationToken, LocationType};
use ndarray::{ArrayD, IxDyn};

use super::block::Origin;
use super::errors::ReadError;
use super::library::{self, Kind};
use super::{DatasetHeader, names};
use crate::artifact::{Provenance, Version};
use crate::tree::{Attribute, Dataset, Tree};
use crate::values::{Element, Values};

/// What a file may declare beyond a multiple of its length: arrays of equal numbers compress well.
const ALLOWANCE: u64 = 64 << 20;
/// How many times its own length a file of ours may unpack to: the limit of zlib.
const OUR_RATIO: u64 = 1032;
/// The same for a file whose bytes are not protected by our hash.
const FOREIGN_RATIO: u64 = 32;
/// Groups within groups.
const DEEPEST: usize = 16;

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

/// A file in memory while it is read.
pub(super) struct Reader<'a> {
    path: &'a Path,
    file: hdf5::File,
    origin: Origin,
    /// The bytes that datasets may still declare.
    budget: u64,
    /// The objects met so far; a second link to one could be a cycle.
    met: Vec<LocationToken>,
}

impl<'a> Reader<'a> {
    /// Opens the bytes of a file, which [`super::block::check`] has seen.
    pub(super) fn open(path: &'a Path, bytes: &[u8], origin: Origin) -> Result<Self, ReadError> {
        let ratio = match origin {
            Origin::Ours => OUR_RATIO,
            Origin::Foreign => FOREIGN_RATIO,
        };
        let budget = ALLOWANCE.saturating_add((bytes.len() as u64).saturating_mul(ratio));
        let file = library::open_image(bytes)
            .map_err(|error| ReadError::Damaged { path: path.to_owned(), what: error.to_string() })?;
        Ok(Self { path, file, origin, budget, met: vec![] })
    }

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
        if self.origin == Origin::Ours && content_hash.is_none() {
            return Err(self.damaged("it has no content hash".to_owned()));
        }
        let provenance = Provenance { producer, config, seed, inputs };
        Ok(Root { schema, version, provenance, content_hash, attributes })
    }

    /// The names, shapes and meanings of all datasets, sorted by path.
    pub(super) fn headers(&mut self) -> Result<Vec<DatasetHeader>, ReadError> {
        let mut found = vec![];
        self.walk(&self.file.clone(), "", 0, &mut found)?;
        let mut headers = vec![];
        for (path, dataset) in found {
            headers.push(self.header(path, &dataset)?.0);
        }
        headers.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(headers)
    }

    /// All datasets with their values.
    pub(super) fn datasets(&mut self) -> Result<BTreeMap<String, Dataset>, ReadError> {
        let mut found = vec![];
        self.walk(&self.file.clone(), "", 0, &mut found)?;
        let mut datasets = BTreeMap::new();
        for (path, dataset) in found {
            let (header, kind) = self.header(path, &dataset)?;
            let values = self.values(&header, kind, &dataset)?;
            let DatasetHeader { path, description, units, dims, .. } = header;
            datasets.insert(path, Dataset { description, units, dims, values });
        }
        Ok(datasets)
    }

    /// The content.
    pub(super) fn tree(&mut self, root: &Root) -> Result<Tree, ReadError> {
        Ok(Tree { attributes: root.attributes.clone(), datasets: self.datasets()? })
    }

    fn walk(
        &mut self,
        group: &Group,
        prefix: &str,
        depth: usize,
        found: &mut Vec<(String, hdf5::Dataset)>,
    ) -> Result<(), ReadError> {
        if depth > DEEPEST {
            return Err(self.unsupported(prefix, "groups within groups without end", "at most 16 levels"));
        }
        for (name, link) in self.try_at(prefix, group.links(IndexType::Name, IterationOrder::Increasing))? {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            match link.link_type {
                LinkType::Hard => {}
                LinkType::Soft => return Err(self.unsupported(&path, "a soft link", "the data itself")),
                LinkType::External => {
                    return Err(self.unsupported(&path, "a link to another file", "the data itself"));
                }
            }
            let info = self.try_at(&path, group.loc_info_by_name(&name))?;
            if self.met.contains(&info.token) {
                return Err(self.unsupported(&path, "a second link to the same object", "one link to each"));
            }
            self.met.push(info.token);
            match info.loc_type {
                LocationType::Group => {
                    let inner = self.try_at(&path, group.group(&name))?;
                    self.walk(&inner, &path, depth + 1, found)?;
                }
                LocationType::Dataset => {
                    let dataset = self.try_at(&path, group.dataset(&name))?;
                    found.push((path, dataset));
                }
                _ => {
                    return Err(self.unsupported(&path, "an object of another kind", "a group or a dataset"));
                }
            }
        }
        Ok(())
    }

    /// What is declared about a dataset; the values are safe to read afterwards.
    fn header(&mut self, path: String, dataset: &hdf5::Dataset) -> Result<(DatasetHeader, Kind), ReadError> {
        let kind = self.try_at(&path, library::kind(dataset))?;
        let bits = match kind {
            Kind::Signed(bits) | Kind::Unsigned(bits) | Kind::Real(bits) => bits,
            Kind::Text | Kind::Other(_) => {
                return Err(self.unsupported(&path, &kind.name(), "numbers"));
            }
        };
        let Some(extent) = self.try_at(&path, library::extent(dataset))? else {
            return Err(self.unsupported(&path, "a dataset declared to be empty", "an array"));
        };
        let declared = bytes_of(&extent, bits);
        self.spend(&path, declared)?;
        let creation = self.try_at(&path, dataset.create_plist())?;
        let filters = self.try_at(&path, creation.get_filters())?;
        let known =
            |filter: &Filter| matches!(filter, Filter::Deflate(_) | Filter::Shuffle | Filter::Fletcher32);
        if !filters.iter().all(known) {
            return Err(self.unsupported(
                &path,
                "a filter of another kind",
                "deflate, shuffle or Fletcher-32",
            ));
        }
        if !self.try_at(&path, creation.get_external())?.is_empty() {
            return Err(self.unsupported(&path, "its numbers in another file", "the data itself"));
        }
        match self.try_at(&path, creation.get_layout())? {
            Layout::Chunked => {
                let chunk = self.try_at(&path, creation.get_chunk())?.unwrap_or_default();
                let chunk: Vec<u64> = chunk.iter().map(|&length| length as u64).collect();
                // Each chunk is unpacked whole, whatever part of it is inside the array.
                if bytes_of(&chunk, bits).is_none_or(|bytes| bytes > ALLOWANCE) {
                    return Err(self.unsupported(
                        &path,
                        &format!("chunks of {chunk:?}"),
                        "chunks below 64 MiB",
                    ));
                }
            }
            Layout::Compact | Layout::Contiguous => {
                let stored = dataset.storage_size();
                if declared != Some(stored) {
                    let found = format!("{stored} bytes for shape {extent:?}");
                    return Err(self.unsupported(&path, &found, "as many as the shape says"));
                }
            }
            Layout::Virtual => {
                return Err(self.unsupported(&path, "a view of other datasets", "the data itself"));
            }
        }
        let shape: Vec<usize> = extent.iter().filter_map(|&length| usize::try_from(length).ok()).collect();
        if shape.len() != extent.len() {
            return Err(self.unsupported(&path, &format!("shape {extent:?}"), "less than the memory holds"));
        }
        let describe = |name: &str| match self.attribute(dataset, &path, name)? {
            Some(Attribute::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.unsupported(&path, &format!("no text in attribute `{name}`"), "text")),
            None => Ok(None),
        };
        let description = describe(names::DESCRIPTION)?.unwrap_or_default();
        let units = describe(names::UNITS)?.unwrap_or_else(|| "1".to_owned());
        let dims: Vec<String> = match describe(names::DIMS)? {
            Some(dims) => dims.split(',').filter(|dim| !dim.is_empty()).map(str::to_owned).collect(),
            None => (0..shape.len()).map(|axis| format!("axis{axis}")).collect(),
        };
        if dims.len() != shape.len() {
            let found = format!("{} names in `dims` for {} axes", dims.len(), shape.len());
            return Err(self.unsupported(&path, &found, "one name for each axis"));
        }
        Ok((DatasetHeader { path, element: kind.name(), shape, units, dims, description }, kind))
    }

    /// Counts what is declared against the limit, so that a small file cannot ask for all of the memory.
    fn spend(&mut self, path: &str, declared: Option<u64>) -> Result<(), ReadError> {
        match declared.and_then(|bytes| self.budget.checked_sub(bytes)) {
            Some(left) => {
                self.budget = left;
                Ok(())
            }
            None => {
                let found = match declared {
                    Some(bytes) => format!("{bytes} bytes of numbers declared"),
                    None => "more numbers declared than can be counted".to_owned(),
                };
                let expected = format!(
                    "at most {} more for a file of this length (store large arrays uncompressed)",
                    self.budget
                );
                Err(self.unsupported(path, &found, &expected))
            }
        }
    }

    fn values(
        &self,
        header: &DatasetHeader,
        kind: Kind,
        dataset: &hdf5::Dataset,
    ) -> Result<Values, ReadError> {
        match kind {
            Kind::Signed(8) => Ok(Values::I8(self.array(header, dataset)?)),
            Kind::Signed(16) => Ok(Values::I32(self.array::<i16>(header, dataset)?.mapv(i32::from))),
            Kind::Signed(32) => Ok(Values::I32(self.array(header, dataset)?)),
            Kind::Signed(64) => {
                let array = self.array::<i64>(header, dataset)?;
                narrowest(&array).ok_or_else(|| {
                    let expected = "integers that all fit one of i32, u32 and u64";
                    self.unsupported(&header.path, "large integers of both signs", expected)
                })
            }
            Kind::Unsigned(8) => Ok(Values::U16(self.array::<u8>(header, dataset)?.mapv(u16::from))),
            Kind::Unsigned(16) => Ok(Values::U16(self.array(header, dataset)?)),
            Kind::Unsigned(32) => Ok(Values::U32(self.array(header, dataset)?)),
            Kind::Unsigned(64) => Ok(Values::U64(self.array(header, dataset)?)),
            // Half precision is widened by the library, which loses nothing.
            Kind::Real(16 | 32) => Ok(Values::F32(self.array(header, dataset)?)),
            Kind::Real(64) => Ok(Values::F64(self.array(header, dataset)?)),
            _ => Err(self.unsupported(&header.path, &kind.name(), "numbers")),
        }
    }

    fn array<T: hdf5::H5Type + Clone>(
        &self,
        header: &DatasetHeader,
        dataset: &hdf5::Dataset,
    ) -> Result<ArrayD<T>, ReadError> {
        if header.shape.contains(&0) {
            return ArrayD::from_shape_vec(IxDyn(&header.shape), vec![])
                .map_err(|_| self.damaged(format!("`{}` has no readable shape", header.path)));
        }
        let numbers = self.try_at(&header.path, dataset.read_raw::<T>())?;
        ArrayD::from_shape_vec(IxDyn(&header.shape), numbers).map_err(|_| {
            self.damaged(format!("`{}` has another number of elements than its shape", header.path))
        })
    }

    /// An attribute, or `None` if it is missing or is something that no attribute of ours is.
    fn attribute(
        &self,
        location: &hdf5::Location,
        path: &str,
        name: &str,
    ) -> Result<Option<Attribute>, ReadError> {
        if !self.try_at(path, location.attr_names())?.iter().any(|known| known == name) {
            return Ok(None);
        }
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
            (Kind::Text, []) => Some(Attribute::Text(self.try_at(&at, library::text(&attribute))?)),
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
            (Kind::Signed(_) | Kind::Unsigned(_), [_]) => {
                // Up to 2^53 in size, integers are real numbers too.
                let values = self.try_at(&at, attribute.read_raw::<f64>())?;
                values.iter().all(|value| value.abs() < 9.0e15).then_some(Attribute::Reals(values))
            }
            _ => None,
        })
    }

    /// The seed, which uses all of u64.
    fn seed(&self) -> Result<u64, ReadError> {
        if !self.try_at("/", self.file.attr_names())?.iter().any(|name| name == names::SEED) {
            return Ok(0);
        }
        let attribute = self.try_at("/", self.file.attr(names::SEED))?;
        let scalar = self.try_at("/", library::extent(&attribute))?.is_some_and(|extent| extent.is_empty());
        let kind = self.try_at("/", library::kind(&attribute))?;
        let seed = match kind {
            Kind::Unsigned(_) if scalar => Some(self.try_at("/", attribute.read_scalar::<u64>())?),
            Kind::Signed(_) if scalar => {
                u64::try_from(self.try_at("/", attribute.read_scalar::<i64>())?).ok()
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
            Some(Attribute::Integer(value)) if u32::try_from(value).is_ok() => Ok(u32::try_from(value).ok()),
            Some(_) => Err(self.unsupported("/", &format!("no count in attribute `{name}`"), "an integer")),
        }
    }

    /// A failed call of the library means that the bytes are not what they should be.
    fn try_at<T>(&self, object: &str, result: hdf5::Result<T>) -> Result<T, ReadError> {
        let object = if object.is_empty() { "/" } else { object };
        result.map_err(|error| self.damaged(format!("`{object}` cannot be read ({error})")))
    }

    pub(super) fn damaged(&self, what: String) -> ReadError {
        ReadError::Damaged { path: self.path.to_owned(), what }
    }

    fn unsupported(&self, object: &str, found: &str, expected: &str) -> ReadError {
        ReadError::Unsupported {
            path: self.path.to_owned(),
            object: object.to_owned(),
            found: found.to_owned(),
            expected: expected.to_owned(),
        }
    }
}

/// The bytes of an array, if they can be counted.
fn bytes_of(shape: &[u64], bits: usize) -> Option<u64> {
    // A zero anywhere makes the product zero, but the other lengths must not overflow memory sizes either.
    let elements =
        shape.iter().filter(|&&length| length > 0).try_fold(1_u64, |n, &length| n.checked_mul(length))?;
    let bytes = elements.checked_mul(bits as u64 / 8)?;
    Some(if shape.contains(&0) { 0 } else { bytes })
}

/// 64-bit integers as the first of our element types that holds them all.
fn narrowest(array: &ArrayD<i64>) -> Option<Values> {
    fn convert<T: TryFrom<i64> + Element>(array: &ArrayD<i64>) -> Option<Values> {
        let numbers: Option<Vec<T>> = array.iter().map(|&number| T::try_from(number).ok()).collect();
        ArrayD::from_shape_vec(array.raw_dim(), numbers?).ok().map(T::wrap)
    }
    convert::<i32>(array).or_else(|| convert::<u32>(array)).or_else(|| convert::<u64>(array))
}
