//! The sweep: every site once, in typewriter order, in all 512 replicas.

use super::generator::{Generator, Running};
use super::lanes::{Lanes, Word};
use super::rule::{Neighbours, Rule, Steps};

/// Random bits drawn for a site before the first look at whether more are needed. Half of all replicas are decided by each;
/// with 512 replicas 10.3 are needed on average.
const BLIND: usize = 8;

/// Verdicts of the given probabilities, independent in all replicas, and a fair bit.
///
/// A uniform number u below a threshold t is decided at the first binary digit in which they differ. As t is fixed, "digit k
/// of u differs from digit k of t" is a fair bit itself, and the verdict is digit k of t at the first such bit. So the random
/// bits do not depend on t, serve all thresholds at once, and a verdict is the sum modulo 2 of the *changes* between
/// consecutive digits of t over all digits up to that one.
#[inline(always)]
pub(super) fn verdicts<L: Lanes, const N: usize>(
    generator: &mut Running<L>,
    steps: &Steps<N>,
) -> ([L; N], L) {
    let fair = generator.next();
    let mut undecided = L::broadcast(u64::MAX).and_not(fair);
    let mut verdicts: [L; N] = std::array::from_fn(|n| L::broadcast(steps[0][n]));
    for step in &steps[1..BLIND] {
        change(&mut verdicts, undecided, step);
        undecided = undecided.and_not(generator.next());
    }
    for step in &steps[BLIND..] {
        if undecided.is_zero() {
            break;
        }
        change(&mut verdicts, undecided, step);
        undecided = undecided.and_not(generator.next());
    }
    (verdicts, fair)
}

#[inline(always)]
fn change<L: Lanes, const N: usize>(verdicts: &mut [L; N], undecided: L, step: &[u64; N]) {
    for n in 0..N {
        verdicts[n] = verdicts[n].xor_and(undecided, L::broadcast(step[n]));
    }
}

/// `sweeps` sweeps of the L × L torus `spins`.
#[inline(always)]
pub(super) fn run<L: Lanes, const N: usize, R: Rule<N>>(
    size: usize,
    spins: &mut [Word],
    generator: &mut Generator,
    rule: &R,
    steps: &Steps<N>,
    sweeps: u64,
) {
    let mut running = generator.load::<L>();
    for _ in 0..sweeps {
        for y in 0..size {
            let row = y * size;
            let above = if y == 0 { (size - 1) * size } else { row - size };
            let below = if y + 1 == size { 0 } else { row + size };
            // The row's first spin closes the row; the previous spin is kept in a register.
            let mut left = L::load(&spins[row + size - 1]);
            let mut spin = L::load(&spins[row]);
            for x in 0..size {
                let (verdicts, fair) = verdicts(&mut running, steps);
                let right = L::load(&spins[if x + 1 == size { row } else { row + x + 1 }]);
                let neighbours =
                    Neighbours::count(L::load(&spins[above + x]), L::load(&spins[below + x]), right, left);
                left = rule.update(spin, neighbours, verdicts, fair);
                left.store(&mut spins[row + x]);
                spin = right;
            }
        }
    }
    generator.store(running);
}

/// Fills words with bits that are 1 with the probability of `steps`, independently.
#[inline(always)]
pub(super) fn fill<L: Lanes>(words: &mut [Word], generator: &mut Generator, steps: &Steps<1>) {
    let mut running = generator.load::<L>();
    for word in words {
        let ([verdict], _) = verdicts(&mut running, steps);
        verdict.store(word);
    }
    generator.store(running);
}
