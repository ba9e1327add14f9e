//! What contrastive divergence would still change, temperature by temperature.

use super::Value;
use super::value::{put_value, put_values, take_value, take_values};
use crate::tree::{ContentError, Tree};

/// The balance of a training at the temperatures of a flow's starts.
///
/// With g(T) = ⟨v h⟩ at T − ⟨v h⟩ after one step, the gradient of contrastive divergence from the configurations at T
/// alone, the growth at T is Σ_ia W_ia g_ia(T) / Σ_ia W_ia²: the rate, per unit of the learning rate, at which that
/// temperature alone would make the weights grow. It is positive where a step makes configurations less like the
/// weights, and negative where it makes them more so.
#[derive(Debug, Clone, PartialEq)]
pub struct Balance {
    /// The growth at each start, \[f\].
    pub growth: Vec<Value>,
    /// Its mean over the training temperatures: the weight decay where the training is at rest.
    pub mean: Value,
    /// The temperature in J/k_B at which the growth changes from positive to negative; none if it does not, or beyond
    /// all bounds.
    pub zero: Option<Value>,
    /// All temperatures in J/k_B at which the growth changes its sign, ascending, \[z\]: between neighbours at which it
    /// is two errors from 0 or more. Several where the growth is positive again at higher temperatures; [`Self::zero`]
    /// is then the last at which heating gives way to cooling.
    pub zeros: Vec<Value>,
}

impl Balance {
    pub(super) fn put(&self, tree: &mut Tree) {
        let what = "rate at which contrastive divergence from this temperature alone makes the weights grow";
        put_values(tree, "balance/growth", &self.growth, "1", what);
        let what =
            "mean of growth over the training temperatures; the weight decay where the training is at rest";
        put_value(tree, "balance/mean", self.mean, "1", what);
        if let Some(zero) = self.zero {
            let what = "temperature at which growth changes from positive to negative";
            put_value(tree, "balance/zero", zero, "J/k_B", what);
        }
        if !self.zeros.is_empty() {
            let (value, error): (Vec<f64>, Vec<f64>) = self.zeros.iter().map(|z| (z.value, z.error)).unzip();
            let what = "temperatures at which growth changes its sign beyond its errors";
            tree.put_list("balance/zeros", &value, "crossing", "J/k_B", what);
            tree.put_list(
                "balance/zeros_error",
                &error,
                "crossing",
                "J/k_B",
                "its standard error over chains",
            );
        }
    }

    /// None if there is none in a file.
    pub(super) fn take(tree: &Tree, starts: usize) -> Result<Option<Self>, ContentError> {
        if !tree.datasets.keys().any(|path| path.starts_with("balance/")) {
            return Ok(None);
        }
        let growth = take_values(tree, "balance/growth", starts)?;
        let zero = tree.has("balance/zero").then(|| take_value(tree, "balance/zero")).transpose()?;
        if zero.is_some() {
            tree.check::<f64>("balance/zero", "a temperature", |t| t >= 0.0)?;
        }
        let zeros = if tree.has("balance/zeros") {
            let count = tree.list::<f64>("balance/zeros")?.len();
            tree.check::<f64>("balance/zeros", "a temperature", |t| t >= 0.0)?;
            take_values(tree, "balance/zeros", count)?
        } else {
            vec![]
        };
        Ok(Some(Self { growth, mean: take_value(tree, "balance/mean")?, zero, zeros }))
    }
}
