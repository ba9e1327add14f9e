//! The project's own chores, on a machine with nothing but Rust, a C compiler and python3.
//!
//! **Invariant:** no crate of ours is linked here; xtask builds and drives the program from outside.

mod bench;
mod ci;
mod cluster_test;
mod commands;
mod doctor;
mod package;
mod python;
mod reproduce;
mod sanitize;
mod test;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The chores of rbmflow", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Run a whole experiment: data, machines, thermometers, flows, weights, figures, claims, report.
    Reproduce(reproduce::Reproduce),
    /// Run all tests.
    Test(test::Test),
    /// Run the benchmarks.
    Bench(bench::Bench),
    /// Run the checks that are no tests: formatting, lints, documentation, dependencies, debug against release.
    Ci(ci::Ci),
    /// Pack the crates as they would be published, build and test them from their archives, and use them as a stranger.
    Package(package::Package),
    /// Run the kernels with unsafe code under Miri and the address sanitizer (needs a nightly Rust).
    Sanitize(sanitize::Sanitize),
    /// Run an exported plan under Slurm (two nodes on this machine) and under Snakemake, and compare with a local run.
    ClusterTest(cluster_test::ClusterTest),
    /// Say what was found on this machine and what is missing.
    Doctor(doctor::Doctor),
}

fn main() -> std::process::ExitCode {
    let done = match Arguments::parse().verb {
        Verb::Reproduce(verb) => verb.run(),
        Verb::Test(verb) => verb.run(),
        Verb::Bench(verb) => verb.run(),
        Verb::Ci(verb) => verb.run(),
        Verb::Package(verb) => verb.run(),
        Verb::Sanitize(verb) => verb.run(),
        Verb::ClusterTest(verb) => verb.run(),
        Verb::Doctor(verb) => verb.run(),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            // `{:#}` folds the chain of causes into one line; a backtrace would only bury it.
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
