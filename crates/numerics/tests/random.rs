//! Streams and bits: pinned first values, the definition of the order of output, checkpoints, and uniformity.
//!
//! The pinned values come from an independent program in Python, not from this crate: the keys from the
//! `blake3` package of the BLAKE3 authors in its key-derivation mode, ChaCha written from RFC 8439 with 8
//! rounds, a 64-bit counter and a zero nonce, and xoshiro256++ from the C code of its authors.

use numerics::bits::{Bits, LANES, StateError, shuffle, unit_f32, unit_f64};
use numerics::streams::{derive_seed, stream};
use proptest::prelude::*;

/// xoshiro256++ 1.0, transcribed from the C code of Blackman and Vigna.
fn reference(s: &mut [u64; 4]) -> u64 {
    let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
    let t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = s[3].rotate_left(45);
    result
}

fn bits() -> Bits {
    Bits::from_stream(&mut stream(1, "gibbs", &[0]))
}

#[test]
fn first_values_of_streams() {
    let first = |seed, stage, indices: &[u64]| {
        let mut stream = stream(seed, stage, indices);
        [stream.next_u64(), stream.next_u64(), stream.next_u64()]
    };
    assert_eq!(
        first(1, "sample", &[3, 0]),
        [0xb8eb_ed84_ce33_8565, 0xa79a_76e6_eaa9_c793, 0xbbad_0fc0_a1a9_b54b]
    );
    assert_eq!(first(0, "", &[]), [0x6a71_e8bb_2f06_7d8e, 0x7a42_fe6d_d920_19d1, 0xf305_7975_2d85_45c5]);
    let mut long = stream(u64::MAX, "train", &[7]);
    for _ in 0..8 {
        long.next_u64();
    }
    // The second ChaCha block.
    assert_eq!(long.next_u64(), 0x4638_af6d_3ef5_09d2);
    assert_eq!(derive_seed(u64::MAX, "train", &[7]), 0x8353_fa6a_3cbf_4c55);
}

#[test]
fn streams_are_told_apart() {
    let first = |seed, stage, indices: &[u64]| stream(seed, stage, indices).next_u64();
    let values = [
        first(1, "a", &[]),
        first(2, "a", &[]),
        first(1, "b", &[]),
        first(1, "a", &[0]),
        first(1, "a", &[0, 0]),
        first(1, "a", &[1, 0]),
        first(1, "a", &[0, 1]),
        first(1, "aa", &[]),
    ];
    for (i, value) in values.iter().enumerate() {
        assert!(!values[..i].contains(value), "{i}");
    }
}

#[test]
fn first_bits() {
    let mut bits = bits();
    let words: Vec<u64> = (0..1000).map(|_| bits.next()).collect();
    assert_eq!(
        words[..10],
        [
            0x2d9e_e622_bbc7_4354,
            0x1790_4462_1d4b_36c1,
            0xbe3f_df70_655f_337a,
            0x58a7_bca5_da14_0943,
            0x3b56_9132_78f0_6c97,
            0x75d7_f9c3_45aa_86fd,
            0xece2_617d_8af4_2281,
            0x7e8a_090a_f9dc_1d4b,
            0x50bf_539e_01f4_c971,
            0x84a7_b3c9_063f_f776,
        ]
    );
    assert_eq!(words[999], 0x983c_eca6_6ee5_bb1e);
}

#[test]
fn the_reference_outputs_of_the_generator() {
    // The first outputs for the state (1, 2, 3, 4), from the authors' C code.
    let mut state: Vec<u64> = [1, 2, 3, 4].repeat(LANES);
    state.push(0);
    let mut bits = Bits::from_state(&state).unwrap();
    for expected in [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386] {
        for _ in 0..LANES {
            assert_eq!(bits.next(), expected);
        }
    }
}

#[test]
fn word_i_comes_from_lane_i_mod_8() {
    let mut bits = bits();
    let state = bits.state();
    let mut lanes: Vec<[u64; 4]> = state[..4 * LANES].as_chunks().0.to_vec();
    let mut words = [0; 1003];
    bits.fill_u64(&mut words);
    for (i, word) in words.into_iter().enumerate() {
        assert_eq!(word, reference(&mut lanes[i % LANES]), "word {i}");
    }
}

#[test]
fn states_that_cannot_be() {
    let state = bits().state();
    assert_eq!(Bits::from_state(&state[1..]), Err(StateError::Length(32)));
    let mut turned = state;
    turned[32] = 8;
    assert_eq!(Bits::from_state(&turned), Err(StateError::Turn(8)));
    let mut dead = state;
    dead[12..16].fill(0);
    assert_eq!(Bits::from_state(&dead), Err(StateError::Zero(3)));
}

