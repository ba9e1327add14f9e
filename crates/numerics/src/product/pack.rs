//! Copies of parts of an operand, in the order in which the tiles read them.

use super::tile::Tile;

/// A part of an operand: element (i, k) at `start + i * row + k * step`, where i counts along the tile
/// (rows of a, columns of b) and k along the sum.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) start: *const f32,
    pub(super) row: isize,
    pub(super) step: isize,
}

impl Part {
    /// The part that begins `i` rows and `k` steps later.
    pub(super) fn from(self, i: usize, k: usize) -> Self {
        let start = self.start.wrapping_offset(i as isize * self.row + k as isize * self.step);
        Self { start, ..self }
    }
}

/// Copies the `height` × `depth` elements at the start of `part` to `to`, element (i, k) to `k * to_step + i`.
///
/// # Safety
///
/// The machine has the instructions of `T`, the addresses of the part are valid, and the target has room for
/// `depth` times `to_step` elements, where `to_step` is at least the height rounded up to a multiple of 8.
pub(super) unsafe fn pack<T: Tile>(part: Part, height: usize, depth: usize, to: *mut f32, to_step: usize) {
    // SAFETY: as the caller vouches.
    unsafe {
        if part.row == 1 {
            T::pack_along(part, height, depth, to, to_step);
        } else if part.step == 1 {
            T::pack_across(part, height, depth, to, to_step);
        } else {
            pack_any(part, height, depth, to, to_step);
        }
    }
}

/// The copy for any layout.
///
/// # Safety
///
/// The addresses of the part and of the target are valid.
pub(super) unsafe fn pack_any(part: Part, height: usize, depth: usize, to: *mut f32, to_step: usize) {
    for k in 0..depth {
        let from = part.start.wrapping_offset(k as isize * part.step);
        for i in 0..height {
            // SAFETY: element (i, k) of the height × depth elements that the caller vouches for.
            unsafe { *to.add(k * to_step + i) = *from.wrapping_offset(i as isize * part.row) };
        }
    }
}
