//! Files of each schema whose HDF5 structure is hostile: links, cycles, declared sizes, kinds of data, and numbers that
//! changed places. The library itself makes them, so they are as well-formed as they can be.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use datasets::file;
use hdf5::types::{CompoundField, CompoundType, TypeDescriptor, VarLenArray, VarLenUnicode};
use hdf5::{Dataset, File};

use crate::bytes::{BLOCK, seal};
use crate::places::Account;

/// The classes of cases, each of which must be refused.
pub(crate) const CLASSES: &[(&str, bool)] = &[
    (EXTERNAL, true),
    (CYCLE, true),
    (SOFT, true),
    (BESIDE, false),
    (HUGE, true),
    (KIND, true),
    (NUMBERS, true),
    (STRETCHES, true),
];
const EXTERNAL: &str = "external links and data in other files";
const CYCLE: &str = "cycles of links, second links";
const SOFT: &str = "soft links, to nowhere, in a circle, to data";
const BESIDE: &str = "second names and soft links beside what is needed, in files of other programs";
const HUGE: &str = "huge declared sizes";
const KIND: &str = "texts, compounds, lists, groups for numbers";
const NUMBERS: &str = "two numbers exchanged, hash of the content kept";
const STRETCHES: &str = "two datasets' numbers exchanged, hash of the content kept";

/// The number of pairs of numbers that change places in each dataset.
const PAIRS: usize = 400;

/// The worker: file, of how many cases one is tried, place for the number of the case.
pub(crate) fn work(words: &[&str]) -> Result<String> {
    let [path, stride, place] = words else { bail!("wrong words") };
    let original = std::fs::read(path)?;
    let header = file::verify_bytes(Path::new("x.h5"), &original)?;
    let folder = tempfile::tempdir()?;
    let mut workshop = Workshop {
        bare: original[BLOCK..].to_vec(),
        path: folder.path().join("hostile.h5"),
        schema: header.schema.clone(),
        stride: stride.parse()?,
        cases: 0,
        account: Account::new(place)?,
    };
    let datasets: Vec<(&str, &[usize])> =
        header.datasets.iter().map(|dataset| (dataset.path.as_str(), dataset.shape.as_slice())).collect();
    for &(name, shape) in &datasets {
        workshop.links(name, &datasets)?;
        workshop.sizes(name, shape.len())?;
        workshop.kinds(name)?;
        workshop.numbers(name)?;
        for (other, _) in
            datasets.iter().filter(|(other, other_shape)| *other > name && *other_shape == shape)
        {
            workshop.stretches(name, other)?;
        }
    }
    Ok(workshop.account.text())
}

/// Where files are changed.
struct Workshop {
    /// The file without its user block, as another program would have written it.
    bare: Vec<u8>,
    path: std::path::PathBuf,
    schema: String,
    stride: usize,
    cases: usize,
    account: Account,
}

impl Workshop {
    /// Changes a copy of the file, which must be refused then, as it is and behind a right hash of all bytes.
    fn check(&mut self, class: &str, change: impl FnOnce(&File) -> hdf5::Result<()>) -> Result<()> {
        self.check_as([class, class], change)
    }

    /// Adds another name for a dataset: nothing is lost in a file of another program, and a file of ours has no such
    /// thing.
    fn beside(&mut self, class: &str, change: impl FnOnce(&File) -> hdf5::Result<()>) -> Result<()> {
        self.check_as([BESIDE, class], change)
    }

    /// The classes are those of the file as it is and of the sealed one.
    fn check_as(&mut self, classes: [&str; 2], change: impl FnOnce(&File) -> hdf5::Result<()>) -> Result<()> {
        self.cases += 1;
        if !self.cases.is_multiple_of(self.stride) {
            return Ok(());
        }
        let class = classes[0];
        std::fs::write(&self.path, &self.bare)?;
        let file = File::open_rw(&self.path)?;
        change(&file).with_context(|| format!("case {}: {class}", self.cases))?;
        file.close()?;
        let changed = std::fs::read(&self.path)?;
        let mut sealed = vec![0; BLOCK];
        sealed[..20].copy_from_slice(b"\x89RBMFLOW\r\n\x1a\n\0\0\0\0\x01\0\0\0");
        sealed.extend_from_slice(&changed);
        seal(&mut sealed);
        for (class, bytes) in classes.into_iter().zip([changed, sealed]) {
            self.account.enter(class, &self.schema);
            self.account.case(Some("hostile.h5"), || {
                file::verify_bytes(Path::new("hostile.h5"), &bytes)
                    .map(drop)
                    .map_err(|error| error.to_string())
            })?;
        }
        Ok(())
    }

    fn links(&mut self, name: &str, others: &[(&str, &[usize])]) -> Result<()> {
        let own = format!("/{name}");
        for (target, path) in
            [("/etc/passwd", "x"), ("hostile.h5", own.as_str()), ("./hostile.h5", own.as_str())]
        {
            self.check(EXTERNAL, |file| {
                file.unlink(name)?;
                file.link_external(target, path, name)
            })?;
        }
        self.check(EXTERNAL, |file| {
            file.unlink(name)?;
            let builder = file.new_dataset::<f64>().external("/etc/passwd", 0, 16);
            builder.shape((2,)).create(name).map(drop)
        })?;
        for target in [own.as_str(), "/nowhere", "/"] {
            self.check(SOFT, |file| {
                file.unlink(name)?;
                file.link_soft(target, name)
            })?;
        }
        self.beside(SOFT, |file| file.link_soft(&own, &format!("{name}-again")))?;
        self.beside(CYCLE, |file| file.link_hard(&own, &format!("{name}-again")))?;
        self.check(CYCLE, |file| {
            file.unlink(name)?;
            file.create_group(name)?.link_hard("/", "root")
        })?;
        self.check(CYCLE, |file| {
            file.unlink(name)?;
            let group = file.create_group(name)?;
            group.create_group("a")?.link_hard(&own, "b")
        })?;
        if let Some((other, _)) = others.iter().find(|(other, _)| *other != name) {
            self.check(CYCLE, |file| {
                file.unlink(name)?;
                file.link_hard(&format!("/{other}"), name)
            })?;
        }
        Ok(())
    }

