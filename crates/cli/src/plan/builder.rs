//! From an experiment to its jobs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use numerics::streams::derive_seed;

use super::{Cost, MachineFiles, Plan, Planned, ReplicaFiles, Results, role_of};
use crate::exit::Problem;
use crate::experiment::{EquationOfStateSection, Experiment, Group, Training};
use crate::job::{Job, Source, Stage};

/// The number of jobs of an experiment at most, so that a slip of the pen does not fill the memory with its plan.
const MOST_JOBS: usize = 100_000;

/// The seed of a job. 63 bits, as TOML has signed integers only.
fn seed(experiment: &Experiment, purpose: &str, indices: &[u64]) -> u64 {
    derive_seed(experiment.seed, purpose, indices) >> 1
}

#[derive(Default)]
struct Builder {
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

    /// Adds a job, named after its output.
    fn make(
        &mut self,
        stage: Stage,
        output: &Path,
        inputs: &[(&str, &PathBuf)],
        cost: Cost,
    ) -> anyhow::Result<PathBuf> {
        let job = Job::new(role_of(output), stage, output);
        self.add(inputs.iter().fold(job, |job, (role, path)| job.with(role, *path)), cost)
    }
}

pub(super) fn build(experiment: &Experiment) -> anyhow::Result<Plan> {
    let mut builder = Builder::default();
    let equation_of_state = table(&mut builder, experiment, experiment.lattice.size)?;
    let replicas = (0..u64::from(experiment.replicas))
        .map(|replica| {
            Replica { experiment, replica, builder: &mut builder, table: &equation_of_state }.build()
        })
        .collect::<anyhow::Result<_>>()?;
    let figures = figures_job(experiment, &builder.jobs);
    let cost = Cost::figures(builder.jobs.len());
    let figures = builder.add(figures, cost)?;
    let report =
        Job::new("report", Stage::Report(Default::default()), "claims.json").with("figures", figures);
    builder.add(report, Cost::report())?;
    Ok(Plan { jobs: builder.jobs, results: Results { equation_of_state, replicas } })
}

/// Every result goes into the figures. Roles are names within `data`, so that files say what was used as what.
fn figures_job(experiment: &Experiment, jobs: &[Planned]) -> Job {
    let job = Job::new("figures", Stage::Figures(Box::new(experiment.clone())), "data/figures.h5");
    jobs.iter().fold(job, |job, planned| job.with(&planned.job.id, &planned.job.output))
}

/// The thermal averages on an L × L lattice, shared by all replicas.
fn table(builder: &mut Builder, experiment: &Experiment, size: usize) -> anyhow::Result<PathBuf> {
    let seed = seed(experiment, "equation of state", &[size as u64]);
    let EquationOfStateSection { temperatures, options } = &experiment.equation_of_state;
    let config = options.equation_of_state(size, &temperatures.0, seed)?;
    let cost = Cost::equation_of_state(&config);
    let output = format!("data/equation-of-state-{size}.h5");
    builder.make(Stage::EquationOfState(config), Path::new(&output), &[], cost)
}

/// One independent repetition.
struct Replica<'a> {
    experiment: &'a Experiment,
    replica: u64,
    builder: &'a mut Builder,
    /// The thermal averages on the lattice of the training data.
    table: &'a PathBuf,
}

