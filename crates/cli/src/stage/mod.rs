//! The interface of a stage. Each stage is one file of `stages`.

mod cost;
mod inputs;
mod work;

use std::fmt::Debug;
use std::path::Path;

use anyhow::Context as _;
use datasets::Provenance;
use datasets::file::ReadError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::exit::Problem;
use crate::output;
pub(crate) use cost::{CONCURRENT, Cost, reading};
pub(crate) use inputs::{Headers, InputFile, InputSizes, Source, refuse_repeated};
pub(crate) use work::{Work, sweep};

/// A stage with all its settings.
pub(crate) trait Stage: Settings {
    /// The name, which is also that of the verb.
    fn name(&self) -> &'static str;

    /// The master seed; 0 of a stage without random numbers.
    fn seed(&self) -> u64 {
        0
    }

    /// Refuses settings that can never work with inputs of such sizes; 0 stands for sizes that are not known yet.
    fn check(&self, sizes: &InputSizes) -> Result<(), Problem>;

    /// The expected cost with inputs of such sizes.
    fn cost(&self, sizes: &InputSizes) -> Cost;

    /// Computes the output from the inputs and writes it.
    fn run(&self, work: &Work) -> anyhow::Result<()>;

    /// Refuses input files that do not go together.
    fn check_inputs(&self, inputs: &[InputFile]) -> Result<(), Problem> {
        refuse_repeated(inputs)
    }

    /// A note on inputs that are in order and may not be what was meant.
    fn note_on_inputs(&self, _inputs: &[InputFile]) -> Option<String> {
        None
    }

    /// A note on an output that has just been made.
    fn note_on_output(&self, _output: &Path) -> anyhow::Result<Option<String>> {
        Ok(None)
    }

    /// The provenance of the file under the name of the output.
    fn provenance_of(&self, output: &Path, headers: &Headers) -> Result<Provenance, ReadError> {
        headers.of(output).map(|header| header.provenance.clone())
    }

    /// Refuses to replace a file under the name of the output that is none of this program.
    fn require_replaceable(&self, output: &Path) -> anyhow::Result<()> {
        output::require_result(output)
    }

    /// Whether an output of another version of the program is made anew.
    fn depends_on_version(&self) -> bool {
        false
    }

    /// The arguments of the verb, where they are not inputs, settings and `--out`.
    fn arguments(&self, _inputs: &[Source], _output: &Path) -> Option<Vec<String>> {
        None
    }
}

impl dyn Stage {
    /// The `config` of the files that the stage makes: its name and its settings, defaults filled in.
    pub(crate) fn config(&self) -> anyhow::Result<String> {
        self.tagged(self.name())
    }
}

/// Settings of any stage.
pub(crate) trait Settings: Debug + Send + Sync {
    /// As TOML, after the name of the stage.
    fn tagged(&self, stage: &str) -> anyhow::Result<String>;

    /// Whether the value of a setting is the default.
    fn is_default(&self, key: &str) -> bool;
}

impl<C: Serialize + DeserializeOwned + PartialEq + Debug + Send + Sync> Settings for C {
    fn tagged(&self, stage: &str) -> anyhow::Result<String> {
        #[derive(Serialize)]
        struct Tagged<'a, C> {
            stage: &'a str,
            #[serde(flatten)]
            settings: &'a C,
        }
        toml::to_string(&Tagged { stage, settings: self }).context("the settings cannot be written as TOML")
    }

    fn is_default(&self, key: &str) -> bool {
        let without = to_table(self).and_then(|mut table| {
            table.remove(key);
            from_table::<C>(table)
        });
        without.is_ok_and(|without| without == *self)
    }
}

/// The settings in a `config` that is of a certain stage.
pub(crate) fn settings_of<C: DeserializeOwned>(config: &str, stage: &str) -> Option<C> {
    let mut table: Table = config.parse().ok()?;
    let found = table.remove("stage")?;
    if found.as_str() == Some(stage) { from_table(table).ok() } else { None }
}

/// Settings from a table.
pub(crate) fn from_table<C: DeserializeOwned>(table: Table) -> Result<C, Problem> {
    table.try_into().map_err(|error: toml::de::Error| Problem::usage(error.message()))
}

/// Settings as files have them: single-precision numbers with their own few digits.
pub(crate) fn to_table(settings: &impl Serialize) -> Result<Table, Problem> {
    let text = toml::to_string(settings).map_err(|error| Problem::Failed(error.to_string()))?;
    text.parse().map_err(|error: toml::de::Error| Problem::Failed(error.to_string()))
}

/// Settings that were given one by one, to be completed by [`from_table`], which rounds to single precision again.
pub(crate) fn given(settings: &impl Serialize) -> Result<Table, Problem> {
    match Value::try_from(settings) {
        Ok(Value::Table(table)) => Ok(table),
        Ok(other) => Err(Problem::Failed(format!("{} is no table of settings", other.type_str()))),
        Err(error) => Err(Problem::Failed(error.to_string())),
    }
}
