//! Every sampler against the joint law of energy and magnetization over the whole range of settings it accepts.

use std::collections::HashMap;

use datasets::lattice::Lattice;
use ising_mc::exact::{JointCount, critical_temperature, enumerate};
use ising_mc::{Algorithm, Model, SampleConfig, SampleError, sample};
use statrs::distribution::{ChiSquared, ContinuousCDF, DiscreteCDF, Poisson};

use super::{Check, Effort, Table};

type Failure = Box<dyn std::error::Error>;

/// Pairs of which fewer are expected are counted together.
const POOLED: f64 = 8.0;

/// The table of joint laws: a row for each algorithm, lattice and field, over all temperatures.
///
/// # Errors
///
/// If something is refused that should be sampled.
pub(crate) fn joint_laws(effort: Effort) -> Result<Table, Failure> {
    let (temperatures, fields, samples): (Vec<f64>, &[f64], usize) = match effort {
        Effort::Short => (vec![0.05, 0.5, 1.0, 1e3, 1e6], &[0.0, 0.1, -10.0], 2048),
        Effort::Full => {
            let t_c = critical_temperature();
            let all = [0.05, 0.2, 0.5, 1.0, 2.0, t_c, 3.0, 5.0, 10.0, 100.0, 1e3, 1e4, 1e6, f64::INFINITY];
            (all.to_vec(), &[0.0, 0.1, -0.1, 1.0, -1.0, 10.0, -10.0], 8192)
        }
    };
    let mut checks = vec![];
    // Sides of 2 with double bonds, both parities, and sides that differ; every number of neighbours.
    let squares = ["square:2", "square:3", "square:4", "square:2x5"];
    let others =
        ["chain:2", "chain:7", "honeycomb:4x2", "honeycomb:4", "triangular:3", "triangular:3x4", "cubic:2"];
    for name in squares.into_iter().chain(others).chain((effort == Effort::Full).then_some("cubic:2x3x3")) {
        let lattice: Lattice = name.parse()?;
        let states = enumerate(lattice)?;
        for algorithm in Algorithm::ALL {
            for &field in fields {
                let config = |temperature| SampleConfig {
                    lattice,
                    temperatures: vec![temperature],
                    samples_per_temperature: samples,
                    field,
                    algorithm,
                    model: Model::Ising,
                    seed: 23,
                };
                checks.push(judge(&states, &temperatures, config)?);
            }
        }
    }
    Ok(Table::new("Samplers against the joint law of energy and magnetization", checks))
}

fn judge(
    states: &[JointCount],
    temperatures: &[f64],
    config: impl Fn(f64) -> SampleConfig,
) -> Result<Check, Failure> {
    let SampleConfig { lattice, field, algorithm, .. } = config(1.0);
    let (mut all, mut refused) = (vec![], vec![]);
    for &temperature in temperatures {
        match sample(&config(temperature), &()) {
            Ok(spins) => {
                let pairs: Vec<(i32, i32)> =
                    spins.energy.iter().copied().zip(spins.magnetization.iter().copied()).collect();
                all.push(p_value(&pairs, &law(states, temperature, field)));
            }
            // Refusals that are meant: what an algorithm cannot do at all, and exact sampling that would take too long.
            Err(error @ (SampleError::FieldUnsupported { .. } | SampleError::NoCheckerboard(_))) => {
                refused.push((temperature, error.to_string()));
            }
            Err(error @ SampleError::NotCoalesced { .. }) if field != 0.0 => {
                refused.push((temperature, error.to_string()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let remark = refused.first().map_or_else(String::new, |(_, reason)| {
        let list: Vec<String> = refused.iter().map(|(temperature, _)| temperature.to_string()).collect();
        format!("refused at T = {}: {reason}", list.join(", "))
    });
    let subject = format!("{}, {lattice}, h = {field}", algorithm.name());
    Ok(Check::probabilities(&subject, "P(E, M) by enumeration", &all).remark(remark))
}

/// The probabilities of all pairs of energy and magnetization.
fn law(states: &[JointCount], temperature: f64, field: f64) -> HashMap<(i32, i32), f64> {
    let log_weight =
        |s: &JointCount| (field * f64::from(s.magnetization) - f64::from(s.energy)) / temperature;
    let largest = states.iter().map(log_weight).fold(f64::NEG_INFINITY, f64::max);
    let weight = |s: &JointCount| s.count as f64 * (log_weight(s) - largest).exp();
    let sum: f64 = states.iter().map(weight).sum();
    states.iter().map(|s| ((s.energy, s.magnetization), weight(s) / sum)).collect()
}

/// The probability of a larger deviation by chance: χ² of all pairs of which enough are expected, and the number of all
/// others against Poisson's law; the smaller of the two, twice.
fn p_value(pairs: &[(i32, i32)], law: &HashMap<(i32, i32), f64>) -> f64 {
    let n = pairs.len() as f64;
    let mut counts: HashMap<(i32, i32), f64> = HashMap::new();
    pairs.iter().for_each(|pair| *counts.entry(*pair).or_default() += 1.0);
    let (mut bins, mut rest) = (vec![], (0.0, 0.0));
    for (pair, probability) in law {
        let (found, expected) = (counts.remove(pair).unwrap_or(0.0), n * probability);
        if expected >= POOLED {
            bins.push((found, expected));
        } else {
            rest = (rest.0 + found, rest.1 + expected);
        }
    }
    if !counts.is_empty() {
        return 0.0;
    }
    let mut rare: f64 = 1.0;
    if rest.1 >= POOLED {
        bins.push(rest);
    } else {
        rare = poisson(rest.0, rest.1);
    }
    let chi_squared: f64 = bins.iter().map(|(found, expected)| (found - expected).powi(2) / expected).sum();
    let common = match bins.len() {
        0 | 1 => 1.0,
        n => ChiSquared::new(n as f64 - 1.0).map_or(0.0, |law| law.sf(chi_squared)),
    };
    (2.0 * common.min(rare)).min(1.0)
}

/// The two-sided probability of a count whose mean is known.
fn poisson(found: f64, mean: f64) -> f64 {
    let Ok(law) = Poisson::new(mean) else { return if found > 0.0 { 0.0 } else { 1.0 } };
    let more = if found < 1.0 { 1.0 } else { law.sf(found as u64 - 1) };
    (2.0 * more.min(law.cdf(found as u64))).min(1.0)
}

/// What went unseen before: a chain that turns all spins at each sweep, one that never gets to half of the
/// magnetizations, and single rare states that are not rare enough.
#[test]
fn wrong_laws_are_noticed() {
    let states = enumerate(Lattice::square(2).unwrap()).unwrap();
    let hot = law(&states, 1e6, 0.0);
    let ordered: Vec<(i32, i32)> = (0..1000).map(|k| (-8, if k % 2 == 0 { 4 } else { -4 })).collect();
    assert!(p_value(&ordered, &hot) < 1e-12);
    let even: Vec<(i32, i32)> = (0..1000).map(|k| if k % 2 == 0 { (0, 0) } else { (-8, 4) }).collect();
    assert!(p_value(&even, &hot) < 1e-12);
    let cold = law(&states, 0.4, 1.0);
    let mut up = vec![(-8, 4); 1000];
    assert!(p_value(&up, &cold) > 0.01);
    up[3] = (0, 2);
    assert!(p_value(&up, &cold) < 1e-4);
    up[3] = (1, 1);
    assert_eq!(p_value(&up, &cold), 0.0);
}
