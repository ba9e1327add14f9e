//! The register tiles of x86-64, and the transposing copy.

use std::arch::x86_64::*;

use super::pack::Part;
use super::tile::{Piece, Tile};

/// 14 × 32 with AVX-512.
pub(super) struct Avx512;

/// 6 × 16 with AVX2 and FMA.
pub(super) struct Avx2;

/// A compiled tile for one number of rows.
type Run = unsafe fn(&Piece);

/// Writes the tile of one kind of register: the same text for each, since the intrinsics share no interface.
///
/// `$mask` makes the mask of the lanes of the last vector that exist, from their number; loads and stores of
/// the last vector touch only those.
macro_rules! tile {
    (
        $module:ident, $features:literal, $register:ty, $lanes:literal, $mask_type:ty, $mask:expr,
        $zero:ident, $splat:ident, $fma:ident, $load:ident, $store:ident, $load_masked:expr, $store_masked:expr
    ) => {
        mod $module {
            use super::*;

            /// Loads a vector, or of the last vector the lanes of the mask.
            ///
            /// # Safety
            ///
            /// The addresses that are loaded are valid.
            #[inline]
            #[target_feature(enable = $features)]
            unsafe fn load(from: *const f32, mask: $mask_type, last: bool) -> $register {
                // SAFETY: as the caller vouches.
                unsafe { if last { $load_masked(from, mask) } else { $load(from) } }
            }

            /// Stores a vector, or of the last vector the lanes of the mask.
            ///
            /// # Safety
            ///
            /// The addresses that are stored to are valid.
            #[inline]
            #[target_feature(enable = $features)]
            unsafe fn store(to: *mut f32, mask: $mask_type, last: bool, value: $register) {
                // SAFETY: as the caller vouches.
                unsafe { if last { $store_masked(to, mask, value) } else { $store(to, value) } }
            }

            /// The tile; see `Tile::run` for what the caller vouches for.
            #[target_feature(enable = $features)]
            pub(super) unsafe fn run<const ROWS: usize, const VECTORS: usize, const ACROSS: bool>(
                piece: &Piece,
            ) {
                let mask = $mask(piece.columns - (VECTORS - 1) * $lanes);
                let mut sums = [[$zero(); VECTORS]; ROWS];
                // SAFETY: all addresses are those that the caller vouches for; lanes beyond the columns are
                // masked out.
                unsafe {
                    if piece.resume {
                        for (i, sums) in sums.iter_mut().enumerate() {
                            let from = piece.sums.offset(i as isize * piece.sums_step);
                            for (v, sum) in sums.iter_mut().enumerate() {
                                *sum = load(from.add($lanes * v), mask, v + 1 == VECTORS);
                            }
                        }
                    }
                    let (mut a, mut b) = (piece.a, piece.b);
                    for _ in 0..piece.depth {
                        let mut row = [$zero(); VECTORS];
                        for (v, row) in row.iter_mut().enumerate() {
                            *row = load(b.add($lanes * v), mask, v + 1 == VECTORS);
                        }
                        for (i, sums) in sums.iter_mut().enumerate() {
                            let element = if ACROSS {
                                // Written with few different multiples, so that they stay in registers.
                                let four = a.offset((i / 4) as isize * 4 * piece.a_row);
                                $splat(*four.offset((i % 4) as isize * piece.a_row))
                            } else {
                                $splat(*a.add(i))
                            };
                            for (sum, row) in sums.iter_mut().zip(row) {
                                *sum = $fma(element, row, *sum);
                            }
                        }
                        a = a.wrapping_offset(piece.a_step);
                        b = b.wrapping_offset(piece.b_step);
                    }
                    match &piece.add {
                        None => {
                            for (i, sums) in sums.iter().enumerate() {
                                let to = piece.sums.offset(i as isize * piece.sums_step);
                                for (v, sum) in sums.iter().enumerate() {
                                    store(to.add($lanes * v), mask, v + 1 == VECTORS, *sum);
                                }
                            }
                        }
                        Some(add) => {
                            let scale = $splat(add.scale);
                            for (i, sums) in sums.iter().enumerate() {
                                let to = add.out.offset(i as isize * add.out_step);
                                for (v, sum) in sums.iter().enumerate() {
                                    let (to, last) = (to.add($lanes * v), v + 1 == VECTORS);
                                    store(to, mask, last, $fma(scale, *sum, load(to, mask, last)));
                                }
                            }
                        }
                    }
                }
            }
        }
    };
}

tile!(
    full,
    "avx512f",
    __m512,
    16,
    __mmask16,
    |lanes: usize| (0xffff_u32 >> (16 - lanes)) as __mmask16,
    _mm512_setzero_ps,
    _mm512_set1_ps,
    _mm512_fmadd_ps,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    |from, mask| _mm512_maskz_loadu_ps(mask, from),
    |to, mask, value| _mm512_mask_storeu_ps(to, mask, value)
);

