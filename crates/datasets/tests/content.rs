//! What an artifact may hold: anything within its ranges survives the tree, anything else is refused by name.

mod samples;

use datasets::{
    Artifact, Attribute, Boundary, ContentError, EquationOfState, Figures, Flow, Likelihood,
    LikelihoodMethod, Observables, Rbm, Spins, Thermometer, Tree, Units, Values, Weights,
};
use ndarray::{Array1, Array2};
use proptest::prelude::*;
use samples::for_every_schema;

/// The sample of a schema after `change` is refused, with an error that names `name`.
#[track_caller]
fn check_refused<T: Artifact>(artifact: &T, name: &str, change: impl FnOnce(&mut Tree)) {
    let mut tree = artifact.to_tree();
    change(&mut tree);
    match T::from_tree(&tree) {
        Ok(_) => panic!("{}: {name} is accepted", T::SCHEMA),
        Err(error) => assert!(error.to_string().contains(&format!("`{name}`")), "{error}"),
    }
}

/// One number of a dataset of f64 or f32 is replaced.
fn set_number(tree: &mut Tree, path: &str, index: usize, value: f64) {
    match &mut tree.datasets.get_mut(path).expect(path).values {
        Values::F64(array) => *array.iter_mut().nth(index).unwrap() = value,
        Values::F32(array) => *array.iter_mut().nth(index).unwrap() = value as f32,
        Values::I32(array) => *array.iter_mut().nth(index).unwrap() = value as i32,
        Values::U32(array) => *array.iter_mut().nth(index).unwrap() = value as u32,
        Values::U16(array) => *array.iter_mut().nth(index).unwrap() = value as u16,
        Values::I8(array) => *array.iter_mut().nth(index).unwrap() = value as i8,
        Values::U64(array) => *array.iter_mut().nth(index).unwrap() = value as u64,
    }
}

#[track_caller]
fn check_number<T: Artifact>(artifact: &T, path: &str, value: f64) {
    check_refused(artifact, path, |tree| set_number(tree, path, 1, value));
}

#[test]
fn samples_survive() {
    fn check<T: Artifact + PartialEq + std::fmt::Debug>(artifact: &T) {
        assert_eq!(&T::from_tree(&artifact.to_tree()).unwrap(), artifact);
    }
    for_every_schema!(check);
}

/// Whatever is taken away, nothing panics; what is left is read or refused.
#[test]
fn missing_parts_never_panic() {
    fn check<T: Artifact>(artifact: &T) {
        let tree = artifact.to_tree();
        for path in tree.datasets.keys() {
            let mut less = tree.clone();
            less.datasets.remove(path);
            T::from_tree(&less).ok();
        }
        for name in tree.attributes.keys() {
            let mut less = tree.clone();
            less.attributes.remove(name);
            T::from_tree(&less).ok();
        }
        T::from_tree(&Tree::default()).ok();
    }
    for_every_schema!(check);
}

/// Arrays of odd shapes and attributes of odd sizes are refused or read, never a panic or an endless loop.
#[test]
fn odd_shapes_and_sizes_never_panic() {
    fn check<T: Artifact>(artifact: &T) {
        let tree = artifact.to_tree();
        for path in tree.datasets.keys() {
            for shape in [vec![], vec![0], vec![1], vec![0, 0], vec![1, 7], vec![0, 3, 2], vec![1, 1, 1, 1]] {
                let mut odd = tree.clone();
                odd.datasets.get_mut(path).unwrap().values = Values::F64(ndarray::ArrayD::ones(shape));
                T::from_tree(&odd).ok();
            }
        }
        for name in tree.attributes.keys() {
            for value in [i64::MIN, -1, 0, 1, 2, 46_341, 1 << 31, 1 << 32, i64::MAX] {
                let mut odd = tree.clone();
                odd.attributes.insert(name.clone(), Attribute::Integer(value));
                T::from_tree(&odd).ok();
                odd.attributes.insert(name.clone(), Attribute::Real(value as f64));
                T::from_tree(&odd).ok();
                odd.attributes.insert(name.clone(), Attribute::Reals(vec![value as f64; 2]));
                T::from_tree(&odd).ok();
                odd.attributes.insert(name.clone(), Attribute::Text(value.to_string()));
                T::from_tree(&odd).ok();
            }
        }
    }
    for_every_schema!(check);
}

