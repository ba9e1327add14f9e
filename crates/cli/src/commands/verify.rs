//! `verify`: every byte of files, and all files of runs against what they were made from.

use std::collections::BTreeSet;
use std::path::Path;

use datasets::file::{self, Integrity};

use super::status::{State, states};
use super::{files_below, say};
use crate::arguments::Verify;
use crate::checkpoint;
use crate::exit::Problem;
use crate::job::failure_beside;
use crate::stages::report;
use crate::terminal::tell;

/// Checks files and folders of runs; tells the faults of each, and fails at the end if there are any.
pub(crate) fn verify(arguments: &Verify, quiet: bool) -> anyhow::Result<()> {
    let Verify { paths, json } = arguments;
    let (mut checked, mut annotated, mut without_hash) = (0, 0, 0);
    let mut wrong: Vec<anyhow::Error> = vec![];
    for path in paths {
        if path.is_dir() {
            checked += folder(path, &mut wrong)?;
        } else {
            checked += 1;
            match file::verify(path) {
                Ok(header) => match header.integrity {
                    Integrity::AsMade => {}
                    Integrity::Annotated => annotated += 1,
                    Integrity::WithoutHash => without_hash += 1,
                },
                Err(error) => wrong.push(error.into()),
            }
        }
    }
    if *json {
        let problems: Vec<String> = wrong.iter().map(crate::exit::line).collect();
        let found = serde_json::json!({ "checked": checked, "annotated": annotated, "without_hash": without_hash, "problems": problems });
        say(&format!("{}\n", serde_json::to_string_pretty(&found)?))?;
    }
    for error in wrong.iter().skip(1) {
        tell(&format!("error: {}", crate::exit::line(error)));
    }
    match wrong.into_iter().next() {
        Some(error) => Err(error),
        None if quiet || *json => Ok(()),
        None => {
            for (count, one, many) in [
                (checked - annotated - without_hash, "is as it was made", "are as they were made"),
                (
                    annotated,
                    "was annotated or repacked by another program; its content is as it was made",
                    "were annotated or repacked by another program; their contents are as they were made",
                ),
                (
                    without_hash,
                    "can be read; it has no hash, so changes cannot be seen",
                    "can be read; they have no hash, so changes cannot be seen",
                ),
            ] {
                match count {
                    0 => {}
                    1 => say(&format!("1 file {one}\n"))?,
                    _ => say(&format!("{count} files {many}\n"))?,
                }
            }
            Ok(())
        }
    }
}

/// Checks all files of a run; returns how many there are.
fn folder(folder: &Path, wrong: &mut Vec<anyhow::Error>) -> anyhow::Result<usize> {
    let states = states(folder)?;
    let files = states.len();
    let mut known = BTreeSet::new();
    for (job, state) in states {
        let path = job.output.display();
        match state {
            State::Done => {
                // The report's own files were checked to find its state.
                if job.output.extension().is_some_and(|extension| extension == "h5")
                    && let Err(error) = file::verify(&job.output)
                {
                    wrong.push(error.into());
                }
            }
            State::Failed(reason) => {
                wrong.push(Problem::Input(format!("`{path}` is missing, its job failed: {reason}")).into());
            }
            State::Missing => wrong.push(Problem::Input(format!("`{path}` is missing")).into()),
            State::Stale(reason) => wrong.push(Problem::Input(format!("`{path}` is stale: {reason}")).into()),
            State::Waiting => {
                let what = "cannot be compared with its inputs, of which one is missing";
                wrong.push(Problem::Input(format!("`{path}` {what}")).into());
            }
        }
        known.insert(checkpoint::beside(&job.output));
        known.insert(failure_beside(&job.output));
        known.insert(job.output);
    }
    let mut found = files_below(&folder.join("data"))?;
    // If the list of the report's files cannot be read, that has been said above.
    if let Ok(listed) = report::files_in(&folder.join("claims.json")) {
        known.extend(listed.iter().map(|file| folder.join(file)));
        found.extend(files_below(&folder.join("figures"))?);
    }
    for path in found {
        if !known.contains(&path) {
            let what = "is no file of this run; delete it if nothing else needs it";
            wrong.push(Problem::Input(format!("`{}` {what}", path.display())).into());
        }
    }
    Ok(files)
}
