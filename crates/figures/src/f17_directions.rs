//! F17: where the flow of every machine goes from cold and from hot starts, beside a step of the renormalization group.

use datasets::{Figure, Flow};

use crate::end_state::{EndState, record_ends};
use crate::error::FigureError;
use crate::f06_fixed_point::counts_axis;
use crate::f11_map::record_map;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::wording::{list, written};
use plot::Style;
use plot::colour::{BLUE, INK, MUTED, VERMILLION};
use plot::labels::Key;
use plot::layout::{NAMED, Panels};
use plot::{Align, Axis, Grid, Marker, Plot, Stroke};

/// The highest temperature that is shown, and the highest start, on a square lattice.
const TOP: f64 = 6.3;

pub(crate) fn numbers(run: &Run) -> Figure {
    let training = run.main_training();
    let mut record = Record::new("Where the flow goes, from cold and from hot starts");
    let hidden = run.hidden_of(training);
    let ends: Vec<EndState> = hidden.iter().map(|&h| EndState::of(&run.main_machines(training, h))).collect();
    if hidden.is_empty() {
        record.missing(format!("machines of type {training}"));
        return record.finish("");
    }
    let as_counts: Vec<u64> = hidden.iter().map(|&h| h as u64).collect();
    record.counts("by_hidden/hidden", &as_counts, "machine", "1", "hidden units");
    record_ends(&mut record, "by_hidden", &ends);
    let blocks: Vec<&Flow> = run.replicas.iter().filter_map(|r| r.block_spin.as_ref()).collect();
    let has_blocks = record_map(&mut record, "block_spin", &blocks);
    if !has_blocks {
        record.missing("the block-spin flow, or its T_E");
    }
    record.axes("N_h; T of the start", "temperature (J/k_B)");
    record.text("see", &sight(&hidden, &ends, run.critical_temperature()));
    let steps =
        run.machines().find_map(|m| m.flow.as_ref()).and_then(|f| f.step.last().copied()).unwrap_or(0);
    let blocks = if has_blocks {
        "; (b) from each start to T_{E} after one 2 × 2 block spin of majority, a step of the renormalization group"
    } else {
        ""
    };
    record.finish(&format!(
        "(a) From the coldest and the hottest start of a finite temperature (tails of the arrows) to T_{{E}}, the temperature at \
         which the Ising model has the ensemble's mean energy, after {steps} steps v → h → v (tips), for type {training} machines of \
         each number of hidden units N_{{h}}. Dots: fixed points, where the flows from all starts end at one energy{blocks}. Dashed: \
         T_{{c}} = {:.3}.",
        run.critical_temperature(),
    ))
}

