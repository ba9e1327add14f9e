//! A made-up run with plausible numbers, for developing the pictures and for tests: a real little Monte Carlo for the
//! data, and simple formulas for everything that machines would do.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "a helper of tests and of the example, each of which uses a part"
)]

mod flows;

use datasets::{
    Boundary, Calibration, EquationOfState, Observables, Rbm, Source, Spins, Thermometer, Units, Weights,
};
use figures::{Group, Machine, Point, Replica, Run, Settings};
use ndarray::{Array1, Array2};

pub use flows::{FlowShape, block_spin, flow, map};

/// A small generator of random numbers: 64-bit xorshift with a multiplication.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn unit(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Roughly normal, mean 0 and deviation 1.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

pub const SIZE: usize = 10;

pub fn training_temperatures() -> Vec<f64> {
    (0..=24).map(|k| 0.25 * f64::from(k)).collect()
}

pub fn energy(size: usize, v: &[i8]) -> i32 {
    let mut sum = 0;
    for y in 0..size {
        for x in 0..size {
            let here = i32::from(v[y * size + x]);
            sum -= here * i32::from(v[y * size + (x + 1) % size]);
            sum -= here * i32::from(v[(y + 1) % size * size + x]);
        }
    }
    sum
}

/// Metropolis samples at one temperature, starting ordered; every second one is flipped.
pub fn sample(size: usize, temperature: f64, count: usize, random: &mut Random) -> Vec<Vec<i8>> {
    let mut v = vec![1i8; size * size];
    let sweep = |v: &mut Vec<i8>, random: &mut Random| {
        for _ in 0..size * size {
            let i = (random.unit() * (size * size) as f64) as usize;
            let (x, y) = (i % size, i / size);
            let neighbours = [
                v[y * size + (x + 1) % size],
                v[y * size + (x + size - 1) % size],
                v[(y + 1) % size * size + x],
                v[(y + size - 1) % size * size + x],
            ];
            let field: i32 = neighbours.iter().map(|&s| i32::from(s)).sum();
            let cost = f64::from(2 * i32::from(v[i]) * field);
            if cost <= 0.0 || (temperature > 0.0 && random.unit() < (-cost / temperature).exp()) {
                v[i] = -v[i];
            }
        }
    };
    let warm = if temperature > 0.0 { 60 } else { 0 };
    for _ in 0..warm {
        sweep(&mut v, random);
    }
    (0..count)
        .map(|k| {
            if temperature > 0.0 {
                for _ in 0..3 {
                    sweep(&mut v, random);
                }
            }
            if k % 2 == 1 { v.iter().map(|s| -s).collect() } else { v.clone() }
        })
        .collect()
}

/// Means and standard errors, as if the samples were independent.
fn mean(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    (mean, (variance / n).sqrt())
}

