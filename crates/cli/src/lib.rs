//! The program `rbmflow`: arguments, the experiment plan, progress and exit codes.
//!
//! **Invariant:** no science. Every number comes from the crates below; here are files, threads, signals and words.
//!
//! # Walk
//!
//! * `arguments` — the command line; `temperatures` — lists of temperatures.
//! * `experiment` — one TOML file from which everything follows; `plan` — its jobs.
//! * `job` — one stage with settings, inputs and output; `stages` — doing it; `checkpoint` — saved trainings.
//! * `executor` — doing the jobs of a plan; `progress`, `interrupt`, `lock`, `memory` — what goes with it.
//! * `commands` — the verbs that are not stages; `exit` — exit codes.
//! * `untrusted` — the parsers of what comes from outside, for tests that throw anything at them.
//!
//! It is a library so that those tests can link it; users have the program.

#![deny(unsafe_code)]

mod arguments;
mod checkpoint;
mod commands;
mod executor;
mod exit;
mod experiment;
mod interrupt;
mod job;
mod lock;
mod memory;
mod plan;
mod progress;
mod stages;
mod temperatures;
pub mod untrusted;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser as _;

use arguments::{Arguments, Global, VectorWidth, Verb};
use interrupt::Stop;
use memory::Allowance;

/// The whole program.
pub fn main() -> ExitCode {
    // Clap itself ends the process with code 2 and a message if the arguments are wrong.
    let Arguments { global, verb } = Arguments::parse();
    exit::quiet_panics();
    match exit::guarded(|| run(&global, verb)) {
        Ok(()) => ExitCode::from(exit::SUCCESS),
        Err(error) => {
            eprintln!("error: {}", exit::line(&error));
            ExitCode::from(exit::code(&error))
        }
    }
}

fn run(global: &Global, verb: Verb) -> anyhow::Result<()> {
    let stop =
        Stop::listen(global.time_limit.map(Duration::from_secs)).context("cannot listen to signals")?;
    if let Some(width) = global.vector_width {
        use numerics::vector::{Width, limit_width};
        limit_width(match width {
            VectorWidth::Portable => Width::Portable,
            VectorWidth::Avx2 => Width::Avx2,
            VectorWidth::Avx512 => Width::Avx512,
        });
    }
    let jobs = match global.jobs {
        Some(jobs) => usize::from(jobs),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    rayon::ThreadPoolBuilder::new().num_threads(jobs).build_global().context("cannot start threads")?;
    let memory = Allowance::of(global.memory);
    match verb {
        Verb::Stage(verb) => commands::stage(verb, &memory, global.quiet, &stop),
        Verb::Run(arguments) => commands::run(&arguments, &memory, jobs, global.quiet, &stop),
        Verb::Plan(arguments) => commands::plan(&arguments),
        Verb::Status(arguments) => commands::status(&arguments),
        Verb::Compare(arguments) => commands::compare(&arguments, global.quiet),
        Verb::Info(arguments) => commands::info(&arguments),
        Verb::Verify(arguments) => commands::verify(&arguments, global.quiet),
        Verb::Import(arguments) => commands::import(&arguments),
        Verb::Export(arguments) => commands::export(&arguments),
    }
}
