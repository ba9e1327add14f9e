//! The answers to the open questions, from made-up machines whose answers are known.

mod exponents;
mod laboratory;
#[path = "../layout/mod.rs"]
mod layout;
mod machines;
mod why;

use figures::{Style, Verdict};

use machines::*;

#[test]
fn kinds_are_means_over_replicas_and_machines_of_two_names_count_once() {
    let mut twice = point(0, 16, 2.0);
    twice.training = "V-updates".to_owned();
    let run = run(vec![point(0, 16, 2.0), point(1, 16, 2.06), twice, point(0, 64, 3.0)]);
    let (figures, _) = answer(&run, "Q1");
    let column =
        |name: &str| figures.figures["F15"].numbers.list::<f64>(&format!("machines/{name}")).expect("a list");
    assert_eq!(column("hidden"), [16.0, 64.0]);
    assert_eq!(column("replicas"), [2.0, 1.0]);
    // 2.00 and 2.06: mean 2.03, standard error 0.06 / 2; a single one has its own error.
    let (mean, error) = (column("energy_temperature"), column("energy_temperature_error"));
    assert!((mean[0] - 2.03).abs() < 1e-12 && (error[0] - 0.03).abs() < 1e-12, "{mean:?} {error:?}");
    assert!((error[1] - 0.001).abs() < 1e-12);
}

#[test]
fn the_map_knows_where_the_fixed_point_crosses() {
    // As far above T_c at 16 as below at 64: the crossing is at the geometric mean.
    let tc = critical();
    let (_, claim) = answer(&run(vec![point(0, 16, tc + 0.2), point(0, 64, tc - 0.2)]), "Q1");
    assert_eq!(claim.verdict, Verdict::Fails);
    assert!((number(&claim) - tc).abs() - 0.2 < 1e-9);
    assert!(claim.conditions.contains("at N_{h} = 32.0"), "{}", claim.conditions);
    let (_, claim) = answer(&run(vec![point(0, 16, tc + 0.1), point(0, 64, tc - 0.2)]), "Q1");
    assert_eq!(claim.verdict, Verdict::Fails, "one exception refutes");
    assert!((number(&claim) - (tc - 0.2)).abs() < 1e-9, "and is shown");
    let (_, claim) = answer(&run(vec![point(0, 16, tc + 0.1), point(0, 64, tc)]), "Q1");
    assert_eq!(claim.verdict, Verdict::Holds);
    // At 0.124 from T_c with an error of 0.001 nobody knows.
    let (_, claim) = answer(&run(vec![point(0, 16, tc + 0.124)]), "Q1");
    assert_eq!(claim.verdict, Verdict::Undecided);
    // Where the ends do not meet there is no fixed point, whatever the mean of the ends.
    let mut apart = point(0, 64, 4.0);
    apart.fixed_point.as_mut().expect("there").ends_meet = false;
    let (_, claim) = answer(&run(vec![point(0, 16, tc), apart]), "Q1");
    assert_eq!((claim.verdict, claim.excluded.len()), (Verdict::Holds, 1));
    assert!(claim.excluded[0].contains("N_{h} = 64"));
}

#[test]
fn criticality_is_judged_against_the_ising_model_at_the_same_energy() {
    let uniform = point(0, 16, 2.4);
    let (_, claim) = answer(&run(vec![uniform.clone()]), "Q2");
    assert_eq!(claim.verdict, Verdict::Fails, "{}", claim.conditions);
    assert!(number(&claim).abs() < 0.01);
    // The Ising model of the table at T = 2.4, by hand.
    let energy = -2.0 + 2.4 / 3.0;
    let short = -energy / 2.0 - (SITES * 0.25 - 1.0) / (SITES - 1.0);
    let variance = (2.0 - 0.05 * (2.4f64 - 2.34).powi(2)) * 2.4 * 2.4;
    let nearest = 1.0 - 2.4 / 6.0;
    let mut critical = uniform;
    critical.fixed_point.as_mut().expect("there").short_range_correlation = value(short);
    for end in &mut critical.ends {
        end.energy_variance = value(variance);
        // 2/3 − U = (1/8 / (1/16) − 1) / 3 = 1/3.
        end.binder_cumulant = value(1.0 / 3.0);
        end.correlation =
            (0..6).map(|r| value(if r == 0 { 1.0 } else { nearest * 0.9f64.powi(r - 1) })).collect();
    }
    let (figures, claim) = answer(&run(vec![critical]), "Q2");
    assert_eq!(claim.verdict, Verdict::Holds, "{}", claim.conditions);
    assert!((number(&claim) - 1.0).abs() < 1e-9);
    let exact = figures.figures["Q2"].numbers.get::<f64, ndarray::Ix2>("ising_correlation").expect("a grid");
    assert!((exact[[0, 3]] - nearest * 0.81).abs() < 1e-9);
}

