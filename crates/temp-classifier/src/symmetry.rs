//! Random symmetries of the lattice and of the energy: translations, point operations, global flip.

use datasets::lattice::{Lattice, Symmetries};
use numerics::bits::Bits;

/// One symmetry: new(r) = ± old(operation(r + shift)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symmetry {
    /// Which point operation of [`Symmetries`].
    pub operation: usize,
    /// The shift (x, y, z), a translation of the lattice.
    pub shift: [usize; 3],
    /// Whether all spins are reversed.
    pub flip: bool,
}

/// The symmetries of a lattice, to be drawn from.
///
/// ```
/// use temp_classifier::{LatticeSymmetries, Symmetry};
/// let symmetries = LatticeSymmetries::new("square:2".parse()?);
/// let shift = Symmetry { operation: 0, shift: [1, 0, 0], flip: true };
/// let mut image = [0; 4];
/// symmetries.apply(shift, &[1, -1, 1, 1], &mut image);
/// assert_eq!(image, [1, -1, -1, -1]);
/// # Ok::<(), datasets::lattice::LatticeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct LatticeSymmetries {
    sides: [usize; 3],
    symmetries: Symmetries,
}

impl LatticeSymmetries {
    /// The symmetries of a lattice.
    pub fn new(lattice: Lattice) -> Self {
        Self { sides: lattice.sides(), symmetries: lattice.symmetries() }
    }

    /// A uniformly random symmetry, with a flip only if `flips`. It takes 64 bits, and 64 more where there is a third
    /// side or the number of point operations is no power of two up to 8.
    pub fn draw(&self, flips: bool, bits: &mut Bits) -> Symmetry {
        let random = bits.next();
        // The product of a uniform 30-bit number with n, divided by 2³⁰, is uniform in 0..n up to n / 2³⁰.
        let below = |bits: u64, n: usize| (((bits & 0x3fff_ffff) * n as u64) >> 30) as usize;
        let [width, height, depth] = self.sides;
        let operations = self.symmetries.point_operations();
        let few = operations.is_power_of_two() && operations <= 8;
        let more = if few && depth == 1 { 0 } else { bits.next() };
        let operation = if few { random as usize & (operations - 1) } else { below(more >> 34, operations) };
        let shift = [below(random >> 34, width), below(random >> 4, height), below(more >> 4, depth)];
        Symmetry { operation, shift: self.symmetries.translation(shift), flip: flips && random & 8 != 0 }
    }

    /// Writes the image of `spins` under `symmetry` to `image`.
    ///
    /// # Panics
    ///
    /// If a slice has not one spin per site, or the symmetry is none of the lattice's.
    pub fn apply(&self, symmetry: Symmetry, spins: &[i8], image: &mut [i8]) {
        self.symmetries.apply(symmetry.operation, symmetry.shift, spins, image);
        if symmetry.flip {
            for spin in image {
                *spin = -*spin;
            }
        }
    }
}
