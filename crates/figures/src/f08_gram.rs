//! F08: W·Wᵀ of machines of types V, H and L, and its elements by distance.

use std::borrow::Cow;

use datasets::{Figure, Weights};
use ndarray::Array2;

use crate::colours::of_training;
use crate::error::FigureError;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::{Estimate, combine, combine_lists};
use crate::wording::{by_replica, machine, written};
use plot::Style;
use plot::colour::{MUTED, Map};
use plot::{Align, Axis, Canvas, Marker, Plot, Rect, Stroke, heat};

/// Larger matrices are stored in blocks; a picture cannot show more.
const MOST: usize = 144;

/// The weights of the main machine of a type, one for each replica that has them.
pub(crate) fn weights_of<'a>(run: &'a Run, training: &str) -> Vec<&'a Weights> {
    run.main_picture(training).into_iter().filter_map(|m| m.weights.as_ref()).collect()
}

/// The types whose weights are compared: V (or the main type), H and L.
pub(crate) fn types(run: &Run) -> Vec<String> {
    let mut types = vec![run.main_training().to_owned()];
    types.extend(["H", "L"].into_iter().filter(|t| *t != run.main_training()).map(str::to_owned));
    types
}

/// W·Wᵀ, of its leading modes where a file holds no more of it.
fn gram(weights: &Weights) -> Cow<'_, Array2<f64>> {
    match &weights.gram {
        Some(gram) => Cow::Borrowed(gram),
        None => {
            let scaled = &weights.eigenvectors * &ndarray::ArrayView1::from(&weights.eigenvalues);
            Cow::Owned(scaled.dot(&weights.eigenvectors.t()))
        }
    }
}

