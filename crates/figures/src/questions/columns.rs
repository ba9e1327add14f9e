//! Kinds of machines as columns of a figure, one row for each kind, and the rows read back.

use std::collections::BTreeMap;

use datasets::lattice::Lattice;
use datasets::{Likelihood, Units, Value};

use super::kinds::{self, Kind};
use crate::critical::{critical_temperature, temperature_scale};
use crate::error::FigureError;
use crate::machine::Settings;
use crate::point::Point;
use crate::record::{Numbers, Record};
use crate::statistics::Estimate;
use crate::wording::short;

/// The group of the columns within a figure.
const GROUP: &str = "machines";
const TEMPERATURE: &str = "J/k_B";
/// Above this temperature in J/k_B, on a square lattice, the energy hardly depends on it.
pub(crate) const LARGEST_READABLE: f64 = 6.5;
/// Temperatures with larger errors (J/k_B: the spacing of the training temperatures, on a square lattice) say nothing.
const LARGEST_ERROR: f64 = 0.25;

/// Name, unit and description of a column, and the number of one machine.
type Column = (&'static str, &'static str, &'static str, fn(&Point) -> Estimate);

/// Name, unit and description of a column, and the setting of a kind of machine.
type Setting = (&'static str, &'static str, &'static str, fn(&Kind<'_>) -> f64);

const SETTINGS: [Setting; 15] = [
    ("size", "1", "L, or the geometric mean of the sides", |k| side(k.settings.lattice)),
    ("hidden", "1", "N_h", |k| k.hidden as f64),
    ("updates", "1", "parameter updates", |k| k.updates as f64),
    ("binary", "1", "0: units are +1 and -1, 1: units are 0 and 1", |k| {
        f64::from(u8::from(k.settings.units == Units::Binary))
    }),
    ("biases", "1", "whether there are biases", |k| f64::from(u8::from(k.settings.biases))),
    ("gibbs_steps", "1", "k, steps of the chains in each update", |k| f64::from(k.settings.gibbs_steps)),
    ("learning_rate", "1", "learning rate", |k| k.settings.learning_rate),
    ("weight_decay", "1", "weight decay", |k| k.settings.weight_decay),
    ("temperatures", "1", "number of training temperatures", |k| k.settings.temperatures.len() as f64),
    ("lowest_temperature", TEMPERATURE, "lowest training temperature", |k| low(&k.settings.temperatures)),
    ("highest_temperature", TEMPERATURE, "highest training temperature", |k| high(&k.settings.temperatures)),
    ("fields", "1", "number of fields of the training set", |k| k.settings.fields.len() as f64),
    ("lowest_field", "J", "lowest field of the training set", |k| low(&k.settings.fields)),
    ("highest_field", "J", "highest field of the training set", |k| high(&k.settings.fields)),
    ("replicas", "1", "number of replicas", |k| k.points.len() as f64),
];

