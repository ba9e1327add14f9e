//! The jobs that machines share: configurations, thermometers and tables of thermal averages.

use std::path::{Path, PathBuf};

use numerics::streams::derive_seed;

use super::ReplicaFiles;
use super::jobs::Jobs;
use crate::experiment::Experiment;
use crate::stage::InputSizes;

/// The seed of a job. 63 bits, as TOML has signed integers only.
fn seed(experiment: &Experiment, purpose: &str, indices: &[u64]) -> u64 {
    derive_seed(experiment.seed, purpose, indices) >> 1
}

/// The thermal averages on an L × L lattice in a field, shared by all replicas.
pub(super) fn table(
    jobs: &mut Jobs,
    experiment: &Experiment,
    size: usize,
    field: f64,
) -> anyhow::Result<PathBuf> {
    let mut indices = vec![size as u64];
    let mut output = format!("data/equation-of-state-{size}");
    let mut config = experiment.equation_of_state.config(size, 0)?;
    if field != 0.0 {
        indices.push(field.to_bits());
        output.push_str(&format!("-field-{field}"));
        config.field = field;
    }
    config.seed = seed(experiment, "equation of state", &indices);
    jobs.make(config, Path::new(&(output + ".h5")), &[], InputSizes::default())
}

/// One independent repetition.
pub(super) struct Replica<'a> {
    pub(super) experiment: &'a Experiment,
    pub(super) replica: u64,
    pub(super) jobs: &'a mut Jobs,
}

/// The files that all machines on one lattice share.
pub(super) struct Lattice {
    pub(super) size: usize,
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
    pub(super) fn lattice(&mut self, size: usize) -> anyhow::Result<Lattice> {
        let Experiment { sample, thermometer, flow, .. } = self.experiment;
        let all = &sample.temperatures.0;
        let spins = self.sample(&self.named("spins", size), size, all, sample.samples_per_temperature)?;
        let more = thermometer.samples_per_temperature;
        let more_spins = self.sample(&self.named("thermometer-spins", size), size, all, more)?;
        let starts = self.sample(&self.named("starts", size), size, &flow.starts.0, flow.chains)?;
        let name = self.named("thermometer", size);
        let stage = thermometer.config(self.seed(&name))?;
        let sizes = InputSizes {
            sites: size * size,
            samples: all.len().saturating_mul(more),
            test_samples: all.len().saturating_mul(sample.samples_per_temperature),
            temperatures: all.len(),
            ..InputSizes::default()
        };
        let table = table(self.jobs, self.experiment, size, self.experiment.field()?)?;
        let inputs = [("spins", &more_spins), ("test", &spins), ("equation-of-state", &table)];
        let thermometer = self.jobs.make(stage, &self.path(&name), &inputs, sizes)?;
        Ok(Lattice { size, spins, more_spins, starts, thermometer })
    }

    /// A name of something that there is once for each lattice.
    pub(super) fn named(&self, name: &str, size: usize) -> String {
        if size == self.experiment.lattice.size { name.to_owned() } else { format!("L{size}/{name}") }
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
        size: usize,
        temperatures: &[f64],
        each: usize,
    ) -> anyhow::Result<PathBuf> {
        let stage = self.experiment.sample.config(size, temperatures, each, self.seed(name))?;
        self.jobs.make(stage, &self.path(name), &[], InputSizes::default())
    }

    pub(super) fn block_spin(&mut self, files: &mut ReplicaFiles) -> anyhow::Result<()> {
        let Some(block) = &self.experiment.block_spin else { return Ok(()) };
        let temperatures = &block.temperatures.0;
        let each = block.samples_per_temperature;
        let spins = self.sample("block-spin-spins", block.size, temperatures, each)?;
        let mut inputs = vec![("spins".to_owned(), spins.clone())];
        for step in 0..=block.steps {
            let table = table(self.jobs, self.experiment, block.size >> step, self.experiment.field()?)?;
            inputs.push(("equation-of-state".to_owned(), table));
        }
        let stage = block.config(self.seed("block spin"))?;
        let samples = temperatures.len().saturating_mul(each);
        let sizes = InputSizes { sites: block.size * block.size, samples, ..InputSizes::default() };
        let inputs: Vec<(&str, &PathBuf)> = inputs.iter().map(|(role, path)| (role.as_str(), path)).collect();
        let flow = self.jobs.make(stage, &self.path("block-spin"), &inputs, sizes)?;
        (files.block_spin, files.block_spin_spins) = (Some(flow), Some(spins));
        Ok(())
    }
}
