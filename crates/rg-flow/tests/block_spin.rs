//! Block spins against brute force, and their flow where it is known.

mod common;

use common::{Linear, agrees, ground_states, independent, starts};
use datasets::lattice::Lattice;
use datasets::{Artifact, Flow, Spins};
use ndarray::{Array2, s};
use numerics::bits::Bits;
use numerics::streams::stream;
use rg_flow::{BlockSpinConfig, block_spin_flow, block_spins};

fn config(steps: u32, chains: usize) -> BlockSpinConfig {
    BlockSpinConfig { steps, chains, snapshots: 2, seed: 5, ..BlockSpinConfig::default() }
}

/// L at each step.
fn sizes(flow: &Flow) -> Vec<usize> {
    flow.lattice_at_step.iter().map(|lattice| lattice.size().expect("a square")).collect()
}

/// All 65,536 configurations of the 4 × 4 lattice: a majority always wins, and of the ties half go up.
#[test]
fn every_configuration_of_a_small_lattice() {
    let all =
        Array2::from_shape_fn((1 << 16, 16), |(state, site)| if state >> site & 1 == 1 { 1i8 } else { -1 });
    let mut bits = Bits::from_stream(&mut stream(1, "test", &[]));
    let blocks = block_spins(&Lattice::square(4).unwrap().blocks().unwrap(), all.view(), &mut bits);
    let (mut ties, mut up) = ([0u32; 4], [0u32; 4]);
    for (spins, blocks) in all.outer_iter().zip(blocks.outer_iter()) {
        for block in 0..4 {
            let (y, x) = (2 * (block / 2), 2 * (block % 2));
            let sum: i8 =
                [(0, 0), (0, 1), (1, 0), (1, 1)].iter().map(|(dy, dx)| spins[4 * (y + dy) + x + dx]).sum();
            if sum == 0 {
                ties[block] += 1;
                up[block] += u32::from(blocks[block] == 1);
            } else {
                assert_eq!(blocks[block], sum.signum());
            }
        }
    }
    for block in 0..4 {
        assert_eq!(ties[block], (1 << 16) * 6 / 16);
        let n = f64::from(ties[block]);
        agrees(f64::from(up[block]), 0.5 * n.sqrt(), 0.5 * n, "ties that go up");
    }
}

/// Independent spins with mean μ become independent spins with mean (3μ − μ³)/2.
#[test]
fn independent_spins_stay_independent() {
    let n = 3000;
    let spins = starts(8, &[(1.0, independent(8, n, 0.6, 1)), (f64::INFINITY, independent(8, n, 0.5, 2))]);
    let flow = block_spin_flow(&config(9, n), &spins, &(), &()).expect("runs");
    assert_eq!((flow.step.as_slice(), sizes(&flow)), (&[0, 1, 2][..], vec![8, 4, 2]));
    for (f, mut mean) in [(0, 0.2f64), (1, 0.0)] {
        for s in 0..3 {
            let at = [f, s];
            for (measured, exact, what) in [
                (&flow.magnetization, mean, "m"),
                (&flow.energy_per_spin, -2.0 * mean * mean, "energy"),
                (&flow.short_range_correlation, 0.0, "c_sr"),
            ] {
                agrees(measured.value[at], measured.error[at], exact, what);
            }
            mean = 0.5 * (3.0 * mean - mean.powi(3));
        }
    }
    // G(r) ends at half of each step's own lattice.
    assert_eq!(flow.correlation.dim(), (2, 3, 5));
    assert_eq!(flow.correlation.slice(s![0, 1, 3..]).to_vec(), [0.0, 0.0]);
    assert!(flow.fixed_point.is_none());
}

#[test]
fn ground_states_stay_and_snapshots_show_blocks() {
    let mut spins = starts(8, &[(0.0, ground_states(8, 10))]);
    // One flipped block in the first configuration survives the first step, as one block spin, and not the second.
    for site in [0, 1, 8, 9] {
        spins.samples[[0, site]] = -1;
    }
    let readout = Linear { size: 4 };
    let flow = block_spin_flow(&config(2, 10), &spins, &readout, &()).expect("runs");
    assert_eq!(flow.energy_per_spin.value[[0, 2]], -2.0);
    assert!((flow.energy_per_spin.value[[0, 1]] + 2.0 - 0.8 / 16.0).abs() < 1e-12);
    assert_eq!(flow.snapshots.dim(), (1, 3, 2, 64));
    assert_eq!(flow.snapshots.slice(s![0, 1, 0, ..]), flow.snapshots.slice(s![0, 0, 0, ..]));
    assert!(flow.snapshots.slice(s![0, 2, 0, ..]).iter().all(|&spin| spin == 1));
    // The readout reads size 4 only.
    let temperature = flow.energy_temperature.as_ref().expect("read at one step");
    assert!(temperature.value[[0, 0]].is_nan() && temperature.value[[0, 2]].is_nan());
    assert!((temperature.value[[0, 1]] - 4.0 - 2.0 * flow.energy_per_spin.value[[0, 1]]).abs() < 1e-12);
    let posterior = flow.nn_posterior.as_ref().expect("read at one step");
    assert!(posterior[[0, 0, 0]].is_nan() && posterior[[0, 1, 0]] > 0.4);
    let read = Flow::from_tree(&flow.to_tree()).expect("the file layer accepts it");
    assert_eq!(read.energy_per_spin, flow.energy_per_spin);
    assert!(read.energy_temperature.expect("there").value[[0, 0]].is_nan());
}

#[test]
fn neither_threads_nor_other_starts_change_anything() {
    let spins = starts(12, &[(1.0, independent(12, 300, 0.5, 1)), (2.0, independent(12, 300, 0.6, 2))]);
    let with = |threads: usize, config: &BlockSpinConfig| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| block_spin_flow(config, &spins, &(), &()).expect("runs"))
    };
    let all = with(1, &config(5, 300));
    assert_eq!(sizes(&all), [12, 6, 3], "3 is odd");
    // As text, since there are no exponents of a lattice of 3 × 3: NaN.
    assert_eq!(format!("{all:?}"), format!("{:?}", with(3, &config(5, 300))));
    let one = with(2, &BlockSpinConfig { start_temperatures: Some(vec![2.0]), ..config(5, 300) });
    assert_eq!(one.energy_per_spin.value.row(0), all.energy_per_spin.value.row(1));
}

#[track_caller]
fn refused(config: &BlockSpinConfig, spins: &Spins, expected: &str) {
    let error = block_spin_flow(config, spins, &(), &()).expect_err("refused").to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn nonsense_is_refused_by_name() {
    let even = starts(4, &[(0.0, ground_states(4, 10))]);
    refused(&config(0, 10), &even, "steps: 0");
    refused(&config(1, 11), &even, "11 are asked for");
    refused(&config(1, 0), &even, "chains: 0");
    refused(
        &config(1, 10),
        &starts(5, &[(0.0, ground_states(5, 10))]),
        "square:5x5 has no blocks: blocks are two sites long; use even sides",
    );
    refused(
        &config(1, 10),
        &starts(2, &[(0.0, ground_states(2, 10))]),
        "square:2x2 has no blocks: half its sides are too short",
    );
}
