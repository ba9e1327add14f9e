//! Pairs of sites up to translations, and by distance.

use std::collections::BTreeMap;

use crate::{Kind, Lattice, LatticeError};

/// The displacements between sites, two pairs having the same one if a translation takes one pair to the other, and their
/// distances. A pair is as far apart as its nearest periodic images.
///
/// There are N displacements, on the honeycomb lattice 2 N, since its two sublattices see different surroundings.
#[derive(Debug, Clone, PartialEq)]
pub struct Displacements {
    sides: [u32; 3],
    sublattices: usize,
    coordinates: Vec<[u32; 3]>,
    /// The distance class of each displacement.
    class: Vec<u32>,
    distance: Vec<f64>,
    multiplicity: Vec<usize>,
}

impl Displacements {
    /// The displacement from site i to site j, in 0..[`Displacements::count`]; 0 from a site of the first sublattice to
    /// itself.
    #[inline]
    pub fn of(&self, i: usize, j: usize) -> usize {
        let (from, to) = (self.coordinates[i], self.coordinates[j]);
        let difference = |axis: usize| {
            let d = to[axis].wrapping_sub(from[axis]);
            if to[axis] < from[axis] { d.wrapping_add(self.sides[axis]) } else { d }
        };
        let site = ((difference(2) * self.sides[1] + difference(1)) * self.sides[0] + difference(0)) as usize;
        if self.sublattices == 1 {
            site
        } else {
            ((from[0] + from[1]) % 2) as usize * self.coordinates.len() + site
        }
    }

    /// The number of displacements.
    pub fn count(&self) -> usize {
        self.class.len()
    }

    /// The number of pairs (i, j) with each displacement, which is that of the translations.
    pub fn pairs(&self) -> usize {
        self.coordinates.len() / self.sublattices
    }

    /// The place in [`Displacements::distances`] of the distance of a displacement.
    #[inline]
    pub fn class(&self, displacement: usize) -> usize {
        self.class[displacement] as usize
    }

    /// The distances that occur, ascending from 0, in units of that between neighbours.
    pub fn distances(&self) -> &[f64] {
        &self.distance
    }

    /// How many sites there are at each distance from any one.
    pub fn multiplicity(&self) -> &[usize] {
        &self.multiplicity
    }
}

impl Lattice {
    /// The displacements between sites.
    ///
    /// ```
    /// let ring: lattice::Lattice = "chain:4".parse()?;
    /// let displacements = ring.displacements()?;
    /// assert_eq!((displacements.distances(), displacements.multiplicity()), (&[0.0, 1.0, 2.0][..], &[1, 2, 1][..]));
    /// assert_eq!(displacements.class(displacements.of(3, 0)), 1);
    /// # Ok::<(), lattice::LatticeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the sites have no geometry.
    pub fn displacements(&self) -> Result<Displacements, LatticeError> {
        self.need_geometry("distances")?;
        let sublattices = if self.kind() == Kind::Honeycomb { 2 } else { 1 };
        let sites = self.sites();
        let squares: Vec<u64> = (0..sublattices * sites)
            .map(|d| self.squared_distance(d / sites, self.coordinates(d % sites)))
            .collect();
        let mut counts = BTreeMap::new();
        for &square in &squares[..sites] {
            *counts.entry(square).or_insert(0usize) += 1;
        }
        let occurring: Vec<u64> = counts.keys().copied().collect();
        Ok(Displacements {
            sides: self.sides().map(|side| side as u32),
            sublattices,
            coordinates: (0..sites).map(|site| self.coordinates(site).map(|c| c as u32)).collect(),
            class: squares.iter().map(|square| occurring.partition_point(|o| o < square) as u32).collect(),
            distance: occurring.iter().map(|&square| (square as f64).sqrt()).collect(),
            multiplicity: counts.into_values().collect(),
        })
    }

    /// The squared distance of the nearest images, which is an integer on every lattice. `sublattice` is that of the site
    /// where the displacement begins.
    fn squared_distance(&self, sublattice: usize, displacement @ [x, y, _]: [usize; 3]) -> u64 {
        let nearest = |d: usize, side: usize| d.min(side - d) as u64;
        let sides = self.sides();
        match self.kind() {
            Kind::Triangular => {
                let (x, y) = (x as i64, y as i64);
                let [width, height, _] = sides.map(|side| side as i64);
                // |(x, y)|² = x² + x y + y² is least where x is next to −y/2; further images in y matter on long lattices only.
                let images = 1 + width / height;
                let of_row = |y: i64| {
                    let around = |x: i64| x * x + x * y + y * y;
                    let x = (2 * x + y).rem_euclid(2 * width);
                    // 2 x + y is what x² + x y + y² = ((2 x + y)² + 3 y²) / 4 depends on.
                    [x, x - 2 * width].map(|twice| around((twice - y) / 2)).into_iter().min().unwrap_or(0)
                };
                (-images - 1..=images).map(|n| of_row(y + n * height)).min().unwrap_or(0) as u64
            }
            Kind::Honeycomb => {
                // From the first sublattice to the second there is half a bond less, and half a bond more back.
                let half = 3 * y + sides[1] * 3;
                let half = match ((x + y) % 2, sublattice) {
                    (0, _) => half,
                    (_, 0) => half - 1,
                    _ => half + 1,
                };
                let (x, half) = (nearest(x, sides[0]), nearest(half % (3 * sides[1]), 3 * sides[1]));
                (3 * x * x + half * half) / 4
            }
            _ => (0..3).map(|axis| nearest(displacement[axis], sides[axis]).pow(2)).sum(),
        }
    }
}
