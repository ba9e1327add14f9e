//! F04: the temperature distribution along the flow of the main type V machine.

use datasets::{Figure, Flow};
use ndarray::{Array2, Array3};

use crate::error::FigureError;
use crate::f03_thermometer::{class_axis, class_map};
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::wording::{machine, replicas, temperature};
use plot::Style;
use plot::colour::{INK, MUTED, Map, PAPER, in_order};
use plot::layout::NAMED;
use plot::{Align, Axis, Grid, Plot, Rect, Stroke, heat};

pub(crate) fn numbers(run: &Run) -> Figure {
    let training = run.main_training();
    let mut record = Record::new("Temperature distribution along the flow");
    let machines = run.main_picture(training);
    let Some((first, flow)) = machines.iter().find_map(|m| m.flow.as_ref().map(|f| (m, f))) else {
        record.missing(format!("the flow of a machine of type {training}"));
        return record.finish("");
    };
    let starts: Vec<f64> = [flow.start_temperature.iter().copied().fold(f64::INFINITY, f64::min)]
        .into_iter()
        .chain([flow.start_temperature.iter().copied().fold(f64::NEG_INFINITY, f64::max)])
        .collect();
    if flow.nn_posterior.is_none() {
        record.missing("distributions of a network along the flow");
        return record.finish("");
    }
    record.list("start_temperature", &starts, "start", "J/k_B", "temperature of the start");
    let steps: Vec<u64> = flow.step.iter().map(|&s| u64::from(s)).collect();
    record.counts("step", &steps, "step", "1", "number of v → h → v steps");
    record.list("class_temperature", &flow.class_temperature, "class", "J/k_B", "temperature of each class");
    let flows: Vec<&Flow> = machines
        .iter()
        .filter_map(|m| m.flow.as_ref())
        .filter(|f| f.step == flow.step && f.class_temperature == flow.class_temperature)
        .collect();
    let what = "the network's mean probability of each class, mean over replicas";
    match posterior(&flows, &starts, |f| f.nn_posterior.as_ref()) {
        Some((mean, error)) => {
            record.cube("nn_posterior", &mean, "start,step,class", "1", what);
            let what = "standard error of nn_posterior over replicas; 0 with one replica";
            record.cube("nn_posterior_error", &error, "start,step,class", "1", what);
        }
        None => record.missing("the network's distributions"),
    }
    let what = "mean probability of each class under the exact posterior, mean over replicas";
    if let Some((mean, _)) = posterior(&flows, &starts, |f| f.bayes_posterior.as_ref()) {
        record.cube("bayes_posterior", &mean, "start,step,class", "1", what);
    }
    record.axes("step", "temperature class (J/k_B)");
    let last = flow.step.last().copied().unwrap_or(0);
    record.finish(&format!(
        "Distribution of the temperature read by the network along the flow v → h → v ({}; {} chains for each start, \
         {last} steps, {}), from the coldest start, T = {} (left), and from the hottest, T = {} (right). Top: the \
         whole flow; bottom: single steps{}. Dashed: T_{{c}}. The peak of the network is quantised to the classes.",
        machine(first),
        flow.chains,
        replicas(machines.len()),
        temperature(starts[0], run.critical_temperature()),
        temperature(starts[1], run.critical_temperature()),
        if flow.bayes_posterior.is_some() { ", with the exact posterior of the last step dotted" } else { "" },
    ))
}

/// Mean and standard error over flows of [start, step, class] at the given starts.
fn posterior(
    flows: &[&Flow],
    starts: &[f64],
    pick: impl Fn(&Flow) -> Option<&Array3<f64>>,
) -> Option<(Array3<f64>, Array3<f64>)> {
    let first = flows.first()?;
    let shape = (starts.len(), first.step.len(), first.class_temperature.len());
    let (mut sum, mut squares, mut n) = (Array3::<f64>::zeros(shape), Array3::<f64>::zeros(shape), 0.0);
    for flow in flows {
        let Some(cube) = pick(flow) else { continue };
        let rows: Option<Vec<usize>> =
            starts.iter().map(|s| flow.start_temperature.iter().position(|t| t == s)).collect();
        let Some(rows) = rows else { continue };
        for (i, row) in rows.into_iter().enumerate() {
            let part = cube.index_axis(ndarray::Axis(0), row);
            let mut target = sum.index_axis_mut(ndarray::Axis(0), i);
            target += &part;
            let mut target = squares.index_axis_mut(ndarray::Axis(0), i);
            target += &(&part * &part);
        }
        n += 1.0;
    }
    if n == 0.0 {
        return None;
    }
    let mean = sum / n;
    let error = if n > 1.0 {
        ((squares / n - &mean * &mean) / (n - 1.0)).mapv(|v| v.max(0.0).sqrt())
    } else {
        Array3::zeros(shape)
    };
    Some((mean, error))
}

