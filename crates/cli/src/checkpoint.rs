//! Saved states of trainings, from which they go on bit for bit.
//!
//! | bytes | content |
//! | --- | --- |
//! | 0..8 | magic: `RBMFCKPT` |
//! | 8..12 | version, u32 little endian: [`VERSION`] |
//! | 12..44 | BLAKE3 hash of the job: its config and the content hashes of its inputs |
//! | 44..52 | length of the payload in bytes, u64 little endian |
//! | 52..84 | BLAKE3 hash of everything else |
//! | 84.. | payload: the state, serde through bincode 2 with its standard configuration |
//!
//! A checkpoint is only ever read by the version that wrote it; it is no exchange format.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use datasets::file::{ReadError, head, load, replace};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::exit::Problem;
use crate::output;

const MAGIC: &[u8; 8] = b"RBMFCKPT";
/// Changes with the layout of the frame or of any state in it.
const VERSION: u32 = 1;
const HEADER: usize = 84;
const CHECKSUM: std::ops::Range<usize> = 52..84;
/// How many times its own length a payload may claim to need in memory: small integers are stored in one byte.
const MOST_EXPANSION: usize = 16;

/// A saved state cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CheckpointError {
    #[error("it is damaged")]
    Damaged,
    #[error("it has version {found}, this program reads {VERSION}")]
    Version { found: u32 },
    #[error("it was made with other settings or from other files")]
    Foreign,
    #[error("its content cannot be read: {0}")]
    Unreadable(String),
}

/// The saved state beside an output file.
pub(crate) struct Checkpoint {
    path: PathBuf,
    job: [u8; 32],
}

impl Checkpoint {
    /// That of the job with the hash `job`, which makes `output`.
    pub(crate) fn of(output: &Path, job: [u8; 32]) -> Self {
        Self { path: beside(output), job }
    }

    /// The path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces the state that was saved before.
    pub(crate) fn save(&self, state: &impl Serialize) -> anyhow::Result<()> {
        let payload = payload(state).with_context(|| {
            format!("the state of the training for `{}` cannot be saved", self.path.display())
        })?;
        Ok(replace(&self.path, &frame(&self.job, &payload))?)
    }

