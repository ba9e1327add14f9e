//! A small artifact of every schema, with all optional parts, all axes of different lengths where the schema allows it,
//! and numbers that have a short exact form.

#![allow(dead_code, unused_imports, reason = "each test uses another part")]

mod layout;

use std::collections::BTreeMap;

use datasets::lattice::Lattice;
use datasets::{
    Balance, Boundary, Calibration, DensityOfStates, EquationOfState, Exponents, Figure, Figures, FixedPoint,
    Flow, FlowKind, Input, Layer, Likelihood, LikelihoodMethod, Measured, Observables, PairCouplings,
    PartitionBound, PredictedPoint, Prediction, PredictionClosure, Provenance, Rbm, Response, Source, Spins,
    Thermometer, Tree, Units, Value, Weights,
};
use ndarray::{Array, Array2, Array3, Array4, Dimension, ShapeBuilder};

pub(crate) use layout::{for_every_schema, layout};

/// Where the files of released versions are.
pub(crate) fn golden(file: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/golden").join(file)
}

fn square(size: usize) -> Lattice {
    Lattice::square(size).unwrap()
}

/// 0, 1/4, 1/2, ... in row-major order.
fn quarters<D: Dimension, S: ShapeBuilder<Dim = D>>(shape: S) -> Array<f64, D> {
    let mut array = Array::zeros(shape);
    for (i, value) in array.iter_mut().enumerate() {
        *value = i as f64 / 4.0;
    }
    array
}

/// 1/2, 3/4, 1, ...
fn list(n: usize) -> Vec<f64> {
    (0..n).map(|i| 0.5 + i as f64 / 4.0).collect()
}

/// +1 and -1 in a fixed irregular order.
fn sign(i: usize) -> i8 {
    if (i * i + i / 3) % 5 < 2 { 1 } else { -1 }
}

pub(crate) fn provenance() -> Provenance {
    Provenance {
        producer: "rbmflow 0.1.0".to_owned(),
        config: "size = 3\ntemperatures = [0.0, 2.25, inf]\n# ⟨|m|⟩ é\n".to_owned(),
        seed: u64::MAX - 1,
        inputs: vec![Input {
            role: "training".to_owned(),
            schema: "rbmflow.spins".to_owned(),
            content_hash: "00ff".repeat(16),
        }],
    }
}

pub(crate) fn spins() -> Spins {
    let size = 3;
    let samples = Array2::from_shape_fn((120, 9), |(n, i)| if n == 0 { 1 } else { sign(n * 9 + i) });
    let energy = samples
        .outer_iter()
        .map(|row| {
            let spin = |y: usize, x: usize| i32::from(row[y % size * size + x % size]);
            let sites = (0..size).flat_map(|y| (0..size).map(move |x| (y, x)));
            -sites.map(|(y, x)| spin(y, x) * (spin(y, x + 1) + spin(y + 1, x))).sum::<i32>()
        })
        .collect();
    let magnetization = samples.outer_iter().map(|row| row.iter().map(|&s| i32::from(s)).sum()).collect();
    Spins {
        lattice: square(size),
        boundary: Boundary::Periodic,
        coupling: 1.0,
        field: 0.25,
        algorithm: "metropolis".to_owned(),
        label_kind: datasets::LabelKind::Temperature,
        temperature: vec![0.0, 2.25, f64::INFINITY],
        samples,
        labels: (0..120).map(|n| if n == 0 { 0 } else { 1 + n % 2 }).collect(),
        energy,
        magnetization,
        observables: Observables {
            energy_per_spin: vec![-2.0, -1.5, 0.0],
            energy_per_spin_error: vec![0.0, 0.25, 0.125],
            energy_per_spin_exact: Some(vec![-2.0, -1.25, 0.0]),
            abs_magnetization: vec![1.0, 0.75, 0.25],
            abs_magnetization_error: vec![0.0, 0.25, 0.125],
            abs_magnetization_exact: Some(vec![1.0, 0.5, 0.25]),
            specific_heat: vec![0.0, 1.5, 0.0],
            specific_heat_error: vec![0.0, 0.25, 0.0],
            specific_heat_exact: Some(vec![0.0, 1.25, 0.0]),
            susceptibility: vec![0.0, 0.5, 0.0],
            susceptibility_error: vec![0.0, 0.25, 0.0],
            susceptibility_exact: None,
            binder_cumulant: vec![0.625, 0.5, 0.0],
            binder_cumulant_error: vec![0.0, 0.125, 0.25],
            binder_cumulant_exact: None,
            autocorrelation_time: vec![0.5, 3.25, 0.5],
            thermalization: vec![0.0, 64.0, 0.0],
            thinning: vec![1.0, 7.0, 1.0],
            effective_samples: vec![1.0, 59.0, 60.0],
        },
    }
}

