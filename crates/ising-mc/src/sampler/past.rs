//! Exact sampling by coupling from the past.
//!
//! Two chains start at time −t from the largest and the smallest state and use the same random numbers. If the update
//! is monotone they enclose the chain from every other start; if they have met at time 0, the state there is the one
//! that a chain from the infinite past would be in: an exact sample. If not, t is doubled and the random numbers of the
//! later times are used again.
//!
//! Without field the chain is the heat bath on the bonds of the random-cluster model (Propp and Wilson's own choice),
//! which meets fast at every temperature; the spins follow from a coin for each cluster. With a field it is the heat
//! bath on the spins, which in a weak field below T_c takes too long and then says so.

use datasets::lattice::{Lattice, Neighbours};
use numerics::bits::Bits;
use rand_chacha::ChaCha8Rng;

use super::{Ensemble, Model};
use crate::error::SampleError;
use crate::thresholds::{below, exp, logistic_of_minus, threshold};

/// The longest past that is tried, in sweeps.
const LONGEST: u64 = 1 << 17;

/// A monotone update that is driven by random bits.
trait Monotone {
    type State: Clone + PartialEq;
    fn largest(&self) -> Self::State;
    fn smallest(&self) -> Self::State;
    fn sweep(&mut self, state: &mut Self::State, bits: &mut Bits);
}

fn couple<M: Monotone>(
    update: &mut M,
    temperature: f64,
    stream: &mut ChaCha8Rng,
) -> Result<M::State, SampleError> {
    // Stretch k covers the times −2^k .. −2^(k−1); the first one the last sweep alone.
    let mut stretches: Vec<(Bits, u64)> = vec![(Bits::from_stream(stream), 1)];
    loop {
        let (mut upper, mut lower) = (update.largest(), update.smallest());
        for (bits, sweeps) in stretches.iter().rev() {
            let (mut for_upper, mut for_lower) = (bits.clone(), bits.clone());
            for _ in 0..*sweeps {
                update.sweep(&mut upper, &mut for_upper);
                update.sweep(&mut lower, &mut for_lower);
            }
        }
        if upper == lower {
            return Ok(upper);
        }
        let past: u64 = stretches.iter().map(|stretch| stretch.1).sum();
        if past >= LONGEST {
            return Err(SampleError::NotCoalesced { temperature, sweeps: past });
        }
        stretches.push((Bits::from_stream(stream), past));
    }
}

/// Independent exact configurations.
pub(crate) struct Exact {
    model: Model,
    stream: ChaCha8Rng,
    configurations: Vec<Vec<i8>>,
}

impl Exact {
    /// The configurations are those of the ordered state until the first sweep.
    pub(crate) fn new(model: Model, chains: usize, stream: &mut ChaCha8Rng) -> Self {
        let configurations = vec![vec![1; model.lattice.sites()]; chains];
        Self { model, stream: stream.clone(), configurations }
    }
}

impl Ensemble for Exact {
    /// Replaces every configuration by a fresh one; earlier ones of the same call would be thrown away and are not made.
    fn sweep(&mut self, sweeps: u64) -> Result<(), SampleError> {
        if sweeps == 0 {
            return Ok(());
        }
        let Model { lattice, temperature, field } = self.model;
        let mut bonds = RandomCluster::new(lattice, temperature);
        let mut spins = HeatBath::new(self.model);
        for configuration in &mut self.configurations {
            *configuration = if field == 0.0 {
                let state = couple(&mut bonds, temperature, &mut self.stream)?;
                bonds.spins(&state, &mut Bits::from_stream(&mut self.stream))
            } else {
                couple(&mut spins, temperature, &mut self.stream)?
            };
        }
        Ok(())
    }

    fn updates_per_sweep(&self) -> f64 {
        1.0
    }

    fn measure(&self, energy: &mut [i32], magnetization: &mut [i32]) {
        for (k, (e, m)) in energy.iter_mut().zip(magnetization).enumerate() {
            *e = crate::observables::energy(self.model.lattice, &self.configurations[k]);
            *m = crate::observables::magnetization(&self.configurations[k]);
        }
    }

    fn copy(&self, chain: usize, out: &mut [i8]) {
        out.copy_from_slice(&self.configurations[chain]);
    }
}

/// Heat bath on the spins; more up neighbours never make up less likely.
struct HeatBath {
    neighbours: Neighbours,
    /// The threshold for up with each number of neighbours up.
    up: Vec<u64>,
}

