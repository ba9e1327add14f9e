//! A verdict for each claim of the paper, computed from the figures' numbers alone by stated rules.

mod controls;
mod flow;
mod group;
mod verdict;
mod weights;

use datasets::Figures;
use datasets::lattice::Kind;
use serde::{Deserialize, Serialize};

pub(crate) use flow::{CRITICAL_BAND, RATIO_BAND, decay, ratio, spread};
pub use verdict::{Band, Case, Verdict};
pub(crate) use verdict::{Exceptions, RULE};

use crate::critical::critical_temperature as of_kind;
use crate::error::FigureError;
use crate::record::Numbers;
use crate::statistics::Estimate;

/// A claim of the paper with what this run says about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Its id, such as `C1a`; the number is that of the paper's claim, 4 stands for our controls. `Q1` to `Q17` are the
    /// questions that the paper leaves open.
    pub id: String,
    /// The claim in one sentence. Subscripts are written `T_{c}`.
    pub statement: String,
    /// What the numbers say.
    pub verdict: Verdict,
    /// The number that decides in words, with its error in compact form: `2.03(1) for N_{h} = 64`.
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
    /// What the cases differ in, such as `N_{h} =`; empty if their names say it.
    #[serde(default)]
    pub axis: String,
    /// What it was tested on, each with what its number says.
    #[serde(default)]
    pub cases: Vec<Case>,
    /// What it could not be tested on, as the flow has no fixed point there.
    #[serde(default)]
    pub excluded: Vec<String>,
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
/// assert_eq!(claims.len(), 45);
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

/// The answer in short: what it is about, and the claim that decides it.
const ANSWER: [(&str, &str); 4] =
    [("Direction", "C2b"), ("Value", "C1d-E"), ("Criticality", "Q2"), ("Weights", "C3a")];

/// The answer in short: whether the flow is opposite to the renormalization group's, whether it ends at T_c, whether
/// the end state is critical, and what the weights have learnt first, each by the claim that decides it.
pub fn answer(claims: &[Claim]) -> impl Iterator<Item = (&'static str, &Claim)> {
    ANSWER.iter().filter_map(|&(name, id)| Some((name, claims.iter().find(|claim| claim.id == id)?)))
}

/// What a claim that is not tested says.
pub(crate) const NO_DATA: &str = "the run has no such data";

/// The numbers of a figure; an error if the run has none.
pub(crate) fn figure<'a>(figures: &'a Figures, id: &'a str) -> Result<Numbers<'a>, FigureError> {
    figures
        .figures
        .get(id)
        .map(|figure| Numbers::new(id, figure))
        .ok_or_else(|| FigureError::UnknownFigure { id: id.to_owned() })
}

/// T_c of the lattice of the experiment in J/k_B.
pub(crate) fn critical_temperature(figures: &Figures) -> f64 {
    let first = figures.figures.iter().next();
    first
        .map_or_else(|| of_kind(Kind::Square), |(id, figure)| Numbers::new(id, figure).critical_temperature())
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
        axis: String::new(),
        cases: vec![],
        excluded: vec![],
        figure: dataset.split('/').next().unwrap_or_default().to_owned(),
        dataset: dataset.to_owned(),
    }
}

impl Claim {
    pub(crate) fn with_band(mut self, low: Option<f64>, high: Option<f64>, source: &str) -> Self {
        self.band = Some(Band { low, high, outside: false, source: source.to_owned() });
        self
    }

    /// A claim that holds outside of the band.
    pub(crate) fn with_band_outside(mut self, low: f64, high: f64, source: &str) -> Self {
        self.band = Some(Band { low: Some(low), high: Some(high), outside: true, source: source.to_owned() });
        self
    }

    fn with_number(&mut self, estimate: Estimate, value: String) {
        self.number = estimate.value.is_finite().then_some(estimate.value);
        self.error = estimate.error.is_finite().then_some(estimate.error);
        self.value = value;
    }

    /// The claim, what the numbers say of it, and the number that decides, in one sentence.
    pub(crate) fn sentence(&self) -> String {
        format!("{}: {} ({}).", self.statement, self.verdict.words(), self.value)
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
