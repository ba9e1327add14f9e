//! `flow predict`: where the flow of a machine goes, from its weights alone.

use std::fmt::Write as _;

use datasets::{PredictedPoint, Prediction, PredictionClosure};
use serde_json::{Value, json};

use super::say;
use crate::arguments::Predict;
use crate::stages::readout;

/// Prints the fixed points of a machine's flow.
pub(crate) fn predict(arguments: &Predict) -> anyhow::Result<()> {
    let table = arguments.equation_of_state.as_deref();
    let (lattice, prediction) = readout::predict(&arguments.rbm, table)?;
    if arguments.json {
        let list: Vec<Value> = prediction.points.iter().map(as_json).collect();
        let found = json!({
            "lattice": lattice.to_string(),
            "fixed_points": list,
            "from_order": prediction.from_order,
            "from_disorder": prediction.from_disorder,
            "uniform_map": {
                "magnetization": prediction.uniform_magnetization,
                "image": prediction.uniform_image,
            },
        });
        return say(&format!("{}\n", serde_json::to_string_pretty(&found)?));
    }
    let mut text = format!("{lattice}\n");
    for name in ["m", "|m|", "e/J", "T_E", "T_m", "slope", "steps"] {
        write!(text, "{name:>9}")?;
    }
    text.push('\n');
    for (index, point) in prediction.points.iter().enumerate() {
        let numbers = [
            point.magnetization,
            point.abs_magnetization,
            point.energy_per_spin,
            point.energy_temperature.unwrap_or(f64::NAN),
            point.magnetization_temperature.unwrap_or(f64::NAN),
            point.slope,
        ];
        for number in numbers {
            match number.is_nan() {
                true => write!(text, "{:>9}", "-")?,
                // No −0.0000.
                false => write!(text, "{:>9.4}", (number * 1e4).round() / 1e4 + 0.0)?,
            }
        }
        writeln!(text, "{:>9.1}  {}", point.relaxation_steps(), remark(&prediction, index))?;
    }
    for (end, start) in [(prediction.from_order, "order"), (prediction.from_disorder, "disorder")] {
        if end.is_none() {
            writeln!(text, "the flow from {start} comes to no rest")?;
        }
    }
    say(&text)
}

fn remark(prediction: &Prediction, index: usize) -> String {
    let point = &prediction.points[index];
    let mut words = vec![if point.is_stable() { "stable" } else { "unstable" }.to_owned()];
    if point.closure == PredictionClosure::Covariance {
        words.push("correlations only".to_owned());
    }
    for (end, start) in [(prediction.from_order, "order"), (prediction.from_disorder, "disorder")] {
        if end == Some(index) {
            words.push(format!("end of the flow from {start}"));
        }
    }
    words.join(", ")
}

fn as_json(point: &PredictedPoint) -> Value {
    // NaN is null.
    json!({
        "closure": match point.closure {
            PredictionClosure::Covariance => "covariance",
            _ => "memory",
        },
        "magnetization": point.magnetization,
        "abs_magnetization": point.abs_magnetization,
        "energy_per_spin": point.energy_per_spin,
        "energy_temperature": point.energy_temperature,
        "magnetization_temperature": point.magnetization_temperature,
        "slope": point.slope,
        "relaxation_steps": point.relaxation_steps(),
    })
}
