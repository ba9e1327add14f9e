//! Lists of temperatures as people write them: `0:6:0.25`, `0,tc,inf`, `V`, and mixtures of these.

use std::collections::HashSet;
use std::str::FromStr;

use datasets::lattice::Kind;
use serde::{Deserialize, Deserializer, Serialize};

use crate::exit::Problem;

/// Temperatures in J/k_B in the order given, none twice; 0 and infinity are allowed.
///
/// As text, items are separated by commas. An item is a number, `inf`, a range `first:last:step` with both ends
/// included, a number or a range in units of the critical temperature (`tc`, `1.5tc`, `0:2:0.5tc`), or one of the
/// paper's training sets `V` (0:6:0.25), `H` (4:6:0.25) and `L` (0). In TOML a text, a number, or a list of numbers and
/// texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(into = "Vec<f64>")]
pub struct Temperatures(pub(crate) Vec<f64>);

/// A list of temperatures that makes no sense.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum TemperatureError {
    #[error("`{0}` is no temperature: expected a number, `tc`, `inf`, `first:last:step`, `V`, `H` or `L`")]
    Unreadable(String),
    #[error("a {0} lattice has no critical temperature above 0: give a number instead of `tc`")]
    NotCritical(Kind),
    #[error("temperature {0} is negative; temperatures are 0 or more")]
    Negative(f64),
    #[error("temperature {0} is there twice")]
    Repeated(f64),
    #[error(
        "the range `{0}` has no end: its step must be positive and its last temperature not below the first"
    )]
    EndlessRange(String),
    #[error(
        "the range `{0}` ends at {1}, not at its last temperature: choose the step or the end so that it does"
    )]
    MissedEnd(String, f64),
    #[error("`{0}` has more than 12 decimal places")]
    TooFine(String),
    #[error("`{0}` is too large for a number; infinity is written `inf`")]
    TooLarge(String),
    #[error("temperatures {0} and {1} are the same but for rounding: write the one that is meant")]
    NearlyRepeated(f64, f64),
    #[error("there are more than {MOST} temperatures")]
    TooMany,
    #[error("the list of temperatures is empty")]
    Empty,
}

/// The number of temperatures of a range at most; labels are 16-bit numbers.
const MOST: i64 = 65_536;

/// Whether two numbers are different only because one of them was rounded, to single precision or in a sum of steps.
pub(crate) fn nearly_same(a: f64, b: f64) -> bool {
    a != b && (a - b).abs() <= 2e-7 * a.abs().max(b.abs()) && a.is_finite() && b.is_finite()
}

impl Temperatures {
    /// Checks a list of numbers.
    pub(crate) fn new(mut list: Vec<f64>) -> Result<Self, TemperatureError> {
        let mut known = HashSet::new();
        for t in &mut list {
            if t.is_nan() {
                return Err(TemperatureError::Unreadable("nan".to_owned()));
            }
            if *t < 0.0 {
                return Err(TemperatureError::Negative(*t));
            }
            // Minus zero becomes zero, which it is equal to, so that equal temperatures have equal bits.
            *t += 0.0;
            if !known.insert(t.to_bits()) {
                return Err(TemperatureError::Repeated(*t));
            }
        }
        let mut sorted = list.clone();
        sorted.sort_by(f64::total_cmp);
        if let Some(pair) = sorted.windows(2).find(|pair| nearly_same(pair[0], pair[1])) {
            return Err(TemperatureError::NearlyRepeated(pair[0], pair[1]));
        }
        match list.len() {
            0 => Err(TemperatureError::Empty),
            n if n as u64 > MOST as u64 => Err(TemperatureError::TooMany),
            _ => Ok(Self(list)),
        }
    }

    /// Whether all of another list are among these.
    pub(crate) fn contain(&self, others: &Self) -> bool {
        others.0.iter().all(|t| self.0.contains(t))
    }

