//! Two-valued units from their means.

use crate::bits::Bits;

/// Draws ±1 with the means `mean` in −1..=1: +1 where a uniform u has 2u − 1 < mean.
///
/// # Panics
///
/// If the lengths differ.
pub fn sample_spins(mean: &[f32], bits: &mut Bits, out: &mut [f32]) {
    assert_eq!(mean.len(), out.len(), "lengths");
    bits.fill_uniform(out);
    for (out, &mean) in out.iter_mut().zip(mean) {
        *out = if out.mul_add(2.0, -1.0) < mean { 1.0 } else { -1.0 };
    }
}

/// Draws 0/1 with the means `mean` in 0..=1: 1 where a uniform u < mean.
///
/// # Panics
///
/// If the lengths differ.
pub fn sample_binary(mean: &[f32], bits: &mut Bits, out: &mut [f32]) {
    assert_eq!(mean.len(), out.len(), "lengths");
    bits.fill_uniform(out);
    for (out, &mean) in out.iter_mut().zip(mean) {
        *out = if *out < mean { 1.0 } else { 0.0 };
    }
}
