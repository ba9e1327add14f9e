//! Counts as people write them: one, several, or one for each N_h.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use toml::Value;

/// One positive count or a list of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Counts(pub(crate) Vec<usize>);

/// Numbers of epochs: one; a list, for a series of machines; or a table by N_h, such as
/// `{ 16 = 30, 25 = 60, others = 100 }`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Epochs {
    /// The same for all, or several for each.
    Series(Vec<u32>),
    /// One for each N_h, and `others`.
    ByHidden(BTreeMap<String, u32>),
}

/// The key of [`Epochs::ByHidden`] for all N_h that have none of their own.
const OTHERS: &str = "others";

impl Epochs {
    /// Those of machines with `hidden` hidden units.
    pub(crate) fn of(&self, hidden: usize) -> Vec<u32> {
        match self {
            Self::Series(series) => series.clone(),
            Self::ByHidden(table) => {
                table.get(&hidden.to_string()).or_else(|| table.get(OTHERS)).copied().into_iter().collect()
            }
        }
    }

    /// Whether machines differ by nothing but these.
    pub(crate) fn is_series(&self) -> bool {
        matches!(self, Self::Series(series) if series.len() > 1)
    }
}

fn count<T: TryFrom<i64>>(value: &Value) -> Result<T, String> {
    let number = value.as_integer().filter(|&n| n > 0).and_then(|n| T::try_from(n).ok());
    number.ok_or_else(|| format!("{value} is no positive count"))
}

fn counts<T: TryFrom<i64>>(value: &Value) -> Result<Vec<T>, String> {
    match value {
        Value::Array(items) if !items.is_empty() => items.iter().map(count).collect(),
        Value::Array(_) => Err("the list is empty".to_owned()),
        single => Ok(vec![count(single)?]),
    }
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        counts(&Value::deserialize(deserializer)?).map(Self).map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Epochs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Table(table) => table
                .iter()
                .map(|(key, value)| {
                    if key != OTHERS && key.parse::<usize>().is_err() {
                        return Err(format!("`{key}` is neither a number of hidden units nor `{OTHERS}`"));
                    }
                    Ok((key.clone(), count(value)?))
                })
                .collect::<Result<_, _>>()
                .map(Self::ByHidden),
            list => counts(&list).map(Self::Series),
        }
        .map_err(serde::de::Error::custom)
    }
}