    /// The shortest text that is read back as the same list.
    pub(crate) fn text(&self) -> String {
        let list = &self.0;
        if let [first, second, .., last] = list[..]
            && list.len() > 3
        {
            for step in [second - first, last / (list.len() - 1) as f64] {
                // Differences of decimal fractions are not exact; nine digits are more than anybody types.
                let step = (step * 1e9).round() / 1e9;
                let range = format!("{first}:{last}:{step}");
                if range.parse() == Ok(self.clone()) {
                    return range;
                }
            }
        }
        list.iter().map(f64::to_string).collect::<Vec<_>>().join(",")
    }
}

impl From<Temperatures> for Vec<f64> {
    fn from(temperatures: Temperatures) -> Self {
        temperatures.0
    }
}

impl FromStr for Temperatures {
    type Err = TemperatureError;

    fn from_str(text: &str) -> Result<Self, TemperatureError> {
        text.parse::<Scaled>()?.on(Kind::Square)
    }
}

/// Temperatures of which some are in units of the critical temperature of a lattice that is known later.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(into = "Vec<toml::Value>")]
pub(crate) struct Scaled(Vec<Item>);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Item {
    /// In J/k_B.
    Absolute(f64),
    /// In units of T_c.
    Critical(f64),
}

impl Scaled {
    /// The temperatures on lattices of a kind.
    pub(crate) fn on(&self, kind: Kind) -> Result<Temperatures, TemperatureError> {
        let number = |item: &Item| match *item {
            Item::Absolute(temperature) => Ok(temperature),
            // The chain is ordered at T = 0 only.
            Item::Critical(factor) => ising_mc::exact::critical_temperature_of(kind)
                .filter(|&critical| critical > 0.0)
                .map(|critical| factor * critical)
                .ok_or(TemperatureError::NotCritical(kind)),
        };
        Temperatures::new(self.0.iter().map(number).collect::<Result<_, _>>()?)
    }
}

impl From<Temperatures> for Scaled {
    fn from(list: Temperatures) -> Self {
        Self(list.0.into_iter().map(Item::Absolute).collect())
    }
}

impl From<Scaled> for Vec<toml::Value> {
    fn from(list: Scaled) -> Self {
        let value = |item: Item| match item {
            Item::Absolute(temperature) => toml::Value::Float(temperature),
            Item::Critical(1.0) => toml::Value::String("tc".to_owned()),
            Item::Critical(factor) => toml::Value::String(format!("{factor}tc")),
        };
        list.0.into_iter().map(value).collect()
    }
}

impl FromStr for Scaled {
    type Err = TemperatureError;

    fn from_str(text: &str) -> Result<Self, TemperatureError> {
        let mut list = vec![];
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            push_item(item, &mut list)?;
        }
        Ok(Self(list))
    }
}

/// Temperatures of an argument, whose `tc` is that of a lattice which is known later.
#[derive(Debug, Clone)]
pub(crate) struct LatticeTemperatures {
    scaled: Scaled,
    list: Temperatures,
}

impl LatticeTemperatures {
    /// Takes the critical temperature from a lattice.
    fn settle(&mut self, kind: Kind) -> Result<(), TemperatureError> {
        self.list = self.scaled.on(kind)?;
        Ok(())
    }
}

/// Takes `tc` from the lattice that is given, if any.
pub(crate) fn settle(
    lattice: Option<&str>,
    temperatures: Option<&mut LatticeTemperatures>,
) -> Result<(), Problem> {
    if let (Some(lattice), Some(temperatures)) = (lattice, temperatures) {
        let kind: Kind = lattice.parse().map_err(Problem::usage)?;
        temperatures.settle(kind).map_err(Problem::usage)?;
    }
    Ok(())
}

impl FromStr for LatticeTemperatures {
    type Err = TemperatureError;

    fn from_str(text: &str) -> Result<Self, TemperatureError> {
        let scaled: Scaled = text.parse()?;
        Ok(Self { list: scaled.on(Kind::Square)?, scaled })
    }
}

impl Serialize for LatticeTemperatures {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.list.serialize(serializer)
    }
}

