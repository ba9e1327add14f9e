//! The numbers of figures against computations by hand, and claims that fall both ways.

mod synthetic;

use std::sync::OnceLock;

use datasets::{Attribute, Figures, Flow, Measured};
use figures::{Claim, Group, Machine, Run, Verdict};
use ndarray::Array2;

/// The flow that every made-up machine has.
fn flow_of(machine: &mut Machine) -> &mut Flow {
    machine.flow.as_mut().expect("a flow")
}

fn base() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| synthetic::run(2, &[16, 64]))
}

/// Sets one quantity at every start and step of a measured array.
fn constant(measured: &mut Measured, value: f64, error: f64) {
    measured.value.fill(value);
    measured.error.fill(error);
}

#[track_caller]
fn list(figures: &Figures, path: &str) -> Vec<f64> {
    let (id, rest) = path.split_once('/').expect("a figure and a dataset");
    figures.figures[id].numbers.list::<f64>(rest).expect("a list")
}

#[track_caller]
fn grid(figures: &Figures, path: &str) -> Array2<f64> {
    let (id, rest) = path.split_once('/').expect("a figure and a dataset");
    figures.figures[id].numbers.get(rest).expect("a grid")
}

#[track_caller]
fn claim(figures: &Figures, id: &str) -> Claim {
    figures::claims(figures).into_iter().find(|c| c.id == id).expect("a claim")
}

/// The fixed points of the two replicas of V, N_h = 64.
fn with_fixed_points(values: [f64; 2], error: f64) -> Run {
    let mut run = base().clone();
    for (replica, value) in run.replicas.iter_mut().zip(values) {
        for m in &mut replica.machines {
            if m.group == Group::Main && m.training == "V" && m.hidden == 64 {
                let fixed = flow_of(m).fixed_point.as_mut().expect("a fixed point");
                fixed.energy_temperature = Some(datasets::Value { value, error });
            }
        }
    }
    run
}

#[test]
fn errors_are_standard_errors_over_replicas() {
    // Values 2.00 and 2.06: mean 2.03, deviation 0.06 / √2, standard error 0.06 / 2 = 0.03.
    let figures = figures::numbers(&with_fixed_points([2.0, 2.06], 0.001)).expect("a run");
    let values = list(&figures, "F06/by_hidden/energy_temperature");
    let errors = list(&figures, "F06/by_hidden/energy_temperature_error");
    assert!((values[1] - 2.03).abs() < 1e-12 && (errors[1] - 0.03).abs() < 1e-12);
    // Equal values: what the errors over chains give, 0.02 / √2.
    let figures = figures::numbers(&with_fixed_points([2.0, 2.0], 0.02)).expect("a run");
    let errors = list(&figures, "F06/by_hidden/energy_temperature_error");
    assert!((errors[1] - 0.02 / 2f64.sqrt()).abs() < 1e-12);
    // One replica: the error over chains.
    let mut run = with_fixed_points([2.0, 2.0], 0.02);
    run.replicas.truncate(1);
    let figures = figures::numbers(&run).expect("a run");
    assert_eq!(list(&figures, "F06/by_hidden/energy_temperature_error")[1], 0.02);
    let said = figures.figures["F06"].numbers.text("errors").expect("a text");
    assert_eq!(said, "standard error over the chains of one replica");
}

/// What only the scatter over replicas could tell has no error in one replica, and a rule that needs it judges nothing.
#[test]
fn an_unknown_error_is_nan_and_null() {
    let mut run = base().clone();
    run.replicas.truncate(1);
    run.points.retain(|point| point.replica == 0);
    let one = figures::numbers(&run).expect("a run");
    let two = figures::numbers(base()).expect("a run");
    let mut known = 0;
    for path in [
        "F06/by_hidden/nn_peak",
        "F06/by_hidden/max_abs_weight",
        "F08/V/far_over_nearest",
        "F09/V/power_law_advantage",
        "F09/V/eigenvalues",
        "F10/largest_deviation",
    ] {
        assert!(list(&one, path).iter().any(|v| v.is_finite()), "{path}");
        assert!(list(&one, &format!("{path}_error")).iter().all(|e| e.is_nan()), "{path}");
        known += usize::from(list(&two, &format!("{path}_error")).iter().any(|e| e.is_finite()));
    }
    // Where two replicas have the same value, on a grid say, their error stays unknown.
    assert!((4..8).contains(&known), "{known}");
    for id in ["C1d-n", "C3a", "C3b", "C3c", "C3d-l", "C3d-u", "C3e"] {
        let claim = claim(&one, id);
        assert!(claim.number.is_some() && claim.error.is_none(), "{claim:?}");
        assert_eq!(claim.verdict, Verdict::Undecided, "{claim:?}");
        assert!(claim.conditions.contains("too few replicas"), "{claim:?}");
    }
    assert_ne!(claim(&two, "C3e").verdict, Verdict::Undecided);
}

