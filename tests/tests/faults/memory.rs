//! Memory: estimated before, bounded while it is used.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::Extent;
use crate::kill::{files, tiny};
use crate::program::{self, call, limited, start, words};
use crate::row::{Outcome, Row};

pub(crate) fn rows(extent: Extent) {
    Row::of("more memory than is allowed", "run --memory", refused);
    Row::of("more memory than is allowed", "each stage, --memory and limits of the process", stages_refused);
    control_groups();
    if extent == Extent::Long {
        let tried = "each stage at a large size: its peak against the plan";
        Row::of("estimates that are too low", tried, estimates);
        let tried = "stages with other settings that take memory: peak against what is asked for";
        Row::of("estimates that are too low", tried, estimates_of_stages);
        Row::of("a million configurations of 10 x 10", "sample, train, flow, thermometer, weights", million);
        Row::of("memory that cannot be had", "run of the tiny experiment within 60 to 400 MB", starved);
    }
}

fn refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("out");
    let mut command = program::run(&tiny(), &out)?;
    call(command.args(["--memory", "3"]))?.refused(2, &["MB", "--memory"])?;
    ensure!(!out.join("data").exists(), "something was done all the same");
    Ok((1, "refused before anything is done, exit code 2, with need and limit".to_owned()))
}

/// Stages, with files that [`inputs`] makes.
const STAGES: [&str; 9] = [
    "sample -L 16 --temperatures 1:4:1 --samples-per-temperature 3000",
    "equation-of-state -L 5",
    "train spins.h5 --hidden 16 --epochs 1",
    "thermometer train spins.h5 --test test.h5 --epochs 1",
    "flow rbm rbm.h5 --starts spins.h5 --chains 200 --steps 3",
    "flow block-spin spins.h5 --chains 200 --steps 1",
    "weights rbm.h5 --spins spins.h5",
    "likelihood rbm.h5 --spins spins.h5",
    "likelihood rbm.h5 --spins spins.h5 --method annealed --steps 2",
];

fn inputs(path: &Path, lines: &[&str]) -> Result<()> {
    for line in lines {
        call(words(path, line)?.arg("-q"))?.succeeded().with_context(|| (*line).to_owned())?;
    }
    Ok(())
}

fn stages_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    inputs(
        path,
        &[
            "sample -L 16 --temperatures 1,2 --samples-per-temperature 500 -o spins.h5",
            "sample -L 16 --temperatures 1,2 --samples-per-temperature 500 --seed 9 -o test.h5",
            "train spins.h5 --hidden 32 --epochs 1 -o rbm.h5",
        ],
    )?;
    let mut times = 0;
    for stage in STAGES {
        let line = format!("{stage} -q -o out.h5");
        let id = stage.split(' ').next().unwrap_or(stage);
        call(words(path, &line)?.args(["--memory", "3"]))?
            .refused(2, &[id, "MB of memory, 3 MB are allowed (--memory)", "raise --memory"])
            .with_context(|| line.clone())?;
        ensure!(!path.join("out.h5").exists(), "{line}: made a file all the same");
        times += 1;
    }
    // The process's own limit counts too, and only for what is too large.
    let large = words(path, "sample -q -L 64 --temperatures 1 --samples-per-temperature 100000 -o out.h5")?;
    call(&mut limited(&large, "memory", 1 << 30)?)?
        .refused(2, &["left of the process's max address space"])?;
    let small = words(path, "train -q spins.h5 --hidden 16 --epochs 1 -o small.h5 --jobs 2")?;
    call(&mut limited(&small, "memory", 1 << 30)?)?.succeeded()?;
    // No word about memory if there is nothing left to do.
    call(&mut words(path, "train -q spins.h5 --hidden 16 --epochs 1 -o small.h5 --memory 3")?)?
        .succeeded()?;
    Ok((
        times + 3,
        "refused before anything is done, exit code 2, with need, limit, who sets it, cure".to_owned(),
    ))
}

