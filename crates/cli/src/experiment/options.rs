//! Settings of a stage in a section of an experiment.

use serde::de::DeserializeOwned;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use toml::Table;

use crate::exit::Problem;
use crate::stage::{from_table, to_table};

/// The settings of a stage, of which the plan makes some.
pub(super) trait Planned: Serialize + DeserializeOwned {
    /// The settings that the plan makes, as TOML, with values that any stage accepts until then.
    const PLANNED: &str;
}

/// The keys and values of [`Planned::PLANNED`].
fn planned<C: Planned>() -> Table {
    C::PLANNED.parse().expect("TOML that is read in the tests")
}

/// The settings of a stage, from those of a section.
pub(super) fn complete<C: Planned>(table: &Table) -> Result<C, Problem> {
    let mut table = table.clone();
    for (key, value) in planned::<C>() {
        if table.contains_key(&key) {
            return Err(Problem::Usage(format!("`{key}` cannot be set here: the plan fills it in")));
        }
        table.insert(key, value);
    }
    from_table(table)
}

/// The settings of a section with all defaults, without those that the plan makes.
pub(super) fn own_settings<C: Planned>(config: &C) -> Result<Table, Problem> {
    let mut table = to_table(config)?;
    planned::<C>().keys().for_each(|key| drop(table.remove(key)));
    Ok(table)
}

/// The stage's own settings in a section, or their error.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options<C>(Result<C, Problem>);

impl<C> Options<C> {
    /// The settings, with values that do not matter for those that the plan makes.
    pub(crate) fn get(&self) -> Result<&C, Problem> {
        self.0.as_ref().map_err(Problem::clone)
    }
}

impl<C: Planned> Default for Options<C> {
    fn default() -> Self {
        Self(complete(&Table::new()))
    }
}

impl<'de, C: Planned> Deserialize<'de> for Options<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Errors are told later, with the name of the section.
        Table::deserialize(deserializer).map(|table| Self(complete(&table)))
    }
}

impl<C: Planned> Serialize for Options<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.get().and_then(own_settings).map_err(S::Error::custom)?.serialize(serializer)
    }
}
