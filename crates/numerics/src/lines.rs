//! Columns of a matrix in lines of whole registers, as kernels read them.

#![expect(unsafe_code, reason = "pieces of rows, within bounds that the caller vouches for")]

use ndarray::ArrayView2;

/// The columns of a panel.
pub(crate) const PANEL: usize = 32;
/// The columns of the widest register.
pub(crate) const REGISTER: usize = 16;
/// The rows that are copied together.
pub(crate) const GROUP: usize = 4;

/// A row of a panel.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Line(pub(crate) [f32; PANEL]);

pub(crate) const ZERO: Line = Line([0.0; PANEL]);

/// Whether the rows of a panel can be read where they are, whole registers at a time.
pub(crate) fn in_place(panel: &ArrayView2<f32>) -> bool {
    panel.strides()[1] == 1 && panel.ncols().is_multiple_of(REGISTER)
}

/// Copies up to [`GROUP`] rows of a panel, from `first` on, to lines that end with zeros; rows beyond the last are zeros.
pub(crate) fn copy(panel: &ArrayView2<f32>, first: usize, copies: &mut [Line; GROUP]) {
    let (height, width) = (GROUP.min(panel.nrows() - first), panel.ncols());
    let [down, along] = [panel.strides()[0], panel.strides()[1]];
    // SAFETY: only for elements of the panel.
    let at = |row: usize, column: usize| unsafe {
        panel.as_ptr().offset((first + row) as isize * down + column as isize * along)
    };
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

/// Four numbers as a register that every machine has.
pub(crate) mod portable {
    /// # Safety
    ///
    /// Four numbers are there.
    #[inline(always)]
    pub(crate) unsafe fn load(from: *const f32) -> [f32; 4] {
        // SAFETY: as the caller vouches.
        unsafe { from.cast::<[f32; 4]>().read() }
    }

    /// # Safety
    ///
    /// There is room for four numbers.
    #[inline(always)]
    pub(crate) unsafe fn store(to: *mut f32, numbers: [f32; 4]) {
        // SAFETY: as the caller vouches.
        unsafe { to.cast::<[f32; 4]>().write(numbers) }
    }

    #[inline(always)]
    pub(crate) fn add(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        std::array::from_fn(|lane| a[lane] + b[lane])
    }

    #[inline(always)]
    pub(crate) fn subtract(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        std::array::from_fn(|lane| a[lane] - b[lane])
    }

    #[inline(always)]
    pub(crate) fn multiply(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        std::array::from_fn(|lane| a[lane] * b[lane])
    }

    #[inline(always)]
    pub(crate) fn splat(number: f32) -> [f32; 4] {
        [number; 4]
    }
}
