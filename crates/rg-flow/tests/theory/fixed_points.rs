//! Where the map comes to rest, and where sampled flows do.

use datasets::{Rbm, Units};
use ndarray::Array2;
use rg_flow::theory::{Closure, MeanMap, SpinParameters, covariance_fixed_point, fixed_points};
use rg_flow::{RbmFlowConfig, rbm_flow};

use crate::common::{agrees, independent, machine, starts};
use crate::{distance, random_machine, square};

const CLOSURES: [Closure; 3] = [Closure::Gaussian, Closure::Memory, Closure::Exact];

/// Weights of mean `mean` with uniform deviations.
fn ferromagnet(shape: (usize, usize), mean: f32, spread: f64, bias: f64, seed: u64) -> Rbm {
    let mut rbm = random_machine(shape, spread, bias, Units::Spin, seed);
    rbm.weights.mapv_inplace(|w| w + mean);
    rbm
}

/// Fixed points are fixed, the slope is the factor by which deviations shrink or grow, and 0 is between ±m*.
#[test]
fn fixed_points_and_their_slopes() {
    for closure in CLOSURES {
        let map = MeanMap::new(&ferromagnet((16, 12), 0.12, 0.1, 0.0, 21), closure).expect("finite");
        let found = fixed_points(&map);
        assert_eq!(found.points.len(), 3, "{closure:?}");
        assert_eq!(found.reached, [Some(0), Some(2), Some(0), Some(2)], "{closure:?}");
        let [up, zero, down] = &found.points[..] else { unreachable!() };
        assert!(up.is_stable() && !zero.is_stable() && down.is_stable());
        assert_eq!(zero.means, [0.0; 16]);
        // ⟨|M|⟩ of N free spins is N binom(N, N/2) / 2^N.
        assert!((zero.abs_magnetization() - 12_870.0 / 65_536.0).abs() < 1e-12);
        let flipped: Vec<f64> = down.means.iter().map(|m| -m).collect();
        assert!(distance(&up.means, &flipped) < 1e-10);
        assert!((up.slope - down.slope).abs() < 1e-9);
        for point in &found.points {
            assert!(distance(&map.image(&point.means), &point.means) < 1e-11);
            // What is left of a deviation, after steps enough to be along the slowest direction.
            let start = if point.is_stable() { 1e-4 } else { 1e-9 };
            let mut means: Vec<f64> = point.means.iter().map(|m| m + start).collect();
            let mut factor = 0.0;
            while (1e-9..=1e-4).contains(&distance(&means, &point.means)) {
                let before = distance(&means, &point.means);
                means = map.image(&means);
                factor = distance(&means, &point.means) / before;
            }
            assert!((factor / point.slope - 1.0).abs() < 0.02, "{closure:?}: {factor} {}", point.slope);
            assert!((point.relaxation_steps() * point.slope.ln().abs() - 1.0).abs() < 1e-12);
        }
    }
}

/// With a field the weak state is metastable, the barrier unstable; with a stronger one there is only one state.
#[test]
fn fixed_points_in_a_field() {
    let with_field = |field: f32| {
        let mut rbm = machine(Array2::from_elem((16, 16), 0.1));
        rbm.visible_bias.fill(field);
        fixed_points(&MeanMap::new(&rbm, Closure::Gaussian).expect("finite"))
    };
    let weak = with_field(0.02);
    assert_eq!(weak.points.iter().map(|p| p.is_stable()).collect::<Vec<_>>(), [true, false, true]);
    assert!(weak.points[1].magnetization() < 0.0);
    assert_eq!(weak.reached, [Some(0), Some(2), Some(0), Some(0)]);
    let strong = with_field(0.5);
    assert_eq!(strong.points.len(), 1);
    assert_eq!(strong.reached, [Some(0); 4]);
}