/// Limits of control groups, as files that cover the real ones in a namespace of its own.
fn control_groups() {
    let (fault, tried) =
        ("limit of a control group", "run and train; memory.max, memory.limit_in_bytes of 30 MB");
    match crate::disk::in_namespace("groups") {
        Ok(rows) => rows.iter().for_each(|row| Row::hand_on(row)),
        Err(error) => Row::not_tried(fault, tried, &format!("{error:#}")),
    }
}

/// The row of [`control_groups`], in the namespace: `folder` is a place for files.
pub(crate) fn grouped(folder: &Path) {
    let (fault, tried) =
        ("limit of a control group", "run and train; memory.max, memory.limit_in_bytes of 30 MB");
    Row::of(fault, tried, || {
        inputs(folder, &["sample -L 64 --temperatures 1,2 --samples-per-temperature 500 -o spins.h5"])?;
        let train = "train -q spins.h5 --hidden 64 --epochs 1 -o rbm.h5";
        let groups = std::fs::read_to_string("/proc/self/cgroup")?;
        let mut names = vec![];
        if groups.lines().any(|line| line.starts_with("0::")) {
            names.push("memory.max");
        }
        if groups.lines().any(|line| line.split(':').nth(1) == Some("memory")) {
            names.push("memory/memory.limit_in_bytes");
        }
        ensure!(!names.is_empty(), "no control groups: {groups}");
        for name in &names {
            crate::disk::mount(Path::new("/sys/fs/cgroup"), "size=1m")?;
            let file = Path::new("/sys/fs/cgroup").join(name);
            std::fs::create_dir_all(file.parent().context("a folder")?)?;
            std::fs::write(file, "30000000\n")?;
            let said = ["30 MB are allowed (left of the limit of control group `/`)", "raise --memory"];
            call(&mut words(folder, train)?)?.refused(2, &said)?;
            call(&mut program::run(&tiny(), &folder.join("out"))?)?.refused(2, &said)?;
        }
        call(words(folder, train)?.args(["--memory", "1000"]))?.succeeded()?;
        Ok((
            2 * names.len() as u64 + 1,
            "refused, exit code 2, the group named; done with --memory".to_owned(),
        ))
    });
}

/// The memory that a call says it needs, in bytes, when it is allowed none.
fn asked_for(path: &Path, line: &str) -> Result<f64> {
    let ended = call(words(path, line)?.args(["-q", "--memory", "0"]))?;
    ended.refused(2, &["needs about"])?;
    let number = ended.err.split("needs about ").nth(1).and_then(|rest| rest.split(' ').next());
    Ok(number.context("a number")?.parse::<f64>()? * 1e6)
}

/// Settings other than those of an experiment's plan that decide about memory.
const SETTINGS: [&str; 18] = [
    "sample -L 4 --temperatures 1:4:1 --samples-per-temperature 500000 -o out.h5",
    "sample -L 1024 --temperatures 0.5 --samples-per-temperature 20 -o out.h5",
    "equation-of-state -L 12 --temperatures 0:6:1 -o out.h5",
    "equation-of-state -L 16 --temperatures 1:2:0.5 --set effective_samples=400000 -o out.h5",
    "train spins.h5 --hidden 2048 --epochs 1 --optimizer adam --batch-size 1000 -o out.h5",
    "train spins.h5 --hidden 1024 --epochs 1 --algorithm pcd --chains 20000 --batch-size 1000 -o out.h5",
    "train spins.h5 --hidden 64 --epochs 1 --algorithm parallel-tempering --chains 1000 --batch-size 1000 -o out.h5",
    "train spins.h5 --hidden 1024 --epochs 1 --batch-size 20000 --monitor-samples 20000 --momentum 0.5 -o out.h5",
    "thermometer train spins.h5 --test test.h5 --hidden 4096,512 --epochs 1 --batch-size 2000 -o out.h5",
    "flow rbm rbm.h5 --starts spins.h5 --chains 5000 --steps 100 --snapshots 2000 -o out.h5",
    "flow rbm small.h5 --starts starts.h5 --chains 100 --steps 20000 -o out.h5",
    "flow block-spin spins.h5 --chains 5000 --steps 3 --snapshots 5000 -o out.h5",
    "likelihood rbm.h5 --spins spins.h5 --method annealed --chains 10000 --steps 2 -o out.h5",
    "weights rbm.h5 --spins spins.h5 --set modes=100 -o out.h5",
    "weights wide.h5 --spins starts.h5 -o out.h5",
    "thermometer train many.h5 --test many-test.h5 --hidden 4 --epochs 1 -o out.h5",
    "sample -L 2 --temperatures 0:60:0.001 --samples-per-temperature 1 -o out.h5",
    "train starts.h5 --hidden 2 --epochs 100000 --batch-size 10000 --monitor-every 1 --monitor-samples 1 -o out.h5",
];

