//! Whether test configurations are among those of training.

use std::collections::HashMap;

use datasets::Spins;

/// Test configurations that are also training configurations at the same temperature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlap {
    /// How many there are.
    pub found: usize,
    /// How many there would be by chance in an independent test set.
    pub expected: f64,
    /// The standard error of that.
    pub error: f64,
}

impl Overlap {
    /// Whether so many cannot be chance.
    pub fn is_remarkable(&self) -> bool {
        self.found as f64 > self.expected + DEVIATIONS * self.error + SPARED
    }
}

/// Beyond so many standard errors it is no chance.
const DEVIATIONS: f64 = 8.0;
/// So few common configurations tell nothing.
const SPARED: f64 = 3.0;

/// Compares test configurations with training configurations at the same temperature.
///
/// Small or cold lattices have few configurations, so that independent sets have many in common. How many follows from
/// the training set alone: a new configuration is in it about as often as one of its own is there a second time. With c of m
/// configurations that are, p = (c + 1)/(m + 2) (Laplace's rule), its variance is p(1 − p)/m, and of n new ones np are
/// expected.
///
/// Configurations of different lattices have nothing in common.
pub fn overlap(training: &Spins, test: &Spins) -> Overlap {
    let mut sum = Overlap { found: 0, expected: 0.0, error: 0.0 };
    let mut variance = 0.0;
    for (place, &temperature) in test.temperature.iter().enumerate() {
        let Some(index) = training.index_of(temperature) else { continue };
        let (known, new) = (training.at(index), test.at(place));
        let mut counts: HashMap<Vec<i8>, usize> = HashMap::new();
        known.outer_iter().for_each(|row| *counts.entry(row.to_vec()).or_default() += 1);
        let repeated: usize = counts.values().filter(|&&count| count > 1).sum();
        sum.found += new.outer_iter().filter(|row| counts.contains_key(&row.to_vec())).count();
        let (m, n) = (known.nrows() as f64, new.nrows() as f64);
        let p = (repeated as f64 + 1.0) / (m + 2.0);
        sum.expected += n * p;
        variance += n * p * (1.0 - p) + n * n * p * (1.0 - p) / m.max(1.0);
    }
    Overlap { error: variance.sqrt(), ..sum }
}

#[cfg(test)]
mod tests {
    use datasets::{Boundary, Observables};
    use ndarray::Array2;
    use numerics::bits::Bits;
    use numerics::streams::stream;

    use super::*;

    /// `each` configurations at two temperatures: random ones, and the two ground states.
    fn spins(size: usize, each: usize, seed: u64) -> Spins {
        let mut bits = Bits::from_stream(&mut stream(seed, "a test", &[]));
        let sites = size * size;
        let samples = Array2::from_shape_fn((2 * each, sites), |(row, site)| {
            let all = if row < each || site == 0 { bits.next() } else { 0 };
            if all & 1 == 1 { 1i8 } else { -1 }
        });
        let mut samples = samples;
        for row in each..2 * each {
            let first = samples[[row, 0]];
            samples.row_mut(row).fill(first);
        }
        Spins {
            size,
            boundary: Boundary::Periodic,
            coupling: 1.0,
            field: 0.0,
            algorithm: "by hand".to_owned(),
            temperature: vec![f64::INFINITY, 0.0],
            energy: vec![0; 2 * each],
            magnetization: vec![0; 2 * each],
            labels: (0..2 * each).map(|row| u16::from(row >= each)).collect(),
            samples,
            observables: Observables::default(),
        }
    }

    /// Independent sets of any size are not suspected, also where they have nearly everything in common by chance, and of
    /// large lattices a tenth of the training set in the test set is enough.
    #[test]
    fn common_configurations_are_told_from_chance() {
        for size in [2, 3, 4, 8] {
            for each in [2, 5, 20, 100, 1000] {
                for seed in 0..20 {
                    let found = overlap(&spins(size, each, seed), &spins(size, 100, 1000 + seed));
                    assert!(!found.is_remarkable(), "{size} {each} {seed}: {found:?}");
                }
            }
        }
        let training = spins(8, 100, 1);
        assert!(overlap(&training, &training).is_remarkable());
        let mut test = spins(8, 1000, 2);
        assert!(!overlap(&training, &test).is_remarkable());
        for row in 0..100 {
            test.samples.row_mut(row).assign(&training.samples.row(row));
        }
        let found = overlap(&training, &test);
        assert!(found.is_remarkable() && found.found >= 1100, "{found:?}");
    }
}
