//! What a register tile is asked to do, and the portable tile.

use super::pack::{Part, pack_any};
use crate::fused;

/// One tile of the product: `rows` × `columns` chains of length `depth`.
///
/// Element (i, k) of a is at `a + i * a_row + k * a_step`, element (k, j) of b at `b + j + k * b_step`, sum
/// (i, j) at `sums + i * sums_step + j`.
pub(super) struct Piece {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) depth: usize,
    pub(super) a: *const f32,
    pub(super) a_row: isize,
    pub(super) a_step: isize,
    pub(super) b: *const f32,
    pub(super) b_step: isize,
    pub(super) sums: *mut f32,
    pub(super) sums_step: isize,
    /// Continue from the stored sums instead of from zero.
    pub(super) resume: bool,
    /// Where to add the finished sums, instead of storing them.
    pub(super) add: Option<Add>,
}

/// out = fma(scale, sum, out).
pub(super) struct Add {
    pub(super) scale: f32,
    pub(super) out: *mut f32,
    pub(super) out_step: isize,
}

/// A register tile of some width.
pub(super) trait Tile {
    /// The most rows of a tile.
    const ROWS: usize;
    /// The columns of a full panel.
    const COLUMNS: usize;
    /// The distance between successive k in a packed panel of a; at least `ROWS`, a multiple of 8.
    const STEP: usize;

    /// Computes the piece.
    ///
    /// # Safety
    ///
    /// The machine has the instructions. 1 <= rows <= `ROWS`, 1 <= columns <= `COLUMNS`. All addresses that
    /// [`Piece`] describes are valid (for writing: sums, out), and written ones overlap no others.
    unsafe fn run(piece: &Piece);

    /// Asks for the cache lines of `length` elements; only a hint, any address will do.
    fn prefetch(from: *const f32, length: usize);

    /// Copies the first `height` × `length` elements of a part with `row` = 1 to panels of `to_step` rows
    /// that follow each other: element (i, k) of panel p to `to + p * to_step * length + k * to_step + i`.
    /// With `far`, lines are fetched ahead.
    ///
    /// # Safety
    ///
    /// The machine has the instructions, the addresses are valid, and the target does not overlap the source.
    unsafe fn pack_along(from: Part, height: usize, length: usize, to: *mut f32, to_step: usize, far: bool);

    /// The same for a part with `step` = 1 and a single panel, in blocks of 8 × 8: of rows i = height, …, up
    /// to the next multiple of 8, the target gets unspecified values.
    ///
    /// # Safety
    ///
    /// The machine has the instructions, the addresses are valid, height >= 1, the target has room for the
    /// rounded height, and does not overlap the source.
    unsafe fn pack_across(from: Part, height: usize, length: usize, to: *mut f32, to_step: usize);
}

/// The tile in plain Rust, 6 × 16; on aarch64 the compiler makes 128-bit instructions of it.
pub(super) struct Portable;

impl Tile for Portable {
    const ROWS: usize = 6;
    const COLUMNS: usize = 16;
    const STEP: usize = 8;

    unsafe fn run(piece: &Piece) {
        let (rows, columns) = (piece.rows, piece.columns);
        let mut sums = [[0.0f32; Self::COLUMNS]; Self::ROWS];
        // SAFETY: all addresses are those that the caller vouches for.
        unsafe {
            if piece.resume {
                for (i, sums) in sums[..rows].iter_mut().enumerate() {
                    let from = piece.sums.offset(i as isize * piece.sums_step);
                    for (j, sum) in sums[..columns].iter_mut().enumerate() {
                        *sum = *from.add(j);
                    }
                }
            }
            let (mut a, mut b) = (piece.a, piece.b);
            for _ in 0..piece.depth {
                if columns == Self::COLUMNS {
                    let b = &*b.cast::<[f32; Self::COLUMNS]>();
                    for (i, sums) in sums[..rows].iter_mut().enumerate() {
                        let a = *a.offset(i as isize * piece.a_row);
                        for (sum, b) in sums.iter_mut().zip(b) {
                            *sum = fused::multiply_add(a, *b, *sum);
                        }
                    }
                } else {
                    for (i, sums) in sums[..rows].iter_mut().enumerate() {
                        let a = *a.offset(i as isize * piece.a_row);
                        for (j, sum) in sums[..columns].iter_mut().enumerate() {
                            *sum = fused::multiply_add(a, *b.add(j), *sum);
                        }
                    }
                }
                a = a.wrapping_offset(piece.a_step);
                b = b.wrapping_offset(piece.b_step);
            }
            for (i, sums) in sums[..rows].iter().enumerate() {
                for (j, sum) in sums[..columns].iter().enumerate() {
                    match &piece.add {
                        None => *piece.sums.offset(i as isize * piece.sums_step).add(j) = *sum,
                        Some(add) => {
                            let out = add.out.offset(i as isize * add.out_step).add(j);
                            *out = fused::multiply_add(add.scale, *sum, *out);
                        }
                    }
                }
            }
        }
    }

    fn prefetch(_: *const f32, _: usize) {}

    unsafe fn pack_along(from: Part, height: usize, length: usize, to: *mut f32, to_step: usize, _: bool) {
        // SAFETY: as the caller vouches.
        unsafe { pack_any(from, height, length, to, to_step) };
    }

    unsafe fn pack_across(from: Part, height: usize, length: usize, to: *mut f32, to_step: usize) {
        // SAFETY: as the caller vouches.
        unsafe { pack_any(from, height, length, to, to_step) };
    }
}
