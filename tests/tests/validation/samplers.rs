//! Every sampler against the exact distributions of energy and magnetization.

use datasets::Spins;
use datasets::lattice::Lattice;
use ising_mc::exact::{
    LARGEST_TRANSFER, canonical, critical_temperature, density_of_states, magnetization_distribution,
};
use ising_mc::{Algorithm, Model, SampleConfig, sample};
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::{Check, Effort, Table};

type Failure = Box<dyn std::error::Error>;

/// Neighbouring values are pooled until as many are expected of them.
const POOLED: f64 = 8.0;

/// One sampling that is judged.
struct Case {
    algorithm: Algorithm,
    model: Model,
    size: usize,
    temperatures: Vec<f64>,
    samples: usize,
}

/// The table of samplers.
///
/// # Errors
///
/// If something cannot be sampled.
pub(crate) fn samplers(effort: Effort) -> Result<Table, Failure> {
    let mut checks = vec![];
    for (index, case) in cases(effort).into_iter().enumerate() {
        checks.extend(judge(&case, index as u64)?);
    }
    Ok(Table::new("Samplers against the exact distributions", checks))
}

fn cases(effort: Effort) -> Vec<Case> {
    // Below, at and above T_c.
    let temperatures = vec![1.9, critical_temperature(), 3.2];
    let full = effort == Effort::Full;
    let mut cases = vec![];
    for algorithm in Algorithm::ALL {
        let case = |size: usize, samples: usize| Case {
            algorithm,
            model: Model::Ising,
            size,
            temperatures: temperatures.clone(),
            samples,
        };
        if !full {
            let exact = algorithm == Algorithm::CouplingFromThePast;
            // Two of its colours need even sizes; see `SampleConfig::check`.
            cases.push(case(4, if exact { 1000 } else { 4000 }));
            continue;
        }
        match algorithm {
            Algorithm::CouplingFromThePast => cases.extend([case(4, 4096), case(10, 1024)]),
            // The last of each takes more samples than there are chains, so that the correction for autocorrelation
            // counts.
            Algorithm::Wolff | Algorithm::SwendsenWang => {
                cases.extend([case(10, 8192), case(32, 2048), case(6, 40_000)]);
            }
            _ => cases.extend([case(10, 8192), case(32, 512), case(6, 40_000)]),
        }
    }
    for model in [Model::Shuffled, Model::CurieWeiss] {
        cases.push(Case {
            algorithm: Algorithm::Metropolis,
            model,
            size: if full { 10 } else { 4 },
            temperatures: temperatures.clone(),
            samples: 8192,
        });
    }
    let possible = |case: &Case| case.config(0).check().is_ok();
    cases.into_iter().filter(possible).collect()
}

impl Case {
    fn config(&self, seed: u64) -> SampleConfig {
        SampleConfig {
            lattice: Lattice::square(self.size).expect("a lattice"),
            temperatures: self.temperatures.clone(),
            samples_per_temperature: self.samples,
            field: 0.0,
            algorithm: self.algorithm,
            model: self.model,
            seed,
        }
    }
}

