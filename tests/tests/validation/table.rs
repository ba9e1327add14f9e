//! Checks as a table in Markdown.

use std::fmt::Write as _;

use statrs::distribution::{ContinuousCDF, Normal};

use super::FALSE_ALARM;

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Found {
    /// A deviation of something without statistical error, and the largest that rounding explains.
    Deviation { found: f64, limit: f64 },
    /// A number of disagreements of things that are counted.
    Mismatches(u64),
    /// A deviation in standard errors, the largest of as many comparisons.
    StandardErrors { found: f64, of: usize },
    /// The probability of a larger deviation by chance, the smallest of as many comparisons.
    Probability { found: f64, of: usize },
}

/// One check.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Check {
    subject: String,
    against: String,
    /// Whatever else is known, such as the number of samples.
    remark: String,
    found: Found,
}

impl Check {
    /// A deviation of something without statistical error, and the largest that rounding explains.
    pub(crate) fn deviation(subject: &str, against: &str, found: f64, limit: f64) -> Self {
        let found = size(found);
        Self::new(subject, against, Found::Deviation { found, limit })
    }

    /// A number of disagreements of things that are counted; one is too many.
    pub(crate) fn mismatches(subject: &str, against: &str, found: u64) -> Self {
        Self::new(subject, against, Found::Mismatches(found))
    }

    /// The largest of some deviations in standard errors; NaN counts as infinite.
    pub(crate) fn standard_errors(subject: &str, against: &str, deviations: &[f64]) -> Self {
        let largest = deviations.iter().copied().map(size).fold(0.0, f64::max);
        Self::new(subject, against, Found::StandardErrors { found: largest, of: deviations.len() })
    }

    /// The probability of a larger deviation by chance.
    pub(crate) fn probability(subject: &str, against: &str, p: f64) -> Self {
        Self::probabilities(subject, against, &[p])
    }

    /// The smallest of some probabilities of larger deviations by chance; NaN counts as 0.
    pub(crate) fn probabilities(subject: &str, against: &str, all: &[f64]) -> Self {
        let found = all.iter().map(|p| if p.is_nan() { 0.0 } else { *p }).fold(1.0, f64::min);
        Self::new(subject, against, Found::Probability { found, of: all.len() })
    }

    /// Adds what else is known.
    pub(crate) fn remark(mut self, remark: impl Into<String>) -> Self {
        self.remark = remark.into();
        self
    }

    fn new(subject: &str, against: &str, found: Found) -> Self {
        Self { subject: subject.to_owned(), against: against.to_owned(), remark: String::new(), found }
    }

    /// The number of random comparisons it makes.
    fn comparisons(&self) -> usize {
        match self.found {
            Found::Deviation { .. } | Found::Mismatches(_) => 0,
            Found::StandardErrors { of, .. } => of,
            Found::Probability { of, .. } => of,
        }
    }

    /// Whether it passed, if `share` is the probability of a false alarm of each random comparison.
    fn passed(&self, share: f64) -> bool {
        match self.found {
            Found::Deviation { found, limit } => found <= limit,
            Found::Mismatches(found) => found == 0,
            Found::StandardErrors { found, .. } => found <= standard_errors(share),
            Found::Probability { found, .. } => found >= share,
        }
    }

    fn row(&self, share: f64) -> [String; 5] {
        let (found, limit) = match self.found {
            Found::Deviation { found, limit } => (format!("deviation {found:.1e}"), format!("{limit:.0e}")),
            Found::Mismatches(found) => (format!("{found} mismatches"), "0".to_owned()),
            Found::StandardErrors { found, of: 1 } => {
                (format!("{found:.2} standard errors"), format!("{:.2}", standard_errors(share)))
            }
            Found::StandardErrors { found, of } => (
                format!("{found:.2} standard errors, largest of {of}"),
                format!("{:.2}", standard_errors(share)),
            ),
            Found::Probability { found, of: 1 } => (format!("p = {found:.4}"), format!("{share:.1e}")),
            Found::Probability { found, of } => {
                (format!("p = {found:.4}, smallest of {of}"), format!("{share:.1e}"))
            }
        };
        let verdict = if self.passed(share) { "passed" } else { "FAILED" };
        let against = if self.remark.is_empty() {
            self.against.clone()
        } else {
            format!("{} ({})", self.against, self.remark)
        };
        [self.subject.clone(), against, found, limit, verdict.to_owned()]
    }
}

