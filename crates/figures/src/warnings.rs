//! What deserves a second look in a run, from the numbers of its figures alone.

use datasets::Figures;

use crate::error::FigureError;
use crate::f13_training::LOCKING;
use crate::machine::Machine;
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::wording::short;

/// On a square lattice; in proportion to T_c on others. Below this T_E means little: nearly all spins are aligned.
const COLDEST: f64 = 0.8;
/// Above this T_E means little: nearly nothing is ordered.
const HOTTEST: f64 = 6.0;
/// A warning names so many machines at most.
const NAMED: usize = 6;

/// The group of F13 with one entry for each machine of each replica.
const GROUP: &str = "each_machine";

/// Writes the state of every machine of every replica.
pub(crate) fn record_machines(record: &mut Record, run: &Run) {
    let mut names: Vec<String> = vec![];
    let (mut largest, mut settled, mut meet, mut end) = (vec![], vec![], vec![], vec![]);
    for (r, replica) in run.replicas.iter().enumerate() {
        for machine in &replica.machines {
            let Machine { training, hidden, updates, flow, .. } = machine;
            names.push(format!("{training}, N_{{h}} = {hidden}, {updates} updates, replica {}", r + 1));
            largest.push(machine.rbm.max_abs_weight());
            let fixed = flow.as_ref().and_then(|flow| flow.fixed_point.as_ref());
            settled.push(fixed.map_or(f64::NAN, |f| {
                f.settled.iter().filter(|s| **s).count() as f64 / f.settled.len().max(1) as f64
            }));
            meet.push(fixed.map_or(f64::NAN, |f| f64::from(u8::from(f.ends_meet))));
            end.push(fixed.and_then(|f| f.energy_temperature).map_or(f64::NAN, |v| v.value));
        }
    }
    if names.is_empty() {
        return;
    }
    record.text(GROUP, &names.join("\n"));
    for (name, units, what, list) in [
        ("largest_weight", "1", "largest |W| of each machine of each replica", &largest),
        ("settled", "1", "the fraction of the starts from which its flow has settled", &settled),
        ("ends_meet", "1", "1 if the flow ends at one energy from all starts, otherwise 0", &meet),
        ("end_temperature", "J/k_B", "T_E at the end of its flow, mean over starts", &end),
    ] {
        record.list(&format!("{GROUP}/{name}"), list, "machine", units, what);
    }
}

/// How many machines with and without locked units have flows that come to rest at one energy.
pub(crate) fn locked_and_settled(run: &Run) -> String {
    let count = |locked: bool| {
        let flows = run
            .machines()
            .filter(|m| (m.rbm.max_abs_weight() > LOCKING) == locked)
            .filter_map(|m| m.flow.as_ref()?.fixed_point.as_ref().map(datasets::FixedPoint::is_reached));
        flows.fold((0, 0), |(yes, all), reached| (yes + usize::from(reached), all + 1))
    };
    let ((locked, of_locked), (free, of_free)) = (count(true), count(false));
    format!(
        "the flows of {locked} of {of_locked} machines above and {free} of {of_free} below have a fixed point"
    )
}

/// What deserves a second look, one sentence each: single hidden units that have locked onto single sites, flows that
/// have not settled or whose ends do not meet, and readings where a thermometer tells little.
///
/// ```
/// assert!(figures::warnings(&datasets::Figures::default()).is_empty());
/// ```
pub fn warnings(figures: &Figures) -> Vec<String> {
    let Some(figure) = figures.figures.get("F13") else { return vec![] };
    // Figures of an older version do not have the list.
    of_machines(Numbers::new("F13", figure)).unwrap_or_default()
}

fn of_machines(numbers: Numbers<'_>) -> Result<Vec<String>, FigureError> {
    let names: Vec<&str> = numbers.text(GROUP).lines().collect();
    let list = |name: &str| numbers.list(&format!("{GROUP}/{name}"));
    let (largest, settled) = (list("largest_weight")?, list("settled")?);
    let (meet, end) = (list("ends_meet")?, list("end_temperature")?);
    let (coldest, hottest) = (COLDEST * numbers.temperature_scale(), HOTTEST * numbers.temperature_scale());
    let which = |values: &[f64], wanted: &dyn Fn(f64) -> bool| -> Vec<String> {
        let found = names.iter().zip(values).filter(|(_, v)| wanted(**v));
        found.map(|(name, v)| format!("{name} ({})", short(*v))).collect()
    };
    let mut warnings = vec![];
    let mut warn = |found: Vec<String>, before: &str, after: &str| {
        if !found.is_empty() {
            let more = found.len().saturating_sub(NAMED);
            let named = found.into_iter().take(NAMED).collect::<Vec<_>>().join("; ");
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            warnings.push(format!("{before}: {named}{more}. {after}"));
        }
    };
    warn(
        which(&largest, &|v| v > LOCKING),
        "Single hidden units may have locked onto single sites, as max|W| is above 2",
        "W·Wᵀ then loses its translation invariance (F13), and spectra of these machines say little about the others.",
    );
    warn(
        which(&settled, &|v| v < 1.0),
        "Flows that have not settled, with the fraction of starts that have",
        "Their last step is no fixed point yet: run more steps.",
    );
    // A flow that has not settled is named above already.
    let apart: Vec<f64> =
        meet.iter().zip(&settled).map(|(m, s)| if *s < 1.0 { f64::NAN } else { *m }).collect();
    let apart = which(&apart, &|v| v == 0.0).into_iter().map(|text| text.replace(" (0)", "")).collect();
    warn(
        apart,
        "Settled flows that end at different energies from different starts",
        "They have several states to stay in, and their mean temperature is that of none (F06 shows both ends).",
    );
    warn(
        which(&end, &|v| !(coldest..=hottest).contains(&v) && v.is_finite()),
        &format!(
            "T_{{E}} where the energy tells little about the temperature, below {} or above {}",
            short(coldest),
            short(hottest)
        ),
        "The magnetization or the network is the better thermometer there.",
    );
    Ok(warnings)
}
