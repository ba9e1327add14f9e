//! Damaged files of every schema. The cases are tried in processes of their own, as they meet the C library.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};

use crate::Extent;
use crate::bytes;
use crate::places::{MEMORY, delegate};
use crate::row::{Outcome, Row};
use crate::versions::golden;

pub(crate) fn rows(extent: Extent) {
    let files = match golden() {
        Ok(files) => files,
        Err(error) => return Row::of("damaged files", "all schemas", || Err(error)),
    };
    for kind in bytes::KINDS {
        let cases = extent.of(kind.short, kind.long);
        let tried = format!("each of {} released files", files.len());
        Row::of(kind.name, &tried, || settle(all_files(kind.word, &files, cases)?, kind.all_refused));
    }
    Row::of("wrong types, shapes, values, NaN, swapped datasets, right hash", "every schema", || {
        settle(vec![delegate(&["forged", extent.of("5", "1")])?], false)
    });
}

/// The files one after the other, two at a time.
fn all_files(word: &str, files: &[PathBuf], cases: u64) -> Result<Vec<(u64, u64)>> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<(u64, u64)>> {
        let mut done = vec![];
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let words = ["bytes", word, &file.to_string_lossy(), &cases.to_string()];
            done.push(delegate(&words).with_context(|| name.into_owned())?);
        }
        Ok(done)
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let mut done = work()?;
        done.extend(other.join().map_err(|_| anyhow::anyhow!("a thread panicked"))??);
        Ok(done)
    })
}

fn settle(counts: Vec<(u64, u64)>, all_refused: bool) -> Outcome {
    let refused: u64 = counts.iter().map(|(refused, _)| refused).sum();
    let accepted: u64 = counts.iter().map(|(_, accepted)| accepted).sum();
    let least = counts.iter().map(|(refused, accepted)| refused + accepted).min().unwrap_or(0);
    anyhow::ensure!(!(all_refused && accepted > 0), "{accepted} of {} were accepted", refused + accepted);
    anyhow::ensure!(refused + accepted > 0, "there were no cases");
    let each = if counts.len() > 1 { format!("; at least {least} of each") } else { String::new() };
    let happened = match accepted {
        0 => format!("all refused by name, within {} MiB{each}", MEMORY >> 20),
        _ => format!(
            "{refused} refused by name, {accepted} read as the same content, within {} MiB{each}",
            MEMORY >> 20
        ),
    };
    Ok((refused + accepted, happened))
}
