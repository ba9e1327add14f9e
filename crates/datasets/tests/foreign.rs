//! Files that another program wrote: accepted if they say the same, refused if they are hostile.
#![cfg(any(feature = "hdf5", feature = "system-hdf5"))]

mod samples;

use std::path::{Path, PathBuf};

use datasets::file::{self, ReadError};
use datasets::{Artifact, ContentError, Spins, Values};
use hdf5::types::VarLenUnicode;
use hdf5::{File, Group};

/// A file under construction in a folder of its own.
struct Foreign {
    file: File,
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Foreign {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("foreign.h5");
        Self { file: File::create(&path).unwrap(), path, _folder: folder }
    }

    /// The least that is accepted as spins: two configurations on a 2 × 2 lattice at two temperatures.
    fn spins() -> Self {
        let foreign = Self::new();
        foreign.text("schema", "rbmflow.spins");
        foreign.number("schema_major", 1_i64);
        foreign.number("size", 2_i64);
        foreign.dataset("samples", &ndarray::arr2(&[[1_i8, 1, 1, 1], [1, -1, 1, -1]]));
        foreign.dataset("labels", &ndarray::arr1(&[0_i64, 1]));
        foreign.dataset("temperature", &ndarray::arr1(&[0.0, f64::INFINITY]));
        foreign
    }

    /// The same without some of its parts.
    fn spins_without(names: &[&str]) -> Self {
        let foreign = Self::spins();
        for name in names {
            match foreign.file.attr(name) {
                Ok(_) => foreign.file.delete_attr(name).unwrap(),
                Err(_) => foreign.file.unlink(name).unwrap(),
            }
        }
        foreign
    }

    fn text(&self, name: &str, text: &str) {
        let text: VarLenUnicode = text.parse().unwrap();
        self.file.new_attr::<VarLenUnicode>().create(name).unwrap().write_scalar(&text).unwrap();
    }

    fn number<T: hdf5::H5Type>(&self, name: &str, value: T) {
        self.file.new_attr::<T>().create(name).unwrap().write_scalar(&value).unwrap();
    }

    fn dataset<T: hdf5::H5Type, D: ndarray::Dimension>(&self, name: &str, array: &ndarray::Array<T, D>) {
        self.file.new_dataset_builder().with_data(array.view()).create(name).unwrap();
    }

    fn read(self) -> Result<Spins, ReadError> {
        self.file.close().unwrap();
        file::read::<Spins>(&self.path).map(|stored| stored.content)
    }

    /// Refused, with an error that names the file and all `words`.
    #[track_caller]
    fn check_refused(self, words: &[&str]) {
        let path = self.path.clone();
        let text = match self.read() {
            Ok(_) => panic!("accepted"),
            Err(error) => error.to_string(),
        };
        for word in words.iter().copied().chain([path.to_str().unwrap()]) {
            assert!(text.contains(word), "`{word}` is not in: {text}");
        }
    }
}

#[test]
fn the_least_is_accepted() {
    let foreign = Foreign::spins();
    let path = foreign.path.clone();
    foreign.file.flush().unwrap();
    let stored = file::read::<Spins>(&path).unwrap();
    assert_eq!(stored.content.samples, ndarray::arr2(&[[1, 1, 1, 1], [1, -1, 1, -1]]));
    assert_eq!(stored.content.labels, [0, 1]);
    assert_eq!(stored.content.temperature, [0.0, f64::INFINITY]);
    // Each of the four sites has two bonds; in the second configuration half of them are satisfied.
    assert_eq!(stored.content.energy, [-8, 0]);
    assert_eq!(stored.content.magnetization, [4, 0]);
    assert_eq!(stored.content.algorithm, "unknown");
    assert_eq!(stored.provenance.seed, 0);
    let header = file::verify(&path).unwrap();
    assert!(!header.sealed);
    assert_eq!(header.content_hash, stored.content_hash);
    assert_eq!(file::read_header(&path).unwrap(), header);
}

#[test]
fn accepted_spins_can_be_written() {
    let spins = Foreign::spins().read().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ours.h5");
    file::write(&path, &spins, &samples::provenance()).unwrap();
    assert_eq!(file::read::<Spins>(&path).unwrap().content, spins);
}

