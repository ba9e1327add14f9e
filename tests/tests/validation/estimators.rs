//! Estimators of restricted Boltzmann machines against sums over all states.

use datasets::{Rbm, Units};
use ndarray::{Array2, Axis};
use numerics::bits::Bits;
use numerics::streams::stream;
use rbm_core::gibbs::{Chains, Mode};
use rbm_core::likelihood::{
    AnnealConfig, anneal, gradient, log_partition, mean_log_likelihood, moments, pseudo_log_likelihood,
};
use rbm_core::{Algorithm, TrainConfig, Trainer};
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::updates::deviations;
use super::{Check, Effort, Table};

/// Sums over all states, written out: those that rbm-core's own tests use.
#[path = "../../../crates/rbm-core/tests/common/mod.rs"]
pub(super) mod reference;

use reference::{all_configurations, energy, index, ising, log_likelihood, log_weights, machine, unit};

type Failure = Box<dyn std::error::Error>;

/// Units, visible, hidden, size of the couplings, biases.
const SMALL: [(Units, usize, usize, f64, bool); 5] = [
    (Units::Spin, 4, 3, 0.8, false),
    (Units::Spin, 3, 5, 0.8, true),
    (Units::Spin, 6, 4, 0.7, true),
    (Units::Binary, 4, 3, 1.5, true),
    (Units::Binary, 5, 5, 4.0, true),
];

/// The table of estimators.
///
/// # Errors
///
/// If an estimator refuses what it should do.
pub(crate) fn estimators(effort: Effort) -> Result<Table, Failure> {
    let mut checks = sums()?;
    checks.extend(annealing(effort)?);
    checks.extend(trainers(effort)?);
    checks.extend(chains(effort)?);
    Ok(Table::new("Estimators of restricted Boltzmann machines against sums over all states", checks))
}

fn largest(deviations: &[f64]) -> f64 {
    deviations.iter().map(|d| if d.is_nan() { f64::INFINITY } else { d.abs() }).fold(0.0, f64::max)
}

/// What is exact: ln Z, averages, gradients, likelihoods.
fn sums() -> Result<Vec<Check>, Failure> {
    let [mut partitions, mut averages, mut likelihoods, mut slopes, mut pseudo] = [const { Vec::new() }; 5];
    for (case, (units, visible, hidden, scale, biases)) in SMALL.into_iter().enumerate() {
        let rbm = machine(units, visible, hidden, scale, biases, case as u64);
        let (logs, total) = log_weights(&rbm);
        partitions.push(log_partition(&rbm)? - total);
        let found = moments(&rbm)?;
        let mut product = Array2::<f64>::zeros((visible, hidden));
        for v in all_configurations(visible).rows() {
            let v: Vec<f64> = v.iter().map(|&s| unit(units, s)).collect();
            for h in all_configurations(hidden).rows() {
                let h: Vec<f64> = h.iter().map(|&s| unit(units, s)).collect();
                let p = (-energy(&rbm, &v, &h) - total).exp();
                product.indexed_iter_mut().for_each(|((i, a), sum)| *sum += p * v[i] * h[a]);
            }
        }
        averages.extend(found.product.iter().zip(&product).map(|(a, b)| a - b));

        let all = all_configurations(visible);
        let rows: Vec<usize> = (0..7).map(|k| (k * 5 + case) % all.nrows()).collect();
        let spins = all.select(Axis(0), &rows);
        let exact = log_likelihood(&rbm, spins.view());
        likelihoods.push(mean_log_likelihood(&rbm, spins.view(), log_partition(&rbm)?)? - exact);
        let found = gradient(&rbm, spins.view())?;
        for ((i, a), slope) in found.weights.indexed_iter() {
            // The parameters are single precision: steps as they come out, and the difference's own error of h².
            let (mut up, mut down) = (rbm.clone(), rbm.clone());
            up.weights[[i, a]] += 1.0 / 512.0;
            down.weights[[i, a]] -= 1.0 / 512.0;
            let step = f64::from(up.weights[[i, a]]) - f64::from(down.weights[[i, a]]);
            let difference = log_likelihood(&up, spins.view()) - log_likelihood(&down, spins.view());
            slopes.push(slope - difference / step);
        }
        // ln p(v_i | rest) from the probabilities of the two configurations.
        let mut expected = 0.0;
        for &row in &rows {
            for site in 0..visible {
                let (this, other) = (logs[row], logs[row ^ 1 << site]);
                expected -= (1.0 + (other - this).exp()).ln() / rows.len() as f64;
            }
        }
        pseudo.push((pseudo_log_likelihood(&rbm, spins.view()).total - expected) / expected.abs().max(1.0));
    }
    let all = format!("{} machines", SMALL.len());
    Ok(vec![
        Check::deviation("exact ln Z", "sum over both layers", largest(&partitions), 1e-11)
            .remark(all.clone()),
        Check::deviation("exact ⟨v hᵀ⟩", "sum over both layers", largest(&averages), 1e-11)
            .remark(all.clone()),
        Check::deviation("mean log-likelihood", "sum over both layers", largest(&likelihoods), 1e-10)
            .remark(all.clone()),
        Check::deviation("exact gradient", "finite differences of the likelihood", largest(&slopes), 1e-4)
            .remark(all.clone()),
        Check::deviation("pseudo-log-likelihood", "conditional probabilities", largest(&pseudo), 2e-5)
            .remark(all),
    ])
}

