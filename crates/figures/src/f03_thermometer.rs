//! F03: the calibration of the thermometer against the exact Bayes posterior.

use datasets::Figure;
use ndarray::Array2;

use crate::error::FigureError;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::{Estimate, combine, combine_lists};
use crate::wording::{lattice, short, written};
use plot::Style;
use plot::colour::{BLUE, INK, MUTED, Map, ORANGE};
use plot::{Align, Axis, Canvas, Marker, Plot, Rect, Stroke, heat};

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Calibration of the thermometer");
    let Some(first) = run.replicas.iter().find_map(|r| r.thermometer.as_ref()) else {
        record.missing("the network that reads temperatures");
        return record.finish("");
    };
    let classes = &first.temperature;
    let alike: Vec<_> = run
        .replicas
        .iter()
        .filter_map(|r| r.thermometer.as_ref())
        .filter(|t| t.temperature == *classes)
        .collect();
    let mean = |grids: Vec<&Array2<f64>>| -> Option<Array2<f64>> {
        let n = grids.len() as f64;
        let mut sum: Array2<f64> = grids.first().map(|g| Array2::zeros(g.dim()))?;
        for grid in grids {
            sum += grid;
        }
        Some(sum / n)
    };
    let finite: Vec<bool> = classes.iter().map(|t| t.is_finite()).collect();
    let readings = |posterior: &Array2<f64>| -> Vec<Estimate> {
        posterior
            .rows()
            .into_iter()
            .map(|row| {
                let pairs = row.iter().zip(classes).zip(&finite).filter(|(_, f)| **f);
                let (weight, sum) = pairs.fold((0.0, 0.0), |(w, s), ((p, t), _)| (w + p, s + p * t));
                Estimate::bare(if weight > 0.0 { sum / weight } else { f64::NAN })
            })
            .collect()
    };
    record.list("class_temperature", classes, "class", "J/k_B", "temperature of each class");
    let grids: Vec<&Array2<f64>> = alike.iter().map(|t| &t.calibration.mean_posterior).collect();
    let network = combine_lists(&grids.iter().map(|g| readings(g)).collect::<Vec<_>>());
    if let Some(grid) = mean(grids) {
        let what = "the network's mean probability of each class on test configurations";
        record.grid("mean_posterior", &grid, "true_class,class", "1", what);
        let what = "mean temperature of mean_posterior";
        record.estimates("reading", &network, "true_class", "J/k_B", what);
    }
    let bayes: Vec<&Array2<f64>> =
        alike.iter().filter_map(|t| t.calibration.bayes_mean_posterior.as_ref()).collect();
    let reading = combine_lists(&bayes.iter().map(|g| readings(g)).collect::<Vec<_>>());
    match mean(bayes) {
        Some(grid) => {
            let what = "mean probability of each class under the exact posterior, same configurations";
            record.grid("bayes_mean_posterior", &grid, "true_class,class", "1", what);
            let what = "mean temperature of bayes_mean_posterior";
            record.estimates("bayes_reading", &reading, "true_class", "J/k_B", what);
        }
        None => record.missing("the exact Bayes posterior (it is known for L ≤ 12)"),
    }
    let each: Vec<Estimate> = alike
        .iter()
        .map(|t| Estimate::new(t.calibration.cross_entropy, t.calibration.cross_entropy_error))
        .collect();
    let cross_entropy = combine(&each);
    record.estimates("cross_entropy", &[cross_entropy], "all", "nat", "test cross entropy of the network");
    let same: Vec<Estimate> =
        alike.iter().filter_map(|t| t.calibration.bayes_cross_entropy).map(Estimate::bare).collect();
    let bayes = combine(&same);
    let what = "cross entropy of the exact posterior on the same configurations";
    record.estimates("bayes_cross_entropy", &[bayes], "all", "nat", what);
    let optimum = alike.iter().find_map(|t| t.calibration.bayes_optimum);
    if let Some(value) = optimum {
        record.real("bayes_optimum", value);
    }
    record.axes("true temperature (J/k_B)", "temperature read (J/k_B)");
    let network = format!("{} hidden", first.layers.first().map_or(0, |l| l.bias.len()));
    let against = optimum.map_or_else(
        || "; no exact optimum is known at this size".to_owned(),
        |value| {
            format!(
                "; the exact Bayes posterior reaches {value:.4} in expectation and {} on the same configurations, and \
                 nothing honest is below it",
                written(bayes)
            )
        },
    );
    let see = format!("The network's test cross entropy is {} nats{against}.", written(cross_entropy));
    record.text("see", &see);
    record.finish(&format!(
        "What the thermometers say about test configurations of known temperature ({}, {} classes, network \
         with {network} units). (a) Mean probability that the network gives each class; (b) the same for the exact \
         posterior, which knows the number of states at each energy; (c) mean reading against truth. Close to T = 0 neighbouring classes cannot be told apart.",
        lattice(first.lattice),
        classes.len(),
    ))
}

/// An axis over class numbers with temperatures as ticks.
pub(crate) fn class_axis(label: &str, classes: &[f64]) -> Axis {
    let whole = |t: f64| t.is_infinite() || (t - t.round()).abs() < 1e-9;
    let few = classes.len() <= 8;
    let ticks = classes
        .iter()
        .enumerate()
        .filter(|(_, t)| few || whole(**t))
        .map(|(i, &t)| (i as f64, short(t)))
        .collect();
    Axis::linear(label, -0.5, classes.len() as f64 - 0.5).with_ticks(ticks).without_grid()
}

