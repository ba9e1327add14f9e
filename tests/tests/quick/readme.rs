//! Every command and every script of the README runs, in order, in an empty folder.

use std::path::Path;
use std::process::Command;

use rbmflow_tests::{python, quick_run, rbmflow, root, succeed};

/// The code blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("README.md")).expect("the README");
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
}

/// The commands of all shell blocks, without comments.
fn commands() -> Vec<String> {
    let lines: Vec<String> =
        blocks("sh").iter().flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    lines
        .iter()
        .map(|line| line.split('#').next().unwrap_or_default().trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn every_command_runs_as_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir(folder.path().join("out")).expect("a new folder");
    // The quick run is long and shared by all tests: here the command finds it finished, and says so.
    copy(quick_run(), &folder.path().join("out/quick"));
    copy(&root().join("data/experiments"), &folder.path().join("data/experiments"));
    let mut ran = 0;
    for command in commands() {
        let words: Vec<&str> = command.split_whitespace().collect();
        match words[..] {
            // These two build and run everything, this test included; here their arguments are only understood.
            ["cargo", "xtask", verb, ..] => {
                succeed(Command::new(env!("CARGO")).current_dir(root()).args(["xtask", verb, "--help"]));
            }
            ["rbmflow", ..] => {
                succeed(rbmflow().current_dir(folder.path()).args(&words[1..]));
            }
            _ => panic!("`{command}` is of a kind that this test does not know"),
        }
        ran += 1;
    }
    assert!(ran >= 10, "only {ran} commands were found");
    for script in blocks("python") {
        let output = succeed(python().current_dir(folder.path()).arg("-c").arg(script));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("rbmflow.spins 8 (2600, 64)"), "{text}");
        assert!(text.contains("T = 0.00   energy per spin -2.0000 +- 0.0000"), "{text}");
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a new folder");
    for (name, bytes) in rbmflow_tests::contents(from) {
        let file = to.join(name);
        std::fs::create_dir_all(file.parent().expect("a file has a folder")).expect("a new folder");
        std::fs::write(file, bytes).expect("a copy");
    }
}
