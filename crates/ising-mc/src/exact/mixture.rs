//! The law of a training set: configurations from several temperatures, as one distribution.

use datasets::lattice::{Kind, Lattice};
use datasets::{DensityOfStates, LabelKind, Spins};
use numerics::elementary::{exp, ln};
use rayon::prelude::*;

use super::{
    ExactError, JointStates, LARGEST_DENSITY, LARGEST_TRANSFER, Strip, curie_weiss, density_of_states,
    kaufman, magnetization_distribution, triangular,
};
use crate::model::Model;

/// The law of configurations that come from temperature T with probability w_T. The probability of a configuration
/// depends on its energy alone (Ising model), or on its magnetization alone (the models without geometry).
#[derive(Debug, Clone)]
pub struct Mixture {
    law: Law,
    entropy: Option<f64>,
}

#[derive(Debug, Clone)]
enum Law {
    /// The lowest energy, and for each temperature: ln w, 1/T (∞ at 0), and ln Z counted from the lowest energy.
    Energy { ground: i32, components: Vec<[f64; 3]> },
    /// ln p of a configuration by its number of spins up.
    Magnetization { log_probability: Vec<f64>, sites: i32 },
}

impl Mixture {
    /// ln p of a configuration with these total energy (without field) and magnetization, in nats.
    pub fn log_probability(&self, energy: i32, magnetization: i32) -> f64 {
        match &self.law {
            Law::Energy { ground, components } => {
                let excess = f64::from(energy - ground);
                log_sum_exp(components.iter().map(|[weight, beta, log_partition]| {
                    // Also at T = 0, where 0 · ∞ would be no number.
                    let exponent = if excess == 0.0 { 0.0 } else { -beta * excess };
                    weight + exponent - log_partition
                }))
            }
            Law::Magnetization { log_probability, sites } => {
                let up = usize::try_from((sites + magnetization) / 2).unwrap_or(usize::MAX);
                log_probability.get(up).copied().unwrap_or(f64::NEG_INFINITY)
            }
        }
    }

    /// The law that the configurations of a file were drawn from, those at each of some temperatures with a weight;
    /// none of those from another program, in a field, or on a lattice of which no exact law is known.
    pub fn of(spins: &Spins, components: &[(f64, f64)]) -> Option<Self> {
        let model = Model::of_algorithm(&spins.algorithm)?;
        let known = spins.label_kind == LabelKind::Temperature;
        known.then(|| mixture(model, spins.lattice, spins.field, components).ok()).flatten()
    }

    /// −Σ p ln p over all configurations, in nats: no model has a larger mean log-likelihood of configurations of this
    /// law than minus this. None for the Ising model on lattices whose states are not counted: squares above
    /// [`LARGEST_DENSITY`], and triangular ones for which [`Strip`] is not quick.
    pub fn entropy(&self) -> Option<f64> {
        self.entropy
    }
}

/// The law of configurations of a model from several temperatures in 0..=∞ J/k_B with weights that sum to 1, in a uniform
/// field h.
///
/// # Errors
///
/// If a number is out of range, or if the law is not known: of the Ising model in a field or on a lattice for which
/// there are neither counted states ([`density_of_states`], [`JointStates`], a quick [`Strip`]) nor a closed form, of
/// models without geometry on others than squares, and of shuffled configurations above [`LARGEST_TRANSFER`].
///
/// ```
/// use ising_mc::{Model, exact};
/// // At infinite temperature all 2^16 configurations are equally probable.
/// let law = exact::mixture(Model::Ising, "square:4".parse()?, 0.0, &[(f64::INFINITY, 1.0)])?;
/// let bits = 16.0 * 2f64.ln();
/// assert!((law.entropy().unwrap() - bits).abs() < 1e-12);
/// assert!((law.log_probability(-32, 16) + bits).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn mixture(
    model: Model,
    lattice: Lattice,
    field: f64,
    components: &[(f64, f64)],
) -> Result<Mixture, ExactError> {
    if !field.is_finite() {
        return Err(ExactError::BadField(field));
    }
    match model {
        Model::Ising if field == 0.0 => by_energy(lattice, components),
        Model::Ising => Err(ExactError::FieldUnsupported { field, what: "a mixture of temperatures" }),
        Model::Shuffled | Model::CurieWeiss => {
            let size = lattice.square_size().ok_or(ExactError::NoLaw(lattice))?;
            by_magnetization(model, size, field, components)
        }
    }
}

