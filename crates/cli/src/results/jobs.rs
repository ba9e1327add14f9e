//! Jobs with their costs and needs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::role_of;
use crate::exit::Problem;
use crate::job::Job;
use crate::stage::{Cost, InputSizes, Source, Stage};

/// The number of jobs of an experiment at most, so that a slip of the pen does not fill the memory with its plan.
const MOST_JOBS: usize = 100_000;

/// The longest name of a file or folder of a run, in bytes: file systems have 255, some of which temporary names need.
const LONGEST_NAME: usize = 200;

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
    /// All of them.
    pub(crate) planned: Vec<Planned>,
    /// The index of the job that makes a file.
    makers: HashMap<PathBuf, usize>,
    /// The output of the job with these settings and inputs.
    outputs: HashMap<(String, Vec<(String, PathBuf)>), PathBuf>,
}

impl Jobs {
    /// Adds a job unless there is one with the same settings and inputs; returns what it makes.
    pub(crate) fn add(&mut self, job: Job, cost: Cost) -> anyhow::Result<PathBuf> {
        let inputs =
            job.inputs.iter().map(|Source { role, path, .. }| (role.clone(), path.clone())).collect();
        let key = (job.stage.config()?, inputs);
        if let Some(output) = self.outputs.get(&key) {
            return Ok(output.clone());
        }
        if self.planned.len() >= MOST_JOBS {
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
        if self.makers.insert(output.clone(), self.planned.len()).is_some() {
            let what = format!("two different jobs would make `{}`; give them other names", output.display());
            return Err(Problem::Usage(what).into());
        }
        let mut needs: Vec<usize> =
            job.inputs.iter().filter_map(|input| self.makers.get(&input.path)).copied().collect();
        needs.sort_unstable();
        needs.dedup();
        self.outputs.insert(key, output.clone());
        self.planned.push(Planned { job, cost, needs });
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
