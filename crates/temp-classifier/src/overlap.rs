//! Whether test configurations are among those of training.

use std::collections::{BTreeMap, HashMap};

use datasets::Spins;
use ndarray::ArrayView1;

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

/// A test set that is none.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "{} of the {tests} test configurations are training configurations ({:.0} ± {:.0} would be by chance): that is no test; \
     test on others",
    .overlap.found, .overlap.expected, .overlap.error
)]
pub struct NotIndependent {
    /// What both sets have in common.
    pub overlap: Overlap,
    /// The number of test configurations.
    pub tests: usize,
}

/// Whether test configurations are others than those of training, as far as these can tell.
///
/// # Errors
///
/// If more of them are training configurations than by chance.
pub fn check_independent(training: &Spins, test: &Spins) -> Result<(), NotIndependent> {
    let overlap = overlap(training, test);
    if overlap.is_remarkable() { Err(NotIndependent { overlap, tests: test.labels.len() }) } else { Ok(()) }
}

/// Beyond so many standard errors it is no chance.
const DEVIATIONS: f64 = 8.0;
/// So few common configurations tell nothing.
const SPARED: f64 = 3.0;

/// Compares test configurations with training configurations at the same temperature.
///
/// Small or cold lattices have few configurations, so that independent sets have many in common. How many follows from
/// the training set alone: a new configuration is among m − 1 of the m at its temperature with the same probability as
/// one of the m is among the m − 1 others. If c of them are, n c/m of n new ones are expected, without bias. So the
/// last training configuration of each temperature is left out where test configurations are looked up. With p = (c +
/// 1)/(m + 2) (Laplace's rule) the variance is np(1 − p) + 2 n² p(1 − p)/m, since configurations that are repeated come
/// in pairs at least.
///
/// Configurations of different lattices have nothing in common.
pub fn overlap(training: &Spins, test: &Spins) -> Overlap {
    let mut sum = Overlap { found: 0, expected: 0.0, error: 0.0 };
    let mut variance = 0.0;
    let (of_training, of_test) = (rows(training), rows(test));
    for (temperature, new) in &of_test {
        let Some(known) = of_training.get(temperature) else { continue };
        let mut counts: HashMap<ArrayView1<i8>, usize> = HashMap::new();
        known.iter().for_each(|row| *counts.entry(*row).or_default() += 1);
        let repeated: usize = counts.values().filter(|&&count| count > 1).sum();
        if let Some(last) = known.last() {
            counts.entry(*last).and_modify(|count| *count -= 1);
        }
        sum.found += new.iter().filter(|&row| counts.get(row).is_some_and(|&count| count > 0)).count();
        let (m, n) = (known.len() as f64, new.len() as f64);
        let p = (repeated as f64 + 1.0) / (m + 2.0);
        sum.expected += n * repeated as f64 / m.max(1.0);
        variance += n * p * (1.0 - p) + 2.0 * n * n * p * (1.0 - p) / m.max(1.0);
    }
    Overlap { error: variance.sqrt(), ..sum }
}

/// The configurations at each temperature, by the bits of the latter.
fn rows(spins: &Spins) -> BTreeMap<u64, Vec<ArrayView1<'_, i8>>> {
    let mut rows: BTreeMap<u64, Vec<ArrayView1<i8>>> = BTreeMap::new();
    for (row, &label) in spins.samples.outer_iter().zip(&spins.labels) {
        rows.entry((spins.temperature[usize::from(label)] + 0.0).to_bits()).or_default().push(row);
    }
    rows
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
            lattice: datasets::lattice::Lattice::square(size).unwrap(),
            boundary: Boundary::Periodic,
            coupling: 1.0,
            field: 0.0,
            algorithm: "by hand".to_owned(),
            label_kind: datasets::LabelKind::Temperature,
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
        let (training, mut test) = (spins(8, 1000, 1), spins(8, 1000, 2));
        assert!(overlap(&training, &training).is_remarkable());
        assert!(!overlap(&training, &test).is_remarkable());
        for row in 0..100 {
            test.samples.row_mut(row).assign(&training.samples.row(row));
        }
        let found = overlap(&training, &test);
        assert!(found.is_remarkable() && found.found == 1100, "{found:?}");
    }

    /// The spins of [`spins`], each few of them at a temperature of their own: what is common by chance adds up over
    /// temperatures, and so would a bias.
    #[test]
    fn many_temperatures_do_not_add_up_to_a_suspicion() {
        for size in [2, 3] {
            for few in [2, 3, 5, 20] {
                let at_each = |seed: u64| {
                    let mut spins = spins(size, 6000, seed);
                    spins.labels = (0..12_000).map(|row| (row / few) as u16).collect();
                    spins.temperature = (0..12_000 / few).map(|t| t as f64).collect();
                    spins
                };
                for seed in 0..5 {
                    let found = overlap(&at_each(seed), &at_each(1000 + seed));
                    assert!(!found.is_remarkable(), "{size} {few} {seed}: {found:?}");
                }
            }
            let spins = spins(4, 6000, size as u64);
            assert!(overlap(&spins, &spins).is_remarkable());
        }
    }
}
