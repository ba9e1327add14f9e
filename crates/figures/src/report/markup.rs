//! Text with subscripts and superscripts as HTML.

use std::fmt::Write as _;

use plot::text::{Line, escape, spans};

/// Text with `T_{c}` as HTML.
pub(crate) fn markup(text: &str) -> String {
    let mut html = String::new();
    for span in spans(text) {
        let text = escape(span.text);
        let _ = match span.line {
            Line::On => write!(html, "{text}"),
            Line::Below => write!(html, "<sub>{text}</sub>"),
            Line::Above => write!(html, "<sup>{text}</sup>"),
        };
    }
    html
}
