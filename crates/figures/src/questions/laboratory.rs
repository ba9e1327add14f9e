//! Q17: machines that are trained at one temperature each, and the thermodynamics of that temperature.

use datasets::{Figure, Figures};
use rg_flow::state;

use super::columns::{self, Row};
use super::kinds::{self, Kind, over_ends};
use super::{Exceptions, Question, look, named_series, reach, with_fixed_point};
use crate::claims::Claim;
use crate::critical::RESOLUTION;
use crate::error::FigureError;
use crate::point::Point;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::Estimate;
use crate::wording::{short, written};
use plot::Style;
use plot::colour::INK;
use plot::labels::Key;
use plot::layout::SHARED;
use plot::{Axis, Grid, Plot, Stroke};

/// Fewer temperatures than these are no curve.
const FEWEST: usize = 3;

/// What is compared: the column of the machine and that of the exact value, the axis, and the title.
const QUANTITIES: [(&str, &str, &str, &str); 6] = [
    ("energy_per_spin", "exact_energy", "energy / spin (J)", "Energy"),
    ("specific_heat", "exact_specific_heat", "c (k_{B})", "Specific heat"),
    ("abs_magnetization", "exact_abs_magnetization", "⟨|m|⟩", "Magnetization"),
    ("susceptibility", "exact_susceptibility", "χ (1/J)", "Susceptibility"),
    ("entropy", "exact_entropy", "entropy / spin (nats)", "Entropy"),
    ("excess", "", "divergence (nats)", "Divergence from the law"),
];

/// The training temperature of a kind that has but one, which is neither 0 nor ∞; of the plain Ising model.
fn temperature(kind: &Kind<'_>) -> Option<f64> {
    let settings = kind.settings;
    match settings.temperatures[..] {
        [only] if only > 0.0 && only.is_finite() => Some(only),
        _ => None,
    }
    .filter(|_| settings.model == "ising" && settings.fields == [0.0])
}

/// Whether machines differ in nothing but their one temperature.
fn alike(a: &Kind<'_>, b: &Kind<'_>) -> bool {
    let mut settings = b.settings.clone();
    settings.temperatures.clone_from(&a.settings.temperatures);
    settings == *a.settings && a.hidden == b.hidden
}

/// c of the machine's own configurations.
fn specific_heat(point: &Point, t: f64) -> Estimate {
    over_ends(point, |end| Some(state::specific_heat(end.energy_variance, t)))
}

/// χ likewise.
fn susceptibility(point: &Point, t: f64) -> Estimate {
    let sites = point.settings.lattice.sites();
    over_ends(point, |end| {
        Some(state::susceptibility(sites, end.abs_magnetization, end.squared_magnetization, t))
    })
}

/// The entropy of the machine for each spin; none if flows did not record F, or ln Z is not known.
fn entropy(point: &Point) -> Estimate {
    let free_energy = over_ends(point, |end| end.free_energy);
    let log_partition = point.likelihood.as_ref().and_then(|found| found.log_partition);
    let free_energy = datasets::Value { value: free_energy.value, error: free_energy.error };
    let sites = point.settings.lattice.sites();
    log_partition.map_or(Estimate::NONE, |ln_z| kinds::estimate(state::entropy(sites, free_energy, ln_z)))
}

