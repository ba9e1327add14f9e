//! Claim 1: the flow approaches T_c.

use datasets::Figures;

use super::{Claim, Exceptions, critical_temperature, figure, open};
use crate::critical::RESOLUTION;
use crate::error::FigureError;
use crate::f06_fixed_point::{FixedPointAt, fixed_points};
use crate::record::Numbers;
use crate::statistics::Estimate;
use crate::wording::{hidden_of_group, short, temperature, written};

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
        "The fixed-point ensemble has the Ising model's short-range correlation c_{sr} (neighbours minus all pairs) at its energy",
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
    /// The change of the energy in a direction.
    pub(super) fn along(&self, direction: f64) -> Estimate {
        Estimate::new(direction * self.change.value, self.change.error)
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

const MOVES: &str = "the mean energy at the last step is on this side of that at the first; of several starts, that with the least change";
const MOVES_BAND: &str = "the change of the energy per site (J) in this direction";

/// Judges the direction of the flow from some of the starts.
fn direction(
    claim: &mut Claim,
    figures: &Figures,
    direction: f64,
    starts: impl Fn(f64) -> bool,
) -> Result<(), FigureError> {
    let numbers = figure(figures, "F05")?;
    let moves: Vec<Move> = moves(numbers)?.into_iter().filter(|m| starts(m.start)).collect();
    let mut hidden: Vec<usize> = moves.iter().map(|m| m.hidden).collect();
    hidden.dedup();
    for h in hidden {
        let own = moves.iter().filter(|m| m.hidden == h);
        let least = own.min_by(|a, b| a.along(direction).value.total_cmp(&b.along(direction).value));
        let Some(m) = least else { continue };
        let value = format!(
            "from T = {} to T_{{E}} = {}",
            temperature(m.start, critical_temperature(figures)),
            written(m.end)
        );
        claim.case(h.to_string(), m.along(direction), value);
    }
    claim.conclude("N_{h} =", Exceptions::Conditions);
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
        open("C1b", statement, "F05/hidden_*/energy_per_spin", MOVES).with_band(Some(0.0), None, MOVES_BAND);
    let result = direction(&mut claim, figures, -1.0, |t| t > critical_temperature(figures) + 0.5);
    claim.or_not_tested(result)
}

fn meet(figures: &Figures) -> Claim {
    let mut claim = open(
        "C1c",
        "Both ends of the flow meet at one temperature",
        "F06/by_hidden/fixed_point",
        "in every replica the flow settles from every start, and all starts at one energy (within four standard errors and \
         0.01 J per site); undecided if in some replicas only",
    )
    .with_band(Some(1.0), None, "the fraction of the replicas");
    let result = figure(figures, "F06").and_then(|numbers| {
        let hidden = numbers.counts("by_hidden/hidden")?;
        let meeting = numbers.list("by_hidden/fixed_point")?;
        let difference = numbers.estimates("by_hidden/end_difference")?;
        for ((h, &fraction), difference) in hidden.iter().zip(&meeting).zip(difference) {
            let value = format!("hot minus cold end {} in T_{{E}}", written(difference));
            // What some replicas do and others do not is a matter of chance.
            let error = if fraction > 0.0 && fraction < 1.0 { f64::NAN } else { 0.0 };
            claim.case(h.to_string(), Estimate::new(fraction, error), value);
        }
        claim.conclude("N_{h} =", Exceptions::Conditions);
        Ok(())
    });
    claim.or_not_tested(result)
}

pub(crate) const CRITICAL_BAND: &str =
    "T_{c} of the lattice ± half the 0.25 spacing of the training temperatures";

fn is_critical(figures: &Figures, id: &str, path: &str, name: &str) -> Claim {
    let tc = critical_temperature(figures);
    let mut claim = open(
        id,
        &format!("The temperature where the flow ends is T_{{c}}, by {name}"),
        &format!("F06/by_hidden/{path}"),
        "the temperature at the fixed point is within 0.125 of T_{c}",
    )
    .with_band(Some(tc - RESOLUTION), Some(tc + RESOLUTION), CRITICAL_BAND);
    let result = figure(figures, "F06").and_then(|numbers| {
        let replicas = numbers.count("replicas").unwrap_or(1);
        for FixedPointAt { setting, mut reading, exists } in
            fixed_points(numbers, "by_hidden", "hidden", path)?
        {
            if !exists {
                claim.without_fixed_point(setting.to_string());
                continue;
            }
            let mut value = written(reading);
            if path == "nn_peak" && reading.error.is_nan() && replicas > 1 {
                // All replicas read one class: nothing between the classes can be read.
                reading.error = 0.0;
                value = format!("{} in all replicas", short(reading.value));
            }
            claim.case(setting.to_string(), reading, value);
        }
        claim.conclude("N_{h} =", Exceptions::Conditions);
        Ok(())
    });
    claim.or_not_tested(result)
}

/// How claims of independence are judged.
pub(super) const SPREAD_RULE: &str =
    "the largest and the smallest T_{E} at a fixed point differ by at most 0.125";

/// The difference between the largest and the smallest of some numbers, and which these are; none of fewer than two.
pub(crate) fn spread(numbers: &[Estimate]) -> Option<(Estimate, usize, usize)> {
    let present = || numbers.iter().enumerate().filter(|(_, e)| e.exists());
    let (low, a) = present().min_by(|a, b| a.1.value.total_cmp(&b.1.value))?;
    let (high, b) = present().max_by(|a, b| a.1.value.total_cmp(&b.1.value))?;
    (present().count() > 1).then(|| (Estimate::new(b.value - a.value, b.error.hypot(a.error)), low, high))
}

fn independent(figures: &Figures, id: &str, group: &str, setting: &str, words: &str, axis: &str) -> Claim {
    let mut claim = open(
        id,
        &format!("The fixed point is the same whatever {words}"),
        &format!("F06/{group}/energy_temperature"),
        SPREAD_RULE,
    )
    .with_band(None, Some(RESOLUTION), "half the 0.25 spacing of the training temperatures");
    let result = figure(figures, "F06").and_then(|numbers| {
        let (points, without): (Vec<_>, Vec<_>) =
            fixed_points(numbers, group, setting, "energy_temperature")?.into_iter().partition(|p| p.exists);
        for point in without {
            claim.without_fixed_point(point.setting.to_string());
        }
        let readings: Vec<Estimate> = points.iter().map(|p| p.reading).collect();
        if let Some((spread, low, high)) = spread(&readings) {
            let at = |i: usize| format!("{} ({axis} = {})", written(readings[i]), points[i].setting);
            claim.case("", spread, format!("T_{{E}} from {} to {}", at(low), at(high)));
        }
        claim.conclude("", Exceptions::Conditions);
        let tested: Vec<String> = points.iter().map(|p| p.setting.to_string()).collect();
        if !tested.is_empty() {
            claim.conditions = format!("tested on {axis} = {}", crate::wording::list(&tested));
        }
        if !claim.excluded.is_empty() {
            let excluded = crate::wording::list(&claim.excluded);
            claim.conditions.push_str(&format!("; no fixed point for {axis} = {excluded}"));
        }
        Ok(())
    });
    claim.or_not_tested(result)
}

/// a / b with first-order errors; unknown if one of them is.
pub(crate) fn ratio(a: Estimate, b: Estimate) -> Estimate {
    let value = a.value / b.value;
    Estimate::new(value, (a.error / b.value).hypot(value * b.error / b.value))
}

const RATIO_RULE: &str = "the ratio differs from 1 by at most 0.2";
pub(crate) const RATIO_BAND: &str =
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
        let fixed_point = numbers.list("by_hidden/fixed_point")?;
        for (((h, own), ising), fixed_point) in hidden.iter().zip(own).zip(ising).zip(fixed_point) {
            if fixed_point < 1.0 {
                claim.without_fixed_point(h.to_string());
                continue;
            }
            let ratio = ratio(own, ising);
            let value = format!("{name} = {} ({} against {})", written(ratio), written(own), written(ising));
            claim.case(h.to_string(), ratio, value);
        }
        claim.conclude("N_{h} =", Exceptions::Conditions);
        Ok(())
    });
    claim.or_not_tested(result)
}

