//! The parts of the page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use datasets::Figures;

use super::csv::csv;
use super::first_screen;
use super::provenance::{missing, provenance};
use super::table::claims_table;
use super::{RunInfo, player};
use crate::claims::{Claim, RULE, Verdict};
use crate::scene::colour::rules_for_dark_pages;
use crate::scene::text::{escape, plain};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Larger arrays are not repeated in the page.
const LARGEST_ARRAY: usize = 30_000;

/// Anchor, heading, introduction and figures of each chapter.
const STORY: [(&str, &str, &str, &[&str]); 10] = [
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
        &["P01", "F05", "F04", "F07"],
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
    (
        "questions",
        "Open questions",
        "Eight questions that the paper leaves open. The rows Q1 to Q8 of the table of claims answer those that this run can \
         answer, each with the number that decides.",
        &["Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7", "Q8", "F15"],
    ),
    (
        "why",
        "Why it flows where it flows",
        "One step of the machine takes the mean of each site to another one, and this map follows from the weights without a random \
         number. If the flow comes to rest where the map does, the fixed point is in the weights (Q10). If the end state is a \
         magnetization with independent flips, its energy is that of the critical point at one magnetization, which the lattice \
         sets, while the machine's magnetization is set by its training and its size (Q11): nothing makes the two meet. Which \
         Hamiltonian the machine itself has is another question (Q12).",
        &["Q10", "Q11", "Q12"],
    ),
];

/// The introduction of the chapter with the figures of the open questions.
const QUESTIONS: &str =
    "What the paper leaves open, asked of the same machines: one figure and one sentence for each.";

/// Text with `T_{c}` as HTML.
pub(crate) fn markup(text: &str) -> String {
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

/// What a figure is called: `F05` is figure 5, `Q1` figure Q1, `P01` figure P1.
pub(super) fn number_of(id: &str) -> String {
    let Some((letter, digits)) = id.split_at_checked(1) else { return id.to_owned() };
    let digits = digits.trim_start_matches('0');
    if letter == "F" { digits.to_owned() } else { format!("{letter}{digits}") }
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
    let name = format!("Figure {}. {}", number_of(id), markup(title));
    let id = escape(id);
    let _ = writeln!(
        html,
        "<figure id=\"{id}\" aria-labelledby=\"title-{id}\">\n<h3 id=\"title-{id}\">{name}</h3>"
    );
    if !text("question").is_empty() {
        let _ = writeln!(html, "<p class=\"question\">{}</p>", markup(text("question")));
    }
    if !text("answer").is_empty() {
        let _ = writeln!(html, "<p class=\"answer\">{}</p>", markup(text("answer")));
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
                "<div class=\"picture\" tabindex=\"0\" role=\"region\" aria-label=\"Picture of figure {}: {label}\">\n{svg}</div>",
                number_of(&id)
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

/// The figures that the story does not name: the open questions, and others.
fn further(figures: &Figures) -> Vec<(&'static str, &'static str, &'static str, Vec<&str>)> {
    let told: Vec<&str> =
        STORY.iter().flat_map(|(.., ids)| ids.iter().copied()).chain([first_screen::PICTURE]).collect();
    let (questions, others): (Vec<&str>, Vec<&str>) = figures
        .figures
        .keys()
        .map(String::as_str)
        .filter(|id| !told.contains(id))
        .partition(|id| id.starts_with('Q'));
    let mut chapters = vec![];
    if !others.is_empty() {
        chapters.push(("further", "Further figures", "", others));
    }
    if !questions.is_empty() {
        chapters.push(("questions", "The open questions", QUESTIONS, questions));
    }
    chapters
}

pub(super) fn page(
    info: &RunInfo,
    figures: &Figures,
    claims: &[Claim],
    pictures: &BTreeMap<String, String>,
) -> String {
    let name = escape(&info.name);
    let story = STORY
        .iter()
        .map(|&(anchor, heading, introduction, ids)| (anchor, heading, introduction, ids.to_vec()));
    let has = |id: &&str| figures.figures.get(*id).is_some_and(|figure| !figure.numbers.datasets.is_empty());
    let (mut chapters, mut absent) = (vec![], vec![]);
    for (anchor, heading, introduction, ids) in story.chain(further(figures)) {
        let (there, missing): (Vec<&str>, Vec<&str>) = ids.into_iter().partition(has);
        absent.extend(missing);
        if !there.is_empty() {
            chapters.push((anchor, heading, introduction, there));
        }
    }
    let mut html = String::new();
    first_screen::header(&mut html, info);
    html.push_str("<nav aria-label=\"Chapters\"><a href=\"#claims\">Claims</a>");
    for (anchor, heading, ..) in &chapters {
        let _ = write!(html, " <a href=\"#{anchor}\">{heading}</a>");
    }
    html.push_str(" <a href=\"#provenance\">Provenance</a></nav>\n</header>\n<main id=\"main\">\n");
    missing(&mut html, info);
    first_screen::answer(&mut html, info, claims);
    if has(&first_screen::PICTURE) {
        figure(&mut html, first_screen::PICTURE, figures, claims, pictures);
    }
    html.push_str("<section id=\"claims\">\n<h2>Claims of the paper, and what this run says</h2>\n");
    let _ = writeln!(
        html,
        "<p>{} claims: {}. Numbers in parentheses are standard errors of the last digit. {RULE} Claims 1 to 3 are the \
         paper's (its abstract; where its settings are not known, ours are used); 4 are our controls; Q1 to Q12 are questions \
         that the paper leaves open. Every verdict can be computed again from <code>figures.h5</code>.</p>",
        claims.len(),
        Verdict::counts(claims),
    );
    claims_table(&mut html, claims);
    html.push_str("</section>\n");
    for (anchor, heading, introduction, ids) in &chapters {
        let _ = writeln!(html, "<section id=\"{anchor}\">\n<h2>{heading}</h2>");
        if !introduction.is_empty() {
            let _ = writeln!(html, "<p>{}</p>", markup(introduction));
        }
        for id in ids {
            figure(&mut html, id, figures, claims, pictures);
        }
        html.push_str("</section>\n");
    }
    if !absent.is_empty() {
        html.push_str(
            "<section class=\"warnings\" id=\"absent\"><h2>Figures that this run does not have</h2><ul>\n",
        );
        for id in absent {
            let text =
                |name: &str| figures.figures.get(id).and_then(|f| f.numbers.text(name).ok()).unwrap_or("");
            let title = if text("title").is_empty() { id } else { text("title") };
            let lacks = if text("missing").is_empty() { "its numbers" } else { text("missing") };
            let _ = writeln!(
                html,
                "<li>{}: {}. Missing in this run: {}.</li>",
                escape(id),
                markup(title),
                markup(lacks)
            );
        }
        html.push_str("</ul></section>\n");
    }
    if !info.warnings.is_empty() {
        html.push_str("<section class=\"warnings\" id=\"warnings\"><h2>To be read with care</h2><ul>\n");
        for warning in &info.warnings {
            let _ = writeln!(html, "<li>{}</li>", markup(warning));
        }
        html.push_str("</ul></section>\n");
    }
    provenance(&mut html, info);
    html.push_str("</main>\n");
    let title = format!("{name} – flows of restricted Boltzmann machines");
    shell(&title, &html, player::script(figures))
}
