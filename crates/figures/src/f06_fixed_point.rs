//! F06: the fixed point against N_h and against the number of updates, by all thermometers.

use datasets::Figure;

use crate::critical::RESOLUTION;
use crate::dots::Thermometer;
use crate::end_state::{EndState, record_ends};
use crate::error::FigureError;
use crate::machine::{Group, Machine};
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::Estimate;
use crate::wording::written;
use plot::Style;
use plot::colour::{BLUE, INK, MUTED, ORANGE, PURPLE, VERMILLION};
use plot::labels::Key;
use plot::layout::{NAMED, Panels};
use plot::{Align, Axis, Canvas, Grid, Marker, Plot, Rect, Stroke};

/// The thermometers.
pub(crate) const THERMOMETERS: [Thermometer; 3] = [
    ("energy_temperature", Marker::Circle, BLUE, "T_{E} (energy)"),
    ("magnetization_temperature", Marker::Square, ORANGE, "T_{m} (magnetization)"),
    ("nn_peak", Marker::Diamond, PURPLE, "peak of the network"),
];

pub(crate) fn numbers(run: &Run) -> Figure {
    let training = run.main_training();
    let mut record = Record::new("The fixed point against hidden units and training");
    let hidden = run.hidden_of(training);
    let ends: Vec<EndState> = hidden.iter().map(|&h| EndState::of(&run.main_machines(training, h))).collect();
    let updates: Vec<u64> =
        hidden.iter().map(|&h| run.main_machines(training, h).first().map_or(0, |m| m.updates)).collect();
    let as_counts: Vec<u64> = hidden.iter().map(|&h| h as u64).collect();
    record.counts("by_hidden/hidden", &as_counts, "machine", "1", "hidden units");
    record.counts("by_hidden/updates", &updates, "machine", "1", "parameter updates");
    record_ends(&mut record, "by_hidden", &ends);
    if hidden.is_empty() {
        record.missing(format!("machines of type {training}"));
    }

    let by_updates = updates_series(run, training);
    let updates: Vec<u64> = by_updates.iter().map(|m| m[0].updates).collect();
    let later: Vec<EndState> = by_updates.iter().map(|m| EndState::of(m)).collect();
    record.counts("by_updates/updates", &updates, "machine", "1", "parameter updates");
    record_ends(&mut record, "by_updates", &later);
    if by_updates.len() < 2 {
        record.missing("machines with other numbers of updates");
    }
    record.text("training", training);
    let main = run.main_hidden(training).unwrap_or(0);
    record.count("main_hidden", main);
    record.axes("N_h; updates", "temperature of the fixed point (J/k_B)");
    let values: Vec<String> = hidden
        .iter()
        .zip(&ends)
        .map(|(h, e)| {
            if e.has_fixed_point() {
                format!("{h}: {}", written(e.energy_temperature))
            } else {
                format!("{h}: no fixed point")
            }
        })
        .collect();
    record.text("see", &format!("T_{{E}} where the flow ends, by N_{{h}}: {}.", values.join("; ")));
    record.finish(&format!(
        "Temperature at the end of the flow of type {training} machines, by three thermometers: (a) against the number of \
         hidden units, (b) against the number of updates at N_{{h}} = {main}; (c) steps until the energy stays, against \
         N_{{h}}. Open triangles in (a) and (b): T_{{E}} from the coldest (▲) and the hottest (▼) start where there is no fixed point. Grey band: T_{{c}} ± {RESOLUTION}, half the spacing of the training temperatures.",
    ))
}

/// The machines of the updates study together with the main one, by ascending updates, each in all its replicas.
fn updates_series<'a>(run: &'a Run, training: &str) -> Vec<Vec<&'a Machine>> {
    let main = run.main_hidden(training);
    let belongs = |m: &&Machine| {
        Some(m.hidden) == main
            && ((m.group == Group::Main && m.training == training) || m.group == Group::Updates)
    };
    let mut updates: Vec<u64> = run.machines().filter(belongs).map(|m| m.updates).collect();
    updates.sort_unstable();
    updates.dedup();
    updates
        .into_iter()
        .map(|u| {
            // The main machine wins where the study has one with as many updates.
            run.replicas
                .iter()
                .filter_map(|r| {
                    let mut same: Vec<&Machine> =
                        r.machines.iter().filter(belongs).filter(|m| m.updates == u).collect();
                    same.sort_by_key(|m| m.group != Group::Main);
                    same.first().copied()
                })
                .collect()
        })
        .collect()
}

