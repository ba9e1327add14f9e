//! Configurations and other values of sites, drawn where the sites are.

use datasets::lattice::{Kind, Lattice};
use ndarray::ArrayView2;
use plot::colour::Map;
use plot::heat::{Tiling, coarse, heat};
use plot::{Canvas, Rect};

/// Draws a configuration of ±1: up dark, down light.
pub(crate) fn configuration(canvas: &mut Canvas, frame: Rect, lattice: Lattice, spins: &[i8]) {
    let colour = |l: usize| if l == 1 { "#1d3f66".to_owned() } else { "#f3e7cf".to_owned() };
    tiling(lattice).draw(canvas, frame, |site| spins.get(site).map(|&spin| usize::from(spin > 0)), colour);
}

/// Draws a value for each site; `range` has the ends of the colour scale.
pub(crate) fn image(
    canvas: &mut Canvas,
    frame: Rect,
    lattice: Lattice,
    values: &[f64],
    map: Map,
    range: (f64, f64),
) {
    let [width, height, _] = lattice.sides();
    if lattice.square_size().is_some()
        && let Ok(square) = ArrayView2::from_shape((height, width), values)
    {
        return heat(canvas, frame, coarse(square, 64).view(), map, range);
    }
    tiling(lattice).heat(canvas, frame, values, map, range);
}

/// The sites in units of the distance between neighbours, row by row. Rows of a triangular lattice are moved by half a
/// site and closed to a rectangle, those of a honeycomb are its zigzag lines; a chain is in lines like a text; layers
/// of a cubic lattice are beside each other.
fn tiling(lattice: Lattice) -> Tiling {
    let [x, y, z] = lattice.sides();
    // Whatever has one side only.
    let (width, height) = if y * z == 1 { (x.isqrt(), x.div_ceil(x.isqrt())) } else { (x, y) };
    let (wide, tall) = match lattice.kind() {
        Kind::Honeycomb => (0.75f64.sqrt(), 1.5),
        Kind::Triangular => (1.0, 0.75f64.sqrt()),
        _ => (1.0, 1.0),
    };
    let across = (1..=z).find(|across| across * across >= z).unwrap_or(1);
    let (gap, down) = (0.5, z.div_ceil(across));
    let mut tiles = vec![];
    for site in 0..lattice.sites() {
        let (layer, row, column) = (site / (width * height), site / width % height, site % width);
        let left = (layer % across) as f64 * (width as f64 + gap);
        let top = (layer / across) as f64 * (height as f64 + gap) + row as f64 * tall;
        let moved = if lattice.kind() == Kind::Triangular { 0.5 * (row % (2 * width)) as f64 } else { 0.0 };
        let at = (column as f64 + moved) % width as f64;
        let over = (at + 1.0 - width as f64).max(0.0);
        tiles.push((site, [left + at * wide, top, (1.0 - over) * wide, tall]));
        if over > 0.0 {
            tiles.push((site, [left, top, over * wide, tall]));
        }
    }
    let total = |count: usize, side: f64| (count - 1) as f64 * gap + count as f64 * side;
    Tiling {
        tiles,
        width: total(across, width as f64 * wide),
        height: total(down, height as f64 * tall),
        gapless: z == 1 && y > 1,
    }
}
