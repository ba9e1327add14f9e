//! The kernels against a plain version, and the claims of the module's documentation.

use numerics::streams::stream;
use rand_chacha::rand_core::Rng as _;

use super::*;
use crate::thresholds::{DIGITS, threshold};

/// xoshiro256++ in eight lanes, as its authors wrote it.
pub(super) struct PlainGenerator {
    states: Vec<[u64; 4]>,
}

impl PlainGenerator {
    pub(super) fn from_stream(stream: &mut ChaCha8Rng) -> Self {
        Self { states: (0..8).map(|_| std::array::from_fn(|_| stream.next_u64())).collect() }
    }

    /// One bit for each replica.
    fn next(&mut self) -> Vec<bool> {
        let words: Vec<u64> = self
            .states
            .iter_mut()
            .map(|s| {
                let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
                let t = s[1] << 17;
                s[2] ^= s[0];
                s[3] ^= s[1];
                s[1] ^= s[2];
                s[0] ^= s[3];
                s[2] ^= t;
                s[3] = s[3].rotate_left(45);
                result
            })
            .collect();
        (0..REPLICAS).map(|r| words[r / 64] >> (r % 64) & 1 == 1).collect()
    }

    /// For each of `count` sites and each replica: the number of digits until the first 1, and the first bit.
    pub(super) fn draw(&mut self, count: usize) -> (Vec<Vec<usize>>, Vec<Vec<bool>>) {
        let own = 6;
        let mut digits = vec![vec![0; REPLICAS]; count];
        let mut fair = Vec::new();
        for digits in &mut digits {
            for place in 1..=own {
                let bits = self.next();
                for (digit, &bit) in digits.iter_mut().zip(&bits) {
                    if *digit == 0 && bit {
                        *digit = place;
                    }
                }
                if place == 1 {
                    fair.push(bits);
                }
            }
        }
        loop {
            // The first undecided site of each replica.
            let mut open: Vec<Option<usize>> =
                (0..REPLICAS).map(|r| (0..count).find(|&k| digits[k][r] == 0)).collect();
            if open.iter().all(Option::is_none) {
                return (digits, fair);
            }
            for place in own + 1..=DIGITS {
                if open.iter().all(Option::is_none) {
                    break;
                }
                let bits = self.next();
                for r in 0..REPLICAS {
                    // The last digit decides in any case.
                    if let Some(site) = open[r]
                        && (bits[r] || place == DIGITS)
                    {
                        digits[site][r] = place;
                        open[r] = None;
                    }
                }
            }
        }
    }
}

/// The new spin from the old one, the number of up neighbours, the verdicts by number, and a fair bit.
type NewSpin<'a> = &'a dyn Fn(bool, usize, &dyn Fn(usize) -> bool, bool) -> bool;

/// A sweep of each replica with if and else.
fn plain_sweep(
    lattice: Lattice,
    spins: &mut [Vec<bool>],
    generator: &mut PlainGenerator,
    new_spin: NewSpin,
    probabilities: &[f64],
) {
    let (sites, neighbours) = (lattice.sites(), lattice.neighbours());
    let mut site = 0;
    while site < sites {
        let count = (sites - site).min(16);
        let (digits, fair) = generator.draw(count);
        for k in 0..count {
            for r in 0..REPLICAS {
                let up = neighbours.of(site).iter().filter(|&&n| spins[n as usize][r]).count();
                let verdict = |n: usize| threshold(probabilities[n]) >> (DIGITS - digits[k][r]) & 1 == 1;
                spins[site][r] = new_spin(spins[site][r], up, &verdict, fair[k][r]);
            }
            site += 1;
        }
    }
}

fn square(size: usize) -> Lattice {
    Lattice::square(size).unwrap()
}

fn compare(update: Update, temperature: f64, field: f64, new_spin: NewSpin) {
    let probabilities: Vec<f64> = match (update, field == 0.0) {
        (Update::Metropolis, true) => DampedMetropolis::probabilities(temperature)
            .map_or(Metropolis::probabilities(temperature).to_vec(), |damped| damped.to_vec()),
        (Update::HeatBath, true) => HeatBath::probabilities(temperature).to_vec(),
        (Update::Metropolis, false) => MetropolisInField::probabilities::<6>(temperature, field).to_vec(),
        (Update::HeatBath, false) => HeatBathInField::probabilities::<5>(temperature, field).to_vec(),
    };
    for lattice in [2, 3, 4, 7, 10].map(square).into_iter().chain(["square:3x5".parse().unwrap()]) {
        check_kernel(lattice, update, temperature, field, new_spin, &probabilities);
    }
}