fn push_item(item: &str, list: &mut Vec<Item>) -> Result<(), TemperatureError> {
    let mut numbers = vec![];
    match item {
        "V" => push_range("0:6:0.25", &mut numbers)?,
        "H" => push_range("4:6:0.25", &mut numbers)?,
        "L" => numbers.push(0.0),
        "tc" | "Tc" | "T_c" => list.push(Item::Critical(1.0)),
        _ => match item.strip_suffix("tc") {
            Some(factors) => {
                let mut scaled = vec![];
                push_numbers(factors.trim_end(), &mut scaled).map_err(|error| match error {
                    TemperatureError::Unreadable(_) => TemperatureError::Unreadable(item.to_owned()),
                    other => other,
                })?;
                list.extend(scaled.into_iter().map(Item::Critical));
            }
            None => push_numbers(item, &mut numbers)?,
        },
    }
    list.extend(numbers.into_iter().map(Item::Absolute));
    // Before there is a list of any length.
    if list.len() as u64 > MOST as u64 { Err(TemperatureError::TooMany) } else { Ok(()) }
}

/// A number or a range.
fn push_numbers(item: &str, list: &mut Vec<f64>) -> Result<(), TemperatureError> {
    if item.contains(':') {
        return push_range(item, list);
    }
    let number: f64 = item.parse().map_err(|_| TemperatureError::Unreadable(item.to_owned()))?;
    if number.is_infinite() && item.contains(|c: char| c.is_ascii_digit()) {
        return Err(TemperatureError::TooLarge(item.to_owned()));
    }
    list.push(number);
    Ok(())
}

/// Counts in integers of the last decimal place, so that 0:1:0.1 has 0.3 in it and not 0.30000000000000004.
fn push_range(item: &str, list: &mut Vec<f64>) -> Result<(), TemperatureError> {
    let unreadable = || TemperatureError::Unreadable(item.to_owned());
    let ends: Vec<&str> = item.split(':').collect();
    let ends: [&str; 3] = ends.try_into().map_err(|_| unreadable())?;
    // Numbers with exponents are written out.
    let ends = ends.map(|end| match end.trim() {
        end if end.contains(['e', 'E']) => end.parse().map_or(end.to_owned(), |t: f64| t.to_string()),
        end => end.to_owned(),
    });
    let places = ends.iter().map(|end| end.split_once('.').map_or(0, |(_, f)| f.len())).max().unwrap_or(0);
    let scaled = |end: String| -> Option<i64> {
        let (whole, fraction) = end.split_once('.').unwrap_or((&end, ""));
        format!("{whole}{fraction:0<places$}").parse().ok()
    };
    if places > 12 {
        return Err(TemperatureError::TooFine(item.to_owned()));
    }
    let [Some(first), Some(last), Some(step)] = ends.map(scaled) else { return Err(unreadable()) };
    if step <= 0 || last < first {
        return Err(TemperatureError::EndlessRange(item.to_owned()));
    }
    if first < 0 {
        return Err(TemperatureError::Negative(first as f64 / unit(places)));
    }
    if (last - first) / step >= MOST {
        return Err(TemperatureError::TooMany);
    }
    let missed = (last - first) % step;
    if missed != 0 {
        return Err(TemperatureError::MissedEnd(item.to_owned(), (last - missed) as f64 / unit(places)));
    }
    // Both are exact in double precision, so the quotient is the number nearest to the decimal fraction.
    list.extend((first..=last).step_by(step as usize).map(|t| t as f64 / unit(places)));
    Ok(())
}

/// One in units of the last of `places` decimal places.
fn unit(places: usize) -> f64 {
    10i64.pow(places as u32) as f64
}

