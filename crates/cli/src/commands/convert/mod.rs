//! `import` and `export`: files of other programs.

mod archive;
mod npy;
mod source;
mod table;

use std::path::Path;

use anyhow::Context as _;
use datasets::file::{self, ReadError, replace};
use datasets::lattice::{Kind, Lattice};
use datasets::{
    Artifact, EquationOfState, Figures, Flow, Likelihood, Provenance, Rbm, Spins, Thermometer, Tree, Weights,
};
use ndarray::Array2;
use rbm_core::model::with_binary_units;

use crate::arguments::{Export, Format, Import};
use crate::exit::Problem;
use crate::job::PRODUCER;
use crate::output;
use crate::terminal::tell;
use archive::Npz;
use source::Data;
use table::Table;

fn refuse(path: &Path, what: &str) -> anyhow::Error {
    Problem::Input(format!("`{}` {what}", path.display())).into()
}

/// The lattice of configurations with these sides, slowest first: what is asked for, or a square.
fn lattice_of(wanted: Option<&str>, sides: &[usize]) -> Result<Lattice, Problem> {
    let sites = sides.iter().product();
    let mut shape: Vec<usize> = sides.to_vec();
    shape.reverse();
    let lattice: Lattice = match wanted {
        Some("none") => Lattice::new(Kind::None, &shape).map_err(Problem::usage)?,
        Some(text) => text.parse().map_err(Problem::usage)?,
        None => match Lattice::square(usize::isqrt(sites)) {
            Ok(square) if square.sites() == sites && (sides.len() == 1 || shape == square.shape()) => square,
            _ => {
                let what = format!(
                    "has {sites} sites in each configuration, which is no square lattice; name it with --lattice"
                );
                return Err(Problem::Input(what));
            }
        },
    };
    let fits = sides.len() == 1 || shape == lattice.shape();
    if lattice.sites() != sites || !fits {
        return Err(Problem::Input(format!(
            "has configurations of {}, which lattice {lattice} has not; name another one with --lattice",
            sides.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ")
        )));
    }
    Ok(lattice)
}

/// Turns arrays or a table into a file of configurations, and a machine of TorchRBM into one of ours.
pub(crate) fn import(arguments: &Import) -> anyhow::Result<()> {
    if arguments.update.is_some() || file::looks_foreign(&file::head(&arguments.samples)?) {
        return write_imported(&arguments.out, &file::read_torchrbm(&arguments.samples, arguments.update)?);
    }
    let Data { samples, kind, labels } = source::read(arguments)?;
    let (n, sides) = match &samples.shape[..] {
        [n, sides @ ..] if (1..=3).contains(&sides.len()) => (*n, sides),
        _ => {
            let what =
                format!("has shape {:?}, expected [n, sites], or [n, L, L] or [n, L, L, L]", samples.shape);
            return Err(refuse(&arguments.samples, &what));
        }
    };
    let lattice = lattice_of(arguments.lattice.as_deref(), sides).map_err(|error| match error {
        Problem::Input(what) => refuse(&arguments.samples, &what),
        other => other.into(),
    })?;
    let sites = lattice.sites();
    // Spins down are -1, or 0 where there is no -1.
    let down = if samples.values.contains(&-1.0) { -1.0 } else { 0.0 };
    if let Some(index) = samples.values.iter().position(|&s| s != 1.0 && s != down) {
        let found = samples.values[index];
        let what =
            format!("has {found} at index {index}, expected spins of +1 and -1, of 1 and 0, or booleans");
        return Err(refuse(&arguments.samples, &what));
    }
    if down == 0.0 && samples.values.contains(&down) {
        tell(&format!("note: 0 in `{}` is taken for a spin of -1", arguments.samples.display()));
    }
    let spins: Vec<i8> = samples.values.iter().map(|&s| if s > 0.0 { 1 } else { -1 }).collect();
    let each = if labels.len() == 1 { vec![labels[0]; n] } else { labels };
    // -0 and 0 are one temperature.
    let each: Vec<f64> = each.into_iter().map(|t| t + 0.0).collect();
    let mut temperature = each.clone();
    temperature.sort_by(f64::total_cmp);
    temperature.dedup();
    let labels = each.iter().map(|t| temperature.partition_point(|known| known < t));
    let labels: Vec<u16> = labels.map(u16::try_from).collect::<Result<_, _>>().map_err(|_| {
        Problem::Input("there are more than 65536 different temperatures or labels".to_owned())
    })?;

    let spins = Array2::from_shape_vec((n, sites), spins)
        .context("an array has as many numbers as its shape says")?;
    let mut spins = Spins::from_samples(lattice, temperature, spins, labels)
        .map_err(|error| refuse(&arguments.samples, &format!("has a wrong content: {error}")))?;
    spins.algorithm = "imported".to_owned();
    spins.label_kind = kind;
    write_imported(&arguments.out, &spins)
}

