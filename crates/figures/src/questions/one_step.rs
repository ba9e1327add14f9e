//! Q16: what one step of a machine does to couplings, beside a step of the renormalization group.

use datasets::{Figure, Figures, Measured, Value};
use ndarray::Array2;
use rg_flow::map_slopes;

use super::columns;
use super::kinds::{self, Kind, kinds};
use super::{Exceptions, Question, by_hidden, look, reach, spread_out, with_fixed_point};
use crate::claims::Claim;
use crate::error::FigureError;
use crate::point::Point;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::Estimate;
use crate::wording::{short, written};
use plot::Style;
use plot::colour::MUTED;
use plot::labels::Key;
use plot::layout::{NAMED, Panels};
use plot::{Axis, Grid, Marker, Plot, Stroke};

/// Machines that are drawn.
const CURVES: usize = 3;

/// The response of a machine's step at one temperature, with all couplings of a sector.
fn eigenvalue(point: &Point, temperature: f64, of: fn(&datasets::Response) -> &Measured) -> Estimate {
    let found = point.response.as_ref().and_then(|(temperatures, response)| {
        let place = temperatures.iter().position(|&t| t == temperature)?;
        let measured = of(response);
        let at = [place, measured.value.ncols().checked_sub(1)?];
        Some(Estimate::new(measured.value[at], measured.error[at]))
    });
    found.unwrap_or(Estimate::NONE)
}

/// The slope dT'/dT of a machine's measured map at one temperature.
fn slope(point: &Point, temperature: f64) -> Estimate {
    let found = point.map.as_ref().and_then(|(temperatures, after)| {
        let mut map: Vec<(f64, Value)> = temperatures.iter().copied().zip(after.iter().copied()).collect();
        map.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (temperatures, after): (Vec<f64>, Vec<Value>) = map.into_iter().unzip();
        let place = temperatures.iter().position(|&t| t == temperature)?;
        map_slopes(&temperatures, &after).get(place).copied()
    });
    found.map_or(Estimate::NONE, kinds::estimate)
}

