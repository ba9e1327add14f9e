//! `flow rbm` and `flow block-spin`.

use datasets::{Flow, Progress, Rbm, Spins};
use rg_flow::{BlockSpinConfig, FlowError, RbmFlowConfig};

use super::refused;
use super::thermometers::{Files, Readout};
use crate::exit::Problem;
use crate::job::Job;

pub(super) fn rbm(job: &Job, config: &RbmFlowConfig, progress: &dyn Progress) -> anyhow::Result<Flow> {
    let rbm = job.read::<Rbm>("rbm")?.content;
    let starts = job.read::<Spins>("starts")?.content;
    let files = Files::of(job)?;
    let readout = Readout(files.thermometers()?);
    Ok(rg_flow::rbm_flow(config, &rbm, &starts, &readout, progress).map_err(problem)?)
}

pub(super) fn block_spin(
    job: &Job,
    config: &BlockSpinConfig,
    progress: &dyn Progress,
) -> anyhow::Result<Flow> {
    let starts = job.read::<Spins>("spins")?.content;
    let files = Files::of(job)?;
    let readout = Readout(files.thermometers()?);
    Ok(rg_flow::block_spin_flow(config, &starts, &readout, progress).map_err(problem)?)
}

fn problem(error: FlowError) -> Problem {
    match error {
        FlowError::Interrupted(_) => Problem::Interrupted,
        other => refused(other),
    }
}
