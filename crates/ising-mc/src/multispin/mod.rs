//! Single-spin updates of 512 independent replicas at once: one bit for each spin of each replica.

mod biased;
mod generator;
mod kernel;
mod lanes;
mod rule;

use numerics::bits::Bits;
use rand_chacha::ChaCha8Rng;

pub(crate) use biased::BiasedBits;
use generator::Generator;
use lanes::{Lanes, Portable, Word};
use rule::{HeatBath, HeatBathInField, Metropolis, MetropolisInField, Rule, Steps, steps};

/// The number of replicas of a block.
pub const REPLICAS: usize = 512;

/// The registers that a kernel uses. No result depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// 512-bit registers, x86-64 with AVX-512F.
    Avx512,
    /// 256-bit registers, x86-64 with AVX2.
    Avx2,
    /// Whatever the compiler makes of 64-bit integers.
    Portable,
}

impl Width {
    /// The widths this machine has, widest first.
    pub fn available() -> Vec<Self> {
        let mut widths = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                widths.push(Self::Avx512);
            }
            if is_x86_feature_detected!("avx2") {
                widths.push(Self::Avx2);
            }
        }
        widths.push(Self::Portable);
        widths
    }

    /// The widest that this machine has.
    pub fn widest() -> Self {
        Self::available()[0]
    }
}

/// The update rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Update {
    Metropolis,
    HeatBath,
}

/// 512 independent replicas of the L × L torus at one temperature.
pub(crate) struct Block {
    size: usize,
    spins: Vec<Word>,
    generator: Generator,
    kernel: Kernel,
    width: Width,
    /// With a field: the move that turns whole replicas.
    turn: Option<Turn>,
    sweeps: u64,
}

enum Kernel {
    Metropolis(Box<Steps<2>>),
    HeatBath(Box<Steps<2>>),
    MetropolisInField(MetropolisInField, Box<Steps<6>>),
    HeatBathInField(Box<Steps<5>>),
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
    /// finite (J/k_B), `field` finite (J), `size` at least 2.
    pub(crate) fn new(
        size: usize,
        temperature: f64,
        field: f64,
        update: Update,
        width: Width,
        stream: &mut ChaCha8Rng,
    ) -> Self {
        let generator = Generator::from_stream(stream);
        let kernel = match (update, field == 0.0) {
            (Update::Metropolis, true) => {
                Kernel::Metropolis(Box::new(steps(Metropolis::probabilities(temperature))))
            }
            (Update::HeatBath, true) => {
                Kernel::HeatBath(Box::new(steps(HeatBath::probabilities(temperature))))
            }
            (Update::Metropolis, false) => Kernel::MetropolisInField(
                MetropolisInField::new(field),
                Box::new(steps(MetropolisInField::probabilities(temperature, field))),
            ),
            (Update::HeatBath, false) => {
                Kernel::HeatBathInField(Box::new(steps(HeatBathInField::probabilities(temperature, field))))
            }
        };
        let sites = size * size;
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
        Self { size, spins: vec![start; sites], generator, kernel, width, turn, sweeps: 0 }
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
        let (size, width) = (self.size, self.width);
        let (spins, generator) = (self.spins.as_mut_slice(), &mut self.generator);
        match &self.kernel {
            Kernel::Metropolis(steps) => {
                dispatch(width, size, spins, generator, &Metropolis, steps, sweeps);
            }
            Kernel::HeatBath(steps) => dispatch(width, size, spins, generator, &HeatBath, steps, sweeps),
            Kernel::MetropolisInField(rule, steps) => {
                dispatch(width, size, spins, generator, rule, steps, sweeps);
            }
            Kernel::HeatBathInField(steps) => {
                dispatch(width, size, spins, generator, &HeatBathInField, steps, sweeps);
            }
        }
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
        let size = self.size;
        let (mut up_planes, mut bond_planes) = (Planes::default(), Planes::default());
        for y in 0..size {
            let below = (y + 1) % size * size;
            for x in 0..size {
                let spin = Portable::load(&self.spins[y * size + x]);
                if !up.is_empty() {
                    up_planes.add(spin);
                }
                if !unsatisfied.is_empty() {
                    let right = Portable::load(&self.spins[y * size + (x + 1) % size]);
                    bond_planes.add(spin.xor(right));
                    bond_planes.add(spin.xor(Portable::load(&self.spins[below + x])));
                }
            }
        }
        up_planes.read(up);
        bond_planes.read(unsatisfied);
    }

    /// Energies (without the field's part, in J) and magnetizations of the first replicas.
    pub(crate) fn measure(&self, energy: &mut [i32], magnetization: &mut [i32]) {
        let sites = (self.size * self.size) as i32;
        let (mut up, mut unsatisfied) = (vec![0; magnetization.len()], vec![0; energy.len()]);
        self.counts(&mut up, &mut unsatisfied);
        for (m, up) in magnetization.iter_mut().zip(up) {
            *m = 2 * up as i32 - sites;
        }
        for (e, unsatisfied) in energy.iter_mut().zip(unsatisfied) {
            *e = 2 * unsatisfied as i32 - 2 * sites;
        }
    }

    /// The spins ±1 of one replica, row-major.
    pub(crate) fn copy(&self, replica: usize, out: &mut [i8]) {
        for (out, word) in out.iter_mut().zip(&self.spins) {
            *out = if word.bit(replica) { 1 } else { -1 };
        }
    }
}

fn dispatch<const N: usize, R: Rule<N>>(
    width: Width,
    size: usize,
    spins: &mut [Word],
    generator: &mut Generator,
    rule: &R,
    steps: &Steps<N>,
    sweeps: u64,
) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx512f")]
        fn avx512<const N: usize, R: Rule<N>>(
            size: usize,
            spins: &mut [Word],
            generator: &mut Generator,
            rule: &R,
            steps: &Steps<N>,
            sweeps: u64,
        ) {
            kernel::run::<lanes::Avx512, N, R>(size, spins, generator, rule, steps, sweeps);
        }
        #[target_feature(enable = "avx2")]
        fn avx2<const N: usize, R: Rule<N>>(
            size: usize,
            spins: &mut [Word],
            generator: &mut Generator,
            rule: &R,
            steps: &Steps<N>,
            sweeps: u64,
        ) {
            kernel::run::<lanes::Avx2, N, R>(size, spins, generator, rule, steps, sweeps);
        }
        match width {
            // SAFETY: the feature was found on this machine in the condition.
            Width::Avx512 if is_x86_feature_detected!("avx512f") => unsafe {
                return avx512(size, spins, generator, rule, steps, sweeps);
            },
            // SAFETY: as above.
            Width::Avx2 if is_x86_feature_detected!("avx2") => unsafe {
                return avx2(size, spins, generator, rule, steps, sweeps);
            },
            _ => {}
        }
    }
    let _ = width;
    kernel::run::<Portable, N, R>(size, spins, generator, rule, steps, sweeps);
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
