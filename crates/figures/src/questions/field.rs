//! Q8: machines trained in an external field, and the maximum of the specific heat.

use datasets::{EquationOfState, Figure, Figures};
use temp_classifier::TemperatureScale;

use super::columns::{self, Row};
use super::kinds::{Kind, energy, heat_maximum, kinds, magnetization};
use super::{Exceptions, Question, with_fixed_point};
use crate::claims::{Claim, Verdict};
use crate::critical::RESOLUTION;
use crate::error::FigureError;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::Estimate;
use crate::wording::{short, written};
use plot::Style;
use plot::colour::{BLUE, INK, MUTED, VERMILLION};
use plot::labels::Key;
use plot::layout::{NAMED, Panels};
use plot::{Axis, Grid, Marker, Plot, Stroke};

/// The temperature at which a table has this energy. Its error is what the energy's error makes of it.
fn read(table: &EquationOfState, energy: Estimate) -> Estimate {
    let scale = TemperatureScale::energy(table).ok().filter(|_| energy.exists());
    let Some(scale) = scale else { return Estimate::NONE };
    let at = |energy: f64| scale.temperature(energy);
    let error = (at(energy.value + energy.error) - at(energy.value - energy.error)).abs() / 2.0;
    Estimate::new(at(energy.value), error)
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Does the flow find the maximum of the specific heat in a field?");
    let lattice = run.lattice();
    let all = kinds(run);
    let in_field = |kind: &Kind<'_>| kind.settings.fields != [0.0];
    let chosen: Vec<Kind<'_>> = all
        .iter()
        .filter(|kind| {
            kind.settings.lattice == lattice
                && kind.settings.model == "ising"
                && kind.settings.temperatures.len() > 2
        })
        .filter(|kind| {
            in_field(kind)
                || all.iter().filter(|other| in_field(other)).any(|other| {
                    let mut settings = other.settings.clone();
                    settings.fields.clone_from(&kind.settings.fields);
                    settings == *kind.settings
                        && other.hidden == kind.hidden
                        && other.settings.fields.len() == 1
                })
        })
        .cloned()
        .collect();
    if !chosen.iter().any(in_field) {
        record.missing("machines trained in a field");
        return record.finish("");
    }
    columns::record(&mut record, &chosen);
    let mut tables: Vec<&EquationOfState> =
        run.equation_of_state.iter().chain(&run.tables).filter(|table| table.lattice == lattice).collect();
    tables.sort_by(|a, b| a.field.total_cmp(&b.field));
    tables.dedup_by_key(|table| table.field.to_bits());
    let maxima: Vec<(f64, f64)> =
        tables.iter().filter_map(|table| Some((table.field, heat_maximum(table)?.0))).collect();
    let own: Vec<Estimate> = chosen
        .iter()
        .map(|kind| match kind.settings.fields[..] {
            [field] => {
                maxima.iter().find(|m| m.0 == field).map_or(Estimate::NONE, |m| Estimate::new(m.1, 0.0))
            }
            _ => Estimate::NONE,
        })
        .collect();
    let what = "temperature of the maximum of the specific heat at the field of the training set";
    columns::add(&mut record, "heat_maximum_temperature", &own, "J/k_B", what);
    let (fields, temperatures): (Vec<f64>, Vec<f64>) = maxima.iter().copied().unzip();
    record.list("maximum/field", &fields, "field", "J", "fields of the tables");
    record.list(
        "maximum/temperature",
        &temperatures,
        "field",
        "J/k_B",
        "temperature of the maximum of the specific heat",
    );
    // A machine of several fields has no field of its own: its energy is read at each of them.
    let several: Vec<&Kind<'_>> = chosen.iter().filter(|kind| kind.settings.fields.len() > 1).collect();
    if !several.is_empty() && !fields.is_empty() {
        let of = |k: usize, f: usize| {
            let table = tables.iter().find(|table| table.field == fields[f]);
            table.map_or(Estimate::NONE, |table| read(table, several[k].over(energy)))
        };
        let shape = (several.len(), fields.len());
        let value = ndarray::Array2::from_shape_fn(shape, |(k, f)| of(k, f).value);
        let error = ndarray::Array2::from_shape_fn(shape, |(k, f)| of(k, f).error);
        let what = "T_E at each field of the machines that were trained at several fields together";
        record.grid_with_error(
            "together/energy_temperature",
            (&value, &error),
            "machine,field",
            "J/k_B",
            what,
        );
        let list: Vec<Estimate> = several.iter().map(|kind| kind.over(magnetization)).collect();
        record.estimates("together/magnetization", &list, "machine", "1", "mean m at the last step");
    }
    record.axes("field h (J)", "T_E at the end of the flow (J/k_B)");
    record.finish(
        "(a) T_{E} at the end of the flow, read at the field h of the training set (temperatures 0 to 6 at that field), and the \
         temperature of the maximum of the specific heat at that field (line). Second colour: machines that were trained on all \
         fields together, whose energy is read at each field. (b) The difference.",
    )
}

