//! Heat maps and lattice images: cells of one colour are drawn as one shape, so that the files stay small.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ndarray::ArrayView2;

use super::canvas::{Align, Canvas, Rect, Stroke};
use super::colour::{INK, Map};
use super::plot::TICK;
use super::text::number;

/// Number of colours of a map.
const LEVELS: usize = 48;

/// Draws `values` with row 0 on top; `low` and `high` are the ends of the colour scale.
pub(crate) fn heat(
    canvas: &mut Canvas,
    frame: Rect,
    values: ArrayView2<f64>,
    map: Map,
    (low, high): (f64, f64),
) {
    let level = |v: f64| {
        let fraction =
            if high > low && v.is_finite() { ((v - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
        (fraction * (LEVELS - 1) as f64).round() as usize
    };
    cells(
        canvas,
        frame,
        values.dim(),
        |r, c| level(values[[r, c]]),
        |l| map.at(l as f64 / (LEVELS - 1) as f64),
    );
}

/// Draws a configuration of ±1: up dark, down light.
pub(crate) fn lattice(canvas: &mut Canvas, frame: Rect, spins: ArrayView2<i8>) {
    let colour = |l: usize| if l == 1 { "#1d3f66".to_owned() } else { "#f3e7cf".to_owned() };
    cells(canvas, frame, spins.dim(), |r, c| usize::from(spins[[r, c]] > 0), colour);
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
    let mut shapes: BTreeMap<usize, (usize, String)> = BTreeMap::new();
    for r in 0..rows {
        let mut c = 0;
        while c < columns {
            let this = level(r, c);
            let mut end = c + 1;
            while end < columns && level(r, end) == this {
                end += 1;
            }
            let (x0, x1) = (frame.x + c as f64 * w, frame.x + end as f64 * w);
            let y0 = frame.y + r as f64 * h;
            let shape = shapes.entry(this).or_default();
            shape.0 += end - c;
            let _ = write!(
                shape.1,
                "M{} {}h{}v{}h{}z",
                number(x0),
                number(y0),
                number(x1 - x0),
                number(h),
                number(x0 - x1)
            );
            c = end;
        }
    }
    // The most frequent colour is the ground.
    let ground = shapes.iter().max_by_key(|(l, s)| (s.0, usize::MAX - **l)).map(|(l, _)| *l);
    let mut svg = String::from("<g class=\"cells\" shape-rendering=\"crispEdges\">\n");
    if let Some(l) = ground {
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
    for (l, (_, path)) in shapes.iter().filter(|(l, _)| Some(**l) != ground) {
        let _ = writeln!(svg, "<path d=\"{path}\" fill=\"{}\"/>", colour(*l));
    }
    svg.push_str("</g>");
    canvas.raw(&svg);
}

/// A vertical colour scale with its values at the right and a name above.
pub(crate) fn colour_bar(canvas: &mut Canvas, frame: Rect, map: Map, ticks: &[(f64, String)], name: &str) {
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
pub(crate) fn coarse(values: ArrayView2<f64>, most: usize) -> ndarray::Array2<f64> {
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
