//! A random generator for each purpose, derived from one master seed.
//!
//! The 256-bit ChaCha8 key is the BLAKE3 hash, in its key-derivation mode with the context string
//! [`CONTEXT`], of: the master seed (8 bytes, little endian), the length of the stage's name (8 bytes), the
//! name, and each index (8 bytes each). Distinct (seed, stage, indices) therefore give unrelated streams;
//! there is no arithmetic on seeds that could make replica 1 of seed 42 equal replica 0 of seed 43.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// The context string of the key derivation. Changing it changes every random number of the project.
pub const CONTEXT: &str = "rbmflow 2026-11 random stream";

/// The generator of one purpose: `stage` names it, `indices` say which one it is by what it is for (the bits of a
/// temperature, a size, the number of a chain or batch), never by a place in a list that a caller may cut or reorder: two
/// calls with one seed would then use the same numbers for different things.
///
/// ```
/// use rand::Rng as _;
/// let temperature = 2.5f64.to_bits();
/// let mut a = numerics::streams::stream(1, "sample", &[temperature, 0]);
/// let mut b = numerics::streams::stream(1, "sample", &[temperature, 0]);
/// assert_eq!(a.next_u64(), b.next_u64());
/// ```
pub fn stream(seed: u64, stage: &str, indices: &[u64]) -> ChaCha8Rng {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(&seed.to_le_bytes());
    hasher.update(&(stage.len() as u64).to_le_bytes());
    hasher.update(stage.as_bytes());
    for index in indices {
        hasher.update(&index.to_le_bytes());
    }
    ChaCha8Rng::from_seed(*hasher.finalize().as_bytes())
}

/// The master seed of a part of a larger whole (a job of an experiment, say): the first 64 bits of its stream.
pub fn derive_seed(master: u64, purpose: &str, indices: &[u64]) -> u64 {
    use rand_chacha::rand_core::Rng as _;
    stream(master, purpose, indices).next_u64()
}
