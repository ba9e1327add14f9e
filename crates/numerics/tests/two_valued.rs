//! Bits and their products with real matrices against plain loops, bit for bit, at every vector width.

use std::sync::Mutex;

use ndarray::{Array2, ArrayView2, s};
use numerics::bit_matrix::{BitMatrix, Values};
use numerics::bits::{Bits, unit_f32};
use numerics::streams::stream;
use numerics::two_valued::{multiply, multiply_parallel};
use numerics::vector::{Width, limit_width, widest};
use proptest::prelude::*;

/// The width is a setting of the process; tests of this file change it one at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The definition of the product: sums over groups of four, from left to right.
fn plain(values: Values, bits: &BitMatrix, matrix: ArrayView2<f32>) -> Array2<f32> {
    Array2::from_shape_fn((bits.rows(), matrix.ncols()), |(row, column)| {
        let mut sum = 0.0f32;
        for first in (0..matrix.nrows()).step_by(4) {
            let mut group = 0.0f32;
            for k in first..first + 4 {
                let (bit, element) =
                    if k < matrix.nrows() { (bits.get(row, k), matrix[[k, column]]) } else { (false, 0.0) };
                match (values, bit) {
                    (_, true) => group += element,
                    (Values::Spin, false) => group -= element,
                    (Values::Binary, false) => {}
                }
            }
            sum += group;
        }
        sum
    })
}

fn random(shape: (usize, usize), seed: u64) -> Array2<f32> {
    let mut bits = Bits::from_stream(&mut stream(seed, "test", &[]));
    Array2::from_shape_simple_fn(shape, || 2.0 * unit_f32((bits.next() >> 32) as u32) - 1.0)
}

fn random_bits(shape: (usize, usize), seed: u64) -> BitMatrix {
    BitMatrix::of_positive(random(shape, seed).view())
}

/// The same numbers, laid out in several ways.
fn with_layouts(matrix: &Array2<f32>, mut then: impl FnMut(ArrayView2<f32>)) {
    let (rows, columns) = matrix.dim();
    then(matrix.view());
    then(matrix.t().as_standard_layout().t());
    let mut larger = Array2::from_elem((2 * rows, 3 * columns), f32::NAN);
    larger.slice_mut(s![..;2, ..;3]).assign(matrix);
    then(larger.slice(s![..;2, ..;3]));
    let mut gaps = Array2::from_elem((rows, columns + 5), f32::NAN);
    gaps.slice_mut(s![.., 2..columns + 2]).assign(matrix);
    then(gaps.slice(s![.., 2..columns + 2]));
    let mut backwards = matrix.slice(s![..;-1, ..]).to_owned();
    backwards.invert_axis(ndarray::Axis(0));
    then(backwards.view());
}

fn same(found: &Array2<f32>, expected: &Array2<f32>) -> bool {
    found.iter().zip(expected).all(|(a, b)| a.to_bits() == b.to_bits())
}

fn check([rows, depth, columns]: [usize; 3], seed: u64) {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let (bits, matrix) = (random_bits((rows, depth), seed), random((depth, columns), seed + 1));
    for values in [Values::Spin, Values::Binary] {
        let expected = plain(values, &bits, matrix.view());
        with_layouts(&matrix, |matrix| {
            for width in Width::ALL.into_iter().filter(|&width| width <= widest()) {
                limit_width(width);
                let mut wide = Array2::from_elem((rows, columns + 3), 0.5);
                multiply(values, bits.view(), matrix, wide.slice_mut(s![.., 1..columns + 1]));
                let out = wide.slice(s![.., 1..columns + 1]).to_owned();
                assert!(same(&out, &expected), "{values:?} {rows}×{depth}×{columns}, {}", width.name());
                let around = wide
                    .slice(s![.., ..1])
                    .iter()
                    .chain(wide.slice(s![.., columns + 1..]))
                    .all(|&x| x == 0.5);
                assert!(around, "nothing beside the result is written");
            }
        });
    }
    limit_width(Width::Avx512);
}

#[test]
fn the_shapes_of_contrastive_divergence() {
    for shape in
        [[100, 100, 64], [100, 64, 100], [100, 200, 64], [7, 784, 500], [3, 500, 784], [1030, 12, 40]]
    {
        check(shape, 1);
    }
}

#[test]
fn empty_shapes() {
    for shape in [[0, 3, 2], [3, 0, 2], [3, 2, 0]] {
        check(shape, 2);
    }
}

