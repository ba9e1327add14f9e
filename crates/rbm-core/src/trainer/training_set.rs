//! The configurations that a machine is trained on.
//!
//! They are kept as one bit for each spin: batches are drawn in random order, and eight times as many bytes would not
//! stay in the cache.

use datasets::Spins;
use ndarray::{Array1, Array2, ArrayViewMut2};
use numerics::bits::Bits;
use numerics::streams::stream;

use super::TrainError;
use crate::config::TrainConfig;
use crate::layer::unit_of_spin;

/// The configurations at the chosen temperatures, in file order.
#[derive(Debug)]
pub(crate) struct TrainingSet {
    temperatures: Vec<f64>,
    configurations: usize,
    sites: usize,
    /// ⌈sites / 64⌉ words for each configuration: bit i mod 64 of word ⌊i / 64⌋ is set if spin i is up.
    bits: Vec<u64>,
    /// The units for each byte.
    units_of_byte: Box<[[f32; 8]; 256]>,
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
        let sites = spins.samples.ncols();
        let words = sites.div_ceil(64);
        let mut bits = vec![0u64; rows.len() * words];
        for (&row, bits) in rows.iter().zip(bits.chunks_exact_mut(words)) {
            for (site, &spin) in spins.samples.row(row).iter().enumerate() {
                match spin {
                    1 => bits[site / 64] |= 1 << (site % 64),
                    -1 => {}
                    found => return Err(TrainError::NotASpin { sample: row, site, found }),
                }
            }
        }
        let unit =
            |byte: usize, bit: usize| unit_of_spin(config.units, if byte >> bit & 1 == 1 { 1 } else { -1 });
        let units_of_byte = Box::new(std::array::from_fn(|byte| std::array::from_fn(|bit| unit(byte, bit))));
        Ok(Self { temperatures, configurations: rows.len(), sites, bits, units_of_byte })
    }

    pub(crate) fn temperatures(&self) -> &[f64] {
        &self.temperatures
    }

    /// The number of configurations.
    pub(crate) fn len(&self) -> usize {
        self.configurations
    }

    /// The number of sites.
    pub(crate) fn visible(&self) -> usize {
        self.sites
    }

    /// A number that differs between different training sets, up to chance: FNV-1a over the shape and the spins.
    pub(crate) fn checksum(&self) -> u64 {
        let shape = [self.configurations as u64, self.sites as u64];
        let bytes = shape.iter().chain(&self.bits).flat_map(|word| word.to_le_bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }

    /// Writes the units of some configurations, [configurations, visible]. `bits` is a buffer that is used up.
    pub(crate) fn load(&self, configurations: &[u32], bits: &mut Vec<u64>, mut out: ArrayViewMut2<f32>) {
        // The words come from anywhere in memory. Fetched in a loop of their own, many are waited for at the same time.
        let words = self.sites.div_ceil(64);
        bits.clear();
        for &configuration in configurations {
            let first = configuration as usize * words;
            bits.extend_from_slice(&self.bits[first..first + words]);
        }
        for (mut out, bits) in out.rows_mut().into_iter().zip(bits.chunks_exact(words)) {
            let out = out.as_slice_mut().expect("rows of a row-major matrix are contiguous");
            for (out, &word) in out.chunks_mut(64).zip(bits) {
                self.unpack(word, out);
            }
        }
    }

    /// Writes the units of the lowest bits of a word.
    fn unpack(&self, word: u64, out: &mut [f32]) {
        let mut groups = out.chunks_exact_mut(8);
        let mut rest = word;
        for group in &mut groups {
            group.copy_from_slice(&self.units_of_byte[(rest & 0xff) as usize]);
            rest >>= 8;
        }
        for unit in groups.into_remainder() {
            *unit = self.units_of_byte[(rest & 1) as usize][0];
            rest >>= 1;
        }
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
        self.load(&order, &mut vec![], units.view_mut());
        units
    }

    /// The mean of every visible unit, \[visible\].
    pub(crate) fn mean(&self) -> Array1<f32> {
        let mut sums = vec![0.0; self.sites];
        let mut units = Array2::zeros((1, self.sites));
        for configuration in 0..self.configurations as u32 {
            self.load(&[configuration], &mut vec![], units.view_mut());
            sums.iter_mut().zip(&units).for_each(|(sum, &unit)| *sum += f64::from(unit));
        }
        sums.into_iter().map(|sum| (sum / self.configurations as f64) as f32).collect()
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
