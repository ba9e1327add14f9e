//! Quoted errors against the spread of independent repetitions, and means against exact values.

use datasets::Observables;
use ising_mc::{Algorithm, Model, SampleConfig, sample};
use rayon::prelude::*;

type Series = fn(&Observables) -> &[f64];

macro_rules! series {
    ($name:ident) => {
        (|found: &Observables| &found.$name[..]) as Series
    };
}

/// Repetitions, each with a seed of its own.
const REPETITIONS: u64 = 400;

/// The spread of normally distributed numbers is known to this share of itself: 1/√(2n).
fn tolerance() -> f64 {
    // Thirty comparisons beyond 4.5 standard errors have a probability of 2e-4.
    4.5 / (2.0 * REPETITIONS as f64).sqrt()
}

#[test]
fn quoted_errors_are_the_spread_of_repetitions() {
    let config = |seed, algorithm| SampleConfig {
        lattice: "square:4".parse().expect("a lattice"),
        temperatures: vec![2.0, 2.6, 5.0],
        samples_per_temperature: 250,
        field: 0.0,
        algorithm,
        model: Model::Ising,
        seed,
    };
    for algorithm in [Algorithm::HeatBath, Algorithm::CouplingFromThePast] {
        let runs: Vec<_> = (0..REPETITIONS)
            .into_par_iter()
            .map(|seed| sample(&config(seed, algorithm), &()).expect("a small sample").observables)
            .collect();
        let exact = &runs[0];
        for (name, value, error, exact) in [
            (
                "energy",
                series!(energy_per_spin),
                series!(energy_per_spin_error),
                &exact.energy_per_spin_exact,
            ),
            (
                "|m|",
                series!(abs_magnetization),
                series!(abs_magnetization_error),
                &exact.abs_magnetization_exact,
            ),
            (
                "specific heat",
                series!(specific_heat),
                series!(specific_heat_error),
                &exact.specific_heat_exact,
            ),
            (
                "susceptibility",
                series!(susceptibility),
                series!(susceptibility_error),
                &exact.susceptibility_exact,
            ),
            (
                "Binder cumulant",
                series!(binder_cumulant),
                series!(binder_cumulant_error),
                &exact.binder_cumulant_exact,
            ),
        ] {
            for t in 0..3 {
                let n = REPETITIONS as f64;
                let mean = runs.iter().map(|run| value(run)[t]).sum::<f64>() / n;
                let spread = runs.iter().map(|run| (value(run)[t] - mean).powi(2)).sum::<f64>() / (n - 1.0);
                let quoted = runs.iter().map(|run| error(run)[t].powi(2)).sum::<f64>() / n;
                let ratio = (spread / quoted).sqrt();
                assert!(
                    (ratio - 1.0).abs() < tolerance(),
                    "{algorithm:?}, {name}, {t}: spread over error {ratio}"
                );
                let exact = exact.as_ref().expect("exact values of a small lattice")[t];
                let deviation = (mean - exact) / (spread / n).sqrt();
                assert!(deviation.abs() < 4.5, "{algorithm:?}, {name}, {t}: {deviation} standard errors off");
            }
        }
    }
}
