//! Exponents of ensembles along flows and over sizes, where they are known.

mod common;

use common::{agrees, independent, machine, starts};
use datasets::lattice::Lattice;
use datasets::{EquationOfState, Spins, Value};
use ising_mc::exact::critical_temperature;
use ising_mc::{Algorithm, EquationOfStateConfig, SampleConfig, equation_of_state, sample};
use ndarray::{Array2, Axis};
use rg_flow::{
    BlockSpinConfig, FlowError, MonteCarloRgConfig, RbmFlowConfig, block_spin_flow, finite_size_exponent,
    monte_carlo_rg, rbm_flow,
};

fn exact(size: usize) -> EquationOfState {
    let mut config = EquationOfStateConfig::new(Lattice::square(size).unwrap(), 0);
    config.temperatures = vec![critical_temperature()];
    equation_of_state(&config, &()).expect("a table")
}

/// Exact |m|, m² and G(L/2) of 6 × 6 to 10 × 10 at T_c have β/ν = 1/8 and η = 1/4, up to corrections of a few
/// hundredths at such sizes.
#[test]
fn exact_averages_have_exact_exponents() {
    let tables = [6, 8, 10].map(|size| (size as f64, exact(size)));
    let slope = |pick: &dyn Fn(&EquationOfState) -> f64| {
        let points =
            tables.each_ref().map(|(size, table)| (*size, Value { value: pick(table), error: 1e-3 }));
        finite_size_exponent(&points).expect("three sizes").value
    };
    let half = |table: &EquationOfState| *table.correlation.as_ref().unwrap().row(0).last().unwrap();
    assert!((slope(&|table| table.abs_magnetization[0]) + 0.125).abs() < 0.005);
    assert!((slope(&|table| table.squared_magnetization[0]) + 0.25).abs() < 0.01);
    assert!((slope(&half) + 0.25).abs() < 0.02, "{}", slope(&half));
}

/// Independent spins: ⟨m²⟩ = 1/N, so that the slope is −2, with the error that the errors of both points give.
#[test]
fn slopes_have_the_errors_of_their_points() {
    let points =
        [4.0f64, 8.0].map(|size| (size, Value { value: size.powi(-2), error: 0.02 * size.powi(-2) }));
    let found = finite_size_exponent(&points).expect("two sizes");
    assert!((found.value + 2.0).abs() < 1e-12);
    assert!((found.error - 0.02 * 2f64.sqrt() / 2f64.ln()).abs() < 1e-12);
    assert_eq!(finite_size_exponent(&points[..1]), None);
    assert_eq!(finite_size_exponent(&[points[0], points[0]]), None, "the same size twice");
    let none = (16.0, Value { value: 0.0, error: 0.1 });
    assert_eq!(finite_size_exponent(&[points[0], points[1], none]), None, "no logarithm");
}

fn critical(size: usize, n: usize) -> Spins {
    let config = SampleConfig {
        lattice: Lattice::square(size).unwrap(),
        temperatures: vec![critical_temperature()],
        samples_per_temperature: n,
        field: 0.0,
        algorithm: Algorithm::Wolff,
        model: ising_mc::Model::Ising,
        seed: 5,
    };
    sample(&config, &()).expect("samples")
}

