//! The tables, as Markdown that is aligned for the terminal, too.

use super::works::{Role, Row, Target, Unit};

/// Median seconds per unit of each row, or why there are none.
type Results = [Result<f64, String>];

/// The table of peers.
///
/// `ratio` is the row's time over that of the main row of the same work: above 1 is slower than ours.
pub(crate) fn peers(rows: &[Row], results: &Results) -> String {
    let mut lines = vec![["work", "who", "result", "ratio", "target", "met"].map(str::to_owned)];
    for (index, (row, result)) in rows.iter().zip(results).enumerate() {
        let same_work = |other: &&(&Row, Option<f64>)| other.0.work == row.work;
        let all: Vec<(&Row, Option<f64>)> =
            rows.iter().zip(results).map(|(row, result)| (row, result.as_ref().ok().copied())).collect();
        let group: Vec<&(&Row, Option<f64>)> = all.iter().filter(same_work).collect();
        let ours = group.iter().find(|(row, _)| row.role == Role::Ours).and_then(|(_, seconds)| *seconds);
        let first = index == 0 || rows[index - 1].work != row.work;
        let seconds = result.as_ref().ok().copied();
        lines.push([
            if first { row.work.clone() } else { String::new() },
            row.who.clone(),
            outcome(row, result),
            match (seconds, ours) {
                (Some(seconds), Some(ours)) => format!("{:.2}", seconds / ours),
                _ => "-".to_owned(),
            },
            row.target.map(named).unwrap_or_default(),
            row.target.map(|target| verdict(target, seconds, &group)).unwrap_or_default(),
        ]);
    }
    let note = "Seconds are processor time with one thread, medians; `ratio` is the row's time over rbmflow's: \
                above 1 is slower.\n\n";
    format!("\n{note}{}", aligned(&lines))
}

/// What was measured, or why nothing was.
fn outcome(row: &Row, result: &Result<f64, String>) -> String {
    match result {
        Ok(seconds) => shown(*seconds, row.unit),
        Err(reason) => format!("NOT MEASURED: {}", reason.replace('|', "/")),
    }
}

/// The table of growth: `relative` is the cost over what the first row of the work and proportionality would give.
pub(crate) fn scaling(rows: &[Row], results: &Results) -> String {
    let mut lines = vec![["work", "size", "result", "relative"].map(str::to_owned)];
    let mut base: Option<f64> = None;
    for (index, (row, result)) in rows.iter().zip(results).enumerate() {
        let first = index == 0 || rows[index - 1].work != row.work;
        let each = result.as_ref().ok().map(|seconds| seconds / row.size);
        if first {
            base = each;
        }
        lines.push([
            if first { row.work.clone() } else { String::new() },
            row.who.clone(),
            outcome(row, result),
            match (each, base) {
                (Some(each), Some(base)) if row.by_the_clock && !first => {
                    format!("{:.2} (efficiency {:.2})", each / base, base / each)
                }
                (Some(each), Some(base)) => format!("{:.2}", each / base),
                _ => "-".to_owned(),
            },
        ]);
    }
    let note = "`relative` is the cost over what proportionality to the size would make of the first row: 1 is linear \
                (and, with threads, perfectly parallel; those rows are measured by the clock).\n\n";
    format!("\n{note}{}", aligned(&lines))
}

fn shown(seconds: f64, unit: Unit) -> String {
    match unit {
        Unit::Milliseconds => format!("{:.1} ms", seconds * 1e3),
        Unit::Microseconds => format!("{:.1} µs", seconds * 1e6),
        Unit::FlipsPerNanosecond => format!("{:.2} flips/ns", 1e-9 / seconds),
        Unit::Gflops(size) => format!("{:.1} GFLOP/s", 2e-9 * f64::from(size).powi(3) / seconds),
    }
}

fn named(target: Target) -> String {
    match target {
        Target::Floor(most) => format!("≤ {most} floor, ahead of peers"),
        Target::Flips(least) => format!("≥ {least} flips/ns"),
        Target::Microseconds(most) => format!("≤ {most} µs"),
    }
}

/// Whether the target is met, with the number that it is judged by.
fn verdict(target: Target, seconds: Option<f64>, group: &[&(&Row, Option<f64>)]) -> String {
    let Some(seconds) = seconds else { return "no: not measured".to_owned() };
    let yes = |met: bool| if met { "yes" } else { "NO" };
    match target {
        Target::Floor(most) => {
            let of = |role: Role| group.iter().filter(move |(row, _)| row.role == role);
            let Some(floor) = of(Role::Floor).filter_map(|(_, seconds)| *seconds).reduce(f64::min) else {
                return "no: no floor".to_owned();
            };
            let ahead = of(Role::Peer).all(|(_, peer)| peer.is_none_or(|peer| peer > seconds));
            format!("{} ({:.2} × the faster floor)", yes(seconds <= most * floor && ahead), seconds / floor)
        }
        Target::Flips(least) => yes(1e-9 / seconds >= least).to_owned(),
        Target::Microseconds(most) => yes(seconds * 1e6 <= most).to_owned(),
    }
}

/// Lines as a Markdown table whose columns are as wide as they must be; the first line is the head.
fn aligned<const N: usize>(lines: &[[String; N]]) -> String {
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let cells: Vec<String> =
            line.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        text += &format!("| {} |\n", cells.join(" | "));
        if number == 0 {
            let rules: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
            text += &format!("| {} |\n", rules.join(" | "));
        }
    }
    text
}
