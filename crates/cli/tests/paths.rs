//! Paths that are no UTF-8 text.
#![cfg(unix)]

mod common;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;

use common::{SECTIONS, rbmflow, succeed};

#[test]
fn paths_that_are_no_text_work_or_are_refused_in_one_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    fs::write(path.join("tiny.toml"), format!("name = \"tiny\"\n{SECTIONS}")).expect("writable");
    let odd = OsStr::from_bytes(b"a\xff");
    let with_odd =
        |words: &str| rbmflow().current_dir(path).args(words.split(' ')).arg(odd).output().expect("it runs");
    for words in ["run -q tiny.toml --out", "status", "verify", "verify --json"] {
        assert_eq!(with_odd(words).status.code(), Some(0), "{words}");
    }
    for words in [
        "status --json",
        "compare --json a",
        "plan tiny.toml --out",
        "plan tiny.toml --format json --out",
        "plan tiny.toml --format slurm --out",
        "plan tiny.toml --format snakemake --out",
    ] {
        if words.starts_with("compare") {
            succeed(path, "run -q tiny.toml --out a");
        }
        let output = with_odd(words);
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{words}: {err}");
        assert!(err.lines().count() == 1 && err.contains("is not UTF-8"), "{words}: {err}");
    }
    // The program itself in such a folder, which a script for a cluster would have to name.
    let inside = path.join(odd).join("rbmflow");
    fs::copy(env!("CARGO_BIN_EXE_rbmflow"), &inside).expect("a copy");
    let arguments = ["plan", "tiny.toml", "--format", "slurm", "--out", "s"];
    let output = Command::new(&inside).current_dir(path).args(arguments).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(!path.join("s").exists());
}
