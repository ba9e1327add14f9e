//! The exact distribution of the magnetization, by a transfer matrix that adds one site at a time.
//!
//! The state of the transfer matrix is the configuration of the last L sites that were added (2^L states); each state
//! carries a polynomial in y whose coefficient of y^k is the weight of the partial lattices with k spins up above it.
//! Adding a site replaces one spin s of the state by the spin s' below it, with weight x^{[s ≠ s']}, x = e^{−2/T}: a
//! butterfly of two polynomials. Between two rows each state takes the weight of the bonds along it.
//!
//! From a first row r only half of the torus is built, up to the bonds that reach the rows s in its middle, as a
//! polynomial G(r, s): by reflection the other half is the same, and a torus is G², or for an odd L the product of
//! ⌊L/2⌋ and ⌈L/2⌉ rows. Only one representative of each class of first rows under translation, reflection and global
//! flip is needed (44 of 1024 at L = 10), and as r and s can be exchanged, only middle rows whose class is not before
//! that of r. All weights are in 0..=1 and their sum at most 2^144, so that nothing can overflow and nothing is
//! subtracted.

use std::cmp::Ordering;

use numerics::elementary::exp;
use numerics::for_each_width;

use super::{ExactError, response};

/// The largest L of [`magnetization_distribution`]. The time grows as 4^L L^3.
pub const LARGEST_TRANSFER: usize = 12;

/// The probabilities of all values of the magnetization.
#[derive(Debug, Clone, PartialEq)]
pub struct MagnetizationDistribution {
    /// N.
    pub sites: usize,
    /// Temperature in J/k_B.
    pub temperature: f64,
    /// −N, −N + 2, …, N.
    pub magnetization: Vec<i32>,
    /// The probability of each; sums to 1.
    pub probability: Vec<f64>,
}

impl MagnetizationDistribution {
    /// That of weights by the number of spins up, `[sites + 1]`, once configurations and their opposites are counted
    /// together.
    pub(super) fn symmetric(sites: usize, temperature: f64, weights: &[f64]) -> Self {
        let sum: f64 = weights.iter().sum();
        let probability = (0..=sites).map(|k| (weights[k] + weights[sites - k]) / (2.0 * sum)).collect();
        let magnetization = (0..=sites as i32).map(|k| 2 * k - sites as i32).collect();
        Self { sites, temperature, magnetization, probability }
    }

    /// ⟨f(m)⟩ with m = M / N.
    pub fn average(&self, f: impl Fn(f64) -> f64) -> f64 {
        let sites = self.sites as f64;
        self.magnetization.iter().zip(&self.probability).map(|(&m, p)| f(f64::from(m) / sites) * p).sum()
    }

    /// ⟨|m|⟩.
    pub fn abs(&self) -> f64 {
        self.average(f64::abs)
    }

    /// ⟨m²⟩.
    pub fn squared(&self) -> f64 {
        self.average(|m| m * m)
    }

    /// ⟨m⁴⟩.
    pub fn fourth(&self) -> f64 {
        self.average(|m| m.powi(4))
    }

    /// N (⟨m²⟩ − ⟨|m|⟩²) / T; 0 at T = 0 and at T = ∞.
    pub fn susceptibility(&self) -> f64 {
        if self.temperature == 0.0 || self.temperature == f64::INFINITY {
            return 0.0;
        }
        let scale = self.sites as f64 / self.temperature;
        response(scale, self.squared() - self.abs().powi(2))
    }

    /// 1 − ⟨m⁴⟩ / (3 ⟨m²⟩²), as ⅔ − Var(m²) / (3 ⟨m²⟩²), so that what is left at low temperature is not rounding.
    pub fn binder_cumulant(&self) -> f64 {
        let squared = self.squared();
        2.0 / 3.0 - self.average(|m| (m * m - squared).powi(2)) / (3.0 * squared * squared)
    }

