//! The numbers of every figure of the quick experiment, compared with the reviewed snapshots.
//!
//! Sampling is bit-portable, so the numbers are the same on every machine; only what follows ordinary floating-point
//! algebra (spectra, fits) may differ in its last digits, which is what the tolerance is for.

use datasets::{Artifact, Dataset, Figures, Values};
use insta::internals::SnapshotContents;
use insta::{Comparator, Snapshot};
use rbmflow_tests::quick_run;
use serde_json::{Map, Value, json};

/// Numbers may differ by this fraction of their size.
const RELATIVE: f64 = 1e-6;
/// Numbers may differ by this much.
const ABSOLUTE: f64 = 1e-9;
/// How many numbers of a longer array are kept, evenly spaced.
const KEPT: usize = 16;

/// Compares JSON texts number by number within the tolerances.
#[derive(Clone)]
struct WithinTolerance;

impl Comparator for WithinTolerance {
    fn matches(&self, reference: &Snapshot, test: &Snapshot) -> bool {
        let parse = |snapshot: &Snapshot| match snapshot.contents() {
            SnapshotContents::Text(text) => serde_json::from_str::<Value>(&text.to_string()).ok(),
            _ => None,
        };
        match (parse(reference), parse(test)) {
            (Some(reference), Some(test)) => close(&reference, &test),
            _ => false,
        }
    }

    fn dyn_clone(&self) -> Box<dyn Comparator> {
        Box::new(self.clone())
    }
}

fn close(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
            (a - b).abs() <= ABSOLUTE + RELATIVE * a.abs().max(b.abs())
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| close(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| close(a, b)))
        }
        _ => a == b,
    }
}

fn numbers(values: &Values) -> Vec<f64> {
    match values {
        Values::I8(a) => a.iter().map(|&x| x.into()).collect(),
        Values::U16(a) => a.iter().map(|&x| x.into()).collect(),
        Values::I32(a) => a.iter().map(|&x| x.into()).collect(),
        Values::U32(a) => a.iter().map(|&x| x.into()).collect(),
        Values::U64(a) => a.iter().map(|&x| x as f64).collect(),
        Values::F32(a) => a.iter().map(|&x| x.into()).collect(),
        Values::F64(a) => a.iter().copied().collect(),
    }
}

/// An array as its axes, shape, unit, mean absolute value and some of its numbers.
fn summary(dataset: &Dataset) -> Value {
    let all = numbers(&dataset.values);
    let kept: Vec<Value> = if all.len() <= KEPT {
        all.iter().map(|&x| number(x)).collect()
    } else {
        (0..KEPT).map(|i| number(all[i * (all.len() - 1) / (KEPT - 1)])).collect()
    };
    let finite: Vec<f64> = all.iter().copied().filter(|x| x.is_finite()).collect();
    let mean = finite.iter().map(|x| x.abs()).sum::<f64>() / finite.len().max(1) as f64;
    json!({
        "dims": dataset.dims.join(","),
        "shape": dataset.values.shape(),
        "units": dataset.units,
        "mean_absolute": number(mean),
        "some_values": kept,
    })
}

/// Nine digits; infinities, which JSON does not know, as text.
fn number(x: f64) -> Value {
    if !x.is_finite() {
        return Value::String(x.to_string());
    }
    let rounded: f64 = format!("{x:.8e}").parse().expect("a number that was just printed");
    json!(rounded)
}

#[test]
fn the_numbers_of_the_quick_experiment_are_the_reviewed_ones() {
    let file = quick_run().join("data/figures.h5");
    let figures = datasets::file::read::<Figures>(&file).expect("the run's figure numbers").content;
    assert!(!figures.figures.is_empty());
    let mut settings = insta::Settings::clone_current();
    settings.set_comparator(Box::new(WithinTolerance));
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| {
        for (id, figure) in &figures.figures {
            let arrays: Map<String, Value> = figure
                .numbers
                .datasets
                .iter()
                .map(|(path, dataset)| (path.clone(), summary(dataset)))
                .collect();
            let text = serde_json::to_string_pretty(&arrays).expect("JSON of JSON");
            insta::assert_snapshot!(id.as_str(), text);
        }
    });
}

#[test]
fn the_comparator_accepts_noise_and_refuses_differences() {
    let a = json!({"x": [1.0, 2.0], "units": "J"});
    assert!(close(&a, &json!({"x": [1.0 + 1e-9, 2.0], "units": "J"})));
    assert!(!close(&a, &json!({"x": [1.0 + 1e-4, 2.0], "units": "J"})));
    assert!(!close(&a, &json!({"x": [1.0], "units": "J"})));
    assert!(!close(&a, &json!({"x": [1.0, 2.0], "units": "K"})));
    assert_eq!(Figures::SCHEMA, "rbmflow.figures");
}
