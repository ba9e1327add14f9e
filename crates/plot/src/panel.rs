//! One panel: a frame with two axes and what is drawn in it.

use std::fmt::Write as _;

use super::axis::Axis;
use super::canvas::{Align, Canvas, Marker, Rect, Stroke, text_box};
use super::colour::{GRID, INK, MUTED};
use super::text;

/// Font size of axis names and labels.
pub const LABEL: f64 = 12.0;
/// Font size of tick texts.
pub const TICK: f64 = 10.5;
/// Font size of panel titles.
pub const TITLE: f64 = 12.5;

/// A panel while it is drawn.
#[derive(Debug)]
pub struct Plot {
    /// Where it is on the page.
    pub frame: Rect,
    /// The axis from left to right.
    pub x: Axis,
    /// The axis from bottom to top.
    pub y: Axis,
    /// Points on the page that are covered by data, for labels to avoid.
    pub ink: Vec<(f64, f64)>,
    /// What the next curve or points show. With a name their values are in the SVG, for pages to show them on demand;
    /// without one they are only drawn.
    pub name: String,
}

impl Plot {
    /// Draws the grid; the frame and the texts come with [`Plot::finish`], on top of the data.
    pub fn new(canvas: &mut Canvas, frame: Rect, x: Axis, y: Axis) -> Self {
        let plot = Self { frame, x, y, ink: Vec::new(), name: String::new() };
        let grid = Stroke::new(GRID, 1.0);
        if plot.x.grid {
            for (value, _) in &plot.x.ticks {
                let x = plot.at_x(*value);
                canvas.line((x, frame.y), (x, frame.bottom()), &grid);
            }
        }
        if plot.y.grid {
            for (value, _) in &plot.y.ticks {
                let y = plot.at_y(*value);
                canvas.line((frame.x, y), (frame.right(), y), &grid);
            }
        }
        plot
    }

    /// Where a value of the x axis is on the page.
    pub fn at_x(&self, x: f64) -> f64 {
        self.frame.x + self.x.fraction(x) * self.frame.width
    }

    /// Where a value of the y axis is on the page.
    pub fn at_y(&self, y: f64) -> f64 {
        self.frame.bottom() - self.y.fraction(y) * self.frame.height
    }

