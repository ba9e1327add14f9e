//! The network thermometer: an epoch of training at the shape of the peers' table, and reading an ensemble.
//!
//! 100 → 80 → 25, batches of 100. An epoch of 25,000 samples is 1.1 GFLOP in matrix products.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use datasets::{Boundary, Spins};
use ising_mc::{EquationOfStateConfig, equation_of_state};
use ndarray::Array2;
use numerics::bits::Bits;
use numerics::streams::stream;
use temp_classifier::{ThermometerConfig, Thermometers, train};

/// Random spins with random labels: the cost of training does not depend on what there is to learn.
fn random_spins(size: usize, classes: usize, each: usize) -> Spins {
    let mut bits = Bits::from_stream(&mut stream(1, "benchmark spins", &[]));
    let labels: Vec<u16> = (0..classes * each).map(|i| (i / each) as u16).collect();
    let sites = size * size;
    let samples =
        Array2::from_shape_simple_fn((labels.len(), sites), || if bits.next() >> 63 == 0 { 1 } else { -1 });
    Spins {
        size,
        boundary: Boundary::Periodic,
        coupling: 1.0,
        field: 0.0,
        algorithm: "random".to_owned(),
        temperature: (0..classes).map(|class| class as f64 * 0.25).collect(),
        energy: vec![0; labels.len()],
        magnetization: vec![0; labels.len()],
        samples,
        labels,
        observables: Default::default(),
    }
}

/// One epoch: `train` of 4 epochs (with one validation and two test configurations of each class) per 4.
fn epoch(c: &mut Criterion) {
    let (training, test) = (random_spins(10, 25, 1001), random_spins(10, 25, 2));
    let mut group = c.benchmark_group("classifier/4 epochs of 25,000");
    group.throughput(Throughput::Elements(4 * 25_000)).sample_size(10);
    for augment in [false, true] {
        let config = ThermometerConfig {
            hidden: vec![80],
            epochs: 4,
            augment,
            validation_fraction: 0.0005,
            ..ThermometerConfig::default()
        };
        let name = if augment { "symmetric images" } else { "as they are" };
        group.bench_function(BenchmarkId::new(name, "100x80x25"), |b| {
            b.iter(|| train(black_box(&config), &training, &test, None, &()));
        });
    }
    group.finish();
}

/// All thermometers on 1000 configurations, as at each step of a flow.
fn read(c: &mut Criterion) {
    let spins = random_spins(10, 25, 40);
    let config = ThermometerConfig { epochs: 1, ..ThermometerConfig::default() };
    let mut table = EquationOfStateConfig::new(10, 0);
    table.temperatures = vec![0.0, 1.0, 2.0, 3.0, 6.0];
    let (Ok(network), Ok(table)) =
        (train(&config, &spins, &spins, None, &()), equation_of_state(&table, &()))
    else {
        return;
    };
    let Ok(thermometers) = Thermometers::new(Some(&network), Some(&table), &[]) else { return };
    let mut group = c.benchmark_group("classifier/read");
    group.throughput(Throughput::Elements(1000));
    group.bench_function("1000 configurations of 10x10", |b| {
        b.iter(|| thermometers.read(10, black_box(spins.samples.view())));
    });
    group.finish();
}

criterion_group!(benches, epoch, read);
criterion_main!(benches);
