//! The checksum of the first 48 bytes of HDF5 data.
//!
//! HDF5 1.10 clears the mark "open for writing" in the image of a file in memory, but leaves the checksum that was made
//! with the mark, and then cannot open its own image.

/// The length of a superblock of version 3 with addresses of 8 bytes, less its checksum.
const LENGTH: usize = 44;

/// Writes the right checksum into a superblock of version 3.
pub(super) fn settle_checksum(image: &mut [u8]) {
    if image.len() >= LENGTH + 4 && image[8] == 3 {
        let checksum = lookup3(&image[..LENGTH]);
        image[LENGTH..LENGTH + 4].copy_from_slice(&checksum.to_le_bytes());
    }
}

/// Bob Jenkins' hash `lookup3` (2006, public domain) of at least one byte, as HDF5 uses it: `hashlittle` from 0.
fn lookup3(bytes: &[u8]) -> u32 {
    let start = 0xdead_beef_u32.wrapping_add(bytes.len() as u32);
    let (mut a, mut b, mut c) = (start, start, start);
    let blocks = bytes.len().div_ceil(12);
    for (number, block) in bytes.chunks(12).enumerate() {
        let mut padded = [0_u8; 12];
        padded[..block.len()].copy_from_slice(block);
        let word = |at: usize| u32::from_le_bytes(padded[at..at + 4].try_into().expect("four bytes"));
        a = a.wrapping_add(word(0));
        b = b.wrapping_add(word(4));
        c = c.wrapping_add(word(8));
        if number + 1 < blocks {
            for (turn, first) in [(4, 0), (6, 1), (8, 2), (16, 0), (19, 1), (4, 2)] {
                // Each turn takes from one of the three, mixes into it, and adds to the one before.
                let (x, y, z) = match first {
                    0 => (&mut a, &mut c, b),
                    1 => (&mut b, &mut a, c),
                    _ => (&mut c, &mut b, a),
                };
                *x = x.wrapping_sub(*y) ^ y.rotate_left(turn);
                *y = y.wrapping_add(z);
            }
        } else {
            for (turn, first) in [(14, 2), (11, 0), (25, 1), (16, 2), (4, 0), (14, 1), (24, 2)] {
                let (x, y) = match first {
                    0 => (&mut a, c),
                    1 => (&mut b, a),
                    _ => (&mut c, b),
                };
                *x = (*x ^ y).wrapping_sub(y.rotate_left(turn));
            }
        }
    }
    c
}

/// Whether HDF5 data say that a program is still writing them, or was when it ended: bits of a superblock of version 3.
pub(super) fn is_open(image: &[u8]) -> bool {
    matches!(image, [_, _, _, _, _, _, _, _, 3, _, _, flags, ..] if flags & 0b101 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples in the author's own description (`driver5`).
    #[test]
    fn hash_is_that_of_its_author() {
        assert_eq!(lookup3(b"Four score and seven years ago"), 0x1777_0551);
    }

    /// The bundled library's own checksum.
    #[test]
    fn golden_files_have_this_checksum() {
        let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/golden/rbmflow.rbm-1.0.h5");
        let mut image = std::fs::read(golden).unwrap()[512..].to_vec();
        let original = image.clone();
        image[LENGTH] ^= 1;
        settle_checksum(&mut image);
        assert!(image == original);
    }
}
