//! All of a training between two epochs.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2};
use numerics::bits::{Bits, unit_f64};
use numerics::streams::stream;
use serde::{Deserialize, Serialize};

use super::TrainError;
use super::training_set::TrainingSet;
use crate::config::{Algorithm, TrainConfig};
use crate::elementary::ln;
use crate::layer::unit_of_spin;

/// One number for each parameter of the model: the parameters themselves, or their last change.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Parameters {
    /// W, [visible, hidden].
    pub weights: Array2<f32>,
    /// b, [visible].
    pub visible_bias: Array1<f32>,
    /// c, [hidden].
    pub hidden_bias: Array1<f32>,
}

impl Parameters {
    pub(crate) fn zeros(visible: usize, hidden: usize) -> Self {
        Self {
            weights: Array2::zeros((visible, hidden)),
            visible_bias: Array1::zeros(visible),
            hidden_bias: Array1::zeros(hidden),
        }
    }

    /// The shapes are right, every number is finite, and every array is in row-major order.
    fn check(&self, name: &str, visible: usize, hidden: usize) -> Result<(), TrainError> {
        let shapes = (self.weights.dim(), self.visible_bias.len(), self.hidden_bias.len());
        if shapes != ((visible, hidden), visible, hidden) || !self.weights.is_standard_layout() {
            let what = format!("the {name} are not those of {visible} visible and {hidden} hidden units");
            return Err(TrainError::DamagedState { what });
        }
        let mut all = self.weights.iter().chain(&self.visible_bias).chain(&self.hidden_bias);
        match all.find(|value| !value.is_finite()) {
            Some(value) => Err(TrainError::DamagedState { what: format!("one of the {name} is {value}") }),
            None => Ok(()),
        }
    }
}

/// All of a training between two epochs: what is needed to continue it, byte for byte.
///
/// There are no generator states in it: every epoch derives its generators from the seed and its number.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct TrainState {
    /// The settings.
    pub config: TrainConfig,
    /// A checksum of the training set.
    pub training_set_checksum: u64,
    /// The number of epochs done.
    pub epoch: u32,
    /// The number of updates done.
    pub updates: u64,
    /// The parameters.
    pub parameters: Parameters,
    /// The last change of each parameter, if there is momentum.
    pub velocity: Option<Parameters>,
    /// The hidden units of the persistent chains, [chains, hidden], if the algorithm has them.
    pub persistent: Option<Array2<f32>>,
    /// The epochs at which the monitored quantities were recorded.
    pub history_epoch: Vec<u32>,
    /// The monitored quantities by name.
    pub history: BTreeMap<String, Vec<f64>>,
}

impl TrainState {
    /// Before the first epoch: normally distributed weights, no biases, random hidden units in persistent chains.
    pub(crate) fn initial(config: &TrainConfig, training_set: &TrainingSet) -> Result<Self, TrainError> {
        let (visible, hidden) = (training_set.visible(), config.hidden);
        let mut parameters = Parameters::zeros(visible, hidden);
        let mut bits = Bits::from_stream(&mut stream(config.seed, "train weights", &[]));
        for pair in parameters.weights.as_slice_mut().unwrap_or(&mut []).chunks_mut(2) {
            for (weight, normal) in pair.iter_mut().zip(normal_pair(&mut bits)) {
                *weight = (f64::from(config.initial_deviation) * normal) as f32;
            }
        }
        let velocity = (config.momentum > 0.0).then(|| Parameters::zeros(visible, hidden));
        let persistent = match config.algorithm {
            Algorithm::Cd => None,
            Algorithm::Pcd => {
                let mut bits = Bits::from_stream(&mut stream(config.seed, "train persistent chains", &[]));
                Some(Array2::from_shape_simple_fn((chains(config, training_set), hidden), || {
                    unit_of_spin(config.units, if bits.next() >> 63 == 0 { 1 } else { -1 })
                }))
            }
        };
        Ok(Self {
            config: config.clone(),
            training_set_checksum: training_set.checksum(),
            epoch: 0,
            updates: 0,
            parameters,
            velocity,
            persistent,
            history_epoch: vec![],
            history: BTreeMap::new(),
        })
    }

