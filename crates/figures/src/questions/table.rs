//! F15: the table of all machines of the run, one row for each kind.

use datasets::Figure;

use super::columns::{self, rows};
use super::fitted;
use super::kinds::kinds;
use crate::error::FigureError;
use crate::f06_fixed_point::{RESOLUTION, THERMOMETERS};
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::scene::colour::{GRID, INK, MUTED};
use crate::scene::labels::{Key, key};
use crate::scene::{Align, Axis, Canvas, Plot, Rect, Stroke};
use crate::wording::{critical_temperature, errors};

/// Rows that are drawn; the numbers have all.
const DRAWN: usize = 90;
/// The height of a row in pixels.
const HEIGHT: f64 = 13.0;

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("All machines of this run");
    let kinds = kinds(run);
    if kinds.is_empty() {
        record.missing("machines");
        return record.finish("");
    }
    columns::record(&mut record, &kinds);
    record.axes("temperature at the end of the flow (J/k_B)", "kind of machine");
    record.finish(&format!(
        "The {} kinds of machines of this run, {} machines in all: temperature at the end of the flow by three thermometers; \
         open rings where the flows from the hottest and the coldest start do not end at the same T_{{E}}; readings above 6.6 are not drawn. Grey band: T_{{c}} ± \
         {RESOLUTION}. The data below the figure hold every setting and everything that was measured, one entry for each kind. {}",
        kinds.len(),
        run.points.len(),
        errors(run),
    ))
}

pub(crate) fn draw(id: &str, figure: &Figure) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let all = rows(numbers)?;
    let several_sizes = all.iter().any(|row| row.setting("size") != all[0].setting("size"));
    let shown = &all[..all.len().min(DRAWN)];
    let tall = shown.len() as f64 * HEIGHT + 6.0;
    let mut canvas = Canvas::new(id, 860.0, tall + 100.0);
    let frame = Rect::new(430.0, 40.0, 410.0, tall);
    let mut keys: Vec<Key> = THERMOMETERS.iter().map(|(_, m, c, name)| Key::marker(name, *m, c)).collect();
    keys.push(Key::line("T_{c}", Stroke::new(MUTED, 1.1).dashed("5 3")));
    key(&mut canvas, (20.0, 20.0), 850.0, &keys);
    let temperatures = shown.iter().flat_map(|row| THERMOMETERS.iter().map(|(path, ..)| row.get(path).value));
    let (low, high) = crate::scene::axis::extent(temperatures.chain([critical_temperature()]));
    let x = Axis::linear(
        "temperature at the end of the flow (J/k_{B})",
        (low - 0.1).min(1.9),
        (high + 0.1).clamp(2.6, 6.6),
    );
    let y = Axis::linear("", 0.0, shown.len().max(1) as f64).with_ticks(vec![]);
    let x_end = x.high;
    let mut plot = Plot::new(&mut canvas, frame, x, y);
    let tc = critical_temperature();
    let (left, right) = (plot.at_x(tc - RESOLUTION), plot.at_x(tc + RESOLUTION));
    let band = [(left, frame.y), (right, frame.y), (right, frame.bottom()), (left, frame.bottom())];
    canvas.polygon(&band, MUTED, 0.18);
    plot.critical_x(&mut canvas, tc);
    for (i, row) in shown.iter().enumerate() {
        let y = frame.y + 3.0 + (i as f64 + 0.5) * HEIGHT;
        if i % 5 == 0 && i > 0 {
            canvas.line((16.0, y - HEIGHT / 2.0), (frame.right(), y - HEIGHT / 2.0), &Stroke::new(GRID, 1.0));
        }
        let size = if several_sizes { format!("L = {}, ", row.setting("size")) } else { String::new() };
        let shape = row.shape();
        let room = 410.0 - crate::scene::text::width(&shape, 9.0);
        let name = fitted(&format!("{size}{}, {}", row.data(), row.trained()), 9.0, room) + ", " + &shape;
        canvas.text((frame.x - 8.0, y + 3.2), Align::Right, 9.0, INK, &name);
        for (path, marker, colour, _) in THERMOMETERS {
            let value = row.get(path);
            if !value.exists() || value.value > x_end {
                continue;
            }
            let place = plot.at_x(value.value);
            let (from, to) = (plot.at_x(value.value - value.error), plot.at_x(value.value + value.error));
            if to - from > 6.0 {
                canvas.line((from.max(frame.x), y), (to.min(frame.right()), y), &Stroke::new(colour, 1.0));
            }
            let open = !row.is_settled() && path == "energy_temperature";
            let marker = if open { crate::scene::Marker::OpenCircle } else { marker };
            canvas.marker((place, y), marker, 6.0, colour);
        }
    }
    plot.finish(&mut canvas);
    if all.len() > shown.len() {
        let note = format!("{} of {} kinds are drawn; the data have all", shown.len(), all.len());
        canvas.text((20.0, tall + 84.0), Align::Left, 10.5, MUTED, &note);
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}
