//! The matrix product against the plain loop, bit for bit, at every vector width, for all kinds of layouts.

use std::sync::Mutex;

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, s};
use numerics::product::{multiply, multiply_parallel};
use numerics::vector::{Width, limit_width, widest};
use proptest::prelude::*;

/// The width is a setting of the process; tests of this file change it one at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The definition of the product: one chain of products and sums over k = 0, 1, … for each element.
fn plain(a: ArrayView2<f32>, b: ArrayView2<f32>, mut out: ArrayViewMut2<f32>) {
    for i in 0..a.nrows() {
        for j in 0..b.ncols() {
            let mut sum = 0.0f32;
            for k in 0..a.ncols() {
                sum += a[[i, k]] * b[[k, j]];
            }
            out[[i, j]] = sum;
        }
    }
}

/// How a matrix lies in memory.
#[derive(Debug, Clone, Copy)]
enum Layout {
    Rows,
    Columns,
    /// Every second row and every third column of a larger one.
    Strided,
    /// Rows contiguous, but with a gap between them.
    Gaps,
    /// Rows backwards.
    Backwards,
}

const LAYOUTS: [Layout; 5] =
    [Layout::Rows, Layout::Columns, Layout::Strided, Layout::Gaps, Layout::Backwards];

/// Calls `then` with a matrix of the shape in the layout, made of the given values by a fixed formula.
fn with_matrix<R>(
    shape: (usize, usize),
    layout: Layout,
    salt: u64,
    spins: bool,
    then: impl FnOnce(ArrayViewMut2<f32>) -> R,
) -> R {
    let value = |i: usize| {
        let mixed =
            (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15 ^ salt.wrapping_mul(0xd1b5_4a32_d192_ed03));
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let unit = (mixed >> 40) as f32 / 16_777_216.0;
        if spins { if unit < 0.5 { -1.0 } else { 1.0 } } else { 2.0 * unit - 1.0 }
    };
    let filled = |shape: (usize, usize)| {
        let mut next = 0;
        Array2::from_shape_simple_fn(shape, || {
            next += 1;
            value(next)
        })
    };
    let (rows, columns) = shape;
    match layout {
        Layout::Rows => then(filled(shape).view_mut()),
        Layout::Columns => then(filled((columns, rows)).view_mut().reversed_axes()),
        Layout::Strided => then(filled((2 * rows, 3 * columns)).slice_mut(s![..;2, ..;3])),
        Layout::Gaps => then(filled((rows, columns + 5)).slice_mut(s![.., 2..columns + 2])),
        Layout::Backwards => {
            let mut matrix = filled(shape);
            let mut view = matrix.view_mut();
            view.invert_axis(Axis(0));
            then(view)
        }
    }
}

/// Checks one product at every width.
fn check(shape: [usize; 3], layouts: [Layout; 3], spins: bool, salt: u64) {
    let [rows, columns, depth] = shape;
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    with_matrix((rows, depth), layouts[0], salt, spins, |a| {
        with_matrix((depth, columns), layouts[1], salt + 1, false, |b| {
            let expected = with_matrix((rows, columns), layouts[2], salt + 2, false, |mut out| {
                plain(a.view(), b.view(), out.view_mut());
                out.to_owned()
            });
            for width in Width::ALL.into_iter().filter(|&width| width <= widest()) {
                limit_width(width);
                with_matrix((rows, columns), layouts[2], salt + 2, false, |mut out| {
                    multiply(a.view(), b.view(), out.view_mut());
                    for ((i, j), expected) in expected.indexed_iter() {
                        assert_eq!(
                            out[[i, j]].to_bits(),
                            expected.to_bits(),
                            "element ({i}, {j}) of {shape:?}, {layouts:?}, {}: {} and not {expected}",
                            width.name(),
                            out[[i, j]],
                        );
                    }
                });
            }
            limit_width(Width::Avx512);
        });
    });
}

#[test]
fn the_shapes_of_contrastive_divergence() {
    use Layout::{Columns, Rows};
    for [samples, visible, hidden] in
        [[100, 100, 64], [100, 100, 400], [100, 784, 500], [3, 1024, 40], [100, 100, 100]]
    {
        check([samples, hidden, visible], [Rows, Rows, Rows], true, 1);
        check([samples, visible, hidden], [Rows, Columns, Rows], true, 2);
        check([visible, hidden, samples], [Columns, Rows, Rows], true, 3);
    }
}

#[test]
fn deep_and_wide_products() {
    use Layout::{Columns, Rows, Strided};
    check([700, 33, 600], [Rows, Rows, Rows], false, 4);
    check([5, 6200, 300], [Rows, Columns, Rows], false, 5);
    check([4, 6200, 513], [Columns, Rows, Columns], false, 6);
    check([350, 17, 257], [Strided, Strided, Strided], false, 7);
}

#[test]
fn any_number_of_threads() {
    use Layout::{Columns, Rows};
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let shapes =
        [([100, 1024, 300], Rows, Columns), ([1030, 333, 100], Columns, Rows), ([4100, 47, 50], Rows, Rows)];
    for ([rows, columns, depth], a, b) in shapes {
        with_matrix((rows, depth), a, 9, true, |a| {
            with_matrix((depth, columns), b, 10, false, |b| {
                let mut expected = Array2::zeros((rows, columns));
                multiply(a.view(), b.view(), expected.view_mut());
                for threads in [1, 2, 3, 8] {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                    let mut out = Array2::from_elem((rows, columns), 0.5);
                    pool.install(|| multiply_parallel(a.view(), b.view(), out.view_mut()));
                    assert!(out == expected, "{threads} threads");
                }
            });
        });
    }
}

#[test]
fn empty_shapes() {
    for layout in LAYOUTS {
        check([3, 4, 0], [layout; 3], false, 8);
        check([0, 4, 2], [layout; 3], false, 8);
        check([3, 0, 2], [layout; 3], false, 8);
    }
}

#[test]
fn infinities_and_nan_stay_where_they_belong() {
    let mut a = Array2::from_elem((20, 30), 1.0f32);
    let b = Array2::from_elem((30, 40), 1.0f32);
    a[[3, 4]] = f32::INFINITY;
    a[[7, 8]] = f32::NAN;
    let mut out = Array2::zeros((20, 40));
    multiply(a.view(), b.view(), out.view_mut());
    for ((i, _), value) in out.indexed_iter() {
        match i {
            3 => assert_eq!(*value, f32::INFINITY),
            7 => assert!(value.is_nan()),
            _ => assert_eq!(*value, 30.0),
        }
    }
}

#[test]
#[should_panic(expected = "inner lengths")]
fn shapes_that_do_not_fit() {
    let (a, b) = (Array2::zeros((2, 3)), Array2::zeros((2, 3)));
    multiply(a.view(), b.view(), Array2::zeros((2, 3)).view_mut());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_shape_and_layout(
        rows in 1usize..70,
        columns in 1usize..90,
        depth in 1usize..40,
        a in 0usize..5,
        b in 0usize..5,
        out in 0usize..5,
        spins: bool,
        salt in 0u64..1_000_000,
    ) {
        check([rows, columns, depth], [LAYOUTS[a], LAYOUTS[b], LAYOUTS[out]], spins, salt);
    }
}
