//! The update rules: what becomes of a spin, given its neighbours and random verdicts.

use super::lanes::Lanes;
use crate::thresholds::{DIGITS, exp, logistic_of_minus, threshold};

/// The number of neighbours that are up, 0..=4, in binary: `ones` + 2 `twos` + 4 `fours`.
#[derive(Clone, Copy)]
pub(super) struct Neighbours<L> {
    pub(super) ones: L,
    pub(super) twos: L,
    pub(super) fours: L,
}

impl<L: Lanes> Neighbours<L> {
    #[inline(always)]
    pub(super) fn count(a: L, b: L, c: L, d: L) -> Self {
        let (sum, carry) = (a.xor3(b, c), a.majority(b, c));
        let other = sum.and(d);
        Self { ones: sum.xor(d), twos: carry.xor(other), fours: carry.and(other) }
    }

    /// The value for the neighbour count of each replica, of five.
    #[inline(always)]
    fn choose(self, of: [L; 5]) -> L {
        let odd = self.twos.select(of[3], of[1]);
        let even = self.twos.select(of[2], self.fours.select(of[4], of[0]));
        self.ones.select(odd, even)
    }
}

/// A rule that needs `N` random verdicts of given probabilities, and a fair bit that may depend on the verdicts of the same
/// replica, so that it may only be used where none of them is.
pub(super) trait Rule<const N: usize> {
    /// The new spin.
    fn update<L: Lanes>(&self, spin: L, neighbours: Neighbours<L>, verdicts: [L; N], fair: L) -> L;
}

/// For each random bit, which verdicts change their provisional value after it: see [`super::kernel`].
pub(super) type Steps<const N: usize> = [[u64; N]; DIGITS];

/// The binary digits of the probabilities, as differences of consecutive digits.
pub(super) fn steps<const N: usize>(probabilities: [f64; N]) -> Steps<N> {
    let thresholds = probabilities.map(threshold);
    let digit = |n: usize, k: usize| thresholds[n] >> (DIGITS - 1 - k) & 1;
    std::array::from_fn(|k| {
        std::array::from_fn(|n| {
            let change = if k == 0 { digit(n, 0) } else { digit(n, k) ^ digit(n, k - 1) };
            change.wrapping_neg()
        })
    })
}

/// What the acceptances min(1, e^{−ΔE/T}) are multiplied by, if the smallest |ΔE| that is not treated by itself is
/// `smallest`: the largest number, at most 1, that keeps the eigenvalue of each update at −½ or above. The module's
/// documentation says why.
pub(super) fn damping(smallest: f64, temperature: f64) -> f64 {
    (1.5 / (1.0 + exp(-smallest / temperature))).min(1.0)
}

/// Metropolis without field, where nothing is damped: acceptance e^{−ΔE/T}, 1 for ΔE < 0, ½ for ΔE = 0.
pub(super) struct Metropolis;

impl Metropolis {
    /// e^{−4/T}, e^{−8/T}.
    pub(super) fn probabilities(temperature: f64) -> [f64; 2] {
        [exp(-4.0 / temperature), exp(-8.0 / temperature)]
    }
}

impl Rule<2> for Metropolis {
    #[inline(always)]
    fn update<L: Lanes>(&self, spin: L, n: Neighbours<L>, verdicts: [L; 2], fair: L) -> L {
        // With an odd count the spin is against the majority where `twos` differs from it.
        let odd = n.twos.xor(spin).or(verdicts[0]);
        let all = n.fours.xor(spin).or(verdicts[1]);
        let flip = n.ones.select(odd, n.twos.select(fair, all));
        spin.xor(flip)
    }
}

/// Metropolis without field at any temperature: acceptances c e^{−ΔE/T}, c for ΔE < 0, ½ for ΔE = 0, with c from [`damping`].
pub(super) struct DampedMetropolis;

