//! The verbs one by one: what they make, what they leave alone, how they go on.

mod common;

use std::fs;
use std::path::Path;

use common::{call, fail, folder, rbmflow, succeed};

fn bytes(path: &Path, name: &str) -> Vec<u8> {
    fs::read(path.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_stage_makes_its_file_once() {
    let folder = folder();
    let path = folder.path();
    let stages = [
        "equation-of-state -L 4 -o table.h5",
        "sample -L 4 --temperatures 1:4:1.5 --samples-per-temperature 50 --seed 8 -o test.h5",
        "thermometer train spins.h5 --test test.h5 --equation-of-state table.h5 --epochs 2 -o thermometer.h5",
        "flow rbm rbm.h5 --starts spins.h5 --thermometer thermometer.h5 --equation-of-state table.h5 --chains 20 \
         --steps 8 -o flow.h5",
        "equation-of-state -L 2 -o small.h5",
        "flow block-spin spins.h5 --equation-of-state table.h5 --equation-of-state small.h5 --chains 20 --steps 1 \
         -o block.h5",
        "weights rbm.h5 --spins spins.h5 -o weights.h5",
        "likelihood rbm.h5 --spins spins.h5 -o likelihood.h5",
    ];
    for words in stages {
        let name = words.rsplit(' ').next().expect("a name");
        succeed(path, words);
        let first = bytes(path, name);
        assert!(succeed(path, words).contains("is up to date"), "{words}");
        assert_eq!(bytes(path, name), first, "{words}");
        fs::remove_file(path.join(name)).expect("there");
        succeed(path, &format!("{words} --jobs 1 --vector-width portable"));
        assert_eq!(bytes(path, name), first, "{words}");
        assert!(succeed(path, &format!("info {name}")).contains("rbmflow."), "{name}");
        let json: serde_json::Value =
            serde_json::from_str(&succeed(path, &format!("info {name} --json"))).expect("JSON");
        assert_eq!(json["producer"], concat!("rbmflow ", env!("CARGO_PKG_VERSION")));
    }
    let all = "spins.h5 rbm.h5 table.h5 test.h5 thermometer.h5 flow.h5 block.h5 weights.h5 likelihood.h5";
    assert!(succeed(path, &format!("verify {all}")).contains("9 files"));
    let read = succeed(
        path,
        "thermometer measure test.h5 --thermometer thermometer.h5 --equation-of-state table.h5",
    );
    assert_eq!(read.lines().count(), 4, "{read}");
    let json = succeed(path, "thermometer measure test.h5 --equation-of-state table.h5 --json");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let read = json[1]["energy_temperature"]["value"].as_f64().expect("a number");
    assert!((read - 2.5).abs() < 0.5, "{read}");
    assert!(json[1]["nn_temperature"].is_null());
    // What the weights say is the same with and without a flow.
    let json = succeed(path, "flow predict rbm.h5 --equation-of-state table.h5 --json");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let flow = datasets::file::read::<datasets::Flow>(&path.join("flow.h5")).expect("a flow").content;
    let prediction = flow.prediction.expect("a prediction");
    let found: Vec<Option<f64>> = json["fixed_points"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|point| point["energy_temperature"].as_f64())
        .collect();
    assert_eq!(found, prediction.points.iter().map(|point| point.energy_temperature).collect::<Vec<_>>());
    assert_eq!(json["lattice"], "square:4x4");
    let text = succeed(path, "flow predict rbm.h5");
    assert_eq!(text.lines().count(), 2 + prediction.points.len(), "{text}");
    fail(path, "flow predict spins.h5", 3, &["rbmflow.spins"]);
}

/// Up to 8192 configurations at a temperature have chains of their own; more are thinned, and info says so.
#[test]
fn sampling_says_whether_configurations_are_independent() {
    let folder = folder();
    let path = folder.path();
    let said = succeed(path, "sample -L 4 --temperatures 0,2.5 --samples-per-temperature 30 -o few.h5");
    assert!(said.contains("independent at 2 temperatures (2 with chains of their own"), "{said}");
    assert!(said.contains("100.0 % are effective"), "{said}");
    succeed(path, "sample -q -L 4 --temperatures 2.5 --samples-per-temperature 9000 -o many.h5");
    let said = succeed(path, "info many.h5");
    assert!(said.contains("of    9000 effective") && said.contains("tau between two of one chain"), "{said}");
    assert!(said.contains("1 thinned by more than 2 tau"), "{said}");
    succeed(path, "likelihood -q rbm.h5 --spins spins.h5 -o likelihood.h5");
    let said = succeed(path, "info likelihood.h5");
    assert!(said.contains("ln Z is exact") && said.contains("excess: divergence"), "{said}");
}

/// The law of the training set is known, so that the excess is a divergence: positive beyond its error.
#[test]
fn likelihoods_stand_beside_what_is_possible() {
    use datasets::{Likelihood, LikelihoodMethod, file};
    let folder = folder();
    let path = folder.path();
    let read = |name: &str| file::read::<Likelihood>(&path.join(name)).expect("a likelihood").content;
    succeed(path, "likelihood -q rbm.h5 --spins spins.h5 -o exact.h5");
    let exact = read("exact.h5");
    assert_eq!((exact.method, exact.configurations), (LikelihoodMethod::Exact, 150));
    let (excess, likelihood) = (exact.excess.expect("an excess"), exact.log_likelihood.expect("a value"));
    let bound = exact.data_bound.expect("a bound");
    assert!(excess.value > 3.0 * excess.error && likelihood.value < bound, "{exact:?}");
    let sampled = exact.data_log_likelihood.expect("a value");
    assert!((sampled.value - bound).abs() < 4.9 * sampled.error, "{exact:?}");
    succeed(
        path,
        "likelihood -q rbm.h5 --spins spins.h5 --method annealed --chains 100 --steps 200 -o annealed.h5",
    );
    let annealed = read("annealed.h5");
    let (a, b) = (annealed.log_partition.expect("a value"), exact.log_partition.expect("a value"));
    assert!((a.value - b.value).abs() < 4.9 * a.error && a.error > 0.0, "{annealed:?}");
    // Far too few steps for a machine with strong couplings: a warning, bounds, no value.
    succeed(path, "train -q spins.h5 --hidden 24 --initial-deviation 2 --epochs 1 -o wild.h5");
    let said = succeed(
        path,
        "likelihood wild.h5 --spins spins.h5 --steps 2 --method annealed -o wild-likelihood.h5",
    );
    let cured = said.contains("raise `steps` above 2") || said.contains("raise `burn_in` above 200");
    assert!(said.contains("has not converged") && cured, "{said}");
    let wild = read("wild-likelihood.h5");
    assert_eq!((wild.method, wild.log_likelihood), (LikelihoodMethod::NotConverged, None));
    assert!(wild.lower.is_some() && wild.upper.is_some());
    fail(
        path,
        "likelihood rbm.h5 --spins spins.h5 --temperatures 2 -o other.h5",
        2,
        &["no configurations at temperature 2"],
    );
}

#[test]
fn a_file_that_would_not_have_come_out_is_not_overwritten() {
    let folder = folder();
    let path = folder.path();
    let before = bytes(path, "rbm.h5");
    fail(
        path,
        "train -q spins.h5 --hidden 5 --epochs 2 --seed 7 -o rbm.h5",
        2,
        &["rbm.h5", "hidden is 4, not 5"],
    );
    fail(
        path,
        "train -q spins.h5 --hidden 4 --epochs 2 --seed 7 --temperatures 1 -o rbm.h5",
        2,
        &["temperatures is not set, not [1.0]"],
    );
    succeed(path, "sample -q -L 4 --temperatures 1:4:1.5 --samples-per-temperature 50 --seed 9 -o other.h5");
    fail(
        path,
        "train -q other.h5 --hidden 4 --epochs 2 --seed 7 -o rbm.h5",
        2,
        &["made from another `spins` file"],
    );
    fs::write(path.join("notes.h5"), "my notes").expect("writable");
    fail(path, "train -q spins.h5 --hidden 4 -o notes.h5", 2, &["notes.h5", "not an HDF5 file"]);
    assert_eq!(bytes(path, "notes.h5"), b"my notes");
    assert_eq!(bytes(path, "rbm.h5"), before);
}

#[test]
fn an_interrupted_training_goes_on_to_the_same_bytes() {
    let folder = folder();
    let path = folder.path();
    let train = "train -q spins.h5 --hidden 30 --epochs 30000 --monitor-every 1000 --seed 3";
    succeed(path, &format!("{train} -o whole.h5"));
    // A limit of no time at all saves the beginning, then each call comes as far as it does within a second.
    fail(path, &format!("{train} -o parts.h5 --time-limit 0"), 130, &["interrupted", "goes on"]);
    assert!(path.join("parts.h5.checkpoint").exists());
    let ended = (0..100).find_map(|_| {
        let code = call(path, &format!("{train} -o parts.h5 --time-limit 1")).status.code();
        (code != Some(130)).then_some(code)
    });
    assert_eq!(ended, Some(Some(0)));
    assert_eq!(bytes(path, "whole.h5"), bytes(path, "parts.h5"));
    assert!(!path.join("parts.h5.checkpoint").exists());
}

#[test]
fn signals_stop_at_a_safe_point() {
    let folder = folder();
    let path = folder.path();
    for signal in ["INT", "TERM"] {
        let mut child = rbmflow()
            .current_dir(path)
            .args("train -q spins.h5 --epochs 4000000000 --monitor-every 1000000 -o endless.h5".split(' '))
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program can be started");
        // The signal must not come before the program listens.
        std::thread::sleep(std::time::Duration::from_millis(500));
        let kill = std::process::Command::new("kill")
            .args([&format!("-{signal}"), &child.id().to_string()])
            .status();
        assert!(kill.expect("kill is there").success());
        assert_eq!(child.wait().expect("it ends").code(), Some(130));
        assert!(path.join("endless.h5.checkpoint").exists());
        assert!(!path.join("endless.h5").exists());
    }
}

#[test]
fn a_checkpoint_of_another_training_is_not_used() {
    let folder = folder();
    let path = folder.path();
    let train = "train -q spins.h5 --hidden 3 --epochs 50";
    let stopped = call(path, &format!("{train} --seed 3 --time-limit 0 -o a.h5"));
    assert_eq!(stopped.status.code(), Some(130));
    let warned = succeed(path, &format!("{train} --seed 4 -o a.h5"));
    assert!(warned.contains("made with other settings"), "{warned}");
    succeed(path, &format!("{train} --seed 4 -o b.h5"));
    assert_eq!(bytes(path, "a.h5"), bytes(path, "b.h5"));
    fs::write(path.join("c.h5.checkpoint"), "my notes").expect("writable");
    fail(path, &format!("{train} --seed 4 -o c.h5"), 2, &["c.h5.checkpoint", "no saved state"]);
    assert_eq!(bytes(path, "c.h5.checkpoint"), b"my notes");
    fs::write(path.join("c.h5.checkpoint"), "RBMFCKPT and damage").expect("writable");
    assert!(succeed(path, &format!("{train} --seed 4 -o c.h5")).contains("it is damaged"));
    assert_eq!(bytes(path, "a.h5"), bytes(path, "c.h5"));
}

#[test]
fn arrays_go_out_and_come_in() {
    let folder = folder();
    let path = folder.path();
    succeed(path, "export spins.h5 --dataset samples -o samples.npy");
    succeed(path, "export spins.h5 --dataset samples -o samples.npy");
    fail(
        path,
        "export rbm.h5 --dataset weights -o samples.npy",
        2,
        &["samples.npy", "its content is another"],
    );
    fail(path, "export rbm.h5 --dataset weight -o w.npy", 2, &["no dataset `weight`", "weights"]);
    succeed(path, "import samples.npy --temperature 2 -o back.h5");
    succeed(path, "import samples.npy --temperature 2 -o back.h5");
    succeed(path, "export back.h5 --dataset samples -o back.npy");
    assert_eq!(bytes(path, "samples.npy"), bytes(path, "back.npy"));
    succeed(path, "export spins.h5 --dataset observables/energy_per_spin -o energy.npy");
    fail(
        path,
        "import samples.npy --temperatures energy.npy -o x.h5",
        3,
        &["energy.npy", "has shape [3], expected [150]"],
    );
    fail(
        path,
        "import energy.npy --temperature 2 -o x.h5",
        3,
        &["energy.npy", "expected [n, sites], or [n, L, L]"],
    );
    fail(path, "import samples.npy --temperature=-2 -o x.h5", 3, &["temperature", "-2"]);
    fail(path, "import spins.h5 --temperature 2 -o x.h5", 3, &["spins.h5", "NumPy"]);
    succeed(path, "train -q back.h5 --hidden 2 --epochs 1 -o imported.h5");
}

/// The same configurations as other programs save them come in as the same file.
#[test]
fn arrays_of_other_programs_come_in() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    // Two configurations of 2 x 2 spins: up, up, up, down and down, up, down, down.
    let rows = [1_i8, 1, 1, -1, -1, 1, -1, -1];
    let columns = [1_i8, -1, 1, 1, 1, -1, -1, -1];
    let raw = |numbers: [i8; 8]| numbers.map(|number| number as u8).to_vec();
    let bits = rows.map(|s| u8::from(s == 1)).to_vec();
    let big = rows.iter().flat_map(|&s| f32::from(s).to_be_bytes()).collect();
    let half = rows.iter().flat_map(|&s| if s == 1 { [0, 0x3c] } else { [0, 0xbc] }).collect();
    let arrays: [(&str, &str, &str, &str, Vec<u8>); 7] = [
        ("plain", "|i1", "False", "(2, 4)", raw(rows)),
        ("columns", "|i1", "True", "(2, 4)", raw(columns)),
        ("axes", "|i1", "False", "(2, 2, 2)", raw(rows)),
        ("booleans", "|b1", "False", "(2, 4)", bits.clone()),
        ("bits", "|u1", "False", "(2, 4)", bits),
        ("big", ">f4", "False", "(2, 4)", big),
        ("half", "<f2", "False", "(2, 4)", half),
    ];
    let save = |name: &str, kind: &str, order: &str, shape: &str, data: &[u8]| {
        let header = format!("{{'descr':'{kind}', 'fortran_order' : {order}, 'shape': {shape}}}\n");
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend_from_slice(&(header.len() as u16).to_le_bytes());
        file.extend_from_slice(header.as_bytes());
        file.extend_from_slice(data);
        fs::write(path.join(format!("{name}.npy")), file).expect("writable");
    };
    for (name, kind, order, shape, data) in &arrays {
        save(name, kind, order, shape, data);
        let said = succeed(path, &format!("import {name}.npy --temperature 2 -o {name}.h5"));
        assert_eq!(said.contains("note: 0 in"), ["booleans", "bits"].contains(name), "{name}: {said}");
        assert_eq!(bytes(path, &format!("{name}.h5")), bytes(path, "plain.h5"), "{name}");
    }
    let spins = datasets::file::read::<datasets::Spins>(&path.join("columns.h5")).expect("spins").content;
    assert_eq!(spins.samples, ndarray::arr2(&[[1, 1, 1, -1], [-1, 1, -1, -1]]));
    save("three", "|i1", "False", "(2, 4)", &[1, 0, 1, 255, 1, 1, 1, 1]);
    fail(path, "import three.npy --temperature 2 -o x.h5", 3, &["has 0 at index 1", "+1 and -1"]);
    save("oblong", "|i1", "False", "(1, 8, 2)", &[1; 16]);
    fail(path, "import oblong.npy --temperature 2 -o x.h5", 3, &["no square lattice", "--lattice"]);
    // Eight rows of two: x is the second of NumPy's axes.
    succeed(path, "import oblong.npy --lattice square:2x8 --temperature 2 -o oblong.h5");
    fail(path, "import oblong.npy --lattice square:8x2 --temperature 2 -o x.h5", 3, &["8 × 2", "square:8x2"]);
    fail(
        path,
        "import oblong.npy --lattice triangular:4 --temperature 2 -o x.h5",
        3,
        &["8 × 2", "triangular:4x4"],
    );
    fail(path, "import oblong.npy --lattice triangular:2 --temperature 2 -o x.h5", 2, &["at least 3"]);
    let said = succeed(path, "import oblong.npy --lattice square:2x8 -o unknown.h5");
    assert!(said.contains("neither temperatures nor labels"), "{said}");
    let spins = datasets::file::read::<datasets::Spins>(&path.join("oblong.h5")).expect("spins").content;
    assert_eq!((spins.lattice.to_string().as_str(), spins.energy[0]), ("square:2x8", -32));
    // Anybody's data: no lattice, no temperature. They train a machine as any others do.
    save("digits", "|b1", "False", "(4, 5)", &[1, 0, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1]);
    succeed(path, "import digits.npy --lattice none -o digits.h5");
    let spins = datasets::file::read::<datasets::Spins>(&path.join("digits.h5")).expect("spins").content;
    assert_eq!((spins.lattice.to_string().as_str(), &spins.temperature[..]), ("none:5", &[1.0][..]));
    succeed(path, "train -q digits.h5 --hidden 3 --epochs 2 --biases --units binary -o machine.h5");
    succeed(path, "likelihood -q machine.h5 --spins digits.h5 -o likelihood.h5");
    let found = datasets::file::read::<datasets::Likelihood>(&path.join("likelihood.h5"))
        .expect("a likelihood")
        .content;
    assert!(found.log_likelihood.is_some_and(|value| value.value < 0.0 && value.value > -20.0));
}

/// Files that are as they were made, that somebody has annotated or packed anew, and that have no hash, are counted
/// apart.
#[test]
fn files_are_counted_by_what_is_known_of_them() {
    let folder = folder();
    let path = folder.path();
    // Without the block that holds the hash of all bytes there is only that of the content.
    fs::write(path.join("bare.h5"), &bytes(path, "spins.h5")[512..]).expect("writable");
    let said = succeed(path, "verify bare.h5");
    assert!(said.starts_with("1 file was annotated or repacked") && said.lines().count() == 1, "{said}");
    let said = succeed(path, "verify bare.h5 spins.h5 rbm.h5");
    assert!(said.starts_with("2 files are as they were made\n1 file was annotated"), "{said}");
    let json: serde_json::Value =
        serde_json::from_str(&succeed(path, "verify bare.h5 spins.h5 --json")).expect("JSON");
    assert_eq!(
        (&json["checked"], &json["annotated"], &json["without_hash"]),
        (&2.into(), &1.into(), &0.into())
    );
    // What is read from it is the same.
    let train = "train -q --hidden 3 --epochs 2 --seed 1";
    succeed(path, &format!("{train} spins.h5 -o a.h5"));
    succeed(path, &format!("{train} bare.h5 -o b.h5"));
    assert_eq!(bytes(path, "a.h5"), bytes(path, "b.h5"));
}

#[test]
fn shells_and_man_know_every_verb() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = succeed(folder.path(), &format!("completions {shell}"));
        assert!(script.contains("equation-of-state") && script.contains("gibbs-steps"), "{shell}");
    }
    let page = succeed(folder.path(), "man");
    assert!(page.contains(".TH rbmflow") && page.contains("likelihood"), "{page}");
    assert!(succeed(folder.path(), "man flow rbm").contains("starts"));
    fail(folder.path(), "man flows", 2, &["no verb `flows`"]);
}