tile!(
    half,
    "avx512f,avx512vl,avx2,fma",
    __m256,
    8,
    __mmask8,
    |lanes: usize| (0xff_u32 >> (8 - lanes)) as __mmask8,
    _mm256_setzero_ps,
    _mm256_set1_ps,
    _mm256_fmadd_ps,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    |from, mask| _mm256_maskz_loadu_ps(mask, from),
    |to, mask, value| _mm256_mask_storeu_ps(to, mask, value)
);

tile!(
    narrow,
    "avx2,fma",
    __m256,
    8,
    __m256i,
    mask_of_lanes,
    _mm256_setzero_ps,
    _mm256_set1_ps,
    _mm256_fmadd_ps,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    |from, mask| _mm256_maskload_ps(from, mask),
    |to, mask, value| _mm256_maskstore_ps(to, mask, value)
);

/// All bits set in the first `lanes` of 8 lanes.
#[inline]
#[target_feature(enable = "avx2")]
fn mask_of_lanes(lanes: usize) -> __m256i {
    let positions = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    _mm256_cmpgt_epi32(_mm256_set1_epi32(lanes as i32), positions)
}

/// The tiles of 1, 2, … rows: for a with its rows side by side, and for any a.
macro_rules! table {
    ($module:ident, $vectors:literal; $($rows:literal)*) => {
        [[$($module::run::<$rows, $vectors, false> as Run),*], [$($module::run::<$rows, $vectors, true> as Run),*]]
    };
}

static FULL_2: [[Run; 14]; 2] = table!(full, 2; 1 2 3 4 5 6 7 8 9 10 11 12 13 14);
static FULL_1: [[Run; 14]; 2] = table!(full, 1; 1 2 3 4 5 6 7 8 9 10 11 12 13 14);
static HALF_1: [[Run; 14]; 2] = table!(half, 1; 1 2 3 4 5 6 7 8 9 10 11 12 13 14);
static NARROW_2: [[Run; 6]; 2] = table!(narrow, 2; 1 2 3 4 5 6);
static NARROW_1: [[Run; 6]; 2] = table!(narrow, 1; 1 2 3 4 5 6);

impl Tile for Avx512 {
    const ROWS: usize = 14;
    const COLUMNS: usize = 32;
    const STEP: usize = 16;

    unsafe fn run(piece: &Piece) {
        let table = match piece.columns {
            ..=8 => &HALF_1,
            9..=16 => &FULL_1,
            _ => &FULL_2,
        };
        // SAFETY: passed on to the caller.
        unsafe { table[usize::from(piece.a_row != 1)][piece.rows - 1](piece) }
    }

    fn prefetch(from: *const f32, length: usize) {
        prefetch(from, length);
    }

    unsafe fn pack_along(from: Part, height: usize, length: usize, to: *mut f32, to_step: usize, far: bool) {
        // SAFETY: passed on to the caller.
        unsafe { pack_along(from, height, length, to, to_step, far) }
    }

    unsafe fn pack_across(from: Part, height: usize, length: usize, to: *mut f32, to_step: usize) {
        // SAFETY: passed on to the caller.
        unsafe { pack_across(from, height, length, to, to_step) }
    }
}

impl Tile for Avx2 {
    const ROWS: usize = 6;
    const COLUMNS: usize = 16;
    const STEP: usize = 8;

    unsafe fn run(piece: &Piece) {
        let table = if piece.columns <= 8 { &NARROW_1 } else { &NARROW_2 };
        // SAFETY: passed on to the caller.
        unsafe { table[usize::from(piece.a_row != 1)][piece.rows - 1](piece) }
    }

    fn prefetch(from: *const f32, length: usize) {
        prefetch(from, length);
    }

    unsafe fn pack_along(from: Part, height: usize, length: usize, to: *mut f32, to_step: usize, far: bool) {
        // SAFETY: passed on to the caller.
        unsafe { pack_along(from, height, length, to, to_step, far) }
    }

    unsafe fn pack_across(from: Part, height: usize, length: usize, to: *mut f32, to_step: usize) {
        // SAFETY: passed on to the caller.
        unsafe { pack_across(from, height, length, to, to_step) }
    }
}

/// `Tile::prefetch`: one hint for each 64 bytes.
#[inline(always)]
fn prefetch(from: *const f32, length: usize) {
    for offset in (0..length).step_by(16) {
        // SAFETY: the instruction is part of SSE, which every x86-64 has, and never faults.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.wrapping_add(offset).cast()) };
    }
}

