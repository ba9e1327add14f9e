//! F11: the one-step map T → T′ of the machine and of the block spin on the same axes.

use datasets::{Exponents, Figure, Flow, Measured};
use ising_mc::exact::{MAGNETIC_EXPONENT, THERMAL_EXPONENT};
use ndarray::{Array2, Array3};

use crate::error::FigureError;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::{Estimate, combine, combine_lists};
use crate::wording::machine;
use plot::Style;
use plot::colour::{BLUE, MUTED, VERMILLION, in_order};
use plot::labels::Key;
use plot::layout::{NAMED, Panels};
use plot::{Align, Axis, Canvas, Grid, Marker, Plot, Rect, Stroke};

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

/// The exponents of each step of the block-spin flow from the start that is nearest to T_c, means over the flows. False
/// without any.
fn record_exponents(record: &mut Record, flows: &[&Flow], tc: f64) -> bool {
    let Some((first, found)) = flows.iter().find_map(|flow| Some((flow, flow.exponents.as_ref()?))) else {
        return false;
    };
    let starts = &first.start_temperature;
    let nearest =
        (0..starts.len()).min_by(|&a, &b| (starts[a] - tc).abs().total_cmp(&(starts[b] - tc).abs()));
    let Some(temperature) = nearest.map(|place| starts[place]) else { return false };
    let sizes: Vec<f64> =
        found.at.iter().map(|&at| first.lattice_at_step[at as usize].sides()[0] as f64).collect();
    record.real("exponents_temperature", temperature);
    record.list("exponents/size", &sizes, "blocking", "lattice constant", "L before the block spin");
    type Cube = fn(&Exponents) -> (&Array3<f64>, &Array3<f64>);
    let cubes: [(&str, &str, &str, Cube); 2] = [
        ("thermal", "even_coupling", "y_t with 1, 2, ... even couplings", |e| (&e.thermal, &e.thermal_error)),
        ("magnetic", "odd_coupling", "y_h with 1, 2, ... odd couplings", |e| {
            (&e.magnetic, &e.magnetic_error)
        }),
    ];
    for (name, axis, what, cube) in cubes {
        let of = |b: usize, n: usize| {
            let one = |flow: &&Flow| {
                let start = flow.start_temperature.iter().position(|&t| t == temperature)?;
                let (value, error) = cube(flow.exponents.as_ref()?);
                Some(Estimate::new(*value.get([start, b, n])?, *error.get([start, b, n])?))
            };
            combine(&flows.iter().filter_map(one).collect::<Vec<_>>())
        };
        let shape = (sizes.len(), cube(found).0.shape()[2]);
        let value = Array2::from_shape_fn(shape, |(b, n)| of(b, n).value);
        let error = Array2::from_shape_fn(shape, |(b, n)| of(b, n).error);
        let path = format!("exponents/{name}");
        record.grid_with_error(&path, (&value, &error), &format!("blocking,{axis}"), "1", what);
    }
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
    let exponents = record_exponents(&mut record, &blocks, run.critical_temperature());
    let of_exponents = if exponents {
        " (c) The exponents of each block spin from the start nearest to T_{c}, from the Monte Carlo renormalization group with 1, 2, … couplings: \
         y_{t} = 1/ν of the even ones and y_{h} of the odd ones, exactly 1 and 15/8 in the Ising model (grey)."
    } else {
        ""
    };
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
         Arrows show where one step moves an ensemble. Dashed: T_{{c}} = {:.3}. Open points read beyond the thermometer's range, {range}.{of_exponents}",
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
    let exponents = numbers.has("exponents/size");
    let widths: &[f64] = if exponents { &[250.0, 250.0, 170.0] } else { &[292.0; 2] };
    let height = widths[0];
    let grid = Grid { count: widths.len(), widths, height, across: [56.0, 76.0, 16.0], down: NAMED };
    let keys = if exponents { keys_of_exponents(&numbers.list("exponents/size")?) } else { vec![] };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    if exponents {
        draw_exponents(&mut canvas, frames[2], numbers)?;
    }
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

fn look_of_blocking(b: usize, all: usize) -> (Marker, String) {
    (Marker::SERIES[b % Marker::SERIES.len()], in_order(b, all))
}

fn name_of_blocking(size: f64) -> String {
    format!("blocks, L = {size} → {}", size / 2.0)
}

fn keys_of_exponents(sizes: &[f64]) -> Vec<Key> {
    let key = |(b, &size): (usize, &f64)| {
        let (marker, colour) = look_of_blocking(b, sizes.len());
        Key::both(&name_of_blocking(size), marker, Stroke::new(&colour, 1.2))
    };
    sizes.iter().enumerate().map(key).collect()
}

/// y_t and y_h of the Ising model.
const EXACT: [f64; 2] = [THERMAL_EXPONENT, MAGNETIC_EXPONENT];

/// y_t and y_h against the number of couplings, one curve for each block spin.
fn draw_exponents(canvas: &mut Canvas, frame: Rect, numbers: Numbers<'_>) -> Result<(), FigureError> {
    let sizes = numbers.list("exponents/size")?;
    let grids =
        [numbers.grid_with_error("exponents/thermal")?, numbers.grid_with_error("exponents/magnetic")?];
    let most = grids.iter().map(|(value, _)| value.ncols()).max().unwrap_or(1);
    let values = grids.iter().flat_map(|(value, _)| value.iter().copied()).filter(|v| v.is_finite());
    let ticks = (1..=most).map(|n| (n as f64, n.to_string())).collect();
    let x = Axis::linear("couplings", 0.5, most as f64 + 0.5).with_ticks(ticks);
    let mut plot = Plot::new(canvas, frame, x, Axis::around("exponent", values.chain(EXACT)));
    for (exact, label) in EXACT.into_iter().zip(["y_{t}", "y_{h}"]) {
        plot.horizontal(canvas, exact, &Stroke::new(MUTED, 1.2));
        canvas.text((frame.right() - 6.0, plot.at_y(exact) + 16.0), Align::Right, 11.0, MUTED, label);
    }
    for ((value, error), name) in grids.iter().zip(["y_t", "y_h"]) {
        for (b, &size) in sizes.iter().enumerate() {
            let (marker, colour) = look_of_blocking(b, sizes.len());
            let points: Vec<(f64, f64, f64)> = (0..value.ncols())
                .map(|n| (n as f64 + 1.0, value[[b, n]], error[[b, n]]))
                .filter(|p| p.1.is_finite())
                .collect();
            plot.line(
                canvas,
                &points.iter().map(|p| (p.0, p.1)).collect::<Vec<_>>(),
                &Stroke::new(&colour, 1.2),
            );
            plot.name = format!("{name}, {}", name_of_blocking(size));
            plot.points(canvas, &points, marker, 6.0, &colour);
        }
    }
    plot.finish(canvas);
    plot.title(canvas, "c", "Exponents");
    Ok(())
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
