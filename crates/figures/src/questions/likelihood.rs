//! Q4: what a well-trained machine does: its likelihood beside its fixed point, as training improves.

use datasets::{EquationOfState, Figure, Figures, Value};
use temp_classifier::TemperatureScale;

use super::columns::{self, LARGEST_READABLE, Row};
use super::kinds::{Kind, kinds, table};
use super::{Exceptions, Question, look, reach, series_keys};
use crate::claims::{Claim, Verdict};
use crate::critical::RESOLUTION;
use crate::error::FigureError;
use crate::point::Point;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::{Estimate, interpolate};
use crate::wording::{list, written};
use plot::Style;
use plot::colour::MUTED;
use plot::labels::Key;
use plot::layout::SHARED;
use plot::{Axis, Grid, Marker, Plot, Stroke};

/// The training mixture as an ensemble: T_E, ⟨|m|⟩ and the standard deviation of |m|, if all its temperatures are
/// tabulated.
fn mixture(table: &EquationOfState, temperatures: &[f64]) -> Option<[f64; 3]> {
    let mean = |values: &[f64]| -> Option<f64> {
        let at = temperatures.iter().map(|&t| interpolate(&table.temperature, values, t));
        Some(at.collect::<Option<Vec<f64>>>()?.iter().sum::<f64>() / temperatures.len().max(1) as f64)
    };
    let energy = mean(&table.energy_per_spin)?;
    let (absolute, squared) = (mean(&table.abs_magnetization)?, mean(&table.squared_magnetization)?);
    let temperature = TemperatureScale::energy(table).ok()?.temperature(energy);
    Some([temperature, absolute, (squared - absolute * absolute).max(0.0).sqrt()])
}

/// The standard deviation of |m| at the last step, over the chains of all starts.
fn deviation(point: &Point) -> Estimate {
    let n = point.ends.len() as f64;
    if point.ends.is_empty() {
        return Estimate::NONE;
    }
    let mean = |pick: fn(&datasets::Value) -> f64, of: fn(&crate::point::End) -> &Value| {
        point.ends.iter().map(|end| pick(of(end))).sum::<f64>() / n
    };
    let absolute = mean(|v| v.value, |end| &end.abs_magnetization);
    let squared = mean(|v| v.value, |end| &end.squared_magnetization);
    let deviation = (squared - absolute * absolute).max(0.0).sqrt();
    let error = mean(|v| v.error * v.error, |end| &end.squared_magnetization).sqrt() / n.sqrt();
    Estimate::new(deviation, if deviation > 0.0 { error / (2.0 * deviation) } else { f64::NAN })
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("What does a well-trained machine do?");
    let lattice = run.lattice();
    let kinds: Vec<Kind<'_>> = kinds(run)
        .into_iter()
        .filter(|kind| kind.is_plain() && kind.settings.lattice == lattice)
        .filter(|kind| kind.points.iter().any(|p| p.likelihood.as_ref().is_some_and(|l| l.excess.is_some())))
        .collect();
    if kinds.is_empty() {
        record.missing("machines whose likelihood is known, with the bound of their data");
        return record.finish("");
    }
    columns::record(&mut record, &kinds);
    let spread: Vec<Estimate> = kinds.iter().map(|kind| kind.over(deviation)).collect();
    let what = "standard deviation of |m| over the chains of all starts at the last step";
    columns::add(&mut record, "deviation_of_magnetization", &spread, "1", what);
    let table = table(run, lattice, 0.0);
    let ideal: Vec<Option<[f64; 3]>> = kinds
        .iter()
        .map(|kind| table.and_then(|table| mixture(table, &kind.settings.temperatures)))
        .collect();
    for (i, (name, units, what)) in [
        ("mixture_temperature", "J/k_B", "T_E of the mixture of all training temperatures"),
        ("mixture_abs_magnetization", "1", "mean |m| of the mixture"),
        ("mixture_deviation", "1", "standard deviation of |m| of the mixture"),
    ]
    .into_iter()
    .enumerate()
    {
        let list: Vec<Estimate> =
            ideal.iter().map(|m| m.map_or(Estimate::NONE, |m| Estimate::new(m[i], 0.0))).collect();
        columns::add(&mut record, name, &list, units, what);
    }
    record.axes("updates; excess", "excess (nats); T_E; mean |m|; deviation of |m|");
    record.finish(
        "Against updates: (a) how far the log-likelihood of fresh configurations is below what is possible (the entropy of the \
         data's law), in nats for each configuration; (b) T_{E} at the end of the flow, with T_{c} (dashed) and the T_{E} of the \
         mixture of all training temperatures (dotted), which an ideal machine would have as its stationary law; (c) ⟨|m|⟩ there \
         and (d) the standard deviation of |m| over chains, each with the mixture's (dotted): the mixture is bimodal, |m| \
         near 1 or near 0. Open points: no fixed point.",
    )
}

