//! `report` of a folder that is no run: the machines in it, with what was made of them.

use std::path::{Path, PathBuf};

use datasets::file::{self, head, looks_ours};
use datasets::{Artifact, Rbm, Weights};
use figures::Trained;

use super::say;
use crate::exit::Problem;
use crate::output::REPORT;

/// A file of this program.
struct Found {
    path: PathBuf,
    name: String,
    header: file::Header,
}

/// The machines in a folder by the names of their files; what was made of a machine names it by its hash.
fn machines(folder: &Path) -> anyhow::Result<Vec<Trained>> {
    let mut paths = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>())
        .map_err(|error| Problem::Input(format!("cannot read the folder `{}`: {error}", folder.display())))?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "h5"));
    paths.sort_unstable();
    let mut found = vec![];
    for path in paths {
        if looks_ours(&head(&path)?) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let header = file::read_header(&path)?;
            found.push(Found { path, name, header });
        }
    }
    let trained = |machine: &Found| {
        // The spectrum is the same in all of them.
        let mut weights = made_of::<Weights>(&found, machine)?;
        anyhow::Ok(Trained {
            name: machine.name.clone(),
            rbm: file::read::<Rbm>(&machine.path)?.content,
            weights: weights.pop().map(|(_, content)| content),
            likelihoods: made_of(&found, machine)?,
            flows: made_of(&found, machine)?,
        })
    };
    found.iter().filter(|each| each.header.schema == Rbm::SCHEMA).map(trained).collect()
}

/// The artifacts of a kind that were made of a machine, with the names of their files.
fn made_of<T: Artifact>(found: &[Found], machine: &Found) -> anyhow::Result<Vec<(String, T)>> {
    let of = |each: &&Found| {
        let inputs = &each.header.provenance.inputs;
        each.header.schema == T::SCHEMA
            && inputs.iter().any(|input| input.content_hash == machine.header.content_hash)
    };
    found
        .iter()
        .filter(of)
        .map(|each| Ok((each.name.clone(), file::read::<T>(&each.path)?.content)))
        .collect()
}

/// Writes the page, in the folder itself if nothing else is said.
pub(super) fn report(folder: &Path, out: Option<PathBuf>, quiet: bool) -> anyhow::Result<()> {
    let machines = machines(folder)?;
    if machines.is_empty() {
        let folder = folder.display();
        return Err(Problem::Input(format!(
            "`{folder}` is no run (it has no experiment.toml), and there is no machine in it; `rbmflow train` makes one"
        ))
        .into());
    }
    let page = out.unwrap_or_else(|| folder.to_owned()).join("report.html");
    REPORT.write(&page, &REPORT.seal_with(&figures::machines(&machines), "<!-- ", " -->"))?;
    if quiet { Ok(()) } else { say(&format!("{}\n", page.display())) }
}