/// Fixed points in fields, of the machines of one N_h.
struct Series {
    name: String,
    marker: Marker,
    colour: &'static str,
    /// Field, T_E, error.
    points: Vec<(f64, f64, f64)>,
}

impl Series {
    /// The machines that were trained at one field by N_h, then those that were trained at all.
    fn all(numbers: Numbers<'_>, rows: &[Row]) -> Result<Vec<Self>, FigureError> {
        let (single, several): (Vec<&Row>, Vec<&Row>) =
            rows.iter().partition(|row| row.setting("fields") == 1.0);
        let mut hidden: Vec<f64> = rows.iter().map(|row| row.setting("hidden")).collect();
        hidden.sort_by(f64::total_cmp);
        hidden.dedup();
        let marker = |of: f64| {
            let index = hidden.iter().position(|&h| h == of).unwrap_or(0);
            Marker::SERIES[index % Marker::SERIES.len()]
        };
        let mut series: Vec<Self> = Vec::new();
        for &hidden in &hidden {
            let own = single.iter().filter(|row| row.setting("hidden") == hidden);
            let points = own.map(|row| (row.setting("lowest_field"), row.get("energy_temperature")));
            series.push(Self {
                name: format!("trained at this field, N_{{h}} = {hidden}"),
                marker: marker(hidden),
                colour: BLUE,
                points: points.map(|(field, e)| (field, e.value, e.error)).collect(),
            });
        }
        if numbers.has("together/energy_temperature") {
            let (value, error) = numbers.grid_with_error("together/energy_temperature")?;
            let fields = numbers.list("maximum/field")?;
            for (k, row) in several.iter().enumerate().take(value.nrows()) {
                let points =
                    fields.iter().enumerate().map(|(f, &field)| (field, value[[k, f]], error[[k, f]]));
                series.push(Self {
                    name: format!("at all fields, read at this one, N_{{h}} = {}", row.setting("hidden")),
                    marker: marker(row.setting("hidden")),
                    colour: VERMILLION,
                    points: points.collect(),
                });
            }
        }
        series.iter_mut().for_each(|series| series.points.retain(|p| p.1.is_finite()));
        series.retain(|series| !series.points.is_empty());
        Ok(series)
    }
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let series = Series::all(numbers, &super::rows(numbers)?)?;
    let mut keys: Vec<Key> =
        series.iter().map(|series| Key::marker(&series.name, series.marker, series.colour)).collect();
    keys.push(Key::line("maximum of the specific heat", Stroke::new(INK, 1.4)));
    keys.push(Key::line("T_{c}", Stroke::new(MUTED, 1.1).dashed("5 3")));
    let grid =
        Grid { count: 2, widths: &[330.0; 2], height: 280.0, across: [66.0, 104.0, 30.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    let (fields, maxima) = (numbers.list("maximum/field")?, numbers.list("maximum/temperature")?);
    let curve: Vec<(f64, f64)> = fields.iter().copied().zip(maxima.iter().copied()).collect();
    let maximum = |field: f64| curve.iter().find(|p| p.0 == field).map_or(f64::NAN, |p| p.1);
    let most = fields.iter().copied().fold(0.1, f64::max);
    let x = || Axis::linear("field h (J)", -0.04 * most, 1.06 * most);
    let tc = numbers.critical_temperature();
    let temperatures = series.iter().flat_map(|series| series.points.iter().map(|p| p.1));
    let y = Axis::around("T_{E} (J/k_{B})", temperatures.chain(maxima.iter().copied()).chain([tc]));
    let mut plot = Plot::new(&mut canvas, frames[0], x(), y);
    plot.critical_y(&mut canvas, tc);
    plot.name = "maximum of the specific heat".to_owned();
    plot.line(&mut canvas, &curve, &Stroke::new(INK, 1.4));
    for series in series.iter().rev() {
        plot.name.clone_from(&series.name);
        plot.points(&mut canvas, &series.points, series.marker, 7.0, series.colour);
    }
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "a", "Fixed point in a field");

    let off = |p: &(f64, f64, f64)| (p.0, p.1 - maximum(p.0), p.2);
    let distances = series.iter().flat_map(|series| series.points.iter().map(|p| off(p).1));
    let (low, high) = plot::axis::extent(
        distances.filter(|distance| distance.is_finite()).chain([RESOLUTION, -RESOLUTION]),
    );
    let room = 0.08 * (high - low);
    let y = Axis::linear("T_{E} − T of the maximum (J/k_{B})", low - room, high + room);
    let mut plot = Plot::new(&mut canvas, frames[1], x(), y);
    plot.horizontal(&mut canvas, 0.0, &Stroke::new(INK, 1.4));
    for series in series.iter().rev() {
        let points: Vec<_> = series.points.iter().map(off).filter(|p| p.1.is_finite()).collect();
        plot.name.clone_from(&series.name);
        plot.points(&mut canvas, &points, series.marker, 7.0, series.colour);
    }
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "b", "Distance to the maximum");
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

pub(crate) fn judge(figures: &Figures) -> Claim {
    let question = Question {
        id: "Q8",
        statement: "In a field, the flow ends at the maximum of the specific heat",
        column: "machines/energy_temperature",
        rule: "of a machine trained at one field h > 0, T_{E} at the fixed point, read at that field, is within 0.125 of the temperature \
               of the maximum of the specific heat there",
        band: (Some(-RESOLUTION), Some(RESOLUTION), "half the 0.25 spacing of the training temperatures"),
    };
    question.answer(figures, |claim, rows, numbers| {
        let of_one_field =
            rows.iter().filter(|row| row.setting("fields") == 1.0 && row.setting("lowest_field") != 0.0);
        let mut tested: Vec<(&Row, Estimate)> = with_fixed_point(claim, of_one_field)
            .into_iter()
            .map(|row| {
                let (own, maximum) =
                    (row.get("energy_temperature"), row.get("heat_maximum_temperature").value);
                (row, Estimate::new(own.value - maximum, own.error))
            })
            .filter(|(_, off)| off.exists())
            .collect();
        tested.sort_by(|a, b| a.0.setting("lowest_field").total_cmp(&b.0.setting("lowest_field")));
        for (row, off) in &tested {
            let name =
                format!("h = {}, N_{{h}} = {}", short(row.setting("lowest_field")), row.setting("hidden"));
            claim.case(name, *off, format!("{} from the maximum", written(*off)));
        }
        claim.conclude("", Exceptions::Conditions);
        if tested.is_empty() {
            return Ok(());
        }
        let at = claim.cases.iter().filter(|case| case.verdict == Verdict::Holds).count();
        let said: Vec<String> = tested
            .iter()
            .map(|(row, _)| {
                format!(
                    "T_{{E}} = {} at h = {} (N_{{h}} = {}; maximum at {:.2})",
                    written(row.get("energy_temperature")),
                    short(row.setting("lowest_field")),
                    row.setting("hidden"),
                    row.get("heat_maximum_temperature").value,
                )
            })
            .collect();
        let mut sentence =
            format!("{at} of {} kinds of machines are at the maximum: {}", tested.len(), said.join("; "));
        if numbers.has("together/energy_temperature") {
            let (value, error) = numbers.grid_with_error("together/energy_temperature")?;
            let (fields, maxima) = (numbers.list("maximum/field")?, numbers.list("maximum/temperature")?);
            let read: Vec<String> = (0..value.ncols())
                .filter(|&f| value[[0, f]].is_finite())
                .map(|f| {
                    let own = written(Estimate::new(value[[0, f]], error[[0, f]]));
                    format!("{own} at h = {} (maximum at {:.2})", short(fields[f]), maxima[f])
                })
                .collect();
            if !read.is_empty() {
                sentence
                    .push_str(&format!("; trained on all fields together T_{{E}} is {}", read.join(", ")));
            }
        }
        claim.conditions = sentence;
        Ok(())
    })
}
