//! Being asked to stop: by SIGINT, by SIGTERM, by a time limit, or by a batch system that says when it ends the job.
//!
//! Jobs ask [`Stop::asked`] at points where their progress can be kept. One that does not ask soon enough is not waited
//! for: a second after a signal, or at the end of the time, the process ends by itself. That harms no file, as every file
//! is complete before it gets its name; it costs what the job has done since its last saved state.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

#[cfg(unix)]
use signal_hook::consts::SIGXFSZ;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::exit;
use crate::terminal::tell;

/// The time after a signal in which jobs have to reach a safe point.
const PATIENCE: Duration = Duration::from_millis(800);
/// How long before the end of the time jobs are asked to stop, at most; and the part of the time that it is at most.
const MARGIN: Duration = Duration::from_secs(60);
const PART: u32 = 10;
/// How long after being asked in time jobs may take at least, even if that is longer than a very short limit.
const LEAST: Duration = Duration::from_secs(5);
/// The interval of the watchdog.
const TICK: Duration = Duration::from_millis(50);
/// The variable of Slurm with the end of the job, in seconds since 1970.
const SLURM_END: &str = "SLURM_JOB_END_TIME";

/// Whether the program has been asked to stop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop {
    flag: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Stop {
    /// Listens to SIGINT and SIGTERM from now on: the first asks to stop at a safe point, the second ends the process
    /// at once. The program is also to stop before `limit` has passed, and before the time that Slurm gives it has.
    pub(crate) fn listen(limit: Option<Duration>) -> std::io::Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        // What a script has its background jobs ignore (SIGINT, by the rules of shells) stays ignored.
        let ignored = ignored_signals();
        for signal in [SIGINT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0) {
            // In this order the first signal finds the flag unset.
            let code = i32::from(exit::INTERRUPTED);
            signal_hook::flag::register_conditional_shutdown(signal, code, Arc::clone(&flag))?;
            signal_hook::flag::register(signal, Arc::clone(&flag))?;
        }
        // A limit on the size of files is an error of the write that meets it, which names the file, and no reason to
        // die.
        #[cfg(unix)]
        signal_hook::flag::register(SIGXFSZ, Arc::default())?;
        let granted = std::env::var(SLURM_END).ok().and_then(|end| until(&end, SystemTime::now()));
        let left = limit.into_iter().chain(granted).min();
        let at = |left: Duration| Instant::now().checked_add(left);
        let stop = Self { flag, deadline: left.and_then(|left| at(left - margin(left))) };
        let (watched, end) = (stop.clone(), left.and_then(|left| at(left.max(left - margin(left) + LEAST))));
        std::thread::Builder::new().name("watchdog".to_owned()).spawn(move || watched.watch(end))?;
        Ok(stop)
    }

    /// Whether to stop.
    pub(crate) fn asked(&self) -> bool {
        self.flag.load(Ordering::Relaxed) || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Ends the process when jobs take too long to stop.
    fn watch(&self, end: Option<Instant>) {
        let mut signalled = None;
        loop {
            std::thread::sleep(TICK);
            let now = Instant::now();
            if signalled.is_none() && self.flag.load(Ordering::Relaxed) {
                signalled = Some(now);
            }
            let impatient = signalled.is_some_and(|since| now - since >= PATIENCE);
            if impatient || end.is_some_and(|end| now >= end) {
                let kept = "what was being done since the last saved state is lost; the same command goes on from there";
                tell(&format!("error: interrupted; {kept}"));
                // Without the C library's clean-up, which could wait for the threads that are at work.
                signal_hook::low_level::exit(i32::from(exit::INTERRUPTED));
            }
        }
    }
}

/// How long before the end of a time that is `left` jobs are asked to stop.
fn margin(left: Duration) -> Duration {
    MARGIN.min(left / PART)
}

/// The time from `now` to an end in seconds since 1970; none if it is no number. None either if it has passed: Slurm
/// would have ended this process, so the variable is left over from another job.
fn until(end: &str, now: SystemTime) -> Option<Duration> {
    let end = Duration::from_secs(end.trim().parse().ok()?);
    end.checked_sub(now.duration_since(UNIX_EPOCH).ok()?).filter(|left| !left.is_zero())
}

/// The signals that this process was started to ignore: bit n − 1 for signal n. None are known where the system has no
/// /proc.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_asked_before_the_time_is_over() {
        let seconds = Duration::from_secs;
        assert_eq!(margin(seconds(86_400)), seconds(60));
        assert_eq!(margin(seconds(100)), seconds(10));
        assert_eq!(margin(seconds(0)), seconds(0));
    }

    #[test]
    fn the_end_of_a_batch_job_is_read() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000);
        assert_eq!(until("1090\n", now), Some(Duration::from_secs(90)));
        assert_eq!(until("1000", now), None, "over: left behind by another job");
        assert_eq!(until("900", now), None);
        assert_eq!(until("tomorrow", now), None);
    }
}
