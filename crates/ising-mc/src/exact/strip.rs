//! Exact laws of finite lattices in two dimensions of any kind and shape: the density of states, and the distribution
//! of the magnetization, by a transfer matrix that adds one site at a time.
//!
//! Rows along the shorter side are added one after the other. The state is the configuration of the sites that still
//! have neighbours to come, at most two more than a row has; each state carries a polynomial, of which the coefficient
//! of z^k is the number of partial configurations with k unsatisfied bonds, or their weight with k spins up. A new site
//! doubles the states; a site whose neighbours are all there is summed over. The first row is fixed, which closes the
//! torus; of first rows that symmetries of the lattice turn into each other only one is needed. Everything is a sum of
//! positive terms, at most 2^[`LARGEST_STRIP`], so that nothing overflows and no digits are lost.

use std::collections::BTreeSet;

use datasets::DensityOfStates;
use datasets::lattice::{Kind, Lattice};
use numerics::elementary::exp;
use rayon::prelude::*;

use super::{ExactError, MagnetizationDistribution};

/// The most sites of a row, along the shorter side.
pub const WIDEST_STRIP: usize = 12;
/// The most sites.
pub const LARGEST_STRIP: usize = 256;

/// The most sites of a row of which tables are made.
const QUICK: usize = 10;

/// The states of lattices in two dimensions.
#[derive(Debug, Clone)]
pub struct Strip {
    lattice: Lattice,
    width: usize,
    /// Pairs of sites of the first row with a bond between them.
    first_bonds: Vec<[usize; 2]>,
    /// First rows, each with the number of those that are as good.
    first_rows: Vec<(usize, u32)>,
    /// The sites after the first row.
    steps: Vec<Step>,
    /// The number of places for sites in a state.
    places: usize,
}

/// The adding of a site.
#[derive(Debug, Clone)]
struct Step {
    /// The place of its spin.
    place: usize,
    /// Its neighbours in the first row.
    first: Vec<usize>,
    /// The places of its other neighbours that are there.
    others: Vec<usize>,
    /// The places that are free afterwards.
    done: Vec<usize>,
}

/// What the polynomials count.
#[derive(Debug, Clone, Copy)]
enum Count {
    /// Unsatisfied bonds.
    Broken,
    /// Spins up, of configurations with the weight of each unsatisfied bond.
    Up(f64),
}

impl Strip {
    /// Whether there is one of a lattice.
    pub fn exists(lattice: Lattice) -> bool {
        let flat = matches!(lattice.kind(), Kind::Square | Kind::Honeycomb | Kind::Triangular);
        let [a, b, _] = lattice.sides();
        flat && a.min(b) <= WIDEST_STRIP && lattice.sites() <= LARGEST_STRIP
    }

    /// Whether P(M) of a lattice takes about a second or less, so that it may be found at many temperatures.
    pub fn is_quick(lattice: Lattice) -> bool {
        let [a, b, _] = lattice.sides();
        Self::exists(lattice) && a.min(b) <= QUICK && lattice.sites() <= QUICK * QUICK * 3 / 2
    }

    /// That of a lattice.
    ///
    /// # Errors
    ///
    /// If it is not two-dimensional, has more than [`WIDEST_STRIP`] sites along its shorter side, or more than
    /// [`LARGEST_STRIP`] in all.
    pub fn of(lattice: Lattice) -> Result<Self, ExactError> {
        if !Self::exists(lattice) {
            return Err(ExactError::NoStrip(lattice));
        }
        let sites = lattice.sites();
        let [a, b, _] = lattice.sides();
        let (width, across) = if a <= b { (a, 0) } else { (b, 1) };
        // Along the shorter side first.
        let mut order: Vec<usize> = (0..sites).collect();
        order.sort_by_key(|&site| {
            let at = lattice.coordinates(site);
            [at[1 - across], at[across]]
        });
        let mut rank = vec![0; sites];
        order.iter().enumerate().for_each(|(at, &site)| rank[site] = at);
        let mut neighbours = vec![vec![]; sites];
        let mut first_bonds = vec![];
        for [i, j] in lattice.bonds() {
            let [i, j] = [rank[i as usize], rank[j as usize]];
            neighbours[i].push(j);
            neighbours[j].push(i);
            if i.max(j) < width {
                first_bonds.push([i, j]);
            }
        }
        let (steps, places) = steps(width, &neighbours);
        let first_rows = first_rows(lattice, width, &order, &rank);
        Ok(Self { lattice, width, first_bonds, first_rows, steps, places })
    }

