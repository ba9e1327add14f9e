//! F12: correlations of the fixed-point ensemble against the Ising model at the same energy.

use datasets::lattice::Lattice;
use datasets::{EquationOfState, Figure, Flow, Spins};
use ising_mc::observables::axis_correlation;
use ndarray::ArrayView2;
use temp_classifier::TemperatureScale;

use crate::critical::critical_temperature;
use crate::end_state::{EndState, independent_energy};
use crate::error::FigureError;
use crate::f06_fixed_point::counts_axis;
use crate::record::{Numbers, Record};
use crate::run::{Replica, Run};
use crate::statistics::{Estimate, combine_lists, interpolate};
use crate::wording::{machine, short, written};
use plot::Style;
use plot::colour::{BLUE, GREEN, INK, MUTED};
use plot::labels::Key;
use plot::layout::{NAMED, Panels};
use plot::{Axis, Grid, Marker, Plot, Stroke};

/// G(r) = ⟨σ_x σ_{x+r}⟩ along the axes of a set of configurations.
fn correlation(lattice: Lattice, spins: ArrayView2<i8>) -> Vec<f64> {
    let mut mean = vec![0.0; lattice.axis_steps() + 1];
    for row in spins.as_standard_layout().rows() {
        let found =
            axis_correlation(lattice, row.to_slice().expect("rows in standard layout are contiguous"));
        mean.iter_mut().zip(found).for_each(|(mean, g)| *mean += g);
    }
    mean.iter_mut().for_each(|mean| *mean /= spins.nrows().max(1) as f64);
    mean
}

/// The Ising model's G(r) at an energy per site: interpolated in energy between the neighbouring sampled temperatures,
/// so that G(1) is exact.
fn correlation_at_energy(spins: &Spins, energy: f64) -> Option<Vec<f64>> {
    let order: Vec<usize> = {
        let mut order: Vec<usize> = (0..spins.temperature.len()).collect();
        order.sort_by(|&a, &b| spins.temperature[a].total_cmp(&spins.temperature[b]));
        order
    };
    let energies = &spins.observables.energy_per_spin;
    let upper = order.iter().position(|&i| energies.get(i).is_some_and(|&e| e >= energy))?;
    let (a, b) = (order[upper.saturating_sub(1)], order[upper]);
    let (low, high) =
        (correlation(spins.lattice, spins.at(a).view()), correlation(spins.lattice, spins.at(b).view()));
    let bonds = -spins.lattice.bonds_per_site();
    let (from, to) = (bonds * low[1.min(low.len() - 1)], bonds * high[1.min(high.len() - 1)]);
    let fraction = if (to - from).abs() > 1e-12 { (energy - from) / (to - from) } else { 0.0 };
    Some(low.iter().zip(&high).map(|(l, h)| l + fraction * (h - l)).collect())
}

/// The exact G(r) at an energy per site, interpolated in energy between the temperatures of the table, so that G(1) is
/// exact.
fn exact_correlation(table: &EquationOfState, energy: f64) -> Option<Vec<f64>> {
    let columns = table.correlation.as_ref()?.columns().into_iter();
    columns.map(|column| interpolate(&table.energy_per_spin, &column.to_vec(), energy)).collect()
}

/// G(r) at the last record of the flow, mean over the starts.
pub(crate) fn correlation_at_end(flow: &Flow) -> Vec<Estimate> {
    let (starts, records, distances) = flow.correlation.dim();
    if starts == 0 || records == 0 {
        return vec![];
    }
    let n = starts as f64;
    (0..distances)
        .map(|r| {
            let column = flow.correlation.slice(ndarray::s![.., records - 1, r]);
            let errors = flow.correlation_error.slice(ndarray::s![.., records - 1, r]);
            Estimate::new(column.sum() / n, errors.mapv(|e| e * e).sum().sqrt() / n)
        })
        .collect()
}

