//! Single-spin updates of 512 independent replicas at once: one bit for each spin of each replica.
//!
//! # How it works
//!
//! The spin at a site is a word of 512 bits, one for each replica (multi-spin coding). All replicas visit the sites in
//! the same order, but every spin of every replica has random bits of its own, so the replicas are independent. One
//! update is
//!
//! 1. three full adders that count the neighbours up, in binary, in all replicas;
//! 2. *verdicts*, bits that are 1 with the acceptance probabilities e^{−4/T} and e^{−8/T} (an integer number of 2^−48);
//! 3. four logical operations that choose between them.
//!
//! Random bits are the expensive part. A verdict "u < t" is the binary digit of t at the first place where the digits
//! of u and t differ, and that place is the first 1 in a sequence of fair bits, whatever t is. So one sequence serves
//! all thresholds, and on average two bits decide. But a word is decided only when its slowest replica is: after 10.3
//! words of
//! 512. Therefore 16 sites are drawn together. Each takes 6 words of its own; then a common tail serves all replicas
//!      that are still undecided at some site, a second one those that were undecided at two, and so on. A tail's bits
//!      in a replica are used for one site only, so nothing is used twice. This takes 6.9 words per site instead of
//!      10.3, and one mispredicted branch per tail instead of one per site.
//!
//! # What bounds it
//!
//! Per site: 6.9 words of xoshiro256++ (nine operations on 512 bits each), three operations for each word and two
//! thresholds, about a dozen for the neighbours and the choice, a dozen for the tails; about 120 in all, at two per
//! cycle on the cores this was written on. Memory matters only when three rows (192 L bytes) leave the first cache, or
//! the lattice (64 L² bytes) the last one. With AVX2 the operations are twice as many and three-input logic is missing.
//!
//! # Why the chain is ergodic
//!
//! A typewriter sweep that always accepts ΔE = 0 is not: on the 2 × 2 torus it never comes from "all up" to 4 of the 16
//! states, on the 4 × 4 torus to 64 of 65536. Here Metropolis without field accepts ΔE < 0 always, ΔE > 0 with
//! probability e^{−ΔE/T}, and ΔE = 0 with probability ½. Each single update is in detailed balance with the Boltzmann
//! law π (for ΔE = 0 both directions have ½), so the sweep leaves π invariant. *From every state two sweeps reach "all
//! down" with positive probability, at any 0 < T < ∞ and L ≥ 2.* As π is positive everywhere and invariant, the chain
//! is then irreducible; as two and three sweeps both lead back to "all down", it is aperiodic, and its law tends to π.
//!
//! Proof. Let every update choose down where it has a choice. It has none only where a *down* spin has three or four
//! neighbours up (then the flip up has ΔE < 0); call such a spin *forced*. So a spin is up after a sweep only if it was
//! down when it was visited, and forced. Write (x, y) for column x of row y; left and upper neighbours are visited
//! earlier in the sweep, except those of column 0 and of row 0, across the seam.
//!
//! 1. *In the first sweep, (L−1, y) and (L−2, y) are not both forced.* When (L−2, y) is visited, its right neighbour is
//!    still down (it will be forced), so its other three neighbours are up, the left one included. That one was visited
//!    just before, so it was forced, at a time when *its* right neighbour was down; and so on to (0, y), whose left
//!    neighbour (L−1, y) must have been up: but it was down until its own visit. The same holds for (x, L−1) and (x,
//!    L−2).
//! 2. *After the first sweep the last column is down, except perhaps (L−1, 0).* Let (L−1, y) be forced, y ≥ 1. By 1 its
//!    left neighbour is down, so the upper one is up, hence forced when (L−1, y) was down, hence with all its other
//!    neighbours up, the left one included: against 1. In the same way the last row is down, except perhaps (0, L−1).
//! 3. If (L−1, 0) is up, it was forced with its left neighbour down (by 1), so with its right neighbour (0, 0) up. The
//!    same holds for (0, L−1). So if (0, 0) is down after the first sweep, both of them are.
//! 4. *In the second sweep nothing is forced.* (0, 0) is either up, and not forced, or by 3 at least two of its
//!    neighbours are down. After that each spin has at least two neighbours down when it is visited: the left and the
//!    upper one, or for those of row 0 (column 0) the left (upper) one and the one across the seam, which is down by 2
//!    or, for (L−1, 0) and (0, L−1), is (0, 0), down already. ∎
//!
//! The tests go through all states of L = 2, 3 and 4. In a field all acceptances are at most 15/16, so that every
//! update has both outcomes with positive probability and one sweep reaches every state; the same holds for the heat
//! bath, with and without field, and for Metropolis where it is damped (below). (Below T ≈ 0.24, e^{−8/T} < 2^−49 is
//! rounded to zero and the chain stays in the ground state; see the bias below.) With a field, every eighth sweep is
//! followed by an attempt to turn the whole replica, accepted with the heat-bath probability, since single flips alone
//! would almost never cross between the two magnetizations below T_c.
//!
//! # Why the chain forgets its start at any temperature
//!
//! Ergodic is not enough. Given the neighbours, an update that turns a spin with probability p against the energy and q
//! along it, p/q = e^{−x/T} with x = |ΔE|, is λ · (nothing) + (1 − λ) · (heat bath) with λ = 1 − p − q. Metropolis, q =
//! 1, has λ = −e^{−x/T}. At high temperature that is almost −1: a sweep turns every spin, and what it should draw anew
//! takes T/4 sweeps or more, while energy and |m| look as if nothing happened. So where e^{−4/T} > ½, from T = 5.77 on,
//! both p and q are multiplied by c = (3/2) / (1 + e^{−4/T}): then −½ ≤ λ at any temperature, and at x = 0 it is 0. (In
//! a field c follows from the smallest x of the five local fields in the same way.) At high temperature, where the heat
//! bath of a spin depends on its neighbours by less than tanh(4/T), two copies of the chain with common random numbers
//! then differ in at most ½ + O(1/T) times as many spins after each sweep (R. L. Dobrushin, Theor. Probab. Appl. 13,
//! 197, 1968), so that 20 sweeps leave 10^−6 of the start. Below 5.77 nothing is changed.
//!
//! # Other lattices
//!
//! Chains, honeycomb, triangular and cubic lattices have a table of neighbours, and as many adders as their
//! coordination needs; the rest is the same. Acceptances are at most 15/16 there, as in a field, so that every update
//! has both outcomes (at ΔE = 0 each with ½) and one sweep reaches every state.
//!
//! # Bias
//!
//! Probabilities are rounded to multiples of 2^−48; nothing else is approximate.