    /// ln g(E): the number of states at each energy.
    ///
    /// ```
    /// use ising_mc::exact::Strip;
    /// let states = Strip::of("honeycomb:4x4".parse()?)?.density_of_states();
    /// assert_eq!(states.energy[0], -24);
    /// assert!((states.log_count[0] - 2f64.ln()).abs() < 1e-15);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn density_of_states(&self) -> DensityOfStates {
        let bonds = self.lattice.bond_count() as i32;
        let counts = self.total(Count::Broken).into_iter().enumerate().filter(|(_, count)| *count > 0.0);
        let (energy, log_count) =
            counts.map(|(broken, count)| (2 * broken as i32 - bonds, count.ln())).unzip();
        DensityOfStates { energy, log_count }
    }

    /// P(M) at a temperature in 0..=∞ J/k_B, without field.
    ///
    /// # Errors
    ///
    /// If the temperature is negative or not a number.
    pub fn magnetization_distribution(
        &self,
        temperature: f64,
    ) -> Result<MagnetizationDistribution, ExactError> {
        ExactError::check_temperature(temperature)?;
        let broken = if temperature == 0.0 { 0.0 } else { exp(-2.0 / temperature) };
        let mut weights = self.total(Count::Up(broken));
        let sites = self.lattice.sites();
        weights.resize(sites + 1, 0.0);
        Ok(MagnetizationDistribution::symmetric(sites, temperature, &weights))
    }

    /// The polynomials of all first rows together.
    fn total(&self, count: Count) -> Vec<f64> {
        let of_row =
            |&(row, number): &(usize, u32)| (f64::from(number), Polynomials::new(self, count).run(row));
        let all: Vec<(f64, Vec<f64>)> = self.first_rows.par_iter().map(of_row).collect();
        let mut total = vec![];
        for (number, polynomial) in all {
            total.resize(polynomial.len().max(total.len()), 0.0);
            total.iter_mut().zip(polynomial).for_each(|(total, value)| *total += number * value);
        }
        total
    }
}

/// The adding of all sites after the first row, and the number of places that it takes.
fn steps(width: usize, neighbours: &[Vec<usize>]) -> (Vec<Step>, usize) {
    let mut places: Vec<Option<usize>> = vec![];
    let mut steps = vec![];
    for site in width..neighbours.len() {
        let there =
            |wanted: usize, places: &[Option<usize>]| places.iter().position(|&at| at == Some(wanted));
        let (first, others): (Vec<usize>, Vec<usize>) =
            neighbours[site].iter().filter(|&&other| other < site).partition(|&&other| other < width);
        let others = others.into_iter().filter_map(|other| there(other, &places)).collect();
        let place = places.iter().position(Option::is_none).unwrap_or_else(|| {
            places.push(None);
            places.len() - 1
        });
        places[place] = Some(site);
        let is_done =
            |at: &Option<usize>| at.is_some_and(|at| neighbours[at].iter().all(|&other| other <= site));
        let done: Vec<usize> = (0..places.len()).filter(|&place| is_done(&places[place])).collect();
        done.iter().for_each(|&place| places[place] = None);
        steps.push(Step { place, first, others, done });
    }
    (steps, places.len())
}

/// One first row of each class under the symmetries that take the row to itself and the flip of all spins, with the
/// size of the class.
fn first_rows(lattice: Lattice, width: usize, order: &[usize], rank: &[usize]) -> Vec<(usize, u32)> {
    let symmetries = lattice.symmetries();
    let sites: Vec<usize> = (0..lattice.sites()).collect();
    let mut image = sites.clone();
    let mut permutations = BTreeSet::new();
    for shift in sites.iter().map(|&site| lattice.coordinates(site)) {
        if symmetries.translation(shift) != shift {
            continue;
        }
        for operation in 0..symmetries.point_operations() {
            symmetries.apply(operation, shift, &sites, &mut image);
            let moved: Vec<usize> = order[..width].iter().map(|&site| rank[image[site]]).collect();
            if moved.iter().all(|&place| place < width) {
                permutations.insert(moved);
            }
        }
    }
    let mask = (1usize << width) - 1;
    let mut seen = vec![false; 1 << width];
    let mut classes = vec![];
    for row in 0..1usize << width {
        if seen[row] {
            continue;
        }
        let mut members = 0;
        for permutation in &permutations {
            let moved =
                permutation.iter().enumerate().fold(0, |moved, (to, &from)| moved | (row >> from & 1) << to);
            for image in [moved, !moved & mask] {
                members += u32::from(!std::mem::replace(&mut seen[image], true));
            }
        }
        classes.push((row, members));
    }
    classes
}

