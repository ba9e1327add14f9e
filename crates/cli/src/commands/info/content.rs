//! A summary of each kind of file: a few numbers, each with a small picture.

use std::fmt::Write as _;
use std::path::Path;

use datasets::file;
use datasets::{
    Artifact as _, EquationOfState, Figures, Flow, FlowKind, LabelKind, Likelihood, LikelihoodMethod,
    Measured, Rbm, Source, Spins, Thermometer, Weights,
};

use ndarray::Array3;

use super::spark::{curve, histogram};
use crate::independence::independence;

/// Characters of a picture.
const WIDTH: usize = 40;

/// The summary for a schema; empty if there is none.
pub(super) fn content(schema: &str, path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    match schema {
        Spins::SCHEMA => {
            let content = file::read::<Spins>(path)?.content;
            spins(&mut text, &content)?;
            write!(text, "\n{}", independence(&content, false))?;
        }
        Likelihood::SCHEMA => likelihood(&mut text, &file::read::<Likelihood>(path)?.content)?,
        EquationOfState::SCHEMA => table(&mut text, &file::read::<EquationOfState>(path)?.content)?,
        Rbm::SCHEMA => rbm(&mut text, &file::read::<Rbm>(path)?.content)?,
        Thermometer::SCHEMA => thermometer(&mut text, &file::read::<Thermometer>(path)?.content)?,
        Flow::SCHEMA => flow(&mut text, &file::read::<Flow>(path)?.content)?,
        Weights::SCHEMA => weights(&mut text, &file::read::<Weights>(path)?.content)?,
        Figures::SCHEMA => figures(&mut text, &file::read::<Figures>(path)?.content)?,
        _ => {}
    }
    Ok(text)
}

/// Temperatures as people write them.
fn temperature(t: f64) -> String {
    if t.is_infinite() {
        return "∞".to_owned();
    }
    let text = format!("{t:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A value ± its error, as short as the error allows.
fn with_error(value: f64, error: f64) -> String {
    if error.is_finite() && error > 0.0 { format!("{value:.4} ± {error:.4}") } else { format!("{value:.4}") }
}

/// A curve with its first and last value.
fn line(text: &mut String, name: &str, values: &[f64]) -> std::fmt::Result {
    let (Some(first), Some(last)) = (values.first(), values.last()) else { return Ok(()) };
    writeln!(text, "  {name:<34} {first:>10.4} → {last:>10.4}  {}", curve(values, WIDTH))
}

fn spins(text: &mut String, spins: &Spins) -> std::fmt::Result {
    let sites = spins.sites() as f64;
    let labels = spins.temperature.len();
    let labels = match spins.label_kind {
        LabelKind::Temperature => format!("at {labels} temperatures"),
        LabelKind::Class => format!("of {labels} classes"),
        LabelKind::None => "without labels".to_owned(),
    };
    writeln!(
        text,
        "{} configurations of {} spins on lattice {} {labels}\n",
        spins.samples.nrows(),
        spins.sites(),
        spins.lattice,
    )?;
    if spins.label_kind != LabelKind::Temperature {
        return classes(text, spins);
    }
    let energy = |i: usize| f64::from(spins.energy[i]) / sites;
    let all = (0..spins.energy.len()).map(energy);
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), e| (a.min(e), b.max(e)));
    let head = format!("energies {low:.2} … {high:.2}");
    writeln!(
        text,
        "{:>8}{:>8}{:>20}{:>20}{:>18}{:>18}{:>8}  {head}",
        "T", "number", "energy / spin", "|m|", "specific heat", "susceptibility", "tau"
    )?;
    let observables = &spins.observables;
    for (index, &t) in spins.temperature.iter().enumerate() {
        let of = |i: &usize| usize::from(spins.labels[*i]) == index;
        let own: Vec<usize> = (0..spins.labels.len()).filter(of).collect();
        let cell = |values: &[f64], errors: &[f64]| match (values.get(index), errors.get(index)) {
            (Some(&value), Some(&error)) => with_error(value, error),
            _ => "-".to_owned(),
        };
        let tau = observables.autocorrelation_time.get(index).filter(|tau| !tau.is_nan());
        let tau = tau.map_or("-".to_owned(), |tau| format!("{tau:.1}"));
        writeln!(
            text,
            "{:>8}{:>8}{:>20}{:>20}{:>18}{:>18}{tau:>8}  {}",
            temperature(t),
            own.len(),
            cell(&observables.energy_per_spin, &observables.energy_per_spin_error),
            cell(&observables.abs_magnetization, &observables.abs_magnetization_error),
            cell(&observables.specific_heat, &observables.specific_heat_error),
            cell(&observables.susceptibility, &observables.susceptibility_error),
            histogram(own.iter().map(|&i| energy(i)), (low, high), 24).trim_end()
        )?;
    }
    Ok(())
}

