//! Q6: the instability of long training, in which hidden units copy single sites.

use datasets::{Figure, Figures};

use super::columns::{self, Row};
use super::kinds::{Kind, kinds};
use super::{Exceptions, Question, look, reach, series_keys};
use crate::claims::Claim;
use crate::error::FigureError;
use crate::f13_training::LOCKING;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::statistics::{Estimate, combine, combine_lists};
use crate::wording::{list, written};
use plot::Style;
use plot::colour::MUTED;
use plot::layout::{NAMED, Panels};
use plot::{Axis, Grid, Plot, Stroke};

/// Trainers whose histories are drawn.
const DRAWN: usize = 10;

/// Whether two kinds are of one trainer: settings of the training that have nothing to do with N_h or its length.
fn same_trainer(a: &Kind<'_>, b: &Kind<'_>) -> bool {
    let (a, b) = (a.settings, b.settings);
    a.trainer == b.trainer
        && a.units == b.units
        && a.biases == b.biases
        && a.gibbs_steps == b.gibbs_steps
        && a.learning_rate == b.learning_rate
        && a.weight_decay == b.weight_decay
}

/// The longest training of each trainer; of several equally long ones that with the most hidden units.
fn longest<'a>(kinds: &[Kind<'a>]) -> Vec<Kind<'a>> {
    let mut longest: Vec<Kind<'a>> = Vec::new();
    for kind in kinds.iter().filter(|kind| kind.points.iter().any(|p| p.history.max_abs_weight.len() > 2)) {
        match longest.iter_mut().find(|other| same_trainer(other, kind)) {
            Some(other) if (kind.updates, kind.hidden) > (other.updates, other.hidden) => {
                *other = kind.clone()
            }
            Some(_) => {}
            None => longest.push(kind.clone()),
        }
    }
    longest
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("When do hidden units copy single sites?");
    let lattice = run.lattice();
    let kinds: Vec<Kind<'_>> =
        kinds(run).into_iter().filter(|kind| kind.is_plain() && kind.settings.lattice == lattice).collect();
    let longest = longest(&kinds);
    if longest.is_empty() {
        record.missing("histories of the largest weight");
        return record.finish("");
    }
    columns::record(&mut record, &kinds);
    let chosen: Vec<Estimate> = kinds
        .iter()
        .map(|kind| {
            let number = longest.iter().position(|l| {
                same_trainer(l, kind)
                    && l.updates == kind.updates
                    && l.hidden == kind.hidden
                    && l.settings.temperatures == kind.settings.temperatures
            });
            number.map_or(Estimate::NONE, |number| Estimate::bare(number as f64))
        })
        .collect();
    let what = "number of the history of the machines that their trainer trained longest; NaN for others";
    columns::add(&mut record, "history", &chosen, "1", what);
    for (number, kind) in longest.iter().enumerate() {
        let group = format!("history_{number:02}");
        let updates = &kind.points[0].history.updates;
        record.list(&format!("{group}/updates"), updates, "record", "1", "parameter updates at each record");
        let lists: Vec<Vec<Estimate>> = kind
            .points
            .iter()
            .filter(|point| point.history.updates == *updates)
            .map(|point| point.history.max_abs_weight.iter().map(|&w| Estimate::bare(w)).collect())
            .collect();
        record.estimates(
            &format!("{group}/max_abs_weight"),
            &combine_lists(&lists),
            "record",
            "1",
            "largest |W|",
        );
    }
    record.axes("updates; max|W|", "max|W|; translation-invariant fraction; end difference (J/k_B)");
    record.finish(&format!(
        "(a) Largest |W| against updates, the longest training of each trainer; above {LOCKING} (dotted) single hidden units lock onto \
         single sites. (b) Largest |W| of all machines against the translation-invariant fraction of W·Wᵀ: locked units break \
         the lattice's symmetry. (c) Overlap² of the leading eigenvector with the uniform one, and (d) T_{{E}} from the hottest \
         minus from the coldest start at the last step of the flow, against the largest |W|.",
    ))
}

