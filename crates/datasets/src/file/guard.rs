//! Looks for damage that the HDF5 library is known not to survive, in files whose bytes nothing vouches for.

use std::path::Path;

use super::block;
use super::errors::ReadError;

/// The first bytes of a collection of the global heap, where texts of variable length are, with its version.
const HEAP: [u8; 5] = *b"GCOL\x01";
/// The header of a collection, and of an object in it, in bytes.
const HEADER: u64 = 16;

/// Refuses files that would keep the library busy forever, or whose addresses have an unusual width.
///
/// HDF5 2.2.0 and older loop without end over a global heap with an object number 0 of length 0
/// (`H5HG__cache_heap_deserialize` steps forward by the length). A collection may be anywhere, so its first bytes are
/// searched in the whole file and its objects are followed as the library does.
pub(super) fn check(file: &[u8], path: &Path) -> Result<(), ReadError> {
    let damaged = |what: &str| Err(ReadError::Damaged { path: path.to_owned(), what: what.to_owned() });
    if !block::has_usual_widths(file) {
        return damaged("its addresses and lengths do not have 8 bytes");
    }
    // Collections within collections could take quadratic time.
    let mut steps = 4 * file.len() as u64;
    for start in positions(file) {
        let Some(length) = u64_at(file, start as u64 + 8) else { continue };
        let end = (start as u64).saturating_add(length);
        let mut at = start as u64 + HEADER;
        while at.saturating_add(HEADER) <= end {
            let (Some(head), Some(size)) = (u64_at(file, at), u64_at(file, at + 8)) else { break };
            let index = head & 0xffff;
            let step = match (index, size) {
                (0, 0) => return damaged("its texts are stored in a heap that never ends"),
                (0, size) => size,
                (_, size) => HEADER.wrapping_add(size.wrapping_add(7) & !7),
            };
            let Some(next) = at.checked_add(step).filter(|&next| next <= end) else { break };
            at = next;
            steps = steps.saturating_sub(1);
            if steps == 0 {
                return damaged("its texts are stored in heaps within heaps");
            }
        }
    }
    Ok(())
}

fn positions(file: &[u8]) -> impl Iterator<Item = usize> {
    file.windows(HEAP.len()).enumerate().filter(|(_, window)| *window == HEAP).map(|(at, _)| at)
}

fn u64_at(file: &[u8], at: u64) -> Option<u64> {
    let at = usize::try_from(at).ok()?;
    let bytes = file.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(objects: &[(u16, u64)]) -> Vec<u8> {
        let mut file = b"\x89HDF\r\n\x1a\n\x03\x08\x08\0".to_vec();
        file.extend_from_slice(b"odd!!GCOL\x01\0\0\0");
        file.extend_from_slice(&256_u64.to_le_bytes());
        for (index, size) in objects {
            file.extend_from_slice(&index.to_le_bytes());
            file.extend_from_slice(&[1, 0, 0, 0, 0, 0]);
            file.extend_from_slice(&size.to_le_bytes());
            let padded = if *index == 0 { size.saturating_sub(16) } else { size.div_ceil(8) * 8 };
            file.resize(file.len() + padded as usize, 7);
        }
        file.resize(600, 0);
        file
    }

    #[test]
    fn endless_heaps_are_refused() {
        let path = Path::new("x.h5");
        assert!(check(&file(&[(1, 5), (2, 8), (0, 192)]), path).is_ok());
        assert!(check(&file(&[(1, 5), (2, 8), (0, 0)]), path).is_err());
        assert!(check(&file(&[(0, 16), (0, 0)]), path).is_err());
        assert!(check(b"\x89HDF\r\n\x1a\n\x03\x04\x08\0", path).is_err());
        assert!(check(b"\x89HDF\r\n\x1a\n", path).is_err());
    }

    #[test]
    fn nested_heaps_take_bounded_time() {
        let mut file = b"\x89HDF\r\n\x1a\n\x03\x08\x08\0".to_vec();
        while file.len() < 1 << 20 {
            // Each object of 16 bytes is also the header of a collection up to the end of the file.
            file.extend_from_slice(b"GCOL\x01\0\0\0");
            file.extend_from_slice(&(1_u64 << 40).to_le_bytes());
            file.extend_from_slice(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        }
        check(&file, Path::new("x.h5")).ok();
    }
}
