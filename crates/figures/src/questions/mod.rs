//! The questions that the paper leaves open: the table of all machines (F15), and a figure and an answer for each
//! question (Q1 to Q17).
//!
//! Every figure holds the machines that it is about as columns of its group `machines`, means and errors over replicas,
//! so that each answer follows from the figure's numbers alone.

mod balance;
mod columns;
mod controls;
mod copy_units;
mod criticality;
mod exponents;
mod field;
mod hamiltonian;
mod history;
mod kinds;
mod laboratory;
mod lattices;
mod likelihood;
mod map;
mod one_step;
mod prediction;
mod size;
mod surrogates;
mod table;
mod thermometers;

use datasets::Figures;

use crate::claims::{Claim, Exceptions, figure, open};
use crate::error::FigureError;
use crate::record::Numbers;
use crate::statistics::Estimate;
use crate::{Maker, claims};
use columns::{Row, rows};
use plot::colour::{BLUE, in_order};
use plot::labels::Key;
use plot::{Canvas, Marker, Plot, Stroke};

/// The figures of this module.
pub(crate) const FIGURES: [Maker; 18] = [
    ("F15", table::numbers, table::draw),
    ("Q1", map::numbers, map::draw),
    ("Q2", criticality::numbers, criticality::draw),
    ("Q3", thermometers::numbers, thermometers::draw),
    ("Q4", likelihood::numbers, likelihood::draw),
    ("Q5", controls::numbers, controls::draw),
    ("Q6", copy_units::numbers, copy_units::draw),
    ("Q7", size::numbers, size::draw),
    ("Q8", field::numbers, field::draw),
    ("Q9", lattices::numbers, lattices::draw),
    ("Q10", prediction::numbers, prediction::draw),
    ("Q11", balance::numbers, balance::draw),
    ("Q12", hamiltonian::numbers, hamiltonian::draw),
    ("Q13", surrogates::numbers, surrogates::draw),
    ("Q14", history::numbers, history::draw),
    ("Q15", exponents::numbers, exponents::draw),
    ("Q16", one_step::numbers, one_step::draw),
    ("Q17", laboratory::numbers, laboratory::draw),
];

/// The rows of one name as one series, each ascending in a number; the series in the order of their first rows.
fn named_series(
    rows: &[Row],
    name: impl Fn(&Row) -> String,
    ascending: impl Fn(&Row) -> f64,
) -> Vec<(String, Vec<&Row>)> {
    let mut series: Vec<(String, Vec<&Row>)> = vec![];
    for row in rows {
        let name = name(row);
        match series.iter_mut().find(|(known, _)| *known == name) {
            Some((_, found)) => found.push(row),
            None => series.push((name, vec![row])),
        }
    }
    for (_, rows) in &mut series {
        rows.sort_by(|a, b| ascending(a).total_cmp(&ascending(b)));
    }
    series
}

/// The answers.
pub(crate) fn judge(figures: &Figures) -> Vec<Claim> {
    let mut claims = vec![
        map::judge(figures),
        criticality::judge(figures),
        thermometers::judge(figures),
        likelihood::judge(figures),
        controls::judge(figures),
        copy_units::judge(figures),
        size::judge(figures),
        field::judge(figures),
        lattices::judge(figures),
        prediction::judge(figures),
    ];
    // Several each.
    claims.extend(balance::judge(figures));
    claims.extend(hamiltonian::judge(figures));
    claims.extend([surrogates::judge(figures), history::judge(figures)]);
    claims.extend(exponents::judge(figures));
    claims.push(one_step::judge(figures));
    claims.extend(laboratory::judge(figures));
    claims
}

/// A question: its id, the statement that is judged, the deciding column and the rule.
struct Question<'a> {
    id: &'a str,
    statement: &'a str,
    column: &'a str,
    rule: &'a str,
    /// The band of the deciding number and where it comes from.
    band: (Option<f64>, Option<f64>, &'a str),
}

impl Question<'_> {
    /// The id of the figure: two questions of one figure end in letters.
    fn figure(&self) -> &str {
        self.id.trim_end_matches(|letter: char| letter.is_ascii_lowercase())
    }

    /// The answer, from the machines and the numbers of the question's own figure.
    fn answer(
        &self,
        figures: &Figures,
        judge: impl FnOnce(&mut Claim, &[Row], Numbers<'_>) -> Result<(), FigureError>,
    ) -> Claim {
        let (low, high, source) = self.band;
        let id = self.figure();
        let mut claim = open(self.id, self.statement, &format!("{id}/{}", self.column), self.rule)
            .with_band(low, high, source);
        claim.conditions = claims::NO_DATA.to_owned();
        let result = figure(figures, id).and_then(|numbers| judge(&mut claim, &rows(numbers)?, numbers));
        claim.or_not_tested(result)
    }
}