#[test]
fn nan_is_refused() {
    fn check<T: Artifact>(artifact: &T) {
        let tree = artifact.to_tree();
        for (path, dataset) in &tree.datasets {
            if matches!(dataset.values, Values::F32(_) | Values::F64(_)) {
                // What the data do not tell.
                let standard_error = path.ends_with("_error") && !path.starts_with("history/");
                if standard_error || path.ends_with("/autocorrelation_time") {
                    let mut tree = tree.clone();
                    set_number(&mut tree, path, 0, f64::NAN);
                    assert!(T::from_tree(&tree).is_ok(), "{path}");
                    continue;
                }
                check_refused(artifact, path, |tree| set_number(tree, path, 0, f64::NAN));
            }
        }
        for (name, value) in &tree.attributes {
            if matches!(value, Attribute::Real(_)) {
                check_refused(artifact, name, |tree| {
                    tree.attributes.insert(name.clone(), Attribute::Real(f64::NAN));
                });
            }
        }
    }
    check(&samples::spins());
    check(&samples::equation_of_state());
    check(&samples::rbm());
    check(&samples::thermometer());
    check(&samples::weights());
    // Flows and figures mark gaps by NaN; in flows only the readings of thermometers have any.
    check_number(&samples::flow(), "energy_per_spin", f64::NAN);
    check_number(&samples::flow(), "start_temperature", f64::NAN);
}

fn set_shape(tree: &mut Tree, shape: &[i64]) {
    tree.attributes.insert("shape".to_owned(), Attribute::Integers(shape.to_vec()));
}

#[test]
fn spins_keep_their_ranges() {
    let spins = samples::spins();
    check_number(&spins, "samples", 0.0);
    check_number(&spins, "labels", 3.0);
    check_number(&spins, "temperature", -0.5);
    check_number(&spins, "energy", 1.0);
    check_number(&spins, "magnetization", 10.0);
    check_number(&spins, "observables/energy_per_spin", f64::INFINITY);
    check_number(&spins, "observables/specific_heat_error", -1.0);
    check_refused(&spins, "observables/thinning", |tree| {
        tree.datasets.remove("observables/thinning");
    });
    check_refused(&spins, "samples", |tree| set_shape(tree, &[4, 4]));
    for wrong in [&[1, 1][..], &[40_000, 40_000], &[3], &[3, 3, 1], &[-3, 3], &[0, 3], &[]] {
        check_refused(&spins, "shape", |tree| set_shape(tree, wrong));
    }
    check_refused(&spins, "lattice", |tree| tree.set("lattice", "kagome"));
    check_refused(&spins, "size", |tree| tree.set("size", 4_usize));
    check_refused(&spins, "size", |tree| {
        tree.attributes.remove("lattice");
        tree.set("size", 1_usize);
    });
    check_refused(&spins, "coupling", |tree| tree.set("coupling", -1.0));
    check_refused(&spins, "field", |tree| tree.set("field", f64::INFINITY));
    check_refused(&spins, "boundary", |tree| tree.set("boundary", "open"));
}

/// As a program writes them that keeps a list with one entry for each run.
#[test]
fn repeated_temperatures_are_one() {
    let mut tree = samples::spins().to_tree();
    tree.datasets.retain(|path, _| ["samples", "energy", "magnetization"].contains(&path.as_str()));
    let n = tree.datasets["energy"].values.shape()[0];
    tree.put_list("temperature", &[1.0, 1.0, 3.0, 0.0, -0.0], "temperature", "J/k_B", "temperatures");
    let labels: Vec<u16> = (0..n).map(|row| (row % 5) as u16).collect();
    tree.put_list("labels", &labels, "sample", "1", "index");
    let spins = Spins::from_tree(&tree).unwrap();
    assert_eq!(spins.temperature, [1.0, 3.0, 0.0]);
    let expected: Vec<u16> = (0..n).map(|row| [0, 0, 1, 2, 2][row % 5]).collect();
    assert_eq!(spins.labels, expected);
    assert_eq!(spins.at(0).nrows(), 2 * n / 5);
}