/// A machine with two modes, trained on configurations from both sides of the critical temperature.
fn trained(hidden: usize, epochs: u32) -> Result<(Rbm, datasets::Spins), Failure> {
    let spins = ising(4, &[1.8, 2.4], 300, 1);
    let config = TrainConfig {
        hidden,
        epochs,
        batch_size: 50,
        learning_rate: 0.05,
        algorithm: Algorithm::Pcd,
        ..Default::default()
    };
    let mut trainer = Trainer::new(&config, &spins)?;
    while !trainer.finished() {
        trainer.advance()?;
    }
    Ok((trainer.finish(), spins))
}

fn annealing(effort: Effort) -> Result<Vec<Check>, Failure> {
    let mut machines = vec![
        ("spin 16 × 10", machine(Units::Spin, 16, 10, 0.3, false, 0), None),
        ("spin 12 × 20, biases", machine(Units::Spin, 12, 20, 0.4, true, 1), None),
        ("binary 16 × 12, biases", machine(Units::Binary, 16, 12, 1.0, true, 2), None),
        ("binary 25 × 9", machine(Units::Binary, 25, 9, 0.8, false, 3), None),
    ];
    let (rbm, spins) = trained(12, 60)?;
    machines.push(("trained 16 × 12", rbm, Some(spins)));
    if effort == Effort::Full {
        machines.push(("spin 64 × 20", machine(Units::Spin, 64, 20, 0.25, false, 4), None));
        machines.push(("spin 100 × 18, biases", machine(Units::Spin, 100, 18, 0.2, true, 5), None));
    }
    let mut checks = vec![];
    for (index, (name, rbm, spins)) in machines.iter().enumerate() {
        let exact = log_partition(rbm)?;
        let config = AnnealConfig { chains: 300, steps: 500, burn_in: 100, seed: index as u64 };
        let found = anneal(rbm, spins.as_ref().map(|spins| spins.samples.view()), &config)?;
        for (what, bound) in
            [("annealing, lower bound of ln Z", found.lower), ("reverse annealing, upper bound", found.upper)]
        {
            let z = (bound.log_partition - exact) / bound.error;
            let remark =
                format!("error {:.4}, {:.0} of 300 chains effective", bound.error, bound.effective_chains);
            checks.push(Check::standard_errors(what, &format!("enumeration, {name}"), &[z]).remark(remark));
        }
    }
    Ok(checks)
}

fn trainers(effort: Effort) -> Result<Vec<Check>, Failure> {
    let samples = if effort == Effort::Full { 20_000 } else { 4000 };
    let spins = ising(2, &[1.5, 3.0], samples / 2, 8);
    let mut checks = vec![];
    for units in [Units::Spin, Units::Binary] {
        let start = machine(units, 4, 3, if units == Units::Spin { 0.5 } else { 1.0 }, true, 4);
        for (what, algorithm, gibbs_steps) in [
            ("contrastive divergence, 1 step", Algorithm::Cd, 1),
            ("contrastive divergence, 3 steps", Algorithm::Cd, 3),
            ("contrastive divergence, 30 steps", Algorithm::Cd, 30),
            ("persistent contrastive divergence", Algorithm::Pcd, 30),
            ("persistent chains with parallel tempering", Algorithm::ParallelTempering, 30),
        ] {
            let config = TrainConfig {
                hidden: 3,
                units,
                biases: true,
                epochs: 1,
                learning_rate: 1.0 / 64.0,
                batch_size: usize::MAX,
                algorithm,
                gibbs_steps,
                tempering_levels: 3,
                seed: 5,
                ..Default::default()
            };
            let found = deviations(&config, &spins, &start)?;
            let mean_square = found.iter().map(|z| z * z).sum::<f64>() / found.len() as f64;
            let against = if gibbs_steps <= 3 { "exact mean after as many steps" } else { "exact gradient" };
            let remark = format!("{} units, {samples} chains, mean square {mean_square:.2}", units.name());
            checks.push(Check::standard_errors(what, against, &found).remark(remark));
        }
    }
    Ok(checks)
}

fn chains(effort: Effort) -> Result<Vec<Check>, Failure> {
    let count = if effort == Effort::Full { 50_000 } else { 10_000 };
    let mut checks = vec![];
    for (case, (units, visible, hidden, scale, biases)) in [
        (Units::Spin, 5, 3, 0.7, true),
        (Units::Spin, 4, 4, 0.6, false),
        (Units::Binary, 5, 4, 1.5, true),
        (Units::Binary, 4, 6, 1.2, false),
    ]
    .into_iter()
    .enumerate()
    {
        let rbm = machine(units, visible, hidden, scale, biases, case as u64);
        let mut bits = Bits::from_stream(&mut stream(case as u64, "evidence", &[]));
        let start =
            Array2::from_shape_simple_fn((count, visible), || if bits.next() >> 63 == 0 { 1 } else { -1 });
        let mut chains = Chains::new(&rbm, start.view(), Mode::Sampled, 9)?;
        (0..40).for_each(|_| chains.step());
        let mut counts = vec![0.0; 1 << visible];
        chains.spins().rows().into_iter().for_each(|row| counts[index(row)] += 1.0);
        let (logs, total) = log_weights(&rbm);
        let chi_squared: f64 = logs
            .iter()
            .zip(&counts)
            .map(|(log, found)| {
                let expected = count as f64 * (log - total).exp();
                (found - expected) * (found - expected) / expected
            })
            .sum();
        let p = ChiSquared::new(counts.len() as f64 - 1.0)?.sf(chi_squared);
        let against = format!("probabilities of all {} configurations", counts.len());
        let remark = format!("{} {visible} × {hidden}, {count} chains of 40 steps", units.name());
        checks.push(Check::probability("Gibbs chains", &against, p).remark(remark));
    }
    Ok(checks)
}