#[test]
fn thermometers_agree_or_not() {
    let (_, claim) = answer(&run(vec![point(0, 16, 2.3)]), "Q3");
    assert_eq!(claim.verdict, Verdict::Holds);
    let mut apart = point(0, 16, 2.3);
    apart.fixed_point.as_mut().expect("there").magnetization_temperature = Some(value(2.1));
    let (_, claim) = answer(&run(vec![apart.clone()]), "Q3");
    assert_eq!(claim.verdict, Verdict::Fails);
    assert!((number(&claim) - 0.2).abs() < 1e-9);
    let (_, claim) = answer(&run(vec![apart, point(0, 64, 2.0)]), "Q3");
    assert_eq!(claim.verdict, Verdict::HoldsUnderConditions);
}

#[test]
fn the_ideal_machine_ends_at_the_mixture() {
    let with_likelihood = |updates: u64, temperature: f64, excess: f64| {
        let mut point = point(0, 16, temperature);
        point.settings.temperatures = vec![1.0, 2.0, 6.0];
        point.updates = updates;
        point.likelihood = Some(likelihood(&point, excess));
        point
    };
    // Energies are linear in T: the mixture's T_E is the mean temperature, 3.
    let (figures, claim) =
        answer(&run(vec![with_likelihood(100, 2.0, 5.0), with_likelihood(200, 2.95, 0.5)]), "Q4");
    assert_eq!(claim.verdict, Verdict::Holds, "{}", claim.conditions);
    let ideal = figures.figures["Q4"].numbers.list::<f64>("machines/mixture_temperature").expect("a list");
    assert!(ideal.iter().all(|t| (t - 3.0).abs() < 1e-9), "{ideal:?}");
    // ⟨m²⟩ − ⟨|m|⟩² = 0.25 − 0.16.
    let spread =
        figures.figures["Q4"].numbers.list::<f64>("machines/deviation_of_magnetization").expect("a list");
    assert!((spread[0] - 0.3).abs() < 1e-9);
    let (_, claim) =
        answer(&run(vec![with_likelihood(100, 2.95, 5.0), with_likelihood(200, 2.3, 0.5)]), "Q4");
    assert_eq!(claim.verdict, Verdict::Fails);
    assert!((number(&claim) - (2.3 - 3.0)).abs() < 1e-9, "the machine with the least excess decides");
    let (_, claim) = answer(&run(vec![point(0, 16, 2.0)]), "Q4");
    assert_eq!(claim.verdict, Verdict::NotTested);
}

#[test]
fn controls_that_read_the_critical_temperature_decide() {
    let control = |hidden: usize, temperature: f64| {
        let mut point = point(0, hidden, temperature);
        point.settings.temperatures = vec![0.0, f64::INFINITY];
        point
    };
    let (_, claim) = answer(&run(vec![control(16, 2.21), point(0, 16, 2.0)]), "Q5");
    assert_eq!(claim.verdict, Verdict::Fails);
    let (_, claim) = answer(&run(vec![control(16, 3.0), point(0, 16, critical())]), "Q5");
    assert_eq!(claim.verdict, Verdict::Holds, "machines on critical data are no controls");
    let mut shuffled = point(0, 16, 2.3);
    shuffled.settings.model = "shuffled".to_owned();
    // One temperature next to the critical one is no control either.
    let mut near = point(0, 16, 2.25);
    near.settings.temperatures = vec![2.25];
    let (_, claim) = answer(&run(vec![control(16, 3.0), shuffled, near]), "Q5");
    assert_eq!(claim.verdict, Verdict::Fails, "one control that reads T_c refutes it");
    assert!((number(&claim) - 2.3).abs() < 1e-9);
    assert!(claim.conditions.starts_with("1 of 2 controls"), "{}", claim.conditions);
}

