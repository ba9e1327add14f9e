//! Counts as people write them: one, several, a range, or one for each N_h.

use std::collections::BTreeMap;
use std::fmt::Display;

use datasets::lattice::Lattice;
use serde::{Deserialize, Deserializer, Serialize};
use toml::Value;

/// One positive count or several: `64`, `[16, 64]`, `"16:64:16"`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Counts(pub(crate) Vec<usize>);

/// One lattice or several: `"triangular:10"`, `["chain:100", "honeycomb:14x8"]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Lattices(pub(crate) Vec<Lattice>);

/// One N_h or several, each a number, a range, or a multiple of the number N of sites such as `"0.64N"`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct HiddenUnits(Vec<Hidden>);

/// N_h.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
enum Hidden {
    Number(usize),
    /// `"0.64N"`
    PerSite(String),
}

/// Numbers of epochs: one; a list or a range, for a series of machines; or a table by N_h, such as
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
/// A range has at most as many counts.
const MOST: i64 = 10_000;

impl HiddenUnits {
    /// A list of numbers.
    pub(crate) fn numbers(list: &[usize]) -> Self {
        Self(list.iter().map(|&number| Hidden::Number(number)).collect())
    }

    /// The numbers for a lattice with `sites` sites.
    pub(crate) fn of(&self, sites: usize) -> Vec<usize> {
        let number = |hidden: &Hidden| match hidden {
            Hidden::Number(number) => *number,
            Hidden::PerSite(text) => {
                multiple(text).map_or(1, |m| (m * sites as f64).round().max(1.0) as usize)
            }
        };
        self.0.iter().map(number).collect()
    }
}

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

/// The number before the `N` of a text.
fn multiple(text: &str) -> Option<f64> {
    text.strip_suffix('N')?.trim().parse().ok().filter(|m: &f64| *m > 0.0 && m.is_finite() && *m <= 1e4)
}

fn count<T: TryFrom<i64>>(value: &Value) -> Result<T, String> {
    let number = value.as_integer().filter(|&n| n > 0).and_then(|n| T::try_from(n).ok());
    number.ok_or_else(|| format!("{value} is no positive count"))
}

/// The counts of `first:last:step`, both ends included.
fn range<T: TryFrom<i64>>(text: &str) -> Result<Vec<T>, String> {
    let wrong = || format!("`{text}` is no range `first:last:step` of positive counts");
    let parts = text.split(':').map(|part| part.trim().parse::<i64>()).collect::<Result<Vec<_>, _>>();
    let &[first, last, step] = parts.map_err(|_| wrong())?.as_slice() else { return Err(wrong()) };
    if first < 1 || step < 1 || last < first || (last - first) / step >= MOST {
        return Err(wrong());
    }
    if (last - first) % step != 0 {
        let end = last - (last - first) % step;
        return Err(format!(
            "the range `{text}` ends at {end}, not at {last}; choose the step or the end so that it does"
        ));
    }
    let list = (0..=(last - first) / step).map(|i| T::try_from(first + i * step).map_err(|_| wrong()));
    list.collect()
}

fn items(value: &Value) -> Result<&[Value], String> {
    match value {
        Value::Array(items) if items.is_empty() => Err("the list is empty".to_owned()),
        Value::Array(items) => Ok(items),
        single => Ok(std::slice::from_ref(single)),
    }
}

fn counts<T: TryFrom<i64> + PartialEq + Display>(value: &Value) -> Result<Vec<T>, String> {
    let lists = items(value)?.iter().map(|item| match item {
        Value::String(text) => range(text),
        number => count(number).map(|count| vec![count]),
    });
    let list: Vec<T> = lists.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    distinct(&list)?;
    Ok(list)
}

/// Refuses repeated items, which would count twice.
pub(super) fn distinct<T: PartialEq + Display>(list: &[T]) -> Result<(), String> {
    let twice = list.iter().enumerate().find(|(place, item)| list[..*place].contains(item));
    twice.map_or(Ok(()), |(_, item)| Err(format!("{item} is there twice")))
}

fn hidden(value: &Value) -> Result<Vec<Hidden>, String> {
    let lists = items(value)?.iter().map(|item| match item {
        Value::String(text) if multiple(text).is_some() => Ok(vec![Hidden::PerSite(text.clone())]),
        Value::String(text) if text.contains(':') => {
            Ok(range(text)?.into_iter().map(Hidden::Number).collect())
        }
        Value::String(text) => {
            Err(format!("`{text}` is neither a range `first:last:step` nor a multiple of N such as `0.64N`"))
        }
        number => Ok(vec![Hidden::Number(count(number)?)]),
    });
    Ok(lists.collect::<Result<Vec<_>, String>>()?.into_iter().flatten().collect())
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        counts(&Value::deserialize(deserializer)?).map(Self).map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Lattices {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let lattice = |item: &Value| match item.as_str() {
            Some(text) => text.parse().map_err(|error: datasets::lattice::LatticeError| error.to_string()),
            None => Err(format!("{item} is no lattice; write kind:shape, as \"triangular:10\"")),
        };
        let value = Value::deserialize(deserializer)?;
        let list = items(&value).and_then(|items| items.iter().map(lattice).collect::<Result<Vec<_>, _>>());
        let list = list.and_then(|list| distinct(&list).map(|()| list));
        list.map(Self).map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for HiddenUnits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        hidden(&Value::deserialize(deserializer)?).map(Self).map_err(serde::de::Error::custom)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
        let table: toml::Table = format!("x = {text}").parse().expect("TOML");
        table["x"].clone().try_into().map_err(|error: toml::de::Error| error.message().to_owned())
    }

    #[test]
    fn counts_are_numbers_lists_and_ranges() {
        assert_eq!(read::<Counts>("64"), Ok(Counts(vec![64])));
        assert_eq!(read::<Counts>("[6, \"8:12:2\"]"), Ok(Counts(vec![6, 8, 10, 12])));
        for wrong in [
            "[6, 6]",
            "[10, \"8:12:2\"]",
            "\"8:12:3\"",
            "0",
            "[]",
            "\"1:2\"",
            "\"5:1:1\"",
            "\"1:5:0\"",
            "\"1:9999999:1\"",
            "1.5",
            "true",
        ] {
            assert!(read::<Counts>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn hidden_units_scale_with_the_lattice() {
        let units = read::<HiddenUnits>("[16, \"0.25N\", \"32:64:32\"]").expect("a list");
        assert_eq!(units.of(100), [16, 25, 32, 64]);
        assert_eq!(units.of(36), [16, 9, 32, 64]);
        for wrong in ["\"N\"", "\"-1N\"", "\"0N\"", "\"many\"", "0"] {
            assert!(read::<HiddenUnits>(wrong).is_err(), "{wrong}");
        }
    }
}