fn check_kernel(
    lattice: Lattice,
    update: Update,
    temperature: f64,
    field: f64,
    new_spin: NewSpin,
    probabilities: &[f64],
) {
    let seed = || stream(3, "kernel test", &[lattice.sites() as u64]);
    let mut generator = PlainGenerator::from_stream(&mut seed());
    let mut expected = vec![vec![field >= 0.0; REPLICAS]; lattice.sites()];
    // Fewer than eight, so that no replica is turned in a field.
    for _ in 0..7 {
        plain_sweep(lattice, &mut expected, &mut generator, new_spin, probabilities);
    }
    for width in Width::ALL {
        let mut block = Block::new(lattice, temperature, field, update, width, &mut seed());
        block.sweep(3);
        block.sweep(4);
        let found: Vec<Vec<bool>> =
            block.spins.iter().map(|word| (0..REPLICAS).map(|r| word.bit(r)).collect()).collect();
        assert!(found == expected, "{update:?}, field {field}, {lattice}, {width:?}");
    }
}

/// All rules on lattices with other numbers of neighbours, by what they are meant to be: P(turn | neighbours).
#[test]
fn kernels_of_other_lattices_are_the_plain_version() {
    let boltzmann = |x: f64, temperature: f64| crate::thresholds::exp(-x / temperature);
    for name in ["chain:2", "chain:17", "honeycomb:6x4", "triangular:3x5", "cubic:3", "cubic:2x3x4"] {
        let lattice: Lattice = name.parse().unwrap();
        let z = lattice.coordination();
        // The local fields above 0, ascending.
        let positive: Vec<usize> = (1..=z).filter(|b| (z - b).is_multiple_of(2)).collect();
        let place = |b: usize| positive.iter().position(|&p| p == b).unwrap();
        for temperature in [0.4, 2.1, 20.0] {
            let smallest = 2.0 * positive[0] as f64;
            let into = (1.5 / (1.0 + boltzmann(smallest, temperature))).min(15.0 / 16.0);
            let costs = positive.iter().map(|&b| into * boltzmann(2.0 * b as f64, temperature));
            let probabilities: Vec<f64> = costs.chain([into]).collect();
            let metropolis: NewSpin = &|spin, up, verdict, fair| {
                let parallel = if spin { up } else { z - up };
                spin != match (2 * parallel).cmp(&z) {
                    std::cmp::Ordering::Less => verdict(positive.len()),
                    std::cmp::Ordering::Equal => fair,
                    std::cmp::Ordering::Greater => verdict(place(2 * parallel - z)),
                }
            };
            check_kernel(lattice, Update::Metropolis, temperature, 0.0, metropolis, &probabilities);
            let against = |&b: &usize| crate::thresholds::logistic_of_minus(2.0 * b as f64 / temperature);
            let probabilities: Vec<f64> = positive.iter().map(against).collect();
            let heat_bath: NewSpin = &|_, up, verdict, fair| match (2 * up).cmp(&z) {
                std::cmp::Ordering::Less => verdict(place(z - 2 * up)),
                std::cmp::Ordering::Equal => fair,
                std::cmp::Ordering::Greater => !verdict(place(2 * up - z)),
            };
            check_kernel(lattice, Update::HeatBath, temperature, 0.0, heat_bath, &probabilities);
            for field in [0.3, -2.5] {
                let local = |up: usize| 2.0 * up as f64 - z as f64 + field;
                let up: Vec<f64> = (0..=z)
                    .map(|n| crate::thresholds::logistic_of_minus(-2.0 * local(n) / temperature))
                    .collect();
                check_kernel(
                    lattice,
                    Update::HeatBath,
                    temperature,
                    field,
                    &|_, up, verdict, _| verdict(up),
                    &up,
                );
                let smallest = (0..=z).map(|n| 2.0 * local(n).abs()).fold(f64::INFINITY, f64::min);
                let into = (1.5 / (1.0 + boltzmann(smallest, temperature))).min(15.0 / 16.0);
                let out = (0..=z).map(|n| into * boltzmann(2.0 * local(n).abs(), temperature));
                let probabilities: Vec<f64> = out.chain([into]).collect();
                let metropolis: NewSpin = &|spin, up, verdict, _| {
                    spin != if spin == (local(up) > 0.0) { verdict(up) } else { verdict(z + 1) }
                };
                check_kernel(lattice, Update::Metropolis, temperature, field, metropolis, &probabilities);
            }
        }
    }
}

#[test]
fn metropolis_is_the_plain_version() {
    for (temperature, damped) in [(2.1, false), (5.7, false), (5.8, true), (1e3, true)] {
        compare(Update::Metropolis, temperature, 0.0, &|spin, up, verdict, fair| {
            let parallel = if spin { up } else { 4 - up };
            let flip = match parallel {
                0 | 1 => !damped || verdict(2),
                2 => fair,
                3 => verdict(0),
                _ => verdict(1),
            };
            spin != flip
        });
    }
}

#[test]
fn heat_bath_is_the_plain_version() {
    compare(Update::HeatBath, 2.1, 0.0, &|_, up, verdict, fair| match up {
        0 => verdict(1),
        1 => verdict(0),
        2 => fair,
        3 => !verdict(0),
        _ => !verdict(1),
    });
}

