//! `rbmflow verify DIR`: what is stale, foreign, missing or damaged is named.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::Extent;
use crate::kill::{Calm, tiny};
use crate::program::{self, call, words};
use crate::row::{Outcome, Row};

pub(crate) fn rows(extent: Extent) {
    Row::of("missing, stale, foreign, damaged files of a run", "verify, then run again", verified);
    Row::of("inputs replaced while a job runs", "train; the file becomes another one", || {
        replaced(extent.of(12, 2))
    });
}

/// What is done to a finished run, and what `verify` says of it.
type Change = (&'static str, fn(&Path) -> Result<()>, &'static [&'static str]);

const CHANGES: [Change; 9] = [
    ("a result is gone", |out| remove(out, "data/r0/V-3/rbm.h5"), &["r0/V-3/rbm.h5` is missing"]),
    ("a picture is gone", |out| remove(out, "figures/F05.svg"), &["claims.json", "F05.svg"]),
    ("a result is damaged", |out| flip(out, "data/r1/spins.h5"), &["r1/spins.h5", "damaged"]),
    ("the report is damaged", |out| flip(out, "report.html"), &["report.html"]),
    (
        "a result of another job",
        |out| copy(out, "data/r0/spins.h5", "data/r1/spins.h5"),
        &["r1/spins.h5` is stale", "seed"],
    ),
    (
        "a result of another input",
        |out| copy(out, "data/r0/L-8/rbm.h5", "data/r0/V-8/rbm.h5"),
        &["V-8/flow.h5` is stale", "another `rbm` file"],
    ),
    (
        "a foreign file",
        |out| copy(out, "data/figures.h5", "data/r0/mine.h5"),
        &["mine.h5` is no file of this run"],
    ),
    (
        "a foreign picture",
        |out| copy(out, "figures/F01.svg", "figures/F99.svg"),
        &["F99.svg` is no file of this run"],
    ),
    ("no experiment", |out| remove(out, "experiment.toml"), &["experiment.toml` does not exist"]),
];

fn verified() -> Outcome {
    let experiment = tiny();
    let calm = Calm::of(&experiment)?;
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("out");
    call(&mut program::run(&experiment, &out)?)?.succeeded()?;
    call(&mut words(folder.path(), "verify -q out")?)?.succeeded()?;
    for (what, change, texts) in CHANGES {
        change(&out).context(what)?;
        call(&mut words(folder.path(), "verify out")?)?.refused(3, texts).context(what)?;
        for foreign in ["data/r0/mine.h5", "figures/F99.svg"] {
            let _ = std::fs::remove_file(out.join(foreign));
        }
        calm.check_continued(&experiment, &out).context(what)?;
    }
    Ok((
        CHANGES.len() as u64,
        "named with the cause, exit code 3; run makes what is wrong again, same bytes".to_owned(),
    ))
}

fn remove(out: &Path, name: &str) -> Result<()> {
    Ok(std::fs::remove_file(out.join(name))?)
}

fn copy(out: &Path, from: &str, to: &str) -> Result<()> {
    Ok(std::fs::copy(out.join(from), out.join(to)).map(drop)?)
}

fn flip(out: &Path, name: &str) -> Result<()> {
    let mut bytes = std::fs::read(out.join(name))?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    Ok(std::fs::write(out.join(name), bytes)?)
}

/// The file that a job reads becomes another one, after the job has noted its hash and before it reads it, or not; the
/// job fails, or its output names the file that it was made from.
fn replaced(step: usize) -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    for seed in [1, 2] {
        let line = format!(
            "sample -q -L 16 --temperatures V --samples-per-temperature 400 --seed {seed} -o {seed}.h5"
        );
        call(&mut words(path, &line)?)?.succeeded()?;
    }
    let (first, second) = (std::fs::read(path.join("1.h5"))?, std::fs::read(path.join("2.h5"))?);
    let train = |file: &str| words(path, &format!("train -q {file} --hidden 2 --epochs 1 -o {file}.rbm"));
    let mut expected = vec![];
    for file in ["1.h5", "2.h5"] {
        call(&mut train(file)?)?.succeeded()?;
        expected.push(std::fs::read(path.join(format!("{file}.rbm")))?);
    }
    let input = path.join("input.h5");
    let put = |bytes: &[u8]| -> Result<()> {
        std::fs::write(path.join("new"), bytes)?;
        Ok(std::fs::rename(path.join("new"), &input)?)
    };
    let (mut times, mut noticed) = (0, 0);
    for delay in (0..120).step_by(step) {
        put(&first)?;
        let running = program::start(&mut train("input.h5")?)?;
        std::thread::sleep(std::time::Duration::from_millis(delay));
        put(&second)?;
        let ended = running.wait()?;
        if ended.code == Some(0) {
            let made = std::fs::read(path.join("input.h5.rbm"))?;
            ensure!(expected.contains(&made), "the machine is that of neither file");
            std::fs::remove_file(path.join("input.h5.rbm"))?;
        } else {
            ended.refused(3, &["input.h5` was replaced while it was in use"])?;
            noticed += 1;
        }
        times += 1;
    }
    Ok((
        times,
        format!("{noticed} times noticed and refused, otherwise the output names the file it was made from"),
    ))
}
