//! Q9: the fixed point on lattices with other critical temperatures.

use datasets::lattice;
use datasets::{Figure, Figures};

use super::columns::{self, Row};
use super::kinds::{Kind, kinds, table};
use super::size::density;
use super::{Exceptions, Question, look, named_series, series_keys, squared, with_fixed_point};
use crate::claims::Claim;
use crate::critical::{RESOLUTION, critical_temperature};
use crate::error::FigureError;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::Estimate;
use crate::wording::{list, short, written};
use plot::Style;
use plot::colour::MUTED;
use plot::labels::Key;
use plot::layout::{NAMED, Panels};
use plot::panel::digits;
use plot::{Axis, Grid, Marker, Plot, Stroke};

/// A title, the axes, and the place of a machine.
type Panel<'a> = (&'static str, Axis, Axis, &'a dyn Fn(&Row) -> (f64, Estimate));

/// How far T_E / T_c may be from 1: what 0.125 is on the square lattice.
fn band() -> f64 {
    RESOLUTION / critical_temperature(lattice::Kind::Square)
}

/// Whether machines differ in nothing but the lattice, with N_h in proportion to its sites and the highest training
/// temperature the same in J/k_B or in units of T_c.
fn alike(a: &Kind<'_>, b: &Kind<'_>) -> bool {
    let of = |kind: &Kind<'_>| density(kind.hidden as f64, kind.settings.lattice.sites());
    let mut settings = b.settings.clone();
    settings.lattice = a.settings.lattice;
    settings.temperatures.clone_from(&a.settings.temperatures);
    a.settings.lattice.kind() != b.settings.lattice.kind()
        && settings == *a.settings
        && a.training == b.training
        && of(a) == of(b)
}

/// The energy per bond of the Ising model at T_c on the lattice of a kind of machine, with its sign turned: the m² that
/// independent spins need to have the energy of the critical point.
fn critical_bond_energy(run: &Run, kind: &Kind<'_>) -> Estimate {
    let lattice = kind.settings.lattice;
    let found = table(run, lattice, 0.0).and_then(rg_flow::theory::critical_squared_magnetization);
    found.map_or(Estimate::NONE, Estimate::bare)
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Does the fixed point follow T_{c}?");
    let all: Vec<Kind<'_>> = kinds(run).into_iter().filter(Kind::is_plain).collect();
    let chosen: Vec<Kind<'_>> =
        all.iter().filter(|kind| all.iter().any(|other| alike(kind, other))).cloned().collect();
    if chosen.is_empty() {
        record.missing("machines on lattices of several kinds with the same N_{h} / N");
        return record.finish("");
    }
    columns::record(&mut record, &chosen);
    let critical: Vec<Estimate> = chosen
        .iter()
        .map(|kind| Estimate::new(critical_temperature(kind.settings.lattice.kind()), 0.0))
        .collect();
    columns::add(&mut record, "critical_temperature", &critical, "J/k_B", "T_c of the infinite lattice");
    let bonds: Vec<Estimate> = chosen.iter().map(|kind| critical_bond_energy(run, kind)).collect();
    let what = "energy per bond of the Ising model at T_c on this lattice, with its sign turned";
    columns::add(&mut record, "critical_bond_energy", &bonds, "J", what);
    record.axes("T_c; N_h / N; energy per bond at T_c", "T_E at the end of the flow (J/k_B); T_E / T_c; m^2");
    record.finish(&format!(
        "Machines on lattices with other critical temperatures, with N_{{h}} in proportion to the number N of sites, and nothing else \
         changed. (a) T_{{E}} where the flow comes to rest against T_{{c}} of the lattice (0 for the chain); on the dashed line it would be \
         T_{{c}}. (b) T_{{E}} / T_{{c}} against N_{{h}} / N; grey: 1 ± {:.3}. (c) The squared magnetization m*² of the end state against the energy \
         per bond of the Ising model at T_{{c}}: independent spins have the energy of the critical point on the dashed line only. The first is set by \
         the training set and N_{{h}}, the second by the lattice. Open points: no fixed point.",
        band(),
    ))
}

/// The range of training temperatures in words: in J/k_B or, where it is another on each lattice, in units of T_c.
fn range(row: &Row, rows: &[Row]) -> String {
    let highest = row.setting("highest_temperature");
    let of_training = rows.iter().filter(|other| other.training == row.training);
    let mut same = of_training.map(|other| other.setting("highest_temperature") == highest);
    let lowest = short(row.setting("lowest_temperature"));
    if same.all(|same| same) {
        format!("T = {lowest} … {}", short(highest))
    } else {
        format!("T = {lowest} … {} T_{{c}}", digits(highest / row.critical_temperature(), 3))
    }
}

/// N_h / N.
fn per_site(row: &Row) -> f64 {
    row.setting("hidden") / row.lattice.sites() as f64
}

/// T_E / T_c; nothing where T_c is 0.
fn ratio(row: &Row) -> Estimate {
    let (read, critical) = (row.get("energy_temperature"), row.critical_temperature());
    if critical > 0.0 { Estimate::new(read.value / critical, read.error / critical) } else { Estimate::NONE }
}