#[test]
fn units_lock_where_the_largest_weight_passes_two() {
    let locked = |replica: usize, hidden: usize| {
        let mut point = point(replica, hidden, 2.0);
        point.history.max_abs_weight = vec![0.3, 2.5, 3.0];
        point
    };
    let other = |replica: usize| {
        let mut point = point(replica, 64, 2.0);
        point.settings.trainer = "pcd".to_owned();
        point
    };
    let (_, claim) = answer(&run(vec![locked(0, 64), locked(1, 64), other(0), other(1)]), "Q6");
    assert_eq!(claim.verdict, Verdict::HoldsUnderConditions);
    assert!(claim.conditions.contains("(2 of 2 replicas, N_{h} = 64)"), "{}", claim.conditions);
    // One of two replicas decides nothing.
    let (_, claim) = answer(&run(vec![locked(0, 64), point(1, 64, 2.0)]), "Q6");
    assert_eq!((claim.verdict, number(&claim)), (Verdict::Undecided, 0.5));
    // A smaller machine of the same trainer that locks counts, even if the largest one does not.
    let (_, claim) =
        answer(&run(vec![point(0, 64, 2.0), point(1, 64, 2.0), locked(0, 16), locked(1, 16)]), "Q6");
    assert_eq!(claim.verdict, Verdict::Holds);
    let (_, claim) = answer(&run(vec![other(0), other(1)]), "Q6");
    assert_eq!(claim.verdict, Verdict::Fails);
    let (_, claim) = answer(&run(vec![locked(0, 64)]), "Q6");
    assert_eq!(claim.verdict, Verdict::Undecided, "one replica cannot tell");
}

#[test]
fn the_fixed_point_is_measured_in_units_of_each_lattice() {
    // Houtappel: 4/ln 3 on the triangular lattice.
    let triangular = 4.0 / 3f64.ln();
    let of = |ratios: [f64; 2]| {
        let machines =
            [("square:10", critical(), 25), ("triangular:8", triangular, 16), ("chain:100", 1.0, 25)];
        let mut points = vec![];
        for replica in 0..2 {
            for ((lattice, critical, hidden), ratio) in machines.into_iter().zip([ratios[0], ratios[1], 1.5])
            {
                let mut point = point(replica, hidden, ratio * critical);
                point.settings.lattice = lattice.parse().expect("a lattice");
                points.push(point);
            }
        }
        answer(&run(points), "Q9").1
    };
    let claim = of([1.0, 1.04]);
    assert_eq!(claim.verdict, Verdict::Holds, "{}", claim.conditions);
    assert_eq!(claim.cases.len(), 2, "the chain has no critical temperature to be a multiple of");
    assert!((number(&claim) - 1.04).abs() < 1e-9);
    assert!(
        claim.conditions.contains("the chain, whose T_{c} is 0, comes to rest at T_{E} = 1.5"),
        "{}",
        claim.conditions
    );
    assert_eq!(of([1.0, 0.8]).verdict, Verdict::HoldsUnderConditions);
    assert_eq!(of([1.1, 0.8]).verdict, Verdict::Fails);
    // One lattice cannot tell.
    let (_, claim) = answer(&run(vec![point(0, 25, 2.27)]), "Q9");
    assert_eq!(claim.verdict, Verdict::NotTested);
}

#[test]
fn convergence_with_size_is_seen() {
    let of = |law: fn(f64) -> f64| {
        let machines = [8usize, 10, 16, 20].map(|size| {
            let mut point = point(0, size * size / 4, law(size as f64));
            point.settings.lattice = datasets::lattice::Lattice::square(size).expect("a lattice");
            point
        });
        let mut run = run(machines.to_vec());
        run.tables = [8, 16, 20].map(|size| table(size, 0.0, 2.3)).to_vec();
        answer(&run, "Q7").1
    };
    let claim = of(|size| critical() + 2.0 / size);
    assert_eq!(claim.verdict, Verdict::Holds, "{}", claim.conditions);
    assert!((number(&claim) - critical()).abs() < 1e-9);
    let claim = of(|size| 1.8 + 2.0 / size);
    assert_eq!(claim.verdict, Verdict::Fails);
    assert!((number(&claim) - 1.8).abs() < 1e-9);
    assert_eq!(of(|_| 2.27).verdict, Verdict::Undecided, "what is there already cannot be seen to converge");
    assert_eq!(of(|size| critical() - 2.0 / size + 0.3).verdict, Verdict::Fails, "it leaves T_c");
    let (_, claim) = answer(&run(vec![point(0, 25, 2.0)]), "Q7");
    assert_eq!(claim.verdict, Verdict::NotTested);
}

