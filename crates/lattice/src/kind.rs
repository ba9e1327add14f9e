//! Which lattice: a kind and a shape, and their text form.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The largest number of sites, 2²⁸: site numbers, counts of bonds and squared wave numbers are exact up to here.
pub const LARGEST_SITES: usize = 1 << 28;

/// The kind of a lattice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// A ring of L sites.
    Chain,
    /// L_x × L_y, four neighbours.
    #[default]
    Square,
    /// L_x × L_y sites as a brick wall, three neighbours.
    Honeycomb,
    /// L_x × L_y with axes at 60°, six neighbours.
    Triangular,
    /// Simple cubic, L_x × L_y × L_z, six neighbours.
    Cubic,
    /// Sites without geometry; a shape of one to three sides says only how they are drawn.
    None,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Chain, Self::Square, Self::Honeycomb, Self::Triangular, Self::Cubic, Self::None];

    /// The name in settings and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Square => "square",
            Self::Honeycomb => "honeycomb",
            Self::Triangular => "triangular",
            Self::Cubic => "cubic",
            Self::None => "none",
        }
    }

    /// The number of sides; of sites without geometry, the one of a plain list.
    pub fn dimension(self) -> usize {
        match self {
            Self::Chain | Self::None => 1,
            Self::Square | Self::Honeycomb | Self::Triangular => 2,
            Self::Cubic => 3,
        }
    }

    /// Whether it is square: the kind that settings need not name, as there was none other at first.
    pub fn is_square(&self) -> bool {
        *self == Self::Square
    }

    /// The number of neighbours of each site, z.
    pub fn coordination(self) -> usize {
        match self {
            Self::Chain => 2,
            Self::Square => 4,
            Self::Honeycomb => 3,
            Self::Triangular | Self::Cubic => 6,
            Self::None => 0,
        }
    }

    /// Why a side is impossible, and what is possible.
    fn refusal(self, axis: usize, side: usize) -> Option<&'static str> {
        match self {
            Self::None if side == 0 => Some("there must be at least 1 site"),
            Self::Chain | Self::Square | Self::Cubic if side < 2 => {
                Some("a site would be its own neighbour; use at least 2")
            }
            Self::Triangular if side < 3 => {
                Some("two sites would be joined by more than one bond; use at least 3")
            }
            Self::Honeycomb if side % 2 == 1 => Some(
                "both sublattices alternate along each side, so that it must be even; use the next even number",
            ),
            Self::Honeycomb if axis == 0 && side < 4 => {
                Some("two sites would be joined by more than one bond; use an even number of at least 4")
            }
            Self::Honeycomb if side < 2 => {
                Some("a site would be its own neighbour; use an even number of at least 2")
            }
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Kind {
    type Err = LatticeError;

    fn from_str(text: &str) -> Result<Self, LatticeError> {
        let named = Self::ALL.into_iter().find(|kind| kind.name() == text);
        named.ok_or_else(|| LatticeError::UnknownKind { found: text.to_owned() })
    }
}

/// A periodic lattice of one kind and shape.
///
/// ```
/// use lattice::{Kind, Lattice};
/// let lattice: Lattice = "square:7x11".parse()?;
/// assert_eq!(lattice, Lattice::new(Kind::Square, &[7, 11])?);
/// assert_eq!((lattice.sites(), lattice.bonds().len()), (77, 154));
/// assert_eq!("cubic:5".parse::<Lattice>()?.to_string(), "cubic:5x5x5");
/// # Ok::<(), lattice::LatticeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Lattice {
    kind: Kind,
    /// How many of the sides are the shape; the others are 1.
    dimension: usize,
    sides: [usize; 3],
}

impl Lattice {
    /// The lattice with the sides `shape`, x first.
    ///
    /// # Errors
    ///
    /// If the kind has another number of sides, a side is impossible (see the table of the [crate]), or there are more
    /// than [`LARGEST_SITES`] sites.
    pub fn new(kind: Kind, shape: &[usize]) -> Result<Self, LatticeError> {
        let fits = match kind {
            Kind::None => (1..=3).contains(&shape.len()),
            _ => shape.len() == kind.dimension(),
        };
        if !fits {
            let (expected, example) = match kind {
                Kind::None => ("one to three sides", "64"),
                Kind::Chain => ("one side", "100"),
                Kind::Cubic => ("three sides", "5x5x5"),
                _ => ("two sides", "10x10"),
            };
            return Err(LatticeError::Sides { kind, expected, found: shape.len(), example });
        }
        let mut sides = [1; 3];
        let mut sites = 1usize;
        for (axis, &side) in shape.iter().enumerate() {
            if let Some(reason) = kind.refusal(axis, side) {
                let axis = ['x', 'y', 'z'][axis];
                return Err(LatticeError::Side { kind, axis, found: side, reason });
            }
            sides[axis] = side;
            sites = sites.saturating_mul(side);
        }
        if sites > LARGEST_SITES {
            return Err(LatticeError::TooManySites);
        }
        Ok(Self { kind, dimension: shape.len(), sides })
    }

