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
    // SAFETY: the loops stay inside the height × depth elements that the caller vouches for.
    unsafe {
        if part.row == 1 {
            for k in 0..depth {
                let from = part.start.wrapping_offset(k as isize * part.step);
                std::ptr::copy_nonoverlapping(from, to.add(k * to_step), height);
            }
        } else if part.step == 1 {
            T::pack_across(part.start, part.row, height, depth, to, to_step);
        } else {
            for k in 0..depth {
                let from = part.start.wrapping_offset(k as isize * part.step);
                for i in 0..height {
                    *to.add(k * to_step + i) = *from.offset(i as isize * part.row);
                }
            }
        }
    }
}
