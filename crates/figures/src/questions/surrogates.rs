//! Q13: which property of the weights sets the fixed point.

use datasets::{Figure, Figures};

use super::columns::{self, Row};
use super::kinds::{self, Kind, kinds, surrogates};
use super::{Exceptions, Question};
use crate::claims::Claim;
use crate::error::FigureError;
use crate::machine::Settings;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::Estimate;
use crate::wording::written;
use plot::Style;
use plot::colour::{BLUE, MUTED, ORANGE};
use plot::labels::Key;
use plot::layout::Panels;
use plot::{Axis, Grid, Marker, Plot, Stroke};

/// |m| of two end states within this distance is the same: 0.06 J/k_B of T_m at T_c on 10 × 10 sites.
const SAME: f64 = 0.05;

/// Whether two kinds are the same machines but for the weights of their flows.
fn same_machine(a: &Kind<'_>, b: &Kind<'_>) -> bool {
    let trained = Settings { weights: b.settings.weights.clone(), ..a.settings.clone() };
    a.hidden == b.hidden && a.updates == b.updates && trained == *b.settings
}

/// |m| where the flow of the surrogate comes to rest minus that of the machine, replica by replica.
fn difference(surrogate: &Kind<'_>, machine: &Kind<'_>) -> Estimate {
    surrogate.over(|point| {
        let own = machine.points.iter().find(|other| other.replica == point.replica);
        own.map_or(Estimate::NONE, |own| {
            let (new, old) = (kinds::abs_magnetization(point), kinds::abs_magnetization(own));
            Estimate::new(new.value - old.value, new.error.hypot(old.error))
        })
    })
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Which property of the weights sets the fixed point?");
    let machines = kinds(run);
    let mut chosen: Vec<(Kind<'_>, Estimate)> = vec![];
    let all = surrogates(run);
    for machine in &machines {
        let own: Vec<&Kind<'_>> = all.iter().filter(|kind| same_machine(machine, kind)).collect();
        if own.is_empty() {
            continue;
        }
        chosen.push((machine.clone(), Estimate::new(0.0, 0.0)));
        chosen.extend(own.into_iter().map(|kind| (kind.clone(), difference(kind, machine))));
    }
    if chosen.is_empty() {
        record.missing("flows with surrogate weights");
        return record.finish("");
    }
    let (rows, differences): (Vec<Kind<'_>>, Vec<Estimate>) = chosen.into_iter().unzip();
    columns::record(&mut record, &rows);
    let names: Vec<&str> = rows.iter().map(|kind| kind.settings.weights.as_str()).collect();
    record.text("surrogates", &names.join("\n"));
    let what = "|m| at the end of the flow with these weights minus that with the machine's";
    columns::add(&mut record, "magnetization_difference", &differences, "1", what);
    record.axes("|m| at the end of the flow", "weights");
    record.finish(
        "|m| where the flow comes to rest (circles) and where the weights alone say so (squares), with the machine's weights and with surrogates, which keep \
         some of their properties. gaussian: mean and variance of all weights; gaussian-each-step: the same, drawn anew at each half step by each chain; \
         permuted: all weights, in random order; permuted-sites: the weights of each hidden unit, in a random order over the sites; \
         singular-values: the singular values, with random vectors; rank-1: the largest singular value with its vectors, alone. Dashed: the machine.")
}

/// The machines with the rows of each.
fn groups<'a>(numbers: Numbers<'_>, rows: &'a [Row]) -> Vec<Vec<(String, &'a Row)>> {
    let mut groups: Vec<Vec<(String, &Row)>> = vec![];
    for (name, row) in numbers.text("surrogates").split('\n').zip(rows) {
        match groups.last_mut() {
            Some(group) if name != crate::machine::TRAINED => group.push((name.to_owned(), row)),
            _ => groups.push(vec![(name.to_owned(), row)]),
        }
    }
    groups
}

/// The machines of a group in words.
fn machine(row: &Row) -> String {
    format!("{}, {}, N_{{h}} = {}", row.data(), row.trained(), row.setting("hidden"))
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let groups = groups(numbers, &rows);
    let dashed = Stroke::new(MUTED, 1.1).dashed("5 3");
    let keys = [
        Key::marker("sampled", Marker::Circle, BLUE),
        Key::marker("from the weights", Marker::Square, ORANGE),
        Key::line("the machine", dashed.clone()),
    ];
    let most = groups.iter().map(Vec::len).max().unwrap_or(1) as f64;
    let across = [150.0, 150.0, 20.0];
    let down = plot::layout::NAMED;
    let grid =
        Grid { count: groups.len().max(1), widths: &[240.0; 2], height: 34.0 * most + 10.0, across, down };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    for (i, group) in groups.iter().enumerate() {
        let names = group.iter().enumerate().map(|(k, (name, _))| (-(k as f64), name.clone())).collect();
        let y = Axis::linear("", 0.6 - most, 0.6).with_ticks(names);
        let mut plot = Plot::new(&mut canvas, frames[i], Axis::linear("|m|", 0.0, 1.0), y);
        plot.vertical(&mut canvas, group[0].1.get("abs_magnetization").value, &dashed);
        for (column, name, marker, colour) in [
            ("predicted_abs_magnetization", "from the weights", Marker::Square, ORANGE),
            ("abs_magnetization", "sampled", Marker::Circle, BLUE),
        ] {
            plot.name = name.to_owned();
            for (k, (_, row)) in group.iter().enumerate() {
                let found = row.get(column);
                let y = -(k as f64);
                if found.error.is_finite() {
                    let ends = [(found.value - found.error, y), (found.value + found.error, y)];
                    plot.line(&mut canvas, &ends, &Stroke::new(colour, 1.2));
                }
                if found.exists() {
                    plot.points(&mut canvas, &[(found.value, y, 0.0)], marker, 6.5, colour);
                }
            }
        }
        plot.finish(&mut canvas);
        plot.title(&mut canvas, ["a", "b", "c", "d", "e", "f"][i.min(5)], &machine(group[0].1));
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

pub(crate) fn judge(figures: &Figures) -> Claim {
    let question = Question {
        id: "Q13",
        statement: "The fixed point is set by a property of the weights that a surrogate keeps",
        column: "machines/magnetization_difference",
        rule: "with surrogate weights, |m| at the end of the flow is within 0.05 of that with the machine's own",
        band: (Some(-SAME), Some(SAME), "0.05, which is 0.06 J/k_{B} of T_{m} at T_{c} on 10 × 10 sites"),
    };
    question.answer(figures, |claim, rows, numbers| {
        for group in groups(numbers, rows) {
            let Some(((_, first), surrogates)) = group.split_first() else { continue };
            for (name, row) in surrogates {
                let value = format!(
                    "|m| = {} instead of {}",
                    written(row.get("abs_magnetization")),
                    written(first.get("abs_magnetization"))
                );
                let name = format!("{name} ({})", machine(first));
                claim.case(name, row.get("magnetization_difference"), value);
            }
        }
        claim.conclude("", Exceptions::Conditions);
        Ok(())
    })
}
