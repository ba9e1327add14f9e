//! Tables of sums and their use, once for each kind of register: the compiler does not keep the sums in registers by
//! itself.

#![expect(unsafe_code, reason = "vector instructions of a machine that has them")]

use super::{Block, SUMS, Sums};
use crate::bit_matrix::{BitRows, Values};
use crate::lines::{GROUP, Line, PANEL, ZERO, portable as four};

/// The bits of `count` groups of four, from group `from` on, in the lowest bits.
#[inline(always)]
fn bits_of(row: &[u64], from: usize, count: usize) -> u64 {
    const IN_WORD: usize = u64::BITS as usize / GROUP;
    let (word, shift) = (from / IN_WORD, from % IN_WORD);
    let low = row[word] >> (shift * GROUP);
    if shift + count <= IN_WORD { low } else { low | row[word + 1] << ((IN_WORD - shift) * GROUP) }
}

/// Writes the kernel for one kind of register.
macro_rules! kernel {
    ($module:ident, $($features:literal)?, $register:ty, $load:path, $store:path, $add:path, $subtract:path) => {
        pub(super) mod $module {
            use super::*;

            /// The numbers in a register.
            const LANES: usize = size_of::<$register>() / size_of::<f32>();

            /// All sums of four rows.
            #[inline]
            $(#[target_feature(enable = $features)])?
            unsafe fn tabulate<const SPIN: bool>(rows: [*const f32; GROUP], registers: usize, sums: &mut [Line; SUMS]) {
                assert!(registers * LANES <= PANEL);
                // SAFETY: a register of a line.
                let zero = unsafe { $load(ZERO.0.as_ptr()) };
                let without = |sum: $register, next: $register| if SPIN { $subtract(sum, next) } else { sum };
                for i in 0..registers {
                    // SAFETY: the caller vouches for so many registers.
                    let [a, b, c, d] = rows.map(|row| unsafe { $load(row.add(i * LANES)) });
                    let mut store = |index: usize, value: $register| {
                        let line = sums[index].0.as_mut_ptr();
                        // SAFETY: register number i is in a line.
                        unsafe { $store(line.add(i * LANES), value) }
                    };
                    let one = [without(zero, a), a];
                    let two = [without(one[0], b), without(one[1], b), $add(one[0], b), $add(one[1], b)];
                    for (pair, sum) in two.into_iter().enumerate() {
                        let (low, high) = (without(sum, c), $add(sum, c));
                        store(pair, without(low, d));
                        store(pair + 4, without(high, d));
                        store(pair + 8, $add(low, d));
                        store(pair + 12, $add(high, d));
                    }
                }
            }

            /// Adds what the tables have for each row of bits to its sums, `REGISTERS` wide.
            #[inline]
            $(#[target_feature(enable = $features)])?
            fn add<const REGISTERS: usize>(bits: BitRows, block: &Block, tables: &[[Line; SUMS]], sums: &mut Sums) {
                assert!(REGISTERS * LANES <= PANEL && sums.waiting.len() >= bits.rows() && block.columns <= PANEL);
                let whole = block.columns == REGISTERS * LANES;
                for row in 0..bits.rows() {
                    let mut rest = bits_of(bits.row(row), block.from, tables.len());
                    let waiting = &mut sums.waiting[row];
                    let begin = if block.first { ZERO.0.as_ptr() } else { waiting.0.as_ptr() };
                    // SAFETY: REGISTERS * LANES numbers of a line.
                    let mut found: [$register; REGISTERS] = std::array::from_fn(|i| unsafe { $load(begin.add(i * LANES)) });
                    for table in tables {
                        let line = table[rest as usize % SUMS].0.as_ptr();
                        for i in 0..REGISTERS {
                            // SAFETY: the same of another line.
                            found[i] = unsafe { $add(found[i], $load(line.add(i * LANES))) };
                        }
                        rest >>= GROUP;
                    }
                    let direct = block.last && whole;
                    // SAFETY: the caller vouches for `columns` numbers in each row of the result.
                    let out = unsafe { sums.out.offset(row as isize * sums.step) };
                    let end = if direct { out } else { waiting.0.as_mut_ptr() };
                    for i in 0..REGISTERS {
                        // SAFETY: REGISTERS * LANES numbers of a line, or as many columns of the result.
                        unsafe { $store(end.add(i * LANES), found[i]) };
                    }
                    if block.last && !whole {
                        for (i, &sum) in waiting.0[..block.columns].iter().enumerate() {
                            // SAFETY: one of as many columns of the result.
                            unsafe { *out.add(i) = sum };
                        }
                    }
                }
            }

            /// One block: groups `from..from + rows.len()`, of which `columns` columns are of interest.
            $(#[target_feature(enable = $features)])?
            pub(in super::super) unsafe fn run(
                values: Values,
                bits: BitRows,
                block: &Block,
                rows: &[[*const f32; GROUP]],
                tables: &mut [[Line; SUMS]],
                sums: &mut Sums,
            ) {
                const HALF: usize = PANEL / 2 / LANES;
                let halves = if block.columns > PANEL / 2 { 2 } else { 1 };
                for (&rows, table) in rows.iter().zip(&mut *tables) {
                    // SAFETY: as the caller vouches.
                    unsafe {
                        match values {
                            Values::Spin => tabulate::<true>(rows, halves * HALF, table),
                            Values::Binary => tabulate::<false>(rows, halves * HALF, table),
                        }
                    }
                }
                match halves {
                    1 => add::<HALF>(bits, block, tables, sums),
                    _ => add::<{ 2 * HALF }>(bits, block, tables, sums),
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

#[cfg(target_arch = "x86_64")]
kernel!(avx512, "avx512f", __m512, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_add_ps, _mm512_sub_ps);
#[cfg(target_arch = "x86_64")]
kernel!(avx2, "avx2", __m256, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_add_ps, _mm256_sub_ps);
kernel!(portable, , [f32; 4], four::load, four::store, four::add, four::subtract);