    /// Where a point of the data is on the page; not a number if one of its values is none.
    pub fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        if x.is_nan() || y.is_nan() { (f64::NAN, f64::NAN) } else { (self.at_x(x), self.at_y(y)) }
    }

    /// Remembers that a line covers the page here.
    fn cover(&mut self, points: &[(f64, f64)]) {
        for pair in points.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            if !(x0 + y0 + x1 + y1).is_finite() {
                continue;
            }
            let parts = (((x1 - x0).abs() + (y1 - y0).abs()) / 4.0).clamp(1.0, 400.0) as usize;
            for k in 0..=parts {
                let f = k as f64 / parts as f64;
                self.ink.push((x0 + f * (x1 - x0), y0 + f * (y1 - y0)));
            }
        }
    }

    /// A line without values of its own, cut off at the frame.
    pub fn line(&mut self, canvas: &mut Canvas, points: &[(f64, f64)], stroke: &Stroke) {
        self.polyline(canvas, points, stroke, "");
    }

    fn polyline(&mut self, canvas: &mut Canvas, points: &[(f64, f64)], stroke: &Stroke, attributes: &str) {
        let points: Vec<(f64, f64)> = points.iter().map(|&p| self.at(p)).collect();
        canvas.begin_clip(self.frame);
        canvas.polyline(&points, stroke, attributes);
        canvas.end_clip();
        self.cover(&points);
    }

    /// A curve through (x, y, error) with a band of ± error where the error is at most `widest`.
    pub fn curve(&mut self, canvas: &mut Canvas, points: &[(f64, f64, f64)], stroke: &Stroke, widest: f64) {
        let narrow: Vec<(f64, f64, f64)> = points.iter().copied().filter(|p| p.2 <= widest).collect();
        self.band(canvas, &narrow, &stroke.colour);
        let line: Vec<(f64, f64)> = points.iter().map(|p| (p.0, p.1)).collect();
        let values = self.values(points);
        self.polyline(canvas, &line, stroke, &values);
    }

    /// The name and the values of named data as attributes: position on the page, x, y and error of each point that is
    /// in the frame.
    fn values(&self, points: &[(f64, f64, f64)]) -> String {
        if self.name.is_empty() {
            return String::new();
        }
        let mut list = String::new();
        for &(x, y, error) in points {
            let (px, py) = self.at((x, y));
            if !self.frame.contains(px, py) {
                continue;
            }
            let (y, error) = rounded(y, error);
            let _ = write!(list, "{} {} {} {y} {error};", text::number(px), text::number(py), digits(x, 6),);
        }
        let plain = |markup: &str| text::escape(&text::plain(markup));
        let ((x, of_x), (_, of_y)) = (unit(&self.x.quantity), unit(&self.y.quantity));
        format!(
            " data-name=\"{}\" data-unit=\"{}\" data-x=\"{}\" data-x-unit=\"{}\" data-points=\"{list}\"",
            plain(&self.name),
            plain(of_y),
            plain(x),
            plain(of_x),
        )
    }

    /// A band of ± error around (x, y, error).
    pub fn band(&mut self, canvas: &mut Canvas, points: &[(f64, f64, f64)], colour: &str) {
        let finite = points.iter().filter(|p| p.0.is_finite() && p.1.is_finite() && p.2 > 0.0);
        let upper: Vec<(f64, f64)> = finite.clone().map(|p| self.at((p.0, p.1 + p.2))).collect();
        let lower = finite.map(|p| self.at((p.0, p.1 - p.2))).rev();
        let outline: Vec<(f64, f64)> = upper.iter().copied().chain(lower).collect();
        if upper.len() >= 2 {
            canvas.begin_clip(self.frame);
            canvas.polygon(&outline, colour, 0.22);
            canvas.end_clip();
        }
    }

    /// Points with error bars, (x, y, error).
    pub fn points(
        &mut self,
        canvas: &mut Canvas,
        points: &[(f64, f64, f64)],
        marker: Marker,
        size: f64,
        colour: &str,
    ) {
        let stroke = Stroke::new(colour, 1.2);
        let values = self.values(points);
        canvas.raw(&format!("<g{values}>"));
        let room = Rect::new(
            self.frame.x - 4.0,
            self.frame.y - 4.0,
            self.frame.width + 8.0,
            self.frame.height + 8.0,
        );
        for &(x, y, error) in points {
            let (px, py) = self.at((x, y));
            if !room.contains(px, py) {
                continue;
            }
            if error > 0.0 {
                let top = self.at_y(y + error).max(self.frame.y);
                let bottom = self.at_y(y - error).min(self.frame.bottom());
                if bottom - top > size {
                    canvas.line((px, top), (px, bottom), &stroke);
                    canvas.line((px - 2.5, top), (px + 2.5, top), &stroke);
                    canvas.line((px - 2.5, bottom), (px + 2.5, bottom), &stroke);
                }
                self.cover(&[(px, top), (px, bottom)]);
            }
            canvas.marker((px, py), marker, size, colour);
            self.cover(&[(px - size / 2.0, py - size / 2.0), (px + size / 2.0, py + size / 2.0)]);
        }
        canvas.raw("</g>");
    }

    /// A vertical line through the whole panel.
    pub fn vertical(&mut self, canvas: &mut Canvas, x: f64, stroke: &Stroke) {
        let x = self.at_x(x);
        let ends = [(x, self.frame.y), (x, self.frame.bottom())];
        canvas.line(ends[0], ends[1], stroke);
        self.cover(&ends);
    }

    /// A horizontal line through the whole panel.
    pub fn horizontal(&mut self, canvas: &mut Canvas, y: f64, stroke: &Stroke) {
        let y = self.at_y(y);
        let ends = [(self.frame.x, y), (self.frame.right(), y)];
        canvas.line(ends[0], ends[1], stroke);
        self.cover(&ends);
    }

    /// The critical temperature on the y axis: a dashed line.
    pub fn critical_y(&mut self, canvas: &mut Canvas, temperature: f64) {
        self.horizontal(canvas, temperature, &Stroke::new(MUTED, 1.1).dashed("5 3"));
    }

    /// The critical temperature on the x axis: a dashed line.
    pub fn critical_x(&mut self, canvas: &mut Canvas, temperature: f64) {
        self.vertical(canvas, temperature, &Stroke::new(MUTED, 1.1).dashed("5 3"));
    }

    /// The title above the frame, with the panel's letter if there is one.
    pub fn title(&self, canvas: &mut Canvas, letter: &str, title: &str) {
        panel_title(canvas, self.frame, letter, title);
    }

    /// Draws the frame, the ticks and the texts of the axes.
    pub fn finish(&self, canvas: &mut Canvas) {
        let frame = self.frame;
        let ink = Stroke::new(INK, 1.0);
        canvas.frame(frame, &ink);
        // Only as many texts as have room.
        let mut taken: Vec<Rect> = Vec::new();
        for (value, label) in &self.x.ticks {
            let at = (self.at_x(*value), frame.bottom() + 15.5);
            canvas.line((at.0, frame.bottom()), (at.0, frame.bottom() + 4.0), &ink);
            let room = text_box(at, Align::Centre, TICK, label).wider(3.5);
            if !label.is_empty() && !taken.iter().any(|t| t.overlaps(&room)) {
                canvas.text(at, Align::Centre, TICK, INK, label);
                taken.push(room);
            }
        }
        for value in &self.x.minor {
            let x = self.at_x(*value);
            canvas.line((x, frame.bottom()), (x, frame.bottom() + 2.0), &ink);
        }
        let mut widest: f64 = 0.0;
        for (value, label) in &self.y.ticks {
            let y = self.at_y(*value);
            canvas.line((frame.x - 4.0, y), (frame.x, y), &ink);
            if !label.is_empty() {
                canvas.text((frame.x - 6.5, y + TICK * 0.36), Align::Right, TICK, INK, label);
                widest = widest.max(text::width(label, TICK));
            }
        }
        for value in &self.y.minor {
            let y = self.at_y(*value);
            canvas.line((frame.x - 2.0, y), (frame.x, y), &ink);
        }
        if !self.x.label.is_empty() {
            let at = (frame.x + frame.width / 2.0, frame.bottom() + 32.0);
            canvas.text(at, Align::Centre, LABEL, INK, &self.x.label);
        }
        if !self.y.label.is_empty() {
            let at = (frame.x - widest - 14.0, frame.y + frame.height / 2.0);
            let size = shrunk(&self.y.label, LABEL, frame.height + 40.0);
            canvas.text_upwards(at, size, &self.y.label);
        }
    }
}

