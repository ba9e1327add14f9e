//! The exact density of states g(E) of the L × L torus, and the canonical averages that follow from it.
//!
//! Kaufman's partition function (Phys. Rev. 76, 1232, 1949) of the L × L torus is, as P. D. Beale wrote it (Phys. Rev.
//! Lett. 76, 78, 1996), e^{2NK} ½ (Z₁ + Z₂ + Z₃ + Z₄) with K = J/T, N = L² and polynomials in x = e^{−2K}:
//!
//! * Z₁ = Π c_k and Z₂ = Π s_k over the odd k in 0..2L, Z₃ and Z₄ the same over the even k, where k and 2L − k
//!   share one quadratic factor, so that every factor but those of k = 0 and k = L comes as a square,
//! * c_k², s_k² = 2^{1−L} (U_L(α_k) ± β^L), with α_k = (1 + x²)² − β cos(πk/L), β = 2x (1 − x²) and
//!   U_n = ½ ((α + √(α² − β²))^n + (α − √(α² − β²))^n), that is U_0 = 1, U_1 = α, U_{n+1} = 2α U_n − β² U_{n−1},
//! * c₀, s₀ = (1 − x)^L ± x^L (1 + x)^L and c_L, s_L = (1 + x)^L ± x^L (1 − x)^L.
//!
//! The coefficient of x^b in the sum is the number of states with b unsatisfied bonds, E = −2N + 2b. The cosines are not
//! rational, but the product is: the expansion is done modulo primes p ≡ 1 (mod 2L), in which cos(πk/L) is half the
//! sum of a root of unity and its inverse, and the integers are recombined from enough of them.

use datasets::DensityOfStates;
use numerics::elementary::{exp, exp_m1, ln};

use super::count::Count;
use super::modular::Field;
use super::{ExactError, response};

/// The largest L of [`density_of_states`]. The time grows as L⁶ (half a second at 32).
pub const LARGEST_DENSITY: usize = 32;

/// The number of states at each energy, exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Levels {
    /// L.
    pub size: usize,
    /// The energies that occur, total in J, ascending.
    pub energy: Vec<i32>,
    /// The number of states at each.
    pub count: Vec<Count>,
}

/// ln g(E) of the L × L torus, each site with its right and its lower neighbour.
///
/// # Errors
///
/// If `size` is below 2 or above [`LARGEST_DENSITY`].
///
/// ```
/// let states = ising_mc::exact::density_of_states(10)?;
/// // Two ground states; 200 states with one spin turned.
/// assert_eq!(states.energy[..2], [-200, -192]);
/// assert!((states.log_count[0].exp() - 2.0).abs() < 1e-12);
/// assert!((states.log_count[1].exp() - 200.0).abs() < 1e-10);
/// # Ok::<(), ising_mc::exact::ExactError>(())
/// ```
pub fn density_of_states(size: usize) -> Result<DensityOfStates, ExactError> {
    let levels = levels(size)?;
    Ok(DensityOfStates { energy: levels.energy, log_count: levels.count.iter().map(Count::ln).collect() })
}

/// g(E) of the L × L torus as integers.
///
/// # Errors
///
/// As [`density_of_states`].
pub fn levels(size: usize) -> Result<Levels, ExactError> {
    ExactError::check_size(
        size,
        "the density of states",
        LARGEST_DENSITY,
        "`kaufman` gives the canonical energy and specific heat of larger lattices",
    )?;
    let sites = size * size;
    // The sum of all counts is 2^sites, so every count lies below a product of primes of more than 61 bits each.
    let fields = Field::with_roots(2 * size as u64, (sites + 1).div_ceil(61));
    let residues: Vec<Vec<u64>> = fields.iter().map(|field| counts_modulo(field, size)).collect();
    let mut levels = Levels { size, energy: Vec::new(), count: Vec::new() };
    for broken in 0..=2 * sites {
        let residue: Vec<u64> = residues.iter().map(|counts| counts[broken]).collect();
        let count = Count::from_residues(&residue, &fields);
        if !count.is_zero() {
            levels.energy.push(2 * broken as i32 - 2 * sites as i32);
            levels.count.push(count);
        }
    }
    Ok(levels)
}

