//! F01: configurations at three temperatures.

use datasets::Figure;
use datasets::lattice::Lattice;
use ndarray::Array3;

use crate::critical::temperature_scale;
use crate::error::FigureError;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::sites;
use crate::wording::{lattice, list, replicas, temperature};
use plot::Style;
use plot::colour::{INK, MUTED};
use plot::panel::{LABEL, panel_title};
use plot::{Align, Canvas, Rect, Stroke};

/// Configurations shown at each temperature.
const SHOWN: usize = 4;

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Configurations at three temperatures");
    let Some(spins) = run.replicas.iter().find_map(|r| r.spins.as_ref()) else {
        record.missing("the training data");
        return record.finish("");
    };
    let mut chosen: Vec<usize> = Vec::new();
    let tc = run.critical_temperature();
    for target in [tc / 2.27, tc, 4.0 * temperature_scale(spins.lattice.kind())] {
        let nearest = (0..spins.temperature.len())
            .filter(|i| {
                spins.temperature[*i].is_finite()
                    && !chosen.contains(i)
                    && spins.labels.contains(&(*i as u16))
            })
            .min_by(|&a, &b| {
                let distance = |i: usize| (spins.temperature[i] - target).abs();
                distance(a).total_cmp(&distance(b))
            });
        chosen.extend(nearest);
    }
    chosen.sort_by(|&a, &b| spins.temperature[a].total_cmp(&spins.temperature[b]));
    let sites = spins.sites();
    let mut configurations = Array3::from_elem((chosen.len(), SHOWN, sites), 1i8);
    for (t, &index) in chosen.iter().enumerate() {
        let all = spins.at(index);
        for k in 0..SHOWN {
            configurations
                .slice_mut(ndarray::s![t, k, ..])
                .assign(&all.row((k * all.nrows() / SHOWN + k % 2).min(all.nrows() - 1)));
        }
    }
    let temperatures: Vec<f64> = chosen.iter().map(|&i| spins.temperature[i]).collect();
    let of = |values: &[f64]| -> Vec<f64> {
        chosen.iter().map(|&i| values.get(i).copied().unwrap_or(f64::NAN)).collect()
    };
    record.count("size", spins.lattice.sides()[0]);
    record.list("temperature", &temperatures, "temperature", "J/k_B", "temperatures shown");
    let energy = of(&spins.observables.energy_per_spin);
    let magnetization = of(&spins.observables.abs_magnetization);
    record.list("energy_per_spin", &energy, "temperature", "J", "mean energy per site there");
    record.list("abs_magnetization", &magnetization, "temperature", "1", "mean |m| there");
    let what = "configurations of the first replica, evenly spaced in the file";
    record.spins("configurations", &configurations, "temperature,configuration,site", what);
    record.axes("column of the lattice", "row of the lattice");
    let shown: Vec<String> =
        temperatures.iter().map(|&t| temperature(t, run.critical_temperature())).collect();
    record.text(
        "see",
        "Below T_{c} one sign rules; near it there are clusters of all sizes; above it little order is left.",
    );
    record.finish(&format!(
        "Configurations of the Ising model on the {0} at T = {1} J/k_{{B}}, {SHOWN} of each from the training \
         data ({2}, {3} configurations at {4} temperatures in each of {5}). Dark sites are +1, light sites −1. \
         T_{{c}} = {6:.3}. The means below are over all configurations of the first replica.",
        lattice(spins.lattice),
        list(&shown),
        spins.algorithm,
        spins.samples.nrows(),
        spins.temperature.len(),
        replicas(run.replicas.len()),
        run.critical_temperature(),
    ))
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let temperatures = numbers.list("temperature")?;
    let energy = numbers.list("energy_per_spin")?;
    let magnetization = numbers.list("abs_magnetization")?;
    let configurations = numbers.spins("configurations")?;
    let size = numbers.count("size").unwrap_or(1);
    let lattice = numbers.lattice().or_else(|| Lattice::square(size).ok());
    let mut canvas = Canvas::new(style, id, 720.0, style.pick(292.0, 0.0, 312.0));
    let (cell, gap, between) = style.pick((100.0, 8.0, 36.0), (76.0, 8.0, 58.0), (110.0, 8.0, 36.0));
    // Configurations beside each other.
    let beside = style.pick(2, 4, 2);
    let side = |count: usize| count as f64 * (cell + gap) - gap;
    if style.is_column() {
        canvas.height = 10.0 + temperatures.len() as f64 * (cell + between);
    }
    for (t, &value) in temperatures.iter().enumerate() {
        let (right, down) = if style.is_column() { (0, t) } else { (t, 0) };
        let left = 12.0 + right as f64 * (side(beside) + between);
        let top = 34.0 + down as f64 * (cell + between);
        let block = Rect::new(left, top, side(beside), side(4 / beside));
        let letter = ["a", "b", "c"].get(t).copied().unwrap_or("");
        panel_title(
            &mut canvas,
            block,
            letter,
            &format!("T = {} J/k_{{B}}", temperature(value, numbers.critical_temperature())),
        );
        for k in 0..configurations.dim().1 {
            let x = left + (k % beside) as f64 * (cell + gap);
            let y = top + (k / beside) as f64 * (cell + gap);
            let frame = Rect::new(x, y, cell, cell);
            let flat = configurations.slice(ndarray::s![t, k, ..]);
            if let Some(lattice) = lattice {
                sites::configuration(&mut canvas, frame, lattice, &flat.to_vec());
            }
            canvas.frame(frame, &Stroke::new(INK, 0.8));
        }
        let means = format!("E/N = {:.3} J,  ⟨|m|⟩ = {:.3}", energy[t], magnetization[t]).replace('-', "−");
        canvas.text((left, block.bottom() + 22.0), Align::Left, LABEL, MUTED, &means);
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}