impl Replica<'_> {
    fn build(mut self) -> anyhow::Result<ReplicaFiles> {
        let Experiment { lattice, sample, thermometer, flow, .. } = self.experiment;
        let all = &sample.temperatures.0;
        let spins = self.sample("spins", lattice.size, all, sample.samples_per_temperature)?;
        let more = thermometer.samples_per_temperature;
        let thermometer_spins = self.sample("thermometer-spins", lattice.size, all, more)?;
        let starts = self.sample("starts", lattice.size, &flow.starts.0, flow.chains)?;
        let stage = thermometer.options.thermometer(self.seed("thermometer"))?;
        let cost = Cost::thermometer(&stage, lattice.size, all.len(), more);
        let inputs = [("spins", &thermometer_spins), ("test", &spins), ("equation-of-state", self.table)];
        let thermometer = self.builder.make(stage, &self.path("thermometer"), &inputs, cost)?;
        let mut files = ReplicaFiles { spins, thermometer, ..ReplicaFiles::default() };
        self.block_spin(&mut files)?;
        for training in &self.experiment.training {
            for &hidden in &training.hidden.0 {
                for epochs in training.epochs.of(hidden) {
                    let machine = self.machine(training, hidden, epochs, &files, &starts)?;
                    files.machines.push(machine);
                }
            }
        }
        Ok(files)
    }

    fn path(&self, name: &str) -> PathBuf {
        format!("data/r{}/{name}.h5", self.replica).into()
    }

    fn seed(&self, purpose: &str) -> u64 {
        seed(self.experiment, purpose, &[self.replica])
    }

    fn sample(
        &mut self,
        name: &str,
        size: usize,
        temperatures: &[f64],
        each: usize,
    ) -> anyhow::Result<PathBuf> {
        let stage = self.experiment.sample.options.sample(size, temperatures, each, self.seed(name))?;
        let cost = Cost::sample(size, temperatures, each);
        self.builder.make(stage, &self.path(name), &[], cost)
    }

    fn block_spin(&mut self, files: &mut ReplicaFiles) -> anyhow::Result<()> {
        let Some(block) = &self.experiment.block_spin else { return Ok(()) };
        let temperatures = &block.temperatures.0;
        let each = block.samples_per_temperature;
        let spins = self.sample("block-spin-spins", block.size, temperatures, each)?;
        let mut inputs = vec![("spins".to_owned(), spins.clone())];
        for step in 0..=block.steps {
            let size = block.size >> step;
            inputs.push(("equation-of-state".to_owned(), table(self.builder, self.experiment, size)?));
        }
        let stage = block.options.block_spin(temperatures, each, block.steps, self.seed("block spin"))?;
        let cost = Cost::flow(block.size, 0, temperatures.len() * each, block.steps);
        let inputs: Vec<(&str, &PathBuf)> = inputs.iter().map(|(role, path)| (role.as_str(), path)).collect();
        let flow = self.builder.make(stage, &self.path("block-spin"), &inputs, cost)?;
        (files.block_spin, files.block_spin_spins) = (Some(flow), Some(spins));
        Ok(())
    }

    /// The main configurations, if the training needs no others.
    fn training_data(&mut self, training: &Training, files: &ReplicaFiles) -> anyhow::Result<PathBuf> {
        let main = &self.experiment.sample;
        let each = training.samples_per_temperature.unwrap_or(main.samples_per_temperature);
        let temperatures = &training.temperatures;
        let contained = temperatures.0.iter().all(|t| main.temperatures.0.contains(t));
        if contained && each == main.samples_per_temperature {
            return Ok(files.spins.clone());
        }
        // Named after what is in it, so that trainings on the same data share it.
        let name = format!("spins {} {each}", temperatures.text());
        let stage =
            main.options.sample(self.experiment.lattice.size, &temperatures.0, each, self.seed(&name))?;
        let cost = Cost::sample(self.experiment.lattice.size, &temperatures.0, each);
        self.builder.make(stage, &self.path(&format!("spins-{}", training.name)), &[], cost)
    }

    fn machine(
        &mut self,
        training: &Training,
        hidden: usize,
        epochs: u32,
        files: &ReplicaFiles,
        starts: &PathBuf,
    ) -> anyhow::Result<MachineFiles> {
        let Experiment { lattice, sample, flow, map, weights, .. } = self.experiment;
        let sites = lattice.size * lattice.size;
        let spins = self.training_data(training, files)?;
        let temperatures = &training.temperatures;
        let each = training.samples_per_temperature.unwrap_or(sample.samples_per_temperature);
        let series = if training.epochs.is_series() { format!("-e{epochs}") } else { String::new() };
        let folder = format!("{}-{hidden}{series}", training.name);
        // Seeds do not depend on names or epochs: machines that are the same are trained once, and those of a series
        // of epochs are states of one training.
        let purpose = format!("train {} {hidden}", temperatures.text());

        let stage = training.options.train(hidden, epochs, &temperatures.0, self.seed(&purpose))?;
        let cost = Cost::train(sites, hidden, epochs, temperatures.0.len() * each);
        let output = self.path(&format!("{folder}/rbm"));
        let rbm = self.builder.make(stage, &output, &[("spins", &spins)], cost)?;

        let seed = self.seed(&format!("flow, {purpose} {epochs}"));
        let stage = flow.options.rbm_flow(&flow.starts.0, flow.chains, flow.steps, seed)?;
        let cost = Cost::flow(lattice.size, hidden, flow.starts.0.len() * flow.chains, flow.steps);
        let with_thermometers = |starts| {
            [
                ("rbm", &rbm),
                ("starts", starts),
                ("thermometer", &files.thermometer),
                ("equation-of-state", self.table),
            ]
        };
        let output = self.path(&format!("{folder}/flow"));
        let flow_file = self.builder.make(stage, &output, &with_thermometers(starts), cost)?;

        let everything = temperatures.0 == sample.temperatures.0;
        let map = match map {
            Some(map) if training.group == Group::Main && everything => {
                let seed = self.seed(&format!("map, {purpose} {epochs}"));
                let stage = flow.options.rbm_flow(&sample.temperatures.0, each, map.steps, seed)?;
                let cost = Cost::flow(lattice.size, hidden, temperatures.0.len() * each, map.steps);
                let output = self.path(&format!("{folder}/map"));
                Some(self.builder.make(stage, &output, &with_thermometers(&files.spins), cost)?)
            }
            _ => None,
        };
        let weights = match weights {
            Some(weights) => {
                let output = self.path(&format!("{folder}/weights"));
                let inputs = [("rbm", &rbm), ("spins", &files.spins)];
                Some(self.builder.make(
                    weights.options.weights()?,
                    &output,
                    &inputs,
                    Cost::weights(sites, hidden),
                )?)
            }
            None => None,
        };
        Ok(MachineFiles {
            training: training.name.clone(),
            group: training.group,
            hidden,
            rbm,
            flow: flow_file,
            map,
            weights,
        })
    }
}