/// The exact sum differs by rounding only: 25 groups of at most 4 and 100 additions of numbers below 100.
#[test]
fn products_are_products() {
    let (bits, matrix) = (random_bits((50, 100), 3), random((100, 30), 4));
    for values in [Values::Spin, Values::Binary] {
        let mut out = Array2::zeros((50, 30));
        multiply(values, bits.view(), matrix.view(), out.view_mut());
        for ((row, column), &found) in out.indexed_iter() {
            let terms =
                (0..100).map(|k| f64::from(values.of(bits.get(row, k))) * f64::from(matrix[[k, column]]));
            assert!((f64::from(found) - terms.sum::<f64>()).abs() < 1e-5);
        }
    }
}

/// A machine without biases is symmetric under a flip of all spins, to the last bit.
#[test]
fn flipped_spins_flip_every_sign() {
    let (units, matrix) = (random((40, 70), 5), random((70, 33), 6));
    let product = |units: ArrayView2<f32>| {
        let mut out = Array2::zeros((40, 33));
        multiply(Values::Spin, BitMatrix::of_positive(units).view(), matrix.view(), out.view_mut());
        out
    };
    assert!(product(units.view()) == -product((-&units).view()));
}

#[test]
fn any_number_of_threads() {
    for [rows, depth, columns] in [[100, 300, 1025], [1030, 100, 333], [4100, 100, 47]] {
        let (bits, matrix) = (random_bits((rows, depth), 7), random((columns, depth), 8));
        let mut expected = Array2::zeros((rows, columns));
        multiply(Values::Spin, bits.view(), matrix.t(), expected.view_mut());
        for threads in [1, 2, 3, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut out = Array2::zeros((rows, columns));
            pool.install(|| multiply_parallel(Values::Spin, bits.view(), matrix.t(), out.view_mut()));
            assert!(out == expected, "{threads} threads");
        }
    }
}

#[test]
#[should_panic(expected = "inner lengths")]
fn shapes_that_do_not_fit() {
    let matrix = Array2::zeros((2, 3));
    multiply(Values::Spin, BitMatrix::zeros(2, 3).view(), matrix.view(), Array2::zeros((2, 3)).view_mut());
}

#[test]
fn transposes_counts_and_values() {
    for shape in [(1, 1), (3, 64), (64, 3), (65, 130), (200, 100), (0, 7), (7, 0)] {
        let bits = random_bits(shape, 9);
        let mut transposed = random_bits((5, 5), 10);
        transposed.set_transposed(bits.view());
        assert_eq!((transposed.rows(), transposed.columns()), (shape.1, shape.0));
        for row in 0..shape.0 {
            for column in 0..shape.1 {
                assert_eq!(bits.get(row, column), transposed.get(column, row));
            }
        }
        let mut spins = random_bits(shape, 11);
        for row in 0..shape.0 {
            let signs: Vec<i8> =
                (0..shape.1).map(|column| if bits.get(row, column) { 1 } else { -1 }).collect();
            spins.set_spins(row, &signs);
        }
        assert_eq!(spins, bits);
        assert_eq!(BitMatrix::of_spins(bits.view().to_spins().view()), bits);
        let mut twice = bits.range(0, shape.0 / 2).to_owned();
        twice.append(bits.range(shape.0 / 2, shape.0));
        assert_eq!(twice, bits);
        for values in [Values::Spin, Values::Binary] {
            let mut numbers = Array2::from_elem(shape, 7.0);
            bits.unpack(values, numbers.view_mut());
            assert_eq!(BitMatrix::of_positive(numbers.view()), bits);
            let sums = numbers.rows().into_iter().map(|row| row.sum());
            let counts = bits.view().counts().map(|count| match values {
                Values::Spin => 2.0 * count as f32 - shape.1 as f32,
                Values::Binary => count as f32,
            });
            assert!(sums.eq(counts));
        }
    }
}

/// Column by column, for counters that carry far and numbers of pairs around eight, at every width.
#[test]
fn counts_of_unequal_pairs() {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    for columns in [0, 1, 64, 500, 513, 1100] {
        let mut bits = random_bits((9, columns), 12);
        bits.row_mut(0).fill(0);
        for count in [0, 1, 7, 8, 9, 16, 100, 2050] {
            let pairs: Vec<[u32; 2]> = (0..count).map(|i| [i % 9, (i / 9 + i) % 7 % 9]).collect();
            let differ = |column: usize| {
                let at = |row: u32| bits.get(row as usize, column);
                pairs.iter().filter(|pair| at(pair[0]) != at(pair[1])).count() as u32
            };
            let expected: Vec<u32> = (0..columns).map(differ).collect();
            for width in Width::ALL.into_iter().filter(|&width| width <= widest()) {
                limit_width(width);
                assert_eq!(
                    bits.unequal(&pairs),
                    expected,
                    "{count} pairs, {columns} columns, {}",
                    width.name()
                );
            }
            limit_width(Width::Avx512);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_shape(rows in 1usize..40, depth in 1usize..150, columns in 1usize..80, seed in 0u64..1_000_000) {
        check([rows, depth, columns], seed);
    }
}
