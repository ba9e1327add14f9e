//! Numbers with their standard errors over chains, in trees.

use ndarray::Ix1;

use super::{Measured, Value};
use crate::tree::{ContentError, Tree};

const ERROR: &str = "its standard error over chains";

/// Puts a number at a path, and its error beside it.
pub(super) fn put_value(tree: &mut Tree, path: &str, value: Value, units: &str, what: &str) {
    tree.put_scalar(path, value.value, units, what);
    tree.put_scalar(&format!("{path}_error"), value.error, units, ERROR);
}

/// Takes a number and its error.
pub(super) fn take_value(tree: &Tree, path: &str) -> Result<Value, ContentError> {
    let error = format!("{path}_error");
    tree.check_finite(path)?;
    tree.check_errors(&error)?;
    Ok(Value { value: tree.scalar(path)?, error: tree.scalar(&error)? })
}

/// Puts a number of each start at a path, and the errors beside it.
pub(super) fn put_values(tree: &mut Tree, path: &str, values: &[Value], units: &str, what: &str) {
    let value: Vec<f64> = values.iter().map(|value| value.value).collect();
    let error: Vec<f64> = values.iter().map(|value| value.error).collect();
    tree.put_list(path, &value, "start", units, what);
    tree.put_list(&format!("{path}_error"), &error, "start", units, ERROR);
}

/// Takes a number of each start and their errors.
pub(super) fn take_values(tree: &Tree, path: &str, starts: usize) -> Result<Vec<Value>, ContentError> {
    let error_path = format!("{path}_error");
    tree.check_finite(path)?;
    tree.check_errors(&error_path)?;
    let values = tree.get_shaped::<f64, Ix1>(path, &[starts])?;
    let errors = tree.get_shaped::<f64, Ix1>(&error_path, &[starts])?;
    Ok(values.iter().zip(errors).map(|(&value, error)| Value { value, error }).collect())
}

pub(super) fn put_measured(tree: &mut Tree, path: &str, measured: &Measured, units: &str, description: &str) {
    tree.put(path, &measured.value, "start,step", units, description);
    let what = format!("standard error of {path} over chains");
    tree.put(&format!("{path}_error"), &measured.error, "start,step", units, &what);
}

pub(super) fn take_measured(tree: &Tree, path: &str, shape: &[usize]) -> Result<Measured, ContentError> {
    let error = format!("{path}_error");
    tree.check_finite(path)?;
    tree.check_errors(&error)?;
    Ok(Measured { value: tree.get_shaped(path, shape)?, error: tree.get_shaped(&error, shape)? })
}
