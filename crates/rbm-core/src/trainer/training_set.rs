//! The configurations that a machine is trained on.

use datasets::{Spins, Units};
use ndarray::{Array1, Array2};
use numerics::bits::Bits;
use numerics::streams::stream;

use super::TrainError;
use crate::config::TrainConfig;
use crate::layer::spins_to_units;

/// The configurations at the chosen temperatures, in file order.
#[derive(Debug)]
pub(crate) struct TrainingSet {
    temperatures: Vec<f64>,
    /// [n, visible] of ±1, row-major.
    spins: Array2<i8>,
    checksum: u64,
}

impl TrainingSet {
    /// Picks the configurations at the config's temperatures.
    pub(crate) fn select(config: &TrainConfig, spins: &Spins) -> Result<Self, TrainError> {
        config.validate()?;
        let temperatures = config.temperatures.clone().unwrap_or_else(|| spins.temperature.clone());
        let mut count_at = vec![0usize; spins.temperature.len()];
        for &label in &spins.labels {
            if let Some(count) = count_at.get_mut(usize::from(label)) {
                *count += 1;
            }
        }
        let mut wanted = vec![false; spins.temperature.len()];
        for &temperature in &temperatures {
            match spins.index_of(temperature) {
                None => {
                    let available = spins.temperature.clone();
                    return Err(TrainError::TemperatureMissing { temperature, available });
                }
                Some(index) if count_at[index] == 0 => {
                    return Err(TrainError::NoConfigurations { temperature });
                }
                Some(index) => wanted[index] = true,
            }
        }
        let rows: Vec<usize> = (0..spins.samples.nrows().min(spins.labels.len()))
            .filter(|&row| wanted.get(usize::from(spins.labels[row])).copied().unwrap_or(false))
            .collect();
        let mut chosen = Array2::zeros((rows.len(), spins.samples.ncols()));
        for (mut to, &from) in chosen.rows_mut().into_iter().zip(&rows) {
            to.assign(&spins.samples.row(from));
        }
        if let Some(((row, site), &found)) = chosen.indexed_iter().find(|&(_, spin)| !matches!(spin, 1 | -1))
        {
            return Err(TrainError::NotASpin { sample: rows[row], site, found });
        }
        if chosen.is_empty() {
            return Err(TrainError::NoConfigurations {
                temperature: temperatures.first().copied().unwrap_or(f64::NAN),
            });
        }
        let checksum = checksum(&chosen);
        Ok(Self { temperatures, spins: chosen, checksum })
    }

    pub(crate) fn temperatures(&self) -> &[f64] {
        &self.temperatures
    }

    /// The number of configurations.
    pub(crate) fn len(&self) -> usize {
        self.spins.nrows()
    }

    /// The number of sites.
    pub(crate) fn visible(&self) -> usize {
        self.spins.ncols()
    }

    /// A number that differs between different training sets, up to chance.
    pub(crate) fn checksum(&self) -> u64 {
        self.checksum
    }

    /// The spins of configuration `row`.
    pub(crate) fn row(&self, row: usize) -> &[i8] {
        let sites = self.visible();
        &self.spins.as_slice().expect("the matrix was made in row-major order")
            [row * sites..(row + 1) * sites]
    }

    /// The units of the configurations that the monitored quantities are averaged over: drawn without repetition, in file
    /// order, the same at every epoch.
    pub(crate) fn monitored(&self, config: &TrainConfig) -> Array2<f32> {
        let mut bits = Bits::from_stream(&mut stream(config.seed, "train monitor", &[]));
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        shuffle(&mut order, &mut bits);
        order.truncate(config.monitor_samples);
        order.sort_unstable();
        let mut units = Array2::zeros((order.len(), self.visible()));
        for (mut to, &from) in units.rows_mut().into_iter().zip(&order) {
            let to = to.as_slice_mut().expect("rows of a row-major matrix are contiguous");
            spins_to_units(config.units, self.row(from as usize), to);
        }
        units
    }

    /// The mean of every visible unit, [visible].
    pub(crate) fn mean(&self, units: Units) -> Array1<f32> {
        let sums = self.spins.rows().into_iter().fold(vec![0i64; self.visible()], |mut sums, row| {
            sums.iter_mut().zip(row).for_each(|(sum, &spin)| *sum += i64::from(spin));
            sums
        });
        let mean = |sum: i64| sum as f64 / self.len() as f64;
        let values = sums.into_iter().map(|sum| match units {
            Units::Spin => mean(sum) as f32,
            Units::Binary => (0.5 * mean(sum) + 0.5) as f32,
        });
        values.collect()
    }
}

/// A random order (Fisher and Yates) with unbiased indices (Lemire's multiplication with rejection).
pub(crate) fn shuffle(order: &mut [u32], bits: &mut Bits) {
    for last in (1..order.len()).rev() {
        let chosen = below(last as u32 + 1, bits);
        order.swap(last, chosen as usize);
    }
}

fn below(bound: u32, bits: &mut Bits) -> u32 {
    let threshold = bound.wrapping_neg() % bound;
    loop {
        let wide = u64::from((bits.next() >> 32) as u32) * u64::from(bound);
        if wide as u32 >= threshold {
            return (wide >> 32) as u32;
        }
    }
}

/// FNV-1a over the shape and the spins.
fn checksum(spins: &Array2<i8>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut eat = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    for length in [spins.nrows(), spins.ncols()] {
        (length as u64).to_le_bytes().into_iter().for_each(&mut eat);
    }
    spins.iter().for_each(|&spin| eat(spin as u8));
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All 24 orders of four things, 24,000 shuffles: χ² with 23 degrees of freedom; above 52.6 by chance with
    /// probability 4·10⁻⁴ (fixed seed).
    #[test]
    fn all_orders_are_equally_probable() {
        let mut bits = Bits::from_stream(&mut stream(5, "test", &[]));
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..24_000 {
            let mut order = [0, 1, 2, 3];
            shuffle(&mut order, &mut bits);
            *counts.entry(order).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 24);
        let chi_squared: f64 = counts.values().map(|&n| (f64::from(n) - 1000.0).powi(2) / 1000.0).sum();
        assert!(chi_squared < 52.6, "χ² = {chi_squared}");
    }
}