/// The number of states with 0, 1, …, 2N unsatisfied bonds, modulo p.
fn counts_modulo(field: &Field, size: usize) -> Vec<u64> {
    let minus_one = field.prime() - 1;
    let beta = [0, 2, 0, field.prime() - 2];
    let beta_squared = field.product(&beta, &beta);
    let beta_power = power(field, &beta, size);
    let half = field.inverse(2);
    let normalisation = field.power(half, size as u64 - 1);
    let mut products = [vec![1], vec![1], vec![1], vec![1]];
    for k in 1..size {
        let cosine = {
            let root = field.power(field.root(), k as u64);
            field.multiply(half, field.add(root, field.inverse(root)))
        };
        let alpha = field.combination(&[1, 0, 2, 0, 1], field.subtract(0, cosine), &beta);
        let (mut previous, mut current) = (vec![1], alpha.clone());
        for _ in 1..size {
            let doubled = field.product(&alpha, &current);
            let next = field.combination(&doubled, 1, &doubled);
            let next = field.combination(&next, minus_one, &field.product(&beta_squared, &previous));
            previous = std::mem::replace(&mut current, next);
        }
        let parity = if k % 2 == 1 { 0 } else { 2 };
        for (index, sign) in [(parity, 1), (parity + 1, minus_one)] {
            let factor = field.combination(&current, sign, &beta_power);
            let factor = field.combination(&[], normalisation, &factor);
            products[index] = field.product(&products[index], &factor);
        }
    }
    // The unpaired factors: k = 0 belongs to the even product, k = L to that of L's parity.
    let (plus, minus) = (power(field, &[1, 1], size), power(field, &[1, minus_one], size));
    let shifted = |p: &[u64]| [vec![0; size], p.to_vec()].concat();
    let last = if size % 2 == 1 { 0 } else { 2 };
    for (offset, sign) in [(0, 1), (1, minus_one)] {
        let zero = field.combination(&minus, sign, &shifted(&plus));
        products[2 + offset] = field.product(&products[2 + offset], &zero);
        let end = field.combination(&plus, sign, &shifted(&minus));
        products[last + offset] = field.product(&products[last + offset], &end);
    }
    let mut sum = vec![0; 2 * size * size + 1];
    for product in &products {
        sum = field.combination(&sum, half, product);
    }
    sum
}

fn power(field: &Field, base: &[u64], exponent: usize) -> Vec<u64> {
    (0..exponent).fold(vec![1], |product, _| field.product(&product, base))
}

/// Canonical averages from the density of states; energies in J, the temperature in J/k_B.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Canonical {
    /// ln Z; with `temperature` 0 it is −∞ or ∞ and is given as the logarithm of the number of ground states, the energy
    /// being counted from the ground state.
    pub log_partition: f64,
    /// ⟨E⟩ / N.
    pub energy_per_spin: f64,
    /// (⟨E²⟩ − ⟨E⟩²) / (N T²) in k_B; 0 at T = 0 and at T = ∞.
    pub specific_heat: f64,
}

/// ln Z, energy and specific heat per site of a lattice of N sites at a temperature in 0..=∞.
///
/// # Errors
///
/// If the temperature is negative or not a number.
pub fn canonical(states: &DensityOfStates, sites: usize, temperature: f64) -> Result<Canonical, ExactError> {
    ExactError::check_temperature(temperature)?;
    let sites = sites as f64;
    let ground = f64::from(states.energy[0]);
    if temperature == 0.0 {
        return Ok(Canonical {
            log_partition: states.log_count[0],
            energy_per_spin: ground / sites,
            specific_heat: 0.0,
        });
    }
    let beta = 1.0 / temperature;
    let exponents: Vec<f64> = states
        .energy
        .iter()
        .zip(&states.log_count)
        .map(|(&energy, log)| log - beta * (f64::from(energy) - ground))
        .collect();
    let largest = exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = exponents.iter().map(|e| exp(e - largest)).collect();
    let sum: f64 = weights.iter().sum();
    let average = |f: &dyn Fn(f64) -> f64| -> f64 {
        states.energy.iter().zip(&weights).map(|(&e, w)| f(f64::from(e)) * w).sum::<f64>() / sum
    };
    // Counted from the ground state, where the low-temperature excess is not lost in rounding; at high temperature from
    // the mean at T = ∞, which is 0, so that the weights may be counted from 1.
    let excess = average(&|e| e - ground);
    let mean = if beta * ground.abs() < 1.0 {
        let change =
            |(&e, log): (&i32, &f64)| exp(log - largest) * f64::from(e) * exp_m1(-beta * f64::from(e));
        let all = states.energy.iter().zip(&states.log_count);
        all.map(change).sum::<f64>() * exp(beta * ground) / sum
    } else {
        ground + excess
    };
    let variance = average(&|e| (e - ground - excess).powi(2));
    Ok(Canonical {
        log_partition: largest + ln(sum) - beta * ground,
        energy_per_spin: mean / sites,
        specific_heat: response(beta * beta / sites, variance),
    })
}

