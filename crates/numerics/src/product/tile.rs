//! What a register tile is asked to do, and the portable tile.

/// One tile of the product: `rows` × `columns` chains of length `depth`.
///
/// Element (i, k) of a is at `a + i + k * a_step`, element (k, j) of b at `b + j + k * b_step`, sum (i, j) at
/// `sums + i * sums_step + j`.
pub(super) struct Piece {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) depth: usize,
    pub(super) a: *const f32,
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
    /// The machine has the instructions. 1 <= rows <= `ROWS`, 1 <= columns <= `COLUMNS`. All addresses that [`Piece`]
    /// describes are valid (for writing: sums, out), and written ones overlap no others.
    unsafe fn run(piece: &Piece);

    /// Copies `height` × `length` elements: (i, k) at `from + i * from_step + k` to `to + k * to_step + i`, in
    /// blocks of 8 × 8. Of rows i = height, …, up to the next multiple of 8, the target gets unspecified finite or
    /// infinite values.
    ///
    /// # Safety
    ///
    /// The machine has the instructions, the addresses are valid, height >= 1, the target has room for the
    /// rounded height, and does not overlap the source.
    unsafe fn pack_across(
        from: *const f32,
        from_step: isize,
        height: usize,
        length: usize,
        to: *mut f32,
        to_step: usize,
    );
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
                        let a = *a.add(i);
                        for (sum, b) in sums.iter_mut().zip(b) {
                            *sum = a.mul_add(*b, *sum);
                        }
                    }
                } else {
                    for (i, sums) in sums[..rows].iter_mut().enumerate() {
                        let a = *a.add(i);
                        for (j, sum) in sums[..columns].iter_mut().enumerate() {
                            *sum = a.mul_add(*b.add(j), *sum);
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
                            *out = add.scale.mul_add(*sum, *out);
                        }
                    }
                }
            }
        }
    }

    unsafe fn pack_across(
        from: *const f32,
        from_step: isize,
        height: usize,
        length: usize,
        to: *mut f32,
        to_step: usize,
    ) {
        for i in 0..height {
            for k in 0..length {
                // SAFETY: the caller vouches for the addresses.
                unsafe { *to.add(k * to_step + i) = *from.offset(i as isize * from_step).add(k) };
            }
        }
    }
}
