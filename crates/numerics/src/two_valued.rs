//! Products of two-valued matrices (±1 or 0/1, one bit each) with real ones, by tables of sums: no multiplication.
//!
//! # The bits
//!
//! The sum over k is cut into groups of four. With t the sum over a group, (((±m₀) ± m₁) ± m₂) ± m₃ for spins, and for binary
//! units the sum of those mₖ whose bit is set, in the same order, an element of the result is t₀ + t₁ + …, from left to right
//! (an mₖ beyond the last is 0). There are only additions, so that every width rounds alike, and spins that all change sign
//! change the sign of every sum exactly.
//!
//! # How it works
//!
//! A group of four rows of the real matrix has 16 sums. They are computed once, for a panel of 32 columns, and then each row of
//! bits adds the one that its four bits name: for a batch of 100 rows (16 + 100) / 4 = 29 vector operations for each row of the
//! matrix instead of 100 fused multiply-adds. Tables are made for a block of up to 10 groups at a time, 20 KiB, which stay in the
//! first-level cache while all rows of bits pass; between blocks the sums of a row wait in a buffer. Rows of the real matrix that
//! lie across (with 4 × 4 transposes in registers) or end within a register are copied first. Panels are independent: threads
//! take some columns each.
//!
//! # What bounds it
//!
//! Loads: each row of bits and group takes one load for each register of the panel, and of 512 bits two start in a cycle. A
//! group's table is 16 stores for each register (one starts in a cycle), a block a load and a store of the waiting sums for each
//! row. With these costs groups of 4 and of 5 need the same time for 100 rows (33 per row of the matrix), groups of 6 more;
//! groups of 5 pay for much larger batches only. Measured, panels of 32 columns and blocks of 7 or 10 groups or panels of 64
//! and blocks of 5 or 8 differ by a tenth; the ones chosen are the best with AVX2, without vectors, and for 100 columns. On an
//! Intel Xeon (Sapphire Rapids) they take 1/1.5 to 1/1.7 of the time of fused multiply-adds in register tiles with AVX-512 for
//! batches of 100 (1/1.9 to 1/2.4 with AVX2); the portable code is as fast as .65 to .8 of those of AVX-512.

use std::cell::RefCell;

use ndarray::{ArrayView2, ArrayViewMut2, Axis};

use crate::bit_matrix::{BitRows, Values};
use crate::vector::{Width, width};

mod kernel;

/// The rows of the real matrix in a group.
const GROUP: usize = 4;
/// The sums of a group.
const SUMS: usize = 1 << GROUP;
/// The columns of a panel.
const PANEL: usize = 32;
/// The columns of the widest register.
const REGISTER: usize = 16;
/// The most groups of a block.
const GROUPS: usize = 10;
/// Parts are not made smaller than this many products: some 20 µs.
const PART: usize = 1 << 22;

/// A row of a panel.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; PANEL]);

const ZERO: Line = Line([0.0; PANEL]);

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

/// out = bits·matrix: `bits` is [rows, depth], `matrix` [depth, columns] in any layout, `out` [rows, columns] with contiguous
/// rows.
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
    for number in 0..blocks {
        let (from, to) = (number * groups / blocks, (number + 1) * groups / blocks);
        let block = Block { from, first: number == 0, last: number + 1 == blocks, columns: matrix.ncols() };
        let mut sources = [[std::ptr::null(); GROUP]; GROUPS];
        for ((group, source), copies) in (from..to).zip(&mut sources).zip(&mut *rows) {
            *source = rows_of(&matrix, group * GROUP, copies);
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

/// Where the [`GROUP`] rows from `first` on are, in whole registers: in the matrix itself, or in copies that end with zeros.
fn rows_of(matrix: &ArrayView2<f32>, first: usize, copies: &mut [Line; GROUP]) -> [*const f32; GROUP] {
    let (height, width) = (GROUP.min(matrix.nrows() - first), matrix.ncols());
    let [down, along] = [matrix.strides()[0], matrix.strides()[1]];
    // SAFETY: only for elements of the matrix.
    let at = |row: usize, column: usize| unsafe {
        matrix.as_ptr().offset((first + row) as isize * down + column as isize * along)
    };
    if along == 1 && height == GROUP && width.is_multiple_of(REGISTER) {
        return std::array::from_fn(|row| at(row, 0));
    }
    if height < GROUP || width < PANEL {
        *copies = [ZERO; GROUP];
    }
    let mut column = 0;
    if down == 1 && height == GROUP {
        while column + GROUP <= width {
            // SAFETY: the four elements of a column.
            let read = |i: usize| unsafe { at(0, column + i).cast::<[f32; GROUP]>().read_unaligned() };
            let square = transpose([read(0), read(1), read(2), read(3)]);
            for (copy, part) in copies.iter_mut().zip(square) {
                copy.0[column..column + GROUP].copy_from_slice(&part);
            }
            column += GROUP;
        }
    }
    for (row, copy) in copies.iter_mut().enumerate().take(height) {
        for (i, to) in copy.0[..width].iter_mut().enumerate().skip(column) {
            // SAFETY: row < height, i < width.
            *to = unsafe { *at(row, i) };
        }
    }
    copies.each_ref().map(|copy| copy.0.as_ptr())
}

/// The transpose, in registers where that is known how.
#[inline]
fn transpose(square: [[f32; GROUP]; GROUP]) -> [[f32; GROUP]; GROUP] {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{__m128, _MM_TRANSPOSE4_PS};
        // SAFETY: both are sixteen numbers in the same order, and SSE is part of x86-64.
        unsafe {
            let [mut a, mut b, mut c, mut d] =
                std::mem::transmute::<[[f32; GROUP]; GROUP], [__m128; GROUP]>(square);
            _MM_TRANSPOSE4_PS(&mut a, &mut b, &mut c, &mut d);
            std::mem::transmute([a, b, c, d])
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::array::from_fn(|row| std::array::from_fn(|column| square[column][row]))
}
