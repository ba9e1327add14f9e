//! 512 bits as one value, in the registers that the machine has.

#![expect(unsafe_code, reason = "vector instructions of a machine that has them")]

/// 512 bits in memory, one for each replica; replica r is bit r % 64 of element r / 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(64))]
pub(crate) struct Word(pub(crate) [u64; 8]);

impl Word {
    pub(crate) const ZERO: Self = Self([0; 8]);
    pub(crate) const ONES: Self = Self([u64::MAX; 8]);

    pub(crate) fn bit(&self, replica: usize) -> bool {
        self.0[replica / 64] >> (replica % 64) & 1 == 1
    }
}

/// 512 bits in registers: bitwise operations, and sums and rotations of the eight 64-bit elements.
///
/// The methods of the vector types may only run on machines with the features of the type; a kernel makes sure of it by
/// being compiled for them and called after a run-time check ([`super::Width`]).
pub(super) trait Lanes: Copy {
    fn load(word: &Word) -> Self;
    fn store(self, word: &mut Word);
    /// From any eight elements, which need not be aligned.
    fn load_any(elements: &[u64; 8]) -> Self;
    fn store_any(self, elements: &mut [u64; 8]);
    /// The same 64 bits in all elements.
    fn broadcast(bits: u64) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    /// self & !other.
    fn and_not(self, other: Self) -> Self;
    fn add(self, other: Self) -> Self;
    fn shift_left<const BITS: i32>(self) -> Self;
    fn rotate_left<const BITS: i32>(self) -> Self;
    fn is_zero(self) -> bool;

    #[inline(always)]
    fn xor3(self, b: Self, c: Self) -> Self {
        self.xor(b).xor(c)
    }
    #[inline(always)]
    fn majority(self, b: Self, c: Self) -> Self {
        self.and(b).or(self.or(b).and(c))
    }
    /// self ? yes : no.
    #[inline(always)]
    fn select(self, yes: Self, no: Self) -> Self {
        no.xor(self.and(yes.xor(no)))
    }
    /// self ^ (b & c).
    #[inline(always)]
    fn xor_and(self, b: Self, c: Self) -> Self {
        self.xor(b.and(c))
    }
}

/// The portable form.
#[derive(Clone, Copy)]
pub(super) struct Portable([u64; 8]);

impl Portable {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        Self(std::array::from_fn(|k| f(self.0[k], other.0[k])))
    }
}

