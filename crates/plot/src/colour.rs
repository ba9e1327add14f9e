//! Colours that colour-blind readers can tell apart, each with one meaning in all figures.

/// Text and axes.
pub const INK: &str = "#1a1a1a";
/// Secondary text and guides.
pub const MUTED: &str = "#5f5f5f";
/// Grid lines.
pub const GRID: &str = "#e3e3e3";
/// The background.
pub const PAPER: &str = "#ffffff";

/// Okabe and Ito's palette.
pub const BLUE: &str = "#0072b2";
/// Okabe and Ito's palette, darker, as thin lines need three to one against the paper.
pub const ORANGE: &str = "#bf8400";
/// Okabe and Ito's palette.
pub const GREEN: &str = "#009e73";
/// Okabe and Ito's palette.
pub const VERMILLION: &str = "#d55e00";
/// Okabe and Ito's palette, a little darker for thin lines.
pub const PURPLE: &str = "#b0568c";

/// Nine support points of viridis.
const VIRIDIS: [[u8; 3]; 9] = [
    [68, 1, 84],
    [71, 44, 122],
    [59, 81, 139],
    [44, 113, 142],
    [33, 144, 141],
    [39, 173, 129],
    [92, 200, 99],
    [170, 220, 50],
    [253, 231, 37],
];

/// Blue through near-white to red-brown; the middle is the lightest.
const DIVERGING: [[u8; 3]; 9] = [
    [5, 48, 97],
    [33, 102, 172],
    [90, 160, 205],
    [180, 211, 231],
    [247, 247, 247],
    [250, 211, 178],
    [235, 148, 92],
    [196, 84, 30],
    [115, 40, 5],
];

/// A colour scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Map {
    /// From white through blue-green to dark, for probabilities.
    Sequential,
    /// Zero is near-white, negative blue, positive brown.
    Diverging,
}

fn between(table: &[[u8; 3]], fraction: f64) -> String {
    let fraction = if fraction.is_finite() { fraction.clamp(0.0, 1.0) } else { 0.0 };
    let position = fraction * (table.len() - 1) as f64;
    let lower = (position.floor() as usize).min(table.len() - 2);
    let rest = position - lower as f64;
    let channel = |i: usize| {
        let (a, b) = (f64::from(table[lower][i]), f64::from(table[lower + 1][i]));
        (a + rest * (b - a)).round() as u8
    };
    format!("#{:02x}{:02x}{:02x}", channel(0), channel(1), channel(2))
}

impl Map {
    /// The colour at a fraction in 0..=1 of the scale.
    pub fn at(self, fraction: f64) -> String {
        match self {
            // Dark is much: an empty map is white, but not the paper's white, which pages may turn dark.
            Self::Sequential if fraction <= 0.0 => "#fefefe".to_owned(),
            Self::Sequential => {
                let [r, g, b] = [0, 1, 2].map(|i| {
                    let table = between(&VIRIDIS, 1.0 - fraction);
                    f64::from(u8::from_str_radix(&table[1 + 2 * i..3 + 2 * i], 16).unwrap_or(0))
                });
                // Fade the yellow end to white.
                let fade = (1.0 - fraction / 0.25).clamp(0.0, 1.0);
                let mix = |c: f64| (c + fade * (255.0 - c)).round() as u8;
                format!("#{:02x}{:02x}{:02x}", mix(r), mix(g), mix(b))
            }
            Self::Diverging => between(&DIVERGING, fraction),
        }
    }
}

/// The background of dark pages.
const DARK_PAPER: &str = "#14171a";
/// The least contrast of texts (WCAG 2.1, level AA, with a little to spare for rounding).
const TEXT: f64 = 4.6;
/// The least contrast of lines and points (likewise).
const LINE: f64 = 3.05;

fn channels(colour: &str) -> [f64; 3] {
    let channel = |i: usize| {
        let digits = colour.get(1 + 2 * i..3 + 2 * i).unwrap_or("0");
        f64::from(u8::from_str_radix(digits, 16).unwrap_or(0))
    };
    [channel(0), channel(1), channel(2)]
}

