//! Two-valued units from their fields.
//!
//! # From bits to decisions
//!
//! Each unit takes 32 bits ([`Bits::fill_u32`]'s order); their upper 24 make an integer n and u = n / 2²⁴. A row takes
//! whole steps of the generator: 32 bits for each of its units, rounded up to a multiple of 16 units.
//!
//! * A spin in the field x is +1 if 2u − 1 < tanh x, else −1. 2u − 1 is exact in f32. The probability of +1 is the
//!   number of n with 2u − 1 < mean, over 2²⁴: (1 + mean)/2 rounded up to a multiple of 2⁻²⁴.
//! * A binary unit is 1 if u < logistic x, else 0: the probability is the mean rounded up to a multiple of 2⁻²⁴.
//!
//! So a mean of +1 always gives +1, since 2u − 1 is at most 1 − 2⁻²³; a mean of −1 always gives −1, since no 2u − 1 is
//! below −1; the same for binary units at 1 and 0. A saturated unit never comes out with the wrong sign. A field that
//! is not a number gives −1 or 0.
//!
//! # How it works, and what bounds it
//!
//! Where the mean is not asked for, most decisions need none. With p(x) / q(x) the fraction x (945 + 105 x² + x⁴) /
//! (945 + 420 x² + 15 x⁴), which is within `BRACKET` of tanh x for |x| ≤ 4, and taken at ±4 beyond, (2u − 1) q − p
//! tells the sign of 2u − 1 − tanh x wherever its magnitude is above `BRACKET` q; a binary unit is a spin in half the
//! field. That needs no division and no exponential function. Of 32 units that are decided together one is left
//! undecided in every thirteenth case or less; then all of them are decided by their means, so that every decision is
//! the one above.
//!
//! Parts of 512 units: their random words, then decisions, all in the first-level cache. Arithmetic bounds it. On an
//! Intel Xeon (Sapphire Rapids), rows of 64 fields evenly from −4 to 4, a unit takes .57 ns with AVX-512, .80 with AVX2
//! and 1.7 with the portable code, random bits included, and 1.7, 1.8 and 2.1 times as long with its mean. A row ends
//! with 32 units of which some may be of no use: 100 columns take a quarter more for each.

use crate::activation::{logistic, tanh};
use crate::bit_matrix::{Values, words_of};
use crate::bits::{BUFFER, Bits, Buffer, unit_f32};
use crate::for_each_width;

/// The units that are decided together.
const TOGETHER: usize = 32;
/// A row takes random bits for a multiple of so many units: a step of the generator.
const STEP: usize = 16;
/// How far the fraction may be from tanh, with ample room for rounding: it is below 2.4·10⁻³ away.
const BRACKET: f32 = 2.5e-3;

/// Draws rows of `columns` units each in the fields `field`, one row after the other: bit i of a row's words in `out`
/// is the unit in field i, what is beyond the last is 0.
///
/// # Panics
///
/// If there are not whole rows, or `out` has not the words of so many.
pub fn draw(values: Values, columns: usize, field: &mut [f32], bits: &mut Bits, out: &mut [u64]) {
    by_pieces(columns, field, bits, out, |piece, halves, out| decide(values, piece, halves, out));
}

/// Draws the same units and replaces the fields by the units' means, tanh x or logistic x: bit for bit those of
/// [`tanh_in_place`](crate::activation::tanh_in_place) and [`logistic_in_place`](crate::activation::logistic_in_place).
///
/// # Panics
///
/// As [`draw`].
pub fn draw_with_means(values: Values, columns: usize, field: &mut [f32], bits: &mut Bits, out: &mut [u64]) {
    by_pieces(columns, field, bits, out, |piece, halves, out| decide_with_means(values, piece, halves, out));
}

/// Some whole rows, or a part of one.
struct Piece<'a> {
    columns: usize,
    fields: &'a mut [f32],
}

