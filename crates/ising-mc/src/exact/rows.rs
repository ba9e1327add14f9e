//! Exact correlations along a row, and energy and specific heat in a uniform field, by a transfer matrix over the states
//! of a row.
//!
//! The weight of all lattices whose first row is s is D(s) = ⟨s| Tᴸ |s⟩. Averages of what depends on one row alone are
//! averages over s with the weights D(s), and D is the same for all rows that are translations or reflections of each
//! other (without field also for the flipped one), so that one of each class is enough: 44 of 1024 at L = 10. T is
//! applied site by site. Weights count from the ground state in the field: they are in 0..=1, their sum is at most
//! 2^144, and nothing is subtracted.
//!
//! For the fluctuation of the energy each weight w e^{−Δ/T} carries the powers 1, Δ, Δ²/2 of its excess energy Δ, as the
//! first coefficients of a power series: the series of a product of weights is the product of their series.

use numerics::elementary::{exp, ln};

use super::transfer::row_classes;
use super::{ExactError, LARGEST_TRANSFER, response};

/// Averages in a uniform field h.
#[derive(Debug, Clone, PartialEq)]
pub struct InField {
    /// ln Σ e^{−(E − hM − lowest)/T}, counted from the lowest value of E − hM.
    pub log_partition: f64,
    /// ⟨E⟩ / N, without the field's part.
    pub energy_per_spin: f64,
    /// The specific heat per site in k_B at constant field, ⟨(H − ⟨H⟩)²⟩ / (N T²) with H = E − hM; 0 at T = 0 and T = ∞.
    pub specific_heat: f64,
    /// G(r) = ⟨σ_x σ_{x + r e}⟩ along an axis, r = 0, 1, …, L/2; nothing is subtracted.
    pub correlation: Vec<f64>,
}

/// G(r) = ⟨σ_x σ_{x + r e}⟩ along an axis e without field, r = 0, 1, …, L/2, at a temperature in 0..=∞ J/k_B. The time
/// grows as 2^L L³: about 0.005 s at L = 10 and 0.1 s at 12.
///
/// # Errors
///
/// If `size` is below 2 or above [`LARGEST_TRANSFER`], or the temperature is negative or not a number.
///
/// ```
/// let g = ising_mc::exact::axis_correlation(6, 2.269)?;
/// assert!(g.len() == 4 && g[0] == 1.0 && g[3] > 0.5);
/// // Nearest neighbours are the energy.
/// let energy = ising_mc::exact::kaufman(6, 2.269)?.energy_per_spin;
/// assert!((energy + 2.0 * g[1]).abs() < 1e-12);
/// # Ok::<(), ising_mc::exact::ExactError>(())
/// ```
pub fn axis_correlation(size: usize, temperature: f64) -> Result<Vec<f64>, ExactError> {
    check(size, "the correlation function", temperature, 0.0)?;
    Ok(Sums::<1>::new(size, temperature, 0.0).correlation(size))
}

/// Energy, specific heat and correlations in a uniform field h (in J), at a temperature in 0..=∞ J/k_B. The time is some
/// ten times that of [`axis_correlation`].
///
/// # Errors
///
/// If `size` is below 2 or above [`LARGEST_TRANSFER`], the temperature is negative or not a number, or the field is not
/// finite.
///
/// ```
/// let found = ising_mc::exact::in_field(4, 2.269, 0.1)?;
/// assert!(found.energy_per_spin < ising_mc::exact::kaufman(4, 2.269)?.energy_per_spin);
/// # Ok::<(), ising_mc::exact::ExactError>(())
/// ```
pub fn in_field(size: usize, temperature: f64, field: f64) -> Result<InField, ExactError> {
    check(size, "the energy in a field", temperature, field)?;
    let sums = Sums::<3>::new(size, temperature, field);
    let correlation = sums.correlation(size);
    let [weight, first, half_second] = sums.total;
    let mean = first / weight;
    let variance = 2.0 * half_second / weight - mean * mean;
    let finite = temperature > 0.0 && temperature < f64::INFINITY;
    let scale = if finite { (temperature * temperature * (size * size) as f64).recip() } else { 0.0 };
    Ok(InField {
        log_partition: ln(weight),
        energy_per_spin: -2.0 * correlation[1],
        specific_heat: response(scale, variance.max(0.0)),
        correlation,
    })
}