#[test]
fn flows_are_averaged_over_replicas_at_each_step() {
    let mut run = base().clone();
    for (replica, value) in run.replicas.iter_mut().zip([1.0, 3.0]) {
        for m in replica.machines.iter_mut().filter(|m| m.hidden == 16 && m.group == Group::Main) {
            constant(flow_of(m).energy_temperature.as_mut().expect("T_E"), value, 0.1);
        }
    }
    let figures = figures::numbers(&run).expect("a run");
    let value = grid(&figures, "F05/hidden_00016/energy_temperature");
    let error = grid(&figures, "F05/hidden_00016/energy_temperature_error");
    assert!(value.iter().all(|v| (v - 2.0).abs() < 1e-12));
    assert!(error.iter().all(|e| (e - 1.0).abs() < 1e-12));
}

#[test]
fn a_replica_without_a_machine_does_not_count() {
    let mut run = base().clone();
    run.replicas[1].machines.retain(|m| !(m.group == Group::Main && m.hidden == 16));
    let both = figures::numbers(base()).expect("a run");
    let figures = figures::numbers(&run).expect("a run");
    let mut alone = run.clone();
    alone.replicas.truncate(1);
    let alone = figures::numbers(&alone).expect("a run");
    let of = |f: &Figures| list(f, "F06/by_hidden/energy_temperature");
    assert_eq!(of(&figures)[0], of(&alone)[0]);
    assert_eq!(of(&figures)[1], of(&both)[1]);
    assert!(figures.figures["F05"].numbers.text("missing").expect("a text").contains("N_h = 16"));
}

#[test]
fn readings_of_the_thermometer_are_means_over_classes() {
    let mut run = base().clone();
    for (replica, p) in run.replicas.iter_mut().zip([0.5, 0.7]) {
        let posterior = &mut replica.thermometer.as_mut().expect("a network").calibration.mean_posterior;
        posterior.row_mut(8).fill(0.0);
        posterior[[8, 4]] = p;
        posterior[[8, 12]] = 1.0 - p;
    }
    let figures = figures::numbers(&run).expect("a run");
    // Classes 4 and 12 are T = 1 and T = 3: readings 2.0 and 1.6.
    assert!((list(&figures, "F03/reading")[8] - 1.8).abs() < 1e-12);
    assert!((list(&figures, "F03/reading_error")[8] - 0.2).abs() < 1e-12);
    assert!((grid(&figures, "F03/mean_posterior")[[8, 4]] - 0.6).abs() < 1e-12);
}

#[test]
fn the_same_energy_gives_the_ising_models_correlation() {
    // At T = ∞ the energy is 0, c_sr is 0 up to 1/N terms; at T = 0 everything is equal: c_sr = 1 − 1.
    let run = base();
    let figures = figures::numbers(run).expect("a run");
    let own = list(&figures, "F12/by_hidden/energy_per_spin");
    let ising = list(&figures, "F12/by_hidden/ising_short_range_correlation");
    let table = run.equation_of_state.as_ref().expect("a table");
    // The neighbours in the table bracket the value: −e/2 − (N m² − 1)/(N − 1).
    let upper = table.energy_per_spin.iter().position(|&e| e >= own[1]).expect("inside the table");
    let at =
        |i: usize| -table.energy_per_spin[i] / 2.0 - (100.0 * table.squared_magnetization[i] - 1.0) / 99.0;
    let (a, b) = (at(upper - 1), at(upper));
    assert!(ising[1] >= a.min(b) - 1e-9 && ising[1] <= a.max(b) + 1e-9, "{} in {a} {b}", ising[1]);
}

#[test]
fn spectra_are_told_apart() {
    for (law, advantage) in [(0, false), (1, true)] {
        let mut run = base().clone();
        for (number, replica) in run.replicas.iter_mut().enumerate() {
            // Replicas differ a little, so that there is an error.
            let decay = 1.0 + 0.01 * number as f64;
            for weights in replica.machines.iter_mut().filter_map(|m| m.weights.as_mut()) {
                for (k, value) in weights.eigenvalues.iter_mut().enumerate() {
                    let k = (k + 1) as f64;
                    let law = if law == 0 { (-0.05 * decay * k).exp() } else { k.powf(-1.2 * decay) };
                    *value = 10.0 * law;
                }
            }
        }
        let figures = figures::numbers(&run).expect("a run");
        let quality = |name: &str| list(&figures, &format!("F09/V/{name}"))[0];
        let best = if advantage { quality("power_law_r2") } else { quality("exponential_r2") };
        assert!((best - 1.0).abs() < 1e-9, "a straight line has R² = 1, not {best}");
        let verdict = claim(&figures, "C3e").verdict;
        assert_eq!(verdict, if advantage { Verdict::Holds } else { Verdict::Fails });
    }
}

