//! The parts of the page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use datasets::Figures;

use super::cards::cards;
use super::csv::csv;
use super::first_screen;
use super::provenance::{missing, provenance};
use super::shown::Shown;
use super::story::{PICTURE, chapters, experiment_with, has};
use super::table::claims_table;
use super::{RunInfo, markup, player, symbols};
use crate::claims::{Claim, RULE, Verdict};
use plot::colour::rules_for_dark_pages;
use plot::text::{escape, plain};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Larger arrays are not repeated in the page.
const LARGEST_ARRAY: usize = 30_000;

/// A page that loads nothing from anywhere: head with style, body, scripts. `title` is HTML.
pub(crate) fn shell(title: &str, body: &str, script: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <style>\n{STYLE}@media screen and (prefers-color-scheme: dark) {{{dark}}}\n</style>\n</head>\n<body>\n{body}\
         <script>\n{SCRIPT}{script}</script>\n</body>\n</html>\n",
        dark = rules_for_dark_pages(),
    )
}

/// A picture with its title and its caption; the title is plain text or markup.
pub(crate) fn plain_figure(html: &mut String, id: &str, title: &str, caption: &str, svg: &str) {
    let _ = writeln!(
        html,
        "<figure id=\"{id}\" aria-labelledby=\"title-{id}\">\n<h3 id=\"title-{id}\">{}</h3>\n\
         <div class=\"picture\" tabindex=\"0\" role=\"region\" aria-label=\"Picture: {}\">\n{svg}</div>\n\
         <figcaption>{}</figcaption>\n</figure>",
        markup(title),
        escape(title),
        markup(caption),
    );
}

fn figure(
    html: &mut String,
    id: &str,
    figures: &Figures,
    claims: &[Claim],
    pictures: &BTreeMap<String, String>,
    shown: &Shown<'_>,
) {
    let numbers = figures.figures.get(id).map(|f| &f.numbers);
    let text = |name: &str| numbers.and_then(|n| n.text(name).ok()).unwrap_or_default();
    let title = if text("title").is_empty() { "Not in this run" } else { text("title") };
    let number = shown.name(id).unwrap_or_default();
    let id = escape(id);
    let _ = writeln!(
        html,
        "<figure id=\"{id}\" aria-labelledby=\"title-{id}\">\n<h3 id=\"title-{id}\">{number}. {} <small>{id}</small></h3>",
        markup(title),
    );
    // What to see: the figure's own sentence, or what the first claim about it says.
    let said =
        || claims.iter().find(|c| c.figure == id && c.verdict != Verdict::NotTested).map(Claim::sentence);
    let see = if text("see").is_empty() { said() } else { Some(text("see").to_owned()) };
    if let Some(see) = see {
        let _ = writeln!(html, "<p class=\"see\">{}</p>", markup(&see));
    }
    if id == player::ID
        && let Some(Ok(place)) = figures.figures.get(player::ID).map(player::player)
    {
        html.push_str(&place);
    }
    match pictures.get(&id) {
        Some(svg) => {
            let label = escape(&plain(title));
            let _ = writeln!(
                html,
                "<div class=\"picture\" tabindex=\"0\" role=\"region\" aria-label=\"Picture of {number}: {label}\">\n{svg}</div>"
            );
        }
        None => html.push_str("<p class=\"missing\">This figure was not drawn.</p>\n"),
    }
    let _ = writeln!(html, "<figcaption>{}", markup(text("caption")));
    // The errors of all figures are said once; a figure with others says so.
    if text("errors") != shown.errors && !text("errors").is_empty() {
        let _ = writeln!(html, "<p>Errors here: {}.</p>", markup(text("errors")));
    }
    if !text("missing").is_empty() {
        let _ = writeln!(html, "<p class=\"missing\">Missing in this run: {}.</p>", markup(text("missing")));
    }
    let about: Vec<String> = claims
        .iter()
        .filter(|c| c.figure == id)
        .map(|c| format!("<a href=\"#claim-{0}\">{0}</a> {1}", escape(&c.id), c.verdict.words()))
        .collect();
    if !about.is_empty() {
        let _ = writeln!(html, "<p class=\"about\">Claims: {}.</p>", about.join(" · "));
    }
    html.push_str("</figcaption>\n");
    if let Some(figure) = figures.figures.get(&id) {
        // A script element ends at the first `</`.
        let csv = csv(figure, LARGEST_ARRAY).replace("</", "< /");
        let _ = writeln!(html, "<script type=\"text/csv\" id=\"csv-{id}\">\n{csv}</script>");
    }
    html.push_str("</figure>\n");
}

