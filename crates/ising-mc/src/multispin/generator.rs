//! Eight interleaved xoshiro256++ generators: 512 random bits at a time.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng as _;

use super::lanes::{Lanes, Word};

/// The state in memory: element k of each of the four words is the state of generator k (D. Blackman and S. Vigna, ACM
/// Trans. Math. Softw. 47, 36, 2021).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Generator {
    state: [Word; 4],
}

impl Generator {
    /// Seeds each of the eight with 256 bits of the stream.
    pub(super) fn from_stream(stream: &mut ChaCha8Rng) -> Self {
        let mut state = [Word::ZERO; 4];
        for lane in 0..8 {
            for word in &mut state {
                word.0[lane] = stream.next_u64();
            }
        }
        Self { state }
    }

    #[inline(always)]
    pub(super) fn load<L: Lanes>(&self) -> Running<L> {
        Running { state: std::array::from_fn(|k| L::load(&self.state[k])) }
    }

    #[inline(always)]
    pub(super) fn store<L: Lanes>(&mut self, running: Running<L>) {
        for (word, lanes) in self.state.iter_mut().zip(running.state) {
            lanes.store(word);
        }
    }
}

/// The state in registers.
pub(super) struct Running<L> {
    state: [L; 4],
}

impl<L: Lanes> Running<L> {
    /// The next 512 bits.
    #[inline(always)]
    pub(super) fn next(&mut self) -> L {
        let [s0, s1, s2, s3] = self.state;
        let result = s0.add(s3).rotate_left::<23>().add(s0);
        let t = s1.shift_left::<17>();
        // The usual sequence of exclusive ors, written out so that each is one operation of three inputs.
        let fourth = s3.xor(s1);
        self.state = [s0.xor(fourth), s1.xor3(s2, s0), t.xor3(s2, s0), fourth.rotate_left::<45>()];
        result
    }
}

#[cfg(test)]
mod tests {
    use numerics::streams::stream;

    use super::super::lanes::Portable;
    use super::*;

    /// xoshiro256++ as its authors wrote it.
    fn plain(s: &mut [u64; 4]) -> u64 {
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    #[test]
    fn each_lane_is_the_plain_generator() {
        let mut running = Generator::from_stream(&mut stream(5, "lanes", &[])).load::<Portable>();
        let mut source = stream(5, "lanes", &[]);
        let mut states: Vec<[u64; 4]> = (0..8).map(|_| std::array::from_fn(|_| source.next_u64())).collect();
        for _ in 0..100 {
            let mut word = Word::ZERO;
            running.next().store(&mut word);
            let expected: Vec<u64> = states.iter_mut().map(plain).collect();
            assert_eq!(word.0.to_vec(), expected);
        }
    }
}
