//! The sections of an experiment, and the settings of stages that follow from them.

use datasets::lattice::{Kind, Lattice};
use ising_mc::{EquationOfStateConfig, SampleConfig};
use rbm_core::LikelihoodConfig;
use rg_flow::{BlockSpinConfig, RbmFlowConfig, Surrogate};
use serde::{Deserialize, Deserializer, Serialize};
use temp_classifier::ThermometerConfig;
use weight_analysis::WeightsConfig;

use super::options::{Options, Planned};
use crate::exit::Problem;
use crate::temperatures::{Scaled, Temperatures};

/// `[lattice]`, or a text such as `"triangular:10"` or `"honeycomb:14x8"`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LatticeSection(pub(crate) Lattice);

/// The keys of `[lattice]`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LatticeKeys {
    /// `chain`, `square`, `honeycomb`, `triangular` or `cubic` (`square`).
    #[serde(default, skip_serializing_if = "Kind::is_square")]
    kind: Kind,
    /// L: all sides (10 of a square).
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<usize>,
    /// The sides, x first, instead of the size.
    #[serde(skip_serializing_if = "Option::is_none")]
    shape: Option<Vec<usize>>,
}

impl Serialize for LatticeSection {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (kind, size, shape) = self.0.settings();
        LatticeKeys { kind, size, shape }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LatticeSection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let lattice = match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => text.parse(),
            section => {
                let LatticeKeys { kind, mut size, shape } =
                    section.try_into().map_err(|error: toml::de::Error| D::Error::custom(error.message()))?;
                if kind == Kind::Square && shape.is_none() {
                    size = size.or(Some(10));
                }
                Lattice::from_settings(kind, size, shape.as_deref())
            }
        };
        lattice.map(Self).map_err(|error| D::Error::custom(format!("[lattice]: {error}")))
    }
}

/// `[sample]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SampleSection {
    /// The temperatures (`V`: 0:6:0.25).
    pub(crate) temperatures: Scaled,
    /// The number of configurations at each (1000).
    pub(crate) samples_per_temperature: usize,
    /// Further settings of `sample`.
    #[serde(flatten)]
    pub(super) options: Options<SampleConfig>,
}

/// `[equation_of_state]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct EquationOfStateSection {
    /// The temperatures of the tables (121, most of them about the critical one, from 0 to 12 on a square and in
    /// proportion to the critical temperature on other lattices).
    pub(crate) temperatures: Option<Scaled>,
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
    /// The temperatures of the start ensembles (`0,tc,6,inf`; without `tc` if a lattice has none above 0).
    pub(crate) starts: Option<Scaled>,
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
    /// L of the lattice that it starts from, which is of the kind of the experiment's (40).
    pub(crate) size: usize,
    /// The temperatures of the start ensembles.
    pub(crate) temperatures: Scaled,
    /// The number of configurations at each (1000).
    pub(crate) samples_per_temperature: usize,
    /// The number of steps, each of which halves all sides (1).
    pub(crate) steps: u32,
    /// Further settings of `flow block-spin`.
    #[serde(flatten)]
    pub(super) options: Options<BlockSpinConfig>,
}

/// A list that is written in the source of this program.
fn list(text: &str) -> Scaled {
    text.parse().expect("a list that is read in the tests")
}

impl Default for LatticeSection {
    fn default() -> Self {
        Self(Lattice::square(10).expect("a lattice"))
    }
}

impl Default for SampleSection {
    fn default() -> Self {
        Self { temperatures: list("V"), samples_per_temperature: 1000, options: Options::default() }
    }
}

impl Default for ThermometerSection {
    fn default() -> Self {
        Self { samples_per_temperature: 2000, options: Options::default() }
    }
}

