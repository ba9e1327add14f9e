//! F15: the table of all machines of the run, one row for each kind.

use datasets::Figure;

use super::columns::{self, rows};
use super::kinds::kinds;
use crate::critical::RESOLUTION;
use crate::dots::Table;
use crate::error::FigureError;
use crate::f06_fixed_point::THERMOMETERS;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::wording::lattice_in_short;
use plot::Style;
use plot::colour::{GRID, MUTED};
use plot::{Align, Marker, Stroke};

/// Rows that are drawn on pages; the numbers have all.
const DRAWN: usize = 90;
/// With more rows than these the dots of a row are on one line.
const FEW: usize = 30;
/// Readings above are not drawn, in J/k_B.
const LARGEST: f64 = 6.6;

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
         open rings where the flow has no fixed point; readings above {LARGEST} are not drawn. Grey band: T_{{c}} ± \
         {RESOLUTION}. The data below the figure hold every setting and everything that was measured, one entry for each kind.",
        kinds.len(),
        kinds.iter().map(|kind| kind.points.len()).sum::<usize>(),
    ))
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let all = rows(numbers)?;
    let several = all.iter().any(|row| row.lattice != all[0].lattice);
    let shown = &all[..all.len().min(style.pick(DRAWN, 30, 22))];
    let table = Table {
        thermometers: &THERMOMETERS,
        rows: shown.len(),
        across: (430.0, 410.0),
        apart: if shown.len() <= FEW { 3.5 } else { 0.0 },
        text: 10.0,
    };
    let values = shown.iter().flat_map(|row| THERMOMETERS.iter().map(|(path, ..)| row.get(path).value));
    let mut dots = table.begin(style, (id, numbers), values, (0.1, LARGEST));
    for (i, row) in shown.iter().enumerate() {
        if i > 0 && row.data() != shown[i - 1].data() {
            dots.separate(i, &Stroke::new(GRID, 1.0));
        }
        let size = if several { format!("{}, ", lattice_in_short(row.lattice)) } else { String::new() };
        let name = format!("{size}{}, {}", row.data(), row.trained());
        dots.name(i, &name, &format!(", {}", row.shape()), true);
        for (k, (path, marker, colour, _)) in THERMOMETERS.into_iter().enumerate() {
            let open = !row.is_settled() && path == "energy_temperature";
            dots.dot(i, k, row.get(path), if open { Marker::OpenCircle } else { marker }, colour);
        }
    }
    if all.len() > shown.len() {
        let note = format!("{} of {} kinds are drawn; the data have all", shown.len(), all.len());
        let y = dots.canvas.height + 6.0;
        dots.canvas.height += 16.0;
        dots.canvas.text((20.0, y), Align::Left, 10.5, MUTED, &note);
    }
    Ok(dots.finish(numbers.text("title"), numbers.text("caption")))
}
