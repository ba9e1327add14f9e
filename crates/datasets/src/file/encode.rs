//! From a tree and its provenance to the bytes of a file.

use std::collections::BTreeMap;
use std::path::Path;

use hdf5::types::VarLenUnicode;
use hdf5::{File, Group, H5Type, Location};
use ndarray::ArrayD;

use super::errors::WriteError;
use super::{block, library, names, scales, superblock};
use crate::artifact::{Provenance, Version};
use crate::tree::{Attribute, Dataset, Tree};
use crate::values::Values;

/// Arrays below this many bytes are stored as they are, in one piece.
const TINY: usize = 1024;
/// A chunk has at most about this many bytes.
const CHUNK: usize = 1 << 20;
/// How hard zlib tries, of 9. Sampled spins take 16 % of a byte each; 6 would save a twelfth of that in several times the
/// time, 9 a sixth in eighty times.
const DEFLATE: u8 = 4;

/// What a file says at its root besides the content.
pub(super) struct Root<'a> {
    pub(super) schema: &'a str,
    pub(super) version: Version,
    pub(super) provenance: &'a Provenance,
    pub(super) content_hash: &'a str,
}

/// The bytes of the file; the same for equal arguments.
pub(super) fn encode(path: &Path, root: &Root<'_>, tree: &Tree) -> Result<Vec<u8>, WriteError> {
    check_names(path, root, tree)?;
    let mut image = library::exclusively(|| {
        let file = library::create_image(block::LENGTH)?;
        let image = fill(&file, root, tree).and_then(|()| library::image_of(&file));
        drop(file);
        image
    })
    .map_err(|error| WriteError::Library { path: path.to_owned(), message: error.to_string() })?;
    superblock::settle_checksum(&mut image);
    Ok(block::seal(&image))
}

/// HDF5 would take some names for something else, and C ends a text at its first zero.
fn check_names(path: &Path, root: &Root<'_>, tree: &Tree) -> Result<(), WriteError> {
    let fail = |what: String| WriteError::Unrepresentable { path: path.to_owned(), what };
    for name in tree.datasets.keys() {
        let odd = |part: &str| part.is_empty() || part == "." || part == ".." || part.contains('\0');
        if name.split('/').any(odd) {
            return Err(fail(format!("`{name}` cannot be the name of a dataset")));
        }
        let inner = name.match_indices('/').map(|(at, _)| &name[..at]);
        if let Some(both) = inner.into_iter().find(|&group| tree.datasets.contains_key(group)) {
            return Err(fail(format!("`{both}` is both a dataset and a group")));
        }
    }
    for name in tree.attributes.keys() {
        if name.is_empty() || name.contains('\0') || names::RESERVED.contains(&name.as_str()) {
            return Err(fail(format!("`{name}` cannot be the name of an attribute")));
        }
    }
    let texts = tree.attributes.iter().filter_map(|(name, value)| match value {
        Attribute::Text(text) => Some((name, text)),
        _ => None,
    });
    let described = tree.datasets.iter().flat_map(|(name, dataset)| {
        [&dataset.description, &dataset.units].into_iter().chain(&dataset.dims).map(move |text| (name, text))
    });
    if let Some((name, _)) = texts.chain(described).find(|(_, text)| text.contains('\0')) {
        return Err(fail(format!("a text of `{name}` has a zero byte")));
    }
    if root.provenance.producer.contains('\0') || root.provenance.config.contains('\0') {
        return Err(fail("a text of the provenance has a zero byte".to_owned()));
    }
    Ok(())
}

