//! `figures`: all results of a run in memory, and the numbers of the figures from them.

use std::path::Path;

use datasets::{Artifact, Figures};
use figures::{Group, Machine, Replica, Run};

use super::refused;
use crate::experiment::{self, Experiment};
use crate::job::Job;
use crate::plan::{MachineFiles, Plan, ReplicaFiles, role_of};

pub(super) fn run(job: &Job, experiment: &Experiment) -> anyhow::Result<Figures> {
    let results = Plan::of(experiment)?.results;
    let loader = Loader(job);
    let run = Run {
        name: experiment.name.clone(),
        description: experiment.description.clone(),
        config: experiment.toml()?,
        seed: experiment.seed,
        equation_of_state: loader.load(&results.equation_of_state)?,
        replicas: results
            .replicas
            .iter()
            .map(|files| loader.replica(files))
            .collect::<anyhow::Result<_>>()?,
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

    fn replica(&self, files: &ReplicaFiles) -> anyhow::Result<Replica> {
        Ok(Replica {
            spins: self.load(&files.spins)?,
            thermometer: self.load(&files.thermometer)?,
            block_spin: self.load_optional(files.block_spin.as_deref())?,
            block_spin_spins: self.load_optional(files.block_spin_spins.as_deref())?,
            fixed_point_reference: None,
            machines: files
                .machines
                .iter()
                .filter_map(|machine| self.machine(machine).transpose())
                .collect::<anyhow::Result<_>>()?,
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
            },
            hidden: files.hidden,
            updates: rbm.updates,
            rbm,
            flow: self.load(&files.flow)?,
            map: self.load_optional(files.map.as_deref())?,
            weights: self.load_optional(files.weights.as_deref())?,
        }))
    }
}
