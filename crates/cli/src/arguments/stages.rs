//! The verbs that are stages: from arguments to a job.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Pictures;
use super::settings::{BlockSpinSettings, EquationOfStateSettings, FlowSettings, Others, SampleSettings};
use super::settings::{LikelihoodSettings, ThermometerSettings, TrainSettings, WeightsSettings};
use crate::exit::Problem;
use crate::job::{Job, Stage};

/// A stage.
#[derive(Debug, Subcommand)]
pub(crate) enum StageVerb {
    /// Sample Ising configurations
    Sample(Sample),
    /// Tabulate the thermal averages of the Ising model, which thermometers are read against
    EquationOfState(EquationOfState),
    /// Train a restricted Boltzmann machine on configurations
    Train(Train),
    /// Train a network that reads temperatures, or read temperatures
    #[command(subcommand)]
    Thermometer(ThermometerVerb),
    /// Follow ensembles of configurations under a repeated map
    #[command(subcommand)]
    Flow(FlowVerb),
    /// Analyse the weights of a machine
    Weights(Weights),
    /// Say how probable a machine finds configurations, beside what is possible
    Likelihood(Likelihood),
    /// Compute the numbers of all figures of a run, into `data/figures.h5` of its folder
    Figures(Figures),
    /// Draw the figures and write the claims and the report
    Report(Report),
}

/// `thermometer`
#[derive(Debug, Subcommand)]
pub(crate) enum ThermometerVerb {
    /// Train a network that reads temperatures
    Train(ThermometerTrain),
    /// Read the temperatures of configurations with all thermometers
    Measure(ThermometerMeasure),
}

/// `flow`
#[derive(Debug, Subcommand)]
pub(crate) enum FlowVerb {
    /// Follow the flow of a machine: visible to hidden to visible units, and so on
    Rbm(RbmFlow),
    /// Follow the block-spin flow: 2 × 2 majority, so that the lattice halves with each step
    BlockSpin(BlockSpinFlow),
}

/// Where the result goes.
#[derive(Debug, Args)]
pub(crate) struct Output {
    /// The file to make
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    others: Others,
}

/// Thermometers.
#[derive(Debug, Args)]
pub(crate) struct Thermometers {
    /// A network that reads temperatures
    #[arg(long, value_name = "FILE")]
    thermometer: Option<PathBuf>,
    /// Thermal averages; once for each lattice size
    #[arg(long, value_name = "FILE")]
    equation_of_state: Vec<PathBuf>,
}

impl Thermometers {
    fn add_to(self, job: Job) -> Job {
        job.with_all("thermometer", self.thermometer).with_all("equation-of-state", self.equation_of_state)
    }
}

/// `sample`
#[derive(Debug, Args)]
pub(crate) struct Sample {
    #[command(flatten)]
    settings: SampleSettings,
    #[command(flatten)]
    output: Output,
}

/// `equation-of-state`
#[derive(Debug, Args)]
pub(crate) struct EquationOfState {
    #[command(flatten)]
    settings: EquationOfStateSettings,
    #[command(flatten)]
    output: Output,
}

/// `train`
#[derive(Debug, Args)]
pub(crate) struct Train {
    /// The configurations to train on; those of several files are one training set
    #[arg(required = true)]
    spins: Vec<PathBuf>,
    #[command(flatten)]
    settings: TrainSettings,
    #[command(flatten)]
    output: Output,
}

/// `thermometer train`
#[derive(Debug, Args)]
pub(crate) struct ThermometerTrain {
    /// The configurations to train on
    spins: PathBuf,
    /// Configurations at the same temperatures to test it on
    #[arg(long, value_name = "FILE")]
    test: PathBuf,
    /// Thermal averages, to compare with the exact posterior
    #[arg(long, value_name = "FILE")]
    equation_of_state: Option<PathBuf>,
    #[command(flatten)]
    settings: ThermometerSettings,
    #[command(flatten)]
    output: Output,
}

/// `thermometer measure`
#[derive(Debug, Args)]
pub(crate) struct ThermometerMeasure {
    /// The configurations
    pub(crate) spins: PathBuf,
    #[command(flatten)]
    thermometers: Thermometers,
    /// Say it in JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl ThermometerMeasure {
    /// The files.
    pub(crate) fn files(self) -> (PathBuf, Option<PathBuf>, Vec<PathBuf>) {
        (self.spins, self.thermometers.thermometer, self.thermometers.equation_of_state)
    }
}

/// `flow rbm`
#[derive(Debug, Args)]
pub(crate) struct RbmFlow {
    /// The machine
    rbm: PathBuf,
    /// The configurations to start from
    #[arg(long, value_name = "FILE")]
    starts: PathBuf,
    #[command(flatten)]
    thermometers: Thermometers,
    #[command(flatten)]
    settings: FlowSettings,
    #[command(flatten)]
    output: Output,
}

