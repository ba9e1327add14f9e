//! A coarser lattice, each site of which is a block of sites.

use crate::{Kind, Lattice, LatticeError};

/// The blocks of two sites along each axis: 2 on a chain, 2 × 2 on square and triangular lattices, 2 × 2 × 2 on cubic
/// ones.
///
/// Blocks of three sites of a triangular lattice (√3 times the distance) turn the axes by 30°, and the coarse lattice
/// closes with a twist: it is none with two sides along its axes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocks {
    lattice: Lattice,
    sites_per_block: usize,
    members: Vec<u32>,
    block: Vec<u32>,
}

impl Blocks {
    /// The lattice of the blocks, of the same kind with half the sides.
    pub fn lattice(&self) -> Lattice {
        self.lattice
    }

    /// The number of sites of each block.
    pub fn sites_per_block(&self) -> usize {
        self.sites_per_block
    }

    /// How much longer the distance between neighbours is: 2.
    pub fn scale(&self) -> usize {
        2
    }

    /// The sites of a block, ascending.
    #[inline]
    pub fn members(&self, block: usize) -> &[u32] {
        &self.members[block * self.sites_per_block..][..self.sites_per_block]
    }

    /// The block of each site, \[sites\].
    pub fn block_of_site(&self) -> &[u32] {
        &self.block
    }
}

impl Lattice {
    /// Divides the lattice into blocks.
    ///
    /// ```
    /// let blocks = "square:4".parse::<lattice::Lattice>()?.blocks()?;
    /// assert_eq!(blocks.lattice().to_string(), "square:2x2");
    /// assert_eq!(blocks.members(1), [2, 3, 6, 7]);
    /// # Ok::<(), lattice::LatticeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a side is odd or the lattice of blocks would be too small, or if there is no block of the lattice's kind.
    pub fn blocks(&self) -> Result<Blocks, LatticeError> {
        let refuse = |reason| Err(LatticeError::NoBlocks { lattice: *self, reason });
        match self.kind() {
            Kind::None => return refuse("its sites have no geometry; name the lattice that they are on"),
            Kind::Honeycomb => {
                return refuse(
                    "two sites along each axis are no cell of a coarser honeycomb; use a square, triangular or cubic lattice",
                );
            }
            _ => (),
        }
        if self.shape().iter().any(|side| side % 2 == 1) {
            return refuse("blocks are two sites long; use even sides");
        }
        let halves: Vec<usize> = self.shape().iter().map(|side| side / 2).collect();
        let Ok(lattice) = Self::new(self.kind(), &halves) else {
            return refuse("half its sides are too short for a lattice; use longer ones");
        };
        let block = |site: usize| lattice.site(self.coordinates(site).map(|c| (c / 2) as isize)) as u32;
        let block: Vec<u32> = (0..self.sites()).map(block).collect();
        let mut members: Vec<u32> = (0..self.sites() as u32).collect();
        members.sort_by_key(|&site| block[site as usize]);
        Ok(Blocks { lattice, sites_per_block: 1 << halves.len(), members, block })
    }
}
