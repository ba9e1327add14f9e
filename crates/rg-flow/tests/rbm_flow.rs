//! The flow of machines whose flow is known.

mod common;

use common::{Linear, agrees, average, ground_states, independent, machine, starts};
use datasets::{Artifact, Flow, Interrupted, Progress, Spins, Units};
use ndarray::{Array2, s};
use rg_flow::{FlowError, Mode, RbmFlowConfig, Record, rbm_flow};

fn config(steps: u32, chains: usize) -> RbmFlowConfig {
    RbmFlowConfig { steps, chains, snapshots: 3, seed: 11, ..RbmFlowConfig::default() }
}

/// Without weights and biases every spin is a fair coin after one step: for 16 sites ⟨e⟩ = 0, the energy's variance per
/// site is 2, ⟨m²⟩ = 1/16, ⟨m⁴⟩ = (3 − 2/16)/16².
#[test]
fn a_machine_without_weights_forgets_at_once() {
    let n = 4000;
    let spins = starts(4, &[(0.0, ground_states(4, n)), (f64::INFINITY, independent(4, n, 0.5, 1))]);
    let flow = rbm_flow(&config(2, n), &machine(Array2::zeros((16, 5))), &spins, &(), &()).expect("runs");
    assert_eq!(flow.step, [0, 1, 2]);
    for f in 0..2 {
        for s in 1..3 {
            let at = [f, s];
            for (measured, exact, what) in [
                (&flow.energy_per_spin, 0.0, "energy"),
                (&flow.energy_variance, 2.0, "energy variance"),
                (&flow.magnetization, 0.0, "m"),
                (&flow.abs_magnetization, average(16, 0.5, f64::abs), "|m|"),
                (&flow.squared_magnetization, 1.0 / 16.0, "m²"),
                (&flow.binder_cumulant, 1.0 - (3.0 - 2.0 / 16.0) / 3.0, "Binder"),
                (&flow.short_range_correlation, 0.0, "c_sr"),
            ] {
                agrees(measured.value[at], measured.error[at], exact, what);
            }
            // The errors are those of independent chains.
            let expected = (2.0 / 16.0 / n as f64).sqrt();
            assert!((flow.energy_per_spin.error[at] / expected - 1.0).abs() < 0.1);
        }
    }
    assert_eq!(flow.correlation_at, [0, 1, 2]);
    for r in 1..=2 {
        agrees(flow.correlation[[0, 1, r]], flow.correlation_error[[0, 1, r]], 0.0, "G(r)");
    }
    assert_eq!(flow.correlation[[0, 1, 0]], 1.0);
    // At the start itself: ground states.
    assert_eq!(flow.energy_per_spin.value[[0, 0]], -2.0);
    assert_eq!(flow.energy_variance.value[[0, 0]], 0.0);
    assert_eq!(flow.correlation.slice(s![0, 0, ..]).to_vec(), [1.0, 1.0, 1.0]);
    // The jackknife multiplies rounding errors by the number of chains.
    assert!((flow.binder_cumulant.value[[0, 0]] - 2.0 / 3.0).abs() < 1e-9);
    assert!(flow.fixed_point.is_none(), "too short to say");
    assert!(flow.nn_temperature.is_none() && flow.energy_temperature.is_none());
}

/// One hidden unit that couples with w to all sites: it follows the sign of m, and then each spin is up with probability
/// (1 + tanh w)/2 relative to it. So e = −2 tanh² w, and ⟨|m|⟩ by summing over binomial probabilities.
#[test]
fn one_uniform_hidden_unit_makes_a_uniform_state() {
    let (n, w) = (4000, 0.8f64);
    let spins = starts(4, &[(0.0, ground_states(4, n))]);
    let rbm = machine(Array2::from_elem((16, 1), w as f32));
    let flow = rbm_flow(&config(1, n), &rbm, &spins, &(), &()).expect("runs");
    let mean = w.tanh();
    let up = 0.5 * (1.0 + mean);
    let at = [0, 1];
    // From |M| = 16 the hidden unit errs with probability e^−25.6 only.
    for (measured, exact, what) in [
        (&flow.energy_per_spin, -2.0 * mean * mean, "energy"),
        (&flow.abs_magnetization, average(16, up, f64::abs), "|m|"),
        (&flow.squared_magnetization, average(16, up, |m| m * m), "m²"),
        (&flow.short_range_correlation, 0.0, "c_sr"),
        (&flow.magnetization, 0.0, "m"),
    ] {
        agrees(measured.value[at], measured.error[at], exact, what);
    }
    agrees(flow.correlation[[0, 1, 2]], flow.correlation_error[[0, 1, 2]], mean * mean, "G(2)");
}

