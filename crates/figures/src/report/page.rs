//! The parts of the page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use datasets::Figures;

use super::csv::csv;
use super::{Missing, RunInfo};
use crate::claims::{Band, Claim, Verdict};
use crate::scene::colour::rules_for_dark_pages;
use crate::scene::text::escape;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Larger arrays are not repeated in the page.
const LARGEST_ARRAY: usize = 30_000;

/// Anchor, heading, introduction and figures of each chapter.
const STORY: [(&str, &str, &str, &[&str]); 8] = [
    (
        "data",
        "Data",
        "Configurations of the Ising model, sampled by Monte Carlo and checked against exact results of the same lattice.",
        &["F01", "F02"],
    ),
    (
        "thermometer",
        "Thermometer",
        "A neural network reads the temperature of an ensemble of configurations; two further thermometers compare its mean \
         energy (T_{E}) and mean |m| (T_{m}) with the Ising model's.",
        &["F03"],
    ),
    (
        "training",
        "Training",
        "Restricted Boltzmann machines learn the configurations without being told their temperatures.",
        &["F13"],
    ),
    (
        "flow",
        "Flow",
        "Each step samples the hidden units from the visible ones and back: v → h → v. Along these steps the temperature \
         changes.",
        &["F05", "F04", "F07"],
    ),
    (
        "fixed-point",
        "Fixed point",
        "Where the flow ends, how that depends on the machine, and whether the ensemble there is critical.",
        &["F06", "F12"],
    ),
    ("weights", "Weights", "What the weight matrix W has learnt.", &["F08", "F09", "F10"]),
    (
        "renormalization",
        "Comparison with the renormalization group",
        "What one step of the machine and one block-spin step do to the temperature. The claims C2a to C2c compare the two.",
        &["F11"],
    ),
    (
        "controls",
        "Controls",
        "Machines that could not know T_{c}, and machines trained on other ranges of temperature.",
        &["F14"],
    ),
];

/// Text with `T_{c}` as HTML.
fn markup(text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("_{").into_iter().chain(rest.find("^{")).min() {
        let Some(end) = rest[at + 2..].find('}').map(|e| at + 2 + e) else { break };
        let tag = if rest[at..].starts_with('_') { "sub" } else { "sup" };
        let _ = write!(html, "{}<{tag}>{}</{tag}>", escape(&rest[..at]), escape(&rest[at + 2..end]));
        rest = &rest[end + 1..];
    }
    html + &escape(rest)
}

fn band(band: &Band) -> String {
    let number = |v: f64| {
        let mut text = format!("{v:.3}");
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
        text.replace('-', "−")
    };
    match (band.low, band.high) {
        (Some(low), Some(high)) if low == high => number(low),
        (Some(low), Some(high)) => format!("{} … {}", number(low), number(high)),
        (Some(low), None) => format!("≥ {}", number(low)),
        (None, Some(high)) => format!("≤ {}", number(high)),
        (None, None) => String::new(),
    }
}

fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds",
        Verdict::HoldsUnderConditions => "conditions",
        Verdict::Fails => "fails",
        Verdict::NotTested => "untested",
    }
}

