//! Several files as one training set.

use datasets::{Boundary, JoinError, Observables, Spins};
use ndarray::Array2;

fn square(size: usize) -> datasets::lattice::Lattice {
    datasets::lattice::Lattice::square(size).unwrap()
}

fn spins(size: usize, temperature: &[f64], labels: &[u16], field: f64) -> Spins {
    let n = labels.len();
    Spins {
        lattice: square(size),
        boundary: Boundary::Periodic,
        coupling: 1.0,
        field,
        algorithm: "metropolis".to_owned(),
        label_kind: datasets::LabelKind::Temperature,
        temperature: temperature.to_vec(),
        samples: Array2::from_shape_fn(
            (n, size * size),
            |(row, site)| if (row + site) % 3 == 0 { 1 } else { -1 },
        ),
        labels: labels.to_vec(),
        energy: vec![0; n],
        magnetization: vec![0; n],
        observables: Observables::default(),
    }
}

#[test]
fn labels_follow_their_temperatures() {
    let first = spins(2, &[1.0, 2.0], &[0, 1, 1], 0.0);
    let second = spins(2, &[3.0, 2.0], &[1, 0], 0.5);
    let joined = Spins::joined(vec![first.clone(), second.clone()]).expect("the same lattice");
    assert_eq!(joined.temperature, [1.0, 2.0, 3.0]);
    assert_eq!(joined.labels, [0, 1, 1, 1, 2]);
    assert_eq!(joined.samples.row(3), second.samples.row(0));
    assert_eq!(joined.energy.len(), 5);
    assert!(joined.field.is_nan());
    assert_eq!(Spins::joined(vec![first.clone()]), Ok(first));
}

#[test]
fn lattices_must_agree() {
    let parts = vec![spins(2, &[1.0], &[0], 0.0), spins(3, &[1.0], &[0], 0.0)];
    assert_eq!(Spins::joined(parts), Err(JoinError::Lattices { first: square(2), other: square(3) }));
    assert_eq!(Spins::joined(vec![]), Err(JoinError::Nothing));
}
