//! Q5: controls: what the thermometers read on machines whose data hold no critical Ising model.

use datasets::{Figure, Figures};

use super::columns::{self, Row};
use super::kinds::kinds;
use super::{Exceptions, Question, with_fixed_point};
use crate::claims::{CRITICAL_BAND, Claim, Verdict, critical_temperature};
use crate::critical::RESOLUTION;
use crate::dots::{Table, Thermometer};
use crate::error::FigureError;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::wording::{list, written};
use plot::Style;
use plot::colour::{BLUE, GREEN, INK, ORANGE, PURPLE};
use plot::{Marker, Stroke};

/// Data within this distance of T_c hold the critical Ising model.
const NEAR: f64 = 0.3;

const THERMOMETERS: [Thermometer; 4] = [
    ("energy_temperature", Marker::Circle, BLUE, "T_{E}"),
    ("magnetization_temperature", Marker::Square, ORANGE, "T_{m}"),
    ("nn_temperature", Marker::Up, GREEN, "network, mean"),
    ("nn_peak", Marker::Diamond, PURPLE, "network, peak"),
];

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("What do machines without critical data read?");
    let lattice = run.lattice();
    let mut kinds: Vec<_> = kinds(run)
        .into_iter()
        .filter(|kind| kind.settings.lattice == lattice && kind.settings.fields == [0.0])
        .collect();
    if !kinds.iter().any(|kind| !kind.is_plain()) {
        record.missing("machines trained on one temperature, on T = 0 and ∞, or on another model");
        return record.finish("");
    }
    // Of the others only what is comparable: the same N_h, trainer and number of updates.
    let controls: Vec<_> = kinds.iter().filter(|kind| !kind.is_plain()).cloned().collect();
    kinds.retain(|kind| {
        !kind.is_plain()
            || controls.iter().any(|c| {
                c.hidden == kind.hidden
                    && c.updates == kind.updates
                    && c.settings.trainer == kind.settings.trainer
                    && c.settings.units == kind.settings.units
            })
    });
    columns::record(&mut record, &kinds);
    record.axes("temperature at the end of the flow (J/k_B)", "training set");
    let mut sets: Vec<String> = kinds
        .iter()
        .map(|kind| match (kind.settings.model.as_str(), kind.settings.temperatures.len()) {
            ("shuffled", _) => {
                "spins shuffled within each configuration (the same magnetization, no geometry)"
            }
            ("curie-weiss", _) => "the Curie–Weiss model (its own T_{c} is 4)",
            (_, 1) => "a single temperature",
            (_, 2) => "two temperatures",
            _ => "the Ising model at many temperatures",
        })
        .map(str::to_owned)
        .collect();
    sets.sort_unstable();
    sets.dedup();
    record.finish(&format!(
        "What each thermometer reads where the flow ends, by training set: {}. Controls are those that hold no critical Ising \
         configurations; ticks mark a single training temperature. Grey band: T_{{c}} ± {RESOLUTION}.",
        list(&sets),
    ))
}

/// Whether the training set holds no critical Ising model.
fn is_control(row: &Row) -> bool {
    let tc = row.critical_temperature();
    let near = |name: &str| (row.setting(name) - tc).abs() < NEAR;
    row.model != "ising"
        || (row.setting("temperatures") <= 2.0 && !near("lowest_temperature") && !near("highest_temperature"))
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let table = Table {
        thermometers: &THERMOMETERS,
        rows: rows.len(),
        across: (390.0, 430.0),
        apart: 8.0,
        text: 11.0,
    };
    let values = rows.iter().flat_map(|row| THERMOMETERS.iter().map(|(path, ..)| row.get(path).value));
    let mut dots = table.begin(style, (id, numbers), values, (0.12, f64::INFINITY));
    for (i, row) in rows.iter().enumerate() {
        let trained = row.setting("lowest_temperature");
        let (x, y) = (dots.plot.at_x(trained), dots.middle(i));
        if row.setting("temperatures") == 1.0 && trained <= dots.plot.x.high && trained >= dots.plot.x.low {
            dots.canvas.line((x, y - 16.0), (x, y + 16.0), &Stroke::new(INK, 1.2));
        }
        let meet = !row.get("energy_temperature").exists() || row.is_settled();
        dots.name(i, &row.data(), &format!(", {}, {}", row.trained(), row.shape()), meet);
        for (k, (path, marker, colour, _)) in THERMOMETERS.iter().enumerate() {
            dots.dot(i, k, row.get(path), *marker, colour);
        }
    }
    Ok(dots.finish(numbers.text("title"), numbers.text("caption")))
}

pub(crate) fn judge(figures: &Figures) -> Claim {
    let tc = critical_temperature(figures);
    let question = Question {
        id: "Q5",
        statement: "Only machines whose data hold the critical Ising model read T_{c}",
        column: "machines/energy_temperature",
        rule: "T_{E} at the fixed point of every control (T = 0 and ∞, one temperature away from T_{c}, shuffled spins, Curie–Weiss) is \
               further from T_{c} than 0.125; one control that is not refutes it",
        band: (Some(tc - RESOLUTION), Some(tc + RESOLUTION), CRITICAL_BAND),
    };
    question.answer(figures, |claim, rows, _| {
        if let Some(band) = &mut claim.band {
            band.outside = true;
        }
        let read = |row: &Row| row.get("energy_temperature");
        let controls = with_fixed_point(claim, rows.iter().filter(|row| is_control(row)));
        for row in &controls {
            claim.case(
                format!("{} (N_{{h}} = {})", row.data(), row.setting("hidden")),
                read(row),
                format!("T_{{E}} = {}", written(read(row))),
            );
        }
        claim.conclude("", Exceptions::Refute);
        if controls.is_empty() {
            return Ok(());
        }
        let critical = claim.cases.iter().filter(|case| case.verdict == Verdict::Fails).count();
        let said: Vec<String> = controls
            .iter()
            .map(|row| {
                format!(
                    "{} (N_{{h}} = {}): T_{{E}} {}, T_{{m}} {}, network {}",
                    row.data(),
                    row.setting("hidden"),
                    written(read(row)),
                    written(row.get("magnetization_temperature")),
                    written(row.get("nn_temperature")),
                )
            })
            .collect();
        claim.conditions =
            format!("{critical} of {} controls read T_{{c}} by T_{{E}}: {}", controls.len(), said.join("; "));
        if !claim.excluded.is_empty() {
            let excluded = format!("; no fixed point: {}", list(&claim.excluded));
            claim.conditions.push_str(&excluded);
        }
        Ok(())
    })
}
