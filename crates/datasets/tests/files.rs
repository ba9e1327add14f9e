//! Round trips through files, equal bytes, and how writing fails.
#![cfg(any(feature = "hdf5", feature = "system-hdf5"))]

mod samples;

use std::fmt::Debug;
use std::path::Path;
use std::time::Duration;

use datasets::{Artifact, file};

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
    assert!(header.sealed);
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
