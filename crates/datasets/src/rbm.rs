//! `rbmflow.rbm`: a trained restricted Boltzmann machine with the history of its training.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2};

use crate::artifact::{Artifact, Version};
use crate::checks::{wrong_attribute, wrong_shape};
use crate::tree::{Attribute, ContentError, Tree};

/// The values that the units take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Units {
    /// −1 and +1; conditional means are hyperbolic tangents.
    Spin,
    /// 0 and 1; conditional means are logistic functions.
    Binary,
}

impl Units {
    /// The name in files and configs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spin => "spin",
            Self::Binary => "binary",
        }
    }
}

/// The parameters of E(v, h) = −Σ v_i W_ia h_a − Σ b_i v_i − Σ c_a h_a, and how they came to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Rbm {
    /// The values of the units, of both layers.
    pub units: Units,
    /// W, `[visible, hidden]`, finite; at least one unit in each layer.
    pub weights: Array2<f32>,
    /// b, `[visible]`; zeros if the model has no biases.
    pub visible_bias: Array1<f32>,
    /// c, `[hidden]`; zeros if the model has no biases.
    pub hidden_bias: Array1<f32>,
    /// The temperatures of the training set in J/k_B.
    pub training_temperatures: Vec<f64>,
    /// The number of parameter updates, below 2⁶³.
    pub updates: u64,
    /// The epochs at which the monitored quantities were measured; 0 is before training.
    pub history_epoch: Vec<u32>,
    /// The monitored quantities by name, each with one finite value per entry of `history_epoch`.
    pub history: BTreeMap<String, Vec<f64>>,
}

impl Rbm {
    /// A machine that was not trained here, with its visible and its hidden biases.
    ///
    /// # Errors
    ///
    /// If a layer has no unit, there is not one bias for each unit, or a number is not finite.
    ///
    /// ```
    /// use datasets::{Rbm, Units};
    /// use ndarray::{Array1, Array2};
    /// let machine = Rbm::new(Units::Spin, Array2::zeros((4, 2)), Array1::zeros(4), Array1::zeros(2))?;
    /// assert_eq!((machine.visible(), machine.hidden()), (4, 2));
    /// assert!(Rbm::new(Units::Spin, Array2::zeros((4, 2)), Array1::zeros(2), Array1::zeros(2)).is_err());
    /// # Ok::<(), datasets::ContentError>(())
    /// ```
    pub fn new(
        units: Units,
        weights: Array2<f32>,
        visible_bias: Array1<f32>,
        hidden_bias: Array1<f32>,
    ) -> Result<Self, ContentError> {
        let (visible, hidden) = weights.dim();
        if visible == 0 || hidden == 0 {
            return Err(wrong_shape("weights", &[visible, hidden], "at least one unit in each layer"));
        }
        for (path, bias, expected) in
            [("visible_bias", &visible_bias, visible), ("hidden_bias", &hidden_bias, hidden)]
        {
            if bias.len() != expected {
                return Err(wrong_shape(path, bias.shape(), &format!("[{expected}]")));
            }
        }
        let finite = |path: &str, index: Option<usize>, values: &mut dyn Iterator<Item = &f32>| match index {
            None => Ok(()),
            Some(index) => Err(ContentError::WrongValue {
                path: path.to_owned(),
                index,
                found: values.nth(index).map(ToString::to_string).unwrap_or_default(),
                expected: "a finite number".to_owned(),
            }),
        };
        let wrong = |value: &f32| !value.is_finite();
        finite("weights", weights.iter().position(wrong), &mut weights.iter())?;
        finite("visible_bias", visible_bias.iter().position(wrong), &mut visible_bias.iter())?;
        finite("hidden_bias", hidden_bias.iter().position(wrong), &mut hidden_bias.iter())?;
        Ok(Self {
            units,
            weights,
            visible_bias,
            hidden_bias,
            training_temperatures: vec![],
            updates: 0,
            history_epoch: vec![],
            history: BTreeMap::new(),
        })
    }

    /// The number of visible units.
    pub fn visible(&self) -> usize {
        self.weights.nrows()
    }

    /// The number of hidden units.
    pub fn hidden(&self) -> usize {
        self.weights.ncols()
    }

