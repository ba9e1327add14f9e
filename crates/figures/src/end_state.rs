//! Where the flow of a machine ends, over all replicas: shared by several figures.

use datasets::lattice::Lattice;
use datasets::{Flow, Measured};
use ndarray::Array2;

use crate::machine::Machine;
use crate::record::Record;
use crate::statistics::{Estimate, at_end, combine};

/// The last values of the flow of one kind of machine.
#[derive(Debug, Clone)]
pub(crate) struct EndState {
    pub(crate) energy_temperature: Estimate,
    pub(crate) magnetization_temperature: Estimate,
    pub(crate) nn_temperature: Estimate,
    pub(crate) nn_peak: Estimate,
    pub(crate) abs_magnetization: Estimate,
    pub(crate) squared_magnetization: Estimate,
    pub(crate) energy_per_spin: Estimate,
    pub(crate) energy_variance: Estimate,
    pub(crate) short_range_correlation: Estimate,
    pub(crate) max_abs_weight: Estimate,
    /// T_E at the end for each start of the first replica.
    pub(crate) by_start: Vec<Estimate>,
    pub(crate) start_temperature: Vec<f64>,
    /// T_E from the hottest minus T_E from the coldest start.
    pub(crate) difference: Estimate,
    /// The fraction of the replicas whose flow has a fixed point; NaN where no flow is long enough to say.
    pub(crate) fixed_point: f64,
    /// The first settled step for each start; NaN where no replica says.
    pub(crate) steps_needed: Vec<Estimate>,
    /// The fraction of replicas in which the flow from each start settled.
    pub(crate) settled: Vec<f64>,
}

/// The energy per site of a state in which all pairs of different sites are correlated alike, such as a uniform one with
/// independent flips: ⟨σσ⟩ = (N⟨m²⟩ − 1) / (N − 1), of which z/2 bonds for each site make −z/2 ⟨σσ⟩.
pub(crate) fn independent_energy(lattice: Lattice, squared_magnetization: Estimate) -> Estimate {
    let (sites, bonds) = (lattice.sites() as f64, lattice.bonds_per_site());
    let pairs = |squared: f64| (sites * squared - 1.0) / (sites - 1.0);
    let error = bonds * squared_magnetization.error * sites / (sites - 1.0);
    Estimate::new(-bonds * pairs(squared_magnetization.value), error)
}

/// Mean over the starts of one flow at its last step.
fn mean_over_starts(flow: &Flow, measured: Option<&Measured>) -> Estimate {
    let ends: Vec<Estimate> = flow.start_temperature.iter().map(|&t| at_end(flow, measured, t)).collect();
    let ends: Vec<Estimate> = ends.into_iter().filter(|e| e.exists()).collect();
    let n = ends.len() as f64;
    if ends.is_empty() {
        return Estimate::NONE;
    }
    // Not `combine`: differences between the starts are no error of their mean.
    Estimate::new(
        ends.iter().map(|e| e.value).sum::<f64>() / n,
        ends.iter().map(|e| e.error * e.error).sum::<f64>().sqrt() / n,
    )
}

fn peak(flow: &Flow) -> Estimate {
    let Some(peaks) = &flow.nn_peak else { return Estimate::NONE };
    let last: Vec<f64> = peaks.columns().into_iter().next_back().map(|c| c.to_vec()).unwrap_or_default();
    let finite: Vec<f64> = last.into_iter().filter(|v| v.is_finite()).collect();
    if finite.is_empty() {
        return Estimate::NONE;
    }
    Estimate::bare(finite.iter().sum::<f64>() / finite.len() as f64)
}