/// The magnetization is all that can be said of any configurations.
fn classes(text: &mut String, spins: &Spins) -> std::fmt::Result {
    writeln!(text, "{:>8}{:>8}{:>10}  magnetizations -1 … 1", "class", "number", "mean")?;
    for (index, &class) in spins.temperature.iter().enumerate() {
        let own = || {
            spins.labels.iter().zip(&spins.magnetization).filter(|(label, _)| usize::from(**label) == index)
        };
        let all = || own().map(|(_, &m)| f64::from(m) / spins.sites() as f64);
        let (number, sum) = all().fold((0, 0.0), |(number, sum), m| (number + 1, sum + m));
        let picture = histogram(all(), (-1.0, 1.0), WIDTH);
        let mean = sum / f64::from(number.max(1));
        writeln!(text, "{:>8}{number:>8}{mean:>10.4}  {}", temperature(class), picture.trim_end())?;
    }
    Ok(())
}

fn table(text: &mut String, table: &EquationOfState) -> std::fmt::Result {
    let source = match table.source {
        Source::Exact => "exact",
        Source::Measured => "measured",
    };
    let last = table.temperature.last().copied().unwrap_or(0.0);
    writeln!(
        text,
        "thermal averages of the Ising model on lattice {}, {source}, at {} temperatures from 0 to {}\n",
        table.lattice,
        table.temperature.len(),
        temperature(last)
    )?;
    line(text, "energy / spin", &table.energy_per_spin)?;
    line(text, "|m|", &table.abs_magnetization)?;
    line(text, "specific heat", &table.specific_heat)
}

fn rbm(text: &mut String, rbm: &Rbm) -> std::fmt::Result {
    let temperatures: Vec<String> = rbm.training_temperatures.iter().map(|&t| temperature(t)).collect();
    writeln!(
        text,
        "a machine of {} visible and {} hidden {} units after {} updates, trained at T = {}\n",
        rbm.visible(),
        rbm.hidden(),
        rbm.units.name(),
        rbm.updates,
        if temperatures.is_empty() { "?".to_owned() } else { temperatures.join(", ") }
    )?;
    for (name, values) in &rbm.history {
        line(text, &name.replace('_', " "), values)?;
    }
    let weights = || rbm.weights.iter().map(|&w| f64::from(w));
    let largest = rbm.max_abs_weight();
    let picture = histogram(weights(), (-largest, largest), WIDTH);
    writeln!(text, "  {:<34} {:>10.4} … {largest:>10.4}  {picture}", "weights", -largest)?;
    if largest > 2.0 {
        writeln!(text, "\n  max|W| is above 2: single hidden units may have locked onto single sites")?;
    }
    Ok(())
}

fn thermometer(text: &mut String, network: &Thermometer) -> std::fmt::Result {
    let mut units: Vec<String> = network.layers.iter().map(|l| l.weights.nrows().to_string()).collect();
    units.push(network.temperature.len().to_string());
    let calibration = &network.calibration;
    writeln!(
        text,
        "a network {} that reads {} of spins on lattice {}\n",
        units.join(" → "),
        if network.label_kind == LabelKind::Temperature { "temperatures" } else { "classes" },
        network.lattice
    )?;
    line(text, "cross entropy, training data", &network.training_cross_entropy)?;
    let test = with_error(calibration.cross_entropy, calibration.cross_entropy_error);
    writeln!(text, "  {:<34} {test} nats", "cross entropy, test data")?;
    if let Some(best) = calibration.bayes_optimum {
        writeln!(text, "  {:<34} {best:.4} nats", "the best possible")?;
    }
    writeln!(
        text,
        "\n  {:>8}  distribution over {} classes",
        if network.label_kind == LabelKind::Temperature { "true T" } else { "class" },
        network.temperature.len()
    )?;
    for (row, &t) in calibration.mean_posterior.rows().into_iter().zip(&network.temperature) {
        let values = row.to_vec();
        writeln!(text, "  {:>8}  {}", temperature(t), curve(&values, values.len()))?;
    }
    Ok(())
}

