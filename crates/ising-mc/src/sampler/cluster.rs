//! Cluster updates after Wolff and after Swendsen and Wang.
//!
//! Both open a bond between parallel neighbours with probability p = 1 − e^{−2/T}. The decisions come from a stream of
//! bits that are 1 with probability p ([`BiasedBits`]), which costs less than a tenth of a nanosecond per bit, so that
//! the time goes into walking along the clusters.

use datasets::lattice::{Kind, Lattice, Neighbours};
use numerics::bits::Bits;
use rand_chacha::ChaCha8Rng;

use super::{Ensemble, Model};
use crate::error::SampleError;
use numerics::vector::Width;

use crate::multispin::BiasedBits;
use crate::thresholds::exp;

/// One chain with cluster updates.
pub(crate) trait ClusterUpdate: Send {
    fn new(model: Model, width: Width, stream: &mut ChaCha8Rng) -> Self;
    /// One sweep: a number of cluster flips that turns about every site once, or all clusters once.
    fn sweep(&mut self);
    fn spins(&self) -> &[i8];
    fn updates_per_sweep(&self) -> f64 {
        1.0
    }
}

/// Independent chains.
pub(crate) struct Chains<U> {
    lattice: Lattice,
    chains: Vec<U>,
}

impl<U: ClusterUpdate> Chains<U> {
    pub(crate) fn new(model: Model, chains: usize, width: Width, stream: &mut ChaCha8Rng) -> Self {
        Self { lattice: model.lattice, chains: (0..chains).map(|_| U::new(model, width, stream)).collect() }
    }
}

impl<U: ClusterUpdate> Ensemble for Chains<U> {
    fn sweep(&mut self, sweeps: u64) -> Result<(), SampleError> {
        for chain in &mut self.chains {
            for _ in 0..sweeps {
                chain.sweep();
            }
        }
        Ok(())
    }

    fn updates_per_sweep(&self) -> f64 {
        let sum: f64 = self.chains.iter().map(U::updates_per_sweep).sum();
        sum / self.chains.len().max(1) as f64
    }

    fn measure(&self, energy: &mut [i32], magnetization: &mut [i32]) {
        for (k, (e, m)) in energy.iter_mut().zip(magnetization).enumerate() {
            *e = crate::observables::energy(self.lattice, self.chains[k].spins());
            *m = crate::observables::magnetization(self.chains[k].spins());
        }
    }

    fn copy(&self, chain: usize, out: &mut [i8]) {
        out.copy_from_slice(self.chains[chain].spins());
    }
}

/// The probability of an open bond.
fn open_probability(temperature: f64) -> f64 {
    1.0 - exp(-2.0 / temperature)
}

/// Single-cluster flips from a random site.
pub(crate) struct Wolff {
    spins: Vec<i8>,
    neighbours: Neighbours,
    stack: Vec<u32>,
    open: BiasedBits,
    bits: Bits,
    /// Cluster flips per sweep, without the one that a coin may add.
    flips: u32,
}

impl Wolff {
    /// Turns one cluster; returns its number of sites.
    pub(crate) fn flip(&mut self) -> usize {
        let sites = self.spins.len() as u64;
        // The upper half of a 64 × 64 bit product: a site with probability 1/sites up to 2^−40.
        let seed = ((u128::from(self.bits.next()) * u128::from(sites)) >> 64) as usize;
        let old = self.spins[seed];
        self.spins[seed] = -old;
        self.stack[0] = seed as u32;
        let (mut top, mut turned) = (1, 0);
        while top > 0 {
            top -= 1;
            turned += 1;
            let neighbours = self.neighbours.of(self.stack[top] as usize);
            let open = self.open.few(neighbours.len());
            // Without branches, whose outcome nothing could predict: the neighbour is written on top of the stack in
            // any case, and stays there if it joins.
            for (direction, &site) in neighbours.iter().enumerate() {
                let spin = &mut self.spins[site as usize];
                let joins = (*spin == old) & (open >> direction & 1 == 1);
                *spin = if joins { -old } else { *spin };
                self.stack[top] = site;
                top += usize::from(joins);
            }
        }
        turned
    }
}

impl ClusterUpdate for Wolff {
    fn new(model: Model, width: Width, stream: &mut ChaCha8Rng) -> Self {
        let sites = model.lattice.sites();
        let mut chain = Self {
            spins: vec![1; sites],
            neighbours: model.lattice.neighbours(),
            // A site is on the stack at most once; the space above the top takes rejected neighbours.
            stack: vec![0; sites + model.lattice.coordination()],
            open: BiasedBits::new(open_probability(model.temperature), width, stream),
            bits: Bits::from_stream(stream),
            flips: 1,
        };
        // A fixed number of flips per sweep keeps the chain stationary; stopping when enough sites have turned would not.
        // It is estimated once, from the mean cluster of this chain's first flips.
        let trials = 32;
        for _ in 0..trials {
            chain.flip();
        }
        let turned: usize = (0..trials).map(|_| chain.flip()).sum();
        chain.flips = ((trials * sites) / turned.max(1)).clamp(1, sites) as u32;
        chain
    }

