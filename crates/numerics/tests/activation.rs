//! Activations and sampling: the same bits at every vector width, accuracy, limits, and decisions.
//!
//! The reference for accuracy is the C library's double-precision function, whose own error is nothing beside
//! an f32's.

use std::sync::{Mutex, MutexGuard};

use numerics::activation::{exp, exp_in_place, logistic, logistic_in_place, tanh, tanh_in_place};
use numerics::bit_matrix::Values;
use numerics::bits::Bits;
use numerics::sampling::{draw, draw_with_means};
use numerics::streams::stream;
use numerics::vector::{Width, limit_width, widest};

/// The width is a setting of the process; tests of this file change it one at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Every 3001st f32 of each sign in the order of their bits: all exponents, subnormal numbers, infinities and
/// NaN included.
fn sweep() -> Vec<f32> {
    let mut values: Vec<f32> = (0..=u32::MAX).step_by(3001).map(f32::from_bits).collect();
    values.extend([
        0.0,
        -0.0,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        f32::MAX,
        f32::MIN,
        f32::MIN_POSITIVE,
    ]);
    values
}

/// The distance of two neighbouring f32 at the size of x.
fn unit_in_the_last_place(x: f64) -> f64 {
    let exponent = x.abs().max(f64::from(f32::MIN_POSITIVE)).log2().floor();
    2.0f64.powi(exponent as i32 - 23)
}

/// The largest error in units in the last place over the sweep, where the argument and the exact result are
/// within range.
fn largest_error(in_place: fn(&mut [f32]), exact: fn(f64) -> f64, smallest_result: f64) -> f64 {
    let arguments = sweep();
    let mut values = arguments.clone();
    in_place(&mut values);
    let mut largest = 0.0f64;
    for (x, value) in arguments.into_iter().zip(values) {
        let exact = exact(f64::from(x));
        if !exact.is_finite() || exact.abs() >= f64::from(f32::MAX) || exact.abs() < smallest_result {
            continue;
        }
        largest = largest.max((f64::from(value) - exact).abs() / unit_in_the_last_place(exact));
    }
    largest
}

#[test]
fn accuracy_over_all_exponents() {
    // The bounds of the module documentation, which come from all arguments and not only these.
    let exp_error = largest_error(exp_in_place, f64::exp, 0.0);
    assert!(exp_error < 1.05, "exp: {exp_error}");
    let normal = f64::from(f32::MIN_POSITIVE);
    let logistic_error = largest_error(logistic_in_place, |x| 1.0 / (1.0 + (-x).exp()), normal);
    assert!(logistic_error < 2.49, "logistic: {logistic_error}");
    let tanh_error = largest_error(tanh_in_place, f64::tanh, 0.0);
    assert!(tanh_error < 2.53, "tanh: {tanh_error}");
}

#[test]
fn limits() {
    assert_eq!(exp(-104.0), 0.0);
    assert_eq!(exp(-103.9), f32::from_bits(1));
    assert_eq!(exp(89.0), f32::INFINITY);
    assert!(exp(88.72).is_finite());
    assert_eq!(exp(f32::INFINITY), f32::INFINITY);
    assert_eq!(exp(f32::NEG_INFINITY), 0.0);
    assert_eq!(logistic(f32::INFINITY), 1.0);
    assert_eq!(logistic(f32::NEG_INFINITY), 0.0);
    assert_eq!(logistic(-0.0), 0.5);
    assert_eq!(tanh(f32::INFINITY), 1.0);
    assert_eq!(tanh(f32::NEG_INFINITY), -1.0);
    assert_eq!(tanh(9.02), 1.0);
    assert_eq!(tanh(-0.0).to_bits(), (-0.0f32).to_bits());
    assert_eq!(tanh(f32::from_bits(1)), f32::from_bits(1));
    for function in [exp, logistic, tanh] {
        assert!(function(f32::NAN).is_nan());
    }
}

#[test]
fn tanh_is_odd_and_bounded() {
    for x in sweep() {
        if !x.is_nan() {
            assert_eq!(tanh(-x).to_bits(), (-tanh(x)).to_bits(), "{x}");
            assert!(tanh(x).abs() <= 1.0, "{x}");
        }
    }
}

/// Neighbouring arguments in dense stretches, spread over all sizes.
#[test]
fn exp_and_logistic_are_monotone() {
    for (name, function) in [("exp", exp_in_place as fn(&mut [f32])), ("logistic", logistic_in_place)] {
        for start in (0x3000_0000u32..0x42b2_0000).step_by(1 << 20) {
            for sign in [0, 1 << 31] {
                let arguments: Vec<f32> =
                    (start..start + 4096).map(|bits| f32::from_bits(bits | sign)).collect();
                let mut values = arguments.clone();
                function(&mut values);
                for (x, pair) in arguments.iter().zip(values.windows(2)) {
                    let ordered = if sign == 0 { pair[0] <= pair[1] } else { pair[0] >= pair[1] };
                    assert!(ordered, "{name} at {x}: {pair:?}");
                }
            }
        }
    }
}

