//! F16: the Ising model near T_c beside the state of the machine whose fixed point is nearest to T_c, at the same energy.

use datasets::{Figure, Flow, Spins, energy};
use lattice::{Kind, Lattice};
use ndarray::{Array2, Array3, ArrayView1};

use crate::end_state::EndState;
use crate::error::FigureError;
use crate::f12_correlation::{correlation_at_end, ising_correlation};
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::sites;
use crate::statistics::{Estimate, combine_lists};
use crate::wording::{machine, written};
use plot::Style;
use plot::colour::{BLUE, INK};
use plot::panel::panel_title;
use plot::{Axis, Canvas, Marker, Plot, Rect, Stroke};

/// Configurations of each kind that are shown.
const SHOWN: usize = 4;

/// The configurations, as rows and columns, whose energies are nearest to a given one; of equally near ones the
/// first.
fn nearest(lattice: &Lattice, rows: &Array2<i8>, wanted: f64) -> Array3<i8> {
    // Layers are below each other.
    let width = lattice.sides()[0];
    let height = lattice.sites() / width;
    let mut order: Vec<(f64, usize)> = rows
        .rows()
        .into_iter()
        .enumerate()
        .map(|(i, row)| ((energy_per_site(*lattice, row) - wanted).abs(), i))
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let shape = (order.len().min(SHOWN), height, width);
    Array3::from_shape_fn(shape, |(k, y, x)| rows[[order[k].1, y * width + x]])
}

/// The energy per site of a configuration.
fn energy_per_site(lattice: Lattice, spins: ArrayView1<i8>) -> f64 {
    f64::from(energy(lattice, &spins.to_vec())) / lattice.sites() as f64
}

/// The recorded configurations at the last step, from all starts.
fn last_snapshots(flow: &Flow) -> Option<Array2<i8>> {
    let (starts, records, chains, sites) = flow.snapshots.dim();
    let last = records.checked_sub(1)?;
    let row = |i: usize, site: usize| flow.snapshots[[i / chains, last, i % chains, site]];
    let shape = (starts * chains, sites);
    (starts * chains > 0).then(|| Array2::from_shape_fn(shape, |(i, site)| row(i, site)))
}