/// ln g(E) where the states are counted in little time.
fn counted(lattice: Lattice) -> Result<Option<DensityOfStates>, ExactError> {
    match lattice.square_size() {
        Some(size) if size <= LARGEST_DENSITY => density_of_states(size).map(Some),
        Some(_) => Ok(None),
        None if JointStates::exist(lattice) => Ok(Some(JointStates::of(lattice)?.density_of_states())),
        None if Strip::is_quick(lattice) => Ok(Some(Strip::of(lattice)?.density_of_states())),
        None => Ok(None),
    }
}

fn by_energy(lattice: Lattice, components: &[(f64, f64)]) -> Result<Mixture, ExactError> {
    let ground = -(lattice.bond_count() as i32);
    let states = counted(lattice)?;
    let closed = |temperature: f64| match (lattice.kind(), lattice.size()) {
        (Kind::Square, Some(size)) => kaufman(size, temperature),
        (Kind::Triangular, Some(size)) => triangular(size, temperature),
        _ => Err(ExactError::NoLaw(lattice)),
    };
    let components: Vec<[f64; 3]> = components
        .iter()
        .map(|&(temperature, weight)| {
            ExactError::check_temperature(temperature)?;
            let log_partition = match &states {
                Some(states) => {
                    let excess = states.energy.iter().map(|energy| f64::from(energy - ground));
                    log_sum_exp(excess.zip(&states.log_count).map(|(excess, log_count)| {
                        log_count - if excess == 0.0 { 0.0 } else { excess / temperature }
                    }))
                }
                // What is above the two ground states is below e^−800 + ln N, and their energy would drown all digits.
                None => {
                    let found =
                        closed(temperature.max(0.01))?.log_partition + f64::from(ground) / temperature;
                    if temperature < 0.01 { std::f64::consts::LN_2 } else { found }
                }
            };
            Ok([ln(weight), 1.0 / temperature, log_partition])
        })
        .collect::<Result<_, ExactError>>()?;
    let mut mixture = Mixture { law: Law::Energy { ground, components }, entropy: None };
    mixture.entropy = states.map(|states| {
        let levels = states.energy.iter().zip(&states.log_count);
        entropy(levels.map(|(&energy, &log_count)| (log_count, mixture.log_probability(energy, 0))))
    });
    Ok(mixture)
}

fn by_magnetization(
    model: Model,
    size: usize,
    field: f64,
    components: &[(f64, f64)],
) -> Result<Mixture, ExactError> {
    if model == Model::Shuffled {
        let alternative = "use `curie-weiss` configurations, whose law is known at any size";
        ExactError::check_size(size, "the law of shuffled configurations", LARGEST_TRANSFER, alternative)?;
    }
    let laws = components
        .par_iter()
        .map(|&(temperature, weight)| {
            let law = match model {
                Model::CurieWeiss => curie_weiss(size, temperature, field)?,
                _ => magnetization_distribution(size, temperature)?.in_field(field)?,
            };
            Ok((weight, law))
        })
        .collect::<Result<Vec<_>, ExactError>>()?;
    let sites = size * size;
    let mut log_count = 0.0;
    let log_counts: Vec<f64> = (0..=sites)
        .map(|up| {
            if up > 0 {
                log_count += ln((sites - up + 1) as f64 / up as f64);
            }
            log_count
        })
        .collect();
    let log_probability: Vec<f64> = log_counts
        .iter()
        .enumerate()
        .map(|(up, log_count)| {
            let sum: f64 = laws.iter().map(|(weight, law)| weight * law.probability[up]).sum();
            ln(sum) - log_count
        })
        .collect();
    let entropy = entropy(log_counts.iter().copied().zip(log_probability.iter().copied()));
    let law = Law::Magnetization { log_probability, sites: sites as i32 };
    Ok(Mixture { law, entropy: Some(entropy) })
}

/// −Σ p ln p over classes of equally probable configurations: ln of their number, ln p of each.
fn entropy(classes: impl Iterator<Item = (f64, f64)>) -> f64 {
    -classes
        .filter(|(_, log)| *log > f64::NEG_INFINITY)
        .map(|(count, log)| exp(count + log) * log)
        .sum::<f64>()
}

