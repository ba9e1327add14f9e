//! Texts with subscripts and superscripts, measured with the embedded font.

use std::fmt::Write as _;
use std::sync::OnceLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};

/// DejaVu Sans, the only font of the pictures; its licence is in `fonts/LICENSE-DejaVu.txt`.
pub const FONT: &[u8] = include_bytes!("../fonts/DejaVuSans.ttf");
/// What to use where the picture is shown without the embedded font, all at most as wide.
pub const FAMILY: &str = "DejaVu Sans, Verdana, Geneva, sans-serif";

/// Size of subscripts and superscripts relative to the text.
const SMALL: f64 = 0.74;
/// Height of capital letters relative to the font size.
pub const CAP_HEIGHT: f64 = 0.73;

/// Where a piece of text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// On the line.
    On,
    /// A subscript.
    Below,
    /// A superscript.
    Above,
}

/// A piece of text on, below or above the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span<'a> {
    /// The text, without markup.
    pub text: &'a str,
    /// Where it stands.
    pub line: Line,
}

impl Span<'_> {
    /// How far it is moved down, in units of the font size.
    fn shift(&self) -> f64 {
        match self.line {
            Line::On => 0.0,
            Line::Below => 0.22,
            Line::Above => -0.36,
        }
    }

    /// The size of its letters where the text has `size`.
    fn size(&self, size: f64) -> f64 {
        if self.line == Line::On { size } else { SMALL * size }
    }
}

/// Splits `T_{c}` and `x^{2}` into spans. Braces are needed: other underscores are themselves.
pub fn spans(markup: &str) -> Vec<Span<'_>> {
    let mut spans = Vec::new();
    let mut rest = markup;
    while !rest.is_empty() {
        let next = rest.find("_{").into_iter().chain(rest.find("^{")).min();
        let special = next.and_then(|at| rest[at + 2..].find('}').map(|end| (at, at + 2 + end)));
        let Some((at, end)) = special else {
            spans.push(Span { text: rest, line: Line::On });
            break;
        };
        if at > 0 {
            spans.push(Span { text: &rest[..at], line: Line::On });
        }
        let line = if rest[at..].starts_with('_') { Line::Below } else { Line::Above };
        spans.push(Span { text: &rest[at + 2..end], line });
        rest = &rest[end + 1..];
    }
    spans
}

/// A text without markup: `T_{c}` becomes T_c.
pub fn plain(markup: &str) -> String {
    let sign = |line: Line| match line {
        Line::On => "",
        Line::Below => "_",
        Line::Above => "^",
    };
    spans(markup).iter().flat_map(|span| [sign(span.line), span.text]).collect()
}

/// Text as it may stand in XML, without characters that XML forbids.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.push(c),
            c if c < ' ' || c == '\u{fffe}' || c == '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The width of a text with markup in pixels.
pub fn width(markup: &str, size: f64) -> f64 {
    spans(markup).iter().map(|span| advance(span.text) * span.size(size)).sum()
}

/// The width of a text without markup in units of the font size.
fn advance(text: &str) -> f64 {
    static WIDTHS: OnceLock<Vec<f32>> = OnceLock::new();
    // The tables of the font are searched once; pictures use a few hundred characters at most.
    let widths = WIDTHS.get_or_init(|| {
        let mut widths = vec![0.6; 0x2a00];
        if let Ok(font) = FontRef::new(FONT) {
            let characters = font.charmap();
            let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
            let em = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
            for (code, width) in widths.iter_mut().enumerate() {
                let glyph = char::from_u32(code as u32).and_then(|c| characters.map(c));
                if let Some(advance) = glyph.and_then(|g| metrics.advance_width(g)) {
                    *width = advance / em;
                }
            }
        }
        widths
    });
    text.chars().map(|c| f64::from(widths.get(c as usize).copied().unwrap_or(1.0))).sum()
}

/// A text with markup, cut off where it would be wider.
pub fn fitted(markup: &str, size: f64, most: f64) -> String {
    let mut short = markup.to_owned();
    while !short.is_empty() && width(&short, size) > most - if short == markup { 0.0 } else { size } {
        short.pop();
        // No subscript without its end.
        if let Some(open) = short.rfind("_{").max(short.rfind("^{")).filter(|&at| !short[at..].contains('}'))
        {
            short.truncate(open);
        }
    }
    if short == markup { short } else { short + "…" }
}

/// The lines of a text with markup, none wider than `most` unless a single word is.
pub fn wrapped(markup: &str, size: f64, most: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in markup.split(' ') {
        let last = lines.last().map(String::as_str).unwrap_or_default();
        let longer = if last.is_empty() { word.to_owned() } else { format!("{last} {word}") };
        if width(&longer, size) > most && !last.is_empty() {
            lines.push(word.to_owned());
        } else if let Some(last) = lines.last_mut() {
            *last = longer;
        }
    }
    lines
}

/// The content of an SVG `text` element.
pub fn tspans(markup: &str, size: f64) -> String {
    let spans = spans(markup);
    if let [only] = spans.as_slice()
        && only.line == Line::On
    {
        return escape(only.text);
    }
    let mut content = String::new();
    let mut position = 0.0;
    for span in &spans {
        let down = (span.shift() - position) * size;
        position = span.shift();
        let _ = write!(
            content,
            "<tspan dy=\"{}\" font-size=\"{}\">{}</tspan>",
            number(down),
            number(span.size(size)),
            escape(span.text)
        );
    }
    content
}

/// A coordinate with at most two decimals and no superfluous characters.
pub fn number(value: f64) -> String {
    let mut text = format!("{value:.2}");
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    if text == "-0" { "0".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_spans() {
        assert_eq!(plain("T_{c} and x^{2}, a_b"), "T_c and x^2, a_b");
        assert_eq!(tspans("<b>", 12.0), "&lt;b&gt;");
        assert!(tspans("N_{h}", 10.0).contains("<tspan dy=\"2.2\" font-size=\"7.4\">h</tspan>"));
        assert_eq!(plain("open _{brace"), "open _{brace");
    }

    #[test]
    fn widths_are_those_of_the_font() {
        // Advance widths of DejaVu Sans in its own units of 2048 per em: digits 1303, i 569.
        assert!((width("0", 2048.0) - 1303.0).abs() < 0.5);
        assert!((width("ii", 2048.0) - 2.0 * 569.0).abs() < 0.5);
        assert!((width("0^{0}", 2048.0) - 1303.0 * (1.0 + SMALL)).abs() < 1.0);
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(fitted("N_{h} = 64", 10.0, 100.0), "N_{h} = 64");
        assert_eq!(fitted("below T_{c}", 10.0, width("below ", 10.0) + 10.0), "below …");
        let cut = fitted("a very long name of something", 10.0, 80.0);
        assert!(cut.starts_with("a very") && cut.ends_with('…') && width(&cut, 10.0) <= 80.0, "{cut}");
    }

    #[test]
    fn every_symbol_is_in_the_font() {
        let font = FontRef::new(FONT).expect("the embedded font is valid");
        for c in "⟨⟩|·ᵀ−×±∞σχΔλ→≥≤²⁻≈′…".chars() {
            assert!(font.charmap().map(c).is_some_and(|g| g.to_u32() != 0), "{c}");
        }
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(1.5), "1.5");
        assert_eq!(number(-0.001), "0");
        assert_eq!(number(100.0), "100");
        assert_eq!(number(2.34567), "2.35");
    }
}
