//! Q14: how the fixed point comes about during training.

use datasets::{Figure, Figures};
use ndarray::Array2;

use super::columns::{self, Row};
use super::kinds::{self, Kind, kinds};
use super::{Exceptions, Question, look, series_keys};
use crate::claims::Claim;
use crate::error::FigureError;
use crate::point::Point;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::Estimate;
use crate::wording::written;
use plot::Style;
use plot::colour::{BLUE, MUTED, ORANGE};
use plot::labels::Key;
use plot::layout::{NAMED, Panels};
use plot::{Axis, Grid, Marker, Plot, Stroke};

/// A history has at least so many moments.
const MOMENTS: usize = 5;
/// Singular values that are shown.
const MODES: usize = 6;
/// Magnetizations below this are none: that of a fixed point without any is 0 exactly.
const NONE: f64 = 0.01;

/// The singular values of W, descending.
fn singular_value(point: &Point, mode: usize) -> Estimate {
    point
        .eigenvalues
        .get(mode)
        .map_or(Estimate::NONE, |eigenvalue| Estimate::bare(eigenvalue.max(0.0).sqrt()))
}

/// ⟨m⟩ without its sign where the weights say that the flow from order ends.
fn order(point: &Point) -> Estimate {
    let end = point.prediction.as_ref().and_then(|p| Some(p.points[p.from_order?].magnetization.abs()));
    kinds::single(end)
}

