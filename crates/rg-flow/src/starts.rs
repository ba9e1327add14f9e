//! The start ensembles of a flow.

use datasets::Spins;
use ndarray::{Array2, Axis};
use numerics::streams::derive_seed;

use crate::error::FlowError;

/// The ensemble at one temperature.
pub(crate) struct Start {
    pub(crate) temperature: f64,
    /// [chains, sites].
    pub(crate) configurations: Array2<i8>,
}

impl Start {
    /// The seed of the chains of a machine's flow from here.
    pub(crate) fn seed(&self, master: u64) -> u64 {
        derive_seed(master, "rbm flow", &[stream_index(self.temperature)])
    }
}

/// The checks of what both flows have: their steps, chains and starts.
pub(crate) fn check_settings(
    steps: u32,
    chains: usize,
    temperatures: Option<&[f64]>,
) -> Result<(), FlowError> {
    let refuse = |name, found: String, expected| Err(FlowError::Setting { name, found, expected });
    if steps == 0 {
        return refuse("steps", steps.to_string(), "at least 1");
    }
    if chains < 2 {
        return refuse("chains", chains.to_string(), "at least 2, since errors are over chains");
    }
    let Some(list) = temperatures else { return Ok(()) };
    if list.is_empty() {
        return refuse("start_temperatures", "[]".to_owned(), "at least one temperature of the start file");
    }
    match list.iter().enumerate().find(|(place, temperature)| list[..*place].contains(temperature)) {
        Some((_, &temperature)) => Err(FlowError::TwiceTheSame { temperature }),
        None => Ok(()),
    }
}

/// The first `chains` configurations, in file order, at each of `temperatures` (all of the file if `None`).
pub(crate) fn starts(
    spins: &Spins,
    temperatures: Option<&[f64]>,
    chains: usize,
) -> Result<Vec<Start>, FlowError> {
    let temperatures = temperatures.unwrap_or(&spins.temperature);
    let mut starts = Vec::with_capacity(temperatures.len());
    for &temperature in temperatures {
        let index = spins.index_of(temperature).ok_or_else(|| FlowError::UnknownTemperature {
            temperature,
            available: spins.temperature.clone(),
        })?;
        let mut rows: Vec<usize> =
            (0..spins.labels.len()).filter(|&row| usize::from(spins.labels[row]) == index).collect();
        if rows.len() < chains {
            return Err(FlowError::TooFewConfigurations { temperature, chains, available: rows.len() });
        }
        rows.truncate(chains);
        for &row in &rows {
            if let Some(site) = spins.samples.row(row).iter().position(|&spin| spin != 1 && spin != -1) {
                let found = spins.samples[[row, site]];
                return Err(FlowError::NotASpin { configuration: row, site, found });
            }
        }
        starts.push(Start { temperature, configurations: spins.samples.select(Axis(0), &rows) });
    }
    Ok(starts)
}

/// The number of streams is the temperature's own bits, so that what a start does depends neither on its place in the
/// list nor on the other starts.
pub(crate) fn stream_index(temperature: f64) -> u64 {
    temperature.to_bits()
}