/// What there is to see, in a sentence.
fn sight(hidden: &[usize], ends: &[EndState], tc: f64) -> String {
    let with = |fixed: bool| -> Vec<String> {
        let own = hidden.iter().zip(ends).filter(|(_, end)| end.has_fixed_point() == fixed);
        own.map(|(h, _)| h.to_string()).collect()
    };
    let (meet, apart) = (with(true), with(false));
    let mut said = if meet.is_empty() {
        "The flows from cold and from hot starts end at different temperatures".to_owned()
    } else {
        format!("Flows from cold and from hot starts meet for N_{{h}} = {}", list(&meet))
    };
    if !meet.is_empty() && !apart.is_empty() {
        said.push_str(&format!(", not for {}", list(&apart)));
    }
    let fixed: Vec<(usize, f64, String)> = hidden
        .iter()
        .zip(ends)
        .filter(|(_, end)| end.has_fixed_point())
        .map(|(&h, end)| (h, end.energy_temperature.value, written(end.energy_temperature)))
        .collect();
    if let [(first, start, one), .., (last, _, other)] = &fixed[..] {
        let crossing = fixed.windows(2).find(|pair| (pair[0].1 > tc) != (pair[1].1 > tc));
        let at = match crossing {
            Some(pair) => format!(", and crosses T_{{c}} between N_{{h}} = {} and {}", pair[0].0, pair[1].0),
            None if *start > tc => ", and stays above T_{c}".to_owned(),
            None => ", and stays below T_{c}".to_owned(),
        };
        said.push_str(&format!(
            "; where they meet, T_{{E}} goes from {one} at N_{{h}} = {first} to {other} at {last}{at}"
        ));
    }
    said + "."
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let (tc, top) = (numbers.critical_temperature(), TOP * numbers.temperature_scale());
    let hidden: Vec<f64> = numbers.counts("by_hidden/hidden")?.iter().map(|&h| h as f64).collect();
    let starts = numbers.list("by_hidden/start_temperature")?;
    let (value, error) = numbers.grid_with_error("by_hidden/end_energy_temperature")?;
    let fixed_point = numbers.list("by_hidden/fixed_point")?;
    let fixed = numbers.estimates("by_hidden/energy_temperature")?;
    let blocks = numbers.has("block_spin/start_temperature");
    let keys = [
        Key::line("machine, from cold", Stroke::new(BLUE, 2.0)),
        Key::line("machine, from hot", Stroke::new(VERMILLION, 2.0)),
        Key::marker("fixed point", Marker::Circle, INK),
        Key::line("T_{c}", Stroke::new(MUTED, 1.1).dashed("5 3")),
    ];
    let widths: &[f64] = if blocks { &[470.0, 230.0] } else { &[700.0] };
    let grid = Grid { count: widths.len(), widths, height: 300.0, across: [54.0, 60.0, 16.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);

    let x = counts_axis("hidden units N_{h}", &hidden, frames[0].width);
    let mut plot = Plot::new(&mut canvas, frames[0], x, Axis::linear("temperature (J/k_{B})", 0.0, top));
    plot.critical_y(&mut canvas, tc);
    let finite = || (0..starts.len()).filter(|&s| starts[s].is_finite());
    let coldest = finite().min_by(|&a, &b| starts[a].total_cmp(&starts[b]));
    let hottest = finite().max_by(|&a, &b| starts[a].total_cmp(&starts[b]));
    for (start, colour, name) in [(coldest, BLUE, "coldest"), (hottest, VERMILLION, "hottest")] {
        let Some(s) = start else { continue };
        let tips: Vec<(f64, f64, f64)> =
            hidden.iter().enumerate().map(|(i, &h)| (h, value[[i, s]], error[[i, s]])).collect();
        for &(h, tip, _) in &tips {
            canvas.arrow(plot.at((h, starts[s])), plot.at((h, tip)), &Stroke::new(colour, 2.0));
        }
        plot.name = format!("T_{{E}} from the {name} start");
        plot.points(&mut canvas, &tips, Marker::Circle, 0.0, colour);
    }
    let met: Vec<(f64, f64, f64)> = (0..hidden.len())
        .filter(|&i| fixed_point[i] >= 1.0)
        .map(|i| (hidden[i], fixed[i].value, fixed[i].error))
        .collect();
    plot.name = "T_{E} of the fixed point".to_owned();
    plot.points(&mut canvas, &met, Marker::Circle, 8.0, INK);
    plot.finish(&mut canvas);
    plot.title(&mut canvas, if blocks { "a" } else { "" }, "Machine, v → h → v");
    canvas.text((frames[0].x + 6.0, plot.at_y(tc) - 5.0), Align::Left, 11.0, MUTED, "T_{c}");

    if blocks {
        let starts = numbers.list("block_spin/start_temperature")?;
        let after = numbers.estimates("block_spin/after")?;
        let shown: Vec<usize> = (0..starts.len())
            .filter(|&i| {
                starts[i] > 0.0 && starts[i] < top && after[i].value < 6.0 * numbers.temperature_scale()
            })
            .collect();
        let most = shown.iter().map(|&i| starts[i]).fold(tc, f64::max);
        let least = shown.iter().map(|&i| starts[i]).fold(tc, f64::min);
        let x = Axis::linear("T of the start (J/k_{B})", least - 0.3, most + 0.3);
        let mut plot = Plot::new(&mut canvas, frames[1], x, Axis::linear("T_{E} (J/k_{B})", 0.0, top));
        plot.critical_y(&mut canvas, tc);
        plot.line(&mut canvas, &[(0.0, 0.0), (top, top)], &Stroke::new(MUTED, 1.0));
        for &i in &shown {
            let colour = if starts[i] < tc { BLUE } else { VERMILLION };
            let (tail, tip) = (plot.at((starts[i], starts[i])), plot.at((starts[i], after[i].value)));
            canvas.arrow(tail, tip, &Stroke::new(colour, 2.0));
        }
        plot.name = "T_{E} after one block spin".to_owned();
        let tips: Vec<(f64, f64, f64)> =
            shown.iter().map(|&i| (starts[i], after[i].value, after[i].error)).collect();
        plot.points(&mut canvas, &tips, Marker::Circle, 0.0, INK);
        plot.finish(&mut canvas);
        plot.title(&mut canvas, "b", "Block spins");
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}