/// The configurations at the sampled temperature whose mean energy is nearest.
fn sampled(spins: &Spins, wanted: f64) -> Option<(f64, Array2<i8>)> {
    let energies = spins.observables.energy_per_spin.iter().enumerate();
    let (at, _) = energies.min_by(|a, b| (a.1 - wanted).abs().total_cmp(&(b.1 - wanted).abs()))?;
    Some((*spins.temperature.get(at)?, spins.at(at).to_owned()))
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let training = run.main_training();
    let mut record = Record::new("The critical state, and the state at the end of the flow");
    let off = |end: &EndState| (end.energy_temperature.value - run.critical_temperature()).abs();
    let ends =
        run.hidden_of(training).into_iter().map(|h| (h, EndState::of(&run.main_machines(training, h))));
    let fixed = ends.filter(|(_, end)| end.has_fixed_point() && end.energy_temperature.exists());
    let Some((hidden, end)) = fixed.min_by(|a, b| off(&a.1).total_cmp(&off(&b.1))) else {
        record.missing("a machine with a fixed point");
        return record.finish("");
    };
    let machines = run.main_machines(training, hidden);
    let wanted = end.energy_per_spin.value;
    let flow = machines.iter().find_map(|m| m.flow.as_ref());
    let own = flow.and_then(|flow| Some(nearest(&flow.lattice, &last_snapshots(flow)?, wanted)));
    let spins = run.replicas.iter().find_map(|r| r.spins.as_ref());
    let ising = spins.and_then(|spins| {
        let (temperature, rows) = sampled(spins, wanted)?;
        Some((temperature, nearest(&spins.lattice, &rows, wanted)))
    });
    let (Some(own), Some((temperature, ising))) = (own, ising) else {
        record.missing("configurations of the machine or of the Ising model");
        return record.finish("");
    };
    let what = "configurations of the Ising model whose energies are nearest to the machine's mean energy";
    record.spins("ising/configurations", &ising, "configuration,row,column", what);
    let what = "configurations of the machine at the last step whose energies are nearest to its mean energy";
    record.spins("machine/configurations", &own, "configuration,row,column", what);
    let lists: Vec<Vec<Estimate>> =
        machines.iter().filter_map(|m| m.flow.as_ref()).map(correlation_at_end).collect();
    let correlation = combine_lists(&lists);
    record.estimates(
        "machine/correlation",
        &correlation,
        "distance",
        "1",
        "G(r) at the last step, r = 0, 1, 2, ...",
    );
    let same = ising_correlation(run, wanted);
    record.estimates(
        "ising/correlation",
        &same,
        "distance",
        "1",
        "G(r) of the Ising model at the same energy",
    );
    record.count("hidden", hidden);
    record.real("temperature", temperature);
    record.axes("distance r", "G(r)");
    let fall = |list: &[Estimate]| written(crate::claims::decay(list));
    let see = format!(
        "At the same energy, correlations G(r) fall from neighbours to the largest distance by {} in \
         the Ising model, and by {} where the machine's flow ends.",
        fall(&same),
        fall(&correlation),
    );
    record.text("see", &see);
    record.finish(&format!(
        "Configurations (a) of the Ising model, sampled at T = {temperature}, and (b) at the end of the flow of the machine whose fixed point is nearest \
         to T_{{c}} = {:.3} ({}; T_{{E}} = {}), first replica, each with the energies nearest to the machine's mean energy of {} J per site. Dark sites are +1. (c) G(r) = ⟨σσ⟩ \
         along the axes at that energy.",
        run.critical_temperature(),
        machines.first().map(|m| machine(m)).unwrap_or_default(),
        written(end.energy_temperature),
        written(end.energy_per_spin),
    ))
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let cell = style.pick(96.0, 62.0, 84.0);
    let gap = 8.0;
    let column = style.is_column();
    let width = SHOWN as f64 * (cell + gap);
    let mut canvas = Canvas::new(style, id, 900.0, if column { 560.0 } else { 2.0 * cell + 104.0 });
    let hidden = numbers.count("hidden").unwrap_or(0);
    let temperature = numbers.real("temperature").unwrap_or(f64::NAN);
    let rows = [
        ("ising", "a", format!("Ising model, T = {temperature}")),
        ("machine", "b", format!("End of the flow, N_{{h}} = {hidden}, same energy")),
    ];
    for (row, (group, letter, title)) in rows.iter().enumerate() {
        let spins = numbers.spins(&format!("{group}/configurations"))?;
        let top = 30.0 + row as f64 * (cell + 36.0);
        panel_title(&mut canvas, Rect::new(16.0, top, cell, cell), letter, title);
        for (k, spins) in spins.outer_iter().enumerate().take(SHOWN) {
            let frame = Rect::new(16.0 + k as f64 * (cell + gap), top, cell, cell);
            let (height, width) = spins.dim();
            let lattice = numbers.lattice().or_else(|| Lattice::new(Kind::Square, &[width, height]).ok());
            if let Some(lattice) = lattice {
                let flat: Vec<i8> = spins.iter().copied().collect();
                sites::configuration(&mut canvas, frame, lattice, &flat);
            }
            canvas.frame(frame, &Stroke::new(INK, 0.6));
        }
    }
    let points = |group: &str| -> Result<Vec<(f64, f64, f64)>, FigureError> {
        let list = numbers.estimates(&format!("{group}/correlation"))?;
        Ok(list.iter().enumerate().map(|(r, e)| (r as f64, e.value, e.error)).collect())
    };
    let (own, ising) = (points("machine")?, points("ising")?);
    let frame = if column {
        Rect::new(62.0, 2.0 * cell + 120.0, 220.0, 250.0)
    } else {
        let left = 16.0 + width + 74.0;
        Rect::new(left, 30.0, canvas.width - left - 30.0, 2.0 * cell + 22.0)
    };
    let low = own.iter().chain(&ising).map(|p| p.1).filter(|v| v.is_finite()).fold(1.0, f64::min);
    let most = own.len().max(2) as f64 - 1.0;
    let x = Axis::linear("distance r (sites)", -0.15, most + 0.15);
    let mut plot = Plot::new(&mut canvas, frame, x, Axis::linear("G(r) = ⟨σσ⟩", (low - 0.08).min(0.9), 1.03));
    for (points, marker, colour, name, at) in
        [(&ising, Marker::Square, INK, "Ising model", 2), (&own, Marker::Circle, BLUE, "end of the flow", 3)]
    {
        let line: Vec<(f64, f64)> = points.iter().map(|p| (p.0, p.1)).collect();
        plot.line(&mut canvas, &line, &Stroke::new(colour, 1.5));
        plot.name = name.to_owned();
        plot.points(&mut canvas, points, marker, 6.5, colour);
        if let Some(place) = line.get(at) {
            plot.label(&mut canvas, *place, name, colour);
        }
    }
    plot.finish(&mut canvas);
    plot.title(&mut canvas, "c", "Correlations at this energy");
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_energy_comes_first() {
        // One of 16 spins turned over costs 8 J.
        let lattice = Lattice::square(4).expect("a lattice");
        let up = ndarray::Array1::from_elem(16, 1i8);
        let mut one = up.clone();
        one[5] = -1;
        let rows = ndarray::stack(ndarray::Axis(0), &[up.view(), one.view()]).expect("rows of one length");
        let found = nearest(&lattice, &rows, -1.6);
        assert_eq!(found[[0, 1, 1]], -1, "the nearer one comes first");
    }
}