    /// The largest |W|.
    ///
    /// ```
    /// use datasets::{Rbm, Units};
    /// use ndarray::{Array1, array};
    /// let machine = Rbm::new(Units::Spin, array![[0.5, -2.0]], Array1::zeros(1), Array1::zeros(2))?;
    /// assert_eq!(machine.max_abs_weight(), 2.0);
    /// # Ok::<(), datasets::ContentError>(())
    /// ```
    pub fn max_abs_weight(&self) -> f64 {
        f64::from(self.weights.iter().fold(0f32, |most, weight| most.max(weight.abs())))
    }

    /// The number of updates at each entry of `history_epoch`: all epochs have as many.
    pub fn history_updates(&self) -> Vec<f64> {
        let last = f64::from(self.history_epoch.last().copied().unwrap_or(1).max(1));
        self.history_epoch.iter().map(|&epoch| self.updates as f64 * f64::from(epoch) / last).collect()
    }
}

impl Artifact for Rbm {
    const SCHEMA: &'static str = "rbmflow.rbm";
    const VERSION: Version = Version { major: 1, minor: 1 };

    fn to_tree(&self) -> Tree {
        let mut tree = Tree::default();
        tree.set("units", self.units.name());
        tree.set("visible", self.visible());
        tree.set("hidden", self.hidden());
        let updates = i64::try_from(self.updates).unwrap_or(i64::MAX);
        tree.attributes.insert("updates".to_owned(), Attribute::Integer(updates));
        tree.attributes
            .insert("training_temperatures".to_owned(), Attribute::Reals(self.training_temperatures.clone()));
        tree.put(
            "weights",
            &self.weights,
            "visible,hidden",
            "1",
            "couplings between visible and hidden units",
        );
        tree.put("visible_bias", &self.visible_bias, "visible", "1", "biases of the visible units");
        tree.put("hidden_bias", &self.hidden_bias, "hidden", "1", "biases of the hidden units");
        tree.put_list(
            "history/epoch",
            &self.history_epoch,
            "record",
            "epochs",
            "when the quantities were measured",
        );
        for (name, values) in &self.history {
            tree.put_list(&format!("history/{name}"), values, "record", "1", &name.replace('_', " "));
        }
        tree
    }

    fn from_tree(tree: &Tree) -> Result<Self, ContentError> {
        tree.refuse_nan()?;
        let units = match tree.text("units")? {
            "spin" => Units::Spin,
            "binary" => Units::Binary,
            other => {
                return Err(wrong_attribute("units", other, "`spin` or `binary`"));
            }
        };
        let weights: Array2<f32> = tree.get("weights")?;
        let (visible, hidden) = weights.dim();
        for (name, found) in [("visible", visible), ("hidden", hidden)] {
            let expected = tree.count(name)?;
            if found != expected || found == 0 {
                let expected = format!("{expected} {name} units, at least one");
                return Err(wrong_shape("weights", &[visible, hidden], &expected));
            }
        }
        let visible_bias = tree.get_shaped("visible_bias", &[visible])?;
        let hidden_bias = tree.get_shaped("hidden_bias", &[hidden])?;
        for path in ["weights", "visible_bias", "hidden_bias"] {
            tree.check::<f32>(path, "a finite number", f32::is_finite)?;
        }
        let history_epoch =
            if tree.has("history/epoch") { tree.list::<u32>("history/epoch")? } else { vec![] };
        let mut history = BTreeMap::new();
        for path in tree.datasets.keys() {
            if let Some(name) = path.strip_prefix("history/").filter(|&name| name != "epoch") {
                tree.check_finite(path)?;
                let values = tree.get_shaped::<f64, ndarray::Ix1>(path, &[history_epoch.len()])?;
                history.insert(name.to_owned(), values.to_vec());
            }
        }
        let training_temperatures = tree.optional("training_temperatures", Tree::reals)?.unwrap_or_default();
        if let Some(wrong) = training_temperatures.iter().find(|&&t| t < 0.0) {
            let expected = "temperatures, which are not negative";
            return Err(wrong_attribute("training_temperatures", &wrong.to_string(), expected));
        }
        Ok(Self {
            units,
            weights,
            visible_bias,
            hidden_bias,
            training_temperatures,
            updates: tree.optional("updates", Tree::count)?.unwrap_or(0) as u64,
            history_epoch,
            history,
        })
    }
}
