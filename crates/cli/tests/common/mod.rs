//! What the tests of the program share: calling it, and small input files.

#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use datasets::{Artifact, Boundary, ContentError, Observables, Provenance, Spins, Tree, Version, file};
use ndarray::Array2;

/// The sections of a tiny experiment on a lattice of size 4; its name comes before them, its machines after.
pub(crate) const SECTIONS: &str = r#"
[lattice]
size = 4
[sample]
temperatures = "0,1:4:1"
samples_per_temperature = 40
[thermometer]
samples_per_temperature = 40
epochs = 2
[flow]
chains = 20
steps = 8
"#;

/// A call of the program.
pub(crate) fn rbmflow() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rbmflow"));
    command.env_remove("RBMFLOW_VECTOR_WIDTH");
    command
}

/// Calls the program with words separated by spaces, in a folder.
pub(crate) fn call(folder: &Path, words: &str) -> Output {
    rbmflow().current_dir(folder).args(words.split_whitespace()).output().expect("the program can be started")
}

/// Calls the program, which must succeed.
#[track_caller]
pub(crate) fn succeed(folder: &Path, words: &str) -> String {
    let output = call(folder, words);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "`{words}` ended with {}\n{out}{err}", output.status);
    format!("{out}{err}")
}

/// Calls the program, which must fail with an exit code and one line that has all of some texts in it.
#[track_caller]
pub(crate) fn fail(folder: &Path, words: &str, code: i32, texts: &[&str]) {
    let output = call(folder, words);
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "`{words}`\n{err}");
    let lines: Vec<&str> = err.lines().collect();
    assert!(lines.len() == 1 && lines[0].starts_with("error: "), "`{words}`\n{err}");
    for text in texts {
        assert!(lines[0].contains(text), "`{words}` does not say `{text}`\n{err}");
    }
}

/// A folder with the files `spins.h5` (size 4, T = 1, 2.5 and 4) and `rbm.h5` (4 hidden units, trained on it).
pub(crate) fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    succeed(
        folder.path(),
        "sample -q -L 4 --temperatures 1:4:1.5 --samples-per-temperature 50 --seed 7 -o spins.h5",
    );
    succeed(folder.path(), "train -q spins.h5 --hidden 4 --epochs 2 --seed 7 -o rbm.h5");
    folder
}

/// Any content as a file of any schema and version.
struct Raw<const MAJOR: u32, const MINOR: u32>(Tree);

impl<const MAJOR: u32, const MINOR: u32> Artifact for Raw<MAJOR, MINOR> {
    const SCHEMA: &'static str = Spins::SCHEMA;
    const VERSION: Version = Version { major: MAJOR, minor: MINOR };

    fn to_tree(&self) -> Tree {
        self.0.clone()
    }

    fn from_tree(tree: &Tree) -> Result<Self, ContentError> {
        Ok(Self(tree.clone()))
    }
}

/// Writes configurations of size 4 after changing what the file holds.
pub(crate) fn write_spins<const MAJOR: u32, const MINOR: u32>(path: PathBuf, change: impl Fn(&mut Tree)) {
    let spins = Spins {
        lattice: datasets::lattice::Lattice::square(4).unwrap(),
        boundary: Boundary::Periodic,
        coupling: 1.0,
        field: 0.0,
        algorithm: "by hand".to_owned(),
        label_kind: datasets::LabelKind::Temperature,
        temperature: vec![0.0],
        samples: Array2::from_elem((2, 16), 1),
        labels: vec![0, 0],
        energy: vec![-32, -32],
        magnetization: vec![16, 16],
        observables: Observables::default(),
    };
    let mut tree = spins.to_tree();
    tree.datasets.retain(|path, _| !path.starts_with("observables/"));
    change(&mut tree);
    let provenance =
        Provenance { producer: "a test".to_owned(), config: String::new(), seed: 0, inputs: vec![] };
    file::write(&path, &Raw::<MAJOR, MINOR>(tree), &provenance).expect("writable");
}
