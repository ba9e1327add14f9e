//! The energy and the magnetization of one configuration, by which files are checked.
//!
//! A configuration is a slice of spins ±1, one for each site of a [`Lattice`] in its order. The energy counts every
//! bond of the lattice once: where a side is 2, both bonds of a pair of neighbours.

use lattice::{Kind, Lattice};

/// −Σ⟨xy⟩ σ_x σ_y in units of J.
///
/// # Panics
///
/// If the slice has not one spin per site.
///
/// ```
/// use datasets::energy;
/// assert_eq!(energy("square:3".parse()?, &[1; 9]), -18);
/// assert_eq!(energy("triangular:3".parse()?, &[1; 9]), -27);
/// # Ok::<(), datasets::lattice::LatticeError>(())
/// ```
pub fn energy(lattice: Lattice, spins: &[i8]) -> i32 {
    assert_eq!(spins.len(), lattice.sites(), "number of sites");
    let [width, height, _] = lattice.sides();
    match lattice.kind() {
        Kind::Chain => -along_rows(width, spins),
        Kind::Square => -(along_rows(width, spins) + between_rows(width, spins)),
        Kind::Cubic => {
            let planes = spins.chunks_exact(width * height);
            let within: i32 = planes.map(|plane| between_rows(width, plane)).sum();
            -(along_rows(width, spins) + within + between_rows(width * height, spins))
        }
        Kind::Triangular => {
            let diagonal = diagonal(width, spins);
            -(along_rows(width, spins) + between_rows(width, spins) + diagonal)
        }
        Kind::Honeycomb => {
            // The first sublattice has the bonds between rows, on every other site.
            let rungs = |(y, row): (usize, &[i8])| -> i32 {
                let next = &spins[(y + 1) % height * width..][..width];
                row.iter().zip(next).skip(y % 2).step_by(2).map(|(&a, &b)| i32::from(a * b)).sum()
            };
            let rows = spins.chunks_exact(width).enumerate();
            -(along_rows(width, spins) + rows.map(rungs).sum::<i32>())
        }
        // Sites without geometry have no bonds.
        _ => 0,
    }
}

/// Σσ.
///
/// ```
/// assert_eq!(datasets::magnetization(&[1, 1, -1, 1]), 2);
/// ```
pub fn magnetization(spins: &[i8]) -> i32 {
    spins.iter().map(|&s| i32::from(s)).sum()
}

/// Σ of the products of two slices of ±1 of the same length.
fn products(a: &[i8], b: &[i8]) -> i32 {
    a.len() as i32 - 2 * unequal(a, b)
}

/// The bonds along rows of `width` sites. They are those of all rows as one line, which vectorises also where rows are
/// short, but for the ends: from the end of a row to the beginning of the next there is none, and its own from the end
/// to the beginning is not in the line.
fn along_rows(width: usize, spins: &[i8]) -> i32 {
    let line = products(&spins[..spins.len() - 1], &spins[1..]);
    let ends = spins.chunks_exact(width).zip(spins[width..].chunks_exact(width).map(Some).chain([None]));
    let corrections = ends.map(|(row, next)| {
        let last = i32::from(row[width - 1]);
        last * (i32::from(row[0]) - next.map_or(0, |next| i32::from(next[0])))
    });
    line + corrections.sum::<i32>()
}

/// The bonds from each of `spins` to the one `width` further, around the end.
fn between_rows(width: usize, spins: &[i8]) -> i32 {
    let seam = spins.len() - width;
    products(&spins[..seam], &spins[width..]) + products(&spins[seam..], &spins[..width])
}

/// The bonds from (x, y) to (x + 1, y − 1): as [`between_rows`] one site less than a row away, but for the last column.
fn diagonal(width: usize, spins: &[i8]) -> i32 {
    let rows = spins.chunks_exact(width);
    let above = rows.clone().cycle().skip(rows.len() - 1);
    let corrections = rows
        .zip(above)
        .map(|(row, above)| i32::from(row[width - 1]) * (i32::from(above[0]) - i32::from(row[0])));
    between_rows(width - 1, spins) + corrections.sum::<i32>()
}

/// The number of places where two slices of ±1 differ, which have the same length.
pub fn unequal(a: &[i8], b: &[i8]) -> i32 {
    const LANES: usize = 16;
    let differs = |a: i8, b: i8| (a ^ b) as u8 >> 7;
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut count: i32 = a_rest.iter().zip(b_rest).map(|(&a, &b)| i32::from(differs(a, b))).sum();
    // Counters of one byte each, for as long as they cannot overflow.
    for (a, b) in a.chunks(255).zip(b.chunks(255)) {
        let mut counts = [0u8; LANES];
        for (a, b) in a.iter().zip(b) {
            for (count, (&a, &b)) in counts.iter_mut().zip(a.iter().zip(b)) {
                *count += differs(a, b);
            }
        }
        count += counts.into_iter().map(i32::from).sum::<i32>();
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(lattice: &str, spins: &[i8]) -> i32 {
        energy(lattice.parse().unwrap(), spins)
    }

    #[test]
    fn energies_of_known_configurations() {
        assert_eq!(on("square:4", &[-1; 16]), -32);
        let checkerboard: Vec<i8> = (0..16).map(|i| if (i / 4 + i) % 2 == 0 { 1 } else { -1 }).collect();
        assert_eq!(on("square:4", &checkerboard), 32);
        let mut one_flipped = [1; 100];
        one_flipped[37] = -1;
        assert_eq!(on("square:10", &one_flipped), -192);
        // On the 2 × 2 torus each neighbour counts twice.
        assert_eq!(on("square:2", &[1, 1, 1, -1]), 0);
        assert_eq!(on("square:2", &[1, -1, -1, 1]), 8);
        assert_eq!(on("none:3", &[1; 3]), 0);
    }

    /// Bond by bond, on every lattice, for short and long rows.
    #[test]
    fn energies_are_sums_over_the_bonds() {
        let mut state = 1u64;
        let shapes = ["chain:2", "chain:3", "chain:100", "square:2", "square:3x2", "square:2x5", "square:17"];
        let shapes = shapes.into_iter().chain(["square:63", "square:100", "square:10x3", "honeycomb:4x2"]);
        let shapes = shapes.chain(["honeycomb:14x8", "honeycomb:6x10", "triangular:3", "triangular:10"]);
        let shapes =
            shapes.chain(["triangular:3x7", "triangular:8x3", "triangular:64x5", "cubic:2", "cubic:5"]);
        for name in shapes.chain(["cubic:3x2x4", "cubic:2x3x2"]) {
            let lattice: Lattice = name.parse().unwrap();
            for _ in 0..5 {
                let spins: Vec<i8> = (0..lattice.sites())
                    .map(|_| {
                        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        if state >> 63 == 0 { 1 } else { -1 }
                    })
                    .collect();
                let product = |[a, b]: [u32; 2]| i32::from(spins[a as usize] * spins[b as usize]);
                let expected: i32 = lattice.bonds().into_iter().map(product).sum();
                assert_eq!(energy(lattice, &spins), -expected, "{name}");
            }
        }
    }
}
