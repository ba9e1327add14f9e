//! Files and checkpoints of other versions.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use datasets::{Artifact, ContentError, Provenance, Tree, Version, file};
use rbmflow_tests::root;

use crate::Extent;
use crate::program::{call, words};
use crate::row::{Outcome, Row};

pub(crate) fn rows(_extent: Extent) {
    Row::of("files of released versions", "verify of data/golden", golden_files);
    Row::of("file of a later minor or major version", "verify, each schema", future);
    Row::of("user block of another version", "verify", block);
    Row::of("checkpoint of another version, job or seed", "train", checkpoints);
}

/// The files of all released versions.
pub(crate) fn golden() -> Result<Vec<PathBuf>> {
    let folder = root().join("data/golden");
    let paths = std::fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut paths: Vec<PathBuf> = paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "h5"))
        .collect();
    paths.sort();
    ensure!(paths.len() >= 7, "there are {} golden files", paths.len());
    Ok(paths)
}

fn golden_files() -> Outcome {
    fn schema<T: Artifact>() -> &'static str {
        T::SCHEMA
    }
    let files = golden()?;
    let known = for_every_schema!(schema());
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        ensure!(
            known.iter().any(|known| name.starts_with(&format!("{known}-"))),
            "no test knows the schema of {name}"
        );
    }
    let mut command = words(root(), "verify")?;
    call(command.args(&files))?.succeeded()?;
    Ok((files.len() as u64, "read".to_owned()))
}

/// The content of a file, of any kind, as a file of a version that is yet to come.
struct Later<T, const MAJOR: bool>(Tree, std::marker::PhantomData<T>);

impl<T: Artifact, const MAJOR: bool> Artifact for Later<T, MAJOR> {
    const SCHEMA: &'static str = T::SCHEMA;
    const VERSION: Version = match MAJOR {
        true => Version { major: T::VERSION.major + 1, minor: 0 },
        false => Version { major: T::VERSION.major, minor: T::VERSION.minor + 1 },
    };

    fn to_tree(&self) -> Tree {
        self.0.clone()
    }

    fn from_tree(tree: &Tree) -> Result<Self, ContentError> {
        Ok(Self(tree.clone(), std::marker::PhantomData))
    }
}

/// Calls a generic function for the type of every schema.
macro_rules! for_every_schema {
    ($function:ident($($argument:expr),*)) => {{
        use datasets::{EquationOfState, Figures, Flow, Likelihood, Rbm, Spins, Thermometer, Weights};
        [
            $function::<Spins>($($argument),*),
            $function::<EquationOfState>($($argument),*),
            $function::<Rbm>($($argument),*),
            $function::<Thermometer>($($argument),*),
            $function::<Flow>($($argument),*),
            $function::<Weights>($($argument),*),
            $function::<Likelihood>($($argument),*),
            $function::<Figures>($($argument),*),
        ]
    }};
}
pub(crate) use for_every_schema;

/// The golden file of the newest version of a schema.
pub(crate) fn newest<T: Artifact>() -> PathBuf {
    root().join(format!("data/golden/{}-{}.h5", T::SCHEMA, T::VERSION))
}

fn future() -> Outcome {
    fn check<T: Artifact>() -> Result<u64> {
        let folder = tempfile::tempdir()?;
        let stored = file::read::<T>(&newest::<T>())?;
        let tree = stored.content.to_tree();
        let provenance: &Provenance = &stored.provenance;
        let mark = std::marker::PhantomData;
        file::write(&folder.path().join("minor.h5"), &Later::<T, false>(tree.clone(), mark), provenance)?;
        file::write(&folder.path().join("major.h5"), &Later::<T, true>(tree, mark), provenance)?;
        for (name, version) in
            [("minor.h5", Later::<T, false>::VERSION), ("major.h5", Later::<T, true>::VERSION)]
        {
            let needed = format!("use a version of the program that knows {version}");
            let ended = call(&mut words(folder.path(), &format!("verify {name}"))?)?;
            ended.refused(4, &[name, T::SCHEMA, &needed])?;
        }
        Ok(2)
    }
    let times = for_every_schema!(check()).into_iter().sum::<Result<u64>>()?;
    Ok((times, "refused with the version that is needed, exit code 4".to_owned()))
}

fn block() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut bytes = std::fs::read(&golden()?[0])?;
    bytes[16] += 1;
    std::fs::write(folder.path().join("block.h5"), bytes)?;
    let texts = ["block.h5", "user block version 2", "use a newer version"];
    call(&mut words(folder.path(), "verify block.h5")?)?.refused(4, &texts)?;
    Ok((1, "refused with the version that is needed, exit code 4".to_owned()))
}

/// A training goes on from its own checkpoint only, and from the beginning otherwise.
fn checkpoints() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    let train = "train -q spins.h5 --hidden 4 --epochs 60000";
    call(&mut words(path, "sample -q -L 6 --temperatures 2 --samples-per-temperature 200 -o spins.h5")?)?
        .succeeded()?;
    let stopped = |line: &str| -> Result<Vec<u8>> {
        let ended = call(&mut words(path, &format!("{line} --epochs 4000000 -o rbm.h5 --time-limit 1"))?)?;
        ended.refused(130, &["interrupted"])?;
        std::fs::read(path.join("rbm.h5.checkpoint")).context("the checkpoint")
    };
    let short = train.replace("60000", "300");
    call(&mut words(path, &format!("{short} -o calm.h5"))?)?.succeeded()?;
    let calm = std::fs::read(path.join("calm.h5"))?;
    let own = stopped("train -q spins.h5 --hidden 4")?;
    let mut newer = own.clone();
    newer[8] += 1;
    let mut damaged = own.clone();
    let middle = own.len() / 2;
    damaged[middle] ^= 8;
    for (bytes, complaint) in [
        (&newer, "it has version 2, this program reads 1"),
        (&damaged, "it is damaged"),
        (&own, "it was made with other settings"),
        (&own[..50].to_vec(), "it is damaged"),
        (&vec![], "it is damaged"),
    ] {
        std::fs::write(path.join("rbm.h5.checkpoint"), bytes)?;
        let ended = call(&mut words(path, &format!("{short} -o rbm.h5"))?)?;
        ended.succeeded()?;
        let said = ended.err.contains(complaint) && ended.err.contains("starts from the beginning");
        ensure!(said, "does not say `{complaint}`: {}", ended.err);
        ensure!(std::fs::read(path.join("rbm.h5"))? == calm, "the machine is another: {complaint}");
        std::fs::remove_file(path.join("rbm.h5"))?;
    }
    Ok((5, "said and not used; the training starts again, same bytes".to_owned()))
}