    /// The distribution in a uniform field h (in J): the probabilities are multiplied by e^{hM/T}.
    ///
    /// # Errors
    ///
    /// If the field is not finite.
    pub fn in_field(&self, field: f64) -> Result<Self, ExactError> {
        if !field.is_finite() {
            return Err(ExactError::BadField(field));
        }
        let mut tilted = self.clone();
        let sites = self.sites as i32;
        if field != 0.0 {
            let largest = if field > 0.0 { sites } else { -sites };
            for (probability, &m) in tilted.probability.iter_mut().zip(&self.magnetization) {
                // From the favoured end, so that the exponent is never positive; 0 · ∞ does not occur at T = 0.
                let energy = field * f64::from(m - largest);
                if energy != 0.0 {
                    *probability *= exp(energy / self.temperature);
                }
            }
            let sum: f64 = tilted.probability.iter().sum();
            tilted.probability.iter_mut().for_each(|p| *p /= sum);
        }
        Ok(tilted)
    }
}

/// P(M) on the L × L torus at a temperature in 0..=∞ J/k_B, without field.
///
/// # Errors
///
/// If `size` is below 2 or above [`LARGEST_TRANSFER`], or the temperature is negative or not a number.
///
/// ```
/// let law = ising_mc::exact::magnetization_distribution(4, 2.0)?;
/// assert!((law.probability.iter().sum::<f64>() - 1.0).abs() < 1e-12);
/// assert_eq!(law.probability[0], law.probability[16]);
/// # Ok::<(), ising_mc::exact::ExactError>(())
/// ```
pub fn magnetization_distribution(
    size: usize,
    temperature: f64,
) -> Result<MagnetizationDistribution, ExactError> {
    ExactError::check_size(
        size,
        "the magnetization distribution",
        LARGEST_TRANSFER,
        "measure it with a cluster sampler (`equation_of_state` and `sample` do)",
    )?;
    ExactError::check_temperature(temperature)?;
    let sites = size * size;
    let broken = if temperature == 0.0 { 0.0 } else { exp(-2.0 / temperature) };
    let mut weights = vec![0.0; sites + 1];
    let representatives = representatives(size);
    for (first_row, multiplicity) in classes(&representatives) {
        let times = representatives.iter().map(|middle| match middle.cmp(&first_row) {
            Ordering::Less => 0.0,
            Ordering::Equal => 1.0,
            Ordering::Greater => 2.0,
        });
        let polynomial = close(Transfer::new(size, broken, first_row), &times.collect::<Vec<_>>());
        for (weight, value) in weights.iter_mut().zip(polynomial) {
            *weight += f64::from(multiplicity) * value;
        }
    }
    // A class holds a first row and its flip, so only the sum of both orders is the distribution.
    Ok(MagnetizationDistribution::symmetric(sites, temperature, &weights))
}

/// One representative of each class of rows under translation, reflection and flip, with the size of the class.
pub(super) fn row_classes(size: usize) -> Vec<(usize, u32)> {
    classes(&representatives(size))
}

/// The first row of the class of each row.
fn representatives(size: usize) -> Vec<usize> {
    let mask = (1usize << size) - 1;
    let mut first: Vec<Option<usize>> = vec![None; 1 << size];
    for row in 0..1usize << size {
        let reflected = row.reverse_bits() >> (usize::BITS as usize - size);
        for base in [row, reflected, !row & mask, !reflected & mask] {
            for shift in 0..size {
                first[(base << shift | base >> (size - shift)) & mask].get_or_insert(row);
            }
        }
    }
    first.into_iter().flatten().collect()
}

/// The rows that represent themselves, with the number of those that they represent.
fn classes(representatives: &[usize]) -> Vec<(usize, u32)> {
    let mut members = vec![0; representatives.len()];
    representatives.iter().for_each(|&row| members[row] += 1);
    members.into_iter().enumerate().filter(|class| class.1 > 0).collect()
}

/// The polynomials of all states, for one first row.
struct Transfer {
    size: usize,
    first_row: usize,
    /// The weights 1, x, x², … of unsatisfied bonds.
    broken: Vec<f64>,
    /// Coefficients, `width` for each state: [`LANES`] zeros, so that there is something before the first coefficient,
    /// then the coefficients of 1, y, y², …, filled up to a multiple of [`LANES`]. The spins of the state itself are
    /// not counted until they are replaced.
    polynomials: Vec<f64>,
    width: usize,
    /// The number of sites that are counted so far: the polynomials' degree.
    degree: usize,
}

