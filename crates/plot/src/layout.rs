//! Pages of panels in rows, and where the panels stand in each style.

use super::canvas::{Canvas, Rect};
use super::labels::{Key, key};
use super::style::{SLIDE, Style};

/// Room between rows for ticks, the name of the axis, and the title of the next row.
pub const NAMED: f64 = 63.0;
/// The same where only the lowest row names the axis that all have in common.
pub const SHARED: f64 = 46.0;
/// The largest height of all panels of one column together.
const TALLEST: f64 = 556.0;
/// Room below the last row for ticks and the name of the axis.
const BOTTOM: f64 = 44.0;

/// Panels in rows below a key, as the page has them. They fill a slide; in one column of a journal they stand one below
/// the other, or two beside each other if they are small: four and more in a row of the page.
#[derive(Debug, Clone, Copy)]
pub struct Grid<'a> {
    /// How many panels there are.
    pub count: usize,
    /// The widths of the panels of each row.
    pub widths: &'a [f64],
    /// The height of all panels.
    pub height: f64,
    /// Room at the left of a row, between its panels, and at its right.
    pub across: [f64; 3],
    /// Room between rows.
    pub down: f64,
}

/// Where panels stand.
#[derive(Debug)]
pub struct Panels {
    /// Row by row.
    pub frames: Vec<Rect>,
    columns: usize,
}

impl Panels {
    /// Whether a panel has none below it.
    pub fn is_lowest(&self, panel: usize) -> bool {
        panel + self.columns >= self.frames.len()
    }

    /// Whether a panel is the first of its row.
    pub fn is_first(&self, panel: usize) -> bool {
        panel.is_multiple_of(self.columns)
    }
}

impl Grid<'_> {
    /// A new canvas with its key, and the places of the panels.
    pub fn begin(self, style: Style, id: &str, keys: &[Key]) -> (Canvas, Panels) {
        let Self { count, widths, height, across: [left, between, right], down } = self;
        let own: f64 = widths.iter().sum();
        let room = |columns: usize| left + between * columns.saturating_sub(1) as f64 + right;
        let mut canvas = Canvas::new(style, id, room(widths.len()) + own, 0.0);
        let indent = style.pick(left, 12.0, left);
        let end = canvas.width - 10.0;
        let top = if keys.is_empty() { 36.0 } else { key(&mut canvas, (indent, 20.0), end, keys) + 38.0 };

        let beside = if widths.len() > 3 { 2 } else { 1 };
        let columns = style.pick(widths.len(), beside, widths.len()).max(1);
        let rows = count.div_ceil(columns).max(1);
        let fitting = (canvas.width - room(columns)) / own;
        let equal = (canvas.width - room(columns)) / columns as f64;
        let filling = (SLIDE - top - BOTTOM + down) / rows as f64 - down;
        let low = (equal * height * widths.len() as f64 / own).min(TALLEST / rows as f64);
        let height = style.pick(height, low, filling.clamp(40.0, 1.4 * height * fitting));
        let mut frames = Vec::with_capacity(count);
        let mut x = left;
        for panel in 0..count {
            let column = panel % columns;
            x = if column == 0 { left } else { x };
            let width = if style.is_column() { equal } else { widths[column] * fitting };
            frames.push(Rect::new(x, top + (panel / columns) as f64 * (height + down), width, height));
            x += width + between;
        }
        canvas.height = top + rows as f64 * (height + down) - down + BOTTOM;
        (canvas, Panels { frames, columns })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIR: Grid<'_> =
        Grid { count: 4, widths: &[300.0, 200.0], height: 150.0, across: [50.0, 60.0, 10.0], down: SHARED };

    #[test]
    fn panels_stand_in_rows_on_pages_and_below_each_other_in_a_column() {
        let (canvas, page) = PAIR.begin(Style::Page, "", &[]);
        assert_eq!((canvas.width, page.frames[3]), (620.0, Rect::new(410.0, 232.0, 200.0, 150.0)));
        assert!(page.is_lowest(2) && !page.is_lowest(1) && page.is_first(2) && !page.is_first(1));
        let (canvas, column) = PAIR.begin(Style::Column, "", &[]);
        assert!(column.frames.iter().all(|f| f.x == 50.0 && f.right() == canvas.width - 10.0));
        assert!(column.is_lowest(3) && !column.is_lowest(2) && column.is_first(1));
        let (canvas, slide) = PAIR.begin(Style::Slides, "", &[]);
        assert!((canvas.height - SLIDE).abs() < 1e-9 && (slide.frames[1].right() - 790.0).abs() < 1e-9);
    }

    #[test]
    fn small_panels_stand_in_pairs_in_a_column() {
        let grid =
            Grid { count: 5, widths: &[100.0; 4], height: 90.0, across: [50.0, 20.0, 10.0], down: NAMED };
        let (canvas, panels) = grid.begin(Style::Column, "", &[]);
        assert_eq!(panels.frames[1].y, panels.frames[0].y);
        assert!((panels.frames[1].right() - (canvas.width - 10.0)).abs() < 1e-9);
        assert!(panels.is_lowest(4) && panels.is_lowest(3) && !panels.is_lowest(2));
    }
}
