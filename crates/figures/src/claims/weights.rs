//! Claim 3: the weight matrix shows how features are extracted.

use datasets::Figures;

use super::{Claim, ONE_REPLICA, Verdict, figure, open};
use crate::f13_training::LOCKING;
use crate::record::Numbers;
use crate::statistics::Estimate;
use crate::wording::{list, written};

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

/// Judges a number of each type; the first type's is the claim's number.
fn judge_types(claim: &mut Claim, values: &[(String, Estimate)], passes: impl Fn(Estimate) -> bool) {
    let cases: Vec<(String, bool)> = values.iter().map(|(t, e)| (t.clone(), passes(*e))).collect();
    if let Some((_, first)) = values.first() {
        let texts: Vec<String> = values.iter().map(|(t, e)| format!("{t}: {}", written(*e))).collect();
        claim.with_number(*first, texts.join(", "));
    }
    claim.by_cases("type", &cases);
}

/// The replicas of a type that pass and those that do not, as cases; units that locked onto sites are named.
fn cases_by_replica(
    numbers: Numbers<'_>,
    training: &str,
    path: &str,
    passes: impl Fn(f64) -> bool,
) -> Vec<(String, bool)> {
    let largest = numbers.list(&format!("{training}/max_abs_weight_by_replica"));
    let (Ok(replica), Ok(values), Ok(largest)) =
        (numbers.counts(&format!("{training}/replica")), numbers.list(path), largest)
    else {
        return vec![];
    };
    let mut cases = Vec::new();
    for wanted in [true, false] {
        let of: Vec<usize> = (0..replica.len().min(values.len()).min(largest.len()))
            .filter(|&i| values[i].is_finite() && passes(values[i]) == wanted)
            .collect();
        if of.is_empty() {
            continue;
        }
        let all = of.len() == replica.len();
        let named: Vec<String> = of
            .iter()
            .filter(|&&i| !all || largest[i] > LOCKING)
            .map(|&i| {
                let lock = if largest[i] > LOCKING {
                    format!(", where a unit locked onto a site: max|W| = {:.1}", largest[i])
                } else {
                    String::new()
                };
                format!("{} ({:.2}{lock})", replica[i], values[i])
            })
            .collect();
        let which = if named.is_empty() { String::new() } else { format!(" in replica {}", list(&named)) };
        cases.push((format!("{training}{which}"), wanted));
    }
    cases
}

fn uniform(figures: &Figures) -> Claim {
    let mut claim = open(
        "C3a",
        "The leading left singular vector of W is uniform: the machine's first feature is the magnetization",
        "F10/*/uniform_overlap",
        "squared overlap with the uniform vector at least 0.9 in every replica",
    )
    .with_band(Some(0.9), Some(1.0), "our choice: nine tenths of the squared norm");
    let result = figure(figures, "F10").map(|numbers| {
        let values = by_type(numbers, &[numbers.text("main_training"), "H", "L"], "uniform_overlap");
        let passes = |overlap: f64| overlap >= 0.9;
        judge_types(&mut claim, &values, |e| passes(e.value));
        let cases: Vec<(String, bool)> = values
            .iter()
            .flat_map(|(t, _)| cases_by_replica(numbers, t, &format!("{t}/overlap_by_replica"), passes))
            .collect();
        claim.by_cases("type", &cases);
    });
    claim.or_not_tested(result)
}

fn follows(figures: &Figures) -> Claim {
    let mut claim = open(
        "C3b",
        "The projection on the leading vector follows N⟨m²⟩ at every temperature",
        "F10/largest_deviation",
        "the largest relative deviation over all temperatures is at most 0.05 in every replica",
    )
    .with_band(Some(0.0), Some(0.05), "our choice: five percent");
    let result = figure(figures, "F10").map(|numbers| {
        let value = one(numbers, "largest_deviation");
        if let Some(value) = value {
            claim.with_number(value, format!("largest deviation {}", written(value)));
        }
        let main = numbers.text("main_training");
        let cases = cases_by_replica(numbers, main, "largest_deviation_by_replica", |v| v <= 0.05);
        claim.by_cases("type", &cases);
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
    .with_band(Some(0.75), Some(1.0), "our choice: three quarters; random vectors have 4/N");
    let result = figure(figures, "F09").map(|numbers| {
        let values = by_type(numbers, &[numbers.text("main_training")], "first_shell_power");
        judge_types(&mut claim, &values, |e| e.value >= 0.75);
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
        judge_types(&mut claim, &values, |e| e.value.abs() <= 0.1);
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
        judge_types(&mut claim, &values, |e| (e.value - 1.0).abs() <= 0.1);
    });
    claim.or_not_tested(result)
}

fn power_law(figures: &Figures) -> Claim {
    let mut claim = open(
        "C3e",
        "The spectrum of W·Wᵀ is scale invariant: a power law rather than an exponential",
        "F09/*/power_law_advantage",
        "R² of the power law minus R² of the exponential is positive by more than three standard errors",
    )
    .with_band(Some(0.0), None, "the better of the two straight lines");
    let result = figure(figures, "F09").map(|numbers| {
        let main = numbers.text("main_training");
        let Some(advantage) = one(numbers, &format!("{main}/power_law_advantage")) else {
            claim.by_cases("type", &[]);
            return;
        };
        let text = |path: &str| written(one(numbers, &format!("{main}/{path}")).unwrap_or(Estimate::NONE));
        let value =
            format!("R² {} (power law), {} (exponential)", text("power_law_r2"), text("exponential_r2"));
        claim.with_number(advantage, value);
        if !advantage.error.is_finite() {
            claim.conditions = ONE_REPLICA.to_owned();
            return;
        }
        claim.by_cases("type", &[(main.to_owned(), advantage.value > 3.0 * advantage.error)]);
        if claim.verdict == Verdict::Fails && advantage.value.abs() <= 3.0 * advantage.error {
            claim.conditions.push_str("; the two cannot be told apart");
        }
    });
    claim.or_not_tested(result)
}