fn log_sum_exp(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    largest + ln(logs.map(|log| exp(log - largest)).sum::<f64>())
}

#[cfg(test)]
mod tests {
    use super::super::{JointCount, canonical, enumerate};
    use super::*;

    fn square(size: usize) -> Lattice {
        Lattice::square(size).expect("a square")
    }

    const COMPONENTS: [(f64, f64); 4] = [(0.0, 0.125), (1.5, 0.25), (2.25, 0.5), (f64::INFINITY, 0.125)];

    /// ln p by energy and entropy from all states of a 3 × 3 and a 4 × 4 lattice, without logarithms of sums.
    #[test]
    fn agrees_with_enumeration() {
        for size in [2, 3, 4] {
            let states = enumerate(datasets::lattice::Lattice::square(size).unwrap()).unwrap();
            let ground = -2 * (size * size) as i32;
            let boltzmann = |state: &JointCount, temperature: f64| {
                let excess = f64::from(state.energy - ground);
                if excess == 0.0 { 1.0 } else { (-excess / temperature).exp() }
            };
            let probability = |state: &JointCount| -> f64 {
                COMPONENTS
                    .iter()
                    .map(|&(temperature, weight)| {
                        let z: f64 = states.iter().map(|s| s.count as f64 * boltzmann(s, temperature)).sum();
                        weight * boltzmann(state, temperature) / z
                    })
                    .sum()
            };
            let law = mixture(Model::Ising, square(size), 0.0, &COMPONENTS).unwrap();
            let mut entropy = 0.0;
            for state in &states {
                let p = probability(state);
                entropy -= state.count as f64 * p * p.ln();
                let found = law.log_probability(state.energy, state.magnetization);
                assert!((found - p.ln()).abs() < 1e-12, "L = {size}, E = {}", state.energy);
            }
            assert!((law.entropy().unwrap() - entropy).abs() < 1e-11, "L = {size}");
            // Shuffled: the same magnetizations, all arrangements alike.
            let law = mixture(Model::Shuffled, square(size), 0.0, &COMPONENTS).unwrap();
            let mut entropy = 0.0;
            for m in states.iter().map(|s| s.magnetization).collect::<std::collections::BTreeSet<_>>() {
                let alike = || states.iter().filter(|s| s.magnetization == m);
                let number: f64 = alike().map(|s| s.count as f64).sum();
                let p = alike().map(|s| s.count as f64 * probability(s)).sum::<f64>() / number;
                entropy -= number * p * p.ln();
                assert!((law.log_probability(0, m) - p.ln()).abs() < 1e-11, "L = {size}, M = {m}");
            }
            assert!((law.entropy().unwrap() - entropy).abs() < 1e-11, "L = {size}");
        }
    }

    /// For a single temperature the entropy is ln Z + ⟨E⟩/T.
    #[test]
    fn entropy_is_that_of_thermodynamics() {
        for (size, temperature) in [(10, 2.269), (16, 1.3), (10, 6.0)] {
            let found = kaufman(size, temperature).unwrap();
            let sites = (size * size) as f64;
            let expected = found.log_partition + sites * found.energy_per_spin / temperature;
            let law = mixture(Model::Ising, square(size), 0.0, &[(temperature, 1.0)]).unwrap();
            assert!((law.entropy().unwrap() - expected).abs() < 1e-9, "{size} {temperature}");
        }
        let cold = mixture(Model::Ising, square(10), 0.0, &[(0.0, 1.0)]).unwrap();
        assert!((cold.entropy().unwrap() - 2f64.ln()).abs() < 1e-14);
        assert_eq!(cold.log_probability(-192, 98), f64::NEG_INFINITY);
        let cold = mixture(Model::Ising, square(10), 0.0, &[(1e-300, 1.0)]).unwrap();
        assert!((cold.entropy().unwrap() - 2f64.ln()).abs() < 1e-14);
        // The mean field at T = ∞, and its ground states.
        let hot = mixture(Model::CurieWeiss, square(10), 0.0, &[(f64::INFINITY, 1.0)]).unwrap();
        assert!((hot.entropy().unwrap() - 100.0 * 2f64.ln()).abs() < 1e-11);
        let cold = mixture(Model::CurieWeiss, square(10), 0.0, &[(0.0, 1.0)]).unwrap();
        assert!((cold.entropy().unwrap() - 2f64.ln()).abs() < 1e-14);
    }

