//! Damage to the bytes of a file: flipped, cut, exchanged, made up.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use datasets::file;

use crate::places::{Account, Places};

/// A kind of damage.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) word: &'static str,
    /// The number of cases; 0 for as many as there are.
    pub(crate) short: u64,
    pub(crate) long: u64,
    /// Whether none may be accepted, because the hash of the file cannot be right.
    pub(crate) all_refused: bool,
}

/// All of them.
pub(crate) const KINDS: [Kind; 5] = [
    Kind {
        name: "bytes flipped (with --long, every one)",
        word: "flips",
        short: 800,
        long: 0,
        // What is neither content nor config may have been annotated by somebody.
        all_refused: false,
    },
    Kind {
        name: "truncated (with --long, at every length)",
        word: "cuts",
        short: 800,
        long: 0,
        all_refused: true,
    },
    Kind { name: "random bytes", word: "garbage", short: 300, long: 3000, all_refused: true },
    Kind {
        name: "flipped bytes behind a right hash",
        word: "sealed",
        short: 300,
        long: 40_000,
        all_refused: false,
    },
    Kind {
        name: "flipped bytes, no hash at all",
        word: "foreign",
        short: 300,
        long: 40_000,
        all_refused: false,
    },
];

/// The length of the user block.
pub(crate) const BLOCK: usize = 512;

/// The worker: kind, file, number of cases, place for the number of the case.
pub(crate) fn work(words: &[&str]) -> Result<String> {
    let [kind, path, cases, place] = words else { bail!("wrong words") };
    let original = std::fs::read(path)?;
    let cases: usize = cases.parse()?;
    let mut account = Account::new(place)?;
    account.enter(kind, path);
    let hash = file::verify_bytes(Path::new("x.h5"), &original)?.content_hash;
    let mut places = Places(original.len() as u64);
    let mut check = |bytes: &[u8]| {
        account.case(Some("damaged.h5"), || match file::verify_bytes(Path::new("damaged.h5"), bytes) {
            // Descriptions are not under the hash of the content; every number is.
            Ok(header) if header.content_hash == hash => Ok(()),
            Ok(header) => panic!("accepted with another content: {}", header.content_hash),
            Err(error) => Err(error.to_string()),
        })
    };
    let step = if cases == 0 { 1 } else { original.len().div_ceil(cases) };
    match *kind {
        "flips" => {
            let mut bytes = original.clone();
            for at in (0..bytes.len()).step_by(step) {
                let flip = 1 + places.next(255) as u8;
                bytes[at] ^= flip;
                check(&bytes)?;
                bytes[at] ^= flip;
            }
        }
        "cuts" => {
            for length in (0..original.len()).step_by(step) {
                check(&original[..length])?;
            }
        }
        "garbage" => {
            for case in 0..cases {
                let length = [0, 1, 8, 16, 512, 513, 600, 4096, 20_000][case % 9] + places.next(3);
                let mut bytes: Vec<u8> = (0..length).map(|_| places.next(256) as u8).collect();
                let kept = [0, 8, 16, 64, BLOCK, BLOCK + 8, BLOCK + 48][case / 9 % 7].min(length);
                bytes[..kept].copy_from_slice(&original[..kept]);
                if case % 2 == 1 && length > BLOCK {
                    seal(&mut bytes);
                }
                check(&bytes)?;
            }
        }
        "sealed" => {
            for _ in 0..cases {
                let mut bytes = original.clone();
                damage(&mut bytes, BLOCK, &mut places);
                seal(&mut bytes);
                check(&bytes)?;
            }
        }
        "foreign" => {
            // Without its user block the file is one that another program could have written. It is accepted as it is.
            let bare = &original[BLOCK..];
            check(bare)?;
            for _ in 0..cases {
                let mut bytes = bare.to_vec();
                damage(&mut bytes, 0, &mut places);
                check(&bytes)?;
            }
        }
        other => bail!("there is no damage `{other}`"),
    }
    if *kind == "foreign" {
        ensure!(account.accepts(), "the file without its user block is not accepted to begin with");
    }
    Ok(account.text())
}

/// One to three bytes flipped, or a stretch cut out, repeated or zeroed.
fn damage(bytes: &mut Vec<u8>, from: usize, places: &mut Places) {
    let place = |places: &mut Places, bytes: &[u8]| from + places.next(bytes.len() - from);
    match places.next(8) {
        0 => bytes.truncate(place(places, bytes)),
        1 => {
            let (start, length) = (place(places, bytes), 1 + places.next(64));
            let end = (start + length).min(bytes.len());
            bytes[start..end].fill([0, 0xff][places.next(2)]);
        }
        2 => {
            let (start, target, length) = (place(places, bytes), place(places, bytes), 1 + places.next(64));
            let end = (start + length).min(bytes.len());
            let room = bytes.len() - target;
            let copied = bytes[start..end].to_vec();
            let length = copied.len().min(room);
            bytes[target..target + length].copy_from_slice(&copied[..length]);
        }
        _ => {
            for _ in 0..1 + places.next(3) {
                let at = place(places, bytes);
                bytes[at] ^= 1 + places.next(255) as u8;
            }
        }
    }
}

/// Writes the right length and hash into the user block, as if the damage had been there before.
pub(crate) fn seal(bytes: &mut [u8]) {
    if bytes.len() > BLOCK {
        let (block, rest) = bytes.split_at_mut(BLOCK);
        block[24..32].copy_from_slice(&(rest.len() as u64).to_le_bytes());
        block[32..64].copy_from_slice(blake3::hash(rest).as_bytes());
    }
}