/// The temperature of the map that is nearest to T_E where the flow comes to rest.
fn nearest(kind: &Kind<'_>, temperatures: &[f64]) -> f64 {
    let rest = kind.over(kinds::energy_temperature).value;
    let by_distance = |a: &f64, b: &f64| (a - rest).abs().total_cmp(&(b - rest).abs());
    temperatures.iter().copied().filter(|t| t.is_finite()).min_by(by_distance).unwrap_or(f64::NAN)
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Is a step of the machine a step of the renormalization group?");
    let lattice = run.lattice();
    let measured = |kind: &Kind<'_>| kind.points.iter().any(|point| point.response.is_some());
    let chosen: Vec<Kind<'_>> =
        kinds(run).into_iter().filter(|kind| kind.settings.lattice == lattice && measured(kind)).collect();
    let lists = chosen.iter().flat_map(|kind| &kind.points).filter_map(|point| point.response.as_ref());
    let Some(mut temperatures) = lists.map(|(list, _)| list.clone()).max_by_key(Vec::len) else {
        record.missing(
            "machines whose step was asked what it does to couplings (`exponents = true` in `[flow]`)",
        );
        return record.finish("");
    };
    temperatures.sort_by(f64::total_cmp);
    columns::record(&mut record, &chosen);
    let at_rest: Vec<f64> = chosen.iter().map(|kind| nearest(kind, &temperatures)).collect();
    let places: Vec<Estimate> = at_rest.iter().map(|&t| Estimate::new(t, 0.0)).collect();
    let what = "temperature of the map that is nearest to T_E where the flow comes to rest";
    columns::add(&mut record, "rest_temperature", &places, "J/k_B", what);
    type Pick = fn(&Point, f64) -> Estimate;
    let curves: [(&str, &str, Pick); 3] = [
        ("even", "leading eigenvalue of dK'/dK in one step, four even couplings", |point, t| {
            eigenvalue(point, t, |response| &response.even)
        }),
        ("odd", "leading eigenvalue of dK'/dK in one step, three odd couplings", |point, t| {
            eigenvalue(point, t, |response| &response.odd)
        }),
        ("map_slope", "slope dT'/dT of the measured one-step map of T_E", slope),
    ];
    record.list("response/temperature", &temperatures, "temperature", "J/k_B", "temperature before the step");
    for (name, what, pick) in curves {
        let of = |row: usize, t: f64| chosen[row].over(|point| pick(point, t));
        let list: Vec<Estimate> = at_rest.iter().enumerate().map(|(row, &t)| of(row, t)).collect();
        columns::add(
            &mut record,
            &format!("{name}_at_rest"),
            &list,
            "1",
            &format!("{what}, at rest_temperature"),
        );
        let grid = |pick: fn(Estimate) -> f64| {
            Array2::from_shape_fn((chosen.len(), temperatures.len()), |(row, k)| {
                pick(of(row, temperatures[k]))
            })
        };
        let (value, error) = (grid(|e| e.value), grid(|e| e.error));
        record.grid_with_error(
            &format!("response/{name}"),
            (&value, &error),
            "machine,temperature",
            "1",
            what,
        );
    }
    record.axes("temperature T before the step (J/k_B)", "eigenvalue; slope");
    record.finish(
        "By what one step v → h → v multiplies a small change of the couplings of an ensemble at T: the leading eigenvalue of ∂K′_{α}/∂K_{β}, from \
         the fluctuations before and after the step, with (a) four even and (b) three odd couplings. At T_{c} (vertical line) a step of the renormalization group has an \
         eigenvalue above 1 in each: 2 and 2^{15/8} for blocks of 2 × 2. (a) also has the slope dT′/dT of the measured map of T_{E} (dashed), and the \
         slope of the map of means that follows from the weights, where it comes to rest (triangles); this one is smaller, since an ensemble of the Ising model is not \
         near the state at rest.",
    )
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let curves = spread_out(by_hidden(&rows), CURVES);
    let mut keys: Vec<Key> = curves
        .iter()
        .enumerate()
        .map(|(i, (_, row))| {
            let (marker, mut stroke) = look(i, curves.len());
            stroke = Stroke::new(&stroke.colour, 1.4);
            Key::both(&format!("N_{{h}} = {}", row.setting("hidden")), marker, stroke)
        })
        .collect();
    keys.push(Key::line("dT′/dT measured", Stroke::new(MUTED, 1.2).dashed("5 3")));
    keys.push(Key::marker("slope from the weights", Marker::Down, MUTED));
    let grid = Grid { count: 2, widths: &[320.0; 2], height: 240.0, across: [62.0, 84.0, 20.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    let temperatures = numbers.list("response/temperature")?;
    let (_, hottest) = plot::axis::extent(temperatures.iter().copied().filter(|t| t.is_finite()));
    for (panel, (name, title)) in
        [("even", "Even couplings"), ("odd", "Odd couplings")].into_iter().enumerate()
    {
        let curve = |path: &str, row: usize| -> Result<Vec<(f64, f64, f64)>, FigureError> {
            let (value, error) = numbers.grid_with_error(&format!("response/{path}"))?;
            let all = temperatures.iter().enumerate().map(|(k, &t)| (t, value[[row, k]], error[[row, k]]));
            Ok(all.filter(|p| p.0.is_finite() && p.1.is_finite()).collect())
        };
        let mut values = vec![0.0, 1.0];
        for (place, _) in &curves {
            let points = curve(name, *place)?;
            values.extend(reach(points.iter().map(|p| Estimate::new(p.1, p.2))));
            if name == "even" {
                values.extend(curve("map_slope", *place)?.iter().map(|p| p.1));
            }
        }
        let x = Axis::linear("T before the step (J/k_{B})", 0.0, hottest);
        let mut plot = Plot::new(&mut canvas, frames[panel], x, Axis::around("eigenvalue λ", values));
        plot.horizontal(&mut canvas, 1.0, &Stroke::new(MUTED, 0.8));
        plot.critical_x(&mut canvas, numbers.critical_temperature());
        for (i, (place, row)) in curves.iter().enumerate() {
            let (marker, stroke) = look(i, curves.len());
            let of = format!("N_{{h}} = {}", row.setting("hidden"));
            if name == "even" {
                let line: Vec<(f64, f64)> =
                    curve("map_slope", *place)?.into_iter().map(|p| (p.0, p.1)).collect();
                plot.line(&mut canvas, &line, &Stroke::new(&stroke.colour, 1.2).dashed("5 3"));
                let (t, slope) = (row.get("predicted_energy_temperature"), row.get("predicted_slope"));
                if t.exists() && slope.exists() {
                    plot.name = format!("slope from the weights, {of}");
                    plot.points(
                        &mut canvas,
                        &[(t.value, slope.value, slope.error)],
                        Marker::Down,
                        8.0,
                        &stroke.colour,
                    );
                }
            }
            let points = curve(name, *place)?;
            let line: Vec<(f64, f64)> = points.iter().map(|p| (p.0, p.1)).collect();
            plot.line(&mut canvas, &line, &Stroke::new(&stroke.colour, 1.4));
            plot.name = format!("λ, {of}");
            plot.points(&mut canvas, &points, marker, 5.0, &stroke.colour);
        }
        plot.finish(&mut canvas);
        plot.title(&mut canvas, ["a", "b"][panel], title);
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

pub(crate) fn judge(figures: &Figures) -> Claim {
    let question = Question {
        id: "Q16",
        statement: "Near its fixed point a step of the machine drives couplings away, as a step of the renormalization group does at T_{c}",
        column: "machines/even_at_rest",
        rule: "for a machine whose flow has a fixed point, the leading eigenvalue of ∂K′_{α}/∂K_{β} of one step, with four even couplings, at the \
               training temperature nearest to T_{E} of the fixed point is above 1",
        band: (Some(1.0), None, "a relevant direction"),
    };
    question.answer(figures, |claim, rows, _| {
        for row in with_fixed_point(claim, rows) {
            let value = format!(
                "λ = {} at T = {}, where dT′/dT = {}; the weights predict a slope of {}",
                written(row.get("even_at_rest")),
                short(row.get("rest_temperature").value),
                written(row.get("map_slope_at_rest")),
                written(row.get("predicted_slope")),
            );
            claim.case(row.name(), row.get("even_at_rest"), value);
        }
        claim.conclude("", Exceptions::Conditions);
        Ok(())
    })
}
