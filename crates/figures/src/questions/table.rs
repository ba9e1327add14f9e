//! F15: the table of all machines of the run, one row for each kind.

use datasets::Figure;

use super::columns::{self, rows};
use super::kinds::kinds;
use super::{dots, fitted};
use crate::error::FigureError;
use crate::f06_fixed_point::{RESOLUTION, THERMOMETERS};
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::scene::colour::{GRID, INK, MUTED};
use crate::scene::labels::key;
use crate::scene::{Align, Canvas, Rect, Stroke};
use crate::wording::errors;

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
    key(&mut canvas, (20.0, 20.0), 850.0, &dots::keys(&THERMOMETERS));
    let plot = dots::panel(&mut canvas, frame, shown, &THERMOMETERS, (0.1, 6.6));
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
            if !value.exists() || value.value > plot.x.high {
                continue;
            }
            let open = !row.is_settled() && path == "energy_temperature";
            let marker = if open { crate::scene::Marker::OpenCircle } else { marker };
            dots::dot(&mut canvas, &plot, (value, y), (marker, 6.0), &Stroke::new(colour, 1.0));
        }
    }
    plot.finish(&mut canvas);
    if all.len() > shown.len() {
        let note = format!("{} of {} kinds are drawn; the data have all", shown.len(), all.len());
        canvas.text((20.0, tall + 84.0), Align::Left, 10.5, MUTED, &note);
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}
