//! The blocking: which part of the product is computed when, from copies or in place.

use std::cell::RefCell;

use ndarray::{ArrayView2, ArrayViewMut2};

use super::pack::{Part, pack};
use super::tile::{Add, Piece, Portable, Tile};
#[cfg(target_arch = "x86_64")]
use super::tile_x86::{Avx2, Avx512};
use crate::vector::{Width, width};

/// The longest part of the sums that is computed at a time: a panel of b of this depth stays in the
/// second-level cache and streams from there.
const DEPTH: usize = 384;
/// The most rows of a in a block: its copy stays in the second-level cache.
const ROWS: usize = 168;
/// The most columns of b in a block: its copy stays in the third-level cache.
const COLUMNS: usize = 3072;
/// Of a matrix that spans more bytes than this, what will be needed next is fetched ahead.
const FAR: usize = 1 << 18;
/// An operand that spans at most this many bytes is read in place, if its layout allows.
const IN_PLACE: usize = 1 << 17;

/// So many panels of b are copied together: in the order of memory, where its rows are contiguous.
const TOGETHER: usize = 8;
/// With at most this many columns, a copy of a costs more than reading it across.
const FEW: usize = 512;

/// 64 bytes, so that the copies begin at a cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[expect(dead_code, reason = "only its address is used")] [f32; 16]);

/// The buffers of a thread, kept between calls.
#[derive(Default)]
struct Workspace {
    a: Vec<Line>,
    b: Vec<Line>,
    sums: Vec<Line>,
}

