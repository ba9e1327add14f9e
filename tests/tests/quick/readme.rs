//! Every command and every script of the README and of the documents runs, in order, in an empty folder.

use std::path::Path;
use std::process::Command;

use rbmflow_tests::{python, quick_run, rbmflow, root, succeed};

/// The code blocks of a document in the languages that are run: language and text.
fn blocks(document: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join(document)).expect("a document");
    let fenced = text.split("\n```").skip(1).step_by(2);
    fenced
        .filter_map(|block| block.split_once('\n'))
        .filter(|(language, _)| ["sh", "python"].contains(language))
        // What needs the Python package is run by the package's own tests.
        .filter(|(_, text)| !text.contains("import rbmflow") && !text.contains("pip install"))
        .map(|(language, text)| (language.to_owned(), text.to_owned()))
        .collect()
}

/// Runs a command of a document in a folder.
fn run(command: &str, folder: &Path) {
    let words: Vec<&str> = command.split_whitespace().collect();
    match words[..] {
        // These two build and run everything, this test included; here their arguments are only understood.
        ["cargo", "xtask", verb, ..] => {
            succeed(Command::new(env!("CARGO")).current_dir(root()).args(["xtask", verb, "--help"]));
        }
        ["rbmflow", ..] => {
            succeed(rbmflow().current_dir(folder).args(&words[1..]));
        }
        _ => panic!("`{command}` is of a kind that this test does not know"),
    }
}

/// Runs all blocks of a document in a folder; returns what its scripts printed and how many commands there were.
fn run_all(document: &str, folder: &Path) -> (String, usize) {
    let (mut printed, mut commands) = (String::new(), 0);
    for (language, text) in blocks(document) {
        if language == "python" {
            let output = succeed(python().current_dir(folder).arg("-c").arg(text));
            printed.push_str(&String::from_utf8_lossy(&output.stdout));
        } else {
            // Without comments.
            let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
            for command in lines.filter(|line| !line.is_empty()) {
                run(command, folder);
                commands += 1;
            }
        }
    }
    (printed, commands)
}

#[test]
fn the_readme_runs_as_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir(folder.path().join("out")).expect("a new folder");
    // The quick run is long and shared by all tests: here the command finds it finished, and says so.
    copy(quick_run(), &folder.path().join("out/quick"));
    copy(&root().join("data/experiments"), &folder.path().join("data/experiments"));
    let (printed, commands) = run_all("README.md", folder.path());
    assert!(commands >= 10, "only {commands} commands were found");
    assert!(printed.contains("rbmflow.spins square [8 8] (2600, 64)"), "{printed}");
    assert!(printed.contains("T = 0.00   energy per spin -2.0000 +- 0.0000"), "{printed}");
}

#[test]
fn the_reference_of_the_files_runs_as_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_, commands) = run_all("docs/format.md", folder.path());
    assert_eq!(commands, 2);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a new folder");
    for (name, bytes) in rbmflow_tests::contents(from) {
        let file = to.join(name);
        std::fs::create_dir_all(file.parent().expect("a file has a folder")).expect("a new folder");
        std::fs::write(file, bytes).expect("a copy");
    }
}
