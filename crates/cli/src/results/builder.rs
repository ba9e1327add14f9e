//! From an experiment to its jobs.

use super::jobs::Jobs;
use super::machine::Variant;
use super::replica::{Replica, table};
use super::{ReplicaFiles, Results};
use crate::experiment::Experiment;

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
}