/// The exact entropy of the law for each spin.
fn exact_entropy(point: &Point) -> Estimate {
    let bound = point.likelihood.as_ref().and_then(|found| found.data_bound);
    kinds::single(bound.map(|bound| -bound / point.settings.lattice.sites() as f64))
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Does a machine of one temperature have its thermodynamics?");
    let lattice = run.lattice();
    let all: Vec<Kind<'_>> = kinds::kinds(run)
        .into_iter()
        .filter(|kind| kind.settings.lattice == lattice && temperature(kind).is_some())
        .collect();
    let several = |kind: &&Kind<'_>| all.iter().filter(|other| alike(kind, other)).count() >= FEWEST;
    let chosen: Vec<Kind<'_>> = all.iter().filter(several).cloned().collect();
    if chosen.is_empty() {
        record.missing("machines that are trained at one temperature each, at three or more");
        return record.finish("");
    }
    columns::record(&mut record, &chosen);
    let t = |kind: &Kind<'_>| temperature(kind).unwrap_or(f64::NAN);
    let mut add = |name: &str, units: &str, what: &str, of: &dyn Fn(&Kind<'_>) -> Estimate| {
        let list: Vec<Estimate> = chosen.iter().map(of).collect();
        if list.iter().any(|value| value.exists()) {
            columns::add(&mut record, name, &list, units, what);
        }
    };
    add("specific_heat", "k_B", "variance of the energy at the last step over N T^2", &|kind| {
        kind.over(|point| specific_heat(point, t(kind)))
    });
    add("susceptibility", "1/J", "N times the variance of |m| at the last step over T", &|kind| {
        kind.over(|point| susceptibility(point, t(kind)))
    });
    add("entropy", "nat", "entropy of the machine per spin, mean free energy plus ln Z", &|kind| {
        kind.over(entropy)
    });
    add("exact_entropy", "nat", "exact entropy per spin", &|kind| kind.over(exact_entropy));
    // Exact values are stored with the configurations.
    let spins = run.replicas.iter().find_map(|replica| replica.spins.as_ref());
    let exact = spins.map(|spins| {
        let observables = &spins.observables;
        [
            ("exact_energy", "J", &observables.energy_per_spin_exact),
            ("exact_specific_heat", "k_B", &observables.specific_heat_exact),
            ("exact_abs_magnetization", "1", &observables.abs_magnetization_exact),
            ("exact_susceptibility", "1/J", &observables.susceptibility_exact),
        ]
    });
    for (name, units, values) in exact.into_iter().flatten() {
        add(name, units, "exact value at the training temperature", &|kind| {
            let place = spins.and_then(|spins| spins.index_of(t(kind)));
            let value = place.zip(values.as_ref()).and_then(|(place, values)| values.get(place));
            value.map_or(Estimate::NONE, |&value| Estimate::new(value, 0.0))
        });
    }
    record.axes(
        "training temperature (J/k_B)",
        "energy; specific heat; |m|; susceptibility; entropy; divergence",
    );
    record.finish(
        "Machines that are trained at one temperature each, against that temperature: what they have at the end of their flow, from \
         their own configurations, beside the exact values of the Ising model on the same lattice (black lines). (a) Energy per spin; \
         (b) specific heat, the variance of the energy over N T²; (c) ⟨|m|⟩; (d) susceptibility of |m|; (e) entropy of the machine, \
         which is its mean free energy plus ln Z; (f) the divergence (Kullback–Leibler) of the machine from the law of its data for each \
         configuration, on those that it was not trained on. Dashed: T_{c}.",
    )
}

/// The rows of machines that differ in their temperature alone, by temperature, with their name.
fn series(rows: &[Row]) -> Vec<(String, Vec<&Row>)> {
    let name = |row: &Row| format!("{}, N_{{h}} = {}", row.trained(), row.setting("hidden"));
    named_series(rows, name, trained_at)
}

