//! Runs that are not complete: their report says what is missing and shows the rest.

mod common;

use std::fs;

use common::{SECTIONS, call, succeed};

const HEAD: &str = r#"
name = "tiny"
description = "<script>alert(1)</script> & more"
"#;

const MACHINES: &str = r#"
[weights]
[[training]]
name = "V"
temperatures = "0,1:4:1"
hidden = [2, 4]
epochs = 3
[[training]]
name = "wild"
temperatures = "0,1:4:1"
group = "control"
hidden = 3
epochs = 3
learning_rate = 1e38
"#;

/// The experiment.
fn tiny() -> String {
    [HEAD, SECTIONS, MACHINES].concat()
}

#[test]
fn the_report_of_a_failed_run_names_what_failed_and_shows_the_rest() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    fs::write(path.join("tiny.toml"), tiny()).expect("writable");
    let output = call(path, "run -q tiny.toml --out run");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!path.join("run/report.html").exists());
    let said = succeed(path, "status run");
    assert!(said.lines().any(|line| line.starts_with("failed") && line.contains("r0/wild-3/rbm")), "{said}");

    let said = succeed(path, "report run");
    assert!(said.contains("results are missing, 1 of them failed"), "{said}");
    let page = fs::read_to_string(path.join("run/partial/report.html")).expect("a page");
    assert!(page.contains("This run is not complete"));
    assert!(page.contains("<li><code>r0/wild-3/rbm</code> failed: "), "the failed job is named");
    assert!(page.contains("<code>r0/wild-3/flow</code>"), "what depends on it is named");
    assert!(page.contains("from T = ∞"), "the flows that exist are drawn");
    assert!(!page.contains("<script>alert"), "hostile text is text");
    assert!(path.join("run/partial/figures/F05.png").exists());
    assert!(!path.join("run/data/figures.h5").exists(), "the run's own figures are left to the run");
    assert!(succeed(path, "report run").contains("up to date"));

    // Damaged and deleted files are missing as well, down to a folder with no result at all.
    fs::write(path.join("run/data/r0/V-2/flow.h5"), "no flow").expect("writable");
    fs::remove_file(path.join("run/data/r0/spins.h5")).expect("there");
    succeed(path, "report run");
    let page = fs::read_to_string(path.join("run/partial/report.html")).expect("a page");
    assert!(
        page.contains("<code>r0/spins</code>") && page.contains("<li><code>r0/V-2/flow</code> out of date")
    );
    fs::remove_dir_all(path.join("run/data")).expect("there");
    succeed(path, "report run --out elsewhere");
    let page = fs::read_to_string(path.join("elsewhere/report.html")).expect("a page");
    assert!(page.contains("Missing in this run"));

    // Mended and finished, the run's own report is made, and nothing is left of the failure.
    fs::write(path.join("tiny.toml"), tiny().replace("1e38", "0.01")).expect("writable");
    succeed(path, "run -q tiny.toml --out run");
    assert!(succeed(path, "report run").contains("up to date"));
    let page = fs::read_to_string(path.join("run/report.html")).expect("a page");
    assert!(!page.contains("This run is not complete"));
    succeed(path, "verify run");
    assert!(!path.join("run/data/r0/wild-3/rbm.failed").exists());
}