fn judge(case: &Case, index: u64) -> Result<Vec<Check>, Failure> {
    let spins: Spins = sample(&case.config(1000 + index), &())?;
    let found = &spins.observables;
    let mut checks = vec![];
    for (t, &temperature) in case.temperatures.iter().enumerate() {
        let rows = t * case.samples..(t + 1) * case.samples;
        let effective = found.effective_samples[t] / case.samples as f64;
        let subject = match case.model {
            Model::Ising => format!("{}, L = {}", case.algorithm.name(), case.size),
            model => format!("{}, L = {}", model.name(), case.size),
        };
        let remark = format!(
            "τ = {:.1} sweeps, {:.0} of {} samples effective",
            found.autocorrelation_time[t], found.effective_samples[t], case.samples
        );
        let mut add = |what: &str, p: f64| {
            let against = format!("{what} at T = {temperature:.3}");
            checks.push(Check::probability(&subject, &against, p).remark(remark.clone()));
        };
        if case.model == Model::Ising {
            let law = energy_law(case.size, temperature)?;
            add("P(E)", p_value(&spins.energy[rows.clone()], &law, effective));
        }
        let law = match case.model {
            Model::CurieWeiss => Some(ising_mc::exact::curie_weiss(case.size, temperature, 0.0)?),
            _ if case.size <= LARGEST_TRANSFER => Some(magnetization_distribution(case.size, temperature)?),
            _ => None,
        };
        if let Some(law) = law {
            let law: Vec<(i32, f64)> = law.magnetization.into_iter().zip(law.probability).collect();
            add("P(M)", p_value(&spins.magnetization[rows], &law, effective));
        }
        if let Some(exact) = &found.energy_per_spin_exact {
            // The errors are those of independent samples.
            let error = found.energy_per_spin_error[t] / effective.sqrt();
            let z = (found.energy_per_spin[t] - exact[t]) / error;
            let against = format!("exact ⟨E⟩ at T = {temperature:.3}");
            checks.push(Check::standard_errors(&subject, &against, &[z]).remark(remark.clone()));
        }
    }
    Ok(checks)
}

fn energy_law(size: usize, temperature: f64) -> Result<Vec<(i32, f64)>, Failure> {
    let states = density_of_states(size)?;
    let log_z = canonical(&states, size * size, temperature)?.log_partition;
    let levels = states.energy.iter().zip(&states.log_count);
    Ok(levels.map(|(&e, &log)| (e, (log - f64::from(e) / temperature - log_z).exp())).collect())
}

/// The probability of a larger χ² of counts against exact probabilities, where a fraction of the samples counts as
/// independent: autocorrelation makes χ² larger by the inverse of it. Values that cannot occur have the probability 0.
fn p_value(values: &[i32], law: &[(i32, f64)], effective: f64) -> f64 {
    let n = values.len() as f64;
    let mut counts = std::collections::HashMap::new();
    values.iter().for_each(|value| *counts.entry(*value).or_insert(0usize) += 1);
    let mut bins: Vec<(f64, f64)> = vec![(0.0, 0.0)];
    for (value, probability) in law {
        if bins.last().is_some_and(|bin| bin.1 * effective >= POOLED) {
            bins.push((0.0, 0.0));
        }
        if let Some(bin) = bins.last_mut() {
            bin.0 += counts.remove(value).unwrap_or(0) as f64;
            bin.1 += n * probability;
        }
    }
    if !counts.is_empty() {
        return 0.0;
    }
    if bins.len() > 1
        && let Some(last) = bins.pop_if(|bin| bin.1 * effective < POOLED)
        && let Some(before) = bins.last_mut()
    {
        *before = (before.0 + last.0, before.1 + last.1);
    }
    if bins.len() < 2 {
        return 1.0;
    }
    let chi_squared: f64 = bins.iter().map(|(found, expected)| (found - expected).powi(2) / expected).sum();
    ChiSquared::new(bins.len() as f64 - 1.0).map_or(0.0, |law| law.sf(chi_squared * effective))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A temperature that is wrong by one percent is noticed, and so are values that cannot be.
    #[test]
    fn wrong_laws_are_noticed() {
        let case = Case {
            algorithm: Algorithm::Metropolis,
            model: Model::Ising,
            size: 10,
            temperatures: vec![2.3],
            samples: 8192,
        };
        let spins = sample(&case.config(17), &()).unwrap();
        assert!(p_value(&spins.energy, &energy_law(10, 2.277).unwrap(), 1.0) < 1e-6);
        assert!(p_value(&spins.energy, &energy_law(10, 2.3).unwrap(), 1.0) > 1e-3);
        assert_eq!(p_value(&[-199], &energy_law(10, 2.3).unwrap(), 1.0), 0.0);
    }
}
