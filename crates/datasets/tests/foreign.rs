//! Files that another program wrote: accepted if they say the same, refused if they are hostile.

#![cfg_attr(feature = "hdf5", expect(unsafe_code, reason = "calls into the C library of HDF5"))]
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
    assert_eq!(header.integrity, file::Integrity::WithoutHash);
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
    // There are as many temperatures as configurations: each has its own.
    assert_eq!(Foreign::spins_without(&["labels"]).read().unwrap(), Foreign::spins().read().unwrap());
    let foreign = Foreign::spins_without(&["labels", "temperature"]);
    foreign.dataset("temperature", &ndarray::arr1(&[1.0, 2.0, 3.0]));
    foreign.check_refused(&["labels", "missing"]);
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
    with("samples", &[1.0, 1.0]).check_refused(&["samples", "[n, 4]"]);
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
        foreign.check_refused(&[if size == 3 { "square:3x3" } else { "size" }]);
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
    let known = Spins::VERSION;
    for (major, minor) in [(known.major, known.minor + 1), (known.major + 1, 0)] {
        let newer = format!("{major}.{minor}");
        let texts =
            [format!("rbmflow.spins {newer}"), format!("reads 1.0 to {known}"), format!("knows {newer}")];
        with(major.into(), minor.into()).check_refused(&texts.each_ref().map(String::as_str));
    }
    with(0, 9).check_refused(&["rbmflow.spins 0.9", "older"]);
    with(-1, 0).check_refused(&["schema_major"]);
    assert!(with(1, 0).read().is_ok());
    let newer = with(2, 7);
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

/// What no schema asks for may be there in any form; where it is asked for, the data themselves are needed.
#[test]
fn links_are_not_followed() {
    let foreign = Foreign::spins_without(&["temperature"]);
    foreign.file.link_external("/etc/passwd", "temperature", "temperature").unwrap();
    foreign.check_refused(&["temperature", "another file"]);
    let foreign = Foreign::spins_without(&["temperature"]);
    foreign.dataset("elsewhere", &ndarray::arr1(&[0.0, 1.0]));
    foreign.file.link_soft("/elsewhere", "temperature").unwrap();
    foreign.check_refused(&["temperature", "soft link"]);
    let expected = Foreign::spins().read().unwrap();
    let accepted = |change: &dyn Fn(&File)| {
        let foreign = Foreign::spins();
        change(&foreign.file);
        assert_eq!(foreign.read().unwrap(), expected);
    };
    accepted(&|file| file.link_soft("/samples", "again").unwrap());
    accepted(&|file| file.link_soft("/loop", "loop").unwrap());
    accepted(&|file| file.link_external("/etc/passwd", "x", "elsewhere").unwrap());
    accepted(&|file| file.create_group("a").unwrap().link_hard("/a", "a").unwrap());
    accepted(&|file| file.create_group("a").unwrap().link_hard("/", "root").unwrap());
    // The name that comes first is not the one that is asked for.
    accepted(&|file| file.link_hard("/samples", "data").unwrap());
    let foreign = Foreign::spins();
    let mut group: Group = foreign.file.create_group("g").unwrap();
    for _ in 0..1000 {
        group = group.create_group("g").unwrap();
    }
    drop(group);
    foreign.check_refused(&["groups within groups"]);
    // Many names of one large array declare as much as many arrays.
    let foreign = Foreign::spins();
    let builder = foreign.file.new_dataset::<i8>().chunk((1 << 20,));
    builder.shape((20 << 20,)).create("extra").unwrap();
    for i in 0..4 {
        foreign.file.link_hard("/extra", &format!("extra{i}")).unwrap();
    }
    foreign.check_refused(&["extra", "declare"]);
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
    foreign.read().unwrap();
    let foreign = Foreign::spins();
    let note: VarLenUnicode = "by hand".parse().unwrap();
    foreign.dataset("note", &ndarray::arr0(note));
    foreign.read().unwrap();
}

