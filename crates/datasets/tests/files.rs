//! Round trips through files, equal bytes, and how writing fails.
#![cfg(any(feature = "hdf5", feature = "system-hdf5"))]

mod samples;

use std::fmt::Debug;
use std::path::Path;
use std::time::Duration;

use datasets::file::{ReadError, WriteError};
use datasets::{Artifact, Figure, Figures, Flow, Observables, Rbm, Spins, Tree, file};

#[track_caller]
fn check_round_trip<T: Artifact + PartialEq + Debug>(artifact: &T) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("artifact.h5");
    let hash = file::write(&path, artifact, &samples::provenance()).unwrap();
    let stored = file::read::<T>(&path).unwrap();
    assert_eq!(&stored.content, artifact);
    assert_eq!(stored.provenance, samples::provenance());
    assert_eq!(stored.content_hash, hash);
    let header = file::verify(&path).unwrap();
    assert_eq!(header, file::read_header(&path).unwrap());
    assert_eq!((header.schema.as_str(), header.version), (T::SCHEMA, T::VERSION));
    assert_eq!(header.content_hash, hash);
    assert_eq!(header.integrity, file::Integrity::AsMade);
    let tree = artifact.to_tree();
    assert_eq!(header.attributes, tree.attributes);
    for (found, (path, dataset)) in header.datasets.iter().zip(&tree.datasets) {
        assert_eq!(&found.path, path);
        assert_eq!(found.element, dataset.values.type_name());
        assert_eq!(found.shape, dataset.values.shape());
        assert_eq!(found.description, dataset.description);
        assert_eq!(found.units, dataset.units);
        assert_eq!(found.dims, dataset.dims);
    }
    assert_eq!(header.datasets.len(), tree.datasets.len());
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["artifact.h5"]);
}

#[test]
fn every_artifact_survives_a_file() {
    check_round_trip(&samples::spins());
    check_round_trip(&samples::equation_of_state());
    check_round_trip(&samples::rbm());
    check_round_trip(&samples::thermometer());
    check_round_trip(&samples::flow());
    check_round_trip(&samples::weights());
    check_round_trip(&samples::leading_weights());
    check_round_trip(&samples::figures());
}

/// Object headers hold times to the second unless every object is told not to.
#[test]
fn equal_artifacts_are_equal_bytes_at_another_time() {
    let bytes = || {
        let path = Path::new("x.h5");
        let provenance = samples::provenance();
        [
            file::to_bytes(path, &samples::spins(), &provenance).unwrap(),
            file::to_bytes(path, &samples::flow(), &provenance).unwrap(),
            file::to_bytes(path, &samples::figures(), &provenance).unwrap(),
        ]
    };
    let before = bytes();
    std::thread::sleep(Duration::from_millis(1100));
    assert!(before == bytes());
}

#[test]
fn a_long_config_and_odd_texts_survive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("⟨m⟩ é.h5");
    let mut provenance = samples::provenance();
    provenance.config = "# ∞\n".repeat(100_000);
    provenance.producer = String::new();
    provenance.inputs = vec![provenance.inputs[0].clone(); 2000];
    file::write(&path, &samples::rbm(), &provenance).unwrap();
    assert_eq!(file::read::<Rbm>(&path).unwrap().provenance, provenance);
}

#[test]
fn empty_lists_and_empty_texts_survive() {
    let mut spins = samples::spins();
    spins.observables = Observables::default();
    spins.algorithm = String::new();
    check_round_trip(&spins);
    let mut machine = samples::rbm();
    machine.training_temperatures = vec![];
    machine.history_epoch = vec![];
    machine.history = [("max_abs_weight".to_owned(), vec![])].into();
    machine.updates = i64::MAX as u64;
    check_round_trip(&machine);
    let mut flow = samples::flow();
    flow.snapshots = ndarray::Array4::zeros((2, 1, 0, 0));
    check_round_trip(&flow);
    let mut numbers = Tree::default();
    numbers.put_list::<f64>("a/b/d", &[], "x", "", "");
    numbers.set("text", "");
    check_round_trip(&Figures { figures: [("F01".to_owned(), Figure { numbers })].into() });
}

/// Chunked and compressed, with several chunks.
#[test]
fn large_arrays_survive() {
    let mut machine = samples::rbm();
    machine.weights = ndarray::Array2::from_shape_fn((700, 900), |(v, h)| (v * 900 + h) as f32 / 7.0);
    machine.visible_bias = ndarray::Array1::zeros(700);
    machine.hidden_bias = ndarray::Array1::zeros(900);
    check_round_trip(&machine);
}

