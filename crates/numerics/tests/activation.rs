//! Activations and sampling: the same bits at every vector width, accuracy, limits, and decisions.
//!
//! The reference for accuracy is the C library's double-precision function, whose own error is nothing beside
//! an f32's.

use std::sync::Mutex;

use numerics::activation::{exp, exp_in_place, logistic, logistic_in_place, tanh, tanh_in_place};
use numerics::bits::Bits;
use numerics::sampling::{
    sample_binary, sample_binary_from_field, sample_binary_in_place, sample_spins, sample_spins_from_field,
    sample_spins_in_place,
};
use numerics::streams::stream;
use numerics::vector::{Width, limit_width, widest};

/// The width is a setting of the process; tests of this file change it one at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

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
    assert!(exp_error < 1.1, "exp: {exp_error}");
    let normal = f64::from(f32::MIN_POSITIVE);
    let logistic_error = largest_error(logistic_in_place, |x| 1.0 / (1.0 + (-x).exp()), normal);
    assert!(logistic_error < 2.5, "logistic: {logistic_error}");
    let tanh_error = largest_error(tanh_in_place, f64::tanh, 0.0);
    assert!(tanh_error < 2.5, "tanh: {tanh_error}");
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
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
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

/// One way of sampling: (values, generator) to (means, units).
type Way = fn(&[f32], &mut Bits) -> (Vec<f32>, Vec<f32>);

/// Activation and sampling one after the other, fused with means, and in place.
const SPINS: [Way; 3] = [
    |field, bits| {
        let (mut mean, mut out) = (field.to_vec(), field.to_vec());
        tanh_in_place(&mut mean);
        sample_spins(&mean, bits, &mut out);
        (mean, out)
    },
    |field, bits| {
        let (mut mean, mut out) = (field.to_vec(), field.to_vec());
        sample_spins_from_field(field, bits, &mut mean, &mut out);
        (mean, out)
    },
    |field, bits| {
        let (mut mean, mut out) = (field.to_vec(), field.to_vec());
        tanh_in_place(&mut mean);
        sample_spins_in_place(&mut out, bits);
        (mean, out)
    },
];

/// The same for binary units.
const BINARY: [Way; 3] = [
    |field, bits| {
        let (mut mean, mut out) = (field.to_vec(), field.to_vec());
        logistic_in_place(&mut mean);
        sample_binary(&mean, bits, &mut out);
        (mean, out)
    },
    |field, bits| {
        let (mut mean, mut out) = (field.to_vec(), field.to_vec());
        sample_binary_from_field(field, bits, &mut mean, &mut out);
        (mean, out)
    },
    |field, bits| {
        let (mut mean, mut out) = (field.to_vec(), field.to_vec());
        logistic_in_place(&mut mean);
        sample_binary_in_place(&mut out, bits);
        (mean, out)
    },
];

#[test]
fn sampling_has_the_same_bits_at_every_width() {
    for way in SPINS.into_iter().chain(BINARY) {
        for turn in [0, 3] {
            same_bits_at_every_width("sampling", |field| way(field, &mut bits(turn)).1);
        }
    }
}

#[test]
fn fused_sampling_is_activation_and_sampling() {
    let field: Vec<f32> = (0..1001).map(|i| (i as f32 - 500.0) / 150.0).collect();
    for ways in [SPINS, BINARY] {
        for turn in 0..8 {
            for length in [1, 2, 15, 100, 114, 1001] {
                let mut after: Vec<Bits> = Vec::new();
                let results = ways.map(|way| {
                    let mut bits = bits(turn);
                    let result = way(&field[..length], &mut bits);
                    after.push(bits);
                    result
                });
                assert_eq!(results[0], results[1]);
                assert_eq!(results[0], results[2]);
                assert!(after[0] == after[1] && after[0] == after[2], "the same number of random bits");
            }
        }
    }
}

