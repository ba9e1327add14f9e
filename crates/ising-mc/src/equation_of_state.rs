//! The equation of state: thermal averages on a grid of temperatures, exact where they can be.

use datasets::lattice::Lattice;
use datasets::{EquationOfState, Progress, Source};
use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::exact::{self, ExactError, LARGEST_TRANSFER};
use crate::pilot::pilot;
use crate::sample::{Meter, SampleError, is_dynamic};
use crate::sampler::{Algorithm, Model, ensemble};
use crate::summary::Moments;
use numerics::vector::width;

/// The largest L whose equation of state is exact.
pub const LARGEST_EXACT: usize = LARGEST_TRANSFER;

/// What to tabulate.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct EquationOfStateConfig {
    /// L: the lattice has L × L sites with periodic boundaries, at least 2. Exact up to [`LARGEST_EXACT`], measured
    /// above.
    pub size: usize,
    /// Uniform field h in J. Default 0; in a field only exact tables are made.
    #[serde(default)]
    pub field: f64,
    /// Ascending temperatures in J/k_B, from 0. Default [`EquationOfStateConfig::default_temperatures`].
    #[serde(default = "EquationOfStateConfig::default_temperatures")]
    pub temperatures: Vec<f64>,
    /// Master seed, used only where the table is measured. Default 0.
    #[serde(default)]
    pub seed: u64,
    /// Where the table is measured: the number of effectively independent configurations at each temperature. The
    /// errors fall with its square root. Default 4096.
    #[serde(default = "EquationOfStateConfig::default_effective_samples")]
    pub effective_samples: usize,
}

impl EquationOfStateConfig {
    /// The default grid for a lattice size.
    pub fn new(size: usize, seed: u64) -> Self {
        Self {
            size,
            field: 0.0,
            temperatures: Self::default_temperatures(),
            seed,
            effective_samples: Self::default_effective_samples(),
        }
    }

    /// 0 to 12 J/k_B, in steps of 0.025 from 1.7 to 3, where the curves bend, and wider ones elsewhere: fine enough for
    /// a monotone cubic interpolation of ⟨E⟩/N to be good to 1e−4 up to L = 24, and of ⟨|m|⟩ up to L = 12.
    pub fn default_temperatures() -> Vec<f64> {
        // In units of 1/40, which give the decimal values without accumulated rounding.
        let stretches = [(0, 20, 4), (20, 68, 2), (68, 120, 1), (120, 180, 2), (180, 280, 4), (280, 481, 10)];
        stretches
            .iter()
            .flat_map(|&(start, end, step)| (start..end).step_by(step).map(|k| f64::from(k) / 40.0))
            .collect()
    }

    fn default_effective_samples() -> usize {
        4096
    }

    /// Whether it can be done.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, by name.
    pub fn check(&self) -> Result<(), ExactError> {
        if self.size < 2 {
            return Err(ExactError::TooSmall { size: self.size, what: "the equation of state" });
        }
        if self.size > crate::LARGEST_SIZE {
            return Err(SampleError::Size(self.size).into());
        }
        if !self.field.is_finite() {
            return Err(ExactError::BadField(self.field));
        }
        if self.field != 0.0 {
            ExactError::check_size(
                self.size,
                "the equation of state in a field",
                LARGEST_EXACT,
                "use a smaller lattice or no field, or measure the averages with `sample`",
            )?;
        }
        if self.effective_samples == 0 {
            return Err(SampleError::NoSamples.into());
        }
        if self.temperatures.is_empty() {
            return Err(ExactError::BadGrid("there are none".to_owned()));
        }
        if let Some(t) = self.temperatures.iter().find(|t| !(t.is_finite() && **t >= 0.0)) {
            return Err(ExactError::BadGrid(format!("{t} is among them")));
        }
        match self.temperatures.windows(2).find(|pair| pair[1] <= pair[0]) {
            Some(pair) => Err(ExactError::BadGrid(format!("{} comes after {}", pair[1], pair[0]))),
            None => Ok(()),
        }
    }
}

/// Thermal averages on the grid, exact for `size` ≤ [`LARGEST_EXACT`], with correlations; above (without field only), energy and specific heat are
/// exact (Kaufman) but given with the measured moments of the magnetization, so that the source is `Measured`; the errors of the
/// exact columns are 0, and those of measured ones NaN where the sample shows no variance.
///
/// # Errors
///
/// If the size or the grid is refused, or `progress` asks to stop.
///
/// ```
/// let mut config = ising_mc::EquationOfStateConfig::new(4, 0);
/// config.temperatures = vec![0.0, 2.0];
/// let table = ising_mc::equation_of_state(&config, &())?;
/// assert_eq!(table.energy_per_spin[0], -2.0);
/// # Ok::<(), ising_mc::exact::ExactError>(())
/// ```
pub fn equation_of_state(
    config: &EquationOfStateConfig,
    progress: &dyn Progress,
) -> Result<EquationOfState, ExactError> {
    config.check()?;
    let meter = Meter::new(progress, 0.0, 1.0, config.temperatures.len() as u64);
    let exact = config.size <= LARGEST_EXACT;
    let rows: Vec<Row> = (0..config.temperatures.len())
        .into_par_iter()
        .map(|index| {
            let row = if exact { exact_row(config, index) } else { measured_row(config, index, &meter) }?;
            meter.advance(1)?;
            Ok(row)
        })
        .collect::<Result<_, ExactError>>()?;
    let column = |k: usize| rows.iter().map(|row| row.values[k]).collect();
    let errors = |k: usize| rows.iter().map(|row| row.errors[k]).collect();
    let states = if config.size <= exact::LARGEST_DENSITY && config.field == 0.0 {
        Some(exact::density_of_states(config.size)?)
    } else {
        None
    };
    Ok(EquationOfState {
        lattice: Lattice::square(config.size).map_err(|_| SampleError::Size(config.size))?,
        field: config.field,
        source: if exact { Source::Exact } else { Source::Measured },
        temperature: config.temperatures.clone(),
        energy_per_spin: column(0),
        energy_per_spin_error: errors(0),
        specific_heat: column(1),
        specific_heat_error: errors(1),
        abs_magnetization: column(2),
        abs_magnetization_error: errors(2),
        squared_magnetization: column(3),
        squared_magnetization_error: errors(3),
        fourth_magnetization: column(4),
        fourth_magnetization_error: errors(4),
        magnetization: (config.field != 0.0).then(|| rows.iter().map(|row| row.magnetization).collect()),
        correlation: exact.then(|| {
            Array2::from_shape_fn((rows.len(), config.size / 2 + 1), |(t, r)| rows[t].correlation[r])
        }),
        density_of_states: states,
    })
}