thread_local! {
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

/// Room for `elements`; grows the buffer if it must.
fn room(buffer: &mut Vec<Line>, elements: usize) -> *mut f32 {
    let lines = elements.div_ceil(16);
    if buffer.len() < lines {
        buffer.resize(lines, Line([0.0; 16]));
    }
    buffer.as_mut_ptr().cast()
}

/// The result: element (i, j) at `start + i * step + j`.
#[derive(Clone, Copy)]
struct Target {
    start: *mut f32,
    step: isize,
}

/// out = a·b, or with a scale out = fma(scale, a·b, out).
pub(super) fn run(scale: Option<f32>, a: ArrayView2<f32>, b: ArrayView2<f32>, mut out: ArrayViewMut2<f32>) {
    assert_eq!(a.ncols(), b.nrows(), "inner lengths");
    assert_eq!(out.dim(), (a.nrows(), b.ncols()), "shape of the result");
    if out.is_empty() {
        return;
    }
    let strides = out.strides();
    if strides[1] == 1 || out.ncols() == 1 {
        run_rows(scale, a, b, out);
    } else if strides[0] == 1 || out.nrows() == 1 {
        run_rows(scale, b.reversed_axes(), a.reversed_axes(), out.reversed_axes());
    } else {
        let mut rows = out.to_owned();
        run_rows(scale, a, b, rows.view_mut());
        out.assign(&rows);
    }
}

/// As [`run`], for a result whose rows are contiguous.
fn run_rows(scale: Option<f32>, a: ArrayView2<f32>, b: ArrayView2<f32>, mut out: ArrayViewMut2<f32>) {
    let shape = [a.nrows(), b.ncols(), a.ncols()];
    let a = Part { start: a.as_ptr(), row: a.strides()[0], step: a.strides()[1] };
    let b = Part { start: b.as_ptr(), row: b.strides()[1], step: b.strides()[0] };
    let out = Target { step: out.strides()[0], start: out.as_mut_ptr() };
    WORKSPACE.with_borrow_mut(|workspace| {
        // SAFETY: the views are valid for their shapes and strides, `out` is borrowed mutably and therefore
        // overlaps neither of them, and `width` names instructions that the machine has.
        unsafe {
            match width() {
                #[cfg(target_arch = "x86_64")]
                Width::Avx512 => product::<Avx512>(workspace, scale, shape, a, b, out),
                #[cfg(target_arch = "x86_64")]
                Width::Avx2 => product::<Avx2>(workspace, scale, shape, a, b, out),
                _ => product::<Portable>(workspace, scale, shape, a, b, out),
            }
        }
    });
}

/// The product of the shape (rows, columns, depth).
///
/// # Safety
///
/// The machine has the instructions of `T`, the operands and the target are valid for the shape, and the target
/// overlaps no operand.
unsafe fn product<T: Tile>(
    workspace: &mut Workspace,
    scale: Option<f32>,
    [rows, columns, depth]: [usize; 3],
    a: Part,
    b: Part,
    out: Target,
) {
    // Across, the tile reads as many lines at a time as it has rows; they must not share sets of the cache.
    let across = a.step == 1 && columns <= FEW && a.row.unsigned_abs() % 512 >= 32;
    let a_in_place = (a.row == 1 && span(depth, a.step, rows) <= IN_PLACE)
        || (across && span(rows, a.row, depth) <= IN_PLACE);
    let b_in_place = b.row == 1 && span(depth, b.step, columns) <= IN_PLACE;
    let a_copy = if a_in_place {
        std::ptr::null_mut()
    } else {
        room(&mut workspace.a, rows.min(ROWS).div_ceil(T::ROWS) * T::STEP * depth.min(DEPTH))
    };
    let b_copy = if b_in_place {
        std::ptr::null_mut()
    } else {
        room(&mut workspace.b, columns.min(COLUMNS).next_multiple_of(T::COLUMNS) * depth.min(DEPTH))
    };
    // Where unfinished sums wait: in the result itself, unless that still holds what they will be added to.
    let waiting = if scale.is_some() && depth > DEPTH {
        let step = columns.min(COLUMNS).next_multiple_of(16);
        Target { start: room(&mut workspace.sums, rows * step), step: step as isize }
    } else {
        out
    };
    let b_far = !b_in_place && span(depth, b.step, columns) > FAR;
    let out_far = span(rows, out.step, columns) > FAR;
    let blocks = depth.div_ceil(DEPTH).max(1);
    for left in (0..columns).step_by(COLUMNS) {
        let columns = (columns - left).min(COLUMNS);
        for block in 0..blocks {
            let from = block * depth / blocks;
            let length = (block + 1) * depth / blocks - from;
            let last = block + 1 == blocks;
            for top in (0..rows).step_by(ROWS) {
                let rows = (rows - top).min(ROWS);
                let panels = rows.div_ceil(T::ROWS);
                let sums = if scale.is_some() { (top, 0) } else { (top, left) };
                for panel in 0..columns.div_ceil(T::COLUMNS) {
                    let first = panel * T::COLUMNS;
                    let width = (columns - first).min(T::COLUMNS);
                    let part = b.from(left + first, from);
                    let (b_start, b_step) = if b_in_place {
                        (part.start, part.step)
                    } else {
                        let copy = b_copy.wrapping_add(first * length);
                        if top == 0 && panel.is_multiple_of(TOGETHER) {
                            let width = (columns - first).min(TOGETHER * T::COLUMNS);
                            // SAFETY: the part is inside b, and the copy has `T::COLUMNS` × length elements
                            // for each panel.
                            unsafe { pack::<T>(part, width, length, copy, T::COLUMNS, b_far) };
                        }
                        (copy.cast_const(), T::COLUMNS as isize)
                    };
                    let mut row = 0;
                    for tile in 0..panels {
                        // The rows are dealt out evenly over the tiles.
                        let next = (tile + 1) * rows / panels;
                        let height = next - row;
                        let part = a.from(top + row, from);
                        let (a_start, a_row, a_step) = if a_in_place {
                            (part.start, part.row, part.step)
                        } else {
                            let copy = a_copy.wrapping_add(tile * T::STEP * length);
                            if panel == 0 {
                                // SAFETY: the part is inside a, and the copy has `T::STEP` × length elements
                                // for it.
                                unsafe { pack::<T>(part, height, length, copy, T::STEP, false) };
                            }
                            (copy.cast_const(), 1, T::STEP as isize)
                        };
                        let at = |target: Target, i: usize, j: usize| {
                            target.start.wrapping_offset(i as isize * target.step + j as isize)
                        };
                        let add = match scale {
                            Some(scale) if last => {
                                Some(Add { scale, out: at(out, top + row, left + first), out_step: out.step })
                            }
                            _ => None,
                        };
                        let piece = Piece {
                            rows: height,
                            columns: width,
                            depth: length,
                            a: a_start,
                            a_row,
                            a_step,
                            b: b_start,
                            b_step,
                            sums: at(waiting, sums.0 + row, sums.1 + first),
                            sums_step: waiting.step,
                            resume: from > 0,
                            add,
                        };
                        if out_far {
                            for i in 0..height {
                                T::prefetch(at(out, top + row + i, left + first), width);
                            }
                        }
                        // SAFETY: 1 <= height <= T::ROWS since rows are dealt out evenly over rows / T::ROWS
                        // tiles, rounded up; the operands and targets are valid as the caller and the packing
                        // vouch for.
                        unsafe { T::run(&piece) };
                        row = next;
                    }
                }
            }
        }
    }
}

/// The bytes that `count` lines span, `step` elements apart and `length` long.
fn span(count: usize, step: isize, length: usize) -> usize {
    count.saturating_mul(step.unsigned_abs()).max(length).saturating_mul(4)
}
