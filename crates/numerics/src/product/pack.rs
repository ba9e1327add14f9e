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

/// Copies the `height` × `depth` elements at the start of `part` to panels of `to_step` rows that follow each
/// other: element (i, k) of panel p to `p * to_step * depth + k * to_step + i`. With `far`, what comes next
/// is fetched ahead where that helps.
///
/// # Safety
///
/// The machine has the instructions of `T`, the addresses of the part are valid, `to_step` is a multiple of
/// 8, and the target has room for the panels.
pub(super) unsafe fn pack<T: Tile>(
    part: Part,
    height: usize,
    depth: usize,
    to: *mut f32,
    to_step: usize,
    far: bool,
) {
    // SAFETY: as the caller vouches.
    unsafe {
        if part.row == 1 {
            T::pack_along(part, height, depth, to, to_step, far);
        } else if part.step == 1 {
            for first in (0..height).step_by(to_step) {
                let height = (height - first).min(to_step);
                T::pack_across(part.from(first, 0), height, depth, to.add(first * depth), to_step);
            }
        } else {
            pack_any(part, height, depth, to, to_step);
        }
    }
}

/// [`pack`] for any layout.
///
/// # Safety
///
/// The addresses of the part and of the target are valid.
pub(super) unsafe fn pack_any(part: Part, height: usize, depth: usize, to: *mut f32, to_step: usize) {
    for i in 0..height {
        let to = to.wrapping_add(i / to_step * to_step * depth + i % to_step);
        for k in 0..depth {
            let from = part.start.wrapping_offset(i as isize * part.row + k as isize * part.step);
            // SAFETY: element (i, k) of the height × depth elements that the caller vouches for.
            unsafe { *to.add(k * to_step) = *from };
        }
    }
}
