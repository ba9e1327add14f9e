//! Curves of several runs on the same axes.

use datasets::Figures;
use ndarray::ArrayView1;

use super::Compared;
use crate::error::FigureError;
use crate::f05_flow::WIDE;
use crate::record::Numbers;
use crate::statistics::{Estimate, combine};
use crate::wording::{cut, hidden_group, temperature};
use plot::Style;
use plot::colour::{BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, VERMILLION};
use plot::labels::{Key, key};
use plot::{Align, Axis, Canvas, Marker, Plot, Rect, Stroke};

/// The names of the runs at the right of a panel need so much room.
const NAMES: f64 = 130.0;

/// A line for each run: colour and dashes, so that they can be told apart in grey.
pub(super) fn stroke(run: usize) -> Stroke {
    const COLOURS: [&str; 6] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, INK];
    const DASHES: [&str; 6] = ["", "6 2.5", "2 1.6", "7 2 1.5 2", "4 2", "1 2"];
    Stroke::new(COLOURS[run % 6], 1.8).dashed(DASHES[(run + run / 6) % 6])
}

pub(super) fn marker(run: usize) -> Marker {
    [Marker::Circle, Marker::Square, Marker::Diamond, Marker::Up, Marker::Down, Marker::OpenCircle][run % 6]
}

/// (x, y, error) of one run.
type Points = Vec<(f64, f64, f64)>;

/// A panel of a comparison before it is drawn.
struct Panel {
    title: String,
    x: Axis,
    y: Axis,
    /// One for each run; empty if it has none.
    curves: Vec<Points>,
    /// T_c as a value of y.
    critical: bool,
    /// Points with error bars instead of curves with bands.
    marked: bool,
    widest: f64,
}

/// The numbers of a figure of a run, if it has any.
fn numbers<'a>(figures: &'a Figures, id: &'a str) -> Option<Numbers<'a>> {
    figures.figures.get(id).map(|figure| Numbers::new(id, figure))
}

