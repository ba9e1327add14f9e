//! Any machine as one of spin units.

use datasets::{Rbm, Units};

use super::CouplingError;

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
    /// With v = (1 + s)/2 and h = (1 + t)/2: weights W/4, hidden biases (c + ½ Σ_i W_ia)/2, fields b_i/2 + ¼ Σ_a W_ia.
    pub(super) fn new(rbm: &Rbm) -> Result<Self, CouplingError> {
        let (visible, hidden) = rbm.weights.dim();
        if (rbm.visible_bias.len(), rbm.hidden_bias.len()) != (visible, hidden) {
            return Err(CouplingError::Biases {
                visible,
                hidden,
                visible_biases: rbm.visible_bias.len(),
                hidden_biases: rbm.hidden_bias.len(),
            });
        }
        let unit = |a: usize| {
            let weights: Vec<f64> = rbm.weights.column(a).iter().map(|&w| f64::from(w)).collect();
            let bias = f64::from(rbm.hidden_bias[a]);
            let parameters = weights.iter().chain([&bias]);
            if parameters.into_iter().any(|value| !value.is_finite()) {
                return Err(CouplingError::HiddenNotFinite { hidden: a });
            }
            Ok(match rbm.units {
                Units::Spin => HiddenUnit { weights, bias },
                Units::Binary => HiddenUnit {
                    bias: 0.5 * bias + 0.25 * weights.iter().sum::<f64>(),
                    weights: weights.iter().map(|w| 0.25 * w).collect(),
                },
            })
        };
        let units = (0..hidden).map(unit).collect::<Result<Vec<_>, _>>()?;
        let field = |i: usize| {
            let bias = f64::from(rbm.visible_bias[i]);
            if !bias.is_finite() {
                return Err(CouplingError::VisibleNotFinite { visible: i });
            }
            Ok(match rbm.units {
                Units::Spin => bias,
                Units::Binary => 0.5 * bias + units.iter().map(|unit| unit.weights[i]).sum::<f64>(),
            })
        };
        Ok(Self { fields: (0..visible).map(field).collect::<Result<_, _>>()?, hidden: units })
    }
}