fn flow(text: &mut String, flow: &Flow) -> std::fmt::Result {
    let kind = match flow.kind {
        FlowKind::Rbm => "v → h → v of a machine",
        FlowKind::BlockSpin => "block spins",
    };
    let last = flow.step.last().copied().unwrap_or(0);
    writeln!(
        text,
        "{kind} on lattice {}: {} starts of {} chains, {last} steps\n",
        flow.lattice,
        flow.start_temperature.len(),
        flow.chains
    )?;
    let machine = flow.machine.as_ref();
    // Without a lattice there is no energy.
    let energy = Some(&flow.energy_per_spin).filter(|_| flow.lattice.has_geometry());
    let start = |number: f64| match flow.label_kind {
        LabelKind::Temperature => format!("T = {}", temperature(number)),
        LabelKind::Class => format!("class {}", temperature(number)),
        LabelKind::None => "all".to_owned(),
    };
    let quantities: [(&str, Option<&Measured>); 8] = [
        ("T_E", flow.energy_temperature.as_ref()),
        ("T of the network", flow.nn_temperature.as_ref()),
        ("|m|", Some(&flow.abs_magnetization)),
        ("m", Some(&flow.magnetization).filter(|_| machine.is_some())),
        ("energy / spin", energy),
        ("overlap with the start", machine.map(|machine| &machine.overlap)),
        ("free energy of the machine / unit", machine.map(|machine| &machine.free_energy)),
        ("pseudo-log-likelihood / unit", machine.map(|machine| &machine.pseudo_log_likelihood)),
    ];
    for (name, measured) in quantities {
        let Some(Measured { value, error }) = measured else { continue };
        writeln!(text, "  {name}")?;
        for (f, &number) in flow.start_temperature.iter().enumerate() {
            let values = value.row(f).to_vec();
            let (Some(first), Some(end)) = (values.first(), values.last()) else { continue };
            let end = with_error(*end, error[[f, values.len() - 1]]);
            // The first steps matter most, so the picture goes by their logarithm.
            let picture: Vec<f64> = (0..WIDTH)
                .map(|i| {
                    let most = (values.len() as f64).ln() * i as f64 / (WIDTH - 1) as f64;
                    values[(most.exp() as usize).saturating_sub(1).min(values.len() - 1)]
                })
                .collect();
            let picture = if values.len() < WIDTH { curve(&values, WIDTH) } else { curve(&picture, WIDTH) };
            writeln!(text, "    from {:<12} {first:>8.4} → {end:<18} {picture}", start(number))?;
        }
    }
    // Classes that are no temperatures have no mean: their distribution is all that a network says.
    if let (Some(posterior), None) = (&flow.nn_posterior, &flow.nn_temperature) {
        writeln!(
            text,
            "  distribution of the network over {} classes, from first to last step",
            flow.class_temperature.len()
        )?;
        for (f, &number) in flow.start_temperature.iter().enumerate() {
            let at = |step: usize| posterior.slice(ndarray::s![f, step, ..]).to_vec();
            let [first, end] =
                [0, flow.step.len() - 1].map(|step| curve(&at(step), flow.class_temperature.len()));
            writeln!(text, "    from {:<12} {first} → {end}", start(number))?;
        }
    }
    if let Some(fixed) = &flow.fixed_point {
        let settled = fixed.settled.iter().filter(|s| **s).count();
        let meet = if fixed.ends_meet { "all ends meet" } else { "the ends do not meet" };
        writeln!(text, "\n  settled from {settled} of {} starts; {meet}", fixed.settled.len())?;
    }
    exponents(text, flow)
}