/// The polynomials of all states, for one first row.
struct Polynomials<'a> {
    strip: &'a Strip,
    count: Count,
    /// Powers of the weight of an unsatisfied bond.
    powers: Vec<f64>,
    /// `stride` coefficients for each state.
    coefficients: Vec<f64>,
    stride: usize,
    /// The number of coefficients that there are so far.
    length: usize,
    /// The places that are taken.
    taken: usize,
}

impl<'a> Polynomials<'a> {
    fn new(strip: &'a Strip, count: Count) -> Self {
        let (stride, broken) = match count {
            Count::Broken => (strip.lattice.bond_count() + 1, 1.0),
            Count::Up(broken) => (strip.lattice.sites() + 1, broken),
        };
        let powers = std::iter::successors(Some(1.0), |power| Some(power * broken));
        let powers = powers.take(strip.width + strip.lattice.coordination() + 1).collect();
        let coefficients = vec![0.0; stride << strip.places];
        Self { strip, count, powers, coefficients, stride, length: 1, taken: 0 }
    }

    /// The factor and the power of z of a new spin with some unsatisfied bonds.
    fn term(&self, up: bool, broken: usize) -> (f64, usize) {
        match self.count {
            Count::Broken => (1.0, broken),
            Count::Up(_) => (self.powers[broken], usize::from(up)),
        }
    }

    /// The polynomial of all configurations with this first row.
    fn run(mut self, row: usize) -> Vec<f64> {
        let broken = self.strip.first_bonds.iter().filter(|[i, j]| row >> i & 1 != row >> j & 1).count();
        let (factor, power) = match self.count {
            Count::Broken => (1.0, broken),
            Count::Up(_) => (self.powers[broken], row.count_ones() as usize),
        };
        self.coefficients[power] = factor;
        self.length = power + 1;
        for step in &self.strip.steps {
            let up = step.first.iter().filter(|&&site| row >> site & 1 == 1).count();
            self.add(step, up);
            step.done.iter().for_each(|&place| self.sum_over(place));
        }
        self.coefficients.truncate(self.length);
        self.coefficients
    }

    /// Adds a site, some neighbours of which in the first row are up.
    fn add(&mut self, step: &Step, first_up: usize) {
        let bonds = step.first.len() + step.others.len();
        let bit = 1 << step.place;
        let most = match self.count {
            Count::Broken => bonds,
            Count::Up(_) => 1,
        };
        let length = self.length + most;
        let mut state = 0;
        loop {
            let up = first_up + step.others.iter().filter(|&&place| state >> place & 1 == 1).count();
            let (up_factor, up_power) = self.term(true, bonds - up);
            let (down_factor, down_power) = self.term(false, up);
            let (head, tail) = self.coefficients.split_at_mut((state | bit) * self.stride);
            let down = &mut head[state * self.stride..][..length];
            multiplied(&down[..self.length], up_factor, up_power, &mut tail[..length]);
            down.copy_within(..self.length, down_power);
            down[..down_power].fill(0.0);
            down.iter_mut().for_each(|value| *value *= down_factor);
            state = state.wrapping_sub(self.taken) & self.taken;
            if state == 0 {
                break;
            }
        }
        self.length = length;
        self.taken |= bit;
    }

    /// Sums over the spin of a place, which is free then.
    fn sum_over(&mut self, place: usize) {
        let bit = 1 << place;
        self.taken &= !bit;
        let mut state = 0;
        loop {
            let (head, tail) = self.coefficients.split_at_mut((state | bit) * self.stride);
            let down = &mut head[state * self.stride..][..self.length];
            down.iter_mut().zip(&tail[..self.length]).for_each(|(down, up)| *down += up);
            state = state.wrapping_sub(self.taken) & self.taken;
            if state == 0 {
                break;
            }
        }
    }
}

/// A polynomial times a factor and a power of z.
fn multiplied(polynomial: &[f64], factor: f64, power: usize, product: &mut [f64]) {
    product[..power].fill(0.0);
    let (here, rest) = product[power..].split_at_mut(polynomial.len());
    here.iter_mut().zip(polynomial).for_each(|(product, value)| *product = factor * value);
    rest.fill(0.0);
}

#[cfg(test)]
mod tests {
    use super::super::{canonical, density_of_states, enumerate, magnetization_distribution, triangular};
    use super::*;

    fn strip(name: &str) -> Strip {
        Strip::of(name.parse().unwrap()).unwrap()
    }

