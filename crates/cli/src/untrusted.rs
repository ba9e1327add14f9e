//! The parsers of what comes from outside, for fault tests and fuzz targets: whatever they are given, they accept or
//! refuse it and never panic.
//!
//! Each function returns the message with which its argument is refused. (The fifth parser, of HDF5 files, is
//! [`datasets::file::verify_bytes`].)

use std::sync::LazyLock;

use datasets::{Boundary, Observables, Spins};
use ndarray::Array2;
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
    Plan::of(&experiment).and_then(|plan| plan.list(None)).map(drop).map_err(text_of)
}

/// An array in NumPy's format, an archive of such arrays, or a table.
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

/// What is behind the checksum of a checkpoint, as if it had been saved so by a small training, which then goes on from
/// it for an epoch.
///
/// # Errors
///
/// If it is refused.
pub fn checkpoint_payload(payload: &[u8]) -> Result<(), String> {
    let state = checkpoint::parse_of_any_job::<TrainState>(&sealed_checkpoint(payload)).map_err(text_of)?;
    let (config, spins) = small_training();
    Trainer::resume(config, spins, state).and_then(|mut trainer| trainer.advance()).map_err(text_of)
}

/// The payload that the small training of [`checkpoint_payload`] saves after its first epoch.
///
/// # Errors
///
/// If it cannot be encoded.
pub fn saved_payload() -> Result<Vec<u8>, String> {
    let (config, spins) = small_training();
    let mut trainer = Trainer::new(config, spins).map_err(text_of)?;
    trainer.advance().map_err(text_of)?;
    checkpoint::payload(&trainer.state()).map_err(text_of)
}

/// A machine of 4 hidden units and a few hand-made configurations on a 3 x 3 lattice.
fn small_training() -> &'static (TrainConfig, Spins) {
    static TRAINING: LazyLock<(TrainConfig, Spins)> = LazyLock::new(|| {
        let samples = Array2::from_shape_fn(
            (20, 9),
            |(row, site)| if (row * 7 + site * site) % 5 < 2 { 1 } else { -1 },
        );
        let spins = Spins {
            lattice: "square:3".parse().expect("a lattice"),
            boundary: Boundary::Periodic,
            coupling: 1.0,
            field: 0.0,
            algorithm: "by hand".to_owned(),
            label_kind: datasets::LabelKind::Temperature,
            temperature: vec![1.0],
            labels: vec![0; 20],
            energy: vec![0; 20],
            magnetization: vec![0; 20],
            samples,
            observables: Observables::default(),
        };
        let config = TrainConfig {
            hidden: 4,
            epochs: 5,
            batch_size: 5,
            momentum: 0.5,
            monitor_every: 1,
            ..TrainConfig::default()
        };
        (config, spins)
    });
    &TRAINING
}

/// The bytes of the file of a checkpoint with a payload.
pub fn sealed_checkpoint(payload: &[u8]) -> Vec<u8> {
    checkpoint::frame(&[0; 32], payload)
}

fn text_of(error: impl std::fmt::Display) -> String {
    format!("{error:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the fuzz target begins with is a state that a training goes on from; RBMFLOW_WRITE_SEEDS writes it anew.
    #[test]
    fn the_seeds_of_checkpoints_are_accepted() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/checkpoint");
        let payload = saved_payload().expect("a small training");
        let framed = sealed_checkpoint(&payload);
        for (name, bytes) in [("payload", &payload), ("framed", &framed)] {
            if std::env::var_os("RBMFLOW_WRITE_SEEDS").is_some() {
                std::fs::write(folder.join(name), bytes).expect("writable");
            }
            assert_eq!(&std::fs::read(folder.join(name)).expect("a seed"), bytes, "{name}");
        }
        assert_eq!(checkpoint_payload(&payload), Ok(()));
        assert_eq!(checkpoint(&framed), Ok(()));
        assert!(checkpoint_payload(&payload[1..]).is_err() && checkpoint(&framed[1..]).is_err());
    }
}