    fn sweep(&mut self) {
        // At high temperature clusters are single sites, and after a fixed number of flips M could have only every second
        // of its values: a coin decides whether there is one more.
        let more = (self.bits.next() >> 63) as u32;
        for _ in 0..self.flips + more {
            self.flip();
        }
    }

    fn spins(&self) -> &[i8] {
        &self.spins
    }

    fn updates_per_sweep(&self) -> f64 {
        f64::from(self.flips) + 0.5
    }
}

/// All clusters are found and each is turned with probability ½.
pub(crate) struct SwendsenWang {
    bonds: Bonds,
    spins: Vec<i8>,
    /// A forest: each site points to one of its cluster with a lower or the same number.
    parent: Vec<u32>,
    /// Open bonds that go around the torus.
    around: Vec<(u32, u32)>,
    /// The new spins; those of the roots are set first.
    orientation: Vec<i8>,
    open: BiasedBits,
    bits: Bits,
}

/// The bonds of a lattice.
enum Bonds {
    /// Of a square one, whose rows need no list.
    Rows {
        width: usize,
        height: usize,
    },
    List(Vec<[u32; 2]>),
}

impl SwendsenWang {
    /// Joins the clusters at the ends of the open bonds of a list.
    fn join_listed(&mut self, bonds: &[[u32; 2]]) {
        (0..self.parent.len()).for_each(|site| self.parent[site] = site as u32);
        for bonds in bonds.chunks(64) {
            let open = self.open.word();
            for (k, &[a, b]) in bonds.iter().enumerate() {
                if open >> k & 1 == 1 && self.spins[a as usize] == self.spins[b as usize] {
                    let (a, b) = (self.root(a), self.root(b));
                    self.join(a, b);
                }
            }
        }
    }

    /// Joins the clusters at the ends of the open bonds of rows.
    fn join_rows(&mut self, width: usize, height: usize) {
        let (mut open, mut left) = (0, 0);
        for y in 0..height {
            for x in 0..width {
                if left == 0 {
                    (open, left) = (self.open.word(), 32);
                }
                let site = y * width + x;
                let spin = self.spins[site];
                // Bonds to the left and above; those that go around the torus wait, the other end being new.
                let mut label = site as u32;
                if x == 0 {
                    if open & 1 == 1 && self.spins[site + width - 1] == spin {
                        self.around.push((site as u32, (site + width - 1) as u32));
                    }
                } else if (open & 1 == 1) & (self.spins[site - 1] == spin) {
                    // The latest site's label is a root: nothing was joined after it.
                    label = self.parent[site - 1];
                }
                if y == 0 {
                    let other = site + (height - 1) * width;
                    if open & 2 == 2 && self.spins[other] == spin {
                        self.around.push((site as u32, other as u32));
                    }
                } else if (open & 2 == 2) & (self.spins[site - width] == spin) {
                    let above = self.root((site - width) as u32);
                    label = if label == site as u32 { above } else { self.join(label, above) };
                }
                self.parent[site] = label;
                open >>= 2;
                left -= 1;
            }
        }
        while let Some((a, b)) = self.around.pop() {
            let (a, b) = (self.root(a), self.root(b));
            self.join(a, b);
        }
    }

    fn root(&mut self, mut site: u32) -> u32 {
        loop {
            let parent = self.parent[site as usize];
            if parent == site {
                return site;
            }
            let grandparent = self.parent[parent as usize];
            self.parent[site as usize] = grandparent;
            site = grandparent;
        }
    }

    /// Joins the clusters of two roots; returns the root of the union.
    fn join(&mut self, a: u32, b: u32) -> u32 {
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        self.parent[high as usize] = low;
        low
    }
}

impl ClusterUpdate for SwendsenWang {
    fn new(model: Model, width: Width, stream: &mut ChaCha8Rng) -> Self {
        let sites = model.lattice.sites();
        let [columns, rows, _] = model.lattice.sides();
        Self {
            bonds: match model.lattice.kind() {
                Kind::Square => Bonds::Rows { width: columns, height: rows },
                _ => Bonds::List(model.lattice.bonds()),
            },
            spins: vec![1; sites],
            parent: vec![0; sites],
            around: Vec::new(),
            orientation: vec![1; sites],
            open: BiasedBits::new(open_probability(model.temperature), width, stream),
            bits: Bits::from_stream(stream),
        }
    }

    fn sweep(&mut self) {
        // Taken out for the time that its clusters are joined.
        let bonds = std::mem::replace(&mut self.bonds, Bonds::List(vec![]));
        match &bonds {
            Bonds::Rows { width, height } => self.join_rows(*width, *height),
            Bonds::List(bonds) => self.join_listed(bonds),
        }
        self.bonds = bonds;
        // Roots come before the rest of their cluster.
        let (mut coins, mut left) = (0u64, 0);
        for site in 0..self.parent.len() {
            let parent = self.parent[site] as usize;
            if parent == site {
                if left == 0 {
                    (coins, left) = (self.bits.next(), 64);
                }
                self.orientation[site] = if coins & 1 == 1 { 1 } else { -1 };
                coins >>= 1;
                left -= 1;
            } else {
                self.orientation[site] = self.orientation[parent];
            }
        }
        std::mem::swap(&mut self.spins, &mut self.orientation);
    }

    fn spins(&self) -> &[i8] {
        &self.spins
    }
}
