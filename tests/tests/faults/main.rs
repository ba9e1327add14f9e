//! Real faults, one row of a table for each: what was tried, how often, what happened.
//!
//! ```text
//! cargo test --release --package rbmflow-tests --features slow --test faults -- [--long] [GROUP ...]
//! ```
//!
//! What could take this process down (damage that meets the HDF5 library, limits, mounts) is tried in a process of its
//! own, which is this program again.
//!
//! **Invariant:** the program under test is used from outside, apart from its parsers, which are also called directly,
//! as no process can be started ten thousand times in a minute.

mod bytes;
mod concurrency;
mod damage;
mod disk;
mod drawn;
mod forged;
mod kill;
mod memory;
mod numbers;
mod parsers;
mod places;
mod program;
mod row;
mod signals;
mod structure;
mod verbs;
mod verification;
mod versions;

use std::path::Path;
use std::process::ExitCode;

use row::Row;

/// How much is tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Short,
    Long,
}

impl Extent {
    /// One of two numbers.
    pub(crate) fn of<T>(self, short: T, long: T) -> T {
        match self {
            Self::Short => short,
            Self::Long => long,
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["worker", kind, ref rest @ ..] => places::finish(worker(kind, rest)),
        ["limited", ref rest @ ..] => program::become_limited(rest),
        ["mounted", folder, what, ref long @ ..] => {
            let extent = if long.is_empty() { Extent::Short } else { Extent::Long };
            mounted(folder.as_ref(), what, extent);
            print!("{}", Row::lines());
            ExitCode::SUCCESS
        }
        [] => table(Extent::Short, &[]),
        ["--long", ref only @ ..] => table(Extent::Long, only),
        ref only => table(Extent::Short, only),
    }
}

/// Rows in a namespace where file systems may be mounted; nothing is printed if none can be.
fn mounted(folder: &Path, what: &str, extent: Extent) {
    match disk::mount(folder, "size=64m") {
        Err(error) => eprintln!("{error:#}"),
        Ok(()) if what == "groups" => memory::grouped(folder),
        Ok(()) => disk::mounted(folder, extent),
    }
}

fn worker(kind: &str, rest: &[&str]) -> anyhow::Result<String> {
    match kind {
        "bytes" => bytes::work(rest),
        "forged" => forged::work(rest),
        "drawn" => drawn::work(rest),
        "parser" => parsers::work(rest),
        "structure" => structure::work(rest),
        other => anyhow::bail!("there is no worker `{other}`"),
    }
}

/// All groups of faults, or those that are named.
fn table(extent: Extent, only: &[&str]) -> ExitCode {
    type Group = fn(Extent);
    let groups: [(&str, Group); 12] = [
        ("kill", kill::rows),
        ("signals", signals::rows),
        ("disk", disk::rows),
        ("concurrency", concurrency::rows),
        ("verification", verification::rows),
        ("versions", versions::rows),
        ("numbers", numbers::rows),
        ("verbs", verbs::rows),
        ("memory", memory::rows),
        ("damage", damage::rows),
        ("parsers", parsers::rows),
        ("drawn", drawn::rows),
    ];
    if let Some(other) = only.iter().find(|only| groups.iter().all(|(name, _)| name != *only)) {
        let names = groups.map(|(name, _)| name).join(", ");
        eprintln!("error: there is no group `{other}`, but {names}");
        return ExitCode::FAILURE;
    }
    for (name, group) in groups {
        if only.is_empty() || only.contains(&name) {
            group(extent);
        }
    }
    let (failed, not_tried) = (Row::count("FAILED"), Row::count("not tried"));
    print!("{}", Row::table());
    // In the words of other test runners, so that whoever counts tests counts these.
    println!("test result: {} passed; {failed} failed; {not_tried} ignored", Row::count("ok"));
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