/// The absolute value; NaN is infinite.
fn size(deviation: f64) -> f64 {
    if deviation.is_nan() { f64::INFINITY } else { deviation.abs() }
}

/// The number of standard errors that a normal deviation exceeds with a probability, in either direction.
fn standard_errors(share: f64) -> f64 {
    Normal::new(0.0, 1.0).map_or(f64::NAN, |normal| normal.inverse_cdf(1.0 - 0.5 * share))
}

/// Checks under a title.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    title: String,
    checks: Vec<Check>,
}

impl Table {
    pub(crate) fn new(title: &str, checks: Vec<Check>) -> Self {
        Self { title: title.to_owned(), checks }
    }

    /// The number of checks.
    pub(crate) fn len(&self) -> usize {
        self.checks.len()
    }

    /// The probability of a false alarm of one random comparison.
    fn share(&self) -> f64 {
        FALSE_ALARM / self.checks.iter().map(Check::comparisons).sum::<usize>().max(1) as f64
    }

    /// The number of checks that failed.
    pub(crate) fn failures(&self) -> usize {
        let share = self.share();
        self.checks.iter().filter(|check| !check.passed(share)).count()
    }

    /// The table, with what its limits mean.
    pub(crate) fn markdown(&self) -> String {
        let share = self.share();
        let heading = ["subject", "against", "found", "limit", "verdict"].map(str::to_owned);
        let rows: Vec<[String; 5]> =
            std::iter::once(heading).chain(self.checks.iter().map(|check| check.row(share))).collect();
        let mut width = [0; 5];
        for row in &rows {
            for (width, cell) in width.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut text = format!("## {}\n\n", self.title);
        let random: usize = self.checks.iter().map(Check::comparisons).sum();
        if random > 0 {
            let _ = writeln!(
                text,
                "{random} random comparisons, which raise a false alarm with a probability of {FALSE_ALARM} together: \
                 each at p < {share:.1e} or beyond {:.2} standard errors.\n",
                standard_errors(share)
            );
        }
        for (index, row) in rows.iter().enumerate() {
            for (cell, width) in row.iter().zip(width) {
                let _ = write!(text, "| {cell}{} ", " ".repeat(width - cell.chars().count()));
            }
            text.push_str("|\n");
            if index == 0 {
                width.iter().for_each(|width| text.push_str(&format!("|{}", "-".repeat(width + 2))));
                text.push_str("|\n");
            }
        }
        let _ = writeln!(text, "\n{} of {} checks passed.", self.len() - self.failures(), self.len());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_the_stated_probabilities() {
        assert!((standard_errors(0.0455) - 2.0).abs() < 1e-3);
        let one = Check::standard_errors("a", "b", &[0.1, -3.5, 1.0]);
        // Three comparisons: 3.5 standard errors have p = 4.7e-4, more than a third of 1e-3.
        assert_eq!(Table::new("x", vec![one.clone()]).failures(), 0);
        let wrong = Check::standard_errors("a", "b", &[4.0]);
        let table = Table::new("x", vec![one, wrong, Check::mismatches("e", "f", 1)]);
        assert_eq!(table.failures(), 2);
        assert!(table.markdown().contains("FAILED") && table.markdown().contains("1 of 3 checks passed"));
        assert_eq!(Table::new("x", vec![Check::standard_errors("a", "b", &[f64::NAN])]).failures(), 1);
        assert_eq!(Table::new("x", vec![Check::deviation("a", "b", -2.0, 1.0)]).failures(), 1);
        assert_eq!(Table::new("x", vec![Check::deviation("a", "b", f64::NAN, 1.0)]).failures(), 1);
    }
}