/// The numbers of a dataset as another type, byte order or storage.
#[test]
fn numbers_of_other_types_are_accepted() {
    fn check<T: hdf5::H5Type + Copy>(name: &str, numbers: [T; 2]) {
        let foreign = Foreign::spins_without(&[name]);
        foreign.dataset(name, &ndarray::arr1(&numbers));
        let expected = Foreign::spins().read().unwrap();
        let mut spins = foreign.read().unwrap();
        if name == "temperature" {
            assert_eq!(spins.temperature, [0.0, 6.0]);
            spins.temperature = expected.temperature.clone();
        }
        assert_eq!(spins, expected);
    }
    check("labels", [0_i8, 1]);
    check("labels", [0_i16, 1]);
    check("labels", [0_i32, 1]);
    check("labels", [0_u8, 1]);
    check("labels", [0_u16, 1]);
    check("labels", [0_u32, 1]);
    check("labels", [0_u64, 1]);
    check("labels", [0.0_f32, 1.0]);
    check("temperature", [0_i64, 6]);
    check("temperature", [0_u8, 6]);
    check("temperature", [0.0_f32, 6.0]);

    let foreign = Foreign::spins_without(&["samples"]);
    foreign.dataset("samples", &ndarray::arr2(&[[1.0_f64, 1.0, 1.0, 1.0], [1.0, -1.0, 1.0, -1.0]]));
    assert_eq!(foreign.read().unwrap(), Foreign::spins().read().unwrap());

    let foreign = Foreign::spins_without(&["samples"]);
    let samples = ndarray::arr2(&[[1_i64, 1, 1, 1], [1, -1, 1, -1]]);
    let builder = foreign.file.new_dataset_builder().chunk((1, 3)).shuffle().deflate(1).fletcher32();
    builder.with_data(samples.view()).create("samples").unwrap();
    assert_eq!(foreign.read().unwrap(), Foreign::spins().read().unwrap());
}

#[test]
fn labels_may_be_missing_for_one_temperature() {
    let foreign = Foreign::spins_without(&["labels", "temperature"]);
    foreign.dataset("temperature", &ndarray::arr1(&[2.25]));
    assert_eq!(foreign.read().unwrap().labels, [0, 0]);
    Foreign::spins_without(&["labels"]).check_refused(&["labels", "missing"]);
}

#[test]
fn what_is_missing_is_named() {
    Foreign::spins_without(&["schema"]).check_refused(&["schema"]);
    Foreign::spins_without(&["schema_major"]).check_refused(&["schema_major"]);
    Foreign::spins_without(&["size"]).check_refused(&["size"]);
    Foreign::spins_without(&["samples"]).check_refused(&["samples", "missing"]);
    Foreign::spins_without(&["temperature"]).check_refused(&["temperature", "missing"]);
}

#[test]
fn wrong_values_are_named() {
    let with = |name: &str, numbers: &[f64]| {
        let foreign = Foreign::spins_without(&[name]);
        foreign.dataset(name, &ndarray::Array1::from(numbers.to_vec()));
        foreign
    };
    with("labels", &[0.0, 2.0]).check_refused(&["labels", "2", "below 2"]);
    with("labels", &[0.0, -1.0]).check_refused(&["labels", "-1"]);
    with("labels", &[0.0]).check_refused(&["labels", "[1]", "[2]"]);
    with("temperature", &[0.0, f64::NAN]).check_refused(&["temperature", "NaN"]);
    with("temperature", &[-1.0, 1.0]).check_refused(&["temperature", "-1"]);
    with("samples", &[1.0, 1.0]).check_refused(&["samples", "axes"]);
    for wrong in [0_i8, 2, -2, 127, -128] {
        let foreign = Foreign::spins_without(&["samples"]);
        foreign.dataset("samples", &ndarray::arr2(&[[1, 1, 1, 1], [1, wrong, 1, -1]]));
        foreign.check_refused(&["samples", "index 5", &wrong.to_string(), "+1 or -1"]);
    }
    let foreign = Foreign::spins();
    foreign.dataset("energy", &ndarray::arr1(&[-8, 1]));
    foreign.check_refused(&["energy", "index 1", "0 as computed"]);
    for size in [0_i64, 1, 3, -2, i64::MAX, 1 << 32, 40_000] {
        let foreign = Foreign::spins_without(&["size"]);
        foreign.number("size", size);
        foreign.check_refused(&["size"]);
    }
    let foreign = Foreign::spins();
    foreign.number("coupling", 2.0_f64);
    foreign.check_refused(&["coupling", "2"]);
    let foreign = Foreign::spins();
    foreign.number("boundary", 2.0_f64);
    foreign.check_refused(&["boundary", "text"]);
}