impl<'de> Deserialize<'de> for Temperatures {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        Scaled::deserialize(deserializer)?.on(Kind::Square).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Scaled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        fn push(value: &toml::Value, list: &mut Vec<Item>) -> Result<(), TemperatureError> {
            match value {
                toml::Value::String(text) => list.extend(text.parse::<Scaled>()?.0),
                toml::Value::Integer(t) => list.push(Item::Absolute(*t as f64)),
                toml::Value::Float(t) => list.push(Item::Absolute(*t)),
                other => return Err(TemperatureError::Unreadable(other.to_string())),
            }
            Ok(())
        }
        let mut list = vec![];
        match toml::Value::deserialize(deserializer)? {
            toml::Value::Array(items) => items.iter().try_for_each(|item| push(item, &mut list)),
            single => push(&single, &mut list),
        }
        .map_err(D::Error::custom)?;
        let list = Self(list);
        // What is wrong on any lattice is told at once, with its line.
        match list.on(Kind::Square) {
            Ok(_) => Ok(list),
            Err(error) => Err(D::Error::custom(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[f64]) {
        let list: Temperatures = text.parse().expect("readable");
        assert_eq!(list.0, expected);
        assert_eq!(list.text().parse::<Temperatures>().as_ref(), Ok(&list), "{}", list.text());
    }

    #[test]
    fn lists_are_read_as_people_write_them() {
        let tc = 2.0 / (1.0 + 2f64.sqrt()).ln();
        check("0,tc,inf", &[0.0, tc, f64::INFINITY]);
        check("0:1:0.1", &[0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]);
        check("L", &[0.0]);
        check("0:2e-1:1e-1", &[0.0, 0.1, 0.2]);
        check("infinity", &[f64::INFINITY]);
        check("4:6:0.5, 1", &[4.0, 4.5, 5.0, 5.5, 6.0, 1.0]);
        assert_eq!("V".parse::<Temperatures>().expect("a preset").0.len(), 25);
        assert_eq!("V".parse::<Temperatures>().expect("a preset").text(), "0:6:0.25");
    }

    #[test]
    fn units_of_the_critical_temperature_are_those_of_the_lattice() {
        let list: Scaled = "0:1.5:0.5tc, 6, inf".parse().expect("readable");
        // 4/ln 3, paper and textbooks alike.
        let tc = 4.0 / 3f64.ln();
        let expected = [0.0, 0.5 * tc, tc, 1.5 * tc, 6.0, f64::INFINITY];
        assert_eq!(list.on(Kind::Triangular).expect("a list").0, expected);
        let written: Vec<toml::Value> = list.clone().into();
        assert_eq!(toml::Value::Array(written).try_into::<Scaled>().as_ref(), Ok(&list));
        let refusal = list.on(Kind::Chain).expect_err("no critical temperature").to_string();
        assert!(refusal.contains("chain") && refusal.contains("give a number instead of `tc`"), "{refusal}");
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for (text, complaint) in [
            ("", "the list of temperatures is empty"),
            ("1,x", "`x` is no temperature"),
            ("-1", "temperature -1 is negative"),
            ("nan", "`nan` is no temperature"),
            ("0:1:0", "has no end"),
            ("2:1:0.5", "has no end"),
            ("0:1:0.1,0.3", "temperature 0.3 is there twice"),
            ("0:100000:0.1", "more than 65536"),
            ("0:60000:1,60001:70000:1", "more than 65536"),
            ("-9000000000000000000:9000000000000000000:1", "is negative"),
            ("0,-0", "temperature 0 is there twice"),
            ("1:2", "`1:2` is no temperature"),
            ("1:2:0.3", "ends at 1.9"),
            ("0:6:7", "ends at 0"),
            ("1e400", "is too large"),
            ("0:1:1e-9", "more than 65536"),
            ("0:1:1e-13", "more than 12 decimal places"),
            ("xtc", "`xtc` is no temperature"),
            ("0:1:2:3tc", "`0:1:2:3tc` is no temperature"),
            ("tc,1tc", "is there twice"),
            ("0.3,0.30000000000000004", "the same but for rounding"),
            ("0.1,0.10000000149011612", "the same but for rounding"),
        ] {
            let error = text.parse::<Temperatures>().expect_err(text).to_string();
            assert!(error.contains(complaint), "{text}: {error}");
        }
    }
}