pub(crate) fn equation_of_state() -> EquationOfState {
    EquationOfState {
        lattice: square(2),
        field: 0.25,
        source: Source::Exact,
        temperature: vec![0.0, 1.5, 2.25, 6.0],
        energy_per_spin: vec![-2.0, -1.75, -1.5, -0.5],
        energy_per_spin_error: vec![0.0; 4],
        specific_heat: vec![0.0, 0.5, 1.25, 0.25],
        specific_heat_error: vec![0.0; 4],
        abs_magnetization: vec![1.0, 0.875, 0.75, 0.5],
        abs_magnetization_error: vec![0.0; 4],
        squared_magnetization: vec![1.0, 0.875, 0.625, 0.375],
        squared_magnetization_error: vec![0.0; 4],
        fourth_magnetization: vec![1.0, 0.75, 0.5, 0.25],
        fourth_magnetization_error: vec![0.0; 4],
        magnetization: Some(vec![1.0, 0.75, 0.5, 0.25]),
        correlation: Some(1.0 - quarters((4, 2)) / 4.0),
        density_of_states: Some(DensityOfStates { energy: vec![-8, 0, 8], log_count: vec![0.5, 2.5, 0.5] }),
    }
}

pub(crate) fn rbm() -> Rbm {
    Rbm {
        units: Units::Binary,
        weights: quarters((4, 3)).mapv(|x| x as f32 - 1.0),
        visible_bias: ndarray::arr1(&[0.25, -0.25, 0.5, 0.0]),
        hidden_bias: ndarray::arr1(&[1.0, -1.0, 0.125]),
        training_temperatures: vec![0.0, 2.25],
        updates: 250,
        history_epoch: vec![0, 10],
        history: BTreeMap::from([
            ("max_abs_weight".to_owned(), vec![0.25, 1.75]),
            ("reconstruction_error".to_owned(), vec![0.5, 0.125]),
        ]),
    }
}

pub(crate) fn thermometer() -> Thermometer {
    Thermometer {
        lattice: square(2),
        label_kind: datasets::LabelKind::Class,
        layers: vec![
            Layer { weights: quarters((4, 2)).mapv(|x| x as f32), bias: ndarray::arr1(&[0.5, -0.5]) },
            Layer { weights: quarters((2, 3)).mapv(|x| x as f32), bias: ndarray::arr1(&[0.0, 0.25, -1.0]) },
        ],
        temperature: vec![0.0, 2.25, f64::INFINITY],
        calibration: Calibration {
            mean_posterior: ndarray::arr2(&[[0.75, 0.25, 0.0], [0.25, 0.5, 0.25], [0.0, 0.25, 0.75]]),
            confusion: ndarray::arr2(&[[1.0, 0.0, 0.0], [0.25, 0.5, 0.25], [0.0, 0.0, 1.0]]),
            cross_entropy: 0.625,
            cross_entropy_error: 0.0625,
            bayes_cross_entropy: Some(0.5),
            bayes_mean_posterior: Some(ndarray::arr2(&[[1.0, 0.0, 0.0], [0.5, 0.25, 0.25], [0.0, 0.5, 0.5]])),
            bayes_optimum: Some(0.4375),
        },
        training_cross_entropy: vec![1.0, 0.75],
        validation_cross_entropy: vec![1.25, 0.875],
        best_epoch: 2,
    }
}

fn predicted(closure: PredictionClosure, numbers: [f64; 6]) -> PredictedPoint {
    let [
        magnetization,
        abs_magnetization,
        energy_per_spin,
        energy_temperature,
        magnetization_temperature,
        slope,
    ] = numbers;
    PredictedPoint {
        closure,
        magnetization,
        abs_magnetization,
        energy_per_spin,
        energy_temperature: Some(energy_temperature),
        magnetization_temperature: Some(magnetization_temperature),
        slope,
    }
}

