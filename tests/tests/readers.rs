//! h5py opens every file of a run and finds what the contract promises.

use rbmflow_tests::{contents, python, root, run_experiment, succeed};

/// Prints one line for each file, and fails at the first thing that is missing.
const SCRIPT: &str = r#"
import json, sys, h5py

for path in sys.argv[1:]:
    with h5py.File(path) as file:
        for name in ("schema", "schema_major", "schema_minor", "producer", "config", "seed", "inputs", "content_hash"):
            assert name in file.attrs, f"{path}: no attribute {name}"
        json.loads(file.attrs["inputs"])
        count = 0
        def check(name, item):
            global count
            # Scales without numbers are no content.
            named = isinstance(item, h5py.Dataset) and item.attrs.get("NAME", b"")
            if isinstance(item, h5py.Dataset) and not named.startswith(b"This is a netCDF dimension"):
                dims = [d for d in item.attrs["dims"].split(",") if d]
                assert len(dims) == item.ndim, f"{path}: {name}: dims {dims} for shape {item.shape}"
                assert item.attrs["units"] and item.attrs["description"], f"{path}: {name}"
                for axis, dim in enumerate(dims):
                    # An array that is named as its only axis is the scale itself.
                    scales = [item] if item.is_scale else list(item.dims[axis].values())
                    assert len(scales) == 1 and scales[0].name.endswith("/" + dim), f"{path}: {name} has no scale {dim}"
                item[()]
                count += 1
        file.visititems(check)
        assert count > 0, f"{path}: no datasets"
        print(file.attrs["schema"], count)
"#;

#[test]
fn h5py_reads_every_file_of_a_run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    run_experiment(&root().join("tests/experiments/tiny.toml"), folder.path(), &[]);
    let files: Vec<_> = contents(folder.path())
        .into_iter()
        .filter(|(name, _)| name.extension().is_some_and(|extension| extension == "h5"))
        .map(|(name, _)| folder.path().join(name))
        .collect();
    let output = succeed(python().arg("-c").arg(SCRIPT).args(&files));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(text.lines().count(), files.len());
    for schema in ["spins", "equation-of-state", "rbm", "thermometer", "flow", "weights", "figures"] {
        assert!(text.contains(&format!("rbmflow.{schema} ")), "no file of schema {schema} in\n{text}");
    }
}
