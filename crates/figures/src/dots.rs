//! Tables of dots on one axis of temperatures: a row for each kind of machine with what several thermometers read for it.

use crate::critical::RESOLUTION;
use crate::record::Numbers;
use crate::statistics::Estimate;
use plot::SLIDE;
use plot::Style;
use plot::colour::{INK, MUTED};
use plot::labels::{Key, key};
use plot::text::{fitted, width};
use plot::{Align, Axis, Canvas, Marker, Plot, Rect, Stroke};

/// A thermometer: its column, its marker, its colour and its name.
pub(crate) type Thermometer = (&'static str, Marker, &'static str, &'static str);

/// The least height of a row.
const LEAST: f64 = 15.0;

/// What a table looks like on the page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table<'a> {
    pub(crate) thermometers: &'a [Thermometer],
    pub(crate) rows: usize,
    /// Room for the names at the left, and the width of the frame.
    pub(crate) across: (f64, f64),
    /// The vertical distance between the dots of a row.
    pub(crate) apart: f64,
    /// The font size of the names.
    pub(crate) text: f64,
}

/// A table while it is drawn. The names are at the left of the frame; in one column of a journal each is above its dots.
#[derive(Debug)]
pub(crate) struct Dots {
    pub(crate) canvas: Canvas,
    pub(crate) plot: Plot,
    style: Style,
    thermometers: usize,
    row: f64,
    apart: f64,
    text: f64,
}

impl Table<'_> {
    /// A canvas with the key and the panel with T_c and the band about it, wide enough for all values with a margin,
    /// but not beyond `most`.
    pub(crate) fn begin(
        self,
        style: Style,
        (id, numbers): (&str, Numbers<'_>),
        values: impl IntoIterator<Item = f64>,
        (margin, most): (f64, f64),
    ) -> Dots {
        let (tc, scale) = (numbers.critical_temperature(), numbers.temperature_scale());
        let mut keys: Vec<Key> =
            self.thermometers.iter().map(|(_, m, c, name)| Key::marker(name, *m, c)).collect();
        keys.push(Key::line("T_{c}", Stroke::new(MUTED, 1.1).dashed("5 3")));
        let mut canvas = Canvas::new(style, id, self.across.0 + self.across.1 + 20.0, 0.0);
        let end = canvas.width - 10.0;
        let top = key(&mut canvas, (style.pick(20.0, 12.0, 20.0), 20.0), end, &keys) + 22.0;

        let thermometers = self.thermometers.len();
        let gaps = thermometers.saturating_sub(1).max(1) as f64;
        let rows = self.rows.max(1) as f64;
        let own = self.apart * gaps + 14.0;
        let filling = ((SLIDE - top - 66.0) / rows).clamp(LEAST, 1.5 * own);
        let row = style.pick(own, own + 12.0, filling);
        let apart = self.apart.min((filling - 10.0) / gaps);
        let apart = style.pick(self.apart, self.apart, apart);
        let left = style.pick(self.across.0, 14.0, self.across.0);
        let frame = Rect::new(left, top, canvas.width - left - 20.0, rows * row + 6.0);
        canvas.height = frame.bottom() + 44.0;

        let (low, high) = plot::axis::extent(values.into_iter().chain([tc]));
        let name = "temperature at the end of the flow (J/k_{B})";
        let x = Axis::linear(
            name,
            (low - margin).min(1.9 * scale),
            (high + margin).clamp(2.6 * scale, most * scale),
        );
        let y = Axis::linear("", 0.0, rows).with_ticks(vec![]);
        let mut plot = Plot::new(&mut canvas, frame, x, y);
        let (low, high) = (plot.at_x(tc - RESOLUTION), plot.at_x(tc + RESOLUTION));
        let band = [(low, frame.y), (high, frame.y), (high, frame.bottom()), (low, frame.bottom())];
        canvas.polygon(&band, MUTED, 0.18);
        plot.critical_x(&mut canvas, tc);
        let text = style.pick(self.text, 10.0, self.text.max(10.0));
        Dots { canvas, plot, style, thermometers, row, apart, text }
    }
}

impl Dots {
    fn top_of(&self, row: usize) -> f64 {
        self.plot.frame.y + 3.0 + row as f64 * self.row
    }

    /// The height on the page about which the dots of a row are.
    pub(crate) fn middle(&self, row: usize) -> f64 {
        let above = if self.style.is_column() { 12.0 } else { 0.0 };
        self.top_of(row) + above + (self.row - above) / 2.0
    }

    /// A line above a row.
    pub(crate) fn separate(&mut self, row: usize, stroke: &Stroke) {
        let (y, frame) = (self.top_of(row), self.plot.frame);
        let left = if self.style.is_column() { frame.x } else { 16.0 };
        self.canvas.line((left, y), (frame.right(), y), stroke);
    }

    /// The name of a row, of which the end is more important than the beginning, and whether the ends of its flow meet.
    pub(crate) fn name(&mut self, row: usize, beginning: &str, end: &str, meet: bool) {
        const APART: &str = "ends do not meet";
        let (frame, size, small) = (self.plot.frame, self.text, 10.0);
        let middle = self.middle(row) + 0.36 * size;
        let (at, align, room, note) = if self.style.is_column() {
            let (y, left) = (self.top_of(row) + size, frame.x + 8.0);
            let note = if meet { 0.0 } else { width(APART, small) + 12.0 };
            ((left, y), Align::Left, frame.width - 16.0 - note, y)
        } else {
            ((frame.x - 10.0, middle), Align::Right, frame.x - 20.0, middle)
        };
        let beginning = fitted(beginning, size, room - width(end, size));
        self.canvas.text_on_data(at, align, size, INK, &format!("{beginning}{end}"));
        if !meet {
            self.canvas.text_on_data((frame.right() - 6.0, note), Align::Right, small, MUTED, APART);
        }
    }

    /// What thermometer number `k` reads, with its error where that is wider than the marker.
    pub(crate) fn dot(&mut self, row: usize, k: usize, value: Estimate, marker: Marker, colour: &str) {
        let frame = self.plot.frame;
        let x = self.plot.at_x(value.value);
        if !value.exists() || x < frame.x || x > frame.right() {
            return;
        }
        let y = self.middle(row) + self.apart * (k as f64 - 0.5 * (self.thermometers - 1) as f64);
        let (from, to) =
            (self.plot.at_x(value.value - value.error), self.plot.at_x(value.value + value.error));
        let size = if self.apart > 0.0 { 7.0 } else { 6.0 };
        if to - from > size {
            let stroke = Stroke::new(colour, 1.2);
            self.canvas.line((from.max(frame.x), y), (to.min(frame.right()), y), &stroke);
        }
        self.canvas.marker((x, y), marker, size, colour);
    }

    /// The SVG file.
    pub(crate) fn finish(mut self, title: &str, description: &str) -> String {
        self.plot.finish(&mut self.canvas);
        self.canvas.finish(title, description)
    }
}
