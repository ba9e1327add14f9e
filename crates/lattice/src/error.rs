//! Why there is no such lattice, or no such thing on it.

use crate::{Kind, LARGEST_SITES, Lattice};

/// Why there is no such lattice, or no such thing on it. Each message names the cure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LatticeError {
    /// The name is that of no lattice.
    #[error("there is no lattice {found:?}; use chain, square, honeycomb, triangular, cubic or none")]
    UnknownKind {
        /// The name.
        found: String,
    },
    /// The text form is not `kind:shape`.
    #[error("lattice {found:?} has no shape that can be read; write kind:shape, as square:10 or square:7x11")]
    Text {
        /// The text.
        found: String,
    },
    /// The shape has another number of sides than the kind.
    #[error("a {kind} lattice has {expected}, not {found}; write for example {kind}:{example}")]
    Sides {
        /// The kind.
        kind: Kind,
        /// How many it has, in words.
        expected: &'static str,
        /// How many there are.
        found: usize,
        /// A shape of this kind.
        example: &'static str,
    },
    /// There is neither a size nor a shape, or both.
    #[error("give the size of the lattice, or its shape")]
    SizeOrShape,
    /// A side is impossible.
    #[error("a {kind} lattice cannot have L_{axis} = {found}: {reason}")]
    Side {
        /// The kind.
        kind: Kind,
        /// x, y or z.
        axis: char,
        /// The side.
        found: usize,
        /// Why, and what is possible.
        reason: &'static str,
    },
    /// There are too many sites.
    #[error("the lattice has more than {LARGEST_SITES} sites; choose smaller sides")]
    TooManySites,
    /// Data are of another number of sites.
    #[error("lattice {lattice} has {} sites, but the data have {found}; give the lattice that they are on", lattice.sites())]
    WrongSites {
        /// The lattice.
        lattice: Lattice,
        /// Of the data.
        found: usize,
    },
    /// Sites without geometry have no such thing.
    #[error(
        "sites without geometry (lattice \"none\") have no {what}; name the lattice that they are on, if they are on one"
    )]
    NoGeometry {
        /// What they do not have.
        what: &'static str,
    },
    /// The lattice cannot be divided into blocks.
    #[error("lattice {lattice} has no blocks: {reason}")]
    NoBlocks {
        /// The lattice.
        lattice: Lattice,
        /// Why, and what is possible.
        reason: &'static str,
    },
}
