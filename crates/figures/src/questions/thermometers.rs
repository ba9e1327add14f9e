//! Q3: whether the thermometers agree at the fixed point, and why not.

use datasets::{Figure, Figures};

use super::columns::{self, Row};
use super::criticality::nearest;
use super::kinds::{Kind, energy, kinds, squared_magnetization, table};
use super::{Exceptions, Question, with_fixed_point};
use crate::claims::{Claim, Verdict};
use crate::critical::RESOLUTION;
use crate::end_state::independent_energy;
use crate::error::FigureError;
use crate::machine::Settings;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::{Estimate, interpolate};
use crate::wording::{short, written};
use plot::Style;
use plot::colour::{BLUE, GREEN, INK, MUTED, ORANGE, PURPLE};
use plot::labels::Key;
use plot::layout::{NAMED, Panels};
use plot::{Axis, Grid, Marker, Plot, Stroke};

const THERMOMETERS: [(&str, Marker, &str, &str); 3] = [
    ("magnetization_temperature", Marker::Square, ORANGE, "T_{m}"),
    ("nn_temperature", Marker::Up, GREEN, "network, mean"),
    ("nn_peak", Marker::Diamond, PURPLE, "network, peak"),
];
/// Those that are not quantised by the classes.
const JUDGED: [&str; 3] = ["energy_temperature", "magnetization_temperature", "nn_temperature"];

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Do the thermometers agree?");
    let lattice = run.lattice();
    let kinds: Vec<Kind<'_>> = kinds(run)
        .into_iter()
        .filter(|kind| kind.is_plain() && kind.settings.lattice == lattice && kind.over(energy).exists())
        .collect();
    if kinds.is_empty() {
        record.missing("machines with a flow");
        return record.finish("");
    }
    columns::record(&mut record, &kinds);
    let independent: Vec<Estimate> =
        kinds.iter().map(|kind| independent_energy(lattice, kind.over(squared_magnetization))).collect();
    let what = "energy per site if all pairs of sites were correlated alike: -z/2 (N <m^2> - 1) / (N - 1) with z neighbours";
    columns::add(&mut record, "independent_energy", &independent, "J", what);
    if let Some(table) = table(run, lattice, 0.0) {
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
            .map(|squared| independent_energy(lattice, Estimate::bare(*squared)).value)
            .collect();
        let what = "-z/2 (N <m^2> - 1) / (N - 1) of the Ising model";
        record.list("curve/independent_energy", &pairs, "temperature", "J", what);
    }
    let uniform = kinds.iter().zip(&independent).filter(|(kind, _)| kind.has_fixed_point()).fold(
        (0, 0),
        |(yes, all), (kind, independent)| {
            (yes + usize::from(is_uniform(kind.over(energy), *independent)), all + 1)
        },
    );
    record.axes("T_E at the end of the flow; -2 <m^2>", "the other thermometers; energy per site");
    let bonds = short(lattice.bonds_per_site());
    record.finish(&format!(
        "(a) How far the other thermometers read from T_{{E}} where the flow ends; on the line they would agree, in the grey band within \
         {RESOLUTION}. (b) Why they do not: the energy per site against −{bonds}⟨m²⟩ (pairs of different sites), which is the energy of a uniform state with \
         independent flips; the Ising model (line) has more order between neighbours than between distant sites. Of a fixed point on its diagonal (energies within 0.01 J or two standard errors: {} of {}) the energy holds no more than \
         the magnetization, so that each thermometer translates the same magnetization by another relation of the Ising model.",
        uniform.0,
        uniform.1,
    ))
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let bonds = numbers.lattice().unwrap_or(Settings::default().lattice).bonds_per_site();
    let mut keys: Vec<Key> = THERMOMETERS.iter().map(|(_, m, c, name)| Key::marker(name, *m, c)).collect();
    keys.push(Key::marker(&format!("energy against −{}⟨m²⟩", short(bonds)), Marker::Circle, BLUE));
    keys.push(Key::line("Ising model", Stroke::new(INK, 1.4)));
    keys.push(Key::line("T_{c}", Stroke::new(MUTED, 1.1).dashed("5 3")));
    let grid =
        Grid { count: 2, widths: &[320.0; 2], height: 300.0, across: [62.0, 118.0, 40.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    let settled: Vec<&Row> = rows.iter().filter(|row| row.is_settled()).collect();
    let own = |row: &Row| row.get("energy_temperature").value;
    let off = |row: &Row, path: &str| {
        let (other, own) = (row.get(path), row.get("energy_temperature"));
        Estimate::new(other.value - own.value, other.error)
    };
    let others = settled.iter().flat_map(|row| THERMOMETERS.iter().map(|(path, ..)| off(row, path)));
    let (low, high) = plot::axis::extent(settled.iter().map(|row| own(row)));
    let others = super::reach(others).chain([-RESOLUTION, RESOLUTION]);
    let mut plot = Plot::new(
        &mut canvas,
        frames[0],
        Axis::log("T_{E} (J/k_{B})", low * 0.92, high * 1.08),
        Axis::around("reading minus T_{E} (J/k_{B})", others),
    );
    let ends = (plot.x.low, plot.x.high);
    plot.band(&mut canvas, &[(ends.0, 0.0, RESOLUTION), (ends.1, 0.0, RESOLUTION)], MUTED);
    plot.horizontal(&mut canvas, 0.0, &Stroke::new(MUTED, 1.2));
    plot.critical_x(&mut canvas, numbers.critical_temperature());
    for (path, marker, colour, name) in THERMOMETERS {
        let points: Vec<(f64, f64, f64)> =
            settled.iter().map(|row| (own(row), off(row, path).value, off(row, path).error)).collect();
        plot.name = name.to_owned();
        plot.points(&mut canvas, &points, marker, 6.0, colour);
    }
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "a", "Other thermometers against T_{E}");
    let x = Axis::linear(&format!("−{}⟨m²⟩ (J)", short(bonds)), -bonds - 0.05, 0.05);
    let mut plot =
        Plot::new(&mut canvas, frames[1], x, Axis::linear("energy per site (J)", -bonds - 0.05, 0.05));
    plot.line(&mut canvas, &[(-bonds, -bonds), (0.0, 0.0)], &Stroke::new(MUTED, 1.2));
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
    let read: Vec<Estimate> = JUDGED.iter().map(|name| row.get(name)).collect();
    Some(crate::claims::spread(&read)?.0)
}

