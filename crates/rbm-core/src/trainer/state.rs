//! All of a training between two epochs.

use std::collections::BTreeMap;

use datasets::Units;
use ndarray::{Array1, Array2};
use numerics::bits::{Bits, unit_f64};
use numerics::streams::stream;
use serde::{Deserialize, Serialize};

use super::TrainError;
use super::training_set::TrainingSet;
use crate::config::{Optimizer, TrainConfig};
use crate::elementary::ln;
use crate::layer::unit_of_spin;

/// One number for each parameter of the model: the parameters themselves, or their last change.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Parameters {
    /// W, [visible, hidden].
    pub weights: Array2<f32>,
    /// b, \[visible\].
    pub visible_bias: Array1<f32>,
    /// c, \[hidden\].
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

/// What Adam remembers.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct AdamMoments {
    /// The decaying mean of the gradient.
    pub first: Parameters,
    /// The decaying mean of its square.
    pub second: Parameters,
    /// 0.9 to the power of the number of updates.
    pub first_power: f64,
    /// 0.999 to the power of the number of updates.
    pub second_power: f64,
}

/// What the centred gradient subtracts from the units.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Offsets {
    /// The decaying mean of the data's visible units, \[visible\].
    pub visible: Array1<f32>,
    /// The decaying mean of the data's hidden means, \[hidden\].
    pub hidden: Array1<f32>,
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
    /// What Adam remembers, if it is the optimizer.
    pub moments: Option<AdamMoments>,
    /// The offsets of the centred gradient, if it is used.
    pub offsets: Option<Offsets>,
    /// The hidden units of the persistent chains, [levels × chains, hidden], level by level from β = 1, if the algorithm
    /// has them.
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
        let zeros = || Parameters::zeros(visible, hidden);
        let moments = (config.optimizer == Optimizer::Adam).then(|| AdamMoments {
            first: zeros(),
            second: zeros(),
            first_power: 1.0,
            second_power: 1.0,
        });
        let offsets = config.centred.then(|| Offsets {
            visible: training_set.mean(config.units),
            hidden: Array1::from_elem(hidden, if config.units == Units::Spin { 0.0 } else { 0.5 }),
        });
        let persistent = persistent_rows(config, training_set).map(|rows| {
            let mut bits = Bits::from_stream(&mut stream(config.seed, "train persistent chains", &[]));
            Array2::from_shape_simple_fn((rows, hidden), || {
                unit_of_spin(config.units, if bits.next() >> 63 == 0 { 1 } else { -1 })
            })
        });
        Ok(Self {
            config: config.clone(),
            training_set_checksum: training_set.checksum(),
            epoch: 0,
            updates: 0,
            parameters,
            velocity: (config.momentum > 0.0).then(zeros),
            moments,
            offsets,
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
        let damaged = |what: &str| Err(TrainError::DamagedState { what: what.to_owned() });
        if self.velocity.is_some() != (config.momentum > 0.0) {
            return damaged("it has momentum without velocity or the reverse");
        }
        if self.moments.is_some() != (config.optimizer == Optimizer::Adam) {
            return damaged("it has the optimizer `adam` without moments or the reverse");
        }
        if self.offsets.is_some() != config.centred {
            return damaged("it has a centred gradient without offsets or the reverse");
        }
        if let Some(velocity) = &self.velocity {
            velocity.check("velocities", visible, hidden)?;
        }
        if let Some(AdamMoments { first, second, first_power, second_power }) = &self.moments {
            first.check("first moments", visible, hidden)?;
            second.check("second moments", visible, hidden)?;
            if ![first_power, second_power].iter().all(|power| (0.0..=1.0).contains(*power)) {
                return damaged("the powers of the moments' decay are not between 0 and 1");
            }
        }
        if let Some(Offsets { visible: v, hidden: h }) = &self.offsets
            && ((v.len(), h.len()) != (visible, hidden) || !v.iter().chain(h).all(|o| o.abs() <= 1.0))
        {
            return damaged("the offsets are not means of the units");
        }
        let low = unit_of_spin(config.units, -1);
        let valid = |chains: &Array2<f32>| {
            chains.is_standard_layout() && chains.iter().all(|&unit| unit == 1.0 || unit == low)
        };
        let expected = persistent_rows(config, training_set).map(|rows| (rows, hidden));
        if self.persistent.as_ref().map(Array2::dim) != expected || !self.persistent.iter().all(valid) {
            return damaged("the persistent chains do not fit the settings");
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

/// The number of rows of the persistent chains, if the algorithm has them.
fn persistent_rows(config: &TrainConfig, training_set: &TrainingSet) -> Option<usize> {
    config.algorithm.is_persistent().then(|| config.levels() * config.chains_for(training_set.len()))
}

/// Two independent standard normal numbers by Marsaglia's polar method, with the logarithm of this crate: the same on all
/// machines.
pub fn normal_pair(bits: &mut Bits) -> [f64; 2] {
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
