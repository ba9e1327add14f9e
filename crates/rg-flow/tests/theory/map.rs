//! The map and its closures.

use datasets::{Rbm, Units};
use ndarray::{Array2, array};
use rg_flow::theory::{
    ClosedMap, Closure, CovarianceState, MeanMap, ParameterError, SpinParameters, TheoryError, magnetization,
};

use crate::enumeration::{configurations, hidden_given, probability, step};
use crate::{common, distance, random_machine, uniform};

const CLOSURES: [Closure; 3] = [Closure::Gaussian, Closure::Memory, Closure::Exact];

fn map(rbm: &Rbm, closure: Closure) -> MeanMap {
    MeanMap::new(rbm, closure).expect("a machine with finite parameters")
}

/// The means of hidden units in the closure without an approximation.
#[test]
fn exact_hidden_means_are_those_of_enumeration() {
    for units in [Units::Spin, Units::Binary] {
        let rbm = random_machine((8, 4), 1.5, 0.7, units, 1);
        let means = uniform(3, 8);
        let mut exact = vec![0.0; 4];
        for visible in configurations(8) {
            let p = probability(&visible, &means);
            exact.iter_mut().zip(hidden_given(&rbm, &visible)).for_each(|(sum, h)| *sum += p * h);
        }
        assert!(distance(&map(&rbm, Closure::Exact).hidden_means(&means), &exact) < 1e-12);
    }
}

/// Hidden units are independent of each other if they share no spins; then the whole step is exact.
#[test]
fn a_step_is_exact_where_hidden_units_share_no_spins() {
    for units in [Units::Spin, Units::Binary] {
        let mut rbm = random_machine((9, 3), 2.0, 0.8, units, 2);
        for ((i, a), w) in rbm.weights.indexed_iter_mut() {
            if i / 3 != a {
                *w = 0.0;
            }
        }
        let means = uniform(4, 9);
        let (exact, _) = step(&rbm, |v| probability(v, &means));
        let found = map(&rbm, Closure::Exact).image(&means);
        assert!(distance(&found, &exact) < 1e-12, "{found:?} {exact:?}");
    }
}

/// A single spin with many hidden units: they are independent given the spin, which only the closure with memory knows.
#[test]
fn memory_is_that_of_hidden_units_bound_to_single_spins() {
    let rbm = random_machine((1, 10), 1.2, 0.2, Units::Spin, 3);
    let (exact, _) = step(&rbm, |v| probability(v, &[0.4]));
    let error = |closure| distance(&map(&rbm, closure).image(&[0.4]), &exact);
    assert!(error(Closure::Memory) < 0.01, "{}", error(Closure::Memory));
    assert!(error(Closure::Exact) > 0.05, "{}", error(Closure::Exact));
    // From a certain spin all fields of the hidden units are known.
    let certain = map(&rbm, Closure::Memory).image(&[1.0]);
    assert_eq!(certain, map(&rbm, Closure::Gaussian).image(&[1.0]));
}

/// Errors of a step shrink with the weights w as w³ (a Gaussian's missing third cumulant) and w⁴ (the correlations of
/// hidden units).
#[test]
fn closures_are_right_for_small_weights() {
    let means = uniform(6, 8);
    for (closure, power) in [(Closure::Gaussian, 3), (Closure::Memory, 3), (Closure::Exact, 4)] {
        let error = |weight: f64| {
            let rbm = random_machine((8, 5), weight, 0.9, Units::Spin, 4);
            let (exact, _) = step(&rbm, |v| probability(v, &means));
            distance(&map(&rbm, closure).image(&means), &exact)
        };
        let (large, small) = (error(0.2), error(0.1));
        assert!(large > 1e-7, "{closure:?}: something to see, {large}");
        assert!(large / small > 0.85 * f64::from(1 << power), "{closure:?}: {large} {small}");
    }
}

