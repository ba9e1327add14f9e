//! Observables of sampled configurations, with errors, and exact values where they are known.

use datasets::{Observables, Value};
use rayon::prelude::*;

use crate::config::{SampleConfig, is_dynamic};
use crate::error::SampleError;
use crate::exact::{self, Averages, ExactError, JointStates, LARGEST_TRANSFER, MagnetizationDistribution};
use crate::model::Model;
use crate::pilot::Schedule;
use crate::statistics::jackknife;

pub(crate) fn summarise(
    config: &SampleConfig,
    schedules: &[Schedule],
    per_chain: usize,
    energy: &[i32],
    magnetization: &[i32],
) -> Result<Observables, SampleError> {
    let n = config.samples_per_temperature;
    let sites = config.lattice.sites() as f64;
    let mut found = Observables::default();
    for (t, schedule) in schedules.iter().enumerate() {
        let temperature = config.temperatures[t];
        let rows = t * n..(t + 1) * n;
        // Chains are independent: one block for each.
        let chains = n.div_ceil(per_chain);
        let (energy, magnetization) = (&energy[rows.clone()], &magnetization[rows]);
        let moments = Moments::new(sites, temperature, config.field, energy, magnetization, chains);
        for (value, (values, errors)) in [
            (moments.energy(), (&mut found.energy_per_spin, &mut found.energy_per_spin_error)),
            (moments.abs(), (&mut found.abs_magnetization, &mut found.abs_magnetization_error)),
            (moments.specific_heat(), (&mut found.specific_heat, &mut found.specific_heat_error)),
            (moments.susceptibility(), (&mut found.susceptibility, &mut found.susceptibility_error)),
            (moments.binder_cumulant(), (&mut found.binder_cumulant, &mut found.binder_cumulant_error)),
        ] {
            values.push(value.value);
            errors.push(value.error);
        }
        found.autocorrelation_time.push(schedule.time);
        found.thermalization.push(schedule.thermalization as f64);
        found.thinning.push(schedule.thinning as f64);
        found.effective_samples.push(schedule.effective_samples(n, per_chain));
    }
    if let Some(size) = config.lattice.square_size() {
        add_exact(config, size, &mut found).map_err(|_| SampleError::TooManySites(config.lattice))?;
    } else if config.model == Model::Ising && JointStates::exist(config.lattice) {
        let states = JointStates::of(config.lattice);
        let of = |&t: &f64| states.as_ref().ok()?.averages(t, config.field).ok();
        if let Some(exact) = config.temperatures.iter().map(of).collect::<Option<Vec<Averages>>>() {
            let column = |pick: fn(&Averages) -> f64| Some(exact.iter().map(pick).collect());
            found.energy_per_spin_exact = column(|a| a.energy_per_spin);
            found.specific_heat_exact = column(|a| a.specific_heat);
            found.abs_magnetization_exact = column(|a| a.abs);
            found.susceptibility_exact = column(|a| a.susceptibility);
            found.binder_cumulant_exact = column(Averages::binder_cumulant);
        }
    }
    Ok(found)
}