/// `flow block-spin`
#[derive(Debug, Args)]
pub(crate) struct BlockSpinFlow {
    /// The configurations to start from
    spins: PathBuf,
    #[command(flatten)]
    thermometers: Thermometers,
    #[command(flatten)]
    settings: BlockSpinSettings,
    #[command(flatten)]
    output: Output,
}

/// `weights`
#[derive(Debug, Args)]
pub(crate) struct Weights {
    /// The machine
    rbm: PathBuf,
    /// The configurations to project on the vectors
    #[arg(long, value_name = "FILE")]
    spins: PathBuf,
    #[command(flatten)]
    settings: WeightsSettings,
    #[command(flatten)]
    output: Output,
}

/// `likelihood`
#[derive(Debug, Args)]
pub(crate) struct Likelihood {
    /// The machine
    rbm: PathBuf,
    /// The configurations
    #[arg(long, value_name = "FILE")]
    spins: PathBuf,
    #[command(flatten)]
    settings: LikelihoodSettings,
    #[command(flatten)]
    output: Output,
}

/// `figures`
#[derive(Debug, Args)]
pub(crate) struct Figures {
    /// The folder of a run; if results are missing, the figures are made from the others, in `partial`
    pub(crate) folder: PathBuf,
}

/// `report`
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The numbers of the figures, or the folder of a run, complete or not
    pub(crate) figures: PathBuf,
    /// The folder to write `claims.json`, `report.html` and `figures` into [default: that of the run, or `partial` in it
    /// while results are missing]
    #[arg(long, short, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) pictures: Pictures,
    /// Fail with exit code 6 unless all claims hold
    #[arg(long)]
    pub(crate) require_claims: bool,
}

impl Sample {
    pub(crate) fn job(self) -> Result<Job, Problem> {
        Ok(Job::new("sample", Stage::Sample(self.output.others.complete(&self.settings)?), self.output.out))
    }
}

impl EquationOfState {
    pub(crate) fn job(self) -> Result<Job, Problem> {
        let stage = Stage::EquationOfState(self.output.others.complete(&self.settings)?);
        Ok(Job::new("equation-of-state", stage, self.output.out))
    }
}

impl Train {
    pub(crate) fn job(self) -> Result<Job, Problem> {
        let stage = Stage::Train(self.output.others.complete(&self.settings)?);
        Ok(Job::new("train", stage, self.output.out).with_all("spins", self.spins))
    }
}

impl ThermometerTrain {
    pub(crate) fn job(self) -> Result<Job, Problem> {
        let stage = Stage::Thermometer(self.output.others.complete(&self.settings)?);
        let job = Job::new("thermometer train", stage, self.output.out).with("spins", self.spins);
        Ok(job.with("test", self.test).with_all("equation-of-state", self.equation_of_state))
    }
}

impl RbmFlow {
    pub(crate) fn job(self) -> Result<Job, Problem> {
        let stage = Stage::RbmFlow(self.output.others.complete(&self.settings)?);
        let job =
            Job::new("flow rbm", stage, self.output.out).with("rbm", self.rbm).with("starts", self.starts);
        Ok(self.thermometers.add_to(job))
    }
}

impl BlockSpinFlow {
    pub(crate) fn job(self) -> Result<Job, Problem> {
        let stage = Stage::BlockSpinFlow(self.output.others.complete(&self.settings)?);
        let job = Job::new("flow block-spin", stage, self.output.out).with("spins", self.spins);
        Ok(self.thermometers.add_to(job))
    }
}

impl Weights {
    pub(crate) fn job(self) -> Result<Job, Problem> {
        let stage = Stage::Weights(self.output.others.complete(&self.settings)?);
        Ok(Job::new("weights", stage, self.output.out).with("rbm", self.rbm).with("spins", self.spins))
    }
}

impl Likelihood {
    pub(crate) fn job(self) -> Result<Job, Problem> {
        let stage = Stage::Likelihood(self.output.others.complete(&self.settings)?);
        Ok(Job::new("likelihood", stage, self.output.out).with("rbm", self.rbm).with("spins", self.spins))
    }
}

impl Report {
    /// The job for a file of numbers.
    pub(crate) fn job(self) -> Result<Job, Problem> {
        let none = || Problem::Usage("say where the report is to be written with --out".to_owned());
        let output = self.out.ok_or_else(none)?.join("claims.json");
        Ok(Job::new("report", Stage::Report(Default::default()), output).with("figures", self.figures))
    }
}
