//! Every verb on the smallest data, with the most extreme settings, and with files that do not fit together.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::Extent;
use crate::program::{Ended, call, limited, words};
use crate::row::{Outcome, Row};

/// The address space of each call, in bytes: what a setting makes the program ask for is refused before.
const MEMORY: u64 = 2 << 30;

/// Data with one extreme, as the arguments of `sample`, and the number of hidden units that goes with it.
const EXTREMES: [(&str, &str, u32); 6] = [
    ("L = 2", "-L 2 --temperatures 1:3:1 --samples-per-temperature 20", 5),
    ("one temperature", "-L 4 --temperatures 2 --samples-per-temperature 30", 5),
    ("one configuration", "-L 4 --temperatures 2 --samples-per-temperature 1", 5),
    ("one configuration at each temperature", "-L 4 --temperatures 1:3:1 --samples-per-temperature 1", 5),
    ("no variance: T = 0 only", "-L 4 --temperatures 0 --samples-per-temperature 30", 5),
    ("N_h = 1", "-L 4 --temperatures 1:3:1 --samples-per-temperature 20", 1),
];

/// Calls that use `spins.h5`, `large.h5`, `table.h5` and files that earlier ones make; `{N}` is the number of hidden
/// units.
const VERBS: &str = "\
train spins.h5 --hidden {N} --epochs 3 -o rbm.h5
train spins.h5 --hidden {N} --epochs 3 --units binary --biases --centred --optimizer adam -o binary.h5
train spins.h5 --hidden {N} --epochs 3 --algorithm pcd --chains 1 --momentum 0.9 -o pcd.h5
train spins.h5 --hidden {N} --epochs 3 --algorithm parallel-tempering --batch-size 1 -o tempering.h5
thermometer train spins.h5 --test test.h5 --equation-of-state table.h5 --epochs 3 -o thermometer.h5
thermometer train spins.h5 --test test.h5 --hidden {N},1 --epochs 2 --batch-size 1 -o narrow.h5
thermometer measure spins.h5 --equation-of-state table.h5
thermometer measure spins.h5 --thermometer thermometer.h5 --json
flow rbm rbm.h5 --starts spins.h5 --equation-of-state table.h5 --chains 2 --steps 3 -o flow.h5
flow rbm rbm.h5 --starts spins.h5 --thermometer thermometer.h5 --chains 2 --steps 3 -o read.h5
flow rbm rbm.h5 --starts spins.h5 --equation-of-state table.h5 --chains 1 --steps 1 -o one.h5
flow rbm binary.h5 --starts spins.h5 --mode mean-field --chains 2 --steps 20 -o mean.h5
flow block-spin spins.h5 --equation-of-state table.h5 --chains 2 --steps 1 -o blocks.h5
weights rbm.h5 --spins spins.h5 -o weights.h5
weights rbm.h5 --spins spins.h5 --set modes=1 -o leading.h5
likelihood rbm.h5 --spins spins.h5 -o likelihood.h5
likelihood binary.h5 --spins spins.h5 --method annealed --chains 10 --steps 2 -o annealed.h5
info spins.h5
info rbm.h5 --json
info flow.h5
info weights.h5
info likelihood.h5
info thermometer.h5
export spins.h5 --dataset samples -o samples.npy
export rbm.h5 --dataset weights -o weights.npy
import samples.npy --temperature 1 -o imported.h5";

/// The samplers, for the smallest lattice.
const SAMPLERS: [&str; 10] = [
    "--algorithm metropolis",
    "--algorithm heat-bath",
    "--algorithm wolff",
    "--algorithm swendsen-wang",
    "--algorithm checkerboard",
    "--algorithm coupling-from-the-past",
    "--algorithm metropolis --field 0.5",
    "--algorithm heat-bath --field=-1e6",
    "--model shuffled",
    "--model curie-weiss",
];

