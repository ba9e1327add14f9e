//! A verdict for each claim of the paper, computed from the figures' numbers alone by stated rules.

mod controls;
mod flow;
mod group;
mod weights;

use datasets::Figures;
use serde::{Deserialize, Serialize};

pub(crate) use flow::{CRITICAL_BAND, at_critical, is_one, ratio};

use crate::error::FigureError;
use crate::f06_fixed_point::RESOLUTION;
use crate::record::Numbers;
use crate::statistics::Estimate;
use crate::wording::list;

/// What the numbers say about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everywhere it was tested.
    Holds,
    /// In some of the cases that were tested; the conditions name them.
    HoldsUnderConditions,
    /// Nowhere.
    Fails,
    /// The run does not contain what the test needs.
    NotTested,
}

impl Verdict {
    /// The verdict in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::HoldsUnderConditions => "holds under conditions",
            Self::Fails => "fails",
            Self::NotTested => "not tested",
        }
    }
}

/// The range of a number in which a claim holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// The lower end, if there is one.
    pub low: Option<f64>,
    /// The upper end, if there is one.
    pub high: Option<f64>,
    /// Where the band comes from.
    pub source: String,
}

/// A claim of the paper with what this run says about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Its id, such as `C1a`; the number is that of the paper's claim, 4 stands for our controls. `Q1` to `Q8` are the
    /// questions that the paper leaves open.
    pub id: String,
    /// The claim in one sentence. Subscripts are written `T_{c}`.
    pub statement: String,
    /// What the numbers say.
    pub verdict: Verdict,
    /// The deciding number in words, with its error in compact form: `T_{E} = 2.03(1)`.
    pub value: String,
    /// The deciding number, where there is one.
    pub number: Option<f64>,
    /// Its standard error.
    pub error: Option<f64>,
    /// Where the number must be for the claim to hold.
    pub band: Option<Band>,
    /// How the verdict follows from the numbers.
    pub rule: String,
    /// Where the claim holds and where it does not, and what it was tested on.
    pub conditions: String,
    /// The figure that shows it.
    pub figure: String,
    /// The deciding dataset within `figures.h5`.
    pub dataset: String,
}

/// The claims of the paper (its abstract, split as far as they can be tested apart), our controls, and the answers to the
/// questions that it leaves open, judged from the figures' numbers alone.
///
/// ```
/// use figures::{Verdict, claims};
/// let claims = claims(&datasets::Figures::default());
/// assert!(claims.iter().all(|claim| claim.verdict == Verdict::NotTested));
/// assert_eq!(claims.len(), 31);
/// ```
///
/// # Panics
///
/// If arrays do not fit together, which [`check`](crate::check) finds out.
pub fn claims(figures: &Figures) -> Vec<Claim> {
    let mut claims = Vec::new();
    for judge in [flow::judge, group::judge, weights::judge, controls::judge, crate::questions::judge] {
        claims.extend(judge(figures));
    }
    claims
}

/// What a claim that is not tested says.
pub(crate) const NO_DATA: &str = "the run has no such data";

/// What a claim says whose rule needs an error that the run does not give.
pub(crate) const ONE_REPLICA: &str = "one replica cannot tell: the rule needs a standard error over replicas";

/// How [`Claim::by_spread`] judges.
const SPREAD_RULE: &str = "the largest and smallest T_{E} (where the ends meet) differ by at most three standard errors or \
                           0.02: holds; by at most 0.125: under conditions";

/// The numbers of a figure; an error if the run has none.
pub(crate) fn figure<'a>(figures: &'a Figures, id: &'a str) -> Result<Numbers<'a>, FigureError> {
    figures
        .figures
        .get(id)
        .map(|figure| Numbers::new(id, figure))
        .ok_or_else(|| FigureError::UnknownFigure { id: id.to_owned() })
}

/// A claim before it is judged.
pub(crate) fn open(id: &str, statement: &str, dataset: &str, rule: &str) -> Claim {
    Claim {
        id: id.to_owned(),
        statement: statement.to_owned(),
        verdict: Verdict::NotTested,
        value: "–".to_owned(),
        number: None,
        error: None,
        band: None,
        rule: rule.to_owned(),
        conditions: String::new(),
        figure: dataset.split('/').next().unwrap_or_default().to_owned(),
        dataset: dataset.to_owned(),
    }
}

impl Claim {
    pub(crate) fn with_band(mut self, low: Option<f64>, high: Option<f64>, source: &str) -> Self {
        self.band = Some(Band { low, high, source: source.to_owned() });
        self
    }

    pub(crate) fn with_number(&mut self, estimate: Estimate, value: String) {
        self.number = estimate.value.is_finite().then_some(estimate.value);
        self.error = estimate.error.is_finite().then_some(estimate.error);
        self.value = value;
    }

    /// Judges by cases: holds if all pass, under conditions if some do, fails if none does, not tested without cases.
    /// `axis` names what the cases differ in.
    fn by_cases(&mut self, axis: &str, cases: &[(String, bool)]) {
        let named = |wanted: bool| -> Vec<String> {
            cases.iter().filter(|c| c.1 == wanted).map(|c| c.0.clone()).collect()
        };
        let (yes, no) = (named(true), named(false));
        self.verdict = match (yes.is_empty(), no.is_empty()) {
            (true, true) => Verdict::NotTested,
            (false, true) => Verdict::Holds,
            (false, false) => Verdict::HoldsUnderConditions,
            (true, false) => Verdict::Fails,
        };
        self.conditions = match self.verdict {
            Verdict::NotTested => NO_DATA.to_owned(),
            Verdict::Holds => format!("for {axis} {}", list(&yes)),
            Verdict::HoldsUnderConditions => format!("for {axis} {}; not for {}", list(&yes), list(&no)),
            Verdict::Fails => format!("not for {axis} {}", list(&no)),
        };
    }

    /// Judges independence by the spread of T_E: nothing beyond the noise holds; a drift that the paper's thermometer
    /// could not see holds under conditions; more fails.
    fn by_spread(&mut self, spread: Estimate) {
        (self.verdict, self.conditions) = if spread.value <= (3.0 * spread.error).max(0.02) {
            (Verdict::Holds, String::new())
        } else if spread.value <= RESOLUTION {
            (Verdict::HoldsUnderConditions, "; a drift, within the resolution of the classes".to_owned())
        } else {
            (Verdict::Fails, String::new())
        };
    }

    /// The claim as judged, or as not tested with the reason.
    pub(crate) fn or_not_tested(mut self, result: Result<(), FigureError>) -> Self {
        if let Err(error) = result {
            self.verdict = Verdict::NotTested;
            self.conditions = error.to_string();
        }
        self
    }
}