/// The Ising model's G(r) at an energy per site: exact if the run's table has it, otherwise of the sampled
/// configurations.
pub(crate) fn ising_correlation(run: &Run, energy: f64) -> Vec<Estimate> {
    let exact = run.equation_of_state.as_ref().and_then(|table| exact_correlation(table, energy));
    let as_estimates =
        |list: Vec<f64>, error: f64| list.into_iter().map(|v| Estimate::new(v, error)).collect();
    exact.map_or_else(
        || {
            let sampled = |r: &Replica| correlation_at_energy(r.spins.as_ref()?, energy);
            let lists: Vec<Vec<Estimate>> =
                run.replicas.iter().filter_map(sampled).map(|list| as_estimates(list, f64::NAN)).collect();
            combine_lists(&lists)
        },
        |list| as_estimates(list, 0.0),
    )
}

/// What the Ising model on this lattice has at an energy per site: (c_sr, variance of the energy per site, T_E).
pub(crate) fn ising_at_energy(table: &EquationOfState, energy: f64) -> Option<(f64, f64, f64)> {
    let sites = table.lattice.sites() as f64;
    let temperature = TemperatureScale::energy(table).ok()?.temperature(energy);
    let squared = interpolate(&table.temperature, &table.squared_magnetization, temperature)?;
    let heat = interpolate(&table.temperature, &table.specific_heat, temperature)?;
    let short = -energy / table.lattice.bonds_per_site() - (sites * squared - 1.0) / (sites - 1.0);
    Some((short, heat * temperature * temperature, temperature))
}

