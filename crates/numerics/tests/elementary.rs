//! exp and ln in double precision against the C library, exact values, and identities.

use numerics::elementary::{exp, ln};
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
}
