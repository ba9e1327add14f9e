//! The numbers of each figure, the pictures drawn from them, the claims, and the report.
//!
//! **Invariant:** nothing here reads or writes files or computes physics beyond means over replicas. A picture, a claim
//! and the report are functions of the numbers in [`datasets::Figures`] alone, so that whoever has `figures.h5` can
//! draw and judge everything again.
//!
//! # Overview
//!
//! * [`Run`] — what an experiment produced; [`numbers`] turns it into the numbers F01 to F17 and Q1 to Q17.
//! * [`draw`] — one figure as SVG ([`draw_in`] another [`Style`]); [`plot::png`] — the same as pixels, with the
//!   embedded font.
//! * [`claims`] — a verdict for each claim of the paper, and an answer to each question that it leaves open;
//!   [`plot::text::plain`] text of their sentences.
//! * [`warnings`] — what deserves a second look.
//! * [`compare`] — several runs on one page.
//! * [`report`] — one HTML page with all of it; [`machines`] — one about machines of anybody's data, which are no run.

mod claims;
mod colours;
mod compare;
mod critical;
mod dots;
mod end_state;
mod error;
mod f01_configurations;
mod f02_thermodynamics;
mod f03_thermometer;
mod f04_distribution;
mod f05_flow;
mod f06_fixed_point;
mod f07_types;
mod f08_gram;
mod f09_spectra;
mod f10_projections;
mod f11_map;
mod f12_correlation;
mod f13_training;
mod f14_controls;
mod f16_critical_state;
mod f17_directions;
mod machine;
mod p01_player;
mod point;
mod questions;
mod record;
mod report;
mod run;
mod sites;
mod statistics;
mod trained;
mod warnings;
mod wording;

use datasets::{Figure, Figures};

pub use claims::{Band, Case, Claim, Verdict, answer, claims};
pub use compare::{Compared, compare, differing_settings};
pub use error::FigureError;
pub use machine::{Group, Machine, Settings};
pub use plot::Style;
pub use point::{End, History, Point};
pub use report::{File, Missing, RunInfo, report};
pub use run::{Replica, Run};
pub use trained::{Trained, machines};
pub use warnings::warnings;

/// How one figure gets its numbers, and how it is drawn.
type Maker = (&'static str, fn(&Run) -> Figure, fn(&str, &Figure, Style) -> Result<String, FigureError>);

const OWN: [Maker; 17] = [
    ("F01", f01_configurations::numbers, f01_configurations::draw),
    ("F02", f02_thermodynamics::numbers, f02_thermodynamics::draw),
    ("F03", f03_thermometer::numbers, f03_thermometer::draw),
    ("F04", f04_distribution::numbers, f04_distribution::draw),
    ("F05", f05_flow::numbers, f05_flow::draw),
    ("F06", f06_fixed_point::numbers, f06_fixed_point::draw),
    ("F07", f07_types::numbers, f07_types::draw),
    ("F08", f08_gram::numbers, f08_gram::draw),
    ("F09", f09_spectra::numbers, f09_spectra::draw),
    ("F10", f10_projections::numbers, f10_projections::draw),
    ("F11", f11_map::numbers, f11_map::draw),
    ("F12", f12_correlation::numbers, f12_correlation::draw),
    ("F13", f13_training::numbers, f13_training::draw),
    ("F14", f14_controls::numbers, f14_controls::draw),
    ("F16", f16_critical_state::numbers, f16_critical_state::draw),
    ("F17", f17_directions::numbers, f17_directions::draw),
    ("P01", p01_player::numbers, p01_player::draw),
];

/// All figures: those of the paper's questions, then those of the open ones.
fn makers() -> impl Iterator<Item = Maker> {
    OWN.into_iter().chain(questions::FIGURES)
}

/// The numbers of all figures. What a partial run lacks is left out and named in each figure's text `missing`.
///
/// Errors are standard errors over replicas, but not less than what the errors over chains give; with one replica, the
/// errors over chains.
///
/// # Errors
///
/// If there is no replica.
pub fn numbers(run: &Run) -> Result<Figures, FigureError> {
    if run.replicas.is_empty() {
        return Err(FigureError::NoReplica);
    }
    let mut figures = Figures::default();
    for (id, numbers, _) in makers() {
        let mut figure = numbers(run);
        if figure.numbers.text("errors").is_err() {
            figure.numbers.set("errors", run.errors_text().as_str());
        }
        figure.numbers.set("replicas", run.replicas.len());
        figure.numbers.set(record::LATTICE, run.lattice().to_string().as_str());
        figures.figures.insert(id.to_owned(), figure);
    }
    Ok(figures)
}

/// Draws figure `id` (`F01` to `F17`, `Q1` to `Q17`) from its numbers, as SVG text, for a page. A figure without
/// numbers becomes a card that says what is missing. Equal numbers give equal bytes.
///
/// # Errors
///
/// If there is no such figure, or arrays that it needs are missing or have another shape.
pub fn draw(id: &str, figure: &Figure) -> Result<String, FigureError> {
    draw_in(Style::Page, id, figure)
}

/// Draws figure `id` in a style, as [`draw`] does for a page.
///
/// # Errors
///
/// Those of [`draw`].
pub fn draw_in(style: Style, id: &str, figure: &Figure) -> Result<String, FigureError> {
    let (_, _, draw) = makers()
        .find(|(name, ..)| *name == id)
        .ok_or_else(|| FigureError::UnknownFigure { id: id.to_owned() })?;
    if figure.numbers.datasets.is_empty() {
        return Ok(missing_card(id, figure, style));
    }
    record::check_axes(id, figure)?;
    draw(id, figure, style)
}

/// Refuses figures whose arrays do not fit together, which only other programs make: arrays of a figure have the same
/// length along axes of the same name. What [`numbers`] makes need not be checked.
///
/// # Errors
///
/// The first arrays that do not fit, by name.
pub fn check(figures: &Figures) -> Result<(), FigureError> {
    figures.figures.iter().try_for_each(|(id, figure)| record::check_axes(id, figure))
}

/// A picture that says what is missing.
fn missing_card(id: &str, figure: &Figure, style: Style) -> String {
    use plot::{Align, Canvas, Rect, Stroke, colour};
    let numbers = record::Numbers::new(id, figure);
    let missing = format!("Missing in this run: {}.", numbers.text("missing"));
    let width = style.canvas(720.0);
    let titles = plot::text::wrapped(numbers.text("title"), 14.0, width - 40.0);
    let lines = plot::text::wrapped(&missing, 12.0, width - 60.0);
    let height = 66.0 + 18.0 * titles.len() as f64 + 17.0 * lines.len() as f64;
    let mut canvas = Canvas::new(style, id, 720.0, height);
    let frame = Rect::new(8.0, 8.0, width - 16.0, height - 16.0);
    canvas.frame(frame, &Stroke::new(colour::MUTED, 1.0).dashed("5 4"));
    let mut y = 30.0;
    for title in &titles {
        y += 18.0;
        canvas.text((width / 2.0, y), Align::Centre, 14.0, colour::INK, title);
    }
    y += 9.0;
    for line in &lines {
        y += 17.0;
        canvas.text((width / 2.0, y), Align::Centre, 12.0, colour::MUTED, line);
    }
    canvas.finish(numbers.text("title"), &missing)
}
