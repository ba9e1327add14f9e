//! One row of the table.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

static FAILURES: AtomicUsize = AtomicUsize::new(0);

/// What happened, if it is what should happen: how often it was tried, and a few words.
pub(crate) type Outcome = anyhow::Result<(u64, String)>;

/// A fault and what came of it.
pub(crate) struct Row;

impl Row {
    /// Tries something and prints its row.
    pub(crate) fn of(fault: &str, tried: &str, attempt: impl FnOnce() -> Outcome) {
        match attempt() {
            Ok((times, happened)) => print(fault, tried, times, &happened, "ok"),
            Err(error) => {
                FAILURES.fetch_add(1, Ordering::Relaxed);
                print(fault, tried, 1, &format!("{error:#}"), "FAILED");
            }
        }
    }

    /// The row of something that cannot be tried on this machine.
    pub(crate) fn not_tried(fault: &str, tried: &str, why: &str) {
        print(fault, tried, 0, why, "not tried");
    }

    /// The number of rows that failed in this process.
    pub(crate) fn failures() -> usize {
        FAILURES.load(Ordering::Relaxed)
    }

    /// Counts a row that a child process has printed.
    pub(crate) fn hand_on(line: &str) {
        if line.ends_with("\tFAILED") {
            FAILURES.fetch_add(1, Ordering::Relaxed);
        }
        say(line);
    }
}

fn print(fault: &str, tried: &str, times: u64, happened: &str, outcome: &str) {
    let happened = happened.split_whitespace().collect::<Vec<_>>().join(" ");
    say(&format!("row\t{fault}\t{tried}\t{times}\t{happened}\t{outcome}"));
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody reads any more: there is nothing left to do.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