/// `Tile::pack_across` with 8 × 8 transposes in registers.
#[target_feature(enable = "avx2")]
unsafe fn pack_across(from: Part, height: usize, length: usize, to: *mut f32, to_step: usize) {
    for top in (0..height).step_by(8) {
        // Rows that do not exist are read from the last one that does.
        let rows: [*const f32; 8] = std::array::from_fn(|i| {
            // A pointer to an existing row, so the offset stays inside the operand.
            from.start.wrapping_offset((top + i).min(height - 1) as isize * from.row)
        });
        let block = |k: usize| {
            // SAFETY: k..k + 8 are inside the rows, and the target has room for 8 elements from `top` on.
            unsafe {
                let columns = transposed([
                    _mm256_loadu_ps(rows[0].add(k)),
                    _mm256_loadu_ps(rows[1].add(k)),
                    _mm256_loadu_ps(rows[2].add(k)),
                    _mm256_loadu_ps(rows[3].add(k)),
                    _mm256_loadu_ps(rows[4].add(k)),
                    _mm256_loadu_ps(rows[5].add(k)),
                    _mm256_loadu_ps(rows[6].add(k)),
                    _mm256_loadu_ps(rows[7].add(k)),
                ]);
                for (offset, column) in columns.into_iter().enumerate() {
                    _mm256_storeu_ps(to.add((k + offset) * to_step + top), column);
                }
            }
        };
        for k in 0..length / 8 {
            block(8 * k);
        }
        if !length.is_multiple_of(8) && length > 8 {
            // The last block overlaps the one before it and stores the same values again.
            block(length - 8);
        } else if length < 8 {
            for (i, row) in rows.iter().enumerate() {
                for k in 0..length {
                    // SAFETY: k is inside the row, and the target has room for 8 elements from `top` on.
                    unsafe { *to.add(k * to_step + top + i) = *row.add(k) };
                }
            }
        }
    }
}

/// `Tile::pack_along` with 8 elements at a time.
#[target_feature(enable = "avx")]
unsafe fn pack_along(from: Part, height: usize, length: usize, to: *mut f32, to_step: usize, far: bool) {
    for k in 0..length {
        let line = from.start.wrapping_offset(k as isize * from.step);
        if far {
            prefetch(line.wrapping_offset(AHEAD * from.step), height);
        }
        for first in (0..height).step_by(to_step) {
            let width = (height - first).min(to_step);
            // SAFETY: 8 and then 1 of the `height` elements at a time; the caller vouches for them.
            unsafe {
                let from = line.add(first);
                let to = to.add(first * length + k * to_step);
                for i in 0..width / 8 {
                    _mm256_storeu_ps(to.add(8 * i), _mm256_loadu_ps(from.add(8 * i)));
                }
                for i in width / 8 * 8..width {
                    *to.add(i) = *from.add(i);
                }
            }
        }
    }
}

/// How many lines ahead `pack_along` fetches.
const AHEAD: isize = 4;

/// The transpose of an 8 × 8 matrix.
#[inline]
#[target_feature(enable = "avx2")]
fn transposed(r: [__m256; 8]) -> [__m256; 8] {
    let pairs = [
        _mm256_unpacklo_ps(r[0], r[1]),
        _mm256_unpackhi_ps(r[0], r[1]),
        _mm256_unpacklo_ps(r[2], r[3]),
        _mm256_unpackhi_ps(r[2], r[3]),
        _mm256_unpacklo_ps(r[4], r[5]),
        _mm256_unpackhi_ps(r[4], r[5]),
        _mm256_unpacklo_ps(r[6], r[7]),
        _mm256_unpackhi_ps(r[6], r[7]),
    ];
    let fours = [
        _mm256_shuffle_ps::<0x44>(pairs[0], pairs[2]),
        _mm256_shuffle_ps::<0xee>(pairs[0], pairs[2]),
        _mm256_shuffle_ps::<0x44>(pairs[1], pairs[3]),
        _mm256_shuffle_ps::<0xee>(pairs[1], pairs[3]),
        _mm256_shuffle_ps::<0x44>(pairs[4], pairs[6]),
        _mm256_shuffle_ps::<0xee>(pairs[4], pairs[6]),
        _mm256_shuffle_ps::<0x44>(pairs[5], pairs[7]),
        _mm256_shuffle_ps::<0xee>(pairs[5], pairs[7]),
    ];
    [
        _mm256_permute2f128_ps::<0x20>(fours[0], fours[4]),
        _mm256_permute2f128_ps::<0x20>(fours[1], fours[5]),
        _mm256_permute2f128_ps::<0x20>(fours[2], fours[6]),
        _mm256_permute2f128_ps::<0x20>(fours[3], fours[7]),
        _mm256_permute2f128_ps::<0x31>(fours[0], fours[4]),
        _mm256_permute2f128_ps::<0x31>(fours[1], fours[5]),
        _mm256_permute2f128_ps::<0x31>(fours[2], fours[6]),
        _mm256_permute2f128_ps::<0x31>(fours[3], fours[7]),
    ]
}
