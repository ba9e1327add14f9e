//! Damaged checkpoints, and texts and arrays that are no longer what they were.

use anyhow::{Result, bail};
use rbmflow_tests::root;

use crate::Extent;
use crate::places::{Account, MEMORY, Places, delegate};
use crate::row::{Outcome, Row};

pub(crate) fn rows(extent: Extent) {
    let row = |fault: &str, tried: &str, kind: &str, short: u64, long: u64| {
        Row::of(fault, tried, || cases(kind, extent.of(short, long)));
    };
    row("damaged checkpoint", "flips and cuts everywhere", "checkpoint", 3_000, 30_000);
    row("damaged checkpoint behind a right hash", "training goes on from it", "payload", 2_000, 30_000);
    row("hostile experiment", "mutated TOML of quick and paper, planned", "experiment", 1_500, 30_000);
    row("hostile temperature list", "mutated texts", "temperatures", 20_000, 500_000);
    row("hostile NumPy array, archive or table", "mutated bytes", "array", 20_000, 500_000);
}

fn cases(kind: &str, cases: u64) -> Outcome {
    let counts = delegate(&["parser", kind, &cases.to_string()])?;
    let (refused, accepted) =
        counts.iter().fold((0, 0), |sum, count| (sum.0 + count.refused, sum.1 + count.accepted));
    let happened = format!(
        "{refused} refused with a message, {accepted} accepted, no panic, within {} MiB",
        MEMORY >> 20
    );
    Ok((refused + accepted, happened))
}

/// The worker: kind, number of cases, place for the number of the case.
pub(crate) fn work(words: &[&str]) -> Result<String> {
    let [kind, cases, place] = words else { bail!("wrong words") };
    let cases: u64 = cases.parse()?;
    let mut account = Account::new(place)?;
    let mut places = Places(7);
    let payload = cli::untrusted::saved_payload().map_err(anyhow::Error::msg)?;
    let experiments = ["quick", "paper"].map(|name| root().join(format!("data/experiments/{name}.toml")));
    let experiments = experiments.iter().map(std::fs::read).collect::<Result<Vec<_>, _>>()?;
    let lists = ["0:6:0.25,tc,inf", "V", "4:6:0.5, 1", "1e-3,2.5,1e300", "0:65535:1"];
    let seed = |name: &str| std::fs::read(root().join("fuzz/seeds/array").join(name));
    let arrays = ["i1.npy", "labelled.npz", "table.csv"].map(seed);
    let arrays = arrays.into_iter().collect::<Result<Vec<_>, _>>()?;
    for case in 0..cases {
        match *kind {
            "checkpoint" => {
                let mut bytes = cli::untrusted::sealed_checkpoint(&payload);
                mutate(&mut bytes, b"", &mut places);
                account.case(None, || cli::untrusted::checkpoint(&bytes))?;
            }
            "payload" => {
                let mut bytes = payload.clone();
                mutate(&mut bytes, b"\xff\xfe\xfd\xfc\xfb\x00\x80\x7f", &mut places);
                account.case(None, || cli::untrusted::checkpoint_payload(&bytes))?;
            }
            "experiment" => {
                let mut bytes = experiments[case as usize % 2].clone();
                mutate(&mut bytes, b"0123456789.-,:[]{}=\"'#\n einfa_", &mut places);
                let text = String::from_utf8_lossy(&bytes);
                account.case(None, || cli::untrusted::experiment(&text))?;
            }
            "temperatures" => {
                let mut bytes = lists[case as usize % lists.len()].as_bytes().to_vec();
                mutate(&mut bytes, b"0123456789.-+e,:infatcVHL ", &mut places);
                let text = String::from_utf8_lossy(&bytes);
                account.case(None, || cli::untrusted::temperatures(&text))?;
            }
            "array" => {
                let mut bytes = arrays[case as usize % arrays.len()].clone();
                mutate(&mut bytes, b"0123456789(),'<|if", &mut places);
                account.case(None, || cli::untrusted::array(&bytes))?;
            }
            other => bail!("there is no parser `{other}`"),
        }
    }
    Ok(account.text())
}

/// A few changes: a byte flipped, replaced by one of an alphabet, inserted, or a stretch deleted or repeated.
fn mutate(bytes: &mut Vec<u8>, alphabet: &[u8], places: &mut Places) {
    for _ in 0..1 + places.next(4) {
        if bytes.is_empty() {
            return;
        }
        let at = places.next(bytes.len());
        let letter = |places: &mut Places| match alphabet {
            [] => places.next(256) as u8,
            letters => letters[places.next(letters.len())],
        };
        match places.next(6) {
            0 => bytes[at] ^= 1 << places.next(8),
            1 | 2 => bytes[at] = letter(places),
            3 => bytes.insert(at, letter(places)),
            4 => drop(bytes.drain(at..(at + 1 + places.next(8)).min(bytes.len()))),
            _ => {
                let stretch = bytes[at..(at + 1 + places.next(12)).min(bytes.len())].to_vec();
                let target = places.next(bytes.len());
                bytes.splice(target..target, stretch);
            }
        }
    }
}
