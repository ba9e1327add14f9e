//! What a file holds, with its arrays where Python can see them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datasets::file::{self, looks_ours, replace};
use datasets::{
    Artifact as _, Attribute, ContentError, Element, Input, Provenance, Stored, Tree, Values, Version,
};
use datasets::{EquationOfState, Figures, Flow, Likelihood, Rbm, Spins, Thermometer, Weights};
use numpy::{PyArrayDyn, PyArrayMethods as _, PyReadonlyArrayDyn};
use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use crate::failure::Failure;
use crate::work;

/// The program and its version, as files have it.
pub(crate) const PRODUCER: &str = concat!("rbmflow ", env!("CARGO_PKG_VERSION"));

/// What errors call a file that is none.
const IN_MEMORY: &str = "bytes in memory";

/// Runs an expression with the type that has a schema's name.
macro_rules! with_type {
    ($schema:expr, $type:ident => $body:expr) => {
        with_type!(@ $schema, $type, $body, [Spins, EquationOfState, Rbm, Thermometer, Flow, Weights, Likelihood, Figures])
    };
    (@ $schema:expr, $type:ident, $body:expr, [$($artifact:ident),*]) => {
        match $schema {
            $(name if name == $artifact::SCHEMA => { type $type = $artifact; $body })*
            other => Err(Failure::usage(format!("there is no schema `{other}`"))),
        }
    };
}

/// Content and provenance of a file, in memory.
pub(crate) struct Content {
    schema: &'static str,
    version: Version,
    tree: Tree,
    provenance: Provenance,
    content_hash: String,
}

impl Content {
    /// What a stage has made.
    pub(crate) fn of<T: datasets::Artifact>(content: T, provenance: Provenance) -> Self {
        let mut tree = content.to_tree();
        drop(content);
        tree.settle_nan();
        let content_hash = tree.content_hash(&provenance.config);
        Self { schema: T::SCHEMA, version: T::VERSION, tree, provenance, content_hash }
    }

    /// The content as one of the crates' types.
    pub(crate) fn get<T: datasets::Artifact>(&self) -> Result<T, Failure> {
        if self.schema != T::SCHEMA {
            let cure = "give an object of that kind";
            return Err(Failure::Usage(format!("expected `{}`, found `{}`; {cure}", T::SCHEMA, self.schema)));
        }
        T::from_tree(&self.tree).map_err(Failure::computation)
    }

    /// The bytes of the file; `path` is what errors call it.
    fn bytes(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        with_type!(self.schema, T => {
            let (bytes, _) = file::to_bytes(path, &self.get::<T>()?, &self.provenance)?;
            Ok(bytes)
        })
    }

    /// The content of a file.
    fn stored<T: datasets::Artifact>(stored: Stored<T>) -> Self {
        let mut content = Self::of(stored.content, stored.provenance);
        // That of the file itself, which may leave out what is computed.
        content.content_hash = stored.content_hash;
        content
    }

    /// How it was made.
    pub(crate) fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// The hash of the content.
    pub(crate) fn content_hash(&self) -> &str {
        &self.content_hash
    }

    /// This as an input of a stage.
    pub(crate) fn input(&self, role: &str) -> Input {
        Input {
            role: role.to_owned(),
            schema: self.schema.to_owned(),
            content_hash: self.content_hash.clone(),
        }
    }
}

/// The content of a file: arrays by name, attributes, and how it was made. It does not change.
#[pyclass(frozen, module = "rbmflow._rbmflow")]
pub(crate) struct Artifact(pub(crate) Arc<Content>);

impl From<Content> for Artifact {
    fn from(content: Content) -> Self {
        Self(Arc::new(content))
    }
}

#[pymethods]
impl Artifact {
    #[getter]
    fn schema(&self) -> &'static str {
        self.0.schema
    }

    #[getter]
    fn version(&self) -> (u32, u32) {
        (self.0.version.major, self.0.version.minor)
    }

    #[getter]
    fn producer(&self) -> &str {
        &self.0.provenance.producer
    }

    #[getter]
    fn config(&self) -> &str {
        &self.0.provenance.config
    }

    #[getter]
    fn seed(&self) -> u64 {
        self.0.provenance.seed
    }

    /// Role, schema and content hash of each input.
    #[getter]
    fn inputs(&self) -> Vec<(String, String, String)> {
        let list = self.0.provenance.inputs.iter().cloned();
        list.map(|Input { role, schema, content_hash }| (role, schema, content_hash)).collect()
    }

    #[getter]
    fn content_hash(&self) -> &str {
        &self.0.content_hash
    }

    /// The names of the arrays.
    fn names(&self) -> Vec<&str> {
        self.0.tree.datasets.keys().map(String::as_str).collect()
    }

    /// The root attributes that belong to the content.
    fn attributes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let attributes = PyDict::new(py);
        for (name, value) in &self.0.tree.attributes {
            match value {
                Attribute::Text(text) => attributes.set_item(name, text)?,
                Attribute::Integer(integer) => attributes.set_item(name, integer)?,
                Attribute::Integers(list) => attributes.set_item(name, PyList::new(py, list)?)?,
                Attribute::Real(real) => attributes.set_item(name, real)?,
                Attribute::Reals(list) => attributes.set_item(name, PyList::new(py, list)?)?,
            }
        }
        Ok(attributes)
    }

    /// Axes, unit and meaning of an array.
    fn describe(&self, name: &str) -> PyResult<(Vec<String>, String, String)> {
        let dataset = self.0.tree.datasets.get(name).ok_or_else(|| missing(name))?;
        Ok((dataset.dims.clone(), dataset.units.clone(), dataset.description.clone()))
    }

    /// An array, which is read-only and no copy.
    fn array<'py>(slf: &Bound<'py, Self>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let dataset = slf.get().0.tree.datasets.get(name).ok_or_else(|| missing(name))?;
        Ok(match &dataset.values {
            Values::I8(array) => view(array, slf),
            Values::U16(array) => view(array, slf),
            Values::I32(array) => view(array, slf),
            Values::U32(array) => view(array, slf),
            Values::U64(array) => view(array, slf),
            Values::F32(array) => view(array, slf),
            Values::F64(array) => view(array, slf),
        })
    }

    /// The bytes of the file.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let content = Arc::clone(&self.0);
        let bytes = work::run(py, None, move |_| content.bytes(Path::new(IN_MEMORY)))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Writes the file. One with the same bytes is kept; anything else is refused, or replaced if it is a file of ours
    /// and `overwrite` says so.
    fn save(&self, py: Python<'_>, path: PathBuf, overwrite: bool) -> PyResult<()> {
        let content = Arc::clone(&self.0);
        work::run(py, None, move |_| {
            let bytes = content.bytes(&path)?;
            match std::fs::read(&path) {
                Ok(found) if found == bytes => return Ok(()),
                Ok(found) if !(overwrite && looks_ours(&found)) => {
                    let cure = if looks_ours(&found) {
                        "choose another name, delete it, or set overwrite=True"
                    } else {
                        "choose another name or delete it"
                    };
                    return Err(Failure::Usage(format!(
                        "`{}` exists and is another file; {cure}",
                        path.display()
                    )));
                }
                // What cannot be read is left to the write, whose error says why.
                _ => {}
            }
            Ok(replace(&path, &bytes)?)
        })
    }
}