#[cfg(test)]
mod tests {
    use super::super::enumerate;
    use super::*;

    #[test]
    fn agrees_with_enumeration() {
        for size in 2..=4 {
            let levels = levels(size).unwrap();
            let states = enumerate(datasets::lattice::Lattice::square(size).unwrap()).unwrap();
            let mut energies: Vec<i32> = states.iter().map(|state| state.energy).collect();
            energies.sort_unstable();
            energies.dedup();
            assert_eq!(levels.energy, energies, "L = {size}");
            for (energy, count) in levels.energy.iter().zip(&levels.count) {
                let counted: u128 =
                    states.iter().filter(|s| s.energy == *energy).map(|s| u128::from(s.count)).sum();
                assert_eq!(count.to_u128(), Some(counted), "L = {size}, E = {energy}");
            }
        }
    }

    #[test]
    fn counts_all_states_and_knows_the_first_levels() {
        for size in (5..=16).chain([32]) {
            let levels = levels(size).unwrap();
            let total = levels.count.iter().fold(Count::from_u128(0), |sum, count| sum.plus(count));
            assert_eq!(total, Count::power_of_two(size * size), "L = {size}");
            let sites = (size * size) as i32;
            assert_eq!(levels.energy[..2], [-2 * sites, -2 * sites + 8]);
            assert_eq!(levels.count[0].to_u128(), Some(2));
            assert_eq!(levels.count[1].to_u128(), Some(2 * sites as u128));
            // Two turned neighbours (2N of them) have E = −2N + 12.
            assert_eq!(levels.count[2].to_u128(), Some(4 * sites as u128));
        }
    }

    #[test]
    fn even_lattices_are_symmetric() {
        for size in [4, 6, 10] {
            let levels = levels(size).unwrap();
            let n = levels.energy.len();
            for k in 0..n {
                assert_eq!(levels.energy[k], -levels.energy[n - 1 - k]);
                assert_eq!(levels.count[k], levels.count[n - 1 - k]);
            }
        }
    }

    #[test]
    fn published_values_at_ten() {
        let states = density_of_states(10).unwrap();
        for (temperature, energy) in
            [(1.0, -1.997_160), (2.0, -1.745_431), (2.25, -1.500_168), (3.0, -0.825_641)]
        {
            let found = canonical(&states, 100, temperature).unwrap();
            assert!((found.energy_per_spin - energy).abs() < 5.1e-7, "{temperature} {found:?}");
        }
        let found = canonical(&states, 100, 2.25).unwrap();
        assert!((found.specific_heat - 1.233_272).abs() < 5.1e-7);
    }

    #[test]
    fn limits_of_the_temperature() {
        let states = density_of_states(6).unwrap();
        let cold = canonical(&states, 36, 0.0).unwrap();
        assert_eq!((cold.energy_per_spin, cold.specific_heat), (-2.0, 0.0));
        let hot = canonical(&states, 36, f64::INFINITY).unwrap();
        assert!(hot.energy_per_spin.abs() < 1e-13 && hot.specific_heat == 0.0);
        assert!((hot.log_partition - 36.0 * std::f64::consts::LN_2).abs() < 1e-12);
        // Low temperatures: N states of energy 8 above each ground state.
        let low = canonical(&states, 36, 0.4).unwrap();
        assert!(((low.energy_per_spin + 2.0) / (8.0 * (-20f64).exp()) - 1.0).abs() < 1e-3);
        assert!(canonical(&states, 36, -1.0).is_err() && canonical(&states, 36, f64::NAN).is_err());
    }

    #[test]
    fn sizes_out_of_range_are_refused() {
        assert!(levels(1).is_err());
        let message = levels(33).unwrap_err().to_string();
        assert!(message.contains("33") && message.contains("32") && message.contains("kaufman"), "{message}");
    }
}