/// A heat map with classes upwards: `values` is [column, class].
pub(crate) fn class_map(canvas: &mut Canvas, frame: Rect, values: &Array2<f64>, most: f64) {
    let (columns, classes) = values.dim();
    let upright = Array2::from_shape_fn((classes, columns), |(r, c)| values[[c, classes - 1 - r]]);
    heat::heat(canvas, frame, upright.view(), Map::Sequential, (0.0, most));
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let classes = numbers.list("class_temperature")?;
    let mut canvas = Canvas::new(style, id, 830.0, style.pick(312.0, 784.0, 312.0));
    let (side, tall) = style.pick((200.0, 200.0), (228.0, 180.0), (200.0, 200.0));
    let corners = style.pick(
        [(54.0, 40.0), (54.0 + side + 24.0, 40.0), (612.0, 40.0)],
        [(54.0, 40.0), (54.0, 282.0), (54.0, 524.0)],
        [(54.0, 40.0), (54.0 + side + 24.0, 40.0), (582.0, 40.0)],
    );
    let frames = corners.map(|(x, y)| Rect::new(x, y, side, tall));
    let network = numbers.grid("mean_posterior")?;
    let bayes =
        numbers.has("bayes_mean_posterior").then(|| numbers.grid("bayes_mean_posterior")).transpose()?;
    let most = network.iter().chain(bayes.iter().flatten()).copied().fold(0.0, f64::max).max(1e-3);
    let x_label = "true temperature (J/k_{B})";
    for (i, grid) in [Some(&network), bayes.as_ref()].into_iter().enumerate() {
        let y = class_axis("temperature class (J/k_{B})", &classes);
        let y = if i == 0 || style.is_column() { y } else { y.without_texts() };
        let plot = Plot::new(&mut canvas, frames[i], class_axis(x_label, &classes), y);
        match grid {
            Some(grid) => class_map(&mut canvas, frames[i], grid, most),
            None => {
                let at = (frames[i].x + side / 2.0, frames[i].y + tall / 2.0);
                canvas.text(at, Align::Centre, 11.0, MUTED, "not known at this size");
            }
        }
        plot.finish(&mut canvas);
        plot.title(&mut canvas, ["a", "b"][i], ["Neural network", "Exact Bayes posterior"][i]);
    }
    let bar = Rect::new(frames[1].right() + 14.0, frames[1].y, 11.0, tall);
    let ticks: Vec<(f64, String)> =
        [0.0, 0.5, 1.0].iter().map(|f| (*f, format!("{:.2}", f * most))).collect();
    heat::colour_bar(&mut canvas, bar, Map::Sequential, &ticks, "p");

    let finite: Vec<f64> = classes.iter().copied().filter(|t| t.is_finite()).collect();
    let (low, high) =
        (finite.iter().copied().fold(0.0, f64::min), finite.iter().copied().fold(1.0, f64::max));
    let axis = |label: &str| Axis::linear(label, low - 0.1, high + 0.2);
    let mut plot = Plot::new(&mut canvas, frames[2], axis(x_label), axis("mean reading (J/k_{B})"));
    plot.line(&mut canvas, &[(low, low), (high, high)], &Stroke::new(MUTED, 1.0).dashed("2 3"));
    if bayes.is_some() {
        let reading = numbers.estimates("bayes_reading")?;
        let line: Vec<(f64, f64, f64)> =
            classes.iter().zip(&reading).map(|(&t, r)| (t, r.value, r.error)).collect();
        plot.name = "exact posterior".to_owned();
        plot.curve(&mut canvas, &line, &Stroke::new(ORANGE, 2.0), f64::INFINITY);
    }
    let reading = numbers.estimates("reading")?;
    let points: Vec<(f64, f64, f64)> =
        classes.iter().zip(&reading).map(|(&t, r)| (t, r.value, r.error)).collect();
    plot.name = "network".to_owned();
    plot.points(&mut canvas, &points, Marker::Circle, 5.5, BLUE);
    let corner = (frames[2].right() - 8.0, frames[2].bottom() - 10.0);
    canvas.text_on_data((corner.0, corner.1 - 30.0), Align::Right, 11.0, BLUE, "● network");
    canvas.text_on_data((corner.0, corner.1 - 15.0), Align::Right, 11.0, ORANGE, "— Bayes");
    canvas.text_on_data(corner, Align::Right, 11.0, MUTED, "⋯ perfect");
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "c", "Mean reading");
    let cross_entropy = numbers.estimates("cross_entropy")?;
    let optimum =
        numbers.real("bayes_optimum").map(|v| format!(", exact optimum {v:.4}")).unwrap_or_default();
    let line = format!("test cross entropy {} nats{optimum}", written(cross_entropy[0]));
    let lines: Vec<&str> = if style.is_column() { line.split(", ").collect() } else { vec![line.as_str()] };
    for (above, line) in lines.iter().rev().enumerate() {
        let y = canvas.height - 10.0 - 15.0 * above as f64;
        canvas.text((54.0, y), Align::Left, 11.5, INK, line);
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}
