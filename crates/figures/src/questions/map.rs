//! Q1: where the fixed point is, over N_h, updates, units, k, trainer and training range.

use datasets::{Figure, Figures};

use super::columns::{self, LARGEST_READABLE, Row, rows};
use super::kinds::kinds;
use super::{Exceptions, Question, with_fixed_point};
use crate::claims::{CRITICAL_BAND, Claim, Verdict, critical_temperature};
use crate::critical::RESOLUTION;
use crate::error::FigureError;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::Estimate;
use crate::wording::written;
use plot::Style;
use plot::colour::{INK, MUTED, Map};
use plot::heat::colour_bar;
use plot::layout::NAMED;
use plot::text::fitted;
use plot::{Align, Axis, Grid, Marker, Plot, Rect, Stroke};

/// Panels that are drawn; the numbers have all machines.
const PANELS: usize = 12;
/// The largest distance from T_c on the colour scale, in J/k_B.
const REACH: f64 = 1.0;

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Where is the fixed point?");
    let lattice = run.lattice();
    let kinds: Vec<_> =
        kinds(run).into_iter().filter(|kind| kind.is_plain() && kind.settings.lattice == lattice).collect();
    if kinds.is_empty() {
        record.missing("machines that were trained on the Ising model at several temperatures");
        return record.finish("");
    }
    columns::record(&mut record, &kinds);
    record.axes("updates", "N_h");
    record.finish(&format!(
        "T_{{E}} at the end of the flow (colour: white at T_{{c}}, blue below, brown above) against updates and N_{{h}}, one panel for \
         each training range and trainer of three machines and more (F15 has all). Squares: within {RESOLUTION} of T_{{c}}; open rings: no fixed point, as the flow does not settle at one energy from all starts, or T_{{E}} above {LARGEST_READABLE}, where it means little. The line marks where T_{{E}} crosses T_{{c}}, interpolated between \
         neighbours in N_{{h}}.",
    ))
}

/// Rows of one training range and one trainer.
fn panels(rows: &[Row]) -> Vec<(String, String, Vec<&Row>)> {
    let mut panels: Vec<(String, String, Vec<&Row>)> = Vec::new();
    for row in rows.iter().filter(|row| row.get("energy_temperature").exists()) {
        let (data, trained) = (row.data(), row.trained());
        match panels.iter_mut().find(|p| p.0 == data && p.1 == trained) {
            Some(panel) => panel.2.push(row),
            None => panels.push((data, trained, vec![row])),
        }
    }
    // The largest panels first; of equally large ones in their order.
    panels.sort_by_key(|panel| std::cmp::Reverse(panel.2.len()));
    panels
}

/// Where T_E crosses T_c between neighbouring N_h at one number of updates: (N_h with its error, whether it falls with
/// N_h).
fn crossings(rows: &[&Row], updates: f64) -> Vec<Estimate> {
    let tc = rows.first().map_or(f64::NAN, |row| row.critical_temperature());
    let mut line: Vec<&&Row> =
        rows.iter().filter(|row| row.setting("updates") == updates && row.is_settled()).collect();
    line.sort_by(|a, b| a.setting("hidden").total_cmp(&b.setting("hidden")));
    line.windows(2)
        .filter_map(|pair| {
            let (a, b) = (pair[0].get("energy_temperature"), pair[1].get("energy_temperature"));
            if (a.value - tc) * (b.value - tc) > 0.0 || a.value == b.value {
                return None;
            }
            let (low, high) = (pair[0].setting("hidden").ln(), pair[1].setting("hidden").ln());
            let slope = (b.value - a.value) / (high - low);
            let fraction = (tc - a.value) / (b.value - a.value);
            let at = (low + fraction * (high - low)).exp();
            let error = ((1.0 - fraction) * a.error).hypot(fraction * b.error);
            Some(Estimate::new(at, at * (error / slope).abs()))
        })
        .collect()
}

/// All different values of a setting, ascending.
fn values(rows: &[&Row], setting: &str) -> Vec<f64> {
    let mut values: Vec<f64> = rows.iter().map(|row| row.setting(setting)).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}

fn axis(label: &str, values: &[f64]) -> Axis {
    let (low, high) = plot::axis::extent(values.iter().copied());
    Axis::log(label, low.max(1.0) * 0.7, high * 1.45)
}

