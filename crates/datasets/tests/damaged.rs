//! Damaged files are refused, or read as exactly what was written; never a panic, never a wrong number.
#![cfg(any(feature = "hdf5", feature = "system-hdf5"))]

mod samples;

use std::path::Path;

use datasets::file::{self, ReadError};
use datasets::{Artifact, Figures, Rbm, Spins, Stored, Thermometer};
use samples::for_every_schema;

/// The length of the user block.
const BLOCK: usize = 512;

fn bytes_of<T: Artifact>(artifact: &T) -> Vec<u8> {
    file::to_bytes(Path::new("x.h5"), artifact, &samples::provenance()).unwrap().0
}

fn read<T: Artifact>(bytes: &[u8]) -> Result<Stored<T>, ReadError> {
    file::from_bytes(Path::new("x.h5"), bytes)
}

/// A generator for choosing places (splitmix64); the numbers of a test are always the same.
struct Places(u64);

impl Places {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below as u64) as usize
    }
}

/// Writes the right length and hash into the user block, as if the damage had been there before.
fn seal(bytes: &mut [u8]) {
    let (block, rest) = bytes.split_at_mut(BLOCK);
    block[24..32].copy_from_slice(&(rest.len() as u64).to_le_bytes());
    block[32..64].copy_from_slice(blake3::hash(rest).as_bytes());
}

/// What is neither in the content nor in the config is for people: a description, say. Whoever has changed that has
/// annotated the file.
#[cfg(feature = "hdf5")]
#[test]
fn every_flipped_byte_is_refused_or_leaves_the_content() {
    fn check<T: Artifact>(artifact: &T) {
        let mut bytes = bytes_of(artifact);
        let hash = artifact.to_tree().content_hash(&samples::provenance().config);
        let mut places = Places(1);
        for at in (0..BLOCK).chain((BLOCK..bytes.len()).step_by(37)) {
            let flip = 1 + places.next(255) as u8;
            bytes[at] ^= flip;
            let what = format!("{}: byte {at} flipped by {flip}", T::SCHEMA);
            match read::<T>(&bytes) {
                Err(_) => {}
                Ok(stored) => {
                    assert_eq!(
                        (&stored.content_hash, &stored.provenance.config),
                        (&hash, &samples::provenance().config)
                    );
                    assert_eq!(
                        stored.content.to_tree().content_hash(&stored.provenance.config),
                        hash,
                        "{what}"
                    );
                    let integrity = file::verify_bytes(Path::new("x.h5"), &bytes).unwrap().integrity;
                    assert_eq!(integrity, file::Integrity::Annotated, "{what}");
                }
            }
            bytes[at] ^= flip;
        }
        assert!(read::<T>(&bytes).is_ok());
    }
    for_every_schema!(check);
}

#[cfg(feature = "hdf5")]
#[test]
fn every_truncation_is_refused_and_an_extension_is_seen() {
    fn check<T: Artifact>(artifact: &T) {
        let mut bytes = bytes_of(artifact);
        for length in (0..BLOCK + 64).chain((BLOCK + 64..bytes.len()).step_by(31)).chain([bytes.len() - 1]) {
            assert!(read::<T>(&bytes[..length]).is_err(), "{} of {length} bytes", T::SCHEMA);
        }
        bytes.push(0);
        let integrity = file::verify_bytes(Path::new("x.h5"), &bytes).unwrap().integrity;
        assert_eq!(integrity, file::Integrity::Annotated);
    }
    for_every_schema!(check);
}

#[test]
fn garbage_is_refused() {
    let mut places = Places(2);
    for length in [0, 1, 7, 8, 16, 17, 100, 511, 512, 513, 4096] {
        let mut garbage: Vec<u8> = (0..length).map(|_| places.next(256) as u8).collect();
        assert!(matches!(read::<Spins>(&garbage), Err(ReadError::NotHdf5 { .. })), "{length} bytes");
        let original = bytes_of(&samples::rbm());
        for start in [8, 16, 64, BLOCK + 8] {
            let kept = start.min(length);
            garbage[..kept].copy_from_slice(&original[..kept]);
            assert!(read::<Rbm>(&garbage).is_err(), "{length} bytes after {kept}");
        }
        let mut foreign = b"\x89HDF\r\n\x1a\n".to_vec();
        foreign.extend_from_slice(&garbage);
        assert!(matches!(read::<Spins>(&foreign), Err(ReadError::Damaged { .. })), "{length} bytes");
    }
}

/// Damage behind a right hash can only be made on purpose. It meets the HDF5 library (the bundled one: that of Debian 12,
/// 1.10.8, crashes here) and the content hash.
#[cfg(feature = "hdf5")]
#[test]
fn sealed_damage_is_refused_or_harmless() {
    fn check_equal<T: Artifact>(read: Result<Stored<T>, ReadError>, artifact: &T) {
        if let Ok(stored) = read {
            // Descriptions are not under the hash of the content.
            assert_eq!(stored.content.to_tree().content_hash(""), artifact.to_tree().content_hash(""));
        }
    }
    fn check<T: Artifact>(artifact: &T, places: &mut Places) {
        let original = bytes_of(artifact);
        for _ in 0..150 {
            let mut bytes = original.clone();
            for _ in 0..1 + places.next(3) {
                let at = BLOCK + places.next(bytes.len() - BLOCK);
                bytes[at] ^= 1 + places.next(255) as u8;
            }
            seal(&mut bytes);
            check_equal(read::<T>(&bytes), artifact);
        }
        for _ in 0..30 {
            let mut bytes = original[..BLOCK + places.next(original.len() - BLOCK)].to_vec();
            seal(&mut bytes);
            check_equal(read::<T>(&bytes), artifact);
        }
    }
    let mut places = Places(3);
    for_every_schema!(check, &mut places);
}

/// Two arrays of equal size change places, behind a right hash of the file: only the content hash can tell.
#[test]
fn swapped_numbers_are_refused() {
    let machine = samples::rbm();
    let mut bytes = bytes_of(&machine);
    let find = |bytes: &[u8], number: f64| {
        let pattern = number.to_le_bytes();
        bytes.windows(8).position(|window| window == pattern).unwrap()
    };
    // 0.25, 1.75 in one series and 0.5, 0.125 in the other.
    let (first, second) = (find(&bytes, 1.75), find(&bytes, 0.125));
    bytes[first..first + 8].copy_from_slice(&0.125_f64.to_le_bytes());
    bytes[second..second + 8].copy_from_slice(&1.75_f64.to_le_bytes());
    seal(&mut bytes);
    assert!(matches!(read::<Rbm>(&bytes), Err(ReadError::Damaged { .. })));
}

#[test]
fn one_schema_is_not_read_as_another() {
    let bytes = bytes_of(&samples::rbm());
    assert!(read::<Rbm>(&bytes).is_ok());
    assert!(matches!(read::<Spins>(&bytes), Err(ReadError::WrongSchema { .. })));
    assert!(matches!(read::<Thermometer>(&bytes), Err(ReadError::WrongSchema { .. })));
    assert!(matches!(read::<Figures>(&bytes), Err(ReadError::WrongSchema { .. })));
}