/// A value rounded to its error, and the error with two digits: `0` if it is exact, `?` if it is not known.
fn rounded(value: f64, error: f64) -> (String, String) {
    if error.is_nan() {
        return (digits(value, 4), "?".to_owned());
    }
    if !(error > 0.0 && error.is_finite()) {
        return (digits(value, 6), "0".to_owned());
    }
    let decimals = (1 - error.log10().floor() as i32).clamp(0, 12) as usize;
    (format!("{value:.decimals$}"), format!("{error:.decimals$}"))
}

/// The name and the unit of a quantity that is written `name (unit)`; no unit if there is none.
fn unit(quantity: &str) -> (&str, &str) {
    let unit = quantity.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("));
    unit.unwrap_or((quantity, ""))
}

/// A number with so many significant digits, without superfluous zeros.
pub fn digits(value: f64, significant: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 { "0".to_owned() } else { value.to_string() };
    }
    let exponent = value.abs().log10().floor() as i32;
    let decimals = (significant as i32 - 1 - exponent).clamp(0, 12) as usize;
    let mut text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    text
}

/// A panel's title above its frame.
pub fn panel_title(canvas: &mut Canvas, frame: Rect, letter: &str, title: &str) {
    let mut x = frame.x;
    if !letter.is_empty() {
        let drawn = canvas.text((x, frame.y - 8.0), Align::Left, TITLE, MUTED, &format!("({letter})"));
        x = drawn.right() + 6.0;
    }
    let size = shrunk(title, TITLE, canvas.width - x - 4.0);
    canvas.text((x, frame.y - 8.0), Align::Left, size, INK, title);
}

/// The size of a text that has only so much room.
fn shrunk(markup: &str, size: f64, room: f64) -> f64 {
    size * (room / text::width(markup, size)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_units_or_none() {
        assert_eq!(unit("T_{E} (J/k_{B})"), ("T_{E}", "J/k_{B}"));
        assert_eq!(unit("G(r)"), ("G(r)", ""));
    }

    #[test]
    fn values_are_rounded_to_their_errors() {
        let text = |value, error| {
            let (value, error) = rounded(value, error);
            format!("{value} {error}")
        };
        assert_eq!(text(2.031_234, 0.012_3), "2.031 0.012");
        assert_eq!(text(17_503.2, 625.0), "17503 625");
        assert_eq!(text(2.0, 0.0), "2 0");
        assert_eq!(text(2.0, f64::NAN), "2 ?", "an unknown error is not none");
    }
}
