//! What the Monte Carlo renormalization group says of the ensembles and of the first step of a flow.

use ndarray::{Array2, Array3};

use super::Measured;
use crate::checks::wrong_shape;
use crate::tree::{ContentError, Tree};

/// Exponents of ensembles along a flow, each from one 2 × 2 majority block spin: y = ln λ / ln 2 with the leading
/// eigenvalue λ of the matrix ∂K'_α/∂K_β. NaN where there is none, as at T = 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Exponents {
    /// The steps of the ensembles, `[b]` (indices into `step`).
    pub at: Vec<u32>,
    /// y_t with 1, 2, … even couplings, `[f, b, even couplings]`; 1 for the Ising model at T_c.
    pub thermal: Array3<f64>,
    /// Its standard error over chains.
    pub thermal_error: Array3<f64>,
    /// y_h with 1, 2, … odd couplings, `[f, b, odd couplings]`; 15/8 for the Ising model at T_c.
    pub magnetic: Array3<f64>,
    /// Its standard error over chains.
    pub magnetic_error: Array3<f64>,
}

/// The leading eigenvalues of ∂K'_α/∂K_β from the start of a flow that does not change the lattice to the next recorded
/// step: by what it multiplies a small change of the couplings. NaN where there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// With 1, 2, … even couplings, `[f, even couplings]`.
    pub even: Measured,
    /// With 1, 2, … odd couplings, `[f, odd couplings]`.
    pub odd: Measured,
}

const VALID: &str = "finite, or NaN where there is none";

fn check(tree: &Tree, path: &str) -> Result<(), ContentError> {
    tree.check::<f64>(path, VALID, |value| !value.is_infinite())?;
    let expected = "not negative, or NaN where there is none";
    tree.check::<f64>(&format!("{path}_error"), expected, |error| error.is_nan() || error >= 0.0)
}

impl Exponents {
    pub(super) fn put(&self, tree: &mut Tree) {
        tree.put_list("blocks/at", &self.at, "blocking", "1", "index into `step` of each blocking");
        for (name, (value, error), axis, what) in [
            (
                "thermal_exponent",
                (&self.thermal, &self.thermal_error),
                "even_coupling",
                "y_t of one 2 x 2 block spin, with 1, 2, ... even couplings",
            ),
            (
                "magnetic_exponent",
                (&self.magnetic, &self.magnetic_error),
                "odd_coupling",
                "y_h of one 2 x 2 block spin, with 1, 2, ... odd couplings",
            ),
        ] {
            let axes = format!("start,blocking,{axis}");
            tree.put(&format!("blocks/{name}"), value, &axes, "1", what);
            let what = format!("standard error of {name} over chains");
            tree.put(&format!("blocks/{name}_error"), error, &axes, "1", &what);
        }
    }

    /// None if there are none in a file.
    pub(super) fn take(tree: &Tree, starts: usize, steps: usize) -> Result<Option<Self>, ContentError> {
        if !tree.datasets.keys().any(|path| path.starts_with("blocks/")) {
            return Ok(None);
        }
        let at = tree.list::<u32>("blocks/at")?;
        tree.check::<u32>("blocks/at", "an index into `step`", |i| (i as usize) < steps)?;
        let cube = |name: &str| -> Result<(Array3<f64>, Array3<f64>), ContentError> {
            let path = format!("blocks/{name}");
            check(tree, &path)?;
            let value: Array3<f64> = tree.get(&path)?;
            if value.shape()[..2] != [starts, at.len()] {
                return Err(wrong_shape(&path, value.shape(), &format!("[{starts}, {}, ...]", at.len())));
            }
            let error = tree.get_shaped(&format!("{path}_error"), value.shape())?;
            Ok((value, error))
        };
        let (thermal, thermal_error) = cube("thermal_exponent")?;
        let (magnetic, magnetic_error) = cube("magnetic_exponent")?;
        Ok(Some(Self { at, thermal, thermal_error, magnetic, magnetic_error }))
    }
}

impl Response {
    pub(super) fn put(&self, tree: &mut Tree) {
        for (name, measured) in [("even", &self.even), ("odd", &self.odd)] {
            let axes = format!("start,{name}_coupling");
            let what =
                format!("leading eigenvalue of dK'/dK of the first step, with 1, 2, ... {name} couplings");
            tree.put(&format!("response/{name}"), &measured.value, &axes, "1", &what);
            let what = "its standard error over chains";
            tree.put(&format!("response/{name}_error"), &measured.error, &axes, "1", what);
        }
    }

    /// None if there is none in a file.
    pub(super) fn take(tree: &Tree, starts: usize) -> Result<Option<Self>, ContentError> {
        if !tree.datasets.keys().any(|path| path.starts_with("response/")) {
            return Ok(None);
        }
        let measured = |name: &str| -> Result<Measured, ContentError> {
            let path = format!("response/{name}");
            check(tree, &path)?;
            let value: Array2<f64> = tree.get(&path)?;
            if value.nrows() != starts {
                return Err(wrong_shape(&path, value.shape(), &format!("[{starts}, ...]")));
            }
            let error = tree.get_shaped(&format!("{path}_error"), value.shape())?;
            Ok(Measured { value, error })
        };
        Ok(Some(Self { even: measured("even")?, odd: measured("odd")? }))
    }
}