fn fill(file: &File, root: &Root<'_>, tree: &Tree) -> hdf5::Result<()> {
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    for (path, dataset) in &tree.datasets {
        let mut group: &Group = file;
        for (at, _) in path.match_indices('/') {
            let inner = &path[..at];
            if !groups.contains_key(inner) {
                // Created one by one: groups made on the way to a dataset would hold the time.
                let made = file.create_group_builder().obj_track_times(false).create(inner)?;
                groups.insert(inner, made);
            }
            group = &groups[inner];
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        match &dataset.values {
            Values::I8(array) => put(group, name, dataset, array)?,
            Values::U16(array) => put(group, name, dataset, array)?,
            Values::I32(array) => put(group, name, dataset, array)?,
            Values::U32(array) => put(group, name, dataset, array)?,
            Values::U64(array) => put(group, name, dataset, array)?,
            Values::F32(array) => put(group, name, dataset, array)?,
            Values::F64(array) => put(group, name, dataset, array)?,
        }
    }
    scales::attach(file, tree)?;
    put_text(file, names::SCHEMA, root.schema)?;
    put_number(file, names::SCHEMA_MAJOR, i64::from(root.version.major))?;
    put_number(file, names::SCHEMA_MINOR, i64::from(root.version.minor))?;
    put_text(file, names::PRODUCER, &root.provenance.producer)?;
    put_text(file, names::CONFIG, &root.provenance.config)?;
    put_number(file, names::SEED, root.provenance.seed)?;
    let inputs = serde_json::to_string(&root.provenance.inputs).map_err(|error| error.to_string())?;
    put_text(file, names::INPUTS, &inputs)?;
    for (name, value) in &tree.attributes {
        match value {
            Attribute::Text(text) => put_text(file, name, text)?,
            Attribute::Integer(value) => put_number(file, name, *value)?,
            Attribute::Integers(values) => {
                file.new_attr_builder().with_data(&ndarray::arr1(values)).create(name.as_str())?;
            }
            Attribute::Real(value) => put_number(file, name, *value)?,
            Attribute::Reals(values) => {
                file.new_attr_builder().with_data(&ndarray::arr1(values)).create(name.as_str())?;
            }
        }
    }
    put_text(file, names::CONTENT_HASH, root.content_hash)
}

fn put<T: H5Type + Clone>(
    group: &Group,
    name: &str,
    dataset: &Dataset,
    array: &ArrayD<T>,
) -> hdf5::Result<()> {
    let builder = group.new_dataset_builder().obj_track_times(false);
    let builder = if array.len() * size_of::<T>() < TINY {
        builder.layout(hdf5::dataset::Layout::Contiguous)
    } else {
        builder.chunk(chunk_shape(array.shape(), size_of::<T>())).shuffle().deflate(DEFLATE)
    };
    let array = array.as_standard_layout();
    let made = builder.with_data(array.view()).create(name)?;
    put_text(&made, names::DESCRIPTION, &dataset.description)?;
    put_text(&made, names::UNITS, &dataset.units)?;
    put_text(&made, names::DIMS, &dataset.dims.join(","))
}

/// The outer axes are cut first, so that a chunk holds whole configurations.
fn chunk_shape(shape: &[usize], element: usize) -> Vec<usize> {
    let mut chunk = shape.to_vec();
    for axis in 0..chunk.len() {
        let inner = chunk[axis + 1..].iter().product::<usize>() * element;
        chunk[axis] = (CHUNK / inner).clamp(1, chunk[axis]);
        if inner <= CHUNK {
            break;
        }
    }
    chunk
}

fn put_text(location: &Location, name: &str, text: &str) -> hdf5::Result<()> {
    let text: VarLenUnicode = text.parse().map_err(|_| "a text has a zero byte")?;
    location.new_attr::<VarLenUnicode>().create(name)?.write_scalar(&text)
}

fn put_number<T: H5Type>(location: &Location, name: &str, value: T) -> hdf5::Result<()> {
    location.new_attr::<T>().create(name)?.write_scalar(&value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_whole_rows_of_about_a_mebibyte() {
        assert_eq!(chunk_shape(&[25_000, 100], 1), [10_485, 100]);
        assert_eq!(chunk_shape(&[100, 100], 1), [100, 100]);
        assert_eq!(chunk_shape(&[3, 1024, 1024], 8), [1, 128, 1024]);
        assert_eq!(chunk_shape(&[1 << 24], 8), [1 << 17]);
        assert_eq!(chunk_shape(&[2, 1 << 24], 8), [1, 1 << 17]);
    }
}
