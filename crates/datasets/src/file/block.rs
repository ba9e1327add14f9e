//! The user block: 512 bytes before the HDF5 data that say whether the rest is what was written.
//!
//! | bytes | content |
//! | --- | --- |
//! | 0..16 | magic: `89 52 42 4d 46 4c 4f 57 0d 0a 1a 0a 00 00 00 00` (`\x89RBMFLOW\r\n\x1a\n` and zeros) |
//! | 16..20 | version of this block, u32 little endian: 1 |
//! | 20..24 | zeros |
//! | 24..32 | length of the rest of the file in bytes, u64 little endian |
//! | 32..64 | BLAKE3 hash of the rest of the file |
//! | 64..512 | zeros |
//!
//! The block is checked before the HDF5 library sees the file: the library has crashed on damaged files in the past.

use std::path::Path;

use super::errors::ReadError;

/// The length of the block in bytes.
pub(super) const LENGTH: usize = 512;
/// Like that of PNG, the magic is made so that a transfer in text mode destroys it.
const MAGIC: [u8; 16] = *b"\x89RBMFLOW\r\n\x1a\n\0\0\0\0";
/// The version of the block.
const VERSION: u32 = 1;
/// The first bytes of HDF5 data.
const HDF5_SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";

/// Where the HDF5 data of a file begin that is no shorter.
pub(super) fn start(file: &[u8]) -> usize {
    if file.starts_with(&HDF5_SIGNATURE) { 0 } else { LENGTH }
}

/// Whether addresses and lengths have 8 bytes, as in all files that are written today.
pub(super) fn has_usual_widths(file: &[u8]) -> bool {
    let start = start(file);
    let Some(superblock) = file.get(start..start + 15) else { return false };
    let at = if superblock[8] < 2 { 13 } else { 9 };
    superblock[at..at + 2] == [8, 8]
}

/// Who wrote a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// This library: the hash of every byte was right.
    Ours,
    /// This library, but the bytes have changed since: by damage, or as somebody has annotated or repacked the file.
    Changed,
    /// Another program: there is no user block.
    Foreign,
}

/// The whole file: the block, then the HDF5 data.
pub(super) fn seal(rest: &[u8]) -> Vec<u8> {
    let mut file = Vec::with_capacity(LENGTH + rest.len());
    file.extend_from_slice(&MAGIC);
    file.extend_from_slice(&VERSION.to_le_bytes());
    file.extend_from_slice(&[0; 4]);
    file.extend_from_slice(&(rest.len() as u64).to_le_bytes());
    file.extend_from_slice(blake3::hash(rest).as_bytes());
    file.resize(LENGTH, 0);
    file.extend_from_slice(rest);
    file
}

/// Whether the first bytes of a file, of which there should be a kilobyte, are those of one that this library has
/// written, even if it is damaged.
pub fn looks_ours(head: &[u8]) -> bool {
    head.starts_with(&MAGIC) || head.get(LENGTH..).is_some_and(|rest| rest.starts_with(&HDF5_SIGNATURE))
}

/// Whether the first bytes of a file are those of HDF5 data without a user block, which files of this library have.
pub fn looks_foreign(head: &[u8]) -> bool {
    head.starts_with(&HDF5_SIGNATURE)
}

/// Whether the first bytes of a file are those of one of ours or of HDF5 data.
pub(super) fn look(file: &[u8], path: &Path) -> Result<(), ReadError> {
    if !file.starts_with(&HDF5_SIGNATURE) && !file.starts_with(&MAGIC) {
        let looks = if file.is_empty() {
            "it is empty"
        } else if MAGIC.starts_with(&file[..file.len().min(16)]) {
            "it ends within its first bytes"
        } else if file.get(LENGTH..).is_some_and(|rest| rest.starts_with(&HDF5_SIGNATURE)) {
            "its HDF5 data come after a user block that is not ours or is damaged"
        } else {
            "it begins neither with our magic nor with the HDF5 signature"
        };
        return Err(ReadError::NotHdf5 { path: path.to_owned(), looks: looks.to_owned() });
    }
    Ok(())
}

/// Checks every byte of a file of ours; tells one that another program wrote, and what is wrong with one that has
/// changed. Libraries of the system, which may be old, see none that has changed.
pub(super) fn check(file: &[u8], path: &Path) -> Result<(Origin, Option<String>), ReadError> {
    let damaged = |what: String| ReadError::Damaged { path: path.to_owned(), what };
    look(file, path)?;
    if file.starts_with(&HDF5_SIGNATURE) {
        return Ok((Origin::Foreign, None));
    }
    if file.len() < LENGTH {
        return Err(damaged(format!("it ends after {} bytes, within the user block", file.len())));
    }
    let (block, rest) = file.split_at(LENGTH);
    let version = u32::from_le_bytes(block[16..20].try_into().expect("four bytes"));
    if version != VERSION {
        return Err(ReadError::IncompatibleBlock {
            path: path.to_owned(),
            found: version,
            supported: VERSION,
        });
    }
    let length = u64::from_le_bytes(block[24..32].try_into().expect("eight bytes"));
    if length != rest.len() as u64 {
        let what = format!("it has {} bytes after the user block, expected {length}", rest.len());
        return if cfg!(feature = "hdf5") { Ok((Origin::Changed, Some(what))) } else { Err(damaged(what)) };
    }
    if block[32..64] != *blake3::hash(rest).as_bytes() {
        let what = "its bytes do not have the hash that they were written with".to_owned();
        return if cfg!(feature = "hdf5") { Ok((Origin::Changed, Some(what))) } else { Err(damaged(what)) };
    }
    if block[20..24].iter().chain(&block[64..]).any(|&byte| byte != 0) {
        return Err(damaged("its user block has bytes that should be zero".to_owned()));
    }
    Ok((Origin::Ours, None))
}