fn check(size: usize, what: &'static str, temperature: f64, field: f64) -> Result<(), ExactError> {
    let alternative = "measure it with `sample`, whose configurations have it";
    ExactError::check_size(size, what, LARGEST_TRANSFER, alternative)?;
    ExactError::check_temperature(temperature)?;
    if field.is_finite() { Ok(()) } else { Err(ExactError::BadField(field)) }
}

/// Sums over all lattices.
struct Sums<const K: usize> {
    /// Of the weights and their further coefficients.
    total: [f64; K],
    /// Σ D(s) Σ_x s_x s_{x+r} / L.
    products: Vec<f64>,
}

impl<const K: usize> Sums<K> {
    fn new(size: usize, temperature: f64, field: f64) -> Self {
        let row = Row::<K>::new(size, temperature, field);
        let mask = (1usize << size) - 1;
        let mut sums = Self { total: [0.0; K], products: vec![0.0; size / 2 + 1] };
        for (first, multiplicity) in row_classes(size) {
            // A class holds a row and its flip; they differ in a field only.
            let firsts: &[usize] = if field == 0.0 { &[first] } else { &[first, !first & mask] };
            for &first in firsts {
                let weight = row.closed(first);
                let share = f64::from(multiplicity) / firsts.len() as f64;
                for (total, coefficient) in sums.total.iter_mut().zip(weight) {
                    *total += share * coefficient;
                }
                for (r, sum) in sums.products.iter_mut().enumerate() {
                    let rotated = (first >> r | first << (size - r)) & mask;
                    let unequal = (first ^ rotated).count_ones();
                    let product = 1.0 - 2.0 * f64::from(unequal) / size as f64;
                    *sum += share * weight[0] * product;
                }
            }
        }
        sums
    }

    fn correlation(&self, size: usize) -> Vec<f64> {
        (0..=size / 2).map(|r| self.products[r] / self.total[0]).collect()
    }
}

/// The weights of all states of a row, as power series of K coefficients.
struct Row<const K: usize> {
    size: usize,
    /// Of an unsatisfied bond, to the powers 0, 1, …, L.
    broken: Vec<[f64; K]>,
    /// Of a spin against the field and of one along it, by its bit.
    site: [[f64; K]; 2],
}

impl<const K: usize> Row<K> {
    fn new(size: usize, temperature: f64, field: f64) -> Self {
        // Beyond this field nothing changes; energies stay finite.
        let field = field.clamp(-1e100, 1e100);
        let broken = series(2.0, temperature);
        let mut powers = vec![series(0.0, temperature)];
        for _ in 0..size.max(2) {
            powers.push(product(&powers[powers.len() - 1], &broken));
        }
        let (along, against) = (series(0.0, temperature), series(2.0 * field.abs(), temperature));
        let site = if field >= 0.0 { [against, along] } else { [along, against] };
        Self { size, broken: powers, site }
    }

    /// D(first): the weight of all lattices with this first row.
    fn closed(&self, first: usize) -> [f64; K] {
        let size = self.size;
        let mut states = vec![[0.0; K]; 1 << size];
        let unsatisfied = (0..size).filter(|&x| first >> x & 1 != first >> ((x + 1) % size) & 1).count();
        states[first] = self.broken[unsatisfied];
        for x in 0..size {
            states[first] = product(&states[first], &self.site[first >> x & 1]);
        }
        for _ in 1..size {
            for x in 0..size {
                self.add_site(x, &mut states);
            }
        }
        let mut total = [0.0; K];
        for (state, weight) in states.iter().enumerate() {
            // The bonds from the last row to the first one.
            let closed = product(weight, &self.broken[(state ^ first).count_ones() as usize]);
            total.iter_mut().zip(closed).for_each(|(total, coefficient)| *total += coefficient);
        }
        total
    }

