//! Signals and time limits.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::Signal;

use crate::Extent;
use crate::kill::{Calm, tiny};
use crate::program::{self, Ended, call, start, words};
use crate::row::{Outcome, Row};

/// "Within a second", with some room for a machine that does other things too.
const PROMPT: f64 = 1.5;

/// A training of a few seconds.
const TRAIN: &str = "train -q spins.h5 --hidden 64 --seed 3 --set monitor_every=1000 --epochs";

pub(crate) fn rows(extent: Extent) {
    Row::of(
        "SIGINT, SIGTERM, --time-limit, SLURM_JOB_END_TIME in turn",
        "train, continued each time",
        || trainings(extent.of(1, 5)),
    );
    Row::of("SIGINT or SIGTERM", "every stage that takes long", || stages(extent.of(1, 5)));
    Row::of("second SIGINT", "a stage that is between safe points", second);
    Row::of("SIGINT at random moments, continued", "run of the tiny experiment", || runs(extent.of(4, 40)));
}

/// Configurations on a 10 x 10 lattice and on a 32 x 32 one, and a machine for the latter.
fn folder() -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    for line in [
        "sample -q -L 10 --temperatures V --samples-per-temperature 100 -o spins.h5",
        "sample -q -L 10 --temperatures V --samples-per-temperature 100 --seed 9 -o test.h5",
        "sample -q -L 32 --temperatures 2 --samples-per-temperature 10 -o large.h5",
        "train -q large.h5 --hidden 16 --epochs 1 -o machine.h5",
    ] {
        call(&mut words(path, line)?)?.succeeded()?;
    }
    Ok(folder)
}

/// Sends a signal after a while; how the process ended, and in how many seconds.
fn interrupted(running: program::Running, after: Duration, signal: Signal) -> Result<(Ended, f64)> {
    let mut running = running;
    std::thread::sleep(after);
    ensure!(running.goes_on()?, "ended before it was interrupted");
    let since = Instant::now();
    running.signal(signal)?;
    let ended = running.wait()?;
    Ok((ended, since.elapsed().as_secs_f64()))
}

/// Stops and continues trainings. How long one takes depends on the machine and on what else it does, so they are made
/// longer until all stops fall into one.
fn trainings(rounds: u64) -> Outcome {
    let folder = folder()?;
    let mut epochs: u32 = 2_000;
    let (mut slowest, mut stops) = (0.0_f64, 0);
    for _ in 0..rounds {
        let mut tries = 0;
        slowest = loop {
            match training(folder.path(), epochs)? {
                Some(seconds) => break slowest.max(seconds),
                None if tries == 6 => bail!("{epochs} epochs are too short to be interrupted"),
                None => (tries, epochs) = (tries + 1, epochs.saturating_mul(2)),
            }
        };
        stops += 4;
    }
    let happened = format!(
        "exit code 130, slowest stop {slowest:.2} s after a signal and none after its limit; same bytes in the end"
    );
    Ok((stops, happened))
}

/// Stops a training in four ways and lets it end; the slowest stop after a signal in seconds. None if it ended before all
/// stops.
fn training(path: &Path, epochs: u32) -> Result<Option<f64>> {
    let train = |output: &str| words(path, &format!("{TRAIN} {epochs} -o {output}"));
    let (output, checkpoint) = (path.join("rbm.h5"), path.join("rbm.h5.checkpoint"));
    let _ = std::fs::remove_file(&output);
    let _ = std::fs::remove_file(path.join("calm.h5"));
    let mut slowest = 0.0_f64;
    for signal in [Signal::INT, Signal::TERM] {
        let mut running = start(&mut train("rbm.h5")?)?;
        std::thread::sleep(Duration::from_millis(500));
        if !running.goes_on()? {
            return Ok(None);
        }
        let (ended, seconds) = interrupted(running, Duration::ZERO, signal)?;
        if ended.code == Some(0) {
            return Ok(None);
        }
        ended.refused(130, &["interrupted", "goes on"])?;
        slowest = slowest.max(seconds);
        ensure!(seconds < PROMPT, "took {seconds:.2} s to stop");
        ensure!(checkpoint.exists() && !output.exists(), "nothing was kept");
    }
    let end = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + 3;
    let mut limits = [train("rbm.h5")?, train("rbm.h5")?];
    limits[0].args(["--time-limit", "1"]);
    limits[1].env("SLURM_JOB_END_TIME", end.to_string());
    for (mut command, limit) in limits.into_iter().zip([1.0, 3.0]) {
        let since = Instant::now();
        let ended = call(&mut command)?;
        if ended.code == Some(0) {
            return Ok(None);
        }
        ended.refused(130, &["interrupted; the same command goes on from here"])?;
        let seconds = since.elapsed().as_secs_f64();
        ensure!(seconds < limit + 0.2, "a limit of {limit} s ended after {seconds:.2} s");
    }
    call(&mut train("rbm.h5")?)?.succeeded()?;
    call(&mut train("calm.h5")?)?.succeeded()?;
    ensure!(std::fs::read(&output)? == std::fs::read(path.join("calm.h5"))?, "the machine is another");
    ensure!(!checkpoint.exists(), "the checkpoint is left over");
    Ok(Some(slowest))
}

