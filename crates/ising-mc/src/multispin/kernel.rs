//! The sweep: every site once, in typewriter order, in all 512 replicas.

use super::generator::{Generator, Running};
use super::lanes::{Lanes, Word};
use super::rule::{Neighbours, Rule, Steps};

/// Sites whose verdicts are drawn together; the module's documentation says why. Part of the definition of the chain's
/// random numbers, like [`OWN`].
pub(super) const GROUP: usize = 16;

/// Random bits drawn for each site of a group by itself. They leave 2^−`OWN` of the replicas undecided.
const OWN: usize = 6;

/// Verdicts of the given probabilities, independent in all replicas, for a group of sites, and a fair bit for each.
///
/// A uniform number u is below a threshold t if, at the first binary digit in which they differ, t has the 1. "Digit k
/// of u differs from digit k of t" is a fair bit itself, whatever t is. So the sequence of random bits does not depend
/// on t and serves all thresholds; the verdict is digit k of t at the first 1 of the sequence, which is the sum modulo
/// 2 of the *changes* between consecutive digits of t up to there. (After the last digit the verdict stands as it is.)
pub(super) struct Verdicts<L, const N: usize> {
    /// The verdicts of each site of the group.
    pub(super) verdicts: [[L; N]; GROUP],
    /// Its fair bits.
    pub(super) fair: [L; GROUP],
    undecided: [L; GROUP],
}

impl<L: Lanes, const N: usize> Verdicts<L, N> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        let zero = L::broadcast(0);
        Self { verdicts: [[zero; N]; GROUP], fair: [zero; GROUP], undecided: [zero; GROUP] }
    }

    /// Draws for the first `count` sites.
    #[inline(always)]
    pub(super) fn draw(&mut self, count: usize, generator: &mut Running<L>, steps: &Steps<N>) {
        for k in 0..count {
            let fair = generator.next();
            let mut undecided = L::broadcast(u64::MAX).and_not(fair);
            let mut verdicts: [L; N] = std::array::from_fn(|n| L::broadcast(steps[0][n]));
            for step in &steps[1..OWN] {
                change(&mut verdicts, undecided, step);
                undecided = undecided.and_not(generator.next());
            }
            self.verdicts[k] = verdicts;
            self.fair[k] = fair;
            self.undecided[k] = undecided;
        }
        loop {
            // Each replica serves the first site that is undecided in it; the others wait for the next round.
            let mut all = L::broadcast(0);
            let mut waiting = L::broadcast(0);
            for undecided in &self.undecided[..count] {
                waiting = waiting.or(all.and(*undecided));
                all = all.or(*undecided);
            }
            let mut changes = [L::broadcast(0); N];
            let mut undecided = all;
            for step in &steps[OWN..] {
                if undecided.is_zero() {
                    break;
                }
                change(&mut changes, undecided, step);
                undecided = undecided.and_not(generator.next());
            }
            let mut free = all;
            for k in 0..count {
                let served = self.undecided[k].and(free);
                free = free.and_not(served);
                self.undecided[k] = self.undecided[k].and_not(served);
                for (verdict, change) in self.verdicts[k].iter_mut().zip(changes) {
                    *verdict = verdict.xor_and(served, change);
                }
            }
            if waiting.is_zero() {
                return;
            }
        }
    }
}

#[inline(always)]
fn change<L: Lanes, const N: usize>(verdicts: &mut [L; N], undecided: L, step: &[u64; N]) {
    for (verdict, &step) in verdicts.iter_mut().zip(step) {
        *verdict = verdict.xor_and(undecided, L::broadcast(step));
    }
}

/// Sweeps of all replicas, compiled for each width of [`Lanes`].
pub(super) trait Sweeps: Send + Sync {
    /// Makes `sweeps` sweeps of `spins`, one word for each site.
    fn run<L: Lanes>(&self, spins: &mut [Word], generator: &mut Generator, sweeps: u64);
}

/// The sites of a square lattice, row by row.
pub(super) struct Rows<R, const N: usize> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) rule: R,
    pub(super) steps: Box<Steps<N>>,
}

impl<R: Rule<N> + Send + Sync, const N: usize> Sweeps for Rows<R, N> {
    #[inline(always)]
    fn run<L: Lanes>(&self, spins: &mut [Word], generator: &mut Generator, sweeps: u64) {
        let (width, height) = (self.width, self.height);
        let mut running = generator.load::<L>();
        let mut drawn = Verdicts::<L, N>::new();
        for _ in 0..sweeps {
            let (mut next, mut left_over) = (GROUP, width * height);
            for y in 0..height {
                let row = y * width;
                let above = if y == 0 { (height - 1) * width } else { row - width };
                let below = if y + 1 == height { 0 } else { row + width };
                // The row's first spin closes the row; the previous spin is kept in a register.
                let mut left = L::load(&spins[row + width - 1]);
                let mut spin = L::load(&spins[row]);
                for x in 0..width {
                    if next == GROUP {
                        let count = left_over.min(GROUP);
                        drawn.draw(count, &mut running, &self.steps);
                        left_over -= count;
                        next = 0;
                    }
                    let right = L::load(&spins[if x + 1 == width { row } else { row + x + 1 }]);
                    let (above, below) = (L::load(&spins[above + x]), L::load(&spins[below + x]));
                    let neighbours = Neighbours::count(above, below, right, left);
                    left = self.rule.update(spin, neighbours, drawn.verdicts[next], drawn.fair[next]);
                    next += 1;
                    left.store(&mut spins[row + x]);
                    spin = right;
                }
            }
        }
        generator.store(running);
    }
}

/// The sites of a lattice by number, each with Z neighbours.
pub(super) struct Sites<R, const N: usize, const Z: usize> {
    pub(super) neighbours: Vec<[u32; Z]>,
    pub(super) rule: R,
    pub(super) steps: Box<Steps<N>>,
}

impl<R: Rule<N> + Send + Sync, const N: usize, const Z: usize> Sweeps for Sites<R, N, Z> {
    #[inline(always)]
    fn run<L: Lanes>(&self, spins: &mut [Word], generator: &mut Generator, sweeps: u64) {
        let mut running = generator.load::<L>();
        let mut drawn = Verdicts::<L, N>::new();
        for _ in 0..sweeps {
            for (group, neighbours) in self.neighbours.chunks(GROUP).enumerate() {
                drawn.draw(neighbours.len(), &mut running, &self.steps);
                for (k, neighbours) in neighbours.iter().enumerate() {
                    let up = neighbours.map(|site| L::load(&spins[site as usize]));
                    let spin = &mut spins[group * GROUP + k];
                    let neighbours = Neighbours::count_all(up);
                    let new = self.rule.update(L::load(spin), neighbours, drawn.verdicts[k], drawn.fair[k]);
                    new.store(spin);
                }
            }
        }
        generator.store(running);
    }
}

/// Fills words with bits that are 1 with the probability of `steps`, independently.
#[inline(always)]
pub(super) fn fill<L: Lanes>(words: &mut [Word], generator: &mut Generator, steps: &Steps<1>) {
    let mut running = generator.load::<L>();
    let mut drawn = Verdicts::<L, 1>::new();
    for group in words.chunks_mut(GROUP) {
        drawn.draw(group.len(), &mut running, steps);
        for (word, verdicts) in group.iter_mut().zip(&drawn.verdicts) {
            verdicts[0].store(word);
        }
    }
    generator.store(running);
}