/// Relative luminance as WCAG 2.1 defines it.
fn luminance(colour: &str) -> f64 {
    let linear = |c: f64| {
        let c = c / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    let [r, g, b] = channels(colour).map(linear);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// The contrast of two colours, 1 to 21.
fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// A colour moved towards black or white by as little as gives `least` contrast against `paper`.
fn with_contrast(colour: &str, paper: &str, least: f64) -> String {
    let end = if luminance(paper) > 0.5 { 0.0 } else { 255.0 };
    let from = channels(colour);
    (0..=50)
        .map(|step| {
            let [r, g, b] = from.map(|c| (c + (end - c) * f64::from(step) / 50.0).round() as u8);
            format!("#{r:02x}{g:02x}{b:02x}")
        })
        .find(|moved| contrast(moved, paper) >= least)
        .unwrap_or_else(|| if end == 0.0 { "#000000".to_owned() } else { PAPER.to_owned() })
}

/// The colour of a text that belongs to something of a colour: dark enough to be read on the paper. Texts in the
/// paper's own colour stand on something dark.
pub fn of_text(colour: &str) -> String {
    if colour == PAPER { colour.to_owned() } else { with_contrast(colour, PAPER, TEXT) }
}

/// The number of colours of ordered items.
const ORDERED: usize = 10;

/// The colour of item `index` of `count` ordered ones (N_h, say): viridis, its light end darkened.
pub fn in_order(index: usize, count: usize) -> String {
    let fraction = if count > 1 { index as f64 / (count - 1) as f64 } else { 0.3 };
    ordered((fraction * (ORDERED - 1) as f64).round() as usize)
}

fn ordered(number: usize) -> String {
    with_contrast(&between(&VIRIDIS, 0.85 * number as f64 / (ORDERED - 1) as f64), PAPER, LINE)
}

/// Style rules for dark pages. Colours that stand for values (the class `cells`) stay as they are: the colours of
/// ordered items as viridis without its dark end, and texts light enough to be read.
pub fn rules_for_dark_pages() -> String {
    let palette = [BLUE, ORANGE, GREEN, VERMILLION, PURPLE, MUTED].map(str::to_owned);
    let ordered_texts =
        (0..ORDERED).map(|k| (of_text(&ordered(k)), between(&VIRIDIS, 0.4 + 0.06 * k as f64)));
    let texts: String = palette
        .into_iter()
        .map(|colour| (of_text(&colour), colour))
        .chain(ordered_texts)
        .map(|(light, colour)| {
            let dark = with_contrast(&colour, DARK_PAPER, TEXT);
            format!(".picture svg text[fill=\"{light}\"]:not(.cells *){{fill:{dark}}}")
        })
        .collect();
    lines_for_dark_pages() + &texts
}

fn lines_for_dark_pages() -> String {
    (0..ORDERED)
        .flat_map(|k| {
            let (light, dark) = (ordered(k), between(&VIRIDIS, 0.4 + 0.6 * k as f64 / (ORDERED - 1) as f64));
            ["fill", "stroke"]
                .map(|what| format!(".picture svg [{what}=\"{light}\"]:not(.cells *){{{what}:{dark}}}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_the_standard() {
        // The extremes, and the grey that WCAG's own material gives as the lightest for text on white.
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#767676", "#ffffff") - 4.54).abs() < 0.01);
    }

    #[test]
    fn lines_and_texts_stand_out_from_the_paper() {
        let lines: Vec<String> = [INK, MUTED, BLUE, ORANGE, GREEN, VERMILLION, PURPLE]
            .map(str::to_owned)
            .into_iter()
            .chain((0..ORDERED).map(ordered))
            .collect();
        for colour in lines {
            assert!(contrast(&colour, PAPER) >= 3.0, "{colour}");
            assert!(contrast(&of_text(&colour), PAPER) >= 4.5, "{colour}");
            assert!(contrast(&with_contrast(&colour, DARK_PAPER, TEXT), DARK_PAPER) >= 4.5, "{colour}");
        }
        assert_eq!(of_text(BLUE), BLUE, "dark enough already");
    }
}
