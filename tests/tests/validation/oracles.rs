//! The exact results against each other.

use datasets::lattice::Lattice;
use ising_mc::Model;
use ising_mc::exact::{
    Count, JointCount, axis_correlation, canonical, critical_temperature, curie_weiss, density_of_states,
    enumerate, in_field, kaufman, levels, magnetization_distribution, mixture, onsager,
    spontaneous_magnetization,
};
use ising_mc::observables;

use super::{Check, Effort, Table};

type Failure = Box<dyn std::error::Error>;

/// Temperatures from the ground states to independent spins.
const TEMPERATURES: [f64; 6] = [0.4, 1.0, 2.0, 2.269, 4.0, f64::INFINITY];

/// The table of oracles.
///
/// # Errors
///
/// If an oracle refuses what it should do.
pub(crate) fn oracles(effort: Effort) -> Result<Table, Failure> {
    let mut checks = enumeration()?;
    checks.extend(density(effort)?);
    checks.extend(magnetization(effort)?);
    checks.extend(correlation(effort)?);
    checks.extend(closed_forms(effort)?);
    checks.extend(laws()?);
    Ok(Table::new("Exact results against each other", checks))
}

/// The largest of some deviations; NaN is infinite.
fn largest(deviations: impl IntoIterator<Item = f64>) -> f64 {
    deviations.into_iter().map(|d| if d.is_nan() { f64::INFINITY } else { d.abs() }).fold(0.0, f64::max)
}

fn relative(found: f64, expected: f64) -> f64 {
    (found - expected) / expected.abs().max(1.0)
}

fn enumeration() -> Result<Vec<Check>, Failure> {
    // g(E) of the 4 × 4 torus for E = −32, −24, −20, … 0, as anyone finds it.
    let known =
        [(-32, 2), (-24, 32), (-20, 64), (-16, 424), (-12, 1728), (-8, 6688), (-4, 13_568), (0, 20_524)];
    let states = enumerate(Lattice::square(4)?)?;
    let at = |energy: i32| states.iter().filter(|s| s.energy == energy).map(|s| s.count).sum::<u64>();
    let wrong = known.iter().filter(|&&(energy, count)| at(energy) != count || at(-energy) != count).count();
    let mut odd = 0;
    for size in 2..=5 {
        let total: u64 = enumerate(Lattice::square(size)?)?.iter().map(|s| s.count).sum();
        odd += u64::from(total != 1 << (size * size));
    }
    Ok(vec![
        Check::mismatches("enumeration", "published g(E) of the 4 × 4 torus", wrong as u64),
        Check::mismatches("enumeration", "2^N states, L = 2 … 5", odd),
    ])
}

fn density(effort: Effort) -> Result<Vec<Check>, Failure> {
    let mut wrong = 0;
    for size in 2..=4 {
        let states = enumerate(Lattice::square(size)?)?;
        let levels = levels(size)?;
        for (energy, count) in levels.energy.iter().zip(&levels.count) {
            let counted: u128 =
                states.iter().filter(|s| s.energy == *energy).map(|s| u128::from(s.count)).sum();
            wrong += u64::from(count.to_u128() != Some(counted));
        }
    }
    let sizes: &[usize] = if effort == Effort::Full { &[6, 10, 12, 16, 24, 32] } else { &[6, 10, 12] };
    let (mut totals, mut lowest) = (0, 0);
    for &size in sizes {
        let levels = levels(size)?;
        let sites = size * size;
        let total = levels.count.iter().fold(Count::from_u128(0), |sum, count| sum.plus(count));
        totals += u64::from(total != Count::power_of_two(sites));
        let first: Vec<Option<u128>> = levels.count[..3].iter().map(Count::to_u128).collect();
        // Two ground states, one turned spin, two turned neighbours.
        lowest += u64::from(first != [2, 2 * sites as u128, 4 * sites as u128].map(Some));
    }
    let states = density_of_states(10)?;
    let published = [(1.0, -1.997_160), (2.0, -1.745_431), (2.25, -1.500_168), (3.0, -0.825_641)];
    let mut energies = vec![];
    for (temperature, energy) in published {
        energies.push(canonical(&states, 100, temperature)?.energy_per_spin - energy);
    }
    let sizes = format!("L = {sizes:?}");
    Ok(vec![
        Check::mismatches("density of states", "enumeration, L = 2 … 4", wrong),
        Check::mismatches("density of states", "2^N states", totals).remark(sizes.clone()),
        Check::mismatches("density of states", "the three lowest levels", lowest).remark(sizes),
        Check::deviation(
            "density of states",
            "published energies, L = 10, six digits",
            largest(energies),
            5.1e-7,
        ),
    ])
}