fn panel(
    canvas: &mut Canvas,
    numbers: Numbers<'_>,
    group: &str,
    frame: Rect,
    x: Axis,
    position: &[f64],
) -> Result<Plot, FigureError> {
    let mut y_values = vec![numbers.critical_temperature()];
    for (path, ..) in THERMOMETERS {
        y_values.extend(numbers.list(&format!("{group}/{path}"))?);
    }
    let (by_start, by_start_error) = numbers.grid_with_error(&format!("{group}/end_energy_temperature"))?;
    y_values.extend(by_start.iter().zip(&by_start_error).flat_map(|(v, e)| [v - e, v + e]));
    let scale = numbers.temperature_scale();
    let highest =
        y_values.iter().copied().filter(|v| v.is_finite()).fold(2.5 * scale, f64::max).min(6.2 * scale);
    let lowest = y_values.iter().copied().filter(|v| v.is_finite()).fold(1.9 * scale, f64::min).max(0.0);
    let y = Axis::linear("temperature (J/k_{B})", lowest - 0.1, highest + 0.1);
    let mut plot = Plot::new(canvas, frame, x, y);
    let tc = numbers.critical_temperature();
    let ends = (plot.x.low, plot.x.high);
    plot.band(canvas, &[(ends.0, tc, RESOLUTION), (ends.1, tc, RESOLUTION)], MUTED);
    plot.critical_y(canvas, tc);
    let fixed_point = numbers.list(&format!("{group}/fixed_point"))?;
    let starts = numbers.list(&format!("{group}/start_temperature"))?;
    let coldest = (0..starts.len()).min_by(|&a, &b| starts[a].total_cmp(&starts[b]));
    let hottest = (0..starts.len()).max_by(|&a, &b| starts[a].total_cmp(&starts[b]));
    let apart = |i: usize| fixed_point[i] < 1.0;
    if let (Some(cold), Some(hot)) = (coldest, hottest) {
        for (i, &x) in position.iter().enumerate().filter(|(i, _)| apart(*i)) {
            let ends = [(x, by_start[[i, cold]]), (x, by_start[[i, hot]])];
            plot.line(canvas, &ends, &Stroke::new(BLUE, 1.0).dashed("2 2"));
            plot.name = "T_{E} from the coldest start".to_owned();
            plot.points(canvas, &[(x, ends[0].1, by_start_error[[i, cold]])], Marker::Up, 8.0, BLUE);
            plot.name = "T_{E} from the hottest start".to_owned();
            plot.points(canvas, &[(x, ends[1].1, by_start_error[[i, hot]])], Marker::Down, 8.0, BLUE);
        }
    }
    for (k, (path, marker, colour, name)) in THERMOMETERS.iter().enumerate() {
        let values = numbers.estimates(&format!("{group}/{path}"))?;
        // Side by side, so that no point hides another.
        let shift = [1.0, 0.965, 1.035][k];
        let shown: Vec<(f64, f64, f64)> = position
            .iter()
            .zip(&values)
            .enumerate()
            .map(|(i, (&x, v))| (x * shift, if apart(i) { f64::NAN } else { v.value }, v.error))
            .collect();
        let line: Vec<(f64, f64)> = shown.iter().map(|p| (p.0, p.1)).collect();
        plot.line(canvas, &line, &Stroke::new(colour, 1.0));
        plot.name = (*name).to_owned();
        plot.points(canvas, &shown, *marker, 7.0, colour);
    }
    Ok(plot)
}

