//! A small layer for scientific pictures: axes, curves, bands, points with errors, heat maps and labels as SVG text.
//!
//! Every text is measured with the embedded font, so that nothing is clipped and labels can avoid each other.

pub(crate) mod axis;
pub(crate) mod canvas;
pub(crate) mod colour;
pub(crate) mod heat;
pub(crate) mod labels;
pub(crate) mod layout;
pub(crate) mod plot;
pub(crate) mod text;

pub(crate) use axis::Axis;
pub(crate) use canvas::{Align, Canvas, Marker, Rect, Stroke};
pub(crate) use layout::Grid;
pub(crate) use plot::Plot;