/// Up to five steps to show one by one: the first, the last and some between.
fn chosen_steps(steps: &[u64]) -> Vec<usize> {
    let last = steps.last().copied().unwrap_or(0);
    let mut chosen: Vec<usize> = Vec::new();
    for target in [0, 1, 5, 25, last] {
        let nearest = (0..steps.len()).min_by_key(|&i| steps[i].abs_diff(target.min(last)));
        chosen.extend(nearest);
    }
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let starts = numbers.list("start_temperature")?;
    let steps = numbers.counts("step")?;
    let classes = numbers.list("class_temperature")?;
    let posterior = numbers.cube("nn_posterior")?;
    let error = numbers.cube("nn_posterior_error")?;
    let bayes = numbers.has("bayes_posterior").then(|| numbers.cube("bayes_posterior")).transpose()?;
    let chosen = chosen_steps(&steps);
    // The maps of both starts, then their single steps.
    let grid = Grid { count: 4, widths: &[280.0; 2], height: 192.0, across: [58.0, 52.0, 76.0], down: NAMED };
    let (mut canvas, panels) = grid.begin(style, id, &[]);
    let width = panels.frames[0].width;
    // The start is a spike that would leave the colour scale to itself.
    let most = posterior
        .slice(ndarray::s![.., 1.min(steps.len().saturating_sub(1)).., ..])
        .iter()
        .copied()
        .fold(0.0, f64::max)
        .max(1e-3);
    let last_step = steps.last().copied().unwrap_or(0).max(1) as f64;
    // One column for each two pixels, each with the recorded step next to it on the axis of log(1 + step).
    let columns: Vec<usize> = (0..(width / 2.0) as usize)
        .map(|c| {
            let at = ((c as f64 + 0.5) / (width / 2.0) * (1.0 + last_step).ln()).exp() - 1.0;
            let off = |i: usize| (steps[i] as f64 - at).abs();
            (0..steps.len()).min_by(|&a, &b| off(a).total_cmp(&off(b))).unwrap_or(0)
        })
        .collect();
    let critical = class_position(&classes, numbers.critical_temperature());
    for (i, &start) in starts.iter().enumerate() {
        let labelled = panels.is_first(i);
        let frame = panels.frames[i];
        let x_axis = Axis::steps("step", last_step).without_grid();
        let y_axis = class_axis(if labelled { "temperature read (J/k_{B})" } else { "" }, &classes);
        let mut plot = Plot::new(&mut canvas, frame, x_axis, y_axis);
        let grid: Array2<f64> = posterior.index_axis(ndarray::Axis(0), i).to_owned();
        class_map(&mut canvas, frame, &grid.select(ndarray::Axis(0), &columns), most);
        // A pale line under the dashes, to be seen on dark ground.
        plot.horizontal(&mut canvas, critical, &Stroke::new(PAPER, 2.6));
        plot.critical_y(&mut canvas, critical);
        plot.finish(&mut canvas);
        plot.title(
            &mut canvas,
            ["a", "b"][i],
            &format!("from T = {}", temperature(start, numbers.critical_temperature())),
        );
        if i == 1 {
            canvas.text((frame.right() + 4.0, plot.at_y(critical) + 4.0), Align::Left, 11.0, MUTED, "T_{c}");
        }

        let frame = panels.frames[2 + i];
        let last = chosen.last().copied().unwrap_or(0);
        let exact = bayes.iter().flat_map(|b| b.slice(ndarray::s![i, last, ..]).to_vec());
        let highest =
            chosen.iter().skip(1).flat_map(|&s| grid.row(s).to_vec()).chain(exact).fold(0.05, f64::max);
        let x_axis = class_axis("temperature read (J/k_{B})", &classes);
        let y_axis = Axis::linear(if labelled { "probability" } else { "" }, 0.0, highest * 1.12);
        let mut plot = Plot::new(&mut canvas, frame, x_axis, y_axis);
        plot.critical_x(&mut canvas, critical);
        let mut peaks = Vec::new();
        for (k, &s) in chosen.iter().enumerate() {
            let colour = in_order(k, chosen.len());
            let row = grid.row(s);
            let band: Vec<(f64, f64, f64)> =
                (0..classes.len()).map(|c| (c as f64, row[c], error[[i, s, c]])).collect();
            let dash = if s == 0 { "3 2" } else { "" };
            plot.curve(&mut canvas, &band, &Stroke::new(&colour, 1.8).dashed(dash), f64::INFINITY);
            let peak = (0..classes.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(0);
            peaks.push(((peak as f64, row[peak].min(highest * 1.05)), format!("step {}", steps[s]), colour));
        }
        if let (Some(bayes), Some(&last)) = (&bayes, chosen.last()) {
            let row = bayes.index_axis(ndarray::Axis(0), i);
            let line: Vec<(f64, f64)> =
                row.row(last).iter().enumerate().map(|(c, p)| (c as f64, *p)).collect();
            plot.line(&mut canvas, &line, &Stroke::new(INK, 1.3).dashed("1.5 2.5"));
        }
        for (at, text, colour) in peaks {
            plot.label(&mut canvas, at, &text, &colour);
        }
        plot.finish(&mut canvas);
        plot.title(
            &mut canvas,
            ["c", "d"][i],
            &format!("single steps from T = {}", temperature(start, numbers.critical_temperature())),
        );
    }
    let upper = panels.frames[1];
    let bar = Rect::new(upper.right() + 26.0, upper.y, 11.0, upper.height);
    let ticks: Vec<(f64, String)> =
        [0.0, 0.5, 1.0].iter().map(|f| (*f, format!("{:.2}", f * most))).collect();
    heat::colour_bar(&mut canvas, bar, Map::Sequential, &ticks, "p");
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

/// Where a temperature is on an axis over class numbers.
fn class_position(classes: &[f64], temperature: f64) -> f64 {
    let numbers: Vec<f64> = (0..classes.len()).map(|i| i as f64).collect();
    crate::statistics::interpolate(classes, &numbers, temperature).unwrap_or(f64::NAN)
}
