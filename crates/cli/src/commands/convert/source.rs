//! What is read of somebody's file: configurations, and what they are labelled by.

use std::path::{Path, PathBuf};

use datasets::{LabelKind, file};

use super::archive::{self, Npz};
use super::npy::{self, Npy};
use super::refuse;
use super::table::Table;
use crate::arguments::Import;
use crate::exit::Problem;
use crate::terminal::tell;

/// The names by which labels are known without being asked for.
const KNOWN: [(&str, LabelKind); 4] = [
    ("temperatures", LabelKind::Temperature),
    ("temperature", LabelKind::Temperature),
    ("labels", LabelKind::Class),
    ("label", LabelKind::Class),
];

/// Configurations `[n, …]` and the label of each.
pub(super) struct Data {
    pub(super) samples: Npy,
    pub(super) kind: LabelKind,
    /// `[n]`; one number stands for all.
    pub(super) labels: Vec<f64>,
}

/// The parts of a file.
enum Parts<'a> {
    Array(Npy),
    Archive(Npz<'a>),
    Table(Table),
}

impl Parts<'_> {
    fn names(&self) -> Vec<String> {
        match self {
            Self::Array(_) => vec![],
            Self::Archive(archive) => archive.names(),
            Self::Table(table) => table.names.clone().unwrap_or_default(),
        }
    }

    /// The numbers of a name, which there must be; a column of a table is taken out.
    fn take(&mut self, name: &str) -> Result<Npy, String> {
        let none = || format!("has no column `{name}`");
        match self {
            Self::Array(_) => Err(none()),
            Self::Archive(archive) => archive.array(name),
            Self::Table(table) => {
                let values = table.take(name).ok_or_else(none)?;
                Ok(Npy { shape: vec![values.len()], values })
            }
        }
    }

    /// The configurations, once labels are out.
    fn samples(self, wanted: Option<&str>, labels: &[String]) -> Result<Npy, String> {
        match self {
            Self::Archive(mut archive) => {
                let names = archive.names();
                let others: Vec<&String> = names.iter().filter(|name| !labels.contains(name)).collect();
                match (wanted, &others[..]) {
                    (Some(name), _) => archive.array(name),
                    (None, [only]) => archive.array(only),
                    (None, []) => Err("has no array of configurations".to_owned()),
                    (None, _) => Err(format!(
                        "has several arrays, {}; say which holds the configurations with --array",
                        names.join(", ")
                    )),
                }
            }
            _ if wanted.is_some() => {
                Err("is no archive (.npz), of which --array chooses an array".to_owned())
            }
            Self::Array(array) => Ok(array),
            Self::Table(table) => Ok(table.into_array()),
        }
    }
}

/// Reads the file of an import, and that of its labels if these are in another one.
pub(super) fn read(arguments: &Import) -> anyhow::Result<Data> {
    let path = &arguments.samples;
    let refused = |what: String| refuse(path, &what);
    let is_table = is_table(path);
    if !is_table {
        look(path)?;
    }
    let bytes = file::load(path, |_, _| Ok(()))?;
    let mut parts = if bytes.starts_with(archive::MAGIC) {
        Parts::Archive(Npz::open(&bytes).map_err(refused)?)
    } else if is_table {
        Parts::Table(Table::read(&bytes).map_err(refused)?)
    } else {
        Parts::Array(npy::decode(&bytes).map_err(refused)?)
    };

    let names = parts.names();
    let known: Vec<(&str, LabelKind)> =
        KNOWN.into_iter().filter(|(name, _)| names.iter().any(|n| n == name)).collect();
    let asked = match (&arguments.labels, &arguments.temperatures) {
        (Some(labels), _) => Some((labels, LabelKind::Class)),
        (None, Some(temperatures)) => Some((temperatures, LabelKind::Temperature)),
        (None, None) => None,
    };
    let (found, kind) = match (asked, arguments.temperature, &known[..]) {
        (Some((name, kind)), ..) => (Some(of_name(&mut parts, path, name)?), kind),
        (None, Some(temperature), _) => {
            (Some((path.clone(), Npy { shape: vec![1], values: vec![temperature] })), LabelKind::Temperature)
        }
        (None, None, &[(name, kind)]) => (Some((path.clone(), parts.take(name).map_err(refused)?)), kind),
        (None, None, []) => (None, LabelKind::None),
        (None, None, several) => {
            let names: Vec<&str> = several.iter().map(|(name, _)| *name).collect();
            let what = format!("has {}; choose one with --labels or --temperatures", names.join(" and "));
            return Err(Problem::Usage(format!("`{}` {what}", path.display())).into());
        }
    };
    // Known columns are no sites, whether they are wanted or not.
    for (name, _) in &known {
        let _ = matches!(parts, Parts::Table(_)) && parts.take(name).is_ok();
    }
    let mut labels: Vec<String> = known.iter().map(|(name, _)| (*name).to_owned()).collect();
    labels.extend(asked.map(|(name, _)| name.display().to_string()));
    let samples = parts.samples(arguments.array.as_deref(), &labels).map_err(refused)?;
    let n = samples.shape.first().copied().unwrap_or(0);
    let labels = match found {
        None => {
            tell(
                "note: the configurations have neither temperatures nor labels; --temperatures, --temperature or --labels give them",
            );
            vec![1.0]
        }
        Some((_, array)) if arguments.temperature.is_some() => array.values,
        Some((path, array)) if array.shape != [n] && array.shape != [n, 1] => {
            let what = format!(
                "has shape {:?}, expected [{n}]: one label or temperature for each configuration",
                array.shape
            );
            return Err(refuse(&path, &what));
        }
        Some((_, array)) => array.values,
    };
    let is_class = |label: f64| label >= 0.0 && label.fract() == 0.0;
    if kind == LabelKind::Class
        && let Some(index) = labels.iter().position(|&label| !is_class(label))
    {
        let what = format!(
            "has label {} at index {index}, expected whole numbers from 0 on; number the classes: numpy.unique(labels, return_inverse=True)[1]",
            labels[index]
        );
        return Err(refused(what));
    }
    Ok(Data { samples, kind, labels })
}

/// What is called by a name: a part of the file, or an array in another one.
fn of_name(parts: &mut Parts, path: &Path, name: &Path) -> anyhow::Result<(PathBuf, Npy)> {
    let names = parts.names();
    if let Some(name) = names.iter().find(|known| Path::new(known) == name) {
        let array = parts.take(name).map_err(|what| refuse(path, &what))?;
        return Ok((path.to_owned(), array));
    }
    if !names.is_empty() && !name.exists() {
        let what = format!("has no `{}`; it has {}", name.display(), names.join(", "));
        return Err(Problem::Usage(format!("`{}` {what}", path.display())).into());
    }
    look(name)?;
    let bytes = file::load(name, |_, _| Ok(()))?;
    let array = npy::decode(&bytes).map_err(|what| refuse(name, &what))?;
    Ok((name.to_owned(), array))
}

fn is_table(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
}

/// Refuses what is no array by its first bytes, before it is read.
fn look(path: &Path) -> anyhow::Result<()> {
    let head = file::head(path)?;
    if head.starts_with(archive::MAGIC) {
        return Ok(());
    }
    npy::look(&head).map_err(|what| refuse(path, &what))
}
