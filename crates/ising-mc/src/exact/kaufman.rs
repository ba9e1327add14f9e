//! Kaufman's closed form of the partition function of the L × L torus, evaluated numerically for any L.
//!
//! B. Kaufman, Phys. Rev. 76, 1232 (1949); A. E. Ferdinand and M. E. Fisher, Phys. Rev. 185, 832 (1969):
//! Z = ½ (2 sinh 2K)^{N/2} (A₁ + A₂ + A₃ + A₄), A₁ = Π 2 cosh(Lγ_l/2) and A₂ = Π 2 sinh(Lγ_l/2) over odd l in 0..2L,
//! A₃ and A₄ the same over even l, cosh γ_l = cosh²2K / sinh 2K − cos(πl/L), γ₀ = 2K + ln tanh K (negative above T_c).
//! Energy and specific heat come from the analytic derivatives with respect to K.

use numerics::elementary::{self, asinh, cosh, exp, exp_m1, ln, ln_1p, sin_cos_pi, sinh, tanh};

use super::{Canonical, ExactError, response};

/// A function of K with its first two derivatives.
#[derive(Debug, Clone, Copy, Default)]
struct Jet {
    value: f64,
    first: f64,
    second: f64,
}

impl Jet {
    fn plus(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            first: self.first + other.first,
            second: self.second + other.second,
        }
    }

    /// The jet of e^self · scale-free: e^(self − shift).
    fn exponential(self, shift: f64) -> Self {
        let value = exp(self.value - shift);
        Self { value, first: value * self.first, second: value * (self.second + self.first * self.first) }
    }

    fn times(self, other: Self) -> Self {
        Self {
            value: self.value * other.value,
            first: self.first * other.value + self.value * other.first,
            second: self.second * other.value + 2.0 * self.first * other.first + self.value * other.second,
        }
    }
}

/// ln Z, energy and specific heat per site of the L × L torus at a temperature in 0..=∞ J/k_B.
///
/// The relative error is of the order 1e−12. At T = 0 the partition function is counted from the ground state.
///
/// # Errors
///
/// If `size` is below 2, or the temperature is negative or not a number.
///
/// ```
/// let found = ising_mc::exact::kaufman(10, 2.0)?;
/// assert!((found.energy_per_spin + 1.745_431).abs() < 1e-6);
/// # Ok::<(), ising_mc::exact::ExactError>(())
/// ```
pub fn kaufman(size: usize, temperature: f64) -> Result<Canonical, ExactError> {
    ExactError::check_size(size, "the partition function", usize::MAX, "")?;
    ExactError::check_temperature(temperature)?;
    let sites = (size * size) as f64;
    let length = size as f64;
    let ln2 = std::f64::consts::LN_2;
    if temperature == 0.0 {
        return Ok(Canonical { log_partition: ln2, energy_per_spin: -2.0, specific_heat: 0.0 });
    }
    let k = 1.0 / temperature;
    if temperature < COLD {
        // One turned spin; the next level is smaller by e^{−4/T} < 1e−26.
        let excitation = exp(-8.0 * k);
        return Ok(Canonical {
            log_partition: ln2 + 2.0 * sites * k + sites * excitation,
            energy_per_spin: -2.0 + 8.0 * excitation,
            specific_heat: response(64.0 * k * k, excitation),
        });
    }
    if k < HOT {
        return Ok(hot(size, k));
    }
    let (sinh, cosh) = (sinh(2.0 * k), cosh(2.0 * k));
    // cosh γ_l = c − cos, with the derivatives of c = cosh²2K / sinh 2K.
    let c_first = 2.0 * cosh * (1.0 - 1.0 / (sinh * sinh));
    let c_second = 4.0 * sinh - 4.0 / sinh + 8.0 * cosh * cosh / sinh.powi(3);
    let gamma = |l: usize| -> Jet {
        // cosh γ − 1 without cancellation near T_c and small l.
        let excess = (1.0 - sinh) * (1.0 - sinh) / sinh + 2.0 * sin_cos_pi(0.5 * l as f64 / length).0.powi(2);
        let value = 2.0 * asinh((0.5 * excess).sqrt());
        let sinh_gamma = (excess * (excess + 2.0)).sqrt();
        let first = c_first / sinh_gamma;
        Jet { value, first, second: (c_second - (1.0 + excess) * first * first) / sinh_gamma }
    };
    let gamma_zero =
        Jet { value: 2.0 * k + ln(tanh(k)), first: 2.0 + 2.0 / sinh, second: -4.0 * cosh / (sinh * sinh) };
    let half = 0.5 * length;
    // ln of the products; those of l and 2L − l are equal.
    let mut products = [Jet::default(); 4];
    for l in 1..2 * size {
        let gamma = gamma(l.min(2 * size - l));
        let index = if l % 2 == 1 { 0 } else { 2 };
        products[index] = products[index].plus(log_cosh(gamma, half));
        products[index + 1] = products[index + 1].plus(log_sinh(gamma, half));
    }
    products[2] = products[2].plus(log_cosh(gamma_zero, half));
    let shift = products[0].value.max(products[2].value);
    // The factor of l = 0 changes its sign at T_c, so it has no logarithm. On large lattices far from T_c it is no number
    // either, so that e to its size is left to the shift.
    let argument = half * gamma_zero.value;
    let ((s, c), exponent) = if argument.abs() < LARGEST_EXPONENT {
        ((elementary::sinh(argument), elementary::cosh(argument)), 0.0)
    } else {
        ((0.5_f64.copysign(argument), 0.5), argument.abs())
    };
    let zero = Jet {
        value: 2.0 * s,
        first: 2.0 * half * gamma_zero.first * c,
        second: 2.0 * half * (gamma_zero.second * c + half * gamma_zero.first.powi(2) * s),
    };
    let scaled = scale_factor(zero, products[3], shift - exponent);
    let sum = products[..3].iter().map(|p| p.exponential(shift)).fold(scaled, Jet::plus);
    let (first, second) = (sum.first / sum.value, sum.second / sum.value);
    Ok(Canonical {
        log_partition: -ln2 + 0.5 * sites * ln(2.0 * sinh) + shift + ln(sum.value),
        energy_per_spin: -(cosh / sinh) - first / sites,
        specific_heat: (k * k * (second - first * first - 2.0 * sites / (sinh * sinh)) / sites).max(0.0),
    })
}

