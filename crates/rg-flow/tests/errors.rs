//! Quoted errors against the spread over independent repetitions, and starts against each other.

mod common;

use common::{agrees, independent, machine, starts};
use datasets::lattice::Lattice;
use datasets::{Measured, Reading};
use ising_mc::statistics::mean_and_error;
use ndarray::{Array2, ArrayView2, s};
use numerics::bit_matrix::BitMatrix;
use numerics::bits::{Bits, unit_f64};
use numerics::streams::stream;
use rg_flow::{BlockSpinConfig, Pool, RbmFlowConfig, Readout, block_spin_flow, rbm_flow};

/// Means and mean squared errors of one number over repetitions.
#[derive(Default)]
struct Repeated {
    values: Vec<f64>,
    squared_errors: f64,
}

impl Repeated {
    fn add(&mut self, value: f64, error: f64) {
        self.values.push(value);
        self.squared_errors += error * error;
    }

    /// Spread over the root of the mean squared error.
    fn ratio(&self) -> f64 {
        let n = self.values.len() as f64;
        mean_and_error(&self.values).error * n.sqrt() / (self.squared_errors / n).sqrt()
    }
}

/// Every number of a step that has an error, of independent spins and of their blocks, from 200 chains each: over 4000
/// repetitions spread and error agree within 5 % (the spread is good to 1.1 % for normal numbers, and to 1.5 % for
/// these).
#[test]
fn errors_of_a_step_are_the_spread() {
    let (n, repetitions) = (200, 4000);
    let names = ["energy", "energy variance", "|m|", "m", "m²", "Binder", "c_sr", "G(1)", "G(2)"];
    let mut found: Vec<Repeated> = (0..2 * names.len()).map(|_| Repeated::default()).collect();
    for repetition in 0..repetitions {
        let spins = starts(4, &[(1.0, independent(4, n, 0.7, repetition))]);
        let config =
            BlockSpinConfig { steps: 1, chains: n, snapshots: 1, seed: repetition, ..Default::default() };
        let flow = block_spin_flow(&config, &spins, &(), &()).expect("runs");
        for step in 0..2 {
            let measured: [&Measured; 7] = [
                &flow.energy_per_spin,
                &flow.energy_variance,
                &flow.abs_magnetization,
                &flow.magnetization,
                &flow.squared_magnetization,
                &flow.binder_cumulant,
                &flow.short_range_correlation,
            ];
            let at = [0, step];
            let own = &mut found[step * names.len()..];
            for (own, measured) in own.iter_mut().zip(measured) {
                own.add(measured.value[at], measured.error[at]);
            }
            // Blocks of 4 × 4 sites are 2 × 2: G(2) is that of a distance which they do not have.
            for r in 1..=2 - step {
                let at = [0, step, r];
                own[6 + r].add(flow.correlation[at], flow.correlation_error[at]);
            }
        }
    }
    for (found, (step, name)) in found.iter().zip((0..2).flat_map(|step| names.map(|name| (step, name)))) {
        if !found.values.is_empty() {
            assert!((found.ratio() - 1.0).abs() < 0.05, "{name} at step {step}: {}", found.ratio());
        }
    }
}

/// N (⟨e²⟩ − ⟨e⟩²) without bias, and its jackknife written out.
#[test]
fn energy_variance_is_the_unbiased_one() {
    let n = 20;
    let spins = starts(4, &[(1.0, independent(4, n, 0.6, 3))]);
    let config = BlockSpinConfig { steps: 1, chains: n, snapshots: 1, seed: 1, ..Default::default() };
    let flow = block_spin_flow(&config, &spins, &(), &()).expect("runs");
    let energies: Vec<f64> = spins
        .samples
        .outer_iter()
        .map(|row| f64::from(ising_mc::observables::energy(spins.lattice, &row.to_vec())) / 16.0)
        .collect();
    let variance = |energies: &[f64]| {
        let mean = energies.iter().sum::<f64>() / energies.len() as f64;
        16.0 * energies.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / energies.len() as f64
    };
    let all = n as f64;
    let unbiased = variance(&energies) * all / (all - 1.0);
    assert!((flow.energy_variance.value[[0, 0]] - unbiased).abs() < 1e-9);
    let without: Vec<f64> =
        (0..n).map(|left| variance(&[&energies[..left], &energies[left + 1..]].concat())).collect();
    let mean = without.iter().sum::<f64>() / all;
    let spread: f64 = without.iter().map(|v| (v - mean).powi(2)).sum();
    let error = ((all - 1.0) / all * spread).sqrt();
    assert!((flow.energy_variance.error[[0, 0]] / error - 1.0).abs() < 1e-9);
}

