//! The rows of the table.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The columns of a row: fault, what was tried, how often, what happened, verdict.
type Cells = [String; 5];

static ROWS: Mutex<Vec<Cells>> = Mutex::new(Vec::new());

/// What happened, if it is what should happen: how often it was tried, and a few words.
pub(crate) type Outcome = anyhow::Result<(u64, String)>;

/// A fault and what came of it.
pub(crate) struct Row;

impl Row {
    /// Tries something and keeps its row.
    pub(crate) fn of(fault: &str, tried: &str, attempt: impl FnOnce() -> Outcome) {
        match attempt() {
            Ok((times, happened)) => keep(fault, tried, times, &happened, "ok"),
            Err(error) => keep(fault, tried, 1, &format!("{error:#}"), "FAILED"),
        }
    }

    /// The row of something that cannot be tried on this machine.
    pub(crate) fn not_tried(fault: &str, tried: &str, why: &str) {
        keep(fault, tried, 0, why, "not tried");
    }

    /// Keeps a row of a child process, one of its [`Row::lines`].
    pub(crate) fn hand_on(line: &str) {
        if let [fault, tried, times, happened, verdict] = line.split('\t').collect::<Vec<_>>()[..] {
            rows().push([fault, tried, times, happened, verdict].map(str::to_owned));
        }
    }

    /// All rows, a line each, for the parent of this process.
    pub(crate) fn lines() -> String {
        rows().iter().map(|row| format!("{}\n", row.join("\t"))).collect()
    }

    /// The number of rows with a verdict.
    pub(crate) fn count(verdict: &str) -> usize {
        rows().iter().filter(|row| row[4] == verdict).count()
    }

    /// All rows as a table in Markdown.
    pub(crate) fn table() -> String {
        let mut table =
            vec![["fault", "what was tried", "times", "what happened", "verdict"].map(str::to_owned)];
        table.extend(rows().iter().map(|row| row.clone().map(|cell| cell.replace('|', "/"))));
        let width = |column: usize| table.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 5] = std::array::from_fn(width);
        table.insert(1, widths.map(|width| "-".repeat(width)));
        let line = |row: &Cells| {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!(" {cell:<width$} "));
            format!("|{}|\n", cells.collect::<Vec<_>>().join("|"))
        };
        table.iter().map(line).collect()
    }
}

fn rows() -> MutexGuard<'static, Vec<Cells>> {
    ROWS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps a row and says that it is there.
fn keep(fault: &str, tried: &str, times: u64, happened: &str, verdict: &str) {
    let happened = happened.split_whitespace().collect::<Vec<_>>().join(" ");
    eprintln!("{verdict:<9} {fault}: {tried}");
    rows().push([fault, tried, &times.to_string(), &happened, verdict].map(str::to_owned));
}
