//! The step of all lanes, once in plain Rust and once per kind of register: the compiler does not find the
//! vectors in the plain one by itself.

#![expect(unsafe_code, reason = "vector instructions of a machine that has them")]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

use super::LANES;
use crate::vector::{Width, width};

/// The state of all lanes: word w of lane l at `[w][l]`.
pub(super) type Lanes = [[u64; LANES]; 4];

/// Advances all lanes once for each block and stores their outputs.
pub(super) fn fill(lanes: &mut Lanes, blocks: &mut [[u64; LANES]]) {
    match width() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `width` returns this value only if the machine has AVX-512 F.
        Width::Avx512 => unsafe { avx512::fill(lanes, blocks) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `width` returns this value only if the machine has AVX2.
        Width::Avx2 => unsafe { avx2::fill(lanes, blocks) },
        _ => portable(lanes, blocks),
    }
}

fn portable(lanes: &mut Lanes, blocks: &mut [[u64; LANES]]) {
    let [s0, s1, s2, s3] = lanes;
    for block in blocks {
        for l in 0..LANES {
            block[l] = advance(&mut s0[l], &mut s1[l], &mut s2[l], &mut s3[l]);
        }
    }
}

/// One step of one xoshiro256++.
#[inline(always)]
pub(super) fn advance(s0: &mut u64, s1: &mut u64, s2: &mut u64, s3: &mut u64) -> u64 {
    let result = s0.wrapping_add(*s3).rotate_left(23).wrapping_add(*s0);
    let t = *s1 << 17;
    *s2 ^= *s0;
    *s3 ^= *s1;
    *s1 ^= *s2;
    *s0 ^= *s3;
    *s2 ^= t;
    *s3 = s3.rotate_left(45);
    result
}

/// Writes the loop for one kind of register, of which `$count` hold a state word of all lanes.
#[cfg(target_arch = "x86_64")]
macro_rules! lanes_in_registers {
    (
        $module:ident, $features:literal, $register:ty, $count:literal,
        $load:ident, $store:ident, $add:ident, $xor:ident, $shift:ident, $rotate:ident
    ) => {
        mod $module {
            use std::arch::x86_64::*;

            use super::{LANES, Lanes};

            /// The lanes in one register.
            const EACH: usize = LANES / $count;

            #[target_feature(enable = $features)]
            pub(super) fn fill(lanes: &mut Lanes, blocks: &mut [[u64; LANES]]) {
                let read = |word: usize, part: usize| {
                    // SAFETY: the register's lanes are elements part * EACH .. (part + 1) * EACH of the state
                    // word's 8.
                    unsafe { $load(lanes[word].as_ptr().add(part * EACH).cast()) }
                };
                let mut state: [[$register; $count]; 4] =
                    std::array::from_fn(|word| std::array::from_fn(|part| read(word, part)));
                let [s0, s1, s2, s3] = &mut state;
                for block in blocks {
                    for part in 0..$count {
                        let sum = $add(s0[part], s3[part]);
                        let result = $add(super::$rotate::<23, 41>(sum), s0[part]);
                        // SAFETY: elements part * EACH .. (part + 1) * EACH of the block's 8.
                        unsafe { $store(block.as_mut_ptr().add(part * EACH).cast(), result) };
                        let t = $shift::<17>(s1[part]);
                        s2[part] = $xor(s2[part], s0[part]);
                        s3[part] = $xor(s3[part], s1[part]);
                        s1[part] = $xor(s1[part], s2[part]);
                        s0[part] = $xor(s0[part], s3[part]);
                        s2[part] = $xor(s2[part], t);
                        s3[part] = super::$rotate::<45, 19>(s3[part]);
                    }
                }
                for (word, registers) in lanes.iter_mut().zip(state) {
                    for (part, register) in registers.into_iter().enumerate() {
                        // SAFETY: elements part * EACH .. (part + 1) * EACH of the state word's 8.
                        unsafe { $store(word.as_mut_ptr().add(part * EACH).cast(), register) };
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
lanes_in_registers!(
    avx512,
    "avx512f",
    __m512i,
    1,
    _mm512_loadu_si512,
    _mm512_storeu_si512,
    _mm512_add_epi64,
    _mm512_xor_si512,
    _mm512_slli_epi64,
    rotate_512
);

#[cfg(target_arch = "x86_64")]
lanes_in_registers!(
    avx2,
    "avx2",
    __m256i,
    2,
    _mm256_loadu_si256,
    _mm256_storeu_si256,
    _mm256_add_epi64,
    _mm256_xor_si256,
    _mm256_slli_epi64,
    rotate_256
);

/// Rotates to the left by `LEFT` = 64 − `RIGHT` bits.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx512f")]
fn rotate_512<const LEFT: i32, const RIGHT: i32>(value: __m512i) -> __m512i {
    _mm512_rol_epi64::<LEFT>(value)
}

/// Rotates to the left by `LEFT` = 64 − `RIGHT` bits.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn rotate_256<const LEFT: i32, const RIGHT: i32>(value: __m256i) -> __m256i {
    _mm256_or_si256(_mm256_slli_epi64::<LEFT>(value), _mm256_srli_epi64::<RIGHT>(value))
}