#[test]
fn jacobians_are_those_of_differences() {
    let n = 7;
    for units in [Units::Spin, Units::Binary] {
        let rbm = random_machine((n, 5), 1.0, 0.5, units, 5);
        let means: Vec<f64> = uniform(7, n).iter().map(|x| 0.9 * x).collect();
        for closure in CLOSURES {
            let map = map(&rbm, closure);
            let at = map.linearization(&means);
            assert!(distance(&at.image, &map.image(&means)) < 1e-14);
            for j in 0..n {
                let image = |shift: f64| {
                    let mut means = means.clone();
                    means[j] += shift;
                    map.image(&means)
                };
                let step = 1e-5;
                let expected: Vec<f64> =
                    image(step).iter().zip(image(-step)).map(|(a, b)| (a - b) / (2.0 * step)).collect();
                let found = at.jacobian.column(j).to_vec();
                assert!(distance(&found, &expected) < 1e-9, "{closure:?} {j}: {found:?} {expected:?}");
            }
        }
    }
}

#[test]
fn a_flip_of_all_spins_commutes_with_the_step_of_a_machine_without_biases() {
    let rbm = random_machine((12, 9), 0.8, 0.0, Units::Spin, 6);
    let means = uniform(8, 12);
    let flipped: Vec<f64> = means.iter().map(|m| -m).collect();
    for closure in CLOSURES {
        let map = map(&rbm, closure);
        assert!(map.parameters().is_symmetric());
        let expected: Vec<f64> = map.image(&means).iter().map(|m| -m).collect();
        assert!(distance(&map.image(&flipped), &expected) < 1e-15, "{closure:?}");
        assert_eq!(map.image(&[0.0; 12]), [0.0; 12], "{closure:?}");
    }
    // 0/1 units without biases do know up from down.
    let binary = Rbm { units: Units::Binary, ..rbm };
    assert!(!SpinParameters::of(&binary).expect("finite").is_symmetric());
}

/// The change of variables, configuration by configuration.
#[test]
fn a_machine_of_0_and_1_is_one_of_spins() {
    let binary = random_machine((6, 4), 3.0, 2.0, Units::Binary, 7);
    let spin = SpinParameters::of(&binary).expect("finite");
    let as_machine = Rbm {
        units: Units::Spin,
        weights: spin.weights.mapv(|w| w as f32),
        visible_bias: spin.visible_bias.iter().map(|&b| b as f32).collect(),
        hidden_bias: spin.hidden_bias.iter().map(|&c| c as f32).collect(),
        ..binary.clone()
    };
    // Biases have been rounded to single precision once more.
    for visible in configurations(6) {
        assert!(distance(&hidden_given(&binary, &visible), &hidden_given(&as_machine, &visible)) < 1e-6);
    }
    let means = uniform(9, 6);
    let law = |v: &[f64]| probability(v, &means);
    assert!(distance(&step(&binary, law).0, &step(&as_machine, law).0) < 1e-6);
    for closure in CLOSURES {
        assert!(
            distance(&map(&binary, closure).image(&means), &map(&as_machine, closure).image(&means)) < 1e-6
        );
    }
}

/// Covariances of a machine without biases from no magnetization: exact to the orders of the weights that are kept.
#[test]
fn covariances_are_those_of_enumeration() {
    let n = 7;
    let error = |weight: f64| {
        let rbm = random_machine((n, 6), weight, 0.0, Units::Spin, 8);
        let machine = SpinParameters::of(&rbm).expect("finite");
        let found = CovarianceState::independent(&[0.0; 7]).step(&machine);
        let (_, exact) = step(&rbm, |_| 0.5f64.powi(7));
        assert_eq!(found.means, [0.0; 7]);
        let largest =
            exact.indexed_iter().filter(|((i, j), _)| i != j).fold(0.0f64, |m, (_, c)| m.max(c.abs()));
        let error = distance(
            &found.covariance.into_iter().collect::<Vec<_>>(),
            &exact.into_iter().collect::<Vec<_>>(),
        );
        error / largest
    };
    let (large, small) = (error(0.1), error(0.05));
    assert!(large < 0.05 && large > 1e-3, "{large}");
    assert!(large / small > 3.7, "relative errors of second order: {large} {small}");
}

