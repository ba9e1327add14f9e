//! The parts of a plan done by many processes in one folder give what one process gives.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use rbmflow_tests::{assert_same_files, rbmflow, root, run_experiment, succeed};

const LEVELS: usize = 5;

fn part(experiment: &Path, folder: &Path, level: usize, task: &str) -> Command {
    let mut command = rbmflow();
    command.args(["run", "--quiet", "--jobs", "1", "--level", &level.to_string(), "--task", task]);
    command.arg(experiment).arg("--out").arg(folder);
    command
}

#[test]
fn parts_at_the_same_time_make_the_files_of_one_run() {
    let experiment = root().join("tests/experiments/tiny.toml");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    let scratch = folder.path().join("scratch");
    std::fs::create_dir(&scratch).expect("a new folder");
    run_experiment(&experiment, &whole, &[]);
    for level in 1..=LEVELS {
        // Each part twice, as when a job is queued again while its first run is still alive on a lost node.
        let children: Vec<Child> = ["1/3", "2/3", "3/3", "1/3", "2/3", "3/3"]
            .iter()
            .map(|task| {
                let mut command = part(&experiment, &parts, level, task);
                command.arg("--scratch").arg(&scratch);
                command.spawn().expect("the program can be started")
            })
            .collect();
        for mut child in children {
            assert!(child.wait().expect("a child ends").success(), "level {level}");
        }
    }
    assert_same_files(&whole, &parts);
    assert_eq!(
        std::fs::read_dir(&scratch).expect("a folder").count(),
        0,
        "something was left in the scratch folder"
    );
    succeed(rbmflow().arg("verify").arg(&parts));
    let again = run_experiment(&experiment, &parts, &[]);
    assert!(again.status.success());
}

#[test]
fn parts_survive_being_killed_and_leave_nothing_behind() {
    let experiment = root().join("tests/experiments/tiny.toml");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    run_experiment(&experiment, &whole, &[]);
    for level in 1..=LEVELS {
        for milliseconds in [3, 10, 25] {
            let mut child =
                part(&experiment, &parts, level, "1/2").stdout(Stdio::null()).spawn().expect("started");
            std::thread::sleep(std::time::Duration::from_millis(milliseconds));
            // It may have ended by itself.
            let _ = child.kill();
            child.wait().expect("a child ends");
        }
        for task in ["1/2", "2/2"] {
            succeed(&mut part(&experiment, &parts, level, task));
        }
    }
    // What killed processes left behind is in nobody's way, and a whole run clears it up.
    run_experiment(&experiment, &parts, &[]);
    assert_same_files(&whole, &parts);
}

#[test]
fn impossible_parts_are_refused_in_one_line() {
    let experiment = root().join("tests/experiments/tiny.toml");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let refusal = |level, task: &str| {
        let output =
            part(&experiment, folder.path(), level, task).output().expect("the program can be started");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), text)
    };
    let (code, text) = refusal(2, "1/2");
    assert!(code == Some(3) && text.contains("all lower levels must have been done first"), "{text}");
    let (code, text) = refusal(LEVELS + 1, "1/2");
    assert!(code == Some(2) && text.contains("levels of this experiment are 1 to 5"), "{text}");
    let (code, text) = refusal(1, "3/2");
    assert!(code == Some(2) && text.contains("I/N"), "{text}");
    // More parts than jobs: some have nothing to do.
    succeed(&mut part(&experiment, folder.path(), 1, "64/64"));
}

#[test]
fn exported_scripts_are_sound_and_stay_the_same() {
    let experiment = root().join("tests/experiments/tiny.toml");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let export = |format: &str| {
        let mut command = rbmflow();
        command.args(["plan", "--bundle-minutes", "0.001", "--format", format]);
        succeed(command.arg(&experiment).arg("--out").arg(folder.path()));
        rbmflow_tests::contents(&folder.path().join(format))
    };
    let slurm = export("slurm");
    assert_eq!(slurm.len(), LEVELS + 1);
    for (name, _) in &slurm {
        succeed(Command::new("bash").arg("-n").arg(folder.path().join("slurm").join(name)));
    }
    assert_eq!(slurm, export("slurm"));
    assert_eq!(export("snakemake").len(), 3);
    // A folder that holds another experiment's results is not taken over.
    let other = folder.path().join("other.toml");
    let text = std::fs::read_to_string(&experiment).expect("the experiment");
    std::fs::write(&other, text.replace("name = \"tiny\"", "name = \"other\"")).expect("another experiment");
    let mut command = rbmflow();
    command.args(["plan", "--format", "slurm"]).arg(&other).arg("--out").arg(folder.path());
    assert_eq!(command.output().expect("the program can be started").status.code(), Some(2));
}
