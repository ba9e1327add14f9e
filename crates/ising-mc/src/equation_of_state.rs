//! The equation of state: thermal averages on a grid of temperatures, exact where they can be.

use datasets::lattice::{Kind, Lattice, LatticeError};
use datasets::{DensityOfStates, EquationOfState, Progress, Source, Value};
use ndarray::Array2;
use numerics::streams::stream;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::config::is_dynamic;
use crate::error::{SampleError, check_lattice};
use crate::exact::{self, ExactError, JointStates, LARGEST_TRANSFER, Strip};
use crate::meter::Meter;
use crate::pilot::pilot;
use crate::sampler::{Algorithm, Model, ensemble};
use crate::summary::Moments;
use numerics::vector::width;

/// The largest L whose equation of state is exact.
pub const LARGEST_EXACT: usize = LARGEST_TRANSFER;

/// What to tabulate.
///
/// In settings the lattice is `lattice`, its kind (default `square`), with `size`, all its sides, or `shape`, a list of
/// them.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(try_from = "Settings", into = "Settings")]
pub struct EquationOfStateConfig {
    /// The lattice. Squares of equal sides are exact up to [`LARGEST_EXACT`], others where their
    /// [`JointStates`](exact::JointStates) are known (chains) or a [`Strip`] is quick (two dimensions, up to 10 sites
    /// wide), and measured elsewhere.
    pub lattice: Lattice,
    /// Uniform field h in J. Default 0; in a field only exact tables are made.
    pub field: f64,
    /// Ascending temperatures in J/k_B, from 0. Default [`EquationOfStateConfig::default_temperatures`].
    pub temperatures: Vec<f64>,
    /// Master seed, used only where the table is measured. Default 0.
    pub seed: u64,
    /// Where the table is measured: the number of effectively independent configurations at each temperature. The
    /// errors fall with its square root. Default 4096.
    pub effective_samples: usize,
}

/// The settings of an [`EquationOfStateConfig`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default, skip_serializing_if = "Kind::is_square")]
    lattice: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shape: Option<Vec<usize>>,
    #[serde(default)]
    field: f64,
    temperatures: Option<Vec<f64>>,
    #[serde(default)]
    seed: u64,
    #[serde(default = "EquationOfStateConfig::default_effective_samples")]
    effective_samples: usize,
}

impl TryFrom<Settings> for EquationOfStateConfig {
    type Error = LatticeError;

    fn try_from(settings: Settings) -> Result<Self, LatticeError> {
        Ok(Self {
            lattice: Lattice::from_settings(settings.lattice, settings.size, settings.shape.as_deref())?,
            field: settings.field,
            temperatures: settings
                .temperatures
                .unwrap_or_else(|| Self::default_temperatures(settings.lattice)),
            seed: settings.seed,
            effective_samples: settings.effective_samples,
        })
    }
}

impl From<EquationOfStateConfig> for Settings {
    fn from(config: EquationOfStateConfig) -> Self {
        let (lattice, size, shape) = config.lattice.settings();
        Self {
            lattice,
            size,
            shape,
            field: config.field,
            temperatures: Some(config.temperatures),
            seed: config.seed,
            effective_samples: config.effective_samples,
        }
    }
}

impl EquationOfStateConfig {
    /// The default grid for a lattice.
    pub fn new(lattice: Lattice, seed: u64) -> Self {
        Self {
            lattice,
            field: 0.0,
            temperatures: Self::default_temperatures(lattice.kind()),
            seed,
            effective_samples: Self::default_effective_samples(),
        }
    }

    /// On squares 0 to 12 J/k_B, in steps of 0.025 from 1.7 to 3, where the curves bend, and wider ones elsewhere: fine
    /// enough for a monotone cubic interpolation of ⟨E⟩/N to be good to 1e−4 up to L = 24, and of ⟨|m|⟩ up to L = 12.
    /// On other lattices with a critical temperature above 0 the same times its ratio to that of squares, rounded to
    /// thousandths.
    pub fn default_temperatures(kind: Kind) -> Vec<f64> {
        let critical = exact::critical_temperature_of(kind).filter(|&t| t > 0.0 && kind != Kind::Square);
        let scale = critical.map(|t| t / exact::critical_temperature());
        let scaled = |t: f64| scale.map_or(t, |scale| (t * scale * 1000.0).round() / 1000.0);
        // In units of 1/40, which give the decimal values without accumulated rounding.
        let stretches = [(0, 20, 4), (20, 68, 2), (68, 120, 1), (120, 180, 2), (180, 280, 4), (280, 481, 10)];
        stretches
            .iter()
            .flat_map(|&(start, end, step)| (start..end).step_by(step).map(|k| f64::from(k) / 40.0))
            .map(scaled)
            .collect()
    }