fn trained_at(row: &Row) -> f64 {
    row.setting("lowest_temperature")
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let series = series(&rows);
    let line = Stroke::new(INK, 1.3);
    let marked = |(i, (name, _)): (usize, &(String, Vec<&Row>))| {
        let (marker, stroke) = look(i, series.len());
        Key::marker(name, marker, &stroke.colour)
    };
    let mut keys: Vec<Key> = series.iter().enumerate().map(marked).collect();
    keys.push(Key::line("exact", line.clone()));
    let grid = Grid {
        count: QUANTITIES.len(),
        widths: &[220.0; 3],
        height: 190.0,
        across: [62.0, 74.0, 24.0],
        down: SHARED,
    };
    let (mut canvas, panels) = grid.begin(style, id, &keys);
    let (cold, hot) = plot::axis::extent(rows.iter().map(trained_at));
    for (panel, (path, ideal, label, title)) in QUANTITIES.into_iter().enumerate() {
        let values = reach(rows.iter().flat_map(|row| [row.get(path), row.get(ideal)]));
        let name = if panels.is_lowest(panel) { "T (J/k_{B})" } else { "" };
        let x = Axis::linear(name, cold - 0.1, hot + 0.1);
        let mut plot = Plot::new(&mut canvas, panels.frames[panel], x, Axis::around(label, values));
        plot.critical_x(&mut canvas, numbers.critical_temperature());
        for (i, (name, rows)) in series.iter().enumerate() {
            let (marker, stroke) = look(i, series.len());
            let exact = rows.iter().filter(|row| row.get(ideal).exists());
            let exact: Vec<(f64, f64)> = exact.map(|row| (trained_at(row), row.get(ideal).value)).collect();
            if i == 0 {
                plot.line(&mut canvas, &exact, &line);
            }
            let there = rows.iter().filter(|row| row.get(path).exists());
            let points: Vec<(f64, f64, f64)> =
                there.map(|row| (trained_at(row), row.get(path).value, row.get(path).error)).collect();
            plot.name.clone_from(name);
            plot.points(&mut canvas, &points, marker, 5.5, &stroke.colour);
        }
        plot.finish(&mut canvas);
        plot.title(&mut canvas, ["a", "b", "c", "d", "e", "f"][panel], title);
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

pub(crate) fn judge(figures: &Figures) -> [Claim; 2] {
    let temperature = Question {
        id: "Q17a",
        statement: "A machine that is trained at one temperature has that temperature",
        column: "machines/energy_temperature",
        rule: "for a training temperature, an N_{h} and a trainer whose flow has a fixed point, T_{E} there is within 0.125 of it",
        band: (
            Some(-RESOLUTION),
            Some(RESOLUTION),
            "T_{E} − T: half the 0.25 spacing of the training temperatures",
        ),
    };
    let temperature = temperature.answer(figures, |claim, rows, _| {
        for row in with_fixed_point(claim, rows) {
            let read = row.get("energy_temperature");
            let name = format!("{}, {}, N_{{h}} = {}", row.data(), row.trained(), row.setting("hidden"));
            let difference = Estimate::new(read.value - trained_at(row), read.error);
            claim.case(name, difference, format!("T_{{E}} = {}", written(read)));
        }
        claim.conclude("", Exceptions::Conditions);
        Ok(())
    });
    let nearer = Question {
        id: "Q17b",
        statement: "With more hidden units a machine of one temperature is nearer to the law of its data",
        column: "machines/excess",
        rule: "for a training temperature and a trainer, the divergence with the most hidden units over that with the fewest is below 1",
        band: (None, Some(1.0), "equal divergences"),
    };
    let nearer = nearer.answer(figures, |claim, rows, _| {
        let known: Vec<&Row> = rows.iter().filter(|row| row.get("excess").value > 0.0).collect();
        for few in &known {
            let same = |row: &&&Row| trained_at(row) == trained_at(few) && row.trained() == few.trained();
            let hidden = |row: &Row| row.setting("hidden");
            let own = || known.iter().filter(same);
            let Some(many) = own().max_by(|a, b| hidden(a).total_cmp(&hidden(b))) else { continue };
            if own().any(|row| hidden(row) < hidden(few)) || hidden(many) == hidden(few) {
                continue;
            }
            let (a, b) = (many.get("excess"), few.get("excess"));
            let ratio = a.value / b.value;
            let ratio = Estimate::new(ratio, ratio * (a.error / a.value).hypot(b.error / b.value));
            let name = format!("T = {}, {}", short(trained_at(few)), few.trained());
            claim.case(name, ratio, format!("{} / {} nats: {}", written(a), written(b), written(ratio)));
        }
        claim.conclude("", Exceptions::Conditions);
        Ok(())
    });
    [temperature, nearer]
}
