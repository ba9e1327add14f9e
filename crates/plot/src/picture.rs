//! SVG to PNG, with the embedded font and nothing of the system.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::error::PlotError;
use super::style::Style;
use super::text::FONT;

fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    FONTS
        .get_or_init(|| {
            let mut database = fontdb::Database::new();
            database.load_font_data(FONT.to_vec());
            database.set_sans_serif_family("DejaVu Sans");
            Arc::new(database)
        })
        .clone()
}

fn parse(svg: &str) -> Result<Tree, PlotError> {
    let options = Options { fontdb: fonts(), font_family: "DejaVu Sans".to_owned(), ..Options::default() };
    Tree::from_str(svg, &options).map_err(|error| PlotError::Picture { message: error.to_string() })
}

/// The picture of an SVG text as a PNG file, two pixels for each of the SVG's.
///
/// # Errors
///
/// If the text is not SVG, or describes a picture without area.
pub fn png(svg: &str) -> Result<Vec<u8>, PlotError> {
    png_in(Style::Page, svg)
}

/// The picture of an SVG text as a PNG file: 192 dots per inch, 384 for one column of a journal.
///
/// # Errors
///
/// Those of [`png`].
pub fn png_in(style: Style, svg: &str) -> Result<Vec<u8>, PlotError> {
    let density = style.density();
    let tree = parse(svg)?;
    let size = tree.size();
    let (width, height) = ((size.width() * density).round() as u32, (size.height() * density).round() as u32);
    let mut pixels = Pixmap::new(width, height).ok_or(PlotError::Canvas { width, height })?;
    resvg::render(&tree, Transform::from_scale(density, density), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| PlotError::Picture { message: error.to_string() })
}