/// Weights of (E, M) counts, from the lowest energy.
fn boltzmann(state: &JointCount, size: usize, temperature: f64, field: f64) -> f64 {
    let sites = (size * size) as f64;
    let excess =
        f64::from(state.energy) - field * f64::from(state.magnetization) + (2.0 + field.abs()) * sites;
    if excess == 0.0 { 1.0 } else { (-excess / temperature).exp() }
}

fn magnetization(effort: Effort) -> Result<Vec<Check>, Failure> {
    let (mut plain, mut tilted) = (vec![], vec![]);
    for size in 2..=4 {
        let states = enumerate(Lattice::square(size)?)?;
        for temperature in TEMPERATURES {
            for field in [0.0, 0.3, -1.0] {
                let weight = |s: &JointCount| s.count as f64 * boltzmann(s, size, temperature, field);
                let total: f64 = states.iter().map(weight).sum();
                let law = magnetization_distribution(size, temperature)?.in_field(field)?;
                for (m, p) in law.magnetization.iter().zip(&law.probability) {
                    let expected: f64 =
                        states.iter().filter(|s| s.magnetization == *m).map(weight).sum::<f64>() / total;
                    if field == 0.0 { &mut plain } else { &mut tilted }.push(p - expected);
                }
            }
        }
    }
    let mut hot = vec![];
    for size in [5, 10] {
        let sites = (size * size) as f64;
        let law = magnetization_distribution(size, f64::INFINITY)?;
        hot.push(law.squared() * sites - 1.0);
        hot.push(law.fourth() * sites.powi(3) / (3.0 * sites - 2.0) - 1.0);
    }
    let mut published = vec![];
    for (temperature, expected) in
        [(2.0, 0.911_122), (2.25, 0.772_391), (critical_temperature(), 0.756_274), (3.0, 0.277_498)]
    {
        published.push(magnetization_distribution(10, temperature)?.abs() - expected);
    }
    // Far below T_c the finite lattice has the bulk's magnetization.
    let size = if effort == Effort::Full { 12 } else { 10 };
    let found = magnetization_distribution(size, 1.2)?.abs();
    let bulk = spontaneous_magnetization(1.2)?;
    Ok(vec![
        Check::deviation("P(M)", "enumeration, L = 2 … 4", largest(plain), 1e-13),
        Check::deviation("P(M) in a field", "enumeration, L = 2 … 4", largest(tilted), 1e-13),
        Check::deviation("P(M)", "binomial moments at T = ∞", largest(hot), 1e-11),
        Check::deviation("P(M)", "published ⟨|m|⟩, L = 10, six digits", largest(published), 5.1e-7),
        Check::deviation("P(M)", "Yang's bulk magnetization at T = 1.2", found - bulk, 1e-9)
            .remark(format!("L = {size}")),
    ])
}

