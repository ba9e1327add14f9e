//! A stream of bits that are 1 with a fixed probability, made 512 at a time.

#![expect(unsafe_code, reason = "vector instructions of a machine that has them")]

use numerics::vector::{Width, widest};
use rand_chacha::ChaCha8Rng;

use super::generator::Generator;
use super::kernel;
use super::lanes::{Portable, Word};
use super::rule::{Steps, steps};

/// Independent bits with a fixed probability of 1, rounded to 48 binary digits.
pub(crate) struct BiasedBits {
    generator: Generator,
    steps: Box<Steps<1>>,
    width: Width,
    buffer: Box<[Word; BUFFER]>,
    /// The number of groups of four bits that were used up.
    used: usize,
}

const BUFFER: usize = 32;

impl BiasedBits {
    pub(crate) fn new(probability: f64, width: Width, stream: &mut ChaCha8Rng) -> Self {
        Self {
            generator: Generator::from_stream(stream),
            steps: Box::new(steps([probability])),
            width,
            buffer: Box::new([Word::ZERO; BUFFER]),
            used: BUFFER * 128,
        }
    }

    /// The next four bits, in the lowest places.
    #[inline]
    pub(crate) fn four(&mut self) -> u64 {
        if self.used == BUFFER * 128 {
            self.refill();
        }
        let bits = self.buffer[self.used / 128].0[self.used / 16 % 8] >> (4 * (self.used % 16));
        self.used += 1;
        bits & 15
    }

    /// The next few bits, in the lowest places: up to eight, of which four are used up at a time.
    #[inline]
    pub(crate) fn few(&mut self, count: usize) -> u64 {
        if count <= 4 { self.four() } else { self.four() | self.four() << 4 }
    }

    /// The next 64 bits; what is left of the current 64 is skipped.
    #[inline]
    pub(crate) fn word(&mut self) -> u64 {
        self.used = self.used.next_multiple_of(16);
        if self.used == BUFFER * 128 {
            self.refill();
        }
        let bits = self.buffer[self.used / 128].0[self.used / 16 % 8];
        self.used += 16;
        bits
    }

    #[cold]
    fn refill(&mut self) {
        self.used = 0;
        let width = self.width;
        let (words, generator, steps) = (self.buffer.as_mut_slice(), &mut self.generator, &self.steps);
        #[cfg(target_arch = "x86_64")]
        {
            #[target_feature(enable = "avx512f")]
            fn avx512(words: &mut [Word], generator: &mut Generator, steps: &Steps<1>) {
                kernel::fill::<super::lanes::Avx512>(words, generator, steps);
            }
            #[target_feature(enable = "avx2")]
            fn avx2(words: &mut [Word], generator: &mut Generator, steps: &Steps<1>) {
                kernel::fill::<super::lanes::Avx2>(words, generator, steps);
            }
            match width {
                // SAFETY: the condition says that the machine has the features of this width.
                Width::Avx512 if widest() >= width => unsafe {
                    return avx512(words, generator, steps);
                },
                // SAFETY: as above.
                Width::Avx2 if widest() >= width => unsafe {
                    return avx2(words, generator, steps);
                },
                _ => {}
            }
        }
        kernel::fill::<Portable>(words, generator, steps);
    }
}

#[cfg(test)]
mod tests {
    use numerics::streams::stream;
    use numerics::vector::Width;

    use super::*;

    #[test]
    fn the_same_bits_at_every_width_and_with_the_right_mean() {
        for probability in [0.0, 0.017, 0.5, 0.5857, 0.999] {
            let draw = |width| {
                let mut bits = BiasedBits::new(probability, width, &mut stream(3, "biased", &[]));
                (0..20_000).map(|_| bits.word()).collect::<Vec<u64>>()
            };
            let first = draw(Width::Portable);
            for width in Width::ALL {
                assert_eq!(draw(width), first);
            }
            let n = 64.0 * first.len() as f64;
            let ones: u32 = first.iter().map(|bits| bits.count_ones()).sum();
            let deviation = (n * probability * (1.0 - probability)).sqrt();
            assert!((f64::from(ones) - n * probability).abs() <= 4.5 * deviation, "{probability}");
        }
    }
}
