//! The configurations that a machine is trained on.
//!
//! They are kept as one bit for each spin: batches are drawn in random order, and eight times as many bytes would not
//! stay in the cache.

use datasets::lattice::Lattice;
use datasets::{Spins, Units};
use ndarray::Array1;
use numerics::bit_matrix::BitMatrix;
use numerics::bits::Bits;
use numerics::streams::stream;

use super::TrainError;
use crate::config::TrainConfig;
use crate::layer::values;

/// The configurations at the chosen temperatures, in file order.
#[derive(Debug)]
pub(crate) struct TrainingSet {
    temperatures: Vec<f64>,
    /// [configurations, sites], set if a spin is up.
    units: BitMatrix,
    lattice: Lattice,
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
        let Some(&temperature) = temperatures.first().filter(|_| spins.samples.ncols() > 0) else {
            return Err(TrainError::NoConfigurations { temperature: f64::NAN });
        };
        if rows.is_empty() {
            return Err(TrainError::NoConfigurations { temperature });
        }
        for &row in &rows {
            if let Some((site, &found)) =
                spins.samples.row(row).indexed_iter().find(|(_, spin)| !matches!(spin, 1 | -1))
            {
                return Err(TrainError::NotASpin { sample: row, site, found });
            }
        }
        let mut units = BitMatrix::zeros(rows.len(), spins.samples.ncols());
        for (to, &row) in rows.iter().enumerate() {
            let configuration = BitMatrix::of_positive(spins.samples.row(row).insert_axis(ndarray::Axis(0)));
            units.row_mut(to).copy_from_slice(configuration.row(0));
        }
        Ok(Self { temperatures, units, lattice: spins.lattice })
    }

    pub(crate) fn temperatures(&self) -> &[f64] {
        &self.temperatures
    }

    /// The lattice that the configurations are on.
    pub(crate) fn lattice(&self) -> Lattice {
        self.lattice
    }

    /// The number of configurations.
    pub(crate) fn len(&self) -> usize {
        self.units.rows()
    }

    /// The number of sites.
    pub(crate) fn visible(&self) -> usize {
        self.units.columns()
    }

    /// A number that differs between different training sets, up to chance: FNV-1a over the shape and the spins.
    pub(crate) fn checksum(&self) -> u64 {
        let shape = [self.len() as u64, self.visible() as u64];
        let bytes = shape.iter().chain(self.units.words()).flat_map(|word| word.to_le_bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }

    /// Writes some configurations into the rows of `out` from `first` on.
    pub(crate) fn load(&self, configurations: &[u32], out: &mut BitMatrix, first: usize) {
        for (row, &configuration) in (first..).zip(configurations) {
            out.row_mut(row).copy_from_slice(self.units.row(configuration as usize));
        }
    }

    /// The units of the configurations that the monitored quantities are averaged over: drawn without repetition, in file
    /// order, the same at every epoch.
    pub(crate) fn monitored(&self, config: &TrainConfig) -> BitMatrix {
        let mut bits = Bits::from_stream(&mut stream(config.seed, "train monitor", &[]));
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        shuffle(&mut order, &mut bits);
        order.truncate(config.monitor_samples);
        order.sort_unstable();
        let mut units = BitMatrix::zeros(order.len(), self.visible());
        self.load(&order, &mut units, 0);
        units
    }

    /// The mean of every visible unit, \[visible\].
    pub(crate) fn mean(&self, units: Units) -> Array1<f32> {
        let values = values(units);
        let count = |site| (0..self.len()).filter(|&row| self.units.get(row, site)).count() as f64;
        let mean = |site| count(site) / self.len() as f64;
        let value = |bit| f64::from(values.of(bit));
        Array1::from_shape_fn(self.visible(), |site| {
            (value(false) + (value(true) - value(false)) * mean(site)) as f32
        })
    }
}

/// A random order (Fisher and Yates) with unbiased indices (Lemire's multiplication with rejection), from 32 bits each:
/// the bytes of every trained machine hold to these draws, so that it is not [`numerics::bits::shuffle`].
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
