//! The claims as cards: the number of each case as a dot beside the band in which it must be.

use std::fmt::Write as _;

use super::first_screen::credit;
use super::markup;
use super::shown::Shown;
use super::symbols;
use super::table::{band_text, judged, symbol_of, verdict_class};
use crate::claims::{Band, Case, Claim, Verdict};
use crate::wording::{compact, short};
use plot::axis::extent;
use plot::text::{escape, plain, tspans, width};

/// The first letters of the ids, heading and introduction of each group.
const GROUPS: [(&str, &str, &str); 5] = [
    ("C1", "The flow goes to T_{c}", "The paper's first claim, split as far as it can be tested apart."),
    ("C2", "It is opposite to the renormalization group", "The paper's second claim."),
    ("C3", "The weights show how features are extracted", "The paper's third claim."),
    ("C4", "Our controls", "What else could give the same temperature."),
    ("Q", "What the paper leaves open", "Questions of others and of ours, asked of the same machines."),
];

const WIDTH: f64 = 300.0;
const FONT: f64 = 11.0;
/// Names of cases wider than this are left to the tooltips.
const WIDEST_NAME: f64 = 96.0;

/// All groups of cards.
pub(super) fn cards(html: &mut String, claims: &[Claim], shown: &Shown<'_>) {
    for (prefix, heading, introduction) in GROUPS {
        let own: Vec<Claim> = claims.iter().filter(|claim| claim.id.starts_with(prefix)).cloned().collect();
        if own.is_empty() {
            continue;
        }
        let _ = writeln!(
            html,
            "<h3>{}</h3>\n<p>{introduction} {} claims: {}.</p>\n<ul class=\"cards\">",
            markup(heading),
            own.len(),
            Verdict::counts(&own),
        );
        own.iter().for_each(|claim| card(html, claim, shown));
        html.push_str("</ul>\n");
    }
}

fn card(html: &mut String, claim: &Claim, shown: &Shown<'_>) {
    let id = escape(&claim.id);
    let _ = writeln!(
        html,
        "<li class=\"card\" id=\"claim-{id}\">\n<p class=\"verdict {class}\"><span aria-hidden=\"true\">{}</span> {} \
         <span class=\"id\">{id}</span></p>\n<h4>{}</h4>{}",
        symbol_of(claim.verdict),
        claim.verdict.words(),
        markup(&claim.statement),
        credit(&claim.id),
        class = verdict_class(claim.verdict),
    );
    if let Some(band) = &claim.band {
        html.push_str(&dots(claim, band));
    }
    if claim.verdict == Verdict::NotTested {
        let _ = writeln!(html, "<p class=\"about\">{}.</p>", markup(&claim.conditions));
    } else {
        let _ = writeln!(html, "<p class=\"value\">{}</p>", markup(&claim.value));
    }
    let figure = shown.link(&claim.figure);
    let _ = writeln!(html, "<details><summary>How it is judged</summary>\n<p>{}</p>", judged(claim));
    if claim.verdict != Verdict::NotTested && !claim.conditions.is_empty() {
        let _ = writeln!(html, "<p>Where: {}.</p>", markup(&claim.conditions));
    }
    symbols::defined(html, &[&claim.statement, &claim.rule, &claim.value, &claim.conditions]);
    let _ = writeln!(html, "</details>\n<p class=\"about\">{figure}</p>\n</li>");
}

/// What one case says, for a tooltip.
fn said(claim: &Claim, case: &Case) -> String {
    let name = match (claim.axis.as_str(), case.name.as_str()) {
        ("", "") => String::new(),
        ("", name) => format!("{}: ", plain(name)),
        (axis, name) => format!("{} {}: ", plain(axis), plain(name)),
    };
    let number = compact(case.number, case.error.unwrap_or(f64::NAN));
    format!("{name}{number}, {}", case.verdict.words())
}

