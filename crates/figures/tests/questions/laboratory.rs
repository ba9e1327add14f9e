//! Q17: made-up machines of one temperature each.

use datasets::Spins;
use figures::{Point, Verdict};

use crate::machines::*;

/// A machine of one temperature that reads another one, at a divergence from its law.
fn machine(hidden: usize, temperature: f64, read: f64, excess: f64) -> Point {
    let mut point = point(0, hidden, read);
    point.settings.temperatures = vec![temperature];
    point.likelihood = Some(likelihood(&point, excess));
    point
}

#[test]
fn machines_of_one_temperature_stand_beside_exact_values() {
    let mut points = vec![];
    for t in [1.0, 2.0, 3.0] {
        points.push(machine(16, t, t + 0.3, 0.4));
        points.push(machine(64, t, t, 0.1));
    }
    let mut run = run(points);
    let samples = ndarray::Array2::ones((3, 100));
    let lattice = "square:10".parse().expect("a lattice");
    let mut spins = Spins::from_samples(lattice, vec![1.0, 2.0, 3.0], samples, vec![0, 1, 2]).expect("spins");
    spins.observables.energy_per_spin_exact = Some(vec![-1.9, -1.7, -0.8]);
    run.replicas[0].spins = Some(spins);

    let (figures, claim) = answer(&run, "Q17a");
    assert_eq!(
        (claim.verdict, claim.cases.len()),
        (Verdict::HoldsUnderConditions, 6),
        "{}",
        claim.conditions
    );
    let list =
        |name: &str| figures.figures["Q17"].numbers.list::<f64>(&format!("machines/{name}")).expect("a list");
    // By temperature and N_h: what a single machine's numbers are, by hand.
    assert_eq!(list("lowest_temperature"), [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]);
    assert_eq!(list("hidden"), [16.0, 64.0, 16.0, 64.0, 16.0, 64.0]);
    assert_eq!(list("exact_energy"), [-1.9, -1.9, -1.7, -1.7, -0.8, -0.8]);
    let close = |found: Vec<f64>, expected: [f64; 6]| {
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?} {expected:?}");
    };
    // Variance 1 over T²; 100 (1/4 − 0.16) / T; −1/2 + 70/100; 40/100.
    close(list("specific_heat"), [1.0, 1.0, 0.25, 0.25, 1.0 / 9.0, 1.0 / 9.0]);
    close(list("susceptibility"), [9.0, 9.0, 4.5, 4.5, 3.0, 3.0]);
    close(list("entropy"), [0.2; 6]);
    close(list("exact_entropy"), [0.4; 6]);
    close(list("excess"), [0.4, 0.1, 0.4, 0.1, 0.4, 0.1]);

    let (_, claim) = answer(&run, "Q17b");
    assert_eq!((claim.verdict, claim.cases.len()), (Verdict::Holds, 3), "{}", claim.conditions);
    assert!(claim.cases.iter().all(|case| (case.number - 0.25).abs() < 1e-12));

    // Two temperatures are no curve, and machines of several temperatures are another matter.
    run.points.truncate(4);
    run.points.push(point(0, 16, 2.0));
    let (_, claim) = answer(&run, "Q17a");
    assert_eq!(claim.verdict, Verdict::NotTested);
}