    /// More is declared than the file holds, in chunks and in one piece, that exist or do not.
    fn sizes(&mut self, name: &str, axes: usize) -> Result<()> {
        let axes = axes.max(1);
        for length in [1 << 27, 1 << 31, 1 << 32, 1 << 40, 1 << 62] {
            let mut shape = vec![1_usize; axes];
            shape[axes - 1] = length;
            self.check(HUGE, |file| {
                file.unlink(name)?;
                let builder = file.new_dataset::<f64>().chunk(vec![1; axes]);
                builder.shape(shape.clone()).create(name).map(drop)
            })?;
            if length <= 1 << 40 {
                self.check(HUGE, |file| {
                    file.unlink(name)?;
                    let builder = file.new_dataset::<i8>().no_chunk();
                    builder.shape(shape.clone()).create(name).map(drop)
                })?;
            }
        }
        self.check(HUGE, |file| {
            file.unlink(name)?;
            let builder = file.new_dataset::<i8>().chunk((1, 1, 1));
            builder.shape((1 << 62, 1 << 62, 1 << 62)).create(name).map(drop)
        })?;
        self.check(HUGE, |file| {
            file.unlink(name)?;
            let builder = file.new_dataset::<i8>().chunk((1, 1));
            builder.shape((0, 1 << 62)).create(name).map(drop)
        })?;
        self.check(HUGE, |file| {
            file.unlink(name)?;
            let shape = hdf5::Extents::from((2, 4)).resizable();
            file.new_dataset::<i8>().chunk((1 << 14, 1 << 14)).shape(shape).create(name).map(drop)
        })
    }

    fn kinds(&mut self, name: &str) -> Result<()> {
        let text: VarLenUnicode = "1".parse().context("a text")?;
        self.check(KIND, |file| {
            file.unlink(name)?;
            let texts = ndarray::Array1::from(vec![text.clone(); 3]);
            file.new_dataset_builder().with_data(texts.view()).create(name).map(drop)
        })?;
        self.check(KIND, |file| {
            file.unlink(name)?;
            let values = ndarray::arr1(&[true, false]);
            file.new_dataset_builder().with_data(values.view()).create(name).map(drop)
        })?;
        self.check(KIND, |file| {
            file.unlink(name)?;
            let lists = ndarray::Array1::from(vec![VarLenArray::from_slice(&[1.0_f64]); 2]);
            file.new_dataset_builder().with_data(lists.view()).create(name).map(drop)
        })?;
        self.check(KIND, |file| {
            file.unlink(name)?;
            let fields = vec![CompoundField::typed::<f64>("a", 0, 0), CompoundField::typed::<i32>("b", 8, 1)];
            let pair = TypeDescriptor::Compound(CompoundType { fields, size: 12 });
            file.new_dataset_builder().empty_as(pair).shape((2,)).create(name).map(drop)
        })?;
        self.check(KIND, |file| {
            file.unlink(name)?;
            let arrays = ndarray::arr1(&[[1.0_f64, 2.0], [3.0, 4.0]]);
            file.new_dataset_builder().with_data(arrays.view()).create(name).map(drop)
        })?;
        self.check(KIND, |file| {
            file.unlink(name)?;
            file.create_group(name).map(drop)
        })
    }

    /// Two different numbers of a dataset change places.
    fn numbers(&mut self, name: &str) -> Result<()> {
        let numbers = self.read(name)?;
        // Near and far pairs in turn.
        let pairs =
            (1..numbers.len()).flat_map(|distance| (distance..numbers.len()).map(move |j| (j - distance, j)));
        let different = pairs.filter(|&(i, j)| numbers[i].to_bits() != numbers[j].to_bits());
        for (i, j) in different.take(PAIRS).collect::<Vec<_>>() {
            let mut exchanged = numbers.clone();
            exchanged.swap(i, j);
            self.check(NUMBERS, |file| write(&file.dataset(name)?, &exchanged))?;
        }
        Ok(())
    }

    /// The numbers of two datasets of the same shape change places.
    fn stretches(&mut self, first: &str, second: &str) -> Result<()> {
        let (a, b) = (self.read(first)?, self.read(second)?);
        if a.iter().zip(&b).all(|(a, b)| a.to_bits() == b.to_bits()) {
            return Ok(());
        }
        self.check(STRETCHES, |file| {
            let (first, second) = (file.dataset(first)?, file.dataset(second)?);
            write(&first, &b)?;
            write(&second, &a)
        })
    }

    fn read(&self, name: &str) -> Result<Vec<f64>> {
        std::fs::write(&self.path, &self.bare)?;
        let file = File::open(&self.path)?;
        let numbers = file.dataset(name)?.read_raw::<f64>()?;
        file.close()?;
        ensure!(
            numbers.iter().all(|x| x.abs() < 9e15 || !x.is_finite()),
            "{name} has numbers that f64 rounds"
        );
        Ok(numbers)
    }
}

/// The library turns the numbers into the dataset's own type.
fn write(dataset: &Dataset, numbers: &[f64]) -> hdf5::Result<()> {
    dataset.as_writer().write_raw(numbers)
}
