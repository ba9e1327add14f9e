//! Thermometers from files, for flows and for `thermometer measure`.

use datasets::lattice::Lattice;
use std::path::{Path, PathBuf};

use datasets::file::ReadError;
use datasets::{EquationOfState, Flow, Prediction, Rbm, Readout, Spins, Thermometer, file};
use rg_flow::FlowError;
use temp_classifier::Measurement;

use crate::exit::Problem;
use crate::stage::{Source, Work};
use crate::verb::sources;

/// The arguments for thermometers.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A network that reads temperatures
    #[arg(long, value_name = "FILE")]
    thermometer: Option<PathBuf>,
    /// Thermal averages; once for each lattice size
    #[arg(long, value_name = "FILE")]
    equation_of_state: Vec<PathBuf>,
}

impl Arguments {
    /// The input files.
    pub(super) fn sources(self) -> impl Iterator<Item = Source> {
        let tables = sources("equation-of-state", self.equation_of_state);
        sources("thermometer", self.thermometer).chain(tables)
    }
}

/// The contents of the files that thermometers are made of.
pub(super) struct Thermometers {
    network: Option<Thermometer>,
    tables: Vec<EquationOfState>,
}

impl Thermometers {
    /// Those of a job.
    pub(super) fn of(work: &Work) -> anyhow::Result<Self> {
        let network = work.read_optional("thermometer")?;
        Ok(Self { network, tables: work.read_all("equation-of-state")? })
    }

    fn readout(&self) -> anyhow::Result<temp_classifier::Thermometers<'_>> {
        let network = temp_classifier::Thermometers::new(self.network.as_ref(), None, &[]);
        let all =
            self.tables.iter().try_fold(network.map_err(Problem::usage)?, |all, table| all.with_table(table));
        Ok(all.map_err(Problem::usage)?)
    }

    /// A flow that they read.
    pub(super) fn follow(
        &self,
        flow: impl FnOnce(&dyn Readout) -> Result<Flow, FlowError>,
    ) -> anyhow::Result<Flow> {
        let followed = flow(&self.readout()?).map_err(|error| match error {
            FlowError::Interrupted(_) => Problem::Interrupted,
            other => Problem::usage(other),
        });
        Ok(followed?)
    }
}

/// The memory of the record of a flow, in bytes: posteriors and a few dozen numbers for each recorded step, and
/// configurations.
pub(super) fn record_bytes(
    sites: f64,
    starts: f64,
    recorded: f64,
    pictured: f64,
    snapshots: usize,
    chains: f64,
    classes: usize,
) -> f64 {
    let numbers = recorded * (2.0 * classes as f64 + 60.0) * 8.0 * 3.0;
    starts * (numbers + pictured * (snapshots as f64).min(chains) * sites * 4.0)
}

/// Where the flow of the machine of a file goes, as its weights alone tell.
pub(crate) fn predict(rbm: &Path, table: Option<&Path>) -> anyhow::Result<(Lattice, Prediction)> {
    let table =
        table.map(|path| Ok::<_, ReadError>(file::read::<EquationOfState>(path)?.content)).transpose()?;
    let rbm = file::read::<Rbm>(rbm)?.content;
    let lattice = match &table {
        Some(table) => table.lattice,
        None => Lattice::square(rbm.visible().isqrt()).map_err(Problem::usage)?,
    };
    lattice.check_sites(rbm.visible()).map_err(Problem::usage)?;
    let thermometers = Thermometers { network: None, tables: table.into_iter().collect() };
    let prediction = rg_flow::theory::predict(&rbm, lattice, &thermometers.readout()?);
    Ok((lattice, prediction.map_err(Problem::usage)?))
}

/// Reads the temperatures of the configurations of a file.
pub(crate) fn measure(spins: &Path, thermometers: Arguments) -> anyhow::Result<Vec<Measurement>> {
    let network = thermometers.thermometer.map(|path| file::read::<Thermometer>(&path)).transpose()?;
    let tables =
        thermometers.equation_of_state.iter().map(|path| Ok(file::read::<EquationOfState>(path)?.content));
    let tables = tables.collect::<anyhow::Result<_>>()?;
    let thermometers = Thermometers { network: network.map(|stored| stored.content), tables };
    let spins = file::read::<Spins>(spins)?.content;
    Ok(temp_classifier::measure(&thermometers.readout()?, &spins).map_err(Problem::usage)?)
}
