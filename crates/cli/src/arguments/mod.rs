//! The command line.

mod command_line;
mod stages;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::exit;
use crate::plan::Task;
pub(crate) use command_line::command_line;
pub(crate) use stages::{FlowVerb, Predict, StageVerb, ThermometerVerb};

/// Machine learning meets the renormalization group: Ising configurations, restricted Boltzmann machines, thermometers,
/// flows, and the figures and claims that follow.
#[derive(Debug, Parser)]
#[command(name = "rbmflow", version, after_help = exit::HELP, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// The heading of the options that every verb has.
const EVERYWHERE: &str = "Options of every verb";

/// Options of every verb.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The number of threads; results do not depend on it [default: all cores]
    #[arg(help_heading = EVERYWHERE, long, short, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Say nothing but errors
    #[arg(help_heading = EVERYWHERE, long, short, global = true)]
    pub(crate) quiet: bool,
    /// The widest vector instructions to use; results do not depend on it
    #[arg(help_heading = EVERYWHERE, long, global = true, value_name = "WIDTH", env = "RBMFLOW_VECTOR_WIDTH")]
    pub(crate) vector_width: Option<VectorWidth>,
    /// Stop before this many seconds have passed as if interrupted; the same command goes on from there. In a job of
    /// Slurm the end that SLURM_JOB_END_TIME tells is such a limit too
    #[arg(help_heading = EVERYWHERE, long, global = true, value_name = "SECONDS")]
    pub(crate) time_limit: Option<u64>,
    /// The most memory that what is done at the same time may be expected to need, in megabytes; more is refused
    /// [default: what the machine has free and the limits of the process and its control groups leave]
    #[arg(help_heading = EVERYWHERE, long, global = true, value_name = "MB")]
    pub(crate) memory: Option<u64>,
}

/// Vector instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VectorWidth {
    /// What every machine of the compilation target has
    Portable,
    /// 256 bits
    Avx2,
    /// 512 bits
    Avx512,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    #[command(flatten)]
    Stage(StageVerb),
    /// Run an experiment: everything that is missing or out of date, as its plan says
    Run(Run),
    /// Show what running an experiment would do
    Plan(PlanArguments),
    /// Show what is done, missing or out of date in the folder of a run
    Status(Status),
    /// Put the claims, settings and curves of several runs side by side on one page
    Compare(Compare),
    /// Say what is in a file
    Info(Info),
    /// Check every byte of files, or all files of a run against the settings and files that they were made from
    Verify(Verify),
    /// Turn arrays in NumPy's format or a table into a file of configurations
    Import(Import),
    /// Write an array of a file in NumPy's format, or a machine for TorchRBM
    Export(Export),
    /// Write the completions of the command line for a shell
    Completions(Completions),
    /// Write the manual page of the program or of a verb
    Man(Man),
}

/// `completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// `man`
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The verb, such as `train` or `flow rbm` [default: the program]
    pub(crate) verb: Vec<String>,
}

/// `run`
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The experiment, a TOML file
    pub(crate) experiment: PathBuf,
    /// The folder of the run, which is made if it is not there
    #[arg(long, short, value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) pictures: Pictures,
    /// Fail with exit code 6 unless all claims hold
    #[arg(long)]
    pub(crate) require_claims: bool,
    /// Do only the jobs of this level, counted from 1, which need only those of lower levels. Any number of such
    /// processes, on any number of machines, may be at work in the folder
    #[arg(long, value_name = "K")]
    pub(crate) level: Option<usize>,
    /// Do only the I-th of N equal parts of the level, counted from 1
    #[arg(long, value_name = "I/N", requires = "level")]
    pub(crate) task: Option<Task>,
    /// A folder of this machine alone, in which outputs are written before they are moved into the folder of the run;
    /// checkpoints of trainings stay in that folder, where another machine finds them
    #[arg(long, value_name = "DIR")]
    pub(crate) scratch: Option<PathBuf>,
}

/// The pictures beside a report.
#[derive(Debug, Args)]
pub(crate) struct Pictures {
    /// What the pictures are made for: `page` (a page or two columns of a journal, in `figures`), `column` (one column
    /// of a journal, 86 mm wide, in `figures/column`) and `slides` (16:9, in `figures/slides`); those for pages are
    /// always made, those of other styles from then on with every report in the same folder
    #[arg(long = "style", value_name = "STYLE,…", value_delimiter = ',', default_value = "page")]
    pub(crate) styles: Vec<figures::Style>,
}

