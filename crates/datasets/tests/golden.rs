//! The files of every released version can be read, and hold what they held.
#![cfg(any(feature = "hdf5", feature = "system-hdf5"))]

mod samples;

use std::fmt::Debug;

use datasets::{Artifact, EquationOfState, Flow, LabelKind, Thermometer, Weights, file};
use samples::for_every_schema;

fn check<T: Artifact + PartialEq + Debug>(artifact: &T) {
    let path = samples::golden(&format!("{}-{}.h5", T::SCHEMA, T::VERSION));
    let stored = file::read::<T>(&path).unwrap();
    assert_eq!(&stored.content, artifact);
    assert_eq!(stored.provenance, samples::provenance());
    // Another HDF5 library may lay out the same content in other bytes.
    if cfg!(feature = "hdf5") {
        let (bytes, hash) = file::to_bytes(&path, artifact, &samples::provenance()).unwrap();
        assert_eq!(stored.content_hash, hash);
        assert!(
            bytes == std::fs::read(&path).unwrap(),
            "today's {} {} has other bytes than the one in data/golden",
            T::SCHEMA,
            T::VERSION
        );
    }
}

#[test]
fn golden_files_hold_what_they_held() {
    for_every_schema!(check);
}

/// Version 1.0 knew no field and no correlations.
#[test]
fn equations_of_state_of_version_1_0_are_read() {
    let stored = file::read::<EquationOfState>(&samples::golden("rbmflow.equation-of-state-1.0.h5")).unwrap();
    let expected = EquationOfState {
        field: 0.0,
        magnetization: None,
        correlation: None,
        ..samples::equation_of_state()
    };
    assert_eq!(stored.content, expected);
}

/// Version 1.0 had all modes.
#[test]
fn weights_of_version_1_0_are_read() {
    let stored = file::read::<Weights>(&samples::golden("rbmflow.weights-1.0.h5")).unwrap();
    assert_eq!(stored.content, Weights { couplings: None, ..samples::weights() });
}

/// Before version 2.0 all lattices were square, and files had the size instead of a lattice and its shape.
#[test]
fn files_before_other_lattices_are_read_as_square() {
    fn check_old<T: Artifact + PartialEq + Debug>(artifact: &T, version: &str) {
        let path = samples::golden(&format!("{}-{version}.h5", T::SCHEMA));
        assert_eq!(&file::read::<T>(&path).unwrap().content, artifact, "{}", T::SCHEMA);
    }
    check_old(&samples::spins(), "1.0");
    // Before version 2.1 all labels were those of temperatures.
    check_old(&samples::spins(), "2.0");
    check_old(&samples::equation_of_state(), "1.1");
    let thermometer = Thermometer { label_kind: LabelKind::Temperature, ..samples::thermometer() };
    check_old(&thermometer, "1.0");
    check_old(&thermometer, "2.0");
    // Version 2.2 knew no exponents, one zero of the balance, and nothing to say of data without temperatures.
    let mut silent = Flow { exponents: None, response: None, machine: None, ..samples::flow() };
    silent.balance.iter_mut().for_each(|balance| balance.zeros.clear());
    check_old(&silent, "2.2");
    let unbalanced = Flow { balance: None, ..silent };
    // Version 2.1 knew no balance.
    check_old(&unbalanced, "2.1");
    let flow = Flow { prediction: None, ..unbalanced };
    check_old(&flow, "1.0");
    // Version 2.0 knew no predictions.
    check_old(&flow, "2.0");
    // Before version 2.1 there were no couplings.
    let weights = Weights { couplings: None, ..samples::weights() };
    check_old(&weights, "1.1");
    // Before version 2.2 there was always a lattice.
    check_old(&samples::weights(), "2.1");
    check_old(&weights, "2.0");
}

/// Also those of versions that are no longer written.
#[test]
fn all_golden_files_verify() {
    let mut files = 0;
    for entry in std::fs::read_dir(samples::golden("")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "h5") {
            let header = file::verify(&path).unwrap();
            let name = format!("{}-{}.h5", header.schema, header.version);
            assert_eq!(path.file_name().unwrap().to_str(), Some(name.as_str()));
            files += 1;
        }
    }
    assert!(files >= 15);
}