#[test]
fn versions_are_refused_by_name() {
    let with = |major: i64, minor: i64| {
        let foreign = Foreign::spins_without(&["schema_major"]);
        foreign.number("schema_major", major);
        foreign.number("schema_minor", minor);
        foreign
    };
    with(1, 1).check_refused(&["rbmflow.spins 1.1", "reads 1.0", "knows 1.1"]);
    with(2, 0).check_refused(&["rbmflow.spins 2.0", "reads 1.0", "knows 2.0"]);
    with(0, 9).check_refused(&["rbmflow.spins 0.9", "older"]);
    with(-1, 0).check_refused(&["schema_major"]);
    assert!(with(1, 0).read().is_ok());
    let newer = with(1, 7);
    newer.file.flush().unwrap();
    assert!(matches!(file::verify(&newer.path), Err(ReadError::IncompatibleVersion { .. })));
    assert_eq!(file::read_header(&newer.path).unwrap().version.minor, 7);
    let foreign = Foreign::spins_without(&["schema"]);
    foreign.text("schema", "rbmflow.unheard-of");
    foreign.file.flush().unwrap();
    assert!(matches!(file::verify(&foreign.path), Err(ReadError::WrongSchema { .. })));
    foreign.check_refused(&["rbmflow.unheard-of", "rbmflow.spins"]);
}

#[test]
fn a_wrong_content_hash_is_refused() {
    let foreign = Foreign::spins();
    foreign.text("content_hash", &"0".repeat(64));
    foreign.check_refused(&["hash"]);
    let foreign = Foreign::spins();
    foreign.number("content_hash", 3_i64);
    foreign.check_refused(&["content_hash"]);
}

#[test]
fn other_provenance_is_read_or_refused() {
    let foreign = Foreign::spins();
    foreign.text("producer", "notebook");
    foreign.number("seed", 12_i32);
    foreign.file.flush().unwrap();
    let provenance = file::read::<Spins>(&foreign.path).unwrap().provenance;
    assert_eq!((provenance.producer.as_str(), provenance.seed), ("notebook", 12));
    let foreign = Foreign::spins();
    foreign.number("seed", -1_i64);
    foreign.check_refused(&["seed"]);
    let foreign = Foreign::spins();
    foreign.text("inputs", "{");
    foreign.check_refused(&["inputs"]);
}

#[test]
fn links_are_refused() {
    let foreign = Foreign::spins_without(&["temperature"]);
    foreign.file.link_external("/etc/passwd", "temperature", "temperature").unwrap();
    foreign.check_refused(&["temperature", "another file"]);
    let foreign = Foreign::spins();
    foreign.file.link_soft("/samples", "again").unwrap();
    foreign.check_refused(&["again", "soft link"]);
    let foreign = Foreign::spins();
    foreign.file.link_soft("/loop", "loop").unwrap();
    foreign.check_refused(&["loop", "soft link"]);
    let foreign = Foreign::spins();
    foreign.file.create_group("a").unwrap().link_hard("/a", "a").unwrap();
    foreign.check_refused(&["a/a", "second link"]);
    let foreign = Foreign::spins();
    foreign.file.create_group("a").unwrap().link_hard("/", "root").unwrap();
    foreign.check_refused(&["a/root"]);
    let foreign = Foreign::spins();
    foreign.file.link_hard("/samples", "again").unwrap();
    foreign.check_refused(&["second link"]);
    let foreign = Foreign::spins();
    let mut group: Group = foreign.file.create_group("g").unwrap();
    for _ in 0..1000 {
        group = group.create_group("g").unwrap();
    }
    drop(group);
    foreign.check_refused(&["groups within groups"]);
}

/// The memory for what is declared is never asked for.
#[test]
fn huge_declarations_are_refused() {
    let check = |shape: &[usize], words: &[&str]| {
        let foreign = Foreign::spins_without(&["samples"]);
        let builder = foreign.file.new_dataset::<i8>().chunk(vec![1; shape.len()]);
        builder.shape(shape.to_vec()).create("samples").unwrap();
        foreign.check_refused(words);
    };
    check(&[1 << 40, 4], &["samples", "declare"]);
    check(&[1 << 62, 1 << 62], &["samples", "counted"]);
    check(&[1 << 27], &["samples", "declare"]);
    check(&[0, 1 << 62, 1 << 62], &["samples"]);
    // Many that are each small enough.
    let foreign = Foreign::spins();
    for i in 0..4 {
        let builder = foreign.file.new_dataset::<i8>().chunk((1 << 20,));
        builder.shape((20 << 20,)).create(format!("extra{i}").as_str()).unwrap();
    }
    foreign.check_refused(&["extra3", "declare"]);
    // The library keeps a record of each chunk that is read.
    let foreign = Foreign::spins();
    let builder = foreign.file.new_dataset::<i8>().chunk((1,));
    builder.shape((40 << 20,)).create("extra").unwrap();
    foreign.check_refused(&["extra", "chunks"]);
    let foreign = Foreign::spins_without(&["samples"]);
    let extents = hdf5::Extents::from((2, 4)).resizable();
    let builder = foreign.file.new_dataset::<i8>().chunk((1 << 14, 1 << 14));
    builder.shape(extents).create("samples").unwrap();
    foreign.check_refused(&["samples", "chunks"]);
    // Declared but never stored.
    let foreign = Foreign::spins_without(&["samples"]);
    foreign.file.new_dataset::<i8>().no_chunk().shape((2, 4)).create("samples").unwrap();
    foreign.check_refused(&["samples", "0 bytes"]);
}