#![expect(unsafe_code, reason = "vector instructions of a machine that has them")]

mod biased;
pub mod checkerboard;
mod generator;
mod kernel;
mod lanes;
mod rule;

use datasets::lattice::{Kind, Lattice};
use numerics::bits::Bits;
use numerics::vector::{Width, widest};
use rand_chacha::ChaCha8Rng;

pub(crate) use biased::BiasedBits;
use generator::Generator;
use kernel::{Rows, Sites, Sweeps};
use lanes::{Lanes, Portable, Word};
use rule::{
    DampedMetropolis, HeatBath, HeatBathInField, HeatBathOf, Metropolis, MetropolisInField, MetropolisOf,
    Rule, steps,
};

/// The number of replicas of a block.
pub const REPLICAS: usize = 512;

/// The update rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Update {
    Metropolis,
    HeatBath,
}

/// 512 independent replicas of a lattice at one temperature.
pub(crate) struct Block {
    lattice: Lattice,
    spins: Vec<Word>,
    generator: Generator,
    kernel: Box<dyn Kernel>,
    width: Width,
    /// With a field: the move that turns whole replicas.
    turn: Option<Turn>,
    sweeps: u64,
}

/// [`Sweeps`] at a width that is known when they run.
trait Kernel: Send + Sync {
    fn run(&self, width: Width, spins: &mut [Word], generator: &mut Generator, sweeps: u64);
}

impl<S: Sweeps> Kernel for S {
    fn run(&self, width: Width, spins: &mut [Word], generator: &mut Generator, sweeps: u64) {
        dispatch(width, self, spins, generator, sweeps);
    }
}

/// The kernel of a square lattice, whose rows need no table of neighbours.
fn rows(lattice: Lattice, temperature: f64, field: f64, update: Update) -> Box<dyn Kernel> {
    fn with<R, const N: usize>(lattice: Lattice, rule: R, probabilities: [f64; N]) -> Box<dyn Kernel>
    where
        R: Rule<N> + Send + Sync + 'static,
    {
        let [width, height, _] = lattice.sides();
        Box::new(Rows { width, height, rule, steps: Box::new(steps(probabilities)) })
    }
    match (update, field == 0.0) {
        (Update::Metropolis, true) => match DampedMetropolis::probabilities(temperature) {
            Some(damped) => with(lattice, DampedMetropolis, damped),
            None => with(lattice, Metropolis, Metropolis::probabilities(temperature)),
        },
        (Update::HeatBath, true) => with(lattice, HeatBath, HeatBath::probabilities(temperature)),
        (Update::Metropolis, false) => {
            let probabilities: [f64; 6] = MetropolisInField::probabilities(temperature, field);
            with(lattice, MetropolisInField::new(4, field), probabilities)
        }
        (Update::HeatBath, false) => {
            let probabilities: [f64; 5] = HeatBathInField::probabilities(temperature, field);
            with(lattice, HeatBathInField, probabilities)
        }
    }
}

