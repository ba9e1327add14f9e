//! The infinite lattice: critical points, Onsager's energy and specific heat, Yang's magnetization.

use datasets::lattice::Kind;
use numerics::elementary::{cosh, exp, sinh, tanh};

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

/// y_t, the thermal exponent of the Ising model in two dimensions (Onsager 1944: ν = 1 / y_t = 1).
pub const THERMAL_EXPONENT: f64 = 1.0;
/// y_h, its magnetic exponent (Yang 1952: β/ν = 2 − y_h = 1/8).
pub const MAGNETIC_EXPONENT: f64 = 1.875;

/// ln(1 + √2), ln 3 and ln(2 + √3), rounded once.
const LN_1_PLUS_ROOT_2: f64 = 0.881_373_587_019_543;
const LN_3: f64 = 1.098_612_288_668_109_8;
const LN_2_PLUS_ROOT_3: f64 = 1.316_957_896_924_816_7;

/// T_c = 2 / ln(1 + √2) = 2.269185… J/k_B.
///
/// ```
/// assert!((ising_mc::exact::critical_temperature() - 2.269_185_314_213_022).abs() < 1e-15);
/// ```
pub fn critical_temperature() -> f64 {
    2.0 / LN_1_PLUS_ROOT_2
}

/// T_c of a kind of lattice in J/k_B: 2/ln(1 + √2) square, 4/ln 3 triangular, 2/ln(2 + √3) honeycomb (R. M. F.
/// Houtappel, Physica 16, 425, 1950), 0 of a chain, and 4.511528(6) simple cubic (A. L. Talapov and H. W. J. Blöte, J.
/// Phys. A 29, 5727, 1996: K_c = 0.2216544(3)). Sites without geometry have none.
///
/// ```
/// use datasets::lattice::Kind;
/// let of = ising_mc::exact::critical_temperature_of;
/// assert_eq!(of(Kind::Square), Some(ising_mc::exact::critical_temperature()));
/// assert!((of(Kind::Triangular).unwrap() - 3.640_957).abs() < 1e-6);
/// assert!((of(Kind::Honeycomb).unwrap() - 1.518_651).abs() < 1e-6);
/// assert_eq!(of(Kind::Chain), Some(0.0));
/// ```
pub fn critical_temperature_of(kind: Kind) -> Option<f64> {
    Some(match kind {
        Kind::Chain => 0.0,
        Kind::Square => critical_temperature(),
        Kind::Triangular => 4.0 / LN_3,
        Kind::Honeycomb => 2.0 / LN_2_PLUS_ROOT_3,
        Kind::Cubic => 4.511_528,
        _ => return None,
    })
}

/// The energy per bond of the infinite lattice at T_c in J, with its sign turned: ⟨σσ⟩ of nearest neighbours. √2/2
/// square, 2/3 triangular, 4/(3√3) honeycomb, exactly; about .330 simple cubic (literature); 1 of a chain.
pub fn critical_correlation(kind: Kind) -> Option<f64> {
    Some(match kind {
        Kind::Chain => 1.0,
        Kind::Square => std::f64::consts::FRAC_1_SQRT_2,
        Kind::Triangular => 2.0 / 3.0,
        Kind::Honeycomb => 4.0 / 27f64.sqrt(),
        Kind::Cubic => 0.330,
        _ => return None,
    })
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
        let excitation = if temperature == 0.0 { 0.0 } else { exp(-8.0 * k) };
        let specific_heat = response(64.0 * k * k, excitation);
        return Ok(Bulk { energy_per_spin: -2.0 + 8.0 * excitation, specific_heat });
    }
    // The closed form is a difference of large numbers, and large lattices are the bulk.
    if k < HOT {
        let Canonical { energy_per_spin, specific_heat, .. } = hot(HOT_SIZE, k);
        return Ok(Bulk { energy_per_spin, specific_heat });
    }
    let tanh = tanh(2.0 * k);
    let (sinh, cosh) = (sinh(2.0 * k), cosh(2.0 * k));
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
    let sinh = sinh(2.0 / temperature);
    Ok((1.0 - sinh.powi(-4)).max(0.0).sqrt().sqrt().sqrt())
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

    /// The free energies per site as integrals over waves, differentiated: of the triangular lattice ln 2 + ½ ⟨ln f⟩
    /// with the factors of its torus, of the honeycomb lattice ln 2 + ¼ ⟨ln ½ (1 + C³ − S² g)⟩.
    #[test]
    fn correlations_at_the_critical_points() {
        const WAVES: usize = 1000;
        let integral = |f: &dyn Fn(f64) -> f64| {
            let angle = |p: usize| std::f64::consts::TAU * (p as f64 + 0.5) / WAVES as f64;
            let mut sum = 0.0;
            for p in 0..WAVES {
                for q in 0..WAVES {
                    let (a, b) = (angle(p), angle(q));
                    sum += f(a.cos() + b.cos() + (a + b).cos());
                }
            }
            sum / (WAVES * WAVES) as f64
        };
        for kind in [Kind::Triangular, Kind::Honeycomb] {
            let k = 1.0 / critical_temperature_of(kind).unwrap();
            let (c, s) = ((2.0 * k).cosh(), (2.0 * k).sinh());
            // The derivatives of ln f with respect to K, and the bonds per site.
            let (found, bonds) = match kind {
                Kind::Triangular => {
                    let f = |g: f64| c.powi(3) + s.powi(3) - s * g;
                    let by_k = |g: f64| 6.0 * c * c * s + 6.0 * s * s * c - 2.0 * c * g;
                    (0.5 * integral(&|g| by_k(g) / f(g)), 3.0)
                }
                _ => {
                    let f = |g: f64| 1.0 + c.powi(3) - s * s * g;
                    let by_k = |g: f64| 6.0 * c * c * s - 4.0 * s * c * g;
                    (0.25 * integral(&|g| by_k(g) / f(g)), 1.5)
                }
            };
            // The integrand is singular at one point: the sum is good to 1 / WAVES.
            let exact = critical_correlation(kind).unwrap();
            assert!((found / bonds - exact).abs() < 1.0 / WAVES as f64, "{kind}: {found}");
        }
        let square = critical_correlation(Kind::Square).unwrap();
        let energy = onsager(critical_temperature()).unwrap().energy_per_spin;
        assert!((energy + 2.0 * square).abs() < 1e-7);
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
