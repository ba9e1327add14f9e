//! The claims as plain text for a terminal.

use std::fmt::Write as _;

use super::{Claim, Verdict};
use crate::scene::text::plain;

/// Widths of id, verdict, statement and value; with three gaps of two they make 100 columns.
const WIDTHS: [usize; 4] = [6, 12, 44, 32];

/// A table of the claims, aligned, at most 100 columns wide, ending with a line that counts the verdicts.
pub fn claims_table(claims: &[Claim]) -> String {
    let mut table = String::new();
    row(&mut table, ["claim", "verdict", "statement", "value"].map(str::to_owned));
    let rule = WIDTHS.map(|w| "-".repeat(w));
    row(&mut table, rule);
    for claim in claims {
        let verdict = match claim.verdict {
            Verdict::HoldsUnderConditions => "conditions".to_owned(),
            other => other.words().to_owned(),
        };
        row(&mut table, [plain(&claim.id), verdict, plain(&claim.statement), plain(&claim.value)]);
        if claim.verdict == Verdict::HoldsUnderConditions {
            for line in wrap(&plain(&claim.conditions), WIDTHS[2] + WIDTHS[3] + 2) {
                let _ = writeln!(table, "{:indent$}{line}", "", indent = WIDTHS[0] + WIDTHS[1] + 4);
            }
        }
    }
    let count = |verdict| claims.iter().filter(|c| c.verdict == verdict).count();
    let _ = writeln!(
        table,
        "{} claims: {} hold, {} under conditions, {} fail, {} not tested",
        claims.len(),
        count(Verdict::Holds),
        count(Verdict::HoldsUnderConditions),
        count(Verdict::Fails),
        count(Verdict::NotTested),
    );
    table
}

fn row(table: &mut String, cells: [String; 4]) {
    let columns: Vec<Vec<String>> = cells.iter().zip(WIDTHS).map(|(c, w)| wrap(c, w)).collect();
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    for line in 0..height {
        let mut text = String::new();
        for (column, width) in columns.iter().zip(WIDTHS) {
            let cell = column.get(line).map(String::as_str).unwrap_or_default();
            let _ = write!(text, "{cell}{}", " ".repeat(width + 2 - cell.chars().count().min(width)));
        }
        table.push_str(text.trim_end());
        table.push('\n');
    }
}

/// Breaks at spaces; a longer word is cut.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()) {
        let mut rest: Vec<char> = word.chars().collect();
        loop {
            let last = lines.last_mut().expect("there is always a line");
            let used = last.chars().count();
            let gap = usize::from(used > 0);
            if used + gap + rest.len() <= width {
                if gap == 1 {
                    last.push(' ');
                }
                last.extend(&rest);
                break;
            }
            if used == 0 {
                last.extend(&rest[..width]);
                rest.drain(..width);
            }
            lines.push(String::new());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_at_most_100_columns() {
        let mut claim = crate::claims::open("C1a", &"long words ".repeat(20), "F05/x", "");
        claim.value = "x".repeat(70);
        let table = claims_table(&[claim]);
        assert!(table.lines().all(|l| l.chars().count() <= 100), "{table}");
        assert!(table.contains("1 claims: 0 hold"));
    }

    #[test]
    fn text_is_wrapped_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("", 3), [""]);
    }
}
