//! What contrastive divergence would still change, temperature by temperature.

use super::Value;
use crate::tree::{ContentError, Tree};

/// The balance of a training at the temperatures of a flow's starts.
///
/// With g(T) = ⟨v h⟩ at T − ⟨v h⟩ after one step, the gradient of contrastive divergence from the configurations at T alone, the
/// growth at T is Σ_ia W_ia g_ia(T) / Σ_ia W_ia²: the rate, per unit of the learning rate, at which that temperature alone would
/// make the weights grow. It is positive where a step makes configurations less like the weights, and negative where
/// it makes them more so.
#[derive(Debug, Clone, PartialEq)]
pub struct Balance {
    /// The growth at each start, \[f\].
    pub growth: Vec<Value>,
    /// Its mean over the training temperatures: the weight decay where the training is at rest.
    pub mean: Value,
    /// The temperature in J/k_B at which the growth changes from positive to negative; none if it does not, or beyond all bounds.
    pub zero: Option<Value>,
}

impl Balance {
    pub(super) fn put(&self, tree: &mut Tree) {
        let growth: Vec<f64> = self.growth.iter().map(|growth| growth.value).collect();
        let error: Vec<f64> = self.growth.iter().map(|growth| growth.error).collect();
        let what = "rate at which contrastive divergence from this temperature alone makes the weights grow";
        tree.put_list("balance/growth", &growth, "start", "1", what);
        let what = "its standard error over chains";
        tree.put_list("balance/growth_error", &error, "start", "1", what);
        let what =
            "mean of growth over the training temperatures; the weight decay where the training is at rest";
        put_value(tree, "mean", self.mean, "1", what);
        if let Some(zero) = self.zero {
            let what = "temperature at which growth changes from positive to negative";
            put_value(tree, "zero", zero, "J/k_B", what);
        }
    }

    /// None if there is none in a file.
    pub(super) fn take(tree: &Tree, starts: usize) -> Result<Option<Self>, ContentError> {
        if !tree.datasets.keys().any(|path| path.starts_with("balance/")) {
            return Ok(None);
        }
        tree.check_finite("balance/growth")?;
        tree.check_errors("balance/growth_error")?;
        let growth = tree.get_shaped::<f64, ndarray::Ix1>("balance/growth", &[starts])?;
        let error = tree.get_shaped::<f64, ndarray::Ix1>("balance/growth_error", &[starts])?;
        let zero = tree.has("balance/zero").then(|| take_value(tree, "zero")).transpose()?;
        if zero.is_some() {
            tree.check::<f64>("balance/zero", "a temperature", |t| t >= 0.0)?;
        }
        Ok(Some(Self {
            growth: growth.iter().zip(error).map(|(&value, error)| Value { value, error }).collect(),
            mean: take_value(tree, "mean")?,
            zero,
        }))
    }
}

fn put_value(tree: &mut Tree, name: &str, value: Value, units: &str, what: &str) {
    tree.put_scalar(&format!("balance/{name}"), value.value, units, what);
    tree.put_scalar(&format!("balance/{name}_error"), value.error, units, "its standard error over chains");
}

fn take_value(tree: &Tree, name: &str) -> Result<Value, ContentError> {
    let (value, error) = (format!("balance/{name}"), format!("balance/{name}_error"));
    tree.check_finite(&value)?;
    tree.check_errors(&error)?;
    Ok(Value { value: tree.scalar(&value)?, error: tree.scalar(&error)? })
}
