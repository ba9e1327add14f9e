//! F05: temperature against step for every N_h and every start.

use datasets::{Figure, Flow};

use crate::colours::of_start;
use crate::end_state::EndState;
use crate::error::FigureError;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::{Estimate, along};
use crate::wording::{hidden_group, hidden_of_group, list, machine, temperature, written};
use plot::Style;
use plot::colour::{INK, MUTED};
use plot::labels::Key;
use plot::{Align, Axis, Canvas, Grid, Plot, Stroke};

/// A reading of T_E with a larger error says nothing: all spins up, or no order at all.
pub(crate) const WIDE: f64 = 0.5;

pub(crate) fn numbers(run: &Run) -> Figure {
    let training = run.main_training();
    let mut record = Record::new("Temperature along the flow");
    let hidden = run.hidden_of(training);
    if hidden.is_empty() {
        record.missing(format!("no machine of type {training}"));
    }
    let mut settings = String::new();
    let mut ends = String::from("–");
    let mut energy = true;
    for &h in &hidden {
        let machines = run.main_machines(training, h);
        let Some(first) = machines.first() else { continue };
        if Some(h) == run.main_hidden(training) {
            settings = machine(first);
            let end = EndState::of(&machines);
            let from = |(t, e): (&f64, &Estimate)| {
                format!("{} from T = {}", written(*e), temperature(*t, run.critical_temperature()))
            };
            let each: Vec<String> = end.start_temperature.iter().zip(&end.by_start).map(from).collect();
            ends = list(&each);
        }
        let flows: Vec<&Flow> = machines.iter().filter_map(|m| m.flow.as_ref()).collect();
        if flows.len() < run.replicas.len() {
            record.missing(format!(
                "N_h = {h} in {} of {} replicas",
                run.replicas.len() - flows.len(),
                run.replicas.len()
            ));
        }
        let group = hidden_group(h);
        record_flow(&mut record, &group, &flows);
        energy &= flows.iter().all(|f| f.energy_temperature.is_some());
    }
    if !energy {
        record.missing("T_E of some machines (no equation of state for the lattice)");
    }
    record.text("training", training);
    record.count("main_hidden", run.main_hidden(training).unwrap_or(0));
    record.axes("step", "T_E (J/k_B)");
    let chains = run.machines().find_map(|m| m.flow.as_ref()).map_or(0, |f| f.chains);
    let each: Vec<String> = hidden.iter().map(ToString::to_string).collect();
    let main = run.main_hidden(training).unwrap_or(0);
    record.text("see", &format!("At N_{{h}} = {main} the flow ends at T_{{E}} = {ends}."));
    record.finish(&format!(
        "T_{{E}}, the temperature at which the Ising model has the ensemble's mean energy, against the number of steps \
         v → h → v, for N_{{h}} = {} hidden units and every start ({chains} chains each). Main settings: {settings}. Dashed: T_{{c}} = {:.3}. Where the lines from cold and hot starts meet is the fixed \
         point. Numbers: T_{{E}} at the last step, from the hottest start above and from the coldest below. Bands: errors, left out where T_{{E}} cannot tell (error above {WIDE}). A start at T = ∞ reads as the end of the \
         table of energies.",
        list(&each),
        run.critical_temperature(),
    ))
}

/// Writes what all thermometers say along the flow of one machine.
pub(crate) fn record_flow(record: &mut Record, group: &str, flows: &[&Flow]) {
    let Some(first) = flows.first() else { return };
    let steps: Vec<u64> = first.step.iter().map(|&s| u64::from(s)).collect();
    record.counts(&format!("{group}/step"), &steps, "step", "1", "number of v → h → v steps");
    let what = "temperature of the start";
    record.list(&format!("{group}/start_temperature"), &first.start_temperature, "start", "J/k_B", what);
    type Pick = fn(&Flow) -> Option<&datasets::Measured>;
    let quantities: [(&str, &str, &str, Pick); 5] = [
        ("energy_temperature", "J/k_B", "T_E", |f| f.energy_temperature.as_ref()),
        ("magnetization_temperature", "J/k_B", "T_m", |f| f.magnetization_temperature.as_ref()),
        ("nn_temperature", "J/k_B", "mean temperature of the network", |f| f.nn_temperature.as_ref()),
        ("energy_per_spin", "J", "mean energy per site", |f| Some(&f.energy_per_spin)),
        ("abs_magnetization", "1", "mean |m|", |f| Some(&f.abs_magnetization)),
    ];
    for (name, units, what, pick) in quantities {
        if pick(first).is_some() {
            let (value, error) = along(flows, pick);
            record.grid_with_error(&format!("{group}/{name}"), (&value, &error), "start,step", units, what);
        }
    }
}

