//! Files that are whole and hold what their schema forbids, or another thing than it asks for.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use datasets::{Artifact, Attribute, ContentError, Tree, Values, Version, file};
use ndarray::{ArrayD, IxDyn};

use crate::places::Account;
use crate::versions::{for_every_schema, newest};

/// The classes of cases; none of them is always refused, since what is changed may be free.
pub(crate) const CLASSES: &[(&str, bool)] = &[
    (MISSING, false),
    (EXCHANGED, false),
    (TYPE, false),
    (SHAPE, false),
    (RANGE, false),
    (NOT_A_NUMBER, false),
    (ATTRIBUTE, false),
];
const MISSING: &str = "datasets that are missing or renamed";
const EXCHANGED: &str = "datasets exchanged";
const TYPE: &str = "other types of numbers";
const SHAPE: &str = "other shapes";
const RANGE: &str = "other values, many out of range";
const NOT_A_NUMBER: &str = "NaN and infinite values, weights among them";
const ATTRIBUTE: &str = "attributes missing, of another type, out of range";

/// Any tree as a file of a schema.
struct Forged<T>(Tree, std::marker::PhantomData<T>);

impl<T: Artifact> Artifact for Forged<T> {
    const SCHEMA: &'static str = T::SCHEMA;
    const VERSION: Version = T::VERSION;

    fn to_tree(&self) -> Tree {
        self.0.clone()
    }

    fn from_tree(tree: &Tree) -> Result<Self, ContentError> {
        Ok(Self(tree.clone(), std::marker::PhantomData))
    }
}

/// The worker: of how many cases one is tried, place for the number of the case.
pub(crate) fn work(words: &[&str]) -> Result<String> {
    let [stride, place] = words else { bail!("wrong words") };
    let stride = stride.parse()?;
    let mut account = Account::new(place)?;
    for result in for_every_schema!(forge(&mut account, stride)) {
        result?;
    }
    Ok(account.text())
}

fn forge<T: Artifact>(account: &mut Account, stride: usize) -> Result<()> {
    let stored = file::read::<T>(&newest::<T>())?;
    let tree = stored.content.to_tree();
    let mut cases = 0;
    let mut check = |class: &str, what: &str, change: &dyn Fn(&mut Tree)| -> Result<()> {
        cases += 1;
        if cases % stride != 0 {
            return Ok(());
        }
        let mut forged = tree.clone();
        change(&mut forged);
        let path = Path::new("forged.h5");
        let Ok((bytes, _)) =
            file::to_bytes(path, &Forged::<T>(forged.clone(), std::marker::PhantomData), &stored.provenance)
        else {
            return Ok(());
        };
        account.enter(class, T::SCHEMA);
        account
            .case(Some("forged.h5"), || match file::from_bytes::<T>(path, &bytes) {
                Ok(read) => {
                    assert!(same(&read.content.to_tree(), &forged), "{what}: read as something else");
                    Ok(())
                }
                Err(error) => Err(error.to_string()),
            })
            .map_err(|error| error.context(format!("{}: {what}", T::SCHEMA)))
    };
    let paths: Vec<&String> = tree.datasets.keys().collect();
    for path in &paths {
        check(MISSING, &format!("without {path}"), &|tree| drop(tree.datasets.remove(*path)))?;
        check(MISSING, &format!("{path} renamed"), &|tree| {
            if let Some(dataset) = tree.datasets.remove(*path) {
                tree.datasets.insert(format!("{path}-"), dataset);
            }
        })?;
        for (class, what, values) in variants(&tree.datasets[*path].values) {
            check(class, &format!("{path} {what}"), &|tree| {
                if let Some(dataset) = tree.datasets.get_mut(*path) {
                    dataset.dims = (0..values.shape().len()).map(|axis| format!("axis{axis}")).collect();
                    dataset.values = values.clone();
                }
            })?;
        }
        for other in paths.iter().filter(|other| *other > path) {
            check(EXCHANGED, &format!("{path} and {other} exchanged"), &|tree| {
                let (a, b) = (tree.datasets[*path].clone(), tree.datasets[*other].clone());
                tree.datasets.insert((*path).clone(), b);
                tree.datasets.insert((*other).clone(), a);
            })?;
        }
    }
    for name in tree.attributes.keys() {
        check(ATTRIBUTE, &format!("without {name}"), &|tree| drop(tree.attributes.remove(name)))?;
        let integers = [i64::MIN, -1, 0, 1, 2, 3, 46_341, 1 << 31, 1 << 32, i64::MAX].map(Attribute::Integer);
        let reals = [f64::NAN, f64::INFINITY, -0.5, 1e300].map(Attribute::Real);
        let lists = [vec![], vec![f64::NAN], vec![-1.0; 3], vec![0.5; 1000]].map(Attribute::Reals);
        let texts = ["", "x", "spin", "42"].map(Attribute::from);
        for value in integers.into_iter().chain(reals).chain(lists).chain(texts) {
            check(ATTRIBUTE, &format!("{name} = {value:?}"), &|tree| {
                drop(tree.attributes.insert(name.clone(), value.clone()))
            })?;
        }
    }
    ensure!(cases > 100 || T::SCHEMA == "rbmflow.figures", "{} has {cases} cases only", T::SCHEMA);
    Ok(())
}

