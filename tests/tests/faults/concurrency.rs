//! Several processes in one folder.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rustix::process::Signal;

use crate::Extent;
use crate::disk;
use crate::kill::{Calm, files, tiny};
use crate::places::Places;
use crate::program::{self, call, start};
use crate::row::{Outcome, Row};

pub(crate) fn rows(extent: Extent) {
    Row::of("two runs in one folder", "started together", || together(extent.of(3, 100)));
    Row::of("lock of a dead process", "a run that was killed", || stale(extent.of(2, 50)));
    Row::of("reader during a run", "every file under a final name, again and again", || {
        read_along(extent.of(1, 10))
    });
    let (fault, tried) = ("file system without locks", "run; flock fails with ENOLCK, ENOSYS or EOPNOTSUPP");
    match disk::shim() {
        Ok(shim) => Row::of(fault, tried, || without_locks(&shim)),
        Err(error) => Row::not_tried(fault, tried, &format!("{error:#}")),
    }
}

fn together(times: u64) -> Outcome {
    let experiment = tiny();
    let calm = Calm::of(&experiment)?;
    let mut refused = 0;
    for _ in 0..times {
        let folder = tempfile::tempdir()?;
        let both: Vec<_> =
            (0..2).map(|_| start(&mut program::run(&experiment, folder.path())?)).collect::<Result<_>>()?;
        let ids: Vec<String> = both.iter().map(|running| format!("process {}", running.id())).collect();
        let mut succeeded = 0;
        for (running, other) in both.into_iter().zip(ids.iter().rev()) {
            let ended = running.wait()?;
            match ended.code {
                Some(0) => succeeded += 1,
                _ => {
                    ended.refused(7, &["in use by"])?;
                    // In the moment in which the lock is taken, the number is not there yet.
                    ensure!(
                        ended.err.contains(other) || ended.err.contains("another process"),
                        "{}",
                        ended.err
                    );
                    refused += 1;
                }
            }
        }
        ensure!(succeeded > 0, "neither run was done");
        calm.check_whole(folder.path())?;
    }
    Ok((
        times,
        format!(
            "one run is done, the other one is refused by process number ({refused} times) or finds all done"
        ),
    ))
}

fn stale(times: u64) -> Outcome {
    let experiment = tiny();
    let calm = Calm::of(&experiment)?;
    let mut left = 0;
    for time in 0..times {
        let folder = tempfile::tempdir()?;
        let running = start(&mut program::run(&experiment, folder.path())?)?;
        let lock = folder.path().join(".rbmflow.lock");
        while !lock.exists() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(time * 13 % 90));
        running.signal(Signal::KILL)?;
        running.wait()?;
        left += u64::from(lock.exists());
        calm.check_continued(&experiment, folder.path())?;
    }
    ensure!(left > 0, "no lock was left behind");
    Ok((times, format!("{left} locks left behind, none in the way")))
}

fn read_along(times: u64) -> Outcome {
    let experiment = tiny();
    let calm = Calm::of(&experiment)?;
    let mut seen = 0;
    for time in 0..times {
        let folder = tempfile::tempdir()?;
        let done = AtomicBool::new(false);
        seen += std::thread::scope(|scope| {
            let reader = scope.spawn(|| watch(folder.path(), calm, &done, time));
            let ended = start(&mut program::run(&experiment, folder.path())?)?.wait();
            done.store(true, Ordering::Relaxed);
            ended?.succeeded()?;
            reader.join().ok().context("the reader panicked")?
        })?;
    }
    Ok((seen, "each time all of the file or no file".to_owned()))
}

/// Reads files until the run is done; each is complete whenever it is there.
fn watch(folder: &Path, calm: &Calm, done: &AtomicBool, seed: u64) -> Result<u64> {
    let mut places = Places(seed);
    let names: Vec<_> = calm.files.keys().collect();
    let mut seen = 0;
    while !done.load(Ordering::Relaxed) {
        for _ in 0..names.len() {
            let name = names[places.next(names.len())];
            if let Ok(bytes) = std::fs::read(folder.join(name)) {
                ensure!(calm.files.get(name) == Some(&bytes), "{} was read in part", name.display());
                seen += 1;
            }
        }
        // So that the run gets its turn.
        std::thread::sleep(Duration::from_micros(200));
    }
    Ok(seen)
}

fn without_locks(shim: &disk::Shim) -> Outcome {
    let experiment = tiny();
    let calm = Calm::of(&experiment)?;
    let folder = tempfile::tempdir()?;
    let codes = ["ENOLCK", "ENOSYS", "EOPNOTSUPP"];
    for code in codes {
        let ended = call(shim.fail(&mut program::run(&experiment, folder.path())?, "flock", code))?;
        ended.refused(5, &["does not support locks", "choose a folder on another one"])?;
        let made = files(folder.path())?;
        ensure!(made.keys().all(|name| name.as_os_str() == ".rbmflow.lock"), "something was written");
    }
    calm.check_continued(&experiment, folder.path())?;
    Ok((codes.len() as u64, "refused with the cure, exit code 5; nothing written".to_owned()))
}
