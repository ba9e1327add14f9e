//! Q3: whether the thermometers agree at the fixed point, and why not.

use datasets::{Figure, Figures};

use super::columns::{self, Row};
use super::criticality::nearest;
use super::kinds::{Kind, energy, kinds, squared_magnetization, table};
use super::{Question, main_size};
use crate::claims::{Claim, Verdict};
use crate::error::FigureError;
use crate::f06_fixed_point::RESOLUTION;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::scene::colour::{BLUE, GREEN, INK, MUTED, ORANGE, PURPLE};
use crate::scene::labels::Key;
use crate::scene::layout::{NAMED, Panels};
use crate::scene::{Axis, Grid, Marker, Plot, Stroke};
use crate::statistics::{Estimate, interpolate};
use crate::style::Style;
use crate::wording::{critical_temperature, errors, written};

const THERMOMETERS: [(&str, Marker, &str, &str); 3] = [
    ("magnetization_temperature", Marker::Square, ORANGE, "T_{m}"),
    ("nn_temperature", Marker::Up, GREEN, "network, mean"),
    ("nn_peak", Marker::Diamond, PURPLE, "network, peak"),
];
/// Those that are not quantised by the classes.
const JUDGED: [&str; 3] = ["energy_temperature", "magnetization_temperature", "nn_temperature"];

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Do the thermometers agree?");
    let size = main_size(run);
    let kinds: Vec<Kind<'_>> = kinds(run)
        .into_iter()
        .filter(|kind| kind.is_plain() && kind.settings.size == size && kind.over(energy).exists())
        .collect();
    if kinds.is_empty() {
        record.missing("machines with a flow");
        return record.finish("");
    }
    columns::record(&mut record, &kinds);
    let sites = (size * size) as f64;
    let independent: Vec<Estimate> = kinds
        .iter()
        .map(|kind| {
            let squared = kind.over(squared_magnetization);
            Estimate::new(-2.0 * (sites * squared.value - 1.0) / (sites - 1.0), 2.0 * squared.error)
        })
        .collect();
    let what = "energy per site if all pairs of sites were correlated alike: -2 (N <m^2> - 1) / (N - 1)";
    columns::add(&mut record, "independent_energy", &independent, "J", what);
    if let Some(table) = table(run, size, 0.0) {
        let low = |list: &[f64]| -> Vec<f64> { list.to_vec() };
        record.list("curve/temperature", &low(&table.temperature), "temperature", "J/k_B", "temperatures");
        record.list(
            "curve/energy_per_spin",
            &table.energy_per_spin,
            "temperature",
            "J",
            "the Ising model's energy",
        );
        let pairs: Vec<f64> = table
            .squared_magnetization
            .iter()
            .map(|squared| -2.0 * (sites * squared - 1.0) / (sites - 1.0))
            .collect();
        let what = "-2 (N <m^2> - 1) / (N - 1) of the Ising model";
        record.list("curve/independent_energy", &pairs, "temperature", "J", what);
    }
    record.axes("T_E at the end of the flow; -2 <m^2>", "the other thermometers; energy per site");
    record.finish(&format!(
        "(a) What the other thermometers read where the flow ends, against T_{{E}}; on the diagonal they would agree. (b) Why they do \
         not: the energy per site against −2⟨m²⟩ (pairs of different sites), which is the energy of a uniform state with \
         independent flips; the Ising model (line) has more order between neighbours than between distant sites. The fixed \
         points are on the diagonal: their energy holds no more than their magnetization, so that each thermometer \
         translates the same magnetization by another relation of the Ising model. {}",
        errors(run),
    ))
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let mut keys: Vec<Key> = THERMOMETERS.iter().map(|(_, m, c, name)| Key::marker(name, *m, c)).collect();
    keys.push(Key::marker("energy against −2⟨m²⟩", Marker::Circle, BLUE));
    keys.push(Key::line("Ising model", Stroke::new(INK, 1.4)));
    keys.push(Key::line("T_{c}", Stroke::new(MUTED, 1.1).dashed("5 3")));
    let grid =
        Grid { count: 2, widths: &[320.0; 2], height: 300.0, across: [62.0, 118.0, 40.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    let settled: Vec<&Row> = rows.iter().filter(|row| row.is_settled()).collect();
    let own = |row: &Row| row.get("energy_temperature").value;
    let others = settled.iter().flat_map(|row| THERMOMETERS.iter().map(|(path, ..)| row.get(path).value));
    let (low, high) = crate::scene::axis::extent(settled.iter().map(|row| own(row)).chain(others));
    let (low, high) = ((low - 0.1).max(0.0), high + 0.1);
    let mut plot = Plot::new(
        &mut canvas,
        frames[0],
        Axis::linear("T_{E} (J/k_{B})", low, high),
        Axis::linear("other thermometers (J/k_{B})", low, high),
    );
    plot.line(&mut canvas, &[(low, low), (high, high)], &Stroke::new(MUTED, 1.2));
    plot.critical_x(&mut canvas, critical_temperature());
    plot.critical_y(&mut canvas, critical_temperature());
    for (path, marker, colour, name) in THERMOMETERS {
        let points: Vec<(f64, f64, f64)> =
            settled.iter().map(|row| (own(row), row.get(path).value, row.get(path).error)).collect();
        plot.name = name.to_owned();
        plot.points(&mut canvas, &points, marker, 6.0, colour);
    }
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "a", "Thermometers side by side");
    let x = Axis::linear("−2⟨m²⟩ (J)", -2.05, 0.05);
    let mut plot = Plot::new(&mut canvas, frames[1], x, Axis::linear("energy per site (J)", -2.05, 0.05));
    plot.line(&mut canvas, &[(-2.0, -2.0), (0.0, 0.0)], &Stroke::new(MUTED, 1.2));
    if numbers.has("curve/independent_energy") {
        let curve: Vec<(f64, f64)> = numbers
            .list("curve/independent_energy")?
            .into_iter()
            .zip(numbers.list("curve/energy_per_spin")?)
            .collect();
        plot.name = "Ising model".to_owned();
        plot.line(&mut canvas, &curve, &Stroke::new(INK, 1.4));
    }
    let points: Vec<(f64, f64, f64)> = settled
        .iter()
        .map(|row| {
            let energy = row.get("energy_per_spin");
            (row.get("independent_energy").value, energy.value, energy.error)
        })
        .collect();
    plot.name = "fixed points".to_owned();
    plot.points(&mut canvas, &points, Marker::Circle, 6.5, BLUE);
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "b", "Energy against magnetization");
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