fn estimates_of_stages() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    inputs(
        path,
        &[
            "sample -L 32 --temperatures 1:4:1 --samples-per-temperature 5000 -o spins.h5",
            "sample -L 32 --temperatures 1:4:1 --samples-per-temperature 5000 --seed 9 -o test.h5",
            "sample -L 4 --temperatures 0.5:6:0.25 --samples-per-temperature 100 -o starts.h5",
            "train spins.h5 --hidden 512 --epochs 1 -o rbm.h5",
            "train starts.h5 --hidden 16 --epochs 1 -o small.h5",
            "train starts.h5 --hidden 70000 --epochs 1 -o wide.h5",
            "sample -L 2 --temperatures 0:3:0.001 --samples-per-temperature 2 -o many.h5",
            "sample -L 2 --temperatures 0:3:0.001 --samples-per-temperature 2 --seed 9 -o many-test.h5",
        ],
    )?;
    let mut worst = (0.0, String::new());
    let mut told = String::new();
    for line in SETTINGS {
        let estimate = asked_for(path, line).with_context(|| line.to_owned())?;
        let peak = peak(words(path, line)?.arg("-q")).with_context(|| line.to_owned())?;
        std::fs::remove_file(path.join("out.h5"))?;
        let ratio = (peak - PROGRAM) / estimate;
        eprintln!("{:.0} MB of {:.0} MB: {line}", peak / 1e6, estimate / 1e6);
        if ratio > 1.0 {
            told.push_str(&format!("{line}: {:.0} MB, asked for {:.0} MB; ", peak / 1e6, estimate / 1e6));
        }
        if ratio > worst.0 {
            worst = (ratio, format!("{:.0} MB of {:.0} MB by `{line}`", peak / 1e6, estimate / 1e6));
        }
    }
    ensure!(told.is_empty(), "{told}");
    Ok((SETTINGS.len() as u64, format!("peak never above the estimate; closest: {}", worst.1)))
}

/// What the program without any data takes, in bytes.
const PROGRAM: f64 = 15e6;

/// As many configurations as anybody has asked for.
fn million() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    let lines = [
        "sample -L 10 --temperatures 1:4:1 --samples-per-temperature 250000 -o spins.h5",
        "sample -L 10 --temperatures 1:4:1 --samples-per-temperature 250000 --seed 9 -o test.h5",
        "train spins.h5 --hidden 64 --epochs 1 -o rbm.h5",
        "flow rbm rbm.h5 --starts spins.h5 --chains 250000 --steps 3 -o flow.h5",
        "thermometer train spins.h5 --test test.h5 --epochs 1 -o thermometer.h5",
        "weights rbm.h5 --spins spins.h5 -o weights.h5",
        "likelihood rbm.h5 --spins spins.h5 --method annealed --steps 10 -o likelihood.h5",
    ];
    let mut told = vec![];
    for line in lines {
        let estimate = asked_for(path, line).with_context(|| line.to_owned())?;
        let since = std::time::Instant::now();
        let peak = peak(words(path, line)?.arg("-q")).with_context(|| line.to_owned())?;
        ensure!(peak - PROGRAM <= estimate, "{line}: {:.0} MB of {:.0} MB", peak / 1e6, estimate / 1e6);
        let verb = line.split(' ').next().unwrap_or(line);
        told.push(format!("{verb} {:.0} s, {:.0} MB", since.elapsed().as_secs_f64(), peak / 1e6));
    }
    Ok((lines.len() as u64, format!("done: {}", told.join("; "))))
}

