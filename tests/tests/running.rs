//! Running an experiment again, changed, interrupted.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rbmflow_tests::{assert_same_files, rbmflow, root, run_experiment, succeed};

fn tiny() -> String {
    std::fs::read_to_string(root().join("tests/experiments/tiny.toml")).expect("the tiny experiment")
}

fn output(command: &mut Command) -> String {
    let output = succeed(command);
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn run(experiment: &Path, folder: &Path) -> String {
    output(rbmflow().arg("run").arg(experiment).arg("--out").arg(folder))
}

#[test]
fn a_second_run_does_nothing_and_a_change_redoes_only_what_depends_on_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (experiment, out) = (folder.path().join("tiny.toml"), folder.path().join("out"));
    std::fs::write(&experiment, tiny()).expect("a written experiment");
    run(&experiment, &out);
    let before =
        std::fs::metadata(out.join("data/r0/spins.h5")).expect("a result").modified().expect("a time");
    let second = run(&experiment, &out);
    assert!(second.contains("nothing to do"), "{second}");

    let changed = tiny().replace("steps = 20", "steps = 24");
    assert_ne!(changed, tiny());
    std::fs::write(&experiment, changed).expect("a written experiment");
    let third = run(&experiment, &out);
    let made = |what: &str| third.lines().any(|line| line.contains(what) && line.contains("made"));
    assert!(made("V-8/flow") && made("figures"), "{third}");
    assert!(!made("/spins") && !made("/rbm") && !made("/thermometer"), "{third}");
    let after =
        std::fs::metadata(out.join("data/r0/spins.h5")).expect("a result").modified().expect("a time");
    assert_eq!(before, after);
    succeed(rbmflow().arg("verify").arg(&out));
}

/// A run that is killed again and again ends with the same bytes as one that is left alone.
#[test]
fn a_run_survives_being_killed() {
    let experiment = root().join("tests/experiments/tiny.toml");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (calm, killed) = (folder.path().join("calm"), folder.path().join("killed"));
    run_experiment(&experiment, &calm, &[]);
    let mut kills = 0;
    // The moments differ from attempt to attempt, so that different stages are hit.
    for milliseconds in (20..=400).step_by(35) {
        let mut child = rbmflow()
            .args(["run", "--quiet"])
            .arg(&experiment)
            .arg("--out")
            .arg(&killed)
            .stdout(Stdio::null())
            .spawn()
            .expect("the program can be started");
        std::thread::sleep(Duration::from_millis(milliseconds));
        if child.try_wait().expect("a child can be asked").is_none() {
            child.kill().expect("a running child can be killed");
            kills += 1;
        }
        child.wait().expect("a child ends");
    }
    assert!(kills >= 3, "only {kills} of the runs were still going on when they were to be killed");
    run_experiment(&experiment, &killed, &[]);
    assert_same_files(&calm, &killed);
}
