//! The parsers of what comes from outside, for fault tests and fuzz targets: whatever they are given, they accept or
//! refuse it and never panic.
//!
//! Each function returns the message with which its argument is refused. (The fifth parser, of HDF5 files, is
//! [`datasets::file::verify_bytes`].)

use rbm_core::{TrainConfig, TrainState, Trainer};

use crate::checkpoint;
use crate::commands::decode_array;
use crate::experiment::Experiment;
use crate::plan::Plan;
use crate::temperatures::Temperatures;

/// A list of temperatures, such as `0:6:0.25,tc,inf`.
///
/// # Errors
///
/// If it is refused.
///
/// # Panics
///
/// If the shortest text of an accepted list is not read back as the same list.
pub fn temperatures(text: &str) -> Result<(), String> {
    let list: Temperatures = text.parse().map_err(text_of)?;
    assert_eq!(list.text().parse().as_ref(), Ok(&list), "`{text}` does not come back");
    Ok(())
}

/// An experiment as TOML, and its plan.
///
/// # Errors
///
/// If it is refused.
///
/// # Panics
///
/// If the resolved text of an accepted experiment is not read back as the same experiment.
pub fn experiment(text: &str) -> Result<(), String> {
    let experiment = Experiment::parse(text).map_err(text_of)?;
    let resolved = experiment.toml().map_err(text_of)?;
    let again = Experiment::parse(&resolved);
    assert!(again.is_ok_and(|again| again == experiment), "does not come back:\n{text}\nas\n{resolved}");
    Plan::of(&experiment).and_then(|plan| plan.text()).map(drop).map_err(text_of)
}

/// An array in NumPy's format.
///
/// # Errors
///
/// If it is refused.
pub fn array(bytes: &[u8]) -> Result<(), String> {
    decode_array(bytes)
}

/// The bytes of a checkpoint's file, of any job.
///
/// # Errors
///
/// If it is refused.
pub fn checkpoint(bytes: &[u8]) -> Result<(), String> {
    checkpoint::parse_of_any_job::<TrainState>(bytes).map(drop).map_err(text_of)
}

/// What is behind the checksum of a checkpoint, as if it had been saved so: a training goes on from it for an epoch.
///
/// # Errors
///
/// If it is refused.
pub fn checkpoint_payload(
    payload: &[u8],
    config: &TrainConfig,
    spins: &datasets::Spins,
) -> Result<(), String> {
    let state = checkpoint::parse_of_any_job::<TrainState>(&sealed_checkpoint(payload));
    let mut trainer = Trainer::resume(config, spins, state.map_err(text_of)?).map_err(text_of)?;
    trainer.advance().map_err(text_of)
}

/// The bytes of the file of a checkpoint with a payload.
pub fn sealed_checkpoint(payload: &[u8]) -> Vec<u8> {
    checkpoint::frame(&[0; 32], payload)
}

/// A state of a training as the payload of a checkpoint.
///
/// # Errors
///
/// If it cannot be encoded.
pub fn payload_of(state: &TrainState) -> Result<Vec<u8>, String> {
    checkpoint::payload(state).map_err(text_of)
}

fn text_of(error: impl std::fmt::Display) -> String {
    format!("{error:#}")
}