/// The element of a by-distance series that the paper's numbers are about.
fn at_distance(weights: &Weights, distance: f64) -> f64 {
    let near = |i: &usize| (weights.distance[*i] - distance).abs() < 1e-6;
    (0..weights.distance.len()).find(near).map_or(f64::NAN, |i| weights.gram_by_distance[i])
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("W·Wᵀ by type of training");
    let mut said = Vec::new();
    let mut near_and_far = vec![];
    for training in types(run) {
        let weights = weights_of(run, &training);
        let Some(first) = weights.first() else {
            record.missing(format!("the weights of a machine of type {training}"));
            continue;
        };
        let coarse = heat::coarse(gram(first).view(), MOST);
        let what = "W·Wᵀ of the first replica (averaged over blocks if the lattice is large)";
        record.grid(&format!("{training}/gram"), &coarse, "visible,other_visible", "1", what);
        let what = "distances on the torus";
        record.list(&format!("{training}/distance"), &first.distance, "distance", "lattice constant", what);
        let alike: Vec<&&Weights> = weights.iter().filter(|w| w.distance == first.distance).collect();
        let series = |pick: fn(&Weights) -> &Vec<f64>| -> Vec<Estimate> {
            let lists: Vec<Vec<Estimate>> =
                alike.iter().map(|w| pick(w).iter().map(|&v| Estimate::bare(v)).collect()).collect();
            combine_lists(&lists)
        };
        let what = "mean element of W·Wᵀ at each distance, mean over replicas";
        let path = format!("{training}/gram_by_distance");
        record.estimates(&path, &series(|w| &w.gram_by_distance), "distance", "1", what);
        let what = "standard deviation of the elements at each distance";
        let path = format!("{training}/gram_by_distance_deviation");
        record.estimates(&path, &series(|w| &w.gram_by_distance_deviation), "distance", "1", what);
        let one = |pick: &dyn Fn(&Weights) -> f64| {
            combine(&weights.iter().map(|w| Estimate::bare(pick(w))).collect::<Vec<_>>())
        };
        let farthest = first.distance.last().copied().unwrap_or(0.0);
        let diagonal = one(&|w| at_distance(w, 0.0));
        let nearest = one(&|w| at_distance(w, 1.0));
        let far = one(&|w| at_distance(w, farthest));
        let ratio = one(&|w| at_distance(w, farthest) / at_distance(w, 1.0));
        let invariant: Vec<f64> = weights.iter().filter_map(|w| w.translation_invariant_fraction).collect();
        let what = "fraction of the squared norm left after averaging over translations, in each replica";
        let path = format!("{training}/translation_invariant_fraction");
        record.list(&path, &invariant, "replica", "1", what);
        for (name, value, what) in [
            ("diagonal", diagonal, "mean diagonal element"),
            ("nearest", nearest, "mean element between nearest neighbours"),
            ("far", far, "mean element at the largest distance"),
            ("far_over_nearest", ratio, "far divided by nearest"),
        ] {
            record.estimates(&format!("{training}/{name}"), &[value], "all", "1", what);
        }
        if let Some(m) = run.main_picture(&training).first() {
            record.text(&format!("{training}_settings"), &machine(m));
        }
        near_and_far.push(format!(
            "{training} {} for neighbours, {} for the farthest",
            written(nearest),
            written(far)
        ));
        said.push(format!(
            "{training}: diagonal {}, translation-invariant fraction {}",
            written(diagonal),
            by_replica(&invariant),
        ));
    }
    record.text("main_training", run.main_training());
    record.axes("visible unit; distance", "visible unit; element of W·Wᵀ");
    let settings = run.main_picture(run.main_training()).first().map(|m| machine(m)).unwrap_or_default();
    record.text("see", &format!("Mean elements: {}.", near_and_far.join("; ")));
    record.finish(&format!(
        "The matrix W·Wᵀ between visible units (sites in row-major order) after training on all temperatures (V), on high \
         ones (H) and on T = 0 (L), first replica (the colours end at the largest element beside the diagonal, which is beyond them), and its mean elements by distance on the torus, all replicas (bars: \
         standard deviation of the elements where it exceeds the symbols). Main settings: {settings}. {}. A band beside the diagonal couples neighbours; an even ground couples all sites alike.",
        said.join(". "),
    ))
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let main = numbers.text("main_training");
    let types: Vec<&str> =
        [main, "H", "L"].into_iter().filter(|t| numbers.has(&format!("{t}/gram"))).collect();
    let mut canvas = Canvas::new(style, id, 900.0, style.pick(556.0, 926.0, 446.0));
    let side = style.pick(212.0, 150.0, 180.0);
    for (i, training) in types.iter().enumerate() {
        let gram = numbers.grid(&format!("{training}/gram"))?;
        let (right, down) = style.pick((side + 76.0, 0.0), (0.0, side + 58.0), (side + 72.0, 0.0));
        let frame = Rect::new(50.0 + i as f64 * right, 40.0 + i as f64 * down, side, side);
        let n = gram.nrows();
        // The diagonal, which is far larger than all else, is beyond the scale.
        let beside = gram.indexed_iter().filter(|((row, column), _)| row != column);
        let most = beside.fold(0.0, |most: f64, (_, v)| most.max(v.abs())).max(1e-9);
        let axis = |label: &str| {
            let last = n as f64 - 0.5;
            let ticks = [0, n / 4, n / 2, 3 * n / 4, n - 1].map(|k| (k as f64, k.to_string()));
            Axis::linear(label, -0.5, last).with_ticks(ticks.to_vec()).without_grid()
        };
        let plot = Plot::new(
            &mut canvas,
            frame,
            axis("site"),
            axis(if i == 0 || style.is_column() { "site" } else { "" }),
        );
        // Site 0 is at the lower left, as on the axes.
        let upright = Array2::from_shape_fn(gram.dim(), |(r, c)| gram[[n - 1 - r, c]]);
        heat::heat(&mut canvas, frame, upright.view(), Map::Diverging, (-most, most));
        plot.finish(&mut canvas);
        plot.title(&mut canvas, ["a", "b", "c"][i], &format!("W·Wᵀ, type {training}"));
        let bar = Rect::new(frame.right() + 8.0, frame.y, 9.0, side);
        let ticks = vec![(0.0, format!("−{most:.2}")), (0.5, "0".to_owned()), (1.0, format!("{most:.2}"))];
        heat::colour_bar(&mut canvas, bar, Map::Diverging, &ticks, "");
    }
    let frame = style.pick(
        Rect::new(62.0, 336.0, 560.0, 174.0),
        Rect::new(62.0, 668.0, 224.0, 120.0),
        Rect::new(62.0, 288.0, 490.0, 114.0),
    );
    let mut all = vec![0.0];
    let mut farthest: f64 = 1.0;
    for training in &types {
        let mean = numbers.list(&format!("{training}/gram_by_distance"))?;
        let deviation = numbers.list(&format!("{training}/gram_by_distance_deviation"))?;
        all.extend(mean.iter().zip(&deviation).flat_map(|(m, s)| [m - s, m + s]));
        let distance = numbers.list(&format!("{training}/distance"))?;
        farthest = distance.iter().copied().fold(farthest, f64::max);
    }
    let (low, high) = plot::axis::extent(all);
    let y = Axis::linear("mean element of W·Wᵀ", low - 0.08 * (high - low), high + 0.08 * (high - low));
    let mut plot =
        Plot::new(&mut canvas, frame, Axis::linear("distance on the torus (sites)", -0.2, farthest + 0.2), y);
    plot.horizontal(&mut canvas, 0.0, &Stroke::new(MUTED, 1.0));
    let mut labels = Vec::new();
    for (training, marker) in types.iter().zip([Marker::Circle, Marker::Square, Marker::Diamond]) {
        let distance = numbers.list(&format!("{training}/distance"))?;
        let mean = numbers.estimates(&format!("{training}/gram_by_distance"))?;
        let deviation = numbers.list(&format!("{training}/gram_by_distance_deviation"))?;
        let colour = of_training(training);
        let line: Vec<(f64, f64)> = distance.iter().zip(&mean).map(|(&d, m)| (d, m.value)).collect();
        plot.line(&mut canvas, &line, &Stroke::new(colour, 1.4));
        let points: Vec<(f64, f64, f64)> =
            line.iter().zip(&deviation).map(|(&(d, m), &s)| (d, m, s)).collect();
        plot.name = format!("type {training}");
        plot.points(&mut canvas, &points, marker, 6.5, colour);
        let name = format!("type {training}");
        labels.push((line.last().map_or(0.0, |p| p.1), name, colour.to_owned()));
    }
    plot.finish(&mut canvas);
    plot.end_labels(&mut canvas, &labels);
    plot.title(&mut canvas, "d", "Elements by distance");
    let left = style.pick(706.0, 62.0, 640.0);
    let mut y = style.pick(frame.y + 12.0, frame.bottom() + 58.0, frame.y + 12.0);
    canvas.text((left, y), Align::Left, 11.0, MUTED, "translation-invariant");
    canvas.text((left, y + 14.0), Align::Left, 11.0, MUTED, "fraction of W·Wᵀ");
    y += 36.0;
    for training in &types {
        let fraction = numbers.list(&format!("{training}/translation_invariant_fraction"))?;
        for line in plot::text::wrapped(&format!("{training}: {}", by_replica(&fraction)), 11.5, 180.0) {
            canvas.text((left, y), Align::Left, 11.5, of_training(training), &line);
            y += 17.0;
        }
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}
