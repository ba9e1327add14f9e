//! The network thermometer: an epoch of training at the shape of the peers' table, and reading an ensemble.
//!
//! 100 → 80 → 25, batches of 100. An epoch of 25,000 samples is 1.1 GFLOP in matrix products.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ising_mc::{EquationOfStateConfig, equation_of_state};
use rbmflow_benches::spins;
use temp_classifier::{ThermometerConfig, Thermometers, train};

/// One epoch: `train` of 4 epochs (with one validation and two test configurations of each class) per 4.
fn epoch(c: &mut Criterion) {
    let (training, test) = (spins(100, 25_025, 25), spins(100, 50, 25));
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
    let spins = spins(100, 1000, 25);
    let config = ThermometerConfig { epochs: 1, ..ThermometerConfig::default() };
    let mut table = EquationOfStateConfig::new(datasets::lattice::Lattice::square(10).expect("a lattice"), 0);
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
        b.iter(|| thermometers.read(spins.lattice, black_box(spins.samples.view())));
    });
    group.finish();
}

criterion_group!(benches, epoch, read);
criterion_main!(benches);
