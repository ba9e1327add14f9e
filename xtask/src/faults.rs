//! `cargo xtask faults`: real faults in one table.
//!
//! The faults themselves are tried by the program `faults` of the package `rbmflow-tests`, and by tests of `datasets` that
//! write hostile HDF5 files. Here both are run, and what they say becomes the table.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

use crate::commands::{built, cargo, root, run};

/// Arguments of `faults`.
#[derive(clap::Args)]
pub(crate) struct Faults {
    /// Try more of everything: hundreds of kills, tens of thousands of damaged files (about half an hour).
    #[arg(long)]
    long: bool,
    /// Only these groups: kill, signals, disk, concurrency, verification, versions, numbers, verbs, memory, damage, parsers,
    /// drawn, links
    only: Vec<String>,
}

/// The tests of `datasets` that write hostile files, and what they are about.
const HOSTILE: [(&str, &str); 9] = [
    ("links_are_refused", "cycles of links, soft and external links"),
    ("huge_declarations_are_refused", "huge declared sizes"),
    ("other_kinds_of_data_are_refused", "texts, compounds, data in other files, odd filters"),
    ("chunks_shorter_than_their_checksum_are_refused", "chunks that crash the C library"),
    ("wrong_values_are_named", "values out of range, by other programs"),
    ("a_wrong_content_hash_is_refused", "wrong content hash"),
    ("versions_are_refused_by_name", "versions, by other programs"),
    ("one_schema_is_not_read_as_another", "one schema for another"),
    ("nan_is_refused", "NaN in every dataset and attribute"),
];

/// One row.
struct Row {
    fault: String,
    tried: String,
    times: String,
    happened: String,
    outcome: String,
}

impl Faults {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let since = Instant::now();
        let wants = |group: &str| self.only.is_empty() || self.only.iter().any(|only| only == group);
        run(&mut cargo(["build", "--release", "--package", "cli", "--package", "rbmflow-tests", "--bins"]))?;
        let mut rows = vec![];
        if self.only.is_empty() || self.only.iter().any(|only| only != "links") {
            let mut command = Command::new(built("release").join("faults"));
            command.current_dir(root()).args(self.long.then_some("--long")).args(&self.only);
            rows.extend(rows_of(&mut command)?);
        }
        if wants("links") {
            rows.extend(hostile()?);
        }
        show(&rows);
        let count = |outcome: &str| rows.iter().filter(|row| row.outcome == outcome).count();
        let (failed, not_tried) = (count("FAILED"), count("not tried"));
        println!(
            "{} rows in {:.0} s: {failed} failed, {not_tried} not tried",
            rows.len(),
            since.elapsed().as_secs_f64()
        );
        if failed > 0 {
            bail!("{failed} of {} rows failed", rows.len());
        }
        Ok(())
    }
}

/// The short variant, all of it.
pub(crate) fn check() -> anyhow::Result<()> {
    Faults { long: false, only: vec![] }.run()
}

/// The rows that the program prints; each is announced when it is there.
fn rows_of(command: &mut Command) -> anyhow::Result<Vec<Row>> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().context("the program `faults` could not be started")?;
    let lines = BufReader::new(child.stdout.take().context("the output was asked for")?).lines();
    let mut rows = vec![];
    for line in lines {
        let line = line?;
        if let ["row", fault, tried, times, happened, outcome] = line.split('\t').collect::<Vec<_>>()[..] {
            eprintln!("{outcome:<9} {fault}: {tried}");
            let [fault, tried, times, happened, outcome] =
                [fault, tried, times, happened, outcome].map(str::to_owned);
            rows.push(Row { fault, tried, times, happened, outcome });
        }
    }
    let status = child.wait()?;
    let failed = rows.iter().any(|row| row.outcome == "FAILED");
    if rows.is_empty() || status.success() == failed {
        bail!("the program `faults` ended with {status} after {} rows", rows.len());
    }
    Ok(rows)
}

/// The tests of `datasets` as rows.
fn hostile() -> anyhow::Result<Vec<Row>> {
    let tests = ["--test", "foreign", "--test", "damaged", "--test", "content"];
    let mut command = cargo(["test", "--release", "--package", "datasets"]);
    let output = command.args(tests).output().context("cargo could not be started")?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !text.contains("test result") {
        bail!("the tests of datasets could not be built:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let row = |(test, fault): &(&str, &str)| {
        let line = text.lines().find(|line| line.starts_with(&format!("test {test} ")));
        let passed = line.is_some_and(|line| line.ends_with("ok"));
        let happened = if passed { "refused by name" } else { "see the test" };
        Row {
            fault: (*fault).to_owned(),
            tried: format!("test {test}"),
            times: "1".to_owned(),
            happened: happened.to_owned(),
            outcome: if passed { "ok" } else { "FAILED" }.to_owned(),
        }
    };
    Ok(HOSTILE.iter().map(row).collect())
}

/// Prints the table, in the notation of Markdown, which is also readable as it is.
fn show(rows: &[Row]) {
    let cells = |row: &Row| {
        [&row.fault, &row.tried, &row.times, &row.happened, &row.outcome].map(|cell| cell.replace('|', "/"))
    };
    let head = ["fault", "what was tried", "times", "what happened", "verdict"].map(str::to_owned);
    let mut table = vec![head];
    table.extend(rows.iter().map(cells));
    let width = |column: usize| table.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..5).map(width).collect();
    for (index, row) in table.iter().enumerate() {
        let padded =
            row.iter().zip(&widths).map(|(cell, width)| format!(" {cell:<width$} ")).collect::<Vec<_>>();
        println!("|{}|", padded.join("|"));
        if index == 0 {
            println!("|{}|", widths.iter().map(|width| "-".repeat(width + 2)).collect::<Vec<_>>().join("|"));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// SECURITY.md lists, in code marks at the beginning of a row, the files and folders with unsafe code.
    #[test]
    fn unsafe_code_is_only_where_the_document_says() {
        let document = std::fs::read_to_string(root().join("SECURITY.md")).unwrap();
        let listed: Vec<&str> = document
            .lines()
            .filter_map(|line| line.strip_prefix("| `crates/"))
            .filter_map(|line| line.split('`').next())
            .collect();
        let mut used = vec![false; listed.len()];
        let mut open = vec![root().join("crates")];
        while let Some(next) = open.pop() {
            for entry in std::fs::read_dir(&next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                    continue;
                }
                let name = path.strip_prefix(root().join("crates")).unwrap().to_string_lossy().into_owned();
                if !name.contains("/src/") || !name.ends_with(".rs") || !has_unsafe_code(&path) {
                    continue;
                }
                let place = listed.iter().position(|listed| name.starts_with(listed));
                used[place.unwrap_or_else(|| panic!("{name} has unsafe code and is not in SECURITY.md"))] =
                    true;
            }
        }
        assert!(!listed.is_empty() && used.iter().all(|&used| used), "{listed:?} {used:?}");
    }

    fn has_unsafe_code(path: &Path) -> bool {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().any(|line| {
            let code = line.trim_start();
            !code.starts_with("//")
                && ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"]
                    .iter()
                    .any(|word| code.contains(word))
        })
    }
}
