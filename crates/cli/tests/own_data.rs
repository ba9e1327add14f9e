//! Anybody's data: arrays, archives and tables come in, and every stage takes them.

mod common;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use common::{fail, succeed};
use datasets::{Artifact, Flow, LabelKind, Likelihood, Spins, Thermometer, Weights, file};
use zip::write::{SimpleFileOptions, ZipWriter};

/// An array of bytes or integers as NumPy saves it.
fn npy(kind: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
}

/// An archive as numpy.savez_compressed writes it.
fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(std::io::Cursor::new(vec![]));
    for (name, array) in arrays {
        archive.start_file(format!("{name}.npy"), SimpleFileOptions::default()).expect("a new name");
        archive.write_all(array).expect("writable");
    }
    archive.finish().expect("an archive").into_inner()
}

/// 40 configurations of 3 × 4 sites in two classes, 2 and 7: mostly up or mostly down, with one site that is not.
fn rows() -> (Vec<u8>, Vec<u8>) {
    let bit = |row: usize, site: usize| u8::from((row.is_multiple_of(2)) != (site == row % 12));
    let bits = (0..40).flat_map(|row| (0..12).map(move |site| bit(row, site))).collect();
    (bits, (0..40).map(|row| if row % 2 == 0 { 2 } else { 7 }).collect())
}

fn table(header: Option<&str>, labels: bool) -> String {
    let (bits, classes) = rows();
    let line = |(row, class): (&[u8], &u8)| {
        let mut cells: Vec<String> = row.iter().map(u8::to_string).collect();
        cells.extend(labels.then(|| class.to_string()));
        cells.join(",") + "\n"
    };
    header
        .into_iter()
        .map(|header| format!("{header}\n"))
        .chain(bits.chunks(12).zip(&classes).map(line))
        .collect()
}

const NAMES: &str = "a,b,c,d,e,f,g,h,i,j,k,l,label";

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    fs::write(folder.join(name), bytes).expect("writable");
}

fn content<T: Artifact>(folder: &Path, name: &str) -> T {
    file::read::<T>(&folder.join(name)).expect("a file").content
}

#[test]
fn one_content_comes_in_from_all_formats_as_one_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    let (bits, classes) = rows();
    let (spins, labels) = (npy("|b1", "(40, 12)", &bits), npy("|u1", "(40,)", &classes));
    let spinwise: Vec<u8> = bits.iter().map(|&bit| if bit == 1 { 1 } else { 255 }).collect();
    write(path, "spins.npy", &spins);
    write(path, "labels.npy", &labels);
    write(path, "data.npz", npz(&[("x", spins.clone()), ("labels", labels.clone())]));
    write(
        path,
        "other.npz",
        npz(&[("x", npy("|i1", "(40, 12)", &spinwise)), ("y", labels.clone()), ("z", vec![])]),
    );
    write(path, "data.csv", table(Some(NAMES), true));
    write(path, "kind.csv", table(Some(&NAMES.replace("label", "kind")), true).replace('\n', "\r\n"));
    write(path, "bare.csv", table(None, false));
    for (name, words) in [
        ("a", "spins.npy --labels labels.npy"),
        ("b", "data.npz"),
        ("c", "other.npz --array x --labels y"),
        ("d", "data.csv"),
        ("e", "kind.csv --labels kind"),
        ("f", "bare.csv --labels labels.npy"),
    ] {
        succeed(path, &format!("import {words} --lattice none -o {name}.h5"));
        assert_eq!(
            fs::read(path.join(format!("{name}.h5"))).ok(),
            fs::read(path.join("a.h5")).ok(),
            "{words}"
        );
    }
    let spins: Spins = content(path, "a.h5");
    assert_eq!((spins.label_kind, &spins.temperature[..]), (LabelKind::Class, &[2.0, 7.0][..]));
    assert_eq!((spins.samples.dim(), spins.labels[0], spins.labels[1]), ((40, 12), 0, 1));
    assert_eq!(spins.samples.row(1).to_vec(), [-1, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1]);

    // Without labels, and with the same numbers as temperatures, on a lattice.
    let said = succeed(path, "import bare.csv --lattice square:3x4 -o unknown.h5");
    assert!(said.contains("neither temperatures nor labels"), "{said}");
    let unknown: Spins = content(path, "unknown.h5");
    assert_eq!((unknown.label_kind, &unknown.temperature[..]), (LabelKind::None, &[1.0][..]));
    succeed(path, "import data.csv --lattice square:3x4 --temperatures label -o warm.h5");
    let warm: Spins = content(path, "warm.h5");
    assert_eq!((warm.label_kind, warm.temperature), (LabelKind::Temperature, vec![2.0, 7.0]));
    // A known column is no site, wanted or not.
    succeed(path, "import data.csv --lattice none --temperature 3 -o three.h5");
    assert_eq!(content::<Spins>(path, "three.h5").temperature, [3.0]);
}

