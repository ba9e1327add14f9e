//! Exact sampling by coupling from the past.
//!
//! Two chains start at time −t from the largest and the smallest state and use the same random numbers. If the update is
//! monotone they enclose the chain from every other start; if they have met at time 0, the state there is the one that a chain
//! from the infinite past would be in: an exact sample. If not, t is doubled and the random numbers of the later times are used
//! again.
//!
//! Without field the chain is the heat bath on the bonds of the random-cluster model (Propp and Wilson's own choice), which
//! meets fast at every temperature; the spins follow from a coin for each cluster. With a field it is the heat bath on the
//! spins, which in a weak field below T_c takes too long and then says so.

use datasets::lattice::Lattice;
use numerics::bits::Bits;
use rand_chacha::ChaCha8Rng;

use super::{Ensemble, Model};
use crate::SampleError;
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
        let configurations = vec![vec![1; model.size * model.size]; chains];
        Self { model, stream: stream.clone(), configurations }
    }
}

impl Ensemble for Exact {
    /// Replaces every configuration by a fresh one; earlier ones of the same call would be thrown away and are not made.
    fn sweep(&mut self, sweeps: u64) -> Result<(), SampleError> {
        if sweeps == 0 {
            return Ok(());
        }
        let Model { size, temperature, field } = self.model;
        for configuration in &mut self.configurations {
            *configuration = if field == 0.0 {
                let mut bonds = RandomCluster::new(size, temperature);
                let state = couple(&mut bonds, temperature, &mut self.stream)?;
                bonds.spins(&state, &mut Bits::from_stream(&mut self.stream))
            } else {
                couple(&mut HeatBath::new(self.model), temperature, &mut self.stream)?
            };
        }
        Ok(())
    }

    fn updates_per_sweep(&self) -> f64 {
        1.0
    }

    fn measure(&self, energy: &mut [i32], magnetization: &mut [i32]) {
        for (k, (e, m)) in energy.iter_mut().zip(magnetization).enumerate() {
            let lattice = Lattice::square(self.model.size).expect("at least 2");
            *e = crate::observables::energy(lattice, &self.configurations[k]);
            *m = crate::observables::magnetization(&self.configurations[k]);
        }
    }

    fn copy(&self, chain: usize, out: &mut [i8]) {
        out.copy_from_slice(&self.configurations[chain]);
    }
}

/// Heat bath on the spins; more up neighbours never make up less likely.
struct HeatBath {
    size: usize,
    /// The threshold for up with 0..=4 neighbours up.
    up: [u64; 5],
}

impl HeatBath {
    fn new(model: Model) -> Self {
        let up = std::array::from_fn(|n| {
            let local = 2.0 * n as f64 - 4.0 + model.field;
            threshold(logistic_of_minus(-2.0 * local / model.temperature))
        });
        Self { size: model.size, up }
    }
}

impl Monotone for HeatBath {
    type State = Vec<i8>;

    fn largest(&self) -> Vec<i8> {
        vec![1; self.size * self.size]
    }

    fn smallest(&self) -> Vec<i8> {
        vec![-1; self.size * self.size]
    }

    fn sweep(&mut self, state: &mut Vec<i8>, bits: &mut Bits) {
        let size = self.size;
        for y in 0..size {
            let (above, under) = ((y + size - 1) % size * size, (y + 1) % size * size);
            for x in 0..size {
                let (left, right) = ((x + size - 1) % size, (x + 1) % size);
                let row = y * size;
                let sum = state[above + x] + state[under + x] + state[row + left] + state[row + right];
                let is_up = below(bits.next(), self.up[((sum + 4) / 2) as usize]);
                state[row + x] = if is_up { 1 } else { -1 };
            }
        }
    }
}

/// Heat bath on the bonds of the random-cluster model with two colours. Bond 2s goes from site s to its right, bond 2s + 1
/// to its lower neighbour.
struct RandomCluster {
    size: usize,
    /// Thresholds for an open bond if its ends are connected otherwise (p), and if they are not (p / (2 − p)).
    open: [u64; 2],
    /// The number of the last search that came to a site, times 2, plus the end it came from.
    visited: Vec<u64>,
    search: u64,
    fronts: [Vec<u32>; 2],
}

impl RandomCluster {
    fn new(size: usize, temperature: f64) -> Self {
        let p = 1.0 - exp(-2.0 / temperature);
        Self {
            size,
            open: [threshold(p), threshold(p / (2.0 - p))],
            visited: vec![0; size * size],
            search: 0,
            fronts: [Vec::new(), Vec::new()],
        }
    }

    fn bonds_of(&self, site: usize) -> [(usize, usize); 4] {
        let size = self.size;
        let (x, y) = (site % size, site / size);
        let left = y * size + (x + size - 1) % size;
        let above = (y + size - 1) % size * size + x;
        let right = y * size + (x + 1) % size;
        let under = (y + 1) % size * size + x;
        [(2 * site, right), (2 * site + 1, under), (2 * left, left), (2 * above + 1, above)]
    }

    /// Whether open bonds other than `bond` connect its ends: a search from both, in turns, that ends with the smaller
    /// cluster.
    fn connected(&mut self, state: &[bool], bond: usize) -> bool {
        let site = bond / 2;
        let other = self.bonds_of(site)[bond % 2].1;
        self.search += 1;
        let mark = |end: usize, search: u64| 2 * search + end as u64;
        for (end, start) in [site, other].into_iter().enumerate() {
            self.visited[start] = mark(end, self.search);
            self.fronts[end].clear();
            self.fronts[end].push(start as u32);
        }
        loop {
            for end in 0..2 {
                let Some(site) = self.fronts[end].pop() else { return false };
                for (step, next) in self.bonds_of(site as usize) {
                    if step == bond || !state[step] {
                        continue;
                    }
                    if self.visited[next] == mark(1 - end, self.search) {
                        return true;
                    }
                    if self.visited[next] != mark(end, self.search) {
                        self.visited[next] = mark(end, self.search);
                        self.fronts[end].push(next as u32);
                    }
                }
            }
        }
    }

    /// A coin for each cluster.
    fn spins(&mut self, state: &[bool], bits: &mut Bits) -> Vec<i8> {
        let mut spins = vec![0i8; state.len() / 2];
        for start in 0..spins.len() {
            if spins[start] != 0 {
                continue;
            }
            let coin = if bits.next() >> 63 == 1 { 1 } else { -1 };
            spins[start] = coin;
            let mut front = vec![start];
            while let Some(site) = front.pop() {
                for (bond, next) in self.bonds_of(site) {
                    if state[bond] && spins[next] == 0 {
                        spins[next] = coin;
                        front.push(next);
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
        vec![true; 2 * self.size * self.size]
    }

    fn smallest(&self) -> Vec<bool> {
        vec![false; 2 * self.size * self.size]
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
