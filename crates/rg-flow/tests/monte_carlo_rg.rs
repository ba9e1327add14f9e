//! Exponents from the Monte Carlo renormalization group against exact ones, and exact properties of its matrices.

mod common;

use datasets::lattice::Lattice;
use ising_mc::exact::critical_temperature;
use ising_mc::{Algorithm, SampleConfig, sample};
use ndarray::{Array2, ArrayView2, s};
use proptest::prelude::*;
use rg_flow::{
    MonteCarloRgConfig, Sector, Stability, StabilityError, block_spins, monte_carlo_rg, operators, stability,
};

fn square(size: usize) -> Lattice {
    Lattice::square(size).unwrap()
}

fn critical(size: usize, n: usize, temperature: f64) -> datasets::Spins {
    let config = SampleConfig {
        lattice: Lattice::square(size).unwrap(),
        temperatures: vec![temperature],
        samples_per_temperature: n,
        field: 0.0,
        algorithm: Algorithm::Wolff,
        model: ising_mc::Model::Ising,
        seed: 11,
    };
    sample(&config, &()).expect("samples")
}

fn exponent(stability: &Stability) -> datasets::Value {
    stability.exponent.expect("a positive eigenvalue")
}

/// At T_c of the Ising model, 32 → 16 → 8. The couplings that are left out, the way to the fixed point and the finite
/// size keep the exponents from their exact values beyond the errors: y_t by up to a tenth with one coupling and by
/// 0.05 with more, y_h by 0.01. What is asserted is that they are within that, that more couplings bring y_t nearer,
/// and that the errors are small enough for it to mean something.
#[test]
fn exponents_of_the_ising_model_at_its_critical_temperature() {
    let spins = critical(32, 6000, critical_temperature());
    let blockings = monte_carlo_rg(&MonteCarloRgConfig::default(), &spins).expect("runs");
    assert_eq!(blockings.iter().map(|blocking| blocking.lattice).collect::<Vec<_>>(), [32, 16].map(square));
    for blocking in &blockings {
        assert_eq!((blocking.even.len(), blocking.odd.len()), (4, 3));
        for (n, found) in blocking.even.iter().enumerate() {
            let found = exponent(found);
            // One coupling alone misses a tenth.
            let bias = if n == 0 { 0.1 } else { 0.05 };
            assert!((found.value - 1.0).abs() < bias + 4.5 * found.error, "y_t with {} : {found:?}", n + 1);
            assert!(found.error < 0.02, "{found:?}");
        }
        for (n, found) in blocking.odd.iter().enumerate() {
            let found = exponent(found);
            assert!((found.value - 1.875).abs() < 0.01 + 4.5 * found.error, "y_h with {}: {found:?}", n + 1);
            assert!(found.error < 0.005, "{found:?}");
        }
    }
    let nearest_only = exponent(&blockings[0].even[0]);
    let all = exponent(&blockings[0].even[3]);
    assert!((all.value - 1.0).abs() < (nearest_only.value - 1.0).abs(), "{all:?} {nearest_only:?}");
}

/// Independent spins: a block spin has ⟨s' s⟩ = ⟨|Σs|⟩/4 = 3/8 with each of its four, so that for the magnetization T =
/// 3/2, and for nearest neighbours, which two bonds join across a border, T = 2 (3/8)²: high temperature is a sink, and
/// a field grows by no more than that.
#[test]
fn independent_spins_have_known_matrices() {
    let spins = common::starts(16, &[(f64::INFINITY, common::independent(16, 20_000, 0.5, 3))]);
    let config = MonteCarloRgConfig { parts: 100, ..MonteCarloRgConfig::default() };
    let found = &monte_carlo_rg(&config, &spins).expect("runs")[0];
    // And the errors: the variance of what T S' leaves of S, over that of S' and the number of configurations.
    for (stability, exact, variance, variance_before) in
        [(&found.odd[0], 1.5, 64.0, 256.0), (&found.even[0], 0.28125, 128.0, 512.0)]
    {
        let eigenvalue = stability.eigenvalue;
        assert_eq!(stability.matrix[[0, 0]], eigenvalue.value);
        assert_eq!(stability.matrix_error[[0, 0]], eigenvalue.error);
        assert!((eigenvalue.value - exact).abs() < 4.5 * eigenvalue.error, "{eigenvalue:?} for {exact}");
        let error = ((variance_before - exact * exact * variance) / variance / 20_000.0f64).sqrt();
        assert!((eigenvalue.error / error - 1.0).abs() < 0.35, "{eigenvalue:?}, error {error}");
        let exponent = exponent(stability);
        assert!((exponent.value - exact.log2()).abs() < 4.5 * exponent.error, "{exponent:?}");
    }
}

