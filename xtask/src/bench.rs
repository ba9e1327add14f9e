//! `cargo xtask bench`: the benchmarks.

mod programs;
mod scaling;
mod table;
mod works;

use std::path::PathBuf;

use anyhow::Context;

use crate::commands::{cargo, output, run};
use programs::{Programs, Stopwatch};
use works::Row;

/// Arguments of `bench`.
#[derive(clap::Args)]
pub(crate) struct Bench {
    /// One table of the peers (from PyPI, in a private environment below target/) and ours on the same work, with one
    /// thread each.
    #[arg(long)]
    peers: bool,
    /// A table of how our costs grow with the lattice, the samples, the hidden units and the cores.
    #[arg(long)]
    scaling: bool,
    /// How often everything is measured, in turn; the medians are printed.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Only the rows of --peers and --scaling whose work contains this text.
    #[arg(long, default_value = "")]
    only: String,
    /// Write the tables of --peers and --scaling to this file, too, as Markdown.
    #[arg(long, short)]
    out: Option<PathBuf>,
    /// Further arguments for criterion, such as a filter.
    #[arg(last = true)]
    rest: Vec<String>,
}

impl Bench {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        if !self.peers && !self.scaling {
            return run(cargo(["bench", "--package", "rbmflow-benches", "--benches", "--"]).args(&self.rest));
        }
        run(&mut cargo(["build", "--release", "--package", "rbmflow-benches", "--bin", "measure"]))?;
        let mut programs = Programs::start(self.peers)?;
        let mut text = format!("{}\n", heading(&mut programs));
        let wanted = |row: &Row| row.work.contains(&self.only);
        if self.peers {
            let rows: Vec<Row> = works::rows().into_iter().filter(wanted).collect();
            let results = measure(&rows, self.rounds, &mut programs);
            text += &table::peers(&rows, &results);
        }
        if self.scaling {
            let rows: Vec<Row> = scaling::rows().into_iter().filter(wanted).collect();
            let results = measure(&rows, self.rounds, &mut programs);
            text += &table::scaling(&rows, &results);
        }
        print!("{text}");
        if let Some(path) = &self.out {
            std::fs::write(path, &text).with_context(|| format!("writing {}", path.display()))?;
            eprintln!("written to {}", path.display());
        }
        Ok(())
    }
}

/// What was measured where.
fn heading(programs: &mut Programs) -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let value = |line: &str| line.split_once(':').map(|(_, value)| value.trim().to_owned());
    let processor = read("/proc/cpuinfo").lines().find(|line| line.starts_with("model name")).and_then(value);
    let load = read("/proc/loadavg").split_whitespace().next().unwrap_or("?").to_owned();
    let commit = output("git", &["rev-parse", "--short", "HEAD"]);
    let names: Vec<String> = programs.versions();
    format!(
        "{}, {} cores, load {load} at the start; {}{}",
        processor.unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        std::thread::available_parallelism().map_or(1, usize::from),
        names.join(", "),
        commit.map(|commit| format!(", commit {commit}")).unwrap_or_default(),
    )
}

/// Asks for every row in turn, `rounds` times: the medians, or why there are none.
fn measure(rows: &[Row], rounds: u32, stopwatch: &mut dyn Stopwatch) -> Vec<Result<f64, String>> {
    let mut all: Vec<Result<Vec<f64>, String>> = rows.iter().map(|_| Ok(Vec::new())).collect();
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        for (row, results) in rows.iter().zip(&mut all) {
            if let Ok(values) = results {
                match stopwatch.seconds(&row.request) {
                    Ok([clock, processor]) => values.push(if row.by_the_clock { clock } else { processor }),
                    Err(reason) => *results = Err(reason),
                }
            }
        }
    }
    all.into_iter().map(|results| results.map(|mut values| median(&mut values))).collect()
}

/// The middle value, or the mean of both middle values.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { 0.5 * (values[middle - 1] + values[middle]) }
}

#[cfg(test)]
mod tests;