/// Runs at every width and expects the bits of the narrowest; at all lengths around the sizes of registers
/// and buffers.
fn same_bits_at_every_width(name: &str, run: impl Fn(&[f32]) -> Vec<f32>) {
    let _guard = alone();
    let all: Vec<f32> = sweep().into_iter().step_by(97).collect();
    for length in (0..40).chain([127, 128, 129, 255, 256, 257, 1000, all.len()]) {
        let arguments = &all[all.len() - length..];
        limit_width(Width::Portable);
        let expected = run(arguments);
        for width in [Width::Avx2, Width::Avx512].into_iter().filter(|&width| width <= widest()) {
            limit_width(width);
            for (i, (value, expected)) in run(arguments).into_iter().zip(&expected).enumerate() {
                // A NaN is a NaN; its other bits mean nothing.
                let same = value.to_bits() == expected.to_bits() || (value.is_nan() && expected.is_nan());
                assert!(
                    same,
                    "{name}({}), {i} of {length}, {}: {value}, not {expected}",
                    arguments[i],
                    width.name()
                );
            }
        }
        limit_width(Width::Avx512);
    }
}

#[test]
fn activations_have_the_same_bits_at_every_width() {
    for (name, function) in
        [("exp", exp_in_place as fn(&mut [f32])), ("logistic", logistic_in_place), ("tanh", tanh_in_place)]
    {
        same_bits_at_every_width(name, |arguments| {
            let mut values = arguments.to_vec();
            function(&mut values);
            values
        });
    }
}

#[test]
fn slices_and_single_values_agree() {
    let arguments: Vec<f32> = sweep().into_iter().step_by(11).collect();
    for (single, in_place) in [
        (exp as fn(f32) -> f32, exp_in_place as fn(&mut [f32])),
        (logistic, logistic_in_place),
        (tanh, tanh_in_place),
    ] {
        let mut values = arguments.clone();
        in_place(&mut values);
        for (x, value) in arguments.iter().zip(values) {
            let expected = single(*x);
            assert!(value.to_bits() == expected.to_bits() || (value.is_nan() && expected.is_nan()), "{x}");
        }
    }
}

/// A generator whose next word is not at the turn of lane 0, if `turn` > 0.
fn bits(turn: usize) -> Bits {
    let mut bits = Bits::from_stream(&mut stream(3, "test", &[]));
    for _ in 0..turn {
        bits.next();
    }
    bits
}

/// The definition: the means, and each decision in integers and exact f64.
fn reference(values: Values, field: &[f32], bits: &mut Bits) -> (Vec<f32>, Vec<u64>) {
    let mut mean = field.to_vec();
    match values {
        Values::Spin => tanh_in_place(&mut mean),
        Values::Binary => logistic_in_place(&mut mean),
    }
    let (mut halves, mut out) =
        (vec![0; field.len().next_multiple_of(16)], vec![0; field.len().div_ceil(64)]);
    bits.fill_u32(&mut halves);
    for (i, (&mean, half)) in mean.iter().zip(halves).enumerate() {
        let (numerator, mean) = (f64::from(half >> 8), f64::from(mean) * 16_777_216.0);
        let up = match values {
            Values::Spin => 2.0 * numerator - 16_777_216.0 < mean,
            Values::Binary => numerator < mean,
        };
        out[i / 64] |= u64::from(up) << (i % 64);
    }
    (mean, out)
}

const VALUES: [Values; 2] = [Values::Spin, Values::Binary];

#[test]
fn sampling_follows_the_documented_mapping() {
    let _guard = alone();
    let field: Vec<f32> = (0..1001).map(|i| (i as f32 - 500.0) / 90.0).collect();
    for values in VALUES {
        for turn in 0..8 {
            for length in [0, 1, 2, 15, 32, 33, 64, 100, 128, 129, 300, 1001] {
                let field = &field[..length];
                let mut after = bits(turn);
                let (mean, units) = reference(values, field, &mut after);
                for width in Width::ALL.into_iter().filter(|&width| width <= widest()) {
                    limit_width(width);
                    let mut found = vec![u64::MAX; length.div_ceil(64)];
                    let mut generator = bits(turn);
                    let mut kept = field.to_vec();
                    draw(values, length, &mut kept, &mut generator, &mut found);
                    assert_eq!(kept, field, "fields stay");
                    assert_eq!(found, units, "{values:?}, {length}, {}", width.name());
                    assert!(generator == after, "the same number of random bits");
                    let (mut means, mut generator) = (field.to_vec(), bits(turn));
                    draw_with_means(values, length, &mut means, &mut generator, &mut found);
                    assert_eq!((&means, &found), (&mean, &units), "{values:?}, {length}, {}", width.name());
                    assert!(generator == after, "the same number of random bits");
                }
            }
        }
    }
    limit_width(Width::Avx512);
}

