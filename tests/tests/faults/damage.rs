//! Damaged files of every schema. The cases are tried in processes of their own, as they meet the C library.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, ensure};

use crate::Extent;
use crate::places::{Count, MEMORY, delegate};
use crate::row::{Outcome, Row};
use crate::versions::golden;
use crate::{bytes, forged, structure};

pub(crate) fn rows(extent: Extent) {
    let files = match golden() {
        Ok(files) => files,
        Err(error) => return Row::of("damaged files", "all schemas", || Err(error)),
    };
    for kind in bytes::KINDS {
        let cases = extent.of(kind.short, kind.long);
        let tried = format!("each of {} released files", files.len());
        Row::of(kind.name, &tried, || {
            settle(all_files(&["bytes", kind.word], &files, cases)?, kind.all_refused)
        });
    }
    // What is behind a right hash, or without any: made as another program would make it.
    let stride = extent.of("5", "1");
    by_class("of each schema, right hashes", forged::CLASSES, || delegate(&["forged", stride]));
    by_class("of each released file, with and without our hash", structure::CLASSES, || {
        all_files(&["structure"], &files, extent.of(9, 1))
    });
}

/// A row for each class of cases of one attempt.
fn by_class(tried: &str, classes: &[(&str, bool)], attempt: impl FnOnce() -> Result<Vec<Count>>) {
    let counts = attempt();
    for &(class, all_refused) in classes {
        Row::of(class, tried, || match &counts {
            Ok(counts) => {
                settle(counts.iter().filter(|count| count.class == class).cloned().collect(), all_refused)
            }
            Err(error) => anyhow::bail!("{error:#}"),
        });
    }
}

/// A worker for each file, two at a time.
fn all_files(worker: &[&str], files: &[PathBuf], cases: u64) -> Result<Vec<Count>> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<Count>> {
        let mut done = vec![];
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let (file, cases) = (file.to_string_lossy(), cases.to_string());
            let words = [worker, &[&file, &cases]].concat();
            done.extend(delegate(&words).with_context(|| name.into_owned())?);
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

fn settle(counts: Vec<Count>, all_refused: bool) -> Outcome {
    let refused: u64 = counts.iter().map(|count| count.refused).sum();
    let accepted: u64 = counts.iter().map(|count| count.accepted).sum();
    let least = counts.iter().map(|count| count.refused + count.accepted).min().unwrap_or(0);
    ensure!(!(all_refused && accepted > 0), "{accepted} of {} were accepted", refused + accepted);
    ensure!(refused + accepted > 0, "there were no cases");
    let happened = match accepted {
        0 => "all refused by name".to_owned(),
        _ => format!("{refused} refused by name, {accepted} read as what they say"),
    };
    let each = format!("{} files, at least {least} each", counts.len());
    Ok((refused + accepted, format!("{happened}, within {} MiB; {each}", MEMORY >> 20)))
}
