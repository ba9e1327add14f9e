//! Colours that colour-blind readers can tell apart, each with one meaning in all figures.

/// Text and axes.
pub(crate) const INK: &str = "#1a1a1a";
/// Secondary text and guides.
pub(crate) const MUTED: &str = "#5f5f5f";
/// Grid lines.
pub(crate) const GRID: &str = "#e3e3e3";
/// The background.
pub(crate) const PAPER: &str = "#ffffff";

/// Okabe and Ito's palette.
pub(crate) const BLUE: &str = "#0072b2";
/// Okabe and Ito's palette.
pub(crate) const ORANGE: &str = "#e69f00";
/// Okabe and Ito's palette.
pub(crate) const GREEN: &str = "#009e73";
/// Okabe and Ito's palette.
pub(crate) const VERMILLION: &str = "#d55e00";
/// Okabe and Ito's palette, a little darker for thin lines.
pub(crate) const PURPLE: &str = "#b0568c";

/// The colour of a type of training set.
pub(crate) fn of_training(training: &str) -> &'static str {
    match training {
        "V" => BLUE,
        "H" => VERMILLION,
        "L" => GREEN,
        _ => PURPLE,
    }
}

/// The colour of a start ensemble: cold to hot.
pub(crate) fn of_start(temperature: f64) -> &'static str {
    if temperature == 0.0 {
        BLUE
    } else if temperature < 3.0 {
        GREEN
    } else if temperature.is_finite() {
        ORANGE
    } else {
        VERMILLION
    }
}

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
pub(crate) enum Map {
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
    pub(crate) fn at(self, fraction: f64) -> String {
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

/// The number of colours of ordered items.
const ORDERED: usize = 10;

/// The colour of item `index` of `count` ordered ones (N_h, say): viridis without its light end.
pub(crate) fn in_order(index: usize, count: usize) -> String {
    let fraction = if count > 1 { index as f64 / (count - 1) as f64 } else { 0.3 };
    ordered((fraction * (ORDERED - 1) as f64).round() as usize)
}

fn ordered(number: usize) -> String {
    between(&VIRIDIS, 0.85 * number as f64 / (ORDERED - 1) as f64)
}

/// Style rules that show the colours of ordered items on a dark page as viridis without its dark end.
pub(crate) fn rules_for_dark_pages() -> String {
    (0..ORDERED)
        .flat_map(|k| {
            let (light, dark) = (ordered(k), between(&VIRIDIS, 0.4 + 0.6 * k as f64 / (ORDERED - 1) as f64));
            ["fill", "stroke"].map(|what| format!(".picture svg [{what}=\"{light}\"]{{{what}:{dark}}}"))
        })
        .collect()
}