/// Without biases the machine does not know up from down: from all up and from all down it ends at opposite m.
#[test]
fn flip_symmetry() {
    let n = 3000;
    let up = Array2::ones((n, 16));
    let spins = starts(4, &[(1.0, up.clone()), (2.0, -up)]);
    let rbm = machine(Array2::from_elem((16, 1), 0.5));
    let flow = rbm_flow(&config(3, n), &rbm, &spins, &(), &()).expect("runs");
    let m = &flow.magnetization;
    for s in 1..4 {
        assert!(m.value[[0, s]] > 0.2);
        let error = m.error[[0, s]].hypot(m.error[[1, s]]);
        agrees(m.value[[0, s]] + m.value[[1, s]], error, 0.0, "sum of m");
        let e = &flow.energy_per_spin;
        agrees(e.value[[0, s]] - e.value[[1, s]], e.error[[0, s]].hypot(e.error[[1, s]]), 0.0, "energies");
    }
}

/// With binary units and a visible bias b every spin is up with probability 1/(1 + e^−b).
#[test]
fn binary_units_with_biases() {
    let n = 4000;
    let spins = starts(4, &[(0.0, ground_states(4, n))]);
    let mut rbm = machine(Array2::zeros((16, 2)));
    rbm.units = Units::Binary;
    rbm.visible_bias.fill(0.7);
    let flow = rbm_flow(&config(1, n), &rbm, &spins, &(), &()).expect("runs");
    let mean = (0.35f64).tanh();
    agrees(flow.magnetization.value[[0, 1]], flow.magnetization.error[[0, 1]], mean, "m");
    agrees(flow.energy_per_spin.value[[0, 1]], flow.energy_per_spin.error[[0, 1]], -2.0 * mean * mean, "e");
}

#[test]
fn mean_field_needs_no_chance() {
    // An odd number of sites, so that no mean vanishes.
    let spins = starts(3, &[(1.0, independent(3, 50, 0.7, 3))]);
    let rbm = machine(Array2::from_elem((9, 1), 0.5));
    let with = |seed| RbmFlowConfig { mode: Mode::MeanField, seed, ..config(2, 50) };
    let flow = rbm_flow(&with(1), &rbm, &spins, &(), &()).expect("runs");
    assert_eq!(flow, rbm_flow(&with(2), &rbm, &spins, &(), &()).expect("runs"));
    assert_eq!(flow.abs_magnetization.value[[0, 1]], 1.0, "signs of a uniform field");
}

fn many_starts() -> Spins {
    let ensembles: Vec<_> =
        (0..5).map(|i| (f64::from(i), independent(4, 300, 0.5 + 0.1 * f64::from(i), i as u64))).collect();
    starts(4, &ensembles)
}

fn structured() -> Array2<f32> {
    Array2::from_shape_fn((16, 6), |(i, a)| ((i * 7 + a * 5) % 11) as f32 / 11.0 - 0.4)
}

#[test]
fn neither_threads_nor_other_starts_change_anything() {
    let spins = many_starts();
    let with = |threads: usize, config: &RbmFlowConfig| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| {
            rbm_flow(config, &machine(structured()), &spins, &Linear { size: 4 }, &()).expect("runs")
        })
    };
    let all = with(1, &config(9, 300));
    assert_eq!(all, with(3, &config(9, 300)));
    let some = with(2, &RbmFlowConfig { start_temperatures: Some(vec![3.0, 1.0]), ..config(9, 300) });
    assert_eq!(some.start_temperature, [3.0, 1.0]);
    assert_eq!(some.energy_per_spin.value.row(0), all.energy_per_spin.value.row(3));
    assert_eq!(some.snapshots.slice(s![1, .., .., ..]), all.snapshots.slice(s![1, .., .., ..]));
    assert_ne!(with(1, &RbmFlowConfig { seed: 12, ..config(9, 300) }).energy_per_spin, all.energy_per_spin);
}

/// F11's map: one step from every temperature of the file.
#[test]
fn the_one_step_map() {
    let flow = rbm_flow(&config(1, 300), &machine(structured()), &many_starts(), &Linear { size: 4 }, &())
        .expect("runs");
    let energy = &flow.energy_per_spin;
    let temperature = flow.energy_temperature.as_ref().expect("read");
    assert_eq!(temperature.value.dim(), (5, 2));
    for at in ndarray::indices((5, 2)) {
        assert!((temperature.value[at] - 4.0 - 2.0 * energy.value[at]).abs() < 1e-12);
        assert!((temperature.error[at] - 2.0 * energy.error[at]).abs() < 1e-12);
    }
    let posterior = flow.nn_posterior.as_ref().expect("read");
    assert_eq!(posterior.dim(), (5, 2, 2));
    assert!((posterior.slice(s![4, 0, ..]).sum() - 1.0).abs() < 1e-12);
    assert_eq!(flow.class_temperature, [1.0, 2.0]);
    assert_eq!(flow.nn_peak.as_ref().expect("read")[[2, 1]], 2.0);
    assert!(flow.bayes_posterior.is_none());
    assert_eq!(Flow::from_tree(&flow.to_tree()).expect("the file layer accepts it"), flow);
}

