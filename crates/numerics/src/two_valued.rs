//! Products of two-valued matrices (±1 or 0/1, one bit each) with real ones, by tables of sums: no multiplication.
//!
//! # The bits
//!
//! The sum over k is cut into groups of four. With t the sum over a group, (((±m₀) ± m₁) ± m₂) ± m₃ for spins, and for
//! binary units the sum of those mₖ whose bit is set, in the same order, an element of the result is t₀ + t₁ + …, from
//! left to right (an mₖ beyond the last is 0). There are only additions, so that every width rounds alike, and spins
//! that all change sign change the sign of every sum exactly.
//!
//! # How it works
//!
//! A group of four rows of the real matrix has 16 sums. They are computed once, for a panel of 32 columns, and then
//! each row of bits adds the one that its four bits name: for a batch of 100 rows (16 + 100) / 4 = 29 vector operations
//! for each row of the matrix instead of 100 fused multiply-adds. Tables are made for a block of up to 10 groups at a
//! time, 20 KiB, which stay in the first-level cache while all rows of bits pass; between blocks the sums of a row wait
//! in a buffer. Rows of the real matrix that lie across or end within a register are copied first. Panels are
//! independent: threads take some columns each.
//!
//! # What bounds it
//!
//! Loads: each row of bits and group takes one load for each register of the panel, and of 512 bits two start in a
//! cycle. A group's table is 16 stores for each register (one starts in a cycle), a block a load and a store of the
//! waiting sums for each row. With these costs groups of 4 and of 5 need the same time for 100 rows (33 cycles for each
//! row of the matrix and register), groups of 6 more; groups of 5 pay for much larger batches only. For 100 × 100 × 64
//! that would be some 9,000 cycles; 14,000 are measured, since a group also takes a shift, a mask and an address for
//! the two loads of its panel, and an addition that is indexed is two instructions to the processor. Panels of 64
//! columns halve that, but with the waiting sums of 100 rows they no longer fit the first-level cache. Measured, panels
//! of 32 columns and blocks of 7 or 10 groups or panels of 64 and blocks of 5 or 8 differ by a tenth; the ones chosen
//! are the best with AVX2, without vectors, and for 100 columns. On an Intel Xeon (Sapphire Rapids) they take 1/1.5 to
//! 1/1.7 of the time of fused multiply-adds in register tiles with AVX-512 for batches of 100 (1/1.9 to 1/2.4 with
//! AVX2), 1/2 for 1000 rows; the portable code is as fast as .65 to .8 of those of AVX-512.

#![expect(unsafe_code, reason = "vector instructions of a machine that has them")]

use std::cell::RefCell;

use ndarray::{ArrayView2, ArrayViewMut2, Axis};

use crate::bit_matrix::{BitRows, Values};
use crate::lines::{self, GROUP, Line, PANEL, ZERO};
use crate::vector::{Width, width};

mod kernel;

/// The sums of a group.
const SUMS: usize = 1 << GROUP;
/// The most groups of a block.
const GROUPS: usize = 10;
/// Parts are not made smaller than this many products: some 20 µs.
const PART: usize = 1 << 22;

/// Some groups of the sum.
struct Block {
    /// The first group.
    from: usize,
    /// Whether this is the first block, and the last.
    first: bool,
    last: bool,
    /// The columns of the panel.
    columns: usize,
}

/// Where the sums of each row of bits come from and go to.
struct Sums<'a> {
    /// Sums between two blocks, at least as many lines as there are rows.
    waiting: &'a mut [Line],
    /// Where the last block leaves row i: at `out + i * step`.
    out: *mut f32,
    step: isize,
}

/// Buffers of a thread.
struct Workspace {
    /// The sums of each group of a block.
    tables: [[Line; SUMS]; GROUPS],
    /// The rows of the real matrix of each group of a block.
    rows: [[Line; GROUP]; GROUPS],
    /// The unfinished sums of each row of bits.
    waiting: Vec<Line>,
}

thread_local! {
    static WORKSPACE: RefCell<Box<Workspace>> = RefCell::new(Box::new(Workspace {
        tables: [[ZERO; SUMS]; GROUPS],
        rows: [[ZERO; GROUP]; GROUPS],
        waiting: Vec::new(),
    }));
}

