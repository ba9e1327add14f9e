//! `train`: epochs one after the other, with checkpoints.

use std::time::{Duration, Instant};

use datasets::{Progress, Provenance, Spins};
use rbm_core::{TrainConfig, TrainError, TrainState, Trainer};

use super::{Place, refused};
use crate::checkpoint::Checkpoint;
use crate::exit::Problem;
use crate::job::Job;
use crate::terminal::tell;

/// The time between two checkpoints. It has no influence on the result, which is the same from any of them.
const CADENCE: Duration = Duration::from_secs(5);

pub(super) fn run(
    job: &Job,
    place: &Place,
    config: &TrainConfig,
    provenance: &Provenance,
    progress: &dyn Progress,
) -> anyhow::Result<()> {
    let files = job.sources("spins").map(|source| Ok(source.read::<Spins>()?.content));
    let files = files.collect::<anyhow::Result<Vec<_>>>()?;
    let spins = Spins::joined(files).map_err(refused)?;
    let checkpoint = Checkpoint::of(&job.output, fingerprint(provenance));
    let mut trainer = match checkpoint.load::<TrainState>()? {
        Some(Ok(state)) => Trainer::resume(config, &spins, state),
        Some(Err(reason)) => {
            tell(&format!(
                "warning: the checkpoint `{}` is not used: {reason}; the training starts from the beginning",
                checkpoint.path().display()
            ));
            Trainer::new(config, &spins)
        }
        None => Trainer::new(config, &spins),
    }
    .map_err(refused)?;
    let mut saved = Instant::now();
    while !trainer.finished() {
        if progress.report(f64::from(trainer.epoch()) / f64::from(config.epochs)).is_err() {
            checkpoint.save(&trainer.state())?;
            return Err(Problem::Interrupted.into());
        }
        if let Err(error) = trainer.advance() {
            return Err(match error {
                TrainError::Diverged { .. } => {
                    checkpoint.save(&trainer.state())?;
                    let kept = checkpoint.path().display();
                    Problem::Failed(format!("{error} (it is kept in `{kept}`)"))
                }
                other => refused(other),
            }
            .into());
        }
        if saved.elapsed() >= CADENCE {
            checkpoint.save(&trainer.state())?;
            saved = Instant::now();
        }
    }
    place.write(&trainer.finish(), provenance)?;
    checkpoint.remove();
    Ok(())
}

/// A hash of everything that the result depends on.
fn fingerprint(provenance: &Provenance) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let mut part = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
    };
    part(&provenance.config);
    for input in &provenance.inputs {
        [&input.role, &input.schema, &input.content_hash].into_iter().for_each(|text| part(text));
    }
    *hasher.finalize().as_bytes()
}
