//! F10: overlap of the eigenvectors with the uniform vector, and projections of configurations against temperature.

use datasets::{Figure, Weights};
use ndarray::Array2;

use crate::colours::of_training;
use crate::error::FigureError;
use crate::f08_gram::{types, weights_of};
use crate::machine::{Group, Machine};
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::{Estimate, combine, combine_lists};
use crate::wording::{by_replica, machine, written};
use plot::Style;
use plot::colour::{BLUE, GREEN, INK, MUTED};
use plot::{Align, Axis, Canvas, Marker, Plot, Rect, Stroke};

/// Modes whose overlap is shown.
const SHOWN: usize = 10;

/// The machines of the main picture of a type that have weights, with the index of their replica.
fn with_weights<'a>(run: &'a Run, training: &str) -> Vec<(usize, &'a Machine)> {
    let hidden = run.main_hidden(training);
    let wanted = |m: &&Machine| {
        m.group == Group::Main && m.training == training && Some(m.hidden) == hidden && m.weights.is_some()
    };
    let replicas = run.replicas.iter().enumerate();
    replicas.filter_map(|(index, replica)| Some((index, replica.machines.iter().find(wanted)?))).collect()
}

/// The largest relative deviation of the leading projection from N⟨m²⟩ over all temperatures.
fn largest_deviation(machine: &Machine) -> f64 {
    let Some(weights) = &machine.weights else { return f64::NAN };
    (0..weights.temperature.len())
        .map(|t| (weights.projection[[t, 0]] / weights.squared_magnetization[t] - 1.0).abs())
        .filter(|v| v.is_finite())
        .fold(0.0, f64::max)
}

