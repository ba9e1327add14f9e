//! Curves of machines: their training, their spectra, and their flows.

use datasets::{Flow, LabelKind, Measured};
use ndarray::ArrayView1;

use super::Trained;
use crate::wording::{cut, short};
use plot::colour::in_order;
use plot::labels::Key;
use plot::layout::NAMED;
use plot::{Axis, Grid, Plot, Stroke, Style};

/// Eigenvalues below this fraction of the largest one are those of a rank that W does not have.
const NOTHING: f64 = 1e-9;

/// A name with its points: x, y and error.
type Curve = (String, Vec<(f64, f64, f64)>);

struct Panel {
    title: &'static str,
    x: Axis,
    y: Axis,
    curves: Vec<Curve>,
}

/// (id, title, caption, SVG) of every picture that there is something for.
pub(super) fn pictures(machines: &[Trained]) -> Vec<(String, String, String, String)> {
    let mut all = vec![
        (
            "training".to_owned(),
            "Training".to_owned(),
            "What was recorded of each machine while it was trained, against the number of updates."
                .to_owned(),
            training(machines),
        ),
        (
            "spectra".to_owned(),
            "Spectra".to_owned(),
            "Eigenvalues of W·Wᵀ, the squared singular values of W, by number.".to_owned(),
            spectra(machines),
        ),
    ];
    for machine in machines {
        for (file, flow) in &machine.flows {
            let caption = format!(
                "Means over {} chains of each start, against the number of steps v → h → v. The overlap is that of each chain \
                 with its own start. Bands: standard errors over chains.",
                flow.chains
            );
            let title = format!("Flow of {} in {file}", machine.name);
            all.push((format!("flow-{}", all.len()), title, caption, along(flow)));
        }
    }
    all.into_iter()
        .filter_map(|(id, title, caption, mut panels)| {
            panels.retain(|panel| panel.curves.iter().any(|curve| !curve.1.is_empty()));
            let svg = draw(&id, &title, &caption, panels)?;
            Some((id, title, caption, svg))
        })
        .collect()
}

/// None without panels.
fn draw(id: &str, title: &str, caption: &str, panels: Vec<Panel>) -> Option<String> {
    let stroke = |index: usize, count: usize| {
        let dashes = ["", "6 2.5", "2 1.6", "7 2 1.5 2"];
        Stroke::new(&in_order(index, count), 1.6).dashed(dashes[index % dashes.len()])
    };
    let names: Vec<&String> = panels.first()?.curves.iter().map(|curve| &curve.0).collect();
    let shown = |index: usize| panels.iter().any(|panel| !panel.curves[index].1.is_empty());
    let named = names.iter().enumerate().filter(|(index, _)| shown(*index));
    let keys: Vec<Key> =
        named.map(|(index, name)| Key::line(&cut(name), stroke(index, names.len()))).collect();
    let count = panels.len();
    let letter = |panel: usize| if count == 1 { "" } else { ["a", "b", "c", "d", "e", "f"][panel.min(5)] };
    let grid = Grid { count, widths: &[300.0; 2], height: 180.0, across: [66.0, 74.0, 16.0], down: NAMED };
    let (mut canvas, places) = grid.begin(Style::Page, id, &keys);
    for (i, panel) in panels.into_iter().enumerate() {
        let mut plot = Plot::new(&mut canvas, places.frames[i], panel.x, panel.y);
        let all = panel.curves.len();
        for (index, (name, points)) in panel.curves.into_iter().enumerate() {
            plot.name = name;
            plot.curve(&mut canvas, &points, &stroke(index, all), f64::INFINITY);
        }
        plot.finish(&mut canvas);
        plot.title(&mut canvas, letter(i), panel.title);
    }
    Some(canvas.finish(title, caption))
}

fn values(curves: &[Curve]) -> impl Iterator<Item = f64> {
    curves.iter().flat_map(|curve| curve.1.iter().map(|point| point.1))
}