/// Below this temperature only the first excited level matters to a relative 1e−26.
const COLD: f64 = 0.06;

/// Below this 1/T the closed form of energy and specific heat loses more than two digits, as a difference of large
/// numbers.
pub(super) const HOT: f64 = 0.12;

/// Lattices of this size and larger ones agree below [`HOT`]: loops around the torus contribute tanh^L K < 1e−18.
pub(super) const HOT_SIZE: usize = 20;

/// The same partition function as a product over both directions, in t = tanh K, of which the part without interaction,
/// (2 cosh²K)^N, is split off: Z = (2 cosh²K)^N ½ (P₁₁ + P₀₁ + P₁₀ − P₀₀), P_xy = Π_{p,q} [1 + b − a c]^{1/2},
/// b = 2t² + t⁴, a = 2t (1 − t²), c = cos φ + cos θ, φ = 2π(p + x/2)/L, θ = 2π(q + y/2)/L, above T_c. Nothing that remains is a
/// difference of large numbers, as Σ c = 0 is left out.
pub(super) fn hot(size: usize, k: f64) -> Canonical {
    let short = size.min(HOT_SIZE);
    let t = tanh(k);
    // a and b as functions of t, with their derivatives.
    let a = [2.0 * t * (1.0 - t * t), 2.0 - 6.0 * t * t, -12.0 * t];
    let b = [t * t * (2.0 + t * t), 4.0 * t * (1.0 + t * t), 4.0 + 12.0 * t * t];
    let angle = |n: usize, half: f64| sin_cos_pi(2.0 * (n as f64 + half) / short as f64).1;
    let sectors =
        [(0.5, 0.5, 1.0), (0.0, 0.5, 1.0), (0.5, 0.0, 1.0), (0.0, 0.0, -1.0)].map(|(x, y, sign)| {
            let mut log = Jet::default();
            for p in 0..short {
                for q in 0..short {
                    let c = angle(p, x) + angle(q, y);
                    let [d, slope] = std::array::from_fn(|n| b[n] - a[n] * c);
                    // ln(1 + d) and its derivatives, each plus its own multiple of c.
                    log.value += 0.5 * (ln_1p(d) + a[0] * c);
                    log.first += 0.5 * (b[1] + a[1] * c * d) / (1.0 + d);
                    log.second += 0.5 * ((b[2] + a[2] * c * d) / (1.0 + d) - (slope / (1.0 + d)).powi(2));
                }
            }
            (sign, log)
        });
    let sum = sectors.iter().map(|(sign, log)| sign * exp(log.value)).sum::<f64>();
    let average = |f: &dyn Fn(&Jet) -> f64| {
        sectors.iter().map(|(sign, log)| sign * exp(log.value) * f(log)).sum::<f64>() / sum
    };
    let first = average(&|log| log.first);
    let second = average(&|log| log.second + log.first * log.first) - first * first;
    let sites = (short * short) as f64;
    // By K: dt/dK = 1 − t², and 2 ln cosh K has the derivative 2t.
    let slope = 1.0 - t * t;
    let energy = 2.0 * t + slope * first / sites;
    let curvature = slope * (2.0 + (slope * second - 2.0 * t * first) / sites);
    let log_partition = std::f64::consts::LN_2 + 2.0 * ln(cosh(k)) + ln(0.5 * sum) / sites;
    Canonical {
        log_partition: (size * size) as f64 * log_partition,
        energy_per_spin: 0.0 - energy,
        specific_heat: k * k * curvature,
    }
}

