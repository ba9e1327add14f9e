//! A machine in spin variables, in double precision: the form in which theories of machines are written.

use datasets::{Rbm, Units};
use ndarray::Array2;

/// Why a machine has no such form.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ParameterError {
    /// There is not one bias per unit.
    #[error(
        "the machine has {visible} visible and {hidden} hidden units but {visible_biases} and {hidden_biases} biases"
    )]
    Biases {
        /// The number of visible units.
        visible: usize,
        /// The number of hidden units.
        hidden: usize,
        /// The number of biases of visible units.
        visible_biases: usize,
        /// The number of biases of hidden units.
        hidden_biases: usize,
    },
    /// A parameter is infinite or not a number.
    #[error("a weight or bias of the machine is not a finite number; the training that made it has diverged")]
    NotFinite,
}

/// W, b and c of a machine of spins ±1, in double precision.
///
/// A machine of 0/1 units is one of spins: with v = (1 + σ)/2, h = (1 + τ)/2 and logistic(x) = (1 + tanh(x/2))/2 the same
/// configurations have the same probabilities at each half step for
///
/// W → W/4, c → (c + ½ Σ_i W_i)/2, b → (b + ½ Σ_a W_a)/2.
#[derive(Debug, Clone, PartialEq)]
pub struct SpinParameters {
    /// W, \[visible, hidden\].
    pub weights: Array2<f64>,
    /// b, \[visible\].
    pub visible_bias: Vec<f64>,
    /// c, \[hidden\].
    pub hidden_bias: Vec<f64>,
}

impl SpinParameters {
    /// Those of a machine.
    ///
    /// # Errors
    ///
    /// If there is not one bias per unit, or a parameter is not finite.
    pub fn of(rbm: &Rbm) -> Result<Self, ParameterError> {
        let (visible, hidden) = rbm.weights.dim();
        let (visible_biases, hidden_biases) = (rbm.visible_bias.len(), rbm.hidden_bias.len());
        if (visible, hidden) != (visible_biases, hidden_biases) {
            return Err(ParameterError::Biases { visible, hidden, visible_biases, hidden_biases });
        }
        let mut parameters = rbm.weights.iter().chain(&rbm.visible_bias).chain(&rbm.hidden_bias);
        if !parameters.all(|x| x.is_finite()) {
            return Err(ParameterError::NotFinite);
        }
        let weights = rbm.weights.mapv(f64::from).as_standard_layout().into_owned();
        let mut visible_bias: Vec<f64> = rbm.visible_bias.iter().map(|&b| f64::from(b)).collect();
        let mut hidden_bias: Vec<f64> = rbm.hidden_bias.iter().map(|&c| f64::from(c)).collect();
        if rbm.units == Units::Spin {
            return Ok(Self { weights, visible_bias, hidden_bias });
        }
        for (bias, row) in visible_bias.iter_mut().zip(weights.rows()) {
            *bias = 0.5 * *bias + 0.25 * row.iter().sum::<f64>();
        }
        for (bias, column) in hidden_bias.iter_mut().zip(weights.columns()) {
            *bias = 0.5 * *bias + 0.25 * column.iter().sum::<f64>();
        }
        Ok(Self { weights: weights.mapv_into(|w| 0.25 * w), visible_bias, hidden_bias })
    }

    /// Whether an overall flip of all spins changes nothing: there are no biases.
    pub fn is_symmetric(&self) -> bool {
        self.visible_bias.iter().chain(&self.hidden_bias).all(|&bias| bias == 0.0)
    }

    /// The largest Σ|w| + |bias| of any unit of either layer.
    pub fn largest_field(&self) -> f64 {
        let sum = |bias: f64, weights: ndarray::ArrayView1<f64>| {
            bias.abs() + weights.iter().map(|w| w.abs()).sum::<f64>()
        };
        let visible = self.visible_bias.iter().zip(self.weights.rows());
        let hidden = self.hidden_bias.iter().zip(self.weights.columns());
        visible.chain(hidden).map(|(&bias, weights)| sum(bias, weights)).fold(0.0, f64::max)
    }
}