#[test]
fn what_is_no_data_is_refused_with_a_cure() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    let (bits, classes) = rows();
    let (spins, labels) = (npy("|b1", "(40, 12)", &bits), npy("|u1", "(40,)", &classes));
    write(path, "few.npy", npy("|u1", "(3,)", &[0, 1, 2]));
    write(path, "negative.npy", npy("|i1", "(40,)", &[255; 40]));
    write(path, "half.npy", npy("<f2", "(40,)", &[0, 0x38].repeat(40)));
    let whole = npz(&[("x", spins.clone()), ("labels", labels.clone())]);
    write(path, "cut.npz", &whole[..whole.len() - 30]);
    let mut flipped = whole.clone();
    flipped[60] ^= 0xff;
    write(path, "flipped.npz", flipped);
    write(path, "several.npz", npz(&[("x", spins.clone()), ("y", spins.clone())]));
    write(path, "alone.npz", npz(&[("labels", labels.clone())]));
    write(path, "empty.npz", npz(&[]));
    write(
        path,
        "both.npz",
        npz(&[("x", spins.clone()), ("labels", labels.clone()), ("temperatures", labels)]),
    );
    write(path, "text.npz", npz(&[("x", npy("<U3", "(1,)", &[0; 12]))]));
    let good = table(Some(NAMES), true);
    write(path, "good.csv", &good);
    write(path, "ragged.csv", good.replacen("0,1", "0", 1));
    write(path, "word.csv", good.replacen(",7\n", ",cat\n", 1));
    write(path, "hole.csv", good.replacen("1,1,1,1", "1,,1,1", 1));
    write(path, "three.csv", good.replacen("1,1,1,1", "1,3,1,1", 1));
    write(path, "semicolons.csv", good.replace(',', ";"));
    write(path, "empty.csv", "");
    write(path, "notes.txt", "notes");
    for (words, code, texts) in [
        (
            "good.csv --labels few.npy",
            3,
            &["few.npy", "has shape [3], expected [40]", "for each configuration"][..],
        ),
        ("good.csv --labels negative.npy", 3, &["has label -1 at index 0", "numpy.unique"]),
        ("good.csv --labels half.npy", 3, &["has label 0.5 at index 0", "numpy.unique"]),
        ("good.csv --labels kind", 2, &["good.csv", "has no `kind`", "label"]),
        ("good.csv --array label", 3, &["is no archive"]),
        ("cut.npz", 3, &["cut.npz", "is damaged or cut off"]),
        ("flipped.npz", 3, &["flipped.npz"]),
        ("several.npz", 3, &["has several arrays, x, y", "--array"]),
        ("several.npz --array z", 3, &["has no array `z`; it has x, y"]),
        ("alone.npz", 3, &["has no array of configurations"]),
        ("empty.npz", 3, &["empty.npz"]),
        ("both.npz", 2, &["has temperatures and labels", "choose one with --labels or --temperatures"]),
        ("text.npz", 3, &["array `x`", "<U3"]),
        ("ragged.csv", 3, &["has 12 columns in line", "13 before", "commas"]),
        ("word.csv", 3, &["has `cat` in line 3, column 13 (`label`)", "number classes from 0 on"]),
        ("hole.csv", 3, &["is empty in line", "missing values"]),
        ("three.csv", 3, &["has 3 at index", "1 and 0"]),
        ("semicolons.csv", 3, &["semicolons.csv", "line 2", "separated by commas"]),
        ("empty.csv", 3, &["has no line of numbers"]),
        ("notes.txt", 3, &["notes.txt", ".npy, .npz", ".csv"]),
        ("missing.csv", 3, &["missing.csv", "does not exist"]),
        ("good.csv --lattice square:5x5", 3, &["configurations of 12", "square:5x5"]),
    ] {
        let lattice = if words.contains("--lattice") { "" } else { "--lattice none" };
        fail(path, &format!("import {words} {lattice} -o x.h5"), code, texts);
    }
    assert!(!path.join("x.h5").exists());
}