/// Whether the energy is that of a uniform state with independent flips.
fn is_uniform(energy: Estimate, independent: Estimate) -> bool {
    let gap = Estimate::new(energy.value - independent.value, energy.error.hypot(independent.error));
    gap.value.abs() <= (2.0 * gap.error).max(0.01)
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
        rule: "T_{E}, T_{m} and the mean of the network at the fixed point of a kind of machine differ by at most 0.125",
        band: (None, Some(RESOLUTION), "half the 0.25 spacing of the training temperatures"),
    };
    question.answer(figures, |claim, rows, numbers| {
        let settled = with_fixed_point(claim, rows);
        for row in &settled {
            if let Some(spread) = spread(row) {
                claim.case(row.name(), spread, format!("{} apart", written(spread)));
            }
        }
        claim.conclude("", Exceptions::Conditions);
        let Some((_, row)) = nearest(rows) else { return Ok(()) };
        let count = |verdict| claim.cases.iter().filter(|case| case.verdict == verdict).count();
        let (agree, differ) = (count(Verdict::Holds), count(Verdict::Fails));
        let readings = format!(
            "T_{{E}} = {}, T_{{m}} = {}, network {} (peak {})",
            written(row.get("energy_temperature")),
            written(row.get("magnetization_temperature")),
            written(row.get("nn_temperature")),
            written(row.get("nn_peak")),
        );
        let (low, high) = plot::axis::extent(claim.cases.iter().map(|case| case.number));
        let (energy, independent) = (row.get("energy_per_spin"), row.get("independent_energy"));
        let uniform = settled.iter().filter(|row| is_uniform(row.get("energy_per_spin"), row.get("independent_energy"))).count();
        claim.conditions = format!(
            "they agree for {agree} and differ for {differ} of {} kinds of machines, by {low:.2} to {high:.2}; nearest to T_{{c}}, with {}: {readings}. For \
             {uniform} of {} kinds the energy is that of a uniform state with independent flips, −z/2 ⟨m²⟩ with z neighbours (here {} against {}; the Ising model has {} at this T_{{m}})",
            claim.cases.len(),
            row.name(),
            settled.len(),
            written(energy),
            written(independent),
            ising_energy(numbers, row.get("magnetization_temperature").value)
                .map_or_else(|| "–".to_owned(), |e| format!("{e:.2}").replace('-', "−")),
        );
        Ok(())
    })
}