fn training(machines: &[Trained]) -> Vec<Panel> {
    let panel = |title, label: &str, key: &str| {
        let curve = |machine: &Trained| {
            let rbm = &machine.rbm;
            let series = rbm.history.get(key).into_iter().flatten();
            let points = rbm
                .history_updates()
                .into_iter()
                .zip(series)
                .filter(|(at, _)| *at > 0.0)
                .map(|(at, &value)| (at, value, 0.0));
            (machine.name.clone(), points.collect())
        };
        let curves: Vec<Curve> = machines.iter().map(curve).collect();
        let (first, most) = plot::axis::extent(curves.iter().flat_map(|c| c.1.iter().map(|point| point.0)));
        let x = Axis::log("updates", first.max(1.0) * 0.9, most * 1.1);
        Panel { title, x, y: Axis::around(label, values(&curves)), curves }
    };
    vec![
        panel("Pseudo-log-likelihood", "nats per unit", "pseudo_log_likelihood_per_spin"),
        panel("Reconstruction error", "reconstruction error", "reconstruction_error"),
        panel("Largest weight", "max|W|", "max_abs_weight"),
    ]
}

fn spectra(machines: &[Trained]) -> Vec<Panel> {
    let curve = |machine: &Trained| {
        let all = machine.weights.iter().flat_map(|weights| &weights.eigenvalues);
        let most = all.clone().copied().fold(0.0, f64::max);
        let shown = all.copied().filter(|value| *value > NOTHING * most);
        (machine.name.clone(), shown.enumerate().map(|(k, value)| ((k + 1) as f64, value, 0.0)).collect())
    };
    let curves: Vec<Curve> = machines.iter().map(curve).collect();
    let most = curves.iter().map(|curve| curve.1.len()).max().unwrap_or(0);
    if most == 0 {
        return vec![];
    }
    let (low, high) = plot::axis::extent(values(&curves));
    let x = Axis::linear("number of the eigenvalue", 0.0, most as f64 + 1.0);
    vec![Panel {
        title: "Eigenvalues of W·Wᵀ",
        x,
        y: Axis::log("eigenvalue", low * 0.8, high * 1.25),
        curves,
    }]
}

/// What needs neither a lattice nor temperatures, and what needs them where there are any.
fn along(flow: &Flow) -> Vec<Panel> {
    let machine = flow.machine.as_ref();
    let lattice = flow.lattice.has_geometry();
    let quantities: [(&'static str, &str, Option<&Measured>); 6] = [
        ("Overlap with the start", "overlap", machine.map(|m| &m.overlap)),
        ("Magnetization", "|m|", Some(&flow.abs_magnetization)),
        ("Pseudo-log-likelihood", "nats per unit", machine.map(|m| &m.pseudo_log_likelihood)),
        ("Free energy of the machine", "nats per unit", machine.map(|m| &m.free_energy)),
        ("Energy", "energy per site (J)", Some(&flow.energy_per_spin).filter(|_| lattice)),
        ("Temperature by energy", "T_{E} (J/k_{B})", flow.energy_temperature.as_ref()),
    ];
    let last = flow.step.last().map_or(1.0, |&step| f64::from(step));
    let points = |(value, error): (ArrayView1<'_, f64>, ArrayView1<'_, f64>)| {
        let numbers = value.into_iter().zip(error);
        flow.step
            .iter()
            .zip(numbers)
            .map(|(&step, (&value, &error))| (f64::from(step), value, error))
            .collect()
    };
    quantities
        .into_iter()
        .filter_map(|(title, label, measured)| {
            let Measured { value, error } = measured?;
            let rows = value.outer_iter().zip(error.outer_iter()).map(points);
            let names = flow.start_temperature.iter().map(|&number| match flow.label_kind {
                LabelKind::Temperature => format!("T = {}", short(number)),
                LabelKind::Class => format!("class {}", short(number)),
                LabelKind::None => "all".to_owned(),
            });
            let curves: Vec<Curve> = names.zip(rows).collect();
            let y = Axis::around(label, values(&curves));
            Some(Panel { title, x: Axis::steps("step", last), y, curves })
        })
        .collect()
}
