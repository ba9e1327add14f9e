//! A thermal average as a thermometer: the monotone curve through tabulated values, and its inverse.

use datasets::{EquationOfState, Source, Value};

/// Relative differences of averages below this are rounding: far less than one excitation in any ensemble.
const ROUNDING: f64 = 1e-12;

/// A table cannot serve as a thermometer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ScaleError {
    #[error("{0} temperatures: at least 2 are needed")]
    TooFewTemperatures(usize),
    #[error("{what} has {found} entries for {expected} temperatures")]
    WrongLength { what: &'static str, found: usize, expected: usize },
    #[error("temperature {index} is {value}: temperatures must be finite, not negative and ascending")]
    InvalidTemperature { index: usize, value: f64 },
    #[error("{what} {index} is {value}: it must be finite")]
    InvalidValue { what: &'static str, index: usize, value: f64 },
    #[error("{what} is not larger at the highest temperature than at the lowest")]
    NotRising { what: &'static str },
}

/// The temperature as a function of a thermal average, by inversion of a monotone piecewise cubic curve.
///
/// Slopes at the nodes are those of Fritsch and Butland (SIAM J. Sci. Stat. Comput. 5, 300, 1984; "PCHIP"), or for the
/// exact energy its exact derivative, the specific heat, limited to 3 × the adjacent secants so that the curve is
/// monotone. Measured values are first made monotone by weighted isotonic regression (pool adjacent violators).
///
/// A value beyond the table reads as the table's end.
///
/// ```
/// use ising_mc::{EquationOfStateConfig, equation_of_state};
/// use temp_classifier::TemperatureScale;
///
/// let scale = TemperatureScale::energy(&equation_of_state(&EquationOfStateConfig::new("square:2".parse()?, 0), &())?)?;
/// // The 2 × 2 torus has 2 states at E = −8, 12 at 0 and 2 at 8: at T = 4, ⟨E⟩ = −8 (e² − e⁻²) / (e² + 6 + e⁻²).
/// let (up, down) = (2f64.exp(), (-2f64).exp());
/// let energy_per_spin = -2.0 * (up - down) / (up + 6.0 + down);
/// assert!((scale.temperature(energy_per_spin) - 4.0).abs() < 1e-4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TemperatureScale {
    /// +1 for an average that rises with temperature, −1 for one that falls.
    sign: f64,
    temperature: Vec<f64>,
    /// sign · average, not descending.
    value: Vec<f64>,
    slope: Vec<f64>,
    error: Vec<f64>,
    /// The least change of the average by one configuration: below this over n, n configurations say nothing.
    quantum: f64,
}

impl TemperatureScale {
    /// T_E: from the mean energy per site in J.
    ///
    /// # Errors
    ///
    /// If the table is too short, ragged, or not a table of a rising energy.
    pub fn energy(table: &EquationOfState) -> Result<Self, ScaleError> {
        let sites = table.lattice.sites() as f64;
        // In a field the specific heat has the field's part in it, which the energy here has not.
        let slopes =
            (table.source == Source::Exact && table.field == 0.0).then_some(table.specific_heat.as_slice());
        let (values, errors) = (&table.energy_per_spin, &table.energy_per_spin_error);
        // One reversed spin in a ground state costs 2 J for each of its neighbours.
        let step = 2.0 * table.lattice.coordination() as f64 / sites;
        Self::new("energy_per_spin", &table.temperature, 1.0, values, errors, slopes, step)
    }

    /// T_m: from ⟨|m|⟩, the mean over configurations of each one's |Σσ| / sites.
    ///
    /// On a finite lattice ⟨|m|⟩ does not vanish above T_c but tends to √(2 / (π sites)), so that T_m says little at
    /// high temperature. The mean of |m| over few configurations is an unbiased estimate of ⟨|m|⟩ (that of the modulus
    /// of the mean would not be), but its inverse is not linear: T_m of n configurations is biased by about −½
    /// (d²T/dm²) Var / n, which is far below the standard error for n ≥ 100.
    ///
    /// # Errors
    ///
    /// If the table is too short, ragged, or not a table of a falling ⟨|m|⟩.
    pub fn magnetization(table: &EquationOfState) -> Result<Self, ScaleError> {
        let sites = table.lattice.sites() as f64;
        let (values, errors) = (&table.abs_magnetization, &table.abs_magnetization_error);
        Self::new("abs_magnetization", &table.temperature, -1.0, values, errors, None, 2.0 / sites)
    }

    fn new(
        what: &'static str,
        temperature: &[f64],
        sign: f64,
        values: &[f64],
        errors: &[f64],
        slopes: Option<&[f64]>,
        quantum: f64,
    ) -> Result<Self, ScaleError> {
        let expected = temperature.len();
        if expected < 2 {
            return Err(ScaleError::TooFewTemperatures(expected));
        }
        // An error is unknown where the table's configurations did not vary. It is then below one quantum over their
        // number, which every reading allows for anyway.
        let errors: Vec<f64> =
            errors.iter().map(|error| if error.is_nan() { 0.0 } else { error.abs() }).collect();
        let errors = errors.as_slice();
        for list in [Some(values), Some(errors), slopes].into_iter().flatten() {
            if list.len() != expected {
                return Err(ScaleError::WrongLength { what, found: list.len(), expected });
            }
            if let Some(index) = list.iter().position(|value| !value.is_finite()) {
                return Err(ScaleError::InvalidValue { what, index, value: list[index] });
            }
        }
        let mut before = -f64::MIN_POSITIVE;
        for (index, &value) in temperature.iter().enumerate() {
            if !(value.is_finite() && value > before) {
                return Err(ScaleError::InvalidTemperature { index, value });
            }
            before = value;
        }
        let signed: Vec<f64> = values.iter().map(|value| sign * value).collect();
        let value = isotonic(&signed, errors);
        if value[expected - 1] <= value[0] {
            return Err(ScaleError::NotRising { what });
        }
        let slope = match slopes {
            Some(slopes) => limited(temperature, &value, slopes),
            None => pchip(temperature, &value),
        };
        Ok(Self { sign, temperature: temperature.to_vec(), value, slope, error: errors.to_vec(), quantum })
    }

    /// The lowest and the highest temperature of the table in J/k_B.
    pub fn range(&self) -> (f64, f64) {
        (self.temperature[0], self.temperature[self.temperature.len() - 1])
    }

    /// The average at a temperature in J/k_B; beyond the table, that of its end.
    pub fn average(&self, temperature: f64) -> f64 {
        let (low, high) = self.range();
        let t = temperature.clamp(low, high);
        let segment = self.temperature[1..self.temperature.len() - 1].partition_point(|&node| node <= t);
        self.sign * self.cubic(segment, t)
    }

    /// The temperature in J/k_B at which the average is `average`, within the table's range.
    pub fn temperature(&self, average: f64) -> f64 {
        self.invert(self.sign * average)
    }

    /// The temperature of an ensemble of n `configurations` with this mean, and its standard error.
    ///
    /// The error of the mean (`standard_error`, at least one quantum over n, combined with the table's own error) is
    /// carried through the curve: the larger of the two distances to the readings at mean ± error. This is error /
    /// slope where the curve is straight, and stays finite where the slope vanishes: n ground states read as T = 0 with
    /// the temperature below which n configurations would show no excitation. A mean beyond the table has the distance
    /// to where the curve's last slope would reach it added. No error exceeds the width of the table, and that is the
    /// error of a single configuration.
    pub fn read(&self, mean: f64, standard_error: f64, configurations: usize) -> Value {
        let (low, high) = self.range();
        let y = self.sign * mean;
        let value = self.invert(y);
        let quantum = self.quantum / configurations.max(1) as f64;
        let own = standard_error.max(quantum);
        let table = self.table_error(value);
        let error = (own * own + table * table).sqrt();
        let mut spread = (self.invert(y + error) - value).max(value - self.invert(y - error));
        let last = self.value.len() - 1;
        for (node, beyond) in [(0, self.value[0] - y), (last, y - self.value[last])] {
            if beyond > 0.0 {
                spread = (beyond + error) / self.slope[node];
            }
        }
        // A vanishing last slope gives ∞. The spread of a single configuration is unknown.
        let known = configurations >= 2 && spread <= high - low;
        let error = if known { spread } else { high - low };
        Value { value, error }
    }

    /// The table's standard error at a temperature, by linear interpolation.
    fn table_error(&self, t: f64) -> f64 {
        let segment = self.temperature[1..self.temperature.len() - 1].partition_point(|&node| node <= t);
        let width = self.temperature[segment + 1] - self.temperature[segment];
        let fraction = (t - self.temperature[segment]) / width;
        self.error[segment] * (1.0 - fraction) + self.error[segment + 1] * fraction
    }

    /// The cubic of one segment (Hermite's form).
    fn cubic(&self, segment: usize, t: f64) -> f64 {
        let width = self.temperature[segment + 1] - self.temperature[segment];
        let x = (t - self.temperature[segment]) / width;
        let rise = self.value[segment + 1] - self.value[segment];
        let (a, b) = (self.slope[segment] * width, self.slope[segment + 1] * width);
        self.value[segment] + x * (a + x * ((3.0 * rise - 2.0 * a - b) + x * (a + b - 2.0 * rise)))
    }

    fn invert(&self, y: f64) -> f64 {
        let (low, high) = self.range();
        // Rounding in a table may leave its flat beginning a little below the ground state.
        let first = self.value[0];
        if y <= first + ROUNDING * first.abs() || y.is_nan() {
            return low;
        }
        if y >= self.value[self.value.len() - 1] {
            return high;
        }
        // value[segment] <= y < value[segment + 1].
        let segment = self.value.partition_point(|&value| value <= y) - 1;
        if self.value[segment] == y {
            // The middle of the nodes with this value.
            let first = self.value.partition_point(|&value| value < y);
            return 0.5 * (self.temperature[first] + self.temperature[segment]);
        }
        let (mut left, mut right) = (self.temperature[segment], self.temperature[segment + 1]);
        loop {
            let middle = 0.5 * (left + right);
            if middle <= left || middle >= right {
                return middle;
            }
            if self.cubic(segment, middle) <= y {
                left = middle;
            } else {
                right = middle;
            }
        }
    }
}

/// Weighted isotonic regression: the closest values that do not descend, weights 1 / error².
///
/// Errors count as at least a thousandth of the largest, so that exact values among measured ones (at T = 0) all but
/// stay; without errors all weights are equal.
fn isotonic(values: &[f64], errors: &[f64]) -> Vec<f64> {
    let largest = errors.iter().fold(0.0f64, |largest, error| largest.max(error.abs()));
    let least = if largest > 0.0 { 1e-3 * largest } else { 1.0 };
    // Pools: (mean, weight, members).
    let mut pools: Vec<(f64, f64, usize)> = Vec::with_capacity(values.len());
    for (&value, &error) in values.iter().zip(errors) {
        let error = error.abs().max(least);
        let mut pool = (value, 1.0 / (error * error), 1);
        while let Some(&last) = pools.last() {
            if last.0 <= pool.0 {
                break;
            }
            let weight = last.1 + pool.1;
            pool = ((last.0 * last.1 + pool.0 * pool.1) / weight, weight, last.2 + pool.2);
            pools.pop();
        }
        pools.push(pool);
    }
    pools.into_iter().flat_map(|(mean, _, members)| std::iter::repeat_n(mean, members)).collect()
}

fn secants(t: &[f64], y: &[f64]) -> Vec<f64> {
    t.windows(2).zip(y.windows(2)).map(|(t, y)| (y[1] - y[0]) / (t[1] - t[0])).collect()
}

/// Given slopes, limited so that the curve is monotone (a sufficient condition: at most 3 × both secants).
fn limited(t: &[f64], y: &[f64], slopes: &[f64]) -> Vec<f64> {
    let secant = secants(t, y);
    let last = secant.len();
    (0..=last)
        .map(|i| {
            let left = if i > 0 { secant[i - 1] } else { f64::INFINITY };
            let right = if i < last { secant[i] } else { f64::INFINITY };
            slopes[i].max(0.0).min(3.0 * left).min(3.0 * right)
        })
        .collect()
}

/// The slopes of PCHIP: weighted harmonic means of the adjacent secants; one-sided three-point formulas at the ends.
fn pchip(t: &[f64], y: &[f64]) -> Vec<f64> {
    let secant = secants(t, y);
    let width: Vec<f64> = t.windows(2).map(|t| t[1] - t[0]).collect();
    let last = secant.len();
    if last == 1 {
        return vec![secant[0]; 2];
    }
    let end = |h0: f64, h1: f64, s0: f64, s1: f64| {
        (((2.0 * h0 + h1) * s0 - h0 * s1) / (h0 + h1)).max(0.0).min(3.0 * s0)
    };
    (0..=last)
        .map(|i| {
            if i == 0 {
                return end(width[0], width[1], secant[0], secant[1]);
            }
            if i == last {
                return end(width[last - 1], width[last - 2], secant[last - 1], secant[last - 2]);
            }
            let (left, right) = (secant[i - 1], secant[i]);
            if left <= 0.0 || right <= 0.0 {
                return 0.0;
            }
            let (w1, w2) = (2.0 * width[i] + width[i - 1], width[i] + 2.0 * width[i - 1]);
            (w1 + w2) / (w1 / left + w2 / right)
        })
        .collect()
}