/// The trainer of a row, and its place in the key.
fn trainers(rows: &[Row]) -> Vec<(String, &Row)> {
    let mut trainers: Vec<(f64, String, &Row)> = rows
        .iter()
        .filter(|row| row.get("history").exists())
        .map(|row| (row.get("history").value, row.trained(), row))
        .collect();
    trainers.sort_by(|a, b| a.0.total_cmp(&b.0));
    trainers.into_iter().map(|(_, name, row)| (name, row)).collect()
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let rows = super::rows(numbers)?;
    let trainers = trainers(&rows);
    let shown = &trainers[..trainers.len().min(DRAWN)];
    let keys = series_keys(shown);
    let grid = Grid { count: 4, widths: &[330.0; 2], height: 190.0, across: [66.0, 90.0, 44.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    let mut histories = Vec::new();
    for (i, _) in shown.iter().enumerate() {
        let group = format!("history_{i:02}");
        let updates = numbers.list(&format!("{group}/updates"))?;
        let largest = numbers.estimates(&format!("{group}/max_abs_weight"))?;
        let points: Vec<(f64, f64, f64)> = updates
            .iter()
            .zip(&largest)
            .filter(|(u, _)| **u > 0.0)
            .map(|(&u, w)| (u, w.value, w.error))
            .collect();
        histories.push(points);
    }
    let every = || histories.iter().flatten();
    let (first, last) = plot::axis::extent(every().map(|p| p.0));
    let weights = every().map(|p| p.1).chain(rows.iter().map(|row| row.get("max_abs_weight").value));
    let (low, high) = plot::axis::extent(weights);
    let largest = || Axis::log("max|W|", low * 0.8, (high * 1.25).max(LOCKING * 1.2));
    let locking = Stroke::new(MUTED, 1.2).dashed("1.5 2.5");
    let updates = Axis::log("updates", first * 0.9, last * 1.1);
    let mut plot = Plot::new(&mut canvas, frames[0], updates, largest());
    plot.horizontal(&mut canvas, LOCKING, &locking);
    for (i, points) in histories.iter().enumerate() {
        plot.name = shown[i].0.clone();
        plot.curve(&mut canvas, points, &look(i, shown.len()).1, f64::INFINITY);
    }
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "a", "Largest weight during the training");
    for (panel, (path, label, title)) in [
        ("translation_invariant_fraction", "fraction", "Translation-invariant part of W·Wᵀ"),
        ("uniform_overlap", "overlap²", "Leading eigenvector and the uniform one"),
        ("end_difference", "ΔT_{E} (J/k_{B})", "Hottest minus coldest end of the flow"),
    ]
    .into_iter()
    .enumerate()
    {
        let values = reach(rows.iter().map(|row| row.get(path))).chain([0.0]);
        let mut plot = Plot::new(&mut canvas, frames[panel + 1], largest(), Axis::around(label, values));
        plot.vertical(&mut canvas, LOCKING, &locking);
        for (i, (name, _)) in shown.iter().enumerate() {
            let points: Vec<(f64, f64, f64)> = rows
                .iter()
                .filter(|row| row.trained() == *name && row.get(path).exists())
                .map(|row| (row.get("max_abs_weight").value, row.get(path).value, row.get(path).error))
                .collect();
            plot.name = name.clone();
            let (marker, stroke) = look(i, shown.len());
            plot.points(&mut canvas, &points, marker, 6.0, &stroke.colour);
        }
        plot.finish(&mut canvas);
        plot.title(&mut canvas, ["b", "c", "d"][panel], title);
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

pub(crate) fn judge(figures: &Figures) -> Claim {
    let question = Question {
        id: "Q6",
        statement: "Long training locks hidden units onto single sites (max|W| > 2)",
        column: "machines/onset",
        rule: "with a trainer, max|W| exceeds 2 in every replica of one of its machines; undecided if in some replicas only",
        band: (
            Some(1.0),
            None,
            "the fraction of the replicas; above max|W| = 2 the weights of one site suffice to fix a unit",
        ),
    };
    question.answer(figures, |claim, rows, _| {
        let trainers = trainers(rows);
        let onset = |row: &Row| row.get("onset");
        let by_onset = |a: &&Row, b: &&Row| onset(a).value.total_cmp(&onset(b).value);
        // Of each trainer the kind of machine that locks first, whatever its N_h.
        let first_of = |name: &str| {
            let own = rows.iter().filter(|row| row.trained() == name && row.get("locked").value > 0.0);
            own.filter(|row| onset(row).exists()).min_by(by_onset)
        };
        let locked: Vec<(&str, &Row)> =
            trainers.iter().filter_map(|(name, _)| Some((name.as_str(), first_of(name)?))).collect();
        if trainers.is_empty() {
            return Ok(());
        }
        for (name, longest) in &trainers {
            let own = rows.iter().filter(|row| row.trained() == *name);
            let most =
                own.max_by(|a, b| a.get("locked").value.total_cmp(&b.get("locked").value)).unwrap_or(longest);
            let (fraction, replicas) = (most.get("locked").value, most.setting("replicas"));
            let undecided = (fraction > 0.0 && fraction < 1.0) || replicas < 2.0;
            let number = Estimate::new(fraction, if undecided { f64::NAN } else { 0.0 });
            claim.case(name.as_str(), number, format!("{:.0} of {replicas} replicas", fraction * replicas));
        }
        claim.conclude("", Exceptions::Conditions);
        let said: Vec<String> = locked
            .iter()
            .map(|(name, row)| {
                let replicas = row.setting("replicas");
                let count = (row.get("locked").value * replicas).round();
                let hidden = row.setting("hidden");
                format!(
                    "{name} from {} updates ({count} of {replicas} replicas, N_{{h}} = {hidden})",
                    written(onset(row))
                )
            })
            .collect();
        let free: Vec<String> = trainers
            .iter()
            .filter(|(name, _)| first_of(name).is_none())
            .map(|(name, row)| {
                let largest = written(row.get("max_abs_weight"));
                format!("{name} (max|W| {largest} after {})", columns::thousands(row.setting("updates")))
            })
            .collect();
        let effect = |name: &str, wanted: bool| {
            let of = rows.iter().filter(|row| (row.get("locked").value > 0.5) == wanted);
            combine(&of.map(|row| row.get(name)).collect::<Vec<_>>())
        };
        let mut sentence = if said.is_empty() { "no trainer locks units".to_owned() } else { list(&said) };
        if !free.is_empty() && !said.is_empty() {
            sentence.push_str(&format!("; not {}", list(&free)));
        }
        for (name, words) in [
            ("end_difference", "the ends of the flow differ by"),
            ("translation_invariant_fraction", "the translation-invariant fraction of W·Wᵀ is"),
        ] {
            let (with, without) = (effect(name, true), effect(name, false));
            if with.exists() && without.exists() {
                sentence.push_str(&format!(
                    "; {words} {} with and {} without locked units",
                    written(with),
                    written(without)
                ));
            }
        }
        claim.conditions = sentence;
        Ok(())
    })
}