/// A machine of one uniform hidden unit flips its state as a whole, rarely; each step draws the spins anew. Its energy
/// is known at every step, so all starts settle at once and end at −2 tanh² w, read by a linear thermometer.
#[test]
fn where_a_flow_rests() {
    let (n, w) = (400, 0.8f64);
    let spins = starts(4, &[(0.0, ground_states(4, n)), (1.0, independent(4, n, 0.9, 4))]);
    let rbm = machine(Array2::from_elem((16, 1), w as f32));
    let flow = rbm_flow(&config(60, n), &rbm, &spins, &Linear { size: 4 }, &()).expect("runs");
    let found = flow.fixed_point.expect("long enough");
    let exact = -2.0 * w.tanh().powi(2);
    assert_eq!((found.settled.as_slice(), found.ends_meet), (&[true, true][..], true));
    assert!(found.steps_needed.iter().all(|&steps| (1..=2).contains(&steps)), "{:?}", found.steps_needed);
    for end in &found.energy_per_spin {
        agrees(end.value, end.error, exact, "final energy");
    }
    let temperature = found.energy_temperature.expect("read");
    agrees(temperature.value, temperature.error, 4.0 + 2.0 * exact, "T_E");
    let mean = 0.5 * (found.energy_per_spin[0].value + found.energy_per_spin[1].value);
    assert!((temperature.value - 4.0 - 2.0 * mean).abs() < 1e-12, "read on all of the window");
    let error = found.energy_per_spin[0].error.hypot(found.energy_per_spin[1].error);
    assert!((temperature.error / error - 1.0).abs() < 1e-3, "{} {error}", temperature.error);
    assert!(found.nn_temperature.is_some());
    agrees(found.short_range_correlation.value, found.short_range_correlation.error, 0.0, "c_sr");
    let up = 0.5 * (1.0 + w.tanh());
    agrees(found.abs_magnetization.value, found.abs_magnetization.error, average(16, up, f64::abs), "|m|");
}

#[test]
fn what_is_recorded() {
    let run = |steps, record| {
        let config = RbmFlowConfig { record, ..config(steps, 20) };
        rbm_flow(&config, &machine(structured()), &many_starts(), &Linear { size: 4 }, &()).expect("runs")
    };
    let all = run(25, Record::Every(1));
    assert_eq!(all.step.len(), 26);
    assert_eq!(all.correlation_at, [0, 1, 2, 5, 10, 20, 25]);
    assert_eq!(all.snapshot_at, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25]);
    assert_eq!(all.snapshots.dim(), (5, 15, 3, 16));
    let some = run(25, Record::Every(10));
    assert_eq!(some.step, [0, 10, 20, 25]);
    assert_eq!(some.snapshot_at, [0, 1, 2, 3]);
    for (s, &step) in some.step.iter().enumerate() {
        let column = all.energy_per_spin.value.column(step as usize);
        assert_eq!(some.energy_per_spin.value.column(s), column, "the same flow, seen less often");
    }
    assert_eq!(some.snapshots.slice(s![.., 2, .., ..]), all.snapshots.slice(s![.., 13, .., ..]));
    let logarithmic = run(30, Record::Logarithmic);
    assert_eq!(logarithmic.step, [0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 30]);
    assert!(all.fixed_point.is_some());
}

#[track_caller]
fn refused(config: &RbmFlowConfig, sites: usize, spins: &Spins, expected: &str) {
    let error = rbm_flow(config, &machine(Array2::zeros((sites, 2))), spins, &(), &())
        .expect_err("refused")
        .to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn nonsense_is_refused_by_name() {
    let spins = many_starts();
    refused(&config(0, 10), 16, &spins, "steps: 0");
    refused(&config(1, 1), 16, &spins, "chains: 1");
    refused(&config(1, 301), 16, &spins, "300 configurations at temperature 0;");
    refused(
        &config(1, 10),
        25,
        &spins,
        "25 visible units but the start configurations are of lattice square:4x4",
    );
    let at = |temperatures: &[f64]| RbmFlowConfig {
        start_temperatures: Some(temperatures.to_vec()),
        ..config(1, 10)
    };
    refused(&at(&[]), 16, &spins, "at least one temperature");
    refused(&at(&[1.0, 2.5]), 16, &spins, "2.5 is not in the start file");
    refused(&at(&[1.0, 1.0]), 16, &spins, "1 is listed twice");
    refused(&RbmFlowConfig { record: Record::Every(0), ..config(1, 10) }, 16, &spins, "record.every: 0");
    let mut window = config(1, 10);
    window.fixed_point.window = 0.6;
    refused(&window, 16, &spins, "fixed_point.window: 0.6");
    let mut bad = spins.clone();
    bad.samples[[3, 5]] = 0;
    refused(&config(1, 10), 16, &bad, "site 5 of start configuration 3 is 0");
}

struct StopAt(f64);

impl Progress for StopAt {
    fn report(&self, fraction: f64) -> Result<(), Interrupted> {
        if fraction >= self.0 { Err(Interrupted) } else { Ok(()) }
    }
}

#[test]
fn it_stops_when_asked() {
    let stopped = rbm_flow(&config(50, 10), &machine(structured()), &many_starts(), &(), &StopAt(0.5));
    assert_eq!(stopped, Err(FlowError::Interrupted(Interrupted)));
}