/// Draws one quantity of a recorded flow from every start.
pub(crate) fn draw_flow(
    canvas: &mut Canvas,
    plot: &mut Plot,
    numbers: Numbers<'_>,
    group: &str,
    quantity: &str,
) -> Result<(), FigureError> {
    let steps = numbers.counts(&format!("{group}/step"))?;
    let starts = numbers.list(&format!("{group}/start_temperature"))?;
    if !numbers.has(&format!("{group}/{quantity}")) {
        let at = (plot.frame.x + plot.frame.width / 2.0, plot.frame.y + plot.frame.height / 2.0);
        canvas.text(at, Align::Centre, 11.0, MUTED, "not measured");
        return Ok(());
    }
    let (value, error) = numbers.grid_with_error(&format!("{group}/{quantity}"))?;
    for (f, &start) in starts.iter().enumerate() {
        let band: Vec<(f64, f64, f64)> =
            steps.iter().enumerate().map(|(s, &step)| (step as f64, value[[f, s]], error[[f, s]])).collect();
        plot.name = format!("from T = {}", temperature(start, numbers.critical_temperature()));
        plot.curve(canvas, &band, &start_stroke(start), WIDE);
    }
    Ok(())
}

/// Writes T_E at the last step at the ends of the lines from the hottest start, above, and from the coldest, below.
fn ends(canvas: &mut Canvas, plot: &Plot, numbers: Numbers<'_>, group: &str) -> Result<(), FigureError> {
    let path = format!("{group}/energy_temperature");
    if !numbers.has(&path) {
        return Ok(());
    }
    let starts = numbers.list(&format!("{group}/start_temperature"))?;
    let (value, error) = numbers.grid_with_error(&path)?;
    let order = |a: &usize, b: &usize| starts[*a].total_cmp(&starts[*b]);
    let hottest = (0..starts.len()).max_by(order);
    let coldest = (0..starts.len()).min_by(order).filter(|coldest| Some(*coldest) != hottest);
    let last = value.ncols().saturating_sub(1);
    for (start, below) in [(hottest, -18.0), (coldest, 16.0)] {
        let Some(start) = start else { continue };
        let end = Estimate::new(value[[start, last]], error[[start, last]]);
        let at = (plot.frame.right() - 5.0, plot.at_y(end.value) + below);
        if plot.frame.contains(at.0, at.1) {
            canvas.text_on_data(at, Align::Right, 11.0, of_start(starts[start]), &written(end));
        }
    }
    Ok(())
}

/// The line of a start ensemble; dashes tell them apart in grey.
pub(crate) fn start_stroke(start: f64) -> Stroke {
    let stroke = Stroke::new(of_start(start), 1.8);
    if start == 0.0 {
        stroke
    } else if start < 3.0 {
        stroke.dashed("7 2 1.5 2")
    } else if start.is_finite() {
        stroke.dashed("6 2.5")
    } else {
        stroke.dashed("2 1.6")
    }
}

/// The key of the starts.
pub(crate) fn start_keys(starts: &[f64], critical: f64) -> Vec<Key> {
    let name = |t: f64| format!("from T = {}", temperature(t, critical));
    starts.iter().map(|&t| Key::line(&name(t), start_stroke(t))).collect()
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let groups: Vec<&str> = numbers.groups().into_iter().filter(|g| hidden_of_group(g).is_some()).collect();
    let mut starts: Vec<f64> = Vec::new();
    let mut most: f64 = 1.0;
    for group in &groups {
        for t in numbers.list(&format!("{group}/start_temperature"))? {
            if !starts.contains(&t) {
                starts.push(t);
            }
        }
        most = numbers.counts(&format!("{group}/step"))?.iter().fold(most, |a, &s| a.max(s as f64));
    }
    starts.sort_by(f64::total_cmp);
    let mut keys = start_keys(&starts, numbers.critical_temperature());
    keys.push(Key::line("T_{c}", Stroke::new(MUTED, 1.1).dashed("5 3")));
    let columns = groups.len().clamp(1, 4);
    let wide = [420.0, 240.0, 208.0, 182.0][columns - 1];
    let grid = Grid {
        count: groups.len(),
        widths: &vec![wide; columns],
        height: 186.0,
        across: [52.0, 26.0, 16.0],
        down: 30.0,
    };
    let (mut canvas, panels) = grid.begin(style, id, &keys);
    for (i, group) in groups.iter().enumerate() {
        let mut x = Axis::steps("step", most);
        if !panels.is_lowest(i) {
            x = x.without_texts();
        }
        let mut y = Axis::linear("T_{E} (J/k_{B})", 0.0, 6.3 * numbers.temperature_scale());
        if !panels.is_first(i) {
            y = y.without_texts();
        }
        let frame = panels.frames[i];
        let mut plot = Plot::new(&mut canvas, frame, x, y);
        plot.critical_y(&mut canvas, numbers.critical_temperature());
        draw_flow(&mut canvas, &mut plot, numbers, group, "energy_temperature")?;
        ends(&mut canvas, &plot, numbers, group)?;
        plot.finish(&mut canvas);
        let hidden = hidden_of_group(group).unwrap_or(0);
        canvas.text((frame.x, frame.y - 7.0), Align::Left, 12.0, INK, &format!("N_{{h}} = {hidden}"));
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}