    /// Above the limit of g(E) the probabilities are those of Kaufman's ln Z, and there is no entropy.
    #[test]
    fn large_lattices_have_probabilities_but_no_entropy() {
        let law = mixture(Model::Ising, square(40), 0.0, &COMPONENTS).unwrap();
        assert_eq!(law.entropy(), None);
        let hot = law.log_probability(0, 0);
        assert!((hot - (0.125f64.ln() - 1600.0 * 2f64.ln())).abs() < 5.0, "{hot}");
        // Both ways to ln Z agree where both exist.
        for temperature in [0.0, 0.7, 2.3, f64::INFINITY] {
            let states = density_of_states(12).unwrap();
            let one = canonical(&states, 144, temperature).unwrap().log_partition;
            let other = kaufman(12, temperature).unwrap().log_partition;
            assert!((one - other).abs() < 1e-9 * one.abs().max(1.0), "{temperature} {one} {other}");
        }
    }

    #[test]
    fn unknown_laws_are_refused() {
        let error = mixture(Model::Ising, square(4), 0.1, &COMPONENTS).unwrap_err().to_string();
        assert!(error.contains("field"), "{error}");
        let error = mixture(Model::Shuffled, square(13), 0.0, &COMPONENTS).unwrap_err().to_string();
        assert!(error.contains("13") && error.contains("12") && error.contains("curie-weiss"), "{error}");
        for name in ["cubic:4", "none:9", "honeycomb:14"] {
            let lattice: Lattice = name.parse().expect("a lattice");
            let error = mixture(Model::Ising, lattice, 0.0, &COMPONENTS).unwrap_err().to_string();
            assert!(error.contains(&lattice.to_string()) && error.contains("square"), "{error}");
        }
        assert!(mixture(Model::CurieWeiss, "chain:9".parse().unwrap(), 0.0, &COMPONENTS).is_err());
        assert!(mixture(Model::Ising, square(4), 0.0, &[(-1.0, 1.0)]).is_err());
    }

    /// Of other lattices: ln p by energy and entropy from all states, as on squares.
    #[test]
    fn other_lattices_agree_with_enumeration() {
        for name in ["chain:12", "square:3x5", "triangular:4", "honeycomb:4", "cubic:2"] {
            let lattice: Lattice = name.parse().unwrap();
            let states = enumerate(lattice).unwrap();
            let boltzmann = |state: &JointCount, temperature: f64| {
                let excess = f64::from(state.energy - states[0].energy);
                if excess == 0.0 { 1.0 } else { (-excess / temperature).exp() }
            };
            let z = |t: f64| states.iter().map(|s| s.count as f64 * boltzmann(s, t)).sum::<f64>();
            let law = mixture(Model::Ising, lattice, 0.0, &COMPONENTS).unwrap();
            let mut entropy = 0.0;
            for state in &states {
                let p: f64 = COMPONENTS.iter().map(|&(t, weight)| weight * boltzmann(state, t) / z(t)).sum();
                entropy -= state.count as f64 * p * p.ln();
                let found = law.log_probability(state.energy, state.magnetization);
                assert!((found - p.ln()).abs() < 1e-12, "{name}, E = {}", state.energy);
            }
            assert!((law.entropy().unwrap() - entropy).abs() < 1e-11, "{name}");
        }
    }

    /// Counted row by row, and the closed form of the triangular lattice that larger ones have.
    #[test]
    fn triangular_laws_agree_where_both_are_known() {
        let components = [(0.0, 0.25), (2.0, 0.25), (3.7, 0.25), (f64::INFINITY, 0.25)];
        let law = mixture(Model::Ising, "triangular:6".parse().unwrap(), 0.0, &components).unwrap();
        let p: f64 = components
            .iter()
            .map(|&(t, weight)| {
                let excess =
                    if t == 0.0 { 2f64.ln() } else { triangular(6, t).unwrap().log_partition - 108.0 / t };
                weight * (-excess).exp()
            })
            .sum();
        assert!((law.log_probability(-108, 36) - p.ln()).abs() < 1e-11);
        let large = mixture(Model::Ising, "triangular:16".parse().unwrap(), 0.0, &components).unwrap();
        assert_eq!(large.entropy(), None);
        assert!(large.log_probability(-768, 256) > 0.25f64.ln() - 2f64.ln() - 1e-12);
    }
}