/// The figures that the run does not have, each with an experiment that has it.
fn not_there(html: &mut String, absent: &[&str], figures: &Figures) {
    if absent.is_empty() {
        return;
    }
    html.push_str(
        "<section class=\"warnings\" id=\"absent\"><h2>Figures that this run does not have</h2><ul>\n",
    );
    for id in absent {
        let text =
            |name: &str| figures.figures.get(*id).and_then(|f| f.numbers.text(name).ok()).unwrap_or("");
        let title = if text("title").is_empty() { id } else { text("title") };
        let lacks = if text("missing").is_empty() { "its numbers" } else { text("missing") };
        let _ = writeln!(
            html,
            "<li>{}: it lacks {}. <code>cargo xtask reproduce --experiment {}</code> has it.</li>",
            markup(title),
            markup(lacks),
            experiment_with(id),
        );
    }
    html.push_str("</ul></section>\n");
}

/// Where the errors of most figures come from.
fn errors(figures: &Figures) -> &str {
    let said = || figures.figures.values().filter_map(|f| f.numbers.text("errors").ok());
    let times = |text: &str| said().filter(|other| *other == text).count();
    said().max_by_key(|text| times(text)).unwrap_or_default()
}

pub(super) fn page(
    info: &RunInfo,
    figures: &Figures,
    claims: &[Claim],
    pictures: &BTreeMap<String, String>,
) -> String {
    let (chapters, absent) = chapters(figures);
    let first = [PICTURE].into_iter().filter(|id| has(figures, id));
    let order = first.chain(chapters.iter().flat_map(|chapter| chapter.figures.iter().copied())).collect();
    let shown = Shown { order, errors: errors(figures) };
    let mut html = String::new();
    first_screen::header(&mut html, info);
    html.push_str(
        "<nav aria-label=\"Contents\"><a href=\"#answer\">Answer</a> <a href=\"#claims\">Claims</a>",
    );
    for chapter in &chapters {
        let _ = write!(html, " <a href=\"#{}\">{}</a>", chapter.anchor, chapter.heading);
    }
    html.push_str(" <a href=\"#symbols\">Symbols</a> <a href=\"#provenance\">Provenance</a></nav>\n<main id=\"main\">\n");
    missing(&mut html, info);
    first_screen::answer(&mut html, info, claims);
    if has(figures, PICTURE) {
        figure(&mut html, PICTURE, figures, claims, pictures, &shown);
    }
    html.push_str(
        "</section>\n<section id=\"claims\">\n<h2>Claims of the paper, and what this run says</h2>\n",
    );
    let _ = writeln!(
        html,
        "<p>{} claims: {}. Each number is drawn beside the grey band in which it must be: a dot holds, a diamond fails, \
         a ring is undecided. Numbers in parentheses are standard errors of the last digit; errors and bands in the figures, if nothing else is said: {}. {RULE} Where the paper's settings \
         are not known, ours are used.</p>",
        claims.len(),
        Verdict::counts(claims),
        markup(shown.errors),
    );
    cards(&mut html, claims, &shown);
    claims_table(&mut html, claims, &shown);
    html.push_str("</section>\n");
    for chapter in &chapters {
        let _ = writeln!(html, "<section id=\"{}\">\n<h2>{}</h2>", chapter.anchor, chapter.heading);
        if !chapter.introduction.is_empty() {
            let _ = writeln!(html, "<p>{}</p>", markup(chapter.introduction));
        }
        for id in &chapter.figures {
            figure(&mut html, id, figures, claims, pictures, &shown);
        }
        html.push_str("</section>\n");
    }
    not_there(&mut html, &absent, figures);
    if !info.warnings.is_empty() {
        html.push_str("<section class=\"warnings\" id=\"warnings\"><h2>To be read with care</h2><ul>\n");
        for warning in &info.warnings {
            let _ = writeln!(html, "<li>{}</li>", markup(warning));
        }
        html.push_str("</ul></section>\n");
    }
    symbols::section(&mut html);
    provenance(&mut html, info);
    html.push_str("</main>\n");
    let title = format!("{} – flows of restricted Boltzmann machines", escape(&info.name));
    shell(&title, &html, player::script(figures))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A heat map shows the same numbers on every page: no rule touches the colours that stand for values.
    #[test]
    fn dark_pages_leave_the_colours_of_values_alone() {
        let all = STYLE.to_owned() + &rules_for_dark_pages();
        let rules: Vec<&str> = all
            .split(['{', '}', '\n'])
            .filter(|part| part.contains("svg") && (part.contains("[fill") || part.contains("[stroke")))
            .collect();
        assert!(rules.len() > 20);
        for rule in rules {
            assert!(rule.contains(":not(.cells *)"), "{rule}");
        }
    }
}