#[test]
fn rules_in_a_field_are_the_plain_version() {
    for field in [0.3, -2.5, 5.0] {
        compare(Update::HeatBath, 2.1, field, &|_, up, verdict, _| verdict(up));
        compare(Update::Metropolis, 2.1, field, &|spin, up, verdict, _| {
            let favoured = 2.0 * up as f64 - 4.0 + field > 0.0;
            spin != if spin == favoured { verdict(up) } else { verdict(5) }
        });
    }
}

/// Detailed balance at any temperature, no eigenvalue of an update below −½, and plain Metropolis up to T = 4 / ln 2.
#[test]
fn damped_acceptances_keep_the_law_and_forget() {
    for temperature in [1.0, 5.77, 5.78, 8.0, 100.0, 1e6, 1e300] {
        let boltzmann = |x: f64| (-x / temperature).exp();
        for field in [0.1, -1.0, 4.0, 10.0, 1e-300] {
            let found = MetropolisInField::probabilities::<6>(temperature, field);
            for (n, against) in found[..5].iter().enumerate() {
                let x = 2.0 * (2.0 * n as f64 - 4.0 + field).abs();
                assert!((against / found[5] - boltzmann(x)).abs() < 1e-15, "{field} {n}");
                assert!(1.0 - against - found[5] > -0.5 - 1e-15, "{field} {n}");
            }
        }
        let Some([one, two, into]) = DampedMetropolis::probabilities(temperature) else {
            assert!(temperature < 4.0 / 2f64.ln());
            continue;
        };
        assert!(temperature > 4.0 / 2f64.ln());
        for (against, x) in [(one, 4.0), (two, 8.0)] {
            assert!((against / into - boltzmann(x)).abs() < 1e-15);
            assert!(1.0 - against - into > -0.5 - 1e-15 && against > 0.0 && into < 1.0);
        }
    }
}

#[test]
fn counters_agree_with_the_configurations() {
    let others = ["chain:9", "square:3x8", "honeycomb:6x4", "triangular:4", "cubic:3x2x5"];
    let others = others.into_iter().map(|name| name.parse().unwrap());
    for lattice in [2, 3, 10, 17].map(square).into_iter().chain(others) {
        let mut stream = stream(4, "counters", &[]);
        let mut block = Block::new(lattice, 2.5, 0.0, Update::Metropolis, Width::Portable, &mut stream);
        block.sweep(20);
        let (mut energy, mut magnetization) = (vec![0; 100], vec![0; 100]);
        block.measure(&mut energy, &mut magnetization);
        let mut spins = vec![0; lattice.sites()];
        for replica in 0..100 {
            block.copy(replica, &mut spins);
            assert_eq!(energy[replica], crate::observables::energy(lattice, &spins));
            assert_eq!(magnetization[replica], crate::observables::magnetization(&spins));
        }
    }
}

/// Up neighbours of a site in a state given as bits.
pub(super) fn up_neighbours(size: usize, state: u32, site: usize) -> u32 {
    let (x, y) = (site % size, site / size);
    let at = |x: usize, y: usize| state >> (y % size * size + x % size) & 1;
    at(x + 1, y) + at(x + size - 1, y) + at(x, y + 1) + at(x, y + size - 1)
}

/// The claim of the proof: from each state, two sweeps that choose down wherever they can end in "all down".
#[test]
fn two_sweeps_reach_all_down() {
    for size in [2, 3, 4] {
        for start in 0..1u32 << (size * size) {
            let mut state = start;
            for _ in 0..2 {
                for site in 0..size * size {
                    let down = state >> site & 1 == 0;
                    let forced = down && up_neighbours(size, state, site) >= 3;
                    state = if forced { state | 1 << site } else { state & !(1 << site) };
                }
            }
            assert_eq!(state, 0, "L = {size} from {start:b}");
        }
    }
}

/// The number of states that sweeps can reach from "all up"; with `lazy`, ΔE = 0 may also be refused.
fn reachable(size: usize, lazy: bool) -> usize {
    let states = 1usize << (size * size);
    let mut reached = vec![false; states];
    reached[states - 1] = true;
    loop {
        let before = reached.iter().filter(|&&r| r).count();
        let mut now = reached.clone();
        for site in 0..size * size {
            let mut next = vec![false; states];
            for state in (0..states).filter(|&state| now[state]) {
                let up = up_neighbours(size, state as u32, site);
                let parallel = if state >> site & 1 == 1 { up } else { 4 - up };
                next[state ^ 1 << site] = true;
                next[state] |= parallel > 2 || (lazy && parallel == 2);
            }
            now = next;
        }
        for (reached, now) in reached.iter_mut().zip(now) {
            *reached |= now;
        }
        if reached.iter().filter(|&&r| r).count() == before {
            return before;
        }
    }
}

#[test]
fn always_accepting_no_change_is_reducible_and_ours_is_not() {
    for size in [2, 3, 4] {
        let states = 1 << (size * size);
        assert!(reachable(size, false) < states, "L = {size}");
        assert_eq!(reachable(size, true), states, "L = {size}");
    }
}
