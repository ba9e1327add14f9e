//! Heat maps: cells of one colour are drawn as one shape, so that the files stay small.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ndarray::ArrayView2;

use super::canvas::{Align, Canvas, Rect, Stroke};
use super::colour::{INK, Map};
use super::panel::TICK;
use super::text::number;

/// Number of colours of a map.
const LEVELS: usize = 48;

/// Draws `values` with row 0 on top; `low` and `high` are the ends of the colour scale.
pub fn heat(canvas: &mut Canvas, frame: Rect, values: ArrayView2<f64>, map: Map, (low, high): (f64, f64)) {
    cells(
        canvas,
        frame,
        values.dim(),
        |r, c| level(values[[r, c]], (low, high)),
        |l| map.at(l as f64 / (LEVELS - 1) as f64),
    );
}

/// Rectangles that stand for items, such as the sites of a lattice, in units of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct Tiling {
    /// The item of each rectangle, its left and upper edges, its width and height. An item may have several.
    pub tiles: Vec<(usize, [f64; 4])>,
    /// The width of all of it.
    pub width: f64,
    /// The height of all of it.
    pub height: f64,
    /// Whether the rectangles cover all of it.
    pub gapless: bool,
}

impl Tiling {
    /// Draws each item with the colour of its level, as large as the frame allows; items without a level are left out.
    pub fn draw(
        mut self,
        canvas: &mut Canvas,
        frame: Rect,
        level: impl Fn(usize) -> Option<usize>,
        colour: impl Fn(usize) -> String,
    ) {
        let (width, height) = (self.width, self.height);
        let unit = (frame.width / width).min(frame.height / height);
        let (left, top) =
            (frame.x + (frame.width - width * unit) / 2.0, frame.y + (frame.height - height * unit) / 2.0);
        self.tiles.sort_by(|a, b| a.1[1].total_cmp(&b.1[1]).then(a.1[0].total_cmp(&b.1[0])));
        let mut shapes = Shapes::default();
        let tiles = self.tiles.into_iter();
        let mut tiles = tiles.filter_map(|(item, tile)| Some((level(item)?, tile))).peekable();
        while let Some((this, [x, y, mut length, tall])) = tiles.next() {
            while let Some(&(_, [_, _, more, _])) = tiles
                .peek()
                .filter(|(l, [next, row, ..])| *l == this && *row == y && (next - x - length).abs() < 1e-9)
            {
                length += more;
                tiles.next();
            }
            shapes.add(this, length, [left + x * unit, top + y * unit, length * unit, tall * unit]);
        }
        // Only what has no gaps has a ground.
        let ground = self.gapless.then(|| Rect::new(left, top, width * unit, height * unit));
        shapes.draw(canvas, ground, colour);
    }

    /// Draws a value for each item; `low` and `high` are the ends of the colour scale.
    pub fn heat(self, canvas: &mut Canvas, frame: Rect, values: &[f64], map: Map, (low, high): (f64, f64)) {
        let level = |item: usize| values.get(item).map(|&value| level(value, (low, high)));
        self.draw(canvas, frame, level, |l| map.at(l as f64 / (LEVELS - 1) as f64));
    }
}

/// The cells of each level as one shape.
#[derive(Default)]
struct Shapes(BTreeMap<usize, (f64, String)>);

impl Shapes {
    /// Adds a rectangle with so many cells.
    fn add(&mut self, level: usize, cells: f64, [x, y, width, height]: [f64; 4]) {
        let shape = self.0.entry(level).or_default();
        shape.0 += cells;
        let _ = write!(
            shape.1,
            "M{} {}h{}v{}h{}z",
            number(x),
            number(y),
            number(width),
            number(height),
            number(-width)
        );
    }

