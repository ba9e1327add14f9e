//! What a file holds, in memory, independent of HDF5.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ndarray::{Array, ArrayD, Dimension, Ix0};

use crate::values::{Element, Values};

/// A named array with its meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// What the numbers are, in a sentence fragment.
    pub description: String,
    /// The unit; `"1"` if there is none.
    pub units: String,
    /// The names of the axes, outermost first.
    pub dims: Vec<String>,
    /// The numbers.
    pub values: Values,
}

/// A root attribute.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the variants are the value types")]
pub enum Attribute {
    Text(String),
    Integer(i64),
    Integers(Vec<i64>),
    Real(f64),
    Reals(Vec<f64>),
}

impl Attribute {
    /// The only number that this is or holds, if it is an integer: other programs write lists of one, or reals.
    pub(crate) fn integer(&self) -> Option<i64> {
        let exact = |value: f64| (value.fract() == 0.0 && value.abs() < 9.0e15).then_some(value as i64);
        match self {
            Self::Integer(value) => Some(*value),
            Self::Real(value) => exact(*value),
            Self::Integers(values) if values.len() == 1 => Some(values[0]),
            Self::Reals(values) if values.len() == 1 => exact(values[0]),
            Self::Integers(_) | Self::Reals(_) | Self::Text(_) => None,
        }
    }
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<usize> for Attribute {
    /// Counts beyond i64, which no memory holds, become the largest i64.
    fn from(value: usize) -> Self {
        Self::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<f64> for Attribute {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

/// The largest integer up to which all are real numbers.
const LARGEST_EXACT: u64 = 1 << 53;

/// Named arrays and attributes: the content of one file, without its provenance.
///
/// Paths are separated by `/` and have no leading one: `observables/energy_per_spin`. Both maps are sorted, so that
/// equal trees hash and write alike.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tree {
    /// The root attributes that belong to the content.
    pub attributes: BTreeMap<String, Attribute>,
    /// The arrays by path.
    pub datasets: BTreeMap<String, Dataset>,
    /// What else there is in a file of another program, by path, and what it is. It counts only where a schema asks for
    /// it, as an error, and belongs to no hash.
    pub unread: BTreeMap<String, String>,
}

/// The content of a file is not what its schema says.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ContentError {
    #[error("dataset `{path}` is missing")]
    MissingDataset { path: String },
    #[error("dataset `{path}` is {found}, expected an array of numbers")]
    UnreadDataset { path: String, found: String },
    #[error("attribute `{name}` is missing or has another type than {expected}")]
    MissingAttribute { name: String, expected: &'static str },
    #[error("dataset `{path}` has shape {found:?}, expected {expected}")]
    WrongShape { path: String, found: Vec<usize>, expected: String },
    #[error("dataset `{path}` has {found} at index {index}, expected {expected}")]
    WrongValue { path: String, index: usize, found: String, expected: String },
    #[error("dataset `{path}` is unexpected: {expected}")]
    Unexpected { path: String, expected: String },
    #[error("attribute `{name}` is {found}, expected {expected}")]
    WrongAttribute { name: String, found: String, expected: String },
}

impl Tree {
    /// Adds an array; `dims` are the axis names, comma separated, one for each axis.
    ///
    /// # Panics
    ///
    /// If the number of names differs from the number of axes, which is a mistake in the schema's own code.
    pub fn put<T: Element, D: Dimension>(
        &mut self,
        path: &str,
        array: &Array<T, D>,
        dims: &str,
        units: &str,
        description: &str,
    ) {
        let dims: Vec<String> = dims.split(',').filter(|d| !d.is_empty()).map(str::to_owned).collect();
        assert_eq!(dims.len(), array.ndim(), "dims of `{path}`");
        let dataset = Dataset {
            description: description.to_owned(),
            units: units.to_owned(),
            dims,
            values: T::wrap(array.as_standard_layout().into_owned().into_dyn()),
        };
        self.datasets.insert(path.to_owned(), dataset);
    }

    /// Adds a list of numbers as an array with one axis.
    pub fn put_list<T: Element>(
        &mut self,
        path: &str,
        list: &[T],
        dim: &str,
        units: &str,
        description: &str,
    ) {
        self.put(path, &ndarray::Array1::from(list.to_vec()), dim, units, description);
    }

    /// Adds a single number as an array without axes.
    pub fn put_scalar<T: Element>(&mut self, path: &str, value: T, units: &str, description: &str) {
        self.put(path, &Array::<T, Ix0>::from_elem((), value), "", units, description);
    }

    /// Sets a root attribute.
    pub fn set(&mut self, name: &str, value: impl Into<Attribute>) {
        self.attributes.insert(name.to_owned(), value.into());
    }

    /// The array at `path`, with the number of axes of `D`.
    ///
    /// Numbers of another element type are converted if none of them changes: files that were written by hand have
    /// 64-bit integers where ours have narrow ones.
    ///
    /// # Errors
    ///
    /// If it is missing, has another number of axes, or holds a number that `T` cannot.
    pub fn get<T: Element, D: Dimension>(&self, path: &str) -> Result<Array<T, D>, ContentError> {
        let array = self.array::<T>(path)?;
        let found = array.shape().to_vec();
        array.into_owned().into_dimensionality::<D>().map_err(|_| ContentError::WrongShape {
            path: path.to_owned(),
            found,
            expected: format!("{} axes", D::NDIM.unwrap_or(0)),
        })
    }

    /// The array at `path`, converted only if it must be.
    fn array<T: Element>(&self, path: &str) -> Result<Cow<'_, ArrayD<T>>, ContentError> {
        let dataset = self.datasets.get(path).ok_or_else(|| {
            let path = path.to_owned();
            match self.unread.get(&path) {
                Some(found) => ContentError::UnreadDataset { path, found: found.clone() },
                None => ContentError::MissingDataset { path },
            }
        })?;
        if let Some(array) = T::unwrap(&dataset.values) {
            return Ok(Cow::Borrowed(array));
        }
        dataset.values.convert::<T>().map(Cow::Owned).map_err(|(index, found)| ContentError::WrongValue {
            path: path.to_owned(),
            index,
            found,
            expected: format!("a number that {} holds exactly", T::NAME),
        })
    }

    /// The array at `path` with exactly the axis lengths `shape`.
    ///
    /// # Errors
    ///
    /// If it is missing, or has another element type or shape.
    pub fn get_shaped<T: Element, D: Dimension>(
        &self,
        path: &str,
        shape: &[usize],
    ) -> Result<Array<T, D>, ContentError> {
        let array = self.get::<T, D>(path)?;
        if array.shape() == shape {
            Ok(array)
        } else {
            Err(ContentError::WrongShape {
                path: path.to_owned(),
                found: array.shape().to_vec(),
                expected: format!("{shape:?}"),
            })
        }
    }

    /// The numbers of an array with one axis.
    ///
    /// # Errors
    ///
    /// As [`Tree::get`].
    pub fn list<T: Element>(&self, path: &str) -> Result<Vec<T>, ContentError> {
        Ok(self.get::<T, ndarray::Ix1>(path)?.to_vec())
    }

    /// A single number.
    ///
    /// # Errors
    ///
    /// As [`Tree::get`].
    pub fn scalar<T: Element>(&self, path: &str) -> Result<T, ContentError> {
        Ok(self.get::<T, Ix0>(path)?.into_scalar())
    }

    /// Whether there is an array at `path`.
    pub fn has(&self, path: &str) -> bool {
        self.datasets.contains_key(path) || self.unread.contains_key(path)
    }

    /// A text attribute.
    ///
    /// # Errors
    ///
    /// If it is missing or not text.
    pub fn text(&self, name: &str) -> Result<&str, ContentError> {
        match self.attributes.get(name) {
            Some(Attribute::Text(text)) => Ok(text),
            _ => Err(ContentError::MissingAttribute { name: name.to_owned(), expected: "text" }),
        }
    }

    /// An attribute that counts something.
    ///
    /// # Errors
    ///
    /// If it is missing, not an integer, or negative.
    pub fn count(&self, name: &str) -> Result<usize, ContentError> {
        match self.attributes.get(name).and_then(Attribute::integer) {
            Some(value) => usize::try_from(value).map_err(|_| ContentError::WrongAttribute {
                name: name.to_owned(),
                found: value.to_string(),
                expected: "a count, which is not negative".to_owned(),
            }),
            _ => Err(ContentError::MissingAttribute { name: name.to_owned(), expected: "a count" }),
        }
    }

    /// A real attribute; an integer that a real number holds exactly is one too.
    ///
    /// # Errors
    ///
    /// If it is missing or not a real number.
    pub fn real(&self, name: &str) -> Result<f64, ContentError> {
        match self.attributes.get(name) {
            Some(Attribute::Real(value)) => Ok(*value),
            Some(Attribute::Reals(values)) if values.len() == 1 => Ok(values[0]),
            Some(Attribute::Integer(value)) if value.unsigned_abs() <= LARGEST_EXACT => Ok(*value as f64),
            Some(Attribute::Integers(values))
                if values.len() == 1 && values[0].unsigned_abs() <= LARGEST_EXACT =>
            {
                Ok(values[0] as f64)
            }
            _ => Err(ContentError::MissingAttribute { name: name.to_owned(), expected: "a real number" }),
        }
    }

    /// A list of reals; integers that real numbers hold exactly are ones too.
    ///
    /// # Errors
    ///
    /// If it is missing or not a list of reals.
    pub fn reals(&self, name: &str) -> Result<Vec<f64>, ContentError> {
        match self.attributes.get(name) {
            Some(Attribute::Reals(values)) => Ok(values.clone()),
            Some(Attribute::Integers(values)) if values.iter().all(|v| v.unsigned_abs() <= LARGEST_EXACT) => {
                Ok(values.iter().map(|&value| value as f64).collect())
            }
            _ => Err(ContentError::MissingAttribute { name: name.to_owned(), expected: "a list of reals" }),
        }
    }

    /// A list of integers, also as reals; a single integer is a list of one.
    ///
    /// # Errors
    ///
    /// If it is missing or not a list of integers.
    pub fn integers(&self, name: &str) -> Result<Vec<i64>, ContentError> {
        let missing =
            || ContentError::MissingAttribute { name: name.to_owned(), expected: "a list of integers" };
        let value = self.attributes.get(name).ok_or_else(missing)?;
        match value {
            Attribute::Integers(values) => Ok(values.clone()),
            Attribute::Reals(values) => {
                values.iter().map(|&value| Attribute::Real(value).integer().ok_or_else(missing)).collect()
            }
            value => Ok(vec![value.integer().ok_or_else(missing)?]),
        }
    }

    /// The values of the array at `path` all satisfy `valid`; otherwise the first that does not is named.
    ///
    /// # Errors
    ///
    /// As [`Tree::get`], and if a value does not satisfy `valid`.
    pub fn check<T: Element + std::fmt::Display>(
        &self,
        path: &str,
        expected: &str,
        valid: impl Fn(T) -> bool,
    ) -> Result<(), ContentError> {
        let array = self.array::<T>(path)?;
        match array.iter().position(|&value| !valid(value)) {
            None => Ok(()),
            Some(index) => Err(ContentError::WrongValue {
                path: path.to_owned(),
                index,
                found: array.iter().nth(index).map(ToString::to_string).unwrap_or_default(),
                expected: expected.to_owned(),
            }),
        }
    }
}
