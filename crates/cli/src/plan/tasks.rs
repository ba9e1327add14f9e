//! Dividing a plan among independent processes: by level of the dependency graph, and each level into tasks.
//!
//! The jobs of a level need only jobs of lower levels. So the tasks of one level can be done at the same time, by any
//! number of processes on any number of machines, and a level when all lower ones are done.

use super::Plan;
use crate::exit::Problem;

/// The most tasks that a level is divided into by [`Plan::bundles`]: what Slurm takes in one array unless it is
/// told otherwise (its `MaxArraySize` is 1001).
const MOST_TASKS: usize = 1000;

/// One of the equal parts of a level, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) number: usize,
    pub(crate) of: usize,
}

impl std::str::FromStr for Task {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('/').and_then(|(number, of)| {
            let (number, of) = (number.parse().ok()?, of.parse().ok()?);
            (1..=of).contains(&number).then_some(Self { number, of })
        });
        parsed.ok_or_else(|| "expected I/N with 1 <= I <= N, such as 3/16".to_owned())
    }
}

impl std::fmt::Display for Task {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

/// A level, divided into tasks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Level {
    /// The level, counted from 1.
    pub(crate) number: usize,
    /// The jobs of each task, by index.
    pub(crate) tasks: Vec<Vec<usize>>,
}

impl Plan {
    /// The level of each job, counted from 1: one more than the highest of those that it needs.
    pub(crate) fn levels(&self) -> Vec<usize> {
        let mut levels: Vec<usize> = Vec::with_capacity(self.jobs.len());
        for planned in &self.jobs {
            levels.push(1 + planned.needs.iter().map(|&need| levels[need]).max().unwrap_or(0));
        }
        levels
    }

    /// The jobs of a level in a number of tasks that are expected to take about equally long: the longest job
    /// first, each to the task that has least. Every process finds the same division by itself.
    fn divide(&self, jobs: &[usize], tasks: usize) -> Vec<Vec<usize>> {
        // In milliseconds: the last bits of an estimate may differ between machines, and must not matter.
        let duration = |job: usize| (self.jobs[job].cost.core_seconds * 1e3).round() as u64;
        let mut order = jobs.to_vec();
        order.sort_by_key(|&job| (std::cmp::Reverse(duration(job)), job));
        let mut divided = vec![(0, vec![]); tasks];
        for job in order {
            if let Some((load, task)) = divided.iter_mut().min_by_key(|(load, _)| *load) {
                *load += duration(job);
                task.push(job);
            }
        }
        // Within a task in the order of the plan.
        divided
            .into_iter()
            .map(|(_, mut task)| {
                task.sort_unstable();
                task
            })
            .collect()
    }

    /// All levels, each divided so that a task is expected to take `seconds` on one core if there is enough to do.
    pub(crate) fn bundles(&self, seconds: f64) -> Vec<Level> {
        let levels = self.levels();
        let highest = levels.iter().copied().max().unwrap_or(0);
        (1..=highest)
            .map(|level| {
                let jobs: Vec<usize> = (0..levels.len()).filter(|&job| levels[job] == level).collect();
                let total: f64 = jobs.iter().map(|&job| self.jobs[job].cost.core_seconds).sum();
                // A quotient beyond the range of integers becomes the largest one.
                let wanted = if seconds > 0.0 { (total / seconds) as usize } else { usize::MAX };
                let tasks = wanted.clamp(1, jobs.len().min(MOST_TASKS));
                Level { number: level, tasks: self.divide(&jobs, tasks) }
            })
            .collect()
    }

    /// The plan of one task of a level: its jobs, which wait for nothing, as the lower levels have been done.
    pub(crate) fn task(&self, level: usize, task: Task) -> Result<Self, Problem> {
        let levels = self.levels();
        let highest = levels.iter().copied().max().unwrap_or(0);
        if level > highest || level == 0 {
            let what = format!("--level {level}: the levels of this experiment are 1 to {highest}");
            return Err(Problem::Usage(what));
        }
        let jobs: Vec<usize> = (0..levels.len()).filter(|&job| levels[job] == level).collect();
        let divided = self.divide(&jobs, task.of);
        let jobs = divided[task.number - 1].iter().map(|&job| {
            let mut planned = self.jobs[job].clone();
            planned.needs.clear();
            planned
        });
        Ok(Self { jobs: jobs.collect(), results: self.results.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use std::path::Path;

    fn quick() -> Plan {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/experiments/quick.toml");
        Plan::of(&Experiment::read(&path).expect("an experiment")).expect("a plan")
    }

    #[test]
    fn every_job_is_in_one_task_and_after_all_that_it_needs() {
        let plan = quick();
        for seconds in [0.0, 1.0, 5.0, 600.0] {
            let mut done = vec![false; plan.jobs.len()];
            for level in plan.bundles(seconds) {
                let jobs: Vec<usize> = level.tasks.iter().flatten().copied().collect();
                for &job in &jobs {
                    assert!(plan.jobs[job].needs.iter().all(|&need| done[need]), "{job}");
                }
                for job in jobs {
                    assert!(!std::mem::replace(&mut done[job], true), "{job} twice");
                }
                let of = level.tasks.len();
                for (index, task) in level.tasks.iter().enumerate() {
                    assert!(!task.is_empty());
                    let part = plan.task(level.number, Task { number: index + 1, of });
                    let ids: Vec<String> =
                        part.expect("a part").jobs.into_iter().map(|planned| planned.job.id).collect();
                    let expected: Vec<String> =
                        task.iter().map(|&job| plan.jobs[job].job.id.clone()).collect();
                    assert_eq!(ids, expected);
                }
            }
            assert!(done.iter().all(|&done| done));
        }
    }

    #[test]
    fn tasks_last_as_long_as_wanted_and_no_longer_than_one_more_job() {
        let plan = quick();
        for Level { tasks, .. } in plan.bundles(2.0) {
            if tasks.len() == 1 {
                continue;
            }
            let load =
                |task: &[usize]| -> f64 { task.iter().map(|&job| plan.jobs[job].cost.core_seconds).sum() };
            let loads: Vec<f64> = tasks.iter().map(|task| load(task)).collect();
            let longest = tasks.iter().flatten().map(|&job| plan.jobs[job].cost.core_seconds);
            let longest = longest.fold(0.0, f64::max);
            let (least, most) = loads.iter().fold((f64::MAX, 0.0f64), |(a, b), &x| (a.min(x), b.max(x)));
            assert!(loads.iter().sum::<f64>() / loads.len() as f64 >= 2.0 && most - least <= longest + 0.01);
        }
    }

    #[test]
    fn tasks_are_written_as_fractions() {
        assert_eq!("3/16".parse(), Ok(Task { number: 3, of: 16 }));
        for wrong in ["0/4", "5/4", "3", "a/b", "-1/3", "1/0", ""] {
            assert!(wrong.parse::<Task>().is_err(), "{wrong}");
        }
    }
}