/// With a mean state: the diagonal of C alone is the closure of independent sites on the way to the hidden units.
#[test]
fn covariances_start_from_independent_sites() {
    // M of N independent spins has the variance N, and the mean modulus of a Gaussian is √(2/π) standard deviations.
    let free = CovarianceState::independent(&[0.0; 7]);
    assert!((free.squared_magnetization() - 1.0 / 7.0).abs() < 1e-15);
    assert!((free.abs_magnetization() - (2.0 / (7.0 * std::f64::consts::PI)).sqrt()).abs() < 1e-15);
    let rbm = random_machine((9, 5), 0.3, 0.4, Units::Binary, 9);
    let machine = SpinParameters::of(&rbm).expect("finite");
    let means = uniform(10, 9);
    let error = |found: &[f64]| distance(found, &step(&rbm, |v| probability(v, &means)).0);
    let with = CovarianceState::independent(&means).step(&machine);
    let without = map(&rbm, Closure::Gaussian).image(&means);
    // They know the correlations of the hidden units besides.
    assert!(error(&with.means) < error(&without), "{} {}", error(&with.means), error(&without));
    let one = random_machine((9, 1), 0.9, 0.4, Units::Spin, 10);
    let with = CovarianceState::independent(&means).step(&SpinParameters::of(&one).expect("finite"));
    assert!(
        distance(&with.means, &map(&one, Closure::Gaussian).image(&means)) < 1e-14,
        "one hidden unit alone"
    );
}

#[test]
fn the_curve_of_uniform_states() {
    let rbm = random_machine((9, 6), 0.5, 0.3, Units::Spin, 11);
    let map = map(&rbm, Closure::Gaussian);
    let curve = map.uniform_curve(5);
    assert_eq!(curve.iter().map(|point| point.0).collect::<Vec<_>>(), [-1.0, -0.5, 0.0, 0.5, 1.0]);
    for (m, image) in curve {
        assert_eq!(image, magnetization(&map.image(&[m; 9])));
    }
}

/// Independent weights of many 0/1 units, of one machine for the first half step and of another for the second: near
/// the closed map, since the mean of 600 units that are anything has an error of ½/√600 = 0.02 at most.
#[test]
fn random_weights_are_those_of_the_closed_map() {
    let n = 600;
    let closed = ClosedMap { visible: n, hidden: n, mean: -0.004, variance: 0.02 };
    let half_width = (3.0 * closed.variance).sqrt();
    let [first, second] = [12, 13].map(|seed| {
        let mut rbm = random_machine((n, n), half_width, 0.0, Units::Binary, seed);
        rbm.weights.mapv_inplace(|w| w + closed.mean as f32);
        map(&rbm, Closure::Gaussian)
    });
    for p in [0.1, 0.3, 0.6] {
        let means = second.hidden_means(&first.hidden_means(&vec![2.0 * p - 1.0; n]));
        let image = 0.5 * (1.0 + magnetization(&means));
        assert!((image - closed.step(p).0).abs() < 0.05, "{image} {}", closed.step(p).0);
        let step = 1e-5;
        let slope = (closed.step(p + step).0 - closed.step(p - step).0) / (2.0 * step);
        assert!((closed.step(p).1 - slope).abs() < 1e-9);
    }
}

#[test]
fn machines_without_a_theory_are_refused() {
    let mut rbm = common::machine(Array2::from_elem((4, 2), 5e3));
    let error = MeanMap::new(&rbm, Closure::Exact).unwrap_err();
    assert_eq!(error, TheoryError::TooLarge { sum: 2e4 });
    assert!(MeanMap::new(&rbm, Closure::Memory).is_ok());
    rbm.hidden_bias = array![0.0];
    assert!(matches!(SpinParameters::of(&rbm), Err(ParameterError::Biases { hidden_biases: 1, .. })));
    rbm.hidden_bias = array![0.0, f32::NAN];
    assert_eq!(SpinParameters::of(&rbm), Err(ParameterError::NotFinite));
}
