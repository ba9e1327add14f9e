//! Thermometers from files, for flows and for `thermometer measure`.

use std::path::{Path, PathBuf};

use datasets::{EquationOfState, Reading, Spins, Thermometer, file};
use ndarray::ArrayView2;
use numerics::bit_matrix::BitRows;
use temp_classifier::{Measurement, Thermometers};

use super::refused;
use crate::job::{Job, Source};

/// The files that thermometers are made of.
pub(super) struct Files {
    network: Option<Thermometer>,
    tables: Vec<EquationOfState>,
}

impl Files {
    /// Those of a job.
    pub(super) fn of(job: &Job) -> anyhow::Result<Self> {
        Self::read(job.sources("thermometer").next(), job.sources("equation-of-state"))
    }

    fn read<'a>(network: Option<&Source>, tables: impl Iterator<Item = &'a Source>) -> anyhow::Result<Self> {
        let network = network.map(Source::read::<Thermometer>).transpose()?.map(|stored| stored.content);
        let tables = tables.map(|source| Ok(source.read::<EquationOfState>()?.content));
        Ok(Self { network, tables: tables.collect::<anyhow::Result<_>>()? })
    }

    /// The thermometers.
    pub(super) fn thermometers(&self) -> anyhow::Result<Thermometers<'_>> {
        let mut thermometers = Thermometers::new(self.network.as_ref(), None, &[]).map_err(refused)?;
        for table in &self.tables {
            thermometers = thermometers.with_table(table).map_err(refused)?;
        }
        Ok(thermometers)
    }
}

/// Thermometers as flows use them.
pub(super) struct Readout<'a>(pub(super) Thermometers<'a>);

impl rg_flow::Readout for Readout<'_> {
    fn classes(&self) -> &[f64] {
        self.0.classes()
    }

    fn read(&self, size: usize, spins: ArrayView2<i8>) -> Reading {
        self.0.read(size, spins)
    }

    fn read_bits(&self, size: usize, configurations: BitRows) -> Reading {
        self.0.read_bits(size, configurations)
    }
}

/// Reads the temperatures of the configurations of a file.
pub(crate) fn measure(
    spins: &Path,
    network: Option<PathBuf>,
    tables: &[PathBuf],
) -> anyhow::Result<Vec<Measurement>> {
    let network = network.map(|path| Source::new("thermometer", path));
    let tables: Vec<Source> = tables.iter().map(|path| Source::new("equation-of-state", path)).collect();
    let files = Files::read(network.as_ref(), tables.iter())?;
    let spins = file::read::<Spins>(spins)?.content;
    Ok(temp_classifier::measure(&files.thermometers()?, &spins).map_err(refused)?)
}