    /// The lattice all sides of which are `size`.
    ///
    /// # Errors
    ///
    /// As of [`Lattice::new`].
    pub fn of_size(kind: Kind, size: usize) -> Result<Self, LatticeError> {
        Self::new(kind, &[size; 3][..kind.dimension()])
    }

    /// The square lattice of L × L sites.
    ///
    /// # Errors
    ///
    /// As of [`Lattice::new`].
    pub fn square(size: usize) -> Result<Self, LatticeError> {
        Self::of_size(Kind::Square, size)
    }

    /// The lattice of settings: a kind with the sides `shape`, or with all sides `size`.
    ///
    /// # Errors
    ///
    /// As of [`Lattice::new`], and if there is not exactly one of size and shape.
    pub fn from_settings(
        kind: Kind,
        size: Option<usize>,
        shape: Option<&[usize]>,
    ) -> Result<Self, LatticeError> {
        match (size, shape) {
            (Some(size), None) => Self::of_size(kind, size),
            (None, Some(shape)) => Self::new(kind, shape),
            _ => Err(LatticeError::SizeOrShape),
        }
    }

    /// The settings that [`Lattice::from_settings`] makes this lattice of: size rather than shape where all sides are
    /// the same.
    pub fn settings(&self) -> (Kind, Option<usize>, Option<Vec<usize>>) {
        let of_size = self.size().filter(|_| self.dimension == self.kind.dimension());
        (self.kind, of_size, of_size.is_none().then(|| self.shape().to_vec()))
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The sides, x first; as many as the lattice has dimensions.
    pub fn shape(&self) -> &[usize] {
        &self.sides[..self.dimension]
    }

    /// The sides along x, y and z; 1 where the lattice has no such side.
    pub fn sides(&self) -> [usize; 3] {
        self.sides
    }

    /// The side, if all are the same.
    pub fn size(&self) -> Option<usize> {
        self.shape().iter().all(|&side| side == self.sides[0]).then_some(self.sides[0])
    }

    /// L of an L × L square lattice; none of others.
    pub fn square_size(&self) -> Option<usize> {
        self.size().filter(|_| self.kind == Kind::Square)
    }

    /// The number of sites, N.
    pub fn sites(&self) -> usize {
        self.sides.iter().product()
    }

    /// The number of neighbours of each site, z.
    pub fn coordination(&self) -> usize {
        self.kind.coordination()
    }

    /// The number of bonds for each site, z / 2.
    pub fn bonds_per_site(&self) -> f64 {
        self.coordination() as f64 / 2.0
    }

    /// The number of bonds, N z / 2.
    pub fn bond_count(&self) -> usize {
        self.sites() * self.coordination() / 2
    }

    /// Whether the sites have places and neighbours.
    pub fn has_geometry(&self) -> bool {
        self.kind != Kind::None
    }

    /// Checks that data of so many sites fit.
    ///
    /// # Errors
    ///
    /// If they do not.
    pub fn check_sites(&self, found: usize) -> Result<(), LatticeError> {
        if found == self.sites() { Ok(()) } else { Err(LatticeError::WrongSites { lattice: *self, found }) }
    }

    /// The coordinates (x, y, z) of a site; x is the fastest.
    pub fn coordinates(&self, site: usize) -> [usize; 3] {
        let [x, y, _] = self.sides;
        [site % x, site / x % y, site / x / y]
    }

    /// The site at coordinates, which may be beyond the sides.
    pub(crate) fn site(&self, at: [isize; 3]) -> usize {
        let [x, y, z] = [0, 1, 2].map(|axis| at[axis].rem_euclid(self.sides[axis] as isize) as usize);
        (z * self.sides[1] + y) * self.sides[0] + x
    }

    /// Refuses sites without geometry.
    pub(crate) fn need_geometry(&self, what: &'static str) -> Result<(), LatticeError> {
        if self.has_geometry() { Ok(()) } else { Err(LatticeError::NoGeometry { what }) }
    }
}

impl fmt::Display for Lattice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape: Vec<String> = self.shape().iter().map(usize::to_string).collect();
        f.pad(&format!("{}:{}", self.kind, shape.join("x")))
    }
}

/// `kind:L`, all sides of which are L, or `kind:L_xxL_y…`.
impl FromStr for Lattice {
    type Err = LatticeError;

    fn from_str(text: &str) -> Result<Self, LatticeError> {
        let unreadable = || LatticeError::Text { found: text.to_owned() };
        let (kind, shape) = text.split_once(':').unwrap_or((text, ""));
        let kind: Kind = kind.parse()?;
        let sides: Option<Vec<usize>> = shape
            .split('x')
            .map(|side| side.bytes().all(|digit| digit.is_ascii_digit()).then(|| side.parse().ok()).flatten())
            .collect();
        match sides.ok_or_else(unreadable)?[..] {
            [size] => Self::of_size(kind, size),
            ref sides => Self::new(kind, sides),
        }
    }
}

impl TryFrom<String> for Lattice {
    type Error = LatticeError;

    fn try_from(text: String) -> Result<Self, LatticeError> {
        text.parse()
    }
}

impl From<Lattice> for String {
    fn from(lattice: Lattice) -> Self {
        lattice.to_string()
    }
}

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
