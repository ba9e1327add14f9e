//! The two controls without geometry: permuted configurations, and the Curie–Weiss model.

use datasets::Progress;
use numerics::bits::{Bits, unit_f64};
use rayon::prelude::*;

use crate::config::SampleConfig;
use crate::error::SampleError;
use crate::exact::curie_weiss;
use crate::meter::Meter;

/// Permutes the spins of each configuration of each temperature, \[temperatures, samples, sites\].
pub(crate) fn shuffle(config: &SampleConfig, samples: &mut [i8]) {
    let sites = config.lattice.sites();
    samples.par_chunks_exact_mut(config.samples_per_temperature * sites).enumerate().for_each(
        |(t, samples)| {
            let temperature = config.temperatures[t];
            let mut bits = Bits::from_stream(&mut config.stream("sample shuffle", temperature, 0));
            samples.chunks_exact_mut(sites).for_each(|spins| permute(spins, &mut bits));
        },
    );
}

/// Independent configurations of the Curie–Weiss model, \[temperatures, samples, sites\].
pub(crate) fn curie_weiss_samples(
    config: &SampleConfig,
    progress: &dyn Progress,
) -> Result<Vec<i8>, SampleError> {
    let sites = config.lattice.sites();
    let each = config.samples_per_temperature;
    let mut samples = vec![-1; config.temperatures.len() * each * sites];
    let meter = Meter::new(progress, 0.0, 0.99, (config.temperatures.len() * each) as u64);
    // One law at a time: it has a number for each site.
    for (t, samples) in samples.chunks_exact_mut(each * sites).enumerate() {
        let refused = || SampleError::NoCurieWeiss(config.lattice);
        let size = config.lattice.size().ok_or_else(refused)?;
        let law = curie_weiss(size, config.temperatures[t], config.field).map_err(|_| refused())?;
        let mut sum = 0.0;
        let cumulative: Vec<f64> = law
            .probability
            .iter()
            .map(|p| {
                sum += p;
                sum
            })
            .collect();
        let mut bits = Bits::from_stream(&mut config.stream("sample curie-weiss", config.temperatures[t], 0));
        for spins in samples.chunks_exact_mut(sites) {
            let u = unit_f64(bits.next()) * sum;
            let up = cumulative.partition_point(|&below| below <= u).min(sites);
            spins[..up].fill(1);
            permute(spins, &mut bits);
            meter.advance(1)?;
        }
    }
    Ok(samples)
}

/// A permutation of which each is equally probable (R. Durstenfeld, Commun. ACM 7, 420, 1964).
fn permute(spins: &mut [i8], bits: &mut Bits) {
    for last in (1..spins.len()).rev() {
        spins.swap(last, below(last as u64 + 1, bits) as usize);
    }
}

/// A number in 0..`end`, each equally probable: the high half of a product, drawn again where that would favour some
/// (D. Lemire, ACM Trans. Model. Comput. Simul. 29, 3, 2019).
fn below(end: u64, bits: &mut Bits) -> u64 {
    loop {
        let product = u128::from(bits.next()) * u128::from(end);
        let low = product as u64;
        if low >= end || low >= end.wrapping_neg() % end {
            return (product >> 64) as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use numerics::streams::stream;

    use super::*;

    /// All 4! orders of four things: χ² with 23 degrees of freedom exceeds 80 with a probability of 3e-8.
    #[test]
    fn permutations_are_equally_probable() {
        let mut bits = Bits::from_stream(&mut stream(1, "test", &[]));
        let mut counts = std::collections::BTreeMap::new();
        let draws = 24_000;
        for _ in 0..draws {
            let mut things = [1i8, 2, 3, 4];
            permute(&mut things, &mut bits);
            *counts.entry(things).or_insert(0u32) += 1;
        }
        assert_eq!(counts.len(), 24);
        let expected = f64::from(draws) / 24.0;
        let chi_squared: f64 = counts.values().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
        assert!(chi_squared < 80.0, "{chi_squared}");
    }
}
