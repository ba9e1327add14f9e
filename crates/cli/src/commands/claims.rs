//! The claims of a run on the terminal: the answer in four lines, and a table.

use std::fmt::Write as _;

use console::Style;
use figures::{Claim, Verdict, plain_text};

use crate::terminal::{cut, styled, wrap};

/// A part of the answer: its name, the claims that it is made of, and the question that they answer.
const ANSWER: [(&str, &[&str], &str); 4] = [
    ("direction", &["C1a", "C1b", "C1c", "C2b"], "cold starts warm, hot starts cool, to one end"),
    ("temperature", &["C1d-E", "C1d-m", "C1d-n", "C1e-N", "C1e-t"], "the end is at T_c, for any machine"),
    ("criticality", &["C1f-s", "C1f-G", "C1f-E"], "the end state is critical"),
    (
        "weights",
        &["C3a", "C3b", "C3c", "C3d-l", "C3d-u"],
        "the weights hold the long waves and couple neighbours",
    ),
];

/// The width of the column of ids.
const ID: usize = 6;
/// The width of the column of verdicts.
const VERDICT: usize = 10;

/// The answer: a line for each part with the number of claims that hold, and the first value.
pub(super) fn answer(claims: &[Claim], width: usize) -> String {
    let mut text = String::new();
    for (name, ids, question) in ANSWER {
        let of_part: Vec<&Claim> =
            ids.iter().filter_map(|id| claims.iter().find(|claim| claim.id == *id)).collect();
        let tested: Vec<&&Claim> =
            of_part.iter().filter(|claim| claim.verdict != Verdict::NotTested).collect();
        let holding = tested.iter().filter(|claim| claim.verdict == Verdict::Holds).count();
        let all = tested.len();
        let (verdict, style) = if all == 0 {
            ("not tested".to_owned(), style(Verdict::NotTested))
        } else {
            let failing = tested.iter().filter(|claim| claim.verdict == Verdict::Fails).count();
            let of_all = match (holding, failing) {
                (holding, _) if holding == all => Verdict::Holds,
                (_, failing) if failing == all => Verdict::Fails,
                _ => Verdict::HoldsUnderConditions,
            };
            (format!("{holding} of {all} hold"), style(of_all))
        };
        let value = tested.first().map_or(String::new(), |claim| format!(" ({})", plain_text(&claim.value)));
        let rest = cut(&format!("{question}{value}"), width.saturating_sub(26));
        let _ = writeln!(text, "{name:<12}{}  {rest}", styled(&format!("{verdict:<11}"), style));
    }
    text
}

/// A table of claims of at most so many columns, ending with a line that counts the verdicts.
pub(super) fn table(claims: &[Claim], width: usize) -> String {
    let rest = width.saturating_sub(ID + VERDICT + 6);
    // Where there is little room, values stand below statements.
    let columns = if rest >= 60 { Some((rest * 3 / 5, rest - rest * 3 / 5)) } else { None };
    let mut text = String::new();
    for claim in claims {
        let (statement, value) = (plain_text(&claim.statement), plain_text(&claim.value));
        let (mut left, right) = match columns {
            Some((left, right)) => (wrap(&statement, left), wrap(&value, right)),
            None => (wrap(&format!("{statement}: {value}"), rest), vec![]),
        };
        let gap = columns.map_or(0, |(left, _)| left);
        left.resize(left.len().max(right.len()), String::new());
        for (number, line) in left.iter().enumerate() {
            let (id, verdict) =
                if number == 0 { (claim.id.as_str(), claim.verdict) } else { ("", claim.verdict) };
            let word = if number == 0 { short(verdict) } else { "" };
            let shown = styled(&format!("{word:<VERDICT$}"), style(verdict));
            let value = right.get(number).map_or("", String::as_str);
            let row = format!("{line:<gap$}  {value}");
            let _ = writeln!(text, "{id:<ID$}  {shown}  {}", row.trim_end());
        }
        if matches!(claim.verdict, Verdict::HoldsUnderConditions | Verdict::Undecided) {
            for line in wrap(&plain_text(&claim.conditions), rest) {
                let _ = writeln!(text, "{:indent$}{line}", "", indent = ID + VERDICT + 4);
            }
        }
    }
    let count = |verdict| claims.iter().filter(|claim| claim.verdict == verdict).count();
    let counts = format!(
        "{} claims: {} hold, {} under conditions, {} fail, {} undecided, {} not tested",
        claims.len(),
        count(Verdict::Holds),
        count(Verdict::HoldsUnderConditions),
        count(Verdict::Fails),
        count(Verdict::Undecided),
        count(Verdict::NotTested),
    );
    text.push_str(&wrap(&counts, width).join("\n"));
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn short(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::HoldsUnderConditions => "conditions",
        other => other.words(),
    }
}

fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Holds => Style::new().green(),
        Verdict::HoldsUnderConditions => Style::new().yellow(),
        Verdict::Fails => Style::new().red(),
        Verdict::Undecided => Style::new().bold(),
        Verdict::NotTested => Style::new().dim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(id: &str, verdict: Verdict, value: &str) -> Claim {
        let text = "long words ".repeat(20);
        Claim {
            id: id.to_owned(),
            statement: text.clone(),
            verdict,
            value: value.to_owned(),
            number: None,
            error: None,
            band: None,
            rule: String::new(),
            conditions: text,
            cases: vec![],
            excluded: vec![],
            figure: "F05".to_owned(),
            dataset: "F05/x".to_owned(),
        }
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        let claims = [
            claim("C1a", Verdict::Holds, &"x".repeat(70)),
            claim("C1f-s", Verdict::Fails, "2.0(1)"),
            claim("C3d-l", Verdict::HoldsUnderConditions, "T_{E} = 1"),
            claim("C2a", Verdict::NotTested, ""),
        ];
        for width in [40, 60, 80, 100, 200] {
            for text in [table(&claims, width), answer(&claims, width)] {
                assert!(text.lines().all(|line| line.chars().count() <= width), "{width}\n{text}");
            }
        }
        let counts = "4 claims: 1 hold, 1 under conditions, 1 fail, 0 undecided, 1 not tested";
        assert!(table(&claims, 80).ends_with(&(counts.to_owned() + "\n")));
    }

    #[test]
    fn the_answer_has_four_lines_and_counts_what_was_tested() {
        let claims = [
            claim("C1a", Verdict::Holds, "T_{E}: 0 → 2.00(1)"),
            claim("C1b", Verdict::Fails, ""),
            claim("C1c", Verdict::NotTested, ""),
            claim("C1f-s", Verdict::Fails, ""),
        ];
        let text = answer(&claims, 100);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines[0].contains("1 of 2 hold") && lines[0].contains("2.00(1)"), "{text}");
        assert!(lines[1].contains("not tested") && lines[2].contains("0 of 1 hold"), "{text}");
    }
}