/// Energy, variance of H = E − hM, and G(r) of all configurations.
fn averages(size: usize, temperature: f64, field: f64) -> (f64, f64, Vec<f64>) {
    let lattice = Lattice::square(size).expect("a lattice");
    let sites = size * size;
    let mut sums = [0.0; 4];
    let mut products = vec![0.0; size / 2 + 1];
    for state in 0..1u32 << sites {
        let spins: Vec<i8> = (0..sites).map(|i| if state >> i & 1 == 1 { 1 } else { -1 }).collect();
        let energy = observables::energy(lattice, &spins);
        let magnetization = observables::magnetization(&spins);
        let joint = JointCount { energy, magnetization, count: 1 };
        let weight = boltzmann(&joint, size, temperature, field);
        let total = f64::from(energy) - field * f64::from(magnetization);
        for (sum, value) in sums.iter_mut().zip([1.0, f64::from(energy), total, total * total]) {
            *sum += weight * value;
        }
        for (sum, g) in products.iter_mut().zip(observables::axis_correlation(lattice, &spins)) {
            *sum += weight * g;
        }
    }
    let [z, energy, first, second] = sums;
    (energy / z / sites as f64, second / z - (first / z).powi(2), products.iter().map(|g| g / z).collect())
}

fn correlation(effort: Effort) -> Result<Vec<Check>, Failure> {
    let (mut correlations, mut energies, mut heats) = (vec![], vec![], vec![]);
    let sizes = if effort == Effort::Full { 2..=4 } else { 2..=3 };
    for size in sizes.clone() {
        for (temperature, field) in [(0.4, 0.0), (2.269, 0.0), (1.3, 0.2), (2.269, -0.5), (5.0, 3.0)] {
            let (energy, variance, correlation) = averages(size, temperature, field);
            let found = in_field(size, temperature, field)?;
            let heat = variance / (temperature * temperature * (size * size) as f64);
            energies.push(found.energy_per_spin - energy);
            heats.push(relative(found.specific_heat, heat));
            correlations.extend(found.correlation.iter().zip(&correlation).map(|(a, b)| a - b));
            if field == 0.0 {
                let plain = axis_correlation(size, temperature)?;
                correlations.extend(plain.iter().zip(&correlation).map(|(a, b)| a - b));
            }
        }
    }
    let (mut neighbours, mut responses, mut partitions) = (vec![], vec![], vec![]);
    let larger: &[usize] = if effort == Effort::Full { &[5, 8, 10, 12] } else { &[5, 8] };
    for &size in larger {
        for temperature in [0.7, 2.269, 4.0] {
            let exact = kaufman(size, temperature)?;
            neighbours.push(2.0 * axis_correlation(size, temperature)?[1] + exact.energy_per_spin);
            if size <= 10 {
                let found = in_field(size, temperature, 0.0)?;
                responses.push(relative(found.specific_heat, exact.specific_heat));
                let law = magnetization_distribution(size, temperature)?;
                let sites = (size * size) as f64;
                let ratio = law.average(|m| (sites * 0.1 * (m - 1.0) / temperature).exp()).ln();
                let tilted = in_field(size, temperature, 0.1)?.log_partition;
                partitions.push(tilted - found.log_partition - ratio);
            }
        }
    }
    let mut limits = axis_correlation(9, f64::INFINITY)?[1..].to_vec();
    limits.extend(axis_correlation(9, 0.0)?.iter().map(|g| g - 1.0));
    let sizes = format!("L = {sizes:?}").replace("..=", " … ");
    let larger = format!("L = {larger:?}");
    Ok(vec![
        Check::deviation("G(r)", "enumeration, with and without field", largest(correlations), 1e-11)
            .remark(sizes.clone()),
        Check::deviation("energy in a field", "enumeration", largest(energies), 1e-11).remark(sizes.clone()),
        Check::deviation("specific heat in a field", "enumeration", largest(heats), 1e-9).remark(sizes),
        Check::deviation("G(1)", "−⟨E⟩/2N by Kaufman", largest(neighbours), 1e-11).remark(larger),
        Check::deviation("specific heat by transfer matrix", "Kaufman, h = 0", largest(responses), 1e-8),
        Check::deviation("ln Z in a field", "P(M)", largest(partitions), 1e-9),
        Check::deviation("G(r)", "1 at T = 0, 0 at T = ∞", largest(limits), 1e-14),
    ])
}