    #[test]
    fn agrees_with_enumeration() {
        let names = [
            "square:2",
            "square:2x5",
            "square:5x3",
            "square:4",
            "triangular:3",
            "triangular:3x5",
            "triangular:5x3",
            "triangular:4",
            "triangular:4x5",
            "honeycomb:4x2",
            "honeycomb:4",
            "honeycomb:6x4",
            "honeycomb:4x6",
        ];
        for name in names {
            let lattice: Lattice = name.parse().unwrap();
            let (found, states) = (Strip::of(lattice).unwrap(), enumerate(lattice).unwrap());
            let levels = found.density_of_states();
            let mut energies: Vec<i32> = states.iter().map(|state| state.energy).collect();
            energies.dedup();
            assert_eq!(levels.energy, energies, "{name}");
            for (energy, log_count) in levels.energy.iter().zip(&levels.log_count) {
                let counted: u64 = states.iter().filter(|s| s.energy == *energy).map(|s| s.count).sum();
                assert_eq!(log_count.exp().round(), counted as f64, "{name}, E = {energy}");
            }
            for temperature in [0.0, 0.4, 1.5, 2.3, 3.6, f64::INFINITY] {
                let law = found.magnetization_distribution(temperature).unwrap();
                let weight = |s: &super::super::JointCount| {
                    let excess = f64::from(s.energy - energies[0]);
                    s.count as f64 * if excess == 0.0 { 1.0 } else { (-excess / temperature).exp() }
                };
                let all: f64 = states.iter().map(weight).sum();
                for (m, p) in law.magnetization.iter().zip(&law.probability) {
                    let expected: f64 = states.iter().filter(|s| s.magnetization == *m).map(weight).sum();
                    assert!((p - expected / all).abs() < 1e-13, "{name} T {temperature} M {m}");
                }
            }
        }
    }

    /// Of squares there are other transfer matrices; g(E) of theirs is made of integers.
    #[test]
    fn agrees_with_the_square_lattice() {
        for size in [5, 7, 8] {
            let found = strip(&format!("square:{size}"));
            let (levels, exact) = (found.density_of_states(), density_of_states(size).unwrap());
            assert_eq!(levels.energy, exact.energy);
            let close = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-12;
            assert!(levels.log_count.iter().zip(&exact.log_count).all(close), "{size}");
            for temperature in [0.0, 1.0, 2.269, 5.0, f64::INFINITY] {
                let law = found.magnetization_distribution(temperature).unwrap();
                let exact = magnetization_distribution(size, temperature).unwrap();
                let close = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-13;
                assert!(law.probability.iter().zip(&exact.probability).all(close), "{size} {temperature}");
            }
        }
    }

    /// The closed form of the triangular torus, whose ln Z, energy and specific heat are those of the states.
    #[test]
    fn agrees_with_the_four_products_of_the_triangular_lattice() {
        for size in [6, 8] {
            let states = strip(&format!("triangular:{size}")).density_of_states();
            for temperature in [0.5, 2.0, 3.6, 4.0 / 3f64.ln(), 5.0, 50.0] {
                let found = canonical(&states, size * size, temperature).unwrap();
                let exact = triangular(size, temperature).unwrap();
                assert!(
                    (found.log_partition / exact.log_partition - 1.0).abs() < 1e-12,
                    "{size} {temperature}"
                );
                assert!(
                    (found.energy_per_spin - exact.energy_per_spin).abs() < 1e-11,
                    "{size} {temperature}"
                );
                assert!((found.specific_heat - exact.specific_heat).abs() < 1e-9, "{size} {temperature}");
            }
        }
    }

    /// All states are counted, the ground states and those with one spin turned are known, turning every other spin of
    /// a lattice without odd rings turns the sign of every energy, and both sides may be the longer one.
    #[test]
    fn honeycomb_states_are_all_there() {
        let levels = strip("honeycomb:8x6").density_of_states();
        let all: f64 = levels.log_count.iter().map(|log| log.exp()).sum();
        assert!((all / 48f64.exp2() - 1.0).abs() < 1e-12);
        // One turned spin has three unsatisfied bonds, and two neighbours have four.
        assert_eq!(levels.energy[..3], [-72, -66, -64]);
        let counts: Vec<f64> = levels.log_count[..3].iter().map(|log| log.exp().round()).collect();
        assert_eq!(counts, [2.0, 96.0, 144.0]);
        let n = levels.energy.len();
        for k in 0..n {
            assert_eq!(levels.energy[k], -levels.energy[n - 1 - k]);
            assert!((levels.log_count[k] - levels.log_count[n - 1 - k]).abs() < 1e-12);
        }
    }

    #[test]
    fn others_are_refused_by_name() {
        for name in ["cubic:2", "chain:9", "none:9", "triangular:13", "square:12x22"] {
            let error = Strip::of(name.parse().unwrap()).unwrap_err().to_string();
            assert!(error.contains(name.split(':').next().unwrap()) && error.contains("12"), "{error}");
        }
    }
}
