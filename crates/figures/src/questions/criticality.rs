//! Q2: whether the ensemble at the fixed point is critical.

use datasets::{EquationOfState, Figure, Figures};
use ndarray::Axis as Of;

use super::columns::{self, LARGEST_READABLE, Row};
use super::kinds::{self, Kind, energy, kinds, table};
use super::{Exceptions, Question};
use crate::claims::{Claim, RATIO_BAND, decay, ratio};
use crate::error::FigureError;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::{Estimate, combine_lists, interpolate};
use crate::wording::{list, short, temperature, written};
use plot::Style;
use plot::colour::{BLUE, INK, MUTED};
use plot::labels::Key;
use plot::layout::{NAMED, Panels};
use plot::{Axis, Grid, Marker, Plot, Stroke};

/// What is compared: the column, a name, and the Ising model's value at each temperature of its table.
type Quantity = (&'static str, &'static str, &'static str, fn(&EquationOfState) -> Vec<f64>);

const QUANTITIES: [Quantity; 3] = [
    ("short_range_correlation", "1", "c_{sr}", short_range),
    ("energy_variance", "J^2", "energy variance", variance),
    ("binder_deficit", "1", "2/3 − Binder cumulant", deficit),
];

fn short_range(table: &EquationOfState) -> Vec<f64> {
    let sites = table.lattice.sites() as f64;
    let per_bond = 1.0 / table.lattice.bonds_per_site();
    let pairs = table.squared_magnetization.iter().map(|m| (sites * m - 1.0) / (sites - 1.0));
    table.energy_per_spin.iter().zip(pairs).map(|(e, all)| -e * per_bond - all).collect()
}

fn variance(table: &EquationOfState) -> Vec<f64> {
    table.specific_heat.iter().zip(&table.temperature).map(|(c, t)| c * t * t).collect()
}

/// 2/3 − U = (⟨m⁴⟩ / ⟨m²⟩² − 1) / 3: 0 in a uniform state, 2/3 for normal fluctuations about 0.
fn deficit(table: &EquationOfState) -> Vec<f64> {
    let squared = table.squared_magnetization.iter();
    squared.zip(&table.fourth_magnetization).map(|(m2, m4)| (m4 / (m2 * m2) - 1.0) / 3.0).collect()
}

/// The Ising model's value at the energy of a kind of machine. Its error is what the energy's error makes of it.
fn at_energy(table: &EquationOfState, values: &[f64], energy: Estimate) -> Estimate {
    let at = |energy: f64| interpolate(&table.energy_per_spin, values, energy);
    let Some(value) = at(energy.value) else { return Estimate::NONE };
    let (low, high) = (at(energy.value - energy.error), at(energy.value + energy.error));
    // Beyond the table, or with an energy whose error is not known, the error is not known.
    let error = low.zip(high).map_or(f64::NAN, |(low, high)| (high - low).abs() / 2.0);
    Estimate::new(value, error)
}

/// The mean over starts of G(r) at the last step.
fn correlation(kind: &Kind<'_>) -> Vec<Estimate> {
    let lists: Vec<Vec<Estimate>> = kind
        .points
        .iter()
        .map(|point| {
            let ends: Vec<_> = point.ends.iter().filter(|end| !end.correlation.is_empty()).collect();
            let length = ends.iter().map(|end| end.correlation.len()).min().unwrap_or(0);
            let n = ends.len() as f64;
            (0..length)
                .map(|r| {
                    let squares: f64 = ends.iter().map(|end| end.correlation[r].error.powi(2)).sum();
                    Estimate::new(
                        ends.iter().map(|end| end.correlation[r].value).sum::<f64>() / n,
                        squares.sqrt() / n,
                    )
                })
                .collect()
        })
        .collect();
    combine_lists(&lists)
}

/// The machine whose fixed point is nearest to T_c.
pub(super) fn nearest(rows: &[Row]) -> Option<(usize, &Row)> {
    let off = |row: &Row| (row.get("energy_temperature").value - row.critical_temperature()).abs();
    rows.iter().enumerate().filter(|(_, row)| row.is_settled()).min_by(|a, b| off(a.1).total_cmp(&off(b.1)))
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Is the fixed-point ensemble critical?");
    let lattice = run.lattice();
    let kinds: Vec<Kind<'_>> = kinds(run)
        .into_iter()
        .filter(|kind| kind.is_plain() && kind.settings.lattice == lattice && kind.over(energy).exists())
        .collect();
    let Some(table) = table(run, lattice, 0.0).filter(|_| !kinds.is_empty()) else {
        record.missing("machines with a flow, or the Ising model's thermal averages");
        return record.finish("");
    };
    columns::record(&mut record, &kinds);
    let deficits: Vec<Estimate> = kinds
        .iter()
        .map(|kind| {
            let own = kind.over(kinds::binder_cumulant);
            Estimate::new(2.0 / 3.0 - own.value, own.error)
        })
        .collect();
    columns::add(&mut record, "binder_deficit", &deficits, "1", "2/3 minus the Binder cumulant");
    record.list(
        "curve/temperature",
        &table.temperature,
        "temperature",
        "J/k_B",
        "temperatures of the Ising model",
    );
    for (name, units, _, values) in QUANTITIES {
        let values = values(table);
        record.list(&format!("curve/{name}"), &values, "temperature", units, "the Ising model's value");
        let ising: Vec<Estimate> =
            kinds.iter().map(|kind| at_energy(table, &values, kind.over(energy))).collect();
        let what = format!("{name} of the Ising model at the same energy");
        columns::add(&mut record, &format!("ising_{name}"), &ising, units, &what);
    }
    // G(r) of every kind, so that whoever reads the file can choose another one.
    let all: Vec<Vec<Estimate>> = kinds.iter().map(correlation).collect();
    let length = all.iter().map(Vec::len).max().unwrap_or(0);
    if length > 0 {
        let grid = |pick: fn(Estimate) -> f64| {
            ndarray::Array2::from_shape_fn((all.len(), length), |(k, r)| {
                all[k].get(r).map_or(f64::NAN, |e| pick(*e))
            })
        };
        let what = "G(r) along the axes at the last step, r = 0, 1, 2, ...";
        let (value, error) = (grid(|e| e.value), grid(|e| e.error));
        record.grid_with_error("correlation", (&value, &error), "machine,distance", "1", what);
        if let Some(exact) = &table.correlation {
            let columns: Vec<Vec<f64>> = exact.axis_iter(Of(1)).map(|column| column.to_vec()).collect();
            let ising = ndarray::Array2::from_shape_fn((kinds.len(), length), |(k, r)| {
                let values = columns.get(r);
                values.map_or(f64::NAN, |values| at_energy(table, values, kinds[k].over(energy)).value)
            });
            let what = "exact G(r) of the Ising model at the same energy";
            record.grid("ising_correlation", &ising, "machine,distance", "1", what);
        } else {
            record.missing("exact correlations of the Ising model");
        }
    }
    record.axes("T_E at the end of the flow; distance", "c_sr; energy variance; 2/3 - Binder cumulant; G(r)");
    record.finish(
        "The ensembles where the flows end (points, one for each kind of machine) against the Ising model (line): (a) short-range \
         connected correlation c_{sr}, (b) variance of the energy per site, (c) 2/3 minus the Binder cumulant, each at the \
         temperature T_{E} that has the ensemble's energy; (d) G(r) of the machine nearest to T_{c}, with the exact G(r) at the \
         same energy. Open points: no fixed point. A critical ensemble would be on the lines; zero in (a) \
         and (c) and a flat G(r) are a uniform state with independent flips.",
    )
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let ising = Stroke::new(INK, 1.4);
    let keys = [
        Key::marker("fixed points of the RBM flow", Marker::Circle, BLUE),
        Key::marker("no fixed point", Marker::OpenCircle, BLUE),
        Key::line("Ising model", ising.clone()),
        Key::line("T_{c}", Stroke::new(MUTED, 1.1).dashed("5 3")),
    ];
    let grid = Grid { count: 4, widths: &[330.0; 2], height: 180.0, across: [66.0, 90.0, 44.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    let temperatures = numbers.list("curve/temperature")?;
    let (low, high) = plot::axis::extent(rows.iter().map(|row| row.get("energy_temperature").value));
    let scale = numbers.temperature_scale();
    let (low, high) =
        ((low - 0.3).min(1.5 * scale), (high + 0.3).clamp(3.5 * scale, LARGEST_READABLE * scale));
    let labels = ["c_{sr}", "variance of E / N (J²)", "2/3 − U"];
    let titles = ["Short-range correlation", "Energy fluctuations", "Fluctuations of |m|"];
    for (i, (name, ..)) in QUANTITIES.iter().enumerate() {
        let curve: Vec<(f64, f64)> = temperatures
            .iter()
            .copied()
            .zip(numbers.list(&format!("curve/{name}"))?)
            .filter(|p| p.0 >= low && p.0 <= high)
            .collect();
        let points = |settled: bool| -> Vec<(f64, f64, f64)> {
            let wanted = rows.iter().filter(|row| row.is_settled() == settled);
            wanted
                .map(|row| (row.get("energy_temperature").value, row.get(name).value, row.get(name).error))
                .collect()
        };
        let (settled, open) = (points(true), points(false));
        let shown = rows.iter().filter(|row| (low..=high).contains(&row.get("energy_temperature").value));
        let values =
            curve.iter().map(|p| p.1).chain(super::reach(shown.map(|row| row.get(name)))).chain([0.0]);
        let x = Axis::linear("T_{E} (J/k_{B})", low, high);
        let mut plot = Plot::new(&mut canvas, frames[i], x, Axis::around(labels[i], values));
        plot.critical_x(&mut canvas, numbers.critical_temperature());
        plot.horizontal(&mut canvas, 0.0, &Stroke::new(MUTED, 0.8));
        plot.name = "Ising model".to_owned();
        plot.line(&mut canvas, &curve, &ising);
        plot.name = "fixed points".to_owned();
        plot.points(&mut canvas, &settled, Marker::Circle, 6.0, BLUE);
        plot.name = "no fixed point".to_owned();
        plot.points(&mut canvas, &open, Marker::OpenCircle, 6.0, BLUE);
        plot.finish(&mut canvas);
        plot.title(&mut canvas, ["a", "b", "c"][i], titles[i]);
    }
    if let (true, Some((index, row))) = (numbers.has("correlation"), nearest(&rows)) {
        let (value, error) = numbers.grid_with_error("correlation")?;
        let own: Vec<(f64, f64, f64)> =
            (0..value.ncols()).map(|r| (r as f64, value[[index, r]], error[[index, r]])).collect();
        let exact: Vec<(f64, f64)> = if numbers.has("ising_correlation") {
            let exact = numbers.grid("ising_correlation")?;
            (0..exact.ncols()).map(|r| (r as f64, exact[[index, r]])).collect()
        } else {
            vec![]
        };
        let lowest = own.iter().map(|p| p.1).chain(exact.iter().map(|p| p.1)).fold(1.0, f64::min);
        let x = Axis::linear("distance r (sites)", -0.15, own.len() as f64 - 0.85);
        let y = Axis::linear("G(r) = ⟨σσ⟩", (lowest - 0.08).min(0.9), 1.03);
        let mut plot = Plot::new(&mut canvas, frames[3], x, y);
        plot.line(&mut canvas, &exact, &ising);
        plot.line(&mut canvas, &own.iter().map(|p| (p.0, p.1)).collect::<Vec<_>>(), &Stroke::new(BLUE, 1.2));
        plot.name = "fixed point".to_owned();
        plot.points(&mut canvas, &own, Marker::Circle, 6.5, BLUE);
        plot.finish(&mut canvas);
        let read = temperature(row.get("energy_temperature").value, numbers.critical_temperature());
        let read = if read == "T_{c}" { read } else { written(row.get("energy_temperature")) };
        plot.title(&mut canvas, "d", &format!("T_{{E}} = {read}, N_{{h}} = {}", row.setting("hidden")));
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

pub(crate) fn judge(figures: &Figures) -> Claim {
    let question = Question {
        id: "Q2",
        statement: "The ensemble at the fixed point is critical: it has the Ising model's correlations and fluctuations",
        column: "machines/short_range_correlation",
        rule: "of the machine with the fixed point nearest to T_{c}, c_{sr}, the variance of the energy, 2/3 minus the Binder cumulant \
               U, and G(1) − G(L/2) are each within a fifth of the Ising model's at its energy; one that is not refutes it",
        band: (Some(0.8), Some(1.2), RATIO_BAND),
    };
    question.answer(figures, |claim, rows, numbers| {
        let Some((index, row)) = nearest(rows) else { return Ok(()) };
        let mut tested: Vec<(&str, Estimate, Estimate)> = QUANTITIES
            .iter()
            .map(|(name, _, words, _)| (*words, row.get(name), row.get(&format!("ising_{name}"))))
            .collect();
        if numbers.has("correlation") && numbers.has("ising_correlation") {
            let (value, error) = numbers.grid_with_error("correlation")?;
            let exact = numbers.grid("ising_correlation")?;
            let own: Vec<Estimate> =
                (0..value.ncols()).map(|r| Estimate::new(value[[index, r]], error[[index, r]])).collect();
            let ising: Vec<Estimate> = exact.row(index).iter().map(|&g| Estimate::new(g, 0.0)).collect();
            tested.push(("G(1) − G(L/2)", decay(&own), decay(&ising)));
        }
        let mut said = Vec::new();
        for (name, own, ising) in tested {
            let ratio = ratio(own, ising);
            claim.case(name, ratio, format!("{} against {}", written(own), written(ising)));
            if ratio.exists() {
                said.push(format!("{name} {} against {}", written(own), written(ising)));
            }
        }
        claim.conclude("", Exceptions::Refute);
        if said.is_empty() {
            return Ok(());
        }
        let settled = rows.iter().filter(|r| r.is_settled());
        let ratios: Vec<f64> = settled
            .map(|r| ratio(r.get("short_range_correlation"), r.get("ising_short_range_correlation")).value)
            .filter(|v| v.is_finite())
            .collect();
        let (low, high) = plot::axis::extent(ratios.iter().copied());
        claim.conditions = format!(
            "at T_{{E}} = {} ({}, {}, {}) the ensemble has {}; over all {} kinds of machines c_{{sr}} is {} to {} of \
             the Ising model's at the same energy",
            written(row.get("energy_temperature")),
            row.data(),
            row.trained(),
            row.shape(),
            list(&said),
            ratios.len(),
            short(low),
            short(high),
        );
        Ok(())
    })
}