#[test]
fn decisions_follow_the_documented_mapping() {
    let mean: Vec<f32> = (0..999).map(|i| (i as f32 - 499.0) / 500.0).collect();
    let (mut spins, mut binary, mut halves) = (vec![0.0; 999], vec![0.0; 999], vec![0; 999]);
    sample_spins(&mean, &mut bits(1), &mut spins);
    sample_binary(&mean, &mut bits(1), &mut binary);
    bits(1).fill_u32(&mut halves);
    for i in 0..999 {
        let numerator = i64::from(halves[i] >> 8);
        // 2 n / 2²⁴ − 1 < mean and n / 2²⁴ < mean, in integers and exact f64.
        let spin = ((2 * numerator - (1 << 24)) as f64) < f64::from(mean[i]) * 16_777_216.0;
        let unit = (numerator as f64) < f64::from(mean[i]) * 16_777_216.0;
        assert_eq!(spins[i], if spin { 1.0 } else { -1.0 });
        assert_eq!(binary[i], if unit { 1.0 } else { 0.0 });
    }
}

/// Every one of a million draws; a wrong sign with probability 2⁻²⁴ each would show with 6 % only, so the
/// mapping's extreme cases are also checked one by one in `decisions_at_the_ends`.
#[test]
fn saturated_units_never_flip() {
    let mut out = vec![0.0; 1 << 20];
    for (mean, spin, unit) in [(1.0, 1.0, 1.0), (-1.0, -1.0, 0.0), (0.0, 0.0, 0.0), (f32::NAN, -1.0, 0.0)] {
        let means = vec![mean; 1 << 20];
        if spin != 0.0 {
            sample_spins(&means, &mut bits(0), &mut out);
            assert!(out.iter().all(|&value| value == spin), "spins of mean {mean}");
        }
        sample_binary(&means, &mut bits(0), &mut out);
        assert!(out.iter().all(|&value| value == unit), "binary units of mean {mean}");
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
        let mut out = [0.0; 16];
        for (mean, spin) in [(1.0, 1.0), (-1.0, -1.0)] {
            sample_spins(&[mean; 16], &mut bits_that_give(ones), &mut out);
            assert_eq!(out, [spin; 16]);
        }
        for (mean, unit) in [(1.0, 1.0), (0.0, 0.0)] {
            sample_binary(&[mean; 16], &mut bits_that_give(ones), &mut out);
            assert_eq!(out, [unit; 16]);
        }
        // Saturated fields too.
        for field in [9.02, 40.0, f32::INFINITY] {
            out = [field; 16];
            sample_spins_in_place(&mut out, &mut bits_that_give(ones));
            assert_eq!(out, [1.0; 16]);
            out = [-field; 16];
            sample_spins_in_place(&mut out, &mut bits_that_give(ones));
            assert_eq!(out, [-1.0; 16]);
        }
    }
}

/// Frequencies against means: |z| < 5 fails for a perfect sampler with probability 6 · 10⁻⁷ each, and there
/// are 22; the seed is fixed.
#[test]
fn frequencies_are_the_means() {
    const DRAWS: usize = 200_000;
    let mut bits = bits(0);
    let mut out = vec![0.0; DRAWS];
    for mean in [-0.99f32, -0.7, -0.3, -0.01, 0.0, 0.01, 0.2, 0.5, 0.8, 0.9, 0.999] {
        sample_spins(&vec![mean; DRAWS], &mut bits, &mut out);
        let total: f64 = out.iter().map(|&spin| f64::from(spin)).sum();
        let expected = f64::from(mean);
        let z = (total / DRAWS as f64 - expected) / ((1.0 - expected * expected) / DRAWS as f64).sqrt();
        assert!(z.abs() < 5.0, "spins of mean {mean}: {z}");

        let probability = (mean + 1.0) / 2.0;
        sample_binary(&vec![probability; DRAWS], &mut bits, &mut out);
        let total: f64 = out.iter().map(|&unit| f64::from(unit)).sum();
        let expected = f64::from(probability);
        let z = (total / DRAWS as f64 - expected) / (expected * (1.0 - expected) / DRAWS as f64).sqrt();
        assert!(z.abs() < 5.0, "binary units of mean {probability}: {z}");
    }
}
