//! The expected cost of a job, from settings and sizes alone. Times are fitted to measurements on one core of a 2-core
//! AVX-512 machine; they decide the order of jobs and what a cluster is asked for, and no result.

/// The expected cost of a job.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cost {
    /// The time on one core, in seconds.
    pub(crate) core_seconds: f64,
    /// The largest memory, in bytes.
    pub(crate) memory_bytes: u64,
}

/// The time to start a job, and to read and write small files.
const START: f64 = 0.02;
/// The memory of any job, in bytes.
const BASE: f64 = 1.4e7;
/// Parts of a job that are taken to be at work at the same time.
pub(crate) const CONCURRENT: f64 = 8.0;

impl Cost {
    /// That of a computation that takes some seconds on one core and some bytes.
    pub(crate) fn new(core_seconds: f64, bytes: f64) -> Self {
        Self { core_seconds: START + core_seconds, memory_bytes: (BASE + bytes) as u64 }
    }
}

/// The memory for reading configurations, in bytes.
pub(crate) fn reading(samples: usize, sites: usize) -> f64 {
    samples as f64 * (sites as f64 * 3.0 + 40.0)
}
