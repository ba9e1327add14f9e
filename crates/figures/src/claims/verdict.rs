//! The one rule of all verdicts: a number with its error beside a band decides a case, and the cases decide the claim.

use serde::{Deserialize, Serialize};

use super::{Claim, NO_DATA};
use crate::statistics::Estimate;
use crate::wording::list;

/// A number this many standard errors from the edge of its band is on one side of it.
const CERTAIN: f64 = 2.0;
/// More names than these are counted instead.
const NAMED: usize = 8;

/// The rule, for readers.
pub(crate) const RULE: &str = "A number that is at least two standard errors from the edge of its band decides a case; one that is nearer, or whose \
     error is unknown because there are too few replicas, leaves it undecided. A claim holds or fails if all its cases do, and \
     holds under conditions if some cases hold, others fail, and each is decided.";

/// What the numbers say about a claim, or about one case of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everywhere it was tested.
    Holds,
    /// In some of the cases, and not in others; each is decided, and the conditions name them.
    HoldsUnderConditions,
    /// Nowhere; or, for a claim without exceptions, not everywhere.
    Fails,
    /// The numbers are too near to the edge of the band, or there are too few replicas, to tell.
    Undecided,
    /// The run does not contain what the test needs.
    NotTested,
}

impl Verdict {
    /// All verdicts, in the order in which they are counted.
    pub const ALL: [Self; 5] =
        [Self::Holds, Self::HoldsUnderConditions, Self::Fails, Self::Undecided, Self::NotTested];

    /// The verdict in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::HoldsUnderConditions => "holds under conditions",
            Self::Fails => "fails",
            Self::Undecided => "undecided",
            Self::NotTested => "not tested",
        }
    }

    /// How many of some claims have which verdict, those that none has left out: `14 hold, 1 fails, 3 not tested`.
    pub fn counts(claims: &[Claim]) -> String {
        let words = [
            ("holds", "hold"),
            ("holds under conditions", "hold under conditions"),
            ("fails", "fail"),
            ("undecided", "undecided"),
            ("not tested", "not tested"),
        ];
        let counts = Self::ALL.iter().zip(words).filter_map(|(&verdict, (one, many))| {
            let count = claims.iter().filter(|claim| claim.verdict == verdict).count();
            (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
        });
        counts.collect::<Vec<_>>().join(", ")
    }
}

/// The range in which a number must be for a claim to hold, or outside of which.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// The lower end, if there is one.
    pub low: Option<f64>,
    /// The upper end, if there is one.
    pub high: Option<f64>,
    /// Whether the claim holds outside of the range instead of inside.
    #[serde(default)]
    pub outside: bool,
    /// Where the band comes from.
    pub source: String,
}

impl Band {
    /// How far a number is inside of the range; negative outside.
    fn depth(&self, value: f64) -> f64 {
        let from = |edge: Option<f64>, sign: f64| edge.map_or(f64::INFINITY, |edge| sign * (value - edge));
        from(self.low, 1.0).min(from(self.high, -1.0))
    }

    /// How far a number is on the side where the claim holds; negative on the other.
    fn margin(&self, value: f64) -> f64 {
        if self.outside { -self.depth(value) } else { self.depth(value) }
    }

    /// Whether a number with its error is where it must be.
    pub(crate) fn judge(&self, number: Estimate) -> Verdict {
        let margin = self.margin(number.value);
        if !number.exists() {
            Verdict::NotTested
        } else if number.error.is_nan() || margin.abs() < CERTAIN * number.error {
            Verdict::Undecided
        } else if margin >= 0.0 {
            Verdict::Holds
        } else {
            Verdict::Fails
        }
    }
}

/// One case of a claim: a machine, a start, a temperature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// What it is, such as `64` if the cases differ in N_h.
    pub name: String,
    /// Its number in words.
    pub value: String,
    /// Its number.
    pub number: f64,
    /// The standard error, if it is known.
    pub error: Option<f64>,
    /// What the number says.
    pub verdict: Verdict,
}

/// Whether a claim may hold under conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exceptions {
    /// The claim is about each case by itself.
    Conditions,
    /// The claim says that there is no exception: one refutes it.
    Refute,
}

