//! Q15: critical exponents of what a machine reconstructs, beside the same estimators on the configurations themselves.

use datasets::{Figure, Figures, Value};
use ising_mc::exact::{MAGNETIC_EXPONENT, THERMAL_EXPONENT};
use lattice::Kind as LatticeKind;
use rg_flow::finite_size_exponent;

use super::columns::{self, Row};
use super::kinds::{self, Kind, kinds};
use super::size::{density, series};
use super::{Exceptions, Question, look};
use crate::claims::Claim;
use crate::critical::critical_temperature;
use crate::error::FigureError;
use crate::point::{End, Point};
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::Estimate;
use crate::wording::{short, written};
use plot::Style;
use plot::colour::{BLUE, MUTED, VERMILLION};
use plot::labels::Key;
use plot::layout::{NAMED, Panels};
use plot::{Axis, Canvas, Grid, Marker, Plot, Stroke};

/// The scaling dimensions of the Ising model in two dimensions; that of the spin is β/ν.
const SPIN_DIMENSION: f64 = 2.0 - MAGNETIC_EXPONENT;
const ENERGY_DIMENSION: f64 = 2.0 - THERMAL_EXPONENT;
/// Lattices below which a fit says nothing.
const FEWEST: usize = 3;

type State = (&'static str, &'static str, fn(&Point) -> &[End]);

/// The ensembles on the way of the flow from T_c: name of the columns, in words, and the ensembles of a machine.
const STATES: [State; 3] = [
    ("start", "data at T_{c}", |point| &point.starts),
    ("step", "one step", |point| &point.reconstructions),
    ("end", "end of the flow", |point| &point.ends),
];

/// The ensemble whose start was at T_c.
fn critical(ends: &[End], lattice: lattice::Lattice) -> Option<&End> {
    let critical = critical_temperature(lattice.kind());
    ends.iter().find(|end| (end.start_temperature - critical).abs() < 1e-9 * critical)
}

/// A number of the ensemble from T_c, mean over replicas.
fn over(kind: &Kind<'_>, of: fn(&Point) -> &[End], pick: impl Fn(&End) -> Option<Value>) -> Estimate {
    let lattice = kind.settings.lattice;
    kind.over(|point| critical(of(point), lattice).and_then(&pick).map_or(Estimate::NONE, kinds::estimate))
}

/// G at the largest distance along an axis.
fn half_correlation(end: &End) -> Option<Value> {
    end.correlation.last().copied()
}

/// Whether machines differ in nothing but L, with N_h in proportion to the number of sites.
fn alike(a: &Kind<'_>, b: &Kind<'_>) -> bool {
    let of = |kind: &Kind<'_>| density(kind.hidden as f64, kind.settings.lattice.sites());
    let mut settings = b.settings.clone();
    settings.lattice = a.settings.lattice;
    settings == *a.settings && a.updates == b.updates && of(a) == of(b)
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Does a machine reconstruct the critical exponents?");
    let square = |kind: &Kind<'_>| kind.settings.lattice.kind() == LatticeKind::Square;
    let has_start = |kind: &Kind<'_>| over(kind, STATES[0].2, half_correlation).exists();
    let all: Vec<Kind<'_>> = kinds(run).into_iter().filter(|kind| square(kind) && has_start(kind)).collect();
    let family = |kind: &Kind<'_>| all.iter().filter(|other| alike(kind, other)).collect::<Vec<_>>();
    let chosen: Vec<Kind<'_>> = all.iter().filter(|kind| family(kind).len() >= FEWEST).cloned().collect();
    if chosen.is_empty() {
        record.missing(
            "machines on three square lattices or more with the same N_{h} / N and a start at T_{c}",
        );
        return record.finish("");
    }
    columns::record(&mut record, &chosen);
    for (state, words, of) in STATES {
        let words = words.replace(['{', '}'], "");
        let mut add = |name: &str, what: &str, pick: &dyn Fn(&Kind<'_>) -> Estimate| {
            let list: Vec<Estimate> = chosen.iter().map(pick).collect();
            columns::add(&mut record, &format!("{state}_{name}"), &list, "1", &format!("{words}: {what}"));
        };
        let power = |pick: fn(&End) -> Option<Value>| {
            let family = &family;
            move |kind: &Kind<'_>| {
                let at = |kind: &&Kind<'_>| {
                    let y = over(kind, of, pick);
                    let size = kind.settings.lattice.size().unwrap_or(0) as f64;
                    (size, Value { value: y.value, error: y.error })
                };
                let points: Vec<(f64, Value)> = family(kind).iter().map(at).collect();
                finite_size_exponent(&points).map_or(Estimate::NONE, kinds::estimate)
            }
        };
        add("abs_magnetization", "mean |m|", &|kind| over(kind, of, |end| Some(end.abs_magnetization)));
        add("half_correlation", "G(L/2)", &|kind| over(kind, of, half_correlation));
        let slope = power(|end| Some(end.abs_magnetization));
        add("beta_over_nu", "beta/nu, minus the slope of ln |m| against ln L over all lattices", &|kind| {
            let slope = slope(kind);
            Estimate::new(-slope.value, slope.error)
        });
        let slope = power(half_correlation);
        add(
            "spin_dimension",
            "half of minus the slope of ln G(L/2) against ln L over all lattices",
            &|kind| {
                let slope = slope(kind);
                Estimate::new(-slope.value / 2.0, slope.error / 2.0)
            },
        );
        for (name, what, place) in [
            ("energy_dimension", "2 - y_t of one block spin on this lattice", 0),
            ("block_spin_dimension", "2 - y_h of one block spin on this lattice", 1),
        ] {
            add(name, what, &|kind| {
                let y = over(kind, of, |end| end.exponents.map(|exponents| exponents[place]));
                Estimate::new(2.0 - y.value, y.error)
            });
        }
    }
    record.axes("L", "|m|; G(L/2); scaling dimension");
    record.finish(
        "Ensembles of square lattices at T_{c}, what one step v → h → v makes of them, and the end of the flow from there, for machines with N_{h} in proportion to \
         the number N of sites. (a) ⟨|m|⟩ against L: it falls as L^{−β/ν}, with β/ν = 1/8 in the Ising model (dashed). (b) G at r = L/2, which falls as L^{−2Δ_{σ}}, \
         Δ_{σ} = 1/8. (c) The scaling dimensions of the spin, Δ_{σ}, from (b) (circles), and of the energy, Δ_{ε} = 2 − y_{t} (squares), from \
         one block spin on the largest lattice by the Monte Carlo renormalization group, for the machines 1 and 2 of the key; dashed: those of the Ising model, 1/8 and 1. Every estimator is \
         first tried on the configurations themselves.",
    )
}

