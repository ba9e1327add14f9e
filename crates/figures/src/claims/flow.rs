//! Claim 1: the flow approaches T_c.

use datasets::Figures;

use super::{Claim, SPREAD_RULE, figure, open};
use crate::end_state::{MEETING, ends_meet};
use crate::error::FigureError;
use crate::f06_fixed_point::{RESOLUTION, fixed_points};
use crate::record::Numbers;
use crate::statistics::Estimate;
use crate::wording::{critical_temperature, hidden_of_group, temperature, written};

pub(super) fn judge(figures: &Figures) -> Vec<Claim> {
    let mut claims = vec![warms(figures), cools(figures), meet(figures)];
    for (id, path, name) in [
        ("C1d-E", "energy_temperature", "T_{E}"),
        ("C1d-m", "magnetization_temperature", "T_{m}"),
        ("C1d-n", "nn_peak", "the network's peak"),
    ] {
        claims.push(is_critical(figures, id, path, name));
    }
    claims.push(independent(figures, "C1e-N", "by_hidden", "hidden", "the number of hidden units", "N_{h}"));
    claims.push(independent(figures, "C1e-t", "by_updates", "updates", "the length of training", "updates"));
    claims.push(ratio_by_hidden(
        figures,
        "C1f-s",
        "The fixed-point ensemble has the Ising model's short-range correlation c_{sr} at its energy",
        "short_range_correlation",
        "c_{sr} / Ising",
    ));
    claims.push(long_range(figures));
    claims.push(ratio_by_hidden(
        figures,
        "C1f-E",
        "The fixed-point ensemble has the Ising model's energy fluctuations at its energy",
        "energy_variance",
        "variance / Ising",
    ));
    claims.push(other_types(figures));
    claims
}

/// What the flow from one start does.
pub(super) struct Move {
    pub(super) hidden: usize,
    pub(super) start: f64,
    /// T_E at the last step.
    end: Estimate,
    /// The change of the energy per site from the first to the last step.
    pub(super) change: Estimate,
}

impl Move {
    /// Whether the energy has changed in this direction by more than three standard errors.
    pub(super) fn goes(&self, direction: f64) -> bool {
        direction * self.change.value > 3.0 * self.change.error
    }
}

/// The flows of every N_h from every start.
pub(super) fn moves(numbers: Numbers<'_>) -> Result<Vec<Move>, FigureError> {
    let mut moves = Vec::new();
    for group in numbers.groups() {
        let Some(hidden) = hidden_of_group(group) else { continue };
        let starts = numbers.list(&format!("{group}/start_temperature"))?;
        let (energy, error) = numbers.grid_with_error(&format!("{group}/energy_per_spin"))?;
        let temperature = format!("{group}/energy_temperature");
        let read = numbers.has(&temperature).then(|| numbers.grid_with_error(&temperature)).transpose()?;
        let Some(last) = energy.ncols().checked_sub(1) else { continue };
        for (f, &start) in starts.iter().enumerate() {
            let change =
                Estimate::new(energy[[f, last]] - energy[[f, 0]], error[[f, last]].hypot(error[[f, 0]]));
            let end =
                read.as_ref().map_or(Estimate::NONE, |(v, e)| Estimate::new(v[[f, last]], e[[f, last]]));
            moves.push(Move { hidden, start, end, change });
        }
    }
    Ok(moves)
}

const MOVES: &str =
    "the change of the mean energy from the first to the last step exceeds three standard errors";
const MOVES_BAND: &str = "the sign of the change of the energy per site (J)";

/// Judges the direction of the flow from some of the starts.
fn direction(
    claim: &mut Claim,
    figures: &Figures,
    direction: f64,
    starts: impl Fn(f64) -> bool,
) -> Result<(), FigureError> {
    let numbers = figure(figures, "F05")?;
    let main = numbers.count("main_hidden").unwrap_or(0);
    let moves: Vec<Move> = moves(numbers)?.into_iter().filter(|m| starts(m.start)).collect();
    let mut cases: Vec<(String, bool)> = Vec::new();
    for m in &moves {
        match cases.iter_mut().find(|c| c.0 == m.hidden.to_string()) {
            Some(case) => case.1 &= m.goes(direction),
            None => cases.push((m.hidden.to_string(), m.goes(direction))),
        }
    }
    // The outermost start is the one in the text.
    let outermost = moves
        .iter()
        .filter(|m| m.hidden == main)
        .max_by(|a, b| (-direction * a.start).total_cmp(&(-direction * b.start)));
    if let Some(m) = outermost {
        let value = format!("T_{{E}}: {} → {} at N_{{h}} = {main}", temperature(m.start), written(m.end));
        claim.with_number(m.change, value);
    }
    claim.by_cases("N_{h} =", &cases);
    Ok(())
}

