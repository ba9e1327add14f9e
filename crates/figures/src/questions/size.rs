//! Q7: the fixed point on lattices of several sizes.

use datasets::{Figure, Figures, Value};

use super::columns::{self, Row};
use super::kinds::{Kind, estimate, heat_maximum, kinds, table};
use super::{Exceptions, Question, look, series_keys};
use crate::claims::{CRITICAL_BAND, Claim, Verdict, critical_temperature};
use crate::critical::RESOLUTION;
use crate::error::FigureError;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::Estimate;
use crate::wording::{short, written};
use plot::Style;
use plot::colour::{INK, MUTED};
use plot::labels::Key;
use plot::layout::{NAMED, Panels};
use plot::panel::digits;
use plot::{Axis, Grid, Marker, Plot, Stroke};

/// N_h / N in steps of about 15 %: N_h is a whole number, so that multiples of N differ a little from lattice to lattice.
pub(super) fn density(hidden: f64, sites: usize) -> i64 {
    ((hidden / sites as f64).ln() / 0.15).round() as i64
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Does anything converge to T_{c} with size?");
    let of_main = |kind: &Kind<'_>| kind.settings.lattice.kind() == run.lattice().kind();
    let all: Vec<Kind<'_>> = kinds(run).into_iter().filter(|kind| kind.is_plain() && of_main(kind)).collect();
    let of = |kind: &Kind<'_>| density(kind.hidden as f64, kind.settings.lattice.sites());
    let chosen: Vec<Kind<'_>> = all
        .iter()
        .filter(|kind| {
            all.iter().any(|other| {
                let mut settings = other.settings.clone();
                settings.lattice = kind.settings.lattice;
                other.settings.lattice != kind.settings.lattice
                    && settings == *kind.settings
                    && of(other) == of(kind)
            })
        })
        .cloned()
        .collect();
    if chosen.is_empty() {
        record.missing("machines on several lattices with the same N_{h} / N");
        return record.finish("");
    }
    columns::record(&mut record, &chosen);
    let maxima: Vec<Estimate> = chosen
        .iter()
        .map(|kind| {
            let found = table(run, kind.settings.lattice, 0.0).and_then(heat_maximum);
            found.map_or(Estimate::NONE, |m| Estimate::new(m.0, 0.0))
        })
        .collect();
    let what = "temperature of the maximum of the specific heat on this lattice";
    columns::add(&mut record, "heat_maximum_temperature", &maxima, "J/k_B", what);
    record.axes("1/L", "T_E at the end of the flow (J/k_B)");
    record.finish(
        "(a) T_{E} at the end of the flow against 1/L, with N_{h} in proportion to the number N of sites, T_{c} (dashed) and the \
         temperature of the maximum of the specific heat on each lattice (black squares); the lines are fits T_{E} = a + b / L. (b) The distance to \
         T_{c} against L. Open points: no fixed point.",
    )
}

/// Rows that differ in L alone, ascending, with their name.
pub(super) fn series(rows: &[Row]) -> Vec<(String, Vec<&Row>)> {
    let same = |a: &Row, b: &Row| {
        density(a.setting("hidden"), a.lattice.sites()) == density(b.setting("hidden"), b.lattice.sites())
            && a.setting("updates") == b.setting("updates")
            && a.trained() == b.trained()
            && a.data() == b.data()
    };
    let mut series: Vec<Vec<&Row>> = Vec::new();
    for row in rows {
        match series.iter_mut().find(|s| same(s[0], row)) {
            Some(found) => found.push(row),
            None => series.push(vec![row]),
        }
    }
    series.retain(|s| s.len() > 1);
    series.into_iter().map(named).collect()
}

/// The rows by L with their name, after the largest L.
fn named(mut rows: Vec<&Row>) -> (String, Vec<&Row>) {
    rows.sort_by(|a, b| a.setting("size").total_cmp(&b.setting("size")));
    let last = rows[rows.len() - 1];
    let ratio = last.setting("hidden") / last.lattice.sites() as f64;
    let updates = columns::thousands(last.setting("updates"));
    let name = format!("N_{{h}} = {} N, {}, {updates} updates", digits(ratio, 2), last.trained());
    (name, rows)
}

/// (1/L, T_E) of the rows whose ends meet.
fn points(rows: &[&Row]) -> Vec<(f64, f64, f64)> {
    let settled = rows.iter().filter(|row| row.is_settled());
    settled
        .map(|row| (1.0 / row.setting("size"), row.get("energy_temperature")))
        .map(|(x, e)| (x, e.value, e.error))
        .collect()
}