const COLUMNS: [Column; 31] = [
    (
        "energy_temperature",
        TEMPERATURE,
        "T_E where the flow comes to rest, mean over starts",
        kinds::energy_temperature,
    ),
    (
        "magnetization_temperature",
        TEMPERATURE,
        "T_m where the flow comes to rest",
        kinds::magnetization_temperature,
    ),
    (
        "nn_temperature",
        TEMPERATURE,
        "mean temperature of the network where the flow comes to rest",
        kinds::nn_temperature,
    ),
    ("nn_peak", TEMPERATURE, "most probable class of the network at the last step", kinds::nn_peak),
    (
        "end_difference",
        TEMPERATURE,
        "T_E at the last step, hottest minus coldest start",
        kinds::end_difference,
    ),
    ("settled", "1", "fraction of the replicas whose flow has settled from every start", kinds::settled),
    (
        "fixed_point",
        "1",
        "fraction of the replicas whose flow settles from every start, at one energy",
        kinds::reached,
    ),
    ("energy_per_spin", "J", "energy per site where the flow comes to rest", kinds::energy),
    (
        "energy_variance",
        "J^2",
        "variance of the total energy per site at the last step",
        kinds::energy_variance,
    ),
    ("abs_magnetization", "1", "mean |m| where the flow comes to rest", kinds::abs_magnetization),
    ("magnetization", "1", "mean m at the last step", kinds::magnetization),
    ("squared_magnetization", "1", "mean m^2 at the last step", kinds::squared_magnetization),
    ("binder_cumulant", "1", "Binder cumulant at the last step", kinds::binder_cumulant),
    ("short_range_correlation", "1", "c_sr where the flow comes to rest", kinds::short_range_correlation),
    ("max_abs_weight", "1", "largest |W|", kinds::max_abs_weight),
    ("locked", "1", "fraction of the replicas with max|W| > 2", kinds::locked),
    (
        "onset",
        "1",
        "updates at the first record with max|W| > 2, mean over the replicas that have one",
        kinds::onset,
    ),
    ("first_eigenvalue", "1", "largest eigenvalue of W W^T", |p| {
        kinds::single(p.eigenvalues.first().copied())
    }),
    ("second_eigenvalue", "1", "second largest eigenvalue of W W^T", |p| {
        kinds::single(p.eigenvalues.get(1).copied())
    }),
    ("uniform_overlap", "1", "squared overlap of the leading eigenvector with the uniform one", |p| {
        kinds::single(p.uniform_overlap)
    }),
    ("translation_invariant_fraction", "1", "translation-invariant fraction of W W^T", |p| {
        kinds::single(p.translation_invariant_fraction)
    }),
    ("log_likelihood", "nat", "mean of ln p(v) on configurations that were not trained on", |p| {
        likelihood(p, |l| l.log_likelihood)
    }),
    (
        "data_bound",
        "nat",
        "the most that the log-likelihood can be: minus the entropy of the data's law",
        |p| likelihood(p, |l| l.data_bound.map(|value| Value { value, error: 0.0 })),
    ),
    ("excess", "nat", "divergence of the machine from the data's law", |p| likelihood(p, |l| l.excess)),
    ("predicted_energy_temperature", TEMPERATURE, "T_E at the fixed point that the weights predict", |p| {
        kinds::predicted(p, |end| end.energy_temperature)
    }),
    ("predicted_abs_magnetization", "1", "mean |m| at the fixed point that the weights predict", |p| {
        kinds::predicted(p, |end| Some(end.abs_magnetization))
    }),
    ("predicted_energy_per_spin", "J", "energy per site at the fixed point that the weights predict", |p| {
        kinds::predicted(p, |end| Some(end.energy_per_spin))
    }),
    (
        "predicted_slope",
        "1",
        "factor by which one step multiplies a small deviation from the fixed point that the weights predict",
        |p| kinds::predicted(p, |end| Some(end.slope)),
    ),
    (
        "balance_zero",
        TEMPERATURE,
        "temperature at which one step makes configurations neither more nor less like the weights",
        kinds::balance_zero,
    ),
    (
        "balance_mean",
        "1",
        "growth rate of the weights, mean over the training temperatures: the weight decay at rest",
        kinds::balance_mean,
    ),
    (
        "encoded_temperature",
        TEMPERATURE,
        "1/J of nearest neighbours, from the exact pair couplings of the machine",
        kinds::encoded_temperature,
    ),
];

/// L, or the geometric mean of the sides.
fn side(lattice: Lattice) -> f64 {
    let shape = lattice.shape();
    lattice.size().map_or_else(|| (lattice.sites() as f64).powf(1.0 / shape.len() as f64), |size| size as f64)
}

fn likelihood(point: &Point, pick: impl Fn(&Likelihood) -> Option<Value>) -> Estimate {
    let value = point.likelihood.as_ref().and_then(pick);
    value.map_or(Estimate::NONE, |v| Estimate::new(v.value, v.error))
}

