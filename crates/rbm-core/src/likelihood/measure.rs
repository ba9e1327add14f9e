//! The likelihood of a machine beside what is possible, as an artifact.

use std::cmp::Ordering;

use datasets::{Likelihood, LikelihoodMethod, PartitionBound, Rbm, Spins, Value};
use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use super::{AnnealConfig, Bound, EXACT_LIMIT, LikelihoodError, anneal, cure, log_partition, lower_limit};
use crate::model;

/// How the partition function is found.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum PartitionMethod {
    /// Exactly if the smaller layer has at most [`EXACT_LIMIT`] units, otherwise by annealed importance sampling.
    Auto,
    /// By enumerating the smaller layer.
    Exact,
    /// By annealed importance sampling from both sides.
    Annealed,
}

/// The settings of [`measure`]. Any that is left out has the default given here.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct LikelihoodConfig {
    /// How ln Z is found (`auto`).
    pub method: PartitionMethod,
    /// Annealing: the number of chains in each direction, at least 10 (500).
    pub chains: usize,
    /// Annealing: the number of steps of β between 0 and 1, at least 2 (1000).
    pub steps: usize,
    /// Annealing: the number of Gibbs steps from the configurations before β falls (200).
    pub burn_in: usize,
    /// The temperatures in J/k_B of the configurations that are averaged over; those that the machine was trained at if
    /// absent, or all of the file if the machine does not know.
    pub temperatures: Option<Vec<f64>>,
    /// The master seed.
    pub seed: u64,
}

impl Default for LikelihoodConfig {
    fn default() -> Self {
        let AnnealConfig { chains, steps, burn_in, seed } = AnnealConfig::default();
        Self { method: PartitionMethod::Auto, chains, steps, burn_in, temperatures: None, seed }
    }
}

/// The configurations that a likelihood is averaged over.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// Rows of the file, ascending.
    pub rows: Vec<usize>,
    /// Their temperatures in J/k_B, ascending, each with the fraction of the rows that it has.
    pub components: Vec<(f64, f64)>,
}

impl Selection {
    /// The law of the configurations, from ln p of each row of the file in nats, and the entropy of the law if it is
    /// known.
    pub fn law(&self, log_probability: impl Fn(usize) -> f64, entropy: Option<f64>) -> DataLaw {
        DataLaw {
            log_probability: self.rows.iter().map(|&row| log_probability(row)).collect(),
            bound: entropy.map(|entropy| -entropy),
        }
    }
}

/// ln p(v) under the law that the configurations were drawn from.
#[derive(Debug, Clone, PartialEq)]
pub struct DataLaw {
    /// Of each row of the selection, in nats.
    pub log_probability: Vec<f64>,
    /// What their mean is on average, minus the entropy of the law, if it is known.
    pub bound: Option<f64>,
}

impl LikelihoodConfig {
    /// What is known of ln Z where annealing has not converged, and what to raise; none where there is a likelihood.
    pub fn lack(&self, found: &Likelihood) -> Option<String> {
        let (lower, upper) = (found.lower?.log_partition.value, found.upper?.log_partition.value);
        (found.method == LikelihoodMethod::NotConverged).then(|| {
            format!(
                "ln Z is at least {:.2} with 95 % probability; raise {}",
                lower_limit(lower),
                cure(lower, upper, self.steps, self.burn_in)
            )
        })
    }

    /// Whether the likelihood of a machine with such layers can be found.
    ///
    /// # Errors
    ///
    /// If ln Z is to be exact and the smaller layer is too large for that, or if annealing, where it is needed, has too
    /// few chains or steps.
    pub fn check(&self, visible: usize, hidden: usize) -> Result<(), LikelihoodError> {
        let smaller = visible.min(hidden);
        match self.method {
            PartitionMethod::Exact if smaller > EXACT_LIMIT => Err(LikelihoodError::TooLarge { smaller }),
            PartitionMethod::Exact => Ok(()),
            PartitionMethod::Auto if smaller <= EXACT_LIMIT => Ok(()),
            _ => self.annealing().check(),
        }
    }

    /// The settings of annealing.
    fn annealing(&self) -> AnnealConfig {
        let Self { chains, steps, burn_in, seed, .. } = *self;
        AnnealConfig { chains, steps, burn_in, seed }
    }

    /// The configurations that will be averaged over.
    ///
    /// # Errors
    ///
    /// If the file has no configurations at a temperature that is asked for.
    pub fn select(&self, rbm: &Rbm, spins: &Spins) -> Result<Selection, LikelihoodError> {
        let trained = Some(&rbm.training_temperatures).filter(|list| !list.is_empty());
        let mut temperatures = self.temperatures.as_ref().or(trained).unwrap_or(&spins.temperature).clone();
        temperatures.sort_by(f64::total_cmp);
        temperatures.dedup();
        let mut counts = vec![0usize; temperatures.len()];
        let mut rows = vec![];
        for (row, &label) in spins.labels.iter().enumerate() {
            let temperature = spins.temperature[usize::from(label)];
            if let Ok(index) =
                temperatures.binary_search_by(|t| t.partial_cmp(&temperature).unwrap_or(Ordering::Less))
            {
                counts[index] += 1;
                rows.push(row);
            }
        }
        if let Some(index) = counts.iter().position(|&count| count == 0) {
            return Err(LikelihoodError::NoSuchTemperature { temperature: temperatures[index] });
        }
        if rows.is_empty() {
            return Err(LikelihoodError::NoConfigurations);
        }
        let all = rows.len() as f64;
        let components =
            temperatures.into_iter().zip(counts).map(|(t, count)| (t, count as f64 / all)).collect();
        Ok(Selection { rows, components })
    }
}

