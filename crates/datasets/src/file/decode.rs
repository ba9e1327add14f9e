//! From the bytes of a file to a tree. Nothing in the file is trusted.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use hdf5::dataset::Layout;
use hdf5::filters::Filter;
use hdf5::{Group, IndexType, IterationOrder, LinkType, LocationToken, LocationType};
use ndarray::{ArrayD, IxDyn};

use super::block::Origin;
use super::errors::ReadError;
use super::library::{self, Kind};
use super::{DatasetHeader, block, guard, names, scales, superblock};
use crate::tree::{Attribute, Dataset, Tree};
use crate::values::{Element, Values};

/// What a file may declare beyond a multiple of its length: arrays of equal numbers compress well.
const ALLOWANCE: u64 = 64 << 20;
/// How many times its own length a file of ours may unpack to: the limit of zlib.
const OUR_RATIO: u64 = 1032;
/// The same for a file whose bytes are not protected by our hash.
const FOREIGN_RATIO: u64 = 32;
/// What the library keeps in memory for each chunk while a dataset is read, generously.
const CHUNK_RECORD: u64 = 1024;
/// Groups and datasets.
const MOST_OBJECTS: usize = 10_000;
/// Groups within groups.
const DEEPEST: usize = 16;

/// A file in memory while it is read.
pub(super) struct Reader<'a> {
    pub(super) path: &'a Path,
    pub(super) bytes: &'a [u8],
    pub(super) file: hdf5::File,
    pub(super) origin: Origin,
    /// The bytes that datasets may still declare.
    budget: u64,
    /// The groups met so far; a second link to one could be a cycle.
    met: Vec<LocationToken>,
    /// The number of links followed so far.
    links: usize,
    /// What is left out of a file of another program, and what it is.
    unread: BTreeMap<String, String>,
    /// Of each attribute name that was asked for, whether its texts are shorter than the file.
    pub(super) short_texts: RefCell<BTreeMap<String, bool>>,
}

impl<'a> Reader<'a> {
    /// Opens the bytes of a file, which [`super::block::check`] has seen.
    pub(super) fn open(path: &'a Path, bytes: &'a [u8], origin: Origin) -> Result<Self, ReadError> {
        let ratio = match origin {
            Origin::Ours => OUR_RATIO,
            Origin::Changed | Origin::Foreign => FOREIGN_RATIO,
        };
        let budget = ALLOWANCE.saturating_add((bytes.len() as u64).saturating_mul(ratio));
        guard::check(bytes, path)?;
        if superblock::is_open(&bytes[block::start(bytes)..]) {
            return Err(ReadError::NotClosed { path: path.to_owned() });
        }
        let file = library::open_image(bytes)
            .map_err(|error| ReadError::Damaged { path: path.to_owned(), what: error.to_string() })?;
        Ok(Self {
            path,
            bytes,
            file,
            origin,
            budget,
            met: vec![],
            links: 0,
            unread: BTreeMap::new(),
            short_texts: RefCell::default(),
        })
    }

    /// The names, shapes and meanings of all datasets, sorted by path.
    pub(super) fn headers(&mut self) -> Result<Vec<DatasetHeader>, ReadError> {
        let mut found = vec![];
        self.walk(&self.file.clone(), "", 0, &mut found)?;
        let mut headers = vec![];
        for (path, dataset) in found {
            headers.extend(self.header(path, &dataset)?.map(|(header, _)| header));
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
            let Some((header, kind)) = self.header(path, &dataset)? else { continue };
            let values = self.values(&header, kind, &dataset)?;
            let DatasetHeader { path, description, units, dims, .. } = header;
            datasets.insert(path, Dataset { description, units, dims, values });
        }
        Ok(datasets)
    }

    /// The content, with the attributes of the root.
    pub(super) fn tree(&mut self, attributes: BTreeMap<String, Attribute>) -> Result<Tree, ReadError> {
        let datasets = self.datasets()?;
        Ok(Tree { attributes, datasets, unread: std::mem::take(&mut self.unread) })
    }