/// The machines that differ in updates alone: name and rows by updates.
fn series(rows: &[Row]) -> Vec<(String, Vec<&Row>)> {
    let mut series: Vec<(String, Vec<&Row>)> = Vec::new();
    let several = rows.iter().any(|row| row.data() != rows[0].data());
    for row in rows {
        let data = if several { format!("{}, ", row.data()) } else { String::new() };
        let name = format!("{data}{}, N_{{h}} = {}", row.trained(), row.setting("hidden"));
        match series.iter_mut().find(|s| s.0 == name) {
            Some(found) => found.1.push(row),
            None => series.push((name, vec![row])),
        }
    }
    for (_, rows) in &mut series {
        rows.sort_by(|a, b| a.setting("updates").total_cmp(&b.setting("updates")));
    }
    series
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let series = series(&rows);
    let dotted = Stroke::new(MUTED, 1.4).dashed("1.5 2.5");
    let mut keys = series_keys(&series);
    keys.push(Key::line("training mixture", dotted.clone()));
    keys.push(Key::line("T_{c}", Stroke::new(MUTED, 1.1).dashed("5 3")));
    let grid =
        Grid { count: 4, widths: &[330.0; 2], height: 190.0, across: [66.0, 90.0, 44.0], down: SHARED };
    let (mut canvas, panels) = grid.begin(style, id, &keys);
    let updates: Vec<f64> = rows.iter().map(|row| row.setting("updates")).collect();
    let (first, last) = plot::axis::extent(updates.iter().copied());
    let quantities = [
        ("excess", "nats below the bound", "Likelihood", ""),
        ("energy_temperature", "T_{E} (J/k_{B})", "Fixed point", "mixture_temperature"),
        ("abs_magnetization", "⟨|m|⟩", "Magnetization", "mixture_abs_magnetization"),
        ("deviation_of_magnetization", "deviation of |m|", "Spread of |m|", "mixture_deviation"),
    ];
    for (i, (path, label, title, ideal)) in quantities.into_iter().enumerate() {
        let tc = numbers.critical_temperature();
        let guides = rows.iter().map(|row| row.get(ideal).value).chain((i == 1).then_some(tc));
        let readable = |e: &Estimate| i != 1 || e.value <= LARGEST_READABLE * numbers.temperature_scale();
        let shown = rows.iter().map(|row| row.get(path)).filter(readable);
        let values: Vec<f64> = reach(shown).chain(guides).filter(|v| v.is_finite()).collect();
        let name = if panels.is_lowest(i) { "updates" } else { "" };
        let x = Axis::log(name, (first * 0.85).max(1.0), last * 1.2);
        let (low, high) = plot::axis::extent(values.iter().copied());
        let y = if i == 0 && low > 0.0 {
            Axis::log(label, low * 0.7, high * 1.4)
        } else {
            Axis::around(label, values.iter().copied())
        };
        let mut plot = Plot::new(&mut canvas, panels.frames[i], x, y);
        let mut marks: Vec<f64> =
            rows.iter().map(|row| row.get(ideal).value).filter(|v| v.is_finite()).collect();
        marks.dedup();
        for &mark in marks.iter().take(4) {
            plot.horizontal(&mut canvas, mark, &dotted);
        }
        if i == 1 {
            plot.critical_y(&mut canvas, tc);
        }
        for (k, (name, rows)) in series.iter().enumerate() {
            let (marker, stroke) = look(k, series.len());
            let place = |rows: &[&Row]| -> Vec<(f64, f64, f64)> {
                rows.iter()
                    .map(|row| (row.setting("updates"), row.get(path).value, row.get(path).error))
                    .filter(|p| p.1.is_finite())
                    .collect()
            };
            let all: Vec<(f64, f64)> = place(rows).iter().map(|p| (p.0, p.1)).collect();
            plot.line(&mut canvas, &all, &stroke);
            let (met, open): (Vec<&Row>, Vec<&Row>) =
                rows.iter().copied().partition(|row| i == 0 || row.is_settled());
            plot.name = name.clone();
            plot.points(&mut canvas, &place(&met), marker, 6.0, &stroke.colour);
            plot.points(&mut canvas, &place(&open), Marker::OpenCircle, 6.0, &stroke.colour);
        }
        plot.finish(&mut canvas);
        plot.title(&mut canvas, ["a", "b", "c", "d"][i], title);
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

pub(crate) fn judge(figures: &Figures) -> Claim {
    let question = Question {
        id: "Q4",
        statement: "As training improves, the flow ends at the training mixture rather than at T_{c}",
        column: "machines/energy_temperature",
        rule: "of the machine with the best likelihood of each series, T_{E} at the fixed point is within 0.125 of that of the mixture \
               of all training temperatures",
        band: (
            Some(-RESOLUTION),
            Some(RESOLUTION),
            "T_{E} minus that of the training mixture (exact): half the 0.25 spacing of the training temperatures",
        ),
    };
    question.answer(figures, |claim, rows, _| {
        let excess = |row: &Row| row.get("excess").value;
        let series = series(rows);
        let mut best: Vec<(&str, &Row)> = series
            .iter()
            .filter_map(|(name, rows)| {
                let known = rows.iter().filter(|row| {
                    excess(row).is_finite()
                        && row.get("energy_temperature").exists()
                        && row.get("mixture_temperature").exists()
                });
                Some((name.as_str(), *known.min_by(|a, b| excess(a).total_cmp(&excess(b)))?))
            })
            .collect();
        best.sort_by(|a, b| excess(a.1).total_cmp(&excess(b.1)));
        let Some((name, first)) = best.first() else { return Ok(()) };
        for (name, row) in &best {
            if !row.is_settled() {
                claim.without_fixed_point(*name);
                continue;
            }
            let (read, ideal) = (row.get("energy_temperature"), row.get("mixture_temperature").value);
            let value = format!("T_{{E}} = {} beside {ideal:.3}", written(read));
            claim.case(*name, Estimate::new(read.value - ideal, read.error), value);
        }
        claim.conclude("", Exceptions::Conditions);
        let there = claim.cases.iter().filter(|case| case.verdict == Verdict::Holds).count();
        let ideal = first.get("mixture_temperature").value;
        let read = first.get("energy_temperature");
        let open = if first.is_settled() { "" } else { " (mean over starts whose ends do not meet)" };
        let worst = rows.iter().filter(|row| excess(row).is_finite() && row.get("energy_temperature").exists());
        let worst = worst.max_by(|a, b| excess(a).total_cmp(&excess(b))).unwrap_or(first);
        claim.conditions = format!(
            "the best machine ({name}, {} updates; {} nats of a bound of {}) ends at T_{{E}} = {}{open}, ⟨|m|⟩ = {} with deviation \
             {} (mixture: {ideal:.3}, {:.3}, {:.3}), the worst ({} nats) at {}; {there} of {} series end at the mixture with \
             their best machine{}",
            columns::thousands(first.setting("updates")),
            written(first.get("log_likelihood")),
            written(first.get("data_bound")),
            written(read),
            written(first.get("abs_magnetization")),
            written(first.get("deviation_of_magnetization")),
            first.get("mixture_abs_magnetization").value,
            first.get("mixture_deviation").value,
            written(worst.get("excess")),
            written(worst.get("energy_temperature")),
            best.len(),
            if claim.excluded.is_empty() { String::new() } else { format!("; no fixed point: {}", list(&claim.excluded)) },
        );
        Ok(())
    })
}