#[test]
fn other_kinds_of_data_are_refused() {
    let foreign = Foreign::spins_without(&["temperature"]);
    let texts: Vec<VarLenUnicode> = ["0", "inf"].iter().map(|t| t.parse().unwrap()).collect();
    foreign.dataset("temperature", &ndarray::Array1::from(texts));
    foreign.check_refused(&["temperature", "text"]);
    let foreign = Foreign::spins_without(&["samples"]);
    foreign.dataset("samples", &ndarray::arr2(&[[true, true, true, true]]));
    foreign.check_refused(&["samples", "boolean"]);
    let foreign = Foreign::spins_without(&["samples"]);
    let lists = vec![hdf5::types::VarLenArray::from_slice(&[1_i8, 1, 1, 1]); 2];
    foreign.dataset("samples", &ndarray::Array1::from(lists));
    foreign.check_refused(&["samples", "variable length"]);
    let foreign = Foreign::spins_without(&["labels"]);
    let builder = foreign.file.new_dataset::<i64>().external("labels.raw", 0, 16);
    builder.shape((2,)).create("labels").unwrap();
    foreign.check_refused(&["labels", "another file"]);
    let foreign = Foreign::spins_without(&["samples"]);
    let samples = ndarray::arr2(&[[1_i32, 1, 1, 1], [1, -1, 1, -1]]);
    let builder = foreign.file.new_dataset_builder().chunk((2, 4)).nbit();
    builder.with_data(samples.view()).create("samples").unwrap();
    foreign.check_refused(&["samples", "filter"]);
    let foreign = Foreign::spins();
    foreign.file.commit_datatype("kind", &hdf5::Datatype::from_type::<f64>().unwrap()).unwrap();
    foreign.check_refused(&["kind"]);
}

/// HDF5 2.2.0 reads far beyond a stored chunk that is shorter than its Fletcher-32 sum, and crashes.
#[test]
fn chunks_shorter_than_their_checksum_are_refused() {
    let foreign = Foreign::spins_without(&["samples"]);
    let builder = foreign.file.new_dataset::<i8>().chunk((2, 4)).fletcher32();
    let dataset = builder.shape((2, 4)).create("samples").unwrap();
    let (offset, bytes) = ([0_u64, 0], [1_u8, 1]);
    // SAFETY: the dataset is open and has two axes, two bytes are there to be written, and no other thread is in the library.
    let written = hdf5::sync::sync(|| unsafe {
        hdf5_sys::h5d::H5Dwrite_chunk(
            dataset.id(),
            hdf5_sys::h5p::H5P_DEFAULT,
            0,
            offset.as_ptr(),
            bytes.len(),
            bytes.as_ptr().cast(),
        )
    });
    assert!(written >= 0);
    drop(dataset);
    foreign.check_refused(&["samples", "chunk of 2 bytes"]);
}

/// A flipped byte of a file without our hash is found by a checksum, or makes another file that is still spins.
#[cfg(feature = "hdf5")]
#[test]
fn damage_without_our_hash_never_panics() {
    let foreign = Foreign::spins();
    foreign.file.flush().unwrap();
    let path = foreign.path.clone();
    foreign.file.close().unwrap();
    let original = std::fs::read(&path).unwrap();
    for at in (0..original.len()).filter(|at| at % 7 == 0 || *at < 200) {
        let mut bytes = original.clone();
        bytes[at] ^= 0xff;
        file::from_bytes::<Spins>(Path::new("x.h5"), &bytes).ok();
        file::from_bytes::<Spins>(Path::new("x.h5"), &original[..at]).ok();
    }
}

#[test]
fn integers_become_the_narrowest_of_ours() {
    let header = |numbers: &[i64]| {
        let foreign = Foreign::spins();
        foreign.dataset("extra", &ndarray::Array1::from(numbers.to_vec()));
        foreign.read().map(|spins| spins.to_tree())
    };
    assert!(header(&[-1, 1 << 40]).is_err());
    assert!(header(&[1, 1 << 40]).is_ok());
    let tree = samples::spins().to_tree();
    assert!(matches!(tree.datasets["labels"].values, Values::U16(_)));
    assert!(matches!(
        tree.get::<i8, ndarray::Ix1>("samples"),
        Err(ContentError::WrongShape { ref path, .. }) if path == "samples"
    ));
}
