//! Small cases of every kernel with unsafe code, at every width and over every kind of edge, small enough for an
//! interpreter that watches each access (`cargo xtask sanitize`). What is computed is compared with the portable
//! version.

use std::sync::{Mutex, MutexGuard};

use ndarray::{Array2, ArrayView2, Axis, s};
use numerics::activation::{exp_in_place, logistic_in_place, tanh_in_place};
use numerics::bit_matrix::{BitMatrix, Values};
use numerics::bits::Bits;
use numerics::product::multiply;
use numerics::sampling::{draw, draw_with_means};
use numerics::streams::stream;
use numerics::two_valued;
use numerics::vector::{Width, limit_width, widest};

/// The width is a setting of the process; tests change it one at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Runs at every width of the machine and compares with the narrowest.
fn at_every_width<R: PartialEq + std::fmt::Debug>(run: impl Fn() -> R) {
    let _guard = alone();
    limit_width(Width::Portable);
    let expected = run();
    for width in Width::ALL.into_iter().filter(|&width| width <= widest()) {
        limit_width(width);
        assert_eq!(run(), expected, "{width:?}");
    }
}

fn values(shape: (usize, usize)) -> Array2<f32> {
    Array2::from_shape_fn(shape, |(i, j)| ((i * 31 + j * 17) % 23) as f32 / 8.0 - 1.25)
}

/// Both layouts of an operand, and rows with gaps that end where the memory ends.
fn with_layouts(shape: (usize, usize), mut then: impl FnMut(ArrayView2<f32>)) {
    then(values(shape).view());
    then(values((shape.1, shape.0)).t());
    then(values((shape.0, shape.1 + 3)).slice(s![.., 3..]));
}

/// A product at every width.
fn multiplied(a: ArrayView2<f32>, b: ArrayView2<f32>) {
    let shape = (a.nrows(), b.ncols());
    at_every_width(|| {
        let mut out = Array2::from_elem(shape, 0.5);
        multiply(a, b, out.view_mut());
        out
    });
}

#[test]
fn products_in_every_layout() {
    with_layouts((7, 3), |a| with_layouts((3, 17), |b| multiplied(a, b)));
}

#[test]
fn products_of_every_tile() {
    // One element; less and more than a tile of 6 × 16, with and without a rest.
    for [rows, columns, depth] in [[1, 1, 1], [5, 7, 1], [7, 17, 2], [15, 33, 2], [16, 40, 1]] {
        multiplied(values((rows, depth)).view(), values((depth, columns)).view());
        multiplied(values((depth, rows)).t(), values((columns, depth)).t());
    }
}

#[test]
fn a_product_that_lies_backwards() {
    let (a, b) = (values((2, 386)), values((386, 3)));
    at_every_width(|| {
        let mut out = Array2::from_elem((2, 3), 0.5);
        let mut view = out.view_mut();
        view.invert_axis(Axis(0));
        multiply(a.view(), b.view(), view);
        out
    });
}

#[test]
fn activations_and_samples() {
    let seeded = Bits::from_stream(&mut stream(1, "test", &[]));
    for length in [0, 1, 7, 33, 130] {
        let field: Vec<f32> = (0..length).map(|i| i as f32 / 9.0 - 3.0).collect();
        at_every_width(|| {
            let [mut e, mut l, mut t] = [field.clone(), field.clone(), field.clone()];
            exp_in_place(&mut e);
            logistic_in_place(&mut l);
            tanh_in_place(&mut t);
            let mut bits = seeded.clone();
            let mut out = vec![0; field.len().div_ceil(64)];
            draw(Values::Binary, length, &mut field.clone(), &mut bits, &mut out);
            let (mut mean, mut more) = (field.clone(), out.clone());
            draw_with_means(Values::Spin, length, &mut mean, &mut bits, &mut more);
            ([e, l, t, mean], [out, more])
        });
    }
}

/// Groups and registers that are full or not, and more than one block.
#[test]
fn products_of_bits() {
    for [rows, columns, depth] in
        [[1, 1, 1], [3, 16, 4], [2, 33, 7], [2, 32, 65], [0, 5, 3], [3, 0, 2], [2, 3, 0]]
    {
        let bits = BitMatrix::of_positive(values((rows, depth)).view());
        with_layouts((depth, columns), |matrix| {
            for kind in [Values::Spin, Values::Binary] {
                at_every_width(|| {
                    let mut out = Array2::from_elem((rows, columns), 0.5);
                    two_valued::multiply(kind, bits.view(), matrix, out.view_mut());
                    out
                });
            }
        });
    }
}

#[test]
fn random_words() {
    let seeded = Bits::from_stream(&mut stream(1, "test", &[]));
    for (first, second) in [(0, 1), (3, 13), (8, 24), (1, 40)] {
        at_every_width(|| {
            let mut bits = seeded.clone();
            let (mut words, mut halves, mut uniforms) = (vec![0; first], vec![0; second], vec![0.0; second]);
            bits.fill_u64(&mut words);
            bits.fill_u32(&mut halves);
            bits.fill_uniform(&mut uniforms);
            (words, halves, uniforms, bits.state())
        });
    }
}
