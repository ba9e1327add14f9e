//! `sample`: Ising configurations.

use std::path::Path;

use datasets::{Spins, file};
use ising_mc::{Algorithm, Model, SampleConfig, SampleError};

use crate::exit::Problem;
use crate::independence::independence;
use crate::stage::{Cost, InputSizes, Stage, Work};
use crate::temperatures::{LatticeTemperatures, settle};
use crate::verb::{NoInputs, Shape, Verb, seed, settings};

/// The name of the stage.
pub(super) const NAME: &str = "sample";

settings! {
    /// The settings of `sample` that have an argument of their own.
    Settings {
        /// The lattice: chain, square, honeycomb, triangular or cubic [default: square]
        lattice: String,
        /// L: all sides of the lattice
        #[arg(short = 'L', required_unless_present = "shape")]
        size: usize,
        /// The sides of the lattice, such as `14x8`, instead of its size
        #[arg(conflicts_with = "size")]
        shape: Shape,
        /// Temperatures in J/k_B, such as `0:6:0.25` or `0,tc,inf`
        #[arg(required = true)]
        temperatures: LatticeTemperatures,
        /// Configurations at each temperature
        #[arg(required = true)]
        samples_per_temperature: usize,
        /// The uniform field in J [default: 0]
        field: f64,
        /// How to sample [default: metropolis]
        algorithm: String,
        /// `ising`, `shuffled` (spins permuted within each configuration) or `curie-weiss` [default: ising]
        model: String,
        /// The master seed [default: 0]
        #[arg(value_parser = seed())]
        seed: u64,
    }
}

impl Verb for SampleConfig {
    type Inputs = NoInputs;
    type Settings = Settings;

    /// Takes `tc` from the lattice.
    fn settle(mut settings: Settings) -> Result<Settings, Problem> {
        settle(settings.lattice.as_deref(), settings.temperatures.as_mut())?;
        Ok(settings)
    }
}

impl Stage for SampleConfig {
    fn name(&self) -> &'static str {
        NAME
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn check(&self, _: &InputSizes) -> Result<(), Problem> {
        SampleConfig::check(self).map_err(Problem::usage)
    }

    /// Measured at L = 8 to 64 with up to 4000 configurations at each of eight temperatures; the pilot runs also at 512.
    fn cost(&self, _: &InputSizes) -> Cost {
        let (sites, temperatures) = (self.lattice.sites() as f64, self.temperatures.len() as f64);
        // Of a square of as many sites.
        let size = sites.sqrt();
        let samples = temperatures * self.samples_per_temperature as f64;
        // The pilot runs take longer than the samples unless there are very many.
        let pilots = temperatures * (0.03 + 3.7e-6 * size.powf(2.5));
        let (pilots, per_spin) = match (self.model, self.algorithm) {
            (Model::CurieWeiss, _) => (0.0, 2e-8),
            (_, Algorithm::Metropolis) => (pilots, 6e-8),
            (_, Algorithm::HeatBath) => (pilots, 7e-8),
            (_, Algorithm::Checkerboard) => (pilots, 2.5e-7),
            (_, Algorithm::Wolff | Algorithm::SwendsenWang) => (pilots, 8e-7),
            // Chains from all up and all down meet after more sweeps on larger lattices.
            (_, Algorithm::CouplingFromThePast) => (0.0, 1.3e-6 * (size / 8.0).powf(0.9)),
        };
        Cost::new(
            pilots + samples * sites * per_spin,
            samples * (sites * 4.5 + 40.0) + sites * 650.0 + temperatures * 900.0,
        )
    }

    fn run(&self, work: &Work) -> anyhow::Result<()> {
        let spins = ising_mc::sample(self, work.progress).map_err(|error| match error {
            SampleError::Interrupted(_) => Problem::Interrupted,
            other => Problem::usage(other),
        })?;
        work.write(&spins)
    }

    fn note_on_output(&self, output: &Path) -> anyhow::Result<Option<String>> {
        let spins = file::read::<Spins>(output)?.content;
        Ok(Some(independence(&spins, true).trim().to_owned()))
    }
}
