//! For which place pictures are made.

use std::fmt;
use std::str::FromStr;

use super::error::PlotError;

/// The height of a slide that is as wide as the canvas of its style.
pub const SLIDE: f64 = 450.0;

/// The place that a picture is made for: how large it is, and how its panels stand.
///
/// Texts and lines have the same size in the picture's own units in each style; the styles differ in how many such units
/// are across, and so in how large they come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// A page or two columns of a journal: in pixels, each figure as wide as it needs.
    #[default]
    Page,
    /// One column of a journal, 86 mm wide: panels stand one below the other, texts have about 8 pt and none but indices
    /// and exponents less than 7 pt.
    Column,
    /// A slide of 13⅓ × 7½ inches (16:9), filled: texts have 12 pt and more.
    Slides,
}

impl Style {
    /// All styles.
    pub const ALL: [Self; 3] = [Self::Page, Self::Column, Self::Slides];

    /// What it is called on command lines and in paths.
    pub fn name(self) -> &'static str {
        self.pick("page", "column", "slides")
    }

    /// The width of every picture in millimetres; none where it is in pixels and each picture has its own.
    pub fn width(self) -> Option<f64> {
        self.pick(None, Some(86.0), Some(338.67))
    }

    /// Pixels of the PNG for each 1/96 inch.
    pub fn density(self) -> f32 {
        self.pick(2.0, 4.0, 2.0)
    }

    /// The width of the canvas in units of the picture: that of the page where it is the figure's own.
    pub fn canvas(self, page: f64) -> f64 {
        self.pick(page, 348.0, 800.0)
    }

    /// One of three values.
    pub fn pick<T>(self, page: T, column: T, slides: T) -> T {
        match self {
            Self::Page => page,
            Self::Column => column,
            Self::Slides => slides,
        }
    }

    /// Whether panels stand one below the other.
    pub fn is_column(self) -> bool {
        self == Self::Column
    }
}

impl fmt::Display for Style {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Style {
    type Err = PlotError;

    fn from_str(name: &str) -> Result<Self, PlotError> {
        let style = Self::ALL.into_iter().find(|style| style.name() == name);
        style.ok_or_else(|| PlotError::UnknownStyle { name: name.to_owned() })
    }
}