/// From here on the smaller exponential in sinh and cosh is lost in the rounding of the larger one, which is still a
/// number.
const LARGEST_EXPONENT: f64 = 600.0;

/// factor · e^(product − shift), without overflow of a large factor.
fn scale_factor(factor: Jet, product: Jet, shift: f64) -> Jet {
    let magnitude = ln(factor.value.abs().max(factor.first.abs()).max(1.0));
    let scale = |x: f64| x * exp(-magnitude);
    let factor = Jet { value: scale(factor.value), first: scale(factor.first), second: scale(factor.second) };
    factor.times(product.exponential(shift - magnitude))
}

/// ln 2 cosh(a γ).
fn log_cosh(gamma: Jet, a: f64) -> Jet {
    let argument = a * gamma.value;
    let tanh = tanh(argument);
    let decay = exp(-2.0 * argument.abs());
    let sech_squared = 4.0 * decay / ((1.0 + decay) * (1.0 + decay));
    Jet {
        value: argument.abs() + ln_1p(decay),
        first: a * gamma.first * tanh,
        second: a * gamma.second * tanh + (a * gamma.first).powi(2) * sech_squared,
    }
}

/// ln 2 sinh(a γ) for γ > 0.
fn log_sinh(gamma: Jet, a: f64) -> Jet {
    let argument = a * gamma.value;
    let decay = exp(-2.0 * argument);
    let coth = (1.0 + decay) / -exp_m1(-2.0 * argument);
    let csch_squared = coth * coth - 1.0;
    Jet {
        value: argument + ln_1p(-decay),
        first: a * gamma.first * coth,
        second: a * gamma.second * coth - (a * gamma.first).powi(2) * csch_squared,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{canonical, critical_temperature, density_of_states, onsager};
    use super::*;

    #[test]
    fn agrees_with_the_density_of_states() {
        let temperatures = [
            0.05,
            0.2,
            0.5,
            1.0,
            2.0,
            2.25,
            critical_temperature(),
            2.3,
            3.0,
            10.0,
            19.9,
            20.1,
            1e3,
            1e6,
            1e7,
            f64::INFINITY,
        ];
        for size in [2, 3, 4, 5, 10, 13, 24] {
            let states = density_of_states(size).unwrap();
            for temperature in temperatures {
                let exact = canonical(&states, size * size, temperature).unwrap();
                let found = kaufman(size, temperature).unwrap();
                let context = format!("L {size} T {temperature}: {found:?} {exact:?}");
                assert!((found.log_partition / exact.log_partition - 1.0).abs() < 1e-12, "{context}");
                assert!((found.energy_per_spin - exact.energy_per_spin).abs() < 1e-11, "{context}");
                assert!((found.specific_heat - exact.specific_heat).abs() < 3e-10, "{context}");
                if (10.0..f64::INFINITY).contains(&temperature) {
                    // What is small is not lost in the rounding of what is not.
                    assert!((found.energy_per_spin / exact.energy_per_spin - 1.0).abs() < 1e-12, "{context}");
                    assert!((found.specific_heat / exact.specific_heat - 1.0).abs() < 1e-12, "{context}");
                }
            }
        }
    }

    /// E/N = −2 tanh K − 4 tanh³K − …: the bonds one by one, and the plaquettes (from L = 6 on; fewer sites have more
    /// loops).
    #[test]
    fn high_temperatures_have_all_digits() {
        for (size, temperature) in [(6, 1e4), (10, 1e6), (64, 1e6), (1024, 1e9), (100, 1e5)] {
            let t = f64::tanh(1.0 / temperature);
            let found = kaufman(size, temperature).unwrap();
            assert!(
                (found.energy_per_spin / (-2.0 * t - 4.0 * t.powi(3)) - 1.0).abs() < 1e-14,
                "{size} {found:?}"
            );
            let heat = 2.0 / (temperature * temperature);
            let plaquettes = 1.0 + 5.0 / (temperature * temperature);
            assert!((found.specific_heat / (heat * plaquettes) - 1.0).abs() < 1e-13, "{size} {found:?}");
            let bulk = onsager(temperature).unwrap();
            assert!((found.energy_per_spin / bulk.energy_per_spin - 1.0).abs() < 1e-14);
            assert!((found.specific_heat / bulk.specific_heat - 1.0).abs() < 1e-14);
        }
    }

    /// Far from T_c the corrections of such lattices are below the rounding; e^(L γ₀ / 2) is far beyond the largest
    /// number.
    #[test]
    fn large_lattices_are_the_bulk() {
        for size in [700, 1024, 4096] {
            for temperature in [0.3, 0.7, 1.0, 1.5, 2.0, 3.0, 10.0] {
                let (bulk, found) = (onsager(temperature).unwrap(), kaufman(size, temperature).unwrap());
                let context = format!("L {size} T {temperature}: {found:?} {bulk:?}");
                assert!((found.energy_per_spin - bulk.energy_per_spin).abs() < 1e-10, "{context}");
                assert!((found.specific_heat - bulk.specific_heat).abs() < 1e-7, "{context}");
                assert!(found.log_partition.is_finite(), "{context}");
            }
        }
    }

    #[test]
    fn tends_to_the_bulk() {
        // Away from T_c the corrections are exponentially small in L.
        for temperature in [1.5, 2.0, 2.6, 4.0] {
            let (bulk, found) = (onsager(temperature).unwrap(), kaufman(256, temperature).unwrap());
            assert!((bulk.energy_per_spin - found.energy_per_spin).abs() < 1e-10, "{temperature}");
            assert!((bulk.specific_heat - found.specific_heat).abs() < 1e-8, "{temperature}");
        }
        // At T_c the energy is −√2 up to 1/L (Ferdinand and Fisher: −√2 (1 + 0.4486 / L)).
        let found = kaufman(1024, critical_temperature()).unwrap();
        let slope = (found.energy_per_spin / -2f64.sqrt() - 1.0) * 1024.0;
        assert!((slope - 0.4486).abs() < 0.01, "{slope}");
    }

    #[test]
    fn derivatives_fit_the_partition_function() {
        let f = |k: f64| kaufman(20, 1.0 / k).unwrap();
        for k in [0.3, 0.44, 0.6] {
            let h = 1e-5;
            let slope = (f(k + h).log_partition - f(k - h).log_partition) / (2.0 * h);
            assert!((f(k).energy_per_spin + slope / 400.0).abs() < 1e-7);
            let curvature = (f(k - h).energy_per_spin - f(k + h).energy_per_spin) / (2.0 * h);
            assert!((f(k).specific_heat / (k * k * curvature) - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn bad_input_is_refused() {
        assert!(kaufman(1, 1.0).is_err() && kaufman(4, f64::NAN).is_err() && kaufman(4, -0.5).is_err());
    }
}