/// Writes the settings of each kind and what was measured on it. Columns without any number are left out.
pub(crate) fn record(record: &mut Record, kinds: &[Kind<'_>]) {
    let mut texts = |name: &str, what: &str, pick: &dyn Fn(&Kind<'_>) -> String| {
        let all: Vec<String> = kinds.iter().map(pick).collect();
        let mut different = all.clone();
        different.sort_unstable();
        different.dedup();
        let index: Vec<u64> =
            all.iter().map(|text| different.iter().position(|d| d == text).unwrap_or(0) as u64).collect();
        record.text(&format!("{GROUP}_{name}"), &different.join("\n"));
        let what = format!("{what}: the line of the text {GROUP}_{name}, from 0");
        record.counts(&format!("{GROUP}/{name}"), &index, "machine", "1", &what);
    };
    texts("training", "name of the training", &|k| k.training.replace('\n', " "));
    texts("lattice", "the lattice", &|k| k.settings.lattice.to_string());
    texts("trainer", "algorithm of the training", &|k| k.settings.trainer.clone());
    texts("model", "what the training set was drawn from", &|k| k.settings.model.clone());
    for (name, units, what, pick) in SETTINGS {
        let list: Vec<f64> = kinds.iter().map(pick).collect();
        record.list(&format!("{GROUP}/{name}"), &list, "machine", units, what);
    }
    for (name, units, what, pick) in COLUMNS {
        let list: Vec<Estimate> = kinds.iter().map(|kind| kind.over(pick)).collect();
        if list.iter().any(|e| e.exists()) {
            record.estimates(&format!("{GROUP}/{name}"), &list, "machine", units, what);
        }
    }
}

/// One more column that a figure computes itself.
pub(crate) fn add(record: &mut Record, name: &str, list: &[Estimate], units: &str, what: &str) {
    record.estimates(&format!("{GROUP}/{name}"), list, "machine", units, what);
}

fn low(values: &[f64]) -> f64 {
    values.iter().copied().reduce(f64::min).unwrap_or(f64::NAN)
}

fn high(values: &[f64]) -> f64 {
    values.iter().copied().reduce(f64::max).unwrap_or(f64::NAN)
}

/// One kind of machine, as a figure has it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) lattice: Lattice,
    pub(crate) training: String,
    pub(crate) trainer: String,
    pub(crate) model: String,
    settings: BTreeMap<&'static str, f64>,
    measured: BTreeMap<String, Estimate>,
}

/// The rows of a figure; none if it has none.
pub(crate) fn rows(numbers: Numbers<'_>) -> Result<Vec<Row>, FigureError> {
    if !numbers.has(&format!("{GROUP}/size")) {
        return Ok(vec![]);
    }
    let texts = |name: &str| -> Result<Vec<String>, FigureError> {
        let lines: Vec<&str> = numbers.text(&format!("{GROUP}_{name}")).split('\n').collect();
        let index = numbers.counts(&format!("{GROUP}/{name}"))?;
        Ok(index.iter().map(|&i| lines.get(i as usize).copied().unwrap_or_default().to_owned()).collect())
    };
    let (training, trainer, model) = (texts("training")?, texts("trainer")?, texts("model")?);
    let mut rows: Vec<Row> = (training.into_iter().zip(trainer).zip(model))
        .map(|((training, trainer), model)| Row {
            lattice: Settings::default().lattice,
            training,
            trainer,
            model,
            settings: BTreeMap::new(),
            measured: BTreeMap::new(),
        })
        .collect();
    for (name, ..) in SETTINGS {
        for (row, value) in rows.iter_mut().zip(numbers.list(&format!("{GROUP}/{name}"))?) {
            row.settings.insert(name, value);
        }
    }
    // There was but the square lattice before it had a column.
    let named = numbers.has(&format!("{GROUP}/lattice")).then(|| texts("lattice")).transpose()?;
    for (place, row) in rows.iter_mut().enumerate() {
        let named = named.as_ref().and_then(|names| names.get(place)?.parse().ok());
        let square = || Lattice::square(row.setting("size") as usize).ok();
        row.lattice = named.or_else(square).unwrap_or(row.lattice);
    }
    for name in numbers.members(GROUP) {
        if !numbers.has(&format!("{GROUP}/{name}_error")) {
            continue;
        }
        for (row, value) in rows.iter_mut().zip(numbers.estimates(&format!("{GROUP}/{name}"))?) {
            row.measured.insert(name.to_owned(), value);
        }
    }
    Ok(rows)
}