#[test]
fn ground_states_have_the_field_of_a_discontinuity() {
    // All up or all down: T = b^d for the magnetization, exactly, and no even operator fluctuates.
    let up = Array2::from_shape_fn((40, 64), |(n, _)| if n % 3 == 0 { 1 } else { -1 });
    let spins = common::starts(8, &[(0.0, up.clone())]);
    let half = up.slice(s![.., ..16]);
    let [fine, blocked] =
        [(8, up.view()), (4, half)].map(|(size, spins)| operators(square(size), spins, Sector::Odd));
    let found = stability(blocked.slice(s![.., ..1]), fine.slice(s![.., ..1]), 2.0, 10).expect("solved");
    assert!((found.eigenvalue.value - 4.0).abs() < 1e-13 && found.eigenvalue.error < 1e-13);
    assert!((exponent(&found).value - 2.0).abs() < 1e-13);
    let config = MonteCarloRgConfig { smallest: 4, parts: 10, ..MonteCarloRgConfig::default() };
    assert_eq!(monte_carlo_rg(&config, &spins), Err(StabilityError::Singular));
}

/// Operators one by one, as they are defined.
#[test]
fn operators_of_known_configurations() {
    // One spin down: it is in 4 bonds, 4 diagonals, 4 plaquettes, 4 pairs at distance 2; in 12 threes of a plaquette
    // and 6 lines.
    let mut spins = Array2::<i8>::ones((2, 36));
    spins[[0, 14]] = -1;
    for n in 0..36 {
        spins[[1, n]] = if (n % 6 + n / 6) % 2 == 0 { 1 } else { -1 };
    }
    assert_eq!(
        operators(square(6), spins.view(), Sector::Even),
        ndarray::array![[72.0 - 8.0, 72.0 - 8.0, 36.0 - 8.0, 72.0 - 8.0], [-72.0, 72.0, 36.0, 72.0]]
    );
    assert_eq!(
        operators(square(6), spins.view(), Sector::Odd),
        ndarray::array![[36.0 - 2.0, 144.0 - 24.0, 72.0 - 12.0], [0.0, 0.0, 0.0]]
    );
}

/// The 2 × 2 blocks of configurations of independent spins with a mean, and both ensembles' operators.
fn mapped(seed: u64, sector: Sector) -> (Array2<f64>, Array2<f64>) {
    let spins = common::independent(8, 200, 0.6, seed);
    let mut bits = numerics::bits::Bits::from_stream(&mut numerics::streams::stream(seed, "test ties", &[]));
    let blocked = block_spins(&square(8).blocks().unwrap(), spins.view(), &mut bits);
    (operators(square(4), blocked.view(), sector), operators(square(8), spins.view(), sector))
}

fn matrix(mapped: ArrayView2<f64>, before: ArrayView2<f64>) -> Stability {
    stability(mapped, before, 2.0, 20).expect("solved")
}

