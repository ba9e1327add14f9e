//! The singular value decomposition against matrices whose spectrum is known, and against its own definition.

use std::f64::consts::TAU;

use ndarray::{Array2, ArrayView2, array};
use numerics::bits::{Bits, unit_f64};
use numerics::streams::stream;
use proptest::prelude::*;
use weight_analysis::{Decomposition, decompose};

fn largest(matrix: &Array2<f64>) -> f64 {
    matrix.iter().fold(0.0, |a, &b| a.max(b.abs()))
}

fn random(rows: usize, columns: usize, seed: u64) -> Array2<f64> {
    let mut bits = Bits::from_stream(&mut stream(seed, "test matrix", &[]));
    Array2::from_shape_simple_fn((rows, columns), || unit_f64(bits.next()) - 0.5)
}

/// Shapes, order, orthonormality, reconstruction and signs.
#[track_caller]
fn check(matrix: ArrayView2<f64>) -> Decomposition {
    let (rows, columns) = matrix.dim();
    let rank = rows.min(columns);
    let found = decompose(matrix).expect("converges");
    assert_eq!(found.singular_values.len(), rank);
    assert_eq!(found.left.dim(), (rows, rows));
    assert_eq!(found.right.dim(), (columns, rank));
    assert!(found.singular_values.windows(2).all(|pair| pair[0] >= pair[1]), "descending");
    assert!(found.singular_values.iter().all(|&s| s >= 0.0));
    let scale = matrix.iter().fold(0.0f64, |a, &b| a.max(b.abs()));
    assert!(largest(&(found.left.t().dot(&found.left) - Array2::<f64>::eye(rows))) < 1e-12, "U orthonormal");
    assert!(
        largest(&(found.right.t().dot(&found.right) - Array2::<f64>::eye(rank))) < 1e-12,
        "V orthonormal"
    );
    let mut scaled = found.left.slice(ndarray::s![.., ..rank]).to_owned();
    for (k, mut column) in scaled.columns_mut().into_iter().enumerate() {
        column *= found.singular_values[k];
    }
    let residual = largest(&(scaled.dot(&found.right.t()) - matrix));
    assert!(residual <= 1e-12 * scale * (rows * columns) as f64, "residual {residual} of {scale}");
    for column in found.left.columns() {
        let top = column.iter().fold(0.0f64, |a, &b| a.max(b.abs()));
        let first = column.iter().find(|value| value.abs() > (1.0 - 1e-7) * top).copied();
        assert!(first.is_some_and(|value| value > 0.0), "sign");
    }
    found
}

#[test]
fn random_matrices_of_all_shapes() {
    for (rows, columns) in
        [(1, 1), (4, 1), (1, 4), (5, 5), (9, 4), (4, 9), (100, 16), (100, 64), (64, 100), (25, 400)]
    {
        check(random(rows, columns, (rows * 1000 + columns) as u64).view());
    }
}

#[test]
fn degenerate_spectra() {
    check(Array2::eye(6).view());
    check(Array2::zeros((5, 3)).view());
    check(Array2::zeros((3, 5)).view());
    // Twice the same column, a zero column, rank one.
    check(array![[1.0, 1.0, 0.0], [2.0, 2.0, 0.0], [3.0, 3.0, 0.0], [-1.0, -1.0, 0.0]].view());
    let ones = check(Array2::ones((16, 9)).view());
    assert!((ones.singular_values[0] - 12.0).abs() < 1e-12);
    assert!(ones.singular_values[1..].iter().all(|&s| s == 0.0), "noise is cut off");
    // A low-rank product with both sides large.
    let low = random(40, 3, 1).dot(&random(3, 60, 2));
    let found = check(low.view());
    assert!(found.singular_values[3..].iter().all(|&s| s == 0.0), "{:?}", found.singular_values);
    // All singular values equal: an orthogonal matrix times 7.
    let orthogonal = check(random(30, 30, 3).view()).left * 7.0;
    assert!(check(orthogonal.view()).singular_values.iter().all(|&s| (s - 7.0).abs() < 1e-12));
}

/// A Hilbert matrix has singular values over sixteen orders of magnitude, an eigen-decomposition of its Gram matrix
/// only sees eight. Values for n = 6 as tabulated (Fettis and Caslin 1967).
#[test]
fn small_singular_values_are_as_good_as_large_ones() {
    let hilbert = Array2::from_shape_fn((6, 6), |(i, j)| 1.0 / (i + j + 1) as f64);
    let found = check(hilbert.view());
    let table = [
        1.618_899_858_924_339,
        2.423_608_705_752_096e-1,
        1.632_152_131_987_582e-2,
        6.157_483_541_826_576e-4,
        1.257_075_712_262_519e-5,
        1.082_799_484_565_55e-7,
    ];
    for (found, table) in found.singular_values.iter().zip(table) {
        assert!((found - table).abs() < 1e-15 + 1e-9 * table, "{found} {table}");
    }
}

/// Entries near the ends of the range of single precision.
#[test]
fn extreme_scales() {
    for scale in [1e-38, 1e38] {
        let found = check((random(20, 12, 4) * scale).view());
        assert!(found.singular_values[0] > 0.1 * scale);
    }
    let mut mixed = random(20, 12, 5);
    mixed.column_mut(3).mapv_inplace(|value| value * 1e30);
    assert!(decompose(mixed.view()).is_some());
}

/// A circulant matrix is diagonal in Fourier space: its singular values are the moduli of the transform of its first
/// row.
#[test]
fn circulant_matrices() {
    let n = 12;
    let row = [3.0, 1.0, 0.5, -0.2, 0.0, 0.0, 0.3, 0.0, 0.0, 0.1, 0.5, 0.9];
    let circulant = Array2::from_shape_fn((n, n), |(i, j)| row[(j + n - i) % n]);
    let mut expected: Vec<f64> = (0..n)
        .map(|k| {
            let (mut re, mut im) = (0.0, 0.0);
            for (d, value) in row.iter().enumerate() {
                let angle = TAU * (k * d) as f64 / n as f64;
                re += value * angle.cos();
                im += value * angle.sin();
            }
            f64::hypot(re, im)
        })
        .collect();
    expected.sort_by(|a, b| b.total_cmp(a));
    let found = check(circulant.view());
    for (found, expected) in found.singular_values.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn small_integers_with_many_ties(rows in 1usize..7, columns in 1usize..7, values in prop::collection::vec(-2i8..=2, 36)) {
        let matrix = Array2::from_shape_fn((rows, columns), |(i, j)| f64::from(values[i * 6 + j]));
        check(matrix.view());
    }
}

/// The square of the longer side would not fit into any memory: 320 GB.
#[test]
fn a_wide_matrix_of_low_rank_takes_no_more_memory_than_a_few_of_itself() {
    let found = decompose(Array2::from_elem((4, 200_000), 0.5).view()).expect("converges");
    assert!((found.singular_values[0] - 0.5 * 800_000f64.sqrt()).abs() < 1e-9, "{:?}", found.singular_values);
    assert_eq!(found.singular_values[1..], [0.0; 3]);
    assert_eq!(found.right.dim(), (200_000, 4));
    // What rounding may make of sums of so many products, that of the test itself included.
    let rounding = 200_000.0 * f64::EPSILON;
    for (one, other) in (0..4).flat_map(|one| (0..4).map(move |other| (one, other))) {
        let product = found.right.column(one).dot(&found.right.column(other));
        assert!((product - f64::from(u8::from(one == other))).abs() < rounding, "{one} {other}: {product}");
    }
}