impl Default for FlowSection {
    fn default() -> Self {
        Self { starts: None, chains: 1000, steps: 200, options: Options::default() }
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

impl SampleSection {
    /// The settings of `sample`.
    pub(crate) fn config(
        &self,
        lattice: Lattice,
        temperatures: &[f64],
        samples_per_temperature: usize,
        seed: u64,
    ) -> Result<SampleConfig, Problem> {
        let temperatures = temperatures.to_vec();
        let options = self.options.get()?.clone();
        Ok(SampleConfig { lattice, temperatures, samples_per_temperature, seed, ..options })
    }
}

impl EquationOfStateSection {
    /// The settings of `equation-of-state`.
    pub(crate) fn config(&self, lattice: Lattice, seed: u64) -> Result<EquationOfStateConfig, Problem> {
        let temperatures = match &self.temperatures {
            Some(list) => list.on(lattice.kind()).map_err(Problem::usage)?.0,
            None => EquationOfStateConfig::default_temperatures(lattice.kind()),
        };
        let options = self.options.get()?.clone();
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
    /// The temperatures of the start ensembles on lattices of a kind.
    pub(crate) fn starts(&self, kind: Kind) -> Result<Temperatures, Problem> {
        let critical = ising_mc::exact::critical_temperature_of(kind).is_some_and(|critical| critical > 0.0);
        let default = if critical { "0,tc,6,inf" } else { "0,6,inf" };
        self.starts.clone().unwrap_or_else(|| list(default)).on(kind).map_err(Problem::usage)
    }

    /// The settings of `flow rbm`.
    pub(crate) fn config(
        &self,
        starts: &[f64],
        chains: usize,
        steps: u32,
        seed: u64,
    ) -> Result<RbmFlowConfig, Problem> {
        let start_temperatures = Some(starts.to_vec());
        let weights = Surrogate::Trained;
        Ok(RbmFlowConfig { start_temperatures, chains, steps, weights, seed, ..self.options.get()?.clone() })
    }
}

impl BlockSpinSection {
    /// The lattices of its steps: the one that it starts from, and each of the blocks of the one before.
    pub(crate) fn lattices(&self, kind: Kind) -> Result<Vec<Lattice>, Problem> {
        let mut lattices = vec![Lattice::of_size(kind, self.size).map_err(Problem::usage)?];
        for _ in 0..self.steps {
            let finest = lattices[lattices.len() - 1];
            match finest.blocks() {
                Ok(blocks) => lattices.push(blocks.lattice()),
                Err(error) if lattices.len() == 1 => {
                    return Err(Problem::Usage(format!(
                        "size is {}, but {error}, or leave this section out",
                        self.size
                    )));
                }
                Err(_) => {
                    let possible = lattices.len() - 1;
                    let what = format!(
                        "steps is {}, but size {} can be halved {possible} times",
                        self.steps, self.size
                    );
                    return Err(Problem::Usage(what));
                }
            }
        }
        Ok(lattices)
    }

    /// The settings of `flow block-spin`.
    pub(crate) fn config(&self, kind: Kind, seed: u64) -> Result<BlockSpinConfig, Problem> {
        let start_temperatures = Some(self.temperatures.on(kind).map_err(Problem::usage)?.0);
        let (chains, steps) = (self.samples_per_temperature, self.steps);
        Ok(BlockSpinConfig { start_temperatures, chains, steps, seed, ..self.options.get()?.clone() })
    }
}

impl Planned for SampleConfig {
    const PLANNED: &str =
        "lattice = \"square\"\nsize = 2\ntemperatures = [1.0]\nsamples_per_temperature = 1\nseed = 0";
}

impl Planned for EquationOfStateConfig {
    const PLANNED: &str = "lattice = \"square\"\nsize = 2\ntemperatures = [1.0]\nseed = 0";
}

impl Planned for ThermometerConfig {
    const PLANNED: &str = "seed = 0";
}

impl Planned for RbmFlowConfig {
    const PLANNED: &str =
        "start_temperatures = [1.0]\nchains = 1\nsteps = 1\nweights = \"gaussian\"\nseed = 0";
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
