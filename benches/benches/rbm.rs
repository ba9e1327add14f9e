//! Machines: an epoch of CD-1 beside the five matrix products that it cannot do without, Gibbs steps, annealing,
//! monitored quantities, enumeration.
//!
//! Epochs and products carry the same number of floating-point operations, so that their rates (criterion's Gelem/s are
//! GFLOP/s) compare directly: the ratio of the rates is what everything else costs.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use datasets::{Rbm, Units};
use ndarray::Array2;
use numerics::bits::Bits;
use numerics::streams::stream;
use rbm_core::gibbs::{Chains, Mode};
use rbm_core::likelihood::{AnnealConfig, anneal, log_partition, pseudo_log_likelihood};
use rbm_core::{Algorithm, TrainConfig, Trainer};
use rbmflow_benches::{BATCH, Floor, SHAPES, spins};

fn machine(visible: usize, hidden: usize) -> Rbm {
    let mut bits = Bits::from_stream(&mut stream(2, "bench", &[]));
    let mut weights = vec![0.0; visible * hidden];
    bits.fill_uniform(&mut weights);
    let weights = Array2::from_shape_vec((visible, hidden), weights).expect("the length fits");
    Rbm {
        units: Units::Spin,
        weights: weights.mapv(|u| 0.6 * u - 0.3),
        visible_bias: ndarray::Array1::zeros(visible),
        hidden_bias: ndarray::Array1::zeros(hidden),
        training_temperatures: vec![],
        updates: 0,
        history_epoch: vec![],
        history: Default::default(),
    }
}

fn epochs(criterion: &mut Criterion) {
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    let mut group = criterion.benchmark_group("cd1_epoch");
    group.sample_size(10).warm_up_time(Duration::from_millis(500));
    for (visible, hidden, count) in SHAPES {
        let shape = format!("{visible}x{hidden}");
        group.throughput(Throughput::Elements((10 * visible * hidden * count) as u64));
        let data = spins(visible, count, 1);
        let trainer = |algorithm| {
            let config = TrainConfig {
                hidden,
                algorithm,
                batch_size: BATCH,
                learning_rate: 1e-4,
                epochs: u32::MAX,
                monitor_every: u32::MAX,
                ..Default::default()
            };
            Trainer::new(&config, &data).expect("the settings are possible")
        };
        for (name, algorithm) in [("cd1", Algorithm::Cd), ("pcd1", Algorithm::Pcd)] {
            let mut trainer = trainer(algorithm);
            group.bench_function(BenchmarkId::new(name, &shape), |bencher| {
                one_thread.install(|| bencher.iter(|| trainer.advance().expect("the rate is small")));
            });
        }
        if visible * hidden > 100_000 {
            let mut trainer = trainer(Algorithm::Cd);
            group.bench_function(BenchmarkId::new("cd1_all_threads", &shape), |bencher| {
                bencher.iter(|| trainer.advance().expect("the rate is small"));
            });
        }
        let mut floor = Floor::new(visible, hidden);
        group.bench_function(BenchmarkId::new("floor", &shape), |bencher| {
            bencher.iter(|| (0..count / BATCH).for_each(|_| floor.update()));
        });
    }
    group.finish();
}

fn gibbs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gibbs_step_1000_chains");
    group.sample_size(20).warm_up_time(Duration::from_millis(500));
    for hidden in [16, 64, 400] {
        let rbm = machine(100, hidden);
        let start = spins(100, 1000, 1).samples;
        group.throughput(Throughput::Elements((4 * 100 * hidden * 1000) as u64));
        for (name, mode) in [("sampled", Mode::Sampled), ("mean_field", Mode::MeanField)] {
            let mut chains = Chains::new(&rbm, start.view(), mode, 1).expect("the starts fit");
            group.bench_function(BenchmarkId::new(name, hidden), |bencher| bencher.iter(|| chains.step()));
        }
    }
    group.finish();
}

fn likelihoods(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("likelihood");
    group.sample_size(10).warm_up_time(Duration::from_millis(500));
    let rbm = machine(100, 64);
    let data = spins(100, 500, 1).samples;
    group.bench_function("anneal_100x64_500_chains_100_steps", |bencher| {
        let config = AnnealConfig { steps: 100, burn_in: 0, ..Default::default() };
        // Whether so few steps converge is not the question.
        bencher.iter(|| black_box(anneal(&rbm, None, &config).is_ok()));
    });
    group.bench_function("pseudo_100x64_500_configurations", |bencher| {
        bencher.iter(|| black_box(pseudo_log_likelihood(&rbm, data.view())));
    });
    let small = machine(100, 16);
    group.bench_function("enumeration_100x16", |bencher| {
        bencher.iter(|| black_box(log_partition(&small)));
    });
    group.finish();
}

criterion_group!(benches, epochs, gibbs, likelihoods);
criterion_main!(benches);
