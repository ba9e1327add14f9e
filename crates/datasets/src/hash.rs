//! The hash of a content: the same for equal content, however it is stored.

use crate::tree::{Attribute, Tree};
use crate::values::Values;

/// The first bytes that are hashed, so that a later definition of the hash cannot be taken for this one.
const DOMAIN: &[u8] = b"rbmflow content 1";

impl Tree {
    /// The BLAKE3 hash, in hexadecimal digits, over every dataset's name, element type, shape and bytes (little
    /// endian, row-major), over the content attributes, and over `config`.
    ///
    /// Everything of variable length is preceded by its length (u64, little endian), so that no two contents are fed
    /// to the hash alike. Descriptions, units and axis names are not part of it, and neither is how the arrays are
    /// compressed.
    pub fn content_hash(&self, config: &str) -> String {
        let mut hasher = blake3::Hasher::new();
        text(&mut hasher, DOMAIN);
        number(&mut hasher, self.attributes.len() as u64);
        for (name, value) in &self.attributes {
            text(&mut hasher, name.as_bytes());
            match value {
                Attribute::Text(value) => {
                    text(&mut hasher, b"text");
                    text(&mut hasher, value.as_bytes());
                }
                Attribute::Integer(value) => {
                    text(&mut hasher, b"i64");
                    hasher.update(&value.to_le_bytes());
                }
                Attribute::Integers(values) => {
                    text(&mut hasher, b"i64[]");
                    number(&mut hasher, values.len() as u64);
                    elements(&mut hasher, values.iter().copied().map(i64::to_le_bytes));
                }
                Attribute::Real(value) => {
                    text(&mut hasher, b"f64");
                    hasher.update(&value.to_le_bytes());
                }
                Attribute::Reals(values) => {
                    text(&mut hasher, b"f64[]");
                    number(&mut hasher, values.len() as u64);
                    elements(&mut hasher, values.iter().copied().map(f64::to_le_bytes));
                }
            }
        }
        number(&mut hasher, self.datasets.len() as u64);
        for (path, dataset) in &self.datasets {
            text(&mut hasher, path.as_bytes());
            text(&mut hasher, dataset.values.type_name().as_bytes());
            number(&mut hasher, dataset.values.shape().len() as u64);
            for &length in dataset.values.shape() {
                number(&mut hasher, length as u64);
            }
            match &dataset.values {
                Values::I8(a) => elements(&mut hasher, a.iter().copied().map(i8::to_le_bytes)),
                Values::U16(a) => elements(&mut hasher, a.iter().copied().map(u16::to_le_bytes)),
                Values::I32(a) => elements(&mut hasher, a.iter().copied().map(i32::to_le_bytes)),
                Values::U32(a) => elements(&mut hasher, a.iter().copied().map(u32::to_le_bytes)),
                Values::U64(a) => elements(&mut hasher, a.iter().copied().map(u64::to_le_bytes)),
                Values::F32(a) => elements(&mut hasher, a.iter().copied().map(f32::to_le_bytes)),
                Values::F64(a) => elements(&mut hasher, a.iter().copied().map(f64::to_le_bytes)),
            }
        }
        text(&mut hasher, config.as_bytes());
        hasher.finalize().to_hex().to_string()
    }
}

fn number(hasher: &mut blake3::Hasher, value: u64) {
    hasher.update(&value.to_le_bytes());
}

fn text(hasher: &mut blake3::Hasher, bytes: &[u8]) {
    number(hasher, bytes.len() as u64);
    hasher.update(bytes);
}

/// Feeds elements in large pieces: one update per element would cost more than the hash itself.
fn elements<const SIZE: usize>(hasher: &mut blake3::Hasher, bytes: impl Iterator<Item = [u8; SIZE]>) {
    const PIECE: usize = 1 << 16;
    let mut piece = Vec::with_capacity(PIECE);
    for element in bytes {
        piece.extend_from_slice(&element);
        if piece.len() >= PIECE {
            hasher.update(&piece);
            piece.clear();
        }
    }
    hasher.update(&piece);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let mut tree = Tree::default();
        tree.set("size", 2_usize);
        tree.put_list("a/b", &[1.0_f64, 2.0], "x", "1", "numbers");
        tree
    }

    /// The bytes that the documentation promises, written out by hand.
    #[test]
    fn hash_is_that_of_the_documented_bytes() {
        let mut bytes: Vec<u8> = Vec::new();
        let number = |bytes: &mut Vec<u8>, value: u64| bytes.extend_from_slice(&value.to_le_bytes());
        number(&mut bytes, 17);
        bytes.extend_from_slice(b"rbmflow content 1");
        number(&mut bytes, 1);
        number(&mut bytes, 4);
        bytes.extend_from_slice(b"size");
        number(&mut bytes, 3);
        bytes.extend_from_slice(b"i64");
        number(&mut bytes, 2);
        number(&mut bytes, 1);
        number(&mut bytes, 3);
        bytes.extend_from_slice(b"a/b");
        number(&mut bytes, 3);
        bytes.extend_from_slice(b"f64");
        number(&mut bytes, 1);
        number(&mut bytes, 2);
        bytes.extend_from_slice(&1.0_f64.to_le_bytes());
        bytes.extend_from_slice(&2.0_f64.to_le_bytes());
        number(&mut bytes, 6);
        bytes.extend_from_slice(b"config");
        assert_eq!(tree().content_hash("config"), blake3::hash(&bytes).to_hex().to_string());
    }

    #[test]
    fn hash_sees_every_part() {
        let original = tree().content_hash("config");
        assert_ne!(tree().content_hash("confi"), original);
        let mut other = tree();
        other.set("size", 3_usize);
        assert_ne!(other.content_hash("config"), original);
        let mut other = tree();
        other.set("size", 2.0);
        assert_ne!(other.content_hash("config"), original);
        let mut other = tree();
        other.put_list("a/b", &[1.0_f64, 2.5], "x", "1", "numbers");
        assert_ne!(other.content_hash("config"), original);
        let mut other = tree();
        other.put("a/b", &ndarray::arr2(&[[1.0_f64, 2.0]]), "y,x", "1", "numbers");
        assert_ne!(other.content_hash("config"), original);
        let mut other = Tree { attributes: tree().attributes, ..Tree::default() };
        other.put_list("a/c", &[1.0_f64, 2.0], "x", "1", "numbers");
        assert_ne!(other.content_hash("config"), original);
        let mut other = tree();
        other.put_list("a/b", &[1.0_f64, 2.0], "x", "J", "another description");
        assert_eq!(other.content_hash("config"), original);
    }
}
