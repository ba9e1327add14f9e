//! A stage on the command line: input files, settings, and the file to make.
//!
//! Each setting is named as in the stage's config, which also has the default and the checks; what is not given is left
//! out, so that there is one place for defaults. Settings that are rarely changed have no argument of their own and are
//! reached with `--set`.

use std::fmt::Debug;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::exit::Problem;
use crate::job::Job;
use crate::stage::{Source, Stage, from_table, given};

/// A stage that makes a file from the files that it is given.
pub(crate) trait Verb: Stage + DeserializeOwned + 'static {
    /// The arguments for its input files.
    type Inputs: Args + Into<Vec<Source>> + Debug;
    /// The arguments for its settings.
    type Settings: Args + Serialize + Debug;

    /// Settings whose meaning depends on others.
    ///
    /// # Errors
    ///
    /// If they do not fit together.
    fn settle(settings: Self::Settings) -> Result<Self::Settings, Problem> {
        Ok(settings)
    }
}

/// The arguments of a stage.
#[derive(Debug, Args)]
pub(crate) struct StageArguments<V: Verb> {
    #[command(flatten)]
    inputs: V::Inputs,
    #[command(flatten)]
    settings: V::Settings,
    /// The file to make
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    others: Others,
}

impl<V: Verb> StageArguments<V> {
    /// The job that they describe.
    pub(crate) fn job(self) -> Result<Job, Problem> {
        let stage = self.others.complete::<V>(&V::settle(self.settings)?)?;
        let mut job = Job::new(stage.name(), stage, self.out);
        job.inputs = self.inputs.into();
        Ok(job)
    }
}

/// No input files.
#[derive(Debug, Args)]
pub(crate) struct NoInputs {}

impl From<NoInputs> for Vec<Source> {
    fn from(_: NoInputs) -> Self {
        vec![]
    }
}

/// A machine, and configurations to look at it with.
#[derive(Debug, Args)]
pub(crate) struct RbmAndSpins {
    /// The machine
    rbm: PathBuf,
    /// The configurations
    #[arg(long, value_name = "FILE")]
    spins: PathBuf,
}

impl From<RbmAndSpins> for Vec<Source> {
    fn from(files: RbmAndSpins) -> Self {
        vec![Source::new("rbm", files.rbm), Source::new("spins", files.spins)]
    }
}

/// The files of a role as inputs.
pub(crate) fn sources(role: &str, paths: impl IntoIterator<Item = PathBuf>) -> impl Iterator<Item = Source> {
    paths.into_iter().map(move |path| Source::new(role, path))
}

/// Declares settings as arguments that may be left out.
macro_rules! settings {
    ($(#[$meta:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Default, clap::Args, serde::Serialize)]
        pub(crate) struct $name {
            $(
                $(#[$attribute])*
                #[arg(long, allow_negative_numbers = true)]
                #[serde(skip_serializing_if = "Option::is_none")]
                $field: Option<$type>,
            )*
        }
    };
}

pub(crate) use settings;

/// The sides of a lattice, `14x8`.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub(crate) struct Shape(Vec<usize>);

impl std::str::FromStr for Shape {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split('x').map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

/// Seeds are 63 bits wide, as TOML has signed integers only.
pub(crate) fn seed() -> impl clap::builder::TypedValueParser<Value = u64> {
    clap::value_parser!(u64).range(..=i64::MAX as u64)
}

/// Any setting by its name in the config.
#[derive(Debug, Default, Args)]
struct Others {
    /// Set any setting of the config by its name there, in TOML: `--set fixed_point.window=0.2`
    #[arg(long = "set", value_name = "KEY=VALUE")]
    others: Vec<String>,
}

impl Others {
    /// A config from the settings that were given.
    fn complete<C: DeserializeOwned>(&self, settings: &impl Serialize) -> Result<C, Problem> {
        let mut table = given(settings)?;
        for other in &self.others {
            let parsed: Table = other
                .parse()
                .or_else(|_| quoted(other).parse())
                .map_err(|_| Problem::Usage(format!("`--set {other}` is not of the form KEY=VALUE")))?;
            merge(&mut table, parsed).map_err(|key| Problem::Usage(format!("`{key}` is set twice")))?;
        }
        from_table(table)
    }
}

/// A value that is no TOML is taken as text.
fn quoted(setting: &str) -> String {
    setting.split_once('=').map_or(setting.to_owned(), |(key, value)| format!("{key} = {:?}", value.trim()))
}

fn merge(table: &mut Table, more: Table) -> Result<(), String> {
    for (key, value) in more {
        match (table.get_mut(&key), value) {
            (None, value) => drop(table.insert(key, value)),
            (Some(Value::Table(inner)), Value::Table(value)) => merge(inner, value)?,
            (Some(_), _) => return Err(key),
        }
    }
    Ok(())
}
