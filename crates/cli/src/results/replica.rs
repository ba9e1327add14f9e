//! The jobs that machines share: configurations, thermometers and tables of thermal averages.

use std::path::{Path, PathBuf};

use datasets::lattice::Lattice;
use numerics::streams::derive_seed;

use super::ReplicaFiles;
use super::jobs::Jobs;
use crate::exit::Problem;
use crate::experiment::Experiment;
use crate::stage::InputSizes;
use crate::temperatures::Temperatures;

/// The seed of a job. 63 bits, as TOML has signed integers only.
fn seed(experiment: &Experiment, purpose: &str, indices: &[u64]) -> u64 {
    derive_seed(experiment.seed, purpose, indices) >> 1
}

/// A lattice as part of a path: `triangular-10x10`.
fn folder(lattice: Lattice) -> String {
    lattice.to_string().replace(':', "-")
}

/// The thermal averages on a lattice in a field, shared by all replicas.
pub(super) fn table(
    jobs: &mut Jobs,
    experiment: &Experiment,
    lattice: Lattice,
    field: f64,
) -> anyhow::Result<PathBuf> {
    // Squares were there first: their names and seeds are those without a kind.
    let (mut indices, purpose, mut output) = match lattice.square_size() {
        Some(size) => {
            (vec![size as u64], "equation of state".to_owned(), format!("data/equation-of-state-{size}"))
        }
        None => (
            vec![],
            format!("equation of state on {lattice}"),
            format!("data/equation-of-state-{}", folder(lattice)),
        ),
    };
    let mut config = experiment.equation_of_state.config(lattice, 0)?;
    if field != 0.0 {
        indices.push(field.to_bits());
        output.push_str(&format!("-field-{field}"));
        config.field = field;
    }
    config.seed = seed(experiment, &purpose, &indices);
    jobs.make(config, Path::new(&(output + ".h5")), &[], InputSizes::default())
}

/// One independent repetition.
pub(super) struct Replica<'a> {
    pub(super) experiment: &'a Experiment,
    pub(super) replica: u64,
    pub(super) jobs: &'a mut Jobs,
}

/// The files that all machines on one lattice share.
pub(super) struct OnLattice {
    pub(super) lattice: Lattice,
    /// The temperatures of `[sample]` there.
    pub(super) temperatures: Temperatures,
    /// Those that flows start from.
    pub(super) start_temperatures: Temperatures,
    /// The configurations at the temperatures of `[sample]`.
    pub(super) spins: PathBuf,
    /// More of them, which machines have not seen.
    pub(super) more_spins: PathBuf,
    /// Those that flows start from.
    pub(super) starts: PathBuf,
    pub(super) thermometer: PathBuf,
}

impl Replica<'_> {
    /// The configurations and the thermometer of one lattice.
    pub(super) fn on(&mut self, lattice: Lattice) -> anyhow::Result<OnLattice> {
        let Experiment { sample, thermometer, flow, .. } = self.experiment;
        let temperatures = sample.temperatures.on(lattice.kind()).map_err(Problem::usage)?;
        let start_temperatures = flow.starts(lattice.kind())?;
        let all = &temperatures.0;
        let name = self.named("spins", lattice);
        let spins = self.sample(&name, lattice, all, sample.samples_per_temperature)?;
        let more = thermometer.samples_per_temperature;
        let more_spins = self.sample(&self.named("thermometer-spins", lattice), lattice, all, more)?;
        let name = self.named("starts", lattice);
        let starts = self.sample(&name, lattice, &start_temperatures.0, flow.chains)?;
        let name = self.named("thermometer", lattice);
        let stage = thermometer.config(self.seed(&name))?;
        let sizes = InputSizes {
            sites: lattice.sites(),
            samples: all.len().saturating_mul(more),
            test_samples: all.len().saturating_mul(sample.samples_per_temperature),
            temperatures: all.len(),
            ..InputSizes::default()
        };
        let table = table(self.jobs, self.experiment, lattice, self.experiment.field()?)?;
        let inputs = [("spins", &more_spins), ("test", &spins), ("equation-of-state", &table)];
        let thermometer = self.jobs.make(stage, &self.path(&name), &inputs, sizes)?;
        Ok(OnLattice { lattice, temperatures, start_temperatures, spins, more_spins, starts, thermometer })
    }

    /// A name of something that there is once for each lattice.
    pub(super) fn named(&self, name: &str, lattice: Lattice) -> String {
        match lattice.square_size() {
            _ if lattice == self.experiment.lattice.0 => name.to_owned(),
            Some(size) => format!("L{size}/{name}"),
            None => format!("{}/{name}", folder(lattice)),
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        format!("data/r{}/{name}.h5", self.replica).into()
    }

    pub(super) fn seed(&self, purpose: &str) -> u64 {
        seed(self.experiment, purpose, &[self.replica])
    }

    fn sample(
        &mut self,
        name: &str,
        lattice: Lattice,
        temperatures: &[f64],
        each: usize,
    ) -> anyhow::Result<PathBuf> {
        let stage = self.experiment.sample.config(lattice, temperatures, each, self.seed(name))?;
        self.jobs.make(stage, &self.path(name), &[], InputSizes::default())
    }

    pub(super) fn block_spin(&mut self, files: &mut ReplicaFiles) -> anyhow::Result<()> {
        let Some(block) = &self.experiment.block_spin else { return Ok(()) };
        let kind = self.experiment.lattice.0.kind();
        let temperatures = &block.temperatures.on(kind).map_err(Problem::usage)?.0;
        let lattices = block.lattices(kind)?;
        let each = block.samples_per_temperature;
        let spins = self.sample("block-spin-spins", lattices[0], temperatures, each)?;
        let mut inputs = vec![("spins".to_owned(), spins.clone())];
        for lattice in &lattices {
            let table = table(self.jobs, self.experiment, *lattice, self.experiment.field()?)?;
            inputs.push(("equation-of-state".to_owned(), table));
        }
        let stage = block.config(kind, self.seed("block spin"))?;
        let samples = temperatures.len().saturating_mul(each);
        let sizes = InputSizes { sites: lattices[0].sites(), samples, ..InputSizes::default() };
        let inputs: Vec<(&str, &PathBuf)> = inputs.iter().map(|(role, path)| (role.as_str(), path)).collect();
        let flow = self.jobs.make(stage, &self.path("block-spin"), &inputs, sizes)?;
        (files.block_spin, files.block_spin_spins) = (Some(flow), Some(spins));
        Ok(())
    }
}