/// Every stage at a size at which its arrays outweigh the program itself.
const LARGE: &str = r#"
name = "large"
[lattice]
size = 32
[sample]
temperatures = "1:4:1"
samples_per_temperature = 5000
[equation_of_state]
temperatures = "0:4:1"
effective_samples = 64
[thermometer]
samples_per_temperature = 5000
epochs = 1
[flow]
starts = "0,inf"
chains = 10000
steps = 1
[weights]
[[training]]
name = "V"
temperatures = "1:4:1"
hidden = 512
epochs = 1
"#;

fn estimates() -> Outcome {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("large.toml"), LARGE)?;
    let plan = call(&mut words(folder.path(), "plan large.toml --format json -o out")?)?;
    plan.succeeded()?;
    let plan: serde_json::Value = serde_json::from_str(&plan.out)?;
    std::fs::create_dir_all(folder.path().join("out/data/r0/V-512"))?;
    let mut worst = (0.0, String::new());
    let mut times = 0;
    for job in plan["jobs"].as_array().context("the jobs")? {
        let id = job["id"].as_str().context("a name")?;
        if matches!(id, "figures" | "report") {
            continue;
        }
        let line: Vec<&str> =
            job["command"].as_array().context("a command")?.iter().filter_map(|word| word.as_str()).collect();
        let mut command = rbmflow_tests::rbmflow();
        command.current_dir(folder.path()).arg("-q").args(&line[1..]);
        let peak = peak(&mut command).with_context(|| id.to_owned())?;
        let estimate = job["memory_bytes"].as_f64().context("an estimate")?;
        let ratio = (peak - PROGRAM) / estimate;
        times += 1;
        if ratio > worst.0 {
            worst = (ratio, format!("{id}: {:.0} MB, planned {:.0} MB", peak / 1e6, estimate / 1e6));
        }
    }
    ensure!(worst.0 <= 1.0, "{}", worst.1);
    Ok((times, format!("peak never above the plan; closest: {}", worst.1)))
}

/// The largest resident memory of a call that succeeds, in bytes.
fn peak(command: &mut std::process::Command) -> Result<f64> {
    let mut running = start(command)?;
    let status = format!("/proc/{}/status", running.id());
    let mut peak = 0.0_f64;
    while running.goes_on()? {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes =
            line.and_then(|line| line.trim().strip_suffix("kB")).and_then(|kb| kb.trim().parse::<f64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0.0) * 1024.0);
        std::thread::sleep(Duration::from_millis(4));
    }
    running.wait()?.succeeded()?;
    Ok(peak)
}

/// An allocation that fails ends the process, as Rust programs do: what matters is that no file is harmed.
fn starved() -> Outcome {
    let experiment = tiny();
    let calm = crate::kill::Calm::of(&experiment)?;
    let folder = tempfile::tempdir()?;
    let (mut times, mut ended_early) = (0, 0);
    for megabytes in [60, 100, 150, 200, 250, 300, 400_u64] {
        let ended =
            call(&mut limited(&program::run(&experiment, folder.path())?, "memory", megabytes << 20)?)?;
        times += 1;
        if ended.code != Some(0) {
            ended_early += 1;
        }
        if !files(folder.path())?.is_empty() {
            calm.check_part(folder.path())?;
        }
    }
    calm.check_continued(&experiment, folder.path())?;
    Ok((times, format!("{ended_early} ended early; no file harmed; same bytes with enough memory")))
}
