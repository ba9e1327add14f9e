//! Whole runs of a tiny experiment: nothing is done twice, and nothing out of date stays.

mod common;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use common::{SECTIONS, call, fail, succeed};

const HEAD: &str = r#"
name = "tiny"
replicas = 2
"#;

const MACHINES: &str = r#"
[map]
[weights]
[block_spin]
size = 4
temperatures = "2,3"
samples_per_temperature = 20
[[training]]
name = "V"
temperatures = "0,1:4:1"
hidden = [2, 4]
epochs = 3
[[training]]
name = "L"
temperatures = "L"
hidden = 4
epochs = 3
"#;

/// The experiment.
fn tiny() -> String {
    [HEAD, SECTIONS, MACHINES].concat()
}

/// All files of a run with their bytes.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = vec![];
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes = fs::read(&path).expect("readable");
                files.push((path, bytes));
            }
        }
    }
    files.sort();
    files
}

fn run(path: &Path) -> String {
    succeed(path, "run tiny.toml --out run")
}

/// The names of the jobs that were done.
fn made(output: &str) -> Vec<String> {
    let words = output.lines().filter(|line| line.starts_with('[') && line.contains(" made "));
    words
        .map(|line| {
            line.split(']').nth(1).expect("a name").split_whitespace().next().expect("a name").to_owned()
        })
        .collect()
}

#[test]
fn a_run_is_done_once_and_only_what_depends_on_a_change_is_redone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    fs::write(path.join("tiny.toml"), tiny()).expect("writable");
    let first = run(path);
    assert!(first.contains("claims:") && first.contains("report.html"), "{first}");
    let before = contents(&path.join("run"));
    for name in ["report.html", "claims.json", "experiment.toml", "data/figures.h5", "data/r1/V-4/flow.h5"] {
        assert!(path.join("run").join(name).exists(), "{name}");
    }
    let again = run(path);
    assert!(again.contains("nothing to do"), "{again}");
    assert_eq!(contents(&path.join("run")), before);
    assert!(succeed(path, "verify run").contains("as they were made"));
    let status = succeed(path, "status run");
    assert!(status.lines().last().expect("a line").ends_with("jobs are done"), "{status}");
    assert!(!status.contains("stale") && !status.contains("missing"), "{status}");

    // The resolved experiment in the folder is the same experiment.
    let resolved = succeed(path, "run run/experiment.toml --out run");
    assert!(resolved.contains("nothing to do"), "{resolved}");

    // Longer flows need no new machines.
    fs::write(path.join("tiny.toml"), tiny().replace("steps = 8", "steps = 9")).expect("writable");
    let redone = made(&run(path));
    assert!(
        redone.iter().all(|name| name.ends_with("/flow") || name == "figures" || name == "report"),
        "{redone:?}"
    );
    assert_eq!(redone.len(), 2 * 3 + 2, "{redone:?}");
    fs::write(path.join("tiny.toml"), tiny()).expect("writable");
    run(path);
    assert_eq!(contents(&path.join("run")), before);

    // What is deleted or damaged comes back with the same bytes; what depends on it stays, as it is the same again.
    fs::remove_file(path.join("run/data/r0/V-2/rbm.h5")).expect("there");
    let spins = path.join("run/data/r1/spins.h5");
    let mut damaged = fs::read(&spins).expect("there");
    damaged[700] ^= 1;
    fs::write(&spins, damaged).expect("writable");
    let picture = path.join("run/figures/F01.svg");
    let mut damaged = fs::read(&picture).expect("there");
    damaged[100] ^= 1;
    fs::write(&picture, damaged).expect("writable");
    let status = succeed(path, "status run");
    assert!(status.contains("missing") && status.contains("stale"), "{status}");
    let mut redone = made(&run(path));
    redone.sort();
    assert_eq!(redone, ["r0/V-2/rbm", "r1/spins", "report"]);
    assert_eq!(contents(&path.join("run")), before);

    // What another version of the program drew is drawn again.
    let claims = fs::read_to_string(path.join("run/claims.json")).expect("readable");
    let older = claims.replace(concat!("rbmflow ", env!("CARGO_PKG_VERSION")), "rbmflow 0.0.0");
    fs::write(path.join("run/claims.json"), older).expect("writable");
    assert_eq!(made(&run(path)), ["report"]);
    assert_eq!(contents(&path.join("run")), before);

    fs::write(path.join("run/data/r0/stranger.h5"), "").expect("writable");
    fail(path, "verify run", 3, &["stranger.h5", "no file of this run"]);
}

