//! Claim 2: the flow is opposite to the renormalization group's.

use datasets::Figures;

use super::flow::{Move, moves};
use super::{Claim, Exceptions, Verdict, critical_temperature, figure, open};
use crate::error::FigureError;
use crate::record::Numbers;
use crate::statistics::{Estimate, interpolate};
use crate::wording::{short, written};

/// Temperatures that T_E can read well enough on a square lattice.
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
        .filter(|(t, s)| {
            READABLE.contains(&(t / numbers.temperature_scale()))
                && (t - numbers.critical_temperature()).abs() > NEAR
                && s.exists()
        })
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
        "at each start (T from 1 to 5.5 on a square lattice, in proportion to T_{c} on others, more than 0.05 from T_{c}) T_{E} moves away from T_{c}",
    )
    .with_band(Some(0.0), None, "the shift of T_{E} (J/k_{B}) away from T_{c}");
    let result = figure(figures, "F11").and_then(|numbers| {
        let points = shifts(numbers, "block_spin")?;
        let tc = critical_temperature(figures);
        let outward = |p: &(f64, Estimate)| Estimate::new(p.1.value * (p.0 - tc).signum(), p.1.error);
        for point in &points {
            claim.case(short(point.0), outward(point), format!("shift of T_{{E}} {}", signed(point.1)));
        }
        claim.conclude("T =", Exceptions::Conditions);
        Ok(())
    });
    claim.or_not_tested(result)
}

fn opposite_flows(figures: &Figures) -> Claim {
    let mut claim = open(
        "C2b",
        "The machine's flow and the block spins' go in opposite directions on both sides of T_{c}",
        "F05/hidden_*/energy_per_spin",
        "from T = 0 and from more than 0.5 above T_{c} the energy of the machine's flow changes against the direction in which block spins move T_{E} on \
         that side of T_{c}; of all starts, that with the least change",
    )
    .with_band(Some(0.0), None, "the least change of the energy per site (J) against the block spins' direction");
    let result = figure(figures, "F11").and_then(|numbers| {
        let tc = critical_temperature(figures);
        let blocks = shifts(numbers, "block_spin")?;
        let moves = moves(figure(figures, "F05")?)?;
        // Which way the block spins go on one side of T_c: outwards, inwards, or neither for certain.
        let sign = claim.band.clone().expect("the sign of a change");
        let outward = |above: bool| {
            let side = blocks.iter().filter(|p| (p.0 > tc) == above);
            let ways: Vec<Verdict> =
                side.map(|p| sign.judge(Estimate::new(p.1.value * (p.0 - tc).signum(), p.1.error))).collect();
            match ways.first() {
                Some(&way) if ways.iter().all(|&other| other == way) => way,
                _ => Verdict::Undecided,
            }
        };
        let (cold, hot) = (outward(false), outward(true));
        let mut hidden: Vec<usize> = moves.iter().map(|m| m.hidden).collect();
        hidden.dedup();
        for h in hidden {
            let opposite = |m: &Move| match if m.start == 0.0 { cold } else { hot } {
                Verdict::Holds => m.along(if m.start == 0.0 { 1.0 } else { -1.0 }),
                Verdict::Fails => m.along(if m.start == 0.0 { -1.0 } else { 1.0 }),
                _ => Estimate::bare(m.change.value),
            };
            let own = moves.iter().filter(|m| m.hidden == h && (m.start == 0.0 || m.start > tc + 0.5));
            let least = own.map(opposite).min_by(|a, b| a.value.total_cmp(&b.value));
            if let Some(least) = least.filter(|_| !blocks.is_empty()) {
                claim.case(
                    h.to_string(),
                    least,
                    format!("at least {} J against the block spins", signed(least)),
                );
            }
        }
        claim.conclude("N_{h} =", Exceptions::Conditions);
        Ok(())
    });
    claim.or_not_tested(result)
}

fn opposite_steps(figures: &Figures) -> Claim {
    let mut claim = open(
        "C2c",
        "One step of the machine and one block spin move the temperature in opposite directions",
        "F11/rbm/shift",
        "at each start (T from 1 to 5.5 on a square lattice, in proportion to T_{c} on others, more than 0.05 from T_{c}) the shifts have opposite signs, the block spin's interpolated between its starts",
    )
    .with_band(Some(0.0), None, "the machine's shift of T_{E} (J/k_{B}) against the block spins' direction");
    let result = figure(figures, "F11").and_then(|numbers| {
        let machine = shifts(numbers, "rbm")?;
        let block = shifts(numbers, "block_spin")?;
        let (x, y): (Vec<f64>, Vec<f64>) = block.iter().map(|p| (p.0, p.1.value)).unzip();
        let tc = critical_temperature(figures);
        for (t, shift) in machine {
            // Across T_c the block spin's shift changes sign: no interpolation between the two sides.
            let side = |&i: &usize| (x[i] > tc) == (t > tc);
            let kept: Vec<usize> = (0..x.len()).filter(side).collect();
            let (x, y): (Vec<f64>, Vec<f64>) = kept.iter().map(|&i| (x[i], y[i])).unzip();
            let nearest = x.iter().zip(&y).min_by(|a, b| (a.0 - t).abs().total_cmp(&(b.0 - t).abs()));
            let near = nearest.filter(|n| (n.0 - t).abs() < 0.15).map(|n| *n.1);
            let Some(other) = interpolate(&x, &y, t).or(near) else { continue };
            let against = Estimate::new(-shift.value * other.signum(), shift.error);
            claim.case(short(t), against, format!("shift {}", signed(shift)));
        }
        claim.conclude("T =", Exceptions::Conditions);
        Ok(())
    });
    claim.or_not_tested(result)
}