/// `plan`
#[derive(Debug, Args)]
pub(crate) struct PlanArguments {
    /// The experiment, a TOML file
    pub(crate) experiment: PathBuf,
    /// The folder of the run [default: the current one]
    #[arg(long, short, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Show every job with its command
    #[arg(long)]
    pub(crate) all: bool,
    /// For people, for programs, or for a cluster; the latter two write into the folder of the run
    #[arg(long, default_value = "text")]
    pub(crate) format: PlanFormat,
    #[command(flatten)]
    pub(crate) cluster: ClusterSettings,
}

/// The division of a plan into the jobs of a scheduler.
#[derive(Debug, Clone, Args)]
pub(crate) struct ClusterSettings {
    /// Jobs are bundled until they are expected to last this long; 0 leaves each on its own
    #[arg(long, value_name = "MINUTES", default_value_t = 10.0, value_parser = minutes)]
    pub(crate) bundle_minutes: f64,
    /// What the estimated times and the memory are multiplied by in what is asked for
    #[arg(long, value_name = "FACTOR", default_value_t = 3.0, value_parser = safety)]
    pub(crate) safety: f64,
}

fn minutes(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1e6).contains(number));
    number.ok_or_else(|| "expected a number of minutes from 0 on".to_owned())
}

fn safety(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (1.0..=100.0).contains(number));
    number.ok_or_else(|| "expected a factor from 1 to 100".to_owned())
}

/// The formats of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// A table
    Text,
    /// JSON
    Json,
    /// Scripts for Slurm, one array of jobs for each level of the plan: DIR/slurm
    Slurm,
    /// A workflow for Snakemake: DIR/snakemake
    Snakemake,
}

/// `status`
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The folder of a run
    pub(crate) folder: PathBuf,
    /// Show every job
    #[arg(long)]
    pub(crate) all: bool,
    /// Say it in JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `compare`
#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// Folders of runs, complete or not, or files of figure numbers
    #[arg(required = true, num_args = 2.., value_name = "RUN")]
    pub(crate) runs: Vec<PathBuf>,
    /// The page to write
    #[arg(long, short, value_name = "FILE", default_value = "compare.html")]
    pub(crate) out: PathBuf,
    /// Say it in JSON instead
    #[arg(long)]
    pub(crate) json: bool,
}

/// `info`
#[derive(Debug, Args)]
pub(crate) struct Info {
    /// The file
    pub(crate) file: PathBuf,
    /// Say it in JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `verify`
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Files, or folders of runs
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Say it in JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The configurations: an array of n × sites numbers ±1 or 0 and 1, or of truth values, in NumPy's format (`.npy`,
    /// or in an archive `.npz`), or a table with a line for each (`.csv`). In an archive or a table, `temperatures` or
    /// `labels` are what they say. Or a machine of TorchRBM (HDF5)
    pub(crate) samples: PathBuf,
    /// The lattice: `none` for data of no geometry, or a kind and its sides, such as `square:7x11` or `triangular:10`
    /// [default: a square]
    #[arg(long)]
    pub(crate) lattice: Option<String>,
    /// The array of an archive that holds the configurations [default: the only one that is no label]
    #[arg(long, value_name = "NAME")]
    pub(crate) array: Option<String>,
    /// The class of each configuration, a whole number from 0 on: an array of n numbers in NumPy's format, or the name
    /// of one in the archive, or of a column of the table
    #[arg(long, value_name = "NPY|NAME", conflicts_with_all = ["temperature", "temperatures"])]
    pub(crate) labels: Option<PathBuf>,
    /// The temperature of each configuration in J/k_B, in the same way
    #[arg(long, value_name = "NPY|NAME", conflicts_with = "temperature")]
    pub(crate) temperatures: Option<PathBuf>,
    /// Of a machine of TorchRBM: the update at which it was kept [default: the last one]
    #[arg(long, value_name = "N", conflicts_with_all = ["lattice", "array", "labels", "temperatures", "temperature"])]
    pub(crate) update: Option<u64>,
    /// The temperature of all configurations in J/k_B [default: unknown]
    #[arg(long, value_name = "T")]
    pub(crate) temperature: Option<f64>,
    /// The file to make
    #[arg(long, short)]
    pub(crate) out: PathBuf,
}

/// The format of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// The files of TorchRBM.
    #[value(name = "torchrbm")]
    TorchRbm,
}

/// `export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The file
    pub(crate) file: PathBuf,
    /// The array, such as `weights`; `rbmflow info FILE` names those that there are
    #[arg(long, value_name = "PATH", required_unless_present = "format")]
    pub(crate) dataset: Option<String>,
    /// For which program: `torchrbm` for a machine with units 0 and 1, into which spins are turned; NumPy if there is
    /// none
    #[arg(long, conflicts_with = "dataset")]
    pub(crate) format: Option<Format>,
    /// The file to make
    #[arg(long, short)]
    pub(crate) out: PathBuf,
}