/// A block-spin flow has the exponents of `monte_carlo_rg`, and so has the start of a machine's flow.
#[test]
fn flows_have_the_exponents_of_their_ensembles() {
    let spins = critical(16, 600);
    let expected =
        monte_carlo_rg(&MonteCarloRgConfig { seed: 7, smallest: 4, ..MonteCarloRgConfig::default() }, &spins)
            .expect("runs");
    let config =
        BlockSpinConfig { steps: 2, chains: 600, snapshots: 1, seed: 7, ..BlockSpinConfig::default() };
    let blocks = block_spin_flow(&config, &spins, &(), &()).expect("runs").exponents.expect("exponents");
    assert_eq!(blocks.at, [0, 1]);
    for (b, blocking) in expected.iter().enumerate() {
        for (n, stability) in blocking.even.iter().enumerate() {
            let y = stability.exponent.expect("an exponent");
            assert_eq!((blocks.thermal[[0, b, n]], blocks.thermal_error[[0, b, n]]), (y.value, y.error));
        }
        for (n, stability) in blocking.odd.iter().enumerate() {
            let y = stability.exponent.expect("an exponent");
            assert_eq!((blocks.magnetic[[0, b, n]], blocks.magnetic_error[[0, b, n]]), (y.value, y.error));
        }
    }
    let config =
        RbmFlowConfig { steps: 3, chains: 600, exponents: true, seed: 7, ..RbmFlowConfig::default() };
    let rbm = machine(Array2::zeros((256, 2)));
    let flow = rbm_flow(&config, &rbm, &spins, &(), &()).expect("runs");
    let found = flow.exponents.expect("exponents");
    assert_eq!(found.at, [0, 1, 3]);
    assert_eq!(found.thermal.index_axis(Axis(1), 0), blocks.thermal.index_axis(Axis(1), 0));
    assert_eq!(found.magnetic.index_axis(Axis(1), 0), blocks.magnetic.index_axis(Axis(1), 0));
    // Without weights all spins are independent after a step: y = log2 of 3/2 and of 2 (3/8)² with one coupling.
    for b in [1, 2] {
        agrees(found.magnetic[[0, b, 0]], found.magnetic_error[[0, b, 0]], 1.5f64.log2(), "y_h");
        agrees(found.thermal[[0, b, 0]], found.thermal_error[[0, b, 0]], 0.28125f64.log2(), "y_t");
    }
    // And nothing is left of the couplings of the start: ∂K'/∂K = 0 with one coupling.
    let response = flow.response.expect("a response");
    for measured in [response.even, response.odd] {
        agrees(measured.value[[0, 0]], measured.error[[0, 0]], 0.0, "response");
    }
}

/// A machine whose hidden units copy single sites changes nothing, and a magnetization that flips with probability q
/// shrinks by 1 − 2q, as every odd coupling of one spin.
#[test]
fn responses_are_those_of_known_maps() {
    let sites = 16;
    let copying = |strength: f32| {
        let one = |(i, a): (usize, usize)| if i == a { strength } else { 0.0 };
        machine(Array2::from_shape_fn((sites, sites), one))
    };
    let n = 4000;
    let spins = starts(4, &[(f64::INFINITY, independent(4, n, 0.5, 3))]);
    let config = RbmFlowConfig { steps: 1, chains: n, exponents: true, seed: 1, ..RbmFlowConfig::default() };
    let run = |strength: f32| {
        rbm_flow(&config, &copying(strength), &spins, &(), &()).expect("runs").response.expect("a response")
    };
    let response = run(30.0);
    // One and two couplings: with more, operators of 4 × 4 sites are not independent of each other.
    for measured in [&response.even, &response.odd] {
        for n in [0, 1] {
            assert!((measured.value[[0, n]] - 1.0).abs() < 1e-9, "{measured:?}");
        }
    }
    // v → h → v keeps a spin's mean up to tanh² w. Spins stay independent, so that ⟨M' M⟩ / ⟨M' M'⟩ = tanh² w, and its
    // square for pairs.
    let response = run(0.8);
    let kept = 0.8f64.tanh().powi(2);
    agrees(response.odd.value[[0, 0]], response.odd.error[[0, 0]], kept, "odd");
    agrees(response.even.value[[0, 0]], response.even.error[[0, 0]], kept * kept, "even");
}

#[test]
fn exponents_need_blocks_of_a_square_lattice() {
    let odd = starts(5, &[(1.0, independent(5, 20, 0.6, 1))]);
    let config = RbmFlowConfig { steps: 1, chains: 20, exponents: true, ..RbmFlowConfig::default() };
    let found = rbm_flow(&config, &machine(Array2::zeros((25, 2))), &odd, &(), &());
    assert!(matches!(found, Err(FlowError::Setting { name: "exponents", .. })), "{found:?}");
    let config = RbmFlowConfig { exponents: false, ..config };
    let flow = rbm_flow(&config, &machine(Array2::zeros((25, 2))), &odd, &(), &()).expect("runs");
    assert_eq!((flow.exponents, flow.response), (None, None));
}