pub(crate) fn rows(extent: Extent) {
    for (name, sample, hidden) in EXTREMES {
        Row::of(name, "every verb", || extreme_data(sample, hidden));
    }
    Row::of("smallest lattices", "sample with every algorithm at L = 2, 3; T from 1e-300 to 1e300", samplers);
    Row::of("impossible and extreme settings", "each setting of each stage", || settings(extent.of(29, 1)));
    Row::of("files that do not fit together", "each stage; every file as every input", || {
        mismatched(extent.of(31, 1))
    });
}

/// What calls came to.
#[derive(Default)]
struct Tally {
    done: u64,
    refused: u64,
    interrupted: u64,
}

impl Tally {
    /// A call that is done, with a file that can be verified if it makes one, or refused with the reason.
    fn call(&mut self, path: &Path, line: &str) -> Result<Ended> {
        let mut command = words(path, line)?;
        command.args(["-q", "--jobs", "2"]);
        let ended = call(&mut limited(&command, "memory", MEMORY)?)?;
        self.judge(path, line, &ended).with_context(|| format!("`{line}`"))?;
        Ok(ended)
    }

    fn judge(&mut self, path: &Path, line: &str, ended: &Ended) -> Result<()> {
        ended.sane()?;
        let output = line.split_once(" -o ").map(|(_, name)| path.join(name));
        match ended.code {
            Some(0) => {
                self.done += 1;
                if let Some(output) = output.filter(|path| path.extension().is_some_and(|end| end == "h5")) {
                    datasets::file::verify(&output)?;
                }
                return Ok(());
            }
            Some(130) => self.interrupted += 1,
            Some(1..=3) => self.refused += 1,
            _ => anyhow::bail!("ended with {}: {}", ended.how(), ended.err),
        }
        ensure!(ended.err.starts_with("error: "), "said: {}", ended.err);
        ensure!(output.is_none_or(|path| !path.exists()), "made a file all the same");
        Ok(())
    }

    fn outcome(&self, more: &str) -> Outcome {
        let Self { done, refused, interrupted } = self;
        let stopped =
            if *interrupted > 0 { format!(", {interrupted} stopped in time") } else { String::new() };
        Ok((
            done + refused + interrupted,
            format!("{done} done and verified, {refused} refused{stopped}{more}"),
        ))
    }
}

fn succeed(path: &Path, line: &str) -> Result<()> {
    call(words(path, line)?.arg("-q"))?.succeeded().with_context(|| line.to_owned())
}

fn extreme_data(sample: &str, hidden: u32) -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    succeed(path, &format!("sample {sample} -o spins.h5"))?;
    succeed(path, &format!("sample {sample} --seed 9 -o test.h5"))?;
    let size = sample.split_whitespace().nth(1).context("a size")?;
    succeed(path, &format!("equation-of-state -L {size} --temperatures 0:6:0.5 -o table.h5"))?;
    let mut tally = Tally::default();
    let mut reasons = vec![];
    for line in VERBS.lines() {
        let ended = tally.call(path, &line.replace("{N}", &hidden.to_string()))?;
        if ended.code != Some(0) && !ended.err.contains("does not exist") {
            let verb =
                line.split(".h5").next().unwrap_or(line).rsplit_once(' ').map_or(line, |(verb, _)| verb);
            let text = ended.err.trim().trim_start_matches("error: ").replace(['\n', '\t'], " ");
            reasons.push(format!("{verb}: {}", text.chars().take(90).collect::<String>()));
        }
    }
    reasons.dedup();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join("; ")) };
    tally.outcome(&reasons)
}

fn samplers() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut tally = Tally::default();
    for size in [2, 3] {
        for temperatures in ["0", "inf", "1e-300,1e-3,1,tc,1e3,1e300"] {
            for more in SAMPLERS {
                let line = format!(
                    "sample -L {size} --temperatures {temperatures} --samples-per-temperature 3 {more} --time-limit 2 -o out.h5"
                );
                tally.call(folder.path(), &line)?;
                let _ = std::fs::remove_file(folder.path().join("out.h5"));
            }
        }
    }
    tally.outcome("")
}

