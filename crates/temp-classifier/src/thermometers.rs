//! All thermometers at once on an ensemble.

use std::collections::{BTreeMap, HashMap};

use datasets::lattice::Lattice;
use datasets::{EquationOfState, LabelKind, Reading, Readout, Thermometer, Value};
use ising_mc::ensemble::Ensemble;
use ndarray::ArrayView2;
use numerics::bit_matrix::{BitMatrix, BitRows};

use crate::error::ReadoutError;
use crate::network::{self, for_each_block};
use crate::posterior::BayesPosterior;
use crate::scale::TemperatureScale;

/// What is read against one equation of state.
struct Table {
    energy: TemperatureScale,
    magnetization: TemperatureScale,
    posterior: Option<BayesPosterior>,
}

/// Any of: a network, and for each of several lattices the exact posterior, T_E and T_m.
///
/// ```
/// use ising_mc::{EquationOfStateConfig, equation_of_state};
/// use ndarray::array;
/// use temp_classifier::Thermometers;
///
/// let table = equation_of_state(&EquationOfStateConfig::new("square:2".parse()?, 0), &())?;
/// let thermometers = Thermometers::new(None, Some(&table), &[0.0, f64::INFINITY])?;
/// // Both ground states of the 2 × 2 torus: each has probability 1/2 at T = 0 and 1/16 at T = ∞.
/// let reading = thermometers.read("square:2".parse()?, array![[1, 1, 1, 1], [-1, -1, -1, -1]].view());
/// assert_eq!(reading.energy_temperature.map(|value| value.value), Some(0.0));
/// let posterior = reading.bayes_posterior.unwrap_or_default();
/// assert!((posterior[0] - 8.0 / 9.0).abs() < 1e-12);
/// // There is no network, and no table for other lattices.
/// assert_eq!(reading.nn_posterior, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Thermometers<'a> {
    network: Option<&'a Thermometer>,
    classes: Vec<f64>,
    tables: HashMap<Lattice, Table>,
}

impl<'a> Thermometers<'a> {
    /// Thermometers whose distributions are over the temperatures `classes` in J/k_B; an empty list means the network's.
    ///
    /// With neither a network nor classes there are T_E and T_m only.
    ///
    /// # Errors
    ///
    /// If the classes are not those of the network, or unusable, or the table is.
    pub fn new(
        network: Option<&'a Thermometer>,
        equation_of_state: Option<&EquationOfState>,
        classes: &[f64],
    ) -> Result<Self, ReadoutError> {
        let mut list = classes.to_vec();
        if let Some(network) = network {
            network::check(network)?;
            let own = &network.temperature;
            if list.is_empty() {
                list.clone_from(own);
            }
            if list.len() != own.len() {
                return Err(ReadoutError::ClassCount { network: own.len(), classes: list.len() });
            }
            if let Some(index) = own.iter().zip(&list).position(|(a, b)| a != b) {
                return Err(ReadoutError::ClassMismatch { index, network: own[index], class: list[index] });
            }
        }
        let thermometers = Self { network, classes: list, tables: HashMap::new() };
        match equation_of_state {
            Some(table) => thermometers.with_table(table),
            None => Ok(thermometers),
        }
    }

    /// Adds the exact posterior (if the table has a density of states), T_E and T_m for the table's lattice.
    ///
    /// # Errors
    ///
    /// If the table or the classes are unusable.
    pub fn with_table(mut self, table: &EquationOfState) -> Result<Self, ReadoutError> {
        let lattice = table.lattice;
        let scale = |source| ReadoutError::Scale { lattice, source };
        let of_temperatures = self.network.is_none_or(|n| n.label_kind == LabelKind::Temperature);
        let posterior = match &table.density_of_states {
            Some(states) if !self.classes.is_empty() && of_temperatures => {
                Some(BayesPosterior::new(lattice, states, &self.classes)?)
            }
            _ => None,
        };
        let energy = TemperatureScale::energy(table).map_err(scale)?;
        let magnetization = TemperatureScale::magnetization(table).map_err(scale)?;
        self.tables.insert(lattice, Table { energy, magnetization, posterior });
        Ok(self)
    }

    /// The temperatures of the distributions' classes in J/k_B.
    pub fn classes(&self) -> &[f64] {
        &self.classes
    }

    /// Reads an ensemble of configurations, [n, sites], ±1, of a lattice.
    ///
    /// Errors are standard errors over independent configurations. A distribution's mean temperature has the standard
    /// error of the mean of the single configurations' mean temperatures; it does not exist if a class is T = ∞. A
    /// thermometer for another lattice does not read, and nothing reads an empty ensemble. For a single configuration the
    /// spread is unknown and the error is the width of the scale.
    ///
    /// # Panics
    ///
    /// If the configurations have another number of sites.
    pub fn read(&self, lattice: Lattice, spins: ArrayView2<i8>) -> Reading {
        self.read_bits(lattice, BitMatrix::of_spins(spins).view())
    }