/// HDF5 2.2.0 reads far beyond a stored chunk that is shorter than its Fletcher-32 sum, and crashes.
#[test]
fn chunks_shorter_than_their_checksum_are_refused() {
    let foreign = Foreign::spins_without(&["samples"]);
    let builder = foreign.file.new_dataset::<i8>().chunk((2, 4)).fletcher32();
    let dataset = builder.shape((2, 4)).create("samples").unwrap();
    let (offset, bytes) = ([0_u64, 0], [1_u8, 1]);
    // SAFETY: the dataset is open and has two axes, two bytes are there to be written, and no other thread is in the
    // library.
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

/// As H5LT, netCDF and MATLAB write numbers, and as Fortran and others write text.
#[test]
fn lists_of_one_and_padded_texts_are_accepted() {
    let expected = Foreign::spins().read().unwrap();
    let list = |foreign: &Foreign, name: &str, value: f64| {
        let attribute = foreign.file.new_attr::<f64>().shape(1).create(name).unwrap();
        attribute.write_raw(&[value]).unwrap();
    };
    let foreign = Foreign::spins_without(&["schema_major", "size"]);
    list(&foreign, "schema_major", 1.0);
    list(&foreign, "size", 2.0);
    list(&foreign, "coupling", 1.0);
    foreign.file.new_attr::<i32>().shape(1).create("seed").unwrap().write_raw(&[12]).unwrap();
    assert_eq!(foreign.read().unwrap(), expected);
    let foreign = Foreign::spins_without(&["size"]);
    foreign.number("size", 2.0_f32);
    assert_eq!(foreign.read().unwrap(), expected);
    for wrong in [2.5, f64::NAN, f64::INFINITY, -2.0] {
        let foreign = Foreign::spins_without(&["size"]);
        list(&foreign, "size", wrong);
        foreign.check_refused(&["size"]);
    }
    let foreign = Foreign::spins_without(&["schema"]);
    let text = hdf5::types::FixedAscii::<20>::from_ascii(b"rbmflow.spins       ").unwrap();
    foreign.number("schema", text);
    assert_eq!(foreign.read().unwrap(), expected);
    let foreign = Foreign::spins_without(&["schema"]);
    let text: VarLenUnicode = "rbmflow.spins".parse().unwrap();
    foreign.file.new_attr::<VarLenUnicode>().shape(1).create("schema").unwrap().write_raw(&[text]).unwrap();
    assert_eq!(foreign.read().unwrap(), expected);
}

#[test]
fn configurations_may_be_squares_and_a_temperature_may_have_no_axis() {
    let foreign = Foreign::spins_without(&["samples"]);
    foreign.dataset("samples", &ndarray::arr3(&[[[1_i8, 1], [1, 1]], [[1, -1], [1, -1]]]));
    assert_eq!(foreign.read().unwrap(), Foreign::spins().read().unwrap());
    let foreign = Foreign::spins_without(&["labels", "temperature"]);
    foreign.dataset("temperature", &ndarray::arr0(2.25));
    let spins = foreign.read().unwrap();
    assert_eq!((spins.temperature, spins.labels), (vec![2.25], vec![0, 0]));
    let foreign = Foreign::spins_without(&["samples"]);
    foreign.dataset("samples", &ndarray::arr2(&[[0_u8, 1, 1, 1], [1, 0, 1, 0]]));
    foreign.check_refused(&["samples", "+1 or -1", "2 * samples"]);
}

/// Runs that have been put together have temperatures twice: their configurations belong together.
#[test]
fn equal_temperatures_are_one() {
    let with = |temperature: &[f64], labels: &[u8]| {
        let foreign = Foreign::spins_without(&["samples", "labels", "temperature"]);
        foreign.dataset("samples", &ndarray::Array2::from_elem((labels.len(), 4), 1_i8));
        foreign.dataset("temperature", &ndarray::Array1::from(temperature.to_vec()));
        foreign.dataset("labels", &ndarray::Array1::from(labels.to_vec()));
        foreign
    };
    let spins = with(&[3.0, 1.0, 3.0, 1.0, 2.0], &[0, 1, 2, 3, 4, 2]).read().unwrap();
    assert_eq!((spins.temperature, spins.labels), (vec![3.0, 1.0, 2.0], vec![0, 1, 0, 1, 2, 0]));
    let spins = with(&[0.0, -0.0], &[0, 1]).read().unwrap();
    assert_eq!((spins.temperature, spins.labels), (vec![0.0], vec![0, 0]));
    // Each configuration with its own temperature.
    let foreign = Foreign::spins_without(&["samples", "labels", "temperature"]);
    foreign.dataset("samples", &ndarray::Array2::from_elem((4, 4), 1_i8));
    foreign.dataset("temperature", &ndarray::arr1(&[3.0, 1.0, 3.0, 2.0]));
    let spins = foreign.read().unwrap();
    assert_eq!((spins.temperature, spins.labels), (vec![1.0, 2.0, 3.0], vec![2, 0, 2, 1]));
    // What was measured at one temperature twice is not put together.
    let mut spins = samples::spins();
    spins.temperature = vec![1.0, 2.0, 1.0];
    let error = Spins::from_tree(&spins.to_tree()).unwrap_err().to_string();
    assert!(error.contains("1 again") && error.contains("observables"), "{error}");
}

/// A writer that has crashed leaves its mark in the superblock: here of version 3, bit 0 for writing, bit 2 for SWMR.
#[test]
fn a_file_that_was_not_closed_names_the_cure() {
    let path = Path::new("x.h5");
    let ours = file::to_bytes(path, &samples::spins(), &samples::provenance()).unwrap().0;
    let mut foreign = ours[512..].to_vec();
    for flags in [1, 4, 5] {
        foreign[11] = flags;
        let error = file::from_bytes::<Spins>(path, &foreign).unwrap_err();
        assert!(
            matches!(error, ReadError::NotClosed { .. }) && error.to_string().contains("h5clear"),
            "{error}"
        );
    }
}

/// HDFView, h5py and h5repack change bytes and no content; the hash of the content tells that from damage.
#[cfg(feature = "hdf5")]
#[test]
fn annotated_files_are_told_from_damaged_ones() {
    fn check<T: Artifact + PartialEq + std::fmt::Debug>(artifact: &T) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.h5");
        let hash = file::write(&path, artifact, &samples::provenance()).unwrap();
        let annotated = File::open_rw(&path).unwrap();
        let text: VarLenUnicode = "seen on Monday".parse().unwrap();
        annotated.new_attr::<VarLenUnicode>().create("note").unwrap().write_scalar(&text).unwrap();
        // Nothing may hold the file open when it is closed.
        annotated.new_dataset_builder().with_data(&[1.0, 2.0]).create("checked").unwrap();
        annotated.close().unwrap();
        let stored = file::read::<T>(&path).unwrap();
        assert_eq!((&stored.content, stored.provenance), (artifact, samples::provenance()));
        assert_eq!(stored.content_hash, hash);
        let header = file::verify(&path).unwrap();
        assert_eq!((header.integrity, &header.content_hash), (file::Integrity::Annotated, &hash));
        assert_eq!(file::read_header(&path).unwrap(), header);
        // The same without our block.
        let bytes = std::fs::read(&path).unwrap();
        let header = file::verify_bytes(&path, &bytes[512..]).unwrap();
        assert_eq!(header.integrity, file::Integrity::Annotated);
        // A changed setting is under the hash of the content.
        let config = samples::provenance().config;
        let at = bytes.windows(config.len()).position(|window| window == config.as_bytes()).unwrap();
        let mut damaged = bytes;
        damaged[at] ^= 1;
        for bytes in [&damaged[..], &damaged[512..]] {
            assert!(matches!(file::from_bytes::<T>(&path, bytes), Err(ReadError::Damaged { .. })));
        }
        // So is a number.
        let open = File::open_rw(&path).unwrap();
        open.delete_attr("content_hash").unwrap();
        open.close().unwrap();
        assert!(matches!(file::verify(&path), Err(ReadError::Damaged { .. })), "no hash is left");
    }
    samples::for_every_schema!(check);
}