impl DampedMetropolis {
    /// c e^{−4/T}, c e^{−8/T}, c; none where c is 1 and [`Metropolis`] is the same.
    pub(super) fn probabilities(temperature: f64) -> Option<[f64; 3]> {
        let damping = damping(4.0, temperature);
        let [one, two] = Metropolis::probabilities(temperature);
        (damping < 1.0).then_some([damping * one, damping * two, damping])
    }
}

impl Rule<3> for DampedMetropolis {
    #[inline(always)]
    fn update<L: Lanes>(&self, spin: L, n: Neighbours<L>, verdicts: [L; 3], fair: L) -> L {
        let odd = n.twos.xor(spin).select(verdicts[2], verdicts[0]);
        let all = n.fours.xor(spin).select(verdicts[2], verdicts[1]);
        let flip = n.ones.select(odd, n.twos.select(fair, all));
        spin.xor(flip)
    }
}

/// Heat bath without field: up with probability 1 / (1 + e^{−2b/T}) in the local field b.
pub(super) struct HeatBath;

impl HeatBath {
    /// The probabilities of up with one and with no neighbour up.
    pub(super) fn probabilities(temperature: f64) -> [f64; 2] {
        [logistic_of_minus(4.0 / temperature), logistic_of_minus(8.0 / temperature)]
    }
}

impl Rule<2> for HeatBath {
    #[inline(always)]
    fn update<L: Lanes>(&self, _spin: L, n: Neighbours<L>, verdicts: [L; 2], fair: L) -> L {
        let odd = n.twos.xor(verdicts[0]);
        let all = n.fours.xor(verdicts[1]);
        n.ones.select(odd, n.twos.select(fair, all))
    }
}

/// Heat bath in a uniform field: one probability for each number of neighbours that are up.
pub(super) struct HeatBathInField;

impl HeatBathInField {
    pub(super) fn probabilities(temperature: f64, field: f64) -> [f64; 5] {
        std::array::from_fn(|up| logistic_of_minus(-2.0 * (2.0 * up as f64 - 4.0 + field) / temperature))
    }
}

impl Rule<5> for HeatBathInField {
    #[inline(always)]
    fn update<L: Lanes>(&self, _spin: L, n: Neighbours<L>, verdicts: [L; 5], _fair: L) -> L {
        n.choose(verdicts)
    }
}

/// Metropolis in a uniform field: acceptance c · min(1, e^{−ΔE/T}) with c from [`damping`], at most
/// [`MetropolisInField::LARGEST`].
pub(super) struct MetropolisInField {
    /// For each number of neighbours that are up, all bits set if up is the direction of the local field.
    favoured: [u64; 5],
}

impl MetropolisInField {
    /// The largest acceptance; below 1 for ergodicity.
    const LARGEST: f64 = 15.0 / 16.0;

    pub(super) fn new(field: f64) -> Self {
        let up = |n: usize| 2.0 * n as f64 - 4.0 + field > 0.0;
        Self { favoured: std::array::from_fn(|n| u64::from(up(n)).wrapping_neg()) }
    }

    /// Out of the favoured direction for each number of neighbours that are up, and into it.
    pub(super) fn probabilities(temperature: f64, field: f64) -> [f64; 6] {
        let change: [f64; 5] = std::array::from_fn(|n| 2.0 * (2.0 * n as f64 - 4.0 + field).abs());
        let smallest = change.into_iter().fold(f64::INFINITY, f64::min);
        let into = damping(smallest, temperature).min(Self::LARGEST);
        std::array::from_fn(|n| change.get(n).map_or(into, |change| into * exp(-change / temperature)))
    }
}

impl Rule<6> for MetropolisInField {
    #[inline(always)]
    fn update<L: Lanes>(&self, spin: L, n: Neighbours<L>, verdicts: [L; 6], _fair: L) -> L {
        let [v0, v1, v2, v3, v4, into] = verdicts;
        let favoured = n.choose(self.favoured.map(L::broadcast));
        let flip = favoured.xor(spin).select(into, n.choose([v0, v1, v2, v3, v4]));
        spin.xor(flip)
    }
}
