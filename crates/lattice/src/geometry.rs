//! Who is beside whom, and where.

use crate::{Kind, Lattice};

/// The neighbours of all sites in one flat table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbours {
    coordination: usize,
    table: Vec<u32>,
}

impl Neighbours {
    /// The neighbours of a site, as many as the coordination, in the order of the table of the [crate], + before −.
    #[inline]
    pub fn of(&self, site: usize) -> &[u32] {
        &self.table[site * self.coordination..][..self.coordination]
    }

    /// The number of neighbours of each site.
    pub fn coordination(&self) -> usize {
        self.coordination
    }

    /// The whole table, \[sites, coordination\].
    pub fn table(&self) -> &[u32] {
        &self.table
    }
}

impl Lattice {
    /// The steps to neighbours from a site at (x, y), each pair as + and −; of the honeycomb lattice, also the one step
    /// between its rows.
    fn steps(&self, [x, y, _]: [usize; 3]) -> &'static [[isize; 3]] {
        const HYPERCUBIC: [[isize; 3]; 6] =
            [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]];
        const TRIANGULAR: [[isize; 3]; 6] =
            [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [1, -1, 0], [-1, 1, 0]];
        const HONEYCOMB: [[[isize; 3]; 3]; 2] =
            [[[1, 0, 0], [-1, 0, 0], [0, 1, 0]], [[1, 0, 0], [-1, 0, 0], [0, -1, 0]]];
        match self.kind() {
            Kind::Chain => &HYPERCUBIC[..2],
            Kind::Square => &HYPERCUBIC[..4],
            Kind::Cubic => &HYPERCUBIC,
            Kind::Triangular => &TRIANGULAR,
            Kind::Honeycomb => &HONEYCOMB[(x + y) % 2],
            Kind::None => &[],
        }
    }

    /// The site one step further.
    fn beside(&self, at: [usize; 3], step: [isize; 3]) -> u32 {
        self.site([0, 1, 2].map(|axis| at[axis] as isize + step[axis])) as u32
    }

    /// The neighbours of all sites.
    ///
    /// ```
    /// let lattice: lattice::Lattice = "square:3x4".parse().unwrap();
    /// assert_eq!(lattice.neighbours().of(0), [1, 2, 3, 9]);
    /// ```
    pub fn neighbours(&self) -> Neighbours {
        let mut table = Vec::with_capacity(self.sites() * self.coordination());
        for at in (0..self.sites()).map(|site| self.coordinates(site)) {
            table.extend(self.steps(at).iter().map(|&step| self.beside(at, step)));
        }
        Neighbours { coordination: self.coordination(), table }
    }

    /// All bonds as pairs of sites, N z / 2 of them, ordered by the first site. A bond that is double is listed twice.
    ///
    /// ```
    /// let ring: lattice::Lattice = "chain:3".parse().unwrap();
    /// assert_eq!(ring.bonds(), [[0, 1], [1, 2], [2, 0]]);
    /// ```
    pub fn bonds(&self) -> Vec<[u32; 2]> {
        let mut bonds = Vec::with_capacity(self.bond_count());
        for site in 0..self.sites() {
            let at = self.coordinates(site);
            // Every other step is the way back of the one before; the honeycomb lattice's third one is listed from below.
            let forward = self.steps(at).iter().step_by(2).filter(|step| step[1] >= 0 || step[0] > 0);
            bonds.extend(forward.map(|&step| [site as u32, self.beside(at, step)]));
        }
        bonds
    }

    /// The steps along which bonds follow each other: the axes, on the triangular lattice also the third direction of
    /// bonds, and on the honeycomb lattice the zigzag lines along x. Sites without geometry have none.
    pub fn axes(&self) -> &'static [[isize; 3]] {
        const AXES: [[isize; 3]; 3] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
        const TRIANGULAR: [[isize; 3]; 3] = [[1, 0, 0], [0, 1, 0], [1, -1, 0]];
        match self.kind() {
            Kind::Chain | Kind::Honeycomb => &AXES[..1],
            Kind::Square => &AXES[..2],
            Kind::Cubic => &AXES,
            Kind::Triangular => &TRIANGULAR,
            Kind::None => &[],
        }
    }

    /// The number of steps along any of [`Lattice::axes`] after which none of them has begun to come back: half the
    /// shortest side that they go along, rounded down.
    pub fn axis_steps(&self) -> usize {
        let sides = self.sides();
        self.axes()
            .iter()
            .map(|axis| sides[axis.iter().position(|&step| step != 0).unwrap_or(0)])
            .min()
            .map_or(0, |side| side / 2)
    }

    /// Writes values per site, moved: new(r) = old(r + shift).
    ///
    /// # Panics
    ///
    /// If a slice has not one value per site.
    ///
    /// ```
    /// let lattice: lattice::Lattice = "square:3x2".parse().unwrap();
    /// let mut new = [0; 6];
    /// lattice.shift([1, 1, 0], &[0, 1, 2, 3, 4, 5], &mut new);
    /// assert_eq!(new, [4, 5, 3, 1, 2, 0]);
    /// ```
    pub fn shift<T: Copy>(&self, shift: [isize; 3], old: &[T], new: &mut [T]) {
        assert!(old.len() == self.sites() && new.len() == old.len(), "one value per site");
        let [width, height, depth] = self.sides();
        let [x, y, z] = [0, 1, 2].map(|axis| shift[axis].rem_euclid(self.sides()[axis] as isize) as usize);
        for (row, new) in new.chunks_exact_mut(width).enumerate() {
            let row = (row / height + z) % depth * height + (row % height + y) % height;
            let (before, after) = old[row * width..][..width].split_at(x);
            new[..after.len()].copy_from_slice(after);
            new[after.len()..].copy_from_slice(before);
        }
    }

    /// A colour of each site, counted from 0, such that neighbours have different ones: two if the lattice is bipartite,
    /// else three on triangular lattices both sides of which are multiples of 3, where a triangle has one of each; `None`
    /// otherwise. Sites without geometry have one colour.
    pub fn colours(&self) -> Option<Vec<u8>> {
        let sides = self.shape();
        let (colours, y_weight) = match self.kind() {
            Kind::None => (1, 0),
            Kind::Triangular if sides.iter().all(|side| side % 3 == 0) => (3, 2),
            Kind::Triangular => return None,
            _ if sides.iter().all(|side| side % 2 == 0) => (2, 1),
            _ => return None,
        };
        let colour = |[x, y, z]: [usize; 3]| ((x + y_weight * y + z) % colours) as u8;
        Some((0..self.sites()).map(|site| colour(self.coordinates(site))).collect())
    }

    /// Whether the sites fall into two sublattices with all bonds between them.
    pub fn is_bipartite(&self) -> bool {
        match self.kind() {
            Kind::None => true,
            Kind::Triangular => false,
            _ => self.shape().iter().all(|side| side % 2 == 0),
        }
    }

    /// The place of each site, in units of the distance between neighbours; z = 0 in one and two dimensions. Sites
    /// without geometry are on a grid.
    pub fn positions(&self) -> Vec<[f64; 3]> {
        (0..self.sites())
            .map(|site| {
                let at @ [x, y, z] = self.coordinates(site).map(|c| c as f64);
                match self.kind() {
                    Kind::Triangular => [x + 0.5 * y, y * 0.75f64.sqrt(), 0.0],
                    Kind::Honeycomb => {
                        let up = if (x + y) % 2.0 == 0.0 { 0.25 } else { -0.25 };
                        [x * 0.75f64.sqrt(), 1.5 * y + up, z]
                    }
                    _ => at,
                }
            })
            .collect()
    }

    /// The period of each side as a vector: a site and its image at this displacement are the same. As many as the
    /// lattice has dimensions.
    pub fn periods(&self) -> Vec<[f64; 3]> {
        let length = |axis: usize| self.sides()[axis] as f64;
        (0..self.shape().len())
            .map(|axis| {
                let mut period = [0.0; 3];
                period[axis] = length(axis);
                match (self.kind(), axis) {
                    (Kind::Triangular, 1) => [0.5 * length(1), length(1) * 0.75f64.sqrt(), 0.0],
                    (Kind::Honeycomb, 0) => [length(0) * 0.75f64.sqrt(), 0.0, 0.0],
                    (Kind::Honeycomb, 1) => [0.0, 1.5 * length(1), 0.0],
                    _ => period,
                }
            })
            .collect()
    }
}