/// The overlap of the leading eigenvector of each replica.
pub(crate) fn leading(overlap: &Array2<f64>) -> Vec<f64> {
    overlap.columns().into_iter().next().map(|column| column.to_vec()).unwrap_or_default()
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("The leading eigenvector is the magnetization");
    let mut said = Vec::new();
    for training in types(run) {
        let weights = weights_of(run, &training);
        if weights.is_empty() {
            record.missing(format!("the weights of a machine of type {training}"));
            continue;
        }
        let shown = weights.iter().map(|w| w.uniform_overlap.len()).fold(SHOWN, usize::min);
        let overlap = Array2::from_shape_fn((weights.len(), shown), |(r, k)| weights[r].uniform_overlap[k]);
        let what = "squared overlap of each leading eigenvector with the uniform vector, in each replica";
        record.grid(&format!("{training}/uniform_overlap"), &overlap, "replica,mode", "1", what);
        let machines: Vec<(usize, &Machine)> = with_weights(run, &training);
        let each =
            |pick: &dyn Fn(&Machine) -> f64| -> Vec<f64> { machines.iter().map(|m| pick(m.1)).collect() };
        let numbers: Vec<u64> = machines.iter().map(|m| m.0 as u64 + 1).collect();
        let what = "number of the replica, from 1";
        record.counts(&format!("{training}/replica"), &numbers, "replica", "1", what);
        let largest = each(&|m| m.rbm.max_abs_weight());
        let what = "largest |W| in each replica";
        record.list(&format!("{training}/max_abs_weight_by_replica"), &largest, "replica", "1", what);
        said.push(format!("{training} {}", by_replica(&leading(&overlap))));
    }
    let main = run.main_training();
    let weights = weights_of(run, main);
    let mut deviation = Estimate::NONE;
    if let Some(first) = weights.first() {
        let alike: Vec<&&Weights> = weights.iter().filter(|w| w.temperature == first.temperature).collect();
        record.list(
            "temperature",
            &first.temperature,
            "temperature",
            "J/k_B",
            "temperature of the configurations",
        );
        let mode = |k: usize| -> Vec<Estimate> {
            let lists: Vec<Vec<Estimate>> = alike
                .iter()
                .map(|w| {
                    (0..w.temperature.len())
                        .map(|t| Estimate::new(w.projection[[t, k]], w.projection_error[[t, k]]))
                        .collect()
                })
                .collect();
            combine_lists(&lists)
        };
        let what = "mean squared projection of configurations on the leading eigenvector";
        record.estimates("projection", &mode(0), "temperature", "1", what);
        let next: Vec<Vec<Estimate>> = (1..5.min(first.projection.ncols())).map(mode).collect();
        let average: Vec<Estimate> = (0..first.temperature.len())
            .map(|t| {
                let n = next.len() as f64;
                let sum: f64 = next.iter().map(|m| m[t].value).sum();
                let squares: f64 = next.iter().map(|m| m[t].error.powi(2)).sum();
                Estimate::new(sum / n, squares.sqrt() / n)
            })
            .collect();
        let what = "mean squared projection on eigenvectors 2 to 5, mean over them";
        record.estimates("projection_next", &average, "temperature", "1", what);
        let lists: Vec<Vec<Estimate>> = alike
            .iter()
            .map(|w| w.squared_magnetization.iter().map(|&v| Estimate::bare(v)).collect())
            .collect();
        let what = "N⟨m²⟩ of the same configurations";
        record.estimates("squared_magnetization", &combine_lists(&lists), "temperature", "1", what);
        let ratios: Vec<Vec<Estimate>> = alike
            .iter()
            .map(|w| {
                (0..w.temperature.len())
                    .map(|t| {
                        let norm = w.squared_magnetization[t];
                        Estimate::new(w.projection[[t, 0]] / norm, w.projection_error[[t, 0]] / norm)
                    })
                    .collect()
            })
            .collect();
        // The two are means over the same configurations: the scatter of the ratio over replicas is the error.
        let without_own: Vec<Vec<Estimate>> = if ratios.len() > 1 {
            ratios.iter().map(|l| l.iter().map(|e| Estimate::bare(e.value)).collect()).collect()
        } else {
            ratios
        };
        let ratio = combine_lists(&without_own);
        record.estimates("ratio", &ratio, "temperature", "1", "projection divided by N⟨m²⟩");
        let largest: Vec<f64> = with_weights(run, main).iter().map(|m| largest_deviation(m.1)).collect();
        let what = "largest |ratio − 1| over all temperatures in each replica";
        record.list("largest_deviation_by_replica", &largest, "replica", "1", what);
        deviation = combine(&largest.iter().map(|&v| Estimate::bare(v)).collect::<Vec<_>>());
        let what = "largest |ratio − 1| over all temperatures, mean over replicas";
        record.estimates("largest_deviation", &[deviation], "all", "1", what);
    }
    record.text("main_training", main);
    record.axes("mode; temperature T (J/k_B)", "overlap; projection");
    let settings = run.main_picture(main).first().map(|m| machine(m)).unwrap_or_default();
    record.text(
        "see",
        &format!("Squared overlap of the leading vector with the uniform one: {}.", said.join(", ")),
    );
    record.finish(&format!(
        "(a) Squared overlap of the ten leading eigenvectors of W·Wᵀ with the uniform vector, a point for each replica. (b) Mean \
         squared projection ⟨(u_{{k}}·v)²⟩ of the training configurations at each temperature on the leading eigenvector \
         of type {main} (points) with N⟨m²⟩ (curve), and on eigenvectors 2 to 5 (diamonds); dashed: T_{{c}} = {:.3}. (c) Ratio of the two; its largest distance from 1 is {}. Main settings: {settings}.",
        run.critical_temperature(),
        written(deviation),
    ))
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let main = numbers.text("main_training");
    let types: Vec<&str> =
        [main, "H", "L"].into_iter().filter(|t| numbers.has(&format!("{t}/uniform_overlap"))).collect();
    let mut canvas = Canvas::new(style, id, 720.0, style.pick(392.0, 594.0, 392.0));
    let frame = Rect::new(56.0, 40.0, style.pick(236.0, 280.0, 270.0), style.pick(300.0, 190.0, 300.0));
    let x = Axis::linear("number of the eigenvector", 0.3, SHOWN as f64 + 0.7)
        .with_ticks((1..=SHOWN).map(|k| (k as f64, k.to_string())).collect())
        .without_grid();
    let mut plot = Plot::new(&mut canvas, frame, x, Axis::linear("squared overlap with uniform", 0.0, 1.06));
    for (i, training) in types.iter().enumerate() {
        let overlap = numbers.grid(&format!("{training}/uniform_overlap"))?;
        let colour = of_training(training);
        let marker = [Marker::Circle, Marker::Square, Marker::Diamond][i];
        let shift = 0.22 * (i as f64 - 1.0);
        for (k, each) in overlap.columns().into_iter().enumerate() {
            let x = (k + 1) as f64 + shift;
            let (_, most) = plot::axis::extent(each.iter().copied());
            plot.line(&mut canvas, &[(x, 0.0), (x, most)], &Stroke::new(colour, 1.2));
        }
        plot.name = format!("type {training}");
        for each in overlap.outer_iter() {
            let points: Vec<(f64, f64, f64)> =
                each.iter().enumerate().map(|(k, &v)| ((k + 1) as f64 + shift, v, 0.0)).collect();
            plot.points(&mut canvas, &points, marker, 5.5, colour);
        }
        let y = frame.y + 24.0 + 17.0 * i as f64;
        canvas.text_on_data((frame.right() - 10.0, y), Align::Right, 11.5, colour, &plot.name);
    }
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "a", "Overlap with the uniform vector");
    let (upper, lower) = style.pick(
        (Rect::new(376.0, 40.0, 326.0, 190.0), Rect::new(376.0, 266.0, 326.0, 74.0)),
        (Rect::new(56.0, 294.0, 280.0, 150.0), Rect::new(56.0, 480.0, 280.0, 72.0)),
        (Rect::new(410.0, 40.0, 372.0, 190.0), Rect::new(410.0, 266.0, 372.0, 74.0)),
    );
    if numbers.has("projection") {
        let temperature = numbers.list("temperature")?;
        let most = temperature.iter().copied().filter(|t| t.is_finite()).fold(1.0, f64::max);
        let projection = numbers.estimates("projection")?;
        let next = numbers.estimates("projection_next")?;
        let squared = numbers.list("squared_magnetization")?;
        let high = squared.iter().copied().filter(|v| v.is_finite()).fold(1.0, f64::max);
        let positive = next.iter().map(|e| e.value).filter(|v| *v > 0.0).fold(0.5, f64::min);
        let x = Axis::linear("", 0.0, most + 0.15);
        let y = Axis::log("⟨(u_{k}·v)²⟩", positive.max(0.02) * 0.8, high * 1.6);
        let mut plot = Plot::new(&mut canvas, upper, x.clone().without_texts(), y);
        plot.critical_x(&mut canvas, numbers.critical_temperature());
        let curve: Vec<(f64, f64)> = temperature.iter().copied().zip(squared).collect();
        plot.line(&mut canvas, &curve, &Stroke::new(INK, 1.4));
        let with_error = |list: &[Estimate]| -> Vec<(f64, f64, f64)> {
            temperature.iter().zip(list).map(|(&t, e)| (t, e.value, e.error)).collect()
        };
        plot.name = "leading eigenvector".to_owned();
        plot.points(&mut canvas, &with_error(&projection), Marker::Circle, 6.5, BLUE);
        plot.name = "eigenvectors 2–5".to_owned();
        plot.points(&mut canvas, &with_error(&next), Marker::Diamond, 6.0, GREEN);
        let place = |list: &[(f64, f64, f64)], t: f64| {
            list.iter()
                .min_by(|a, b| (a.0 - t).abs().total_cmp(&(b.0 - t).abs()))
                .map_or((0.0, 0.0), |p| (p.0, p.1))
        };
        plot.label(&mut canvas, place(&with_error(&projection), 3.4), "leading, and N⟨m²⟩", BLUE);
        plot.label(&mut canvas, place(&with_error(&next), 4.6), "eigenvectors 2–5", GREEN);
        plot.finish(&mut canvas);
        plot.title(&mut canvas, "b", &format!("Projections of the data, type {main}"));

        let ratio = with_error(&numbers.estimates("ratio")?);
        let reach =
            ratio.iter().map(|p| (p.1 - 1.0).abs() + p.2).filter(|v| v.is_finite()).fold(0.02, f64::max);
        let x = Axis::linear("temperature T (J/k_{B})", 0.0, most + 0.15);
        let mut plot =
            Plot::new(&mut canvas, lower, x, Axis::linear("ratio", 1.0 - 1.2 * reach, 1.0 + 1.2 * reach));
        plot.horizontal(&mut canvas, 1.0, &Stroke::new(INK, 1.2));
        plot.critical_x(&mut canvas, numbers.critical_temperature());
        plot.name = "ratio".to_owned();
        plot.points(&mut canvas, &ratio, Marker::Circle, 5.0, BLUE);
        plot.finish(&mut canvas);
        plot.title(&mut canvas, "c", "leading / N⟨m²⟩");
        let tc = plot.at_x(numbers.critical_temperature());
        canvas.text_on_data((tc - 5.0, upper.bottom() - 8.0), Align::Right, 11.0, MUTED, "T_{c}");
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}