impl EndState {
    /// Of the same machine in several replicas.
    pub(crate) fn of(machines: &[&Machine]) -> Self {
        let over = |pick: &dyn Fn(&Flow) -> Estimate| {
            combine(&machines.iter().filter_map(|m| m.flow.as_ref()).map(pick).collect::<Vec<_>>())
        };
        // The flow's own estimate of the fixed point is better where there is one.
        let fixed = |pick: &dyn Fn(&datasets::FixedPoint) -> Option<datasets::Value>,
                     other: &dyn Fn(&Flow) -> Option<&Measured>| {
            over(&|flow: &Flow| {
                let own = flow.fixed_point.as_ref().and_then(pick).filter(|v| v.value.is_finite());
                own.map_or_else(|| mean_over_starts(flow, other(flow)), |v| Estimate::new(v.value, v.error))
            })
        };
        let mean =
            |pick: &dyn Fn(&Flow) -> &Measured| over(&|flow: &Flow| mean_over_starts(flow, Some(pick(flow))));
        let starts = machines
            .iter()
            .find_map(|m| m.flow.as_ref())
            .map(|flow| flow.start_temperature.clone())
            .unwrap_or_default();
        let by_start: Vec<Estimate> = starts
            .iter()
            .map(|&t| over(&|flow: &Flow| at_end(flow, flow.energy_temperature.as_ref(), t)))
            .collect();
        let coldest = starts.iter().copied().fold(f64::INFINITY, f64::min);
        let hottest = starts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let difference = over(&|flow: &Flow| {
            let measured = flow.energy_temperature.as_ref();
            let (cold, hot) = (at_end(flow, measured, coldest), at_end(flow, measured, hottest));
            if coldest < hottest {
                Estimate::new(hot.value - cold.value, hot.error.hypot(cold.error))
            } else {
                Estimate::NONE
            }
        });
        let settling = |pick: &dyn Fn(&datasets::FixedPoint, usize) -> Option<f64>| -> Vec<Estimate> {
            starts
                .iter()
                .map(|&t| {
                    over(&|flow: &Flow| {
                        let index = flow.start_temperature.iter().position(|&s| s == t);
                        let value = index.and_then(|i| pick(flow.fixed_point.as_ref()?, i));
                        value.map_or(Estimate::NONE, Estimate::bare)
                    })
                })
                .collect()
        };
        Self {
            energy_temperature: fixed(&|f| f.energy_temperature, &|f| f.energy_temperature.as_ref()),
            magnetization_temperature: fixed(&|f| f.magnetization_temperature, &|f| {
                f.magnetization_temperature.as_ref()
            }),
            nn_temperature: fixed(&|f| f.nn_temperature, &|f| f.nn_temperature.as_ref()),
            nn_peak: over(&peak),
            abs_magnetization: fixed(&|f| Some(f.abs_magnetization), &|f| Some(&f.abs_magnetization)),
            squared_magnetization: mean(&|f| &f.squared_magnetization),
            energy_per_spin: mean(&|f| &f.energy_per_spin),
            energy_variance: mean(&|f| &f.energy_variance),
            short_range_correlation: fixed(&|f| Some(f.short_range_correlation), &|f| {
                Some(&f.short_range_correlation)
            }),
            max_abs_weight: combine(
                &machines.iter().map(|m| Estimate::bare(m.rbm.max_abs_weight())).collect::<Vec<_>>(),
            ),
            by_start,
            difference,
            fixed_point: over(&|flow: &Flow| {
                let found = flow.fixed_point.as_ref();
                found.map_or(Estimate::NONE, |f| Estimate::bare(f64::from(u8::from(f.is_reached()))))
            })
            .value,
            steps_needed: settling(&|f, i| f.steps_needed.get(i).map(|&s| f64::from(s))),
            settled: settling(&|f, i| f.settled.get(i).map(|&s| f64::from(u8::from(s))))
                .iter()
                .map(|e| e.value)
                .collect(),
            start_temperature: starts,
        }
    }

    /// Whether the flow has a fixed point in every replica.
    pub(crate) fn has_fixed_point(&self) -> bool {
        self.fixed_point >= 1.0
    }
}

/// Writes the ends of the flows of several kinds of machines below `group`, with the axis `machine`.
pub(crate) fn record_ends(record: &mut Record, group: &str, ends: &[EndState]) {
    let kelvin = "J/k_B";
    let each = |pick: fn(&EndState) -> Estimate| -> Vec<Estimate> { ends.iter().map(pick).collect() };
    for (name, units, what, pick) in [
        (
            "energy_temperature",
            kelvin,
            "T_E where the flow ends",
            (|e| e.energy_temperature) as fn(&EndState) -> Estimate,
        ),
        ("magnetization_temperature", kelvin, "T_m where the flow ends", |e| e.magnetization_temperature),
        ("nn_temperature", kelvin, "mean temperature of the network at the fixed point", |e| {
            e.nn_temperature
        }),
        ("nn_peak", kelvin, "most probable class of the network at the last step", |e| e.nn_peak),
        ("end_difference", kelvin, "T_E at the last step, hottest minus coldest start", |e| e.difference),
        ("abs_magnetization", "1", "mean |m| at the last step", |e| e.abs_magnetization),
        ("energy_per_spin", "J", "mean energy per site at the last step", |e| e.energy_per_spin),
        ("max_abs_weight", "1", "largest |W|", |e| e.max_abs_weight),
    ] {
        record.estimates(&format!("{group}/{name}"), &each(pick), "machine", units, what);
    }
    let reached: Vec<f64> = ends.iter().map(|e| e.fixed_point).collect();
    let what = "fraction of the replicas whose flow settles from every start, at one energy; NaN if unknown";
    record.list(&format!("{group}/fixed_point"), &reached, "machine", "1", what);
    let starts = ends.first().map(|e| e.start_temperature.clone()).unwrap_or_default();
    let grid = |pick: &dyn Fn(&EndState, usize) -> f64| {
        Array2::from_shape_fn((ends.len(), starts.len()), |(m, s)| {
            let at = ends[m].start_temperature.iter().position(|&t| t == starts[s]);
            at.map_or(f64::NAN, |s| pick(&ends[m], s))
        })
    };
    let what = "temperature of each start";
    record.list(&format!("{group}/start_temperature"), &starts, "start", kelvin, what);
    record.grid_with_error(
        &format!("{group}/end_energy_temperature"),
        (&grid(&|e, s| e.by_start[s].value), &grid(&|e, s| e.by_start[s].error)),
        "machine,start",
        kelvin,
        "T_E at the last step from each start",
    );
    let what = "first step from which on the energy stays, mean over replicas; NaN if unknown";
    record.grid(
        &format!("{group}/steps_needed"),
        &grid(&|e, s| e.steps_needed[s].value),
        "machine,start",
        "1",
        what,
    );
    let what = "fraction of replicas whose flow from this start settled; NaN if unknown";
    record.grid(&format!("{group}/settled"), &grid(&|e, s| e.settled[s]), "machine,start", "1", what);
}