fn stages(rounds: u64) -> Outcome {
    let folder = folder()?;
    let path = folder.path();
    call(&mut words(path, "train -q spins.h5 --hidden 16 --epochs 5 -o rbm.h5")?)?.succeeded()?;
    let lines = [
        "sample -q -L 64 --temperatures V --samples-per-temperature 20000",
        "equation-of-state -q -L 12",
        "equation-of-state -q -L 40 --set effective_samples=100000",
        "train -q large.h5 --hidden 1024 --epochs 100000",
        "thermometer train -q spins.h5 --test test.h5 --set epochs=100000 --set patience=100000",
        "flow rbm -q rbm.h5 --starts spins.h5 --set chains=100 --steps 100000",
        "weights -q machine.h5 --spins large.h5",
        "likelihood -q machine.h5 --spins large.h5 --method annealed --steps 1000000",
    ];
    let (mut slowest, mut stops) = ((0.0_f64, ""), 0);
    for round in 0..rounds {
        for line in lines {
            let running = start(&mut words(path, &format!("{line} -o out.h5"))?)?;
            let signal = if round % 2 == 0 { Signal::INT } else { Signal::TERM };
            let (ended, seconds) =
                interrupted(running, Duration::from_millis(150), signal).with_context(|| line.to_owned())?;
            // A fast machine may reach the end of the stage before it has to be ended: then the file is whole.
            let finished = ended.code == Some(0) && path.join("out.h5").exists();
            if finished {
                call(&mut words(path, "verify out.h5")?)?.succeeded()?;
                std::fs::remove_file(path.join("out.h5"))?;
            } else {
                ended.refused(130, &["interrupted"]).with_context(|| line.to_owned())?;
            }
            if seconds > slowest.0 {
                slowest = (seconds, line.split(" -").next().unwrap_or(line));
            }
            stops += 1;
            ensure!(seconds < PROMPT, "{line}: took {seconds:.2} s to stop");
            ensure!(!path.join("out.h5").exists(), "{line}: made a file all the same");
            let _ = std::fs::remove_file(path.join("out.h5.checkpoint"));
        }
    }
    Ok((stops, format!("exit code 130, no output; slowest stop {:.2} s (`{}`)", slowest.0, slowest.1)))
}

fn second() -> Outcome {
    let folder = folder()?;
    let running = start(&mut words(folder.path(), "weights -q machine.h5 --spins large.h5 -o out.h5")?)?;
    std::thread::sleep(Duration::from_millis(200));
    running.signal(Signal::INT)?;
    std::thread::sleep(Duration::from_millis(100));
    let (ended, seconds) = interrupted(running, Duration::ZERO, Signal::INT)?;
    ensure!(ended.code == Some(130), "ended with {}", ended.how());
    ensure!(seconds < 0.5, "took {seconds:.2} s");
    Ok((1, format!("exit code 130 after {seconds:.2} s")))
}

fn runs(stops: u64) -> Outcome {
    let experiment = tiny();
    let calm = Calm::of(&experiment)?;
    let folder = tempfile::tempdir()?;
    let mut slowest = 0.0_f64;
    let mut stopped = 0;
    for attempt in 0.. {
        let mut running = start(&mut program::run(&experiment, folder.path())?)?;
        std::thread::sleep(Duration::from_millis(20 + attempt * 37 % 200));
        if stopped == stops || !running.goes_on()? {
            running.wait()?.succeeded()?;
            calm.check_whole(folder.path())?;
            if stopped == stops {
                break;
            }
            std::fs::remove_dir_all(folder.path())?;
            continue;
        }
        let signal = if attempt % 2 == 0 { Signal::INT } else { Signal::TERM };
        let (ended, seconds) = interrupted(running, Duration::ZERO, signal)?;
        slowest = slowest.max(seconds);
        ensure!(seconds < PROMPT, "took {seconds:.2} s to stop");
        if ended.code != Some(0) {
            ended.refused(130, &["interrupted"])?;
            stopped += 1;
        }
        calm.check_part(folder.path())?;
        ensure!(!folder.path().join(".rbmflow.lock").exists(), "the lock is left over");
    }
    Ok((stops, format!("exit code 130, slowest stop {slowest:.2} s; same bytes in the end")))
}
