//! Q11: why the flow goes inwards, and when it reads T_c.

use datasets::{Balance, Figure, Figures, Value};
use lattice::Lattice;
use ndarray::Array2;
use rg_flow::balance_zeros;
use rg_flow::theory::{critical_squared_magnetization, independent_energy_ratio};

use super::columns::{self, Row};
use super::kinds::{self, Kind, kinds, table};
use super::{
    Exceptions, Question, by_hidden, draw_machines, look, machine_keys, reach, spread_out, squared,
    with_fixed_point,
};
use crate::claims::{Claim, critical_temperature};
use crate::error::FigureError;
use crate::point::Point;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::Estimate;
use crate::wording::{list, short, written};
use plot::Style;
use plot::colour::{INK, MUTED};
use plot::labels::Key;
use plot::layout::{NAMED, Panels};
use plot::{Axis, Grid, Plot, Stroke};

/// The name of an axis, a title, the value at the critical point, and the number of a machine.
type Panel = (&'static str, &'static str, f64, fn(&Row) -> Estimate);

/// The group of the growth at each temperature.
const BALANCE: &str = "balance";
/// Curves of the balance that are drawn.
const CURVES: usize = 4;

/// The energy of the end state over that of independent spins with its magnetization.
fn ratio(point: &Point, lattice: Lattice) -> Estimate {
    let value = |estimate: Estimate| Value { value: estimate.value, error: estimate.error };
    let (energy, m) = (kinds::energy(point), kinds::abs_magnetization(point));
    kinds::estimate(independent_energy_ratio(lattice, value(energy), value(m)))
}

/// The growth at one temperature.
fn growth(point: &Point, temperature: f64) -> Estimate {
    let at = |(temperatures, balance): &(Vec<f64>, Balance)| {
        let place = temperatures.iter().position(|&t| t == temperature)?;
        Some(kinds::estimate(balance.growth[place]))
    };
    point.balance.as_ref().and_then(at).unwrap_or(Estimate::NONE)
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Why does the flow go inwards, and when does it read T_{c}?");
    let lattice = run.lattice();
    let chosen: Vec<Kind<'_>> = kinds(run)
        .into_iter()
        .filter(|kind| kind.settings.lattice == lattice && kind.over(kinds::energy).exists())
        .collect();
    let critical = table(run, lattice, 0.0).and_then(critical_squared_magnetization);
    let Some(critical) = critical.filter(|_| !chosen.is_empty()) else {
        record.missing("machines with a flow, or the Ising model's thermal averages");
        return record.finish("");
    };
    columns::record(&mut record, &chosen);
    let ratios: Vec<Estimate> = chosen.iter().map(|kind| kind.over(|point| ratio(point, lattice))).collect();
    let what = "energy of the end state over that of independent spins with its magnetization";
    columns::add(&mut record, "independent_energy_ratio", &ratios, "1", what);
    record.real("critical_squared_magnetization", critical);
    let balanced = chosen.iter().flat_map(|kind| &kind.points).filter_map(|point| point.balance.as_ref());
    let longest = balanced.map(|(temperatures, _)| temperatures).max_by_key(|list| list.len());
    if let Some(temperatures) = longest {
        let of = |kind: &Kind<'_>, k: usize| kind.over(|point| growth(point, temperatures[k]));
        let shape = (chosen.len(), temperatures.len());
        let values = Array2::from_shape_fn(shape, |(row, k)| of(&chosen[row], k).value);
        let errors = Array2::from_shape_fn(shape, |(row, k)| of(&chosen[row], k).error);
        let path = format!("{BALANCE}/temperature");
        record.list(&path, temperatures, "temperature", "J/k_B", "temperature before the step");
        let what = "rate at which contrastive divergence from this temperature alone makes the weights grow";
        let path = format!("{BALANCE}/growth");
        record.grid_with_error(&path, (&values, &errors), "machine,temperature", "1", what);
        record_zeros(&mut record, temperatures, &values, &errors);
    }
    record.axes("N_h; T (J/k_B)", "m^2; T_E at the end of the flow (J/k_B); growth");
    let bulk = ising_mc::exact::critical_correlation(lattice.kind()).unwrap_or(f64::NAN);
    let (bonds, infinite) = (short(lattice.bonds_per_site()), short(bulk));
    record.finish(&format!(
        "Machines of the main training set, by N_{{h}}. (a) The squared magnetization m*² where the flow comes to rest. Its end state is \
         magnetization and little else: the energy per site is −{bonds} m*². So it has the energy of the critical point, and T_{{E}} = T_{{c}}, where m*² is the energy \
         per bond at T_{{c}}, {} J on this lattice (dashed); on the infinite one {infinite}. (b) T_{{E}} there. m*² is set by the training set and by N_{{h}}, \
         the dashed line by the lattice: they cross at one N_{{h}}, and nothing makes them meet elsewhere. Open points: no fixed point. (c) Why the flow goes inwards: \
         the rate at which contrastive divergence makes the weights grow from the configurations at one temperature alone. Where it is positive, one step takes \
         configurations away from the weights, which is heating; where it is negative, it cools. A training at rest has the sum 0 over its temperatures (with weight decay λ: \
         the mean λ), so that both signs, and a zero between them, must be there whatever the data. Where it has several zeros, the zero that is quoted is the last at which heating gives way \
         to cooling.",
        short(critical),
    ))
}

