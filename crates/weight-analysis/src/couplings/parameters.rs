//! A machine unit by unit.

use datasets::Rbm;
use rbm_core::{ParameterError, SpinParameters};

/// A hidden spin h = ±1 with the energy −h (`bias` + Σ `weights`_i v_i).
pub(super) struct HiddenUnit {
    /// `[visible]`.
    pub(super) weights: Vec<f64>,
    pub(super) bias: f64,
}

/// A machine of spin units with the same law, up to the names of the states: 1 is +1 and 0 is −1.
pub(super) struct Parameters {
    /// `[visible]`.
    pub(super) fields: Vec<f64>,
    /// `[hidden]`.
    pub(super) hidden: Vec<HiddenUnit>,
}

impl Parameters {
    pub(super) fn new(rbm: &Rbm) -> Result<Self, ParameterError> {
        let SpinParameters { weights, visible_bias, hidden_bias } = SpinParameters::of(rbm)?;
        let columns = weights.columns().into_iter().zip(hidden_bias);
        let hidden = columns.map(|(weights, bias)| HiddenUnit { weights: weights.to_vec(), bias }).collect();
        Ok(Self { fields: visible_bias, hidden })
    }
}
