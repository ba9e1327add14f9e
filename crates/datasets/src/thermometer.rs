//! `rbmflow.thermometer`: a neural network that reads the temperature of a configuration, with its calibration.

use lattice::Lattice;
use ndarray::{Array1, Array2};

use crate::artifact::{Artifact, Version};
use crate::checks::{wrong_attribute, wrong_shape};
use crate::label_kind::LabelKind;
use crate::tree::{ContentError, Tree};

/// One layer of the network: x ↦ f(x·weights + bias), f = tanh for all layers but the last, softmax for the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// `[in, out]`.
    pub weights: Array2<f32>,
    /// `[out]`.
    pub bias: Array1<f32>,
}

/// How good the network's probabilities are, on configurations that it was not trained or selected on.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// [true class, class]: the network's mean probability of each class.
    pub mean_posterior: Array2<f64>,
    /// [true class, class]: the fraction of configurations for which the class was the most probable one.
    pub confusion: Array2<f64>,
    /// Mean −ln p(true class) in nats.
    pub cross_entropy: f64,
    /// Its standard error.
    pub cross_entropy_error: f64,
    /// The exact Bayes posterior's value on the same configurations, where it is known.
    pub bayes_cross_entropy: Option<f64>,
    /// [true class, class]: the exact posterior's mean probabilities, where known.
    pub bayes_mean_posterior: Option<Array2<f64>>,
    /// The exact posterior's expected cross entropy over all configurations, where known: no reading of the energy can be
    /// below it.
    pub bayes_optimum: Option<f64>,
}

/// A network of fully connected layers from spins to a distribution over temperatures.
#[derive(Debug, Clone, PartialEq)]
pub struct Thermometer {
    /// The lattice that it reads.
    pub lattice: Lattice,
    /// The layers, input first.
    pub layers: Vec<Layer>,
    /// What the classes are.
    pub label_kind: LabelKind,
    /// The temperature of each class in J/k_B, or the number of the class.
    pub temperature: Vec<f64>,
    /// Quality on test data.
    pub calibration: Calibration,
    /// Per epoch: cross entropy on the training data, in nats.
    pub training_cross_entropy: Vec<f64>,
    /// Per epoch: cross entropy on the validation data, in nats.
    pub validation_cross_entropy: Vec<f64>,
    /// The epoch (counted from 1) whose parameters are kept; 0 if they are those of the start.
    pub best_epoch: u32,
}

impl Artifact for Thermometer {
    const SCHEMA: &'static str = "rbmflow.thermometer";
    const VERSION: Version = Version { major: 2, minor: 1 };

    fn to_tree(&self) -> Tree {
        let mut tree = Tree::default();
        tree.set_lattice(self.lattice);
        self.label_kind.put(&mut tree);
        tree.set("layers", self.layers.len());
        tree.set("best_epoch", self.best_epoch as usize);
        for (i, layer) in self.layers.iter().enumerate() {
            tree.put(&format!("layers/{i}/weights"), &layer.weights, "in,out", "1", "weights of the layer");
            tree.put(&format!("layers/{i}/bias"), &layer.bias, "out", "1", "bias of the layer");
        }
        tree.put_list(
            "temperature",
            &self.temperature,
            "class",
            self.label_kind.units(),
            "temperature of each class, or its number",
        );
        let c = &self.calibration;
        tree.put(
            "calibration/mean_posterior",
            &c.mean_posterior,
            "true_class,class",
            "1",
            "mean probability of each class on test configurations",
        );
        tree.put(
            "calibration/confusion",
            &c.confusion,
            "true_class,class",
            "1",
            "fraction of test configurations for which the class was the most probable one",
        );
        tree.put_scalar(
            "calibration/cross_entropy",
            c.cross_entropy,
            "nat",
            "test cross entropy of the network",
        );
        tree.put_scalar(
            "calibration/cross_entropy_error",
            c.cross_entropy_error,
            "nat",
            "its standard error",
        );
        if let Some(value) = c.bayes_cross_entropy {
            let what = "cross entropy of the exact Bayes posterior on the same configurations";
            tree.put_scalar("calibration/bayes_cross_entropy", value, "nat", what);
        }
        if let Some(posterior) = &c.bayes_mean_posterior {
            let what = "mean probability of each class under the exact Bayes posterior";
            tree.put("calibration/bayes_mean_posterior", posterior, "true_class,class", "1", what);
        }
        if let Some(value) = c.bayes_optimum {
            let what = "expected cross entropy of the exact Bayes posterior: the least possible";
            tree.put_scalar("calibration/bayes_optimum", value, "nat", what);
        }
        for (name, values) in [
            ("training_cross_entropy", &self.training_cross_entropy),
            ("validation_cross_entropy", &self.validation_cross_entropy),
        ] {
            tree.put_list(&format!("history/{name}"), values, "epoch", "nat", &name.replace('_', " "));
        }
        tree
    }

