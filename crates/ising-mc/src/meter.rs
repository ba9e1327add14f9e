//! Progress of the work of all threads.

use std::sync::atomic::{AtomicU64, Ordering};

use datasets::{Interrupted, Progress};

/// Counts units of work of all threads and reports the fraction.
pub(crate) struct Meter<'a> {
    progress: &'a dyn Progress,
    start: f64,
    end: f64,
    total: u64,
    done: AtomicU64,
}

impl<'a> Meter<'a> {
    /// Reports fractions in `start`..=`end`.
    pub(crate) fn new(progress: &'a dyn Progress, start: f64, end: f64, total: u64) -> Self {
        Self { progress, start, end, total: total.max(1), done: AtomicU64::new(0) }
    }

    pub(crate) fn advance(&self, units: u64) -> Result<(), Interrupted> {
        let done = self.done.fetch_add(units, Ordering::Relaxed) + units;
        let fraction = (done as f64 / self.total as f64).min(1.0);
        self.progress.report(self.start + (self.end - self.start) * fraction)
    }
}
