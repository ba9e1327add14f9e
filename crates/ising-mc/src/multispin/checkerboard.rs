//! Single-spin Metropolis of one lattice, 512 sites of a colour at once: for a large lattice of which few copies are
//! wanted.
//!
//! # How it works
//!
//! Sites of even x + y have only neighbours of odd x + y, and the other way round, if L is even. So all sites of one
//! colour can be updated at the same time, and the machinery of [`multispin`](super) serves with other roles: a word
//! holds 512 sites of one lattice instead of one site of 512 lattices. Neighbour counts, verdicts, choice and their
//! bits' independence are the same.
//!
//! A row of L sites has L/2 of each colour, one bit each in ⌈L/128⌉ elements of 64 bits; the rows of a colour follow
//! each other, with a copy of the last before the first and of the first after the last. Site j of a colour in row y
//! has the neighbours number j in rows y − 1, y and y + 1 of the other colour, and its fourth is number j − 1 or j + 1
//! in row y, the same for all sites of a row. A copy of the other colour with its rows moved by that one bit
//! (cyclically) is made after each half sweep, so that the kernel runs over all rows at once as over one long line.
//!
//! # What bounds it
//!
//! The same as in [`multispin`](super), plus the copy: four operations for each 64 sites. Where L is no multiple of
//! 128, the last element of each row is not full: at L = 64 every second bit is wasted, and at L = 10 nine in ten.
//! Measured on one core of 3.7 GHz (Zen 4) at T_c with AVX-512 (AVX2), in flips per ns: 13.6 (11) from L = 256 on, 12.7
//! (10.5) at 128, 9.6 (7.9) at 100, 5.4 (5.0) at 64, 0.5 (0.4) at 10.
//!
//! # Why the chain is ergodic
//!
//! As in [`multispin`](super), the law of the chain tends to the Boltzmann law if every state leads to "all down". *Two
//! sweeps do, at any 0 < T < ∞ and even L.* Let every update choose down where it can; only a down spin with three or
//! four neighbours up cannot (it is *forced*). Call the colours A (visited first) and B.
//!
//! After A's turn the spins of A that are up were forced, so each of them has at most one neighbour down in B as it
//! was; call them U. After B's turn the spins of B that are up, V, were down and have at least three neighbours in U.
//! No spin of U has two neighbours in V, since these were down. In the second sweep, A's turn forces a spin x only if
//! it is down, so not in U, and has three neighbours in V. On L ≥ 4, two of these three are x + a and x + b with a ≠
//! ±b, and x + a + b is a neighbour of both. Each spin of V has at most one neighbour outside U, which for these two is
//! x; so x + a + b is in U and has two neighbours in V: a contradiction. So A is down, and B's turn, without a
//! neighbour up, forces nothing. For L = 2 and 4 the tests go through all states. ∎ At high temperature acceptances are
//! damped as in [`multispin`](super).

#![expect(unsafe_code, reason = "vector instructions of a machine that has them")]

use numerics::vector::{Width, widest};
use rand_chacha::ChaCha8Rng;

use super::generator::Generator;
use super::kernel::{GROUP, Verdicts};
use super::lanes::{Lanes, Portable};
use super::rule::{DampedMetropolis, Metropolis, Neighbours, Rule, Steps, steps};
use crate::error::{SampleError, check_lattice, checkerboard_size};

/// The number of 64-bit elements that are updated at once.
const AT_ONCE: usize = 8;

/// One chain: an L × L torus with even L, one bit for each spin.
///
/// ```
/// use ising_mc::multispin::checkerboard::Checkerboard;
/// use numerics::{streams::stream, vector::width};
///
/// let mut lattice = Checkerboard::new(512, 1.0, width(), &mut stream(1, "example", &[])).unwrap();
/// lattice.sweep(100);
/// let (energy, magnetization) = lattice.measure();
/// // Deep in the ordered phase: the exact |m| is 0.9993, the energy -1.9971 per spin.
/// assert!((f64::from(magnetization) / 262_144.0 - 0.9993).abs() < 4e-4);
/// assert!((f64::from(energy) / 262_144.0 + 1.9971).abs() < 3e-3);
/// ```
pub struct Checkerboard {
    lattice: Lattice,
    generator: Generator,
    kernel: Kernel,
    width: Width,
}

enum Kernel {
    Metropolis(Box<Steps<2>>),
    Damped(Box<Steps<3>>),
}