/// The straight line a + b x through three points or more: a with its error, and b.
pub(super) fn line(points: &[(f64, f64, f64)]) -> Option<(Estimate, f64)> {
    if points.len() < 3 {
        return None;
    }
    let at = |p: &(f64, f64, f64)| (p.0, Value { value: p.1, error: p.2.max(1e-3) });
    let found = ising_mc::statistics::line(&points.iter().map(at).collect::<Vec<_>>())?;
    Some((estimate(found.intercept), found.slope.value))
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let series = series(&rows);
    let mut keys = series_keys(&series);
    keys.push(Key::marker("maximum of the specific heat", Marker::Down, INK));
    keys.push(Key::line("T_{c}", Stroke::new(MUTED, 1.1).dashed("5 3")));
    let grid =
        Grid { count: 2, widths: &[330.0; 2], height: 280.0, across: [66.0, 104.0, 30.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    let tc = numbers.critical_temperature();
    let mut maxima: Vec<(f64, f64, f64)> = rows
        .iter()
        .map(|row| (1.0 / row.setting("size"), row.get("heat_maximum_temperature").value, 0.0))
        .filter(|p| p.1.is_finite())
        .collect();
    maxima.sort_by(|a, b| a.0.total_cmp(&b.0));
    maxima.dedup();
    let values = rows.iter().map(|row| row.get("energy_temperature").value);
    let (low, high) = plot::axis::extent(values.chain(maxima.iter().map(|p| p.1)).chain([tc]));
    let most = rows.iter().map(|row| 1.0 / row.setting("size")).fold(0.01, f64::max);
    let x = Axis::linear("1/L", 0.0, most * 1.08);
    let y = Axis::linear("T_{E} (J/k_{B})", low - 0.08, high + 0.08);
    let mut plot = Plot::new(&mut canvas, frames[0], x, y);
    plot.critical_y(&mut canvas, tc);
    plot.name = "maximum of the specific heat".to_owned();
    plot.points(&mut canvas, &maxima, Marker::Down, 6.5, INK);
    let mut distances = Vec::new();
    for (i, (name, rows)) in series.iter().enumerate() {
        let (marker, stroke) = look(i, series.len());
        let settled = points(rows);
        if let Some((a, b)) = line(&settled) {
            plot.line(&mut canvas, &[(0.0, a.value), (most, a.value + b * most)], &stroke);
        }
        plot.name = name.clone();
        plot.points(&mut canvas, &settled, marker, 6.5, &stroke.colour);
        let open: Vec<(f64, f64, f64)> = rows
            .iter()
            .filter(|row| !row.is_settled() && row.get("energy_temperature").exists())
            .map(|row| (1.0 / row.setting("size"), row.get("energy_temperature").value, 0.0))
            .collect();
        plot.points(&mut canvas, &open, Marker::OpenCircle, 6.5, &stroke.colour);
        distances.push((
            name,
            settled.iter().map(|p| (1.0 / p.0, (p.1 - tc).abs(), p.2)).collect::<Vec<_>>(),
            (marker, stroke),
        ));
    }
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "a", "Fixed point against size");
    let far = distances.iter().flat_map(|d| d.1.iter().map(|p| p.1));
    let (_, far) = plot::axis::extent(far.chain([RESOLUTION * 1.5]));
    let (smallest, largest) = plot::axis::extent(rows.iter().map(|row| row.setting("size")));
    let mut sizes: Vec<f64> = rows.iter().map(|row| row.setting("size")).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    let x = Axis::log("L", smallest * 0.9, largest * 1.1)
        .with_ticks(sizes.iter().map(|&s| (s, short(s))).collect());
    let mut plot =
        Plot::new(&mut canvas, frames[1], x, Axis::linear("|T_{E} − T_{c}| (J/k_{B})", 0.0, far * 1.1));
    for (name, points, (marker, stroke)) in &distances {
        let line: Vec<(f64, f64)> = points.iter().map(|p| (p.0, p.1)).collect();
        plot.line(&mut canvas, &line, stroke);
        plot.name = (*name).clone();
        plot.points(&mut canvas, points, *marker, 6.5, &stroke.colour);
    }
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "b", "Distance to T_{c}");
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

pub(crate) fn judge(figures: &Figures) -> Claim {
    let tc = critical_temperature(figures);
    let question = Question {
        id: "Q7",
        statement: "On larger lattices, with N_{h} in proportion to N, the fixed point converges to T_{c}",
        column: "machines/energy_temperature",
        rule: "for an N_{h} / N, |T_{E} − T_{c}| falls from the smallest to the largest L, and the line a + b / L through three or more L \
               with a fixed point has a within 0.125 of T_{c}",
        band: (Some(tc - RESOLUTION), Some(tc + RESOLUTION), CRITICAL_BAND),
    };
    question.answer(figures, |claim, rows, _| {
        let series = series(rows);
        let mut said = Vec::new();
        for (name, rows) in &series {
            let found = points(rows);
            let Some((limit, _)) = line(&found) else { continue };
            let (Some(first), Some(last)) = (found.first(), found.last()) else { continue };
            let closer = (first.1 - tc).abs() - (last.1 - tc).abs();
            let certain = closer.abs() > 2.0 * first.2.hypot(last.2);
            let at_limit = claim.band.as_ref().map_or(Verdict::NotTested, |band| band.judge(limit));
            let verdict = match at_limit {
                Verdict::Holds if !certain => Verdict::Undecided,
                Verdict::Holds | Verdict::Undecided if certain && closer < 0.0 => Verdict::Fails,
                other => other,
            };
            claim.judged_case(name.as_str(), limit, format!("T_{{E}} → {}", written(limit)), verdict);
            let of =
                |p: &(f64, f64, f64)| format!("{} at L = {:.0}", written(Estimate::new(p.1, p.2)), 1.0 / p.0);
            said.push(format!(
                "{name}: T_{{E}} = {}, {}, {} for L → ∞{}",
                of(first),
                of(last),
                written(limit),
                match verdict {
                    Verdict::Holds => "",
                    Verdict::Undecided => " (undecided)",
                    _ => " (no convergence to T_{c})",
                }
            ));
        }
        claim.conclude("", Exceptions::Conditions);
        if !said.is_empty() {
            claim.conditions = said.join("; ");
        }
        Ok(())
    })
}