#[test]
fn pictures_of_other_styles_are_made_on_request_and_stay_with_the_report() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    let machine = "[[training]]\nname = \"V\"\ntemperatures = \"0,1:4:1\"\nhidden = 2\nepochs = 3\n";
    fs::write(path.join("tiny.toml"), ["name = \"tiny\"\n", SECTIONS, machine].concat()).expect("writable");
    run(path);
    let page = fs::read(path.join("run/report.html")).expect("readable");
    let picture = |name: &str| fs::read_to_string(path.join("run/figures").join(name)).expect("a picture");
    let plain = picture("F05.svg");
    assert!(!path.join("run/figures/column").exists());

    succeed(path, "report run --style column");
    assert!(picture("column/F05.svg").contains("width=\"86mm\""));
    assert!(path.join("run/figures/column/F05.png").exists() && !path.join("run/figures/slides").exists());
    assert_eq!(picture("F05.svg"), plain);
    assert_eq!(
        fs::read(path.join("run/report.html")).expect("readable"),
        page,
        "the page has its own pictures"
    );
    succeed(path, "verify run");
    assert!(run(path).contains("nothing to do"));

    // They are part of the report until their folder is deleted.
    fs::remove_dir_all(path.join("run/figures/column")).expect("there");
    assert!(succeed(path, "status run").contains("stale"));
    assert_eq!(made(&succeed(path, "run tiny.toml --out run --style page,slides")), ["report"]);
    assert!(picture("slides/Q1.svg").contains("width=\"338.67mm\" height=\"190.5mm\""));
    assert!(!path.join("run/figures/column").exists());
    succeed(path, "verify run");
    let refused = call(path, "report run --style poster");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("the styles are page, column, and slides"));
}

#[test]
fn a_folder_has_one_run_at_a_time_and_of_one_experiment() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    fs::write(path.join("tiny.toml"), tiny()).expect("writable");
    fs::create_dir(path.join("run")).expect("writable");
    let lock = path.join("run/.rbmflow.lock");
    fs::write(&lock, "12345\n").expect("writable");
    let held = File::open(&lock).expect("there");
    held.lock().expect("a lock");
    fail(path, "run tiny.toml --out run", 7, &["in use by process 12345"]);
    drop(held);
    fs::write(path.join("run/experiment.toml"), "name = \"other\"\n").expect("writable");
    fail(path, "run tiny.toml --out run", 2, &["experiment `other`, not `tiny`"]);
    assert!(!lock.exists());
    fail(path, "run tiny.toml --out fresh --memory 3", 2, &["MB", "--memory"]);
}

#[test]
fn a_failing_job_stops_only_what_depends_on_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    // The second machine's learning rate makes it diverge.
    let text = tiny().replace("replicas = 2", "replicas = 1")
        + "learning_rate = 1e30\n[[training]]\nname = \"M\"\ntemperatures = \"2\"\nhidden = 2\nepochs = 2\n";
    fs::write(path.join("tiny.toml"), text).expect("writable");
    fail(path, "run -q tiny.toml --out run", 1, &["r0/L-4/rbm", "training diverged", "could not be done"]);
    assert!(path.join("run/data/r0/M-2/flow.h5").exists());
    assert!(!path.join("run/data/figures.h5").exists());
    let status = succeed(path, "status run");
    assert!(status.contains("failed   r0/L-4/rbm"), "{status}");
}

#[test]
fn plans_name_commands_and_times() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    fs::write(path.join("tiny.toml"), tiny()).expect("writable");
    let text = succeed(path, "plan tiny.toml --all");
    assert!(text.contains("rbmflow train data/r0/spins.h5 "), "{text}");
    let json: serde_json::Value =
        serde_json::from_str(&succeed(path, "plan tiny.toml --format json -o run")).expect("JSON");
    let jobs = json["jobs"].as_array().expect("a list");
    // Doing every job by its command line is the same as running the experiment.
    run(path);
    let expected = contents(&path.join("run"));
    fs::create_dir_all(path.join("other/run")).expect("writable");
    fs::copy(path.join("run/experiment.toml"), path.join("other/run/experiment.toml")).expect("writable");
    for job in jobs {
        let output = Path::new(job["output"].as_str().expect("a path"));
        let words: Vec<&str> = job["command"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|word| word.as_str().expect("a word"))
            .collect();
        fs::create_dir_all(path.join("other").join(output).parent().expect("a folder")).expect("writable");
        let status = common::rbmflow().current_dir(path.join("other")).arg("-q").args(&words[1..]).status();
        assert!(status.expect("the program can be started").success(), "{words:?}");
    }
    let found = contents(&path.join("other/run"));
    let strip = |files: Vec<(PathBuf, Vec<u8>)>, root: PathBuf| -> Vec<(PathBuf, Vec<u8>)> {
        files
            .into_iter()
            .map(|(file, bytes)| (file.strip_prefix(&root).expect("below").to_owned(), bytes))
            .collect()
    };
    assert!(strip(found, path.join("other/run")) == strip(expected, path.join("run")));
}
