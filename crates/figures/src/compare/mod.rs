//! One page about several runs: settings that differ, claims side by side, and curves on the same axes.

mod pictures;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use datasets::Figures;

use crate::claims::{Claim, Verdict};
use crate::report::{markup, plain_figure, shell, verdict_class};
use plot::text::escape;

/// A run that is compared with others.
#[derive(Debug, Clone)]
pub struct Compared<'a> {
    /// What the run is called on the page; different for each.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its settings by name, as text.
    pub settings: BTreeMap<String, String>,
    /// How many of its results are missing.
    pub missing: usize,
    /// The numbers of its figures.
    pub figures: &'a Figures,
    /// Its claims.
    pub claims: Vec<Claim>,
}

/// The settings that are not the same in all runs, with each run's value; none where a run does not have it.
pub fn differing_settings<'a>(runs: &'a [Compared<'_>]) -> Vec<(&'a str, Vec<Option<&'a str>>)> {
    let keys: BTreeSet<&str> = runs.iter().flat_map(|run| run.settings.keys().map(String::as_str)).collect();
    keys.into_iter()
        .map(|key| {
            (key, runs.iter().map(|run| run.settings.get(key).map(String::as_str)).collect::<Vec<_>>())
        })
        .filter(|(_, values)| values.windows(2).any(|pair| pair[0] != pair[1]))
        .collect()
}

/// The page. Like a report it is one file that loads nothing.
///
/// ```
/// let figures = datasets::Figures::default();
/// let run = |name: &str| figures::Compared {
///     name: name.to_owned(),
///     description: String::new(),
///     settings: [("seed".to_owned(), name.to_owned())].into(),
///     missing: 0,
///     figures: &figures,
///     claims: figures::claims(&figures),
/// };
/// let page = figures::compare(&[run("1"), run("<b>")]);
/// assert!(page.contains("&lt;b&gt;") && !page.contains("<b><b>"));
/// ```
pub fn compare(runs: &[Compared<'_>]) -> String {
    let names: Vec<String> = runs.iter().map(|run| escape(&run.name)).collect();
    let title = format!("Comparison of {}", names.join(", "));
    let pictures = pictures::pictures(runs);
    let mut body = format!("<header>\n<h1>Comparison of {} runs</h1>\n<ul>\n", runs.len());
    for (run, name) in runs.iter().zip(&names) {
        let missing = match run.missing {
            0 => String::new(),
            n => format!(" <span class=\"fails\">Not complete: {n} results are missing.</span>"),
        };
        let _ = writeln!(body, "<li><b>{name}</b> {}{missing}</li>", escape(&run.description));
    }
    body.push_str(
        "</ul>\n</header>\n<nav aria-label=\"Contents\"><a href=\"#claims\">Claims</a> <a href=\"#settings\">Settings</a> \
         <a href=\"#curves\">Curves</a></nav>\n<main>\n",
    );
    claims(&mut body, runs, &names);
    settings(&mut body, runs, &names);
    body.push_str("<section id=\"curves\">\n<h2>Curves</h2>\n");
    if pictures.is_empty() {
        body.push_str("<p class=\"missing\">The runs have no figure in common.</p>\n");
    }
    for (id, title, caption, svg) in pictures {
        plain_figure(&mut body, &id, &title, &caption, &svg);
    }
    body.push_str("</section>\n</main>\n");
    shell(&title, &body, "")
}

fn head(body: &mut String, first: &str, names: &[String]) {
    let _ = write!(body, "<thead><tr><th scope=\"col\">{first}</th>");
    for name in names {
        let _ = write!(body, "<th scope=\"col\">{name}</th>");
    }
    body.push_str("</tr></thead>\n<tbody>\n");
}

fn claims(body: &mut String, runs: &[Compared<'_>], names: &[String]) {
    body.push_str("<section id=\"claims\">\n<h2>Claims side by side</h2>\n<p>");
    let differing = rows(runs).iter().filter(|row| differ(row)).count();
    let _ = writeln!(
        body,
        "{differing} of {} verdicts differ between the runs; those rows are marked.</p>\n\
         <div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Table of claims\"><table class=\"compared\">",
        rows(runs).len()
    );
    head(body, "Claim", names);
    for row in rows(runs) {
        let Some(first) = row.iter().flatten().next() else { continue };
        let class = if differ(&row) { " class=\"differs\"" } else { "" };
        let _ = write!(
            body,
            "<tr{class}><th scope=\"row\"><b>{}</b> {}</th>",
            escape(&first.id),
            markup(&first.statement)
        );
        for claim in &row {
            match claim {
                Some(claim) => {
                    let _ = write!(
                        body,
                        "<td><span class=\"verdict {}\">{}</span><br>{}</td>",
                        verdict_class(claim.verdict),
                        claim.verdict.words(),
                        markup(&claim.value)
                    );
                }
                None => body.push_str("<td>–</td>"),
            }
        }
        body.push_str("</tr>\n");
    }
    body.push_str("</tbody></table></div>\n</section>\n");
}

/// Each claim of any run, as every run judges it.
fn rows<'a>(runs: &'a [Compared<'_>]) -> Vec<Vec<Option<&'a Claim>>> {
    let mut ids: Vec<&str> = vec![];
    for claim in runs.iter().flat_map(|run| &run.claims) {
        if !ids.contains(&claim.id.as_str()) {
            ids.push(&claim.id);
        }
    }
    ids.iter()
        .map(|id| runs.iter().map(|run| run.claims.iter().find(|claim| claim.id == *id)).collect())
        .collect()
}

fn differ(row: &[Option<&Claim>]) -> bool {
    let verdicts: Vec<Option<Verdict>> = row.iter().map(|claim| claim.map(|claim| claim.verdict)).collect();
    verdicts.windows(2).any(|pair| pair[0] != pair[1])
}

fn settings(body: &mut String, runs: &[Compared<'_>], names: &[String]) {
    let differing = differing_settings(runs);
    body.push_str("<section id=\"settings\">\n<h2>Settings that differ</h2>\n");
    if differing.is_empty() {
        body.push_str("<p>None: the runs have the same settings.</p>\n</section>\n");
        return;
    }
    body.push_str(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Settings that differ\"><table>",
    );
    head(body, "Setting", names);
    for (key, values) in differing {
        let _ = write!(body, "<tr><th scope=\"row\"><code>{}</code></th>", escape(key));
        for value in values {
            match value {
                Some(value) => {
                    let _ = write!(body, "<td><code>{}</code></td>", escape(value));
                }
                None => body.push_str("<td>–</td>"),
            }
        }
        body.push_str("</tr>\n");
    }
    body.push_str("</tbody></table></div>\n</section>\n");
}
