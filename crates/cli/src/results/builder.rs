//! From an experiment to its jobs.

use super::jobs::Jobs;
use super::machine::Variant;
use super::replica::{OnLattice, Replica, table};
use super::{ReplicaFiles, Results};
use crate::exit::Problem;
use crate::experiment::{Experiment, Training};
use crate::temperatures::Temperatures;

/// The jobs that make the results of an experiment, and where these are.
pub(crate) fn results(experiment: &Experiment) -> anyhow::Result<(Jobs, Results)> {
    let mut jobs = Jobs::default();
    let equation_of_state = table(&mut jobs, experiment, experiment.lattice.0, experiment.field()?)?;
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
        let own = self.on(self.experiment.lattice.0)?;
        let mut files = ReplicaFiles {
            spins: own.spins.clone(),
            thermometer: own.thermometer.clone(),
            ..ReplicaFiles::default()
        };
        self.block_spin(&mut files)?;
        for training in &self.experiment.training {
            for lattice in training.lattices(own.lattice)? {
                let other = if lattice == own.lattice { None } else { Some(self.on(lattice)?) };
                let lattice = other.as_ref().unwrap_or(&own);
                let sets = training.temperatures.each_on(lattice.lattice.kind()).map_err(Problem::usage)?;
                for (set, temperatures) in &sets {
                    self.machines(training, lattice, (set, temperatures), &mut files)?;
                }
            }
        }
        Ok(files)
    }

    /// The machines of a training on a lattice that are trained at some temperatures.
    fn machines(
        &mut self,
        training: &Training,
        lattice: &OnLattice,
        (set, temperatures): (&str, &Temperatures),
        files: &mut ReplicaFiles,
    ) -> anyhow::Result<()> {
        for hidden in training.hidden.of(lattice.lattice.sites()) {
            for epochs in training.epochs.of(hidden) {
                for (name, config) in training.options.combinations()? {
                    for weights in training.surrogates() {
                        let (name, config) = (name.clone(), config.clone());
                        let set = set.to_owned();
                        let variant =
                            Variant { training, set, temperatures, config, name, hidden, epochs, weights };
                        files.machines.push(self.machine(&variant, lattice)?);
                    }
                }
            }
        }
        Ok(())
    }
}