/// The kernel of a lattice with Z neighbours: `ENERGIES` is the number of costs of a turn above 0, `ONE_MORE` one more,
/// `STATES` Z + 1 and `WITH_INTO` Z + 2.
fn sites<
    const Z: usize,
    const ENERGIES: usize,
    const ONE_MORE: usize,
    const STATES: usize,
    const WITH_INTO: usize,
>(
    lattice: Lattice,
    temperature: f64,
    field: f64,
    update: Update,
) -> Box<dyn Kernel> {
    fn with<R, const N: usize, const Z: usize>(
        lattice: Lattice,
        rule: R,
        probabilities: [f64; N],
    ) -> Box<dyn Kernel>
    where
        R: Rule<N> + Send + Sync + 'static,
    {
        let neighbours = lattice.neighbours().table().as_chunks::<Z>().0.to_vec();
        Box::new(Sites { neighbours, rule, steps: Box::new(steps(probabilities)) })
    }
    match (update, field == 0.0) {
        (Update::Metropolis, true) => {
            with::<_, ONE_MORE, Z>(lattice, MetropolisOf::<Z>, MetropolisOf::<Z>::probabilities(temperature))
        }
        (Update::HeatBath, true) => {
            with::<_, ENERGIES, Z>(lattice, HeatBathOf::<Z>, HeatBathOf::<Z>::probabilities(temperature))
        }
        (Update::Metropolis, false) => with::<_, WITH_INTO, Z>(
            lattice,
            MetropolisInField::new(Z, field),
            MetropolisInField::probabilities(temperature, field),
        ),
        (Update::HeatBath, false) => {
            with::<_, STATES, Z>(lattice, HeatBathInField, HeatBathInField::probabilities(temperature, field))
        }
    }
}

/// Turning all spins of a replica, accepted with the heat-bath probability 1 / (1 + e^{2hM/T}).
struct Turn {
    bits: Bits,
    /// The threshold for each number of up spins.
    thresholds: Vec<u64>,
}

impl Turn {
    /// Sweeps between two attempts.
    const EVERY: u64 = 8;
}

impl Block {
    /// All replicas start with all spins in the direction of the field (up without field). `temperature` is positive and
    /// finite (J/k_B), `field` finite (J); the lattice has bonds.
    pub(crate) fn new(
        lattice: Lattice,
        temperature: f64,
        field: f64,
        update: Update,
        width: Width,
        stream: &mut ChaCha8Rng,
    ) -> Self {
        let generator = Generator::from_stream(stream);
        let kernel = match lattice.coordination() {
            2 => sites::<2, 1, 2, 3, 4>(lattice, temperature, field, update),
            3 => sites::<3, 2, 3, 4, 5>(lattice, temperature, field, update),
            6 => sites::<6, 3, 4, 7, 8>(lattice, temperature, field, update),
            _ => rows(lattice, temperature, field, update),
        };
        let sites = lattice.sites();
        let turn = (field != 0.0).then(|| Turn {
            bits: Bits::from_stream(stream),
            thresholds: (0..=sites)
                .map(|up| {
                    let magnetization = 2.0 * up as f64 - sites as f64;
                    let probability =
                        crate::thresholds::logistic_of_minus(2.0 * field * magnetization / temperature);
                    crate::thresholds::threshold(probability)
                })
                .collect(),
        });
        let start = if field < 0.0 { Word::ZERO } else { Word::ONES };
        Self { lattice, spins: vec![start; sites], generator, kernel, width, turn, sweeps: 0 }
    }

    pub(crate) fn sites(&self) -> usize {
        self.spins.len()
    }

    /// Lets every replica make `sweeps` sweeps.
    pub(crate) fn sweep(&mut self, mut sweeps: u64) {
        if self.turn.is_none() {
            return self.run(sweeps);
        }
        while sweeps > 0 {
            let part = sweeps.min(Turn::EVERY - self.sweeps % Turn::EVERY);
            self.run(part);
            self.sweeps += part;
            sweeps -= part;
            if self.sweeps.is_multiple_of(Turn::EVERY) {
                self.turn();
            }
        }
    }

    fn run(&mut self, sweeps: u64) {
        self.kernel.run(self.width, &mut self.spins, &mut self.generator, sweeps);
    }

    fn turn(&mut self) {
        let mut up = [0; REPLICAS];
        self.counts(&mut up, &mut []);
        let Some(turn) = &mut self.turn else { return };
        let mut mask = Word::ZERO;
        for (replica, &up) in up.iter().enumerate() {
            let turned = crate::thresholds::below(turn.bits.next(), turn.thresholds[up as usize]);
            mask.0[replica / 64] |= u64::from(turned) << (replica % 64);
        }
        for word in &mut self.spins {
            for (bits, mask) in word.0.iter_mut().zip(mask.0) {
                *bits ^= mask;
            }
        }
    }

