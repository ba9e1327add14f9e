//! The verbs that are stages.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Pictures;
use crate::exit::Problem;
use crate::job::Job;
use crate::stages::readout;
use crate::verb::StageArguments;

/// A stage.
#[derive(Debug, Subcommand)]
pub(crate) enum StageVerb {
    /// Sample Ising configurations
    Sample(StageArguments<ising_mc::SampleConfig>),
    /// Tabulate the thermal averages of the Ising model, which thermometers are read against
    EquationOfState(StageArguments<ising_mc::EquationOfStateConfig>),
    /// Train a restricted Boltzmann machine on configurations
    Train(StageArguments<rbm_core::TrainConfig>),
    /// Train a network that reads temperatures, or read temperatures
    #[command(subcommand)]
    Thermometer(ThermometerVerb),
    /// Follow ensembles of configurations under a repeated map
    #[command(subcommand)]
    Flow(FlowVerb),
    /// Analyse the weights of a machine
    Weights(StageArguments<weight_analysis::WeightsConfig>),
    /// Say how probable a machine finds configurations, beside what is possible
    Likelihood(StageArguments<rbm_core::LikelihoodConfig>),
    /// Compute the numbers of all figures of a run, into `data/figures.h5` of its folder
    Figures(Figures),
    /// Draw the figures and write the claims and the report
    Report(Report),
}

/// `thermometer`
#[derive(Debug, Subcommand)]
pub(crate) enum ThermometerVerb {
    /// Train a network that reads temperatures
    Train(StageArguments<temp_classifier::ThermometerConfig>),
    /// Read the temperatures of configurations with all thermometers
    Measure(ThermometerMeasure),
}

/// `flow`
#[derive(Debug, Subcommand)]
pub(crate) enum FlowVerb {
    /// Follow the flow of a machine: visible to hidden to visible units, and so on
    Rbm(StageArguments<rg_flow::RbmFlowConfig>),
    /// Say where the flow of a machine goes, from its weights alone
    Predict(Predict),
    /// Follow the block-spin flow: 2 × 2 majority, so that the lattice halves with each step
    BlockSpin(StageArguments<rg_flow::BlockSpinConfig>),
}

/// `thermometer measure`
#[derive(Debug, Args)]
pub(crate) struct ThermometerMeasure {
    /// The configurations
    pub(crate) spins: PathBuf,
    #[command(flatten)]
    pub(crate) thermometers: readout::Arguments,
    /// Say it in JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `flow predict`
#[derive(Debug, Args)]
pub(crate) struct Predict {
    /// The machine
    pub(crate) rbm: PathBuf,
    /// Thermal averages that temperatures are read against; the lattice is theirs, otherwise the square one
    #[arg(long, value_name = "FILE")]
    pub(crate) equation_of_state: Option<PathBuf>,
    /// Say it in JSON
    #[arg(long)]
    pub(crate) json: bool,
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
    /// The numbers of the figures, or the folder of a run, complete or not; of a folder that is no run, a page is made
    /// about the machines in it
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

impl StageVerb {
    /// The job of a stage that makes a file from the files that it is given; none of the others.
    pub(crate) fn job(self) -> Result<Option<Job>, Problem> {
        let job = match self {
            Self::Sample(arguments) => arguments.job(),
            Self::EquationOfState(arguments) => arguments.job(),
            Self::Train(arguments) => arguments.job(),
            Self::Thermometer(ThermometerVerb::Train(arguments)) => arguments.job(),
            Self::Flow(FlowVerb::Rbm(arguments)) => arguments.job(),
            Self::Flow(FlowVerb::BlockSpin(arguments)) => arguments.job(),
            Self::Weights(arguments) => arguments.job(),
            Self::Likelihood(arguments) => arguments.job(),
            Self::Thermometer(ThermometerVerb::Measure(_))
            | Self::Flow(FlowVerb::Predict(_))
            | Self::Figures(_)
            | Self::Report(_) => {
                return Ok(None);
            }
        };
        job.map(Some)
    }
}
