//! F11: the one-step map T → T′ of the machine and of the block spin on the same axes.

use datasets::{Figure, Flow, Measured};

use crate::error::FigureError;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::{Estimate, combine_lists};
use crate::wording::machine;
use plot::Style;
use plot::colour::{BLUE, MUTED, VERMILLION};
use plot::layout::{NAMED, Panels};
use plot::{Align, Axis, Canvas, Grid, Marker, Plot, Stroke};

/// T_E before the step against T_E after it, and the shift, at the starts of the first flow.
pub(crate) fn record_map(record: &mut Record, group: &str, flows: &[&Flow]) -> bool {
    let Some(first) = flows.iter().find(|f| f.step.len() > 1 && f.energy_temperature.is_some()) else {
        return false;
    };
    let column = |flow: &Flow, pick: fn(&Flow) -> Option<&Measured>, s: usize| -> Vec<Estimate> {
        first
            .start_temperature
            .iter()
            .map(|t| {
                let f = flow.start_temperature.iter().position(|x| x == t);
                match (f, pick(flow)) {
                    (Some(f), Some(m)) if s < m.value.ncols() => {
                        Estimate::new(m.value[[f, s]], m.error[[f, s]])
                    }
                    _ => Estimate::NONE,
                }
            })
            .collect()
    };
    let energy: fn(&Flow) -> Option<&Measured> = |f| f.energy_temperature.as_ref();
    let over = |pick: &dyn Fn(&Flow) -> Vec<Estimate>| {
        combine_lists(&flows.iter().map(|f| pick(f)).collect::<Vec<_>>())
    };
    let what = "nominal temperature of the start";
    record.list(&format!("{group}/start_temperature"), &first.start_temperature, "start", "J/k_B", what);
    let before = over(&|f| column(f, energy, 0));
    let after = over(&|f| column(f, energy, 1));
    let shift = over(&|f| {
        // The temperature of the start is known exactly, which T_E of its sample is not.
        let after = column(f, energy, 1);
        first.start_temperature.iter().zip(&after).map(|(t, e)| Estimate::new(e.value - t, e.error)).collect()
    });
    record.estimates(&format!("{group}/before"), &before, "start", "J/k_B", "T_E of the start");
    record.estimates(&format!("{group}/after"), &after, "start", "J/k_B", "T_E after one step");
    record.estimates(
        &format!("{group}/shift"),
        &shift,
        "start",
        "J/k_B",
        "T_E after one step minus the temperature of the start",
    );
    true
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let training = run.main_training();
    let mut record = Record::new("One step of the machine and of the renormalization group");
    let machines = run.main_picture(training);
    // A reading beyond the thermometer's range is the end of the range.
    let table = run.equation_of_state.as_ref();
    let range = table.and_then(|t| t.temperature.last().copied()).unwrap_or(f64::INFINITY);
    record.real("largest_readable", range);
    let maps: Vec<&Flow> = machines.iter().filter_map(|m| m.map.as_ref()).collect();
    if !record_map(&mut record, "rbm", &maps) {
        record.missing("the one-step map of the machine");
    }
    let blocks: Vec<&Flow> = run.replicas.iter().filter_map(|r| r.block_spin.as_ref()).collect();
    if !record_map(&mut record, "block_spin", &blocks) {
        record.missing("the block-spin flow, or its T_E");
    }
    let sizes = blocks.first().map_or_else(
        || "not run".to_owned(),
        |f| {
            let sizes: Vec<String> =
                f.lattice_at_step.iter().take(2).map(|l| l.sides()[0].to_string()).collect();
            format!("L = {}, {} configurations for each start", sizes.join(" → "), f.chains)
        },
    );
    let settings = machines.first().map(|m| machine(m)).unwrap_or_default();
    let chains = maps.first().map_or(0, |f| f.chains);
    record.axes("temperature T before the step (J/k_B)", "T_E after the step (J/k_B)");
    record.finish(&format!(
        "(a) T_{{E}} after one step against the temperature of the start, for the machine's v → h → v ({settings}; {chains} chains for each \
         start) and for one 2 × 2 majority block spin ({sizes}); on the grey diagonal nothing changes. (b) The shift T′ − T. \
         Arrows show where one step moves an ensemble. Dashed: T_{{c}} = {:.3}. Open points read beyond the thermometer's range, {range}.",
        run.critical_temperature(),
    ))
}

/// Points (T, value, error) with and without a reading within the thermometer's range.
struct Points {
    read: Vec<(f64, f64, f64)>,
    beyond: Vec<(f64, f64, f64)>,
}