#[test]
fn where_the_flow_ends_decides() {
    let tc = 2.0 / (1.0 + 2f64.sqrt()).ln();
    for (value, holds) in [(tc + 0.1, true), (tc - 0.1, true), (tc + 0.2, false), (1.0, false)] {
        let mut run = with_fixed_points([value, value], 0.001);
        for replica in &mut run.replicas {
            replica.machines.retain(|m| m.hidden == 64);
        }
        let figures = figures::numbers(&run).expect("a run");
        let claim = claim(&figures, "C1d-E");
        assert_eq!(claim.verdict, if holds { Verdict::Holds } else { Verdict::Fails }, "{value}");
        assert!((claim.number.expect("a number") - value).abs() < 1e-12);
    }
    // One N_h of two.
    let figures = figures::numbers(&with_fixed_points([tc, tc], 0.001)).expect("a run");
    let claim = claim(&figures, "C1d-E");
    assert_eq!(claim.verdict, Verdict::HoldsUnderConditions);
    assert_eq!(claim.conditions, "for N_{h} = 64; not for 16");
}

#[test]
fn ends_that_do_not_meet_are_seen() {
    let figures = figures::numbers(base()).expect("a run");
    assert_eq!(claim(&figures, "C1c").verdict, Verdict::Holds);
    let mut run = base().clone();
    for m in run.replicas.iter_mut().flat_map(|r| r.machines.iter_mut()) {
        flow_of(m).fixed_point.as_mut().expect("a fixed point").ends_meet = false;
    }
    let figures = figures::numbers(&run).expect("a run");
    assert_eq!(claim(&figures, "C1c").verdict, Verdict::Fails);
    // Without a fixed point there is nothing to be at T_c, or to have correlations: the machines are named instead.
    for id in ["C1d-E", "C1d-m", "C1d-n", "C1e-N", "C1f-s", "C1f-E", "C4a"] {
        let claim = claim(&figures, id);
        assert_eq!(claim.verdict, Verdict::NotTested, "{id}");
        assert!(!claim.excluded.is_empty() && claim.conditions.contains("no fixed point"), "{claim:?}");
    }
    // In one replica of two: chance.
    let mut run = base().clone();
    for m in &mut run.replicas[1].machines {
        flow_of(m).fixed_point.as_mut().expect("a fixed point").settled[3] = false;
    }
    let figures = figures::numbers(&run).expect("a run");
    assert_eq!(claim(&figures, "C1c").verdict, Verdict::Undecided);
}

#[test]
fn directions_of_flow_fall_both_ways() {
    let figures = figures::numbers(base()).expect("a run");
    for id in ["C1a", "C1b", "C2a", "C2b"] {
        assert_eq!(claim(&figures, id).verdict, Verdict::Holds, "{id}");
    }
    // Time runs backwards: the first and the last step exchanged.
    let mut run = base().clone();
    let reverse = |flow: &mut datasets::Flow| {
        for energy in [flow.energy_temperature.as_mut().expect("T_E"), &mut flow.energy_per_spin] {
            let value = energy.value.clone();
            let n = value.ncols();
            for s in 0..n {
                energy.value.column_mut(s).assign(&value.column(n - 1 - s));
            }
        }
    };
    for replica in &mut run.replicas {
        for m in &mut replica.machines {
            reverse(flow_of(m));
        }
        let block = replica.block_spin.as_mut().expect("a block-spin flow");
        let energy = block.energy_temperature.as_mut().expect("T_E");
        let (first, second) = (energy.value.column(0).to_owned(), energy.value.column(1).to_owned());
        // Inwards by as much as it was outwards.
        energy.value.column_mut(1).assign(&(2.0 * &first - &second));
    }
    let figures = figures::numbers(&run).expect("a run");
    for id in ["C1a", "C1b", "C2a"] {
        assert_eq!(claim(&figures, id).verdict, Verdict::Fails, "{id}");
    }
    // The flow now goes outwards and the block spins inwards; one step of the machine goes inwards as before.
    assert_ne!(claim(&figures, "C2c").verdict, Verdict::Holds);
    // Both have turned round, so that they are opposite as before; with one of them alone they are not.
    assert_eq!(claim(&figures, "C2b").verdict, Verdict::Holds);
    for replica in &mut run.replicas {
        replica.block_spin.clone_from(&base().replicas[0].block_spin);
    }
    let figures = figures::numbers(&run).expect("a run");
    assert_eq!(claim(&figures, "C2b").verdict, Verdict::Fails);
}