impl Row {
    /// A setting by the name of its column.
    pub(crate) fn setting(&self, name: &str) -> f64 {
        self.settings.get(name).copied().unwrap_or(f64::NAN)
    }

    /// What was measured, by the name of its column.
    pub(crate) fn get(&self, name: &str) -> Estimate {
        self.measured.get(name).copied().unwrap_or(Estimate::NONE)
    }

    /// Whether the flow has a fixed point in every replica, at a temperature that T_E can read.
    pub(crate) fn is_settled(&self) -> bool {
        let temperature = self.get("energy_temperature");
        let scale = temperature_scale(self.lattice.kind());
        let known =
            temperature.value <= scale * LARGEST_READABLE && temperature.error <= scale * LARGEST_ERROR;
        known && self.get("fixed_point").value >= 1.0
    }

    /// T_c of its lattice.
    pub(crate) fn critical_temperature(&self) -> f64 {
        critical_temperature(self.lattice.kind())
    }

    /// The machine in words.
    pub(crate) fn name(&self) -> String {
        format!("{}, {}, {}", self.data(), self.trained(), self.shape())
    }

    /// The training set in words, in short: `T = 0 … 6`.
    pub(crate) fn data(&self) -> String {
        let (low, high) =
            (short(self.setting("lowest_temperature")), short(self.setting("highest_temperature")));
        let mut text = match self.setting("temperatures") as usize {
            0 => "T unknown".to_owned(),
            1 => format!("T = {low}"),
            2 => format!("T = {low} and {high}"),
            _ => format!("T = {low} … {high}"),
        };
        if self.model != "ising" {
            text.insert_str(0, &format!("{}, ", self.model));
        }
        let (low, high) = (self.setting("lowest_field"), self.setting("highest_field"));
        if self.setting("fields") > 1.0 {
            text.push_str(&format!(", h = {} … {}", short(low), short(high)));
        } else if low != 0.0 {
            text.push_str(&format!(", h = {}", short(low)));
        }
        text
    }

    /// The units and the trainer in words: `CD-1`, `PCD-5, 0/1 units`.
    pub(crate) fn trained(&self) -> String {
        let (algorithm, more) = self.trainer.split_once(", ").unwrap_or((self.trainer.as_str(), ""));
        let k = short(self.setting("gibbs_steps"));
        let mut text = match algorithm {
            "cd" => format!("CD-{k}"),
            "pcd" => format!("PCD-{k}"),
            "parallel-tempering" => format!("PT-{k}"),
            other => format!("{other}-{k}"),
        };
        if !more.is_empty() {
            text.push_str(&format!(" {more}"));
        }
        if self.setting("binary") > 0.0 {
            text.push_str(", 0/1 units");
        }
        if self.setting("biases") > 0.0 {
            text.push_str(", biases");
        }
        if (self.setting("learning_rate") - 0.01).abs() > 1e-9 {
            text.push_str(&format!(", ε = {}", rate(self.setting("learning_rate"))));
        }
        if self.setting("weight_decay") > 0.0 {
            text.push_str(&format!(", decay {}", rate(self.setting("weight_decay"))));
        }
        text
    }

    /// N_h and the number of updates in words.
    pub(crate) fn shape(&self) -> String {
        format!("N_{{h}} = {}, {} updates", self.setting("hidden"), thousands(self.setting("updates")))
    }
}

/// A small number without superfluous zeros.
fn rate(value: f64) -> String {
    plot::panel::digits(value, 3)
}

/// A count with a thin gap before each three digits.
pub(crate) fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.max(0.0));
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 && digits.len() > 4 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_readable() {
        assert_eq!(thousands(1000.0), "1000");
        assert_eq!(thousands(25_000.0), "25,000");
        assert_eq!(thousands(1_234_567.0), "1,234,567");
    }
}