    fn from_tree(tree: &Tree) -> Result<Self, ContentError> {
        tree.refuse_nan()?;
        let lattice = tree.lattice()?;
        let temperature = tree.list::<f64>("temperature")?;
        tree.check_temperatures("temperature")?;
        let classes = temperature.len();
        let mut layers: Vec<Layer> = Vec::new();
        let mut inputs = lattice.sites();
        for i in 0..tree.count("layers")? {
            let path = format!("layers/{i}/weights");
            let weights: Array2<f32> = tree.get(&path)?;
            if weights.nrows() != inputs {
                return Err(wrong_shape(&path, weights.shape(), &format!("[{inputs}, out]")));
            }
            inputs = weights.ncols();
            let bias = tree.get_shaped(&format!("layers/{i}/bias"), &[inputs])?;
            tree.check::<f32>(&path, "a finite number", f32::is_finite)?;
            tree.check::<f32>(&format!("layers/{i}/bias"), "a finite number", f32::is_finite)?;
            layers.push(Layer { weights, bias });
        }
        if inputs != classes || layers.is_empty() || classes == 0 {
            let expected = format!("[{inputs}] as the last layer's outputs");
            return Err(wrong_shape("temperature", &[classes], &expected));
        }
        let square = [classes, classes];
        let matrix = |path: &str| {
            tree.check_fractions(path)?;
            tree.get_shaped::<f64, ndarray::Ix2>(path, &square)
        };
        let scalar = |path: &str| {
            tree.check_finite(path)?;
            tree.scalar::<f64>(path)
        };
        tree.check_errors("calibration/cross_entropy_error")?;
        let optional = |path: &str| tree.has(path).then(|| scalar(path)).transpose();
        let best = "calibration/bayes_mean_posterior";
        let calibration = Calibration {
            mean_posterior: matrix("calibration/mean_posterior")?,
            confusion: matrix("calibration/confusion")?,
            cross_entropy: scalar("calibration/cross_entropy")?,
            cross_entropy_error: tree.scalar("calibration/cross_entropy_error")?,
            bayes_cross_entropy: optional("calibration/bayes_cross_entropy")?,
            bayes_mean_posterior: tree.has(best).then(|| matrix(best)).transpose()?,
            bayes_optimum: optional("calibration/bayes_optimum")?,
        };
        for path in ["history/training_cross_entropy", "history/validation_cross_entropy"] {
            tree.check_finite(path)?;
        }
        let training_cross_entropy = tree.list::<f64>("history/training_cross_entropy")?;
        let epochs = [training_cross_entropy.len()];
        let best_epoch = tree.count("best_epoch")?;
        let Some(best_epoch) = u32::try_from(best_epoch).ok().filter(|_| best_epoch <= epochs[0]) else {
            let expected = format!("an epoch up to {}", epochs[0]);
            return Err(wrong_attribute("best_epoch", &best_epoch.to_string(), &expected));
        };
        Ok(Self {
            label_kind: LabelKind::take(tree)?,
            lattice,
            layers,
            temperature,
            calibration,
            validation_cross_entropy: tree
                .get_shaped::<f64, ndarray::Ix1>("history/validation_cross_entropy", &epochs)?
                .to_vec(),
            training_cross_entropy,
            best_epoch,
        })
    }
}
