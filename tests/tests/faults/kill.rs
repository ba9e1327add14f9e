//! Runs that are killed at random moments and continued.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use rbmflow_tests::root;
use rustix::process::Signal;

use crate::Extent;
use crate::places::Places;
use crate::program::{self, call, start};
use crate::row::{Outcome, Row};

pub(crate) fn rows(extent: Extent) {
    let kills = extent.of(12, 800);
    Row::of("SIGKILL at random moments, continued", "run of the quick experiment", || {
        killed(&quick(), kills, Duration::from_millis(2500), 1)
    });
    if extent == Extent::Long {
        Row::of("SIGKILL at random moments, continued", "run of the tiny experiment", || {
            killed(&tiny(), 1300, Duration::from_millis(500), 2)
        });
    }
}

/// The experiment of the first look.
pub(crate) fn quick() -> PathBuf {
    root().join("data/experiments/quick.toml")
}

/// All stages in a second.
pub(crate) fn tiny() -> PathBuf {
    root().join("tests/experiments/tiny.toml")
}

/// An uninterrupted run of an experiment, made once.
pub(crate) struct Calm {
    pub(crate) files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Calm {
    /// That of an experiment.
    pub(crate) fn of(experiment: &Path) -> Result<&'static Self> {
        static KNOWN: Mutex<BTreeMap<PathBuf, &'static Calm>> = Mutex::new(BTreeMap::new());
        let mut known = KNOWN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(calm) = known.get(experiment) {
            return Ok(calm);
        }
        let folder = tempfile::tempdir()?;
        call(&mut program::run(experiment, folder.path())?)?.succeeded()?;
        let calm: &Self = Box::leak(Box::new(Self { files: files(folder.path())? }));
        known.insert(experiment.to_owned(), calm);
        Ok(calm)
    }

    /// What is under a final name in a folder is what the calm run has there, byte for byte; returns how many files.
    pub(crate) fn check_part(&self, folder: &Path) -> Result<usize> {
        let found = files(folder)?;
        let mut complete = 0;
        for (name, bytes) in found {
            let text = name.to_string_lossy();
            if text.ends_with(".checkpoint") {
                let refused = cli::untrusted::checkpoint(&bytes).err();
                ensure!(
                    refused.is_none(),
                    "the checkpoint {text} is damaged: {}",
                    refused.unwrap_or_default()
                );
            } else if !(["-temporary", ".lock", ".failed"].iter().any(|end| text.ends_with(end))) {
                ensure!(self.files.get(&name) == Some(&bytes), "{text} is not what it should be");
                complete += 1;
            }
        }
        Ok(complete)
    }

    /// A folder holds just what the calm run holds.
    pub(crate) fn check_whole(&self, folder: &Path) -> Result<usize> {
        let found = files(folder)?;
        for name in self.files.keys() {
            ensure!(found.get(name) == self.files.get(name), "{} is missing or differs", name.display());
        }
        for name in found.keys() {
            ensure!(self.files.contains_key(name), "{} is left over", name.display());
        }
        Ok(found.len())
    }

    /// Another run of the same experiment ends well and with the same bytes.
    pub(crate) fn check_continued(&self, experiment: &Path, folder: &Path) -> Result<usize> {
        call(&mut program::run(experiment, folder)?)?.succeeded()?;
        self.check_whole(folder)
    }
}

/// All files below a folder with their bytes.
pub(crate) fn files(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.strip_prefix(folder)?.to_path_buf(), std::fs::read(&path)?);
            }
        }
    }
    Ok(found)
}

/// Kills and continues runs until there have been enough kills; compares after each and at each end.
fn killed(experiment: &Path, wanted: u32, longest: Duration, seed: u64) -> Outcome {
    let calm = Calm::of(experiment)?;
    let mut places = Places(seed);
    let (mut kills, mut runs, mut compared) = (0, 0, 0);
    while kills < wanted {
        let folder = tempfile::tempdir()?;
        loop {
            let mut running = start(&mut program::run(experiment, folder.path())?)?;
            // Half of the moments are early, when a run reads what is there and begins to write.
            let most = if places.next(2) == 0 { longest / 8 } else { longest };
            std::thread::sleep(Duration::from_micros(places.next(most.as_micros() as usize) as u64));
            if kills == wanted || !running.goes_on()? {
                running.wait()?.succeeded()?;
                break;
            }
            running.signal(Signal::KILL)?;
            let ended = running.wait()?;
            match ended.signal {
                Some(9) => kills += 1,
                _ if ended.code == Some(0) => {}
                _ => bail!("ended with {} before it was killed: {}", ended.how(), ended.err),
            }
            compared += calm.check_part(folder.path())?;
        }
        compared += calm.check_whole(folder.path())?;
        runs += 1;
    }
    let happened = format!(
        "{runs} runs continued to the end; {compared} comparisons of files: same bytes as an uninterrupted run"
    );
    Ok((u64::from(kills), happened))
}