/// out = bits·matrix: `bits` is [rows, depth], `matrix` [depth, columns] in any layout, `out` [rows, columns] with
/// contiguous rows.
///
/// ```
/// use ndarray::{Array2, arr2};
/// use numerics::bit_matrix::{BitMatrix, Values};
/// let bits = BitMatrix::of_positive(arr2(&[[1, -1], [1, 1]]).view());
/// let mut out = Array2::zeros((2, 1));
/// numerics::two_valued::multiply(Values::Spin, bits.view(), arr2(&[[3.0], [1.0]]).view(), out.view_mut());
/// assert_eq!(out, arr2(&[[2.0], [4.0]]));
/// ```
///
/// # Panics
///
/// If the shapes do not fit or a row of `out` is not contiguous.
pub fn multiply(values: Values, bits: BitRows, matrix: ArrayView2<f32>, mut out: ArrayViewMut2<f32>) {
    assert_eq!(bits.columns(), matrix.nrows(), "inner lengths");
    assert_eq!(out.dim(), (bits.rows(), matrix.ncols()), "shape of the result");
    if out.is_empty() || bits.columns() == 0 {
        out.fill(0.0);
        return;
    }
    WORKSPACE.with_borrow_mut(|workspace| {
        for first in (0..matrix.ncols()).step_by(PANEL) {
            let columns = first..(first + PANEL).min(matrix.ncols());
            let columns = ndarray::Slice::from(columns);
            let part = matrix.slice_axis(Axis(1), columns);
            panel(values, bits, part, out.slice_axis_mut(Axis(1), columns), workspace);
        }
    });
}

/// [`multiply`] on the threads of the current rayon pool, with the same bits: each takes some panels of columns.
///
/// Products of less than 2²³ multiplications run on the calling thread.
///
/// # Panics
///
/// As [`multiply`].
pub fn multiply_parallel(values: Values, bits: BitRows, matrix: ArrayView2<f32>, out: ArrayViewMut2<f32>) {
    split(values, bits, matrix, out, 2 * rayon::current_num_threads());
}

/// Cuts the columns into at most `parts` parts, halving again and again.
fn split(values: Values, bits: BitRows, matrix: ArrayView2<f32>, out: ArrayViewMut2<f32>, parts: usize) {
    let columns = matrix.ncols();
    let work = bits.rows().saturating_mul(matrix.nrows()).saturating_mul(columns);
    // One thread makes two parts, and gains nothing by them.
    if parts <= 2 || work < 2 * PART || columns <= PANEL {
        return multiply(values, bits, matrix, out);
    }
    let middle = columns.div_ceil(2 * PANEL) * PANEL;
    let (left, right) = matrix.split_at(Axis(1), middle);
    let (out_left, out_right) = out.split_at(Axis(1), middle);
    rayon::join(
        || split(values, bits, left, out_left, parts / 2),
        || split(values, bits, right, out_right, parts / 2),
    );
}

/// The product for at most [`PANEL`] columns.
fn panel(
    values: Values,
    bits: BitRows,
    matrix: ArrayView2<f32>,
    mut out: ArrayViewMut2<f32>,
    workspace: &mut Workspace,
) {
    assert!(out.strides()[1] == 1 || out.ncols() == 1, "the rows of the result are contiguous");
    let Workspace { tables, rows, waiting } = workspace;
    if waiting.len() < bits.rows() {
        waiting.resize(bits.rows(), ZERO);
    }
    let mut sums = Sums { waiting, step: out.strides()[0], out: out.as_mut_ptr() };
    let groups = matrix.nrows().div_ceil(GROUP);
    let blocks = groups.div_ceil(GROUPS).max(1);
    let in_place = lines::in_place(&matrix);
    for number in 0..blocks {
        let (from, to) = (number * groups / blocks, (number + 1) * groups / blocks);
        let block = Block { from, first: number == 0, last: number + 1 == blocks, columns: matrix.ncols() };
        let mut sources = [[std::ptr::null(); GROUP]; GROUPS];
        for ((group, source), copies) in (from..to).zip(&mut sources).zip(&mut *rows) {
            let first = group * GROUP;
            *source = if in_place && first + GROUP <= matrix.nrows() {
                // SAFETY: a row of the matrix.
                std::array::from_fn(|i| unsafe {
                    matrix.as_ptr().offset((first + i) as isize * matrix.strides()[0])
                })
            } else {
                lines::copy(&matrix, first, copies);
                copies.each_ref().map(|copy| copy.0.as_ptr())
            };
        }
        let (tables, sources) = (&mut tables[..to - from], &sources[..to - from]);
        // SAFETY: `width` names instructions that the machine has; the sources are rows of the matrix or of the
        // copies, a multiple of 16 columns long; the result is borrowed and has `columns` columns and as many
        // rows as there are rows of bits.
        unsafe {
            match width() {
                #[cfg(target_arch = "x86_64")]
                Width::Avx512 => kernel::avx512::run(values, bits, &block, sources, tables, &mut sums),
                #[cfg(target_arch = "x86_64")]
                Width::Avx2 => kernel::avx2::run(values, bits, &block, sources, tables, &mut sums),
                _ => kernel::portable::run(values, bits, &block, sources, tables, &mut sums),
            }
        }
    }
}