fn closed_forms(effort: Effort) -> Result<Vec<Check>, Failure> {
    let mut deviations = [vec![], vec![], vec![]];
    let sizes: &[usize] = if effort == Effort::Full { &[2, 3, 4, 10, 16, 32] } else { &[2, 3, 4, 10] };
    for &size in sizes {
        let states = density_of_states(size)?;
        for temperature in TEMPERATURES {
            let (a, b) = (kaufman(size, temperature)?, canonical(&states, size * size, temperature)?);
            deviations[0].push(relative(a.log_partition, b.log_partition));
            deviations[1].push(a.energy_per_spin - b.energy_per_spin);
            deviations[2].push(relative(a.specific_heat, b.specific_heat));
        }
    }
    let [partition, energy, heat] = deviations.map(largest);
    let mut bulk = vec![];
    for temperature in [1.5, 2.0, 2.6, 4.0] {
        let (a, b) = (kaufman(512, temperature)?, onsager(temperature)?);
        bulk.push(a.energy_per_spin - b.energy_per_spin);
        bulk.push(a.specific_heat - b.specific_heat);
    }
    let critical = onsager(critical_temperature())?.energy_per_spin + 2f64.sqrt();
    let sizes = format!("L = {sizes:?}");
    Ok(vec![
        Check::deviation("Kaufman's ln Z", "density of states", partition, 1e-11).remark(sizes.clone()),
        Check::deviation("Kaufman's energy", "density of states", energy, 1e-11).remark(sizes.clone()),
        Check::deviation("Kaufman's specific heat", "density of states", heat, 1e-8).remark(sizes),
        Check::deviation("Onsager's energy and specific heat", "Kaufman at L = 512", largest(bulk), 1e-9),
        Check::deviation("Onsager's energy", "−√2 at T_c", critical, 1e-12),
    ])
}

fn laws() -> Result<Vec<Check>, Failure> {
    // The entropy of one temperature is ln Z + ⟨E⟩/T.
    let mut entropies = vec![];
    for (size, temperature) in [(10, 2.269), (16, 1.3), (10, 6.0)] {
        let found = kaufman(size, temperature)?;
        let expected = found.log_partition + (size * size) as f64 * found.energy_per_spin / temperature;
        let law = mixture(Model::Ising, Lattice::square(size)?, 0.0, &[(temperature, 1.0)])?;
        entropies.push(law.entropy().unwrap_or(f64::NAN) - expected);
    }
    // Both models without geometry are independent spins at T = ∞.
    let free = 100.0 * 2f64.ln();
    for model in [Model::Shuffled, Model::CurieWeiss] {
        entropies.push(
            mixture(model, Lattice::square(10)?, 0.0, &[(f64::INFINITY, 1.0)])?.entropy().unwrap_or(f64::NAN)
                - free,
        );
    }
    // Curie-Weiss by the sum over all pairs of 9 spins.
    let mut probabilities = vec![];
    for temperature in [1.0, 4.0, 7.0] {
        let mut weights = [0.0; 10];
        for state in 0..512u32 {
            let spin = |i: u32| if state >> i & 1 == 1 { 1.0 } else { -1.0 };
            let pairs: f64 =
                (0..9).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| spin(i) * spin(j)).sum();
            weights[state.count_ones() as usize] += (4.0 / 9.0 * pairs / temperature).exp();
        }
        let total: f64 = weights.iter().sum();
        let law = curie_weiss(3, temperature, 0.0)?;
        probabilities.extend(law.probability.iter().zip(weights).map(|(p, weight)| p - weight / total));
    }
    Ok(vec![
        Check::deviation("entropy of a training set", "ln Z + ⟨E⟩/T, N ln 2", largest(entropies), 1e-9),
        Check::deviation("P(M) of Curie and Weiss", "enumeration of 9 spins", largest(probabilities), 1e-13),
    ])
}