/// The points of a map from finite temperatures, ascending.
fn points(numbers: Numbers<'_>, group: &str, quantity: &str) -> Result<Points, FigureError> {
    let mut found = Points { read: vec![], beyond: vec![] };
    if !numbers.has(&format!("{group}/before")) {
        return Ok(found);
    }
    let range = numbers.real("largest_readable").unwrap_or(f64::INFINITY);
    let start = numbers.list(&format!("{group}/start_temperature"))?;
    let values = numbers.estimates(&format!("{group}/{quantity}"))?;
    let after = numbers.list(&format!("{group}/after"))?;
    for (i, value) in values.iter().enumerate() {
        if !start[i].is_finite() || !value.exists() {
            continue;
        }
        let list = if after[i] >= range - 1e-6 { &mut found.beyond } else { &mut found.read };
        list.push((start[i], value.value, value.error));
    }
    found.read.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(found)
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let grid = Grid { count: 2, widths: &[292.0; 2], height: 292.0, across: [56.0, 76.0, 16.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &[]);
    let tc = numbers.critical_temperature();
    let series =
        [("rbm", "RBM", Marker::Circle, BLUE), ("block_spin", "block spin", Marker::Square, VERMILLION)];
    let x_label = "T before the step (J/k_{B})";
    let high = 6.3 * numbers.temperature_scale();
    let mut plot = Plot::new(
        &mut canvas,
        frames[0],
        Axis::linear(x_label, 0.0, high),
        Axis::linear("T_{E} after the step (J/k_{B})", 0.0, high),
    );
    plot.critical_x(&mut canvas, tc);
    plot.critical_y(&mut canvas, tc);
    plot.line(&mut canvas, &[(0.0, 0.0), (high, high)], &Stroke::new(MUTED, 1.2));
    let mut labels = Vec::new();
    for (group, name, marker, colour) in series {
        let Points { read: points, beyond } = points(numbers, group, "after")?;
        let line: Vec<(f64, f64)> = points.iter().map(|p| (p.0, p.1)).collect();
        plot.line(&mut canvas, &line, &Stroke::new(colour, 1.2));
        plot.name = name.to_owned();
        plot.points(&mut canvas, &points, marker, 6.5, colour);
        plot.points(&mut canvas, &beyond, Marker::OpenCircle, 6.5, colour);
        let wish = if group == "rbm" { 5.2 } else { 2.9 };
        if let Some(p) = line.iter().min_by(|a, b| (a.0 - wish).abs().total_cmp(&(b.0 - wish).abs())) {
            labels.push((*p, name, colour));
        }
    }
    for (at, name, colour) in labels {
        plot.label(&mut canvas, at, name, colour);
    }
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "a", "T → T′");
    canvas.text((plot.at_x(tc) + 4.0, frames[0].y + 14.0), Align::Left, 11.0, MUTED, "T_{c}");

    let mut all: Vec<f64> = Vec::new();
    for (group, ..) in series {
        all.extend(points(numbers, group, "shift")?.read.iter().map(|p| p.1));
    }
    let (low, top) = plot::axis::extent(all);
    // Below the data there is room for the arrows.
    let (low, top) = (low.min(-0.5), top.max(0.5));
    let (low, top) = (low - 0.2 * (top - low), top + 0.07 * (top - low));
    let mut plot = Plot::new(
        &mut canvas,
        frames[1],
        Axis::linear(x_label, 0.0, high),
        Axis::linear("shift T′ − T (J/k_{B})", low, top),
    );
    plot.horizontal(&mut canvas, 0.0, &Stroke::new(MUTED, 1.2));
    plot.critical_x(&mut canvas, tc);
    let mut labels = Vec::new();
    for (group, name, marker, colour) in series {
        let Points { read: points, beyond } = points(numbers, group, "shift")?;
        let line: Vec<(f64, f64)> = points.iter().map(|p| (p.0, p.1)).collect();
        plot.line(&mut canvas, &line, &Stroke::new(colour, 1.2));
        plot.name = name.to_owned();
        plot.points(&mut canvas, &points, marker, 6.5, colour);
        plot.points(&mut canvas, &beyond, Marker::OpenCircle, 6.5, colour);
        let wish = if group == "rbm" { 4.6 } else { 2.9 };
        if let Some(p) = line.iter().min_by(|a, b| (a.0 - wish).abs().total_cmp(&(b.0 - wish).abs())) {
            labels.push((*p, name, colour));
        }
        arrows(&mut canvas, &plot, &points, colour, if group == "rbm" { 12.0 } else { 26.0 });
    }
    for (at, name, colour) in labels {
        plot.label(&mut canvas, at, name, colour);
    }
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "b", "Shift, and direction of the flow");
    canvas.text((frames[1].right() - 6.0, plot.at_y(0.0) - 5.0), Align::Right, 10.5, MUTED, "warms ↑");
    canvas.text((frames[1].right() - 6.0, plot.at_y(0.0) + 14.0), Align::Right, 10.5, MUTED, "cools ↓");
    canvas.text((plot.at_x(tc) + 4.0, frames[1].y + 14.0), Align::Left, 11.0, MUTED, "T_{c}");
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

/// Arrows along the bottom of the panel, in the direction in which the map moves the temperature.
fn arrows(canvas: &mut Canvas, plot: &Plot, points: &[(f64, f64, f64)], colour: &str, above: f64) {
    let y = plot.frame.bottom() - above;
    let mut last = f64::NEG_INFINITY;
    for &(t, shift, error) in points {
        let x = plot.at_x(t);
        if t < 0.3 || t > plot.x.high - 0.2 || x - last < 26.0 || shift.abs() < 2.0 * error.max(0.005) {
            continue;
        }
        let direction = shift.signum();
        let (tail, tip) = (x - 8.0 * direction, x + 8.0 * direction);
        canvas.arrow((tail, y), (tip, y), &Stroke::new(colour, 1.8));
        last = x;
    }
}
