//! The update rules: what becomes of a spin, given its neighbours and random verdicts.

use super::lanes::Lanes;
use crate::thresholds::{DIGITS, exp, logistic_of_minus, threshold};

/// The number of neighbours that are up, 0..=6, in binary: `ones` + 2 `twos` + 4 `fours`.
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

    /// Of any coordination that a lattice has: 2, 3, 4 or 6.
    #[inline(always)]
    pub(super) fn count_all<const Z: usize>(up: [L; Z]) -> Self {
        let zero = L::broadcast(0);
        match up[..] {
            [a, b] => Self { ones: a.xor(b), twos: a.and(b), fours: zero },
            [a, b, c] => Self { ones: a.xor3(b, c), twos: a.majority(b, c), fours: zero },
            [a, b, c, d] => Self::count(a, b, c, d),
            [a, b, c, d, e, f] => {
                let (first, first_carry) = (a.xor3(b, c), a.majority(b, c));
                let (second, second_carry) = (d.xor3(e, f), d.majority(e, f));
                let carry = first.and(second);
                Self {
                    ones: first.xor(second),
                    twos: first_carry.xor3(second_carry, carry),
                    fours: first_carry.majority(second_carry, carry),
                }
            }
            _ => unreachable!("no lattice has this coordination"),
        }
    }

    /// The value for the neighbour count of each replica, of those for 0..=`largest`.
    #[inline(always)]
    fn choose(self, largest: usize, of: impl Fn(usize) -> L) -> L {
        let of_two = |k: usize| self.ones.select(of((k + 1).min(largest)), of(k));
        let low = self.twos.select(of_two(2), of_two(0));
        match largest {
            ..4 => low,
            4 => self.fours.select(of(4), low),
            _ => self.fours.select(self.twos.select(of(6), of_two(4)), low),
        }
    }
}

/// A rule that needs `N` random verdicts of given probabilities, and a fair bit that may depend on the verdicts of the
/// same replica, so that it may only be used where none of them is.
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

/// Metropolis without field at any temperature: acceptances c e^{−ΔE/T}, c for ΔE < 0, ½ for ΔE = 0, with c from
/// [`damping`].
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

/// Metropolis without field on a lattice with Z neighbours: acceptances c e^{−ΔE/T}, c for ΔE < 0, ½ for ΔE = 0, with c
/// from [`damping`], at most [`LARGEST`].
pub(super) struct MetropolisOf<const Z: usize>;

/// The largest acceptance where every update must have both outcomes for the chain to be ergodic.
const LARGEST: f64 = 15.0 / 16.0;

impl<const Z: usize> MetropolisOf<Z> {
    /// c e^{−ΔE/T} for each ΔE > 0, ascending, and c.
    pub(super) fn probabilities<const N: usize>(temperature: f64) -> [f64; N] {
        let into = damping(cost::<Z>(0), temperature).min(LARGEST);
        std::array::from_fn(|k| if k + 1 == N { into } else { into * exp(-cost::<Z>(k) / temperature) })
    }
}

/// ΔE > 0 number k of a spin with Z neighbours, ascending: twice the local field, which is 2k + 2 or 2k + 1.
fn cost<const Z: usize>(k: usize) -> f64 {
    (4 * k + if Z.is_multiple_of(2) { 4 } else { 2 }) as f64
}

impl<const Z: usize, const N: usize> Rule<N> for MetropolisOf<Z> {
    #[inline(always)]
    fn update<L: Lanes>(&self, spin: L, n: Neighbours<L>, verdicts: [L; N], fair: L) -> L {
        let turn = |parallel: usize| match (2 * parallel).cmp(&Z) {
            std::cmp::Ordering::Less => verdicts[N - 1],
            std::cmp::Ordering::Equal => fair,
            std::cmp::Ordering::Greater => verdicts[parallel - Z / 2 - 1],
        };
        spin.xor(spin.select(n.choose(Z, turn), n.choose(Z, |up| turn(Z - up))))
    }
}

/// Heat bath without field on a lattice with Z neighbours.
pub(super) struct HeatBathOf<const Z: usize>;

impl<const Z: usize> HeatBathOf<Z> {
    /// The probabilities of the direction against the local field, for each of its sizes but 0, ascending.
    pub(super) fn probabilities<const N: usize>(temperature: f64) -> [f64; N] {
        std::array::from_fn(|k| logistic_of_minus(cost::<Z>(k) / temperature))
    }
}

impl<const Z: usize, const N: usize> Rule<N> for HeatBathOf<Z> {
    #[inline(always)]
    fn update<L: Lanes>(&self, _spin: L, n: Neighbours<L>, verdicts: [L; N], fair: L) -> L {
        let all = L::broadcast(u64::MAX);
        n.choose(Z, |up| match (2 * up).cmp(&Z) {
            std::cmp::Ordering::Less => verdicts[Z - up - Z / 2 - 1],
            std::cmp::Ordering::Equal => fair,
            std::cmp::Ordering::Greater => all.and_not(verdicts[up - Z / 2 - 1]),
        })
    }
}

/// The local field in units of J of a spin of whose Z neighbours so many are up.
fn local_field(up: usize, z: usize, field: f64) -> f64 {
    2.0 * up as f64 - z as f64 + field
}

/// Heat bath in a uniform field: one probability for each number of neighbours that are up.
pub(super) struct HeatBathInField;

impl HeatBathInField {
    /// N is the coordination + 1.
    pub(super) fn probabilities<const N: usize>(temperature: f64, field: f64) -> [f64; N] {
        std::array::from_fn(|up| logistic_of_minus(-2.0 * local_field(up, N - 1, field) / temperature))
    }
}

impl<const N: usize> Rule<N> for HeatBathInField {
    #[inline(always)]
    fn update<L: Lanes>(&self, _spin: L, n: Neighbours<L>, verdicts: [L; N], _fair: L) -> L {
        n.choose(N - 1, |up| verdicts[up])
    }
}

/// Metropolis in a uniform field: acceptance c · min(1, e^{−ΔE/T}) with c from [`damping`], at most [`LARGEST`].
pub(super) struct MetropolisInField {
    /// For each number of neighbours that are up, all bits set if up is the direction of the local field.
    favoured: [u64; 7],
}

impl MetropolisInField {
    pub(super) fn new(z: usize, field: f64) -> Self {
        let up = |n: usize| local_field(n, z, field) > 0.0;
        Self { favoured: std::array::from_fn(|n| u64::from(up(n)).wrapping_neg()) }
    }

    /// Out of the favoured direction for each number of neighbours that are up, and into it: N is the coordination + 2.
    pub(super) fn probabilities<const N: usize>(temperature: f64, field: f64) -> [f64; N] {
        let change = |up: usize| 2.0 * local_field(up, N - 2, field).abs();
        let smallest = (0..N - 1).map(change).fold(f64::INFINITY, f64::min);
        let into = damping(smallest, temperature).min(LARGEST);
        std::array::from_fn(|n| if n + 1 == N { into } else { into * exp(-change(n) / temperature) })
    }
}

impl<const N: usize> Rule<N> for MetropolisInField {
    #[inline(always)]
    fn update<L: Lanes>(&self, spin: L, n: Neighbours<L>, verdicts: [L; N], _fair: L) -> L {
        let favoured = n.choose(N - 2, |up| L::broadcast(self.favoured[up]));
        let flip = favoured.xor(spin).select(verdicts[N - 1], n.choose(N - 2, |up| verdicts[up]));
        spin.xor(flip)
    }
}
