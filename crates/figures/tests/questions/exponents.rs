//! The answers about exponents and about what a step does to couplings.

use datasets::lattice::Lattice;
use datasets::{Balance, Measured, Response, Value};
use figures::{End, Point, Verdict};
use ndarray::Array2;

use super::machines::*;

/// A machine on L × L sites with N_h = N/4. Its start at T_c has |m| = L^−1/8 and G(L/2) = L^−1/4; a step makes powers
/// of L of them, and the end is the same for all L.
fn of_size(size: usize, powers: [f64; 2], y: [f64; 2]) -> Point {
    let mut point = point(0, size * size / 4, 2.3);
    point.settings.lattice = Lattice::square(size).unwrap();
    let length = size as f64;
    let ensemble = |m: f64, g: f64, y: [f64; 2]| {
        let end = End {
            start_temperature: critical(),
            abs_magnetization: value(m),
            correlation: vec![value(1.0), value(0.7), value(g)],
            exponents: Some(y.map(value)),
            ..point.ends[0].clone()
        };
        vec![End { start_temperature: 0.0, ..end.clone() }, end]
    };
    let (starts, reconstructions, ends) = (
        ensemble(length.powf(-0.125), length.powf(-0.25), [1.0, 1.875]),
        ensemble(length.powf(-powers[0]), length.powf(-powers[1]), y),
        ensemble(0.86, 0.74, [-1.8, 2.0]),
    );
    Point { starts, reconstructions, ends, ..point }
}

#[test]
fn exponents_are_slopes_over_the_sizes() {
    let points = |powers, y| run([8, 12, 16].map(|size| of_size(size, powers, y)).to_vec());
    let good = points([0.12, 0.26], [1.05, 1.875]);
    let (figures, claim) = answer(&good, "Q15a");
    assert_eq!(claim.verdict, Verdict::HoldsUnderConditions, "{}", claim.conditions);
    let [step, end] = &claim.cases[..] else { panic!("{:?}", claim.cases) };
    assert!((step.number - 0.12).abs() < 1e-9 && end.number.abs() < 1e-9, "{:?}", claim.cases);
    assert_eq!((step.verdict, end.verdict), (Verdict::Holds, Verdict::Fails));
    assert!(claim.conditions.contains("the same estimator on the data: 0.125("), "{}", claim.conditions);
    // Weighted with the errors 0.001 / |m| of the logarithms, the error of the slope is that of three known points.
    let weights = [8f64, 12.0, 16.0].map(|size| (size.ln(), (size.powf(-0.12) / 0.001).powi(2)));
    let sum: f64 = weights.iter().map(|w| w.1).sum();
    let mean = weights.iter().map(|w| w.0 * w.1).sum::<f64>() / sum;
    let spread: f64 = weights.iter().map(|w| w.1 * (w.0 - mean).powi(2)).sum();
    assert!((step.error.expect("an error") - 1.0 / spread.sqrt()).abs() < 1e-9);
    let column =
        |name: &str| figures.figures["Q15"].numbers.list::<f64>(&format!("machines/{name}")).expect(name);
    assert!((column("start_spin_dimension")[0] - 0.125).abs() < 1e-9);
    assert!((column("step_block_spin_dimension")[2] - 0.125).abs() < 1e-9);

    let (_, claim) = answer(&good, "Q15b");
    assert!((claim.cases[0].number - 0.13).abs() < 1e-9 && claim.cases[1].verdict == Verdict::Fails);
    let (_, claim) = answer(&good, "Q15c");
    assert!((claim.cases[0].number - 0.95).abs() < 1e-9 && claim.cases[0].verdict == Verdict::Holds);
    assert!((claim.cases[1].number - 3.8).abs() < 1e-9 && claim.cases[1].verdict == Verdict::Fails);
    // Two sizes are too few for a fit.
    let (_, claim) = answer(&run([8, 16].map(|size| of_size(size, [0.1, 0.2], [1.0; 2])).to_vec()), "Q15a");
    assert_eq!(claim.verdict, Verdict::NotTested);
}

#[test]
fn a_step_drives_couplings_away_or_not() {
    let with = |hidden: usize, eigenvalue: f64| {
        let temperatures = vec![1.0, 2.0, 3.0];
        let grid = |columns: usize, value: f64| Measured {
            value: Array2::from_elem((3, columns), value),
            error: Array2::from_elem((3, columns), 0.01),
        };
        let mut even = grid(4, 0.9);
        even.value[[1, 3]] = eigenvalue;
        let after = [1.5, 2.0, 2.25].map(value).to_vec();
        Point {
            response: Some((temperatures.clone(), Response { even, odd: grid(3, 0.8) })),
            map: Some((temperatures, after)),
            ..point(0, hidden, 2.3)
        }
    };
    let (figures, claim) = answer(&run(vec![with(16, 0.7), with(64, 1.4)]), "Q16");
    assert_eq!(claim.verdict, Verdict::HoldsUnderConditions, "{}", claim.conditions);
    assert_eq!(claim.cases.iter().map(|case| case.number).collect::<Vec<_>>(), [0.7, 1.4]);
    assert!(claim.cases[0].value.contains("at T = 2, where dT′/dT = 0.3750(7);"), "{}", claim.cases[0].value);
    let slope =
        figures.figures["Q16"].numbers.get::<f64, ndarray::Ix2>("response/map_slope").expect("a grid");
    assert!(slope[[0, 0]].is_nan() && (slope[[0, 1]] - 0.375).abs() < 1e-12);
}

#[test]
fn all_zeros_of_a_balance_are_said() {
    let temperatures: Vec<f64> = (1..=4).map(f64::from).collect();
    // Halfway between equal growths of error 0.01 the error is 0.01 / √2, per growth of 1 and of 1/2 in each J/k_B.
    let growth = [-0.5, 0.5, 0.25, -0.25].map(|value| Value { value, error: 0.01 }).to_vec();
    let zeros = vec![Value { value: 1.5, error: 0.01 }, Value { value: 3.5, error: 0.02 }];
    let balance = Balance { growth, mean: value(0.0), zero: Some(zeros[1]), zeros };
    let point = Point { balance: Some((temperatures, balance)), ..point(0, 400, 2.3) };
    let (_, claim) = answer(&run(vec![point]), "Q11b");
    let value = &claim.cases[0].value;
    assert!(value.contains("T = 3.50(2) (of several: 1.500(7) and 3.50(1);"), "{value}");
}