    /// Reads an ensemble of configurations of which each spin is one bit, [n, sites]; see [`Thermometers::read`].
    ///
    /// # Panics
    ///
    /// If the configurations have another number of sites.
    pub fn read_bits(&self, lattice: Lattice, configurations: BitRows) -> Reading {
        assert_eq!(configurations.columns(), lattice.sites(), "sites of lattice {lattice}");
        let mut reading = Reading::default();
        let n = configurations.rows();
        if n == 0 {
            return reading;
        }
        if let Some(network) = self.network.filter(|network| network.lattice == lattice) {
            let mut mean = MeanPosterior::new(&self.classes);
            for_each_block(&network.layers, configurations, None, |_, pass, rows| {
                for row in pass.probabilities(rows).rows() {
                    mean.add(row.iter().map(|&p| f64::from(p)), 1.0);
                }
            });
            reading.nn_peak = Some(mean.peak());
            // Classes of another kind have no mean.
            reading.nn_temperature =
                mean.temperature().filter(|_| network.label_kind == LabelKind::Temperature);
            reading.nn_posterior = Some(mean.posterior());
        }
        if let Some(table) = self.tables.get(&lattice) {
            let (energies, magnetizations) = histograms(lattice, configurations);
            if let Some(posterior) = &table.posterior {
                let mut mean = MeanPosterior::new(&self.classes);
                for (&energy, &count) in &energies {
                    mean.add(posterior.probabilities(energy).iter().copied(), count as f64);
                }
                reading.bayes_temperature = mean.temperature();
                reading.bayes_posterior = Some(mean.posterior());
            }
            let sites = lattice.sites() as f64;
            let (mean, error) = mean_and_error(&energies, sites);
            reading.energy_temperature = Some(table.energy.read(mean, error, n));
            let (mean, error) = mean_and_error(&magnetizations, sites);
            reading.magnetization_temperature = Some(table.magnetization.read(mean, error, n));
        }
        reading
    }
}

impl Readout for Thermometers<'_> {
    fn classes(&self) -> &[f64] {
        self.classes()
    }

    fn read(&self, lattice: Lattice, spins: ArrayView2<i8>) -> Reading {
        self.read(lattice, spins)
    }

    fn read_bits(&self, lattice: Lattice, configurations: BitRows) -> Reading {
        self.read_bits(lattice, configurations)
    }

    fn read_averages(
        &self,
        lattice: Lattice,
        energy_per_site: f64,
        abs_magnetization: f64,
    ) -> [Option<f64>; 2] {
        let table = self.tables.get(&lattice);
        [
            table.map(|table| table.energy.temperature(energy_per_site)),
            table.map(|table| table.magnetization.temperature(abs_magnetization)),
        ]
    }
}

/// How many configurations have each energy, and each |Σσ|.
fn histograms(lattice: Lattice, configurations: BitRows) -> (BTreeMap<i32, u64>, BTreeMap<i32, u64>) {
    let ensemble = Ensemble::new(lattice, configurations);
    let magnetizations = ensemble.magnetizations().into_iter().map(i32::abs).collect();
    (histogram(ensemble.energies()), histogram(magnetizations))
}

/// How often there is each number.
fn histogram(mut numbers: Vec<i32>) -> BTreeMap<i32, u64> {
    numbers.sort_unstable();
    numbers.chunk_by(|a, b| a == b).map(|equal| (equal[0], equal.len() as u64)).collect()
}

/// Mean of value / sites over the configurations, and its standard error (NaN for one configuration).
fn mean_and_error(histogram: &BTreeMap<i32, u64>, sites: f64) -> (f64, f64) {
    let n = histogram.values().sum::<u64>() as f64;
    // Exact: integers far below 2⁵³.
    let sum: i64 = histogram.iter().map(|(&value, &count)| i64::from(value) * count as i64).sum();
    let mean = sum as f64 / n;
    let squares: f64 = histogram
        .iter()
        .map(|(&value, &count)| (count as f64, f64::from(value) - mean))
        .map(|(count, difference)| count * difference * difference)
        .sum();
    (mean / sites, (squares / (n - 1.0) / n).sqrt() / sites)
}

/// The mean over an ensemble of distributions over temperatures.
struct MeanPosterior<'a> {
    classes: &'a [f64],
    sum: Vec<f64>,
    count: f64,
    /// The first configuration's mean temperature; the sums are over differences to it, so that nothing cancels.
    origin: f64,
    temperature: f64,
    squared_temperature: f64,
}

impl<'a> MeanPosterior<'a> {
    fn new(classes: &'a [f64]) -> Self {
        let sum = vec![0.0; classes.len()];
        Self { classes, sum, count: 0.0, origin: 0.0, temperature: 0.0, squared_temperature: 0.0 }
    }

    fn add(&mut self, probabilities: impl Iterator<Item = f64>, weight: f64) {
        let mut mean = 0.0;
        for ((sum, &t), p) in self.sum.iter_mut().zip(self.classes).zip(probabilities) {
            *sum += weight * p;
            mean += t * p;
        }
        if self.count == 0.0 {
            self.origin = mean;
        }
        let difference = mean - self.origin;
        self.count += weight;
        self.temperature += weight * difference;
        self.squared_temperature += weight * difference * difference;
    }

    fn posterior(&self) -> Vec<f64> {
        self.sum.iter().map(|sum| sum / self.count).collect()
    }

    /// The temperature of the largest class, the first if there are several.
    fn peak(&self) -> f64 {
        let mut peak = 0;
        for (class, &sum) in self.sum.iter().enumerate() {
            if sum > self.sum[peak] {
                peak = class;
            }
        }
        self.classes[peak]
    }

    fn temperature(&self) -> Option<Value> {
        let low = self.classes.iter().copied().fold(f64::INFINITY, f64::min);
        let high = self.classes.iter().copied().fold(0.0, f64::max);
        if !high.is_finite() {
            return None;
        }
        let n = self.count;
        let difference = self.temperature / n;
        let value = self.origin + difference;
        if n < 2.0 {
            return Some(Value { value, error: high - low });
        }
        let variance = ((self.squared_temperature - n * difference * difference) / (n - 1.0)).max(0.0);
        Some(Value { value, error: (variance / n).sqrt() })
    }
}