/// The likelihood of the selected configurations.
///
/// Where annealed importance sampling has not converged there is no ln Z and no likelihood; the estimates of both
/// directions are kept, of which only the one from growing chains bounds anything ([`super::lower_limit`]).
///
/// ```
/// use rbm_core::likelihood::{self, LikelihoodConfig};
/// # use datasets::{Rbm, Spins, Units};
/// # use ndarray::{Array, Array2};
/// # let rbm = Rbm::new(Units::Spin, Array::zeros((4, 3)), Array::zeros(4), Array::zeros(3))?;
/// # let spins = Spins::from_samples("square:2".parse()?, vec![0.0], Array2::ones((2, 4)), vec![0; 2])?;
/// // A machine without couplings of 4 visible units.
/// let config = LikelihoodConfig::default();
/// let selection = config.select(&rbm, &spins)?;
/// let found = likelihood::measure(&config, &rbm, &spins, &selection, None)?;
/// assert!((found.log_likelihood.unwrap().value + 4.0 * 2f64.ln()).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the configurations do not fit the machine, a setting is impossible, or an exact sum is asked for that is too large.
///
/// # Panics
///
/// If the law has not as many configurations as the selection.
pub fn measure(
    config: &LikelihoodConfig,
    rbm: &Rbm,
    spins: &Spins,
    selection: &Selection,
    law: Option<&DataLaw>,
) -> Result<Likelihood, LikelihoodError> {
    if let Some(law) = law {
        assert_eq!(law.log_probability.len(), selection.rows.len(), "configurations of the law");
    }
    let samples: Array2<i8> = spins.samples.select(Axis(0), &selection.rows);
    super::check(rbm, samples.view())?;
    let free_energy = model::free_energy(rbm, samples.view()).to_vec();
    let exact = match config.method {
        PartitionMethod::Auto => rbm.visible().min(rbm.hidden()) <= EXACT_LIMIT,
        PartitionMethod::Exact => true,
        PartitionMethod::Annealed => false,
    };
    let (method, log_partition, bounds) = if exact {
        let value = Value { value: log_partition(rbm)?, error: 0.0 };
        (LikelihoodMethod::Exact, Some(value), None)
    } else {
        match anneal(rbm, Some(samples.view()), &config.annealing()) {
            Ok(found) => {
                let value = Value { value: found.log_partition, error: found.error };
                (LikelihoodMethod::Annealed, Some(value), Some([found.lower, found.upper]))
            }
            Err(LikelihoodError::NotConverged { lower, upper, .. }) => {
                (LikelihoodMethod::NotConverged, None, Some([lower, upper]))
            }
            Err(error) => return Err(error),
        }
    };
    let bound = |side: usize| bounds.map(|bounds| stored(bounds[side]));
    // The error of ln Z is independent of that of the configurations.
    let with_partition = |mean: Value, sign: f64| {
        log_partition.map(|log_partition| Value {
            value: mean.value + sign * log_partition.value,
            error: mean.error.hypot(log_partition.error),
        })
    };
    let negative: Vec<f64> = free_energy.iter().map(|f| -f).collect();
    let difference = law.and_then(|law| {
        let pairs = law.log_probability.iter().zip(&free_energy);
        let differences: Vec<f64> = pairs.map(|(log, free_energy)| log + free_energy).collect();
        with_partition(mean(&differences), 1.0)
    });
    Ok(Likelihood {
        method,
        updates: rbm.updates,
        configurations: selection.rows.len(),
        on_training_data: None,
        temperature: selection.components.iter().map(|component| component.0).collect(),
        mean_free_energy: mean(&free_energy),
        log_partition,
        lower: bound(0),
        upper: bound(1),
        log_likelihood: with_partition(mean(&negative), -1.0),
        data_log_likelihood: law.map(|law| mean(&law.log_probability)),
        data_bound: law.and_then(|law| law.bound),
        excess: difference,
    })
}

fn stored(bound: Bound) -> PartitionBound {
    PartitionBound {
        log_partition: Value { value: bound.log_partition, error: bound.error },
        effective_chains: bound.effective_chains,
    }
}

/// The mean with the standard error of independent values; ∞ of a single one.
fn mean(values: &[f64]) -> Value {
    let count = values.len() as f64;
    let value = values.iter().sum::<f64>() / count;
    if values.len() < 2 {
        return Value { value, error: f64::INFINITY };
    }
    let squares: f64 = values.iter().map(|x| (x - value) * (x - value)).sum();
    Value { value, error: (squares / (count * (count - 1.0))).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_has_the_error_of_independent_values() {
        assert_eq!(mean(&[1.0, 3.0]), Value { value: 2.0, error: 1.0 });
        // Σ(x − x̄)² = 8 of three values: 8 / (3 · 2).
        assert_eq!(mean(&[1.0, 3.0, 5.0]), Value { value: 3.0, error: (8.0f64 / 6.0).sqrt() });
        assert_eq!(mean(&[5.0]), Value { value: 5.0, error: f64::INFINITY });
    }
}
