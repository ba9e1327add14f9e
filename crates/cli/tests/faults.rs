//! Each wrong input gives one clear line and the documented exit code.

mod common;

use std::fs;

use common::{call, fail, folder, succeed, write_spins};
use datasets::{Artifact as _, Spins};
use ndarray::Array2;

const TRAIN: &str = "-q --hidden 2 --epochs 1 -o out.h5";

#[test]
fn damaged_and_wrong_files_are_refused() {
    let folder = folder();
    let path = folder.path();
    let train = |file: &str, code: i32, texts: &[&str]| {
        fail(path, &format!("train {file} {TRAIN}"), code, &[&[file], texts].concat());
        assert!(!path.join("out.h5").exists());
    };
    train("missing.h5", 3, &["does not exist"]);
    fs::write(path.join("text.h5"), "no HDF5 at all").expect("writable");
    train("text.h5", 3, &["is not an HDF5 file"]);
    train("rbm.h5", 3, &["schema `rbmflow.rbm`", "expected", "rbmflow.spins"]);
    let good = fs::read(path.join("spins.h5")).expect("readable");
    for length in [0, 1, 300, 512, 600, good.len() - 1] {
        fs::write(path.join("short.h5"), &good[..length]).expect("writable");
        train("short.h5", 3, &[]);
    }
    // A bit of the temperatures: of what is no content, somebody may have changed it on purpose.
    let temperatures: Vec<u8> = [1.0f64, 2.5, 4.0].into_iter().flat_map(f64::to_le_bytes).collect();
    let at = good
        .windows(temperatures.len())
        .position(|window| window == temperatures)
        .expect("stored as they are");
    let mut flipped = good.clone();
    flipped[at] ^= 4;
    fs::write(path.join("flipped.h5"), flipped).expect("writable");
    train("flipped.h5", 3, &["is damaged"]);
    fs::create_dir(path.join("folder.h5")).expect("writable");
    train("folder.h5", 3, &["it is a folder"]);

    let known = Spins::VERSION.to_string();
    write_spins::<2, 99>(path.join("minor.h5"), |_| {});
    train("minor.h5", 4, &["2.99", "this program reads", &known, "use a version"]);
    write_spins::<3, 0>(path.join("major.h5"), |_| {});
    train("major.h5", 4, &["3.0", "this program reads", &known, "use a version"]);
    write_spins::<1, 0>(path.join("shape.h5"), |tree| {
        tree.put("samples", &Array2::from_elem((2, 15), 1i8), "sample,site", "1", "spins");
    });
    train("shape.h5", 3, &["`samples` has shape [2, 15]", "[n, 16] or [n, 4, 4]"]);
    write_spins::<1, 0>(path.join("values.h5"), |tree| {
        tree.put("samples", &Array2::from_elem((2, 16), 2i8), "sample,site", "1", "spins");
    });
    train("values.h5", 3, &["`samples` has 2 at index 0", "expected +1 or -1"]);
    write_spins::<1, 0>(path.join("good.h5"), |_| {});
    succeed(path, &format!("train good.h5 {TRAIN}"));
}

#[test]
fn impossible_settings_are_refused_by_name() {
    let folder = folder();
    let path = folder.path();
    let sample = |settings: &str, texts: &[&str]| {
        fail(path, &format!("sample -q --samples-per-temperature 1 -o x.h5 {settings}"), 2, texts);
    };
    sample("-L 0 --temperatures 1", &["L_x = 0", "use at least 2"]);
    sample("-L 4 --temperatures 1 --field=nan", &["field"]);
    sample("-L 4 --temperatures 1 --algorithm wolf", &["wolf", "wolff"]);
    sample("-L 4 --temperatures 1 --set colour=red", &["unknown field `colour`"]);
    sample("-L 4 --temperatures 1 --set size=5", &["`size` is set twice"]);
    for (settings, texts) in [
        ("--hidden 0", ["hidden", "0"]),
        ("--learning-rate=-1", ["learning_rate", "-1"]),
        ("--batch-size 0", ["batch_size", "0"]),
        ("--temperatures 2", ["temperatures", "2"]),
        ("--units colour", ["colour", "spin"]),
    ] {
        fail(path, &format!("train -q spins.h5 -o x.h5 --epochs 1 {settings}"), 2, &texts);
    }
    // These clap refuses by itself, in its own words.
    for words in [
        "sample -L 4 --temperatures -1 -o x.h5",
        "sample -L 4",
        "dance",
        "train spins.h5 --epochs many -o x.h5",
    ] {
        assert_eq!(call(path, words).status.code(), Some(2), "{words}");
    }
    assert!(!path.join("x.h5").exists());
}

