//! The ranges of values that several schemas have in common.

use lattice::{Kind, Lattice};

use crate::tree::{Attribute, ContentError, Tree};
use crate::values::Values;

impl Tree {
    /// Sets the attributes of a lattice, its kind and its sides.
    pub(crate) fn set_lattice(&mut self, lattice: Lattice) {
        let shape = lattice.shape().iter().map(|&side| side as i64).collect();
        self.set("lattice", lattice.kind().name());
        self.attributes.insert("shape".to_owned(), Attribute::Integers(shape));
    }

    /// The lattice of the attributes `lattice` and `shape`. Where there is neither, the one of `size` is square: that
    /// is how files were before other lattices.
    pub(crate) fn lattice(&self) -> Result<Lattice, ContentError> {
        if self.attributes.contains_key("size") && !self.attributes.contains_key("lattice") {
            let size = self.count("size")?;
            return Lattice::square(size).map_err(|error| {
                wrong_attribute("size", &size.to_string(), &format!("another one: {error}"))
            });
        }
        let Some(kind) = self.optional("lattice", Tree::text)? else {
            return Err(ContentError::MissingAttribute {
                name: "lattice".to_owned(),
                expected: "text, such as `square` (with the sides in `shape`; of squares `size` alone is enough)",
            });
        };
        let wrong = |name, found: &str, error| wrong_attribute(name, found, &format!("another one: {error}"));
        let kind: Kind = kind.parse().map_err(|error| wrong("lattice", kind, error))?;
        let found = self.integers("shape")?;
        // A negative side is as impossible as none.
        let shape: Vec<usize> = found.iter().map(|&side| usize::try_from(side).unwrap_or(0)).collect();
        let lattice =
            Lattice::new(kind, &shape).map_err(|error| wrong("shape", &format!("{found:?}"), error))?;
        if self.attributes.contains_key("size") && Some(self.count("size")?) != lattice.size() {
            let expected = format!("that of lattice {lattice}, or left out");
            return Err(wrong_attribute("size", &self.count("size")?.to_string(), &expected));
        }
        Ok(lattice)
    }

    /// What `get` finds, or `None` if there is no attribute of that name; one of another type is an error.
    pub(crate) fn optional<'a, T>(
        &'a self,
        name: &str,
        get: impl FnOnce(&'a Self, &str) -> Result<T, ContentError>,
    ) -> Result<Option<T>, ContentError> {
        self.attributes.contains_key(name).then(|| get(self, name)).transpose()
    }

    /// Neither NaN nor infinite.
    pub(crate) fn check_finite(&self, path: &str) -> Result<(), ContentError> {
        self.check::<f64>(path, "a finite number", f64::is_finite)
    }

    /// Standard errors: infinite or NaN where the measurements do not tell.
    pub(crate) fn check_errors(&self, path: &str) -> Result<(), ContentError> {
        let valid = |error: f64| error.is_nan() || error >= 0.0;
        self.check::<f64>(path, "a standard error, which is not negative", valid)
    }

    /// Temperatures: 0 and infinity are allowed.
    pub(crate) fn check_temperatures(&self, path: &str) -> Result<(), ContentError> {
        self.check::<f64>(path, "a temperature, which is not negative", |t| t >= 0.0)
    }

    /// Probabilities and fractions, with room for rounding.
    pub(crate) fn check_fractions(&self, path: &str) -> Result<(), ContentError> {
        self.check::<f64>(path, "a number from 0 to 1", |p| (0.0..=1.0 + 1e-6).contains(&p))
    }

    /// Makes all NaN alike: their sign and payload depend on the machine, and files must not.
    pub fn settle_nan(&mut self) {
        for dataset in self.datasets.values_mut() {
            match &mut dataset.values {
                Values::F32(array) => array.mapv_inplace(|x| if x.is_nan() { f32::NAN } else { x }),
                Values::F64(array) => array.mapv_inplace(|x| if x.is_nan() { f64::NAN } else { x }),
                _ => {}
            }
        }
        for value in self.attributes.values_mut() {
            match value {
                Attribute::Real(x) if x.is_nan() => *x = f64::NAN,
                Attribute::Reals(list) => list.iter_mut().filter(|x| x.is_nan()).for_each(|x| *x = f64::NAN),
                _ => {}
            }
        }
    }

    /// There is no NaN but for standard errors and autocorrelation times that the data do not tell; anything else that
    /// is not known is left out of a file. (Only flows and figures mark gaps by NaN.)
    pub(crate) fn refuse_nan(&self) -> Result<(), ContentError> {
        let may_be_unknown = |path: &str| {
            let standard_error = path.ends_with("_error") && !path.starts_with("history/");
            standard_error || path.ends_with("/autocorrelation_time")
        };
        for (path, dataset) in self.datasets.iter().filter(|(path, _)| !may_be_unknown(path)) {
            let index = match &dataset.values {
                Values::F32(array) => array.iter().position(|value| value.is_nan()),
                Values::F64(array) => array.iter().position(|value| value.is_nan()),
                _ => None,
            };
            if let Some(index) = index {
                return Err(ContentError::WrongValue {
                    path: path.clone(),
                    index,
                    found: "NaN".to_owned(),
                    expected: "a number".to_owned(),
                });
            }
        }
        let nan = |value: &Attribute| match value {
            Attribute::Real(value) => value.is_nan(),
            Attribute::Reals(values) => values.iter().any(|value| value.is_nan()),
            Attribute::Text(_) | Attribute::Integer(_) | Attribute::Integers(_) => false,
        };
        match self.attributes.iter().find(|(_, value)| nan(value)) {
            Some((name, _)) => Err(wrong_attribute(name, "NaN", "a number")),
            None => Ok(()),
        }
    }
}

pub(crate) fn wrong_attribute(name: &str, found: &str, expected: &str) -> ContentError {
    ContentError::WrongAttribute {
        name: name.to_owned(),
        found: found.to_owned(),
        expected: expected.to_owned(),
    }
}

pub(crate) fn wrong_shape(path: &str, found: &[usize], expected: &str) -> ContentError {
    ContentError::WrongShape { path: path.to_owned(), found: found.to_vec(), expected: expected.to_owned() }
}

/// Each number is larger than the one before.
pub(crate) fn check_ascending<T: PartialOrd + ToString>(path: &str, list: &[T]) -> Result<(), ContentError> {
    match list.windows(2).position(|pair| pair[1] <= pair[0]) {
        None => Ok(()),
        Some(index) => Err(ContentError::WrongValue {
            path: path.to_owned(),
            index: index + 1,
            found: list[index + 1].to_string(),
            expected: "more than the one before".to_owned(),
        }),
    }
}