/// Hands on as many rows at a time as the buffer has random bits for, or longer rows in parts.
#[inline(always)]
fn by_pieces(
    columns: usize,
    field: &mut [f32],
    bits: &mut Bits,
    out: &mut [u64],
    mut then: impl FnMut(Piece, &[u32; 2 * BUFFER + STEP], &mut [u64]),
) {
    if columns == 0 {
        assert!(field.is_empty() && out.is_empty(), "rows without columns");
        return;
    }
    let rows = field.len() / columns;
    assert_eq!((field.len(), out.len()), (rows * columns, rows * words_of(columns)), "lengths");
    let mut buffer = Buffer::default();
    let together = (2 * BUFFER / columns.next_multiple_of(STEP)).max(1);
    let groups = field.chunks_mut(together * columns).zip(out.chunks_mut(together * words_of(columns)));
    for (fields, out) in groups {
        let columns = columns.min(2 * BUFFER);
        let length = if together > 1 { fields.len() } else { columns };
        for (fields, out) in
            fields.chunks_mut(length).zip(out.chunks_mut(length.div_ceil(columns) * words_of(columns)))
        {
            let columns = columns.min(fields.len());
            let count = fields.len() / columns * columns.next_multiple_of(STEP);
            then(Piece { columns, fields }, bits.fill_buffer(count / 2, &mut buffer), out);
        }
    }
}

for_each_width! {
    fn decide(values: Values, piece: Piece, halves: &[u32; 2 * BUFFER + STEP], out: &mut [u64]) = decide_body;
}

for_each_width! {
    fn decide_with_means(
        values: Values,
        piece: Piece,
        halves: &[u32; 2 * BUFFER + STEP],
        out: &mut [u64],
    ) = decide_with_means_body;
}

#[inline(always)]
fn decide_body(values: Values, piece: Piece, halves: &[u32; 2 * BUFFER + STEP], out: &mut [u64]) {
    match values {
        Values::Spin => decide_rows::<true, false>(piece, halves, out),
        Values::Binary => decide_rows::<false, false>(piece, halves, out),
    }
}

#[inline(always)]
fn decide_with_means_body(values: Values, piece: Piece, halves: &[u32; 2 * BUFFER + STEP], out: &mut [u64]) {
    match values {
        Values::Spin => decide_rows::<true, true>(piece, halves, out),
        Values::Binary => decide_rows::<false, true>(piece, halves, out),
    }
}

/// Decides the units of each row, [`TOGETHER`] at a time.
#[inline(always)]
fn decide_rows<const SPIN: bool, const MEANS: bool>(
    piece: Piece,
    halves: &[u32; 2 * BUFFER + STEP],
    out: &mut [u64],
) {
    let Piece { columns, fields } = piece;
    let step = columns.next_multiple_of(STEP);
    for (row, out) in out.chunks_exact_mut(words_of(columns)).enumerate() {
        for first in (0..columns).step_by(TOGETHER) {
            let halves = halves[row * step + first..].first_chunk();
            let halves = halves.expect("there is room for a step more than the rows need");
            let fields = &mut fields[row * columns + first..];
            let count = (columns - first).min(TOGETHER);
            let mut copy = first_of(fields);
            let bracketed = if MEANS { None } else { bracketed(if SPIN { 1.0 } else { 0.5 }, &copy, halves) };
            let units = match bracketed {
                Some(units) => units,
                None => by_means::<SPIN>(&mut copy, halves),
            };
            if MEANS {
                match fields[..count].first_chunk_mut() {
                    Some(fields) => *fields = copy,
                    None => fields[..count].copy_from_slice(&copy[..count]),
                }
            }
            let valid = u64::from(units & u32::MAX >> (TOGETHER - count));
            let word = &mut out[first / u64::BITS as usize];
            let shift = first % u64::BITS as usize;
            *word = if shift == 0 { valid } else { *word | valid << shift };
        }
    }
}

