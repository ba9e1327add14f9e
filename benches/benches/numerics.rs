//! The kernels of `numerics`: matrix products (elements per second are floating-point operations per second),
//! random bits, activations and sampling (elements are words or units), at every vector width of the machine.
//!
//! `cargo bench -p rbmflow-benches --bench numerics -- product` runs the products only.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::{Array2, ArrayView2};
use numerics::activation::{exp_in_place, logistic_in_place, tanh_in_place};
use numerics::bit_matrix::{BitMatrix, Values};
use numerics::bits::Bits;
use numerics::product::{multiply, multiply_parallel};
use numerics::sampling::{draw, draw_with_means};
use numerics::streams::stream;
use numerics::two_valued;
use numerics::vector::{Width, limit_width, widest};

/// The widths to compare.
fn widths() -> impl Iterator<Item = Width> {
    Width::ALL.into_iter().filter(|&width| width <= widest())
}

fn uniform(shape: (usize, usize)) -> Array2<f32> {
    let mut values = vec![0.0; shape.0 * shape.1];
    Bits::from_stream(&mut stream(1, "bench", &[shape.0 as u64, shape.1 as u64])).fill_uniform(&mut values);
    Array2::from_shape_vec(shape, values).expect("as many values as elements")
}

/// One product, single thread: the rate appears as elements per second, where an element is a floating-point
/// operation.
fn bench_product(c: &mut Criterion, name: &str, a: ArrayView2<f32>, b: ArrayView2<f32>) {
    let mut out = Array2::zeros((a.nrows(), b.ncols()));
    let mut group = c.benchmark_group("product");
    group.throughput(Throughput::Elements(2 * (a.nrows() * a.ncols() * b.ncols()) as u64));
    for width in widths() {
        limit_width(width);
        group.bench_function(BenchmarkId::new(name, width.name()), |bencher| {
            bencher.iter(|| multiply(black_box(a), black_box(b), out.view_mut()));
        });
    }
    limit_width(Width::Avx512);
    group.finish();
}

/// The three products of contrastive divergence at the shapes of the design, and a large square one.
fn products(c: &mut Criterion) {
    for (visible, hidden) in [(100, 64), (100, 100), (100, 400), (784, 500), (1024, 1024)] {
        let weights = uniform((visible, hidden));
        let (v, h) = (uniform((100, visible)), uniform((100, hidden)));
        let shape = format!("{visible}x{hidden}");
        bench_product(c, &format!("{shape} v*W"), v.view(), weights.view());
        bench_product(c, &format!("{shape} h*Wt"), h.view(), weights.t());
        bench_product(c, &format!("{shape} vt*h"), v.t(), h.view());
    }
    bits_products(c);
    let (a, b) = (uniform((2048, 2048)), uniform((2048, 2048)));
    bench_product(c, "2048x2048x2048", a.view(), b.view());

    let mut out = Array2::zeros((2048, 2048));
    let mut group = c.benchmark_group("product on all cores");
    group.throughput(Throughput::Elements(2 * 2048 * 2048 * 2048));
    group.bench_function("2048x2048x2048", |bencher| {
        bencher.iter(|| multiply_parallel(black_box(a.view()), black_box(b.view()), out.view_mut()));
    });
    group.finish();
}

/// The three products of contrastive divergence with bits on one side.
fn bits_products(c: &mut Criterion) {
    let mut group = c.benchmark_group("product of bits");
    for (visible, hidden) in [(100, 64), (100, 100), (100, 400), (784, 500), (1024, 1024)] {
        let (weights, mean) = (uniform((visible, hidden)), uniform((200, hidden)));
        let bits = |rows, columns| BitMatrix::of_positive(uniform((rows, columns)).mapv(|x| x - 0.5).view());
        let (v, h, vt) = (bits(100, visible), bits(100, hidden), bits(visible, 200));
        let works =
            [("v*W", &v, weights.view()), ("h*Wt", &h, weights.t()), ("vt*h, both sides", &vt, mean.view())];
        for (name, bits, matrix) in works {
            let mut out = Array2::zeros((bits.rows(), matrix.ncols()));
            let operations = 2 * bits.rows() * bits.columns() * matrix.ncols();
            group.throughput(Throughput::Elements(operations as u64));
            for width in widths() {
                limit_width(width);
                group.bench_function(
                    BenchmarkId::new(format!("{visible}x{hidden} {name}"), width.name()),
                    |bencher| {
                        bencher.iter(|| {
                            two_valued::multiply(
                                Values::Spin,
                                black_box(bits.view()),
                                black_box(matrix),
                                out.view_mut(),
                            );
                        });
                    },
                );
            }
        }
    }
    limit_width(Width::Avx512);
    group.finish();
}

/// The batch of 100 samples × 64 units of the paper's main machine.
const UNITS: usize = 6400;

fn elementwise(c: &mut Criterion) {
    let field: Vec<f32> = (0..UNITS).map(|i| (i as f32 / UNITS as f32 - 0.5) * 8.0).collect();
    let mut bits = Bits::from_stream(&mut stream(1, "bench", &[]));
    let mut words = vec![0; UNITS];
    let (mut mean, mut out) = (vec![0.0; UNITS], vec![0.0; UNITS]);
    let mut group = c.benchmark_group("elementwise");
    group.throughput(Throughput::Elements(UNITS as u64));
    for width in widths() {
        limit_width(width);
        let id = |name: &str| BenchmarkId::new(name, width.name());
        group.bench_function(id("fill_u64"), |bencher| bencher.iter(|| bits.fill_u64(black_box(&mut words))));
        group.bench_function(id("fill_uniform"), |bencher| {
            bencher.iter(|| bits.fill_uniform(black_box(&mut out)))
        });
        for (name, function) in [
            ("copy + exp", exp_in_place as fn(&mut [f32])),
            ("copy + logistic", logistic_in_place),
            ("copy + tanh", tanh_in_place),
        ] {
            group.bench_function(id(name), |bencher| {
                bencher.iter(|| {
                    mean.copy_from_slice(black_box(&field));
                    function(black_box(&mut mean));
                });
            });
        }
        for (name, values) in [("spins", Values::Spin), ("binary units", Values::Binary)] {
            group.bench_function(id(&format!("draw {name}")), |bencher| {
                mean.copy_from_slice(&field);
                bencher.iter(|| draw(values, 64, black_box(&mut mean), &mut bits, &mut words[..UNITS / 64]));
            });
            group.bench_function(id(&format!("copy + draw {name} with means")), |bencher| {
                bencher.iter(|| {
                    mean.copy_from_slice(black_box(&field));
                    draw_with_means(values, 64, black_box(&mut mean), &mut bits, &mut words[..UNITS / 64]);
                });
            });
        }
    }
    limit_width(Width::Avx512);
    group.finish();

    c.bench_function("a stream and its bits", |bencher| {
        bencher.iter(|| Bits::from_stream(&mut stream(black_box(1), "bench", &[0])));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(500));
    targets = products, elementwise
}
criterion_main!(benches);
