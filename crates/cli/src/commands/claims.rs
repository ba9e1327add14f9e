//! The claims of a run on the terminal: the answer in four lines, and a table.

use std::fmt::Write as _;

use console::Style;
use figures::{Claim, Verdict};
use plot::text::plain;

use crate::terminal::{cut, styled, wrap};

/// The width of the column of ids.
const ID: usize = 6;
/// The width of the column of verdicts.
const VERDICT: usize = 10;

/// The answer: a line for each part with its verdict, statement and value.
pub(super) fn answer(claims: &[Claim], width: usize) -> String {
    let mut text = String::new();
    for (name, claim) in figures::answer(claims) {
        let verdict = styled(&format!("{:<VERDICT$}", short(claim.verdict)), style(claim.verdict));
        let (statement, value) = (plain(&claim.statement), plain(&claim.value));
        let rest = cut(&format!("{statement}: {value}"), width.saturating_sub(12 + VERDICT + 2));
        let _ = writeln!(text, "{name:<12}{verdict}  {rest}");
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
        let (statement, value) = (plain(&claim.statement), plain(&claim.value));
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
            for line in wrap(&plain(&claim.conditions), rest) {
                let _ = writeln!(text, "{:indent$}{line}", "", indent = ID + VERDICT + 4);
            }
        }
    }
    let counts = format!("{} claims: {}", claims.len(), Verdict::counts(claims));
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
            axis: String::new(),
            cases: vec![],
            excluded: vec![],
            figure: "F05".to_owned(),
            dataset: "F05/x".to_owned(),
        }
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        let claims = [
            claim("C2b", Verdict::Holds, &"x".repeat(70)),
            claim("C1f-s", Verdict::Fails, "2.0(1)"),
            claim("C3d-l", Verdict::HoldsUnderConditions, "T_{E} = 1"),
            claim("C2a", Verdict::NotTested, ""),
        ];
        for width in [40, 60, 80, 100, 200] {
            for text in [table(&claims, width), answer(&claims, width)] {
                assert!(text.lines().all(|line| line.chars().count() <= width), "{width}\n{text}");
            }
        }
        let counts = "4 claims: 1 holds, 1 holds under conditions, 1 fails, 1 not tested";
        assert!(table(&claims, 90).ends_with(&(counts.to_owned() + "\n")));
    }

    #[test]
    fn the_answer_has_a_line_for_each_claim_that_decides() {
        let claims = [
            claim("C2b", Verdict::Holds, "T_{E}: 0 → 2.00(1)"),
            claim("C1a", Verdict::Fails, ""),
            claim("C1d-E", Verdict::HoldsUnderConditions, "2.3"),
            claim("Q2", Verdict::NotTested, "–"),
            claim("C3a", Verdict::Undecided, "0.9"),
        ];
        let text = answer(&claims, 400);
        let lines: Vec<&str> = text.lines().collect();
        let [direction, value, criticality, weights] = lines[..] else { panic!("{text}") };
        assert!(direction.starts_with("Direction   holds ") && direction.ends_with("2.00(1)"), "{text}");
        assert!(value.contains("conditions") && criticality.contains("not tested"), "{text}");
        assert!(weights.starts_with("Weights     undecided "), "{text}");
    }
}