#[test]
fn nothing_that_could_not_be_read_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.h5");
    let provenance = samples::provenance();
    let mut machine = samples::rbm();
    machine.weights[[1, 2]] = f32::NAN;
    let error = file::write(&path, &machine, &provenance).unwrap_err();
    assert!(matches!(error, WriteError::WrongContent { .. }));
    assert!(error.to_string().contains("`weights` has NaN at index 5"), "{error}");
    let mut spins = samples::spins();
    spins.energy[3] += 4;
    assert!(matches!(file::write(&path, &spins, &provenance), Err(WriteError::WrongContent { .. })));
    let mut machine = samples::rbm();
    machine.history.insert("a\0b".to_owned(), vec![0.0, 0.0]);
    assert!(matches!(file::write(&path, &machine, &provenance), Err(WriteError::Unrepresentable { .. })));
    let mut machine = samples::rbm();
    machine.history.insert("max_abs_weight/inner".to_owned(), vec![0.0, 0.0]);
    assert!(matches!(file::write(&path, &machine, &provenance), Err(WriteError::Unrepresentable { .. })));
    let mut machine = samples::rbm();
    machine.history.insert("../weights".to_owned(), vec![0.0, 0.0]);
    assert!(matches!(file::write(&path, &machine, &provenance), Err(WriteError::Unrepresentable { .. })));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_failed_write_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let provenance = samples::provenance();
    let missing = folder.path().join("missing/x.h5");
    let error = file::write(&missing, &samples::rbm(), &provenance).unwrap_err();
    assert!(matches!(error, WriteError::MissingFolder { .. }), "{error}");
    let error = file::write(folder.path(), &samples::rbm(), &provenance).unwrap_err();
    assert!(matches!(error, WriteError::IsFolder { .. }), "{error}");
    let plain = folder.path().join("plain");
    std::fs::write(&plain, "text").unwrap();
    let error = file::write(&plain.join("x.h5"), &samples::rbm(), &provenance).unwrap_err();
    assert!(matches!(error, WriteError::MissingFolder { .. }), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_is_replaced_in_one_step() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.h5");
    std::fs::write(&path, "not ours").unwrap();
    assert!(matches!(file::read::<Rbm>(&path), Err(ReadError::NotHdf5 { .. })));
    file::write(&path, &samples::rbm(), &samples::provenance()).unwrap();
    assert!(file::read::<Rbm>(&path).is_ok());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_is_not_there_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.h5");
    assert!(matches!(file::read::<Rbm>(&path), Err(ReadError::Missing { .. })));
    assert!(matches!(file::verify(&path), Err(ReadError::Missing { .. })));
    assert!(matches!(file::read_header(folder.path()), Err(ReadError::NotPlain { .. })));
}

#[test]
fn threads_may_read_and_write_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared.h5");
    file::write(&path, &samples::spins(), &samples::provenance()).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (path, folder) = (&path, folder.path());
            scope.spawn(move || {
                for round in 0..10 {
                    assert_eq!(file::read::<Spins>(path).unwrap().content, samples::spins());
                    // A reader sees the old file or the new one, never half of one.
                    file::write(path, &samples::spins(), &samples::provenance()).unwrap();
                    let own = folder.join(format!("{thread}-{round}.h5"));
                    file::write(&own, &samples::rbm(), &samples::provenance()).unwrap();
                    assert!(matches!(file::read::<Spins>(&own), Err(ReadError::WrongSchema { .. })));
                }
            });
        }
    });
}

/// A gap of a flow's reading or of a figure is NaN, whose bits are the same on every machine.
#[test]
fn gaps_survive_and_have_one_form() {
    let odd = f64::from_bits(f64::NAN.to_bits() | 1 << 63 | 77);
    let bytes = |nan: f64| {
        let mut flow = samples::flow();
        let reading = flow.nn_temperature.as_mut().unwrap();
        (reading.value[[1, 2]], reading.error[[1, 2]]) = (nan, nan);
        let bytes = file::to_bytes(Path::new("x.h5"), &flow, &samples::provenance()).unwrap();
        let read = file::from_bytes::<Flow>(Path::new("x.h5"), &bytes.0).unwrap();
        assert_eq!(read.content_hash, bytes.1);
        let reading = read.content.nn_temperature.unwrap();
        assert_eq!(reading.value.iter().filter(|x| x.is_nan()).count(), 1);
        assert_eq!(reading.value[[1, 2]].to_bits(), f64::NAN.to_bits());
        bytes
    };
    assert!(bytes(odd) == bytes(f64::NAN));
    let mut flow = samples::flow();
    flow.energy_per_spin.value[[0, 0]] = f64::NAN;
    assert!(file::to_bytes(Path::new("x.h5"), &flow, &samples::provenance()).is_err());
}

/// A link is kept: what it leads to is written, there with its temporary file, or made. Devices and pipes are refused.
#[cfg(unix)]
#[test]
fn links_are_written_through_and_devices_are_refused() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("scratch")).unwrap();
    std::fs::write(at("scratch/old"), "old").unwrap();
    for (link, target) in [("to-old", "scratch/old"), ("to-new", "scratch/new"), ("twice", "to-old")] {
        symlink(target, at(link)).unwrap();
        file::replace(&at(link), link.as_bytes()).unwrap();
        assert!(at(link).is_symlink());
        assert_eq!(std::fs::read_to_string(at(link)).unwrap(), link);
    }
    assert_eq!(std::fs::read_to_string(at("scratch/old")).unwrap(), "twice");
    symlink("circle", at("circle")).unwrap();
    assert!(file::replace(&at("circle"), b"x").unwrap_err().to_string().contains("circle"));
    symlink("/dev/null", at("device")).unwrap();
    for path in [Path::new("/dev/null").to_owned(), at("device")] {
        assert!(matches!(file::replace(&path, b"x"), Err(WriteError::NotPlain { .. })), "{}", path.display());
    }
    assert!(matches!(file::replace(&at("scratch"), b"x"), Err(WriteError::IsFolder { .. })));
    assert_eq!(std::fs::read_dir(at("scratch")).unwrap().count(), 2, "nothing is left behind");
}
