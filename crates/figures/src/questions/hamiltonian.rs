//! Q12: which Hamiltonian the machine has learnt.

use datasets::{Figure, Figures};
use ndarray::Array2;

use super::columns::{self, LARGEST_READABLE, Row};
use super::kinds::{self, Kind, kinds};
use super::{Exceptions, Question, draw_machines, look, machine_keys, reach, series_keys, with_fixed_point};
use crate::claims::{Claim, RATIO_BAND};
use crate::error::FigureError;
use crate::point::Point;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::{Estimate, combine};
use crate::wording::written;
use plot::Style;
use plot::colour::MUTED;
use plot::layout::{NAMED, Panels};
use plot::{Axis, Grid, Plot, Stroke};

/// Machines whose couplings are drawn.
const DRAWN: usize = 6;

/// 1/J of nearest neighbours over T_E of the flow.
fn ratio(point: &Point) -> Estimate {
    let (own, flow) = (kinds::encoded_temperature(point), kinds::energy_temperature(point));
    let value = own.value / flow.value;
    Estimate::new(value, value.abs() * (own.error / own.value).hypot(flow.error / flow.value))
}

/// The coupling of nearest neighbours over 1/T of the only training temperature.
fn of_training(point: &Point) -> Estimate {
    let [temperature] = point.settings.temperatures[..] else { return Estimate::NONE };
    let encoded = kinds::encoded_temperature(point);
    if temperature <= 0.0 || !temperature.is_finite() {
        return Estimate::NONE;
    }
    let value = temperature / encoded.value;
    Estimate::new(value, value.abs() * (encoded.error / encoded.value).abs())
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Which Hamiltonian did the machine learn?");
    let lattice = run.lattice();
    let has_couplings = |kind: &Kind<'_>| kind.points.iter().any(|point| point.couplings.is_some());
    let chosen: Vec<Kind<'_>> = kinds(run)
        .into_iter()
        .filter(|kind| kind.settings.lattice == lattice && has_couplings(kind))
        .collect();
    let distance = chosen
        .iter()
        .flat_map(|kind| &kind.points)
        .find_map(|point| point.couplings.as_ref().map(|(distance, _)| distance.clone()));
    let Some(distance) = distance else {
        record.missing("machines with an analysis of their couplings");
        return record.finish("");
    };
    columns::record(&mut record, &chosen);
    let ratios: Vec<Estimate> = chosen.iter().map(|kind| kind.over(ratio)).collect();
    let what = "1/J of nearest neighbours over T_E where the flow comes to rest";
    columns::add(&mut record, "encoded_ratio", &ratios, "1", what);
    let coupling = |kind: &Kind<'_>, d: usize| {
        let of = |point: &&Point| Some(Estimate::bare(*point.couplings.as_ref()?.1.by_distance.get(d)?));
        combine(&kind.points.iter().filter_map(of).collect::<Vec<_>>())
    };
    let grid = |pick: fn(Estimate) -> f64| {
        Array2::from_shape_fn((chosen.len(), distance.len()), |(row, d)| pick(coupling(&chosen[row], d)))
    };
    let what = "distance between two sites";
    record.list("couplings/distance", &distance, "distance", "lattice constant", what);
    let what = "mean coupling J / k_B T of the pairs of sites at this distance";
    let (value, error) = (grid(|e| e.value), grid(|e| e.error));
    record.grid_with_error("couplings/coupling", (&value, &error), "machine,distance", "1", what);
    let gram = |kind: &Kind<'_>, d: usize| {
        let of = |point: &&Point| Some(Estimate::bare(*point.gram_by_distance.get(d)?));
        combine(&kind.points.iter().filter_map(of).collect::<Vec<_>>()).value
    };
    let grams = Array2::from_shape_fn((chosen.len(), distance.len()), |(row, d)| gram(&chosen[row], d));
    let what = "mean element of W W^T at this distance, which is the lowest order of J";
    record.grid("couplings/gram", &grams, "machine,distance", "1", what);
    let fractions: Vec<Estimate> = chosen.iter().map(|kind| kind.over(of_training)).collect();
    let what = "coupling of nearest neighbours over 1/T of the only training temperature";
    columns::add(&mut record, "coupling_of_training", &fractions, "1", what);
    record.axes("distance; T_E", "J(r); 1/J_nn (J/k_B)");
    record.finish(
        "(a) The pair couplings J(r) of ln p(v) = Σ J_{S} Π v, exactly from the weights, in units of k_{B}T: an Ising model at T has 1/T at \
         r = 1 and nothing beyond (at r = 0.8: 1/T of the only training temperature, otherwise 1/T_{E} of the same machine). (b) The temperature that the machine itself encodes, \
         1/J of nearest neighbours, against T_{E} at the end of its flow; on the diagonal they are the same. Open points: no fixed point.",
    )
}

