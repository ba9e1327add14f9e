//! NumPy's archives of arrays (`.npz`): a ZIP archive with one `.npy` file for each array.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use super::npy::{self, Npy};
use crate::memory::Allowance;

/// The first bytes of an archive.
pub(super) const MAGIC: &[u8] = b"PK\x03\x04";
/// The memory of a number of an array of bytes while it is read: the byte, its value, and its spin.
const EXPANSION: u64 = 10;

/// An archive of arrays.
pub(super) struct Npz<'a>(ZipArchive<Cursor<&'a [u8]>>);

impl<'a> Npz<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, String> {
        let archive = ZipArchive::new(Cursor::new(bytes));
        archive.map(Self).map_err(|error| format!("is damaged or cut off: {error}"))
    }

    /// The names of the arrays.
    pub(super) fn names(&self) -> Vec<String> {
        let name =
            |name: &[u8]| String::from_utf8_lossy(name.strip_suffix(b".npy").unwrap_or(name)).into_owned();
        self.0.file_names_raw().map(name).collect()
    }

    /// The array of a name.
    pub(super) fn array(&mut self, name: &str) -> Result<Npy, String> {
        let at = |what: String| format!("has an array `{name}` that {what}");
        let place = self.names().iter().position(|known| known == name);
        let place =
            place.ok_or_else(|| format!("has no array `{name}`; it has {}", self.names().join(", ")))?;
        let mut file = self.0.by_index(place).map_err(|error| at(format!("cannot be unpacked: {error}")))?;
        let length = file.size();
        let (needed, left) = (length.saturating_mul(EXPANSION), Allowance::of(None).bytes);
        if needed > left {
            let cure = "import fewer configurations at a time";
            let (needed, left) = (needed / 1_000_000, left / 1_000_000);
            return Err(at(format!("takes {needed} MB of memory, of which {left} MB are left; {cure}")));
        }
        // No more is unpacked than was said: a small file could become anything.
        let mut bytes = vec![];
        let read = file.by_ref().take(length).read_to_end(&mut bytes);
        read.map_err(|error| at(format!("is damaged: {error}")))?;
        npy::decode(&bytes).map_err(at)
    }
}
