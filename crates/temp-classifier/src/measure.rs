//! Reading every temperature of a file of configurations.

use datasets::{Reading, Spins};

use crate::error::ReadoutError;
use crate::thermometers::Thermometers;

/// What the thermometers say about the configurations that were sampled at one temperature.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// The temperature of the sampler in J/k_B.
    pub temperature: f64,
    /// The number of configurations.
    pub configurations: usize,
    /// The readings.
    pub reading: Reading,
}

/// Reads the configurations at each temperature of `spins`, in the file's order of temperatures.
///
/// The standard errors take configurations as independent: where the sampler left correlations, they are too small.
///
/// # Errors
///
/// If the file is inconsistent or was sampled in a field, which all thermometers leave out.
pub fn measure(thermometers: &Thermometers, spins: &Spins) -> Result<Vec<Measurement>, ReadoutError> {
    if spins.field != 0.0 {
        return Err(ReadoutError::Field(spins.field));
    }
    let (samples, sites) = spins.samples.dim();
    spins.lattice.check_sites(sites)?;
    if spins.labels.len() != samples {
        return Err(ReadoutError::WrongLabels { labels: spins.labels.len(), samples });
    }
    Ok(spins
        .temperature
        .iter()
        .enumerate()
        .map(|(index, &temperature)| {
            let configurations = spins.at(index);
            let reading = thermometers.read(spins.lattice, configurations.view());
            Measurement { temperature, configurations: configurations.nrows(), reading }
        })
        .collect())
}
