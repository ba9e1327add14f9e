//! Chains of the checkerboard sampler.

use numerics::vector::Width;
use rand_chacha::ChaCha8Rng;

use super::Ensemble;
use crate::error::SampleError;
use crate::multispin::checkerboard::Checkerboard;

/// Independent chains of one model.
pub(super) struct Chains(Vec<Checkerboard>);

impl Chains {
    /// `size` and `temperature` are such that [`Checkerboard::new`] accepts them.
    pub(super) fn new(
        size: usize,
        temperature: f64,
        chains: usize,
        width: Width,
        stream: &mut ChaCha8Rng,
    ) -> Self {
        let chain =
            |_| Checkerboard::new(size, temperature, width, stream).expect("the caller vouches for it");
        Self((0..chains).map(chain).collect())
    }
}

impl Ensemble for Chains {
    fn sweep(&mut self, sweeps: u64) -> Result<(), SampleError> {
        self.0.iter_mut().for_each(|chain| chain.sweep(sweeps));
        Ok(())
    }

    fn updates_per_sweep(&self) -> f64 {
        self.0.first().map_or(0.0, |chain| chain.sites() as f64)
    }

    fn measure(&self, energy: &mut [i32], magnetization: &mut [i32]) {
        for ((chain, energy), magnetization) in self.0.iter().zip(energy).zip(magnetization) {
            (*energy, *magnetization) = chain.measure();
        }
    }

    fn copy(&self, chain: usize, out: &mut [i8]) {
        self.0[chain].copy(out);
    }
}
