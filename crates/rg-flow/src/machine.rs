//! Measures of a flow by its machine, which need neither a lattice nor temperatures.

use datasets::{LabelKind, MachineCourse, Measured, Rbm, Spins, Value};
use ising_mc::statistics::mean_and_error;
use ndarray::{Array2, ArrayView2};
use rbm_core::likelihood::pseudo_log_likelihood;
use rbm_core::model::free_energy;

/// Whether configurations have few other measures: without a lattice, or of unknown temperatures.
pub(crate) fn is_needed(spins: &Spins) -> bool {
    !spins.lattice.has_geometry() || spins.label_kind != LabelKind::Temperature
}

/// The measures of one step, each a mean over the chains.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measures {
    overlap: Value,
    free_energy: Value,
    pseudo_log_likelihood: Value,
}

impl Measures {
    /// Of configurations `[chains, sites]` that came from others.
    pub(crate) fn of(rbm: &Rbm, start: ArrayView2<i8>, spins: &Array2<i8>) -> Self {
        let sites = spins.ncols() as f64;
        let overlap = |(a, b): (ndarray::ArrayView1<i8>, ndarray::ArrayView1<i8>)| {
            a.iter().zip(b).map(|(&a, &b)| f64::from(a * b)).sum::<f64>() / sites
        };
        let overlaps: Vec<f64> = start.outer_iter().zip(spins.outer_iter()).map(overlap).collect();
        let free_energies: Vec<f64> = free_energy(rbm, spins.view()).iter().map(|f| f / sites).collect();
        let pseudo = pseudo_log_likelihood(rbm, spins.view());
        Self {
            overlap: mean_and_error(&overlaps),
            free_energy: mean_and_error(&free_energies),
            pseudo_log_likelihood: Value { value: pseudo.per_spin, error: pseudo.error / sites },
        }
    }
}

/// The measures of all starts, each with all of its steps; none without any.
pub(crate) fn course(starts: &[Vec<Measures>]) -> Option<MachineCourse> {
    let steps = starts.first().map(Vec::len).filter(|&steps| steps > 0)?;
    let measured = |pick: fn(&Measures) -> Value| {
        let mut out = Measured::zeros(starts.len(), steps);
        for (f, steps) in starts.iter().enumerate() {
            steps.iter().enumerate().for_each(|(s, measures)| out.set(f, s, pick(measures)));
        }
        out
    };
    Some(MachineCourse {
        overlap: measured(|measures| measures.overlap),
        free_energy: measured(|measures| measures.free_energy),
        pseudo_log_likelihood: measured(|measures| measures.pseudo_log_likelihood),
    })
}