/// Each stage with its files and settings that are quick.
const STAGES: [(&str, &str); 8] = [
    ("sample", "size=4 temperatures=1,2.5 samples_per_temperature=5 field algorithm model seed"),
    ("equation-of-state", "size=4 temperatures=0,1,2.5 field effective_samples seed"),
    (
        "train spins.h5",
        "hidden=3 epochs=2 units biases learning_rate batch_size algorithm optimizer centred chains tempering_levels \
         gibbs_steps momentum weight_decay initial_deviation temperatures monitor_every monitor_samples seed",
    ),
    (
        "thermometer train spins.h5 --test test.h5 --equation-of-state table.h5",
        "epochs=2 hidden batch_size learning_rate augment validation_fraction patience seed",
    ),
    (
        "flow rbm rbm.h5 --starts spins.h5 --equation-of-state table.h5",
        "steps=10 chains=5 mode start_temperatures snapshots seed fixed_point.window fixed_point.deviations \
         fixed_point.energy_tolerance record.every",
    ),
    ("flow block-spin spins.h5", "steps=1 chains=5 start_temperatures snapshots seed"),
    ("weights rbm.h5 --spins spins.h5", "temperatures modes"),
    ("likelihood rbm.h5 --spins spins.h5", "method chains steps burn_in temperatures seed"),
];

/// Values that are numbers of all sizes, lists, texts and nothing.
const VALUES: [&str; 30] = [
    "-1",
    "0",
    "1",
    "2",
    "3",
    "12",
    "65536",
    "2147483648",
    "4294967295",
    "4294967296",
    "1099511627776",
    "9223372036854775807",
    "18446744073709551615",
    "-0.0",
    "0.5",
    "0.999999",
    "1e-320",
    "1e-30",
    "1e30",
    "1e308",
    "inf",
    "-inf",
    "nan",
    "",
    "x",
    "[]",
    "[1]",
    "1,1",
    "true",
    "0:65535:1",
];

/// Each setting with each value, the others as they are. What takes long is stopped after a second.
fn settings(stride: usize) -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    succeed(path, "sample -L 4 --temperatures 1,2.5 --samples-per-temperature 20 -o spins.h5")?;
    succeed(path, "sample -L 4 --temperatures 1,2.5 --samples-per-temperature 20 --seed 9 -o test.h5")?;
    succeed(path, "train spins.h5 --hidden 3 --epochs 1 -o rbm.h5")?;
    succeed(path, "equation-of-state -L 4 --temperatures 0:6:1 -o table.h5")?;
    let mut tally = Tally::default();
    let mut slowest = (Duration::ZERO, String::new());
    let mut cases = 0;
    for (stage, list) in STAGES {
        let settings: Vec<(&str, &str)> =
            list.split_whitespace().map(|setting| setting.split_once('=').unwrap_or((setting, ""))).collect();
        for (changed, _) in &settings {
            for value in VALUES {
                cases += 1;
                if cases % stride != 0 {
                    continue;
                }
                let mut command = words(path, stage)?;
                for (name, usual) in
                    settings.iter().filter(|(name, usual)| name != changed && !usual.is_empty())
                {
                    command.arg(format!("--{}={usual}", name.replace('_', "-")));
                }
                // Both ways of setting it.
                let own = call(words(path, stage.split(' ').next().unwrap_or(stage))?.arg("--help"))?.out;
                let argument = format!("--{}", changed.replace('_', "-"));
                if own.contains(&format!("{argument} ")) && cases % 2 == 0 {
                    command.arg(format!("{argument}={value}"));
                } else {
                    command.args(["--set", &format!("{changed}={value}")]);
                }
                command.args(["-q", "--jobs", "2", "--time-limit", "1", "-o", "out.h5"]);
                let since = Instant::now();
                let ended = call(&mut limited(&command, "memory", MEMORY)?)?;
                let line = format!("{stage} {changed}={value} -o out.h5");
                slowest = slowest.max((since.elapsed(), line.clone()));
                tally.judge(path, &line, &ended).with_context(|| format!("`{line}`"))?;
                for left in ["out.h5", "out.h5.checkpoint"] {
                    let _ = std::fs::remove_file(path.join(left));
                }
            }
        }
    }
    tally.outcome(&format!(", the slowest after {:.1} s: `{}`", slowest.0.as_secs_f64(), slowest.1))
}

