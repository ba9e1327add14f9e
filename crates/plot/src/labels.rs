//! Labels beside curves, placed where nothing is in their way, and keys of symbols.

use super::canvas::{Align, Canvas, Marker, Rect, Stroke, text_box};
use super::colour::INK;
use super::panel::{LABEL, Plot, TICK};
use super::text;

impl Plot {
    /// A label near a point of the data, on the side with the least underneath.
    pub fn label(&self, canvas: &mut Canvas, at: (f64, f64), markup: &str, colour: &str) {
        let (x, y) = self.at(at);
        if !(x + y).is_finite() {
            return;
        }
        let size = TICK + 0.5;
        let inner = Rect::new(
            self.frame.x + 2.0,
            self.frame.y + 2.0,
            self.frame.width - 4.0,
            self.frame.height - 4.0,
        );
        let mut best: Option<(f64, (f64, f64), Align)> = None;
        for distance in [7.0, 12.0, 19.0, 28.0, 40.0] {
            for (dx, dy, align) in [
                (1.0, 0.0, Align::Left),
                (0.7, -0.8, Align::Left),
                (0.7, 0.8, Align::Left),
                (-1.0, 0.0, Align::Right),
                (-0.7, -0.8, Align::Right),
                (-0.7, 0.8, Align::Right),
                (0.0, -1.0, Align::Centre),
                (0.0, 1.0, Align::Centre),
            ] {
                let position = (x + dx * distance, y + dy * distance + size * 0.36);
                let tight = text_box(position, align, size, markup);
                let rect = Rect::new(tight.x - 2.0, tight.y - 1.0, tight.width + 4.0, tight.height + 2.0);
                if !rect.inside(&inner) || !canvas.free(&rect) {
                    continue;
                }
                let covered = self.ink.iter().filter(|p| rect.contains(p.0, p.1)).count();
                let cost = 3.0 * covered as f64 + distance;
                if best.as_ref().is_none_or(|b| cost < b.0) {
                    best = Some((cost, position, align));
                }
            }
        }
        if let Some((_, position, align)) = best {
            canvas.text_on_data(position, align, size, colour, markup);
        }
    }

    /// Labels at the right of the frame beside the ends of curves, moved apart where they would overlap:
    /// (y in data units, text, colour).
    pub fn end_labels(&self, canvas: &mut Canvas, labels: &[(f64, String, String)]) {
        let size = TICK + 0.5;
        let gap = size * 1.25;
        let mut order: Vec<(f64, &str, &str)> = labels
            .iter()
            .filter(|l| l.0.is_finite())
            .map(|l| (self.at_y(l.0).clamp(self.frame.y, self.frame.bottom()), l.1.as_str(), l.2.as_str()))
            .collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let wanted: Vec<f64> = order.iter().map(|l| l.0).collect();
        let placed = apart(&wanted, gap, self.frame.y + 1.0, self.frame.bottom() + 4.0);
        for ((end, label, colour), y) in order.iter().zip(placed) {
            let x = self.frame.right();
            if (y - end).abs() > 2.0 {
                canvas.line((x + 1.0, *end), (x + 8.0, y), &Stroke::new(colour, 0.8));
            } else {
                canvas.line((x + 1.0, y), (x + 8.0, y), &Stroke::new(colour, 0.8));
            }
            canvas.text((x + 10.0, y + size * 0.36), Align::Left, size, colour, label);
        }
    }
}