/// Rows are drawn as if one after the other.
#[test]
fn rows_are_drawn_in_their_order() {
    for (rows, columns) in [(1usize, 513usize), (40, 64), (9, 100), (3, 512), (3, 1100), (70, 1)] {
        let field: Vec<f32> = (0..rows * columns).map(|i| ((i * 37 % 101) as f32 - 50.0) / 15.0).collect();
        let words = columns.div_ceil(64);
        for values in VALUES {
            let (mut all, mut each) = (vec![u64::MAX; rows * words], vec![0; rows * words]);
            let (mut together, mut one_by_one) = (bits(0), bits(0));
            draw(values, columns, &mut field.clone(), &mut together, &mut all);
            for (field, out) in field.chunks(columns).zip(each.chunks_mut(words)) {
                out.copy_from_slice(&reference(values, field, &mut one_by_one).1);
            }
            assert_eq!(all, each, "{values:?}, {rows} × {columns}");
            assert!(together == one_by_one);
        }
    }
}

/// The number of units that are up in a million draws in the same field.
fn ups(values: Values, field: f32, draws: usize, bits: &mut Bits) -> u64 {
    let mut out = vec![0; draws.div_ceil(64)];
    draw(values, draws, &mut vec![field; draws], bits, &mut out);
    out.iter().map(|word| u64::from(word.count_ones())).sum()
}

/// Every one of a million draws; a wrong sign with probability 2⁻²⁴ each would show with 6 % only, so the
/// mapping's extreme cases are also checked one by one in `decisions_at_the_ends`.
#[test]
fn saturated_units_never_flip() {
    for values in VALUES {
        for (field, up) in [(f32::INFINITY, true), (f32::NEG_INFINITY, false), (f32::NAN, false)] {
            let expected = if up { 1 << 20 } else { 0 };
            assert_eq!(
                ups(values, field, 1 << 20, &mut bits(0)),
                expected,
                "{values:?} in the field {field}"
            );
        }
    }
}

/// A generator whose next word is `word`: s₀ = s₃ = x gives rotl(2x, 23) + x, which is 0 for x = 0 and all
/// ones for the x that solves it; found here for zero, and for ones by s₀ = 0 and s₃ = rotr(ones, 23).
fn bits_that_give(ones: bool) -> Bits {
    let last = if ones { u64::MAX } else { 0 };
    let mut state: Vec<u64> = [0, 1, 2, last].repeat(8);
    state.push(0);
    Bits::from_state(&state).expect("no lane is zero")
}

#[test]
fn decisions_at_the_ends() {
    for (ones, uniform) in [(false, 0.0f32), (true, 1.0 - 2.0f32.powi(-24))] {
        let mut check = [0.0; 16];
        bits_that_give(ones).fill_uniform(&mut check);
        assert_eq!(check, [uniform; 16]);
        for values in VALUES {
            for field in [20.0, 40.0, f32::INFINITY] {
                assert_eq!(ups(values, field, 16, &mut bits_that_give(ones)), 16);
                // A binary unit's mean is not yet 0 at −20.
                let down = if values == Values::Spin { -field } else { -5.0 * field };
                assert_eq!(ups(values, down, 16, &mut bits_that_give(ones)), 0);
            }
        }
    }
}

/// Frequencies against means: |z| < 5 fails for a perfect sampler with probability 6 · 10⁻⁷ each, and there
/// are 22; the seed is fixed.
#[test]
fn frequencies_are_the_means() {
    const DRAWS: usize = 200_000;
    let mut bits = bits(0);
    for mean in [-0.99f64, -0.7, -0.3, -0.01, 0.0, 0.01, 0.2, 0.5, 0.8, 0.9, 0.999] {
        for values in VALUES {
            let probability = 0.5 * (mean + 1.0);
            let field = if values == Values::Spin { mean.atanh() } else { 2.0 * mean.atanh() };
            let found = ups(values, field as f32, DRAWS, &mut bits) as f64 / DRAWS as f64;
            let z = (found - probability) / (probability * (1.0 - probability) / DRAWS as f64).sqrt();
            assert!(z.abs() < 5.0, "{values:?} of mean {mean}: {z}");
        }
    }
}
