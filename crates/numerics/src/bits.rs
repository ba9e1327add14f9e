//! Many random bits fast, and their mapping to uniforms.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// A fast portable generator (xoshiro256++) seeded from a ChaCha8 stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits {
    state: [u64; 4],
}

impl Bits {
    /// Seeds the generator with the next 256 bits of a stream.
    pub fn from_stream(stream: &mut ChaCha8Rng) -> Self {
        Self { state: std::array::from_fn(|_| stream.next_u64()) }
    }

    /// The next 64 bits.
    #[expect(clippy::should_implement_trait, reason = "an endless stream is no iterator of options")]
    pub fn next(&mut self) -> u64 {
        let s = &mut self.state;
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

    /// Fills a slice with uniforms in [0, 1), 24 bits each: two from each 64 bits, the upper half first.
    pub fn fill_uniform(&mut self, out: &mut [f32]) {
        for pair in out.chunks_mut(2) {
            let bits = self.next();
            pair[0] = unit_f32((bits >> 32) as u32);
            if let Some(second) = pair.get_mut(1) {
                *second = unit_f32(bits as u32);
            }
        }
    }
}

/// The uniform in [0, 1) of the upper 24 of 32 bits.
pub fn unit_f32(bits: u32) -> f32 {
    (bits >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// The uniform in [0, 1) of the upper 53 of 64 bits.
pub fn unit_f64(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}
