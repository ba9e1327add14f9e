//! The report in a browser: opened from disk, operated, compared with the numbers it was made from, and photographed.
//!
//! It needs Chromium (Debian's package `chromium`) on the PATH, or its path in `RBMFLOW_CHROMIUM`; without one the test
//! says that it did nothing. Screenshots at three widths, light and dark, are left in `target/browser` to be looked at.

use std::io::Write as _;
use std::path::PathBuf;

use rbmflow_tests::{python, quick_run, rbmflow, root, run_experiment, succeed};

/// What tries to run as a script, in the description of an experiment.
const HOSTILE: &str =
    "</script><script>window.hostile = 1</script><img src=x onerror=\\\"window.hostile = 1\\\"> & </p>";

fn chromium() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("RBMFLOW_CHROMIUM") {
        return Some(path.into());
    }
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name))).find(|p| p.is_file())
}

#[test]
fn pages_work_in_a_browser() {
    let Some(chromium) = chromium() else {
        // Past the capture of the test harness, which hides what passing tests print.
        let notice = "\nSKIPPED: no chromium on the PATH, so that no page was opened; install it (Debian: apt-get install chromium)\n";
        std::io::stderr().write_all(notice.as_bytes()).expect("stderr");
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let experiment = folder.path().join("hostile.toml");
    let tiny = std::fs::read_to_string(root().join("tests/experiments/tiny.toml")).expect("an experiment");
    let mut text = format!("description = \"{HOSTILE}\"\n");
    tiny.lines().filter(|line| !line.starts_with("description")).for_each(|line| {
        text.push_str(line);
        text.push('\n');
    });
    std::fs::write(&experiment, text).expect("a written experiment");
    let hostile = folder.path().join("hostile");
    run_experiment(&experiment, &hostile, &[]);
    let compared = folder.path().join("compare.html");
    succeed(rbmflow().arg("compare").arg(quick_run()).arg(&hostile).arg("--out").arg(&compared));

    let out = root().join("target/browser");
    let mut drive = python();
    drive.arg(root().join("tests/browser/report.py")).env("PYTHONDONTWRITEBYTECODE", "1");
    drive.arg(chromium).arg(quick_run().join("report.html")).arg(quick_run().join("data/figures.h5"));
    let output = succeed(drive.arg(&out).arg(hostile.join("report.html")).arg(&compared));
    assert!(String::from_utf8_lossy(&output.stdout).contains("all is well"));
}