fn write_imported<T: Artifact>(out: &Path, artifact: &T) -> anyhow::Result<()> {
    let provenance = Provenance {
        producer: PRODUCER.to_owned(),
        config: "stage = \"import\"\n".to_owned(),
        seed: 0,
        inputs: vec![],
    };
    let (bytes, _) = file::to_bytes(out, artifact, &provenance)?;
    write_new(out, &bytes)
}

/// Writes an array of a file in NumPy's format, or a machine for another program.
pub(crate) fn export(arguments: &Export) -> anyhow::Result<()> {
    if let Some(Format::TorchRbm) = arguments.format {
        let rbm = file::read::<Rbm>(&arguments.file)?.content;
        let bytes = file::to_torchrbm(&arguments.out, &with_binary_units(&rbm))?;
        return write_new(&arguments.out, &bytes);
    }
    let tree = read_any(&arguments.file)?;
    let wanted = arguments.dataset.as_deref().unwrap_or_default();
    let Some(dataset) = tree.datasets.get(wanted) else {
        let known: Vec<&str> = tree.datasets.keys().map(String::as_str).collect();
        let what = format!("has no dataset `{wanted}`; it has {}", known.join(", "));
        return Err(Problem::Usage(format!("`{}` {what}", arguments.file.display())).into());
    };
    write_new(&arguments.out, &npy::encode(&dataset.values))
}

/// The content of a file of any schema.
fn read_any(path: &Path) -> Result<Tree, ReadError> {
    fn tree<T: Artifact>(path: &Path) -> Result<Tree, ReadError> {
        Ok(file::read::<T>(path)?.content.to_tree())
    }
    let header = file::verify(path)?;
    match header.schema.as_str() {
        Spins::SCHEMA => tree::<Spins>(path),
        EquationOfState::SCHEMA => tree::<EquationOfState>(path),
        Rbm::SCHEMA => tree::<Rbm>(path),
        Thermometer::SCHEMA => tree::<Thermometer>(path),
        Flow::SCHEMA => tree::<Flow>(path),
        Weights::SCHEMA => tree::<Weights>(path),
        Likelihood::SCHEMA => tree::<Likelihood>(path),
        // Files of other schemas have been refused above.
        _ => tree::<Figures>(path),
    }
}

/// Whether bytes are an array in NumPy's format, an archive of which each array can be read, or a table; what is wrong
/// if they are not.
pub(crate) fn decode_array(bytes: &[u8]) -> Result<(), String> {
    if bytes.starts_with(archive::MAGIC) {
        let mut archive = Npz::open(bytes)?;
        return archive.names().iter().try_for_each(|name| archive.array(name).map(drop));
    }
    match npy::look(bytes) {
        Ok(()) => npy::decode(bytes).map(drop),
        Err(_) => Table::read(bytes).map(drop),
    }
}

/// Writes a file unless another one is under its name.
fn write_new(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    output::check(path)?;
    let difference =
        || Problem::WouldOverwrite { path: path.to_owned(), difference: "its content is another".to_owned() };
    match std::fs::metadata(path) {
        Ok(found) if found.len() != bytes.len() as u64 => Err(difference().into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(replace(path, bytes)?),
        _ if file::load(path, |_, _| Ok(()))? == bytes => Ok(()),
        _ => Err(difference().into()),
    }
}
