//! The table of the claims.

use std::fmt::Write as _;

use super::markup;
use super::shown::Shown;
use crate::claims::{Band, Claim, Verdict};
use plot::text::escape;

/// The range of a band in words.
pub(super) fn band_text(band: &Band) -> String {
    let number = |v: f64| {
        let mut text = format!("{v:.3}");
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
        text.replace('-', "−")
    };
    let range = match (band.low, band.high) {
        (Some(low), Some(high)) if low == high => number(low),
        (Some(low), Some(high)) => format!("{} … {}", number(low), number(high)),
        (Some(low), None) => format!("≥ {}", number(low)),
        (None, Some(high)) => format!("≤ {}", number(high)),
        (None, None) => String::new(),
    };
    if band.outside { format!("outside {range}") } else { range }
}

pub(crate) fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds",
        Verdict::HoldsUnderConditions => "conditions",
        Verdict::Fails => "fails",
        Verdict::Undecided => "undecided",
        Verdict::NotTested => "untested",
    }
}

/// The symbol of a verdict.
pub(super) fn symbol_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "✓",
        Verdict::HoldsUnderConditions => "◐",
        Verdict::Fails => "✗",
        Verdict::Undecided => "≈",
        Verdict::NotTested => "–",
    }
}

/// How a claim is judged, as HTML.
pub(super) fn judged(claim: &Claim) -> String {
    let dataset = escape(&claim.dataset);
    format!("Holds if {}. Data: <code>{dataset}</code> in <code>figures.h5</code>.", markup(&claim.rule))
}

/// All claims, one in each row.
pub(super) fn claims_table(html: &mut String, claims: &[Claim], shown: &Shown<'_>) {
    html.push_str(
        "<details id=\"all-claims\"><summary>All claims as a table</summary>\n\
         <div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Table of claims\"><table class=\"claims\">\n\
         <thead><tr><th scope=\"col\">Claim</th><th scope=\"col\">Verdict</th><th scope=\"col\">Value</th>\
         <th scope=\"col\">Band</th><th scope=\"col\">Where it holds</th><th scope=\"col\">Figure</th></tr></thead>\n<tbody>\n",
    );
    for claim in claims {
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\"><a href=\"#claim-{id}\"><b>{id}</b></a> {}</th>\
             <td class=\"verdict {}\"><span aria-hidden=\"true\">{}</span> {}</td><td class=\"value\">{}</td>\
             <td class=\"band\">{}</td><td>{}</td><td>{}</td></tr>",
            markup(&claim.statement),
            verdict_class(claim.verdict),
            symbol_of(claim.verdict),
            claim.verdict.words(),
            markup(&claim.value),
            claim.band.as_ref().map_or_else(String::new, band_text),
            markup(&claim.conditions),
            shown.link(&claim.figure),
            id = escape(&claim.id),
        );
    }
    html.push_str("</tbody></table></div></details>\n");
}
