//! Claim 3: the weight matrix shows how features are extracted.

use datasets::Figures;

use super::{Claim, Exceptions, Verdict, figure, open};
use crate::f10_projections::leading;
use crate::record::Numbers;
use crate::statistics::{Estimate, combine};
use crate::wording::{by_replica, written};

pub(super) fn judge(figures: &Figures) -> Vec<Claim> {
    vec![
        uniform(figures),
        follows(figures),
        long_waves(figures),
        local(figures),
        spread_out(figures),
        power_law(figures),
    ]
}

/// The first entry of an estimate stored as a list.
fn one(numbers: Numbers<'_>, path: &str) -> Option<Estimate> {
    numbers.estimates(path).ok()?.first().copied().filter(|e| e.exists())
}

/// A number for each type that has it.
fn by_type(numbers: Numbers<'_>, types: &[&str], path: &str) -> Vec<(String, Estimate)> {
    types.iter().filter_map(|t| one(numbers, &format!("{t}/{path}")).map(|e| ((*t).to_owned(), e))).collect()
}

/// Judges a number of each type.
fn judge_types(claim: &mut Claim, values: &[(String, Estimate)]) {
    for (training, number) in values {
        claim.case(training.clone(), *number, written(*number));
    }
    claim.conclude("type", Exceptions::Conditions);
}

/// Judges the replicas of a type together: they are one case, which is undecided if they contradict each other.
fn judge_replicas(claim: &mut Claim, training: &str, values: &[f64]) {
    let each: Vec<Estimate> = values.iter().map(|&v| Estimate::bare(v)).collect();
    let number = combine(&each);
    let Some(band) = claim.band.clone() else { return };
    let sides: Vec<Verdict> = values.iter().map(|&v| band.judge(Estimate::new(v, 0.0))).collect();
    let agree = sides.iter().all(|side| *side == sides[0]);
    let verdict = if agree { band.judge(number) } else { Verdict::Undecided };
    claim.judged_case(training, number, by_replica(values), verdict);
}

fn uniform(figures: &Figures) -> Claim {
    let mut claim = open(
        "C3a",
        "The leading left singular vector of W is uniform: the machine's first feature is the magnetization",
        "F10/*/uniform_overlap",
        "squared overlap with the uniform vector at least 0.9, and in no replica below",
    )
    .with_band(Some(0.9), None, "our choice: nine tenths of the squared norm");
    let result = figure(figures, "F10").map(|numbers| {
        for training in [numbers.text("main_training"), "H", "L"] {
            if let Ok(overlap) = numbers.grid(&format!("{training}/uniform_overlap")) {
                judge_replicas(&mut claim, training, &leading(&overlap));
            }
        }
        claim.conclude("type", Exceptions::Conditions);
    });
    claim.or_not_tested(result)
}

fn follows(figures: &Figures) -> Claim {
    let mut claim = open(
        "C3b",
        "The projection on the leading vector follows N⟨m²⟩ at every temperature",
        "F10/largest_deviation",
        "the largest relative deviation over all temperatures is at most 0.05, and in no replica above",
    )
    .with_band(None, Some(0.05), "our choice: five percent");
    let result = figure(figures, "F10").map(|numbers| {
        if let Ok(each) = numbers.list("largest_deviation_by_replica") {
            judge_replicas(&mut claim, numbers.text("main_training"), &each);
        }
        claim.conclude("type", Exceptions::Conditions);
    });
    claim.or_not_tested(result)
}

fn long_waves(figures: &Figures) -> Claim {
    let mut claim = open(
        "C3c",
        "The next singular vectors are the longest waves on the lattice",
        "F09/*/first_shell_power",
        "vectors 2 to 5 have at least 0.75 of their power in the first Fourier shell",
    )
    .with_band(Some(0.75), None, "our choice: three quarters; random vectors have 4/N");
    let result = figure(figures, "F09").map(|numbers| {
        let values = by_type(numbers, &[numbers.text("main_training")], "first_shell_power");
        judge_types(&mut claim, &values);
    });
    claim.or_not_tested(result)
}

fn local(figures: &Figures) -> Claim {
    let mut claim = open(
        "C3d-l",
        "Trained on all (V) or on high temperatures (H), W·Wᵀ couples neighbours only",
        "F08/*/far_over_nearest",
        "the element at the largest distance is at most a tenth of that between nearest neighbours",
    )
    .with_band(Some(-0.1), Some(0.1), "our choice: a tenth of the nearest-neighbour element");
    let result = figure(figures, "F08").map(|numbers| {
        let values = by_type(numbers, &[numbers.text("main_training"), "H"], "far_over_nearest");
        judge_types(&mut claim, &values);
    });
    claim.or_not_tested(result)
}

fn spread_out(figures: &Figures) -> Claim {
    let mut claim = open(
        "C3d-u",
        "Trained on T = 0 (L), W·Wᵀ couples all sites alike",
        "F08/L/far_over_nearest",
        "the element at the largest distance is at least 0.9 of that between nearest neighbours",
    )
    .with_band(Some(0.9), Some(1.1), "a tenth of the nearest-neighbour element");
    let result = figure(figures, "F08").map(|numbers| {
        let values = by_type(numbers, &["L"], "far_over_nearest");
        judge_types(&mut claim, &values);
    });
    claim.or_not_tested(result)
}

fn power_law(figures: &Figures) -> Claim {
    let mut claim = open(
        "C3e",
        "The spectrum of W·Wᵀ is scale invariant: a power law rather than an exponential",
        "F09/*/power_law_advantage",
        "R² of the power law minus R² of the exponential is positive",
    )
    .with_band(Some(0.0), None, "the better of the two straight lines");
    let result = figure(figures, "F09").map(|numbers| {
        let main = numbers.text("main_training");
        let Some(advantage) = one(numbers, &format!("{main}/power_law_advantage")) else {
            claim.conclude("type", Exceptions::Conditions);
            return;
        };
        let text = |path: &str| written(one(numbers, &format!("{main}/{path}")).unwrap_or(Estimate::NONE));
        let value =
            format!("R² {} (power law), {} (exponential)", text("power_law_r2"), text("exponential_r2"));
        claim.case(main, advantage, value);
        claim.conclude("type", Exceptions::Conditions);
    });
    claim.or_not_tested(result)
}