/// Stages with a place for each input file.
const PLACES: [&str; 8] = [
    "train {spins.h5} {spins.h5} --hidden 2 --epochs 1",
    "thermometer train {spins.h5} --test {spins.h5} --equation-of-state {table.h5} --epochs 1",
    "thermometer measure {spins.h5} --thermometer {thermometer.h5} --equation-of-state {table.h5}",
    "flow rbm {rbm.h5} --starts {spins.h5} --thermometer {thermometer.h5} --equation-of-state {table.h5} --chains 2 --steps 2",
    "flow block-spin {spins.h5} --thermometer {thermometer.h5} --equation-of-state {table.h5} --chains 2 --steps 1",
    "weights {rbm.h5} --spins {spins.h5}",
    "likelihood {rbm.h5} --spins {spins.h5} --chains 10 --steps 2",
    "compare {figures.h5} {figures.h5}",
];

/// Every pair of places of each stage is taken by every pair of files, of all schemas and several lattices.
fn mismatched(stride: usize) -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    for line in [
        "sample -L 4 --temperatures 1:3:1 --samples-per-temperature 10 -o spins.h5",
        "sample -L 4 --temperatures 1:3:1 --samples-per-temperature 10 --seed 9 -o test.h5",
        "sample -L 4 --temperatures 2.5 --samples-per-temperature 10 --field 0.5 -o field.h5",
        "sample -L 2 --temperatures 1:3:1 --samples-per-temperature 10 -o spins2.h5",
        "sample -L 2 --temperatures 1:3:1 --samples-per-temperature 10 --seed 9 -o test2.h5",
        "sample -L 7 --temperatures inf --samples-per-temperature 10 -o spins7.h5",
        "train spins.h5 --hidden 3 --epochs 1 -o rbm.h5",
        "train spins7.h5 --hidden 2 --epochs 1 --units binary --biases -o rbm7.h5",
        "equation-of-state -L 4 --temperatures 0:6:0.5 -o table.h5",
        "equation-of-state -L 4 --temperatures 0:6:0.5 --field 0.5 -o table-field.h5",
        "equation-of-state -L 7 --temperatures 0,6 -o table7.h5",
        "thermometer train spins.h5 --test test.h5 --epochs 1 -o thermometer.h5",
        "thermometer train spins2.h5 --test test2.h5 --epochs 1 -o thermometer2.h5",
        "flow rbm rbm.h5 --starts spins.h5 --chains 2 --steps 2 -o flow.h5",
        "weights rbm.h5 --spins spins.h5 -o weights.h5",
        "likelihood rbm.h5 --spins spins.h5 -o likelihood.h5",
    ] {
        succeed(path, line)?;
    }
    let figures = rbmflow_tests::root().join("data/golden/rbmflow.figures-1.0.h5");
    std::fs::copy(figures, path.join("figures.h5"))?;
    let mut files = vec![];
    for entry in std::fs::read_dir(path)? {
        files.push(entry?.file_name().to_string_lossy().into_owned());
    }
    files.sort();
    let mut tally = Tally::default();
    let mut cases = 0;
    for stage in PLACES {
        let usual: Vec<&str> = stage.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        for first in 0..usual.len() {
            for second in first + 1..usual.len() {
                for (a, b) in files.iter().flat_map(|a| files.iter().map(move |b| (a, b))) {
                    cases += 1;
                    if cases % stride != 0 {
                        continue;
                    }
                    let mut inputs = usual.clone();
                    (inputs[first], inputs[second]) = (a, b);
                    let mut line = String::new();
                    for (index, part) in stage.split(['{', '}']).enumerate() {
                        line.push_str(if index % 2 == 0 { part } else { inputs[index / 2] });
                    }
                    let output = if stage.starts_with("compare") { "out.html" } else { "out.h5" };
                    if !stage.contains("measure") {
                        line.push_str(&format!(" -o {output}"));
                    }
                    tally.call(path, &line)?;
                    let _ = std::fs::remove_file(path.join(output));
                }
            }
        }
    }
    tally.outcome(&format!(" ({} files)", files.len()))
}