/// The rows that are drawn: of each training set the first of those with the most hidden units.
fn drawn(rows: &[Row]) -> Vec<(String, usize)> {
    let mut best: Vec<usize> = vec![];
    for (place, row) in rows.iter().enumerate() {
        match best.iter_mut().find(|other| rows[**other].data() == row.data()) {
            Some(other) if rows[*other].setting("hidden") < row.setting("hidden") => *other = place,
            Some(_) => {}
            None => best.push(place),
        }
    }
    let name = |row: &Row| format!("{}, {}, N_{{h}} = {}", row.data(), row.trained(), row.setting("hidden"));
    let named = best.into_iter().map(|place| (name(&rows[place]), place)).collect();
    super::spread_out(named, DRAWN)
}

/// The coupling of the Ising model that a machine is compared with: at the only temperature of its training set,
/// otherwise at T_E where its flow comes to rest. None for a training set at T = 0, where no coupling is strong enough.
fn of_ising(row: &Row) -> Option<f64> {
    let temperature = match row.setting("temperatures") {
        1.0 => row.setting("lowest_temperature"),
        _ => row.get("energy_temperature").value,
    };
    (temperature > 0.0 && temperature.is_finite()).then(|| 1.0 / temperature)
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let drawn = drawn(&rows);
    let mut keys = series_keys(&drawn);
    keys.extend(machine_keys());
    let grid = Grid { count: 2, widths: &[330.0; 2], height: 240.0, across: [66.0, 90.0, 30.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    let distance = numbers.list("couplings/distance")?;
    let (value, error) = numbers.grid_with_error("couplings/coupling")?;
    let curve = |row: usize| -> Vec<(f64, f64, f64)> {
        let points = distance.iter().enumerate().filter(|(_, r)| **r > 0.0);
        points.map(|(d, &r)| (r, value[[row, d]], error[[row, d]])).collect()
    };
    let values =
        drawn.iter().flat_map(|(_, row)| curve(*row).into_iter().map(|p| p.1).chain(of_ising(&rows[*row])));
    let values: Vec<f64> = values.filter(|v| v.is_finite()).chain([0.0]).collect();
    let x = Axis::linear("distance r (sites)", 0.5, distance.iter().copied().fold(1.0, f64::max) + 0.3);
    let mut plot = Plot::new(&mut canvas, frames[0], x, Axis::around("J(r) / k_{B}T", values));
    plot.horizontal(&mut canvas, 0.0, &Stroke::new(MUTED, 0.8));
    for (i, (name, row)) in drawn.iter().enumerate() {
        let (marker, stroke) = look(i, drawn.len());
        let points = curve(*row);
        plot.line(&mut canvas, &points.iter().map(|p| (p.0, p.1)).collect::<Vec<_>>(), &stroke);
        plot.name = name.clone();
        plot.points(&mut canvas, &points, marker, 6.0, &stroke.colour);
        plot.name = format!("Ising model: {name}");
        let ising: Vec<(f64, f64, f64)> = of_ising(&rows[*row]).map(|j| (0.8, j, 0.0)).into_iter().collect();
        plot.points(&mut canvas, &ising, marker, 6.0, &stroke.colour);
    }
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "a", "Pair couplings (at r = 0.8: Ising model)");
    let pair = |row: &Row| (row.get("energy_temperature"), row.get("encoded_temperature"));
    let readable = |row: &&Row| {
        pair(row).1.value > 0.0 && pair(row).1.value <= 2.0 * LARGEST_READABLE * numbers.temperature_scale()
    };
    let shown: Vec<&Row> = rows.iter().filter(readable).collect();
    let (low, high) = plot::axis::extent(reach(shown.iter().flat_map(|row| [pair(row).0, pair(row).1])));
    let margin = 0.06 * (high - low).max(0.1);
    let (low, high) = (low - margin, high + margin);
    let x = Axis::linear("T_{E} where the flow comes to rest (J/k_{B})", low, high);
    let y = Axis::linear("1/J of neighbours (J/k_{B})", low, high);
    let mut plot = Plot::new(&mut canvas, frames[1], x, y);
    plot.line(&mut canvas, &[(low, low), (high, high)], &Stroke::new(MUTED, 1.1).dashed("5 3"));
    draw_machines(&mut plot, &mut canvas, shown.into_iter(), |row| (pair(row).0.value, pair(row).1));
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "b", "Encoded temperature");
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

pub(crate) fn judge(figures: &Figures) -> Vec<Claim> {
    vec![judge_flow(figures), judge_training(figures)]
}

/// Machines that were trained at one temperature.
fn judge_training(figures: &Figures) -> Claim {
    let question = Question {
        id: "Q12b",
        statement: "A machine that was trained at one temperature has the coupling of that temperature",
        column: "machines/coupling_of_training",
        rule: "the coupling of nearest neighbours, exactly from the weights, is within a tenth of 1/T of the training set",
        band: (Some(0.9), Some(1.1), "a tenth"),
    };
    question.answer(figures, |claim, rows, numbers| {
        if !numbers.has("couplings/coupling") {
            return Ok(());
        }
        let (coupling, error) = numbers.grid_with_error("couplings/coupling")?;
        let gram = if numbers.has("couplings/gram") { Some(numbers.grid("couplings/gram")?) } else { None };
        // Distances ascend from 0: nearest neighbours, then those across the corner.
        let at = |row: usize, d: usize| Estimate::new(coupling[[row, d]], error[[row, d]]);
        for (place, row) in rows.iter().enumerate().filter(|(_, row)| row.model == "ising") {
            if coupling.ncols() < 3 {
                break;
            }
            let own = 1.0 / row.setting("lowest_temperature");
            let linear = gram.as_ref().map_or(String::new(), |gram| {
                format!(", W·W^{{T}} = {}", crate::wording::short(gram[[place, 1]]))
            });
            let value = format!(
                "J = {} at neighbours instead of {own:.3}, {} instead of 0 across the corner{linear}",
                written(at(place, 1)),
                written(at(place, 2)),
            );
            claim.case(row.name(), row.get("coupling_of_training"), value);
        }
        claim.conclude("", Exceptions::Conditions);
        Ok(())
    })
}

fn judge_flow(figures: &Figures) -> Claim {
    let question = Question {
        id: "Q12a",
        statement: "The machine's own Hamiltonian is an Ising model at the temperature at which its flow comes to rest",
        column: "machines/encoded_ratio",
        rule: "for a machine whose flow has a fixed point, 1/J of nearest neighbours, from the exact pair couplings of its weights, is within a \
               fifth of T_{E}",
        band: (Some(0.8), Some(1.2), RATIO_BAND),
    };
    question.answer(figures, |claim, rows, _| {
        for row in with_fixed_point(claim, rows) {
            let value = format!(
                "1/J = {} against T_{{E}} = {}",
                written(row.get("encoded_temperature")),
                written(row.get("energy_temperature"))
            );
            claim.case(row.name(), row.get("encoded_ratio"), value);
        }
        claim.conclude("", Exceptions::Conditions);
        Ok(())
    })
}
