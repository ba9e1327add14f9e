//! Pictures of numbers: axes, curves, bands, points with errors, heat maps and labels as SVG text, and as PNG.
//!
//! **Invariant:** nothing here knows what the numbers are, and equal numbers give equal bytes on every machine: texts
//! are measured with the embedded font, so that nothing is clipped and labels can avoid each other, and nothing of the
//! system is asked for.
//!
//! # Overview
//!
//! * [`Grid`] — where panels stand on a page, in a column of a journal, or on a slide ([`Style`]).
//! * [`Plot`] — a panel: a frame with two [`Axis`] and the curves, bands, points and labels in it.
//! * [`heat`] — values as colours, on a grid or wherever items are ([`heat::Tiling`]).
//! * [`Canvas`] — the page itself: lines, shapes and texts; [`Canvas::finish`] makes the SVG text.
//! * [`png`] — the pixels of an SVG text.

pub mod axis;
pub mod canvas;
pub mod colour;
mod error;
pub mod heat;
pub mod labels;
pub mod layout;
pub mod panel;
mod picture;
mod style;
pub mod text;

pub use axis::Axis;
pub use canvas::{Align, Canvas, Marker, Rect, Stroke};
pub use error::PlotError;
pub use layout::Grid;
pub use panel::Plot;
pub use picture::{png, png_in};
pub use style::{SLIDE, Style};
