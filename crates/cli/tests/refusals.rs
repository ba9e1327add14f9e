//! What is refused before anything is done: settings that can never work, and inputs that would tell something wrong.

mod common;

use std::fs;
use std::path::Path;

use common::{SECTIONS, call, fail, folder, succeed};

/// Refused by `plan`, by both exports and by `run`, which makes nothing.
#[track_caller]
fn refused(path: &Path, experiment: &str, texts: &[&str]) {
    fs::write(path.join("e.toml"), experiment).expect("writable");
    for verb in [
        "plan e.toml",
        "plan e.toml --format slurm --out out",
        "plan e.toml --format snakemake --out out",
        "run -q e.toml --out out",
    ] {
        fail(path, verb, 2, texts);
    }
    assert!(!path.join("out").exists(), "{experiment}");
}

/// An experiment with all sections, and one of its lines replaced by others; the number of the first of these.
fn with(line: &str, others: &str) -> (String, usize) {
    let sections = SECTIONS.replace("[flow]\n", "[flow]\nstarts = \"0,tc,inf\"\n");
    let machines = "[block_spin]\nsize = 8\n[weights]\n[likelihood]\n[[training]]\nname = \"V\"\n\
                    temperatures = \"1,2\"\nepochs = 3\n";
    let all = format!("name = \"x\"\nseed = 3{sections}{machines}");
    assert_eq!(all.matches(line).count(), 1, "{line}");
    let at = all.split(line).next().expect("a beginning").matches('\n').count();
    (all.replace(line, others), at + 1 + others.matches('\n').count())
}

#[test]
fn settings_that_can_never_work_are_refused_before_the_first_job() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    fs::write(path.join("good.toml"), with("chains = 20", "chains = 20").0).expect("writable");
    succeed(path, "plan good.toml");
    // With the line, the last one of what is written.
    for (line, others, text) in [
        ("chains = 20", "chains = 1", "chains"),
        ("steps = 8", "steps = 0", "steps"),
        ("steps = 8", "steps = 8\nrecord = { every = 0 }", "record"),
        ("[weights]", "[weights]\nmodes = 0", "modes is 0"),
        ("epochs = 2", "epochs = 0", "epochs is 0"),
        ("epochs = 2", "epochs = 2\nhidden = []", "hidden is empty"),
        ("epochs = 3", "epochs = 3\nbatch_size = 0", "batch_size"),
        ("epochs = 3", "epochs = 3\nlearning_rate = -1", "learning_rate"),
        ("epochs = 3", "epochs = 3\ncentred = true", "centred"),
        ("epochs = 3", "epochs = 3\ngibbs_steps = [1, 0]", "gibbs_steps"),
        ("epochs = 3", "epochs = 3\ngibbs_steps = [1, 1]", "1 is there twice"),
        ("[likelihood]", "[likelihood]\nmethod = \"annealed\"\nsteps = 1", "steps"),
        ("seed = 3", "seed = 9223372036854775808", "seed is 9223372036854775808"),
        ("seed = 3", "seed = 18446744073709551615", "seed is 18446744073709551615"),
    ] {
        let (experiment, at) = with(line, others);
        refused(path, &experiment, &["e.toml", &format!("line {at}: "), text]);
    }
    // Where several lines are at fault, or the job that could not be done.
    for (line, others, text) in [
        ("size = 4", "size = 1", "L_x = 1"),
        ("size = 4", "size = 5\n[sample]\nalgorithm = \"checkerboard\"", "even size"),
        ("epochs = 3", "epochs = 3\nsize = 32768", "more than"),
        ("epochs = 3", "epochs = 3\nfields = [0.5, 0.5]", "0.5 is there twice"),
        ("epochs = 3", "epochs = 3\nhidden = [16, \"N\", 4, \"1.0N\"]", "multiple of N"),
        ("epochs = 3", "epochs = 3\nhidden = [16, \"1N\"]", "16 is there twice"),
        ("epochs = 3", "epochs = 3\nfields = [1e-300]", "name of"),
        ("[likelihood]", "[likelihood]\nmethod = \"exact\"", "exact sums"),
        ("name = \"V\"", "name = \"V\"\ntemperatures = \"1\"\n[[training]]\nname = \"v\"", "another case"),
        ("temperatures = \"1,2\"", "temperatures = \"1,2.0000000000000004\"", "same but for rounding"),
        ("temperatures = \"1,2\"", "temperatures = \"1:3:0.3\"", "ends at 2.8"),
    ] {
        let (mut experiment, _) = with(line, others);
        if text == "even size" {
            experiment = experiment.replacen("[sample]\ntemp", "temp", 1);
        }
        if text == "exact sums" {
            experiment = experiment.replacen("size = 4", "size = 6", 1);
        }
        refused(path, &experiment, &[text]);
    }
    let long = "n".repeat(300);
    refused(path, &with("name = \"V\"", &format!("name = \"{long}\"")).0, &["303", "bytes"]);
}