#[test]
fn mappings_to_uniforms() {
    assert_eq!(unit_f32(0), 0.0);
    assert_eq!(unit_f32(0xff), 0.0);
    assert_eq!(unit_f32(0x8000_0000), 0.5);
    assert_eq!(unit_f32(u32::MAX), 1.0 - 2.0f32.powi(-24));
    assert_eq!(unit_f64(0x7ff), 0.0);
    assert_eq!(unit_f64(1 << 63), 0.5);
    assert_eq!(unit_f64(u64::MAX), 1.0 - 2.0f64.powi(-53));
}

/// The χ² of counts that should be equal, as a number of standard deviations above its mean (it is close to a
/// normal variable for this many bins).
fn deviations(counts: &[u32]) -> f64 {
    let total: f64 = counts.iter().map(|&count| f64::from(count)).sum();
    let expected = total / counts.len() as f64;
    let chi_squared: f64 = counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum();
    let freedom = (counts.len() - 1) as f64;
    (chi_squared - freedom) / (2.0 * freedom).sqrt()
}

/// The seed is fixed, so these pass always or never; for a perfect generator each |deviation| would be above
/// 5 with a probability of about 10⁻⁶ (normal approximation; the upper tail of χ² with 1023 degrees of
/// freedom is a little heavier, below 10⁻⁵), and there are 4 of them.
#[test]
fn uniforms_are_uniform_and_neighbours_independent() {
    let mut bits = bits();
    let mut values = vec![0.0f32; 1 << 20];
    bits.fill_uniform(&mut values);
    let bin = |value: f32, bins: f32| (value * bins) as usize;
    let mut single = vec![0u32; 1024];
    let mut low = vec![0u32; 1024];
    let mut pairs = vec![0u32; 1024];
    let mut lanes = vec![0u32; 1024];
    for (i, &value) in values.iter().enumerate() {
        assert!((0.0..1.0).contains(&value));
        single[bin(value, 1024.0)] += 1;
        // The lowest ten of the 24 bits.
        low[(value * 16_777_216.0) as usize % 1024] += 1;
        if i % 2 == 1 {
            pairs[32 * bin(values[i - 1], 32.0) + bin(value, 32.0)] += 1;
        }
        // The same lane's previous output, same half.
        if i >= 16 && i % 32 >= 16 {
            lanes[32 * bin(values[i - 16], 32.0) + bin(value, 32.0)] += 1;
        }
    }
    for (name, counts) in [("single", single), ("low", low), ("pairs", pairs), ("lanes", lanes)] {
        let deviations = deviations(&counts);
        assert!(deviations.abs() < 5.0, "{name}: {deviations} standard deviations");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// However the sequence is asked for, it is the same sequence; and a checkpoint between any two calls
    /// changes nothing.
    #[test]
    fn one_sequence(lengths in prop::collection::vec((0usize..4, 0usize..300), 1..8)) {
        let mut one_by_one = bits();
        let mut filled = bits();
        for (method, length) in lengths {
            filled = Bits::from_state(&filled.state()).unwrap();
            match method {
                0 => {
                    let mut out = vec![0; length];
                    filled.fill_u64(&mut out);
                    for word in out {
                        prop_assert_eq!(word, one_by_one.next());
                    }
                }
                1 => {
                    let mut out = vec![0; length];
                    filled.fill_u32(&mut out);
                    for pair in out.chunks(2) {
                        let word = one_by_one.next();
                        prop_assert_eq!(pair[0], word as u32);
                        prop_assert!(pair.get(1).is_none_or(|&upper| upper == (word >> 32) as u32));
                    }
                }
                2 => {
                    let mut out = vec![0.0; length];
                    filled.fill_uniform(&mut out);
                    for pair in out.chunks(2) {
                        let word = one_by_one.next();
                        prop_assert_eq!(pair[0], unit_f32(word as u32));
                        prop_assert!(pair.get(1).is_none_or(|&upper| upper == unit_f32((word >> 32) as u32)));
                    }
                }
                _ => prop_assert_eq!(filled.next(), one_by_one.next()),
            }
        }
        prop_assert_eq!(filled, one_by_one);
    }
}

/// All 4! orders of four things: χ² with 23 degrees of freedom exceeds 80 with a probability of 3e-8.
#[test]
fn orders_are_equally_probable() {
    let mut bits = Bits::from_stream(&mut stream(1, "test", &[]));
    let mut counts = std::collections::BTreeMap::new();
    let draws = 24_000;
    for _ in 0..draws {
        let mut things = [1i8, 2, 3, 4];
        shuffle(&mut things, &mut bits);
        *counts.entry(things).or_insert(0u32) += 1;
    }
    assert_eq!(counts.len(), 24);
    let expected = f64::from(draws) / 24.0;
    let chi_squared: f64 = counts.values().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
    assert!(chi_squared < 80.0, "{chi_squared}");
}