/// The name of a series in a few words: training set and N_h / N.
fn name(rows: &[&Row]) -> String {
    let last = rows[rows.len() - 1];
    let data = if last.setting("temperatures") == 1.0
        && (last.setting("lowest_temperature") - last.critical_temperature()).abs() < 1e-9
    {
        "T = T_{c}".to_owned()
    } else {
        last.data()
    };
    let ratio = last.setting("hidden") / last.lattice.sites() as f64;
    format!("{data}, {}, N_{{h}} = {} N", last.trained(), plot::panel::digits(ratio, 2))
}

/// A quantity against L in double logarithms, of the data and of what each series of machines makes of them.
fn against_size(
    canvas: &mut Canvas,
    frame: plot::Rect,
    series: &[(String, Vec<&Row>)],
    (quantity, label, power): (&str, &str, f64),
) -> Plot {
    let get = |row: &Row, state: &str| row.get(&format!("{state}_{quantity}"));
    let all = || series.iter().flat_map(|(_, rows)| rows.iter().copied());
    let values = all().flat_map(|row| STATES.map(|state| get(row, state.0).value));
    let (low, high) = plot::axis::extent(values.filter(|v| *v > 0.0));
    let mut sizes: Vec<f64> = all().map(|row| row.setting("size")).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    let (least, most) = (sizes[0], sizes[sizes.len() - 1]);
    let ticks = sizes.iter().map(|&size| (size, short(size))).collect();
    // Less than a decade.
    let tenths = (1..=10).map(|k| f64::from(k) / 10.0).filter(|y| (low * 0.9..=high * 1.1).contains(y));
    let tenths = tenths.map(|y| (y, short(y))).collect();
    let x = Axis::log("L", least * 0.9, most * 1.1).with_ticks(ticks);
    let y = Axis::log(label, low * 0.9, high * 1.1).with_ticks(tenths);
    let mut plot = Plot::new(canvas, frame, x, y);
    for (i, (_, rows)) in series.iter().enumerate() {
        for (state, words, _) in STATES {
            // All series start from the same law.
            if state == "start" && i > 0 {
                continue;
            }
            let stroke = stroke(state, i, series.len());
            let points: Vec<(f64, f64, f64)> = rows
                .iter()
                .map(|row| (row.setting("size"), get(row, state).value, get(row, state).error))
                .filter(|p| p.1 > 0.0)
                .collect();
            let Some(first) = points.first().filter(|_| state == "start") else {
                plot.line(canvas, &points.iter().map(|p| (p.0, p.1)).collect::<Vec<_>>(), &stroke);
                plot.name = format!("{words}, {}", name(rows));
                plot.points(canvas, &points, marker(state), 6.5, &stroke.colour);
                continue;
            };
            let exact = |size: f64| (size, first.1 * (size / first.0).powf(-power));
            plot.line(canvas, &[exact(least), exact(most)], &Stroke::new(MUTED, 1.1).dashed("5 3"));
            plot.name = words.to_owned();
            plot.points(canvas, &points, marker(state), 6.5, &stroke.colour);
        }
    }
    plot
}

fn marker(state: &str) -> Marker {
    match state {
        "start" => Marker::Circle,
        "step" => Marker::Square,
        _ => Marker::Down,
    }
}

