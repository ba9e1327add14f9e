//! The balance of a training, and when an end state reads T_c.

use datasets::Units;
use ising_mc::EquationOfStateConfig;
use rg_flow::theory::critical_squared_magnetization;
use rg_flow::{RbmFlowConfig, rbm_flow};

use crate::common::{agrees, independent, starts};
use crate::enumeration::{after_step, configurations, hidden_given, probability};
use crate::{random_machine, square};

/// Growth at a temperature whose configurations have independent spins, by summing over all configurations before the
/// step, of the hidden units, and after it.
#[test]
fn growth_against_enumeration() {
    let n = 20_000;
    for (units, weight, bias) in [(Units::Spin, 0.9, 0.0), (Units::Spin, 0.6, 0.4), (Units::Binary, 2.0, 0.5)]
    {
        let mut rbm = random_machine((4, 3), weight, bias, units, 3);
        rbm.training_temperatures = vec![1.0, f64::INFINITY];
        let ups = [0.9, 0.5, 0.7];
        let ensembles = [(1.0, ups[0]), (f64::INFINITY, ups[1]), (2.0, ups[2])]
            .map(|(temperature, up)| (temperature, independent(2, n, up, 5)));
        let config = RbmFlowConfig { steps: 1, chains: n, ..RbmFlowConfig::default() };
        let flow = rbm_flow(&config, &rbm, &starts(2, &ensembles), &(), &()).expect("runs");
        let found = flow.balance.expect("all training temperatures are there");

        let unit = |spin: f64| if units == Units::Spin { spin } else { 0.5 * (1.0 + spin) };
        let squares: f64 = rbm.weights.iter().map(|&w| f64::from(w).powi(2)).sum();
        let alignment = |spins: &[f64]| {
            let means = hidden_given(&rbm, spins);
            let sum: f64 = rbm
                .weights
                .indexed_iter()
                .map(|((i, a), &w)| f64::from(w) * unit(spins[i]) * unit(means[a]))
                .sum();
            sum / squares
        };
        let exact = ups.map(|up| {
            let law = |spins: &[f64]| probability(spins, &[2.0 * up - 1.0; 4]);
            let after = after_step(&rbm, law);
            configurations(4).zip(after).map(|(v, p)| (law(&v) - p) * alignment(&v)).sum::<f64>()
        });
        for (found, exact) in found.growth.iter().zip(exact) {
            agrees(found.value, found.error, exact, "growth");
            assert!(found.error < 0.01 && exact.abs() > 2.0 * found.error, "a number that tells something");
        }
        agrees(found.mean.value, found.mean.error, 0.5 * (exact[0] + exact[1]), "mean");
    }
}

#[test]
fn no_balance_without_all_training_temperatures_or_without_weights() {
    let mut rbm = random_machine((4, 3), 0.9, 0.0, Units::Spin, 3);
    let spins = starts(2, &[(1.0, independent(2, 10, 0.9, 1)), (2.0, independent(2, 10, 0.6, 2))]);
    let config = RbmFlowConfig { steps: 1, chains: 10, ..RbmFlowConfig::default() };
    for (training, exists) in
        [(vec![], false), (vec![2.0], true), (vec![1.0, 2.0], true), (vec![1.0, 3.0], false)]
    {
        rbm.training_temperatures = training;
        let flow = rbm_flow(&config, &rbm, &spins, &(), &()).expect("runs");
        assert_eq!(flow.balance.is_some(), exists);
    }
    rbm.training_temperatures = vec![1.0];
    rbm.weights.fill(0.0);
    assert_eq!(rbm_flow(&config, &rbm, &spins, &(), &()).expect("runs").balance, None);
}

/// On 10 × 10 sites the energy per bond at T_c is .859².
#[test]
fn the_magnetization_that_reads_the_critical_temperature() {
    let critical = ising_mc::exact::critical_temperature();
    let table = |temperatures: Vec<f64>, field: f64| {
        let config = EquationOfStateConfig {
            temperatures,
            field,
            effective_samples: 64,
            ..EquationOfStateConfig::new(square(10), 0)
        };
        ising_mc::equation_of_state(&config, &()).expect("a table")
    };
    let at = critical_squared_magnetization(&table(vec![2.0, critical, 2.5], 0.0)).expect("reaches it");
    assert!((at.sqrt() - 0.859).abs() < 5e-4, "{}", at.sqrt());
    let exact = -ising_mc::exact::kaufman(10, critical).expect("exact").energy_per_spin / 2.0;
    assert!((at - exact).abs() < 1e-9, "{at} {exact}");
    assert_eq!(critical_squared_magnetization(&table(vec![1.0, 2.0], 0.0)), None);
}