/// Moves ascending positions at least `gap` apart, each as near to its wish as possible, within `low..=high`.
fn apart(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    // Groups of neighbours that touch are centred on the mean of their wishes and merged until none overlap.
    let mut groups: Vec<(f64, usize)> = Vec::new();
    for &wish in wanted {
        groups.push((wish, 1));
        while groups.len() > 1 {
            let (upper, m) = groups[groups.len() - 1];
            let (lower, n) = groups[groups.len() - 2];
            if upper - lower >= gap * (m + n) as f64 / 2.0 {
                break;
            }
            groups.truncate(groups.len() - 2);
            // Centres of gravity of the wishes, as if each label were at its wish plus its place in the group.
            groups.push(((lower * n as f64 + upper * m as f64) / (m + n) as f64, m + n));
        }
    }
    let mut placed = Vec::with_capacity(wanted.len());
    for (centre, n) in groups {
        let half = gap * (n - 1) as f64 / 2.0;
        let centre = centre.clamp(low + half, (high - half).max(low + half));
        placed.extend((0..n).map(|k| centre - half + gap * k as f64));
    }
    // Groups pushed back inside may touch others; one pass from each end settles that.
    for i in 1..placed.len() {
        placed[i] = placed[i].max(placed[i - 1] + gap);
    }
    let mut limit = high.max(low + gap * placed.len().saturating_sub(1) as f64);
    for y in placed.iter_mut().rev() {
        *y = y.min(limit);
        limit = *y - gap;
    }
    placed
}

/// An entry of a key.
#[derive(Debug, Clone)]
pub struct Key {
    /// What it means, with markup.
    pub markup: String,
    /// The colour of the symbol.
    pub colour: String,
    /// The shape of the points, if there are any.
    pub marker: Option<Marker>,
    /// The line, if there is one.
    pub line: Option<Stroke>,
}

impl Key {
    /// A line.
    pub fn line(markup: &str, stroke: Stroke) -> Self {
        Self { markup: markup.to_owned(), colour: stroke.colour.clone(), marker: None, line: Some(stroke) }
    }

    /// A point.
    pub fn marker(markup: &str, marker: Marker, colour: &str) -> Self {
        Self { markup: markup.to_owned(), colour: colour.to_owned(), marker: Some(marker), line: None }
    }

    /// Points on a line.
    pub fn both(markup: &str, marker: Marker, stroke: Stroke) -> Self {
        Self {
            markup: markup.to_owned(),
            colour: stroke.colour.clone(),
            marker: Some(marker),
            line: Some(stroke),
        }
    }

    fn width(&self) -> f64 {
        let symbol = if self.line.is_some() { 22.0 } else { 9.0 };
        symbol + 5.0 + text::width(&self.markup, LABEL - 0.5)
    }
}

/// A row of symbols with their meaning, starting at (x, y) and wrapped at `right`; returns the y of the last row.
pub fn key(canvas: &mut Canvas, (x, y): (f64, f64), right: f64, entries: &[Key]) -> f64 {
    let (mut left, mut row) = (x, y);
    for entry in entries {
        if left > x && left + entry.width() > right {
            left = x;
            row += 18.0;
        }
        let symbol = if entry.line.is_some() { 22.0 } else { 9.0 };
        if let Some(stroke) = &entry.line {
            canvas.line((left, row - 4.0), (left + symbol, row - 4.0), stroke);
        }
        if let Some(marker) = entry.marker {
            canvas.marker((left + symbol / 2.0, row - 4.0), marker, 7.0, &entry.colour);
        }
        let name = text::fitted(&entry.markup, LABEL - 0.5, right - left - symbol - 5.0);
        canvas.text((left + symbol + 5.0, row), Align::Left, LABEL - 0.5, INK, &name);
        left += entry.width() + 18.0;
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_distance_and_stay_inside() {
        let placed = apart(&[10.0, 10.0, 11.0, 50.0, 99.0, 99.0], 5.0, 0.0, 100.0);
        for pair in placed.windows(2) {
            assert!(pair[1] - pair[0] >= 5.0 - 1e-9, "{placed:?}");
        }
        assert!(placed[0] >= 0.0 && placed[5] <= 100.0, "{placed:?}");
        assert!((placed[3] - 50.0).abs() < 1e-9);
        assert_eq!(apart(&[20.0, 40.0], 5.0, 0.0, 100.0), [20.0, 40.0]);
    }
}
