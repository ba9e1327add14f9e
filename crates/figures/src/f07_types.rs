//! F07: the flows of machines trained on high temperatures only (H) and on T = 0 only (L).

use datasets::{Figure, Flow};

use crate::end_state::{EndState, record_ends};
use crate::error::FigureError;
use crate::f05_flow::{draw_flow, record_flow, start_keys};
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::wording::{machine, written};
use plot::Style;
use plot::colour::MUTED;
use plot::labels::Key;
use plot::layout::SHARED;
use plot::{Axis, Grid, Plot, Stroke};

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Machines of type H and type L");
    let mut said = Vec::new();
    for training in ["H", "L"] {
        let machines = run.main_picture(training);
        let Some(first) = machines.first() else {
            record.missing(format!("a machine of type {training}"));
            continue;
        };
        let flows: Vec<&Flow> = machines.iter().filter_map(|m| m.flow.as_ref()).collect();
        if flows.is_empty() {
            record.missing(format!("the flow of type {training}"));
            continue;
        }
        record_flow(&mut record, training, &flows);
        let end = EndState::of(&machines);
        record_ends(&mut record, &format!("{training}/end"), std::slice::from_ref(&end));
        record.text(&format!("{training}_settings"), &machine(first));
        let temperatures = &first.rbm.training_temperatures;
        let (low, high) = plot::axis::extent(temperatures.iter().copied());
        said.push(format!(
            "{} (trained on {} temperatures from {low} to {high}): T_{{E}} = {}, ⟨|m|⟩ = {}",
            machine(first),
            temperatures.len(),
            written(end.energy_temperature),
            written(end.abs_magnetization),
        ));
    }
    record.axes("step", "T_E (J/k_B) and |m|");
    record.text("see", &format!("{}.", said.join(". ")));
    record.finish(&format!(
        "Temperature (top) and magnetization (bottom) along the flows of machines that saw only high temperatures (H, left) \
         or only the two ground states (L, right), from every start. Dashed: T_{{c}} = {:.3}. T_{{E}} means little below 0.8.",
        run.critical_temperature(),
    ))
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let types: Vec<&str> = ["H", "L"].into_iter().filter(|t| numbers.has(&format!("{t}/step"))).collect();
    let mut starts: Vec<f64> = Vec::new();
    for training in &types {
        for t in numbers.list(&format!("{training}/start_temperature"))? {
            if !starts.contains(&t) {
                starts.push(t);
            }
        }
    }
    starts.sort_by(f64::total_cmp);
    let mut keys = start_keys(&starts, numbers.critical_temperature());
    keys.push(Key::line("T_{c}", Stroke::new(MUTED, 1.1).dashed("5 3")));
    let grid =
        Grid { count: 4, widths: &[294.0; 2], height: 160.0, across: [56.0, 40.0, 30.0], down: SHARED };
    let (mut canvas, panels) = grid.begin(style, id, &keys);
    for (column, training) in types.iter().enumerate() {
        let steps = numbers.counts(&format!("{training}/step"))?;
        let most = steps.iter().fold(1.0, |a: f64, &s| a.max(s as f64));
        for (row, (quantity, label, high)) in [
            ("energy_temperature", "T_{E} (J/k_{B})", 6.3 * numbers.temperature_scale()),
            ("abs_magnetization", "⟨|m|⟩", 1.05),
        ]
        .into_iter()
        .enumerate()
        {
            let panel = 2 * row + column;
            let x = Axis::steps(if panels.is_lowest(panel) { "step" } else { "" }, most);
            let y = Axis::linear(if panels.is_first(panel) { label } else { "" }, 0.0, high);
            let mut plot = Plot::new(&mut canvas, panels.frames[panel], x, y);
            if row == 0 {
                plot.critical_y(&mut canvas, numbers.critical_temperature());
            }
            draw_flow(&mut canvas, &mut plot, numbers, training, quantity)?;
            plot.finish(&mut canvas);
            let title = match *training {
                "H" => "Type H: trained above T_{c}",
                _ => "Type L: trained at T = 0",
            };
            let letter = ["a", "b", "c", "d"][panel];
            plot.title(&mut canvas, letter, if row == 0 { title } else { "magnetization" });
        }
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}