fn normal(bits: &mut Bits) -> f64 {
    let radius = (-2.0 * (1.0 - unit_f64(bits.next())).ln()).sqrt();
    radius * (std::f64::consts::TAU * unit_f64(bits.next())).cos()
}

/// Reads nothing, of any lattice.
/// A lattice of one site.
fn one() -> Lattice {
    "none:1".parse().unwrap()
}

struct Nothing;

impl Readout for Nothing {
    fn classes(&self) -> &[f64] {
        &[]
    }

    fn read(&self, _lattice: Lattice, _spins: ArrayView2<i8>) -> Reading {
        Reading::default()
    }
}

/// The inflation of an error by correlated steps is what is defined: the error from each chain's average over that of all
/// values, whatever the values' origin; for chains x' = a x + noise it is √(the known variance of a chain's average).
#[test]
fn inflation_is_the_ratio_of_both_errors() {
    let (chains, steps) = (400, 12);
    for (case, (memory, offset)) in
        [(0.0f64, 0.0), (0.9, -1.5), (0.9, 1e3), (-0.5, -2.0)].into_iter().enumerate()
    {
        let mut bits = Bits::from_stream(&mut stream(2, "test chains", &[case as u64]));
        let mut pool = Pool::new(chains, 1);
        let mut state: Vec<f64> = (0..chains).map(|_| normal(&mut bits)).collect();
        let (mut all, mut sums) = (Vec::new(), vec![0.0; chains]);
        for _ in 0..steps {
            let energy: Vec<f64> = state.iter().map(|x| offset + x).collect();
            let magnetization: Vec<f64> = state.iter().map(|x| 0.5 * x).collect();
            pool.add(BitMatrix::zeros(chains, 1).view(), &energy, &magnetization);
            sums.iter_mut().zip(&energy).for_each(|(sum, e)| *sum += e);
            all.extend(energy);
            let noise = (1.0 - memory * memory).sqrt();
            state.iter_mut().for_each(|x| *x = memory * *x + noise * normal(&mut bits));
        }
        let averages: Vec<f64> = sums.iter().map(|sum| sum / f64::from(steps)).collect();
        let defined = mean_and_error(&averages).error / mean_and_error(&all).error;
        let end = pool.read(one(), &Nothing);
        assert!((end.energy_inflation / defined - 1.0).abs() < 1e-6, "{} {defined}", end.energy_inflation);
        assert!((end.magnetization_inflation / defined - 1.0).abs() < 1e-6);
        let w = f64::from(steps);
        let correlated: f64 = (1..steps).map(|lag| (w - f64::from(lag)) * memory.powi(lag)).sum();
        let exact = ((w + 2.0 * correlated) / w).sqrt();
        // An error from 400 chains is good to 3.5 %.
        assert!((end.energy_inflation / exact - 1.0).abs() < 0.16, "{} {exact}", end.energy_inflation);
    }
    let mut constant = Pool::new(3, 1);
    for _ in 0..5 {
        constant.add(BitMatrix::zeros(3, 1).view(), &[-1.3; 3], &[0.7; 3]);
    }
    let end = constant.read(one(), &Nothing);
    assert_eq!((end.energy_inflation, end.magnetization_inflation), (1.0, 1.0));
}

