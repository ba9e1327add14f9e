//! The number of states at each energy and magnetization, where it is known: of rings in closed form, of small lattices
//! by going through all of them. Every average at any temperature and in any field follows.

use std::collections::BTreeMap;

use datasets::DensityOfStates;
use datasets::lattice::{Kind, Lattice};
use numerics::elementary::{exp, ln, tanh};

use super::enumeration::{LARGEST_ENUMERATION, enumerate};
use super::{ExactError, response};

/// The longest chain of [`JointStates::of`].
pub const LARGEST_CHAIN: usize = 2048;

/// ln g(E, M) of a lattice.
#[derive(Debug, Clone, PartialEq)]
pub struct JointStates {
    lattice: Lattice,
    /// Energy in J without field, magnetization, logarithm of the number of states.
    states: Vec<(i32, i32, f64)>,
}

/// Averages of a lattice at one temperature in one field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Averages {
    /// ⟨E⟩ / N in J, without the field's part.
    pub energy_per_spin: f64,
    /// (⟨H²⟩ − ⟨H⟩²) / (N T²) with H = E − hM; 0 at T = 0 and at T = ∞.
    pub specific_heat: f64,
    /// ⟨m⟩, m = M / N.
    pub magnetization: f64,
    /// ⟨|m|⟩.
    pub abs: f64,
    /// ⟨m²⟩.
    pub squared: f64,
    /// ⟨m⁴⟩.
    pub fourth: f64,
    /// N (⟨m²⟩ − ⟨|m|⟩²) / T; 0 at T = 0 and at T = ∞.
    pub susceptibility: f64,
}

impl Averages {
    /// 1 − ⟨m⁴⟩ / (3 ⟨m²⟩²).
    pub fn binder_cumulant(&self) -> f64 {
        1.0 - self.fourth / (3.0 * self.squared * self.squared)
    }
}

impl JointStates {
    /// Those of a lattice, if they can be had: of chains up to [`LARGEST_CHAIN`], of others up to
    /// [`LARGEST_ENUMERATION`] sites.
    ///
    /// # Errors
    ///
    /// If they cannot.
    ///
    /// ```
    /// let ring = ising_mc::exact::JointStates::of("chain:100".parse()?)?;
    /// let found = ring.averages(2.0, 0.0)?;
    /// assert!((found.energy_per_spin + 0.5f64.tanh()).abs() < 1e-14);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(lattice: Lattice) -> Result<Self, ExactError> {
        let states = if lattice.kind() == Kind::Chain && lattice.sites() <= LARGEST_CHAIN {
            ring(lattice.sites())
        } else {
            let log = |count: u64| ln(count as f64);
            enumerate(lattice)?.into_iter().map(|s| (s.energy, s.magnetization, log(s.count))).collect()
        };
        Ok(Self { lattice, states })
    }

    /// Whether [`JointStates::of`] has those of a lattice.
    pub fn exist(lattice: Lattice) -> bool {
        let limit = if lattice.kind() == Kind::Chain { LARGEST_CHAIN } else { LARGEST_ENUMERATION };
        lattice.has_geometry() && lattice.sites() <= limit
    }

    /// E, M and ln g(E, M) of all that occur, each once.
    pub fn states(&self) -> &[(i32, i32, f64)] {
        &self.states
    }

    /// ln g(E).
    pub fn density_of_states(&self) -> DensityOfStates {
        let mut levels: BTreeMap<i32, Vec<f64>> = BTreeMap::new();
        for &(energy, _, log) in &self.states {
            levels.entry(energy).or_default().push(log);
        }
        let log_sum = |logs: &Vec<f64>| {
            let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            largest + ln(logs.iter().map(|log| exp(log - largest)).sum::<f64>())
        };
        DensityOfStates {
            log_count: levels.values().map(log_sum).collect(),
            energy: levels.into_keys().collect(),
        }
    }

    /// The probability of each of [`JointStates::states`] at a temperature in 0..=∞ J/k_B in a field in J.
    ///
    /// # Errors
    ///
    /// If the temperature is negative or not a number, or the field is not finite.
    pub fn probabilities(&self, temperature: f64, field: f64) -> Result<Vec<f64>, ExactError> {
        ExactError::check_temperature(temperature)?;
        if !field.is_finite() {
            return Err(ExactError::BadField(field));
        }
        let total = |&(energy, magnetization, _): &(i32, i32, f64)| {
            f64::from(energy) - field * f64::from(magnetization)
        };
        let ground = self.states.iter().map(total).fold(f64::INFINITY, f64::min);
        // Also where the temperature is 0: the ground states are left.
        let weight = |state: &(i32, i32, f64)| match total(state) - ground {
            0.0 => state.2,
            excess => state.2 - excess / temperature,
        };
        let logs: Vec<f64> = self.states.iter().map(weight).collect();
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut probability: Vec<f64> = logs.iter().map(|log| exp(log - largest)).collect();
        let sum: f64 = probability.iter().sum();
        probability.iter_mut().for_each(|p| *p /= sum);
        Ok(probability)
    }

    /// Averages at a temperature in 0..=∞ J/k_B in a field in J.
    ///
    /// # Errors
    ///
    /// As [`JointStates::probabilities`].
    pub fn averages(&self, temperature: f64, field: f64) -> Result<Averages, ExactError> {
        let probability = self.probabilities(temperature, field)?;
        let sites = self.lattice.sites() as f64;
        let average = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
            let pairs = self.states.iter().zip(&probability);
            pairs.map(|(&(e, m, _), p)| p * f(f64::from(e) / sites, f64::from(m) / sites)).sum()
        };
        let total = average(&|e, m| e - field * m);
        let fluctuation = average(&|e, m| (e - field * m - total).powi(2));
        let (abs, squared) = (average(&|_, m| m.abs()), average(&|_, m| m * m));
        let has_response = temperature > 0.0 && temperature.is_finite();
        let at = |scale: f64, value: f64| if has_response { response(scale, value) } else { 0.0 };
        Ok(Averages {
            energy_per_spin: average(&|e, _| e),
            specific_heat: at(sites / (temperature * temperature), fluctuation),
            magnetization: average(&|_, m| m),
            abs,
            squared,
            fourth: average(&|_, m| m.powi(4)),
            susceptibility: at(sites / temperature, average(&|_, m| (m.abs() - abs).powi(2))),
        })
    }
}