#[test]
fn machines_keep_their_ranges() {
    let machine = samples::rbm();
    check_number(&machine, "weights", f64::INFINITY);
    check_number(&machine, "hidden_bias", f64::NEG_INFINITY);
    check_number(&machine, "history/max_abs_weight", f64::INFINITY);
    check_refused(&machine, "weights", |tree| tree.set("hidden", 4_usize));
    check_refused(&machine, "weights", |tree| tree.set("visible", 3_usize));
    check_refused(&machine, "units", |tree| tree.set("units", "ternary"));
    check_refused(&machine, "updates", |tree| tree.set("updates", "many"));
    check_refused(&machine, "training_temperatures", |tree| {
        tree.attributes.insert("training_temperatures".to_owned(), Attribute::Reals(vec![-1.0]));
    });
    // The two layers differ, so a transposed matrix cannot pass.
    check_refused(&machine, "weights", |tree| {
        tree.put("weights", &machine.weights.t().to_owned(), "visible,hidden", "1", "");
    });
}

#[test]
fn tables_keep_their_ranges() {
    let table = samples::equation_of_state();
    check_number(&table, "temperature", 0.0);
    check_number(&table, "temperature", f64::INFINITY);
    check_number(&table, "energy_per_spin", f64::INFINITY);
    check_number(&table, "energy_per_spin_error", -1.0);
    check_number(&table, "density_of_states/energy", 9.0);
    check_number(&table, "density_of_states/log_count", -1.0);
    check_refused(&table, "source", |tree| tree.set("source", "guessed"));
    check_refused(&table, "density_of_states/energy", |tree| {
        tree.datasets.remove("density_of_states/energy");
    });
}

#[test]
fn thermometers_keep_their_ranges() {
    let thermometer = samples::thermometer();
    check_number(&thermometer, "layers/1/weights", f64::INFINITY);
    check_number(&thermometer, "temperature", -1.0);
    check_number(&thermometer, "calibration/confusion", 1.5);
    check_refused(&thermometer, "best_epoch", |tree| tree.set("best_epoch", 3_usize));
    check_refused(&thermometer, "layers/2/weights", |tree| tree.set("layers", usize::MAX));
    check_refused(&thermometer, "temperature", |tree| tree.set("layers", 0_usize));
    check_refused(&thermometer, "layers/0/weights", |tree| set_shape(tree, &[3, 3]));
}

#[test]
fn flows_keep_their_ranges() {
    let flow = samples::flow();
    check_number(&flow, "snapshots", 0.0);
    check_refused(&flow, "snapshot_at", |tree| set_number(tree, "snapshot_at", 0, 3.0));
    check_number(&flow, "step", 0.0);
    check_number(&flow, "shape_at_step", 3.0);
    check_number(&flow, "shape_at_step", 0.0);
    check_number(&flow, "nn_posterior", 1.5);
    check_number(&flow, "nn_peak", -1.0);
    check_number(&flow, "energy_temperature", f64::INFINITY);
    check_number(&flow, "fixed_point/settled", 2.0);
    check_number(&flow, "prediction/closure", 2.0);
    check_number(&flow, "prediction/slope", f64::NAN);
    check_number(&flow, "prediction/energy_temperature", -1.0);
    check_number(&flow, "prediction/uniform_image", 1.5);
    check_number(&flow, "prediction/uniform_magnetization", 1.0);
    check_number(&flow, "balance/growth", f64::NAN);
    check_number(&flow, "balance/zeros", -1.0);
    check_number(&flow, "blocks/at", 3.0);
    check_number(&flow, "blocks/thermal_exponent", f64::INFINITY);
    check_number(&flow, "blocks/magnetic_exponent_error", -1.0);
    check_number(&flow, "response/even", f64::INFINITY);
    check_number(&flow, "response/odd_error", -1.0);
    for path in ["balance/mean_error", "balance/zero"] {
        check_refused(&flow, path, |tree| set_number(tree, path, 0, -1.0));
    }
    for end in [-2.0, 3.0] {
        let path = "prediction/from_disorder";
        check_refused(&flow, path, |tree| set_number(tree, path, 0, end));
    }
    check_refused(&flow, "kind", |tree| tree.set("kind", "wilson"));
    check_refused(&flow, "correlation_at", |tree| set_number(tree, "correlation_at", 0, 3.0));
    check_refused(&flow, "fixed_point/steps_needed", |tree| {
        tree.datasets.remove("fixed_point/steps_needed");
    });
}