impl HeatBath {
    fn new(model: Model) -> Self {
        let z = model.lattice.coordination();
        let up = |n: usize| {
            let local = 2.0 * n as f64 - z as f64 + model.field;
            threshold(logistic_of_minus(-2.0 * local / model.temperature))
        };
        Self { neighbours: model.lattice.neighbours(), up: (0..=z).map(up).collect() }
    }

    fn sites(&self) -> usize {
        self.neighbours.table().len() / self.neighbours.coordination()
    }
}

impl Monotone for HeatBath {
    type State = Vec<i8>;

    fn largest(&self) -> Vec<i8> {
        vec![1; self.sites()]
    }

    fn smallest(&self) -> Vec<i8> {
        vec![-1; self.sites()]
    }

    fn sweep(&mut self, state: &mut Vec<i8>, bits: &mut Bits) {
        for site in 0..state.len() {
            let up = self.neighbours.of(site).iter().filter(|&&other| state[other as usize] == 1).count();
            state[site] = if below(bits.next(), self.up[up]) { 1 } else { -1 };
        }
    }
}

/// Heat bath on the bonds of the random-cluster model with two colours.
struct RandomCluster {
    /// The sites that each bond joins.
    ends: Vec<[u32; 2]>,
    /// The bonds of each site with the sites at their other ends.
    around: Vec<Vec<(u32, u32)>>,
    /// Thresholds for an open bond if its ends are connected otherwise (p), and if they are not (p / (2 − p)).
    open: [u64; 2],
    /// The number of the last search that came to a site, times 2, plus the end it came from.
    visited: Vec<u64>,
    search: u64,
    fronts: [Vec<u32>; 2],
}

impl RandomCluster {
    fn new(lattice: Lattice, temperature: f64) -> Self {
        let p = 1.0 - exp(-2.0 / temperature);
        let ends = lattice.bonds();
        let mut around = vec![Vec::with_capacity(lattice.coordination()); lattice.sites()];
        for (bond, &[a, b]) in ends.iter().enumerate() {
            around[a as usize].push((bond as u32, b));
            around[b as usize].push((bond as u32, a));
        }
        Self {
            ends,
            around,
            open: [threshold(p), threshold(p / (2.0 - p))],
            visited: vec![0; lattice.sites()],
            search: 0,
            fronts: [Vec::new(), Vec::new()],
        }
    }

    /// Whether open bonds other than `bond` connect its ends: a search from both, in turns, that ends with the smaller
    /// cluster.
    fn connected(&mut self, state: &[bool], bond: usize) -> bool {
        self.search += 1;
        let mark = |end: usize, search: u64| 2 * search + end as u64;
        for (end, start) in self.ends[bond].into_iter().enumerate() {
            self.visited[start as usize] = mark(end, self.search);
            self.fronts[end].clear();
            self.fronts[end].push(start);
        }
        loop {
            for end in 0..2 {
                let Some(site) = self.fronts[end].pop() else { return false };
                for &(step, next) in &self.around[site as usize] {
                    if step as usize == bond || !state[step as usize] {
                        continue;
                    }
                    let visited = &mut self.visited[next as usize];
                    if *visited == mark(1 - end, self.search) {
                        return true;
                    }
                    if *visited != mark(end, self.search) {
                        *visited = mark(end, self.search);
                        self.fronts[end].push(next);
                    }
                }
            }
        }
    }

    /// A coin for each cluster.
    fn spins(&self, state: &[bool], bits: &mut Bits) -> Vec<i8> {
        let mut spins = vec![0i8; self.around.len()];
        for start in 0..spins.len() {
            if spins[start] != 0 {
                continue;
            }
            let coin = if bits.next() >> 63 == 1 { 1 } else { -1 };
            spins[start] = coin;
            let mut front = vec![start];
            while let Some(site) = front.pop() {
                for &(bond, next) in &self.around[site] {
                    if state[bond as usize] && spins[next as usize] == 0 {
                        spins[next as usize] = coin;
                        front.push(next as usize);
                    }
                }
            }
        }
        spins
    }
}

impl Monotone for RandomCluster {
    type State = Vec<bool>;

    fn largest(&self) -> Vec<bool> {
        vec![true; self.ends.len()]
    }

    fn smallest(&self) -> Vec<bool> {
        vec![false; self.ends.len()]
    }

    fn sweep(&mut self, state: &mut Vec<bool>, bits: &mut Bits) {
        let [connected, separate] = self.open;
        for bond in 0..state.len() {
            let bits = bits.next();
            state[bond] = if below(bits, separate) {
                true
            } else if below(bits, connected) {
                self.connected(state, bond)
            } else {
                false
            };
        }
    }
}
