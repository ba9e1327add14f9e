//! The page of a picture: shapes and texts with fixed number formatting.

use std::fmt::Write as _;

use super::colour::{INK, PAPER, of_text};
use super::style::{SLIDE, Style};
use super::text::{self, CAP_HEIGHT, number};

/// A rectangle in pixels; y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// The width.
    pub width: f64,
    /// The height.
    pub height: f64,
}

impl Rect {
    /// A rectangle from its left upper corner, width and height.
    pub fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { x, y, width, height }
    }

    /// The right edge.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// The lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// The same with a margin at the left and at the right.
    pub fn wider(&self, margin: f64) -> Self {
        Self::new(self.x - margin, self.y, self.width + 2.0 * margin, self.height)
    }

    /// Whether a point is inside or on the edge.
    pub fn contains(&self, x: f64, y: f64) -> bool {
        x >= self.x && x <= self.right() && y >= self.y && y <= self.bottom()
    }

    /// Whether both have more than an edge in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    /// Whether it lies within another one.
    pub fn inside(&self, outer: &Self) -> bool {
        self.x >= outer.x
            && self.y >= outer.y
            && self.right() <= outer.right()
            && self.bottom() <= outer.bottom()
    }
}

/// Which point of a text is at its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Its left end.
    Left,
    /// Its middle.
    Centre,
    /// Its right end.
    Right,
}

/// How a line is drawn.
#[derive(Debug, Clone)]
pub struct Stroke {
    /// A colour of SVG.
    pub colour: String,
    /// The width in pixels.
    pub width: f64,
    /// Lengths of dashes and gaps; empty for a solid line.
    pub dash: &'static str,
}

impl Stroke {
    /// A solid line.
    pub fn new(colour: &str, width: f64) -> Self {
        Self { colour: colour.to_owned(), width, dash: "" }
    }

    /// The same with lengths of dashes and gaps, as SVG has them.
    pub fn dashed(mut self, dash: &'static str) -> Self {
        self.dash = dash;
        self
    }

    fn attributes(&self) -> String {
        let dash =
            if self.dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{}\"", self.dash) };
        format!("stroke=\"{}\" stroke-width=\"{}\"{dash}", self.colour, number(self.width))
    }
}

/// The shape of a data point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// A filled circle.
    Circle,
    /// An empty circle.
    OpenCircle,
    /// A square.
    Square,
    /// A square on its corner.
    Diamond,
    /// A triangle that points upwards.
    Up,
    /// A triangle that points downwards.
    Down,
}

impl Marker {
    /// Those that tell several series apart, in turn.
    pub const SERIES: [Self; 5] = [Self::Circle, Self::Square, Self::Diamond, Self::Up, Self::Down];
}

/// A picture while it is drawn.
#[derive(Debug)]
pub struct Canvas {
    style: Style,
    id: String,
    /// The width in pixels.
    pub width: f64,
    /// The height in pixels.
    pub height: f64,
    body: String,
    clips: usize,
    /// The boxes of all texts so far, for labels to avoid.
    placed: Vec<Rect>,
}

impl Canvas {
    /// An empty canvas, with the figure's own `width` on pages; `id` makes the names inside the SVG unique in a page with
    /// several.
    pub fn new(style: Style, id: &str, width: f64, height: f64) -> Self {
        let width = style.canvas(width);
        Self { style, id: id.to_owned(), width, height, body: String::new(), clips: 0, placed: Vec::new() }
    }

    /// Adds SVG text.
    pub fn raw(&mut self, svg: &str) {
        self.body.push_str(svg);
        self.body.push('\n');
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: &Stroke) {
        let svg = format!(
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" {}/>",
            number(from.0),
            number(from.1),
            number(to.0),
            number(to.1),
            stroke.attributes()
        );
        self.raw(&svg);
    }

