//! The first screen: what the page is, the answer in three sentences and four tiles, and one picture.

use std::fmt::Write as _;

use super::table::verdict_class;
use super::{RunInfo, markup};
use crate::claims::{Claim, Verdict};
use plot::text::escape;

/// Whose claims the open questions test: claim, authors and year, and number in the arXiv.
const CREDITS: [(&str, &str, &str); 6] = [
    ("Q1", "Funai 2021", "2111.11166"),
    ("Q5", "Veiga and Vicente 2020", "2006.10176"),
    ("Q8", "Funai and Giataganas 2018", "1810.08179"),
    ("Q15a", "Funai and Giataganas 2018", "1810.08179"),
    ("Q15b", "Koch, Koch and Cheng 2019", "1906.05212"),
    ("Q15c", "Koch, Koch and Cheng 2019", "1906.05212"),
];

/// A link to those whose claim a question tests; empty for others.
pub(super) fn credit(id: &str) -> String {
    let found = CREDITS.iter().find(|credit| credit.0 == id);
    found.map_or_else(String::new, |(_, authors, number)| {
        format!(" After <a href=\"https://arxiv.org/abs/{number}\">{authors}</a>.")
    })
}

/// The title, the authors of the paper, and the run.
pub(super) fn header(html: &mut String, info: &RunInfo) {
    let replicas = crate::wording::replicas(info.replicas);
    let provisional = if info.replicas == 1 {
        " One replica cannot tell how much machines differ: its verdicts are provisional."
    } else {
        ""
    };
    let _ = writeln!(
        html,
        "<a class=\"skip\" href=\"#main\">Skip to the results</a>\n<header>\n\
         <h1>Scale-invariant Feature Extraction of Neural Network and Renormalization Group Flow, reproduced</h1>\n\
         <p class=\"lead\">The paper is by Satoshi Iso, Shotaro Shiba and Sumito Yokoo \
         (<a href=\"https://arxiv.org/abs/1801.07172\">arXiv:1801.07172</a>, Phys. Rev. E 97, 053304, 2018).</p>\n\
         <p class=\"about\">Run “{}”: {}. {replicas}, seed {}, {}.{provisional}</p>\n</header>",
        escape(&info.name),
        escape(info.description.trim_end_matches('.')),
        info.seed,
        escape(&info.producer),
    );
}

/// What a verdict makes of a sentence.
fn sentence(claim: &Claim, holds: &str, depends: &str, fails: &str) -> Option<String> {
    let said = match claim.verdict {
        Verdict::Holds => holds,
        Verdict::HoldsUnderConditions => depends,
        Verdict::Fails => fails,
        Verdict::Undecided => "this run cannot decide it",
        Verdict::NotTested => return None,
    };
    Some(format!("{}: {said} ({}).", claim.statement, claim.value))
}

/// Three sentences with their numbers, and the tiles; the section stays open for the picture.
pub(super) fn answer(html: &mut String, info: &RunInfo, claims: &[Claim]) {
    let find = |id: &str| claims.iter().find(|claim| claim.id == id);
    let sentences = [
        find("C2b").and_then(|c| sentence(c, "yes", "in some cases", "no")),
        find("C1e-N").and_then(|c| sentence(c, "yes", "in some cases", "no")),
        find("Q2").and_then(|c| sentence(c, "yes", "in part", "no")),
    ];
    html.push_str("<section id=\"answer\">\n<h2>The answer</h2>\n");
    for sentence in sentences.into_iter().flatten() {
        let _ = writeln!(html, "<p>{}</p>", markup(&sentence));
    }
    html.push_str("<ul class=\"tiles\">\n");
    for (name, claim) in crate::claims::answer(claims) {
        let id = &claim.id;
        let _ = writeln!(
            html,
            "<li><b>{name}</b> <span class=\"verdict {}\">{}</span><br>{}<br><span class=\"value\">{}</span> <a href=\"#claim-{id}\">{id}</a></li>",
            verdict_class(claim.verdict),
            claim.verdict.words(),
            markup(&claim.statement),
            markup(&claim.value),
        );
    }
    html.push_str("</ul>\n");
    if !info.warnings.is_empty() {
        let count = info.warnings.len();
        let kinds = if count == 1 { "kind of result is" } else { "kinds of results are" };
        let _ = writeln!(html, "<p><a href=\"#warnings\">{count} {kinds} to be read with care.</a></p>");
    }
}