/// The exact values that are known of the L × L lattice. (The config was checked, so that the exact methods refuse
/// nothing.)
fn add_exact(config: &SampleConfig, size: usize, found: &mut Observables) -> Result<(), ExactError> {
    let SampleConfig { field, ref temperatures, model, .. } = *config;
    if model == Model::Ising && field == 0.0 {
        let canonical: Vec<exact::Canonical> =
            temperatures.iter().map(|&t| exact::kaufman(size, t)).collect::<Result<_, _>>()?;
        found.energy_per_spin_exact = Some(canonical.iter().map(|c| c.energy_per_spin).collect());
        found.specific_heat_exact = Some(canonical.iter().map(|c| c.specific_heat).collect());
    } else if model == Model::Ising && size <= LARGEST_TRANSFER {
        let averages: Vec<exact::InField> =
            temperatures.par_iter().map(|&t| exact::in_field(size, t, field)).collect::<Result<_, _>>()?;
        found.energy_per_spin_exact = Some(averages.iter().map(|a| a.energy_per_spin).collect());
        found.specific_heat_exact = Some(averages.iter().map(|a| a.specific_heat).collect());
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

/// Series of energy and magnetization, from whose means every observable follows, with jackknife errors. An error is NaN,
/// unknown, where the series show no variance; at T = 0, where each configuration is a ground state, it is 0.
pub(crate) struct Moments {
    sites: f64,
    temperature: f64,
    /// Jackknife blocks.
    blocks: usize,
    energy: Vec<f64>,
    /// (E − hM)/T, counted from the first configuration, so that no digits are lost.
    reduced: Vec<f64>,
    abs: Vec<f64>,
    squared: Vec<f64>,
}

impl Moments {
    /// Of total exchange energies and magnetizations at one temperature; `blocks` is the number of equal parts of
    /// the series that are independent of each other.
    pub(crate) fn new(
        sites: f64,
        temperature: f64,
        field: f64,
        energy: &[i32],
        magnetization: &[i32],
        blocks: usize,
    ) -> Self {
        let pairs = energy.iter().zip(magnetization);
        let reduced = pairs.map(|(&e, &m)| {
            (f64::from(e - energy[0]) - field * f64::from(m - magnetization[0])) / temperature
        });
        let abs: Vec<f64> = magnetization.iter().map(|&m| f64::from(m.abs()) / sites).collect();
        Self {
            sites,
            temperature,
            blocks,
            energy: energy.iter().map(|&e| f64::from(e) / sites).collect(),
            reduced: if has_response(temperature) { reduced.collect() } else { vec![] },
            squared: abs.iter().map(|m| m * m).collect(),
            abs,
        }
    }

    /// ⟨E⟩ / N, without the field's part.
    pub(crate) fn energy(&self) -> Value {
        self.mean(&self.energy)
    }

    /// ⟨|m|⟩.
    pub(crate) fn abs(&self) -> Value {
        self.mean(&self.abs)
    }

    /// ⟨m²⟩.
    pub(crate) fn squared(&self) -> Value {
        self.mean(&self.squared)
    }

    /// ⟨m⁴⟩.
    pub(crate) fn fourth(&self) -> Value {
        self.mean(&self.squared.iter().map(|m| m * m).collect::<Vec<f64>>())
    }

    /// (⟨H²⟩ − ⟨H⟩²) / (N T²) with the whole energy H = E − hM.
    pub(crate) fn specific_heat(&self) -> Value {
        self.response(&self.reduced, self.sites.recip())
    }

    /// N (⟨m²⟩ − ⟨|m|⟩²) / T.
    pub(crate) fn susceptibility(&self) -> Value {
        self.response(&self.abs, self.sites / self.temperature)
    }

    /// 1 − ⟨m⁴⟩ / (3 ⟨m²⟩²).
    pub(crate) fn binder_cumulant(&self) -> Value {
        // As ⅔ − Var(m²) / (3 ⟨m²⟩²) with m² counted from its mean: near the ground states ⟨m⁴⟩ / ⟨m²⟩² is 1 up to
        // something far below the digits of either, and an error would be that of rounding.
        let (centre, centred, squares) = centred(&self.squared);
        let below = jackknife(&[&squares, &centred], self.blocks, |mean| {
            let squared = centre + mean[1];
            // With m = 0 in every configuration the ratio is taken as that of a Gaussian.
            if squared <= 0.0 { 2.0 / 3.0 } else { (mean[0] - mean[1] * mean[1]) / (3.0 * squared * squared) }
        });
        self.known(&self.squared, Value { value: 2.0 / 3.0 - below.value, error: below.error })
    }

    fn mean(&self, series: &[f64]) -> Value {
        // The value is the plain mean: a jackknife would only add rounding.
        let error = jackknife(&[series], self.blocks, |mean| mean[0]).error;
        self.known(series, Value { value: crate::statistics::mean(series), error })
    }

    /// A variance times a constant, which may overflow where nothing fluctuates; defined as 0 at T = 0 and at T = ∞.
    fn response(&self, series: &[f64], scale: f64) -> Value {
        if !has_response(self.temperature) {
            return Value { value: 0.0, error: 0.0 };
        }
        let (_, centred, squares) = centred(series);
        let variance = jackknife(&[&squares, &centred], self.blocks, |mean| mean[0] - mean[1] * mean[1]);
        let scaled = |x: f64| exact::response(scale, x);
        self.known(series, Value { value: scaled(variance.value), error: scaled(variance.error) })
    }

    /// Without the error if the series does not tell it.
    fn known(&self, series: &[f64], value: Value) -> Value {
        let constant = series.iter().all(|x| *x == series[0]);
        let error = match (constant, self.temperature == 0.0) {
            (true, true) => 0.0,
            (true, false) => f64::NAN,
            (false, _) if self.blocks < 2 => f64::NAN,
            (false, _) => value.error,
        };
        Value { error, ..value }
    }
}

/// The mean of a series, the series counted from it, and its squares.
fn centred(series: &[f64]) -> (f64, Vec<f64>, Vec<f64>) {
    let centre = crate::statistics::mean(series);
    // A constant series has no rounding errors for a large scale to make visible.
    let centre = if series.iter().all(|x| *x == series[0]) { series[0] } else { centre };
    let centred: Vec<f64> = series.iter().map(|x| x - centre).collect();
    let squares = centred.iter().map(|x| x * x).collect();
    (centre, centred, squares)
}

/// Responses are defined as 0 at T = 0 and at T = ∞.
fn has_response(temperature: f64) -> bool {
    is_dynamic(temperature)
}