    /// A line that ends in an arrowhead; one that is shorter than its head has none.
    pub fn arrow(&mut self, from: (f64, f64), to: (f64, f64), stroke: &Stroke) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy);
        if !length.is_finite() {
            return;
        }
        let head = 3.2 * stroke.width;
        if length <= head {
            self.line(from, to, stroke);
            return;
        }
        let (ux, uy) = (dx / length, dy / length);
        let neck = (to.0 - head * ux, to.1 - head * uy);
        self.line(from, neck, stroke);
        let half = 0.6 * head;
        let corner = |side: f64| (neck.0 - side * half * uy, neck.1 + side * half * ux);
        self.polygon(&[to, corner(1.0), corner(-1.0)], &stroke.colour, 1.0);
    }

    /// A line through points, broken where one is not finite; `attributes` are those of the element.
    pub fn polyline(&mut self, points: &[(f64, f64)], stroke: &Stroke, attributes: &str) {
        let mut path = String::new();
        let mut pen_up = true;
        for &(x, y) in points {
            if !x.is_finite() || !y.is_finite() {
                pen_up = true;
                continue;
            }
            let _ = write!(path, "{}{} {}", if pen_up { 'M' } else { 'L' }, number(x), number(y));
            pen_up = false;
        }
        if !path.is_empty() {
            let svg = format!(
                "<path d=\"{path}\" fill=\"none\" stroke-linejoin=\"round\" {}{attributes}/>",
                stroke.attributes()
            );
            self.raw(&svg);
        }
    }

    /// A filled polygon.
    pub fn polygon(&mut self, points: &[(f64, f64)], fill: &str, opacity: f64) {
        let mut path = String::new();
        for (i, &(x, y)) in points.iter().enumerate() {
            let _ = write!(path, "{}{} {}", if i == 0 { 'M' } else { 'L' }, number(x), number(y));
        }
        let svg = format!("<path d=\"{path}Z\" fill=\"{fill}\" fill-opacity=\"{}\"/>", number(opacity));
        self.raw(&svg);
    }

    /// The edges of a rectangle.
    pub fn frame(&mut self, rect: Rect, stroke: &Stroke) {
        let svg = format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"none\" {}/>",
            number(rect.x),
            number(rect.y),
            number(rect.width),
            number(rect.height),
            stroke.attributes()
        );
        self.raw(&svg);
    }

    /// A data point of about `size` pixels across.
    pub fn marker(&mut self, (x, y): (f64, f64), marker: Marker, size: f64, colour: &str) {
        let r = size / 2.0;
        let shape = |points: &[(f64, f64)]| {
            points.iter().enumerate().fold(String::new(), |mut path, (i, &(dx, dy))| {
                let letter = if i == 0 { 'M' } else { 'L' };
                let _ = write!(path, "{letter}{} {}", number(x + dx * r), number(y + dy * r));
                path
            })
        };
        // Small points stand close together: their outlines would eat each other.
        let outline = if size < 5.5 { 0.25 } else { 0.6 };
        let filled = |path: String| {
            format!("<path d=\"{path}Z\" fill=\"{colour}\" stroke=\"{PAPER}\" stroke-width=\"{outline}\"/>")
        };
        let circle = |fill: &str, stroke: &str, width: f64| {
            format!(
                "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"{width}\"/>",
                number(x),
                number(y),
                number(r)
            )
        };
        let svg = match marker {
            Marker::Circle => circle(colour, PAPER, outline),
            Marker::OpenCircle => circle(PAPER, colour, 1.4),
            Marker::Square => filled(shape(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)])),
            Marker::Diamond => filled(shape(&[(0.0, -1.3), (1.15, 0.0), (0.0, 1.3), (-1.15, 0.0)])),
            Marker::Up => filled(shape(&[(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)])),
            Marker::Down => filled(shape(&[(0.0, 1.2), (1.1, -0.8), (-1.1, -0.8)])),
        };
        self.raw(&svg);
    }

    /// A text whose baseline is at `y`; returns its box.
    pub fn text(&mut self, (x, y): (f64, f64), align: Align, size: f64, colour: &str, markup: &str) -> Rect {
        self.text_with(x, y, align, size, colour, markup, "")
    }

    /// A text with a pale outline, legible on top of curves.
    pub fn text_on_data(
        &mut self,
        (x, y): (f64, f64),
        align: Align,
        size: f64,
        colour: &str,
        markup: &str,
    ) -> Rect {
        let halo = format!(
            " stroke=\"{PAPER}\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\""
        );
        self.text_with(x, y, align, size, colour, markup, &halo)
    }

    #[expect(clippy::too_many_arguments, reason = "the public methods above have fewer")]
    fn text_with(
        &mut self,
        x: f64,
        y: f64,
        align: Align,
        size: f64,
        colour: &str,
        markup: &str,
        more: &str,
    ) -> Rect {
        let rect = text_box((x, y), align, size, markup);
        let colour = of_text(colour);
        let anchor = match align {
            Align::Left => "start",
            Align::Centre => "middle",
            Align::Right => "end",
        };
        let svg = format!(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\" font-size=\"{}\" fill=\"{colour}\"{more}>{}</text>",
            number(x),
            number(y),
            number(size),
            text::tspans(markup, size)
        );
        self.raw(&svg);
        self.placed.push(rect);
        rect
    }

    /// A text that reads upwards, centred at (x, y).
    pub fn text_upwards(&mut self, (x, y): (f64, f64), size: f64, markup: &str) {
        let length = text::width(markup, size);
        let svg = format!(
            "<text transform=\"translate({} {}) rotate(-90)\" text-anchor=\"middle\" font-size=\"{}\" fill=\"{INK}\">{}</text>",
            number(x),
            number(y),
            number(size),
            text::tspans(markup, size)
        );
        self.raw(&svg);
        let rect = Rect::new(x - size * CAP_HEIGHT, y - length / 2.0, size, length);
        self.placed.push(rect);
    }

    /// Everything until [`Canvas::end_clip`] is cut off at the rectangle.
    pub fn begin_clip(&mut self, rect: Rect) {
        self.clips += 1;
        let name = format!("{}-clip{}", self.id, self.clips);
        let svg = format!(
            "<clipPath id=\"{name}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>\n<g clip-path=\"url(#{name})\">",
            number(rect.x),
            number(rect.y),
            number(rect.width),
            number(rect.height)
        );
        self.raw(&svg);
    }

    /// Ends what [`Canvas::begin_clip`] began.
    pub fn end_clip(&mut self) {
        self.raw("</g>");
    }

    /// Whether a box is on the page and touches no text.
    pub fn free(&self, rect: &Rect) -> bool {
        rect.inside(&Rect::new(0.0, 0.0, self.width, self.height))
            && !self.placed.iter().any(|p| p.overlaps(rect))
    }

    /// The SVG file; `title` and `description` are for readers who do not see the picture.
    pub fn finish(self, title: &str, description: &str) -> String {
        // A slide has its shape whatever is drawn, which is in its middle.
        let (wide, high) = (self.width, self.height);
        let slide = wide.max(high * wide / SLIDE);
        let page = self.style.pick((wide, high), (wide, high), (slide, slide * SLIDE / wide));
        let corner = ((wide - page.0) / 2.0, (high - page.1) / 2.0);
        let [x, y, w, h] = [corner.0, corner.1, page.0, page.1].map(number);
        let size = |length: f64| match self.style.width() {
            Some(millimetres) => number(length * millimetres / page.0) + "mm",
            None => number(length),
        };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{x} {y} {w} {h}\" width=\"{}\" height=\"{}\" role=\"img\" font-family=\"{}\">\n\
             <title>{}</title>\n<desc>{}</desc>\n<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"{PAPER}\"/>\n{}</svg>\n",
            size(page.0),
            size(page.1),
            text::FAMILY,
            text::escape(&text::plain(title)),
            text::escape(&text::plain(description)),
            self.body,
        )
    }
}

/// The box that a text fills.
pub fn text_box((x, y): (f64, f64), align: Align, size: f64, markup: &str) -> Rect {
    let width = text::width(markup, size);
    let left = match align {
        Align::Left => x,
        Align::Centre => x - width / 2.0,
        Align::Right => x - width,
    };
    Rect::new(left, y - size * 0.8, width, size * 1.02)
}