    /// Refuses a state that does not belong to this config and training set, or that cannot have been made by a trainer.
    pub(crate) fn check(&self, config: &TrainConfig, training_set: &TrainingSet) -> Result<(), TrainError> {
        let same = TrainConfig { epochs: config.epochs, ..self.config.clone() };
        if same != *config {
            let what = "its settings differ from the present ones in more than `epochs`".to_owned();
            return Err(TrainError::OtherTraining { what });
        }
        if self.training_set_checksum != training_set.checksum() {
            let what = "it was made with other configurations".to_owned();
            return Err(TrainError::OtherTraining { what });
        }
        if self.epoch > config.epochs {
            let what = format!("it is at epoch {} of {}", self.epoch, config.epochs);
            return Err(TrainError::OtherTraining { what });
        }
        let (visible, hidden) = (training_set.visible(), config.hidden);
        self.parameters.check("parameters", visible, hidden)?;
        if self.velocity.is_some() != (config.momentum > 0.0) {
            return Err(TrainError::DamagedState {
                what: "momentum without velocity or the reverse".to_owned(),
            });
        }
        if let Some(velocity) = &self.velocity {
            velocity.check("velocities", visible, hidden)?;
        }
        let expected = match config.algorithm {
            Algorithm::Cd => None,
            Algorithm::Pcd => Some((chains(config, training_set), hidden)),
        };
        let low = unit_of_spin(config.units, -1);
        let valid = |chains: &Array2<f32>| chains.iter().all(|&unit| unit == 1.0 || unit == low);
        if self.persistent.as_ref().map(Array2::dim) != expected || !self.persistent.iter().all(valid) {
            let what = "the persistent chains do not fit the settings".to_owned();
            return Err(TrainError::DamagedState { what });
        }
        if self.history.values().any(|series| series.len() != self.history_epoch.len()) {
            let what = "the series of the history differ in length".to_owned();
            return Err(TrainError::DamagedState { what });
        }
        Ok(())
    }

    /// Drops the last record of the history if it is of the present epoch.
    pub(crate) fn forget_record(&mut self) {
        if self.history_epoch.last() == Some(&self.epoch) {
            self.history_epoch.pop();
            for series in self.history.values_mut() {
                series.pop();
            }
        }
    }
}

/// The number of chains of the model's side.
pub(crate) fn chains(config: &TrainConfig, training_set: &TrainingSet) -> usize {
    config.batch_size.min(training_set.len())
}

/// Two independent standard normal numbers by Marsaglia's polar method, with the logarithm of this crate.
fn normal_pair(bits: &mut Bits) -> [f64; 2] {
    loop {
        let [x, y] = std::array::from_fn(|_| 2.0 * unit_f64(bits.next()) - 1.0);
        let square = x * x + y * y;
        if square > 0.0 && square < 1.0 {
            let scale = (-2.0 * ln(square) / square).sqrt();
            return [x * scale, y * scale];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moments of 200,000 normal numbers are within 4.5 standard errors (false alarm 7·10⁻⁶ each, fixed seed), and
    /// the fractions beyond 1, 2 and 3 are those of the normal distribution.
    #[test]
    fn initial_weights_are_normal() {
        let mut bits = Bits::from_stream(&mut stream(11, "test", &[]));
        let count = 200_000.0f64;
        let values: Vec<f64> = (0..100_000).flat_map(|_| normal_pair(&mut bits)).collect();
        let moment = |k: i32| values.iter().map(|x| x.powi(k)).sum::<f64>() / count;
        assert!(moment(1).abs() < 4.5 / count.sqrt());
        assert!((moment(2) - 1.0).abs() < 4.5 * (2.0 / count).sqrt());
        assert!(moment(3).abs() < 4.5 * (15.0 / count).sqrt());
        assert!((moment(4) - 3.0).abs() < 4.5 * (96.0 / count).sqrt());
        for (bound, fraction) in [(1.0, 0.317_310_5), (2.0, 0.045_500_3), (3.0, 0.002_699_8f64)] {
            let found = values.iter().filter(|x| x.abs() > bound).count() as f64 / count;
            assert!((found - fraction).abs() < 4.5 * (fraction / count).sqrt(), "beyond {bound}: {found}");
        }
    }
}