    fn default_effective_samples() -> usize {
        4096
    }

    /// Whether the table is that of known states.
    fn has_states(&self) -> bool {
        self.lattice.square_size().is_none() && exact::JointStates::exist(self.lattice)
    }

    /// Whether the states are counted row by row ([`Strip`]).
    pub fn has_strip(&self) -> bool {
        let others = self.lattice.square_size().is_some() || self.has_states();
        !others && self.field == 0.0 && Strip::is_quick(self.lattice)
    }

    /// L, if the table is that of a square.
    fn exact_size(&self) -> Option<usize> {
        self.lattice.square_size().filter(|&size| size <= LARGEST_EXACT)
    }

    /// Whether it can be done.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, by name.
    pub fn check(&self) -> Result<(), ExactError> {
        check_lattice(self.lattice)?;
        if !self.field.is_finite() {
            return Err(ExactError::BadField(self.field));
        }
        if self.field != 0.0 && self.exact_size().is_none() && !self.has_states() {
            return Err(ExactError::NoTableInField(self.lattice));
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

/// Thermal averages on the grid, exact for squares up to [`LARGEST_EXACT`], with correlations, for chains, and for
/// lattices of two dimensions up to 10 sites wide; elsewhere (without field only) measured, but for energy and specific
/// heat of larger squares and of triangular rhombi, which are exact; the source is `Measured` there; the errors of the
/// exact columns are 0, and those of measured ones NaN where the sample shows no variance.
///
/// # Errors
///
/// If the size or the grid is refused, or `progress` asks to stop.
///
/// ```
/// let mut config = ising_mc::EquationOfStateConfig::new("square:4".parse()?, 0);
/// config.temperatures = vec![0.0, 2.0];
/// let table = ising_mc::equation_of_state(&config, &())?;
/// assert_eq!(table.energy_per_spin[0], -2.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn equation_of_state(
    config: &EquationOfStateConfig,
    progress: &dyn Progress,
) -> Result<EquationOfState, ExactError> {
    config.check()?;
    let meter = Meter::new(progress, 0.0, 1.0, config.temperatures.len() as u64);
    let exact = config.exact_size();
    let states = if config.has_states() { Some(JointStates::of(config.lattice)?) } else { None };
    let strip = config.has_strip().then(|| Strip::of(config.lattice)).transpose()?;
    let strip = strip.map(|strip| (strip.density_of_states(), strip));
    let rows: Vec<Row> = (0..config.temperatures.len())
        .into_par_iter()
        .map(|index| {
            let row = match (exact, &states, &strip) {
                (Some(size), ..) => exact_row(config, size, index),
                (None, Some(states), _) => row_of_states(config, states, index),
                (None, None, Some((levels, strip))) => row_of_strip(config, levels, strip, index),
                (None, None, None) => measured_row(config, index, &meter),
            }?;
            meter.advance(1)?;
            Ok(row)
        })
        .collect::<Result<_, ExactError>>()?;
    let column = |k: usize| rows.iter().map(|row| row.values[k]).collect();
    let errors = |k: usize| rows.iter().map(|row| row.errors[k]).collect();
    let counted = exact.filter(|&size| size <= exact::LARGEST_DENSITY && config.field == 0.0);
    let density_of_states = match (counted, &states) {
        (Some(size), _) => Some(exact::density_of_states(size)?),
        (None, Some(states)) if config.field == 0.0 => Some(states.density_of_states()),
        _ => strip.as_ref().map(|(levels, _)| levels.clone()),
    };
    let is_exact = exact.is_some() || states.is_some() || strip.is_some();
    let distances = rows.first().map_or(0, |row| row.correlation.len());
    Ok(EquationOfState {
        lattice: config.lattice,
        field: config.field,
        source: if is_exact { Source::Exact } else { Source::Measured },
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
        correlation: (distances > 0)
            .then(|| Array2::from_shape_fn((rows.len(), distances), |(t, r)| rows[t].correlation[r])),
        density_of_states,
    })
}

/// Energy, specific heat, ⟨|m|⟩, ⟨m²⟩, ⟨m⁴⟩.
struct Row {
    values: [f64; 5],
    errors: [f64; 5],
    /// With its sign.
    magnetization: f64,
    /// G(r); empty where it is not known.
    correlation: Vec<f64>,
}

impl Row {
    fn measured(values: [f64; 5], errors: [f64; 5]) -> Self {
        Self { values, errors, magnetization: 0.0, correlation: vec![] }
    }
}

fn exact_row(config: &EquationOfStateConfig, size: usize, index: usize) -> Result<Row, ExactError> {
    let temperature = config.temperatures[index];
    let law = exact::magnetization_distribution(size, temperature)?.in_field(config.field)?;
    let (energy, heat, correlation, magnetization) = if config.field == 0.0 {
        let canonical = exact::kaufman(size, temperature)?;
        let correlation = exact::axis_correlation(size, temperature)?;
        (canonical.energy_per_spin, canonical.specific_heat, correlation, 0.0)
    } else {
        let found = exact::in_field(size, temperature, config.field)?;
        (found.energy_per_spin, found.specific_heat, found.correlation, law.average(|m| m))
    };
    let values = [energy, heat, law.abs(), law.squared(), law.fourth()];
    Ok(Row { values, errors: [0.0; 5], magnetization, correlation })
}

fn row_of_states(
    config: &EquationOfStateConfig,
    states: &JointStates,
    index: usize,
) -> Result<Row, ExactError> {
    let temperature = config.temperatures[index];
    let found = states.averages(temperature, config.field)?;
    let correlation = if config.lattice.kind() == Kind::Chain && config.field == 0.0 {
        exact::chain_correlation(config.lattice.sites(), temperature)?
    } else {
        vec![]
    };
    let values = [found.energy_per_spin, found.specific_heat, found.abs, found.squared, found.fourth];
    Ok(Row { values, errors: [0.0; 5], magnetization: found.magnetization, correlation })
}

fn row_of_strip(
    config: &EquationOfStateConfig,
    levels: &DensityOfStates,
    strip: &Strip,
    index: usize,
) -> Result<Row, ExactError> {
    let temperature = config.temperatures[index];
    let canonical = exact::canonical(levels, config.lattice.sites(), temperature)?;
    let law = strip.magnetization_distribution(temperature)?;
    let values = [canonical.energy_per_spin, canonical.specific_heat, law.abs(), law.squared(), law.fourth()];
    Ok(Row::measured(values, [0.0; 5]))
}

/// Chains whose time averages are taken at each temperature.
const CHAINS: usize = 16;

fn measured_row(config: &EquationOfStateConfig, index: usize, meter: &Meter) -> Result<Row, ExactError> {
    let temperature = config.temperatures[index];
    let canonical = match (config.lattice.kind(), config.lattice.size()) {
        (Kind::Square, Some(size)) => Some(exact::kaufman(size, temperature)?),
        (Kind::Triangular, Some(size)) => Some(exact::triangular(size, temperature)?),
        _ => None,
    };
    let known = canonical.map(|canonical| [canonical.energy_per_spin, canonical.specific_heat]);
    if !is_dynamic(temperature) {
        let ground = -(config.lattice.bond_count() as f64) / config.lattice.sites() as f64;
        let [energy, heat] = known.unwrap_or([ground, 0.0]);
        return Ok(Row::measured([energy, heat, 1.0, 1.0, 1.0], [0.0; 5]));
    }
    let algorithm = Algorithm::SwendsenWang;
    let model = Model { lattice: config.lattice, temperature, field: 0.0 };
    let random = |part| {
        // The table has no two temperatures alike, and 0 is not measured.
        const PURPOSE: &str = "equation of state, swendsen-wang";
        match config.lattice.square_size() {
            Some(size) => stream(config.seed, PURPOSE, &[size as u64, temperature.to_bits(), part]),
            None => {
                let purpose = format!("{PURPOSE} on {}", config.lattice);
                stream(config.seed, &purpose, &[temperature.to_bits(), part])
            }
        }
    };
    let stop = || meter.advance(0);
    let schedule = pilot(algorithm, model, width(), &mut random(0), &stop)?;
    let mut chains = ensemble(algorithm, model, CHAINS, width(), &mut random(1));
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
    let sites = config.lattice.sites() as f64;
    let moments = Moments::new(sites, temperature, 0.0, &energies, &magnetizations, blocks);
    let [abs, squared, fourth] = [moments.abs(), moments.squared(), moments.fourth()];
    let exactly = |value| Value { value, error: 0.0 };
    let [energy, heat] = match known {
        Some(known) => known.map(exactly),
        None => [moments.energy(), moments.specific_heat()],
    };
    let row = [energy, heat, abs, squared, fourth];
    Ok(Row::measured(row.map(|value| value.value), row.map(|value| value.error)))
}