fn near(a: &Array2<f64>, b: &Array2<f64>) -> bool {
    a.dim() == b.dim() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-8 * (1.0 + a.abs()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// The map of the couplings is covariant: other operators O = C S have couplings C⁻ᵀ K, and T' = C⁻ᵀ T Cᵀ with the
    /// same eigenvalue; constants in the operators change nothing.
    #[test]
    fn matrices_follow_a_change_of_operators(
        seed in any::<u64>(),
        odd in any::<bool>(),
        (a, b) in (-3.0f64..3.0, -0.3f64..0.3),
        shift in -100.0f64..100.0,
    ) {
        let (mapped, before) = mapped(seed, if odd { Sector::Odd } else { Sector::Even });
        let (mapped, before) = (mapped.slice(s![.., ..2]), before.slice(s![.., ..2]));
        // Its determinant is 4 + 0.9 or more away from 0.
        let change = ndarray::array![[2.0, a], [b, 3.0]];
        let inverse = ndarray::array![[3.0, -a], [-b, 2.0]] / (6.0 - a * b);
        let first = matrix(mapped, before);
        let second = matrix((mapped.dot(&change.t()) + shift).view(), (before.dot(&change.t()) - shift).view());
        let expected = inverse.t().dot(&first.matrix).dot(&change.t());
        prop_assert!(near(&second.matrix, &expected), "{:?} {expected:?}", second.matrix);
        prop_assert!((first.eigenvalue.value - second.eigenvalue.value).abs() < 1e-8);
        prop_assert!((first.eigenvalue.error - second.eigenvalue.error).abs() < 1e-8);
    }

    /// Where the operators after are the same linear functions A of those before, without noise, K = Aᵀ K'.
    #[test]
    fn linear_maps_are_inverted(seed in any::<u64>(), (a, b) in (-3.0f64..3.0, -0.3f64..0.3)) {
        let before = operators(square(8), common::independent(8, 200, 0.5, seed).view(), Sector::Even);
        let before = before.slice(s![.., ..2]);
        let map = ndarray::array![[2.0, a], [b, 3.0]];
        let inverse = ndarray::array![[3.0, -a], [-b, 2.0]] / (6.0 - a * b);
        let found = matrix(before.dot(&map.t()).view(), before);
        prop_assert!(near(&found.matrix, &inverse.t().to_owned()), "{:?}", found.matrix);
        prop_assert!(found.matrix_error.iter().all(|&error| error < 1e-8));
    }

    /// A map that only translates has the unit matrix, whatever the ensemble.
    #[test]
    fn translations_change_nothing(seed in any::<u64>(), by in 0usize..64) {
        let spins = common::independent(8, 100, 0.7, seed);
        let moved = Array2::from_shape_fn(spins.dim(), |(n, i)| {
            spins[[n, (i / 8 + by / 8) % 8 * 8 + (i + by) % 8]]
        });
        for sector in [Sector::Even, Sector::Odd] {
            let (before, mapped) = (operators(square(8), spins.view(), sector), operators(square(8), moved.view(), sector));
            prop_assert_eq!(&before, &mapped);
            let found = stability(mapped.view(), before.view(), 1.0, 10).expect("solved");
            prop_assert!(near(&found.matrix, &Array2::eye(sector.operators())));
            prop_assert_eq!(found.exponent, None);
        }
    }
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let spins = common::starts(16, &[(3.0, common::independent(16, 500, 0.5, 5))]);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| monte_carlo_rg(&MonteCarloRgConfig::default(), &spins).unwrap())
    };
    let one = on(1);
    assert!(on(2) == one && on(3) == one);
}

#[test]
fn impossible_settings_are_refused() {
    let noise = |size| common::independent(size, 40, 0.5, 7);
    let spins = common::starts(16, &[(2.0, noise(16)), (3.0, noise(16))]);
    let run = |config: MonteCarloRgConfig| monte_carlo_rg(&config, &spins).unwrap_err();
    let good = MonteCarloRgConfig { temperature: Some(3.0), parts: 10, ..MonteCarloRgConfig::default() };
    assert!(monte_carlo_rg(&good, &spins).is_ok());
    assert!(matches!(
        run(MonteCarloRgConfig { temperature: None, ..good.clone() }),
        StabilityError::ManyTemperatures { .. }
    ));
    assert!(matches!(
        run(MonteCarloRgConfig { temperature: Some(2.5), ..good.clone() }),
        StabilityError::UnknownTemperature { temperature: 2.5, .. }
    ));
    for parts in [0, 1, 41] {
        let found = run(MonteCarloRgConfig { parts, ..good.clone() });
        assert_eq!(found, StabilityError::Parts { found: parts, available: 40 });
    }
    assert_eq!(
        run(MonteCarloRgConfig { smallest: 1, ..good.clone() }),
        StabilityError::Smallest { found: 1 }
    );
    assert_eq!(
        run(MonteCarloRgConfig { smallest: 9, ..good.clone() }),
        StabilityError::NoBlocking { lattice: square(16), smallest: 9 }
    );
    let two = Array2::from_shape_fn((10, 2), |(n, i)| (n * n + i) as f64);
    let stability =
        |mapped: ArrayView2<f64>, before: ArrayView2<f64>, scale| stability(mapped, before, scale, 5);
    // The two columns differ by a constant.
    assert_eq!(stability(two.view(), two.view(), 2.0), Err(StabilityError::Singular));
    let one = two.slice(s![.., ..1]);
    assert!(stability(one, one, 2.0).is_ok());
    assert!(matches!(stability(one, two.view(), 2.0), Err(StabilityError::Shapes { .. })));
    let none = two.slice(s![.., ..0]);
    assert!(matches!(stability(none, none, 2.0), Err(StabilityError::Shapes { .. })));
    for scale in [0.5, f64::NAN, f64::INFINITY] {
        assert!(matches!(stability(one, one, scale), Err(StabilityError::Scale { .. })));
    }
}
