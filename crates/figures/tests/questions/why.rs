//! The answers to why it flows where it flows.

use datasets::{Balance, PairCouplings, PredictedPoint, Prediction, PredictionClosure, Value};
use figures::{Point, Verdict};

use super::machines::*;

#[test]
fn heating_and_cooling_change_places_within_the_training_range() {
    let balanced = |hidden: usize, zero: f64| {
        let growth = [0.5, 0.25, -0.5].map(|growth| Value { value: growth, error: 0.01 }).to_vec();
        let balance = Balance {
            growth,
            mean: value(0.08),
            zero: Some(Value { value: zero, error: 0.05 }),
            zeros: vec![],
        };
        Point { balance: Some((vec![1.0, 2.0, 3.0], balance)), ..point(0, hidden, 2.3) }
    };
    let (figures, claim) =
        answer(&run(vec![balanced(16, 2.4), balanced(64, 2.8), point(0, 25, 2.3)]), "Q11b");
    assert_eq!((claim.verdict, claim.cases.len()), (Verdict::Holds, 2), "{}", claim.conditions);
    // 2.8 is at .9 of 1 … 3, nearest to an end; both are up to 0.5 from T_E = 2.3.
    assert!((number(&claim) - 0.9).abs() < 1e-9 && claim.conditions.contains("0.5"), "{}", claim.conditions);
    let growth = figures.figures["Q11"].numbers.get::<f64, ndarray::Ix2>("balance/growth").expect("a grid");
    assert_eq!(growth.row(0).to_vec(), [0.5, 0.25, -0.5]);
    let (_, claim) = answer(&run(vec![balanced(16, 3.2)]), "Q11b");
    assert_eq!(claim.verdict, Verdict::Fails);
    // PCD has no such balance.
    let mut other = balanced(16, 3.2);
    other.settings.trainer = "pcd".to_owned();
    assert_eq!(answer(&run(vec![other]), "Q11b").1.verdict, Verdict::NotTested);
}

#[test]
fn machines_of_one_temperature_have_its_coupling_or_not() {
    let coupled = |hidden: usize, coupling: f64| {
        let mut point = point(0, hidden, 2.5);
        point.settings.temperatures = vec![2.5];
        let couplings = PairCouplings {
            by_distance: vec![0.0, coupling, 0.01],
            deviation: vec![0.0; 3],
            encoded_temperature: Some(Value { value: 1.0 / coupling, error: 0.001 }),
        };
        point.couplings = Some((vec![0.0, 1.0, 2f64.sqrt()], couplings));
        point.gram_by_distance = vec![1.0, 0.5, 0.2];
        point
    };
    let mut many = coupled(36, 0.1);
    many.settings.temperatures = vec![1.0, 2.0, 3.0];
    let (_, claim) = answer(&run(vec![coupled(16, 0.41), coupled(64, 0.3), many]), "Q12b");
    assert_eq!(
        (claim.verdict, claim.cases.len()),
        (Verdict::HoldsUnderConditions, 2),
        "{}",
        claim.conditions
    );
    assert!((number(&claim) - 0.41 * 2.5).abs() < 1e-9);
    assert!(claim.cases[1].value.contains("instead of 0.400"), "{}", claim.cases[1].value);
}

#[test]
fn surrogates_keep_the_fixed_point_or_not() {
    let with = |replica: usize, weights: &str, magnetization: f64| {
        let mut point = point(replica, 64, 2.3);
        point.settings.weights = weights.to_owned();
        point.fixed_point.as_mut().expect("there").abs_magnetization = value(magnetization);
        point
    };
    let points = (0..2).flat_map(|replica| {
        // Replicas differ by more than the surrogate from its own machine.
        let shift = 0.2 * replica as f64;
        [
            with(replica, "trained", 0.6 + shift),
            with(replica, "permuted", 0.1),
            with(replica, "permuted-sites", 0.59 + shift),
        ]
    });
    let (figures, claim) = answer(&run(points.collect()), "Q13");
    assert_eq!(claim.verdict, Verdict::HoldsUnderConditions, "{}", claim.conditions);
    assert!((number(&claim) + 0.01).abs() < 1e-9, "replica by replica");
    assert!(
        claim.conditions.contains("for permuted-sites") && claim.conditions.contains("not for permuted (")
    );
    // Elsewhere there are only machines.
    let hidden = figures.figures["F15"].numbers.list::<f64>("machines/hidden").expect("a list");
    assert_eq!(hidden, [64.0]);
}

#[test]
fn magnetization_appears_as_the_largest_singular_value_passes_one() {
    let moment = |updates: u64, eigenvalue: f64, magnetization: f64| {
        let end = PredictedPoint {
            closure: PredictionClosure::Memory,
            magnetization,
            abs_magnetization: magnetization,
            energy_per_spin: -2.0 * magnetization * magnetization,
            energy_temperature: None,
            magnetization_temperature: None,
            slope: 0.5,
        };
        let prediction = Prediction {
            points: vec![end],
            from_order: Some(0),
            from_disorder: Some(0),
            uniform_magnetization: vec![-1.0, 1.0],
            uniform_image: vec![-0.5, 0.5],
        };
        let eigenvalues = vec![eigenvalue, 0.5 * eigenvalue];
        Point { updates, eigenvalues, prediction: Some(prediction), ..point(0, 64, 2.3) }
    };
    let moments = |last: f64| {
        let course = [(10, 0.04, 0.0), (20, 0.25, 0.0), (30, 0.81, 0.0), (40, 1.44, 0.5), (50, last, 0.8)];
        course.map(|(updates, eigenvalue, m)| moment(updates, eigenvalue, m)).to_vec()
    };
    let (figures, claim) = answer(&run(moments(4.0)), "Q14");
    assert_eq!(claim.cases.len(), 5);
    assert!(claim.cases.iter().all(|case| case.number > 0.0), "{:?}", claim.cases);
    let values = figures.figures["Q14"].numbers.get::<f64, ndarray::Ix2>("history/singular_value");
    assert!((values.expect("a grid")[[3, 0]] - 1.2).abs() < 1e-12);
    let (_, claim) = answer(&run(moments(0.64)), "Q14");
    assert!((claim.cases[4].number + 0.2).abs() < 1e-12, "a magnetization below 1");
}

/// What the band of Q13 says of itself, by the exact law of the magnetization.
#[test]
fn the_band_of_surrogates_is_so_many_degrees() {
    let law = |temperature| ising_mc::exact::magnetization_distribution(10, temperature);
    let abs = |temperature: f64| law(temperature).expect("a small lattice").abs();
    let (tc, step) = (critical(), 0.05);
    let slope = (abs(tc - step) - abs(tc + step)) / (2.0 * step);
    let (_, claim) = answer(&run(vec![point(0, 64, 2.0)]), "Q13");
    let source = claim.band.expect("a band").source;
    assert_eq!(
        source,
        format!("0.05, which is {:.2} J/k_{{B}} of T_{{m}} at T_{{c}} on 10 × 10 sites", 0.05 / slope)
    );
}
