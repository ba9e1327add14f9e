//! From an experiment to its jobs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use numerics::streams::derive_seed;

use super::machine::Variant;
use super::{ReplicaFiles, Results, role_of};
use crate::exit::Problem;
use crate::experiment::Experiment;
use crate::job::Job;
use crate::stage::{Cost, InputSizes, Source, Stage};

/// The number of jobs of an experiment at most, so that a slip of the pen does not fill the memory with its plan.
const MOST_JOBS: usize = 100_000;

/// The longest name of a file or folder of a run, in bytes: file systems have 255, some of which temporary names need.
const LONGEST_NAME: usize = 200;

/// The seed of a job. 63 bits, as TOML has signed integers only.
fn seed(experiment: &Experiment, purpose: &str, indices: &[u64]) -> u64 {
    derive_seed(experiment.seed, purpose, indices) >> 1
}

/// A job of a plan.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    /// The job.
    pub(crate) job: Job,
    /// The expected cost.
    pub(crate) cost: Cost,
    /// The jobs, by index, whose outputs it reads; all come before it.
    pub(crate) needs: Vec<usize>,
}

/// Jobs, each after those that it needs.
#[derive(Default)]
pub(crate) struct Jobs {
    jobs: Vec<Planned>,
    /// The index of the job that makes a file.
    makers: HashMap<PathBuf, usize>,
    /// The output of the job with these settings and inputs.
    outputs: HashMap<(String, Vec<(String, PathBuf)>), PathBuf>,
}

impl Jobs {
    /// Those that there are.
    pub(crate) fn planned(&self) -> &[Planned] {
        &self.jobs
    }

    /// All of them.
    pub(crate) fn into_planned(self) -> Vec<Planned> {
        self.jobs
    }

    /// Adds a job unless there is one with the same settings and inputs; returns what it makes.
    pub(crate) fn add(&mut self, job: Job, cost: Cost) -> anyhow::Result<PathBuf> {
        let inputs =
            job.inputs.iter().map(|Source { role, path, .. }| (role.clone(), path.clone())).collect();
        let key = (job.stage.config()?, inputs);
        if let Some(output) = self.outputs.get(&key) {
            return Ok(output.clone());
        }
        if self.jobs.len() >= MOST_JOBS {
            return Err(
                Problem::Usage(format!("the experiment has more than {MOST_JOBS} jobs; divide it")).into()
            );
        }
        let output = job.output.clone();
        if let Some(name) = output.iter().find(|name| name.len() > LONGEST_NAME) {
            let what = format!(
                "`{}` would be a name of {} bytes, more than the {LONGEST_NAME} that are safe everywhere; shorten the training's name, lists or fields",
                name.display(),
                name.len()
            );
            return Err(Problem::Usage(what).into());
        }
        if self.makers.insert(output.clone(), self.jobs.len()).is_some() {
            let what = format!("two different jobs would make `{}`; give them other names", output.display());
            return Err(Problem::Usage(what).into());
        }
        let mut needs: Vec<usize> =
            job.inputs.iter().filter_map(|input| self.makers.get(&input.path)).copied().collect();
        needs.sort_unstable();
        needs.dedup();
        self.outputs.insert(key, output.clone());
        self.jobs.push(Planned { job, cost, needs });
        Ok(output)
    }

    /// Adds a job, named after its output, with inputs of certain sizes.
    pub(super) fn make(
        &mut self,
        stage: impl Stage + 'static,
        output: &Path,
        inputs: &[(&str, &PathBuf)],
        sizes: InputSizes,
    ) -> anyhow::Result<PathBuf> {
        let id = role_of(output);
        if let Err(Problem::Usage(what)) = stage.check(&sizes) {
            return Err(Problem::Usage(format!("{id}, a job of `{}`: {what}", stage.name())).into());
        }
        let cost = stage.cost(&sizes);
        let job = Job::new(id, stage, output);
        self.add(inputs.iter().fold(job, |job, (role, path)| job.with(role, *path)), cost)
    }
}

/// The jobs that make the results of an experiment, and where these are.
pub(crate) fn results(experiment: &Experiment) -> anyhow::Result<(Jobs, Results)> {
    let mut jobs = Jobs::default();
    let equation_of_state = table(&mut jobs, experiment, experiment.lattice.size, experiment.field()?)?;
    let replicas = (0..u64::from(experiment.replicas))
        .map(|replica| Replica { experiment, replica, jobs: &mut jobs }.build())
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut tables = vec![];
    for machine in replicas.iter().flat_map(|files| &files.machines) {
        if machine.table != equation_of_state && !tables.contains(&machine.table) {
            tables.push(machine.table.clone());
        }
    }
    Ok((jobs, Results { equation_of_state, tables, replicas }))
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
    replica: u64,
    pub(super) jobs: &'a mut Jobs,
}

/// What all machines on one lattice share.
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
    fn build(mut self) -> anyhow::Result<ReplicaFiles> {
        let own = self.lattice(self.experiment.lattice.size)?;
        let mut files = ReplicaFiles {
            spins: own.spins.clone(),
            thermometer: own.thermometer.clone(),
            ..ReplicaFiles::default()
        };
        self.block_spin(&mut files)?;
        for training in &self.experiment.training {
            for size in training.sizes(own.size) {
                let other = if size == own.size { None } else { Some(self.lattice(size)?) };
                let lattice = other.as_ref().unwrap_or(&own);
                for hidden in training.hidden.of(size * size) {
                    for epochs in training.epochs.of(hidden) {
                        for (name, config) in training.options.combinations()? {
                            let variant = Variant { training, config, name, hidden, epochs };
                            files.machines.push(self.machine(&variant, lattice)?);
                        }
                    }
                }
            }
        }
        Ok(files)
    }

    /// The configurations and the thermometer of one lattice.
    fn lattice(&mut self, size: usize) -> anyhow::Result<Lattice> {
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

    fn block_spin(&mut self, files: &mut ReplicaFiles) -> anyhow::Result<()> {
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
