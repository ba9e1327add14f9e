//! exp, ln, sin and cos in double precision against the C library, exact values, and identities.

use numerics::elementary::{asinh, cosh, exp, exp_m1, ln, ln_1p, sin_cos_pi, sinh, tanh};
use proptest::prelude::*;

/// The distance between neighbouring f64 at the size of x.
fn unit_in_the_last_place(x: f64) -> f64 {
    x.abs().next_up() - x.abs()
}

#[test]
fn limits() {
    assert_eq!(exp(0.0), 1.0);
    assert_eq!(exp(f64::INFINITY), f64::INFINITY);
    assert_eq!(exp(f64::NEG_INFINITY), 0.0);
    assert!(exp(709.78).is_finite());
    assert_eq!(exp(709.79), f64::INFINITY);
    assert_eq!(exp(-745.13), f64::from_bits(1));
    assert_eq!(exp(-745.2), 0.0);
    assert!(exp(f64::NAN).is_nan());
    assert_eq!(ln(1.0), 0.0);
    assert_eq!(ln(0.0), f64::NEG_INFINITY);
    assert_eq!(ln(f64::INFINITY), f64::INFINITY);
    assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan());
    let infinity = f64::INFINITY;
    assert_eq!((exp_m1(infinity), exp_m1(-infinity), ln_1p(-1.0)), (infinity, -1.0, -infinity));
    assert_eq!((sinh(-infinity), cosh(-infinity), tanh(-infinity)), (-infinity, infinity, -1.0));
    for function in [exp_m1, ln_1p, sinh, cosh, tanh, asinh] {
        assert!(function(f64::NAN).is_nan());
    }
}

#[test]
fn known_values() {
    // e, e⁻¹, ln 2, ln 10 and the logarithm of the smallest number, to 17 digits from tables.
    assert_eq!(exp(1.0), std::f64::consts::E);
    assert_eq!(exp(-1.0), 0.367_879_441_171_442_33);
    assert_eq!(ln(2.0), std::f64::consts::LN_2);
    assert_eq!(ln(10.0), std::f64::consts::LN_10);
    assert_eq!(ln(f64::from_bits(1)), -744.440_071_921_381_2);
}

#[test]
fn sines_of_simple_parts_of_a_circle() {
    let near = |a: f64, b: f64| (a - b).abs() < 3e-16;
    for turns in [-6.0, 0.0, 2.0, 1e6] {
        for (x, sine, cosine) in [
            (0.0, 0.0, 1.0),
            (0.25, 0.5f64.sqrt(), 0.5f64.sqrt()),
            (0.5, 1.0, 0.0),
            (0.75, 0.5f64.sqrt(), -0.5f64.sqrt()),
            (1.0, 0.0, -1.0),
            (1.25, -0.5f64.sqrt(), -0.5f64.sqrt()),
            (1.5, -1.0, 0.0),
            (1.75, -0.5f64.sqrt(), 0.5f64.sqrt()),
        ] {
            let found = sin_cos_pi(turns + x);
            assert!(near(found.0, sine) && near(found.1, cosine), "{x}: {found:?}");
            if x % 0.5 == 0.0 {
                assert_eq!(found, (sine, cosine), "{x}");
            }
        }
    }
    assert!(sin_cos_pi(f64::INFINITY).0.is_nan() && sin_cos_pi(f64::NAN).1.is_nan());
    assert_eq!(sin_cos_pi(1e300), (0.0, 1.0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The C library errs by at most 0.6 units in the last place itself.
    #[test]
    fn exp_is_near_the_library(x in prop_oneof![-745.0f64..709.7, -1.0f64..1.0, -1e-6f64..1e-6]) {
        let library = x.exp();
        prop_assert!((exp(x) - library).abs() <= 1.6 * unit_in_the_last_place(library), "{x}");
    }

    #[test]
    fn ln_is_near_the_library(x in prop_oneof![0.0f64..1e300, 0.5f64..2.0, 0.999f64..1.001, 0.0f64..1e-300]) {
        let library = x.ln();
        prop_assert!((ln(x) - library).abs() <= 1.6 * unit_in_the_last_place(library), "{x}");
    }

    /// Each within four units in the last place of what the C library says, near 0 as well.
    #[test]
    fn relatives_are_near_the_library(x in prop_oneof![-700.0f64..700.0, -3.0f64..3.0, -1e-6f64..1e-6]) {
        for (name, found, library) in [
            ("exp_m1", exp_m1(x), x.exp_m1()),
            ("ln_1p", ln_1p(x.abs()), x.abs().ln_1p()),
            ("ln_1p of negative", ln_1p(-x.abs() / 701.0), (-x.abs() / 701.0).ln_1p()),
            ("sinh", sinh(x), x.sinh()),
            ("cosh", cosh(x), x.cosh()),
            ("tanh", tanh(x), x.tanh()),
            ("asinh", asinh(x), x.asinh()),
        ] {
            prop_assert!((found - library).abs() <= 4.0 * unit_in_the_last_place(library), "{name} {x}");
        }
        prop_assert_eq!((sinh(-x), tanh(-x), asinh(-x)), (-sinh(x), -tanh(x), -asinh(x)));
    }

    #[test]
    fn sine_and_cosine_are_near_the_library(x in prop_oneof![-1.0f64..1.0, -1e-8f64..1e-8]) {
        let (sine, cosine) = sin_cos_pi(x);
        let angle = std::f64::consts::PI * x;
        prop_assert!((sine - angle.sin()).abs() <= 6e-16 && (cosine - angle.cos()).abs() <= 6e-16, "{x}");
        prop_assert!((sine * sine + cosine * cosine - 1.0).abs() <= 6e-16, "{x}");
        // Relative to itself near its zero.
        prop_assert!(x.abs() >= 1e-8 || (sine - angle).abs() <= 6e-16 * angle.abs(), "{x}");
    }
}
