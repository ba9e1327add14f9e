//! F14: controls: other ranges of training temperatures, and training on T = 0 and T = ∞ alone.

use datasets::Figure;

use crate::critical::RESOLUTION;
use crate::dots::Table;
use crate::end_state::{EndState, record_ends};
use crate::error::FigureError;
use crate::f06_fixed_point::THERMOMETERS;
use crate::machine::{Group, Machine};
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::wording::{short, written};
use plot::Stroke;
use plot::Style;
use plot::colour::MUTED;

/// A kind of machine in all its replicas, with how to call it.
struct Row<'a> {
    name: String,
    group: Group,
    machines: Vec<&'a Machine>,
}

fn rows(run: &Run) -> Vec<Row<'_>> {
    let main = run.main_training();
    let mut rows: Vec<Row<'_>> = run
        .hidden_of(main)
        .into_iter()
        .map(|h| Row { name: String::new(), group: Group::Main, machines: run.main_machines(main, h) })
        .collect();
    let mut seen: Vec<(&str, usize)> = Vec::new();
    for wanted in [Group::Range, Group::Control] {
        for m in run.machines().filter(|m| m.group == wanted) {
            let key = (m.training.as_str(), m.hidden);
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let machines = run
                .replicas
                .iter()
                .filter_map(|r| {
                    r.machines.iter().find(|o| o.group == wanted && (o.training.as_str(), o.hidden) == key)
                })
                .collect();
            rows.push(Row { name: String::new(), group: wanted, machines });
        }
    }
    // Only main machines that something is compared with.
    let compared: Vec<usize> = rows
        .iter()
        .filter(|r| r.group != Group::Main)
        .filter_map(|r| r.machines.first())
        .map(|m| m.hidden)
        .collect();
    rows.retain(|r| {
        r.group != Group::Main || r.machines.first().is_some_and(|m| compared.contains(&m.hidden))
    });
    for row in &mut rows {
        let Some(first) = row.machines.first() else { continue };
        let model = match first.settings.model.as_str() {
            "ising" => String::new(),
            other => format!("{other}, "),
        };
        let temperatures = temperatures(&first.rbm.training_temperatures);
        row.name = format!("{model}{temperatures}, N_{{h}} = {}", first.hidden);
    }
    rows.sort_by_key(|r| match r.group {
        Group::Main => 0,
        Group::Range | Group::Updates | Group::Sweep => 1,
        Group::Control => 2,
    });
    rows
}

/// The training temperatures in words.
fn temperatures(list: &[f64]) -> String {
    match list {
        [] => "T unknown".to_owned(),
        [only] => format!("T = {}", short(*only)),
        [a, b] => format!("T = {} and {} only", short(*a), short(*b)),
        [first, .., last] => format!("T = {} … {}", short(*first), short(*last)),
    }
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Controls: what the fixed point depends on");
    let rows = rows(run);
    for (wanted, what) in [
        (Group::Range, "machines trained on other ranges of temperatures"),
        (Group::Control, "a machine trained on T = 0 and T = ∞ alone"),
    ] {
        if !rows.iter().any(|r| r.group == wanted) {
            record.missing(what);
        }
    }
    let ends: Vec<EndState> = rows.iter().map(|r| EndState::of(&r.machines)).collect();
    record_ends(&mut record, "machines", &ends);
    let count = |pick: fn(&Machine) -> u64| -> Vec<u64> {
        rows.iter().map(|r| r.machines.first().map_or(0, |m| pick(m))).collect()
    };
    record.counts("machines/hidden", &count(|m| m.hidden as u64), "machine", "1", "hidden units");
    record.counts("machines/updates", &count(|m| m.updates), "machine", "1", "parameter updates");
    let kinds: Vec<u64> = rows
        .iter()
        .map(|r| match r.group {
            Group::Main | Group::Updates | Group::Sweep => 0,
            Group::Range => 1,
            Group::Control => 2,
        })
        .collect();
    let what = "0: main machine, 1: other range of training temperatures, 2: control";
    record.counts("machines/kind", &kinds, "machine", "1", what);
    let edge = |pick: fn(&[f64]) -> Option<&f64>| -> Vec<f64> {
        rows.iter()
            .map(|r| {
                r.machines
                    .first()
                    .and_then(|m| pick(&m.rbm.training_temperatures))
                    .copied()
                    .unwrap_or(f64::NAN)
            })
            .collect()
    };
    let what = "lowest training temperature";
    record.list("machines/lowest_temperature", &edge(<[f64]>::first), "machine", "J/k_B", what);
    let what = "highest training temperature";
    record.list("machines/highest_temperature", &edge(<[f64]>::last), "machine", "J/k_B", what);
    for (i, row) in rows.iter().enumerate() {
        record.text(&format!("machine_{i:03}"), &row.name);
    }
    record.axes("temperature of the fixed point (J/k_B)", "training set");
    let said: Vec<String> = rows
        .iter()
        .zip(&ends)
        .map(|(r, e)| format!("{}: T_{{E}} = {}", r.name, written(e.energy_temperature)))
        .collect();
    record.text("see", &format!("{}.", said.join("; ")));
    record.finish(&format!(
        "Temperature at the end of the flow, by three thermometers, of machines trained on other temperatures than the main \
         ones; each with the main machine of the same N_{{h}}. If the fixed point were the critical point it would not \
         move with the training range, and a machine that has seen only T = 0 and T = ∞, with nothing critical in its data, \
         would not find it. Grey band: T_{{c}} ± {RESOLUTION}.",
    ))
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let kinds = numbers.counts("machines/kind")?;
    let fixed_point = numbers.list("machines/fixed_point")?;
    let mut readings = Vec::new();
    for (path, ..) in THERMOMETERS {
        readings.push(numbers.estimates(&format!("machines/{path}"))?);
    }
    let table = Table {
        thermometers: &THERMOMETERS,
        rows: kinds.len(),
        across: (250.0, 450.0),
        apart: 8.0,
        text: 11.0,
    };
    let values = readings.iter().flatten().map(|e| e.value);
    let mut dots = table.begin(style, (id, numbers), values, (0.12, f64::INFINITY));
    for row in 0..kinds.len() {
        if row > 0 && kinds[row] != kinds[row - 1] {
            dots.separate(row, &Stroke::new(MUTED, 0.8));
        }
        let meet = fixed_point[row] >= 1.0;
        dots.name(row, numbers.text(&format!("machine_{row:03}")), "", meet);
        for (k, (_, marker, colour, _)) in THERMOMETERS.iter().enumerate() {
            dots.dot(row, k, readings[k][row], *marker, colour);
        }
    }
    Ok(dots.finish(numbers.text("title"), numbers.text("caption")))
}
