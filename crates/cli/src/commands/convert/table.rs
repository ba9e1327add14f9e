//! Tables of text (`.csv`): a line for each configuration, a column for each site, and a first line of names if there
//! are any.

use std::collections::HashSet;

use csv::{ErrorKind, ReaderBuilder, StringRecord};

use super::npy::Npy;

/// A table of numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    /// The names of the columns, if there is a line of them.
    pub(super) names: Option<Vec<String>>,
    /// The numbers, `[rows, columns]`.
    pub(super) rows: Vec<Vec<f64>>,
}

impl Table {
    /// The table of a text; what is wrong if there is none.
    pub(super) fn read(text: &[u8]) -> Result<Self, String> {
        let mut reader = ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(text);
        let mut names = None;
        let mut rows = vec![];
        for record in reader.records() {
            let record = record.map_err(|error| fault(&error))?;
            let line = record.position().map_or(0, csv::Position::line);
            if rows.is_empty() && names.is_none() && are_names(&record) {
                names =
                    Some(record.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect());
                continue;
            }
            rows.push(numbers(&record, line, names.as_deref())?);
        }
        if rows.is_empty() {
            return Err(
                "has no line of numbers: expected one for each configuration, a column for each site"
                    .to_owned(),
            );
        }
        Ok(Self { names, rows })
    }

    /// Takes a column out.
    pub(super) fn take(&mut self, name: &str) -> Option<Vec<f64>> {
        let names = self.names.as_mut()?;
        let place = names.iter().position(|known| known == name)?;
        names.remove(place);
        Some(self.rows.iter_mut().map(|row| row.remove(place)).collect())
    }

    /// All columns that are left, as an array `[rows, columns]`.
    pub(super) fn into_array(self) -> Npy {
        let shape = vec![self.rows.len(), self.rows[0].len()];
        Npy { shape, values: self.rows.into_iter().flatten().collect() }
    }
}

/// Whether a first line is one of names: all different, which three spins never are, and none empty. Names may be
/// numbers.
fn are_names(record: &StringRecord) -> bool {
    let different: HashSet<&str> = record.iter().filter(|cell| !cell.is_empty()).collect();
    different.len() == record.len() && (record.len() > 2 || record.iter().any(|cell| number(cell).is_none()))
}

/// A number, or a truth value as pandas and R write them.
fn number(cell: &str) -> Option<f64> {
    match cell {
        "True" | "true" | "TRUE" => Some(1.0),
        "False" | "false" | "FALSE" => Some(0.0),
        _ => cell.parse().ok(),
    }
}

fn numbers(record: &StringRecord, line: u64, names: Option<&[String]>) -> Result<Vec<f64>, String> {
    let cell = |(place, cell): (usize, &str)| {
        number(cell).ok_or_else(|| {
            let name = names.and_then(|names| names.get(place)).map(|name| format!(" (`{name}`)"));
            let (place, name) = (place + 1, name.unwrap_or_default());
            if record.len() == 1 {
                return format!("has `{cell:.20}` in line {line}, expected numbers separated by commas");
            }
            let found = if cell.is_empty() { "is empty".to_owned() } else { format!("has `{cell}`") };
            format!(
                "{found} in line {line}, column {place}{name}, expected a number; number classes from 0 on, leave lines with \
                 missing values out, and write no index (pandas: index=False)"
            )
        })
    };
    record.iter().enumerate().map(cell).collect()
}

/// What is wrong with the text of a table.
fn fault(error: &csv::Error) -> String {
    match error.kind() {
        ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            format!("has {len} columns in line {line}, {expected_len} before; separate all numbers by commas")
        }
        ErrorKind::Utf8 { pos, .. } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            format!("is no text in line {line}: write it as UTF-8")
        }
        _ => format!("is no table: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_names_or_none() {
        let bare = Table::read(b"1,-1,1\n-1, 1, 1\n").expect("a table");
        assert_eq!(bare.names, None);
        assert_eq!(
            bare.into_array(),
            Npy { shape: vec![2, 3], values: vec![1.0, -1.0, 1.0, -1.0, 1.0, 1.0] }
        );
        let mut named = Table::read("\u{feff}a,kind,b\nTrue,3,False\n0,4,1e0\n".as_bytes()).expect("a table");
        assert_eq!(named.take("kind"), Some(vec![3.0, 4.0]));
        assert_eq!(named.take("kind"), None);
        assert_eq!(named.names, Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(named.into_array().values, [1.0, 0.0, 0.0, 1.0]);
        // As pandas writes columns without names.
        let mut numbered = Table::read(b"0,1,2,label\n1,1,0,7\n").expect("a table");
        assert_eq!((numbered.take("label"), numbered.rows.len()), (Some(vec![7.0]), 1));
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_line() {
        for (text, expected) in [
            (&b""[..], "has no line of numbers"),
            (b"a,b\n", "has no line of numbers"),
            (b"1,1\n1\n", "has 1 columns in line 2, 2 before"),
            (b"a,b\n1,x\n", "has `x` in line 2, column 2 (`b`)"),
            (b"1,1\n1,\n", "is empty in line 2, column 2"),
            // A line with a mistake is not one of names, nor is one with an index.
            (b"1,1,x,1\n1,1,1,1\n", "has `x` in line 1, column 3"),
            (b",a,b\n0,1,1\n", "is empty in line 1, column 1"),
            (b"1,1\n1,\xff\n", "is no text in line 2"),
        ] {
            let said = Table::read(text).expect_err("no table");
            assert!(said.contains(expected), "{said}");
        }
    }
}