pub(crate) fn flow() -> Flow {
    let (starts, steps, classes) = (2, 3, 4);
    let measured = |shift: f64| Measured {
        value: quarters((starts, steps)) / 4.0 + shift,
        error: quarters((starts, steps)) / 16.0,
    };
    Flow {
        kind: FlowKind::Rbm,
        lattice: square(2),
        lattice_at_step: vec![square(2); 3],
        chains: 10,
        label_kind: datasets::LabelKind::Temperature,
        start_temperature: vec![0.0, f64::INFINITY],
        step: vec![0, 1, 5],
        class_temperature: vec![0.0, 1.0, 2.25, 6.0],
        nn_posterior: Some(Array3::from_elem((starts, steps, classes), 0.25)),
        bayes_posterior: Some(Array3::from_elem((starts, steps, classes), 0.25)),
        nn_temperature: Some(measured(1.0)),
        nn_peak: Some(quarters((starts, steps))),
        bayes_temperature: Some(measured(1.25)),
        energy_temperature: Some(measured(1.5)),
        magnetization_temperature: Some(measured(1.75)),
        energy_per_spin: measured(-1.0),
        energy_variance: measured(0.5),
        abs_magnetization: measured(0.25),
        magnetization: measured(0.0),
        squared_magnetization: measured(0.125),
        binder_cumulant: measured(0.25),
        short_range_correlation: measured(0.0),
        correlation_at: vec![0, 2],
        correlation: quarters((starts, 2, 2)) / 2.0,
        correlation_error: quarters((starts, 2, 2)) / 16.0,
        snapshot_at: vec![2],
        snapshots: Array4::from_shape_fn((starts, 1, 3, 4), |(f, _, c, i)| sign(f * 12 + c * 4 + i)),
        machine: Some(datasets::MachineCourse {
            overlap: measured(1.0),
            free_energy: measured(-0.75),
            pseudo_log_likelihood: measured(-0.5),
        }),
        fixed_point: Some(FixedPoint {
            energy_temperature: Some(Value { value: 2.25, error: 0.125 }),
            magnetization_temperature: Some(Value { value: 2.5, error: 0.25 }),
            nn_temperature: Some(Value { value: 2.375, error: 0.5 }),
            abs_magnetization: Value { value: 0.75, error: 0.0625 },
            short_range_correlation: Value { value: 0.125, error: 0.03125 },
            energy_per_spin: vec![Value { value: -1.5, error: 0.25 }, Value { value: -1.25, error: 0.5 }],
            steps_needed: vec![1, 5],
            settled: vec![true, false],
            ends_meet: true,
        }),
        prediction: Some(Prediction {
            points: vec![
                predicted(PredictionClosure::Memory, [0.875, 0.875, -1.53125, 2.25, 2.125, 0.25]),
                predicted(PredictionClosure::Memory, [0.0, 0.125, 0.0, 12.0, 12.0, -1.5]),
                predicted(PredictionClosure::Covariance, [0.0, 0.25, -0.5, 4.5, 5.0, 0.75]),
            ],
            from_order: Some(0),
            from_disorder: None,
            uniform_magnetization: vec![-1.0, -0.5, 0.5, 1.0],
            uniform_image: vec![-0.875, -0.75, 0.75, 0.875],
        }),
        balance: Some(Balance {
            growth: vec![Value { value: 0.5, error: 0.125 }, Value { value: -0.25, error: 0.0625 }],
            mean: Value { value: 0.125, error: 0.25 },
            zero: Some(Value { value: 2.25, error: 0.5 }),
            zeros: vec![Value { value: 0.75, error: 0.25 }, Value { value: 2.25, error: 0.5 }],
        }),
        exponents: Some(Exponents {
            at: vec![0, 2],
            thermal: quarters((starts, 2, 4)),
            thermal_error: quarters((starts, 2, 4)) / 16.0,
            magnetic: quarters((starts, 2, 3)),
            magnetic_error: quarters((starts, 2, 3)) / 16.0,
        }),
        response: Some(Response {
            even: Measured { value: quarters((starts, 4)), error: quarters((starts, 4)) / 16.0 },
            odd: Measured { value: quarters((starts, 3)), error: quarters((starts, 3)) / 16.0 },
        }),
    }
}