    /// Draws them; the most frequent colour is the ground if there is one.
    fn draw(self, canvas: &mut Canvas, ground: Option<Rect>, colour: impl Fn(usize) -> String) {
        let most = self.0.iter().max_by(|(k, a), (l, b)| a.0.total_cmp(&b.0).then(l.cmp(k))).map(|(l, _)| *l);
        let most = most.filter(|_| ground.is_some());
        let mut svg = String::from("<g class=\"cells\" shape-rendering=\"crispEdges\">\n");
        if let (Some(l), Some(frame)) = (most, ground) {
            let _ = writeln!(
                svg,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
                number(frame.x),
                number(frame.y),
                number(frame.width),
                number(frame.height),
                colour(l)
            );
        }
        for (l, (_, path)) in self.0.iter().filter(|(l, _)| Some(**l) != most) {
            let _ = writeln!(svg, "<path d=\"{path}\" fill=\"{}\"/>", colour(*l));
        }
        svg.push_str("</g>");
        canvas.raw(&svg);
    }
}

/// The number of the colour of a value.
fn level(value: f64, (low, high): (f64, f64)) -> usize {
    let fraction =
        if high > low && value.is_finite() { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
    (fraction * (LEVELS - 1) as f64).round() as usize
}

fn cells(
    canvas: &mut Canvas,
    frame: Rect,
    (rows, columns): (usize, usize),
    level: impl Fn(usize, usize) -> usize,
    colour: impl Fn(usize) -> String,
) {
    if rows == 0 || columns == 0 {
        return;
    }
    let (w, h) = (frame.width / columns as f64, frame.height / rows as f64);
    let mut shapes = Shapes::default();
    for r in 0..rows {
        let mut c = 0;
        while c < columns {
            let this = level(r, c);
            let mut end = c + 1;
            while end < columns && level(r, end) == this {
                end += 1;
            }
            let (x0, x1) = (frame.x + c as f64 * w, frame.x + end as f64 * w);
            shapes.add(this, (end - c) as f64, [x0, frame.y + r as f64 * h, x1 - x0, h]);
            c = end;
        }
    }
    shapes.draw(canvas, Some(frame), colour);
}

/// A vertical colour scale with its values at the right and a name above.
pub fn colour_bar(canvas: &mut Canvas, frame: Rect, map: Map, ticks: &[(f64, String)], name: &str) {
    let n = LEVELS as f64;
    canvas.raw("<g class=\"cells\" shape-rendering=\"crispEdges\">");
    for l in 0..LEVELS {
        let y = frame.bottom() - (l as f64 + 1.0) / n * frame.height;
        let svg = format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
            number(frame.x),
            number(y),
            number(frame.width),
            number(frame.height / n + 0.3),
            map.at(l as f64 / (n - 1.0))
        );
        canvas.raw(&svg);
    }
    canvas.raw("</g>");
    canvas.frame(frame, &Stroke::new(INK, 0.8));
    for (fraction, label) in ticks {
        let y = frame.bottom() - fraction * frame.height;
        canvas.line((frame.right(), y), (frame.right() + 3.0, y), &Stroke::new(INK, 0.8));
        canvas.text((frame.right() + 5.5, y + TICK * 0.36), Align::Left, TICK, INK, label);
    }
    if !name.is_empty() {
        canvas.text((frame.x, frame.y - 8.0), Align::Left, TICK, INK, name);
    }
}

/// Averages blocks so that at most `most` rows and columns are left; the numbers stay as they are if they are few.
pub fn coarse(values: ArrayView2<f64>, most: usize) -> ndarray::Array2<f64> {
    let (rows, columns) = values.dim();
    let block = rows.max(columns).div_ceil(most).max(1);
    ndarray::Array2::from_shape_fn((rows.div_ceil(block), columns.div_ceil(block)), |(r, c)| {
        let part = values.slice(ndarray::s![
            r * block..((r + 1) * block).min(rows),
            c * block..((c + 1) * block).min(columns)
        ]);
        part.mean().unwrap_or(f64::NAN)
    })
}