/// The kinds that differ in their updates alone: of all such series the one with the smallest initial singular values, by
/// updates; none if all are short.
fn history(run: &Run) -> Vec<Kind<'_>> {
    let mut series: Vec<Vec<Kind<'_>>> = vec![];
    for kind in kinds(run) {
        let known = |point: &&Point| !point.eigenvalues.is_empty() && point.prediction.is_some();
        if kind.points.iter().filter(|p| known(p)).count() < kind.points.len() {
            continue;
        }
        match series.iter_mut().find(|s| s[0].settings == kind.settings && s[0].hidden == kind.hidden) {
            Some(found) => found.push(kind),
            None => series.push(vec![kind]),
        }
    }
    series.retain(|series| series.len() >= MOMENTS);
    let first = |series: &Vec<Kind<'_>>| series[0].over(|point| singular_value(point, 0)).value;
    let mut found = series.into_iter().min_by(|a, b| first(a).total_cmp(&first(b))).unwrap_or_default();
    found.sort_by_key(|kind| kind.updates);
    found
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("How does the fixed point come about during training?");
    let chosen = history(run);
    if chosen.is_empty() {
        record.missing(
            "a machine at five or more numbers of updates, with the analysis of its weights and a flow",
        );
        return record.finish("");
    }
    columns::record(&mut record, &chosen);
    let magnetizations: Vec<Estimate> = chosen.iter().map(|kind| kind.over(order)).collect();
    let what = "mean m, without its sign, where the weights say that the flow from order ends";
    columns::add(&mut record, "predicted_order", &magnetizations, "1", what);
    let value = |kind: &Kind<'_>, mode: usize| kind.over(|point| singular_value(point, mode));
    let shape = (chosen.len(), MODES);
    let values = Array2::from_shape_fn(shape, |(row, mode)| value(&chosen[row], mode).value);
    let error = Array2::from_shape_fn(shape, |(row, mode)| value(&chosen[row], mode).error);
    let what = "singular values of W, descending";
    record.grid_with_error("history/singular_value", (&values, &error), "machine,mode", "1", what);
    record.axes("updates", "singular values of W; |m|");
    record.finish(
        "One machine at several moments of its training. (a) The largest singular values of W: modes appear one after the other, the magnetization first. \
         (b) The magnetization where the weights say that the flow from order ends, and |m| of the sampled flow. Below a largest singular value of 1 (dashed) a step shrinks \
         every small magnetization, and the flow forgets all; above it one is kept.")
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let (value, error) = numbers.grid_with_error("history/singular_value")?;
    let modes: Vec<(String, usize)> =
        (0..value.ncols()).map(|mode| (format!("s_{{{}}}", mode + 1), mode)).collect();
    let dashed = Stroke::new(MUTED, 1.1).dashed("5 3");
    let mut keys = series_keys(&modes);
    keys.push(Key::line("s = 1", dashed.clone()));
    keys.push(Key::marker("m from the weights", Marker::Square, ORANGE));
    keys.push(Key::marker("|m| sampled", Marker::Circle, BLUE));
    let grid = Grid { count: 2, widths: &[330.0; 2], height: 220.0, across: [66.0, 90.0, 30.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    let updates: Vec<f64> = rows.iter().map(|row| row.setting("updates")).collect();
    let (least, most) = plot::axis::extent(updates.iter().copied());
    let x = || Axis::log("updates", least * 0.85, most * 1.18);
    let largest = value.iter().copied().filter(|v| v.is_finite()).fold(1.0, f64::max);
    let mut plot =
        Plot::new(&mut canvas, frames[0], x(), Axis::linear("singular values of W", 0.0, 1.08 * largest));
    plot.horizontal(&mut canvas, 1.0, &dashed);
    for (i, (name, mode)) in modes.iter().enumerate() {
        let (marker, stroke) = look(i, modes.len());
        let points: Vec<(f64, f64, f64)> = updates
            .iter()
            .enumerate()
            .map(|(row, &x)| (x, value[[row, *mode]], error[[row, *mode]]))
            .collect();
        plot.line(&mut canvas, &points.iter().map(|p| (p.0, p.1)).collect::<Vec<_>>(), &stroke);
        plot.name = name.clone();
        plot.points(&mut canvas, &points, marker, 5.5, &stroke.colour);
    }
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "a", "Modes");
    let mut plot = Plot::new(&mut canvas, frames[1], x(), Axis::linear("|m| at the fixed point", 0.0, 1.05));
    for (column, name, marker, colour) in [
        ("predicted_order", "m from the weights", Marker::Square, ORANGE),
        ("abs_magnetization", "|m| sampled", Marker::Circle, BLUE),
    ] {
        let point = |row: &Row| (row.setting("updates"), row.get(column).value, row.get(column).error);
        plot.name = name.to_owned();
        plot.points(&mut canvas, &rows.iter().map(point).collect::<Vec<_>>(), marker, 6.5, colour);
    }
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "b", "Magnetization");
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

pub(crate) fn judge(figures: &Figures) -> Claim {
    let question = Question {
        id: "Q14",
        statement: "The fixed point gets its magnetization when the largest singular value of W passes 1",
        column: "history/singular_value",
        rule: "at each moment of the training, the largest singular value is above 1 if the fixed point that the weights predict has a magnetization, and \
               below 1 if it has none; the number is its distance from 1 on that side",
        band: (
            Some(0.0),
            None,
            "1, where the map m → m′ of small magnetizations without noise begins to grow",
        ),
    };
    question.answer(figures, |claim, rows, numbers| {
        if !numbers.has("history/singular_value") {
            return Ok(());
        }
        let (value, error) = numbers.grid_with_error("history/singular_value")?;
        for (place, row) in rows.iter().enumerate() {
            let magnetization = row.get("predicted_order");
            if !magnetization.exists() {
                continue;
            }
            let largest = Estimate::new(value[[place, 0]], error[[place, 0]]);
            let sign = if magnetization.value > NONE { 1.0 } else { -1.0 };
            let said = format!("s_{{1}} = {}, m = {}", written(largest), written(magnetization));
            let name = columns::thousands(row.setting("updates"));
            claim.case(name, Estimate::new(sign * (largest.value - 1.0), largest.error), said);
        }
        claim.conclude("updates =", Exceptions::Conditions);
        Ok(())
    })
}