/// Every verb takes such data; what has no meaning is left out.
#[test]
fn all_stages_take_data_without_temperatures() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    let good = table(Some(NAMES), true);
    write(path, "data.csv", &good);
    // Other configurations: one more site is turned.
    write(path, "test.csv", good.replace("1,0,1,1", "1,0,0,1").replace("0,1,0,0", "0,1,1,0"));
    write(path, "bare.csv", table(None, false));
    for name in ["data", "test"] {
        succeed(path, &format!("import {name}.csv --lattice none -o {name}.h5"));
    }
    succeed(path, "import bare.csv --lattice square:3x4 -o bare.h5");
    assert!(succeed(path, "info data.h5").contains("lattice none:12 of 2 classes"));
    assert!(succeed(path, "info bare.h5").contains("lattice square:3x4 without labels"));

    let train = "--units binary --biases --hidden 4 --epochs 30 --batch-size 5 --learning-rate 0.1";
    succeed(path, &format!("train -q data.h5 {train} -o rbm.h5"));
    succeed(path, "likelihood -q rbm.h5 --spins test.h5 -o likelihood.h5");
    let likelihood: Likelihood = content(path, "likelihood.h5");
    assert!(likelihood.log_likelihood.is_some() && likelihood.data_log_likelihood.is_none());

    succeed(path, "weights -q rbm.h5 --spins data.h5 -o weights.h5");
    let weights: Weights = content(path, "weights.h5");
    assert_eq!((weights.translation_invariant_fraction, weights.distance.len()), (None, 0));
    assert_eq!((weights.projection.nrows(), weights.eigenvalues.len()), (2, 12));
    assert!(succeed(path, "info weights.h5").contains("no lattice"));

    let network = "--hidden 8 --epochs 60 --batch-size 10 --patience 60 --validation-fraction 0.2";
    succeed(path, &format!("thermometer train -q data.h5 --test test.h5 {network} -o network.h5"));
    let thermometer: Thermometer = content(path, "network.h5");
    assert_eq!((thermometer.label_kind, &thermometer.temperature[..]), (LabelKind::Class, &[2.0, 7.0][..]));
    assert!(
        thermometer.calibration.confusion[[0, 0]] > 0.9,
        "mostly up and mostly down are easily told apart"
    );

    let flow = "flow rbm -q rbm.h5 --starts test.h5 --chains 20 --steps 12 -o";
    succeed(path, &format!("{flow} flow.h5 --thermometer network.h5"));
    let found: Flow = content(path, "flow.h5");
    assert_eq!((found.label_kind, &found.start_temperature[..]), (LabelKind::Class, &[2.0, 7.0][..]));
    // The network says which class, and no mean of classes; without a lattice no energy settles.
    assert!(found.nn_posterior.is_some() && found.nn_temperature.is_none() && found.fixed_point.is_none());
    assert!(found.balance.is_some_and(|balance| balance.zero.is_none()));
    let machine = found.machine.expect("what the machine says");
    let steps = machine.overlap.value.ncols();
    assert!(
        (0..2).all(|f| machine.overlap.value[[f, 0]] == 1.0 && machine.overlap.value[[f, steps - 1]] < 1.0)
    );
    // The first step is the data: ln p = −F − ln Z of the same configurations, whose mean `likelihood` has.
    let mean = (machine.free_energy.value[[0, 0]] + machine.free_energy.value[[1, 0]]) / 2.0;
    assert!((mean * 12.0 - likelihood.mean_free_energy.value).abs() < 1e-9);
    let said = succeed(path, "info flow.h5");
    for text in
        ["from class 7", "overlap with the start", "pseudo-log-likelihood", "distribution of the network"]
    {
        assert!(said.contains(text), "{said}");
    }
    assert!(!said.contains("energy / spin"), "{said}");

    // On a lattice without temperatures there is an energy, and still the machine's own word.
    succeed(path, &format!("train -q bare.h5 {train} -o own.h5"));
    succeed(path, "flow rbm -q own.h5 --starts bare.h5 --chains 20 --steps 12 -o own-flow.h5");
    let found: Flow = content(path, "own-flow.h5");
    assert!(found.machine.is_some() && found.fixed_point.is_some() && found.label_kind == LabelKind::None);
    succeed(path, "likelihood -q own.h5 --spins bare.h5 -o own-likelihood.h5");
    assert_eq!(content::<Likelihood>(path, "own-likelihood.h5").data_log_likelihood, None);
    report(path, &likelihood);
    fail(path, "thermometer train bare.h5 --test bare.h5 -o x.h5", 2, &["same file"]);
    fail(path, "train data.h5 bare.h5 -o x.h5", 2, &["different lattices"]);
}

/// One page about the two machines, which names what it cannot show.
fn report(path: &Path, likelihood: &Likelihood) {
    succeed(path, "report -q .");
    let page = fs::read_to_string(path.join("report.html")).expect("a page");
    let partition = likelihood.log_partition.expect("an exact one").value;
    for text in [
        "<th scope=\"row\">rbm.h5</th>",
        "<th scope=\"row\">own.h5</th>",
        &format!("<td>likelihood.h5</td><td>40</td><td>no</td><td>{partition:.3}</td>"),
        "<td>own-likelihood.h5</td><td>40</td><td>yes: no test</td>",
        "Flow of rbm.h5 in flow.h5",
        "data-name=\"class 7\" data-unit=\"\" data-x=\"step\"",
        "W·Wᵀ by distance and the Fourier shells of rbm.h5: its visible units stand on no lattice",
        "Energies and correlations along flow.h5: its configurations are on no lattice",
        "T_E and T_m along own-flow.h5: its configurations have no temperatures",
        "The spectrum of own.h5: <code>rbmflow weights</code> makes it",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("along own-flow.h5: its configurations are on no lattice"));
    let energies = page.matches("data-unit=\"J\"").count();
    assert_eq!(energies, 1, "one flow of one start is on a lattice");
    succeed(path, "report -q .");
    fs::write(path.join("report.html"), "mine").expect("writable");
    fail(path, "report .", 2, &["report.html", "another file"]);
    fs::create_dir(path.join("empty")).expect("a new folder");
    fail(path, "report empty", 3, &["no experiment.toml", "no machine", "rbmflow train"]);
    fail(path, "report . --require-claims", 2, &["claims are judged of runs"]);
    fail(path, "report . --style column", 2, &["leave out --style"]);
}
