//! Writing the numbers of one figure, and reading them back for drawing and for the claims.

use std::collections::BTreeMap;

use datasets::lattice::{Kind, Lattice};
use datasets::{Attribute, Figure, Tree};
use ndarray::{Array2, Array3, Array4};

use crate::critical::{critical_temperature, temperature_scale};
use crate::error::{FigureError, InFigure as _};
use crate::statistics::Estimate;

/// The attribute of every figure that names the lattice of the experiment.
pub(crate) const LATTICE: &str = "lattice";

/// The numbers of a figure while they are put together.
#[derive(Debug, Default)]
pub(crate) struct Record {
    numbers: Tree,
    missing: Vec<String>,
}

impl Record {
    pub(crate) fn new(title: &str) -> Self {
        let mut record = Self::default();
        record.text("title", title);
        record
    }

    /// A text attribute.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.numbers.set(name, value);
    }

    /// The names of the axes, for readers of the file.
    pub(crate) fn axes(&mut self, x: &str, y: &str) {
        self.text("x_axis", x);
        self.text("y_axis", y);
    }

    /// A number as attribute.
    pub(crate) fn real(&mut self, name: &str, value: f64) {
        self.numbers.set(name, value);
    }

    /// An integer as attribute.
    pub(crate) fn count(&mut self, name: &str, value: usize) {
        self.numbers.set(name, value);
    }

    /// Something that the figure should show and cannot.
    pub(crate) fn missing(&mut self, what: impl Into<String>) {
        self.missing.push(what.into());
    }

    pub(crate) fn list(&mut self, path: &str, list: &[f64], dim: &str, units: &str, description: &str) {
        self.numbers.put_list(path, list, dim, units, description);
    }

    pub(crate) fn counts(&mut self, path: &str, list: &[u64], dim: &str, units: &str, description: &str) {
        self.numbers.put_list(path, list, dim, units, description);
    }

    /// Values at `path` and their errors at `path_error`.
    pub(crate) fn estimates(
        &mut self,
        path: &str,
        list: &[Estimate],
        dim: &str,
        units: &str,
        description: &str,
    ) {
        let values: Vec<f64> = list.iter().map(|e| e.value).collect();
        let errors: Vec<f64> = list.iter().map(|e| e.error).collect();
        self.list(path, &values, dim, units, description);
        self.list(&format!("{path}_error"), &errors, dim, units, &format!("standard error of {path}"));
    }

    pub(crate) fn grid(
        &mut self,
        path: &str,
        grid: &Array2<f64>,
        dims: &str,
        units: &str,
        description: &str,
    ) {
        self.numbers.put(path, grid, dims, units, description);
    }

    /// Values at `path` and their errors at `path_error`.
    pub(crate) fn grid_with_error(
        &mut self,
        path: &str,
        (value, error): (&Array2<f64>, &Array2<f64>),
        dims: &str,
        units: &str,
        description: &str,
    ) {
        self.grid(path, value, dims, units, description);
        self.grid(&format!("{path}_error"), error, dims, units, &format!("standard error of {path}"));
    }

    pub(crate) fn cube(
        &mut self,
        path: &str,
        cube: &Array3<f64>,
        dims: &str,
        units: &str,
        description: &str,
    ) {
        self.numbers.put(path, cube, dims, units, description);
    }

    /// Lattice configurations, ±1.
    pub(crate) fn spins(&mut self, path: &str, spins: &Array3<i8>, dims: &str, description: &str) {
        self.numbers.put(path, spins, dims, "1", description);
    }

    /// Lattice configurations, ±1, of several chains.
    pub(crate) fn configurations(&mut self, path: &str, spins: &Array4<i8>, dims: &str, description: &str) {
        self.numbers.put(path, spins, dims, "1", description);
    }

    pub(crate) fn finish(mut self, caption: &str) -> Figure {
        self.text("caption", caption);
        let missing = self.missing.join("; ");
        self.text("missing", &missing);
        Figure { numbers: self.numbers }
    }
}

/// Axes of one name whose arrays need not be of one length: F09 shows the first few of all modes, and F12 may have no
/// exact correlations to compare with.
const LOOSE_AXES: [(&str, &str); 2] = [("F09", "mode"), ("F12", "distance")];