pub fn spins(size: usize, temperatures: &[f64], count: usize, seed: u64) -> Spins {
    let mut random = Random::new(seed);
    let sites = (size * size) as f64;
    let mut rows: Vec<i8> = Vec::new();
    let (mut labels, mut energies, mut magnetizations) = (vec![], vec![], vec![]);
    let mut observables = Observables::default();
    for (t, &temperature) in temperatures.iter().enumerate() {
        let samples = sample(size, temperature, count, &mut random);
        let e: Vec<f64> = samples.iter().map(|v| f64::from(energy(size, v))).collect();
        let m: Vec<f64> =
            samples.iter().map(|v| f64::from(v.iter().map(|&s| i32::from(s)).sum::<i32>()) / sites).collect();
        let (mean_e, error_e) = mean(&e);
        let absolute: Vec<f64> = m.iter().map(|m| m.abs()).collect();
        let (mean_m, error_m) = mean(&absolute);
        let (variance_e, _) = mean(&e.iter().map(|e| (e - mean_e).powi(2)).collect::<Vec<_>>());
        let (variance_m, _) = mean(&absolute.iter().map(|m| (m - mean_m).powi(2)).collect::<Vec<_>>());
        let relative = (2.0 / count as f64).sqrt();
        let scale = if temperature > 0.0 { 1.0 / temperature } else { 0.0 };
        observables.energy_per_spin.push(mean_e / sites);
        observables.energy_per_spin_error.push(2.0 * error_e / sites);
        observables.abs_magnetization.push(mean_m);
        observables.abs_magnetization_error.push(2.0 * error_m);
        observables.specific_heat.push(variance_e / sites * scale * scale);
        observables.specific_heat_error.push(2.0 * relative * variance_e / sites * scale * scale);
        observables.susceptibility.push(sites * variance_m * scale);
        observables.susceptibility_error.push(2.0 * relative * sites * variance_m * scale);
        observables.binder_cumulant.push(2.0 / 3.0);
        observables.binder_cumulant_error.push(0.01);
        labels.extend(std::iter::repeat_n(t as u16, samples.len()));
        energies.extend(e.iter().map(|&e| e as i32));
        magnetizations.extend(m.iter().map(|m| (m * sites).round() as i32));
        rows.extend(samples.into_iter().flatten());
    }
    let n = labels.len();
    Spins {
        lattice: datasets::lattice::Lattice::square(size).unwrap(),
        boundary: Boundary::Periodic,
        coupling: 1.0,
        field: 0.0,
        algorithm: "metropolis".to_owned(),
        label_kind: datasets::LabelKind::Temperature,
        temperature: temperatures.to_vec(),
        samples: Array2::from_shape_vec((n, size * size), rows).expect("n rows of size * size sites"),
        labels,
        energy: energies,
        magnetization: magnetizations,
        observables,
    }
}

/// A table of the same Monte Carlo that stands for the exact one, which would take ten seconds.
pub fn equation_of_state(size: usize, step: f64, count: usize) -> EquationOfState {
    let temperature: Vec<f64> = (0..=(6.5 / step).round() as usize).map(|k| k as f64 * step).collect();
    let s = spins(size, &temperature, count, 99);
    let zeros = vec![0.0; temperature.len()];
    let o = &s.observables;
    let sites = (size * size) as f64;
    let squared: Vec<f64> = (0..temperature.len())
        .map(|i| o.susceptibility[i] * temperature[i] / sites + o.abs_magnetization[i].powi(2))
        .collect();
    // Ascending energies, as exact ones are.
    let mut energy_per_spin = o.energy_per_spin.clone();
    for i in 1..energy_per_spin.len() {
        energy_per_spin[i] = energy_per_spin[i].max(energy_per_spin[i - 1] + 1e-6);
    }
    EquationOfState {
        field: 0.0,
        magnetization: None,
        correlation: None,
        lattice: datasets::lattice::Lattice::square(size).unwrap(),
        source: Source::Exact,
        energy_per_spin,
        energy_per_spin_error: zeros.clone(),
        specific_heat: o.specific_heat.clone(),
        specific_heat_error: zeros.clone(),
        abs_magnetization: o.abs_magnetization.clone(),
        abs_magnetization_error: zeros.clone(),
        fourth_magnetization: squared.iter().map(|s| s * s).collect(),
        squared_magnetization: squared,
        squared_magnetization_error: zeros.clone(),
        fourth_magnetization_error: zeros,
        temperature,
        density_of_states: None,
    }
}

/// Probabilities of the classes for an ensemble at a temperature: a normal distribution in T that is narrow when cold.
pub fn posterior(classes: &[f64], temperature: f64, width: f64) -> Vec<f64> {
    let deviation = width * (0.25 + 0.12 * temperature);
    let weights: Vec<f64> =
        classes.iter().map(|c| (-((c - temperature) / deviation).powi(2) / 2.0).exp() + 1e-4).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|w| w / sum).collect()
}

