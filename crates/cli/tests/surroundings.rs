//! What surrounds the program: terminals and disks that are gone, variables of clusters, ignored signals, odd paths.
#![cfg(unix)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use common::{call, fail, folder, rbmflow, succeed};

const SAMPLE: &str = "sample --size 4 --temperatures 2 --samples-per-temperature 9";

/// An experiment of a second, whose export has two levels at least.
const EXPERIMENT: &str = r#"
name = "small"
[lattice]
size = 4
[sample]
temperatures = "1,3"
samples_per_temperature = 20
[thermometer]
samples_per_temperature = 40
epochs = 1
[flow]
starts = "0,inf"
chains = 10
steps = 3
"#;

#[test]
fn stderr_that_cannot_be_written_stops_nothing() {
    let folder = folder();
    fs::write(folder.path().join("e.toml"), EXPERIMENT).unwrap();
    let full = || Stdio::from(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let run = |words: &str| {
        let mut command = rbmflow();
        command.current_dir(folder.path()).args(words.split(' ')).stdout(Stdio::null());
        command.stderr(full()).status().unwrap().code()
    };
    assert_eq!(run("run e.toml --out full"), Some(0));
    assert_eq!(run(&format!("{SAMPLE} --out s.h5")), Some(0));
    assert_eq!(run("sample --size 1 --temperatures 2 --samples-per-temperature 9 --out t.h5"), Some(2));
    // The reader goes away after the first line.
    let mut command = rbmflow();
    command.current_dir(folder.path()).args(["run", "e.toml", "--out", "closed"]).stdout(Stdio::null());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(folder.path().join("closed/report.html").is_file());
}

#[test]
fn variables_of_hdf5_have_no_effect() {
    let folder = folder();
    for (name, value) in [
        ("HDF5_DRIVER", "split"),
        ("HDF5_VOL_CONNECTOR", "nowhere"),
        ("HDF5_PLUGIN_PATH", "/nowhere"),
        ("HDF5_PLUGIN_PRELOAD", "::"),
        ("HDF5_USE_FILE_LOCKING", "nonsense"),
        ("HDF5_DISABLE_VERSION_CHECK", "nonsense"),
        ("HDF5_DEBUG", "all"),
        ("HDF5_PREFER_PARALLEL", "1"),
    ] {
        let mut command = rbmflow();
        command.current_dir(folder.path()).args(SAMPLE.split(' ')).args(["--quiet", "--out", "s.h5"]);
        let output = command.env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{name}={value}: {output:?}");
        assert!(output.stderr.is_empty(), "{name}={value}: {output:?}");
        fs::remove_file(folder.path().join("s.h5")).unwrap();
    }
}

#[test]
fn an_end_of_a_batch_job_that_has_passed_is_no_limit() {
    let folder = folder();
    let mut command = rbmflow();
    command.current_dir(folder.path()).args(SAMPLE.split(' ')).args(["--out", "s.h5"]);
    let output = command.env("SLURM_JOB_END_TIME", "1000").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn a_signal_that_was_ignored_at_the_start_stays_ignored() {
    let folder = folder();
    // A shell has its background jobs ignore SIGINT.
    let program = rbmflow().get_program().to_owned();
    let script = r#"trap "" INT; "$0" sample -q -L 32 --temperatures 2.3:2.4:0.02 --samples-per-temperature 500 -o s.h5 &
        sleep 0.3; kill -INT $!; wait $!"#;
    let mut shell = Command::new("sh");
    let output = shell.current_dir(folder.path()).args(["-c", script]).arg(program).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn slurm_gives_the_number_of_threads_and_its_lack_is_told_with_a_cure() {
    let folder = folder();
    let script = r#"ulimit -v 4000000; exec "$0" "$@""#;
    let program = rbmflow().get_program().to_owned();
    let words = format!("{SAMPLE} --jobs 30000 --out s.h5");
    let mut shell = Command::new("sh");
    shell.current_dir(folder.path()).args(["-c", script]).arg(program).args(words.split(' '));
    let output = shell.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("-j N") && text.lines().count() == 1, "{text}");
}

#[test]
fn exports_work_in_folders_of_any_name() {
    let folder = folder();
    fs::write(folder.path().join("e.toml"), EXPERIMENT).unwrap();
    let odd = folder.path().join("a 50%noise");
    let plan = |format: &str| {
        let mut command = rbmflow();
        command.current_dir(folder.path()).args(["plan", "e.toml", "--format", format, "--out"]).arg(&odd);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let printed = plan("snakemake");
    assert!(printed.contains(&format!("'{}/snakemake'", odd.display())), "{printed}");
    plan("slurm");
    // In place of Slurm: says what it is given, and how long arrays may be.
    let stand_in = |name: &str, text: &str| {
        let path = folder.path().join("bin").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    stand_in("sbatch", r#"printf '%s\n' "$@" | grep -e --output >&2; echo 1"#);
    stand_in("scontrol", r#"echo "MaxArraySize            = 1001""#);
    let path = format!("{}:{}", folder.path().join("bin").display(), std::env::var("PATH").unwrap());
    let submit = || Command::new(odd.join("slurm/submit.sh")).env("PATH", &path).output().unwrap();
    let output = submit();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{output:?}");
    assert!(text.contains("a 50%%noise/slurm/log"), "{text}");
    stand_in("scontrol", r#"echo "MaxArraySize            = 1""#);
    let output = submit();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("--bundle-minutes") && text.lines().count() == 1, "{text}");
    // Of old versions of bash, an empty array is no array.
    let script = fs::read_to_string(odd.join("slurm/submit.sh")).unwrap();
    assert!(script.contains(r#"${after[@]+"${after[@]}"}"#), "{script}");
}

#[test]
fn a_terminal_obeys_nothing_that_a_foreign_file_says() {
    let folder = folder();
    common::write_spins::<1, 0>(folder.path().join("evil.h5"), |tree| {
        tree.set("algorithm", "\u{1b}]0;title\u{7}\u{1b}[31mred");
    });
    let output = call(folder.path(), "info evil.h5");
    assert!(output.status.success(), "{output:?}");
    assert!(!output.stdout.contains(&0x1b), "{:?}", String::from_utf8_lossy(&output.stdout));
    common::write_spins::<1, 0>(folder.path().join("worse.h5"), |tree| {
        tree.set("boundary", "\u{1b}[31mopen");
    });
    let output = call(folder.path(), "info worse.h5");
    assert!(!output.status.success() && !output.stderr.contains(&0x1b), "{output:?}");
    fail(folder.path(), "info worse.h5", 3, &["boundary"]);
    succeed(folder.path(), &format!("{SAMPLE} --out s.h5"));
}
