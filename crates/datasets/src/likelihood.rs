//! `rbmflow.likelihood`: how probable a machine finds configurations, beside what is possible.

use crate::artifact::{Artifact, Version};
use crate::checks::{check_ascending, wrong_attribute, wrong_shape};
use crate::flow::Value;
use crate::tree::{ContentError, Tree};

/// How the partition function was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LikelihoodMethod {
    /// By enumerating the smaller layer.
    Exact,
    /// By annealed importance sampling, whose lower and upper bound agree.
    Annealed,
    /// It was not: the bounds of annealed importance sampling do not agree.
    NotConverged,
}

impl LikelihoodMethod {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Exact, Self::Annealed, Self::NotConverged];

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Annealed => "annealed",
            Self::NotConverged => "not converged",
        }
    }
}

/// A stochastic bound of ln Z.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PartitionBound {
    /// ln Z as seen from one side, with its standard error.
    pub log_partition: Value,
    /// The number of chains that carry it, (Σw)² / Σw².
    pub effective_chains: f64,
}

/// The likelihood of a machine, in nats for each configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Likelihood {
    /// How ln Z was found.
    pub method: LikelihoodMethod,
    /// The number of updates that the machine was trained with.
    pub updates: u64,
    /// The number of configurations that are averaged over.
    pub configurations: usize,
    /// Whether the machine was trained on these configurations, so that this is no test; unknown in files of version 1.0.
    pub on_training_data: Option<bool>,
    /// Their temperatures in J/k_B, ascending; at least one.
    pub temperature: Vec<f64>,
    /// The mean free energy F(v) = −ln Σ_h e^−E(v, h) of the configurations, with its standard error.
    pub mean_free_energy: Value,
    /// ln Z with its standard error (0 if exact); none if the method has not converged.
    pub log_partition: Option<Value>,
    /// ln Z from chains that come from the machine without couplings: on average not above the truth.
    pub lower: Option<PartitionBound>,
    /// ln Z from chains that leave the machine: on average not below the truth if they start at its own distribution,
    /// and no bound where the method has not converged.
    pub upper: Option<PartitionBound>,
    /// The mean of ln p(v) = −F(v) − ln Z; its standard error is that of the configurations and of ln Z together.
    pub log_likelihood: Option<Value>,
    /// The mean of ln p(v) of the same configurations under the law that they were drawn from, where that is known.
    pub data_log_likelihood: Option<Value>,
    /// What `data_log_likelihood` is on average, minus the entropy of that law: no machine has more on fresh data.
    pub data_bound: Option<f64>,
    /// `data_log_likelihood` − `log_likelihood`, the divergence (Kullback–Leibler) of the machine from the law as the
    /// configurations show it. Its error is that of the difference, which is less than those of both.
    pub excess: Option<Value>,
}

const UNITS: &str = "nat";
const ON_TRAINING_DATA: &str = "on_training_data";

impl Likelihood {
    /// The numbers that may be missing: path, description.
    fn optional(&self) -> [(&'static str, Option<Value>, &'static str); 4] {
        [
            ("log_partition", self.log_partition, "logarithm of the machine's partition function"),
            ("log_likelihood", self.log_likelihood, "mean of ln p(v) under the machine"),
            (
                "data_log_likelihood",
                self.data_log_likelihood,
                "mean of ln p(v) under the law of the configurations",
            ),
            ("excess", self.excess, "data_log_likelihood - log_likelihood"),
        ]
    }
}

fn put_value(tree: &mut Tree, path: &str, value: Value, description: &str) {
    tree.put_scalar(path, value.value, UNITS, description);
    tree.put_scalar(&format!("{path}_error"), value.error, UNITS, &format!("standard error of {path}"));
}

fn take_value(tree: &Tree, path: &str) -> Result<Value, ContentError> {
    let error = format!("{path}_error");
    tree.check_finite(path)?;
    tree.check_errors(&error)?;
    Ok(Value { value: tree.scalar(path)?, error: tree.scalar(&error)? })
}

impl Artifact for Likelihood {
    const SCHEMA: &'static str = "rbmflow.likelihood";
    const VERSION: Version = Version { major: 1, minor: 1 };