/// The first fields, whatever row they belong to, and zeros beyond the last.
#[inline(always)]
fn first_of(fields: &[f32]) -> [f32; TOGETHER] {
    fields.first_chunk().copied().unwrap_or_else(|| {
        let mut padded = [0.0; TOGETHER];
        padded[..fields.len()].copy_from_slice(fields);
        padded
    })
}

/// 2u − 1.
#[inline(always)]
fn decision(half: u32) -> f32 {
    // Both steps are exact.
    (half >> 8) as i32 as f32 * (1.0 / 8_388_608.0) - 1.0
}

/// Replaces fields by means, and decides.
#[inline(always)]
fn by_means<const SPIN: bool>(fields: &mut [f32; TOGETHER], halves: &[u32; TOGETHER]) -> u32 {
    let mut units = 0;
    for i in 0..TOGETHER {
        fields[i] = if SPIN { tanh(fields[i]) } else { logistic(fields[i]) };
        let up = if SPIN { decision(halves[i]) < fields[i] } else { unit_f32(halves[i]) < fields[i] };
        units |= u32::from(up) << i;
    }
    units
}

/// Spins in `scale` times the fields decided by their brackets, if these decide all.
#[inline(always)]
fn bracketed(scale: f32, fields: &[f32; TOGETHER], halves: &[u32; TOGETHER]) -> Option<u32> {
    let (mut units, mut all) = (0, true);
    for i in 0..TOGETHER {
        let (numerator, denominator) = fraction(scale * fields[i]);
        let difference = decision(halves[i]) * denominator - numerator;
        units |= u32::from(difference < 0.0) << i;
        // False for what is not a number.
        all &= difference.abs() > BRACKET * denominator;
    }
    all.then_some(units)
}

/// p and q of tanh x ≈ p / q, the fourth convergent of Lambert's continued fraction.
#[inline(always)]
fn fraction(x: f32) -> (f32, f32) {
    let x = if x > 4.0 { 4.0 } else { x };
    let x = if x < -4.0 { -4.0 } else { x };
    let square = x * x;
    (x * (945.0 + square * (105.0 + square)), 945.0 + square * (420.0 + square * 15.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On a grid so fine that neither function changes by 10⁻⁵ in between, and beyond the ends, where tanh goes on to 1.
    #[test]
    fn the_bracket_holds() {
        let mut largest = 0.0f64;
        for step in -1_000_000..=1_000_000 {
            let x = f64::from(step) * 1e-5;
            let (numerator, denominator) = fraction(x as f32);
            assert!(denominator > 0.0);
            largest = largest.max((f64::from(numerator) / f64::from(denominator) - x.tanh()).abs());
        }
        assert!(largest < f64::from(BRACKET) - 1e-4, "{largest}");
        for x in [f32::MAX, f32::INFINITY] {
            assert_eq!((fraction(x), fraction(-x).0), (fraction(4.0), -fraction(4.0).0));
        }
    }

    /// Every decision is that of the means, also where the random bits come close to the mean.
    #[test]
    fn brackets_decide_as_means_do() {
        for step in -2000..2000 {
            let x = step as f32 * 0.004_7;
            let mean = tanh(x);
            let near = (((f64::from(mean) + 1.0) * 8_388_608.0) as i64).clamp(0, (1 << 24) - 1);
            for offset in (-40..=40).flat_map(|k| [k, k * 1000]) {
                let n = (near + offset).clamp(0, (1 << 24) - 1) as u32;
                let (halves, mut fields) = ([n << 8; TOGETHER], [x; TOGETHER]);
                if let Some(units) = bracketed(1.0, &fields, &halves) {
                    assert_eq!(units, by_means::<true>(&mut fields, &halves), "{x}, {n}");
                }
                // Half the field is exact.
                let mut fields = [2.0 * x; TOGETHER];
                if let Some(units) = bracketed(0.5, &fields, &halves) {
                    assert_eq!(units, by_means::<false>(&mut fields, &halves), "{x}, {n}");
                }
            }
        }
    }
}
