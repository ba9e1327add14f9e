//! The infinite lattice: Onsager's energy and specific heat, Yang's magnetization.

use super::kaufman::{HOT, HOT_SIZE, hot};
use super::{Canonical, ExactError, response};

/// Energy and specific heat per site of the infinite lattice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bulk {
    /// In J.
    pub energy_per_spin: f64,
    /// In k_B; ∞ at T_c.
    pub specific_heat: f64,
}

/// T_c = 2 / ln(1 + √2) = 2.269185… J/k_B.
///
/// ```
/// assert!((ising_mc::exact::critical_temperature() - 2.269_185_314_213_022).abs() < 1e-15);
/// ```
pub fn critical_temperature() -> f64 {
    2.0 / (1.0 + 2f64.sqrt()).ln()
}

/// Onsager's energy and specific heat (Phys. Rev. 65, 117, 1944) at a temperature in 0..=∞ J/k_B.
///
/// # Errors
///
/// If the temperature is negative or not a number.
///
/// ```
/// use ising_mc::exact::{critical_temperature, onsager};
/// assert!((onsager(critical_temperature())?.energy_per_spin + 2f64.sqrt()).abs() < 1e-7);
/// # Ok::<(), ising_mc::exact::ExactError>(())
/// ```
pub fn onsager(temperature: f64) -> Result<Bulk, ExactError> {
    ExactError::check_temperature(temperature)?;
    let k = 1.0 / temperature;
    // Below this temperature the first term of the series is exact to f64.
    if temperature < 0.06 {
        let excitation = if temperature == 0.0 { 0.0 } else { (-8.0 * k).exp() };
        let specific_heat = response(64.0 * k * k, excitation);
        return Ok(Bulk { energy_per_spin: -2.0 + 8.0 * excitation, specific_heat });
    }
    // The closed form is a difference of large numbers, and large lattices are the bulk.
    if k < HOT {
        let Canonical { energy_per_spin, specific_heat, .. } = hot(HOT_SIZE, k);
        return Ok(Bulk { energy_per_spin, specific_heat });
    }
    let tanh = (2.0 * k).tanh();
    let (sinh, cosh) = ((2.0 * k).sinh(), (2.0 * k).cosh());
    // The complementary modulus κ' = 2 tanh²2K − 1 of κ = 2 sinh 2K / cosh²2K.
    let complementary = (sinh * sinh - 1.0) / (cosh * cosh);
    let (first, second) = elliptic(complementary.abs());
    let pi = std::f64::consts::PI;
    // At T_c the first integral diverges but is multiplied by 0.
    let product = if complementary == 0.0 { 0.0 } else { complementary * first };
    let energy_per_spin = -(1.0 + 2.0 / pi * product) / tanh;
    let bracket = 2.0 * (first - second) - (1.0 - complementary) * (0.5 * pi + product);
    Ok(Bulk { energy_per_spin, specific_heat: 2.0 / pi * (k / tanh).powi(2) * bracket })
}

/// The complete elliptic integrals of the first and the second kind for a complementary modulus in 0..=1, by the
/// arithmetic-geometric mean.
fn elliptic(complementary: f64) -> (f64, f64) {
    let (mut a, mut g) = (1.0, complementary);
    let mut c = (1.0 - complementary * complementary).sqrt();
    let mut sum = 0.5 * c * c;
    let mut weight = 0.5;
    for _ in 0..40 {
        if c.abs() <= 1e-17 * a {
            break;
        }
        c = 0.5 * (a - g);
        let mean = 0.5 * (a + g);
        g = (a * g).sqrt();
        a = mean;
        weight *= 2.0;
        sum += weight * c * c;
    }
    let first = if complementary == 0.0 { f64::INFINITY } else { 0.5 * std::f64::consts::PI / a };
    let second = if complementary == 0.0 { 1.0 } else { first * (1.0 - sum) };
    (first, second)
}

/// Yang's spontaneous magnetization (1 − sinh^−4 2K)^⅛ (Phys. Rev. 85, 808, 1952); 0 from T_c on.
///
/// # Errors
///
/// If the temperature is negative or not a number.
///
/// ```
/// assert_eq!(ising_mc::exact::spontaneous_magnetization(3.0)?, 0.0);
/// assert!((ising_mc::exact::spontaneous_magnetization(2.0)? - 0.911_319).abs() < 1e-6);
/// # Ok::<(), ising_mc::exact::ExactError>(())
/// ```
pub fn spontaneous_magnetization(temperature: f64) -> Result<f64, ExactError> {
    ExactError::check_temperature(temperature)?;
    if temperature >= critical_temperature() {
        return Ok(0.0);
    }
    // 1/T = ∞ gives sinh = ∞ and m = 1.
    let sinh = (2.0 / temperature).sinh();
    Ok((1.0 - sinh.powi(-4)).max(0.0).powf(0.125))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elliptic_integrals_at_known_moduli() {
        // Legendre's relation at κ² = ½: 2 K E − K² = π/2; and K(0) = E(0) = π/2.
        let (first, second) = elliptic(0.5f64.sqrt());
        assert!((2.0 * first * second - first * first - std::f64::consts::FRAC_PI_2).abs() < 1e-14);
        assert!((first - 1.854_074_677_301_372).abs() < 1e-14);
        let (first, second) = elliptic(1.0);
        assert!((first - std::f64::consts::FRAC_PI_2).abs() < 1e-15 && (second - first).abs() < 1e-15);
    }

    #[test]
    fn specific_heat_is_the_derivative_of_the_energy() {
        for temperature in [0.5, 1.0, 2.0, 2.2, 2.4, 5.0] {
            let h = 1e-5;
            let slope = (onsager(temperature + h).unwrap().energy_per_spin
                - onsager(temperature - h).unwrap().energy_per_spin)
                / (2.0 * h);
            let found = onsager(temperature).unwrap().specific_heat;
            assert!((found - slope).abs() < 1e-6, "{temperature}: {found} {slope}");
        }
    }

    #[test]
    fn limits() {
        assert_eq!(onsager(0.0).unwrap(), Bulk { energy_per_spin: -2.0, specific_heat: 0.0 });
        assert_eq!(onsager(f64::INFINITY).unwrap().energy_per_spin, 0.0);
        assert_eq!(spontaneous_magnetization(0.0).unwrap(), 1.0);
        assert!(onsager(f64::NAN).is_err() && spontaneous_magnetization(-1.0).is_err());
    }

    #[test]
    fn magnetization_is_that_of_a_large_torus() {
        // At low temperature ⟨|m|⟩ of a torus equals the bulk value up to exponentially small terms.
        let torus = super::super::magnetization_distribution(10, 1.2).unwrap().abs();
        assert!((torus - spontaneous_magnetization(1.2).unwrap()).abs() < 1e-7);
    }
}
