//! Does the jobs of a plan on the threads of this machine.

use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::exit;
use crate::interrupt::Stop;
use crate::job::{Done, make};
use crate::memory::Allowance;
use crate::plan::Plan;
use crate::progress::Display;
use crate::stage::Headers;

/// The outcome of a plan.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// The number of outputs that were made.
    pub(crate) made: usize,
    /// The number of outputs that had been there.
    pub(crate) kept: usize,
    /// The jobs that failed, by name, and why.
    pub(crate) failed: Vec<(String, anyhow::Error)>,
    /// The number of jobs that were not done.
    pub(crate) left: usize,
    /// Whether that is because the program was asked to stop.
    pub(crate) interrupted: bool,
}

/// The state that the workers share.
struct State {
    /// For each job the number of jobs that it waits for.
    waiting: Vec<usize>,
    /// Jobs that can be started.
    ready: Vec<usize>,
    running: usize,
    /// The memory that the running jobs are expected to need, in bytes.
    memory: u64,
    summary: Summary,
}

struct Executor<'a> {
    plan: &'a Plan,
    urgency: Vec<f64>,
    followers: Vec<Vec<usize>>,
    memory: u64,
    scratch: Option<&'a Path>,
    headers: Headers,
    stop: &'a Stop,
    display: &'a Display,
    state: Mutex<State>,
    changed: Condvar,
}

/// Does all jobs of a plan that are not done, with `workers` jobs at a time that need no more `memory` together than is
/// allowed; results are put together in the folder `scratch`, if there is one.
///
/// A job that fails stops those that depend on it and no others.
pub(crate) fn execute(
    plan: &Plan,
    workers: usize,
    memory: &Allowance,
    scratch: Option<&Path>,
    stop: &Stop,
    display: &Display,
) -> anyhow::Result<Summary> {
    for planned in &plan.jobs {
        memory.require(&planned.job.id, planned.cost.memory_bytes)?;
    }
    let waiting: Vec<usize> = plan.jobs.iter().map(|planned| planned.needs.len()).collect();
    let ready = (0..waiting.len()).filter(|&job| waiting[job] == 0).collect();
    let mut followers = vec![vec![]; waiting.len()];
    for (index, planned) in plan.jobs.iter().enumerate() {
        planned.needs.iter().for_each(|&need| followers[need].push(index));
    }
    let state = State { waiting, ready, running: 0, memory: 0, summary: Summary::default() };
    let executor = Executor {
        plan,
        urgency: plan.urgency(),
        followers,
        memory: memory.bytes,
        scratch,
        headers: Headers::default(),
        stop,
        display,
        state: Mutex::new(state),
        changed: Condvar::new(),
    };
    std::thread::scope(|scope| {
        for started in 0..workers.min(plan.jobs.len()) {
            let builder = std::thread::Builder::new().name(format!("worker {started}"));
            match builder.spawn_scoped(scope, || executor.work()) {
                // Fewer threads do it too.
                Err(error) if started == 0 => return Err(exit::no_threads(&error)),
                Err(_) => break,
                Ok(_) => {}
            }
        }
        Ok(())
    })?;
    let mut summary = executor.state.into_inner().unwrap_or_else(PoisonError::into_inner).summary;
    summary.left = plan.jobs.len() - summary.made - summary.kept - summary.failed.len();
    summary.interrupted |= summary.left > 0 && stop.asked();
    Ok(summary)
}

impl Executor<'_> {
    /// One worker: takes jobs until there are none that could still be started.
    fn work(&self) {
        let mut state = self.lock();
        loop {
            if self.stop.asked() {
                state.ready.clear();
            }
            if let Some(job) = self.take(&mut state) {
                drop(state);
                let result = self.perform(job);
                state = self.lock();
                self.settle(&mut state, job, result);
                self.changed.notify_all();
            } else if state.running == 0 && state.ready.is_empty() {
                return;
            } else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The most urgent job of those that there is memory for.
    fn take(&self, state: &mut State) -> Option<usize> {
        let free = self.memory.saturating_sub(state.memory);
        let fits = |job: usize| self.plan.jobs[job].cost.memory_bytes <= free;
        let candidates = state.ready.iter().enumerate().filter(|&(_, &job)| fits(job));
        let (position, _) =
            candidates.max_by(|(_, a), (_, b)| self.urgency[**a].total_cmp(&self.urgency[**b]))?;
        let job = state.ready.swap_remove(position);
        state.running += 1;
        state.memory += self.plan.jobs[job].cost.memory_bytes;
        Some(job)
    }

    fn perform(&self, index: usize) -> anyhow::Result<Done> {
        let job = &self.plan.jobs[index].job;
        let listener = self.display.start(&job.id, self.stop);
        let result = exit::guarded(|| make(job, &self.headers, self.scratch, &listener));
        let how = match &result {
            Ok(Done::Made) => Some("made"),
            Ok(Done::Kept) => None,
            Err(error) if exit::is_interruption(error) => Some("stopped"),
            Err(_) => Some("FAILED"),
        };
        self.display.finish(listener, how);
        result
    }

    fn settle(&self, state: &mut State, index: usize, result: anyhow::Result<Done>) {
        let planned = &self.plan.jobs[index];
        state.running -= 1;
        state.memory -= planned.cost.memory_bytes;
        match result {
            Ok(done) => {
                match done {
                    Done::Made => state.summary.made += 1,
                    Done::Kept => state.summary.kept += 1,
                }
                for &follower in &self.followers[index] {
                    state.waiting[follower] -= 1;
                    if state.waiting[follower] == 0 {
                        state.ready.push(follower);
                    }
                }
            }
            Err(error) if exit::is_interruption(&error) => state.summary.interrupted = true,
            Err(error) => state.summary.failed.push((planned.job.id.clone(), error)),
        }
    }
}