pub fn thermometer(size: usize, classes: &[f64], seed: u64) -> Thermometer {
    let n = classes.len();
    let mut random = Random::new(seed);
    let grid = |width: f64| Array2::from_shape_fn((n, n), |(i, j)| posterior(classes, classes[i], width)[j]);
    let bayes = grid(1.4);
    let network = grid(1.55 + 0.02 * random.normal());
    Thermometer {
        lattice: datasets::lattice::Lattice::square(size).unwrap(),
        label_kind: datasets::LabelKind::Temperature,
        layers: vec![],
        temperature: classes.to_vec(),
        calibration: Calibration {
            confusion: network.clone(),
            mean_posterior: network,
            cross_entropy: 2.182 + 0.003 * random.normal(),
            cross_entropy_error: 0.004,
            bayes_cross_entropy: Some(2.1263 + 0.002 * random.normal()),
            bayes_mean_posterior: Some(bayes),
            bayes_optimum: Some(2.1251),
        },
        training_cross_entropy: vec![3.0, 2.4, 2.2],
        validation_cross_entropy: vec![3.0, 2.45, 2.25],
        best_epoch: 3,
    }
}

/// The weights' analysis of a matrix with the given eigenvalue for each pair of wave numbers.
pub fn weights(size: usize, kind: &str, spins: &Spins, random: &mut Random) -> Weights {
    let sites = size * size;
    let mut modes: Vec<(f64, u32, Vec<f64>)> = Vec::new();
    let angle = |k: usize, x: usize| 2.0 * std::f64::consts::PI * (k * x) as f64 / size as f64;
    let folded = |k: usize| k.min(size - k) as u32;
    for ky in 0..size {
        for kx in 0..size {
            let (opposite_x, opposite_y) = ((size - kx) % size, (size - ky) % size);
            let shell = folded(kx).pow(2) + folded(ky).pow(2);
            let cosine = (ky, kx) <= (opposite_y, opposite_x);
            let vector: Vec<f64> = (0..sites)
                .map(|i| {
                    let phase = angle(kx, i % size) + angle(ky, i / size);
                    if cosine { phase.cos() } else { phase.sin() }
                })
                .collect();
            let norm = vector.iter().map(|v| v * v).sum::<f64>().sqrt();
            let noise = 1.0 + 0.05 * random.normal();
            let value = noise
                * match (kind, shell) {
                    ("V", _) => 6.0 * (-0.5 * f64::from(shell).sqrt()).exp(),
                    ("H", _) => 2.5 * (-0.35 * f64::from(shell).sqrt()).exp(),
                    (_, 0) => 41.0,
                    _ => 0.6 * (-0.1 * f64::from(shell).sqrt()).exp(),
                };
            modes.push((value, shell, vector.iter().map(|v| v / norm).collect()));
        }
    }
    modes.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut gram = Array2::<f64>::zeros((sites, sites));
    for (value, _, vector) in &modes {
        for i in 0..sites {
            for j in 0..sites {
                gram[[i, j]] += value * vector[i] * vector[j];
            }
        }
    }
    for i in 0..sites {
        for j in 0..=i {
            let noise = 0.06 * random.normal();
            gram[[i, j]] += noise;
            if i != j {
                gram[[j, i]] += noise;
            }
        }
    }
    let mut distances: Vec<f64> = Vec::new();
    let distance = |i: usize, j: usize| {
        let fold = |a: usize, b: usize| {
            let d = a.abs_diff(b);
            d.min(size - d) as f64
        };
        fold(i % size, j % size).hypot(fold(i / size, j / size))
    };
    for j in 0..sites {
        if !distances.iter().any(|d| (d - distance(0, j)).abs() < 1e-9) {
            distances.push(distance(0, j));
        }
    }
    distances.sort_by(f64::total_cmp);
    let (mut by_distance, mut deviation) = (vec![], vec![]);
    for d in &distances {
        let elements: Vec<f64> = (0..sites * sites)
            .map(|k| (k / sites, k % sites))
            .filter(|&(i, j)| (distance(i, j) - d).abs() < 1e-9)
            .map(|(i, j)| gram[[i, j]])
            .collect();
        let (m, error) = mean(&elements);
        by_distance.push(m);
        deviation.push(error * (elements.len() as f64).sqrt());
    }
    let mut shells: Vec<u32> = modes.iter().map(|m| m.1).collect();
    shells.sort_unstable();
    shells.dedup();
    let eigenvectors = Array2::from_shape_fn((sites, sites), |(i, k)| modes[k].2[i]);
    let temperatures = spins.temperature.clone();
    let mut projection = Array2::zeros((temperatures.len(), sites));
    let mut error = Array2::zeros((temperatures.len(), sites));
    let mut squared = Vec::new();
    for t in 0..temperatures.len() {
        let samples = spins.at(t).mapv(f64::from);
        let products = samples.dot(&eigenvectors);
        for k in 0..sites {
            let squares: Vec<f64> =
                products.column(k).iter().map(|p| p * p * if k == 0 { 0.98 } else { 1.0 }).collect();
            let (m, e) = mean(&squares);
            projection[[t, k]] = m;
            error[[t, k]] = e;
        }
        let m2: Vec<f64> = samples.rows().into_iter().map(|r| r.sum().powi(2) / sites as f64).collect();
        squared.push(mean(&m2).0);
    }
    let overlap = |k: usize| {
        let exact = if modes[k].1 == 0 { 1.0 } else { 0.0 };
        if kind == "L" { exact } else { exact * 0.97 + 0.01 * random_like(k) }
    };
    Weights {
        lattice: datasets::lattice::Lattice::square(size).unwrap(),
        gram: Some(gram),
        distance: distances,
        gram_by_distance: by_distance,
        gram_by_distance_deviation: deviation,
        translation_invariant_fraction: Some(0.93),
        eigenvalues: modes.iter().map(|m| m.0).collect(),
        singular_values: modes.iter().map(|m| m.0.sqrt()).collect(),
        left_singular_vectors: eigenvectors.clone(),
        right_singular_vectors: Array2::zeros((1, sites)),
        residual: None,
        uniform_overlap: (0..sites).map(overlap).collect(),
        shell_power: Array2::from_shape_fn((sites, shells.len()), |(k, s)| {
            if shells[s] == modes[k].1 { 0.9 } else { 0.1 / (shells.len() - 1) as f64 }
        }),
        shell: shells,
        eigenvectors,
        temperature: temperatures,
        projection,
        projection_error: error,
        squared_magnetization: squared,
        couplings: None,
    }
}

