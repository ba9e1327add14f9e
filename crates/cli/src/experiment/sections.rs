//! The sections of an experiment, and the settings of stages that follow from them.

use ising_mc::{EquationOfStateConfig, SampleConfig};
use rbm_core::LikelihoodConfig;
use rg_flow::{BlockSpinConfig, RbmFlowConfig};
use serde::{Deserialize, Serialize};
use temp_classifier::ThermometerConfig;
use weight_analysis::WeightsConfig;

use super::options::{Options, Planned};
use crate::exit::Problem;
use crate::temperatures::Temperatures;

/// `[lattice]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Lattice {
    /// L: the lattice has L × L sites (10).
    pub(crate) size: usize,
}

/// `[sample]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SampleSection {
    /// The temperatures (`V`: 0:6:0.25).
    pub(crate) temperatures: Temperatures,
    /// The number of configurations at each (1000).
    pub(crate) samples_per_temperature: usize,
    /// Further settings of `sample`.
    #[serde(flatten)]
    pub(super) options: Options<SampleConfig>,
}

/// `[equation_of_state]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct EquationOfStateSection {
    /// The temperatures of the tables (121 from 0 to 12, most of them about the critical one).
    pub(crate) temperatures: Temperatures,
    /// Further settings of `equation-of-state`.
    #[serde(flatten)]
    pub(super) options: Options<EquationOfStateConfig>,
}

/// `[thermometer]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ThermometerSection {
    /// The number of configurations at each temperature of `[sample]` (2000). It is tested on those of `[sample]`.
    pub(crate) samples_per_temperature: usize,
    /// Further settings of `thermometer train`.
    #[serde(flatten)]
    pub(super) options: Options<ThermometerConfig>,
}

/// `[flow]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct FlowSection {
    /// The temperatures of the start ensembles (`0,tc,6,inf`).
    pub(crate) starts: Temperatures,
    /// The number of chains from each (1000).
    pub(crate) chains: usize,
    /// The number of steps (200).
    pub(crate) steps: u32,
    /// Further settings of `flow rbm`.
    #[serde(flatten)]
    pub(super) options: Options<RbmFlowConfig>,
}

/// `[map]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MapSection {
    /// The number of steps (1).
    pub(crate) steps: u32,
}

/// `[block_spin]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct BlockSpinSection {
    /// L of the lattice that it starts from (40).
    pub(crate) size: usize,
    /// The temperatures of the start ensembles.
    pub(crate) temperatures: Temperatures,
    /// The number of configurations at each (1000).
    pub(crate) samples_per_temperature: usize,
    /// The number of steps, each of which halves L (1).
    pub(crate) steps: u32,
    /// Further settings of `flow block-spin`.
    #[serde(flatten)]
    pub(super) options: Options<BlockSpinConfig>,
}

/// A list that is written in the source of this program.
fn list(text: &str) -> Temperatures {
    text.parse().expect("a list that is read in the tests")
}

impl Default for Lattice {
    fn default() -> Self {
        Self { size: 10 }
    }
}

impl Default for SampleSection {
    fn default() -> Self {
        Self { temperatures: list("V"), samples_per_temperature: 1000, options: Options::default() }
    }
}

impl Default for EquationOfStateSection {
    fn default() -> Self {
        let temperatures = EquationOfStateConfig::default_temperatures();
        Self { temperatures: Temperatures(temperatures), options: Options::default() }
    }
}

impl Default for ThermometerSection {
    fn default() -> Self {
        Self { samples_per_temperature: 2000, options: Options::default() }
    }
}

impl Default for FlowSection {
    fn default() -> Self {
        Self { starts: list("0,tc,6,inf"), chains: 1000, steps: 200, options: Options::default() }
    }
}

impl Default for MapSection {
    fn default() -> Self {
        Self { steps: 1 }
    }
}

impl Default for BlockSpinSection {
    fn default() -> Self {
        Self {
            size: 40,
            temperatures: list("1.75:3:0.25,tc"),
            samples_per_temperature: 1000,
            steps: 1,
            options: Options::default(),
        }
    }
}

/// The lattice of an experiment; `other` is that of a section's own settings.
fn square(other: datasets::lattice::Lattice, size: usize) -> Result<datasets::lattice::Lattice, Problem> {
    use datasets::lattice::{Kind, Lattice};
    if other.kind() != Kind::Square {
        let what = "experiments are on square lattices; sample others by the verbs, such as `rbmflow sample --lattice";
        return Err(Problem::Usage(format!("{what} {}`", other.kind())));
    }
    Lattice::square(size).map_err(Problem::usage)
}

impl SampleSection {
    /// The settings of `sample`.
    pub(crate) fn config(
        &self,
        size: usize,
        temperatures: &[f64],
        samples_per_temperature: usize,
        seed: u64,
    ) -> Result<SampleConfig, Problem> {
        let temperatures = temperatures.to_vec();
        let options = self.options.get()?.clone();
        let lattice = square(options.lattice, size)?;
        Ok(SampleConfig { lattice, temperatures, samples_per_temperature, seed, ..options })
    }
}

impl EquationOfStateSection {
    /// The settings of `equation-of-state`.
    pub(crate) fn config(&self, size: usize, seed: u64) -> Result<EquationOfStateConfig, Problem> {
        let temperatures = self.temperatures.0.clone();
        let options = self.options.get()?.clone();
        let lattice = square(options.lattice, size)?;
        Ok(EquationOfStateConfig { lattice, temperatures, seed, ..options })
    }
}

impl ThermometerSection {
    /// The settings of `thermometer train`.
    pub(crate) fn config(&self, seed: u64) -> Result<ThermometerConfig, Problem> {
        Ok(ThermometerConfig { seed, ..self.options.get()?.clone() })
    }
}

impl FlowSection {
    /// The settings of `flow rbm`.
    pub(crate) fn config(
        &self,
        starts: &[f64],
        chains: usize,
        steps: u32,
        seed: u64,
    ) -> Result<RbmFlowConfig, Problem> {
        let start_temperatures = Some(starts.to_vec());
        Ok(RbmFlowConfig { start_temperatures, chains, steps, seed, ..self.options.get()?.clone() })
    }
}

impl BlockSpinSection {
    /// The settings of `flow block-spin`.
    pub(crate) fn config(&self, seed: u64) -> Result<BlockSpinConfig, Problem> {
        let start_temperatures = Some(self.temperatures.0.clone());
        let (chains, steps) = (self.samples_per_temperature, self.steps);
        Ok(BlockSpinConfig { start_temperatures, chains, steps, seed, ..self.options.get()?.clone() })
    }
}

impl Planned for SampleConfig {
    const PLANNED: &str = "size = 2\ntemperatures = [1.0]\nsamples_per_temperature = 1\nseed = 0";
}

impl Planned for EquationOfStateConfig {
    const PLANNED: &str = "size = 2\ntemperatures = [1.0]\nseed = 0";
}

impl Planned for ThermometerConfig {
    const PLANNED: &str = "seed = 0";
}

impl Planned for RbmFlowConfig {
    const PLANNED: &str = "start_temperatures = [1.0]\nchains = 1\nsteps = 1\nseed = 0";
}

impl Planned for BlockSpinConfig {
    const PLANNED: &str = "start_temperatures = [1.0]\nchains = 1\nsteps = 1\nseed = 0";
}

impl Planned for WeightsConfig {
    const PLANNED: &str = "";
}

impl Planned for LikelihoodConfig {
    const PLANNED: &str = "seed = 0";
}