/// The Ising model's energy per site at T_c.
fn critical_energy(table: &EquationOfState) -> Option<f64> {
    let critical = critical_temperature(table.lattice.kind());
    interpolate(&table.temperature, &table.energy_per_spin, critical)
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let training = run.main_training();
    let mut record = Record::new("Is the fixed point critical?");
    let machines = run.main_picture(training);
    let end = EndState::of(&machines);
    let lists: Vec<Vec<Estimate>> =
        machines.iter().filter_map(|m| m.flow.as_ref()).map(correlation_at_end).collect();
    let fixed = combine_lists(&lists);
    let distance: Vec<f64> = (0..fixed.len()).map(|r| r as f64).collect();
    record.list("distance", &distance, "distance", "lattice constant", "distance along the axes");
    record.estimates("correlation", &fixed, "distance", "1", "G(r) at the last step, mean over starts");
    let table = run.equation_of_state.as_ref();
    let how = if table.is_some_and(|table| table.correlation.is_some()) {
        "exact"
    } else {
        "the two sampled temperatures next to it, interpolated in energy"
    };
    let same_energy = ising_correlation(run, end.energy_per_spin.value);
    let critical =
        table.and_then(critical_energy).map(|energy| ising_correlation(run, energy)).unwrap_or_default();
    record.text("reference", how);
    let what = "G(r) of the Ising model at the energy of the fixed point";
    record.estimates("ising_correlation", &same_energy, "distance", "1", what);
    let what = "G(r) of the Ising model at the energy of T_c";
    record.estimates("critical_correlation", &critical, "distance", "1", what);
    if fixed.is_empty() || same_energy.is_empty() {
        record.missing("G(r) of the fixed point or of the Ising model");
    }

    let hidden = run.hidden_of(training);
    let ends: Vec<EndState> = hidden.iter().map(|&h| EndState::of(&run.main_machines(training, h))).collect();
    let as_counts: Vec<u64> = hidden.iter().map(|&h| h as u64).collect();
    record.counts("by_hidden/hidden", &as_counts, "machine", "1", "hidden units");
    let each = |pick: &dyn Fn(&EndState) -> Estimate| -> Vec<Estimate> { ends.iter().map(pick).collect() };
    let same = |pick: fn((f64, f64, f64)) -> f64| -> Vec<Estimate> {
        each(&|e| {
            let table = run.equation_of_state.as_ref();
            let found = table.and_then(|table| ising_at_energy(table, e.energy_per_spin.value));
            found.map_or(Estimate::NONE, |f| Estimate::new(pick(f), 0.0))
        })
    };
    let what = "c_sr at the last step, mean over starts";
    record.estimates(
        "by_hidden/short_range_correlation",
        &each(&|e| e.short_range_correlation),
        "machine",
        "1",
        what,
    );
    let what = "c_sr of the Ising model at the same energy";
    record.estimates("by_hidden/ising_short_range_correlation", &same(|f| f.0), "machine", "1", what);
    let what = "variance of the total energy per site at the last step";
    record.estimates("by_hidden/energy_variance", &each(&|e| e.energy_variance), "machine", "J^2", what);
    let what = "variance of the total energy per site of the Ising model at the same energy";
    record.estimates("by_hidden/ising_energy_variance", &same(|f| f.1), "machine", "J^2", what);
    let what = "energy per site at the last step";
    record.estimates("by_hidden/energy_per_spin", &each(&|e| e.energy_per_spin), "machine", "J", what);
    let what = "energy per site at the last step if all pairs of sites were correlated alike: -z/2 (N <m^2> - 1) / (N - 1) with z neighbours";
    let independent = each(&|e| independent_energy(run.lattice(), e.squared_magnetization));
    let reached: Vec<f64> = ends.iter().map(|e| e.fixed_point).collect();
    record.list(
        "by_hidden/fixed_point",
        &reached,
        "machine",
        "1",
        "fraction of the replicas whose flow settles from every start, at one energy; NaN if unknown",
    );
    record.estimates("by_hidden/independent_energy", &independent, "machine", "J", what);
    let critical = table.and_then(|table| ising_at_energy(table, critical_energy(table)?));
    if let Some((short, variance, _)) = critical {
        record.real("critical_short_range_correlation", short);
        record.real("critical_energy_variance", variance);
    }
    record.count("main_hidden", run.main_hidden(training).unwrap_or(0));
    record.axes("distance r; N_h", "G(r); c_sr; variance of the energy");
    let settings = machines.first().map(|m| machine(m)).unwrap_or_default();
    let see = format!(
        "From neighbours to the largest distance G(r) falls by {} where the flow ends, and by {} in the Ising model at the same energy.",
        written(crate::claims::decay(&fixed)),
        written(crate::claims::decay(&same_energy)),
    );
    record.text("see", &see);
    record.finish(&format!(
        "(a) G(r) = ⟨σσ⟩ along the axes in the fixed-point ensemble ({settings}; last step, mean over starts), in the Ising \
         model at the same energy ({how}), and at T_{{c}}. (b) Short-range connected correlation c_{{sr}} (nearest neighbours \
         minus all pairs) by N_{{h}}, and (c) variance of the energy per site, each with the Ising model's value at the same \
         energy. At N_{{h}} = {}: c_{{sr}} = {}, energy {}, against {} if all pairs of sites were correlated alike, −{}⟨m²⟩. \
         A flat G(r) is that of a uniform state with independent flips.",
        run.main_hidden(training).unwrap_or(0),
        written(end.short_range_correlation),
        written(end.energy_per_spin),
        written(independent_energy(run.lattice(), end.squared_magnetization)),
        short(run.lattice().bonds_per_site()),
    ))
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let fixed_stroke = Stroke::new(BLUE, 1.6);
    let ising_stroke = Stroke::new(INK, 1.4);
    let critical_stroke = Stroke::new(GREEN, 1.4).dashed("6 3");
    let keys = [
        Key::both("fixed point of the RBM flow", Marker::Circle, fixed_stroke.clone()),
        Key::both("Ising model at the same energy", Marker::Square, ising_stroke.clone()),
        Key::line("Ising model at T_{c}", critical_stroke.clone()),
    ];
    let widths = &[250.0, 190.0, 190.0];
    let grid = Grid { count: 3, widths, height: 228.0, across: [58.0, 77.0, 18.0], down: NAMED };
    let (mut canvas, Panels { frames, .. }) = grid.begin(style, id, &keys);
    let distance = numbers.list("distance")?;
    let points = |path: &str| -> Result<Vec<(f64, f64, f64)>, FigureError> {
        Ok(distance.iter().zip(numbers.estimates(path)?).map(|(&r, e)| (r, e.value, e.error)).collect())
    };
    let lines = |points: &[(f64, f64, f64)]| points.iter().map(|p| (p.0, p.1)).collect::<Vec<_>>();
    let (fixed, same, critical) =
        (points("correlation")?, points("ising_correlation")?, points("critical_correlation")?);
    let lowest = fixed.iter().chain(&same).chain(&critical).map(|p| p.1).fold(1.0, f64::min);
    let most = distance.last().copied().unwrap_or(1.0).max(1.0);
    let y = Axis::linear("G(r) = ⟨σσ⟩", (lowest - 0.08).min(0.9), 1.03);
    let x = Axis::linear("distance r (sites)", -0.15, most + 0.15);
    let mut plot = Plot::new(&mut canvas, frames[0], x, y);
    plot.line(&mut canvas, &lines(&critical), &critical_stroke);
    plot.line(&mut canvas, &lines(&same), &ising_stroke);
    plot.name = "Ising, same energy".to_owned();
    plot.points(&mut canvas, &same, Marker::Square, 6.0, INK);
    plot.line(&mut canvas, &lines(&fixed), &fixed_stroke);
    plot.name = "fixed point".to_owned();
    plot.points(&mut canvas, &fixed, Marker::Circle, 7.0, BLUE);
    plot.finish(&mut canvas);
    let main = numbers.count("main_hidden").unwrap_or(0);
    plot.title(&mut canvas, "a", &format!("Correlations, N_{{h}} = {main}"));

    let hidden: Vec<f64> = numbers.counts("by_hidden/hidden")?.iter().map(|&h| h as f64).collect();
    for (i, (path, label, title, critical)) in [
        ("short_range_correlation", "c_{sr}", "Short-range correlation", "critical_short_range_correlation"),
        ("energy_variance", "variance of E / N (J²)", "Energy fluctuations", "critical_energy_variance"),
    ]
    .into_iter()
    .enumerate()
    {
        let own = numbers.estimates(&format!("by_hidden/{path}"))?;
        let ising = numbers.estimates(&format!("by_hidden/ising_{path}"))?;
        let critical = numbers.real(critical);
        let values = own.iter().chain(&ising).map(|e| e.value + e.error.max(0.0)).chain(critical);
        let y = Axis::around(label, values.chain([0.0]));
        let x = counts_axis("hidden units N_{h}", &hidden, frames[i + 1].width);
        let mut plot = Plot::new(&mut canvas, frames[i + 1], x, y);
        if let Some(value) = critical {
            plot.horizontal(&mut canvas, value, &critical_stroke);
        }
        plot.horizontal(&mut canvas, 0.0, &Stroke::new(MUTED, 0.8));
        let place = |list: &[Estimate]| -> Vec<(f64, f64, f64)> {
            hidden.iter().zip(list).map(|(&h, e)| (h, e.value, e.error)).collect()
        };
        let (own, ising) = (place(&own), place(&ising));
        plot.line(&mut canvas, &lines(&ising), &ising_stroke);
        plot.name = "Ising, same energy".to_owned();
        plot.points(&mut canvas, &ising, Marker::Square, 6.0, INK);
        plot.line(&mut canvas, &lines(&own), &fixed_stroke);
        plot.name = "fixed point".to_owned();
        plot.points(&mut canvas, &own, Marker::Circle, 7.0, BLUE);
        plot.finish(&mut canvas);
        plot.title(&mut canvas, ["b", "c"][i], title);
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn correlation_of_stripes_alternates() {
        let stripes = Array2::from_shape_fn((1, 16), |(_, i)| if i % 2 == 0 { 1i8 } else { -1 });
        // Columns alternate along x and are constant along y: the mean of −1 and +1 at r = 1, of +1 and +1 at r = 2.
        assert_eq!(correlation(Lattice::square(4).unwrap(), stripes.view()), [1.0, 0.0, 1.0]);
    }
}
