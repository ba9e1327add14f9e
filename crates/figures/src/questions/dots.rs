//! Rows of dots on one axis of temperatures: what several thermometers read for each machine.

use super::columns::Row;
use crate::f06_fixed_point::RESOLUTION;
use crate::scene::colour::MUTED;
use crate::scene::labels::Key;
use crate::scene::{Axis, Canvas, Marker, Plot, Rect, Stroke};
use crate::statistics::Estimate;
use crate::wording::critical_temperature;

/// A thermometer: its column, its marker, its colour and its name.
pub(super) type Thermometer = (&'static str, Marker, &'static str, &'static str);

/// The key of the thermometers and of T_c.
pub(super) fn keys(thermometers: &[Thermometer]) -> Vec<Key> {
    let mut keys: Vec<Key> = thermometers.iter().map(|(_, m, c, name)| Key::marker(name, *m, c)).collect();
    keys.push(Key::line("T_{c}", Stroke::new(MUTED, 1.1).dashed("5 3")));
    keys
}

/// The panel with T_c and the band about it, wide enough for all readings with a margin, but not beyond `most`.
pub(super) fn panel(
    canvas: &mut Canvas,
    frame: Rect,
    rows: &[Row],
    thermometers: &[Thermometer],
    (margin, most): (f64, f64),
) -> Plot {
    let tc = critical_temperature();
    let all = rows.iter().flat_map(|row| thermometers.iter().map(|(path, ..)| row.get(path).value));
    let (low, high) = crate::scene::axis::extent(all.chain([tc]));
    let x = Axis::linear(
        "temperature at the end of the flow (J/k_{B})",
        (low - margin).min(1.9),
        (high + margin).clamp(2.6, most),
    );
    let y = Axis::linear("", 0.0, rows.len().max(1) as f64).with_ticks(vec![]);
    let mut plot = Plot::new(canvas, frame, x, y);
    let (left, right) = (plot.at_x(tc - RESOLUTION), plot.at_x(tc + RESOLUTION));
    let band = [(left, frame.y), (right, frame.y), (right, frame.bottom()), (left, frame.bottom())];
    canvas.polygon(&band, MUTED, 0.18);
    plot.critical_x(canvas, tc);
    plot
}

/// A reading at a height on the page, with its error where that is wider than the marker.
pub(super) fn dot(
    canvas: &mut Canvas,
    plot: &Plot,
    (value, y): (Estimate, f64),
    (marker, size): (Marker, f64),
    stroke: &Stroke,
) {
    let frame = plot.frame;
    let (from, to) = (plot.at_x(value.value - value.error), plot.at_x(value.value + value.error));
    if to - from > size {
        canvas.line((from.max(frame.x), y), (to.min(frame.right()), y), stroke);
    }
    canvas.marker((plot.at_x(value.value), y), marker, size, &stroke.colour);
}
