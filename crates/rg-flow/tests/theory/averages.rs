//! The averages behind the map, and what is measured on independent spins.

use proptest::prelude::*;
use rg_flow::theory::gaussian::tanh_moments;
use rg_flow::theory::independent::{tanh_and_gradient, tanh_of_independent_spins};
use rg_flow::theory::{abs_magnetization, energy_per_site};

use crate::common::average;
use crate::enumeration::{configurations, probability};
use crate::{square, uniform};

/// ∫ φ(z) f(a + b z) dz by Simpson's rule with very many nodes.
fn simpson(a: f64, b: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (intervals, end) = (20_000, 9.0);
    let step = 2.0 * end / f64::from(intervals);
    let value = |k: i32| {
        let z = f64::from(k) * step - end;
        (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt() * f(a + b * z)
    };
    let inner: f64 = (1..intervals).map(|k| if k % 2 == 1 { 4.0 * value(k) } else { 2.0 * value(k) }).sum();
    step / 3.0 * (value(0) + inner + value(intervals))
}

#[test]
fn gaussian_averages_are_the_integrals() {
    let sech2 = |x: f64| x.cosh().powi(-2);
    for b in [0.0, 1e-3, 0.2, 0.32, 0.44, 0.441, 0.88, 0.881, 1.5, 4.0, 30.0, 60.0] {
        for a in [0.0, 0.1, -1.0, 3.0, 20.0] {
            let found = tanh_moments(a, b * b);
            for (found, expected) in [
                (found.mean, simpson(a, b, f64::tanh)),
                (found.slope, simpson(a, b, sech2)),
                (found.curvature, simpson(a, b, |x| -2.0 * x.tanh() * sech2(x))),
            ] {
                assert!((found - expected).abs() < 1e-13, "{a} {b}: {found} {expected}");
            }
        }
    }
}

/// Gaussian fields whose mean is their variance are those of a spin that is up: E tanh x = E tanh² x (H. Nishimori 1981).
#[test]
fn gaussian_averages_fulfil_an_exact_identity() {
    for variance in [1e-4, 0.03, 0.1, 0.15, 0.19, 0.3, 0.5, 0.77, 1.0, 3.0, 10.0, 100.0, 1e4, 1.5e5] {
        let found = tanh_moments(variance, variance);
        assert!((found.mean + found.slope - 1.0).abs() < 1e-13, "{variance}: {found:?}");
    }
}

/// With a very large deviation tanh is the sign: E = P(z > −a/b) − P(z < −a/b) = 0.682689492137086 for a = b.
#[test]
fn gaussian_averages_over_very_large_fields() {
    for deviation in [3e3, 1e6, 1e30] {
        let found = tanh_moments(deviation, deviation * deviation);
        assert!((found.mean - 0.682_689_492_137_086).abs() < 3e-4, "{found:?}");
        assert_eq!(tanh_moments(0.0, deviation * deviation).mean, 0.0);
    }
}

#[test]
fn independent_spins_are_those_of_enumeration() {
    let n = 10;
    for (seed, scale) in [(1, 0.05), (2, 0.5), (3, 2.0), (4, 9.0)] {
        let weights: Vec<f64> = uniform(seed, n).iter().map(|x| scale * x).collect();
        let mut means = uniform(seed + 10, n);
        (means[0], means[1], means[2]) = (1.0, -1.0, 0.0);
        for constant in [0.0, 0.3, -4.0] {
            let exact = |fixed: Option<(usize, f64)>| -> f64 {
                let mut means = means.clone();
                if let Some((l, value)) = fixed {
                    means[l] = value;
                }
                let tanh =
                    |v: &[f64]| (constant + v.iter().zip(&weights).map(|(v, w)| v * w).sum::<f64>()).tanh();
                configurations(n).map(|v| probability(&v, &means) * tanh(&v)).sum()
            };
            let found = tanh_of_independent_spins(constant, &weights, &means);
            assert!((found - exact(None)).abs() < 1e-12, "{scale} {constant}: {found} {}", exact(None));
            let (value, gradient) = tanh_and_gradient(constant, &weights, &means);
            assert!((value - found).abs() < 1e-14);
            for (l, found) in gradient.into_iter().enumerate() {
                let expected = 0.5 * (exact(Some((l, 1.0))) - exact(Some((l, -1.0))));
                assert!((found - expected).abs() < 1e-12, "{scale} {constant} {l}: {found} {expected}");
            }
        }
    }
}

/// Many equal spins: a sum over binomial probabilities.
#[test]
fn many_independent_spins_are_those_of_their_sum() {
    let (n, w, m) = (400, 0.17, 0.3);
    let found = tanh_of_independent_spins(-20.0, &[w; 400], &[m; 400]);
    let expected = average(n, 0.5 * (1.0 + m), |m| (-20.0 + w * n as f64 * m).tanh());
    assert!((found - expected).abs() < 1e-12, "{found} {expected}");
}

#[test]
fn what_independent_spins_measure() {
    for m in [-1.0, -0.4, 0.0, 0.8] {
        let exact = average(36, 0.5 * (1.0 + m), f64::abs);
        assert!((abs_magnetization(&[m; 36]) - exact).abs() < 1e-14);
        assert!((energy_per_site(square(6), &[m; 36]) + 2.0 * m * m).abs() < 1e-14);
    }
    let honeycomb = "honeycomb:4x4".parse().expect("a lattice");
    assert!((energy_per_site(honeycomb, &[0.8; 16]) + 1.5 * 0.64).abs() < 1e-14, "three neighbours");
    let means = uniform(5, 9);
    let exact: f64 =
        configurations(9).map(|v| probability(&v, &means) * v.iter().sum::<f64>().abs() / 9.0).sum();
    assert!((abs_magnetization(&means) - exact).abs() < 1e-14);
}

proptest! {
    /// The energy of a configuration is that of independent spins that are certain; that of independent spins is the
    /// average.
    #[test]
    fn energies_are_those_of_configurations(spins in proptest::collection::vec(prop_oneof![Just(-1i8), Just(1)], 25)) {
        let means: Vec<f64> = spins.iter().map(|&s| f64::from(s)).collect();
        let energy = f64::from(ising_mc::observables::energy(square(5), &spins));
        prop_assert!((energy_per_site(square(5), &means) - energy / 25.0).abs() < 1e-15);
    }

    #[test]
    fn averages_are_odd(a in -30.0f64..30.0, variance in 0.0f64..50.0) {
        let (plus, minus) = (tanh_moments(a, variance), tanh_moments(-a, variance));
        prop_assert_eq!(plus.mean, -minus.mean);
        prop_assert_eq!(plus.slope, minus.slope);
        prop_assert_eq!(plus.curvature, -minus.curvature);
    }
}