    /// The saved state, if there is one.
    pub(crate) fn load<T: DeserializeOwned>(&self) -> anyhow::Result<Option<Result<T, CheckpointError>>> {
        output::check(&self.path)?;
        match head(&self.path) {
            Ok(head) if head.is_empty() || head.starts_with(MAGIC) => {
                Ok(Some(parse(&load(&self.path, |_, _| Ok(()))?, &self.job)))
            }
            Ok(_) => {
                let difference = "it is no saved state of a training".to_owned();
                Err(Problem::WouldOverwrite { path: self.path.clone(), difference }.into())
            }
            Err(ReadError::Missing { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes it, once it is no longer needed.
    pub(crate) fn remove(&self) {
        // If it stays it is only in the way of tidiness.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The name of the checkpoint that goes with an output.
pub(crate) fn beside(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".checkpoint");
    name.into()
}

/// The bytes behind the checksum.
pub(crate) fn payload(state: &impl Serialize) -> Result<Vec<u8>, bincode::error::EncodeError> {
    bincode::serde::encode_to_vec(state, bincode::config::standard())
}

/// The bytes of the file.
pub(crate) fn frame(job: &[u8; 32], payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + payload.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(job);
    bytes.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&[0; 32]);
    bytes.extend_from_slice(payload);
    let checksum = checksum(&bytes);
    bytes[CHECKSUM].copy_from_slice(&checksum);
    bytes
}

fn checksum(bytes: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&bytes[..CHECKSUM.start]).update(&bytes[CHECKSUM.end..]);
    *hasher.finalize().as_bytes()
}

fn parse<T: DeserializeOwned>(bytes: &[u8], job: &[u8; 32]) -> Result<T, CheckpointError> {
    if bytes.len() < HEADER || &bytes[..8] != MAGIC {
        return Err(CheckpointError::Damaged);
    }
    let version = u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]);
    if version != VERSION {
        return Err(CheckpointError::Version { found: version });
    }
    let payload = &bytes[HEADER..];
    if bytes[44..52] != (payload.len() as u64).to_le_bytes() || bytes[CHECKSUM] != checksum(bytes) {
        return Err(CheckpointError::Damaged);
    }
    if &bytes[12..44] != job {
        return Err(CheckpointError::Foreign);
    }
    decode(payload)
}

/// The state in a payload, which may not ask for much more memory than it is long.
fn decode<T: DeserializeOwned>(payload: &[u8]) -> Result<T, CheckpointError> {
    fn within<T: DeserializeOwned, const LIMIT: usize>(
        payload: &[u8],
    ) -> Result<(T, usize), bincode::error::DecodeError> {
        bincode::serde::decode_from_slice(payload, bincode::config::standard().with_limit::<LIMIT>())
    }
    // Bincode takes the limit as a constant, so the least sufficient one of a few is chosen.
    let decoded = match payload.len().saturating_mul(MOST_EXPANSION) {
        0..=0x10_0000 => within::<T, 0x10_0000>(payload),
        0x10_0001..=0x100_0000 => within::<T, 0x100_0000>(payload),
        0x100_0001..=0x1000_0000 => within::<T, 0x1000_0000>(payload),
        0x1000_0001..=0x1_0000_0000 => within::<T, 0x1_0000_0000>(payload),
        _ => within::<T, 0x100_0000_0000>(payload),
    };
    match decoded {
        Ok((state, read)) if read == payload.len() => Ok(state),
        Ok(_) => Err(CheckpointError::Damaged),
        Err(error) => Err(CheckpointError::Unreadable(error.to_string())),
    }
}

/// The state in the bytes of a file, whichever job it belongs to.
pub(crate) fn parse_of_any_job<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CheckpointError> {
    let job = bytes.get(12..44).and_then(|job| job.try_into().ok()).unwrap_or([0; 32]);
    parse(bytes, &job)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_comes_back_and_nothing_else_does() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let checkpoint = Checkpoint::of(&folder.path().join("rbm.h5"), [7; 32]);
        assert!(checkpoint.load::<Vec<f32>>().expect("readable").is_none());
        let state = vec![1.5f32, f32::MIN_POSITIVE, -0.0];
        checkpoint.save(&state).expect("writable");
        assert_eq!(checkpoint.load().expect("readable"), Some(Ok(state)));
        let other = Checkpoint::of(&folder.path().join("rbm.h5"), [8; 32]);
        assert_eq!(other.load::<Vec<f32>>().expect("readable"), Some(Err(CheckpointError::Foreign)));
        checkpoint.remove();
        assert!(!checkpoint.path().exists());
    }

    #[test]
    fn a_length_that_is_a_lie_asks_for_no_memory() {
        // A text of nearly 2 GiB, of which there is nothing.
        let payload = [253, 0, 0, 0, 0x75, 0, 0, 0, 0];
        let refused = parse::<String>(&frame(&[1; 32], &payload), &[1; 32]);
        assert!(matches!(refused, Err(CheckpointError::Unreadable(_))), "{refused:?}");
    }

    #[test]
    fn every_flipped_byte_and_every_truncation_is_refused() {
        let payload =
            bincode::serde::encode_to_vec(vec![3u64, 5], bincode::config::standard()).expect("encodable");
        let good = frame(&[1; 32], &payload);
        assert_eq!(parse::<Vec<u64>>(&good, &[1; 32]), Ok(vec![3, 5]));
        for index in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[index] ^= 1 << bit;
                assert!(parse::<Vec<u64>>(&bad, &[1; 32]).is_err(), "byte {index}, bit {bit}");
            }
            assert!(parse::<Vec<u64>>(&good[..index], &[1; 32]).is_err(), "{index} bytes");
        }
        let mut newer = good;
        newer[8] = 2;
        assert_eq!(parse::<Vec<u64>>(&newer, &[1; 32]), Err(CheckpointError::Version { found: 2 }));
    }
}