/// Of a ring of N spins, n of which are up in k runs: there are (N/k) C(n − 1, k − 1) C(N − n − 1, k − 1) ways, as both
/// kinds of runs are compositions, and the first begins at one of N sites and is any of k. Each run costs 4 J.
fn ring(sites: usize) -> Vec<(i32, i32, f64)> {
    let mut log_factorial = vec![0.0f64; sites + 1];
    for n in 1..=sites {
        log_factorial[n] = log_factorial[n - 1] + ln(n as f64);
    }
    let choose = |n: usize, k: usize| log_factorial[n] - log_factorial[k] - log_factorial[n - k];
    let n = sites as i32;
    let mut states = vec![(-n, -n, 0.0), (-n, n, 0.0)];
    for up in 1..sites {
        for runs in 1..=up.min(sites - up) {
            let log =
                ln(sites as f64 / runs as f64) + choose(up - 1, runs - 1) + choose(sites - up - 1, runs - 1);
            states.push((4 * runs as i32 - n, 2 * up as i32 - n, log));
        }
    }
    states
}

/// G(r) = ⟨σ_x σ_{x+r}⟩ of a ring of N spins without field, r = 0, …, N/2: (t^r + t^{N−r}) / (1 + t^N), t = tanh(1/T).
///
/// # Errors
///
/// If the temperature is negative or not a number, or there are fewer than 2 sites.
pub fn chain_correlation(sites: usize, temperature: f64) -> Result<Vec<f64>, ExactError> {
    ExactError::check_size(sites, "ring", usize::MAX, "")?;
    ExactError::check_temperature(temperature)?;
    let t = tanh(1.0 / temperature);
    let power = |r: usize| t.powi(r as i32);
    Ok((0..=sites / 2).map(|r| (power(r) + power(sites - r)) / (1.0 + power(sites))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_have_the_states_that_are_there() {
        for sites in 2..=14 {
            let lattice = Lattice::new(Kind::Chain, &[sites]).unwrap();
            let mut found = JointStates::of(lattice).unwrap().states;
            found.sort_by_key(|&(energy, magnetization, _)| (energy, magnetization));
            let expected = enumerate(lattice).unwrap();
            assert_eq!(found.len(), expected.len());
            for (&(energy, magnetization, log), s) in found.iter().zip(&expected) {
                assert_eq!((energy, magnetization), (s.energy, s.magnetization));
                assert!((log.exp() / s.count as f64 - 1.0).abs() < 1e-12, "N = {sites}");
            }
        }
    }

    /// The transfer matrix of the chain (E. Ising 1925) at any field: ln Z = ln(λ₊^N + λ₋^N), and its derivatives by
    /// differences.
    #[test]
    fn long_rings_are_those_of_the_transfer_matrix() {
        let log_partition = |n: f64, k: f64, b: f64| {
            let root = ((2.0 * k).exp() * b.sinh().powi(2) + (-2.0 * k).exp()).sqrt();
            let (plus, minus) = (k.exp() * b.cosh() + root, k.exp() * b.cosh() - root);
            n * plus.ln() + (minus / plus).powf(n).ln_1p()
        };
        for sites in [20usize, 101, 1000] {
            let n = sites as f64;
            let ring = JointStates::of(Lattice::new(Kind::Chain, &[sites]).unwrap()).unwrap();
            for (temperature, field) in [(0.5, 0.0), (1.0, 0.1), (2.0, -0.7), (6.0, 0.0)] {
                let (k, b) = (1.0 / temperature, field / temperature);
                let h = 1e-5;
                let by_k = (log_partition(n, k + h, b) - log_partition(n, k - h, b)) / (2.0 * h);
                let by_b = (log_partition(n, k, b + h) - log_partition(n, k, b - h)) / (2.0 * h);
                let found = ring.averages(temperature, field).unwrap();
                assert!((found.energy_per_spin + by_k / n).abs() < 1e-7, "{sites} {temperature} {field}");
                assert!((found.magnetization - by_b / n).abs() < 1e-7, "{sites} {temperature} {field}");
                if field == 0.0 {
                    let t = k.tanh();
                    let exact = -t * (1.0 + t.powf(n - 2.0)) / (1.0 + t.powf(n));
                    assert!((found.energy_per_spin - exact).abs() < 1e-12);
                    // N² ⟨m²⟩ = Σ_r G(r) over the ring.
                    let g = chain_correlation(sites, temperature).unwrap();
                    assert!((g[1] + exact).abs() < 1e-12);
                    let sum: f64 = (0..sites).map(|r| g[r.min(sites - r)]).sum();
                    assert!((found.squared - sum / n).abs() < 1e-11);
                }
            }
        }
    }

    #[test]
    fn averages_are_those_of_the_square_lattice() {
        let square = Lattice::square(4).unwrap();
        let states = JointStates::of(square).unwrap();
        for temperature in [0.0, 0.7, 2.0, 5.0, f64::INFINITY] {
            let found = states.averages(temperature, 0.0).unwrap();
            let exact = super::super::kaufman(4, temperature).unwrap();
            let law = super::super::magnetization_distribution(4, temperature).unwrap();
            for (a, b) in [
                (found.energy_per_spin, exact.energy_per_spin),
                (found.specific_heat, exact.specific_heat),
                (found.abs, law.abs()),
                (found.squared, law.squared()),
                (found.fourth, law.fourth()),
                (found.susceptibility, law.susceptibility()),
                (found.binder_cumulant(), law.binder_cumulant()),
            ] {
                assert!((a - b).abs() < 1e-11, "T = {temperature}: {a} {b}");
            }
            if temperature > 0.0 && temperature.is_finite() {
                let found = states.averages(temperature, 0.3).unwrap();
                let exact = super::super::in_field(4, temperature, 0.3).unwrap();
                assert!((found.energy_per_spin - exact.energy_per_spin).abs() < 1e-11);
                assert!((found.specific_heat - exact.specific_heat).abs() < 1e-9);
            }
        }
        let levels = states.density_of_states();
        let exact = super::super::density_of_states(4).unwrap();
        assert_eq!(levels.energy, exact.energy);
        let close = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-12;
        assert!(levels.log_count.iter().zip(&exact.log_count).all(close));
    }
}
