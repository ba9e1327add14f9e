//! What is measured on an ensemble of configurations, with errors over configurations.

use datasets::Value;
use datasets::lattice::Lattice;
use ising_mc::ensemble::Ensemble;
use ising_mc::statistics::{jackknife, mean_and_error};

/// Each configuration's own numbers, [chain].
pub(crate) struct PerChain {
    /// Energy per site.
    pub(crate) energy: Vec<f64>,
    /// Magnetization per site.
    pub(crate) magnetization: Vec<f64>,
    /// Its absolute value.
    pub(crate) abs_magnetization: Vec<f64>,
    /// c_sr.
    pub(crate) short_range: Vec<f64>,
}

impl PerChain {
    pub(crate) fn of(lattice: Lattice, ensemble: &Ensemble) -> Self {
        let sites = lattice.sites() as f64;
        // Without bonds there is no short range.
        let per_bond = if lattice.has_geometry() { 1.0 / lattice.bonds_per_site() } else { 0.0 };
        let energy: Vec<f64> = ensemble.energies().into_iter().map(|e| f64::from(e) / sites).collect();
        let totals: Vec<f64> = ensemble.magnetizations().into_iter().map(f64::from).collect();
        // Nearest neighbours minus all pairs of different sites, from the energy and the magnetization at hand.
        let short_range = |(energy, total): (&f64, &f64)| {
            -per_bond * energy - (total * total - sites) / (sites * (sites - 1.0))
        };
        Self {
            short_range: energy.iter().zip(&totals).map(short_range).collect(),
            magnetization: totals.iter().map(|total| total / sites).collect(),
            abs_magnetization: totals.iter().map(|total| total.abs() / sites).collect(),
            energy,
        }
    }
}

/// The ensemble's numbers.
pub(crate) struct Observed {
    pub(crate) energy_per_spin: Value,
    pub(crate) energy_variance: Value,
    pub(crate) abs_magnetization: Value,
    pub(crate) magnetization: Value,
    pub(crate) squared_magnetization: Value,
    pub(crate) binder_cumulant: Value,
    pub(crate) short_range_correlation: Value,
}

impl Observed {
    pub(crate) fn of(sites: usize, chains: &PerChain) -> Self {
        let n = chains.energy.len();
        let energy_per_spin = mean_and_error(&chains.energy);
        // About the mean, since the difference of two large squares would lose digits.
        let shifted: Vec<f64> = chains.energy.iter().map(|e| e - energy_per_spin.value).collect();
        let squares: Vec<f64> = shifted.iter().map(|e| e * e).collect();
        let variance = |mean: &[f64]| sites as f64 * (mean[1] - mean[0] * mean[0]);
        let second: Vec<f64> = chains.magnetization.iter().map(|m| m * m).collect();
        let fourth: Vec<f64> = second.iter().map(|m| m * m).collect();
        Self {
            energy_variance: jackknife(&[&shifted, &squares], n, variance),
            energy_per_spin,
            abs_magnetization: mean_and_error(&chains.abs_magnetization),
            magnetization: mean_and_error(&chains.magnetization),
            squared_magnetization: mean_and_error(&second),
            binder_cumulant: jackknife(&[&second, &fourth], n, |mean| binder(mean[0], mean[1])),
            short_range_correlation: mean_and_error(&chains.short_range),
        }
    }
}

/// 1 − ⟨m⁴⟩ / (3 ⟨m²⟩²); 0 if no configuration has any magnetization.
fn binder(second: f64, fourth: f64) -> f64 {
    if second > 0.0 { 1.0 - fourth / (3.0 * second * second) } else { 0.0 }
}

/// G(r) along the axes.
pub(crate) fn correlation(lattice: Lattice, ensemble: &Ensemble) -> Vec<Value> {
    (0..=lattice.axis_steps()).map(|r| mean_and_error(&ensemble.axis_correlations(r))).collect()
}
