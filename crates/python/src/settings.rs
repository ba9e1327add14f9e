//! From keyword arguments to the settings of a stage, and from these to the text that files have.

use cli::Temperatures;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::failure::Failure;

/// The settings that are lists of temperatures, which may be written as on the command line.
const TEMPERATURES: [&str; 2] = ["temperatures", "start_temperatures"];

/// The settings of a stage from those that are given; `None` stands for the default.
pub(crate) fn complete<C: DeserializeOwned>(given: &Bound<'_, PyDict>) -> PyResult<C> {
    let mut table = table(given)?;
    for name in TEMPERATURES {
        if let Some(value) = table.remove(name) {
            let list: Temperatures = value.try_into().map_err(refused)?;
            let list = Vec::from(list).into_iter().map(Value::Float).collect();
            table.insert(name.to_owned(), Value::Array(list));
        }
    }
    Ok(table.try_into().map_err(refused)?)
}

fn refused(error: toml::de::Error) -> Failure {
    Failure::usage(error.message())
}

fn table(given: &Bound<'_, PyDict>) -> PyResult<Table> {
    let given = given.iter().filter(|(_, value)| !value.is_none());
    given.map(|(name, found)| Ok((name.extract::<String>()?, value(&found)?))).collect()
}

/// Any Python value that TOML has; arrays and scalars of NumPy are lists and numbers.
fn value(found: &Bound<'_, PyAny>) -> PyResult<Value> {
    if let Ok(text) = found.cast::<PyString>() {
        Ok(Value::String(text.extract()?))
    } else if let Ok(inner) = found.cast::<PyDict>() {
        Ok(Value::Table(table(inner)?))
    } else if let Ok(flag) = found.extract::<bool>() {
        Ok(Value::Boolean(flag))
    } else if let Ok(integer) = found.extract::<i64>() {
        Ok(Value::Integer(integer))
    } else if let Ok(real) = found.extract::<f64>() {
        Ok(Value::Float(real))
    } else if let Ok(items) = found.try_iter() {
        items.map(|item| value(&item?)).collect::<PyResult<_>>().map(Value::Array)
    } else {
        Err(PyTypeError::new_err(format!("{} is no setting", found.repr()?)))
    }
}

/// The `config` of the file that a stage makes: its name and its settings, defaults filled in.
pub(crate) fn config(stage: &str, settings: &impl Serialize) -> Result<String, Failure> {
    #[derive(Serialize)]
    struct Tagged<'a, C> {
        stage: &'a str,
        #[serde(flatten)]
        settings: &'a C,
    }
    toml::to_string(&Tagged { stage, settings }).map_err(Failure::computation)
}