/// The spins, and what is made of them for the kernel.
struct Lattice {
    /// L.
    size: usize,
    /// The 64-bit elements of a row of one colour.
    elements: usize,
    /// For each colour, rows −1, 0, …, L and room for a whole word: bit j mod 64 of element ⌊j / 64⌋ of row y is the
    /// site of column 2 j + (y + colour) mod 2; set if up. Bits beyond L/2 mean nothing.
    rows: [Vec<u64>; 2],
    /// For each colour, the fourth neighbours of its sites of rows 0, …, L − 1, and room for a word.
    beside: [Vec<u64>; 2],
}

impl Checkerboard {
    /// All spins up. `temperature` is in J/k_B.
    ///
    /// # Errors
    ///
    /// If the size is odd or below 2, there are more than [`LARGEST_SITES`](crate::LARGEST_SITES), or the temperature
    /// is not positive and finite.
    pub fn new(
        size: usize,
        temperature: f64,
        width: Width,
        stream: &mut ChaCha8Rng,
    ) -> Result<Self, SampleError> {
        let lattice = datasets::lattice::Lattice::square(size)?;
        check_lattice(lattice)?;
        checkerboard_size(lattice)?;
        if !(temperature > 0.0 && temperature.is_finite()) {
            return Err(SampleError::Temperature { index: 0, value: temperature });
        }
        let kernel = match DampedMetropolis::probabilities(temperature) {
            Some(damped) => Kernel::Damped(Box::new(steps(damped))),
            None => Kernel::Metropolis(Box::new(steps(Metropolis::probabilities(temperature)))),
        };
        Ok(Self { lattice: Lattice::new(size), generator: Generator::from_stream(stream), kernel, width })
    }

    /// Sweeps: in each, first the sites of even x + y, then the others.
    pub fn sweep(&mut self, sweeps: u64) {
        let (lattice, generator, width) = (&mut self.lattice, &mut self.generator, self.width);
        match &self.kernel {
            Kernel::Metropolis(steps) => dispatch(width, lattice, generator, &Metropolis, steps, sweeps),
            Kernel::Damped(steps) => dispatch(width, lattice, generator, &DampedMetropolis, steps, sweeps),
        }
    }

    /// The number of sites.
    pub(crate) fn sites(&self) -> usize {
        self.lattice.size * self.lattice.size
    }

    /// The energy and the magnetization.
    pub fn measure(&self) -> (i32, i32) {
        let Lattice { size, elements, .. } = self.lattice;
        let sites = (size * size) as i32;
        let last = last_mask(size);
        let (mut up, mut unsatisfied) = (0, 0);
        for y in 0..size {
            let row = |colour: usize, row: usize| &self.lattice.rows[colour][row * elements..][..elements];
            let beside = &self.lattice.beside[0][y * elements..][..elements];
            for (k, &fourth) in beside.iter().enumerate() {
                let mask = if k + 1 == elements { last } else { u64::MAX };
                let (even, odd) = (row(0, y + 1)[k] & mask, row(1, y + 1)[k] & mask);
                up += even.count_ones() + odd.count_ones();
                // All bonds are bonds of even sites.
                for neighbours in [row(1, y)[k], odd, row(1, y + 2)[k], fourth] {
                    unsatisfied += (even ^ (neighbours & mask)).count_ones();
                }
            }
        }
        (2 * unsatisfied as i32 - 2 * sites, 2 * up as i32 - sites)
    }

    /// The spins ±1, row-major.
    ///
    /// # Panics
    ///
    /// If there is no room for L² spins.
    pub fn copy(&self, out: &mut [i8]) {
        let Lattice { size, elements, rows, .. } = &self.lattice;
        for (y, out) in out[..size * size].chunks_exact_mut(*size).enumerate() {
            for (x, spin) in out.iter_mut().enumerate() {
                let (colour, j) = ((x + y) % 2, x / 2);
                let up = rows[colour][(y + 1) * elements + j / 64] >> (j % 64) & 1 == 1;
                *spin = if up { 1 } else { -1 };
            }
        }
    }
}

/// The bits of a row's last element that are sites.
fn last_mask(size: usize) -> u64 {
    u64::MAX >> (63 - (size / 2 - 1) % 64)
}

impl Lattice {
    fn new(size: usize) -> Self {
        let elements = (size / 2).div_ceil(64);
        let up = |rows: usize| vec![u64::MAX; rows * elements + AT_ONCE];
        Self { size, elements, rows: [up(size + 2), up(size + 2)], beside: [up(size), up(size)] }
    }

