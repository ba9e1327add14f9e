//! Sums over the lattice of products of nearby spins.

use datasets::lattice::{Kind, Lattice};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// What a global flip does to operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sector {
    /// Nothing: nearest neighbours, next-nearest neighbours (diagonal), plaquettes of four, third neighbours (at
    /// distance 2).
    Even,
    /// They change sign: single spins, three of a plaquette, three neighbours in a line.
    Odd,
}

/// One product of spins: the steps (x, y) from a site to the others.
type Product = &'static [(usize, usize)];

/// The products of each operator, from which all those of its lattice follow by translation.
const EVEN: [&[Product]; 4] = [
    &[&[(0, 0), (1, 0)], &[(0, 0), (0, 1)]],
    &[&[(0, 0), (1, 1)], &[(1, 0), (0, 1)]],
    &[&[(0, 0), (1, 0), (0, 1), (1, 1)]],
    &[&[(0, 0), (2, 0)], &[(0, 0), (0, 2)]],
];
const ODD: [&[Product]; 3] = [
    &[&[(0, 0)]],
    &[
        &[(1, 0), (0, 1), (1, 1)],
        &[(0, 0), (0, 1), (1, 1)],
        &[(0, 0), (1, 0), (1, 1)],
        &[(0, 0), (1, 0), (0, 1)],
    ],
    &[&[(0, 0), (1, 0), (2, 0)], &[(0, 0), (0, 1), (0, 2)]],
];

impl Sector {
    fn products(self) -> &'static [&'static [Product]] {
        match self {
            Self::Even => &EVEN,
            Self::Odd => &ODD,
        }
    }

    /// The number of its operators.
    pub fn operators(self) -> usize {
        self.products().len()
    }
}

/// The operators of a sector in the order that [`Sector`] names them, for each of `spins` [n, sites] of ±1 on a square
/// lattice: [n, operators], each the sum over all translations and the axes.
///
/// ```
/// use rg_flow::{Sector, operators};
///
/// let square = "square:4".parse()?;
/// let up = ndarray::Array2::ones((1, 16));
/// assert_eq!(operators(square, up.view(), Sector::Even), ndarray::array![[32.0, 32.0, 16.0, 32.0]]);
/// assert_eq!(operators(square, up.view(), Sector::Odd), ndarray::array![[16.0, 64.0, 32.0]]);
/// # Ok::<(), datasets::lattice::LatticeError>(())
/// ```
///
/// # Panics
///
/// If the lattice is not square or the configurations have another number of sites.
pub fn operators(lattice: Lattice, spins: ArrayView2<i8>, sector: Sector) -> Array2<f64> {
    assert_eq!(lattice.kind(), Kind::Square, "the kind of the lattice");
    assert_eq!(spins.ncols(), lattice.sites(), "number of sites");
    let spins = spins.as_standard_layout();
    let count = sector.operators();
    let mut found = vec![0.0; spins.nrows() * count];
    found.par_chunks_mut(count).enumerate().for_each(|(n, found)| {
        let row = spins.row(n);
        let row = row.as_slice().expect("rows in standard layout are contiguous");
        for (found, products) in found.iter_mut().zip(sector.products()) {
            *found = products.iter().map(|product| f64::from(sum(lattice, row, product))).sum();
        }
    });
    Array2::from_shape_vec((spins.nrows(), count), found).expect("one value per operator")
}

/// Σ over all sites of the product of the spins at these steps from it.
fn sum(lattice: Lattice, spins: &[i8], product: Product) -> i32 {
    let [width, height, _] = lattice.sides();
    let mut sum = 0;
    for y in 0..height {
        for x in 0..width {
            let at = |&(dx, dy): &(usize, usize)| spins[(y + dy) % height * width + (x + dx) % width];
            sum += i32::from(product.iter().map(at).product::<i8>());
        }
    }
    sum
}
