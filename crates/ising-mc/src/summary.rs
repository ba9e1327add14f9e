//! Observables of sampled configurations, with errors, and exact values where they are known.

use datasets::{Observables, Value};
use rayon::prelude::*;

use crate::exact::{self, ExactError, LARGEST_TRANSFER, MagnetizationDistribution};
use crate::model::Model;
use crate::pilot::Schedule;
use crate::sample::{SampleConfig, SampleError};
use crate::statistics::jackknife;

/// Jackknife blocks.
const BLOCKS: usize = 128;

pub(crate) fn summarise(
    config: &SampleConfig,
    schedules: &[Schedule],
    per_chain: usize,
    energy: &[i32],
    magnetization: &[i32],
) -> Result<Observables, SampleError> {
    let n = config.samples_per_temperature;
    let sites = (config.size * config.size) as f64;
    let mut found = Observables::default();
    for (t, schedule) in schedules.iter().enumerate() {
        let temperature = config.temperatures[t];
        let rows = t * n..(t + 1) * n;
        let moments = Moments::new(sites, &energy[rows.clone()], &magnetization[rows]);
        let blocks = BLOCKS.min(n);
        let energy = moments.energy(blocks);
        found.energy_per_spin.push(energy.value);
        found.energy_per_spin_error.push(energy.error);
        let abs = moments.abs(blocks);
        found.abs_magnetization.push(abs.value);
        found.abs_magnetization_error.push(abs.error);
        let heat = moments.specific_heat(blocks, temperature);
        found.specific_heat.push(heat.value);
        found.specific_heat_error.push(heat.error);
        let susceptibility = moments.susceptibility(blocks, temperature);
        found.susceptibility.push(susceptibility.value);
        found.susceptibility_error.push(susceptibility.error);
        let binder = moments.binder_cumulant(blocks);
        found.binder_cumulant.push(binder.value);
        found.binder_cumulant_error.push(binder.error);
        found.autocorrelation_time.push(schedule.time);
        found.thermalization.push(schedule.thermalization as f64);
        found.thinning.push(schedule.thinning as f64);
        found.effective_samples.push(schedule.effective_samples(n, per_chain));
    }
    add_exact(config, &mut found).map_err(|_| SampleError::Size(config.size))?;
    Ok(found)
}

/// The exact values that are known. (The config was checked, so that the exact methods refuse nothing.)
fn add_exact(config: &SampleConfig, found: &mut Observables) -> Result<(), ExactError> {
    let SampleConfig { size, field, ref temperatures, model, .. } = *config;
    if model == Model::Ising && field == 0.0 {
        let canonical: Vec<exact::Canonical> =
            temperatures.iter().map(|&t| exact::kaufman(size, t)).collect::<Result<_, _>>()?;
        found.energy_per_spin_exact = Some(canonical.iter().map(|c| c.energy_per_spin).collect());
        found.specific_heat_exact = Some(canonical.iter().map(|c| c.specific_heat).collect());
    }
    let law = |&t: &f64| match model {
        Model::Ising | Model::Shuffled => exact::magnetization_distribution(size, t)?.in_field(field),
        Model::CurieWeiss => exact::curie_weiss(size, t, field),
    };
    if size <= LARGEST_TRANSFER {
        let laws: Vec<MagnetizationDistribution> =
            temperatures.par_iter().map(law).collect::<Result<_, _>>()?;
        found.abs_magnetization_exact = Some(laws.iter().map(|law| law.abs()).collect());
        found.susceptibility_exact = Some(laws.iter().map(|law| law.susceptibility()).collect());
        found.binder_cumulant_exact = Some(laws.iter().map(|law| law.binder_cumulant()).collect());
        if model.is_exchangeable() {
            // Any two sites have the mean of σσ over all pairs.
            let sites = (size * size) as f64;
            let pairs = |squared: f64| (sites * squared - 1.0) / (sites - 1.0);
            found.energy_per_spin_exact = Some(laws.iter().map(|law| -2.0 * pairs(law.squared())).collect());
        }
    }
    Ok(())
}

