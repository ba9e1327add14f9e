//! The two controls without geometry: permuted configurations, and the Curie–Weiss model.

use datasets::Progress;
use numerics::bits::{self, Bits, unit_f64};
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
            samples.chunks_exact_mut(sites).for_each(|spins| bits::shuffle(spins, &mut bits));
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
            bits::shuffle(spins, &mut bits);
            meter.advance(1)?;
        }
    }
    Ok(samples)
}