#[test]
fn weights_keep_their_ranges() {
    let leading = samples::leading_weights();
    check_number(&leading, "residual", -1.0);
    check_refused(&leading, "right_singular_vectors", |tree| {
        tree.put_list("singular_values", &[2.0, 1.0, 0.5], "rank", "1", "");
    });
    let weights = samples::weights();
    check_number(&weights, "gram", f64::INFINITY);
    check_number(&weights, "uniform_overlap", 1.5);
    check_number(&weights, "projection_error", -1.0);
    check_number(&weights, "temperature", -1.0);
    check_refused(&weights, "gram", |tree| set_shape(tree, &[3, 3]));
    check_refused(&weights, "right_singular_vectors", |tree| {
        tree.put("right_singular_vectors", &Array2::<f64>::zeros((4, 3)), "hidden,rank", "1", "");
    });
}

#[test]
fn figures_keep_to_their_groups() {
    let figures = samples::figures();
    // What is beside the figures is somebody's annotation.
    let mut annotated = figures.to_tree();
    annotated.put_scalar("stray", 1.0, "1", "");
    annotated.set("stray", 1.0);
    assert_eq!(Figures::from_tree(&annotated).unwrap(), figures);
    check_refused(&figures, "F.1/x", |tree| tree.put_scalar("F.1/x", 1.0, "1", ""));
    assert_eq!(Figures::from_tree(&Tree::default()).unwrap(), Figures::default());
}

#[test]
fn a_tree_names_what_is_wrong() {
    let mut tree = Tree::default();
    tree.put_list("list", &[1_i32, 300], "x", "1", "");
    assert_eq!(tree.list::<i32>("list").unwrap(), [1, 300]);
    assert_eq!(tree.list::<f64>("list").unwrap(), [1.0, 300.0]);
    let error = tree.list::<i8>("list").unwrap_err();
    assert_eq!(
        error.to_string(),
        "dataset `list` has 300 at index 1, expected a number that i8 holds exactly"
    );
    let error = tree.get::<i32, ndarray::Ix2>("list").unwrap_err();
    assert_eq!(error.to_string(), "dataset `list` has shape [2], expected 2 axes");
    let missing = ContentError::MissingDataset { path: "other".to_owned() };
    assert_eq!(tree.list::<i32>("other"), Err(missing));
    tree.set("count", -1.0);
    assert!(tree.count("count").is_err() && tree.text("count").is_err() && tree.real("count").is_ok());
}

/// −Σ⟨xy⟩ σσ from the definition: every pair of neighbours once, each site with its right and its lower neighbour.
fn energy(size: usize, row: &[i8]) -> i32 {
    let at = |y: usize, x: usize| i32::from(row[y % size * size + x % size]);
    -(0..size * size)
        .map(|i| (i / size, i % size))
        .map(|(y, x)| at(y, x) * (at(y, x + 1) + at(y + 1, x)))
        .sum::<i32>()
}

/// Each temperature once.
fn different(mut temperatures: Vec<f64>) -> Vec<f64> {
    temperatures.sort_by(f64::total_cmp);
    temperatures.dedup();
    temperatures
}

prop_compose! {
    fn any_spins()(size in 2_usize..6, n in 1_usize..9, temperatures in prop::collection::vec(
            prop_oneof![Just(0.0), Just(f64::INFINITY), 0.0..1e3_f64], 1..5).prop_map(different))(
        bits in prop::collection::vec(any::<bool>(), size * size * n),
        labels in prop::collection::vec(0..temperatures.len() as u16, n),
        field in -2.0..2.0_f64,
        size in Just(size), n in Just(n), temperatures in Just(temperatures),
    ) -> Spins {
        let spins: Vec<i8> = bits.iter().map(|&up| if up { 1 } else { -1 }).collect();
        let energy = spins.chunks(size * size).map(|row| energy(size, row)).collect();
        let magnetization = spins.chunks(size * size).map(|row| row.iter().map(|&s| i32::from(s)).sum()).collect();
        Spins {
            lattice: datasets::lattice::Lattice::square(size).unwrap(), boundary: Boundary::Periodic, coupling: 1.0, field, algorithm: "any".to_owned(), label_kind: datasets::LabelKind::Temperature,
            temperature: temperatures, samples: Array2::from_shape_vec((n, size * size), spins).unwrap(),
            labels, energy, magnetization, observables: Observables::default(),
        }
    }
}