/// Two starts with the same configurations have noise of their own: after a step of a machine without weights, and where
/// blocks tie, spins of both agree as often as fair coins.
#[test]
fn starts_do_not_share_their_noise() {
    let n = 400;
    let same = independent(8, n, 0.5, 7);
    let spins = starts(8, &[(1.0, same.clone()), (2.0, same.clone())]);
    let config = RbmFlowConfig { steps: 1, chains: n, snapshots: n, seed: 3, ..RbmFlowConfig::default() };
    let flow = rbm_flow(&config, &machine(Array2::zeros((64, 3))), &spins, &(), &()).expect("runs");
    let last = flow.snapshots.dim().1 - 1;
    let pairs = (n * 64) as f64;
    let agree = |a: ndarray::ArrayView2<i8>, b: ndarray::ArrayView2<i8>| {
        a.iter().zip(b).filter(|(a, b)| a == b).count() as f64
    };
    let [a, b] = [0, 1].map(|f| flow.snapshots.slice(s![f, last, .., ..]));
    agrees(agree(a, b), 0.5 * pairs.sqrt(), 0.5 * pairs, "spins of both starts that agree");

    let config = BlockSpinConfig { steps: 1, chains: n, snapshots: n, seed: 3, ..BlockSpinConfig::default() };
    let flow = block_spin_flow(&config, &spins, &(), &()).expect("runs");
    let (mut ties, mut equal) = (0.0f64, 0.0);
    for chain in 0..n {
        for corner in (0..64).filter(|site| site / 8 % 2 == 0 && site % 2 == 0) {
            let sum: i8 = [0, 1, 8, 9].iter().map(|step| same[[chain, corner + step]]).sum();
            if sum == 0 {
                ties += 1.0;
                let [a, b] = [0, 1].map(|f| flow.snapshots[[f, 1, chain, corner]]);
                equal += f64::from(u8::from(a == b));
            }
        }
    }
    assert!(ties > 1000.0);
    agrees(equal, 0.5 * ties.sqrt(), 0.5 * ties, "ties of both starts that agree");
}

/// The readout that reads nothing has no classes and no reading.
#[test]
fn the_empty_readout_reads_nothing() {
    assert!(().classes().is_empty());
    assert_eq!(().read(one(), Array2::ones((2, 1)).view()), Reading::default());
}

/// A flow's progress rises from 0 to 1 in equal steps, one for each start.
#[test]
fn block_spin_flow_reports_the_fraction_of_starts() {
    struct Seen(std::sync::Mutex<Vec<f64>>);
    impl datasets::Progress for Seen {
        fn report(&self, fraction: f64) -> Result<(), datasets::Interrupted> {
            self.0.lock().expect("one thread").push(fraction);
            Ok(())
        }
    }
    let same = independent(4, 2, 0.5, 7);
    let ensembles: Vec<(f64, Array2<i8>)> = (1..=4).map(|t| (f64::from(t), same.clone())).collect();
    let seen = Seen(std::sync::Mutex::default());
    let config = BlockSpinConfig { steps: 1, chains: 2, snapshots: 1, seed: 3, ..BlockSpinConfig::default() };
    block_spin_flow(&config, &starts(4, &ensembles), &(), &seen).expect("runs");
    assert_eq!(seen.0.into_inner().expect("one thread"), [0.0, 0.25, 0.5, 0.75, 1.0]);
}

/// A snapshot of a block spin shows it on all sites that it stands for, in both directions and after each step.
#[test]
fn snapshots_show_each_block_on_its_own_sites() {
    let spins = starts(8, &[(1.0, independent(8, 6, 0.5, 9))]);
    let config = BlockSpinConfig { steps: 2, chains: 6, snapshots: 6, seed: 3, ..BlockSpinConfig::default() };
    let flow = block_spin_flow(&config, &spins, &(), &()).expect("runs");
    for chain in 0..6 {
        for site in 0..64 {
            for (step, side) in [(1, 2), (2, 4)] {
                let corner = site / 8 / side * side * 8 + site % 8 / side * side;
                let shown = |site: usize| flow.snapshots[[0, step, chain, site]];
                assert_eq!(shown(site), shown(corner));
                // What is shown is the majority of what was shown a step before.
                let before = flow.snapshots.slice(s![0, step - 1, chain, ..]);
                let sum: i32 =
                    (0..side * side).map(|k| i32::from(before[corner + k / side * 8 + k % side])).sum();
                assert!(sum == 0 || i32::from(shown(site)) == sum.signum());
            }
        }
    }
}
