//! The table of the claims.

use std::fmt::Write as _;

use super::page::markup;
use crate::claims::{Band, Claim, Verdict};
use crate::scene::text::escape;

fn band(band: &Band) -> String {
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

pub(super) fn claims_table(html: &mut String, claims: &[Claim]) {
    html.push_str(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Table of claims\"><table class=\"claims\">\n\
         <thead><tr><th scope=\"col\">Claim</th><th scope=\"col\">Verdict</th><th scope=\"col\">Value</th>\
         <th scope=\"col\">Band</th><th scope=\"col\">Where it holds</th><th scope=\"col\">Figure</th></tr></thead>\n<tbody>\n",
    );
    for claim in claims {
        let symbol = match claim.verdict {
            Verdict::Holds => "✓",
            Verdict::HoldsUnderConditions => "◐",
            Verdict::Fails => "✗",
            Verdict::Undecided => "≈",
            Verdict::NotTested => "–",
        };
        let (range, source) = claim
            .band
            .as_ref()
            .map_or_else(Default::default, |b| (band(b), format!(" Band: {}.", markup(&b.source))));
        let _ = writeln!(
            html,
            "<tr id=\"claim-{id}\"><th scope=\"row\"><b>{id}</b> {}<details><summary>How it is judged</summary>Holds if \
             {}.{source} Data: <code>{}</code> in <code>figures.h5</code>.</details></th>\
             <td class=\"verdict {}\"><span aria-hidden=\"true\">{symbol}</span> {}</td><td class=\"value\">{}</td>\
             <td class=\"band\">{range}</td><td>{}</td><td><a href=\"#{figure}\">{figure}</a></td></tr>",
            markup(&claim.statement) + &super::first_screen::credit(&claim.id),
            markup(&claim.rule),
            escape(&claim.dataset),
            verdict_class(claim.verdict),
            claim.verdict.words(),
            markup(&claim.value),
            markup(&claim.conditions),
            id = escape(&claim.id),
            figure = escape(&claim.figure),
        );
    }
    html.push_str("</tbody></table></div>\n");
}