    /// Notes what is not followed or read. No file of ours has anything of the kind.
    fn leave_out(&mut self, path: &str, found: &str) -> Result<(), ReadError> {
        if self.origin == Origin::Ours {
            return Err(self.unsupported(path, found, "an array of numbers"));
        }
        self.unread.insert(path.to_owned(), found.to_owned());
        Ok(())
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
            self.links += 1;
            if self.links > MOST_OBJECTS {
                return Err(self.unsupported(
                    &path,
                    "more objects than any file of ours",
                    "fewer than 10000",
                ));
            }
            match link.link_type {
                LinkType::Hard => {}
                LinkType::Soft => {
                    self.leave_out(&path, "a soft link")?;
                    continue;
                }
                LinkType::External => {
                    self.leave_out(&path, "a link to another file")?;
                    continue;
                }
            }
            let info = self.try_at(&path, group.loc_info_by_name(&name))?;
            match info.loc_type {
                LocationType::Group if self.met.contains(&info.token) => {
                    self.leave_out(&path, "a second link to the same group")?;
                }
                LocationType::Group => {
                    self.met.push(info.token);
                    let inner = self.try_at(&path, group.group(&name))?;
                    self.walk(&inner, &path, depth + 1, found)?;
                }
                LocationType::Dataset => {
                    let dataset = self.try_at(&path, group.dataset(&name))?;
                    found.push((path, dataset));
                }
                _ => self.leave_out(&path, "an object of another kind")?,
            }
        }
        Ok(())
    }

    /// What is declared about a dataset, unless it is left out; the values are safe to read afterwards.
    fn header(
        &mut self,
        path: String,
        dataset: &hdf5::Dataset,
    ) -> Result<Option<(DatasetHeader, Kind)>, ReadError> {
        let attributes = self.try_at(&path, dataset.attr_names())?;
        if attributes.iter().any(|name| name == scales::NAME)
            && let Some(Attribute::Text(name)) = self.attribute(dataset, &path, scales::NAME)?
            && name.starts_with(scales::WITHOUT_NUMBERS)
        {
            return Ok(None);
        }
        let kind = self.try_at(&path, library::kind(dataset))?;
        let bits = match kind {
            Kind::Signed(bits) | Kind::Unsigned(bits) | Kind::Real(bits) => bits,
            Kind::Text | Kind::Other(_) => {
                return self.leave_out(&path, &kind.name()).map(|()| None);
            }
        };
        let Some(extent) = self.try_at(&path, library::extent(dataset))? else {
            return self.leave_out(&path, "declared to be empty").map(|()| None);
        };
        let creation = self.try_at(&path, dataset.create_plist())?;
        let filters = self.try_at(&path, creation.get_filters())?;
        let known =
            |filter: &Filter| matches!(filter, Filter::Deflate(_) | Filter::Shuffle | Filter::Fletcher32);
        if !filters.iter().all(known) {
            let found = "stored with a filter that is neither deflate nor shuffle nor Fletcher-32";
            return self.leave_out(&path, found).map(|()| None);
        }
        if !self.try_at(&path, creation.get_external())?.is_empty() {
            return self.leave_out(&path, "stored in another file").map(|()| None);
        }
        let declared = bytes_of(&extent, bits);
        self.spend(&path, "numbers", declared)?;
        match self.try_at(&path, creation.get_layout())? {
            Layout::Chunked => {
                let chunk = self.try_at(&path, creation.get_chunk())?.unwrap_or_default();
                let chunk: Vec<u64> = chunk.iter().map(|&length| length as u64).collect();
                self.check_chunks(&path, dataset, &extent, &chunk, bits, &filters)?;
            }
            Layout::Compact | Layout::Contiguous => {
                let stored = dataset.storage_size();
                if declared != Some(stored) {
                    let found = format!("{stored} bytes for shape {extent:?}");
                    return Err(self.unsupported(&path, &found, "as many as the shape says"));
                }
            }
            Layout::Virtual => {
                return self.leave_out(&path, "a view of other datasets").map(|()| None);
            }
        }
        let shape: Vec<usize> = extent.iter().filter_map(|&length| usize::try_from(length).ok()).collect();
        if shape.len() != extent.len() {
            return Err(self.unsupported(&path, &format!("shape {extent:?}"), "less than the memory holds"));
        }
        let describe = |name: &str| {
            if !attributes.iter().any(|known| known == name) {
                return Ok(None);
            }
            match self.attribute(dataset, &path, name)? {
                Some(Attribute::Text(text)) => Ok(Some(text)),
                _ if self.origin != Origin::Ours => Ok(None),
                _ => Err(self.unsupported(&path, &format!("no text in attribute `{name}`"), "text")),
            }
        };
        let description = describe(names::DESCRIPTION)?.unwrap_or_default();
        let units = describe(names::UNITS)?.unwrap_or_else(|| "1".to_owned());
        let dims: Vec<String> = match describe(names::DIMS)? {
            Some(dims) if self.origin == Origin::Ours || dims.split(',').count() == shape.len() => {
                dims.split(',').filter(|dim| !dim.is_empty()).map(str::to_owned).collect()
            }
            _ => (0..shape.len()).map(|axis| format!("axis{axis}")).collect(),
        };
        if dims.len() != shape.len() {
            let found = format!("{} names in `dims` for {} axes", dims.len(), shape.len());
            return Err(self.unsupported(&path, &found, "one name for each axis"));
        }
        Ok(Some((DatasetHeader { path, element: kind.name(), shape, units, dims, description }, kind)))
    }

    /// The chunks of a dataset are few and small enough, and none is stored in a way that the library cannot take.
    fn check_chunks(
        &mut self,
        path: &str,
        dataset: &hdf5::Dataset,
        extent: &[u64],
        chunk: &[u64],
        bits: usize,
        filters: &[Filter],
    ) -> Result<(), ReadError> {
        // Each chunk is unpacked whole, whatever part of it is inside the array.
        let Some(unpacked) = bytes_of(chunk, bits).filter(|&bytes| bytes > 0 && bytes <= ALLOWANCE) else {
            return Err(self.unsupported(path, &format!("chunks of {chunk:?}"), "chunks below 64 MiB"));
        };
        let mut along = extent.iter().zip(chunk).map(|(length, chunk)| length.div_ceil(*chunk));
        let chunks = along.try_fold(1_u64, |n, along| n.checked_mul(along));
        self.spend(path, "chunks", chunks.and_then(|n| n.checked_mul(CHUNK_RECORD)))?;
        // HDF5 2.2.0 takes the Fletcher-32 sum off the end of a stored chunk without looking whether it has one.
        let least = if filters.contains(&Filter::Fletcher32) { 4 } else { 1 };
        // What does not shrink, deflate stores with a few more bytes.
        let most = unpacked + unpacked / 64 + 1024;
        let mut left = chunks.unwrap_or(0);
        let mut odd = None;
        let visited = library::stored_chunks(dataset, |size| {
            if !(least..=most).contains(&size) || left == 0 {
                odd = Some(size);
            }
            left = left.saturating_sub(1);
            odd.is_none()
        });
        self.try_at(path, visited)?;
        match odd {
            Some(size) => {
                Err(self.damaged(format!("`{path}` has a chunk of {size} bytes, or too many chunks")))
            }
            None => Ok(()),
        }
    }

    /// Counts what is declared against the limit, so that a small file cannot ask for all of the memory.
    fn spend(&mut self, path: &str, what: &str, declared: Option<u64>) -> Result<(), ReadError> {
        match declared.and_then(|bytes| self.budget.checked_sub(bytes)) {
            Some(left) => {
                self.budget = left;
                Ok(())
            }
            None => {
                let found = match declared {
                    Some(bytes) => format!("{bytes} bytes for the {what} it declares"),
                    None => format!("more {what} declared than can be counted"),
                };
                let expected = format!(
                    "at most {} more for a file of this length (store it uncompressed, in large chunks)",
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

    /// A failed call of the library means that the bytes are not what they should be.
    pub(super) fn try_at<T>(&self, object: &str, result: hdf5::Result<T>) -> Result<T, ReadError> {
        let object = if object.is_empty() { "/" } else { object };
        result.map_err(|error| self.damaged(format!("`{object}` cannot be read ({error})")))
    }

    pub(super) fn damaged(&self, what: String) -> ReadError {
        ReadError::Damaged { path: self.path.to_owned(), what }
    }

    pub(super) fn unsupported(&self, object: &str, found: &str, expected: &str) -> ReadError {
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
