//! Memory: estimated before, bounded while it is used.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::Extent;
use crate::kill::{files, tiny};
use crate::program::{self, call, limited, start, words};
use crate::row::{Outcome, Row};

pub(crate) fn rows(extent: Extent) {
    Row::of("more memory than is allowed", "run --memory", refused);
    if extent == Extent::Long {
        let tried = "each stage at a large size: its peak against the plan";
        Row::of("estimates that are too low", tried, estimates);
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
        let mut command = program::rbmflow()?;
        command.current_dir(folder.path()).arg("-q").args(&line[1..]);
        let peak = peak(&mut command).with_context(|| id.to_owned())?;
        let estimate = job["memory_bytes"].as_f64().context("an estimate")?;
        // The program without any data takes about 15 MB.
        let ratio = (peak - 15e6) / estimate;
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
