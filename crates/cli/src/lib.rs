//! The program `rbmflow`: arguments, the experiment plan, progress and exit codes.
//!
//! **Invariant:** no science. Every number comes from the crates below; here are files, threads, signals and words.
//!
//! # Overview
//!
//! Each module uses only those before it.
//!
//! * `exit`, `terminal`, `interrupt`, `lock`, `memory`, `output`, `checkpoint`, `temperatures` — the surroundings.
//! * `stage` — the interface of a stage; `job` — one stage with settings, inputs and output, and making the output;
//!   `verb` — its command line.
//! * `experiment` — one TOML file from which everything follows; `results` — the jobs that it asks for.
//! * `stages` — all stages, each in a file.
//! * `plan` — the jobs of an experiment; `progress`, `executor` — doing them.
//! * `arguments` — the command line; `commands` — the verbs.
//! * `untrusted` — the parsers of what comes from outside, for tests that throw anything at them.
//!
//! It is a library so that those tests can link it; users have the program.

mod arguments;
mod checkpoint;
mod commands;
mod executor;
mod exit;
mod experiment;
mod independence;
mod interrupt;
mod job;
mod lock;
mod memory;
mod output;
mod plan;
mod progress;
mod results;
mod stage;
mod stages;
mod temperatures;
mod terminal;
pub mod untrusted;
mod verb;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser as _;

use arguments::{Arguments, Global, VectorWidth, Verb};
use interrupt::Stop;
use memory::Allowance;
pub use temperatures::{TemperatureError, Temperatures};
use terminal::tell;

/// The whole program.
pub fn main() -> ExitCode {
    if let Err(error) = leave_environment_of_hdf5() {
        tell(&format!("error: {}", exit::line(&error)));
        return ExitCode::from(exit::code(&error));
    }
    ExitCode::from(perform(std::env::args_os()))
}

/// What starts this program where it is not the file of the process.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// The whole program within another one, with its arguments, the first of which is a name; returns the exit code.
/// `program` is what starts it again. It listens to signals and may end the process, and does not look at the variables
/// that the HDF5 library obeys.
pub fn main_of(program: PathBuf, arguments: impl IntoIterator<Item = OsString>) -> u8 {
    PROGRAM.get_or_init(|| program);
    perform(arguments)
}

/// The path of this program.
fn program() -> std::io::Result<PathBuf> {
    PROGRAM.get().map_or_else(std::env::current_exe, |program| Ok(program.clone()))
}

fn perform(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    // Clap itself ends the process with code 2 and a message if the arguments are wrong.
    let Arguments { global, verb } = Arguments::parse_from(arguments);
    exit::quiet_panics();
    match exit::guarded(|| run(&global, verb)) {
        Ok(()) => exit::SUCCESS,
        Err(error) => {
            tell(&format!("error: {}", exit::line(&error)));
            exit::code(&error)
        }
    }
}

/// Far more than any machine has cores.
const MOST_THREADS: usize = 1024;

fn run(global: &Global, verb: Verb) -> anyhow::Result<()> {
    let stop = Stop::listen(global.time_limit.map(Duration::from_secs)).map_err(|e| exit::no_threads(&e))?;
    if let Some(width) = global.vector_width {
        use numerics::vector::{Width, limit_width};
        limit_width(match width {
            VectorWidth::Portable => Width::Portable,
            VectorWidth::Avx2 => Width::Avx2,
            VectorWidth::Avx512 => Width::Avx512,
        });
    }
    let jobs = threads(global.jobs);
    // A thread that finds no memory while it starts ends the process, so that so many are not tried.
    if jobs > MOST_THREADS {
        return Err(exit::no_threads(&format!("{jobs} are more than {MOST_THREADS}")));
    }
    rayon::ThreadPoolBuilder::new().num_threads(jobs).build_global().map_err(|e| exit::no_threads(&e))?;
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
        Verb::Completions(arguments) => commands::completions(&arguments),
        Verb::Man(arguments) => commands::man(&arguments),
    }
}

/// The number of threads: what was asked for, else what Slurm or the environment gives this process, else all cores
/// that it may use.
fn threads(asked: Option<u16>) -> usize {
    let number = |name| std::env::var(name).ok()?.trim().parse().ok().filter(|&number| number > 0);
    let given = || ["SLURM_CPUS_PER_TASK", "RAYON_NUM_THREADS"].into_iter().find_map(number);
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    asked.map(usize::from).or_else(given).unwrap_or_else(cores)
}

/// Starts the program anew without the variables that the HDF5 library obeys, where there are any: cluster modules set
/// them for other programs, and some of them load plugins, change drivers or end the process.
#[cfg(unix)]
fn leave_environment_of_hdf5() -> anyhow::Result<()> {
    use std::os::unix::process::CommandExt as _;
    let obeyed: Vec<_> = std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| name.as_encoded_bytes().starts_with(b"HDF5_"))
        .collect();
    if obeyed.is_empty() {
        return Ok(());
    }
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| "rbmflow".into());
    let mut again = std::process::Command::new(std::env::current_exe()?);
    again.arg0(name).args(arguments);
    for variable in obeyed {
        again.env_remove(variable);
    }
    // Returns only if it fails.
    Err(again.exec())
        .context("cannot start again without the variables HDF5_* of the environment; unset them")
}

#[cfg(not(unix))]
fn leave_environment_of_hdf5() -> anyhow::Result<()> {
    Ok(())
}
