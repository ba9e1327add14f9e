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

/// Whether no attribute called `name` says that it is a text longer than the file.
///
/// The library takes that much memory (up to 4 GiB) before it looks whether the text exists. It does not tell the length
/// beforehand, so the attribute's message is searched in the file: version, name length and the name are enough to find
/// it, and the lengths of its type and shape lead to the text's length. False as well if there is no such message.
pub(super) fn text_is_short(file: &[u8], name: &str) -> bool {
    let mut found = false;
    let mut from = 0;
    while let Some(at) = file[from..]
        .windows(name.len() + 1)
        .position(|window| window[name.len()] == 0 && &window[..name.len()] == name.as_bytes())
    {
        let start = from + at;
        for version in 1..=3 {
            if let Some(length) = text_length(file, start, name.len() + 1, version) {
                if u64::from(length) > file.len() as u64 {
                    return false;
                }
                found = true;
            }
        }
        from = start + 1;
    }
    found
}

/// The first four bytes of the value of an attribute whose name, of `length` bytes with its zero, begins at `name`.
fn text_length(file: &[u8], name: usize, length: usize, version: u8) -> Option<u32> {
    let header = file.get(name.checked_sub(if version == 3 { 9 } else { 8 })?..name)?;
    let size = |at: usize| usize::from(u16::from_le_bytes([header[at], header[at + 1]]));
    if header[0] != version || size(2) != length {
        return None;
    }
    let padded = |size: usize| if version == 1 { size.next_multiple_of(8) } else { size };
    let value = name + padded(length) + padded(size(4)) + padded(size(6));
    Some(u32::from_le_bytes(file.get(value..value + 4)?.try_into().ok()?))
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
    fn lengths_of_texts_are_found() {
        let message = |version: u8, length: u32| {
            let mut file = b"?????".to_vec();
            file.extend_from_slice(&[version, 0, 6, 0, 20, 0, 4, 0]);
            if version == 3 {
                file.push(1);
            }
            file.extend_from_slice(b"units\0");
            let padding = if version == 1 { [2, 4, 4] } else { [0; 3] };
            file.resize(file.len() + padding[0] + 20 + padding[1] + 4 + padding[2], 9);
            file.extend_from_slice(&length.to_le_bytes());
            file.resize(200, 0);
            file
        };
        for version in 1..=3 {
            assert!(text_is_short(&message(version, 100), "units"));
            assert!(!text_is_short(&message(version, 201), "units"));
            assert!(!text_is_short(&message(version, u32::MAX), "units"));
            assert!(!text_is_short(&message(version, 100), "dims"));
        }
        assert!(!text_is_short(&message(4, 100), "units"));
        assert!(!text_is_short(b"units\0", "units"));
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
