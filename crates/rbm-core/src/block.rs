//! How the rows of a matrix of chains are divided among generators: by their number alone, never by that of threads.

/// The number of rows that share a generator.
pub(crate) const ROWS: usize = 16;

/// The number of generators for `rows` rows; the last may serve fewer than [`ROWS`].
pub(crate) fn count(rows: usize) -> usize {
    rows.div_ceil(ROWS)
}