/// Without weights every step leads to tanh b on each site, and for 0/1 units to tanh b/2.
#[test]
fn a_machine_without_weights_rests_at_its_biases() {
    let mut rbm = random_machine((9, 4), 0.0, 1.5, Units::Spin, 22);
    for closure in CLOSURES {
        let found = fixed_points(&MeanMap::new(&rbm, closure).expect("finite"));
        let [point] = &found.points[..] else { panic!("one fixed point") };
        let expected: Vec<f64> = rbm.visible_bias.iter().map(|&b| f64::from(b).tanh()).collect();
        assert!(distance(&point.means, &expected) < 1e-14);
        assert_eq!(point.slope, 0.0);
        assert_eq!(point.relaxation_steps(), 0.0);
    }
    rbm.units = Units::Binary;
    let found = fixed_points(&MeanMap::new(&rbm, Closure::Gaussian).expect("finite"));
    let expected: Vec<f64> = rbm.visible_bias.iter().map(|&b| (0.5 * f64::from(b)).tanh()).collect();
    assert!(distance(&found.points[0].means, &expected) < 1e-14);
}

/// A step and the end of the sampled flow of machines with random weights and biases, from independent spins: m, the
/// energy and |m| within 4.5 standard errors.
#[test]
fn sampled_flows_end_at_the_fixed_point() {
    let (size, chains) = (6, 40_000);
    for (units, spread, bias) in [(Units::Spin, 0.1, 0.5), (Units::Binary, 0.4, 1.0)] {
        let rbm = random_machine((size * size, 24), spread, bias, units, 23);
        let map = MeanMap::new(&rbm, Closure::Exact).expect("finite");
        let start = starts(size, &[(1.0, independent(size, chains, 0.8, 3))]);
        let config =
            RbmFlowConfig { steps: 20, chains, snapshots: chains, seed: 5, ..RbmFlowConfig::default() };
        let flow = rbm_flow(&config, &rbm, &start, &(), &()).expect("runs");
        let end = &fixed_points(&map).points[..];
        let [end] = end else { panic!("one fixed point") };
        assert!(end.slope < 0.5, "twenty steps are enough: {}", end.slope);
        for (step, means) in [(1, map.image(&vec![0.6; size * size])), (20, end.means.clone())] {
            let at = [0, step];
            let (m, e) = (
                rg_flow::theory::magnetization(&means),
                rg_flow::theory::energy_per_site(square(size), &means),
            );
            agrees(flow.magnetization.value[at], flow.magnetization.error[at], m, "m");
            agrees(flow.energy_per_spin.value[at], flow.energy_per_spin.error[at], e, "energy");
            let abs = rg_flow::theory::abs_magnetization(&means);
            agrees(flow.abs_magnetization.value[at], flow.abs_magnetization.error[at], abs, "|m|");
        }
    }
}

/// Without magnetization: the covariances' fixed point has the energy of the sampled flow, and what correlations add to
/// ⟨M²⟩/N² within 15 %; the product law has neither.
#[test]
fn sampled_flows_without_magnetization_end_at_the_covariances() {
    let (size, chains) = (4, 40_000);
    let rbm = ferromagnet((16, 20), 0.035, 0.1, 0.0, 24);
    let machine = SpinParameters::of(&rbm).expect("finite");
    let end =
        covariance_fixed_point(&machine, &[0.0; 16], 500).expect("one mean per site").expect("converges");
    assert!(end.contraction > 0.0 && end.contraction < 1.0);
    assert!(distance(&end.state.step(&machine).means, &[0.0; 16]) == 0.0);
    let start = starts(size, &[(1.0, independent(size, chains, 0.5, 3))]);
    let config = RbmFlowConfig { steps: 60, chains, seed: 6, ..RbmFlowConfig::default() };
    let flow = rbm_flow(&config, &rbm, &start, &(), &()).expect("runs");
    let at = [0, 60];
    let (energy, second) = (&flow.energy_per_spin, &flow.squared_magnetization);
    agrees(energy.value[at], energy.error[at], end.state.energy_per_site(square(size)), "energy");
    assert!(energy.value[at] < -10.0 * energy.error[at], "there are correlations");
    let sampled = second.value[at] - 1.0 / 16.0;
    let predicted = end.state.squared_magnetization() - 1.0 / 16.0;
    assert!(sampled > 20.0 * second.error[at], "{sampled}");
    assert!((predicted / sampled - 1.0).abs() < 0.15, "{predicted} {sampled}");
}
