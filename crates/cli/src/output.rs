//! The safety of output names: no file of another program or person is written over.

use std::path::Path;

use datasets::file::{ReadError, head, load, looks_ours, replace};

use crate::exit::Problem;

/// The number of hexadecimal digits of a hash.
const DIGITS: usize = 64;

/// Refuses names that stand for no plain file of their own: devices, pipes, folders, `-`, and links, behind which may be
/// somebody else's file. Nothing is read.
pub(crate) fn check(path: &Path) -> Result<(), Problem> {
    let refuse = |what: &str| Err(Problem::Usage(format!("cannot write `{}`: {what}", path.display())));
    if path == Path::new("-") {
        return refuse("outputs are files, not standard output; give a name (./- if it is meant)");
    }
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => refuse("it is a link; give the name of the file itself"),
        Ok(found) if found.is_dir() => refuse("it is a folder; choose another name"),
        Ok(found) if !found.is_file() => refuse("it is no plain file; choose another name"),
        _ => Ok(()),
    }
}

/// A kind of text file, which is known by a mark in it: the kind and the BLAKE3 hash of the file with zeros for the hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind(&'static str);

/// `claims.json`
pub(crate) const CLAIMS: Kind = Kind("claims");
/// The page of `compare`.
pub(crate) const COMPARISON: Kind = Kind("comparison");
/// The resolved experiment of a run.
pub(crate) const EXPERIMENT: Kind = Kind("experiment");
/// The reason of a failed job.
pub(crate) const FAILURE: Kind = Kind("failure");
/// A picture as SVG.
pub(crate) const PICTURE: Kind = Kind("picture");
/// The report as HTML.
pub(crate) const REPORT: Kind = Kind("report");
/// The scripts of `plan` for clusters.
pub(crate) const SCRIPT: Kind = Kind("script");

/// The state of the mark of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// There is none: the file is not ours, or of another kind.
    Absent,
    /// The file was changed after it was made.
    Changed,
    /// Every byte is as it was made.
    Right,
}

impl Kind {
    fn words(self) -> String {
        format!("rbmflow {} blake3 ", self.0)
    }

    /// The mark without its hash, for a text that is then [`sealed`](Self::seal).
    pub(crate) fn open(self) -> String {
        self.words() + &"0".repeat(DIGITS)
    }

    /// A text with the hash in its mark.
    pub(crate) fn seal(self, text: &str) -> String {
        let hash = blake3::hash(text.as_bytes()).to_hex();
        text.replacen(&self.open(), &(self.words() + hash.as_str()), 1)
    }

    /// The state of the mark of a file of this kind.
    pub(crate) fn mark(self, bytes: &[u8]) -> Mark {
        let words = self.words();
        let Some(at) = bytes.windows(words.len()).position(|window| window == words.as_bytes()) else {
            return Mark::Absent;
        };
        let digits = at + words.len()..at + words.len() + DIGITS;
        let mut open = bytes.to_vec();
        let Some(hash) = open.get_mut(digits.clone()) else { return Mark::Changed };
        hash.fill(b'0');
        let right = blake3::hash(&open).to_hex();
        if &bytes[digits] == right.as_bytes() { Mark::Right } else { Mark::Changed }
    }

    /// A text that ends with a comment between `before` and `after` that holds the mark, sealed.
    pub(crate) fn seal_with(self, text: &str, before: &str, after: &str) -> String {
        self.seal(&format!("{}\n{before}{}{after}\n", text.trim_end(), self.open()))
    }

    /// The mark of the file under a name; unmarked files are not ours.
    fn found(self, path: &Path) -> anyhow::Result<Option<Mark>> {
        check(path)?;
        match load(path, |_, _| Ok(())) {
            // An empty file is nobody's.
            Ok(bytes) if bytes.is_empty() => Ok(None),
            Ok(bytes) => Ok(Some(self.mark(&bytes))),
            Err(ReadError::Missing { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether an unchanged file of this kind is under a name.
    pub(crate) fn is_at(self, path: &Path) -> bool {
        self.found(path).is_ok_and(|mark| mark == Some(Mark::Right))
    }

    /// Writes a sealed text over nothing, or over an unchanged file of this kind.
    pub(crate) fn write(self, path: &Path, text: &str) -> anyhow::Result<()> {
        let difference = match self.found(path)? {
            None | Some(Mark::Right) => return Ok(replace(path, text.as_bytes())?),
            Some(Mark::Absent) => "it is another file",
            Some(Mark::Changed) => "it was changed after it was made",
        };
        Err(refused(path, difference))
    }

    /// Refuses files of other kinds. A changed file of a report is a damaged one, as it is drawn anew from the numbers
    /// of a run.
    pub(crate) fn require(self, path: &Path) -> anyhow::Result<()> {
        match self.found(path)? {
            Some(Mark::Absent) => Err(refused(path, "it is another file")),
            _ => Ok(()),
        }
    }
}

fn refused(path: &Path, difference: &str) -> anyhow::Error {
    Problem::WouldOverwrite { path: path.to_owned(), difference: difference.to_owned() }.into()
}

/// Refuses the file under the name of a picture in pixels, unless it has the hash that the report lists, or the same
/// picture as SVG, which is written before it, is there.
pub(crate) fn require_pixels(path: &Path, listed: Option<&str>) -> anyhow::Result<()> {
    check(path)?;
    let found = match load(path, |_, _| Ok(())) {
        Err(ReadError::Missing { .. }) => return Ok(()),
        found => found?,
    };
    let drawn = PICTURE.found(&path.with_extension("svg"))?.is_some_and(|mark| mark != Mark::Absent);
    if drawn || listed == Some(blake3::hash(&found).to_hex().as_str()) {
        return Ok(());
    }
    Err(refused(path, "the report does not list it, and there is no picture of this program beside it"))
}

/// Refuses any other file under the name of a result of a run.
pub(crate) fn require_result(path: &Path) -> anyhow::Result<()> {
    check(path)?;
    match head(path) {
        Ok(head) if head.is_empty() || looks_ours(&head) => Ok(()),
        Ok(_) => Err(refused(path, "it was written by another program")),
        Err(ReadError::Missing { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_of_a_sealed_text_is_seen() {
        let text = CLAIMS.seal(&format!("{{\"mark\": \"{}\", \"value\": 1}}\n", CLAIMS.open()));
        assert_eq!(CLAIMS.mark(text.as_bytes()), Mark::Right);
        assert_eq!(COMPARISON.mark(text.as_bytes()), Mark::Absent);
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            assert_ne!(CLAIMS.mark(&bytes), Mark::Right, "{at}");
            assert_ne!(CLAIMS.mark(&text.as_bytes()[..at]), Mark::Right, "{at}");
        }
        assert_ne!(CLAIMS.mark(format!("{text} ").as_bytes()), Mark::Right);
    }
}