/// N_h, a few of them as ticks.
fn hidden_axis(hidden: &[f64], height: f64) -> Axis {
    let axis = axis("N_{h}", hidden);
    let mut last = f64::NEG_INFINITY;
    let mut ticks = Vec::new();
    for &h in hidden {
        let place = axis.fraction(h) * height;
        if place - last > 13.0 {
            ticks.push((h, format!("{h}")));
            last = place;
        }
    }
    axis.with_ticks(ticks)
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let all = rows(numbers)?;
    let every: Vec<&Row> = all.iter().collect();
    let found = self::panels(&all);
    // A panel with one or two machines is no map, unless there is no other.
    let maps = found.iter().filter(|panel| panel.2.len() >= 3).count();
    let shown = &found[..if maps > 0 { maps } else { found.len() }.min(PANELS)];
    let columns = shown.len().clamp(1, 4);
    let (wide, height) = match columns {
        1 => (420.0, 250.0),
        2 => (270.0, 220.0),
        _ => (158.0, 150.0),
    };
    // The colour bar is at the right, in one column of a journal below.
    let right = style.pick(96.0, 14.0, 96.0);
    let grid = Grid {
        count: shown.len(),
        widths: &vec![wide; columns],
        height,
        across: [58.0, 34.0, right],
        down: NAMED + 14.0,
    };
    let (mut canvas, panels) = grid.begin(style, id, &[]);
    let updates = axis("updates", &values(&every, "updates"));
    let tc = numbers.critical_temperature();
    for (i, (data, trained, rows)) in shown.iter().enumerate() {
        let frame = panels.frames[i];
        let mut vertical = hidden_axis(&values(&every, "hidden"), frame.height);
        if !panels.is_first(i) {
            vertical.label = String::new();
        }
        let mut plot = Plot::new(&mut canvas, frame, updates.clone(), vertical);
        let mut line: Vec<(f64, f64)> = Vec::new();
        for at in values(rows, "updates") {
            line.extend(crossings(rows, at).first().map(|cross| (at, cross.value)));
        }
        plot.line(&mut canvas, &line, &Stroke::new(INK, 1.4));
        canvas.raw("<g class=\"cells\">");
        let letter = format!("({})", char::from(b'a' + i as u8));
        let name = fitted(&format!("{letter} {data}"), 11.0, frame.width);
        for row in rows {
            let at = plot.at((row.setting("updates"), row.setting("hidden")));
            let value = row.get("energy_temperature");
            let colour = Map::Diverging.at(0.5 + 0.5 * ((value.value - tc) / REACH).clamp(-1.0, 1.0));
            let critical = (value.value - tc).abs() <= RESOLUTION;
            let marker = match (row.is_settled(), critical) {
                (false, _) => Marker::OpenCircle,
                (true, true) => Marker::Square,
                (true, false) => Marker::Circle,
            };
            if row.is_settled() {
                canvas.marker(at, marker, 13.0, MUTED);
            }
            canvas.marker(at, marker, 11.0, &colour);
        }
        canvas.raw("</g>");
        if columns == 1 {
            for row in rows.iter().filter(|row| row.is_settled()) {
                let (at, value) =
                    ((row.setting("updates"), row.setting("hidden")), row.get("energy_temperature"));
                plot.label(&mut canvas, at, &format!("{:.2}", value.value), INK);
            }
        }
        plot.finish(&mut canvas);
        canvas.text((frame.x, frame.y - 20.0), Align::Left, 11.0, INK, &name);
        canvas.text((frame.x, frame.y - 7.0), Align::Left, 11.0, MUTED, &fitted(trained, 11.0, frame.width));
    }
    let mut bar = Rect::new(
        canvas.width - right + 28.0,
        36.0,
        14.0,
        panels.frames.first().map_or(height, |f| f.height),
    );
    if style.is_column() {
        bar = Rect::new(58.0, canvas.height + 22.0, 14.0, 88.0);
        canvas.height += 118.0;
    }
    let ticks: Vec<(f64, String)> = [-1.0, -0.5, 0.0, 0.5, 1.0]
        .iter()
        .map(|d| {
            (0.5 + 0.5 * d / REACH, if *d == 0.0 { "T_{c}".to_owned() } else { format!("{:.2}", tc + d) })
        })
        .collect();
    colour_bar(&mut canvas, bar, Map::Diverging, &ticks, "T_{E} (J/k_{B})");
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

pub(crate) fn judge(figures: &Figures) -> Claim {
    let tc = critical_temperature(figures);
    let question = Question {
        id: "Q1",
        statement: "The fixed point is at T_{c}, whatever the machine and its training",
        column: "machines/energy_temperature",
        rule: "T_{E} at the fixed point of every kind of machine is within 0.125 of T_{c}; one that is not refutes it",
        band: (Some(tc - RESOLUTION), Some(tc + RESOLUTION), CRITICAL_BAND),
    };
    question.answer(figures, |claim, rows, _| {
        let settled = with_fixed_point(claim, rows);
        for row in &settled {
            let read = row.get("energy_temperature");
            claim.case(row.name(), read, format!("T_{{E}} = {}", written(read)));
        }
        claim.conclude("", Exceptions::Refute);
        let by = |a: &&&Row, b: &&&Row| {
            a.get("energy_temperature").value.total_cmp(&b.get("energy_temperature").value)
        };
        let (Some(low), Some(high)) = (settled.iter().min_by(by), settled.iter().max_by(by)) else {
            return Ok(());
        };
        let critical = claim.cases.iter().filter(|case| case.verdict == Verdict::Holds).count();
        // The crossing at the largest number of updates that has one, in the largest panel.
        let crossing = panels(rows).into_iter().find_map(|(data, trained, rows)| {
            let updates = values(&rows, "updates").into_iter().rev();
            let (at, n) = updates.map(|u| (u, crossings(&rows, u))).find(|(_, list)| !list.is_empty())?;
            let list: Vec<String> = n.iter().map(|e| written(*e)).collect();
            let count = columns::thousands(at);
            Some(format!(
                "; it crosses T_{{c}} at N_{{h}} = {} after {count} updates of {trained} on {data}",
                list.join(", ")
            ))
        });
        let end = |row: &Row| format!("{} ({})", written(row.get("energy_temperature")), row.name());
        let open = claim.excluded.len();
        claim.conditions = format!(
            "T_{{E}} moves from {} to {}; {critical} of {} kinds of machines are at T_{{c}}{}{}",
            end(low),
            end(high),
            settled.len(),
            crossing.unwrap_or_default(),
            if open > 0 { format!("; {open} more have no fixed point") } else { String::new() },
        );
        Ok(())
    })
}
