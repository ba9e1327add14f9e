//! Q11: when the flow reads T_c.

use datasets::{Figure, Figures};

use super::columns::{self, Row};
use super::kinds::{self, Kind, kinds, table};
use super::{Exceptions, Question, by_hidden, draw_machines, machine_keys, reach, with_fixed_point};
use crate::claims::{Claim, critical_temperature};
use crate::error::FigureError;
use crate::point::Point;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::scene::colour::{INK, MUTED};
use crate::scene::labels::Key;
use crate::scene::layout::{NAMED, Panels};
use crate::scene::{Axis, Grid, Plot, Stroke};
use crate::statistics::{Estimate, interpolate};
use crate::style::Style;
use crate::wording::{short, written};

/// The name of an axis, a title, the value at the critical point, and the number of a machine.
type Panel = (&'static str, &'static str, f64, fn(&Row) -> Estimate);

/// −e / (z m² / 2): 1 if the energy of the end state is that of independent spins with its magnetization. `bonds` is z / 2.
fn ratio(point: &Point, bonds: f64) -> Estimate {
    let (energy, m) = (kinds::energy(point), kinds::abs_magnetization(point));
    let value = -energy.value / (bonds * m.value * m.value);
    let error = value.abs() * (energy.error / energy.value).hypot(2.0 * m.error / m.value);
    Estimate::new(value, error)
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("When does the flow read T_{c}?");
    let lattice = run.lattice();
    let chosen: Vec<Kind<'_>> = kinds(run)
        .into_iter()
        .filter(|kind| kind.settings.lattice == lattice && kind.over(kinds::energy).exists())
        .collect();
    let critical = table(run, lattice, 0.0).and_then(|table| {
        let energy = interpolate(&table.temperature, &table.energy_per_spin, run.critical_temperature())?;
        Some((energy, table.lattice.coordination() as f64 / 2.0))
    });
    let Some((energy, bonds)) = critical.filter(|_| !chosen.is_empty()) else {
        record.missing("machines with a flow, or the Ising model's thermal averages");
        return record.finish("");
    };
    columns::record(&mut record, &chosen);
    let ratios: Vec<Estimate> = chosen.iter().map(|kind| kind.over(|point| ratio(point, bonds))).collect();
    let what = "energy of the end state over that of independent spins with its magnetization";
    columns::add(&mut record, "independent_energy_ratio", &ratios, "1", what);
    let bond = -energy / bonds;
    record.real("critical_bond_energy", bond);
    let bulk = ising_mc::exact::critical_correlation(lattice.kind()).unwrap_or(f64::NAN);
    let infinite = short(bulk);
    record.axes("N_h", "m^2; T_E at the end of the flow (J/k_B)");
    record.finish(&format!(
        "Machines of the main training set, by N_{{h}}. (a) The squared magnetization m*² where the flow comes to rest. Its end state is \
         magnetization and little else: the energy per site is −{bonds} m*². So it has the energy of the critical point, and T_{{E}} = T_{{c}}, where m*² is the energy \
         per bond at T_{{c}}, {} J on this lattice (dashed); on the infinite one {infinite}. (b) T_{{E}} there. m*² is set by the training set and by N_{{h}}, \
         the dashed line by the lattice: they cross at one N_{{h}}, and nothing makes them meet elsewhere. Open points: no fixed point.",
        short(bond),
    ))
}

/// The N_h at which a quantity of the main machines crosses a value, between two neighbours with a fixed point.
fn crossing(main: &[&Row], value: f64, pick: impl Fn(&Row) -> f64) -> Option<f64> {
    let settled: Vec<(f64, f64)> =
        main.iter().filter(|row| row.is_settled()).map(|row| (row.setting("hidden"), pick(row))).collect();
    settled.windows(2).find(|pair| (pair[0].1 - value) * (pair[1].1 - value) <= 0.0).map(|pair| {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        if y0 == y1 { x0 } else { x0 + (value - y0) / (y1 - y0) * (x1 - x0) }
    })
}

fn squared(row: &Row) -> Estimate {
    let m = row.get("abs_magnetization");
    Estimate::new(m.value * m.value, 2.0 * m.value * m.error)
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let main: Vec<&Row> = by_hidden(&rows).into_iter().map(|(_, row)| row).collect();
    let dashed = Stroke::new(MUTED, 1.1).dashed("5 3");
    let mut keys = machine_keys().to_vec();
    keys.push(Key::line("the critical point", dashed.clone()));
    keys.push(Key::line("where it is crossed", Stroke::new(INK, 0.8)));
    let grid = Grid { count: 2, widths: &[330.0; 2], height: 220.0, across: [66.0, 90.0, 30.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    let hidden = main.iter().map(|row| row.setting("hidden"));
    let (least, most) = crate::scene::axis::extent(hidden);
    let bond = numbers.real("critical_bond_energy").unwrap_or(f64::NAN);
    let temperature = |row: &Row| row.get("energy_temperature");
    let panels: [Panel; 2] = [
        ("m*²", "Squared magnetization", bond, squared),
        ("T_{E} (J/k_{B})", "Temperature", numbers.critical_temperature(), temperature),
    ];
    for (i, (label, title, critical, pick)) in panels.into_iter().enumerate() {
        let values = reach(main.iter().map(|row| pick(row))).chain([critical]);
        let x = Axis::log("N_{h}", least * 0.85, most * 1.18);
        let mut plot = Plot::new(&mut canvas, frames[i], x, Axis::around(label, values));
        plot.horizontal(&mut canvas, critical, &dashed);
        if let Some(at) = crossing(&main, critical, |row| pick(row).value) {
            plot.vertical(&mut canvas, at, &Stroke::new(INK, 0.8));
        }
        let rows = main.iter().copied();
        draw_machines(&mut plot, &mut canvas, rows, |row| (row.setting("hidden"), pick(row)));
        plot.finish(&mut canvas);
        plot.title(&mut canvas, ["a", "b"][i], title);
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

pub(crate) fn judge(figures: &Figures) -> Claim {
    let question = Question {
        id: "Q11",
        statement: "The end state is magnetization and nothing else, so that T_{E} is T_{c} only where m*² happens to be the energy per bond at \
                    T_{c}",
        column: "machines/independent_energy_ratio",
        rule: "for a machine whose flow has a fixed point, the energy there is within a fiftieth of −z/2 m*² with z neighbours, that of independent spins with the \
               same magnetization",
        band: (Some(0.98), Some(1.02), "a fiftieth"),
    };
    question.answer(figures, |claim, rows, numbers| {
        for row in with_fixed_point(claim, rows) {
            let ratio = row.get("independent_energy_ratio");
            claim.case(row.name(), ratio, format!("−e / (z/2 m*²) = {}", written(ratio)));
        }
        claim.conclude("", Exceptions::Conditions);
        let main: Vec<&Row> = by_hidden(rows).into_iter().map(|(_, row)| row).collect();
        let bond = numbers.real("critical_bond_energy").unwrap_or(f64::NAN);
        let at = [
            crossing(&main, critical_temperature(figures), |row| row.get("energy_temperature").value),
            crossing(&main, bond, |row| squared(row).value),
        ];
        if let [Some(temperature), Some(magnetization)] = at {
            claim.conditions.push_str(&format!(
                "; of the main machines T_{{E}} crosses T_{{c}} at N_{{h}} = {temperature:.0}, and m*² the energy per bond at T_{{c}}, {bond:.3} J, at \
                 N_{{h}} = {magnetization:.0}"
            ));
        }
        Ok(())
    })
}