fn warms(figures: &Figures) -> Claim {
    let mut claim = open("C1a", "Started at T = 0, the flow warms", "F05/hidden_*/energy_per_spin", MOVES)
        .with_band(Some(0.0), None, MOVES_BAND);
    let result = direction(&mut claim, figures, 1.0, |t| t == 0.0);
    claim.or_not_tested(result)
}

fn cools(figures: &Figures) -> Claim {
    let statement = "Started at T = 6 and at T = ∞, the flow cools";
    let mut claim =
        open("C1b", statement, "F05/hidden_*/energy_per_spin", MOVES).with_band(None, Some(0.0), MOVES_BAND);
    let result = direction(&mut claim, figures, -1.0, |t| t > critical_temperature() + 0.5);
    claim.or_not_tested(result)
}

fn meet(figures: &Figures) -> Claim {
    let mut claim = open(
        "C1c",
        "Both ends of the flow meet at one temperature",
        "F06/by_hidden/end_difference",
        "T_{E} from the hottest and from the coldest start differ by at most three standard errors or 0.05",
    )
    .with_band(Some(-MEETING), Some(MEETING), "a fifth of the 0.25 spacing of the training temperatures");
    let result = figure(figures, "F06").and_then(|numbers| {
        let hidden = numbers.counts("by_hidden/hidden")?;
        let difference = numbers.estimates("by_hidden/end_difference")?;
        let main = numbers.count("main_hidden").unwrap_or(0) as u64;
        let tested: Vec<_> = hidden.iter().zip(&difference).filter(|(_, d)| d.exists()).collect();
        let cases: Vec<_> = tested.iter().map(|(h, d)| (h.to_string(), ends_meet(**d))).collect();
        if let Some((_, d)) = tested.iter().find(|(h, _)| **h == main) {
            let value = format!("ΔT_{{E}} = {} at N_{{h}} = {main}", written(**d));
            claim.with_number(**d, value);
        }
        claim.by_cases("N_{h} =", &cases);
        Ok(())
    });
    claim.or_not_tested(result)
}

/// Whether a temperature is T_c within the resolution of the thermometers.
pub(crate) fn at_critical(estimate: Estimate) -> bool {
    let off = (estimate.value - critical_temperature()).abs();
    off <= RESOLUTION + if estimate.error.is_finite() { 2.0 * estimate.error } else { 0.0 }
}

pub(crate) const CRITICAL_BAND: &str =
    "T_{c} = 2/ln(1+√2) (exact) ± half the 0.25 spacing of the training temperatures";

fn is_critical(figures: &Figures, id: &str, path: &str, name: &str) -> Claim {
    let tc = critical_temperature();
    let mut claim = open(
        id,
        &format!("The temperature where the flow ends is T_{{c}}, by {name}"),
        &format!("F06/by_hidden/{path}"),
        "the ends meet, and their temperature is within 0.125 + 2 standard errors of T_{c}",
    )
    .with_band(Some(tc - RESOLUTION), Some(tc + RESOLUTION), CRITICAL_BAND);
    let result = figure(figures, "F06").and_then(|numbers| {
        let points = fixed_points(numbers, "by_hidden", "hidden", path)?;
        let main = numbers.count("main_hidden").unwrap_or(0) as u64;
        let tested: Vec<_> = points.iter().filter(|p| p.1.exists()).collect();
        let cases: Vec<_> = tested.iter().map(|p| (p.0.to_string(), p.2 && at_critical(p.1))).collect();
        if let Some(p) = tested.iter().find(|p| p.0 == main) {
            claim.with_number(p.1, format!("{} at N_{{h}} = {main}", written(p.1)));
        }
        claim.by_cases("N_{h} =", &cases);
        Ok(())
    });
    claim.or_not_tested(result)
}

fn independent(figures: &Figures, id: &str, group: &str, setting: &str, words: &str, axis: &str) -> Claim {
    let mut claim = open(
        id,
        &format!("The fixed point does not depend on {words}"),
        &format!("F06/{group}/energy_temperature"),
        SPREAD_RULE,
    )
    .with_band(Some(0.0), Some(RESOLUTION), "half the 0.25 spacing of the training temperatures");
    let result = figure(figures, "F06").and_then(|numbers| {
        let points: Vec<_> = fixed_points(numbers, group, setting, "energy_temperature")?
            .into_iter()
            .filter(|p| p.1.exists() && p.2)
            .collect();
        let low = points.iter().min_by(|a, b| a.1.value.total_cmp(&b.1.value));
        let high = points.iter().max_by(|a, b| a.1.value.total_cmp(&b.1.value));
        let (Some(low), Some(high)) = (low, high) else {
            claim.conditions = "the run has no such data".to_owned();
            return Ok(());
        };
        if points.len() < 2 {
            claim.conditions = format!("only one value of {axis} whose ends meet");
            return Ok(());
        }
        let spread = Estimate::new(high.1.value - low.1.value, high.1.error.hypot(low.1.error));
        let value = format!("T_{{E}} from {} to {}", written(low.1), written(high.1));
        claim.with_number(spread, value);
        claim.by_spread(spread);
        claim.conditions = format!(
            "T_{{E}} = {} at {axis} = {}, {} at {axis} = {}{}",
            written(high.1),
            high.0,
            written(low.1),
            low.0,
            claim.conditions
        );
        Ok(())
    });
    claim.or_not_tested(result)
}