    fn to_tree(&self) -> Tree {
        let mut tree = Tree::default();
        tree.set("method", self.method.name());
        tree.set("updates", usize::try_from(self.updates).unwrap_or(usize::MAX));
        tree.set("configurations", self.configurations);
        if let Some(trained) = self.on_training_data {
            let what = "1 if the machine was trained on these configurations, so that this is no test";
            tree.put_scalar(ON_TRAINING_DATA, u16::from(trained), "1", what);
        }
        let what = "temperatures of the configurations";
        tree.put_list("temperature", &self.temperature, "temperature", "J/k_B", what);
        let what = "mean of F(v) = -ln sum_h exp(-E(v, h)) over the configurations";
        put_value(&mut tree, "mean_free_energy", self.mean_free_energy, what);
        for (path, value, what) in self.optional() {
            if let Some(value) = value {
                put_value(&mut tree, path, value, what);
            }
        }
        if let Some(bound) = self.data_bound {
            let what = "minus the entropy of the law of the configurations";
            tree.put_scalar("data_bound", bound, UNITS, what);
        }
        for (side, bound) in [("lower", self.lower), ("upper", self.upper)] {
            if let Some(bound) = bound {
                let what = if self.method == LikelihoodMethod::NotConverged {
                    "estimate of the logarithm of the partition function, which has not converged".to_owned()
                } else {
                    format!("stochastic {side} bound of the logarithm of the partition function")
                };
                put_value(&mut tree, &format!("{side}/log_partition"), bound.log_partition, &what);
                let what = "number of chains that carry the bound";
                tree.put_scalar(&format!("{side}/effective_chains"), bound.effective_chains, "1", what);
            }
        }
        tree
    }

    fn from_tree(tree: &Tree) -> Result<Self, ContentError> {
        tree.refuse_nan()?;
        let found = tree.text("method")?;
        let method = LikelihoodMethod::ALL.into_iter().find(|method| method.name() == found);
        let method = method
            .ok_or_else(|| wrong_attribute("method", found, "`exact`, `annealed` or `not converged`"))?;
        let configurations = tree.count("configurations")?;
        if configurations == 0 {
            return Err(wrong_attribute("configurations", "0", "at least one"));
        }
        let temperature = tree.list::<f64>("temperature")?;
        tree.check_temperatures("temperature")?;
        check_ascending("temperature", &temperature)?;
        if temperature.is_empty() {
            return Err(wrong_shape("temperature", &[0], "at least one temperature"));
        }
        for path in ["log_partition", "log_likelihood"] {
            let expected = method != LikelihoodMethod::NotConverged;
            match (tree.has(path), expected) {
                (true, false) => {
                    let expected = "there is none if the method has not converged".to_owned();
                    return Err(ContentError::Unexpected { path: path.to_owned(), expected });
                }
                (false, true) => return Err(ContentError::MissingDataset { path: path.to_owned() }),
                _ => {}
            }
        }
        let optional = |path: &str| tree.has(path).then(|| take_value(tree, path)).transpose();
        let bound = |side: &str| -> Result<Option<PartitionBound>, ContentError> {
            let path = format!("{side}/effective_chains");
            if method == LikelihoodMethod::Exact {
                return Ok(None);
            }
            tree.check::<f64>(&path, "a finite number that is not negative", |n| n >= 0.0 && n.is_finite())?;
            Ok(Some(PartitionBound {
                log_partition: take_value(tree, &format!("{side}/log_partition"))?,
                effective_chains: tree.scalar(&path)?,
            }))
        };
        let on_training_data = if tree.has(ON_TRAINING_DATA) {
            tree.check::<u16>(ON_TRAINING_DATA, "0 or 1", |trained| trained <= 1)?;
            Some(tree.scalar::<u16>(ON_TRAINING_DATA)? == 1)
        } else {
            None
        };
        let data_bound = if tree.has("data_bound") {
            tree.check_finite("data_bound")?;
            Some(tree.scalar("data_bound")?)
        } else {
            None
        };
        Ok(Self {
            method,
            updates: tree.count("updates")? as u64,
            configurations,
            on_training_data,
            temperature,
            mean_free_energy: take_value(tree, "mean_free_energy")?,
            log_partition: optional("log_partition")?,
            lower: bound("lower")?,
            upper: bound("upper")?,
            log_likelihood: optional("log_likelihood")?,
            data_log_likelihood: optional("data_log_likelihood")?,
            data_bound,
            excess: optional("excess")?,
        })
    }
}
