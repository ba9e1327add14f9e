//! F02: energy, magnetization, specific heat and susceptibility against temperature.

use datasets::{Figure, Observables};

use crate::error::FigureError;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::{combine_lists, interpolate, pair};
use crate::wording::{lattice, replicas};
use plot::Style;
use plot::colour::{BLUE, INK, MUTED};
use plot::labels::Key;
use plot::layout::SHARED;
use plot::{Axis, Grid, Marker, Plot, Stroke};

type Series = (&'static str, &'static str, &'static str, fn(&Observables) -> (&Vec<f64>, &Vec<f64>));

const SERIES: [Series; 4] = [
    ("energy_per_spin", "J", "mean energy per site", |o| (&o.energy_per_spin, &o.energy_per_spin_error)),
    ("abs_magnetization", "1", "mean |m|", |o| (&o.abs_magnetization, &o.abs_magnetization_error)),
    ("specific_heat", "k_B", "specific heat per site", |o| (&o.specific_heat, &o.specific_heat_error)),
    ("susceptibility", "1/J", "susceptibility of |m| per site", |o| {
        (&o.susceptibility, &o.susceptibility_error)
    }),
];

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Thermal averages of the training data");
    let Some(first) = run.replicas.iter().find_map(|r| r.spins.as_ref()) else {
        record.missing("the training data");
        return record.finish("");
    };
    let Some(table) = &run.equation_of_state else {
        record.missing("the table of thermal averages");
        return record.finish("");
    };
    let sites = first.sites() as f64;
    let finite: Vec<usize> =
        (0..first.temperature.len()).filter(|&i| first.temperature[i].is_finite()).collect();
    let temperature: Vec<f64> = finite.iter().map(|&i| first.temperature[i]).collect();
    record.list("temperature", &temperature, "temperature", "J/k_B", "sampled temperatures");
    let susceptibility: Vec<f64> = (0..table.temperature.len())
        .map(|i| {
            let t = table.temperature[i];
            let variance = table.squared_magnetization[i] - table.abs_magnetization[i].powi(2);
            if t > 0.0 { sites * variance / t } else { 0.0 }
        })
        .collect();
    let exact: [&[f64]; 4] =
        [&table.energy_per_spin, &table.abs_magnetization, &table.specific_heat, &susceptibility];
    let most = temperature.iter().copied().fold(0.0, f64::max);
    let shown: Vec<usize> =
        (0..table.temperature.len()).filter(|&i| table.temperature[i] <= most + 1e-9).collect();
    let curve = |values: &[f64]| -> Vec<f64> { shown.iter().map(|&i| values[i]).collect() };
    let what = "temperatures of the curves";
    record.list("curve/temperature", &curve(&table.temperature), "point", "J/k_B", what);
    let source = match table.source {
        datasets::Source::Exact => "exact",
        datasets::Source::Measured => "measured",
    };
    record.text("curve_source", source);
    let mut largest: f64 = 0.0;
    for ((name, units, what, pick), exact) in SERIES.iter().zip(exact) {
        let lists: Vec<Vec<_>> = run
            .replicas
            .iter()
            .filter_map(|r| r.spins.as_ref())
            .filter(|spins| spins.temperature == first.temperature)
            .map(|spins| {
                let (values, errors) = pick(&spins.observables);
                let all = pair(values, errors);
                finite.iter().filter_map(|&i| all.get(i).copied()).collect()
            })
            .collect();
        let mean = combine_lists(&lists);
        for (estimate, &t) in mean.iter().zip(&temperature) {
            if let Some(expected) =
                interpolate(&table.temperature, exact, t).filter(|_| estimate.error > 1e-12)
            {
                largest = largest.max((estimate.value - expected).abs() / estimate.error);
            }
        }
        record.estimates(name, &mean, "temperature", units, what);
        record.list(&format!("curve/{name}"), &curve(exact), "point", units, &format!("{what}, {source}"));
    }
    record.real("largest_deviation", largest);
    record.axes("temperature T (J/k_B)", "see each array");
    record.text(
        "see",
        &format!(
            "No point is further than {largest:.1} standard errors from the {source} values of this lattice."
        ),
    );
    record.finish(&format!(
        "Energy, magnetization, specific heat and susceptibility χ = N(⟨m²⟩ − ⟨|m|⟩²)/T against temperature: Monte Carlo \
         ({}, {}, {} of {} configurations; points with errors) and the {source} values of this \
         lattice (curves). Dashed: \
         T_{{c}} = {:.3} of the infinite lattice.",
        first.algorithm,
        lattice(first.lattice),
        replicas(run.replicas.len()),
        first.samples.nrows(),
        run.critical_temperature(),
    ))
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let temperature = numbers.list("temperature")?;
    let curve_temperature = numbers.list("curve/temperature")?;
    let most = temperature.iter().copied().fold(1.0, f64::max);
    let source = numbers.text("curve_source");
    let entries = [
        Key::marker("Monte Carlo", Marker::Circle, BLUE),
        Key::line(&format!("{source}, this lattice"), Stroke::new(INK, 1.3)),
        Key::line("T_{c}", Stroke::new(MUTED, 1.1).dashed("5 3")),
    ];
    let grid =
        Grid { count: 4, widths: &[286.0; 2], height: 192.0, across: [62.0, 66.0, 20.0], down: SHARED };
    let (mut canvas, panels) = grid.begin(style, id, &entries);
    let ground = numbers.lattice().map_or(2.0, |lattice| lattice.bonds_per_site());
    let titles = ["Energy per site", "Magnetization", "Specific heat per site", "Susceptibility of |m|"];
    let labels = ["⟨E⟩/N (J)", "⟨|m|⟩", "C/N (k_{B})", "χ (1/J)"];
    for (i, (name, ..)) in SERIES.iter().enumerate() {
        let values = numbers.estimates(name)?;
        let curve = numbers.list(&format!("curve/{name}"))?;
        let y = match i {
            0 => Axis::linear(labels[0], -1.04 * ground, 0.0),
            1 => Axis::linear(labels[1], 0.0, 1.04),
            _ => Axis::around(
                labels[i],
                curve.iter().copied().chain(values.iter().map(|v| v.value + v.error.max(0.0))),
            ),
        };
        let x =
            Axis::linear(if panels.is_lowest(i) { "temperature T (J/k_{B})" } else { "" }, 0.0, most + 0.15);
        let mut plot = Plot::new(&mut canvas, panels.frames[i], x, y);
        plot.critical_x(&mut canvas, numbers.critical_temperature());
        let line: Vec<(f64, f64, f64)> =
            curve_temperature.iter().zip(curve).map(|(&t, v)| (t, v, 0.0)).collect();
        plot.name = format!("{}, {source}", titles[i]);
        plot.curve(&mut canvas, &line, &Stroke::new(INK, 1.3), 0.0);
        let points: Vec<(f64, f64, f64)> =
            temperature.iter().zip(&values).map(|(&t, v)| (t, v.value, v.error)).collect();
        plot.name = format!("{}, Monte Carlo", titles[i]);
        plot.points(&mut canvas, &points, Marker::Circle, 6.0, BLUE);
        plot.finish(&mut canvas);
        plot.title(&mut canvas, ["a", "b", "c", "d"][i], titles[i]);
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}
