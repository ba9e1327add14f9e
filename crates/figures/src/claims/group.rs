//! Claim 2: the flow is opposite to the renormalization group's.

use datasets::Figures;

use super::flow::moves;
use super::{Claim, figure, open};
use crate::error::FigureError;
use crate::record::Numbers;
use crate::statistics::{Estimate, interpolate};
use crate::wording::{critical_temperature, short, written};

/// Temperatures that T_E can read well enough.
const READABLE: std::ops::RangeInclusive<f64> = 1.0..=5.5;
/// Starts closer to T_c than this are on neither side of it, given a finite lattice.
const NEAR: f64 = 0.05;

pub(super) fn judge(figures: &Figures) -> Vec<Claim> {
    vec![runs_away(figures), opposite_flows(figures), opposite_steps(figures)]
}

/// (T of the start, shift of T_E) of a map at readable temperatures away from T_c, ascending.
fn shifts(numbers: Numbers<'_>, group: &str) -> Result<Vec<(f64, Estimate)>, FigureError> {
    let before = numbers.list(&format!("{group}/start_temperature"))?;
    let shift = numbers.estimates(&format!("{group}/shift"))?;
    let mut points: Vec<(f64, Estimate)> = before
        .into_iter()
        .zip(shift)
        .filter(|(t, s)| READABLE.contains(t) && (t - critical_temperature()).abs() > NEAR && s.exists())
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(points)
}

fn signed(estimate: Estimate) -> String {
    let sign = if estimate.value > 0.0 { "+" } else { "" };
    format!("{sign}{}", written(estimate))
}

fn runs_away(figures: &Figures) -> Claim {
    let mut claim = open(
        "C2a",
        "Block spins move the temperature away from T_{c} on both sides",
        "F11/block_spin/shift",
        "at each start (T from 1 to 5.5, more than 0.05 from T_{c}) T_{E} moves away from T_{c} by more than two standard errors",
    )
    .with_band(Some(0.0), None, "the sign of the shift");
    let result = figure(figures, "F11").and_then(|numbers| {
        let points = shifts(numbers, "block_spin")?;
        let tc = critical_temperature();
        let outward = |p: &(f64, Estimate)| Estimate::new(p.1.value * (p.0 - tc).signum(), p.1.error);
        let cases: Vec<(String, bool)> =
            points.iter().map(|p| (short(p.0), outward(p).value > 2.0 * p.1.error)).collect();
        let least = points.iter().map(outward).min_by(|a, b| a.value.total_cmp(&b.value));
        let below = points.iter().rfind(|p| p.0 < tc);
        let over = points.iter().find(|p| p.0 > tc);
        let said: Vec<String> =
            below.into_iter().chain(over).map(|p| format!("T = {:.2}: {}", p.0, signed(p.1))).collect();
        if let Some(least) = least {
            claim.with_number(least, said.join(", "));
        }
        claim.by_cases("T =", &cases);
        Ok(())
    });
    claim.or_not_tested(result)
}

fn opposite_flows(figures: &Figures) -> Claim {
    let mut claim = open(
        "C2b",
        "The machine's flow and the block spins' go in opposite directions on both sides of T_{c}",
        "F05/hidden_*/energy_per_spin",
        "from T = 0 the machine's flow warms where block spins cool, from T ≥ 3 it cools where they warm, each by more than \
         two (block spins) or three (flow) standard errors",
    )
    .with_band(Some(0.0), None, "the least change of the energy per site (J) against the block spins' direction");
    let result = figure(figures, "F11").and_then(|numbers| {
        let tc = critical_temperature();
        let blocks = shifts(numbers, "block_spin")?;
        let moves = moves(figure(figures, "F05")?)?;
        let outward = |above: bool| {
            let mut side = blocks.iter().filter(|p| (p.0 > tc) == above).peekable();
            side.peek().is_some() && side.all(|p| p.1.value * (p.0 - tc).signum() > 2.0 * p.1.error)
        };
        let (cold, hot) = (outward(false), outward(true));
        let mut cases: Vec<(String, bool)> = Vec::new();
        let (mut yes, mut all) = (0, 0);
        let mut least: Option<Estimate> = None;
        for m in moves.iter().filter(|m| m.start == 0.0 || m.start >= 3.0) {
            let opposite = if m.start == 0.0 { cold && m.goes(1.0) } else { hot && m.goes(-1.0) };
            (yes, all) = (yes + usize::from(opposite), all + 1);
            let change = if m.start == 0.0 { m.change.value } else { -m.change.value };
            if least.is_none_or(|l| change < l.value) {
                least = Some(Estimate::new(change, m.change.error));
            }
            match cases.iter_mut().find(|c| c.0 == m.hidden.to_string()) {
                Some(case) => case.1 &= opposite,
                None => cases.push((m.hidden.to_string(), opposite)),
            }
        }
        if all > 0 && !blocks.is_empty() {
            let value = format!("opposite for {yes} of {all} starts and N_{{h}}");
            claim.with_number(least.unwrap_or(Estimate::NONE), value);
            claim.by_cases("N_{h} =", &cases);
        } else {
            claim.by_cases("N_{h} =", &[]);
        }
        Ok(())
    });
    claim.or_not_tested(result)
}

fn opposite_steps(figures: &Figures) -> Claim {
    let mut claim = open(
        "C2c",
        "One step of the machine and one block spin move the temperature in opposite directions",
        "F11/rbm/shift",
        "at each start (T from 1 to 5.5, more than 0.05 from T_{c}) the shifts have opposite signs, the machine's by more \
         than two standard errors, the block spin's interpolated between its starts",
    )
    .with_band(Some(0.0), None, "the machine's shift against the block spins' direction, mean over the starts");
    let result = figure(figures, "F11").and_then(|numbers| {
        let machine = shifts(numbers, "rbm")?;
        let block = shifts(numbers, "block_spin")?;
        let (x, y): (Vec<f64>, Vec<f64>) = block.iter().map(|p| (p.0, p.1.value)).unzip();
        let tc = critical_temperature();
        let mut cases = Vec::new();
        let mut against: Vec<Estimate> = Vec::new();
        for (t, shift) in machine {
            // Across T_c the block spin's shift changes sign: no interpolation between the two sides.
            let side = |&i: &usize| (x[i] > tc) == (t > tc);
            let kept: Vec<usize> = (0..x.len()).filter(side).collect();
            let (x, y): (Vec<f64>, Vec<f64>) = kept.iter().map(|&i| (x[i], y[i])).unzip();
            let nearest = x.iter().zip(&y).min_by(|a, b| (a.0 - t).abs().total_cmp(&(b.0 - t).abs()));
            let near = nearest.filter(|n| (n.0 - t).abs() < 0.15).map(|n| *n.1);
            let Some(other) = interpolate(&x, &y, t).or(near) else { continue };
            let opposite = shift.value * other < 0.0 && shift.value.abs() > 2.0 * shift.error;
            cases.push((short(t), opposite));
            against.push(Estimate::new(-shift.value * other.signum(), shift.error));
        }
        if !cases.is_empty() {
            let yes = cases.iter().filter(|c| c.1).count();
            let n = against.len() as f64;
            let mean = Estimate::new(
                against.iter().map(|e| e.value).sum::<f64>() / n,
                against.iter().map(|e| e.error * e.error).sum::<f64>().sqrt() / n,
            );
            let value = format!(
                "opposite at {yes} of {} temperatures, mean shift against the block spins {}",
                cases.len(),
                written(mean)
            );
            claim.with_number(mean, value);
        }
        claim.by_cases("T =", &cases);
        Ok(())
    });
    claim.or_not_tested(result)
}
