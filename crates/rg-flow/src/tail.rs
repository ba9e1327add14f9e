//! The last part of a flow, chain by chain.

use datasets::lattice::Lattice;
use datasets::{Reading, Value};
use ising_mc::statistics::mean_and_error;
use numerics::bit_matrix::{BitMatrix, BitRows};

use crate::end::FixedPointConfig;
use datasets::Readout;

/// The last part of the flow of one start: each chain's own averages, from which errors are taken, because chains are
/// independent and successive steps are not.
#[derive(Debug, Clone)]
pub struct Tail {
    pub(crate) steps: u32,
    pub(crate) window: u32,
    pub(crate) before: Sums,
    pub(crate) last: Sums,
    pub(crate) end: Option<End>,
}

/// Sums over steps, one number per chain each.
#[derive(Debug, Clone)]
pub(crate) struct Sums {
    pub(crate) records: u32,
    energy: Vec<f64>,
    abs_magnetization: Vec<f64>,
    short_range: Vec<f64>,
}

impl Sums {
    fn new(chains: usize) -> Self {
        let zeros = vec![0.0; chains];
        Self { records: 0, energy: zeros.clone(), abs_magnetization: zeros.clone(), short_range: zeros }
    }

    fn mean(&self, sums: &[f64]) -> Vec<f64> {
        sums.iter().map(|sum| sum / f64::from(self.records)).collect()
    }

    pub(crate) fn energy(&self) -> Value {
        mean_and_error(&self.mean(&self.energy))
    }

    pub(crate) fn abs_magnetization(&self) -> Value {
        mean_and_error(&self.mean(&self.abs_magnetization))
    }

    pub(crate) fn short_range(&self) -> Value {
        mean_and_error(&self.mean(&self.short_range))
    }
}

impl Tail {
    /// An empty tail of a flow of so many chains and steps.
    pub fn new(chains: usize, steps: u32, config: &FixedPointConfig) -> Self {
        let window = config.window_of(steps);
        Self { steps, window, before: Sums::new(chains), last: Sums::new(chains), end: None }
    }

    /// Whether a step is in the window over which the fixed point is averaged.
    pub fn in_window(&self, step: u32) -> bool {
        u64::from(step) + u64::from(self.window) > u64::from(self.steps)
    }

    /// Adds a recorded step; one that is too early is ignored. All slices have one number per chain: energy per site,
    /// |m|, c_sr.
    ///
    /// # Panics
    ///
    /// If a slice has another length than the number of chains.
    pub fn record(&mut self, step: u32, energy: &[f64], abs_magnetization: &[f64], short_range: &[f64]) {
        let sums = if self.in_window(step) {
            &mut self.last
        } else if u64::from(step) + 2 * u64::from(self.window) > u64::from(self.steps) {
            &mut self.before
        } else {
            return;
        };
        sums.records += 1;
        add(&mut sums.energy, energy);
        add(&mut sums.abs_magnetization, abs_magnetization);
        add(&mut sums.short_range, short_range);
    }

    /// Sets what the thermometers read on the configurations of the window.
    pub fn set_end(&mut self, end: End) {
        self.end = Some(end);
    }

    /// How much the energy changed from the part before to the last part.
    pub(crate) fn drift(&self) -> Value {
        let (before, last) = (self.before.mean(&self.before.energy), self.last.mean(&self.last.energy));
        let change: Vec<f64> = last.iter().zip(&before).map(|(last, before)| last - before).collect();
        mean_and_error(&change)
    }
}

fn add(sums: &mut [f64], values: &[f64]) {
    assert_eq!(sums.len(), values.len(), "one number per chain");
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}

/// What the thermometers read on the configurations of several steps together.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// The reading, whose errors take all configurations as independent.
    pub reading: Reading,
    /// How much larger the error of the mean energy really is, since the steps of a chain are correlated.
    pub energy_inflation: f64,
    /// The same for |m|.
    pub magnetization_inflation: f64,
}

/// The configurations of several steps of one start, to be read as one ensemble: T_E is the temperature of the *mean*
/// energy, which is not the mean of the temperatures of single steps.
#[derive(Debug, Clone)]
pub struct Pool {
    configurations: BitMatrix,
    energy: Spread,
    magnetization: Spread,
}

impl Pool {
    /// An empty pool.
    pub fn new(chains: usize, sites: usize) -> Self {
        let (energy, magnetization) = (Spread::new(chains), Spread::new(chains));
        Self { configurations: BitMatrix::zeros(0, sites), energy, magnetization }
    }

    /// Adds a step: configurations [chains, sites] with each chain's energy per site and |m|.
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    pub fn add(&mut self, configurations: BitRows, energy: &[f64], abs_magnetization: &[f64]) {
        assert_eq!(configurations.rows(), energy.len(), "configurations");
        self.configurations.append(configurations);
        self.energy.add(energy);
        self.magnetization.add(abs_magnetization);
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.configurations.rows() == 0
    }

    /// Reads the pool.
    pub fn read(&self, lattice: Lattice, readout: &dyn Readout) -> End {
        End {
            reading: readout.read_bits(lattice, self.configurations.view()),
            energy_inflation: self.energy.inflation(),
            magnetization_inflation: self.magnetization.inflation(),
        }
    }
}

/// The spread of a quantity over chains and steps.
#[derive(Debug, Clone)]
struct Spread {
    steps: f64,
    /// Sums over steps, one per chain.
    sums: Vec<f64>,
    /// The first value; squares are of differences to it, so that nothing cancels.
    origin: f64,
    sum: f64,
    squares: f64,
}

impl Spread {
    fn new(chains: usize) -> Self {
        Self { steps: 0.0, sums: vec![0.0; chains], origin: 0.0, sum: 0.0, squares: 0.0 }
    }

    fn add(&mut self, values: &[f64]) {
        if self.steps == 0.0 {
            self.origin = values.first().copied().unwrap_or(0.0);
        }
        self.steps += 1.0;
        add(&mut self.sums, values);
        for value in values {
            let difference = value - self.origin;
            self.sum += difference;
            self.squares += difference * difference;
        }
    }

    /// The error from each chain's own average over the error as if all values were independent; 1 if nothing varies.
    fn inflation(&self) -> f64 {
        let averages: Vec<f64> = self.sums.iter().map(|sum| sum / self.steps).collect();
        let n = self.steps * self.sums.len() as f64;
        let variance = (self.squares - self.sum * self.sum / n) / (n - 1.0);
        let naive = (variance.max(0.0) / n).sqrt();
        // Below rounding noise there is no spread at all.
        if naive > 1e-12 { mean_and_error(&averages).error / naive } else { 1.0 }
    }
}
