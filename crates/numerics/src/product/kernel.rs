//! A tile of the product, once for each kind of register: the compiler does not keep its sums in registers by itself.

#![expect(unsafe_code, reason = "vector instructions of a machine that has them")]

use super::{ROWS, Rows};
use crate::lines::{REGISTER, portable as four};

/// The sums of a tile.
pub(super) type Sums = [[f32; REGISTER]; ROWS];

/// Writes the tile for one kind of register.
macro_rules! kernel {
    ($module:ident, $($features:literal)?, $register:ty, $load:path, $store:path, $add:path, $multiply:path, $splat:path) => {
        pub(super) mod $module {
            use super::*;

            /// The numbers in a register, and the registers of a row of the tile.
            const LANES: usize = size_of::<$register>() / size_of::<f32>();
            const COUNT: usize = REGISTER / LANES;

            /// The sums of the products of `a`, a pointer for each row, and the 16 columns from `b` on.
            ///
            /// # Safety
            ///
            /// The machine has the instructions, and both have `depth` elements and rows.
            $(#[target_feature(enable = $features)])?
            pub(in super::super) unsafe fn tile(a: [*const f32; ROWS], a_step: isize, b: &Rows, depth: usize, sums: &mut Sums) {
                // SAFETY: as the caller vouches.
                unsafe {
                    let mut found = [[$splat(0.0); COUNT]; ROWS];
                    for k in 0..depth as isize {
                        let line = b.start.offset(k * b.step);
                        let row: [$register; COUNT] = std::array::from_fn(|i| $load(line.add(i * LANES)));
                        for (found, a) in found.iter_mut().zip(a) {
                            let element = $splat(*a.offset(k * a_step));
                            for (found, row) in found.iter_mut().zip(row) {
                                *found = $add(*found, $multiply(element, row));
                            }
                        }
                    }
                    for (sums, found) in sums.iter_mut().zip(found) {
                        for (i, found) in found.into_iter().enumerate() {
                            $store(sums.as_mut_ptr().add(i * LANES), found);
                        }
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

#[cfg(target_arch = "x86_64")]
kernel!(
    avx512,
    "avx512f",
    __m512,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_add_ps,
    _mm512_mul_ps,
    _mm512_set1_ps
);
#[cfg(target_arch = "x86_64")]
kernel!(
    avx2,
    "avx2",
    __m256,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_add_ps,
    _mm256_mul_ps,
    _mm256_set1_ps
);
kernel!(portable, , [f32; 4], four::load, four::store, four::add, four::multiply, four::splat);
