//! The fused multiply-add of single precision where the machine has none.
//!
//! [`f32::mul_add`] is one instruction where the compilation target has it, and otherwise a call of the C library, which
//! cannot be vectorised. [`portable`] gives the same bits with operations that every machine has, in vectors too.
//!
//! # Why the bits are the same
//!
//! The product of two numbers of 24 bits has 48, so it is exact in double precision, whose range no such product leaves. The
//! sum s of the product and the third number is rounded to 53 bits, with an error e that is exactly a double precision number
//! itself (Knuth's two-sum; nothing underflows, since all numbers are multiples of 2⁻²⁹⁸). Rounding s again, to 24 bits or to
//! the fewer of a subnormal number, could be rounding twice: s may have come to lie halfway between two numbers of single
//! precision, where the exact sum does not. So s is first *rounded to odd*: if e is not zero and the last bit of s is, s is
//! moved by one unit in its last place in the direction of e. Such a number is never halfway between two numbers of less than 52
//! bits, nor one of them, and lies on the same side of all of them as the exact sum; so it rounds to what the exact sum
//! rounds to (S. Boldo and G. Melquiond, IEEE Trans. Comput. 57, 462, 2008). Where s is infinite or not a number, e is not a
//! number, and s stays.

/// fma(a, b, c): a·b + c, rounded once, in the fastest way that every machine of the compilation target has.
#[inline(always)]
pub(crate) fn multiply_add(a: f32, b: f32, c: f32) -> f32 {
    if cfg!(any(target_feature = "fma", target_arch = "aarch64")) {
        a.mul_add(b, c)
    } else {
        portable(a, b, c)
    }
}

/// The same from operations that every machine has.
#[inline(always)]
fn portable(a: f32, b: f32, c: f32) -> f32 {
    let (product, c) = (f64::from(a) * f64::from(b), f64::from(c));
    let sum = product + c;
    let virtual_c = sum - product;
    let error = (product - (sum - virtual_c)) + (c - virtual_c);
    let bits = sum.to_bits();
    // Away from zero is one more, whatever the sign. Written without branches.
    let outward = ((error > 0.0) == (sum > 0.0)) as u64;
    let inexact = (error > 0.0) | (error < 0.0);
    let even = !bits & 1;
    let moved = (inexact as u64 & even).wrapping_neg();
    let step = (2 * outward).wrapping_sub(1) & moved;
    f64::from_bits(bits.wrapping_add(step)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bits::Bits;
    use crate::streams::stream;

    /// The same bits as the C library's function, or both not a number.
    fn check(a: f32, b: f32, c: f32) {
        let (found, expected) = (portable(a, b, c), a.mul_add(b, c));
        let same = found.to_bits() == expected.to_bits() || (found.is_nan() && expected.is_nan());
        assert!(same, "fma({a:e}, {b:e}, {c:e}) = {expected:e}, not {found:e}");
    }

    #[test]
    fn special_values() {
        let tiny = f32::from_bits(1);
        let mut values = vec![0.0, 1.0, 1.0 + f32::EPSILON, 1.0 - f32::EPSILON / 2.0, 3.0, 1.0 / 3.0];
        values.extend([f32::MAX, f32::MIN_POSITIVE, tiny, 3.0 * tiny, f32::MIN_POSITIVE - tiny]);
        values.extend([f32::INFINITY, f32::NAN, 2f32.powi(-75), 2f32.powi(-74), 2f32.powi(64), 8_388_609.0]);
        let all: Vec<f32> = values.iter().flat_map(|&value| [value, -value]).collect();
        for &a in &all {
            for &b in &all {
                for &c in &all {
                    check(a, b, c);
                }
            }
        }
    }

    /// Bits at random, which are numbers of all sizes, and numbers of similar size, which cancel.
    #[test]
    fn random_values() {
        let mut bits = Bits::from_stream(&mut stream(1, "test", &[]));
        for _ in 0..200_000 {
            let (one, two) = (bits.next(), bits.next());
            let [a, b, c] = [one as u32, (one >> 32) as u32, two as u32];
            check(f32::from_bits(a), f32::from_bits(b), f32::from_bits(c));
            let near_one = |bits: u32, spread: u32| {
                f32::from_bits(bits & 0x807f_ffff | (127 - spread / 2 + bits % spread.max(1)) << 23)
            };
            check(near_one(a, 1), near_one(b, 1), near_one(c, 1));
            check(near_one(a, 8), near_one(b, 8), near_one(c, 60));
            // Results around the smallest normal number.
            check(
                near_one(a, 4) * 2f32.powi(-63),
                near_one(b, 8) * 2f32.powi(-64),
                near_one(c, 8) * 2f32.powi(-126),
            );
        }
    }

    /// Sums that are nearly halfway between two numbers of single precision: the product is such a half, plus or minus what
    /// the third number leaves below 53 bits, and the other way round; also where results are subnormal.
    #[test]
    fn nearly_halfway() {
        let mut bits = Bits::from_stream(&mut stream(2, "test", &[]));
        let mut halfway = 0u32;
        for _ in 0..100_000 {
            let word = bits.next();
            // An odd number of 25 bits is halfway; as a product it must factor.
            let left = (word as u32 % 4096) | 1;
            let right = ((word >> 32) as u32 % 4096 + 4096) | 1;
            for shift in 0..64 {
                for scale in [0, -100, -160, -174] {
                    let (a, b) = (left as f32, right as f32);
                    // a·b·2^scale, in two factors that are in range.
                    let (a, b) = (a * 2f32.powi(scale / 2), b * 2f32.powi(scale - scale / 2));
                    let small = f32::from_bits(word as u32 & 0x807f_ffff | 127 << 23);
                    let c = small * 2f32.powi((scale - shift).max(-126));
                    if word >> 60 == 0 {
                        check(a, b, c);
                        check(a, -b, c);
                    }
                    let exact = f64::from(a) * f64::from(b);
                    halfway += u32::from(exact.to_bits() & 0x1fff_ffff == 0x1000_0000);
                }
            }
        }
        // What was meant to be tested was.
        assert!(halfway > 1000, "{halfway}");
    }
}
