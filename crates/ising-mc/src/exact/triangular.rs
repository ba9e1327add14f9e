//! The triangular torus: ln Z, energy and specific heat of any size.

use numerics::elementary::{exp, ln, sin_cos_pi};

use super::{Canonical, ExactError, response};

/// Energy and specific heat of the L × L triangular torus at a temperature in 0..=∞ J/k_B, from Z = 2^N ½ (Z₁₁ + Z₀₁ +
/// Z₁₀ ± Z₀₀) with products over φ = 2π (p + a/2) / L, θ = 2π (q + b/2) / L,
///
/// Z_ab = Π_{p,q} \[C³ + S³ − S (cos φ + cos θ + cos(φ + θ))\]^½, C = cosh 2K, S = sinh 2K, K = J/T
///
/// (R. M. F. Houtappel, Physica 16, 425, 1950, on a torus). In x = e^{2K} each factor is x³/4 + 3/(4x) − g (x − 1/x)/2
/// with g the sum of cosines, and the one of p = q = 0 in Z₀₀ is the square of (e^{3K} − 3 e^{−K})/2, which changes its
/// sign at K_c = ln 3 / 4.
///
/// # Errors
///
/// If L is below 3, or the temperature is negative or not a number.
///
/// ```
/// let found = ising_mc::exact::triangular(100, 4.0 / 3f64.ln())?;
/// // −2 J in the infinite lattice; what is left falls as 1/L.
/// assert!((found.energy_per_spin + 2.0).abs() < 0.02);
/// # Ok::<(), ising_mc::exact::ExactError>(())
/// ```
pub fn triangular(size: usize, temperature: f64) -> Result<Canonical, ExactError> {
    if size < 3 {
        return Err(ExactError::TooSmall { size, what: "triangular torus" });
    }
    ExactError::check_temperature(temperature)?;
    let sites = (size * size) as f64;
    let k = 1.0 / temperature;
    // Far below any temperature at which a spin is turned: 12 J, with 2 N states.
    if temperature < 0.3 {
        let excitation = if temperature == 0.0 { 0.0 } else { exp(-12.0 * k) };
        return Ok(Canonical {
            log_partition: if temperature == 0.0 {
                std::f64::consts::LN_2
            } else {
                std::f64::consts::LN_2 + 3.0 * sites * k + sites * excitation
            },
            energy_per_spin: -3.0 + 12.0 * excitation,
            specific_heat: response(144.0 * k * k, excitation),
        });
    }
    let terms = [(1, 1), (0, 1), (1, 0), (0, 0)].map(|(a, b)| term(size, a, b, k));
    let largest = terms.iter().map(|t| t.log).fold(f64::NEG_INFINITY, f64::max);
    // Z and its first two derivatives with respect to K, over a common factor.
    let mut sums = [0.0; 3];
    for term in &terms {
        let scale = exp(term.log - largest);
        sums.iter_mut().zip(term.derivatives).for_each(|(sum, derivative)| *sum += scale * derivative);
    }
    let [z, first, second] = sums;
    let mean = first / z;
    let specific_heat =
        if temperature.is_finite() { response(k * k / sites, second / z - mean * mean) } else { 0.0 };
    Ok(Canonical {
        log_partition: (sites - 1.0) * std::f64::consts::LN_2 + largest + ln(z),
        energy_per_spin: -mean / sites,
        specific_heat,
    })
}

/// A product: its value over e^`log`, and those of its derivatives.
struct Term {
    log: f64,
    derivatives: [f64; 3],
}

fn term(size: usize, a: usize, b: usize, k: f64) -> Term {
    let x = exp(2.0 * k);
    // In units of π.
    let angle = |p: usize, a: usize| 2.0 * (p as f64 + 0.5 * a as f64) / size as f64;
    let cos_pi = |x: f64| sin_cos_pi(x).1;
    // ln and its derivatives; d/dK = 2x d/dx.
    let (mut log, mut first, mut second) = (0.0, 0.0, 0.0);
    for p in 0..size {
        for q in 0..size {
            if (a, b, p, q) == (0, 0, 0, 0) {
                continue;
            }
            let (phi, theta) = (angle(p, a), angle(q, b));
            let g = cos_pi(phi) + cos_pi(theta) + cos_pi(phi + theta);
            let f = 0.25 * x.powi(3) + 0.75 / x - 0.5 * g * (x - 1.0 / x);
            let by_k = 1.5 * x.powi(3) - 1.5 / x - g * (x + 1.0 / x);
            let twice = 9.0 * x.powi(3) + 3.0 / x - 2.0 * g * (x - 1.0 / x);
            log += 0.5 * ln(f);
            first += 0.5 * by_k / f;
            second += 0.5 * (twice / f - (by_k / f).powi(2));
        }
    }
    let product = [1.0, first, second + first * first];
    let derivatives = if (a, b) == (0, 0) {
        let (up, down) = (exp(3.0 * k), exp(-k));
        let [own, by_k, twice] = [0.5 * (up - 3.0 * down), 1.5 * (up + down), 0.5 * (9.0 * up - 3.0 * down)];
        let [value, first, second] = product;
        [own * value, by_k * value + own * first, twice * value + 2.0 * by_k * first + own * second]
    } else {
        product
    };
    Term { log, derivatives }
}

#[cfg(test)]
mod tests {
    use super::super::JointStates;
    use super::*;

    /// Through K_c, where a product changes its sign, and far from it.
    #[test]
    fn agrees_with_enumeration() {
        for size in 3..=5 {
            let states = JointStates::of(format!("triangular:{size}").parse().unwrap()).unwrap();
            for temperature in
                [0.0, 0.29, 0.31, 1.0, 3.0, 3.6, 4.0 / 3f64.ln(), 3.7, 6.0, 100.0, f64::INFINITY]
            {
                let (found, exact) =
                    (triangular(size, temperature).unwrap(), states.averages(temperature, 0.0).unwrap());
                let (energy, heat) = (found.energy_per_spin, found.specific_heat);
                assert!((energy - exact.energy_per_spin).abs() < 1e-11, "{size} {temperature}: {energy}");
                assert!((heat - exact.specific_heat).abs() < 1e-9, "{size} {temperature}: {heat}");
            }
        }
        assert!(triangular(2, 1.0).is_err() && triangular(3, -1.0).is_err());
    }
}