/// The largest difference between thermometers.
fn spread(row: &Row) -> Option<Estimate> {
    let read: Vec<Estimate> = JUDGED.iter().map(|name| row.get(name)).filter(|e| e.exists()).collect();
    let by = |a: &&Estimate, b: &&Estimate| a.value.total_cmp(&b.value);
    let (low, high) = (read.iter().min_by(by)?, read.iter().max_by(by)?);
    (read.len() > 1).then(|| Estimate::new(high.value - low.value, high.error.hypot(low.error)))
}

/// The Ising model's energy per site at a temperature.
fn ising_energy(numbers: Numbers<'_>, temperature: f64) -> Option<f64> {
    let (t, e) = (numbers.list("curve/temperature").ok()?, numbers.list("curve/energy_per_spin").ok()?);
    interpolate(&t, &e, temperature)
}

pub(crate) fn judge(figures: &Figures) -> Claim {
    let question = Question {
        id: "Q3",
        statement: "The thermometers agree at the fixed point",
        column: "machines/energy_temperature",
        rule: "of every kind of machine whose ends meet, T_{E}, T_{m} and the mean of the network differ by at most 0.125 or two \
               standard errors; the number is that difference of the machine nearest to T_{c}",
        band: (Some(0.0), Some(RESOLUTION), "half the 0.25 spacing of the training temperatures"),
    };
    question.answer(figures, |claim, rows, numbers| {
        let tested: Vec<(&Row, Estimate)> =
            rows.iter().filter(|row| row.is_settled()).filter_map(|row| Some((row, spread(row)?))).collect();
        let Some((_, row)) = nearest(rows) else { return Ok(()) };
        let Some(own) = spread(row) else { return Ok(()) };
        let agree = tested.iter().filter(|(_, s)| s.value <= (2.0 * s.error).max(RESOLUTION)).count();
        claim.verdict = match agree {
            0 => Verdict::Fails,
            n if n == tested.len() => Verdict::Holds,
            _ => Verdict::HoldsUnderConditions,
        };
        let readings = format!(
            "T_{{E}} = {}, T_{{m}} = {}, network {} (peak {})",
            written(row.get("energy_temperature")),
            written(row.get("magnetization_temperature")),
            written(row.get("nn_temperature")),
            written(row.get("nn_peak")),
        );
        claim.with_number(own, format!("they differ by {}", written(own)));
        let (low, high) = crate::scene::axis::extent(tested.iter().map(|t| t.1.value));
        let (energy, independent) = (row.get("energy_per_spin"), row.get("independent_energy"));
        let gap = Estimate::new(energy.value - independent.value, energy.error.hypot(independent.error));
        let uniform = gap.value.abs() <= (2.0 * gap.error).max(0.01);
        let why = if uniform {
            "because the state is uniform with independent flips"
        } else {
            "where neighbours are more alike than in a uniform state with independent flips"
        };
        claim.conditions = format!(
            "{readings} at {}, {}; they agree for {agree} of {} kinds of machines and differ by {low:.2} to {high:.2}, {why} \
             (energy {} against −2⟨m²⟩ = {}; the Ising model has {} at this T_{{m}})",
            row.shape(),
            row.trained(),
            tested.len(),
            written(energy),
            written(independent),
            ising_energy(numbers, row.get("magnetization_temperature").value)
                .map_or_else(|| "–".to_owned(), |e| format!("{e:.2}").replace('-', "−")),
        );
        Ok(())
    })
}
