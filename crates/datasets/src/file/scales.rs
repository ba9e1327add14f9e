//! Dimension scales in the convention of netCDF-4: axes of one name are one axis, so that readers such as xarray find
//! coordinates, and cannot align axes that only have equal lengths.
//!
//! An axis has the array of its own name as its scale, in the same group or one above it. Where there is none, an array
//! without numbers stands for it, as netCDF-4 has it; readers of ours leave that out.

use std::collections::BTreeMap;

use hdf5::types::VarLenArray;
use hdf5::{File, ObjectReference1};
use ndarray::Array1;

use super::library;
use crate::tree::Tree;

/// Of a scale: that it is one, and the name of its axis.
const CLASS: &str = "CLASS";
/// Of a scale.
pub(super) const NAME: &str = "NAME";
/// Of a scale: the arrays that have it, and along which axis.
const REFERENCE_LIST: &str = "REFERENCE_LIST";
/// Of an array: the scales of each axis.
const DIMENSION_LIST: &str = "DIMENSION_LIST";
/// How the name of a scale without numbers begins; its length follows in ten characters.
pub(super) const WITHOUT_NUMBERS: &str = "This is a netCDF dimension but not a netCDF variable.";

/// An entry of [`REFERENCE_LIST`].
#[derive(Clone, Copy, hdf5::H5Type)]
#[repr(C)]
struct Use {
    dataset: ObjectReference1,
    dimension: i32,
}

/// A scale of some axes.
#[derive(Debug, PartialEq, Eq)]
struct Scale {
    length: usize,
    /// Whether it is an array of the content.
    coordinate: bool,
    /// Arrays and their axes.
    uses: Vec<(String, usize)>,
}

/// The scales by path. An axis has none if its name is that of something else.
fn plan(tree: &Tree) -> BTreeMap<String, Scale> {
    let mut scales: BTreeMap<String, Scale> = BTreeMap::new();
    let mut datasets: Vec<_> = tree.datasets.iter().collect();
    // Outer groups first: what they have, inner ones use.
    datasets.sort_by_key(|(path, _)| path.matches('/').count());
    for (path, dataset) in datasets {
        for (axis, (dim, &length)) in dataset.dims.iter().zip(dataset.values.shape()).enumerate() {
            let own = group_of(path);
            let is_coordinate = |place: &str| {
                tree.datasets
                    .get(place)
                    .is_some_and(|d| d.dims == [dim.clone()] && d.values.shape() == [length])
            };
            let known = |place: &str| {
                is_coordinate(place) || scales.get(place).is_some_and(|scale| scale.length == length)
            };
            let place = groups(own).map(|group| join(group, dim)).find(|place| known(place));
            let place = place.unwrap_or_else(|| join(own, dim));
            let taken = tree.datasets.contains_key(&place) && !is_coordinate(&place)
                || is_group(tree, &place)
                || scales.get(&place).is_some_and(|scale| scale.length != length);
            if taken {
                continue;
            }
            let coordinate = is_coordinate(&place);
            let scale =
                scales.entry(place.clone()).or_insert_with(|| Scale { length, coordinate, uses: vec![] });
            if place != *path {
                scale.uses.push((path.clone(), axis));
            }
        }
    }
    scales
}

/// Whether there are datasets below a path.
fn is_group(tree: &Tree, path: &str) -> bool {
    let inner = format!("{path}/");
    tree.datasets.range(inner.clone()..).next().is_some_and(|(next, _)| next.starts_with(&inner))
}

/// The path of the group of a dataset, without a slash at the end.
fn group_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(group, _)| group)
}

/// A group and all that it is in, up to the root.
fn groups(own: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(own), |group| (!group.is_empty()).then(|| group_of(group)))
}

fn join(group: &str, name: &str) -> String {
    if group.is_empty() { name.to_owned() } else { format!("{group}/{name}") }
}

/// Makes the scales of a file that has all its arrays.
pub(super) fn attach(file: &File, tree: &Tree) -> hdf5::Result<()> {
    let scales = plan(tree);
    let mut axes: BTreeMap<&str, Vec<Vec<ObjectReference1>>> = BTreeMap::new();
    for (path, scale) in &scales {
        let name = path.rsplit('/').next().unwrap_or(path);
        let made = if scale.coordinate {
            file.dataset(path)?
        } else {
            file.new_dataset::<f32>().obj_track_times(false).shape(scale.length).create(path.as_str())?
        };
        let title =
            if scale.coordinate { name.to_owned() } else { format!("{WITHOUT_NUMBERS}{:10}", scale.length) };
        library::put_fixed_text(&made, CLASS, "DIMENSION_SCALE")?;
        library::put_fixed_text(&made, NAME, &title)?;
        for (user, axis) in &scale.uses {
            let lists = axes.entry(user).or_insert_with(|| vec![vec![]; tree.datasets[user].dims.len()]);
            lists[*axis].push(file.reference(path)?);
        }
    }
    for (path, lists) in axes {
        let lists: Array1<VarLenArray<ObjectReference1>> =
            lists.iter().map(|list| VarLenArray::from_slice(list)).collect();
        file.dataset(path)?.new_attr_builder().with_data(&lists).create(DIMENSION_LIST)?;
    }
    for (path, scale) in scales.iter().filter(|(_, scale)| !scale.uses.is_empty()) {
        let uses = scale.uses.iter().map(|(user, axis)| {
            let dimension = i32::try_from(*axis).map_err(|_| "an array has too many axes")?;
            Ok(Use { dataset: file.reference(user)?, dimension })
        });
        let uses: Array1<Use> = uses.collect::<hdf5::Result<_>>()?;
        file.dataset(path)?.new_attr_builder().with_data(&uses).create(REFERENCE_LIST)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ndarray::Array;

    use super::*;

    #[test]
    fn axes_of_one_name_have_one_scale() {
        let mut tree = Tree::default();
        let mut put = |path: &str, shape: &[usize], dims: &str| {
            tree.put(path, &Array::<f64, _>::zeros(shape), dims, "1", "");
        };
        put("temperature", &[3], "temperature");
        put("energy", &[3], "temperature");
        put("samples", &[5, 4], "sample,site");
        put("inner/error", &[3, 4], "temperature,site");
        put("inner/other", &[2], "site");
        put("inner/last", &[7], "record");
        put("record", &[], "");
        put("class/x", &[2], "class");
        put("odd", &[2], "class");
        let found = plan(&tree);
        let used = |path: &str| {
            found[path].uses.iter().map(|(user, axis)| format!("{user}.{axis}")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(used("temperature"), "energy.0 inner/error.0");
        assert_eq!(used("site"), "samples.1 inner/error.1");
        assert_eq!(used("sample"), "samples.0");
        // Of another length, beside another thing of the name above it, and where the name is that of a group.
        assert_eq!(used("inner/site"), "inner/other.0");
        assert_eq!(used("inner/record"), "inner/last.0");
        assert_eq!(used("class/class"), "class/x.0");
        assert_eq!(found.len(), 6);
        assert!(found["temperature"].coordinate && !found["site"].coordinate);
    }
}
