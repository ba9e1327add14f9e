//! Requests to a scheduler.

use crate::arguments::ClusterSettings;
use crate::plan::Planned;

/// The request for jobs that are done one after the other on one core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Request {
    /// The time limit, in minutes.
    pub(super) minutes: u64,
    /// The memory, in mebibytes.
    pub(super) mebibytes: u64,
}

/// Added to every time limit: to start on a busy machine, and to save a training at the end.
const MINUTES: f64 = 5.0;
/// Added to every memory, in bytes: the program itself, its threads, and reading and writing files.
const BYTES: f64 = 1e8;
/// Memory is asked for in multiples of this many mebibytes.
const STEP: f64 = 64.0;

impl Request {
    /// For jobs of a plan.
    pub(super) fn of<'a>(
        jobs: impl Iterator<Item = &'a Planned> + Clone,
        settings: &ClusterSettings,
    ) -> Self {
        let seconds: f64 = jobs.clone().map(|planned| planned.cost.core_seconds).sum();
        let bytes = jobs.map(|planned| planned.cost.memory_bytes).max().unwrap_or(0) as f64;
        // Memory is better known than time, and a node is shared by it.
        let bytes = BYTES + bytes * (1.0 + (settings.safety - 1.0) / 4.0);
        Self {
            minutes: (MINUTES + seconds * settings.safety / 60.0).ceil() as u64,
            mebibytes: ((bytes / f64::from(1 << 20) / STEP).ceil() * STEP) as u64,
        }
    }

    /// The larger of both in each respect.
    pub(super) fn max(self, other: Self) -> Self {
        Self { minutes: self.minutes.max(other.minutes), mebibytes: self.mebibytes.max(other.mebibytes) }
    }

    /// The request for no jobs.
    pub(super) const NOTHING: Self = Self { minutes: 0, mebibytes: 0 };
}