#[test]
fn a_control_that_ends_at_the_critical_temperature_fails_the_claim() {
    for (value, expected) in [(2.21, Verdict::Fails), (3.0, Verdict::Holds)] {
        let mut run = base().clone();
        for m in
            run.replicas.iter_mut().flat_map(|r| r.machines.iter_mut()).filter(|m| m.group == Group::Control)
        {
            let fixed = flow_of(m).fixed_point.as_mut().expect("a fixed point");
            fixed.energy_temperature = Some(datasets::Value { value, error: 0.01 });
        }
        let figures = figures::numbers(&run).expect("a run");
        assert_eq!(claim(&figures, "C4a").verdict, expected, "{value}");
    }
}

#[test]
fn nothing_is_tested_without_numbers() {
    let claims = figures::claims(&Figures::default());
    assert!(claims.iter().all(|c| c.verdict == Verdict::NotTested && !c.conditions.is_empty()));
    let mut ids: Vec<&str> = claims.iter().map(|c| c.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), claims.len(), "ids are unique");
}

#[test]
fn claims_are_json_without_nan() {
    let figures = figures::numbers(base()).expect("a run");
    let claims = figures::claims(&figures);
    let text = serde_json::to_string(&claims).expect("JSON");
    assert!(text.contains("\"verdict\":\"holds\""));
    let back: Vec<Claim> = serde_json::from_str(&text).expect("claims");
    assert_eq!(back.len(), claims.len());
    for claim in &claims {
        assert!(figures.figures.contains_key(&claim.figure), "{} has a figure", claim.id);
    }
}

#[test]
fn hostile_text_stays_text() {
    let mut run = base().clone();
    let evil = "<script>alert(1)</script> & \"quotes\" </svg> ]]> _{";
    run.replicas[0].spins.as_mut().expect("data").algorithm = evil.to_owned();
    for m in run.replicas.iter_mut().flat_map(|r| r.machines.iter_mut()) {
        if m.group == Group::Range {
            m.training = evil.to_owned();
        }
    }
    let mut figures = figures::numbers(&run).expect("a run");
    for figure in figures.figures.values_mut() {
        figure.numbers.attributes.insert("title".to_owned(), Attribute::Text(evil.to_owned()));
    }
    let pictures = figures
        .figures
        .iter()
        .map(|(id, figure)| (id.clone(), figures::draw(id, figure).expect("a picture")))
        .collect();
    let info = figures::RunInfo {
        name: evil.to_owned(),
        description: evil.to_owned(),
        config: evil.to_owned(),
        command: evil.to_owned(),
        producer: evil.to_owned(),
        files: vec![figures::File { path: evil.into(), schema: evil.into(), content_hash: evil.into() }],
        warnings: vec![evil.to_owned()],
        ..figures::RunInfo::default()
    };
    let html = figures::report(&info, &figures, &figures::claims(&figures), &pictures);
    assert!(!html.contains("<script>alert"), "the page holds a script of the experiment");
    assert!(html.contains("&lt;script&gt;alert(1)"));
    assert!(html.len() < 5_000_000);
    assert!(html.contains("href=\"https://arxiv.org/abs/1801.07172\""), "the paper is credited");
    // Nothing is loaded from anywhere: no reference but anchors, data, links to papers and the name space of SVG.
    for reference in html.split("=\"").filter(|rest| rest.starts_with("http")) {
        let known = ["http://www.w3.org/2000/svg\"", "https://arxiv.org/abs/"];
        assert!(known.iter().any(|k| reference.starts_with(k)), "{}", &reference[..60]);
    }
}

/// What is made here fits together; what another program made need not.
#[test]
fn arrays_that_do_not_fit_together_are_named() {
    let mut figures = figures::numbers(base()).expect("a run");
    assert_eq!(figures::check(&figures), Ok(()));
    let figure = figures.figures.get_mut("F05").expect("a figure");
    let path = figure.numbers.datasets.keys().find(|path| path.ends_with("/step")).expect("steps").clone();
    let dataset = figure.numbers.datasets.get_mut(&path).expect("steps");
    dataset.values = datasets::Values::F64(ndarray::ArrayD::zeros(vec![1]));
    let error = figures::check(&figures).expect_err("another length").to_string();
    assert!(error.contains("F05") && error.contains("`step`"), "{error}");
    assert_eq!(figures::draw("F05", &figures.figures["F05"]).expect_err("refused").to_string(), error);
}
