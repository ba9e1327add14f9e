//! Means and errors over replicas.

use datasets::{Flow, Measured};
use ndarray::Array2;

/// A number with its standard error; both NaN where there is nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Estimate {
    pub(crate) value: f64,
    pub(crate) error: f64,
}

impl Estimate {
    /// Nothing.
    pub(crate) const NONE: Self = Self { value: f64::NAN, error: f64::NAN };

    pub(crate) fn new(value: f64, error: f64) -> Self {
        Self { value, error }
    }

    /// A number whose error is not known.
    pub(crate) fn bare(value: f64) -> Self {
        Self::new(value, f64::NAN)
    }

    pub(crate) fn exists(self) -> bool {
        self.value.is_finite()
    }
}

/// The mean over replicas of numbers with their own errors (over chains, say).
///
/// With one replica the error is that number's own. With more it is the standard error over replicas, but not less than
/// what the numbers' own errors give: with two or three replicas the scatter alone is small by luck every so often. An
/// own error of NaN is not known: then the scatter decides; one replica, or equal ones, have no error at all (NaN,
/// never 0). Values that are not finite count as missing.
pub(crate) fn combine(numbers: &[Estimate]) -> Estimate {
    let present: Vec<Estimate> = numbers.iter().copied().filter(|e| e.exists()).collect();
    let n = present.len() as f64;
    if present.is_empty() {
        return Estimate::NONE;
    }
    if let [only] = present[..] {
        return only;
    }
    let value = present.iter().map(|e| e.value).sum::<f64>() / n;
    let own =
        present.iter().map(|e| if e.error.is_finite() { e.error * e.error } else { 0.0 }).sum::<f64>().sqrt()
            / n;
    let scatter = present.iter().map(|e| (e.value - value).powi(2)).sum::<f64>() / (n - 1.0) / n;
    // Equal numbers without errors of their own, on a grid say, do not tell how far they are from the truth.
    if scatter == 0.0 && present.iter().all(|e| !e.error.is_finite()) {
        return Estimate::bare(value);
    }
    Estimate::new(value, scatter.sqrt().max(own))
}

/// [`combine`] for each position of several lists; shorter lists count as missing at the end.
pub(crate) fn combine_lists(lists: &[Vec<Estimate>]) -> Vec<Estimate> {
    let length = lists.iter().map(Vec::len).max().unwrap_or(0);
    (0..length)
        .map(|i| combine(&lists.iter().filter_map(|l| l.get(i).copied()).collect::<Vec<_>>()))
        .collect()
}

/// Pairs a list of values with its list of errors.
pub(crate) fn pair(values: &[f64], errors: &[f64]) -> Vec<Estimate> {
    values
        .iter()
        .enumerate()
        .map(|(i, &v)| Estimate::new(v, errors.get(i).copied().unwrap_or(f64::NAN)))
        .collect()
}

/// A quantity along the flows of all replicas, at the starts and steps of the first one: [start, step] of value and of
/// error.
pub(crate) fn along(
    flows: &[&Flow],
    quantity: impl Fn(&Flow) -> Option<&Measured>,
) -> (Array2<f64>, Array2<f64>) {
    let Some(first) = flows.first() else {
        return (Array2::zeros((0, 0)), Array2::zeros((0, 0)));
    };
    let shape = (first.start_temperature.len(), first.step.len());
    let mut value = Array2::from_elem(shape, f64::NAN);
    let mut error = Array2::from_elem(shape, f64::NAN);
    for (f, &start) in first.start_temperature.iter().enumerate() {
        for (s, &step) in first.step.iter().enumerate() {
            let numbers: Vec<Estimate> =
                flows.iter().filter_map(|flow| at(flow, quantity(flow)?, start, step)).collect();
            let mean = combine(&numbers);
            value[[f, s]] = mean.value;
            error[[f, s]] = mean.error;
        }
    }
    (value, error)
}

fn at(flow: &Flow, measured: &Measured, start: f64, step: u32) -> Option<Estimate> {
    let f = flow.start_temperature.iter().position(|&t| t == start)?;
    let s = flow.step.iter().position(|&t| t == step)?;
    Some(Estimate::new(*measured.value.get([f, s])?, *measured.error.get([f, s])?))
}

/// The last recorded value of a quantity for one start of one flow.
pub(crate) fn at_end(flow: &Flow, measured: Option<&Measured>, start: f64) -> Estimate {
    match (measured, flow.step.last()) {
        (Some(measured), Some(&step)) => at(flow, measured, start, step).unwrap_or(Estimate::NONE),
        _ => Estimate::NONE,
    }
}

/// Linear interpolation of y(x) in ascending x; None outside.
pub(crate) fn interpolate(x: &[f64], y: &[f64], at: f64) -> Option<f64> {
    let upper = x.iter().position(|&v| v >= at)?;
    if upper == 0 {
        return (x[0] == at).then(|| y[0]);
    }
    let (x0, x1) = (x[upper - 1], x[upper]);
    let fraction = if x1 > x0 { (at - x0) / (x1 - x0) } else { 0.0 };
    Some(y[upper - 1] + fraction * (y[upper] - y[upper - 1]))
}