/// How far G(r) falls from neighbours to the largest distance.
pub(crate) fn decay(correlation: &[Estimate]) -> Estimate {
    match correlation {
        [_, first, .., last] => Estimate::new(first.value - last.value, first.error.hypot(last.error)),
        _ => Estimate::NONE,
    }
}

fn long_range(figures: &Figures) -> Claim {
    let mut claim = open(
        "C1f-G",
        "Correlations G(r) = ⟨σσ⟩ at the fixed point decay with distance as in the Ising model at its energy",
        "F12/correlation",
        "the ratio of G(1) − G(L/2) to the Ising model's differs from 1 by at most 0.2",
    )
    .with_band(Some(0.8), Some(1.2), RATIO_BAND);
    let result = figure(figures, "F12").and_then(|numbers| {
        let own = decay(&numbers.estimates("correlation")?);
        let ising = decay(&numbers.estimates("ising_correlation")?);
        let main = numbers.count("main_hidden").unwrap_or(0);
        let ratio = ratio(own, ising);
        let value = format!("G(1) − G(L/2) = {} against {}", written(own), written(ising));
        claim.case(main.to_string(), ratio, value);
        claim.conclude("N_{h} =", Exceptions::Conditions);
        Ok(())
    });
    claim.or_not_tested(result)
}

fn other_types(figures: &Figures) -> Claim {
    let tc = critical_temperature(figures);
    let mut claim = open(
        "C1g",
        "Machines trained away from T_{c} (H: T ≥ 4, L: T = 0) end away from T_{c}",
        "F07/*/end/energy_temperature",
        "T_{E} at the fixed point is further from T_{c} than 0.125",
    )
    .with_band_outside(tc - RESOLUTION, tc + RESOLUTION, CRITICAL_BAND);
    let result = figure(figures, "F07").and_then(|numbers| {
        for training in ["H", "L"] {
            let path = format!("{training}/end/energy_temperature");
            if !numbers.has(&path) {
                continue;
            }
            let end = numbers.estimates(&path)?.first().copied().unwrap_or(Estimate::NONE);
            if numbers.list(&format!("{training}/end/fixed_point"))?.first().is_some_and(|&f| f >= 1.0) {
                claim.case(training, end, format!("T_{{E}} = {}", written(end)));
            } else {
                claim.without_fixed_point(training);
            }
        }
        claim.conclude("type", Exceptions::Conditions);
        Ok(())
    });
    claim.or_not_tested(result)
}