impl Claim {
    /// Adds a case that is judged by the claim's band.
    pub(crate) fn case(&mut self, name: impl Into<String>, number: Estimate, value: String) {
        let verdict = self.band.as_ref().map_or(Verdict::NotTested, |band| band.judge(number));
        self.judged_case(name, number, value, verdict);
    }

    /// Adds a case that has been judged by more than its number.
    pub(crate) fn judged_case(
        &mut self,
        name: impl Into<String>,
        number: Estimate,
        value: String,
        verdict: Verdict,
    ) {
        if number.exists() {
            let error = number.error.is_finite().then_some(number.error);
            self.cases.push(Case { name: name.into(), value, number: number.value, error, verdict });
        }
    }

    /// Names something that cannot be a case, as its flow has no fixed point.
    pub(crate) fn without_fixed_point(&mut self, name: impl Into<String>) {
        self.excluded.push(name.into());
    }

    /// The verdict from all cases, with the number that decides. `axis` names what the cases differ in.
    pub(crate) fn conclude(&mut self, axis: &str, exceptions: Exceptions) {
        axis.clone_into(&mut self.axis);
        let of_axis = if axis.is_empty() { String::new() } else { format!(" {axis}") };
        let of = |verdict: Verdict| -> Vec<String> {
            self.cases.iter().filter(|case| case.verdict == verdict).map(|case| case.name.clone()).collect()
        };
        let (yes, no, open) = (of(Verdict::Holds), of(Verdict::Fails), of(Verdict::Undecided));
        self.verdict = match (yes.len(), no.len(), open.len()) {
            (0, 0, 0) => Verdict::NotTested,
            (_, 0, 0) => Verdict::Holds,
            (0, _, _) if !no.is_empty() => Verdict::Fails,
            (_, _, _) if exceptions == Exceptions::Refute && !no.is_empty() => Verdict::Fails,
            (_, _, 0) => Verdict::HoldsUnderConditions,
            _ => Verdict::Undecided,
        };
        let all = self.cases.len();
        let names = |names: &[String]| match names.len() {
            n if n > NAMED => format!("{n} of {all}"),
            _ => list(names),
        };
        let said: Vec<String> = [("for", &yes), ("not for", &no), ("undecided for", &open)]
            .into_iter()
            .filter(|(_, cases)| !cases.is_empty())
            .enumerate()
            .map(|(i, (word, cases))| {
                let axis = if i == 0 && cases.len() <= NAMED { of_axis.as_str() } else { "" };
                format!("{word}{axis} {}", names(cases))
            })
            .collect();
        self.conditions = if said.is_empty() { NO_DATA.to_owned() } else { said.join("; ") };
        if self.cases.iter().any(|case| case.verdict == Verdict::Undecided && case.error.is_none()) {
            self.conditions.push_str(" (too few replicas to know the error)");
        }
        if !self.excluded.is_empty() {
            let excluded = format!("no fixed point for{of_axis} {}", list(&self.excluded));
            self.conditions =
                if said.is_empty() { excluded } else { format!("{}; {excluded}", self.conditions) };
        }
        self.decide(axis, exceptions);
    }

