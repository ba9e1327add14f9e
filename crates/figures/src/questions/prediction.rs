//! Q10: whether the weights alone say where the flow comes to rest.

use datasets::{Figure, Figures};
use ndarray::Array2;
use rg_flow::theory::independent_squared_magnetization;

use super::columns::{self, LARGEST_READABLE, Row};
use super::kinds::{self, Kind, kinds, table};
use super::{
    Exceptions, Question, by_hidden, draw_machines, look, machine_keys, reach, spread_out, with_fixed_point,
};
use crate::claims::Claim;
use crate::critical::{RESOLUTION, temperature_scale};
use crate::error::FigureError;
use crate::point::Point;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::{Estimate, combine};
use crate::wording::{short, written};
use plot::Style;
use plot::colour::{INK, MUTED};
use plot::labels::Key;
use plot::layout::{NAMED, Panels};
use plot::{Align, Axis, Grid, Plot, Stroke};

/// Curves of the map that are drawn.
const CURVES: usize = 4;
/// Temperatures that are marked beside the map, in J/k_B on a square lattice.
const MARKED: [f64; 5] = [1.0, 2.0, 2.5, 3.0, 6.0];

/// T_E of the predicted fixed point minus that of the flow.
fn difference(point: &Point) -> Estimate {
    let predicted = kinds::predicted(point, |end| end.energy_temperature);
    let sampled = kinds::energy_temperature(point);
    Estimate::new(predicted.value - sampled.value, sampled.error)
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Do the weights alone say where the flow comes to rest?");
    let has_map = |kind: &Kind<'_>| kind.points.iter().any(|point| point.prediction.is_some());
    let chosen: Vec<Kind<'_>> = kinds(run).into_iter().filter(has_map).collect();
    let Some(magnetization) = chosen
        .iter()
        .flat_map(|kind| &kind.points)
        .find_map(|point| point.prediction.as_ref().map(|p| p.uniform_magnetization.clone()))
    else {
        record.missing("machines with a flow of which the theory says where it ends");
        return record.finish("");
    };
    columns::record(&mut record, &chosen);
    let differences: Vec<Estimate> = chosen.iter().map(|kind| kind.over(difference)).collect();
    let what = "T_E of the fixed point that the weights predict, minus T_E of the sampled flow";
    columns::add(&mut record, "prediction_difference", &differences, "J/k_B", what);
    let image = |kind: &Kind<'_>, k: usize| {
        let of = |point: &&Point| Some(Estimate::bare(*point.prediction.as_ref()?.uniform_image.get(k)?));
        combine(&kind.points.iter().filter_map(of).collect::<Vec<_>>()).value
    };
    let images =
        Array2::from_shape_fn((chosen.len(), magnetization.len()), |(row, k)| image(&chosen[row], k));
    record.list("map/magnetization", &magnetization, "mean", "1", "m, the same on all sites, before a step");
    record.grid("map/image", &images, "machine,mean", "1", "mean over the sites of m' after one step");
    if let Some(table) = table(run, run.lattice(), 0.0) {
        let scale = temperature_scale(run.lattice().kind());
        let marked = MARKED.iter().map(|t| t * scale).chain([run.critical_temperature()]);
        let pairs = marked.filter_map(|t| Some((t, independent_squared_magnetization(table, t)?.sqrt())));
        let mut pairs: Vec<(f64, f64)> = pairs.filter(|(t, m)| *t > 0.0 && m.is_finite()).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (temperatures, means): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let what = "marked temperatures";
        record.list("scale/energy_temperature", &temperatures, "mark", "J/k_B", what);
        let what = "m of a uniform state of independent spins with the energy of that temperature";
        record.list("scale/magnetization", &means, "mark", "1", what);
    }
    record.axes("predicted from the weights", "where the sampled flow comes to rest");
    record.finish(
        "(a) |m| and (b) T_{E} where the flow comes to rest, against the fixed point of the map m → m′ of the mean of each site in one \
         step v → h → v, which follows from the weights without a random number: sites are taken as independent, each with memory of its own \
         spin. On the diagonal the weights alone say it. Open points: the sampled flow has no fixed point, or the map has two. (c) The \
         map for a state with the same m on all sites: it comes to rest where its curve crosses the diagonal. At its right the T_{E} of such \
         a state.",
    )
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let curves = spread_out(by_hidden(&rows), CURVES);
    let diagonal = Stroke::new(MUTED, 1.1).dashed("5 3");
    let mut keys = machine_keys().to_vec();
    keys.push(Key::line("predicted = sampled, m′ = m", diagonal.clone()));
    for (i, (_, row)) in curves.iter().enumerate() {
        let name = format!("map, N_{{h}} = {}", row.setting("hidden"));
        keys.push(Key::line(&name, look(i, curves.len()).1));
    }
    let grid = Grid { count: 3, widths: &[210.0; 3], height: 210.0, across: [62.0, 74.0, 56.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    let panels = [
        ("abs_magnetization", "|m|", "|m| sampled", "Magnetization", 1.0),
        (
            "energy_temperature",
            "T_{E} (J/k_{B})",
            "T_{E} sampled (J/k_{B})",
            "Temperature",
            LARGEST_READABLE * numbers.temperature_scale(),
        ),
    ];
    for (i, (name, x_label, y_label, title, largest)) in panels.into_iter().enumerate() {
        let pair = |row: &Row| (row.get(&format!("predicted_{name}")), row.get(name));
        let shown: Vec<&Row> =
            rows.iter().filter(|row| pair(row).0.value <= largest && pair(row).1.value <= largest).collect();
        let values = reach(shown.iter().flat_map(|row| [pair(row).0, pair(row).1])).collect::<Vec<_>>();
        let (low, high) = plot::axis::extent(values);
        let margin = 0.06 * (high - low).max(0.1);
        let (low, high) = (low - margin, high + margin);
        let x = Axis::linear(&format!("{x_label} from the weights"), low, high);
        let mut plot = Plot::new(&mut canvas, frames[i], x, Axis::linear(y_label, low, high));
        plot.line(&mut canvas, &[(low, low), (high, high)], &diagonal);
        draw_machines(&mut plot, &mut canvas, shown.into_iter(), |row| (pair(row).0.value, pair(row).1));
        plot.finish(&mut canvas);
        plot.title(&mut canvas, ["a", "b"][i], title);
    }
    let magnetization = numbers.list("map/magnetization")?;
    let images = numbers.grid("map/image")?;
    let (x, y) = (Axis::linear("m", 0.0, 1.0), Axis::linear("m′ after one step", 0.0, 1.0));
    let mut plot = Plot::new(&mut canvas, frames[2], x, y);
    plot.line(&mut canvas, &[(0.0, 0.0), (1.0, 1.0)], &diagonal);
    for (i, (index, row)) in curves.iter().enumerate() {
        let curve: Vec<(f64, f64, f64)> = magnetization
            .iter()
            .zip(images.row(*index))
            .filter(|(m, _)| **m >= 0.0)
            .map(|(&m, &image)| (m, image, 0.0))
            .collect();
        plot.name = format!("N_{{h}} = {}", row.setting("hidden"));
        plot.curve(&mut canvas, &curve, &look(i, curves.len()).1, 0.0);
    }
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "c", "The map of a uniform state");
    if numbers.has("scale/magnetization") {
        let right = plot.frame.right();
        let marks =
            numbers.list("scale/magnetization")?.into_iter().zip(numbers.list("scale/energy_temperature")?);
        for (m, temperature) in marks {
            let y = plot.at_y(m);
            canvas.line((right, y), (right + 4.0, y), &Stroke::new(INK, 0.8));
            let critical = (temperature - numbers.critical_temperature()).abs() < 1e-9;
            let text = if critical { "T_{c}".to_owned() } else { short(temperature) };
            canvas.text((right + 7.0, y + 3.5), Align::Left, 10.0, INK, &text);
        }
        canvas.text((right + 30.0, plot.at_y(0.5)), Align::Left, 10.5, INK, "T_{E}");
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

pub(crate) fn judge(figures: &Figures) -> Claim {
    let question = Question {
        id: "Q10",
        statement: "The weights alone say where the flow comes to rest",
        column: "machines/prediction_difference",
        rule: "for a machine whose flow has a fixed point, T_{E} of the fixed point of the map m → m′ that follows from the weights is \
               within 0.125 of T_{E} of the sampled flow",
        band: (Some(-RESOLUTION), Some(RESOLUTION), "half the 0.25 spacing of the training temperatures"),
    };
    question.answer(figures, |claim, rows, _| {
        let predicted = |row: &&Row| row.get("predicted_energy_temperature").exists();
        for row in with_fixed_point(claim, rows.iter().filter(predicted)) {
            let value = format!(
                "T_{{E}} = {} predicted, {} sampled",
                written(row.get("predicted_energy_temperature")),
                written(row.get("energy_temperature"))
            );
            claim.case(row.name(), row.get("prediction_difference"), value);
        }
        claim.conclude("", Exceptions::Conditions);
        Ok(())
    })
}