/// The rows of each lattice and training range, with their name, by N_h.
fn series(rows: &[Row]) -> Vec<(String, Vec<&Row>)> {
    named_series(rows, |row| format!("{}, {}", row.lattice.kind(), range(row, rows)), per_site)
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let series = series(&rows);
    let dashed = Stroke::new(MUTED, 1.1).dashed("5 3");
    let mut keys = series_keys(&series);
    keys.push(Key::line("T_{E} = T_{c}", dashed.clone()));
    let grid = Grid { count: 3, widths: &[220.0; 3], height: 240.0, across: [62.0, 74.0, 24.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    let extent = |pick: &dyn Fn(&Row) -> f64| plot::axis::extent(rows.iter().map(pick));
    let bond = |row: &Row| row.get("critical_bond_energy").value;
    let most =
        extent(&|row| row.critical_temperature()).1.max(extent(&|row| row.get("energy_temperature").value).1);
    let (few, many) = extent(&per_site);
    let ratios = rows.iter().map(|row| ratio(row).value).chain([1.0 - band(), 1.0 + band()]);
    let (least, _) = plot::axis::extent(rows.iter().flat_map(|row| [bond(row), squared(row).value]));
    let panels: [Panel<'_>; 3] = [
        (
            "Temperature",
            Axis::linear("T_{c} (J/k_{B})", -0.2, most + 0.3),
            Axis::linear("T_{E} (J/k_{B})", 0.0, most + 0.3),
            &|row| (row.critical_temperature(), row.get("energy_temperature")),
        ),
        (
            "In units of T_{c}",
            Axis::log("N_{h} / N", few * 0.8, many * 1.25),
            Axis::around("T_{E} / T_{c}", ratios),
            &|row| (per_site(row), ratio(row)),
        ),
        (
            "Magnetization",
            Axis::linear("energy per bond at T_{c} (J)", (least - 0.05).max(0.0), 1.05),
            Axis::linear("m*²", (least - 0.05).max(0.0), 1.05),
            &|row| (bond(row), squared(row)),
        ),
    ];
    for (panel, (title, x, y, at)) in panels.into_iter().enumerate() {
        let mut plot = Plot::new(&mut canvas, frames[panel], x, y);
        if panel == 1 {
            let ends = (plot.x.low, plot.x.high);
            plot.band(&mut canvas, &[(ends.0, 1.0, band()), (ends.1, 1.0, band())], MUTED);
            plot.horizontal(&mut canvas, 1.0, &dashed);
        } else {
            let from = plot.x.low.max(plot.y.low);
            let to = plot.x.high.min(plot.y.high);
            plot.line(&mut canvas, &[(from, from), (to, to)], &dashed);
        }
        for (i, (name, rows)) in series.iter().enumerate() {
            let (marker, stroke) = look(i, series.len());
            let points = |settled: bool| -> Vec<(f64, f64, f64)> {
                let rows = rows.iter().filter(|row| row.is_settled() == settled);
                let all = rows.map(|row| at(row)).filter(|(_, y)| y.exists());
                all.map(|(x, y)| (x, y.value, y.error)).collect()
            };
            let settled = points(true);
            if panel == 1 {
                let line: Vec<(f64, f64)> = settled.iter().map(|p| (p.0, p.1)).collect();
                plot.line(&mut canvas, &line, &stroke);
            }
            plot.name.clone_from(name);
            plot.points(&mut canvas, &settled, marker, 6.5, &stroke.colour);
            plot.points(&mut canvas, &points(false), Marker::OpenCircle, 6.5, &stroke.colour);
        }
        plot.finish(&mut canvas);
        plot.title(&mut canvas, ["a", "b", "c"][panel], title);
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

/// The machines of one training range and one N_h / N, by T_c.
fn across(rows: &[&Row]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = vec![];
    for (place, row) in rows.iter().enumerate() {
        let same = |other: &Row| {
            row.training == other.training
                && density(row.setting("hidden"), row.lattice.sites())
                    == density(other.setting("hidden"), other.lattice.sites())
        };
        match groups.iter_mut().find(|group| same(rows[group[0]])) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups
}

pub(crate) fn judge(figures: &Figures) -> Claim {
    let question = Question {
        id: "Q9",
        statement: "The fixed point follows T_{c} from lattice to lattice, with nothing else changed",
        column: "machines/energy_temperature",
        rule: &format!(
            "for a lattice, a range of training temperatures and an N_{{h}} / N whose flow has a fixed point, T_{{E}} / T_{{c}} \
             there is within {:.3} of 1",
            band()
        ),
        band: (
            Some(1.0 - band()),
            Some(1.0 + band()),
            "1 ± half the 0.25 spacing of the training temperatures over T_{c} of the square lattice",
        ),
    };
    question.answer(figures, |claim, rows, _| {
        let settled = with_fixed_point(claim, rows);
        for row in settled.iter().filter(|row| ratio(row).exists()) {
            let hidden = digits(per_site(row), 2);
            let name = format!("{}, {}, N_{{h}} = {hidden} N", row.lattice.kind(), range(row, rows));
            claim.case(name, ratio(row), format!("T_{{E}} / T_{{c}} = {}", written(ratio(row))));
        }
        claim.conclude("", Exceptions::Conditions);
        for group in across(&settled) {
            let own: Vec<&Row> = group.into_iter().map(|place| settled[place]).collect();
            let read = |row: &&Row| format!("{} {}", row.lattice.kind(), written(ratio(row)));
            let ratios: Vec<String> = own.iter().filter(|row| ratio(row).exists()).map(read).collect();
            if ratios.len() > 1 {
                claim.conditions.push_str(&format!(
                    "; {}, N_{{h}} = {} N: T_{{E}} / T_{{c}} = {}",
                    range(own[0], rows),
                    digits(per_site(own[0]), 2),
                    list(&ratios)
                ));
            }
        }
        for row in settled.iter().filter(|row| row.critical_temperature() == 0.0) {
            claim.conditions.push_str(&format!(
                "; the {}, whose T_{{c}} is 0, comes to rest at T_{{E}} = {} with N_{{h}} = {} N",
                row.lattice.kind(),
                written(row.get("energy_temperature")),
                digits(per_site(row), 2)
            ));
        }
        Ok(())
    })
}