    /// Shows the case that decides: the one nearest to the edge if all hold or it is undecided; the nearest to holding
    /// if all fail, or the clearest exception; and both extremes if it depends.
    fn decide(&mut self, axis: &str, exceptions: Exceptions) {
        let Some(band) = &self.band else { return };
        let margin = |case: &&Case| band.margin(case.number);
        let of = |verdict: Verdict| self.cases.iter().filter(move |case| case.verdict == verdict);
        let least = |verdict| of(verdict).min_by(|a, b| margin(a).total_cmp(&margin(b)));
        let most = |verdict| of(verdict).max_by(|a, b| margin(a).total_cmp(&margin(b)));
        let (shown, other) = match self.verdict {
            Verdict::Holds => (least(Verdict::Holds), None),
            Verdict::Fails if exceptions == Exceptions::Refute => (least(Verdict::Fails), None),
            Verdict::Fails => (most(Verdict::Fails), None),
            Verdict::HoldsUnderConditions => (most(Verdict::Holds), least(Verdict::Fails)),
            Verdict::Undecided => (least(Verdict::Undecided), None),
            Verdict::NotTested => return,
        };
        let Some(shown) = shown else { return };
        let at = |case: &Case| {
            let alone = self.cases.len() == 1 && axis.is_empty();
            if alone {
                case.value.clone()
            } else {
                format!("{} for {axis} {}", case.value, case.name).replace("  ", " ")
            }
        };
        let value = match other {
            Some(other) => format!("{}, but {}", at(shown), at(other)),
            None => at(shown),
        };
        let estimate = Estimate::new(shown.number, shown.error.unwrap_or(f64::NAN));
        self.with_number(estimate, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::open;

    fn band(outside: bool) -> Band {
        Band { low: Some(1.0), high: Some(2.0), outside, source: String::new() }
    }

    fn judged(numbers: &[(f64, f64)], exceptions: Exceptions) -> Claim {
        let mut claim = open("C", "", "F/x", "").with_band(Some(1.0), Some(2.0), "");
        for (i, &(value, error)) in numbers.iter().enumerate() {
            claim.case(format!("{i}"), Estimate::new(value, error), format!("{value}"));
        }
        claim.conclude("case", exceptions);
        claim
    }

    #[test]
    fn two_standard_errors_from_the_edge_decide() {
        for (value, error, verdict) in [
            (1.5, 0.1, Verdict::Holds),
            (1.5, 0.3, Verdict::Undecided),
            (2.1, 0.04, Verdict::Fails),
            (2.1, 0.06, Verdict::Undecided),
            (0.5, 0.1, Verdict::Fails),
            (1.0, 0.0, Verdict::Holds),
            (1.5, f64::NAN, Verdict::Undecided),
            (f64::NAN, 0.1, Verdict::NotTested),
        ] {
            assert_eq!(band(false).judge(Estimate::new(value, error)), verdict, "{value} ± {error}");
        }
        assert_eq!(band(true).judge(Estimate::new(1.5, 0.1)), Verdict::Fails);
        assert_eq!(band(true).judge(Estimate::new(2.5, 0.1)), Verdict::Holds);
    }

    #[test]
    fn conditions_need_cases_that_are_decided() {
        let (holds, fails, open) = ((1.5, 0.1), (3.0, 0.1), (2.05, 0.1));
        for (cases, conditions, refute) in [
            (&[holds, holds][..], Verdict::Holds, Verdict::Holds),
            (&[holds, fails], Verdict::HoldsUnderConditions, Verdict::Fails),
            (&[fails, open], Verdict::Fails, Verdict::Fails),
            (&[holds, open], Verdict::Undecided, Verdict::Undecided),
            (&[holds, fails, open], Verdict::Undecided, Verdict::Fails),
            (&[], Verdict::NotTested, Verdict::NotTested),
        ] {
            assert_eq!(judged(cases, Exceptions::Conditions).verdict, conditions, "{cases:?}");
            assert_eq!(judged(cases, Exceptions::Refute).verdict, refute, "{cases:?}");
        }
    }

    #[test]
    fn the_number_that_is_shown_is_the_one_that_decides() {
        let number = |cases: &[(f64, f64)], exceptions| judged(cases, exceptions).number;
        assert_eq!(number(&[(1.5, 0.1), (1.2, 0.05)], Exceptions::Conditions), Some(1.2));
        assert_eq!(number(&[(3.0, 0.1), (4.0, 0.1)], Exceptions::Conditions), Some(3.0));
        assert_eq!(number(&[(3.0, 0.1), (4.0, 0.1)], Exceptions::Refute), Some(4.0));
        let mixed = judged(&[(1.5, 0.1), (4.0, 0.1)], Exceptions::Conditions);
        assert_eq!((mixed.number, mixed.value.as_str()), (Some(1.5), "1.5 for case 0, but 4 for case 1"));
        assert_eq!(mixed.conditions, "for case 0; not for 1");
    }
}