fn random_like(k: usize) -> f64 {
    ((k * 2_654_435_761) % 1000) as f64 / 1000.0
}

pub fn rbm(visible: usize, hidden: usize, temperatures: &[f64], updates: u64, random: &mut Random) -> Rbm {
    let scale = 0.15 + updates as f64 / 60_000.0;
    let epochs: Vec<u32> = (0..=20).map(|k| k * 5).collect();
    let series = |from: f64, to: f64, rate: f64| -> Vec<f64> {
        epochs.iter().map(|&e| to + (from - to) * (-rate * f64::from(e)).exp()).collect()
    };
    let size = hidden as f64;
    let history = [
        ("reconstruction_error".to_owned(), series(0.5, 0.3 - 0.03 * size.ln(), 0.08)),
        ("pseudo_log_likelihood_per_spin".to_owned(), series(-0.69, -0.42 + 0.01 * size.ln(), 0.06)),
        ("max_abs_weight".to_owned(), series(0.4, 0.6 + 0.3 * size.ln() / 4.0, 0.02)),
        ("translation_invariant_fraction".to_owned(), series(0.3, 0.98 - 0.02 * size.ln(), 0.05)),
    ];
    Rbm {
        units: Units::Spin,
        weights: Array2::from_shape_fn((visible, hidden), |_| (scale * random.normal()) as f32),
        visible_bias: Array1::zeros(visible),
        hidden_bias: Array1::zeros(hidden),
        training_temperatures: temperatures.to_vec(),
        updates,
        history_epoch: epochs,
        history: history.into_iter().collect(),
    }
}

