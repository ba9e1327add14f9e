//! Which configurations are for training, which for validation, and in which order they come.

use datasets::Spins;
use numerics::bits::{Bits, shuffle};
use numerics::streams::stream;

use crate::error::DataError;

/// Row numbers of the training file.
pub(crate) struct Selection {
    pub(crate) training: Vec<u32>,
    pub(crate) validation: Vec<u32>,
}

/// Puts the same fraction of each temperature aside for validation: at least one configuration, and not all.
pub(crate) fn select(spins: &Spins, fraction: f64, seed: u64) -> Result<Selection, DataError> {
    let mut by_class: Vec<Vec<u32>> = vec![Vec::new(); spins.temperature.len()];
    for (row, &label) in spins.labels.iter().enumerate() {
        by_class[usize::from(label)].push(row as u32);
    }
    let mut selection = Selection { training: Vec::new(), validation: Vec::new() };
    for (class, mut rows) in by_class.into_iter().enumerate() {
        if rows.len() < 2 {
            let temperature = spins.temperature[class];
            return Err(DataError::TooFewSamples {
                role: "training",
                temperature,
                found: rows.len(),
                needed: 2,
            });
        }
        let mut bits = Bits::from_stream(&mut stream(seed, "thermometer validation split", &[class as u64]));
        shuffle(&mut rows, &mut bits);
        let aside = ((rows.len() as f64 * fraction).round() as usize).clamp(1, rows.len() - 1);
        selection.validation.extend(&rows[..aside]);
        selection.training.extend(&rows[aside..]);
    }
    Ok(selection)
}

/// The checks of a file of labelled configurations.
pub(crate) fn check(spins: &Spins, role: &'static str) -> Result<(), DataError> {
    let (samples, sites) = spins.samples.dim();
    spins.lattice.check_sites(sites).map_err(|source| DataError::WrongSites { role, source })?;
    if spins.labels.len() != samples {
        return Err(DataError::WrongLabels { role, labels: spins.labels.len(), samples });
    }
    let classes = spins.temperature.len();
    match spins.labels.iter().position(|&label| usize::from(label) >= classes) {
        Some(index) => Err(DataError::UnknownLabel { role, index, label: spins.labels[index], classes }),
        None => Ok(()),
    }
}

/// For each temperature of `test` its class, and the number of test configurations of each class.
pub(crate) fn match_classes(training: &Spins, test: &Spins) -> Result<Vec<u16>, DataError> {
    let mut class_of = Vec::with_capacity(test.temperature.len());
    for &temperature in &test.temperature {
        match training.index_of(temperature) {
            Some(class) => class_of.push(class as u16),
            None => return Err(DataError::UnknownTestTemperature(temperature)),
        }
    }
    let mut counts = vec![0; training.temperature.len()];
    for &label in &test.labels {
        counts[usize::from(class_of[usize::from(label)])] += 1;
    }
    for (class, &found) in counts.iter().enumerate() {
        if found < 2 {
            let temperature = training.temperature[class];
            return Err(DataError::TooFewSamples { role: "test", temperature, found, needed: 2 });
        }
    }
    Ok(class_of)
}