/// Coefficients that are worked on together.
const LANES: usize = 8;

impl Transfer {
    fn new(size: usize, broken: f64, first_row: usize) -> Self {
        let width = LANES + (size * size.div_ceil(2) + 1).next_multiple_of(LANES);
        let mut polynomials = vec![0.0; width << size];
        polynomials[first_row * width + LANES] = 1.0;
        let broken = (0..=size as i32).map(|bonds| broken.powi(bonds)).collect();
        Self { size, first_row, broken, polynomials, width, degree: 0 }
    }

    /// The polynomial of all tori with this first row, their weights times those that `times` gives their middle rows.
    #[inline(always)]
    fn close(mut self, times: &[f64]) -> Vec<f64> {
        self.add_rows(self.size / 2);
        let short = self.polynomials.clone();
        if self.size % 2 == 1 {
            self.add_rows(1);
        }
        // Both halves count the spins of the first row, and none those of the middle one.
        let mut total = vec![0.0; self.size + self.size * self.size + 1];
        for (row, (short, long)) in
            short.chunks_exact(self.width).zip(self.polynomials.chunks_exact(self.width)).enumerate()
        {
            let weight = times[row] * self.along(self.first_row) * self.along(row);
            if weight != 0.0 {
                add_product(&mut total[row.count_ones() as usize..], weight, &short[LANES..], &long[LANES..]);
            }
        }
        total.drain(..self.first_row.count_ones() as usize);
        total.truncate(self.size * self.size + 1);
        total
    }

    /// Adds rows below the last one, without the bonds along the last of them.
    #[inline(always)]
    fn add_rows(&mut self, rows: usize) {
        for _ in 0..rows {
            if self.degree > 0 {
                self.weigh_row();
            }
            self.add_row();
        }
    }

    /// The weight of the bonds along a row.
    fn along(&self, row: usize) -> f64 {
        let unsatisfied = (0..self.size).filter(|&x| row >> x & 1 != row >> ((x + 1) % self.size) & 1);
        self.broken[unsatisfied.count()]
    }

    #[inline(always)]
    fn weigh_row(&mut self) {
        for row in 0..1 << self.size {
            let weight = self.along(row);
            self.polynomials[row * self.width..][..self.width].iter_mut().for_each(|value| *value *= weight);
        }
    }

    /// Adds a row, in groups of [`GROUP`] sites: for each setting of the other spins a group's states are few enough to
    /// stay in the first cache while all sites of the group are added.
    #[inline(always)]
    fn add_row(&mut self) {
        for start in (0..self.size).step_by(GROUP) {
            let end = (start + GROUP).min(self.size);
            let group = (1usize << end) - (1 << start);
            for others in (0..1usize << self.size).filter(|state| state & group == 0) {
                for x in start..end {
                    self.add_site(x, group & !(1 << x), others);
                }
            }
        }
        self.degree += self.size;
    }

    /// Adds site x of the row for the states that differ from `others` in the bits of `free` (and in that of the site).
    #[inline(always)]
    fn add_site(&mut self, x: usize, free: usize, others: usize) {
        let bit = 1 << x;
        let length = LANES + (self.degree + x + 2).next_multiple_of(LANES);
        let mut part = 0usize;
        loop {
            let down = others | part;
            let (head, tail) = self.polynomials.split_at_mut((down | bit) * self.width);
            butterfly(&mut head[down * self.width..][..length], &mut tail[..length], self.broken[1]);
            // The next subset of the free bits.
            part = part.wrapping_sub(free) & free;
            if part == 0 {
                return;
            }
        }
    }
}

/// Sites of a row that are added together.
const GROUP: usize = 5;

for_each_width! {
    fn close(transfer: Transfer, times: &[f64]) -> Vec<f64> = Transfer::close;
}

/// below' = below + x y above, above' = x below + y above: the spin that is replaced is counted, the new one not yet.
/// From the highest power down, so that the lower ones are still the old ones when they are needed.
#[inline(always)]
fn butterfly(below: &mut [f64], above: &mut [f64], broken: f64) {
    for start in (LANES..below.len()).step_by(LANES).rev() {
        // One coefficient more at the lower end, for the factor y.
        let down = &mut below[start..][..LANES];
        let up = &mut above[start - 1..][..LANES + 1];
        let new_down: [f64; LANES] = std::array::from_fn(|k| down[k] + broken * up[k]);
        let new_up: [f64; LANES] = std::array::from_fn(|k| broken * down[k] + up[k]);
        down.copy_from_slice(&new_down);
        up[1..].copy_from_slice(&new_up);
    }
}