fn missing(name: &str) -> PyErr {
    PyKeyError::new_err(name.to_owned())
}

/// An array of an artifact as NumPy sees it.
#[expect(unsafe_code, reason = "the only way to show an array to NumPy without copying it")]
fn view<'py, T: Element + numpy::Element>(
    array: &ndarray::ArrayD<T>,
    owner: &Bound<'py, Artifact>,
) -> Bound<'py, PyAny> {
    // SAFETY: the array is in `owner`, which NumPy keeps alive as long as the view, and which never changes or moves
    // it: the class is frozen, its content is behind an `Arc`, and nobody can write through a view that is not
    // writeable.
    let view = unsafe { PyArrayDyn::borrow_from_array(array, owner.clone().into_any()) };
    let made = view.readwrite().make_nonwriteable();
    drop(made);
    view.into_any()
}

/// Reads a file of any schema.
#[pyfunction]
pub(crate) fn open(py: Python<'_>, path: PathBuf) -> PyResult<Artifact> {
    work::run(py, None, move |_| {
        let header = file::read_header(&path)?;
        with_type!(header.schema.as_str(), T => Ok(Content::stored(file::read::<T>(&path)?).into()))
    })
}

/// Reads a file whose bytes are in memory.
#[pyfunction]
pub(crate) fn from_bytes(py: Python<'_>, bytes: Vec<u8>) -> PyResult<Artifact> {
    work::run(py, None, move |_| {
        let path = Path::new(IN_MEMORY);
        let header = file::verify_bytes(path, &bytes)?;
        with_type!(header.schema.as_str(), T => Ok(Content::stored(file::from_bytes::<T>(path, &bytes)?).into()))
    })
}

/// An artifact from arrays, as a file of another program with these datasets and root attributes would be read.
#[pyfunction]
pub(crate) fn from_arrays(
    schema: &str,
    arrays: BTreeMap<String, Bound<'_, PyAny>>,
    attributes: BTreeMap<String, Bound<'_, PyAny>>,
) -> PyResult<Artifact> {
    let mut tree = Tree::default();
    for (name, array) in arrays {
        put(&mut tree, &name, &array)?;
    }
    for (name, value) in attributes {
        let attribute = if let Ok(text) = value.extract::<String>() {
            Attribute::Text(text)
        } else if let Ok(integer) = value.extract::<i64>() {
            Attribute::Integer(integer)
        } else if let Ok(real) = value.extract::<f64>() {
            Attribute::Real(real)
        } else if let Ok(list) = value.extract::<Vec<i64>>() {
            Attribute::Integers(list)
        } else {
            Attribute::Reals(value.extract::<Vec<f64>>()?)
        };
        tree.attributes.insert(name, attribute);
    }
    let provenance =
        Provenance { producer: PRODUCER.to_owned(), config: String::new(), seed: 0, inputs: vec![] };
    let refused = |error: ContentError| Failure::usage(error);
    let content = with_type!(schema, T => {
        T::from_tree(&tree).map(|content| Content::of(content, provenance)).map_err(refused)
    })?;
    Ok(content.into())
}

/// Adds a NumPy array to a tree.
fn put(tree: &mut Tree, name: &str, array: &Bound<'_, PyAny>) -> PyResult<()> {
    macro_rules! any_of {
        ($($type:ty),*) => {$(
            if let Ok(array) = array.extract::<PyReadonlyArrayDyn<'_, $type>>() {
                let array = array.as_array();
                let dims: Vec<String> = (0..array.ndim()).map(|axis| format!("axis_{axis}")).collect();
                tree.put(name, &array.to_owned(), &dims.join(","), "1", "");
                return Ok(());
            }
        )*};
    }
    any_of!(i8, u16, i32, u32, u64, f32, f64);
    let kind = array.getattr("dtype").map_or_else(|_| array.get_type().to_string(), |kind| kind.to_string());
    Err(PyTypeError::new_err(format!("`{name}` is of type {kind}; expected an array of numbers")))
}
