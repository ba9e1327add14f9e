//! F13: training curves, with the largest weight.

use datasets::Figure;
use ndarray::{Array2, ArrayView1};

use crate::colours::of_training;
use crate::error::FigureError;
use crate::machine::Machine;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::wording::{hidden_group, hidden_of_group};
use plot::Style;
use plot::colour::{MUTED, in_order};
use plot::layout::SHARED;
use plot::{Axis, Grid, Plot, Stroke};

/// The history key of the largest weight.
const LARGEST: &str = "max_abs_weight";

/// History key, axis label and panel title.
const SERIES: [(&str, &str, &str); 4] = [
    ("reconstruction_error", "reconstruction error", "Reconstruction error"),
    ("pseudo_log_likelihood_per_spin", "nats per spin", "Pseudo-log-likelihood"),
    (LARGEST, "max|W|", "Largest weight"),
    ("translation_invariant_fraction", "fraction", "Translation-invariant part of W·Wᵀ"),
];

/// Above this largest weight single hidden units lock onto single sites.
pub(crate) const LOCKING: f64 = 2.0;

pub(crate) fn numbers(run: &Run) -> Figure {
    let training = run.main_training();
    let mut record = Record::new("Training");
    let mut largest: Vec<f64> = Vec::new();
    let mut put = |record: &mut Record, group: &str, name: &str, machines: &[&Machine]| {
        let Some(first) = machines.first().filter(|m| !m.rbm.history_epoch.is_empty()) else {
            record.missing(format!("the history of {name}"));
            return;
        };
        let epochs = &first.rbm.history_epoch;
        let updates = first.rbm.history_updates();
        let what = "parameter updates at each record";
        record.list(&format!("{group}/updates"), &updates, "record", "1", what);
        for (key, ..) in SERIES {
            let series: Vec<&Vec<f64>> = machines
                .iter()
                .filter(|m| m.rbm.history_epoch == *epochs)
                .filter_map(|m| m.rbm.history.get(key))
                .filter(|series| series.len() == epochs.len())
                .collect();
            if series.is_empty() {
                record.missing(format!("{} of {name}", key.replace('_', " ")));
                continue;
            }
            if key == LARGEST {
                largest.extend(series.iter().filter_map(|s| s.last().copied()));
            }
            let each = Array2::from_shape_fn((series.len(), epochs.len()), |(r, i)| series[r][i]);
            let what = format!("{} of each replica", key.replace('_', " "));
            record.grid(&format!("{group}/{key}"), &each, "replica,record", "1", &what);
        }
    };
    for h in run.hidden_of(training) {
        put(&mut record, &hidden_group(h), &format!("N_{{h}} = {h}"), &run.main_machines(training, h));
    }
    for other in ["H", "L"].into_iter().filter(|t| *t != training) {
        let machines = run.main_picture(other);
        if !machines.is_empty() {
            put(&mut record, other, &format!("type {other}"), &machines);
        }
    }
    let (low, high) = plot::axis::extent(largest.iter().copied());
    let locked = largest.iter().filter(|w| **w > LOCKING).count();
    crate::warnings::record_machines(&mut record, run);
    record.text("training", training);
    record.axes("updates", "see each array");
    let see = format!(
        "Largest |W| at the end: {low:.2} to {high:.2}, above {LOCKING} in {locked} of {} machines.",
        largest.len()
    );
    record.text("see", &see);
    record.finish(&format!(
        "Training curves of type {training} machines at every N_{{h}} (colour), and in (c) and (d) of types H and L at the main N_{{h}} (dashed), against the number of updates, a line for each replica: reconstruction error, pseudo-log-likelihood per spin, largest |W|, and the \
         translation-invariant fraction of W·Wᵀ. Above {LOCKING} (dotted) \
         the weights of one site suffice to fix a hidden unit; {}.",
        crate::warnings::locked_and_settled(run),
    ))
}

/// The curve of each replica, their line and their name.
type Curves = (Vec<Vec<(f64, f64, f64)>>, Stroke, String);

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let groups = numbers.groups();
    let hidden: Vec<&str> = groups.iter().copied().filter(|g| hidden_of_group(g).is_some()).collect();
    let grid =
        Grid { count: 4, widths: &[280.0; 2], height: 180.0, across: [64.0, 142.0, 82.0], down: SHARED };
    let (mut canvas, panels) = grid.begin(style, id, &[]);
    let mut updates_all = Vec::new();
    for group in &groups {
        if numbers.has(&format!("{group}/updates")) {
            updates_all.extend(numbers.list(&format!("{group}/updates"))?);
        }
    }
    let most = updates_all.iter().copied().fold(1.0, f64::max);
    let first = updates_all.iter().copied().filter(|u| *u > 0.0).fold(most, f64::min);
    for (i, (key, label, title)) in SERIES.iter().enumerate() {
        let mut lines: Vec<Curves> = Vec::new();
        for group in &groups {
            // Types H and L have other data: their likelihoods are on another scale.
            let other_data = i < 2 && hidden_of_group(group).is_none();
            if other_data || !numbers.has(&format!("{group}/{key}")) {
                continue;
            }
            let updates = numbers.list(&format!("{group}/updates"))?;
            let each = numbers.grid(&format!("{group}/{key}"))?;
            let curve = |values: ArrayView1<'_, f64>| {
                let points = updates.iter().zip(values).filter(|(u, _)| **u > 0.0);
                points.map(|(&u, &v)| (u, v, 0.0)).collect()
            };
            let curves = each.outer_iter().map(curve).collect();
            let (stroke, name) = match hidden_of_group(group) {
                Some(h) => {
                    let order = hidden.iter().position(|g| g == group).unwrap_or(0);
                    (Stroke::new(&in_order(order, hidden.len()), 1.3), format!("N_{{h}} = {h}"))
                }
                None => (Stroke::new(of_training(group), 1.3).dashed("5 2.5"), format!("type {group}")),
            };
            lines.push((curves, stroke, name));
        }
        let values = lines.iter().flat_map(|l| l.0.iter().flatten().map(|p| p.1));
        let y = if *key == LARGEST {
            let (low, high) = plot::axis::extent(values);
            Axis::log(label, low * 0.8, (high * 1.25).max(LOCKING * 1.2))
        } else {
            Axis::around(label, values)
        };
        let x = Axis::log(if panels.is_lowest(i) { "updates" } else { "" }, first * 0.9, most * 1.1);
        let mut plot = Plot::new(&mut canvas, panels.frames[i], x, y);
        if *key == LARGEST {
            plot.horizontal(&mut canvas, LOCKING, &Stroke::new(MUTED, 1.0).dashed("1.5 2.5"));
        }
        let mut labels = Vec::new();
        for (curves, stroke, name) in &lines {
            plot.name = name.clone();
            for curve in curves {
                plot.curve(&mut canvas, curve, stroke, f64::INFINITY);
            }
            // The middle one: between two kinds of replicas there is no curve.
            let mut ends: Vec<f64> = curves.iter().filter_map(|curve| Some(curve.last()?.1)).collect();
            ends.sort_by(f64::total_cmp);
            if let Some(end) = ends.get(ends.len() / 2) {
                labels.push((*end, name.clone(), stroke.colour.clone()));
            }
        }
        plot.finish(&mut canvas);
        plot.end_labels(&mut canvas, &labels);
        plot.title(&mut canvas, ["a", "b", "c", "d"][i], title);
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}