/// total += weight × a × b.
#[inline(always)]
fn add_product(total: &mut [f64], weight: f64, a: &[f64], b: &[f64]) {
    for (power, &value) in a.iter().enumerate().filter(|(_, value)| **value != 0.0) {
        let factor = weight * value;
        total[power..].iter_mut().zip(b).for_each(|(total, value)| *total += factor * value);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{critical_temperature, enumerate};
    use super::*;

    #[test]
    fn classes_of_rows() {
        assert_eq!(row_classes(10).len(), 44);
        for size in 2..=12 {
            assert_eq!(row_classes(size).iter().map(|c| c.1).sum::<u32>(), 1 << size);
        }
    }

    #[test]
    fn agrees_with_enumeration() {
        for size in 2..=4 {
            let states = enumerate(datasets::lattice::Lattice::square(size).unwrap()).unwrap();
            for temperature in [0.3, 1.0, 2.0, critical_temperature(), 5.0, f64::INFINITY] {
                for field in [0.0, 0.3, -1.0] {
                    let ground = -2 * (size * size) as i32;
                    let weight = |e: i32, m: i32| {
                        (-(f64::from(e - ground) - field * f64::from(m)) / temperature).exp()
                    };
                    let total: f64 =
                        states.iter().map(|s| s.count as f64 * weight(s.energy, s.magnetization)).sum();
                    let law = magnetization_distribution(size, temperature).unwrap().in_field(field).unwrap();
                    for (m, p) in law.magnetization.iter().zip(&law.probability) {
                        let expected: f64 = states
                            .iter()
                            .filter(|s| s.magnetization == *m)
                            .map(|s| s.count as f64 * weight(s.energy, s.magnetization))
                            .sum::<f64>()
                            / total;
                        assert!((p - expected).abs() < 1e-13, "L {size} T {temperature} h {field} M {m}");
                    }
                }
            }
        }
    }

    #[test]
    fn published_values_at_ten() {
        let law = |t| magnetization_distribution(10, t).unwrap();
        for (temperature, expected) in
            [(2.0, 0.911_122), (2.25, 0.772_391), (critical_temperature(), 0.756_274), (3.0, 0.277_498)]
        {
            assert!((law(temperature).abs() - expected).abs() < 5.1e-7, "T = {temperature}");
        }
        let found = law(critical_temperature()).squared();
        // The published digits are cut off, not rounded.
        assert!((found - 0.612_567).abs() < 1e-6, "{found}");
    }

    #[test]
    fn limits_of_the_temperature() {
        for size in [5, 10] {
            let sites = size * size;
            let hot = magnetization_distribution(size, f64::INFINITY).unwrap();
            assert!((hot.squared() * sites as f64 - 1.0).abs() < 1e-12);
            // The fourth moment of N independent spins is (3N − 2) / N³.
            let exact = (3 * sites - 2) as f64 / (sites as f64).powi(3);
            assert!((hot.fourth() / exact - 1.0).abs() < 1e-11);
            let cold = magnetization_distribution(size, 0.0).unwrap();
            assert_eq!((cold.probability[0], cold.abs(), cold.susceptibility()), (0.5, 1.0, 0.0));
            let cold = cold.in_field(0.1).unwrap();
            assert_eq!(cold.average(|m| m), 1.0);
        }
    }

    #[test]
    fn bad_input_is_refused() {
        assert!(magnetization_distribution(1, 1.0).is_err());
        assert!(magnetization_distribution(4, -1.0).is_err());
        assert!(magnetization_distribution(4, f64::NAN).is_err());
        let message = magnetization_distribution(13, 1.0).unwrap_err().to_string();
        assert!(message.contains("13") && message.contains("12"), "{message}");
        assert!(magnetization_distribution(3, 1.0).unwrap().in_field(f64::INFINITY).is_err());
    }
}
