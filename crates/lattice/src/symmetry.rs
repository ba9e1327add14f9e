//! Translations and point group as permutations of the sites.

use crate::{Kind, Lattice};

/// The symmetries that take sites to sites and bonds to bonds: each is a translation after one of a few point operations.
/// Sites without geometry have the identity alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symmetries {
    lattice: Lattice,
    point: Vec<Vec<u32>>,
}

impl Symmetries {
    /// The number of point operations, the identity first: 2 on a chain, 8 on a square lattice of equal sides and 4 on
    /// others, 4 on a honeycomb lattice, 12 on a triangular lattice of equal sides, 48 on a cubic lattice of equal
    /// sides.
    pub fn point_operations(&self) -> usize {
        self.point.len()
    }

    /// The image of each site under a point operation.
    pub fn point_operation(&self, operation: usize) -> &[u32] {
        &self.point[operation]
    }

    /// The number of translations: N, on the honeycomb lattice N / 2, and 1 without geometry.
    pub fn translations(&self) -> usize {
        match self.lattice.kind() {
            Kind::None => 1,
            Kind::Honeycomb => self.lattice.sites() / 2,
            _ => self.lattice.sites(),
        }
    }

    /// A shift (x, y, z) that is a translation of the lattice, from any shift within the sides: of independent uniform
    /// ones, each translation comes with the same probability. On most lattices any shift is one; on the honeycomb
    /// lattice x is changed by one where x + y is odd.
    pub fn translation(&self, shift: [usize; 3]) -> [usize; 3] {
        match self.lattice.kind() {
            Kind::None => [0; 3],
            Kind::Honeycomb => [shift[0] ^ ((shift[0] + shift[1]) % 2), shift[1], 0],
            _ => shift,
        }
    }

    /// Writes values per site, moved by a symmetry: new(r) = old(operation(r + shift)).
    ///
    /// # Panics
    ///
    /// If a slice has not one value per site, there is no such operation, or the shift is no translation within the
    /// sides.
    pub fn apply<T: Copy>(&self, operation: usize, shift: [usize; 3], old: &[T], new: &mut [T]) {
        let sides @ [width, height, depth] = self.lattice.sides();
        assert!(old.len() == self.lattice.sites() && new.len() == old.len(), "one value per site");
        assert!((0..3).all(|axis| shift[axis] < sides[axis]), "a shift within the sides");
        assert_eq!(self.translation(shift), shift, "a translation");
        let table = &self.point[operation];
        let rows = (0..depth).flat_map(|z| (0..height).map(move |y| (z, y)));
        for (row, (z, y)) in new.chunks_exact_mut(width).zip(rows) {
            let (z, y) = ((z + shift[2]) % depth, (y + shift[1]) % height);
            let (before, after) = table[(z * height + y) * width..][..width].split_at(shift[0]);
            for (new, &site) in row.iter_mut().zip(after.iter().chain(before)) {
                *new = old[site as usize];
            }
        }
    }
}

/// A point operation as a matrix of integers, rows first.
type Matrix = [[isize; 3]; 3];

fn product(a: Matrix, b: Matrix) -> Matrix {
    [0, 1, 2].map(|i| [0, 1, 2].map(|j| (0..3).map(|k| a[i][k] * b[k][j]).sum()))
}

/// The signed permutations of the first axes; bits of the signs count fastest, that of the last axis first.
fn signed_permutations(dimension: usize) -> Vec<Matrix> {
    const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [1, 0, 2], [0, 2, 1], [2, 1, 0], [1, 2, 0], [2, 0, 1]];
    let mut found = Vec::new();
    for order in &ORDERS[..[0, 1, 2, 6][dimension]] {
        for signs in 0..1usize << dimension {
            let mut matrix = [[0; 3]; 3];
            for (row, &axis) in matrix.iter_mut().zip(order) {
                let negative = axis < dimension && signs >> (dimension - 1 - axis) & 1 == 1;
                row[axis] = if negative { -1 } else { 1 };
            }
            found.push(matrix);
        }
    }
    found
}

/// The symmetries of the hexagon in the axes of the triangular lattice.
fn hexagonal() -> Vec<Matrix> {
    const TURN: Matrix = [[0, -1, 0], [1, 1, 0], [0, 0, 1]];
    const SWAP: Matrix = [[0, 1, 0], [1, 0, 0], [0, 0, 1]];
    let mut turned = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
    let mut found = Vec::with_capacity(12);
    for _ in 0..6 {
        found.extend([turned, product(turned, SWAP)]);
        turned = product(TURN, turned);
    }
    found
}

impl Lattice {
    /// The symmetries of the lattice.
    pub fn symmetries(&self) -> Symmetries {
        let sides = self.sides().map(|side| side as isize);
        let identity = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
        let candidates = match self.kind() {
            Kind::None => vec![identity],
            Kind::Triangular => hexagonal(),
            // Turns by less than half a circle do not take the torus of a brick wall to itself.
            Kind::Honeycomb => signed_permutations(2).into_iter().take(4).collect(),
            kind => signed_permutations(kind.dimension()),
        };
        // Periods must go to periods.
        let fits = |m: &Matrix| (0..3).all(|i| (0..3).all(|j| m[i][j] * sides[j] % sides[i] == 0));
        let point = candidates
            .into_iter()
            .filter(fits)
            .map(|matrix| {
                // About the middle between sites rather than about a site: on the honeycomb lattice only there are its
                // mirrors along y, and elsewhere both differ by a translation.
                let origin = matrix.map(|row| match self.kind() {
                    Kind::Triangular => 0,
                    _ if row.contains(&-1) => -1,
                    _ => 0,
                });
                let origin = if self.kind() == Kind::Honeycomb { [0, -origin[1], 0] } else { origin };
                let image = |site: usize| {
                    let at = self.coordinates(site).map(|c| c as isize);
                    let moved =
                        |axis: usize| (0..3).map(|k| matrix[axis][k] * at[k]).sum::<isize>() + origin[axis];
                    self.site([0, 1, 2].map(moved)) as u32
                };
                (0..self.sites()).map(image).collect()
            })
            .collect();
        Symmetries { lattice: *self, point }
    }
}