/// a / b with first-order errors.
pub(crate) fn ratio(a: Estimate, b: Estimate) -> Estimate {
    let value = a.value / b.value;
    let error = (a.error / b.value).hypot(value * if b.error.is_finite() { b.error } else { 0.0 } / b.value);
    Estimate::new(value, error)
}

/// Whether a ratio is one, within a fifth or three standard errors.
pub(crate) fn is_one(ratio: Estimate) -> bool {
    ratio.exists() && (ratio.value - 1.0).abs() <= (3.0 * ratio.error).max(0.2)
}

const RATIO_RULE: &str = "the ratio differs from 1 by at most 0.2 or three standard errors";
const RATIO_BAND: &str =
    "a fifth: far above the errors, far below the factors between an ordered and a critical state";

fn ratio_by_hidden(figures: &Figures, id: &str, statement: &str, path: &str, name: &str) -> Claim {
    let mut claim = open(id, statement, &format!("F12/by_hidden/{path}"), RATIO_RULE).with_band(
        Some(0.8),
        Some(1.2),
        RATIO_BAND,
    );
    let result = figure(figures, "F12").and_then(|numbers| {
        let hidden = numbers.counts("by_hidden/hidden")?;
        let own = numbers.estimates(&format!("by_hidden/{path}"))?;
        let ising = numbers.estimates(&format!("by_hidden/ising_{path}"))?;
        let main = numbers.count("main_hidden").unwrap_or(0) as u64;
        let mut cases = Vec::new();
        for ((h, own), ising) in hidden.iter().zip(own).zip(ising) {
            let ratio = ratio(own, ising);
            if !ratio.exists() {
                continue;
            }
            cases.push((h.to_string(), is_one(ratio)));
            if *h == main {
                let value = format!("{} against {} at N_{{h}} = {main}", written(own), written(ising));
                claim.with_number(ratio, format!("{name} = {}: {value}", written(ratio)));
            }
        }
        claim.by_cases("N_{h} =", &cases);
        Ok(())
    });
    claim.or_not_tested(result)
}

fn long_range(figures: &Figures) -> Claim {
    let mut claim = open(
        "C1f-G",
        "Correlations G(r) at the fixed point decay with distance as in the Ising model at its energy",
        "F12/correlation",
        RATIO_RULE,
    )
    .with_band(Some(0.8), Some(1.2), RATIO_BAND);
    let result = figure(figures, "F12").and_then(|numbers| {
        let own = numbers.estimates("correlation")?;
        let ising = numbers.estimates("ising_correlation")?;
        let main = numbers.count("main_hidden").unwrap_or(0);
        if own.len() < 3 || ising.len() != own.len() {
            claim.conditions = "the run has no such data".to_owned();
            return Ok(());
        }
        let last = own.len() - 1;
        let decay =
            |g: &[Estimate]| Estimate::new(g[1].value - g[last].value, g[1].error.hypot(g[last].error));
        let (own, ising) = (decay(&own), decay(&ising));
        let ratio = ratio(own, ising);
        let value = format!("G(1) − G({last}) = {} against {}", written(own), written(ising));
        claim.with_number(ratio, value);
        claim.by_cases("N_{h} =", &[(main.to_string(), is_one(ratio))]);
        Ok(())
    });
    claim.or_not_tested(result)
}

fn other_types(figures: &Figures) -> Claim {
    let tc = critical_temperature();
    let mut claim = open(
        "C1g",
        "Machines trained away from T_{c} (H: T ≥ 4, L: T = 0) do not end at T_{c}",
        "F07/*/end/energy_temperature",
        "T_{E} at the end is further from T_{c} than 0.125 + 2 standard errors",
    )
    .with_band(Some(tc - RESOLUTION), Some(tc + RESOLUTION), &format!("outside of: {CRITICAL_BAND}"));
    let result = figure(figures, "F07").and_then(|numbers| {
        let mut cases = Vec::new();
        let mut values = Vec::new();
        for training in ["H", "L"] {
            let path = format!("{training}/end/energy_temperature");
            if !numbers.has(&path) {
                continue;
            }
            let end = numbers.estimates(&path)?.first().copied().unwrap_or(Estimate::NONE);
            if end.exists() {
                cases.push((training.to_owned(), !at_critical(end)));
                values.push((format!("{training}: {}", written(end)), end));
            }
        }
        if let Some((_, first)) = values.first() {
            let texts: Vec<String> = values.iter().map(|v| v.0.clone()).collect();
            claim.with_number(*first, texts.join(", "));
        }
        claim.by_cases("type", &cases);
        Ok(())
    });
    claim.or_not_tested(result)
}