    /// Replaces the spin of site x by that of the row below.
    fn add_site(&self, x: usize, states: &mut [[f64; K]]) {
        let bit = 1usize << x;
        // By the number of horizontal bonds that are unsatisfied if the new spin is down: the weights of a new spin down
        // and up whose upper neighbour is alike, and of those whose is not.
        let horizontal = usize::from(x > 0) + usize::from(x + 1 == self.size);
        let weights: Vec<[[f64; K]; 4]> = (0..=horizontal)
            .map(|up_neighbours| {
                let down = product(&self.site[0], &self.broken[up_neighbours]);
                let up = product(&self.site[1], &self.broken[horizontal - up_neighbours]);
                let broken = &self.broken[1];
                [down, product(&down, broken), up, product(&up, broken)]
            })
            .collect();
        for block in states.chunks_exact_mut(2 * bit) {
            let (below, above) = block.split_at_mut(bit);
            // The left neighbour is the highest of the lower bits, the right one (of the last site) the lowest.
            let half = if x > 0 { bit / 2 } else { bit };
            for (left, (below, above)) in below.chunks_mut(half).zip(above.chunks_mut(half)).enumerate() {
                if x + 1 < self.size {
                    let weights = &weights[left];
                    below.iter_mut().zip(above).for_each(|(down, up)| replace(down, up, weights));
                } else {
                    for (index, (down, up)) in below.iter_mut().zip(above).enumerate() {
                        // With two sites the left neighbour is the right one too.
                        let right = if half > 1 { index & 1 } else { left };
                        replace(down, up, &weights[left + right]);
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn replace<const K: usize>(down: &mut [f64; K], up: &mut [f64; K], weights: &[[f64; K]; 4]) {
    let [down_alike, down_unlike, up_alike, up_unlike] = weights;
    let new_down = sum(&product(down, down_alike), &product(up, down_unlike));
    let new_up = sum(&product(up, up_alike), &product(down, up_unlike));
    (*down, *up) = (new_down, new_up);
}

/// e^{−Δ/T} times 1, Δ, Δ²/2.
fn series<const K: usize>(excess: f64, temperature: f64) -> [f64; K] {
    let weight = if excess == 0.0 { 1.0 } else { exp(-excess / temperature) };
    // Where the weight is 0 all are: Δ is finite.
    std::array::from_fn(|k| match k {
        0 => weight,
        1 => weight * excess,
        _ => weight * excess * (0.5 * excess),
    })
}

#[inline(always)]
fn product<const K: usize>(a: &[f64; K], b: &[f64; K]) -> [f64; K] {
    std::array::from_fn(|k| {
        let mut sum = a[0] * b[k];
        for i in 1..=k {
            sum += a[i] * b[k - i];
        }
        sum
    })
}

#[inline(always)]
fn sum<const K: usize>(a: &[f64; K], b: &[f64; K]) -> [f64; K] {
    std::array::from_fn(|k| a[k] + b[k])
}

#[cfg(test)]
mod tests {
    use super::super::{critical_temperature, kaufman, magnetization_distribution};
    use super::*;
    use crate::observables;

    /// All configurations: ⟨E⟩/N, ⟨(H − ⟨H⟩)²⟩, G(r), with H = E − hM.
    fn enumerated(size: usize, temperature: f64, field: f64) -> (f64, f64, Vec<f64>) {
        let lattice = datasets::lattice::Lattice::square(size).unwrap();
        let sites = size * size;
        let ground = -(2.0 + field.abs()) * sites as f64;
        let mut sums = [0.0; 4];
        let mut products = vec![0.0; size / 2 + 1];
        for state in 0..1u32 << sites {
            let spins: Vec<i8> = (0..sites).map(|i| if state >> i & 1 == 1 { 1 } else { -1 }).collect();
            let energy = f64::from(observables::energy(lattice, &spins));
            let excess = energy - field * f64::from(observables::magnetization(&spins)) - ground;
            let weight = if excess == 0.0 { 1.0 } else { (-excess / temperature).exp() };
            for (sum, value) in sums.iter_mut().zip([1.0, energy, excess, excess * excess]) {
                *sum += weight * value;
            }
            for (sum, g) in products.iter_mut().zip(observables::axis_correlation(lattice, &spins)) {
                *sum += weight * g;
            }
        }
        let [z, energy, first, second] = sums;
        let variance = second / z - (first / z).powi(2);
        (energy / z / sites as f64, variance, products.iter().map(|sum| sum / z).collect())
    }

    /// The sums over 2¹⁶ states themselves may be off by 2¹⁶ roundings, 7e-12.
    #[test]
    fn agrees_with_enumeration() {
        for size in [2, 3, 4] {
            for (temperature, field) in
                [(0.4, 0.0), (2.269, 0.0), (1.3, 0.2), (2.269, -0.5), (5.0, 3.0), (f64::INFINITY, 0.7)]
            {
                let (energy, variance, correlation) = enumerated(size, temperature, field);
                let found = in_field(size, temperature, field).unwrap();
                let context = format!("L = {size}, T = {temperature}, h = {field}: {found:?}");
                assert!((found.energy_per_spin - energy).abs() < 1e-11, "{context} {energy}");
                let heat = variance / (temperature * temperature * (size * size) as f64);
                assert!((found.specific_heat - heat).abs() < 1e-10 * heat.max(1.0), "{context} {heat}");
                assert_eq!(found.correlation.len(), size / 2 + 1);
                for (found, expected) in found.correlation.iter().zip(&correlation) {
                    assert!((found - expected).abs() < 1e-11, "{context} {correlation:?}");
                }
                if field == 0.0 {
                    let plain = axis_correlation(size, temperature).unwrap();
                    assert!(plain.iter().zip(&correlation).all(|(a, b)| (a - b).abs() < 1e-11), "{context}");
                }
            }
        }
    }

    /// G(1) = −⟨E⟩ / 2N, and the fluctuation of the energy, against Kaufman's solution.
    #[test]
    fn agrees_with_kaufman() {
        for (size, temperatures) in
            [(5, &[0.5, 2.0, 9.0][..]), (8, &[1.5, 2.269]), (10, &[0.3, 2.25, 4.0]), (12, &[2.3])]
        {
            for &temperature in temperatures {
                let exact = kaufman(size, temperature).unwrap();
                let g = axis_correlation(size, temperature).unwrap();
                assert!((exact.energy_per_spin + 2.0 * g[1]).abs() < 1e-12, "L = {size}, T = {temperature}");
                assert!(g.windows(2).all(|pair| pair[1] < pair[0] + 1e-15), "{g:?}");
                if size <= 10 {
                    let found = in_field(size, temperature, 0.0).unwrap();
                    let deviation = (found.specific_heat - exact.specific_heat).abs();
                    assert!(deviation < 1e-9 * exact.specific_heat.max(1.0), "{found:?} {exact:?}");
                    assert!((found.correlation[1] - g[1]).abs() < 1e-13);
                    let ground = -2.0 * (size * size) as f64 / temperature;
                    assert!((found.log_partition - ground - exact.log_partition).abs() < 1e-9);
                }
            }
        }
    }

    /// The partition function in a field from the distribution of the magnetization.
    #[test]
    fn agrees_with_the_distribution_of_the_magnetization() {
        for (size, temperature, field) in [(6, 2.0, 0.3), (9, 2.5, -0.1), (10, critical_temperature(), 0.05)]
        {
            let law = magnetization_distribution(size, temperature).unwrap();
            let sites = (size * size) as f64;
            let ratio = law.average(|m| (sites * (field * m - field.abs()) / temperature).exp()).ln();
            let found = in_field(size, temperature, field).unwrap().log_partition;
            let without = in_field(size, temperature, 0.0).unwrap().log_partition;
            assert!((found - without - ratio).abs() < 1e-9, "{size} {found} {without} {ratio}");
        }
    }

    #[test]
    fn limits_of_the_temperature() {
        for field in [0.0, -0.5] {
            let cold = in_field(7, 0.0, field).unwrap();
            assert_eq!((cold.energy_per_spin, cold.specific_heat), (-2.0, 0.0));
            assert_eq!(cold.correlation, [1.0; 4]);
            let hot = in_field(7, f64::INFINITY, field).unwrap();
            assert!(hot.correlation[1..].iter().all(|g| g.abs() < 1e-14) && hot.specific_heat == 0.0);
            assert!((hot.log_partition - 49.0 * 2f64.ln()).abs() < 1e-12);
        }
        // Strong fields align everything, at any scale of numbers.
        for (temperature, field) in [(1.0, 1e300), (1e-300, 1e-3), (1e-300, -1e300)] {
            let found = in_field(4, temperature, field).unwrap();
            assert_eq!((found.energy_per_spin, found.specific_heat), (-2.0, 0.0), "{temperature} {field}");
        }
    }

    #[test]
    fn bad_input_is_refused() {
        let message = axis_correlation(13, 1.0).unwrap_err().to_string();
        assert!(message.contains("13") && message.contains("12") && message.contains("sample"), "{message}");
        assert!(axis_correlation(1, 1.0).is_err() && axis_correlation(4, f64::NAN).is_err());
        assert!(in_field(4, 1.0, f64::INFINITY).is_err() && in_field(4, -1.0, 0.0).is_err());
    }
}
