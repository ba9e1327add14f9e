//! The exact distribution of the magnetization, by a transfer matrix that adds one site at a time.
//!
//! The state of the transfer matrix is the configuration of the last L sites that were added (2^L states); each state
//! carries a polynomial in y whose coefficient of y^k is the weight of the partial lattices with k spins up. Adding a site
//! replaces one spin s of the state by the spin s' below it, with weight x^{[s ≠ s']} times x^{[s' ≠ its left
//! neighbour]}, x = e^{−2/T}: a butterfly of two polynomials. The first row is fixed and closes the torus at the end; only one
//! representative of each class of first rows under translation, reflection and global flip is needed (44 of 1024 at L = 10).
//! All weights are in 0..=1 and their sum at most 2^144, so that nothing can overflow and nothing is subtracted.

use numerics::vector::{Width, width};

use super::{ExactError, response};

/// The largest L of [`magnetization_distribution`]. The time grows as 2^L L^5: about 0.1 s at 10 and 2 s at 12.
pub const LARGEST_TRANSFER: usize = 12;

/// The probabilities of all values of the magnetization.
#[derive(Debug, Clone, PartialEq)]
pub struct MagnetizationDistribution {
    /// L.
    pub size: usize,
    /// Temperature in J/k_B.
    pub temperature: f64,
    /// −N, −N + 2, …, N.
    pub magnetization: Vec<i32>,
    /// The probability of each; sums to 1.
    pub probability: Vec<f64>,
}

impl MagnetizationDistribution {
    /// ⟨f(m)⟩ with m = M / N.
    pub fn average(&self, f: impl Fn(f64) -> f64) -> f64 {
        let sites = (self.size * self.size) as f64;
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
        let scale = (self.size * self.size) as f64 / self.temperature;
        response(scale, self.squared() - self.abs().powi(2))
    }