/// All zeros of the growth of each kind of machine; NaN behind the last one.
fn record_zeros(record: &mut Record, temperatures: &[f64], values: &Array2<f64>, errors: &Array2<f64>) {
    let zeros: Vec<Vec<Value>> = (values.rows().into_iter().zip(errors.rows()))
        .map(|(values, errors)| {
            let growth = temperatures.iter().zip(values).zip(errors);
            let growth = growth.map(|((&t, &value), &error)| (t, Value { value, error }));
            let mut growth: Vec<(f64, Value)> =
                growth.filter(|(_, growth)| growth.value.is_finite()).collect();
            growth.sort_by(|a, b| a.0.total_cmp(&b.0));
            balance_zeros(&growth)
        })
        .collect();
    let most = zeros.iter().map(Vec::len).max().unwrap_or(0);
    let grid = |pick: fn(&Value) -> f64| {
        Array2::from_shape_fn((zeros.len(), most), |(row, z)| zeros[row].get(z).map_or(f64::NAN, pick))
    };
    let (value, error) = (grid(|zero| zero.value), grid(|zero| zero.error));
    let what = "temperatures at which the growth changes its sign beyond its errors";
    record.grid_with_error(&format!("{BALANCE}/zeros"), (&value, &error), "machine,zero", "J/k_B", what);
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

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let main: Vec<&Row> = by_hidden(&rows).into_iter().map(|(_, row)| row).collect();
    let dashed = Stroke::new(MUTED, 1.1).dashed("5 3");
    let mut keys = machine_keys().to_vec();
    keys.push(Key::line("the critical point", dashed.clone()));
    keys.push(Key::line("where it is crossed", Stroke::new(INK, 0.8)));
    let curves = spread_out(by_hidden(&rows), CURVES);
    for (i, (_, row)) in curves.iter().enumerate() {
        let name = format!("growth, N_{{h}} = {}", row.setting("hidden"));
        keys.push(Key::line(&name, look(i, curves.len()).1));
    }
    let grid = Grid { count: 3, widths: &[210.0; 3], height: 210.0, across: [62.0, 74.0, 20.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    let hidden = main.iter().map(|row| row.setting("hidden"));
    let (least, most) = plot::axis::extent(hidden);
    let bond = numbers.real("critical_squared_magnetization").unwrap_or(f64::NAN);
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
    if numbers.has(&format!("{BALANCE}/growth")) {
        let temperatures = numbers.list(&format!("{BALANCE}/temperature"))?;
        let growth = numbers.grid(&format!("{BALANCE}/growth"))?;
        let errors = numbers.grid(&format!("{BALANCE}/growth_error"))?;
        let finite = temperatures.iter().copied().filter(|t| t.is_finite());
        let (_, hottest) = plot::axis::extent(finite);
        let values = curves.iter().flat_map(|(place, _)| growth.row(*place).to_vec());
        let values = values.filter(|value| value.is_finite()).chain([0.0]);
        let (x, y) =
            (Axis::linear("T before the step (J/k_{B})", 0.0, hottest), Axis::around("growth", values));
        let mut plot = Plot::new(&mut canvas, frames[2], x, y);
        plot.horizontal(&mut canvas, 0.0, &Stroke::new(MUTED, 0.8));
        plot.vertical(&mut canvas, numbers.critical_temperature(), &dashed);
        for (i, (place, row)) in curves.iter().enumerate() {
            let points = temperatures.iter().zip(growth.row(*place)).zip(errors.row(*place));
            let curve: Vec<(f64, f64, f64)> = points
                .map(|((&t, &growth), &error)| (t, growth, error))
                .filter(|(t, growth, _)| t.is_finite() && growth.is_finite())
                .collect();
            plot.name = format!("N_{{h}} = {}", row.setting("hidden"));
            plot.curve(&mut canvas, &curve, &look(i, curves.len()).1, f64::INFINITY);
        }
        plot.finish(&mut canvas);
        plot.title(&mut canvas, "c", "Heating and cooling");
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

pub(crate) fn judge(figures: &Figures) -> Vec<Claim> {
    vec![judge_crossing(figures), judge_balance(figures)]
}

fn judge_crossing(figures: &Figures) -> Claim {
    let question = Question {
        id: "Q11a",
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
        let bond = numbers.real("critical_squared_magnetization").unwrap_or(f64::NAN);
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

fn judge_balance(figures: &Figures) -> Claim {
    let question = Question {
        id: "Q11b",
        statement: "The flow goes inwards because training balances heating against cooling: one step heats the coldest and cools the hottest \
                    training temperatures, whatever the data",
        column: "machines/balance_zero",
        rule: "for a machine trained by CD-1, the temperature at which one step changes from heating to cooling, in the direction of the weights, lies \
               inside the range of the training temperatures; the number is its place in that range",
        band: (Some(0.0), Some(1.0), "the ends of the training range"),
    };
    question.answer(figures, |claim, rows, numbers| {
        let path = format!("{BALANCE}/zeros");
        let zeros = if numbers.has(&path) { Some(numbers.grid_with_error(&path)?) } else { None };
        // Those that are certain, if they are several.
        let several = |place: usize| {
            let (value, error) = zeros.as_ref()?;
            let own = value.row(place).into_iter().zip(error.row(place)).map(|(&v, &e)| Estimate::new(v, e));
            let own: Vec<String> = own.filter(|zero| zero.exists()).map(written).collect();
            (own.len() > 1).then(|| {
                format!(" (of several: {}; the last at which heating gives way to cooling)", list(&own))
            })
        };
        let trained = |row: &Row| row.trainer.starts_with("cd") && row.setting("gibbs_steps") == 1.0;
        let mut differences = vec![];
        for (place_of_row, row) in rows.iter().enumerate().filter(|(_, row)| trained(row)) {
            let (low, high) = (row.setting("lowest_temperature"), row.setting("highest_temperature"));
            let zero = row.get("balance_zero");
            if !high.is_finite() || high <= low {
                continue;
            }
            let place = Estimate::new((zero.value - low) / (high - low), zero.error / (high - low));
            let value = format!(
                "T = {}{}, mean growth {} over the training temperatures",
                written(zero),
                several(place_of_row).unwrap_or_default(),
                written(row.get("balance_mean"))
            );
            claim.case(row.name(), place, value);
            let temperature = row.get("energy_temperature");
            if zero.exists() && row.is_settled() {
                differences.push((zero.value - temperature.value).abs());
            }
        }
        claim.conclude("", Exceptions::Conditions);
        if let Some(largest) = differences.iter().copied().reduce(f64::max) {
            claim.conditions.push_str(&format!(
                "; the zero is up to {} J/k_{{B}} from T_{{E}} of the fixed point",
                short(largest)
            ));
        }
        Ok(())
    })
}
