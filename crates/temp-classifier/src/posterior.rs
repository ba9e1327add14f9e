//! The exact posterior of the temperature given one configuration.
//!
//! The probability of a configuration at temperature T depends on its energy alone, e^{−E/T} / Z(T): the energy is a
//! sufficient statistic. With equal prior probabilities of the classes, P(T_k | E) = (e^{−E/T_k} / Z(T_k)) / Σ_j (…).
//! At T = 0 the configuration is one of the ground states, all equally probable; at T = ∞ any.

use datasets::DensityOfStates;
use datasets::lattice::Lattice;
use ndarray::Array2;
use numerics::elementary::{exp, ln};

use crate::classes::{ClassError, check_classes};

/// A posterior cannot be computed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PosteriorError {
    #[error(transparent)]
    Classes(#[from] ClassError),
    #[error(
        "the density of states has {energies} energies and {counts} counts: there must be as many, and some"
    )]
    WrongLength { energies: usize, counts: usize },
    #[error(
        "the density of states of lattice {lattice} has energy {energy}: it must lie within ±{limit}, ascending"
    )]
    InvalidEnergy { lattice: Lattice, energy: i32, limit: i32 },
    #[error("the density of states has logarithm {value} at energy {energy}: it must be finite")]
    InvalidCount { energy: i32, value: f64 },
}

/// The exact posterior over a list of class temperatures, tabulated for every energy of a lattice.
///
/// ```
/// use datasets::DensityOfStates;
/// use temp_classifier::BayesPosterior;
/// // The 2 × 2 torus: two ground states, two antiferromagnetic ones, twelve others.
/// let states = DensityOfStates {
///     energy: vec![-8, 0, 8],
///     log_count: vec![2f64.ln(), 12f64.ln(), 2f64.ln()],
/// };
/// let posterior = BayesPosterior::new("square:2".parse()?, &states, &[0.0, f64::INFINITY])?;
/// // At T = 0 each ground state has probability 1/2, at T = ∞ 1/16.
/// assert!((posterior.probabilities(-8)[0] - 8.0 / 9.0).abs() < 1e-15);
/// assert_eq!(posterior.probabilities(0), [0.0, 1.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct BayesPosterior {
    classes: Vec<f64>,
    /// The largest |E|: 2 L².
    limit: i32,
    /// P(T_k | E) for E = −limit..=limit, [energy, class].
    probability: Array2<f64>,
    /// ln P(T_k | E).
    log_probability: Array2<f64>,
    optimum: f64,
    accuracy: f64,
}

/// ln Σ e^x over the terms in their order; −∞ for no terms.
fn log_sum(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = terms.clone().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    largest + ln(terms.map(|term| exp(term - largest)).sum::<f64>())
}

/// ln of the unnormalised probability of one configuration of energy E: −E/T, counted from the ground state.
fn log_weight(energy: i32, ground: i32, temperature: f64) -> f64 {
    let above = f64::from(energy) - f64::from(ground);
    if above == 0.0 {
        0.0
    } else if temperature == 0.0 {
        f64::NEG_INFINITY
    } else {
        -above / temperature
    }
}

fn check_states(lattice: Lattice, states: &DensityOfStates, limit: i32) -> Result<(), PosteriorError> {
    if states.energy.len() != states.log_count.len() || states.energy.is_empty() {
        return Err(PosteriorError::WrongLength {
            energies: states.energy.len(),
            counts: states.log_count.len(),
        });
    }
    let mut before = -limit - 1;
    for (&energy, &value) in states.energy.iter().zip(&states.log_count) {
        if energy <= before || energy > limit {
            return Err(PosteriorError::InvalidEnergy { lattice, energy, limit });
        }
        if !value.is_finite() {
            return Err(PosteriorError::InvalidCount { energy, value });
        }
        before = energy;
    }
    Ok(())
}

impl BayesPosterior {
    /// The posterior for a lattice over the temperatures `classes` in J/k_B (0 and ∞ allowed).
    ///
    /// # Errors
    ///
    /// If there are fewer than two classes, a temperature is negative, NaN or repeated, or the density of states is not
    /// one of this lattice.
    pub fn new(lattice: Lattice, states: &DensityOfStates, classes: &[f64]) -> Result<Self, PosteriorError> {
        check_classes(classes)?;
        let limit = lattice.bond_count() as i32;
        check_states(lattice, states, limit)?;
        let ground = states.energy[0];
        let log_partition: Vec<f64> = classes
            .iter()
            .map(|&t| {
                let levels = states.energy.iter().zip(&states.log_count);
                log_sum(levels.map(|(&e, &count)| count + log_weight(e, ground, t)))
            })
            .collect();
        let levels = 2 * limit as usize + 1;
        let mut log_probability = Array2::zeros((levels, classes.len()));
        for (level, mut row) in log_probability.rows_mut().into_iter().enumerate() {
            // Energies below the ground state do not occur; they read as the ground state.
            let energy = (level as i32 - limit).max(ground);
            for ((out, &t), &log_z) in row.iter_mut().zip(classes).zip(&log_partition) {
                *out = log_weight(energy, ground, t) - log_z;
            }
            let total = log_sum(row.iter().copied());
            row.mapv_inplace(|value| value - total);
        }
        let probability = log_probability.mapv(exp);
        let mut posterior = Self {
            classes: classes.to_vec(),
            limit,
            probability,
            log_probability,
            optimum: 0.0,
            accuracy: 0.0,
        };
        // Expectations over the exact distribution of the energy at each class's temperature.
        for (class, (&t, &log_z)) in classes.iter().zip(&log_partition).enumerate() {
            for (&energy, &count) in states.energy.iter().zip(&states.log_count) {
                let weight = exp(count + log_weight(energy, ground, t) - log_z) / classes.len() as f64;
                if weight > 0.0 {
                    posterior.optimum -= weight * posterior.log_probability(energy, class);
                    let p = posterior.probabilities(energy);
                    let largest = p.iter().copied().fold(0.0, f64::max);
                    if p[class] == largest {
                        let ties = p.iter().filter(|&&q| q == largest).count();
                        posterior.accuracy += weight / ties as f64;
                    }
                }
            }
        }
        Ok(posterior)
    }

    /// The class temperatures in J/k_B.
    pub fn classes(&self) -> &[f64] {
        &self.classes
    }

    /// P(T_k | E) for each class k, E the total energy in J. Energies outside the lattice's range read as its ends.
    pub fn probabilities(&self, energy: i32) -> &[f64] {
        let row = (energy.clamp(-self.limit, self.limit) + self.limit) as usize;
        let classes = self.classes.len();
        self.probability.as_slice().map_or(&[], |all| &all[row * classes..(row + 1) * classes])
    }

    /// ln P(T_k | E) of one class.
    pub fn log_probability(&self, energy: i32, class: usize) -> f64 {
        let row = (energy.clamp(-self.limit, self.limit) + self.limit) as usize;
        self.log_probability[[row, class]]
    }

    /// The expected cross entropy in nats over all configurations of all classes: no thermometer can be below it on
    /// average.
    pub fn optimum(&self) -> f64 {
        self.optimum
    }

    /// The expected fraction of configurations whose most probable class is the true one.
    pub fn accuracy(&self) -> f64 {
        self.accuracy
    }
}
