//! h5py reads our files as what they are, and we read its files.
#![cfg(any(feature = "hdf5", feature = "system-hdf5"))]

mod samples;

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use datasets::{Artifact, Attribute, Spins, Values, file};
use samples::for_every_schema;
use serde_json::{Value, json};

/// A python with h5py in a private environment below `target/`, made on first use.
///
/// It is made beside its place and then renamed, so that several processes may make it at once and an interrupted one
/// leaves nothing half-made under its name.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(find_or_make_python)
}

fn find_or_make_python() -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("h5py-1");
    let python = place.join("bin/python");
    if python.exists() {
        return python;
    }
    let staging = tempfile::Builder::new().prefix("h5py-").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let made = staging.path().join("environment");
    run(Command::new("python3").arg("-m").arg("venv").arg(&made));
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(Command::new(made.join("bin/python")).args(install).args(["h5py>=3.10", "numpy", "blake3"]));
    // Another process may have been faster; then its environment is used.
    if let Err(error) = std::fs::rename(&made, &place) {
        assert!(python.exists(), "{}: {error}", place.display());
    }
    python
}

#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}\n{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/h5py").join(name)
}

/// Numbers as texts that no JSON reader rounds.
fn numbers(values: &Values) -> Vec<String> {
    match values {
        Values::I8(array) => array.iter().map(ToString::to_string).collect(),
        Values::U16(array) => array.iter().map(ToString::to_string).collect(),
        Values::I32(array) => array.iter().map(ToString::to_string).collect(),
        Values::U32(array) => array.iter().map(ToString::to_string).collect(),
        Values::U64(array) => array.iter().map(ToString::to_string).collect(),
        Values::F32(array) => array.iter().map(ToString::to_string).collect(),
        Values::F64(array) => array.iter().map(ToString::to_string).collect(),
    }
}

fn expected<T: Artifact>(artifact: &T) -> Value {
    let (tree, provenance) = (artifact.to_tree(), samples::provenance());
    let attributes: serde_json::Map<String, Value> = tree
        .attributes
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Attribute::Text(text) => json!(["text", text]),
                Attribute::Integer(value) => json!(["i64", value]),
                Attribute::Integers(values) => json!(["i64[]", values]),
                Attribute::Real(value) => json!(["f64", value.to_string()]),
                Attribute::Reals(values) => {
                    json!(["f64[]", values.iter().map(ToString::to_string).collect::<Vec<_>>()])
                }
            };
            (name.clone(), value)
        })
        .collect();
    let datasets: serde_json::Map<String, Value> = tree
        .datasets
        .iter()
        .map(|(path, dataset)| {
            let value = json!({
                "type": dataset.values.type_name(),
                "shape": dataset.values.shape(),
                "description": dataset.description,
                "units": dataset.units,
                "dims": dataset.dims.join(","),
                "values": numbers(&dataset.values),
            });
            (path.clone(), value)
        })
        .collect();
    json!({
        "root": {
            "schema": T::SCHEMA,
            "schema_major": T::VERSION.major,
            "schema_minor": T::VERSION.minor,
            "producer": provenance.producer,
            "config": provenance.config,
            "seed": provenance.seed,
            "content_hash": tree.content_hash(&provenance.config),
        },
        "inputs": provenance.inputs,
        "attributes": attributes,
        "datasets": datasets,
    })
}

#[test]
fn h5py_reads_what_was_written() {
    fn check<T: Artifact + PartialEq + Debug>(artifact: &T, folder: &Path) {
        let golden = samples::golden(&format!("{}-{}.h5", T::SCHEMA, T::VERSION));
        let json = folder.join(format!("{}.json", T::SCHEMA));
        std::fs::write(&json, expected(artifact).to_string()).unwrap();
        let said = run(Command::new(python()).arg(script("check_file.py")).arg(golden).arg(json));
        assert_eq!(said.trim(), "equal");
    }
    let folder = tempfile::tempdir().unwrap();
    for_every_schema!(check, folder.path());
}

#[test]
fn spins_from_h5py_are_read() {
    let folder = tempfile::tempdir().unwrap();
    run(Command::new(python()).arg(script("write_spins.py")).arg(folder.path()));
    let read = |name: &str| file::read::<Spins>(&folder.path().join(name)).unwrap();
    let plain = read("plain.h5").content;
    assert_eq!(plain.samples, ndarray::arr2(&[[1, 1, 1, 1], [1, -1, 1, -1], [-1, -1, -1, -1]]));
    assert_eq!(
        (plain.labels.as_slice(), plain.temperature.as_slice()),
        (&[0, 1, 1][..], &[0.0, f64::INFINITY][..])
    );
    assert_eq!(
        (plain.energy.as_slice(), plain.magnetization.as_slice()),
        (&[-8, 0, -8][..], &[4, 0, -4][..])
    );
    for other in ["newest.h5", "big_endian.h5", "single.h5", "half.h5"] {
        assert_eq!(read(other).content, plain, "{other}");
    }
    let documented = read("documented.h5");
    assert_eq!(documented.provenance.seed, 7);
    assert_eq!((documented.content.field, documented.content.algorithm.as_str()), (0.5, "notebook ⟨é⟩"));
    assert_eq!(Spins { field: 0.0, algorithm: "unknown".to_owned(), ..documented.content }, plain);
}