prop_compose! {
    fn any_rbm()(visible in 1_usize..7, hidden in 1_usize..7, records in 0_usize..4)(
        weights in prop::collection::vec(prop::num::f32::NORMAL | prop::num::f32::SUBNORMAL, visible * hidden),
        visible_bias in prop::collection::vec(-1e30_f32..1e30, visible),
        hidden_bias in prop::collection::vec(-1e-30_f32..1e-30, hidden),
        temperatures in prop::collection::vec(0.0..10.0_f64, 0..4),
        history in prop::collection::btree_map("[a-z_]{1,9}",
            prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::ZERO, records), 0..4),
        binary in any::<bool>(), updates in 0..u64::MAX / 2,
        visible in Just(visible), hidden in Just(hidden), records in Just(records),
    ) -> Rbm {
        Rbm {
            units: if binary { Units::Binary } else { Units::Spin },
            weights: Array2::from_shape_vec((visible, hidden), weights).unwrap(),
            visible_bias: Array1::from(visible_bias), hidden_bias: Array1::from(hidden_bias),
            training_temperatures: temperatures, updates,
            history_epoch: (0..records as u32).collect(),
            history: history.into_iter().filter(|(name, _)| name != "epoch").collect(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_spins_survive(spins in any_spins()) {
        prop_assert_eq!(&Spins::from_tree(&spins.to_tree()).unwrap(), &spins);
        check_file(&spins);
    }

    #[test]
    fn any_rbm_survives(rbm in any_rbm()) {
        prop_assert_eq!(&Rbm::from_tree(&rbm.to_tree()).unwrap(), &rbm);
        check_file(&rbm);
    }
}

/// The same through the bytes of a file.
#[cfg(any(feature = "hdf5", feature = "system-hdf5"))]
fn check_file<T: Artifact + PartialEq + std::fmt::Debug>(artifact: &T) {
    let path = std::path::Path::new("any.h5");
    let (bytes, hash) = datasets::file::to_bytes(path, artifact, &samples::provenance()).unwrap();
    let stored = datasets::file::from_bytes::<T>(path, &bytes).unwrap();
    assert_eq!(&stored.content, artifact);
    assert_eq!(stored.content_hash, hash);
}

#[cfg(not(any(feature = "hdf5", feature = "system-hdf5")))]
fn check_file<T: Artifact>(_artifact: &T) {}

#[test]
fn likelihoods_out_of_range_are_refused() {
    let sample = samples::likelihood();
    let refused = |name: &str, change: &dyn Fn(&mut Tree)| check_refused(&sample, name, change);
    refused("method", &|tree| tree.set("method", "guessed"));
    refused("configurations", &|tree| tree.set("configurations", 0usize));
    refused("log_partition", &|tree| tree.set("method", "not converged"));
    refused("log_likelihood_error", &|tree| set_number(tree, "log_likelihood_error", 0, -1.0));
    refused("excess", &|tree| set_number(tree, "excess", 0, f64::INFINITY));
    refused("temperature", &|tree| set_number(tree, "temperature", 1, 0.0));
    refused("on_training_data", &|tree| tree.put_scalar("on_training_data", 2_u16, "1", ""));
    refused("lower/effective_chains", &|tree| set_number(tree, "lower/effective_chains", 0, -1.0));
    // What has not converged has bounds only, and an exact sum has none.
    let unknown = Likelihood {
        method: LikelihoodMethod::NotConverged,
        log_partition: None,
        log_likelihood: None,
        excess: None,
        ..sample.clone()
    };
    assert_eq!(Likelihood::from_tree(&unknown.to_tree()).unwrap(), unknown);
    check_refused(&unknown, "log_partition", |tree| tree.set("method", "annealed"));
    let exact = Likelihood { method: LikelihoodMethod::Exact, lower: None, upper: None, ..sample.clone() };
    assert_eq!(Likelihood::from_tree(&exact.to_tree()).unwrap(), exact);
    check_refused(&exact, "lower/effective_chains", |tree| tree.set("method", "annealed"));
}

/// The artifacts are plain data that may be shared between threads.
#[test]
fn artifacts_may_be_shared_between_threads() {
    fn check<T: Send + Sync + Unpin>() {}
    check::<Spins>();
    check::<EquationOfState>();
    check::<Rbm>();
    check::<Thermometer>();
    check::<Flow>();
    check::<Weights>();
    check::<Likelihood>();
    check::<Figures>();
}