/// The picture of a card; empty if nothing was tested.
fn dots(claim: &Claim, band: &Band) -> String {
    let cases = &claim.cases;
    if cases.is_empty() {
        return String::new();
    }
    let widest = cases.iter().map(|case| width(&case.name, FONT)).fold(0.0, f64::max);
    let named = cases.len() > 1 && widest <= WIDEST_NAME;
    let row = if named || cases.len() == 1 { 16.0 } else { 7.0 };
    let left = if named { widest + 10.0 } else { 8.0 };
    let axis = claim.axis.trim_end_matches([' ', '=']);
    let head = named && !axis.is_empty();
    let (right, top) = (WIDTH - 10.0, if head { 18.0 } else { 6.0 });
    let bottom = top + row * cases.len() as f64;
    let edges = [band.low, band.high].into_iter().flatten();
    let reach = cases.iter().flat_map(|case| {
        let error = case.error.unwrap_or(0.0);
        [case.number - error, case.number + error]
    });
    let (low, high) = extent(edges.clone().chain(reach));
    let margin = if high > low { 0.06 * (high - low) } else { 0.5 * high.abs().max(1.0) };
    let (low, high) = (low - margin, high + margin);
    let x = |value: f64| left + (right - left) * (value - low) / (high - low);
    let mut svg = format!(
        "<svg class=\"cases\" viewBox=\"0 0 {WIDTH} {:.0}\" role=\"img\"><title>The number of {} beside its band</title>\n<desc>Band: {}. {}</desc>\n",
        bottom + 18.0,
        escape(&claim.id),
        band_text(band),
        escape(&cases.iter().map(|case| said(claim, case)).collect::<Vec<_>>().join("; ")),
    );
    if head {
        let _ = writeln!(svg, "<text class=\"tick\" x=\"2\" y=\"11\">{}</text>", tspans(axis, FONT - 1.0));
    }
    let inside = (band.low.map_or(left, x), band.high.map_or(right, x));
    let parts = if band.outside { vec![(left, inside.0), (inside.1, right)] } else { vec![inside] };
    for (from, to) in parts {
        let (from, to) = if to - from < 2.0 { (from - 1.0, to + 1.0) } else { (from, to) };
        let _ = writeln!(
            svg,
            "<rect class=\"band\" x=\"{from:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            to - from,
            bottom - top
        );
    }
    let _ = writeln!(svg, "<path class=\"axis\" d=\"M{left:.1} {bottom:.1}H{right:.1}\"/>");
    for (i, case) in cases.iter().enumerate() {
        let y = top + row * (i as f64 + 0.5);
        if named {
            let name = tspans(&case.name, FONT);
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>",
                left - 6.0,
                y + 4.0
            );
        }
        let _ = write!(
            svg,
            "<g class=\"{}\"><title>{}</title>",
            verdict_class(case.verdict),
            escape(&said(claim, case))
        );
        let at = x(case.number);
        if let Some(error) = case.error {
            let _ = write!(
                svg,
                "<path d=\"M{:.1} {y:.1}H{:.1}\"/>",
                x(case.number - error),
                x(case.number + error)
            );
        }
        // Shapes tell the verdicts apart in grey: a dot holds, a diamond fails, a ring is open.
        let r = if row < 10.0 { 3.0 } else { 4.2 };
        let _ = match case.verdict {
            Verdict::Fails => {
                let d = 1.3 * r;
                writeln!(
                    svg,
                    "<path d=\"M{:.1} {y:.1}l{d:.1} {d:.1} {d:.1} -{d:.1} -{d:.1} -{d:.1}z\"/></g>",
                    at - d
                )
            }
            _ => writeln!(svg, "<circle cx=\"{at:.1}\" cy=\"{y:.1}\" r=\"{r}\"/></g>"),
        };
    }
    let numbers = cases.iter().map(|case| case.number);
    let (least, most) = extent(numbers);
    let mut taken: Vec<(f64, f64)> = vec![];
    for value in edges.chain([least, most]) {
        let text = short(value);
        let half = width(&text, FONT - 1.0) / 2.0 + 3.0;
        let at = x(value).clamp(half, WIDTH - half);
        if taken.iter().all(|&(from, to)| at + half < from || at - half > to) {
            taken.push((at - half, at + half));
            let _ = writeln!(
                svg,
                "<path class=\"axis\" d=\"M{:.1} {bottom:.1}v4\"/><text class=\"tick\" x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{text}</text>",
                x(value),
                bottom + 15.0
            );
        }
    }
    svg.push_str("</svg>\n");
    let _ = writeln!(svg, "<p class=\"band\">Band: {}, {}</p>", band_text(band), markup(&band.source));
    svg
}
