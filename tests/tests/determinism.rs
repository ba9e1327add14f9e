//! The same bytes, whatever the number of threads and the width of the vectors.

use rbmflow_tests::{assert_same_files, root, run_experiment};

fn tiny(arguments: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    run_experiment(&root().join("tests/experiments/tiny.toml"), folder.path(), arguments);
    folder
}

#[test]
fn threads_and_vector_width_do_not_change_a_byte() {
    let reference = tiny(&["--jobs", "1"]);
    // The portable width is a hundred times slower; the crates compare it kernel by kernel, and `cargo xtask ci` a run.
    for arguments in [&["--jobs", "2"][..], &["--vector-width", "avx2"]] {
        let files = assert_same_files(reference.path(), tiny(arguments).path());
        assert!(files > 10, "{files} files with {arguments:?}");
    }
}