/// Devices that never end, pipes that nobody writes to, folders, and long files of something else: a look is enough.
#[cfg(unix)]
#[test]
fn only_plain_files_of_the_right_beginning_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    for path in [Path::new("/dev/zero"), Path::new("/dev/null"), &pipe, folder.path()] {
        assert!(matches!(file::read::<Spins>(path), Err(ReadError::NotPlain { .. })), "{}", path.display());
        assert!(matches!(file::read_header(path), Err(ReadError::NotPlain { .. })));
        assert!(matches!(file::load_text(path, 100), Err(ReadError::NotPlain { .. })));
    }
    // Eight terabytes, of which nothing is on the disk.
    let sparse = folder.path().join("sparse");
    std::fs::File::create(&sparse).unwrap().set_len(1 << 43).unwrap();
    assert!(matches!(file::verify(&sparse), Err(ReadError::NotHdf5 { .. })));
    assert!(
        matches!(file::load_text(&sparse, 100), Err(ReadError::TooLong { length, .. }) if length == 1 << 43)
    );
    std::fs::write(&sparse, b"\xff").unwrap();
    assert!(matches!(file::load_text(&sparse, 100), Err(ReadError::NotText { .. })));
    std::fs::write(&sparse, "text").unwrap();
    assert_eq!(file::load_text(&sparse, 4).unwrap(), "text");
}