impl Lanes for Portable {
    #[inline(always)]
    fn load(word: &Word) -> Self {
        Self(word.0)
    }
    #[inline(always)]
    fn store(self, word: &mut Word) {
        word.0 = self.0;
    }
    #[inline(always)]
    fn load_any(elements: &[u64; 8]) -> Self {
        Self(*elements)
    }
    #[inline(always)]
    fn store_any(self, elements: &mut [u64; 8]) {
        *elements = self.0;
    }
    #[inline(always)]
    fn broadcast(bits: u64) -> Self {
        Self([bits; 8])
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self.zip(other, |a, b| a ^ b)
    }
    #[inline(always)]
    fn and_not(self, other: Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, u64::wrapping_add)
    }
    #[inline(always)]
    fn shift_left<const BITS: i32>(self) -> Self {
        Self(self.0.map(|a| a << BITS))
    }
    #[inline(always)]
    fn rotate_left<const BITS: i32>(self) -> Self {
        Self(self.0.map(|a| a.rotate_left(BITS as u32)))
    }
    #[inline(always)]
    fn is_zero(self) -> bool {
        self.0.iter().fold(0, |a, b| a | b) == 0
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Lanes, Word};

    /// One AVX-512 register.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Avx512(__m512i);

    /// Wraps intrinsics that need a feature which the kernel's caller has checked.
    macro_rules! checked {
        ($call:expr) => {
            // SAFETY: see [`Lanes`]: the kernels that use this type are compiled for the feature and are called only
            // after it was found on this machine; loads and stores go to whole words, the aligned ones to aligned words.
            unsafe { $call }
        };
    }

    impl Lanes for Avx512 {
        #[inline(always)]
        fn load(word: &Word) -> Self {
            Self(checked!(_mm512_load_si512(word.0.as_ptr().cast())))
        }
        #[inline(always)]
        fn store(self, word: &mut Word) {
            checked!(_mm512_store_si512(word.0.as_mut_ptr().cast(), self.0));
        }
        #[inline(always)]
        fn load_any(elements: &[u64; 8]) -> Self {
            Self(checked!(_mm512_loadu_si512(elements.as_ptr().cast())))
        }
        #[inline(always)]
        fn store_any(self, elements: &mut [u64; 8]) {
            checked!(_mm512_storeu_si512(elements.as_mut_ptr().cast(), self.0));
        }
        #[inline(always)]
        fn broadcast(bits: u64) -> Self {
            Self(checked!(_mm512_set1_epi64(bits as i64)))
        }
        #[inline(always)]
        fn and(self, other: Self) -> Self {
            Self(checked!(_mm512_and_si512(self.0, other.0)))
        }
        #[inline(always)]
        fn or(self, other: Self) -> Self {
            Self(checked!(_mm512_or_si512(self.0, other.0)))
        }
        #[inline(always)]
        fn xor(self, other: Self) -> Self {
            Self(checked!(_mm512_xor_si512(self.0, other.0)))
        }
        #[inline(always)]
        fn and_not(self, other: Self) -> Self {
            Self(checked!(_mm512_andnot_si512(other.0, self.0)))
        }
        #[inline(always)]
        fn add(self, other: Self) -> Self {
            Self(checked!(_mm512_add_epi64(self.0, other.0)))
        }
        #[inline(always)]
        fn shift_left<const BITS: i32>(self) -> Self {
            Self(checked!(_mm512_sllv_epi64(self.0, _mm512_set1_epi64(BITS.into()))))
        }
        #[inline(always)]
        fn rotate_left<const BITS: i32>(self) -> Self {
            Self(checked!(_mm512_rol_epi64::<BITS>(self.0)))
        }
        #[inline(always)]
        fn is_zero(self) -> bool {
            checked!(_mm512_test_epi64_mask(self.0, self.0)) == 0
        }
        #[inline(always)]
        fn xor3(self, b: Self, c: Self) -> Self {
            Self(checked!(_mm512_ternarylogic_epi64::<0x96>(self.0, b.0, c.0)))
        }
        #[inline(always)]
        fn majority(self, b: Self, c: Self) -> Self {
            Self(checked!(_mm512_ternarylogic_epi64::<0xe8>(self.0, b.0, c.0)))
        }
        #[inline(always)]
        fn select(self, yes: Self, no: Self) -> Self {
            Self(checked!(_mm512_ternarylogic_epi64::<0xca>(self.0, yes.0, no.0)))
        }
        #[inline(always)]
        fn xor_and(self, b: Self, c: Self) -> Self {
            Self(checked!(_mm512_ternarylogic_epi64::<0x78>(self.0, b.0, c.0)))
        }
    }

    /// Two AVX2 registers.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Avx2([__m256i; 2]);

    impl Avx2 {
        #[inline(always)]
        fn zip(self, other: Self, f: impl Fn(__m256i, __m256i) -> __m256i) -> Self {
            Self([f(self.0[0], other.0[0]), f(self.0[1], other.0[1])])
        }
    }

    impl Lanes for Avx2 {
        #[inline(always)]
        fn load(word: &Word) -> Self {
            let p = word.0.as_ptr().cast::<__m256i>();
            Self(checked!([_mm256_load_si256(p), _mm256_load_si256(p.add(1))]))
        }
        #[inline(always)]
        fn store(self, word: &mut Word) {
            let p = word.0.as_mut_ptr().cast::<__m256i>();
            checked!({
                _mm256_store_si256(p, self.0[0]);
                _mm256_store_si256(p.add(1), self.0[1]);
            });
        }
        #[inline(always)]
        fn load_any(elements: &[u64; 8]) -> Self {
            let p = elements.as_ptr().cast::<__m256i>();
            Self(checked!([_mm256_loadu_si256(p), _mm256_loadu_si256(p.add(1))]))
        }
        #[inline(always)]
        fn store_any(self, elements: &mut [u64; 8]) {
            let p = elements.as_mut_ptr().cast::<__m256i>();
            checked!({
                _mm256_storeu_si256(p, self.0[0]);
                _mm256_storeu_si256(p.add(1), self.0[1]);
            });
        }
        #[inline(always)]
        fn broadcast(bits: u64) -> Self {
            Self(checked!([_mm256_set1_epi64x(bits as i64); 2]))
        }
        #[inline(always)]
        fn and(self, other: Self) -> Self {
            self.zip(other, |a, b| checked!(_mm256_and_si256(a, b)))
        }
        #[inline(always)]
        fn or(self, other: Self) -> Self {
            self.zip(other, |a, b| checked!(_mm256_or_si256(a, b)))
        }
        #[inline(always)]
        fn xor(self, other: Self) -> Self {
            self.zip(other, |a, b| checked!(_mm256_xor_si256(a, b)))
        }
        #[inline(always)]
        fn and_not(self, other: Self) -> Self {
            self.zip(other, |a, b| checked!(_mm256_andnot_si256(b, a)))
        }
        #[inline(always)]
        fn add(self, other: Self) -> Self {
            self.zip(other, |a, b| checked!(_mm256_add_epi64(a, b)))
        }
        #[inline(always)]
        fn shift_left<const BITS: i32>(self) -> Self {
            Self(self.0.map(|a| checked!(_mm256_slli_epi64::<BITS>(a))))
        }
        #[inline(always)]
        fn rotate_left<const BITS: i32>(self) -> Self {
            let right = i64::from(64 - BITS);
            Self(self.0.map(|a| {
                checked!(_mm256_or_si256(
                    _mm256_slli_epi64::<BITS>(a),
                    _mm256_srl_epi64(a, _mm_cvtsi64_si128(right))
                ))
            }))
        }
        #[inline(always)]
        fn is_zero(self) -> bool {
            checked!({
                let any = _mm256_or_si256(self.0[0], self.0[1]);
                _mm256_testz_si256(any, any)
            }) == 1
        }
    }
}