/// Refuses a figure whose arrays do not fit together, since the file may be another program's: arrays of a group, and
/// those of the groups around it, have the same length along axes of the same name.
pub(crate) fn check_axes(id: &str, figure: &Figure) -> Result<(), FigureError> {
    let group_of = |path: &'_ str| path.rsplit_once('/').map_or(0, |(group, _)| group.len());
    let mut lengths = BTreeMap::new();
    let datasets = &figure.numbers.datasets;
    // Groups that are around others come first.
    let mut paths: Vec<&String> = datasets.keys().collect();
    paths.sort_by_key(|path| path.matches('/').count());
    for path in paths {
        let dataset = &datasets[path];
        let shape = dataset.values.shape();
        if dataset.dims.len() != shape.len() {
            let what = format!("`{path}` has {} axes and {} names of axes", shape.len(), dataset.dims.len());
            return Err(FigureError::Axes { id: id.to_owned(), what });
        }
        let group = &path[..group_of(path)];
        let around = group.match_indices('/').map(|(end, _)| &group[..end]);
        let around: Vec<&str> = around.chain(["", group]).collect();
        for (axis, &length) in dataset.dims.iter().zip(shape) {
            let known = around.iter().find_map(|group| lengths.get(&(*group, axis.as_str())));
            let &(first, expected) = known.unwrap_or(&(path, length));
            lengths.entry((group, axis.as_str())).or_insert((path, length));
            if expected != length && !LOOSE_AXES.contains(&(id, axis)) {
                let what = format!("`{path}` has length {length} along `{axis}`, `{first}` has {expected}");
                return Err(FigureError::Axes { id: id.to_owned(), what });
            }
        }
    }
    Ok(())
}

/// Reading a figure's numbers, with its id in the errors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbers<'a> {
    id: &'a str,
    tree: &'a Tree,
}

impl<'a> Numbers<'a> {
    pub(crate) fn new(id: &'a str, figure: &'a Figure) -> Self {
        Self { id, tree: &figure.numbers }
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.tree.has(path)
    }

    /// The lattice of the experiment; none in files of the time when there was but the square one.
    pub(crate) fn lattice(&self) -> Option<Lattice> {
        self.text(LATTICE).parse().ok()
    }

    fn kind(&self) -> Kind {
        self.lattice().map_or(Kind::Square, |lattice| lattice.kind())
    }

    /// T_c of the lattice of the experiment in J/k_B.
    pub(crate) fn critical_temperature(&self) -> f64 {
        critical_temperature(self.kind())
    }

    /// [`temperature_scale`] of the lattice of the experiment.
    pub(crate) fn temperature_scale(&self) -> f64 {
        temperature_scale(self.kind())
    }

    pub(crate) fn text(&self, name: &str) -> &'a str {
        self.tree.text(name).unwrap_or_default()
    }

    pub(crate) fn real(&self, name: &str) -> Option<f64> {
        self.tree.real(name).ok()
    }

    pub(crate) fn count(&self, name: &str) -> Option<usize> {
        match self.tree.attributes.get(name) {
            Some(Attribute::Integer(v)) if *v >= 0 => Some(*v as usize),
            _ => None,
        }
    }

    pub(crate) fn list(&self, path: &str) -> Result<Vec<f64>, FigureError> {
        self.tree.list::<f64>(path).in_figure(self.id)
    }

    pub(crate) fn counts(&self, path: &str) -> Result<Vec<u64>, FigureError> {
        self.tree.list::<u64>(path).in_figure(self.id)
    }

    pub(crate) fn grid(&self, path: &str) -> Result<Array2<f64>, FigureError> {
        self.tree.get(path).in_figure(self.id)
    }

    pub(crate) fn cube(&self, path: &str) -> Result<Array3<f64>, FigureError> {
        self.tree.get(path).in_figure(self.id)
    }

    pub(crate) fn spins(&self, path: &str) -> Result<Array3<i8>, FigureError> {
        self.tree.get(path).in_figure(self.id)
    }

    pub(crate) fn configurations(&self, path: &str) -> Result<Array4<i8>, FigureError> {
        self.tree.get(path).in_figure(self.id)
    }

    /// Values with their errors.
    pub(crate) fn estimates(&self, path: &str) -> Result<Vec<Estimate>, FigureError> {
        let values = self.list(path)?;
        let errors = self.list(&format!("{path}_error"))?;
        Ok(crate::statistics::pair(&values, &errors))
    }

    /// Values and errors, [rows, columns].
    pub(crate) fn grid_with_error(&self, path: &str) -> Result<(Array2<f64>, Array2<f64>), FigureError> {
        Ok((self.grid(path)?, self.grid(&format!("{path}_error"))?))
    }

    /// The names of the datasets of a group.
    pub(crate) fn members(&self, group: &str) -> Vec<&'a str> {
        let inside = |path: &'a String| path.strip_prefix(group)?.strip_prefix('/');
        self.tree.datasets.keys().filter_map(inside).collect()
    }

    /// The names of the groups of datasets directly below the figure, sorted.
    pub(crate) fn groups(&self) -> Vec<&'a str> {
        let mut groups: Vec<&str> =
            self.tree.datasets.keys().filter_map(|p| p.split_once('/').map(|(g, _)| g)).collect();
        groups.dedup();
        groups
    }
}