/// The numbers as another type, in other shapes, and with numbers that are out of range.
pub(crate) fn variants(values: &Values) -> Vec<(&'static str, String, Values)> {
    let numbers = numbers(values);
    let shape = values.shape().to_vec();
    let array = |shape: &[usize], numbers: &[f64]| {
        ArrayD::from_shape_vec(IxDyn(shape), numbers.to_vec()).ok().map(Values::F64)
    };
    let mut found = vec![];
    let mut add = |class, what: &str, values: Option<Values>| {
        found.extend(values.map(|values| (class, what.to_owned(), values)));
    };
    add(TYPE, "as f64", array(&shape, &numbers));
    let integers: Vec<i32> = numbers.iter().map(|&x| x as i32).collect();
    add(TYPE, "as i32", ArrayD::from_shape_vec(IxDyn(&shape), integers).ok().map(Values::I32));
    let bytes: Vec<i8> = numbers.iter().map(|&x| x as i8).collect();
    add(TYPE, "as i8", ArrayD::from_shape_vec(IxDyn(&shape), bytes).ok().map(Values::I8));
    add(SHAPE, "flat", array(&[numbers.len()], &numbers));
    add(SHAPE, "with one more axis", array(&[&shape[..], &[1]].concat(), &numbers));
    add(SHAPE, "a single number", array(&[], &numbers[..1.min(numbers.len())]));
    add(SHAPE, "empty", array(&vec![0; shape.len()], &[]));
    if let [first, rest @ ..] = shape.as_slice() {
        let row: usize = rest.iter().product();
        let turned: Vec<usize> = shape.iter().rev().copied().collect();
        add(SHAPE, "transposed", array(&turned, &numbers));
        if *first > 0 {
            let less = [&[first - 1], rest].concat();
            add(SHAPE, "one row short", array(&less, &numbers[..(first - 1) * row]));
            let mut more = numbers.clone();
            more.extend_from_slice(&numbers[..row]);
            add(SHAPE, "one row more", array(&[&[first + 1], rest].concat(), &more));
        }
    }
    if !numbers.is_empty() {
        for value in
            [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300, -1.0, 0.0, 0.5, 2.0, 3e9, 1e19]
        {
            let class = if f64::is_finite(value) { RANGE } else { NOT_A_NUMBER };
            for at in [0, numbers.len() - 1] {
                let mut changed = numbers.clone();
                changed[at] = value;
                add(class, &format!("with {value} at {at}"), array(&shape, &changed));
            }
            add(class, &format!("with nothing but {value}"), array(&shape, &vec![value; numbers.len()]));
        }
    }
    found
}

/// All numbers as f64; those beyond 2^53, of which the golden files have none, would be rounded.
fn numbers(values: &Values) -> Vec<f64> {
    match values {
        Values::I8(array) => array.iter().map(|&x| f64::from(x)).collect(),
        Values::U16(array) => array.iter().map(|&x| f64::from(x)).collect(),
        Values::I32(array) => array.iter().map(|&x| f64::from(x)).collect(),
        Values::U32(array) => array.iter().map(|&x| f64::from(x)).collect(),
        Values::U64(array) => array.iter().map(|&x| x as f64).collect(),
        Values::F32(array) => array.iter().map(|&x| f64::from(x)).collect(),
        Values::F64(array) => array.iter().copied().collect(),
    }
}

/// Every array that was read holds the numbers that the file has, in the same shape.
fn same(read: &Tree, forged: &Tree) -> bool {
    read.datasets.iter().all(|(path, dataset)| match forged.datasets.get(path) {
        Some(other) => {
            let bits = |values: &Values| numbers(values).into_iter().map(f64::to_bits).collect::<Vec<_>>();
            let nan = |values: &Values| numbers(values).iter().all(|x| x.is_nan());
            dataset.values.shape() == other.values.shape()
                && (bits(&dataset.values) == bits(&other.values)
                    || nan(&dataset.values) && nan(&other.values))
        }
        // What may be left out is filled in.
        None => true,
    })
}