/// A logarithmic axis with the settings themselves as ticks, as far as `width` pixels have room for them.
pub(crate) fn counts_axis(label: &str, values: &[f64], width: f64) -> Axis {
    let (low, high) = plot::axis::extent(values.iter().copied());
    let ticks = values.iter().map(|&v| (v, format!("{v}"))).collect::<Vec<_>>();
    let axis = Axis::log(label, low / 1.25, high * 1.25);
    // From the largest down, so that both ends are named.
    let mut kept: Vec<(f64, String)> = Vec::new();
    for tick in ticks.into_iter().rev() {
        if kept.last().is_none_or(|l| (axis.fraction(l.0) - axis.fraction(tick.0)) * width > 29.0) {
            kept.push(tick);
        }
    }
    if values.len() > 1 { axis.with_ticks(kept) } else { axis }
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let hidden: Vec<f64> = numbers.counts("by_hidden/hidden")?.iter().map(|&h| h as f64).collect();
    let updates: Vec<f64> = numbers.counts("by_updates/updates")?.iter().map(|&u| u as f64).collect();
    let mut keys: Vec<Key> =
        THERMOMETERS.iter().map(|(_, m, c, name)| Key::both(name, *m, Stroke::new(c, 1.0))).collect();
    keys.push(Key::line("T_{c}", Stroke::new(MUTED, 1.1).dashed("5 3")));
    keys.push(Key::marker("from the coldest start", Marker::Up, BLUE));
    keys.push(Key::marker("from the hottest", Marker::Down, BLUE));
    let widths = &[300.0, 190.0, 214.0];
    let grid = Grid { count: 3, widths, height: 220.0, across: [54.0, 66.0, 14.0], down: NAMED };
    let (mut canvas, Panels { mut frames, .. }) = grid.begin(style, id, &keys);
    if hidden.is_empty() {
        canvas.text((60.0, 160.0), Align::Left, 12.0, MUTED, "no machine");
        return Ok(canvas.finish(numbers.text("title"), numbers.text("caption")));
    }
    // Room for the labels beside the last panel.
    frames[2].width -= 58.0;
    let x = counts_axis("hidden units N_{h}", &hidden, frames[0].width);
    let plot = panel(&mut canvas, numbers, "by_hidden", frames[0], x, &hidden)?;
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "a", "By hidden units");
    if updates.is_empty() {
        canvas.frame(frames[1], &Stroke::new(INK, 1.0));
    } else {
        let thousands: Vec<f64> = updates.iter().map(|u| u / 1000.0).collect();
        let x = counts_axis("updates / 1000", &thousands, frames[1].width);
        let plot = panel(&mut canvas, numbers, "by_updates", frames[1], x, &thousands)?;
        plot.finish(&mut canvas);
    }
    let main = numbers.count("main_hidden").unwrap_or(0);
    plot::panel::panel_title(&mut canvas, frames[1], "b", &format!("By updates, N_{{h}} = {main}"));

    let steps = numbers.grid("by_hidden/steps_needed")?;
    let starts = numbers.list("by_hidden/start_temperature")?;
    let most = steps.iter().copied().filter(|v| v.is_finite()).fold(10.0, f64::max);
    let x = counts_axis("hidden units N_{h}", &hidden, frames[2].width);
    let mut plot = Plot::new(&mut canvas, frames[2], x, Axis::steps("steps needed", most * 1.15));
    let order = |hot: bool| {
        (0..starts.len()).max_by(|&a, &b| {
            let (a, b) = (starts[a], starts[b]);
            if hot { a.total_cmp(&b) } else { b.total_cmp(&a) }
        })
    };
    let mut labels = Vec::new();
    for (start, marker, colour) in [(order(false), Marker::Up, BLUE), (order(true), Marker::Down, VERMILLION)]
    {
        let Some(s) = start else { continue };
        let points: Vec<(f64, f64, f64)> =
            hidden.iter().enumerate().map(|(i, &h)| (h, steps[[i, s]], 0.0)).collect();
        let line: Vec<(f64, f64)> = points.iter().map(|p| (p.0, p.1)).collect();
        plot.line(&mut canvas, &line, &Stroke::new(colour, 1.2));
        plot.name = format!(
            "steps from T = {}",
            crate::wording::temperature(starts[s], numbers.critical_temperature())
        );
        plot.points(&mut canvas, &points, marker, 7.0, colour);
        if let Some(end) = line.iter().rev().find(|p| p.1.is_finite()) {
            let name =
                format!("T = {}", crate::wording::temperature(starts[s], numbers.critical_temperature()));
            labels.push((end.1, name, colour.to_owned()));
        }
    }
    plot.finish(&mut canvas);
    plot.end_labels(&mut canvas, &labels);
    plot.title(&mut canvas, "c", "Steps until settled");
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

/// What a thermometer reads where the flow of a machine ends.
pub(crate) struct FixedPointAt {
    /// N_h or the number of updates.
    pub(crate) setting: u64,
    pub(crate) reading: Estimate,
    /// Whether that is a fixed point, in every replica.
    pub(crate) exists: bool,
}

/// The readings of a group with their settings, for the claims; what has no reading is left out.
pub(crate) fn fixed_points(
    numbers: Numbers<'_>,
    group: &str,
    setting: &str,
    thermometer: &str,
) -> Result<Vec<FixedPointAt>, FigureError> {
    let settings = numbers.counts(&format!("{group}/{setting}"))?;
    let readings = numbers.estimates(&format!("{group}/{thermometer}"))?;
    let fixed_point = numbers.list(&format!("{group}/fixed_point"))?;
    let points = settings.into_iter().zip(readings).zip(fixed_point);
    let point = |((setting, reading), fraction)| FixedPointAt { setting, reading, exists: fraction >= 1.0 };
    Ok(points.map(point).filter(|point| point.reading.exists()).collect())
}
