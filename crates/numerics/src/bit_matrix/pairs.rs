//! In how many pairs of rows bits differ, for all columns at the same time.
//!
//! A counter for each column is kept across words: word k of a column's counter holds bit k of 64 of them. Eight pairs
//! pass seven full adders before anything is carried further (R. Harley and D. Seal; Warren, Hacker's Delight, 5-1), so
//! that a pair costs some seven operations on words, for 512 columns at a time with AVX-512.

use super::{BitMatrix, BitRows, WORD};
use crate::for_each_width;

/// The words that are worked on together.
const TOGETHER: usize = 8;

type Words = [u64; TOGETHER];

impl BitMatrix {
    /// For each column the number of those pairs of rows whose bits differ there, `[columns]`.
    ///
    /// ```
    /// use ndarray::arr2;
    /// use numerics::bit_matrix::BitMatrix;
    /// let bits = BitMatrix::of_positive(arr2(&[[1, 1], [-1, 1], [1, -1]]).view());
    /// assert_eq!(bits.unequal(&[[0, 1], [0, 2], [1, 2]]), [2, 2]);
    /// ```
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn unequal(&self, pairs: &[[u32; 2]]) -> Vec<u32> {
        let mut counts = vec![0; self.columns];
        for (part, counts) in counts.chunks_mut(TOGETHER * WORD).enumerate() {
            count(self.view(), pairs, part * TOGETHER, counts);
        }
        counts
    }
}

for_each_width! {
    /// The counts of the columns of the words from number `first` on.
    fn count(bits: BitRows, pairs: &[[u32; 2]], first: usize, counts: &mut [u32]) = count_body;
}

#[inline(always)]
fn count_body(bits: BitRows, pairs: &[[u32; 2]], first: usize, counts: &mut [u32]) {
    let words = |row: u32| -> Words {
        let row = &bits.row(row as usize)[first..];
        row.first_chunk().copied().unwrap_or_else(|| {
            let mut words = [0; TOGETHER];
            words[..row.len()].copy_from_slice(row);
            words
        })
    };
    let differ = |&[one, other]: &[u32; 2]| {
        let (one, other) = (words(one), words(other));
        std::array::from_fn(|i| one[i] ^ other[i])
    };
    let zero: Words = [0; TOGETHER];
    let mut planes = [zero; 32];
    let used = pairs.len().checked_ilog2().map_or(0, |bits| bits as usize + 1);
    let (eights, rest) = pairs.as_chunks::<8>();
    for eight in eights {
        let [a, b, c, d, e, f, g, h] = eight.each_ref().map(differ);
        let [mut ones, mut twos, mut fours, ..] = planes;
        let (two, four);
        (ones, two) = sum(ones, a, b);
        let (sum_of_ones, more) = sum(ones, c, d);
        (twos, four) = sum(twos, two, more);
        let (sum_of_ones, two) = sum(sum_of_ones, e, f);
        let (sum_of_ones, more) = sum(sum_of_ones, g, h);
        let (sum_of_twos, more) = sum(twos, two, more);
        let carried;
        (fours, carried) = sum(fours, four, more);
        (planes[0], planes[1], planes[2]) = (sum_of_ones, sum_of_twos, fours);
        carry(&mut planes[3..used.max(3)], carried);
    }
    for pair in rest {
        carry(&mut planes[..used], differ(pair));
    }
    for (word, counts) in counts.chunks_mut(WORD).enumerate() {
        for (k, plane) in planes[..used].iter().enumerate() {
            for (column, count) in counts.iter_mut().enumerate() {
                *count += ((plane[word] >> column & 1) as u32) << k;
            }
        }
    }
}

/// The sum of three bits, and what is carried.
#[inline(always)]
fn sum(a: Words, b: Words, c: Words) -> (Words, Words) {
    let either: Words = std::array::from_fn(|i| a[i] ^ b[i]);
    (std::array::from_fn(|i| either[i] ^ c[i]), std::array::from_fn(|i| a[i] & b[i] | either[i] & c[i]))
}

/// Adds one bit to counters.
#[inline(always)]
fn carry(planes: &mut [Words], mut bits: Words) {
    for plane in planes {
        for (plane, bit) in plane.iter_mut().zip(&mut bits) {
            (*plane, *bit) = (*plane ^ *bit, *plane & *bit);
        }
    }
}