/// (id, title, caption, SVG) of every comparison that at least one run has numbers for.
pub(super) fn pictures(runs: &[Compared<'_>]) -> Vec<(String, String, String, String)> {
    type Make = fn(&[Compared<'_>]) -> Result<Vec<Panel>, FigureError>;
    let makers: [(&str, &str, &str, Make); 5] = [
        (
            "C05",
            "Temperature along the flow",
            "T_{E} of the main machine of each run along the flow, from the coldest and from the hottest start that all runs \
             have (F05). Bands: errors.",
            flows,
        ),
        (
            "C06",
            "Temperature of the fixed point",
            "T_{E} at the end of the flow against the number of hidden units, and the steps needed from the hottest start (F06).",
            fixed_points,
        ),
        (
            "C11",
            "One step",
            "The shift of T_{E} in one step of the main machine, and in one block-spin step (F11).",
            maps,
        ),
        (
            "C12",
            "Is the fixed point critical?",
            "The short-range connected correlation c_{sr} of the fixed-point ensemble, and its ratio to that of the Ising model at \
             the same energy (F12).",
            correlations,
        ),
        (
            "C13",
            "Training",
            "The largest weight and the pseudo-log-likelihood of the main machine against updates (F13). Above max|W| = 2 single \
             hidden units lock onto single sites.",
            training,
        ),
    ];
    makers
        .iter()
        .filter_map(|(id, title, caption, make)| {
            let panels: Vec<Panel> =
                make(runs).ok()?.into_iter().filter(|p| p.curves.iter().any(|c| !c.is_empty())).collect();
            (!panels.is_empty()).then(|| {
                let svg = draw(id, title, caption, runs, panels);
                ((*id).to_owned(), (*title).to_owned(), (*caption).to_owned(), svg)
            })
        })
        .collect()
}

/// T_c of the lattices of the runs, each once.
fn critical_temperatures(runs: &[Compared<'_>]) -> Vec<f64> {
    let mut all: Vec<f64> = runs.iter().map(|run| crate::claims::critical_temperature(run.figures)).collect();
    all.retain(|critical| critical.is_finite());
    all.sort_by(f64::total_cmp);
    all.dedup();
    all
}

fn draw(id: &str, title: &str, caption: &str, runs: &[Compared<'_>], panels: Vec<Panel>) -> String {
    let (left, top, wide, tall, gap) = (58.0, 62.0, 268.0, 210.0, 70.0);
    let width = left + panels.len() as f64 * (wide + NAMES + gap) - gap;
    let mut canvas = Canvas::new(Style::Page, id, width.max(520.0), top + tall + 48.0);
    let shown = |run: usize| panels.iter().any(|panel| !panel.curves[run].is_empty());
    let keys: Vec<Key> = (0..runs.len())
        .filter(|&run| shown(run))
        .map(|run| Key::both(&cut(&runs[run].name), marker(run), stroke(run)))
        .collect();
    let right = canvas.width - 8.0;
    key(&mut canvas, (left, 20.0), right, &keys);
    for (i, panel) in panels.into_iter().enumerate() {
        let frame = Rect::new(left + i as f64 * (wide + NAMES + gap), top, wide, tall);
        let mut plot = Plot::new(&mut canvas, frame, panel.x, panel.y);
        if panel.critical {
            for critical in critical_temperatures(runs) {
                plot.critical_y(&mut canvas, critical);
                let at = (frame.x + 4.0, plot.at_y(critical) - 4.0);
                canvas.text_on_data(at, Align::Left, 10.5, MUTED, "T_{c}");
            }
        }
        let mut labels = Vec::new();
        for (run, points) in panel.curves.iter().enumerate() {
            plot.name = runs[run].name.clone();
            if panel.marked {
                let line: Vec<(f64, f64)> = points.iter().map(|p| (p.0, p.1)).collect();
                plot.line(&mut canvas, &line, &stroke(run));
                plot.points(&mut canvas, points, marker(run), 7.0, &stroke(run).colour);
            } else {
                plot.curve(&mut canvas, points, &stroke(run), panel.widest);
            }
            if let Some(end) = points.iter().rev().find(|p| p.1.is_finite()) {
                labels.push((end.1, cut(&runs[run].name), stroke(run).colour));
            }
        }
        plot.finish(&mut canvas);
        plot.end_labels(&mut canvas, &labels);
        plot.title(&mut canvas, ["a", "b", "c"][i.min(2)], &panel.title);
    }
    canvas.finish(title, caption)
}

/// The rows of a grid at positions, with the errors of those rows.
fn row(x: &[f64], grid: &(ndarray::Array2<f64>, ndarray::Array2<f64>), row: usize) -> Points {
    x.iter().enumerate().map(|(i, &x)| (x, grid.0[[row, i]], grid.1[[row, i]])).collect()
}

fn all_y(curves: &[Points]) -> impl Iterator<Item = f64> {
    curves.iter().flatten().map(|p| p.1)
}

fn all_x(curves: &[Points]) -> impl Iterator<Item = f64> {
    curves.iter().flatten().map(|p| p.0)
}

fn flows(runs: &[Compared<'_>]) -> Result<Vec<Panel>, FigureError> {
    let main = |run: &Compared<'_>| -> Option<(String, Vec<f64>)> {
        let numbers = numbers(run.figures, "F05")?;
        let group = hidden_group(numbers.count("main_hidden")?);
        Some((group.clone(), numbers.list(&format!("{group}/start_temperature")).ok()?))
    };
    let all: Vec<Option<(String, Vec<f64>)>> = runs.iter().map(main).collect();
    let mut common: Option<Vec<f64>> = None;
    for (_, starts) in all.iter().flatten() {
        common = Some(match common {
            None => starts.clone(),
            Some(before) => before.into_iter().filter(|t| starts.contains(t)).collect(),
        });
    }
    let mut common = common.unwrap_or_default();
    common.sort_by(f64::total_cmp);
    let ends: Vec<f64> = match common[..] {
        [] => vec![],
        [only] => vec![only],
        [first, .., last] => vec![first, last],
    };
    ends.into_iter()
        .map(|start| {
            let mut curves = Vec::new();
            for (run, main) in runs.iter().zip(&all) {
                let (Some(numbers), Some((group, starts))) = (numbers(run.figures, "F05"), main) else {
                    curves.push(vec![]);
                    continue;
                };
                let steps: Vec<f64> =
                    numbers.counts(&format!("{group}/step"))?.iter().map(|&s| s as f64).collect();
                let place = starts.iter().position(|t| *t == start);
                let grid = numbers.grid_with_error(&format!("{group}/energy_temperature")).ok();
                curves.push(match (place, grid) {
                    (Some(place), Some(grid)) => row(&steps, &grid, place),
                    _ => vec![],
                });
            }
            let most = all_x(&curves).fold(1.0, f64::max);
            Ok(Panel {
                title: format!(
                    "From T = {}",
                    temperature(start, critical_temperatures(runs).first().copied().unwrap_or(f64::NAN))
                ),
                x: Axis::steps("step", most),
                y: Axis::linear("T_{E} (J/k_{B})", 0.0, 6.3),
                curves,
                critical: true,
                marked: false,
                widest: WIDE,
            })
        })
        .collect()
}

/// A list with its errors by N_h, from each run that has it.
fn by_hidden(runs: &[Compared<'_>], id: &str, path: &str) -> Vec<Points> {
    let of = |run: &Compared<'_>| -> Option<Points> {
        let numbers = numbers(run.figures, id)?;
        let hidden = numbers.counts("by_hidden/hidden").ok()?;
        let values = numbers.estimates(&format!("by_hidden/{path}")).ok()?;
        let points = hidden.iter().zip(values).map(|(&h, v)| (h as f64, v.value, v.error));
        Some(points.filter(|p| p.1.is_finite()).collect())
    };
    runs.iter().map(|run| of(run).unwrap_or_default()).collect()
}

fn hidden_axis(curves: &[Points]) -> Axis {
    let mut values: Vec<f64> = all_x(curves).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    crate::f06_fixed_point::counts_axis("hidden units N_{h}", &values, 268.0)
}

fn fixed_points(runs: &[Compared<'_>]) -> Result<Vec<Panel>, FigureError> {
    let curves = by_hidden(runs, "F06", "energy_temperature");
    let needed = |run: &Compared<'_>| -> Option<Points> {
        let numbers = numbers(run.figures, "F06")?;
        let hidden = numbers.counts("by_hidden/hidden").ok()?;
        let starts = numbers.list("by_hidden/start_temperature").ok()?;
        let steps = numbers.grid("by_hidden/steps_needed").ok()?;
        let hot = (0..starts.len()).max_by(|&a, &b| starts[a].total_cmp(&starts[b]))?;
        let points = hidden.iter().enumerate().map(|(i, &h)| (h as f64, steps[[i, hot]], 0.0));
        Some(points.filter(|p| p.1.is_finite()).collect())
    };
    let steps: Vec<Points> = runs.iter().map(|run| needed(run).unwrap_or_default()).collect();
    let most = all_y(&steps).fold(10.0, f64::max);
    let near = all_y(&curves).chain(critical_temperatures(runs));
    let (low, high) = plot::axis::extent(near);
    Ok(vec![
        Panel {
            title: "By hidden units".to_owned(),
            x: hidden_axis(&curves),
            y: Axis::linear("T_{E} (J/k_{B})", low - 0.1, high + 0.1),
            curves,
            critical: true,
            marked: true,
            widest: f64::INFINITY,
        },
        Panel {
            title: "Steps from the hottest start".to_owned(),
            x: hidden_axis(&steps),
            y: Axis::steps("steps needed", most * 1.15),
            curves: steps,
            critical: false,
            marked: true,
            widest: f64::INFINITY,
        },
    ])
}

fn maps(runs: &[Compared<'_>]) -> Result<Vec<Panel>, FigureError> {
    let of = |run: &Compared<'_>, group: &str| -> Option<Points> {
        let numbers = numbers(run.figures, "F11")?;
        let start = numbers.list(&format!("{group}/start_temperature")).ok()?;
        let after = numbers.list(&format!("{group}/after")).ok()?;
        let shift = numbers.estimates(&format!("{group}/shift")).ok()?;
        let readable = numbers.real("largest_readable").unwrap_or(f64::INFINITY) - 1e-6;
        let mut points: Points = start
            .iter()
            .zip(shift)
            .zip(after)
            .filter(|((t, s), after)| t.is_finite() && s.exists() && *after < readable)
            .map(|((&t, s), _)| (t, s.value, s.error))
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Some(points)
    };
    let panel = |group: &str, title: &str| {
        let curves: Vec<Points> = runs.iter().map(|run| of(run, group).unwrap_or_default()).collect();
        Panel {
            title: title.to_owned(),
            x: Axis::around("T before the step (J/k_{B})", all_x(&curves)),
            y: Axis::around("T′ − T (J/k_{B})", all_y(&curves).chain([0.0])),
            curves,
            critical: false,
            marked: true,
            widest: f64::INFINITY,
        }
    };
    Ok(vec![panel("rbm", "Main machine"), panel("block_spin", "Block spin")])
}

fn correlations(runs: &[Compared<'_>]) -> Result<Vec<Panel>, FigureError> {
    let own = by_hidden(runs, "F12", "short_range_correlation");
    let ising = by_hidden(runs, "F12", "ising_short_range_correlation");
    let ratio: Vec<Points> = own
        .iter()
        .zip(&ising)
        .map(|(own, ising)| {
            let of = |p: &(f64, f64, f64)| {
                let expected = ising.iter().find(|q| q.0 == p.0)?.1;
                (expected > 0.0).then(|| (p.0, p.1 / expected, p.2 / expected))
            };
            own.iter().filter_map(of).collect()
        })
        .collect();
    let panel = |title: &str, label: &str, curves: Vec<Points>| Panel {
        title: title.to_owned(),
        x: hidden_axis(&curves),
        y: Axis::around(label, all_y(&curves).chain([0.0])),
        curves,
        critical: false,
        marked: true,
        widest: f64::INFINITY,
    };
    Ok(vec![panel("By hidden units", "c_{sr}", own), panel("Of the Ising model's", "c_{sr} / Ising", ratio)])
}

fn training(runs: &[Compared<'_>]) -> Result<Vec<Panel>, FigureError> {
    let of = |run: &Compared<'_>, name: &str| -> Option<Points> {
        let hidden = numbers(run.figures, "F05")?.count("main_hidden")?;
        let numbers = numbers(run.figures, "F13")?;
        let group = hidden_group(hidden);
        let updates = numbers.list(&format!("{group}/updates")).ok()?;
        let each = numbers.grid(&format!("{group}/{name}")).ok()?;
        let mean =
            |of: ArrayView1<'_, f64>| combine(&of.iter().map(|&v| Estimate::bare(v)).collect::<Vec<_>>());
        let points =
            updates.iter().zip(each.columns().into_iter().map(mean)).map(|(&u, v)| (u, v.value, v.error));
        Some(points.filter(|p| p.0 > 0.0 && p.1.is_finite()).collect())
    };
    let panel = |name: &str, title: &str, label: &str| {
        let curves: Vec<Points> = runs.iter().map(|run| of(run, name).unwrap_or_default()).collect();
        let (first, most) = plot::axis::extent(all_x(&curves));
        Panel {
            title: title.to_owned(),
            x: Axis::log("updates", first * 0.9, most * 1.1),
            y: Axis::around(label, all_y(&curves)),
            curves,
            critical: false,
            marked: false,
            widest: f64::INFINITY,
        }
    };
    Ok(vec![
        panel("max_abs_weight", "Largest weight", "max|W|"),
        panel("pseudo_log_likelihood_per_spin", "Pseudo-log-likelihood", "nats per spin"),
    ])
}
