//! The Python examples run, and what they compute is what the figures show.

use rbmflow_tests::{python, quick_run, rbmflow, root, succeed};

/// Compares the examples' arrays with the numbers of figures 5 and 8.
const COMPARE: &str = r#"
import sys
import h5py, numpy as np
import flow, weights

run = sys.argv[1]
with h5py.File(f"{run}/data/figures.h5") as figures:
    every = flow.flows(run)
    assert sorted(every) == [int(g.removeprefix("hidden_")) for g in sorted(figures["F05"]) if g.startswith("hidden_")]
    for hidden, (steps, starts, value, error) in every.items():
        group = figures[f"F05/hidden_{hidden:05}"]
        np.testing.assert_array_equal(group["step"], steps)
        np.testing.assert_array_equal(group["start_temperature"], starts)
        np.testing.assert_allclose(group["energy_temperature"], value, rtol=1e-12)
        np.testing.assert_allclose(group["energy_temperature_error"], error, rtol=1e-12)
    for training, (gram, distance, element) in weights.weights(run).items():
        group = figures[f"F08/{training}"]
        np.testing.assert_allclose(group["gram"], gram, rtol=1e-12)
        np.testing.assert_allclose(group["distance"], distance, rtol=1e-12)
        np.testing.assert_allclose(group["gram_by_distance"], element, rtol=1e-12)
print("equal")
"#;

#[test]
fn examples_redraw_figures_5_and_8() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["flow", "weights"] {
        let picture = folder.path().join(name).with_extension("png");
        succeed(python().arg(root().join(format!("examples/{name}.py"))).arg(quick_run()).arg(&picture));
        let bytes = std::fs::read(&picture).expect("a picture");
        assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 20_000, "{name}: {} bytes", bytes.len());
    }
    let mut compare = python();
    compare.env("PYTHONPATH", root().join("examples")).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = succeed(compare.arg("-c").arg(COMPARE).arg(quick_run()));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "equal");
}

/// Every stage of the smallest experiment is in the table, with what was measured and what was expected.
#[test]
fn costs_of_a_plan_are_measured() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let picture = folder.path().join("cost.png");
    let mut cost = python();
    cost.arg(root().join("examples/cost.py")).arg(rbmflow().get_program());
    cost.arg(root().join("tests/experiments/tiny.toml")).arg(folder.path().join("run")).arg(&picture);
    let table = succeed(&mut cost).stdout;
    let table = String::from_utf8_lossy(&table);
    for stage in ["sample", "equation-of-state", "thermometer", "train", "flow", "weights"] {
        let row = table.lines().find(|line| line.starts_with(&format!("| {stage} |")));
        let row = row.unwrap_or_else(|| panic!("no row for {stage}:\n{table}"));
        let numbers: Vec<f64> = row.split('|').filter_map(|cell| cell.trim().parse().ok()).collect();
        assert_eq!(numbers.len(), 6, "{row}");
        let [_, seconds, expected, memory, expected_memory, _] = numbers[..] else { panic!("{row}") };
        assert!(seconds >= 0.0 && expected > 0.0 && memory > 1.0 && expected_memory > 1.0, "{row}");
    }
    assert!(std::fs::metadata(&picture).is_ok_and(|file| file.len() > 10_000));
}
