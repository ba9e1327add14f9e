//! The Curie–Weiss model on a finite number of sites: P(M) in closed form.

use numerics::elementary::{exp, ln};

use super::{ExactError, MagnetizationDistribution};

/// P(M) ∝ C(N, (N + M)/2) e^{(2M²/N + hM)/T} of the model in which each of N = L² spins is coupled to all others with
/// 4/N of J (H = −(2/N) M² − h M), at a temperature in 0..=∞ J/k_B. In the limit of large N it is ordered below T_c = 4,
/// where |m| solves m = tanh 4m/T.
///
/// The same bits on every machine, so that samples may be drawn by it.
///
/// # Errors
///
/// If `size` is below 2, the temperature is negative or not a number, or the field is not finite.
///
/// ```
/// let law = ising_mc::exact::curie_weiss(2, f64::INFINITY, 0.0)?;
/// assert!((law.probability[2] - 6.0 / 16.0).abs() < 1e-15);
/// # Ok::<(), ising_mc::exact::ExactError>(())
/// ```
pub fn curie_weiss(
    size: usize,
    temperature: f64,
    field: f64,
) -> Result<MagnetizationDistribution, ExactError> {
    ExactError::check_size(size, "Curie–Weiss distribution", usize::MAX, "")?;
    ExactError::check_temperature(temperature)?;
    if !field.is_finite() {
        return Err(ExactError::BadField(field));
    }
    // Beyond this field nothing changes; its energies are finite.
    let field = field.clamp(-1e290, 1e290);
    let sites = (size * size) as i32;
    let magnetization: Vec<i32> = (0..=sites).map(|up| 2 * up - sites).collect();
    let energy = |m: i32| {
        let m = f64::from(m);
        -(2.0 * m * m / f64::from(sites) + field * m)
    };
    // The energy is lowest at an end: it is concave in M.
    let ground = energy(sites).min(energy(-sites));
    let mut log_count = 0.0;
    let mut logs = Vec::with_capacity(magnetization.len());
    for (up, &m) in magnetization.iter().enumerate() {
        if up > 0 {
            log_count += ln(f64::from(sites - up as i32 + 1) / up as f64);
        }
        let excess = energy(m) - ground;
        // Also where the temperature is 0: the ground states are left.
        logs.push(if excess > 0.0 { log_count - excess / temperature } else { log_count });
    }
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut probability: Vec<f64> = logs.into_iter().map(|log| exp(log - largest)).collect();
    if field == 0.0 {
        // Rounding must not prefer a sign.
        for up in 0..probability.len() / 2 {
            let other = probability.len() - 1 - up;
            probability[other] = probability[up];
        }
    }
    let sum: f64 = probability.iter().sum();
    probability.iter_mut().for_each(|p| *p /= sum);
    Ok(MagnetizationDistribution { sites: size * size, temperature, magnetization, probability })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All 2⁹ states of 9 spins with the Hamiltonian as a sum over pairs, (4/N) Σ_{i<j} σσ = (2/N) (M² − N).
    #[test]
    fn agrees_with_enumeration() {
        for (temperature, field) in [(0.7, 0.0), (4.0, 0.0), (4.0, 0.3), (2.0, -1.0), (f64::INFINITY, 0.5)] {
            let mut weights = [0.0; 10];
            for state in 0..512u32 {
                let spin = |i: u32| if state >> i & 1 == 1 { 1.0 } else { -1.0 };
                let pairs: f64 =
                    (0..9).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| spin(i) * spin(j)).sum();
                let sum: f64 = (0..9).map(spin).sum();
                weights[state.count_ones() as usize] +=
                    ((4.0 / 9.0 * pairs + field * sum) / temperature).exp();
            }
            let total: f64 = weights.iter().sum();
            let law = curie_weiss(3, temperature, field).unwrap();
            for (p, weight) in law.probability.iter().zip(weights) {
                assert!((p - weight / total).abs() < 1e-14, "T = {temperature}, h = {field}");
            }
        }
    }

    #[test]
    fn limits() {
        let cold = curie_weiss(10, 0.0, 0.0).unwrap();
        assert_eq!((cold.probability[0], cold.probability[100], cold.abs()), (0.5, 0.5, 1.0));
        assert_eq!(curie_weiss(10, 0.0, -0.1).unwrap().probability[0], 1.0);
        assert_eq!(curie_weiss(10, 1e-310, 0.0).unwrap().abs(), 1.0);
        // 10⁶ sites: the solution 0.7104118 of m = tanh 4m/T at T = 3.2 (found by iteration below).
        let large = curie_weiss(1000, 3.2, 0.0).unwrap();
        let mut m = 1.0f64;
        (0..500).for_each(|_| m = (4.0 * m / 3.2).tanh());
        assert!((large.abs() - m).abs() < 1e-5, "{} {m}", large.abs());
        assert!(curie_weiss(1, 1.0, 0.0).is_err() && curie_weiss(3, f64::NAN, 0.0).is_err());
        assert!(curie_weiss(3, 1.0, f64::INFINITY).is_err());
    }
}