#[test]
fn experiments_with_mistakes_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    fail(path, "run missing.toml -o out", 3, &["`missing.toml` does not exist"]);
    for (text, texts) in [
        ("name = \"x\"\ncolour = 1\n", ["line 2", "unknown field `colour`"]),
        ("name = \"x\"\n[flow]\nstep = 3\n", ["[flow]", "unknown field `step`"]),
        ("name = \"x\"\n[thermometer]\nepoch = 3\n", ["[thermometer]", "unknown field `epoch`"]),
        ("name = \"x\"\n[thermometer]\nseed = 3\n", ["[thermometer]", "`seed` cannot be set here"]),
        ("name = \"x\"\n[[training]]\nname = \"V\"\ntemperatures = \"V\"\nhiden = 3\n", ["`V`", "`hiden`"]),
        (
            "name = \"x\"\n[[training]]\nname = \"V\"\ntemperatures = \"W\"\n",
            ["line 4", "`W` is no temperature"],
        ),
        ("name = \"a/b\"\n", ["name is `a/b`", "letters"]),
        ("name = \"x\"\n[[training]]\nname = \"../V\"\ntemperatures = \"V\"\n", ["`../V`", "letters"]),
        ("name = \"x\"\nreplicas = 0\n", ["replicas is 0", "at least 1"]),
        (
            "name = \"x\"\n[block_spin]\nsize = 9\n",
            ["[block_spin]", "size is 9, but lattice square:9x9 has no blocks"],
        ),
        (
            "name = \"x\"\n[weights]\ntemperatures = [0.1]\n",
            ["[weights]: temperatures has 0.1", "at 0:6:0.25 only"],
        ),
        (
            "name = \"x\"\n[likelihood]\ntemperatures = [7.0]\n[[training]]\nname = \"V\"\ntemperatures = \"0:2:0.25\"\n",
            ["[likelihood]: temperatures has 7", "at 0:6:0.25 only"],
        ),
        (
            "name = \"x\"\n[likelihood]\ntemperatures = [1.0]\n[[training]]\nname = \"hot\"\ntemperatures = \"7,8\"\n",
            ["[likelihood]: temperatures has 1", "at 7,8 only"],
        ),
        // Few of their own, at temperatures that the common ones have too.
        (
            "name = \"x\"\n[likelihood]\ntemperatures = [6.0]\n[[training]]\nname = \"few\"\ntemperatures = \"0:2:0.5\"\n\
             samples_per_temperature = 5\n",
            ["[likelihood]: temperatures has 6", "at 0:2:0.5 only"],
        ),
        ("name = \"x\"\nseed = -1\n", ["line 2", "-1"]),
        ("not TOML at all", ["line 1", "is no experiment"]),
    ] {
        fs::write(path.join("e.toml"), text).expect("writable");
        fail(path, "run e.toml -o out", 2, &[&["`e.toml`"][..], &texts].concat());
        fail(path, "plan e.toml", 2, &texts);
    }
    assert!(!path.join("out").exists());
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("file"), "").expect("writable");
    fail(
        path,
        &format!("train spins.h5 {TRAIN} -o file/out.h5").replace("-o out.h5 ", ""),
        5,
        &["file/out.h5"],
    );
    fail(
        path,
        "sample -q -L 4 --temperatures 1 --samples-per-temperature 1 -o no/x.h5",
        5,
        &["no", "make it first"],
    );
    fs::write(path.join("e.toml"), "name = \"x\"\n").expect("writable");
    fail(path, "run e.toml -o file", 5, &["file"]);
    fail(path, "run e.toml -o file/out", 5, &["file/out"]);
}