pub(crate) fn weights() -> Weights {
    let (visible, hidden, rank, temperatures) = (4, 3, 3, 2);
    Weights {
        lattice: square(2),
        gram: Some(quarters((visible, visible))),
        distance: vec![0.0, 1.0, 1.5],
        gram_by_distance: vec![1.0, 0.5, 0.25],
        gram_by_distance_deviation: vec![0.0, 0.125, 0.25],
        translation_invariant_fraction: Some(0.875),
        eigenvalues: vec![4.0, 1.0, 0.25, 0.0],
        eigenvectors: quarters((visible, visible)) / 4.0,
        singular_values: vec![2.0, 1.0, 0.5],
        left_singular_vectors: quarters((visible, rank)) / 4.0,
        right_singular_vectors: quarters((hidden, rank)) / 4.0,
        residual: None,
        uniform_overlap: vec![0.75, 0.25, 0.0, 0.0],
        shell_power: quarters((visible, 2)) / 8.0,
        shell: vec![0, 1],
        temperature: vec![0.0, 2.25],
        projection: quarters((temperatures, visible)),
        projection_error: quarters((temperatures, visible)) / 8.0,
        squared_magnetization: list(temperatures),
        couplings: Some(PairCouplings {
            by_distance: vec![0.0, 0.5, -0.125],
            deviation: vec![0.0, 0.0625, 0.25],
            encoded_temperature: Some(Value { value: 2.0, error: 0.125 }),
        }),
    }
}

/// As [`weights`], but of the two leading modes only.
pub(crate) fn leading_weights() -> Weights {
    let (visible, hidden, modes, temperatures) = (4, 3, 2, 2);
    Weights {
        gram: None,
        eigenvalues: vec![4.0, 1.0],
        eigenvectors: quarters((visible, modes)) / 4.0,
        singular_values: vec![2.0, 1.0],
        left_singular_vectors: quarters((visible, modes)) / 4.0,
        right_singular_vectors: quarters((hidden, modes)) / 4.0,
        residual: Some(vec![0.0, 0.125]),
        uniform_overlap: vec![0.75, 0.25],
        shell_power: quarters((modes, 2)) / 8.0,
        projection: quarters((temperatures, modes)),
        projection_error: quarters((temperatures, modes)) / 8.0,
        ..weights()
    }
}

pub(crate) fn likelihood() -> Likelihood {
    let bound = |shift: f64| PartitionBound {
        log_partition: Value { value: 80.25 + shift, error: 0.125 },
        effective_chains: 250.5,
    };
    Likelihood {
        method: LikelihoodMethod::Annealed,
        updates: 250,
        configurations: 120,
        on_training_data: Some(false),
        temperature: vec![0.0, 2.25, f64::INFINITY],
        mean_free_energy: Value { value: -50.5, error: 0.25 },
        log_partition: Some(Value { value: 80.5, error: 0.25 }),
        lower: Some(bound(0.0)),
        upper: Some(bound(0.5)),
        log_likelihood: Some(Value { value: -30.0, error: 0.375 }),
        data_log_likelihood: Some(Value { value: -28.5, error: 0.25 }),
        data_bound: Some(-28.25),
        excess: Some(Value { value: 1.5, error: 0.125 }),
    }
}

pub(crate) fn figures() -> Figures {
    let mut first = Tree::default();
    first.set("title", "Energy");
    first.set("critical_temperature", 2.25);
    first.set("panels", 2_usize);
    first.put_list("exact/temperature", &list(3), "temperature", "J/k_B", "temperatures of the exact curve");
    first.put_list("exact/energy", &[-2.0, -1.5, -0.25], "temperature", "J", "exact energy per site");
    first.put_scalar("fixed_point", 2.5, "J/k_B", "mean over replicas");
    let mut second = Tree::default();
    second.put("image", &Array2::from_shape_fn((2, 3), |(y, x)| sign(y * 3 + x)), "y,x", "1", "spins");
    Figures {
        figures: BTreeMap::from([
            ("F01".to_owned(), Figure { numbers: second }),
            ("F02".to_owned(), Figure { numbers: first }),
        ]),
    }
}
