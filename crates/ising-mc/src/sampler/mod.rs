//! The samplers behind one interface: ensembles of independent chains.

mod checkerboard;
mod cluster;
mod past;

use datasets::lattice::Lattice;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::error::SampleError;
use numerics::vector::Width;

use crate::multispin::{Block, REPLICAS, Update};

/// How configurations are made.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// Single-spin Metropolis, 512 replicas at a time. Fastest up to about L = 24 near T_c, and at any L away from it.
    #[default]
    Metropolis,
    /// Single-spin heat bath, 512 replicas at a time.
    HeatBath,
    /// Single-spin Metropolis of one chain at a time, 512 sites at once; square lattices of even size only. For large
    /// lattices of which few configurations are wanted (`metropolis` always advances 512), and for the dynamics of
    /// large lattices.
    Checkerboard,
    /// U. Wolff's single-cluster updates (Phys. Rev. Lett. 62, 361, 1989). Recommended for large lattices near T_c.
    Wolff,
    /// R. H. Swendsen and J.-S. Wang's multi-cluster updates (Phys. Rev. Lett. 58, 86, 1987).
    SwendsenWang,
    /// Exact sampling by coupling from the past (J. G. Propp and D. B. Wilson, Random Struct. Algorithms 9, 223, 1996):
    /// no thermalization, no autocorrelation, at the price of time.
    CouplingFromThePast,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Metropolis,
        Self::HeatBath,
        Self::Checkerboard,
        Self::Wolff,
        Self::SwendsenWang,
        Self::CouplingFromThePast,
    ];

    /// The name in configs and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Metropolis => "metropolis",
            Self::HeatBath => "heat-bath",
            Self::Checkerboard => "checkerboard",
            Self::Wolff => "wolff",
            Self::SwendsenWang => "swendsen-wang",
            Self::CouplingFromThePast => "coupling-from-the-past",
        }
    }

    /// Whether it can sample in a uniform field.
    pub fn allows_field(self) -> bool {
        !matches!(self, Self::Checkerboard | Self::Wolff | Self::SwendsenWang)
    }

    /// Chains that advance together.
    pub(crate) fn chains_per_block(self) -> usize {
        match self {
            Self::Metropolis | Self::HeatBath => REPLICAS,
            Self::Checkerboard => 1,
            Self::Wolff | Self::SwendsenWang | Self::CouplingFromThePast => 16,
        }
    }

    /// Chains of a pilot run.
    pub(crate) fn pilot_chains(self) -> usize {
        match self {
            Self::Metropolis | Self::HeatBath => 128,
            Self::Checkerboard | Self::Wolff | Self::SwendsenWang | Self::CouplingFromThePast => 32,
        }
    }
}

/// A lattice at a positive, finite temperature (J/k_B) in a finite field (J).
#[derive(Debug, Clone, Copy)]
pub struct Model {
    /// The lattice, which has bonds.
    pub lattice: Lattice,
    /// In J/k_B, positive and finite.
    pub temperature: f64,
    /// h in J.
    pub field: f64,
}

/// Independent chains of one model, all with the same law at any time.
pub trait Ensemble: Send {
    /// Lets every chain make some sweeps. (One of an exact sampler is a fresh, independent configuration.)
    ///
    /// # Errors
    ///
    /// If an exact sampler does not come to an end.
    fn sweep(&mut self, sweeps: u64) -> Result<(), SampleError>;

    /// Updates of one sweep of a chain, on average: sites for single-spin updates, clusters turned for Wolff's, 1
    /// otherwise.
    fn updates_per_sweep(&self) -> f64;

    /// Energies without the field's part and magnetizations of the first chains, as many as the slices hold.
    fn measure(&self, energy: &mut [i32], magnetization: &mut [i32]);

    /// The spins ±1 of one chain.
    fn copy(&self, chain: usize, out: &mut [i8]);
}

/// A fresh ensemble: all chains start with all spins in the direction of the field (up without one), so that no chain
/// can freeze into a striped state. `chains` may be rounded up (to 512 for single-spin updates). The model is one that
/// [`crate::SampleConfig::check`] would accept for the algorithm; `checkerboard` and the cluster updates ignore its
/// field.
pub fn ensemble(
    algorithm: Algorithm,
    model: Model,
    chains: usize,
    width: Width,
    stream: &mut ChaCha8Rng,
) -> Box<dyn Ensemble> {
    let block = |update, stream: &mut ChaCha8Rng| {
        Box::new(Block::new(model.lattice, model.temperature, model.field, update, width, stream))
    };
    match algorithm {
        Algorithm::Metropolis => block(Update::Metropolis, stream),
        Algorithm::HeatBath => block(Update::HeatBath, stream),
        Algorithm::Checkerboard => {
            let size = model.lattice.size().unwrap_or(0);
            Box::new(checkerboard::Chains::new(size, model.temperature, chains, width, stream))
        }
        Algorithm::Wolff => Box::new(cluster::Chains::<cluster::Wolff>::new(model, chains, width, stream)),
        Algorithm::SwendsenWang => {
            Box::new(cluster::Chains::<cluster::SwendsenWang>::new(model, chains, width, stream))
        }
        Algorithm::CouplingFromThePast => Box::new(past::Exact::new(model, chains, stream)),
    }
}

impl Ensemble for Block {
    fn sweep(&mut self, sweeps: u64) -> Result<(), SampleError> {
        Self::sweep(self, sweeps);
        Ok(())
    }

    fn updates_per_sweep(&self) -> f64 {
        self.sites() as f64
    }

    fn measure(&self, energy: &mut [i32], magnetization: &mut [i32]) {
        Self::measure(self, energy, magnetization);
    }

    fn copy(&self, chain: usize, out: &mut [i8]) {
        Self::copy(self, chain, out);
    }
}
