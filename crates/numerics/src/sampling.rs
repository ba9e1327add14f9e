//! Two-valued units from their means, or straight from their fields.
//!
//! # From bits to decisions
//!
//! Each unit takes 32 bits ([`Bits::fill_u32`]'s order); their upper 24 make an integer n and u = n / 2²⁴.
//!
//! * A spin is +1 if 2u − 1 < mean, else −1. 2u − 1 is exact in f32. The probability of +1 is the number of n
//!   with 2u − 1 < mean, over 2²⁴: (1 + mean)/2 rounded up to a multiple of 2⁻²⁴.
//! * A binary unit is 1 if u < mean, else 0: the probability is the mean rounded up to a multiple of 2⁻²⁴.
//!
//! So a mean of +1 (or above) always gives +1, since 2u − 1 is at most 1 − 2⁻²³; a mean of −1 (or below)
//! always gives −1, since no 2u − 1 is below −1; the same for binary units at 1 and 0. A saturated unit never
//! comes out with the wrong sign. A mean that is not a number gives −1 or 0.
//!
//! # How it works, and what bounds it
//!
//! Parts of 128 units: their random words, the activation, then a comparison, all in the first-level cache.
//! The fused forms (`…_from_field`, `…_in_place`) give bit for bit what the activation followed by the
//! sampling would, but read and write main memory once. Measured on Zen 4 at 3.7 GHz per unit: 0.2 ns from
//! means, 0.6 to 0.7 ns from fields with means kept, 0.5 to 0.6 ns in place; with AVX2 0.2, 0.7 to 0.9 and 0.7
//! to 0.9 ns. Of the 0.6 ns, tanh takes half (its division and polynomial), the random bits a fifth, the comparison the rest.

use crate::activation::{logistic, tanh};
use crate::bits::{Bits, Buffer, unit_f32};
use crate::vector::for_each_width;

/// The spin of one decision.
#[inline(always)]
fn spin(mean: f32, bits: u32) -> f32 {
    // 2 u - 1 in one step: exact, as the two steps would be.
    let decision = ((bits >> 8) as i32 as f32).mul_add(1.0 / 8_388_608.0, -1.0);
    if decision < mean { 1.0 } else { -1.0 }
}

/// The binary unit of one decision.
#[inline(always)]
fn binary(mean: f32, bits: u32) -> f32 {
    if unit_f32(bits) < mean { 1.0 } else { 0.0 }
}

/// Defines the three ways of sampling one kind of unit.
macro_rules! sampling {
    ($activate:path, $unit:path, $module:ident,
     $(#[$from_mean:meta])* $sample:ident,
     $(#[$from_field:meta])* $sample_field:ident,
     $(#[$in_place:meta])* $sample_in_place:ident $(,)?) => {
        $(#[$from_mean])*
        pub fn $sample(mean: &[f32], bits: &mut Bits, out: &mut [f32]) {
            assert_eq!(mean.len(), out.len(), "lengths");
            let mut buffer = Buffer::default();
            let mut at = 0;
            while at < mean.len() {
                let halves = bits.halves(mean.len() - at, &mut buffer);
                let part = at..at + halves.len();
                $module::draw(&mean[part.clone()], halves, &mut out[part]);
                at += halves.len();
            }
        }

        $(#[$from_field])*
        pub fn $sample_field(field: &[f32], bits: &mut Bits, mean: &mut [f32], out: &mut [f32]) {
            assert_eq!(field.len(), mean.len(), "lengths");
            assert_eq!(field.len(), out.len(), "lengths");
            let mut buffer = Buffer::default();
            let mut at = 0;
            while at < field.len() {
                let halves = bits.halves(field.len() - at, &mut buffer);
                let part = at..at + halves.len();
                let (field, mean) = (&field[part.clone()], &mut mean[part.clone()]);
                $module::draw_from_field(field, halves, mean, &mut out[part]);
                at += halves.len();
            }
        }

        $(#[$in_place])*
        pub fn $sample_in_place(values: &mut [f32], bits: &mut Bits) {
            let mut buffer = Buffer::default();
            let mut at = 0;
            while at < values.len() {
                let halves = bits.halves(values.len() - at, &mut buffer);
                $module::replace(&mut values[at..at + halves.len()], halves);
                at += halves.len();
            }
        }

        mod $module {
            use super::*;

            for_each_width! {
                pub(super) fn draw(mean: &[f32], halves: &[u32], out: &mut [f32]) = draw_body;
            }

            #[inline(always)]
            fn draw_body(mean: &[f32], halves: &[u32], out: &mut [f32]) {
                for ((mean, half), out) in mean.iter().zip(halves).zip(out) {
                    *out = $unit(*mean, *half);
                }
            }

            for_each_width! {
                pub(super) fn draw_from_field(
                    field: &[f32],
                    halves: &[u32],
                    mean: &mut [f32],
                    out: &mut [f32],
                ) = draw_from_field_body;
            }

            #[inline(always)]
            fn draw_from_field_body(field: &[f32], halves: &[u32], mean: &mut [f32], out: &mut [f32]) {
                for (((field, half), mean), out) in field.iter().zip(halves).zip(mean).zip(out) {
                    *mean = $activate(*field);
                    *out = $unit(*mean, *half);
                }
            }

            for_each_width! {
                pub(super) fn replace(values: &mut [f32], halves: &[u32]) = replace_body;
            }

            #[inline(always)]
            fn replace_body(values: &mut [f32], halves: &[u32]) {
                for (value, half) in values.iter_mut().zip(halves) {
                    *value = $unit($activate(*value), *half);
                }
            }
        }
    };
}

sampling! {
    tanh, spin, spins,
    /// Draws ±1 with the means `mean` in −1..=1: +1 where a uniform u has 2u − 1 < mean.
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    sample_spins,
    /// Draws ±1 in the fields `field`: stores mean = tanh(field), and spins of these means in `out`.
    ///
    /// Bit for bit [`tanh_in_place`](crate::activation::tanh_in_place) and then [`sample_spins`].
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    sample_spins_from_field,
    /// Replaces fields by spins ±1 of the means tanh(field); the means themselves are not kept.
    sample_spins_in_place,
}

sampling! {
    logistic, binary, binaries,
    /// Draws 0/1 with the means `mean` in 0..=1: 1 where a uniform u < mean.
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    sample_binary,
    /// Draws 0/1 in the fields `field`: stores mean = logistic(field), and units of these means in `out`.
    ///
    /// Bit for bit [`logistic_in_place`](crate::activation::logistic_in_place) and then [`sample_binary`].
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    sample_binary_from_field,
    /// Replaces fields by units 0/1 of the means logistic(field); the means themselves are not kept.
    sample_binary_in_place,
}