/// Temperatures of the fixed points by N_h, as in the project's reference numbers.
pub fn fixed_temperature(hidden: usize) -> f64 {
    2.80 - 0.42 * ((hidden as f64) / 6.0).ln() * 0.8
}

/// The whole made-up paper run; `replicas` independent ones.
pub fn run(replicas: u64, hidden: &[usize]) -> Run {
    let table = equation_of_state(SIZE, 0.05, 400);
    let temperatures = training_temperatures();
    let all: Vec<Replica> = (0..replicas)
        .map(|r| {
            let mut random = Random::new(7 + r);
            let spins = spins(SIZE, &temperatures, 200, 1 + r);
            let mut machines = Vec::new();
            let mut add =
                |training: &str, group: Group, hidden: usize, updates: u64, list: &[f64], target: f64| {
                    let slow = if training == "V" { 0.9 / (hidden as f64).sqrt() } else { 0.4 };
                    let apart = if hidden > 300 { 1.2 } else { 0.0 };
                    let shape = FlowShape { target: target + 0.012 * random.normal(), rate: slow, apart };
                    let weights = (group == Group::Main && hidden == 64)
                        .then(|| weights(SIZE, training, &spins, &mut random));
                    machines.push(Machine {
                        training: training.to_owned(),
                        group,
                        settings: Settings { temperatures: list.to_vec(), ..Settings::default() },
                        hidden,
                        updates,
                        rbm: rbm(SIZE * SIZE, hidden, list, updates, &mut random),
                        flow: Some(flow(&table, &temperatures, shape, &mut random)),
                        map: (group == Group::Main && training == "V")
                            .then(|| map(&table, &temperatures, shape, &mut random)),
                        weights,
                        likelihood: None,
                    });
                };
            for &h in hidden {
                add(
                    "V",
                    Group::Main,
                    h,
                    if h == 16 { 7_500 } else { 25_000 },
                    &temperatures,
                    fixed_temperature(h),
                );
            }
            add("H", Group::Main, 64, 27_000, &temperatures[16..], 5.15);
            add("L", Group::Main, 64, 10_000, &[0.0], 0.9);
            for (updates, target) in [(2_500, 2.45), (6_250, 2.3), (12_500, 2.14), (50_000, 1.9)] {
                add("V", Group::Updates, 64, updates, &temperatures, target);
            }
            add("range-0-4", Group::Range, 64, 25_000, &temperatures[..17], 1.71);
            add("range-1-6", Group::Range, 64, 25_000, &temperatures[4..], 2.33);
            add("control-0-inf", Group::Control, 16, 7_500, &[0.0, f64::INFINITY], 2.21);
            Replica {
                thermometer: Some(thermometer(SIZE, &temperatures, 3 + r)),
                block_spin: Some(block_spin(&table, &temperatures, &mut random)),
                block_spin_spins: None,
                machines,
                spins: Some(spins),
            }
        })
        .collect();
    Run {
        name: "synthetic".to_owned(),
        description: "Made-up numbers for developing the pictures".to_owned(),
        config: "# not a real experiment\nsize = 10\n".to_owned(),
        seed: 1,
        equation_of_state: Some(table),
        tables: vec![],
        points: points(&all),
        replicas: all,
        command: "cargo run -p rbmflow-figures --example gallery".to_owned(),
    }
}

/// The machines of all replicas as points.
fn points(replicas: &[Replica]) -> Vec<Point> {
    let of = |(index, replica): (usize, &Replica)| {
        replica.machines.iter().map(|machine| Point::of(index, machine)).collect::<Vec<_>>()
    };
    replicas.iter().enumerate().flat_map(of).collect()
}
