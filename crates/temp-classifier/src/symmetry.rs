//! The symmetries of the square lattice with periodic boundary: translations, rotations, reflections, global flip.

use numerics::bits::Bits;

/// One symmetry: new[y, x] = ± old[d(y + dy, x + dx)], with one of the eight symmetries d of the square.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symmetry {
    /// Which symmetry of the square, 0..8: bit 0 mirrors y, bit 1 mirrors x, bit 2 swaps y and x.
    pub square: usize,
    /// The shift (dy, dx), each in 0..size.
    pub shift: (usize, usize),
    /// Whether all spins are reversed.
    pub flip: bool,
}

/// Index tables of all symmetries of an L × L torus.
///
/// The table of each symmetry of the square is continued periodically to 2L × 2L, so that a translation is an offset
/// into it and no index is reduced modulo L in the loop.
///
/// ```
/// use temp_classifier::{LatticeSymmetries, Symmetry};
/// let symmetries = LatticeSymmetries::new(2);
/// let shift = Symmetry { square: 0, shift: (0, 1), flip: true };
/// let mut image = [0; 4];
/// symmetries.apply(shift, &[1, -1, 1, 1], &mut image);
/// assert_eq!(image, [1, -1, -1, -1]);
/// ```
#[derive(Debug, Clone)]
pub struct LatticeSymmetries {
    size: usize,
    tables: Vec<u32>,
}

impl LatticeSymmetries {
    /// The tables for an L × L lattice, L = `size`.
    pub fn new(size: usize) -> Self {
        let double = 2 * size;
        let mut tables = Vec::with_capacity(8 * double * double);
        for square in 0..8 {
            for y in 0..double {
                for x in 0..double {
                    let mut at = (y % size, x % size);
                    if square & 1 != 0 {
                        at.0 = size - 1 - at.0;
                    }
                    if square & 2 != 0 {
                        at.1 = size - 1 - at.1;
                    }
                    if square & 4 != 0 {
                        at = (at.1, at.0);
                    }
                    tables.push((at.0 * size + at.1) as u32);
                }
            }
        }
        Self { size, tables }
    }

    /// A uniformly random symmetry, with a flip only if `flips`; takes 64 bits.
    pub fn draw(&self, flips: bool, bits: &mut Bits) -> Symmetry {
        let random = bits.next();
        // The product of a uniform 30-bit number with L, divided by 2³⁰, is uniform in 0..L up to L / 2³⁰.
        let below_size = |bits: u64| (((bits & 0x3fff_ffff) * self.size as u64) >> 30) as usize;
        Symmetry {
            square: (random & 7) as usize,
            shift: (below_size(random >> 4), below_size(random >> 34)),
            flip: flips && random & 8 != 0,
        }
    }

    /// Writes the image of `spins` under `symmetry` to `image`.
    ///
    /// # Panics
    ///
    /// If a slice has not L² elements, or the symmetry is out of range.
    pub fn apply(&self, symmetry: Symmetry, spins: &[i8], image: &mut [i8]) {
        let size = self.size;
        let double = 2 * size;
        assert_eq!((spins.len(), image.len()), (size * size, size * size), "sites");
        let table = &self.tables[symmetry.square * double * double..][..double * double];
        let first = &table[symmetry.shift.0 * double..];
        for (row, indices) in image.chunks_exact_mut(size).zip(first.chunks_exact(double)) {
            for (out, &index) in row.iter_mut().zip(&indices[symmetry.shift.1..]) {
                *out = spins[index as usize];
            }
        }
        if symmetry.flip {
            for spin in image {
                *spin = -*spin;
            }
        }
    }
}