#[test]
fn a_verb_refuses_what_an_experiment_refuses() {
    let folder = folder();
    let path = folder.path();
    for (words, text) in [
        ("train spins.h5 --epochs 0 -o o.h5", "epochs is 0"),
        ("train spins.h5 spins.h5 --epochs 1 -o o.h5", "same file"),
        ("train spins.h5 --temperatures 1:4:2 --epochs 1 -o o.h5", "ends at 3"),
        ("flow rbm rbm.h5 --starts spins.h5 --chains 1 -o o.h5", "chains"),
        ("weights rbm.h5 --spins spins.h5 --set modes=0 -o o.h5", "modes is 0"),
        ("sample -L 4 --temperatures 1e400 --samples-per-temperature 9 -o o.h5", "too large"),
        (
            "sample -L 4 --temperatures 2 --samples-per-temperature 9 --seed 9223372036854775808 -o o.h5",
            "92233",
        ),
    ] {
        let output = common::call(path, words);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(text), "`{words}`\n{said}");
        assert!(!path.join("o.h5").exists(), "{words}");
    }
    fs::copy(path.join("spins.h5"), path.join("copy.h5")).expect("a copy");
    fail(path, "train spins.h5 copy.h5 --epochs 1 -o o.h5", 2, &["`copy.h5`", "same file"]);
}

/// The same file, the same random numbers, and the same configurations under other names.
#[test]
fn a_thermometer_is_not_tested_on_what_it_was_trained_on() {
    let folder = folder();
    let path = folder.path();
    let train = |test: &str| format!("thermometer train spins.h5 --test {test} --epochs 1 -o o.h5");
    let sample = "sample -q -L 4 --samples-per-temperature 30 --temperatures";
    fail(path, &train("spins.h5"), 2, &["same file", "--seed"]);
    succeed(path, &format!("{sample} 1,2.5,4 --seed 7 -o shorter.h5"));
    fail(path, &train("shorter.h5"), 2, &["same seed 7", "--seed"]);
    succeed(path, "export -q spins.h5 --dataset samples -o samples.npy");
    let temperatures = [1.0, 2.5, 4.0].iter().flat_map(|&t: &f64| [t; 50]).flat_map(f64::to_le_bytes);
    let header = format!("{:<117}\n", "{'descr': '<f8', 'fortran_order': False, 'shape': (150,), }");
    let array: Vec<u8> = [&b"\x93NUMPY\x01\x00\x76\x00"[..], header.as_bytes()].concat();
    let array: Vec<u8> = array.into_iter().chain(temperatures).collect();
    fs::write(path.join("temperatures.npy"), array).expect("writable");
    succeed(path, "import -q samples.npy --temperatures temperatures.npy -o imported.h5");
    fail(path, &train("imported.h5"), 2, &["of the 150 test configurations are training"]);
    succeed(path, &format!("{sample} 1,2.5,4 --seed 8 -o fresh.h5"));
    succeed(path, &train("fresh.h5"));
}

#[test]
fn a_likelihood_of_the_training_set_says_so() {
    let folder = folder();
    let path = folder.path();
    let said = succeed(path, "likelihood rbm.h5 --spins spins.h5 -o training.h5");
    assert!(said.contains("was trained on these configurations"), "{said}");
    succeed(path, "sample -q -L 4 --temperatures 1:4:1.5 --samples-per-temperature 50 --seed 8 -o test.h5");
    let said = succeed(path, "likelihood rbm.h5 --spins test.h5 -o test-likelihood.h5");
    assert!(!said.contains("trained on"), "{said}");
}

/// What no lattice can be, in one line with the cure; and what is possible.
#[test]
fn lattices_are_checked_by_the_verbs() {
    let folder = folder();
    let path = folder.path();
    let rest = "--samples-per-temperature 3 --out t.h5";
    for (words, text) in [
        ("--lattice honeycomb --size 5 --temperatures 2", "must be even"),
        ("--lattice triangular --size 2 --temperatures 2", "use at least 3"),
        ("--lattice cubic --shape 4x4 --temperatures 2", "three sides"),
        ("--lattice kagome --size 4 --temperatures 2", "use chain, square, honeycomb"),
        ("--lattice none --size 4 --temperatures 2", "has no bonds"),
        ("--lattice chain --size 8 --temperatures 1,tc", "no critical temperature above 0"),
        ("--lattice triangular --size 6 --temperatures 2 --algorithm checkerboard", "use `metropolis`"),
    ] {
        fail(path, &format!("sample -q {words} {rest}"), 2, &[text]);
        assert!(!path.join("t.h5").exists(), "{words}");
    }
    // What is no number, or said twice, the parser of the command line refuses.
    for words in ["--shape 4xL --temperatures 2", "--size 4 --shape 4x4 --temperatures 2"] {
        let output = call(path, &format!("sample -q {words} {rest}"));
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("--shape"), "{words}");
    }
    succeed(path, &format!("sample -q --lattice triangular --shape 4x6 --temperatures 1,tc {rest}"));
    let spins = datasets::file::read::<datasets::Spins>(&path.join("t.h5")).unwrap().content;
    assert_eq!(spins.lattice, "triangular:4x6".parse().unwrap());
    assert!((spins.temperature[1] - 4.0 / 3f64.ln()).abs() < 1e-15);
}