    /// 1 − ⟨m⁴⟩ / (3 ⟨m²⟩²).
    pub fn binder_cumulant(&self) -> f64 {
        1.0 - self.fourth() / (3.0 * self.squared().powi(2))
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
        let sites = (self.size * self.size) as i32;
        if field != 0.0 {
            let largest = if field > 0.0 { sites } else { -sites };
            for (probability, &m) in tilted.probability.iter_mut().zip(&self.magnetization) {
                // From the favoured end, so that the exponent is never positive; 0 · ∞ does not occur at T = 0.
                let energy = field * f64::from(m - largest);
                if energy != 0.0 {
                    *probability *= (energy / self.temperature).exp();
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
    let broken = if temperature == 0.0 { 0.0 } else { (-2.0 / temperature).exp() };
    let mut weights = vec![0.0; sites + 1];
    for (first_row, multiplicity) in row_classes(size) {
        let polynomial = Transfer::new(size, broken, first_row).run();
        for (weight, value) in weights.iter_mut().zip(polynomial) {
            *weight += f64::from(multiplicity) * value;
        }
    }
    // A class holds a first row and its flip, so only the sum of both orders is the distribution.
    let sum: f64 = weights.iter().sum();
    let probability = (0..=sites).map(|k| (weights[k] + weights[sites - k]) / (2.0 * sum)).collect();
    Ok(MagnetizationDistribution {
        size,
        temperature,
        magnetization: (0..=sites as i32).map(|k| 2 * k - sites as i32).collect(),
        probability,
    })
}

/// One representative of each class of rows under translation, reflection and flip, with the size of the class.
fn row_classes(size: usize) -> Vec<(usize, u32)> {
    let mask = (1usize << size) - 1;
    let mut seen = vec![false; 1 << size];
    let mut classes = Vec::new();
    for row in 0..1usize << size {
        if seen[row] {
            continue;
        }
        let mut members = 0;
        let reflected = row.reverse_bits() >> (usize::BITS as usize - size);
        for base in [row, reflected, !row & mask, !reflected & mask] {
            for shift in 0..size {
                let image = (base << shift | base >> (size - shift)) & mask;
                members += u32::from(!std::mem::replace(&mut seen[image], true));
            }
        }
        classes.push((row, members));
    }
    classes
}

/// The polynomials of all states, for one first row.
struct Transfer {
    size: usize,
    first_row: usize,
    /// The weight x of an unsatisfied bond.
    broken: f64,
    /// Coefficients, `width` for each state.
    polynomials: Vec<f64>,
    width: usize,
    /// The number of sites so far: the polynomials' degree.
    degree: usize,
    scratch: Vec<f64>,
}

impl Transfer {
    fn new(size: usize, broken: f64, first_row: usize) -> Self {
        let width = size * size + 1;
        let mut polynomials = vec![0.0; width << size];
        let up = first_row.count_ones() as usize;
        let unsatisfied = (0..size).filter(|&x| first_row >> x & 1 != first_row >> ((x + 1) % size) & 1);
        polynomials[first_row * width + up] = broken.powi(unsatisfied.count() as i32);
        Self { size, first_row, broken, polynomials, width, degree: size, scratch: vec![0.0; width] }
    }

    fn run(mut self) -> Vec<f64> {
        for _ in 1..self.size {
            for x in 0..self.size {
                add_site(&mut self, x);
            }
        }
        // The bonds from the last row to the first one.
        let mut total = vec![0.0; self.width];
        for (state, polynomial) in self.polynomials.chunks_exact(self.width).enumerate() {
            let weight = self.broken.powi((state ^ self.first_row).count_ones() as i32);
            for (total, value) in total.iter_mut().zip(polynomial) {
                *total += weight * value;
            }
        }
        total
    }

    #[inline(always)]
    fn add_site(&mut self, x: usize) {
        let bit = 1 << x;
        let left = if x == 0 { None } else { Some(x - 1) };
        let wrap = if x + 1 == self.size { Some(0) } else { None };
        for down in (0..1usize << self.size).filter(|state| state & bit == 0) {
            // The horizontal bonds that end at the new site.
            let (mut weight_down, mut weight_up) = (1.0, 1.0);
            for neighbour in [left, wrap].into_iter().flatten() {
                if down >> neighbour & 1 == 1 {
                    weight_down *= self.broken;
                } else {
                    weight_up *= self.broken;
                }
            }
            let (head, tail) = self.polynomials.split_at_mut((down | bit) * self.width);
            let below = &mut head[down * self.width..][..=self.degree + 1];
            let above = &mut tail[..=self.degree + 1];
            butterfly(below, above, &mut self.scratch, [weight_down, weight_up], self.broken);
        }
        self.degree += 1;
    }
}

/// [`Transfer::add_site`] in the widest registers. The operations and their order are the same in each, and so is the result.
fn add_site(transfer: &mut Transfer, x: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx512f")]
        fn avx512(transfer: &mut Transfer, x: usize) {
            transfer.add_site(x);
        }
        #[target_feature(enable = "avx2")]
        fn avx2(transfer: &mut Transfer, x: usize) {
            transfer.add_site(x);
        }
        match width() {
            // SAFETY: `width` returns this value only if the machine has AVX-512F.
            Width::Avx512 => return unsafe { avx512(transfer, x) },
            // SAFETY: `width` returns this value only if the machine has AVX2.
            Width::Avx2 => return unsafe { avx2(transfer, x) },
            Width::Portable => {}
        }
    }
    transfer.add_site(x);
}

/// below' = w_down (below + x above), above' = y w_up (x below + above).
#[inline(always)]
fn butterfly(below: &mut [f64], above: &mut [f64], scratch: &mut [f64], weights: [f64; 2], broken: f64) {
    let n = below.len();
    let (above, scratch) = (&mut above[..n], &mut scratch[..n]);
    scratch.copy_from_slice(above);
    let [weight_down, weight_up] = weights;
    let (cross_down, cross_up) = (weight_down * broken, weight_up * broken);
    for ((new, &down), &up) in above[1..].iter_mut().zip(&below[..n - 1]).zip(&scratch[..n - 1]) {
        *new = cross_up * down + weight_up * up;
    }
    above[0] = 0.0;
    for (down, &up) in below.iter_mut().zip(&*scratch) {
        *down = weight_down * *down + cross_down * up;
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
            let states = enumerate(size).unwrap();
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