/// Series of powers of energy and magnetization per site, from which every observable is a function of means.
pub(crate) struct Moments {
    sites: f64,
    energy: Vec<f64>,
    /// Squares of energies counted from their mean, so that no digits are lost.
    centre: f64,
    energy_squared: Vec<f64>,
    abs: Vec<f64>,
    squared: Vec<f64>,
    fourth: Vec<f64>,
}

impl Moments {
    pub(crate) fn new(sites: f64, energy: &[i32], magnetization: &[i32]) -> Self {
        let energy: Vec<f64> = energy.iter().map(|&e| f64::from(e) / sites).collect();
        let centre = crate::statistics::mean(&energy);
        let energy_squared = energy.iter().map(|e| (e - centre) * (e - centre)).collect();
        let abs: Vec<f64> = magnetization.iter().map(|&m| f64::from(m.abs()) / sites).collect();
        let squared: Vec<f64> = abs.iter().map(|m| m * m).collect();
        let fourth = squared.iter().map(|m| m * m).collect();
        Self { sites, energy, centre, energy_squared, abs, squared, fourth }
    }

    pub(crate) fn energy(&self, blocks: usize) -> Value {
        jackknife(&[&self.energy], blocks, |m| m[0])
    }

    pub(crate) fn abs(&self, blocks: usize) -> Value {
        jackknife(&[&self.abs], blocks, |m| m[0])
    }

    pub(crate) fn squared(&self, blocks: usize) -> Value {
        jackknife(&[&self.squared], blocks, |m| m[0])
    }

    pub(crate) fn fourth(&self, blocks: usize) -> Value {
        jackknife(&[&self.fourth], blocks, |m| m[0])
    }

    pub(crate) fn specific_heat(&self, blocks: usize, temperature: f64) -> Value {
        let scale = if has_response(temperature) { self.sites / (temperature * temperature) } else { 0.0 };
        let columns = [self.energy_squared.as_slice(), &self.energy];
        scaled(scale, jackknife(&columns, blocks, |m| m[0] - (m[1] - self.centre).powi(2)))
    }

    pub(crate) fn susceptibility(&self, blocks: usize, temperature: f64) -> Value {
        let scale = if has_response(temperature) { self.sites / temperature } else { 0.0 };
        scaled(scale, jackknife(&[&self.squared, &self.abs], blocks, |m| m[0] - m[1] * m[1]))
    }

    pub(crate) fn binder_cumulant(&self, blocks: usize) -> Value {
        // As ⅔ − Var(m²) / (3 ⟨m²⟩²) with m² counted from its mean: near the ground states ⟨m⁴⟩ / ⟨m²⟩² is 1 up to
        // something far below the digits of either, and an error would be that of rounding.
        let centre = crate::statistics::mean(&self.squared);
        let centred: Vec<f64> = self.squared.iter().map(|m| m - centre).collect();
        let squares: Vec<f64> = centred.iter().map(|q| q * q).collect();
        let below = jackknife(&[&squares, &centred], blocks, |mean| {
            let squared = centre + mean[1];
            // With m = 0 in every configuration the ratio is taken as that of a Gaussian.
            if squared <= 0.0 { 2.0 / 3.0 } else { (mean[0] - mean[1] * mean[1]) / (3.0 * squared * squared) }
        });
        Value { value: 2.0 / 3.0 - below.value, error: below.error }
    }
}

/// Responses are defined as 0 at T = 0 and at T = ∞.
fn has_response(temperature: f64) -> bool {
    crate::sample::is_dynamic(temperature)
}

/// A value times a constant; 0 times an unknown error is no error.
fn scaled(scale: f64, value: Value) -> Value {
    Value { value: exact::response(scale, value.value), error: exact::response(scale, value.error) }
}