fn stroke(state: &str, i: usize, all: usize) -> Stroke {
    if state == "start" { Stroke::new(plot::colour::INK, 1.4) } else { look(i, all).1 }
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let series = series(&rows);
    let dashed = Stroke::new(MUTED, 1.1).dashed("5 3");
    let mut keys: Vec<Key> =
        STATES.iter().map(|(state, words, _)| Key::marker(words, marker(state), plot::colour::INK)).collect();
    for (i, (_, rows)) in series.iter().enumerate() {
        keys.push(Key::line(&name(rows), look(i, series.len()).1));
    }
    keys.push(Key::line("Ising model", dashed.clone()));
    let grid = Grid { count: 3, widths: &[210.0; 3], height: 230.0, across: [62.0, 74.0, 20.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    let panels = [
        ("abs_magnetization", "⟨|m|⟩", SPIN_DIMENSION),
        ("half_correlation", "G(L/2)", 2.0 * SPIN_DIMENSION),
    ];
    for (i, (panel, title)) in panels.into_iter().zip(["Magnetization", "Correlation"]).enumerate() {
        let plot = against_size(&mut canvas, frames[i], &series, panel);
        plot.finish(&mut canvas);
        plot.title(&mut canvas, ["a", "b"][i], title);
    }
    // The data, and then both states of each series.
    let mut places: Vec<(String, Estimate, Estimate)> = vec![];
    for (i, (_, rows)) in series.iter().enumerate() {
        let last = rows[rows.len() - 1];
        for (state, ..) in STATES.iter().filter(|(state, ..)| i == 0 || *state != "start") {
            let get = |name: &str| last.get(&format!("{state}_{name}"));
            let label = if *state == "start" { "data".to_owned() } else { format!("{state} {}", i + 1) };
            places.push((label, get("spin_dimension"), get("energy_dimension")));
        }
    }
    let ticks = places.iter().enumerate().map(|(place, p)| (place as f64, p.0.clone())).collect();
    let x = Axis::linear("", -0.6, places.len() as f64 - 0.4).with_ticks(ticks).without_grid();
    let values = super::reach(places.iter().flat_map(|p| [p.1, p.2])).chain([0.0, ENERGY_DIMENSION]);
    let mut plot = Plot::new(&mut canvas, frames[2], x, Axis::around("scaling dimension", values));
    for exact in [SPIN_DIMENSION, ENERGY_DIMENSION] {
        plot.horizontal(&mut canvas, exact, &dashed);
    }
    for (second, name, marker, colour) in
        [(false, "Δ_{σ}", Marker::Circle, BLUE), (true, "Δ_{ε}", Marker::Square, VERMILLION)]
    {
        let points: Vec<(f64, f64, f64)> = places
            .iter()
            .enumerate()
            .map(|(place, p)| (place as f64, if second { p.2 } else { p.1 }))
            .filter(|(_, e)| e.exists())
            .map(|(place, e)| (place, e.value, e.error))
            .collect();
        plot.name = name.to_owned();
        plot.points(&mut canvas, &points, marker, 6.5, colour);
    }
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "c", "Scaling dimensions");
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

pub(crate) fn judge(figures: &Figures) -> Vec<Claim> {
    let fifth = |exact: f64| (Some(0.8 * exact), Some(1.2 * exact), "a fifth");
    [
        Question {
            id: "Q15a",
            statement: "Configurations that a machine makes of those at T_{c} have the Ising model's β/ν",
            column: "machines/step_beta_over_nu",
            rule: "β/ν, minus the slope of ln⟨|m|⟩ against ln L over all lattices, is within a fifth of 1/8",
            band: fifth(SPIN_DIMENSION),
        },
        Question {
            id: "Q15b",
            statement: "They have the scaling dimension of its spin",
            column: "machines/step_spin_dimension",
            rule: "Δ_{σ}, half of minus the slope of ln G(L/2) against ln L over all lattices, is within a fifth of 1/8",
            band: fifth(SPIN_DIMENSION),
        },
        Question {
            id: "Q15c",
            statement: "They have the scaling dimension of its energy",
            column: "machines/step_energy_dimension",
            rule: "Δ_{ε} = 2 − y_{t}, y_{t} from one block spin on the largest lattice with four even couplings, is within a fifth of 1",
            band: fifth(ENERGY_DIMENSION),
        },
    ]
    .map(|question| answer(&question, figures))
    .into()
}

fn answer(question: &Question<'_>, figures: &Figures) -> Claim {
    let column = question.column.trim_start_matches("machines/step_");
    question.answer(figures, |claim, rows, _| {
        let series = series(rows);
        let mut of_data = vec![];
        for (_, rows) in &series {
            let last = rows[rows.len() - 1];
            let get = |state: &str| last.get(&format!("{state}_{column}"));
            let data = get("start");
            for (state, words, _) in STATES.iter().filter(|(state, ..)| *state != "start") {
                let found = get(state);
                let value = format!("{}, for the data {}", written(found), written(data));
                claim.case(format!("{words}, {}", name(rows)), found, value);
            }
            of_data.push(written(data));
        }
        claim.conclude("", Exceptions::Conditions);
        of_data.dedup();
        if !of_data.is_empty() {
            claim
                .conditions
                .push_str(&format!("; the same estimator on the data: {}", of_data.join(" and ")));
        }
        Ok(())
    })
}
