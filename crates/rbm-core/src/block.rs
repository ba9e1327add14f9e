//! How the rows of a matrix of chains are divided: by their number alone, never by the number of threads.

use std::ops::Range;

/// The most rows that share one generator.
const ROWS: usize = 32;

/// The number of blocks of `rows` rows.
pub(crate) fn count(rows: usize) -> usize {
    rows.div_ceil(ROWS)
}

/// The rows of block number `block` of [`count`]`(rows)`; the blocks' lengths differ by at most one.
pub(crate) fn range(rows: usize, block: usize) -> Range<usize> {
    let blocks = count(rows);
    block * rows / blocks..(block + 1) * rows / blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cover_all_rows_once_and_evenly() {
        for rows in 1..300 {
            let mut next = 0;
            for block in 0..count(rows) {
                let range = range(rows, block);
                assert_eq!(range.start, next);
                assert!(!range.is_empty() && range.len() <= ROWS, "{rows} rows, block {block}: {range:?}");
                next = range.end;
            }
            assert_eq!(next, rows);
        }
    }
}