    /// After a colour was updated: the copies of its first and last row, and the fourth neighbours of the other colour.
    #[inline(always)]
    fn refresh(&mut self, colour: usize) {
        let Self { size, elements, .. } = *self;
        let (rows, beside) = (&mut self.rows[colour], &mut self.beside[1 - colour]);
        rows.copy_within(size * elements..(size + 1) * elements, 0);
        rows.copy_within(elements..2 * elements, (size + 1) * elements);
        // The place of site number L/2 − 1 in the last element.
        let top = (size / 2 - 1) % 64;
        let lines = rows[elements..].chunks_exact(elements).zip(beside.chunks_exact_mut(elements));
        for (y, (row, beside)) in lines.take(size).enumerate() {
            let end = elements - 1;
            if (y + colour).is_multiple_of(2) {
                // The other colour's columns are odd: its fourth neighbour is number j + 1.
                for k in 0..end {
                    beside[k] = row[k] >> 1 | row[k + 1] << 63;
                }
                beside[end] = (row[end] >> 1 & !(1 << top)) | (row[0] & 1) << top;
            } else {
                beside[0] = row[0] << 1 | (row[end] >> top & 1);
                for k in 1..=end {
                    beside[k] = row[k] << 1 | row[k - 1] >> 63;
                }
            }
        }
    }
}

fn dispatch<const N: usize, R: Rule<N>>(
    width: Width,
    lattice: &mut Lattice,
    generator: &mut Generator,
    rule: &R,
    steps: &Steps<N>,
    sweeps: u64,
) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx512f")]
        fn avx512<const N: usize, R: Rule<N>>(
            lattice: &mut Lattice,
            generator: &mut Generator,
            rule: &R,
            steps: &Steps<N>,
            sweeps: u64,
        ) {
            run::<super::lanes::Avx512, N, R>(lattice, generator, rule, steps, sweeps);
        }
        #[target_feature(enable = "avx2")]
        fn avx2<const N: usize, R: Rule<N>>(
            lattice: &mut Lattice,
            generator: &mut Generator,
            rule: &R,
            steps: &Steps<N>,
            sweeps: u64,
        ) {
            run::<super::lanes::Avx2, N, R>(lattice, generator, rule, steps, sweeps);
        }
        match width {
            // SAFETY: the condition says that the machine has the features of this width.
            Width::Avx512 if widest() >= width => unsafe {
                return avx512(lattice, generator, rule, steps, sweeps);
            },
            // SAFETY: as above.
            Width::Avx2 if widest() >= width => unsafe {
                return avx2(lattice, generator, rule, steps, sweeps);
            },
            _ => {}
        }
    }
    let _ = width;
    run::<Portable, N, R>(lattice, generator, rule, steps, sweeps);
}

#[inline(always)]
fn run<L: Lanes, const N: usize, R: Rule<N>>(
    lattice: &mut Lattice,
    generator: &mut Generator,
    rule: &R,
    steps: &Steps<N>,
    sweeps: u64,
) {
    let mut running = generator.load::<L>();
    let mut drawn = Verdicts::<L, N>::new();
    let (elements, all) = (lattice.elements, lattice.size * lattice.elements);
    for _ in 0..sweeps {
        for colour in 0..2 {
            let [even, odd] = &mut lattice.rows;
            let (own, other) = if colour == 0 { (even, odd) } else { (odd, even) };
            let beside = &lattice.beside[colour];
            let (mut next, mut left_over) = (GROUP, all.div_ceil(AT_ONCE));
            for first in (0..all).step_by(AT_ONCE) {
                if next == GROUP {
                    let count = left_over.min(GROUP);
                    drawn.draw(count, &mut running, steps);
                    left_over -= count;
                    next = 0;
                }
                // A last word that is not full runs into the copied row or the room behind it.
                let neighbours = Neighbours::count(
                    L::load_any(eight(&other[first..])),
                    L::load_any(eight(&other[first + elements..])),
                    L::load_any(eight(&other[first + 2 * elements..])),
                    L::load_any(eight(&beside[first..])),
                );
                let Some(own) = own[first + elements..].first_chunk_mut() else {
                    unreachable!("there is room")
                };
                let spin = L::load_any(own);
                rule.update(spin, neighbours, drawn.verdicts[next], drawn.fair[next]).store_any(own);
                next += 1;
            }
            lattice.refresh(colour);
        }
    }
    generator.store(running);
}

#[inline(always)]
fn eight(from: &[u64]) -> &[u64; AT_ONCE] {
    from.first_chunk().expect("there is room for a whole word behind the last row")
}

#[cfg(test)]
mod tests;