/// Energy, specific heat, ⟨|m|⟩, ⟨m²⟩, ⟨m⁴⟩.
struct Row {
    values: [f64; 5],
    errors: [f64; 5],
    /// With its sign.
    magnetization: f64,
    /// G(r), if the row is exact.
    correlation: Vec<f64>,
}

impl Row {
    fn measured(values: [f64; 5], errors: [f64; 5]) -> Self {
        Self { values, errors, magnetization: 0.0, correlation: vec![] }
    }
}

fn exact_row(config: &EquationOfStateConfig, index: usize) -> Result<Row, ExactError> {
    let temperature = config.temperatures[index];
    let law = exact::magnetization_distribution(config.size, temperature)?.in_field(config.field)?;
    let (energy, heat, correlation, magnetization) = if config.field == 0.0 {
        let canonical = exact::kaufman(config.size, temperature)?;
        let correlation = exact::axis_correlation(config.size, temperature)?;
        (canonical.energy_per_spin, canonical.specific_heat, correlation, 0.0)
    } else {
        let found = exact::in_field(config.size, temperature, config.field)?;
        (found.energy_per_spin, found.specific_heat, found.correlation, law.average(|m| m))
    };
    let values = [energy, heat, law.abs(), law.squared(), law.fourth()];
    Ok(Row { values, errors: [0.0; 5], magnetization, correlation })
}

/// Chains whose time averages are taken at each temperature.
const CHAINS: usize = 16;

fn measured_row(config: &EquationOfStateConfig, index: usize, meter: &Meter) -> Result<Row, ExactError> {
    let temperature = config.temperatures[index];
    let canonical = exact::kaufman(config.size, temperature)?;
    let (energy, heat) = (canonical.energy_per_spin, canonical.specific_heat);
    if !is_dynamic(temperature) {
        return Ok(Row::measured([energy, heat, 1.0, 1.0, 1.0], [0.0; 5]));
    }
    let algorithm = Algorithm::SwendsenWang;
    let model = Model { size: config.size, temperature, field: 0.0 };
    let stream = |part| {
        // The table has no two temperatures alike, and 0 is not measured.
        let indices = [config.size as u64, temperature.to_bits(), part];
        numerics::streams::stream(config.seed, "equation of state, swendsen-wang", &indices)
    };
    let stop = || meter.advance(0);
    let schedule = pilot(algorithm, model, width(), &mut stream(0), &stop)?;
    let mut chains = ensemble(algorithm, model, CHAINS, width(), &mut stream(1));
    chains.sweep(schedule.thermalization)?;
    // A sample each τ or so is enough; the rest would be measured twice.
    let stride = if schedule.time.is_nan() { schedule.thinning } else { schedule.time.ceil() as u64 };
    let rounds = (config.effective_samples * 2).div_ceil(CHAINS).max(2);
    let (mut energies, mut magnetizations) = (vec![0; CHAINS], vec![0; CHAINS]);
    let mut series = vec![Vec::new(); CHAINS];
    for _ in 0..rounds {
        chains.sweep(stride)?;
        meter.advance(0)?;
        chains.measure(&mut energies, &mut magnetizations);
        for (history, pair) in series.iter_mut().zip(energies.iter().zip(&magnetizations)) {
            history.push((*pair.0, *pair.1));
        }
    }
    let flat: Vec<(i32, i32)> = series.concat();
    let energies: Vec<i32> = flat.iter().map(|pair| pair.0).collect();
    let magnetizations: Vec<i32> = flat.iter().map(|pair| pair.1).collect();
    // Blocks of whole eighths of a chain, far longer than τ.
    let blocks = (8 * CHAINS).min(flat.len());
    let sites = (config.size * config.size) as f64;
    let moments = Moments::new(sites, temperature, 0.0, &energies, &magnetizations, blocks);
    let [abs, squared, fourth] = [moments.abs(), moments.squared(), moments.fourth()];
    let values = [energy, heat, abs.value, squared.value, fourth.value];
    Ok(Row::measured(values, [0.0, 0.0, abs.error, squared.error, fourth.error]))
}