#[test]
fn fields_are_read_at_their_own_maximum() {
    let with_fields = |fields: &[f64], temperature: f64| {
        let mut point = point(0, 16, temperature);
        point.settings.fields = fields.to_vec();
        point
    };
    let mut run = run(vec![
        with_fields(&[0.0], 2.3),
        with_fields(&[0.1], 2.83),
        with_fields(&[0.5], 2.0),
        with_fields(&[0.0, 0.1, 0.5], 2.5),
    ]);
    run.tables = vec![table(10, 0.1, 2.87), table(10, 0.5, 3.456)];
    let (figures, claim) = answer(&run, "Q8");
    assert_eq!(claim.verdict, Verdict::HoldsUnderConditions, "{}", claim.conditions);
    // The maximum of the parabola is found exactly between the tabulated temperatures.
    assert!((number(&claim) - (2.83 - 2.87)).abs() < 1e-9, "the field at which it holds");
    let maxima = figures.figures["Q8"].numbers.list::<f64>("maximum/temperature").expect("a list");
    for (found, exact) in maxima.iter().zip([2.34, 2.87, 3.456]) {
        assert!((found - exact).abs() < 1e-9, "{found} {exact}");
    }
    let together = figures.figures["Q8"].numbers.get::<f64, ndarray::Ix2>("together/energy_temperature");
    assert!(together.expect("a grid").iter().all(|t| (t - 2.5).abs() < 1e-9));
}

/// A sweep over everything at once, with as many names, panels and rows as the largest experiments have.
#[test]
fn pictures_of_large_sweeps_can_be_read() {
    let mut points = Vec::new();
    let trainers = ["cd", "pcd", "parallel-tempering", "cd, momentum 0.5", "pcd, momentum 0.5"];
    for (i, trainer) in trainers.into_iter().enumerate() {
        for (j, temperatures) in
            [&[1.0, 2.0, 3.0][..], &[0.0, 0.25, 6.0], &[0.0, 2.25, f64::INFINITY]].into_iter().enumerate()
        {
            for (k, updates) in [1000, 3000, 10_000, 30_000, 100_000, 250_000].into_iter().enumerate() {
                for (l, hidden) in [16, 25, 36, 64, 100, 225, 400].into_iter().enumerate() {
                    let mut point = point(0, hidden, 1.5 + 0.1 * (i + j) as f64 + 0.2 * (k + l) as f64);
                    point.settings.trainer = trainer.to_owned();
                    point.settings.temperatures = temperatures.to_vec();
                    point.settings.biases = i % 2 == 1;
                    point.updates = updates;
                    point.history.max_abs_weight[2] = 0.5 + 0.3 * (k + l) as f64;
                    points.push(point);
                }
            }
        }
    }
    let mut more = Vec::new();
    for model in ["shuffled", "curie-weiss"] {
        for temperatures in [&[0.0][..], &[2.0], &[6.0], &[0.0, f64::INFINITY], &[1.0, 2.0, 3.0]] {
            let mut point = point(0, 64, 2.2);
            point.settings.model = model.to_owned();
            point.settings.temperatures = temperatures.to_vec();
            more.push(point);
        }
    }
    for size in [6, 8, 12, 16, 20, 24, 32] {
        for shift in [0.0, 0.3] {
            let mut point =
                point(0, size * size / if shift == 0.0 { 1 } else { 4 }, 2.0 + shift + 2.0 / size as f64);
            point.settings.lattice = datasets::lattice::Lattice::square(size).expect("a lattice");
            more.push(point);
        }
    }
    for field in [0.05, 0.1, 0.2, 0.5] {
        let mut point = point(0, 16, 2.3 + field);
        point.settings.fields = vec![field];
        more.push(point);
    }
    points.extend(more);
    let mut run = run(points);
    run.tables = [6, 8, 12, 16, 20, 24, 32].map(|size| table(size, 0.0, 2.3)).to_vec();
    run.tables.extend([0.05, 0.1, 0.2, 0.5].map(|field| table(10, field, 2.4)));
    layout::check(&figures::numbers(&run).expect("a run"), &Style::ALL);
}