/// y_t and y_h with all couplings, of each block spin.
fn exponents(text: &mut String, flow: &Flow) -> std::fmt::Result {
    let Some(found) = &flow.exponents else { return Ok(()) };
    writeln!(text, "\n  exponents of one block spin: y_t, y_h")?;
    for (f, &start) in flow.start_temperature.iter().enumerate() {
        for (b, &at) in found.at.iter().enumerate() {
            let last = |value: &Array3<f64>, error: &Array3<f64>| {
                let place = [f, b, value.shape()[2].saturating_sub(1)];
                match (value.get(place), error.get(place)) {
                    (Some(value), Some(error)) if value.is_finite() => with_error(*value, *error),
                    _ => "-".to_owned(),
                }
            };
            let (thermal, magnetic) =
                (last(&found.thermal, &found.thermal_error), last(&found.magnetic, &found.magnetic_error));
            let step = flow.step[at as usize];
            writeln!(
                text,
                "    from T = {:<8} after {step:>3} steps {thermal:>20} {magnetic:>20}",
                temperature(start)
            )?;
        }
    }
    Ok(())
}

fn weights(text: &mut String, weights: &Weights) -> std::fmt::Result {
    writeln!(text, "the weights of a machine on lattice {}\n", weights.lattice)?;
    line(text, "eigenvalues of W·Wᵀ", &weights.eigenvalues)?;
    if weights.lattice.has_geometry() {
        line(text, "W·Wᵀ by distance", &weights.gram_by_distance)?;
    } else {
        writeln!(text, "  (no lattice: nothing by distance or wave number)")?;
    }
    let overlap = weights.uniform_overlap.first().copied().unwrap_or(f64::NAN);
    writeln!(text, "  {:<34} {overlap:>10.4}", "overlap of the first vector, uniform")?;
    if let Some(fraction) = weights.translation_invariant_fraction {
        writeln!(text, "  {:<34} {fraction:>10.4}", "translation-invariant fraction")?;
    }
    Ok(())
}

fn likelihood(text: &mut String, found: &Likelihood) -> std::fmt::Result {
    writeln!(
        text,
        "the likelihood of a machine after {} updates, over {} configurations, in nats\n",
        found.updates, found.configurations
    )?;
    match found.on_training_data {
        Some(true) => writeln!(text, "  the machine was trained on these configurations: this is no test\n")?,
        Some(false) => writeln!(text, "  the machine was not trained on these configurations\n")?,
        None => {}
    }
    let converged = found.method != LikelihoodMethod::NotConverged;
    let exact = found.data_bound.map(|value| datasets::Value { value, error: 0.0 });
    for (name, value) in [
        ("ln Z", found.log_partition),
        ("ln Z, lower bound", found.lower.filter(|_| converged).map(|bound| bound.log_partition)),
        ("ln Z, upper bound", found.upper.filter(|_| converged).map(|bound| bound.log_partition)),
        ("log-likelihood", found.log_likelihood),
        ("the same under the data's own law", found.data_log_likelihood),
        ("what that is on average", exact),
        ("excess: divergence from that law", found.excess),
    ] {
        if let Some(value) = value {
            writeln!(text, "  {name:<34} {}", with_error(value.value, value.error))?;
        }
    }
    match found.method {
        LikelihoodMethod::Exact => writeln!(text, "\n  ln Z is exact"),
        LikelihoodMethod::Annealed => {
            writeln!(text, "\n  ln Z is where both bounds of annealed importance sampling agree")
        }
        LikelihoodMethod::NotConverged => {
            if let Some(lower) = found.lower {
                let limit = rbm_core::likelihood::lower_limit(lower.log_partition.value);
                writeln!(text, "  {:<34} {limit:.2}", "ln Z, at least (95 %)")?;
            }
            writeln!(
                text,
                "\n  annealed importance sampling has not converged: there is no upper bound and no likelihood; raise `steps` \
                 or `burn_in`"
            )
        }
    }
}

fn figures(text: &mut String, figures: &Figures) -> std::fmt::Result {
    writeln!(text, "the numbers of {} figures\n", figures.figures.len())?;
    for (id, figure) in &figures.figures {
        let title = figure.numbers.text("title").unwrap_or_default();
        let missing = figure.numbers.text("missing").unwrap_or_default();
        let missing = if missing.is_empty() { String::new() } else { format!(" (missing: {missing})") };
        writeln!(text, "  {id}  {title}{missing}")?;
    }
    Ok(())
}