fn claims_table(html: &mut String, claims: &[Claim]) {
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
            Verdict::NotTested => "–",
        };
        let (range, source) = claim
            .band
            .as_ref()
            .map_or_else(Default::default, |b| (band(b), format!(" Band: {}.", markup(&b.source))));
        let _ = writeln!(
            html,
            "<tr id=\"{id}\"><th scope=\"row\"><b>{id}</b> {}<details><summary>How it is judged</summary>Holds if \
             {}.{source} Data: <code>{}</code> in <code>figures.h5</code>.</details></th>\
             <td class=\"verdict {}\"><span aria-hidden=\"true\">{symbol}</span> {}</td><td class=\"value\">{}</td>\
             <td class=\"band\">{range}</td><td>{}</td><td><a href=\"#{figure}\">{figure}</a></td></tr>",
            markup(&claim.statement),
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

fn figure(
    html: &mut String,
    id: &str,
    figures: &Figures,
    claims: &[Claim],
    pictures: &BTreeMap<String, String>,
) {
    let numbers = figures.figures.get(id).map(|f| &f.numbers);
    let text = |name: &str| numbers.and_then(|n| n.text(name).ok()).unwrap_or_default();
    let title = if text("title").is_empty() { "Not in this run" } else { text("title") };
    let _ = writeln!(
        html,
        "<figure id=\"{id}\">\n<h3>Figure {}. {}</h3>",
        id.trim_start_matches("F0").trim_start_matches('F'),
        markup(title)
    );
    match pictures.get(id) {
        Some(svg) => {
            let _ = writeln!(
                html,
                "<div class=\"picture\" tabindex=\"0\" role=\"region\" aria-label=\"Figure\">\n{svg}</div>"
            );
        }
        None => html.push_str("<p class=\"missing\">This figure was not drawn.</p>\n"),
    }
    let _ = writeln!(html, "<figcaption>{}", markup(text("caption")));
    if !text("missing").is_empty() {
        let _ = writeln!(html, "<p class=\"missing\">Missing in this run: {}.</p>", markup(text("missing")));
    }
    let about: Vec<String> = claims
        .iter()
        .filter(|c| c.figure == id)
        .map(|c| format!("<a href=\"#{0}\">{0}</a> {1}", escape(&c.id), c.verdict.words()))
        .collect();
    if !about.is_empty() {
        let _ = writeln!(html, "<p class=\"about\">Claims: {}.</p>", about.join(" · "));
    }
    html.push_str("</figcaption>\n");
    if let Some(figure) = figures.figures.get(id) {
        // A script element ends at the first `</`.
        let csv = csv(figure, LARGEST_ARRAY).replace("</", "< /");
        let _ = writeln!(html, "<script type=\"text/csv\" id=\"csv-{id}\">\n{csv}</script>");
    }
    html.push_str("</figure>\n");
}

pub(super) fn page(
    info: &RunInfo,
    figures: &Figures,
    claims: &[Claim],
    pictures: &BTreeMap<String, String>,
) -> String {
    let name = escape(&info.name);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{name} – flows of restricted Boltzmann machines</title>\n\
         <style>\n{STYLE}@media (prefers-color-scheme: dark) {{{dark}}}\n</style>\n</head>\n<body>\n<header>\n<h1>{name}</h1>\n<p class=\"lead\">{}</p>\n",
        escape(&info.description),
        dark = rules_for_dark_pages(),
    );
    let _ = writeln!(
        html,
        "<p>Scale-invariant feature extraction by restricted Boltzmann machines, reproduced: Ising configurations, machines \
         trained on them, the flow that the machines generate, and its comparison with the renormalization group. {} \
         replica{}, seed {}, {}.</p>",
        info.replicas,
        if info.replicas == 1 { "" } else { "s" },
        info.seed,
        escape(&info.producer),
    );
    html.push_str("<nav aria-label=\"Chapters\"><a href=\"#claims\">Claims</a>");
    for (anchor, heading, ..) in STORY {
        let _ = write!(html, " <a href=\"#{anchor}\">{heading}</a>");
    }
    html.push_str(" <a href=\"#provenance\">Provenance</a></nav>\n</header>\n<main>\n");
    missing(&mut html, info);
    if !info.warnings.is_empty() {
        html.push_str("<section class=\"warnings\" aria-label=\"Warnings\"><ul>\n");
        for warning in &info.warnings {
            let _ = writeln!(html, "<li>{}</li>", markup(warning));
        }
        html.push_str("</ul></section>\n");
    }
    html.push_str("<section id=\"claims\">\n<h2>Claims of the paper, and what this run says</h2>\n");
    let count = |verdict| claims.iter().filter(|c| c.verdict == verdict).count();
    let _ = writeln!(
        html,
        "<p>{} claims: {} hold, {} hold under conditions, {} fail, {} were not tested. Numbers in parentheses are standard \
         errors of the last digit. Claims 1 to 3 are the paper's (its abstract; where its settings are not known, ours \
         are used); 4 are our controls. Every verdict can be computed again from <code>figures.h5</code>.</p>",
        claims.len(),
        count(Verdict::Holds),
        count(Verdict::HoldsUnderConditions),
        count(Verdict::Fails),
        count(Verdict::NotTested),
    );
    claims_table(&mut html, claims);
    html.push_str("</section>\n");
    for (anchor, heading, introduction, ids) in STORY {
        let _ =
            writeln!(html, "<section id=\"{anchor}\">\n<h2>{heading}</h2>\n<p>{}</p>", markup(introduction));
        for id in ids {
            figure(&mut html, id, figures, claims, pictures);
        }
        html.push_str("</section>\n");
    }
    provenance(&mut html, info);
    let _ = writeln!(html, "</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>");
    html
}

/// What the run lacks: what failed by name and with its reason, the rest on demand.
fn missing(html: &mut String, info: &RunInfo) {
    if info.missing.is_empty() {
        return;
    }
    let _ = writeln!(
        html,
        "<section class=\"warnings\" id=\"missing\" aria-label=\"Missing results\">\n<p><b>This run is not complete.</b> {} of \
         its {} results are missing; what follows is made from the others. Claims and figures say what they lack.</p>",
        info.missing.len(),
        info.results,
    );
    let (known, open): (Vec<&Missing>, Vec<&Missing>) =
        info.missing.iter().partition(|m| !m.reason.is_empty());
    if !known.is_empty() {
        html.push_str("<ul>\n");
        for Missing { name, reason } in known {
            let _ = writeln!(html, "<li><code>{}</code> {}</li>", escape(name), escape(reason));
        }
        html.push_str("</ul>\n");
    }
    if !open.is_empty() {
        let names: Vec<String> = open.iter().map(|m| format!("<code>{}</code>", escape(&m.name))).collect();
        let _ = writeln!(
            html,
            "<details><summary>{} not made yet</summary><p>{}</p></details>",
            open.len(),
            names.join(", ")
        );
    }
    html.push_str("</section>\n");
}

fn provenance(html: &mut String, info: &RunInfo) {
    let _ = writeln!(
        html,
        "<section id=\"provenance\">\n<h2>Provenance</h2>\n<p>Made by {}. This command makes the page again, byte for byte:</p>\n\
         <pre><code>{}</code></pre>\n<details><summary>The full experiment, defaults filled in</summary>\n<pre><code>{}</code></pre></details>",
        escape(&info.producer),
        escape(&info.command),
        escape(&info.config),
    );
    if !info.files.is_empty() {
        let _ = writeln!(
            html,
            "<details><summary>{} files with their content hashes</summary>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Files\"><table>\n\
             <thead><tr><th scope=\"col\">File</th><th scope=\"col\">Schema</th><th scope=\"col\">Content hash</th></tr></thead>\n<tbody>",
            info.files.len()
        );
        for file in &info.files {
            let _ = writeln!(
                html,
                "<tr><td><code>{}</code></td><td>{}</td><td><code class=\"hash\">{}</code></td></tr>",
                escape(&file.path),
                escape(&file.schema),
                escape(&file.content_hash)
            );
        }
        html.push_str("</tbody></table></div></details>\n");
    }
    html.push_str("</section>\n");
}