/// Splits machines into those whose flow has a fixed point and those whose flow has none, which the claim names.
fn with_fixed_point<'a>(claim: &mut Claim, rows: impl IntoIterator<Item = &'a Row>) -> Vec<&'a Row> {
    let (with, without): (Vec<&Row>, Vec<&Row>) = rows
        .into_iter()
        .filter(|row| row.get("energy_temperature").exists())
        .partition(|row| row.is_settled());
    without.iter().for_each(|row| claim.without_fixed_point(row.name()));
    with
}

/// The machines that differ in N_h: of the training with the most different N_h, each N_h with the most updates; by
/// N_h, with their places.
fn by_hidden(rows: &[Row]) -> Vec<(usize, &Row)> {
    let mut series: Vec<Vec<(usize, &Row)>> = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let same = |other: &Row| {
            row.training == other.training
                && row.trained() == other.trained()
                && row.data() == other.data()
                && row.lattice == other.lattice
        };
        let Some(found) = series.iter_mut().find(|series| same(series[0].1)) else {
            series.push(vec![(place, row)]);
            continue;
        };
        let (hidden, updates) = (row.setting("hidden"), row.setting("updates"));
        match found.iter_mut().find(|(_, other)| other.setting("hidden") == hidden) {
            Some(other) if other.1.setting("updates") < updates => *other = (place, row),
            Some(_) => {}
            None => found.push((place, row)),
        }
    }
    // Of equally long ones the first.
    let mut longest = series.into_iter().rev().max_by_key(Vec::len).unwrap_or_default();
    longest.sort_by(|a, b| a.1.setting("hidden").total_cmp(&b.1.setting("hidden")));
    longest
}

/// At most so many of a series, from the first to the last.
fn spread_out<T: Clone>(series: Vec<T>, most: usize) -> Vec<T> {
    let last = series.len().saturating_sub(1);
    let kept = most.min(series.len());
    (0..kept).map(|k| series[k * last / (kept - 1).max(1)].clone()).collect()
}

/// m*², the squared magnetization |m| where a flow ends.
fn squared(row: &Row) -> Estimate {
    let m = row.get("abs_magnetization");
    Estimate::new(m.value * m.value, 2.0 * m.value * m.error)
}

/// Machines as points (x, y), open where the flow has no fixed point.
fn draw_machines<'a>(
    plot: &mut Plot,
    canvas: &mut Canvas,
    rows: impl Iterator<Item = &'a Row> + Clone,
    at: impl Fn(&Row) -> (f64, Estimate),
) {
    for (settled, name, marker) in
        [(true, "fixed points", Marker::Circle), (false, "no fixed point", Marker::OpenCircle)]
    {
        let own = rows.clone().filter(|row| row.is_settled() == settled);
        let points: Vec<(f64, f64, f64)> = own.map(&at).map(|(x, y)| (x, y.value, y.error)).collect();
        plot.name = name.to_owned();
        plot.points(canvas, &points, marker, 6.5, BLUE);
    }
}

/// The key of [`draw_machines`].
fn machine_keys() -> [Key; 2] {
    [
        Key::marker("fixed points", Marker::Circle, BLUE),
        Key::marker("no fixed point", Marker::OpenCircle, BLUE),
    ]
}

/// The ends of the error bars of some estimates, for axes that show all of them.
fn reach(estimates: impl IntoIterator<Item = Estimate>) -> impl Iterator<Item = f64> {
    estimates.into_iter().filter(|e| e.exists()).flat_map(|e| {
        let error = if e.error.is_finite() { e.error } else { 0.0 };
        [e.value - error, e.value + error]
    })
}

/// The points and the line of one of several series; shapes and dashes tell them apart in grey.
fn look(i: usize, all: usize) -> (Marker, Stroke) {
    const DASHES: [&str; 4] = ["", "6 2.5", "2 1.6", "7 2 1.5 2"];
    (
        Marker::SERIES[i % Marker::SERIES.len()],
        Stroke::new(&in_order(i, all), 1.4).dashed(DASHES[i % DASHES.len()]),
    )
}

/// A key of named series.
fn series_keys<T>(series: &[(String, T)]) -> Vec<Key> {
    let key = |(i, (name, _)): (usize, &(String, T))| {
        let (marker, stroke) = look(i, series.len());
        Key::both(name, marker, stroke)
    };
    series.iter().enumerate().map(key).collect()
}
