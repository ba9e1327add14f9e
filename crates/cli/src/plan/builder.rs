//! From an experiment to its jobs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use numerics::streams::derive_seed;

use super::machine::Kind;
use super::{Cost, Plan, Planned, ReplicaFiles, Results, role_of};
use crate::exit::Problem;
use crate::experiment::{EquationOfStateSection, Experiment, Options};
use crate::job::{Job, Source, Stage};
use crate::known::Known;

/// The number of jobs of an experiment at most, so that a slip of the pen does not fill the memory with its plan.
const MOST_JOBS: usize = 100_000;

/// The longest name of a file or folder of a run, in bytes: file systems have 255, some of which temporary names need.
const LONGEST_NAME: usize = 200;

/// The seed of a job. 63 bits, as TOML has signed integers only.
fn seed(experiment: &Experiment, purpose: &str, indices: &[u64]) -> u64 {
    derive_seed(experiment.seed, purpose, indices) >> 1
}

#[derive(Default)]
pub(super) struct Builder {
    jobs: Vec<Planned>,
    /// The index of the job that makes a file.
    makers: HashMap<PathBuf, usize>,
    /// The output of the job with these settings and inputs.
    outputs: HashMap<(String, Vec<(String, PathBuf)>), PathBuf>,
}

impl Builder {
    /// Adds a job unless there is one with the same settings and inputs; returns what it makes.
    fn add(&mut self, job: Job, cost: Cost) -> anyhow::Result<PathBuf> {
        let inputs =
            job.inputs.iter().map(|Source { role, path, .. }| (role.clone(), path.clone())).collect();
        let key = (job.stage.toml()?, inputs);
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

    /// Adds a job, named after its output, whose inputs will hold what is `known`.
    pub(super) fn make(
        &mut self,
        stage: Stage,
        output: &Path,
        inputs: &[(&str, &PathBuf)],
        known: Known,
    ) -> anyhow::Result<PathBuf> {
        let id = role_of(output);
        if let Err(Problem::Usage(what)) = stage.check(&known) {
            return Err(Problem::Usage(format!("{id}, a job of `{}`: {what}", stage.name())).into());
        }
        let cost = Cost::of(&stage, &known);
        let job = Job::new(id, stage, output);
        self.add(inputs.iter().fold(job, |job, (role, path)| job.with(role, *path)), cost)
    }
}

pub(super) fn build(experiment: &Experiment) -> anyhow::Result<Plan> {
    let mut builder = Builder::default();
    let equation_of_state = table(&mut builder, experiment, experiment.lattice.size, experiment.field())?;
    let replicas = (0..u64::from(experiment.replicas))
        .map(|replica| Replica { experiment, replica, builder: &mut builder }.build())
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut tables = vec![];
    for machine in replicas.iter().flat_map(|files| &files.machines) {
        if machine.table != equation_of_state && !tables.contains(&machine.table) {
            tables.push(machine.table.clone());
        }
    }
    let figures = figures_job(experiment, &builder.jobs);
    let cost = Cost::of(&figures.stage, &Known { files: builder.jobs.len(), ..Known::default() });
    let figures = builder.add(figures, cost)?;
    let report =
        Job::new("report", Stage::Report(Default::default()), "claims.json").with("figures", figures);
    let cost = Cost::of(&report.stage, &Known::default());
    builder.add(report, cost)?;
    Ok(Plan { jobs: builder.jobs, results: Results { equation_of_state, tables, replicas } })
}

/// Every result goes into the figures. Roles are names within `data`, so that files say what was used as what.
fn figures_job(experiment: &Experiment, jobs: &[Planned]) -> Job {
    let job = Job::new("figures", Stage::Figures(Box::new(experiment.clone())), "data/figures.h5");
    jobs.iter().fold(job, |job, planned| job.with(&planned.job.id, &planned.job.output))
}

/// The thermal averages on an L × L lattice in a field, shared by all replicas.
pub(super) fn table(
    builder: &mut Builder,
    experiment: &Experiment,
    size: usize,
    field: f64,
) -> anyhow::Result<PathBuf> {
    let mut indices = vec![size as u64];
    let mut output = format!("data/equation-of-state-{size}");
    let EquationOfStateSection { temperatures, options } = &experiment.equation_of_state;
    let mut options = options.clone();
    if field != 0.0 {
        indices.push(field.to_bits());
        output.push_str(&format!("-field-{field}"));
        options = options.with("field", field);
    }
    let seed = seed(experiment, "equation of state", &indices);
    let stage = options.equation_of_state(size, &temperatures.0, seed)?;
    builder.make(stage, Path::new(&(output + ".h5")), &[], Known::default())
}

/// One independent repetition.
pub(super) struct Replica<'a> {
    pub(super) experiment: &'a Experiment,
    replica: u64,
    pub(super) builder: &'a mut Builder,
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
                        for (name, options) in training.options.combinations()? {
                            let kind = Kind { training, options, name, hidden, epochs };
                            files.machines.push(self.machine(&kind, lattice)?);
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
        let options = &sample.options;
        let spins =
            self.sample(options, &self.named("spins", size), size, all, sample.samples_per_temperature)?;
        let more = thermometer.samples_per_temperature;
        let more_spins = self.sample(options, &self.named("thermometer-spins", size), size, all, more)?;
        let starts = self.sample(options, &self.named("starts", size), size, &flow.starts.0, flow.chains)?;
        let name = self.named("thermometer", size);
        let stage = thermometer.options.thermometer(self.seed(&name))?;
        let known = Known {
            sites: size * size,
            samples: all.len().saturating_mul(more),
            others: all.len().saturating_mul(sample.samples_per_temperature),
            temperatures: all.len(),
            ..Known::default()
        };
        let table = table(self.builder, self.experiment, size, self.experiment.field())?;
        let inputs = [("spins", &more_spins), ("test", &spins), ("equation-of-state", &table)];
        let thermometer = self.builder.make(stage, &self.path(&name), &inputs, known)?;
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
        options: &Options,
        name: &str,
        size: usize,
        temperatures: &[f64],
        each: usize,
    ) -> anyhow::Result<PathBuf> {
        let stage = options.sample(size, temperatures, each, self.seed(name))?;
        self.builder.make(stage, &self.path(name), &[], Known::default())
    }

    fn block_spin(&mut self, files: &mut ReplicaFiles) -> anyhow::Result<()> {
        let Some(block) = &self.experiment.block_spin else { return Ok(()) };
        let temperatures = &block.temperatures.0;
        let each = block.samples_per_temperature;
        let options = &self.experiment.sample.options;
        let spins = self.sample(options, "block-spin-spins", block.size, temperatures, each)?;
        let mut inputs = vec![("spins".to_owned(), spins.clone())];
        for step in 0..=block.steps {
            let table = table(self.builder, self.experiment, block.size >> step, self.experiment.field())?;
            inputs.push(("equation-of-state".to_owned(), table));
        }
        let stage = block.options.block_spin(temperatures, each, block.steps, self.seed("block spin"))?;
        let samples = temperatures.len().saturating_mul(each);
        let known = Known { sites: block.size * block.size, samples, ..Known::default() };
        let inputs: Vec<(&str, &PathBuf)> = inputs.iter().map(|(role, path)| (role.as_str(), path)).collect();
        let flow = self.builder.make(stage, &self.path("block-spin"), &inputs, known)?;
        (files.block_spin, files.block_spin_spins) = (Some(flow), Some(spins));
        Ok(())
    }
}