    /// For the first replicas, as many as the slices hold: the number of up spins and of unsatisfied bonds.
    fn counts(&self, up: &mut [u32], unsatisfied: &mut [u32]) {
        let (mut up_planes, mut bond_planes) = (Planes::default(), Planes::default());
        let load = |site: usize| Portable::load(&self.spins[site]);
        if !up.is_empty() {
            (0..self.spins.len()).for_each(|site| up_planes.add(load(site)));
        }
        let [width, height, _] = self.lattice.sides();
        match self.lattice.kind() {
            _ if unsatisfied.is_empty() => {}
            // Large lattices are square, and their bonds need no list.
            Kind::Square => {
                for y in 0..height {
                    let (row, below) = (y * width, (y + 1) % height * width);
                    for x in 0..width {
                        let spin = load(row + x);
                        bond_planes.add(spin.xor(load(row + (x + 1) % width)));
                        bond_planes.add(spin.xor(load(below + x)));
                    }
                }
            }
            _ => {
                for [a, b] in self.lattice.bonds() {
                    bond_planes.add(load(a as usize).xor(load(b as usize)));
                }
            }
        }
        up_planes.read(up);
        bond_planes.read(unsatisfied);
    }

    /// Energies (without the field's part, in J) and magnetizations of the first replicas.
    pub(crate) fn measure(&self, energy: &mut [i32], magnetization: &mut [i32]) {
        let (sites, bonds) = (self.lattice.sites() as i32, self.lattice.bond_count() as i32);
        let (mut up, mut unsatisfied) = (vec![0; magnetization.len()], vec![0; energy.len()]);
        self.counts(&mut up, &mut unsatisfied);
        for (m, up) in magnetization.iter_mut().zip(up) {
            *m = 2 * up as i32 - sites;
        }
        for (e, unsatisfied) in energy.iter_mut().zip(unsatisfied) {
            *e = 2 * unsatisfied as i32 - bonds;
        }
    }

    /// The spins ±1 of one replica, row-major.
    pub(crate) fn copy(&self, replica: usize, out: &mut [i8]) {
        for (out, word) in out.iter_mut().zip(&self.spins) {
            *out = if word.bit(replica) { 1 } else { -1 };
        }
    }
}

fn dispatch<S: Sweeps>(width: Width, work: &S, spins: &mut [Word], generator: &mut Generator, sweeps: u64) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx512f")]
        fn avx512<S: Sweeps>(work: &S, spins: &mut [Word], generator: &mut Generator, sweeps: u64) {
            work.run::<lanes::Avx512>(spins, generator, sweeps);
        }
        #[target_feature(enable = "avx2")]
        fn avx2<S: Sweeps>(work: &S, spins: &mut [Word], generator: &mut Generator, sweeps: u64) {
            work.run::<lanes::Avx2>(spins, generator, sweeps);
        }
        match width {
            // SAFETY: the condition says that the machine has the features of this width.
            Width::Avx512 if widest() >= width => unsafe {
                return avx512(work, spins, generator, sweeps);
            },
            // SAFETY: as above.
            Width::Avx2 if widest() >= width => unsafe {
                return avx2(work, spins, generator, sweeps);
            },
            _ => {}
        }
    }
    let _ = width;
    work.run::<Portable>(spins, generator, sweeps);
}

/// Counters of all replicas in binary: plane j holds digit j of each replica's count.
///
/// At each level two inputs wait for a third, and a full adder turns three into one sum and a carry for the next level.
#[derive(Default)]
struct Planes {
    levels: Vec<Level>,
}

struct Level {
    sum: Portable,
    waiting: Option<Portable>,
}

impl Planes {
    fn add(&mut self, bits: Portable) {
        let mut carry = bits;
        for level in &mut self.levels {
            match level.waiting.take() {
                None => {
                    level.waiting = Some(carry);
                    return;
                }
                Some(waiting) => {
                    let next = level.sum.majority(waiting, carry);
                    level.sum = level.sum.xor3(waiting, carry);
                    carry = next;
                }
            }
        }
        self.levels.push(Level { sum: carry, waiting: None });
    }

    /// The counts of the first replicas.
    fn read(&self, counts: &mut [u32]) {
        counts.fill(0);
        for (digit, level) in self.levels.iter().enumerate() {
            for plane in [Some(level.sum), level.waiting].into_iter().flatten() {
                let mut word = Word::ZERO;
                plane.store(&mut word);
                for (replica, count) in counts.iter_mut().enumerate() {
                    *count += u32::from(word.bit(replica)) << digit;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
