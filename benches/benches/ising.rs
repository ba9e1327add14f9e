//! Monte Carlo of the Ising model: attempted flips per second of the single-spin kernels, microseconds per cluster
//! update, seconds per exact result.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use datasets::lattice::Lattice;
use ising_mc::exact::{
    critical_temperature, critical_temperature_of, density_of_states, kaufman, magnetization_distribution,
};
use ising_mc::sampler::{Algorithm, Model, ensemble};
use ising_mc::{SampleConfig, sample};
use numerics::streams::stream;
use numerics::vector::{Width, widest};

fn square(size: usize) -> Lattice {
    Lattice::square(size).unwrap()
}

fn model(size: usize) -> Model {
    Model { lattice: square(size), temperature: critical_temperature(), field: 0.0 }
}

/// One element is one attempted flip; 512 replicas; single thread.
fn single_spin(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("single spin");
    for algorithm in [Algorithm::Metropolis, Algorithm::HeatBath] {
        for width in Width::ALL.into_iter().filter(|&width| width <= widest()) {
            for size in [10, 64, 512] {
                let mut block = ensemble(algorithm, model(size), 512, width, &mut stream(1, "bench", &[]));
                block.sweep(10).unwrap();
                group.throughput(Throughput::Elements((512 * size * size) as u64));
                let name = format!("{}, {}", algorithm.name(), width.name());
                group.bench_function(BenchmarkId::new(name, size), |bencher| bencher.iter(|| block.sweep(1)));
            }
        }
    }
    group.finish();
}

/// The same on every lattice, about 100 and 4000 sites each, at its critical temperature (the chain at that of the
/// square lattice).
fn other_lattices(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("single spin on lattices");
    let small = ["chain:100", "square:10", "honeycomb:14x8", "triangular:10", "cubic:5"];
    let large = ["chain:4096", "square:64", "honeycomb:64", "triangular:64", "cubic:16"];
    for name in small.into_iter().chain(large) {
        let lattice: Lattice = name.parse().unwrap();
        let critical = critical_temperature_of(lattice.kind()).filter(|&t| t > 0.0);
        let temperature = critical.unwrap_or_else(critical_temperature);
        let model = Model { lattice, temperature, field: 0.0 };
        for algorithm in [Algorithm::Metropolis, Algorithm::HeatBath] {
            let mut block = ensemble(algorithm, model, 512, widest(), &mut stream(1, "bench", &[]));
            block.sweep(10).unwrap();
            group.throughput(Throughput::Elements((512 * lattice.sites()) as u64));
            group.bench_function(BenchmarkId::new(algorithm.name(), name), |bencher| {
                bencher.iter(|| block.sweep(1));
            });
        }
    }
    group.finish();
}

/// One element is one attempted flip; one lattice; single thread.
fn one_lattice(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one lattice");
    for width in Width::ALL.into_iter().filter(|&width| width <= widest()) {
        for size in [64, 512] {
            let mut chain =
                ensemble(Algorithm::Checkerboard, model(size), 1, width, &mut stream(1, "bench", &[]));
            chain.sweep(10).unwrap();
            group.throughput(Throughput::Elements((size * size) as u64));
            let name = format!("checkerboard, {}", width.name());
            group.bench_function(BenchmarkId::new(name, size), |bencher| bencher.iter(|| chain.sweep(1)));
        }
    }
    group.finish();
}

/// One element is one cluster update.
fn cluster(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cluster update");
    for algorithm in [Algorithm::Wolff, Algorithm::SwendsenWang] {
        let mut chain = ensemble(algorithm, model(64), 1, widest(), &mut stream(1, "bench", &[]));
        chain.sweep(200).unwrap();
        group.throughput(Throughput::Elements(chain.updates_per_sweep().round() as u64));
        group.bench_function(BenchmarkId::new(algorithm.name(), 64), |bencher| {
            bencher.iter(|| chain.sweep(1))
        });
    }
    group.finish();
}

fn exact(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("exact");
    group.sample_size(10);
    for size in [10, 32] {
        group.bench_function(BenchmarkId::new("density of states", size), |bencher| {
            bencher.iter(|| density_of_states(size));
        });
    }
    for size in [10, 12] {
        group.bench_function(BenchmarkId::new("magnetization distribution", size), |bencher| {
            bencher.iter(|| magnetization_distribution(size, 2.0));
        });
    }
    group.bench_function(BenchmarkId::new("kaufman", 512), |bencher| bencher.iter(|| kaufman(512, 2.0)));
    group.finish();
}

/// The data of one replica of the paper experiment, on all threads.
fn training_set(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("training set");
    group.sample_size(10);
    let config = SampleConfig {
        lattice: square(10),
        temperatures: (0..25).map(|k| f64::from(k) * 0.25).collect(),
        samples_per_temperature: 1000,
        field: 0.0,
        algorithm: Algorithm::Metropolis,
        model: ising_mc::Model::Ising,
        seed: 1,
    };
    group.bench_function("25 temperatures x 1000", |bencher| bencher.iter(|| sample(&config, &()).unwrap()));
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(300));
    targets = single_spin, other_lattices, one_lattice, cluster, exact, training_set
}
criterion_main!(benches);
