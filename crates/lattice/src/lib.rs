//! Periodic lattices: sites, bonds, distances, symmetries, Fourier modes and blocks.
//!
//! **Invariant:** geometry only. There are no spins, couplings or temperatures here, no randomness and no files.
//!
//! # Overview
//!
//! * [`Lattice`] — a [`Kind`] and a shape, small enough to copy; everything else is made from it. Text form
//!   `square:7x11`.
//! * [`Lattice::neighbours`], [`Lattice::bonds`], [`Lattice::colours`] — who is beside whom.
//! * [`Lattice::positions`], [`Lattice::periods`] — where the sites are, for pictures.
//! * [`Displacements`] — pairs of sites up to translations, and by distance.
//! * [`Symmetries`] — translations and point group as permutations of the sites.
//! * [`Fourier`] — plane waves, in shells of equal wave number.
//! * [`Blocks`] — a coarser lattice, each site of which is a block of sites.
//!
//! # Sites and boundary
//!
//! A lattice has L_x, L_x × L_y or L_x × L_y × L_z sites with integer coordinates; all sides are periodic. Sites are
//! numbered with x fastest, then y, then z, so that an array \[…, L_y, L_x\] in row-major order holds them in this
//! order. Lengths are in units of the distance between neighbours.
//!
//! | kind | coordination | neighbours of (x, y, z) | sides |
//! |---|---|---|---|
//! | chain | 2 | x ± 1 | ≥ 2 |
//! | square | 4 | x ± 1; y ± 1 | ≥ 2 |
//! | cubic | 6 | x ± 1; y ± 1; z ± 1 | ≥ 2 |
//! | triangular | 6 | x ± 1; y ± 1; (x + 1, y − 1), (x − 1, y + 1) | ≥ 3 |
//! | honeycomb | 3 | x ± 1; y + 1 where x + y is even, y − 1 where it is odd | L_x even ≥ 4, L_y even ≥ 2 |
//! | none | 0 | | ≥ 1 |
//!
//! On chain, square and cubic lattices with a side of 2, the neighbours in both directions are the same site: it is
//! listed twice, and there are two bonds to it, so that there are N z / 2 bonds on every lattice. Other kinds are
//! refused where a bond would be double.
//!
//! The triangular lattice has its axes x and y at 60°: its torus is a rhombus if both sides are equal, with the full
//! symmetry of the hexagon. The honeycomb lattice is drawn as a brick wall by its coordinates: rows along x are zigzag
//! lines, L_x √3/2 wide, and L_y of them are 3/2 L_y high, so that 14 × 8 sites are the most nearly square torus of
//! about 100 sites.

mod blocks;
mod displacement;
mod fourier;
mod geometry;
mod kind;
mod symmetry;

pub use blocks::Blocks;
pub use displacement::Displacements;
pub use fourier::Fourier;
pub use geometry::Neighbours;
pub use kind::{Kind, LARGEST_SITES, Lattice, LatticeError};
pub use symmetry::Symmetries;
