//! `figures`: all results of a run in memory, and the numbers of the figures from them.

use std::path::Path;

use datasets::{Artifact, Figures};
use figures::{Group, Machine, Point, Replica, Run, Settings};
use rbm_core::{Algorithm, Optimizer};

use super::refused;
use crate::experiment::{self, Experiment};
use crate::job::Job;
use crate::plan::{MachineFiles, MachineSettings, Plan, ReplicaFiles, role_of};

pub(super) fn run(job: &Job, experiment: &Experiment) -> anyhow::Result<Figures> {
    let results = Plan::of(experiment)?.results;
    let loader = Loader(job);
    let mut points = vec![];
    let mut replicas = vec![];
    for (index, files) in results.replicas.iter().enumerate() {
        replicas.push(loader.replica(index, files, &mut points)?);
    }
    let run = Run {
        name: experiment.name.clone(),
        description: experiment.description.clone(),
        config: experiment.toml()?,
        seed: experiment.seed,
        equation_of_state: loader.load(&results.equation_of_state)?,
        tables: results
            .tables
            .iter()
            .filter_map(|path| loader.load(path).transpose())
            .collect::<anyhow::Result<_>>()?,
        replicas,
        points,
        command: command(&experiment.name),
    };
    Ok(::figures::numbers(&run).map_err(refused)?)
}

/// The command that makes a run. It is the same on every machine, so it has no paths of this one.
pub(super) fn command(name: &str) -> String {
    format!("rbmflow run data/experiments/{name}.toml --out out/{name}")
}

/// Reads what the job has; of a run that is not complete it has not everything.
struct Loader<'a>(&'a Job);

impl Loader<'_> {
    fn load<T: Artifact>(&self, path: &Path) -> anyhow::Result<Option<T>> {
        Ok(self.0.read_optional(&role_of(path))?.map(|stored| stored.content))
    }

    fn load_optional<T: Artifact>(&self, path: Option<&Path>) -> anyhow::Result<Option<T>> {
        Ok(path.map(|path| self.load(path)).transpose()?.flatten())
    }

    /// One replica; all its machines become points, and those that are shown one by one stay in memory.
    fn replica(
        &self,
        index: usize,
        files: &ReplicaFiles,
        points: &mut Vec<Point>,
    ) -> anyhow::Result<Replica> {
        let mut machines = vec![];
        for files in &files.machines {
            let Some(machine) = self.machine(files)? else { continue };
            points.push(Point::of(index, &machine));
            if files.shown {
                machines.push(machine);
            }
        }
        Ok(Replica {
            spins: self.load(&files.spins)?,
            thermometer: self.load(&files.thermometer)?,
            block_spin: self.load_optional(files.block_spin.as_deref())?,
            block_spin_spins: self.load_optional(files.block_spin_spins.as_deref())?,
            machines,
        })
    }

    /// None without the parameters.
    fn machine(&self, files: &MachineFiles) -> anyhow::Result<Option<Machine>> {
        let Some(rbm) = self.load::<datasets::Rbm>(&files.rbm)? else { return Ok(None) };
        Ok(Some(Machine {
            training: files.training.clone(),
            group: match files.group {
                experiment::Group::Main => Group::Main,
                experiment::Group::Updates => Group::Updates,
                experiment::Group::Range => Group::Range,
                experiment::Group::Control => Group::Control,
                experiment::Group::Sweep => Group::Sweep,
            },
            settings: settings(&files.settings),
            hidden: files.hidden,
            updates: rbm.updates,
            rbm,
            flow: self.load(&files.flow)?,
            map: self.load_optional(files.map.as_deref())?,
            weights: self.load_optional(files.weights.as_deref())?,
            likelihood: self.load_optional(files.likelihood.as_deref())?,
        }))
    }
}

/// The settings of a machine in the words of the figures.
fn settings(of: &MachineSettings) -> Settings {
    let train = &of.train;
    let mut trainer = match train.algorithm {
        Algorithm::Cd => "cd",
        Algorithm::Pcd => "pcd",
        Algorithm::ParallelTempering => "parallel-tempering",
    }
    .to_owned();
    if train.optimizer == Optimizer::Adam {
        trainer.push_str(", adam");
    }
    if train.centred {
        trainer.push_str(", centred");
    }
    Settings {
        size: of.size,
        units: train.units,
        biases: train.biases,
        trainer,
        gibbs_steps: train.gibbs_steps,
        learning_rate: decimal(train.learning_rate),
        weight_decay: decimal(train.weight_decay),
        model: of.model.clone(),
        temperatures: of.temperatures.clone(),
        fields: of.fields.clone(),
    }
}

/// The double with the same few digits: 0.01 rather than 0.009999999776.
fn decimal(single: f32) -> f64 {
    single.to_string().parse().unwrap_or(f64::from(single))
}
