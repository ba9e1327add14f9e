//! Matrices of two-valued units, one bit for each.

use ndarray::{Array2, ArrayView2, ArrayViewMut2};

mod pairs;

/// The bits of a word.
const WORD: usize = u64::BITS as usize;

/// What the bits stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// −1 and +1.
    Spin,
    /// 0 and 1.
    Binary,
}

impl Values {
    /// The value of a bit.
    #[inline]
    pub fn of(self, bit: bool) -> f32 {
        match (self, bit) {
            (_, true) => 1.0,
            (Self::Spin, false) => -1.0,
            (Self::Binary, false) => 0.0,
        }
    }
}

/// A matrix of bits. Bit j of a row is bit j mod 64 of its word ⌊j / 64⌋; what is left of the last word of a row is 0.
///
/// ```
/// use ndarray::arr2;
/// use numerics::bit_matrix::BitMatrix;
/// let bits = BitMatrix::of_positive(arr2(&[[1, -1, 1]]).view());
/// assert_eq!((bits.rows(), bits.row(0)), (1, &[0b101][..]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BitMatrix {
    rows: usize,
    columns: usize,
    words: Vec<u64>,
}

/// Some rows of a [`BitMatrix`].
#[derive(Debug, Clone, Copy)]
pub struct BitRows<'a> {
    rows: usize,
    columns: usize,
    words: &'a [u64],
}

/// The words of a row of `columns` bits.
pub fn words_of(columns: usize) -> usize {
    columns.div_ceil(WORD)
}

impl BitMatrix {
    /// All bits 0.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, words: vec![0; rows * words_of(columns)] }
    }

    /// 1 where a number is positive, as in spins ±1 and in units 0/1.
    pub fn of_positive<T: Copy + Default + PartialOrd>(numbers: ArrayView2<T>) -> Self {
        let mut bits = Self::zeros(numbers.nrows(), numbers.ncols());
        for (row, numbers) in numbers.rows().into_iter().enumerate() {
            let words = bits.row_mut(row);
            for (column, &number) in numbers.iter().enumerate() {
                words[column / WORD] |= u64::from(number > T::default()) << (column % WORD);
            }
        }
        bits
    }

    /// Rows of spins ±1.
    pub fn of_spins(spins: ArrayView2<i8>) -> Self {
        let spins = spins.as_standard_layout();
        let mut bits = Self::zeros(spins.nrows(), spins.ncols());
        for (row, spins) in spins.outer_iter().enumerate() {
            bits.set_spins(row, spins.as_slice().expect("rows in standard layout are contiguous"));
        }
        bits
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The words of a row.
    pub fn row(&self, row: usize) -> &[u64] {
        let length = words_of(self.columns);
        &self.words[row * length..][..length]
    }

    /// The words of a row; what is beyond the last column must stay 0.
    pub fn row_mut(&mut self, row: usize) -> &mut [u64] {
        let length = words_of(self.columns);
        &mut self.words[row * length..][..length]
    }

    /// Makes a row of spins ±1: a bit for each sign that is not negative, eight of them at a time.
    ///
    /// # Panics
    ///
    /// If there are not as many spins as columns.
    pub fn set_spins(&mut self, row: usize, spins: &[i8]) {
        assert_eq!(spins.len(), self.columns, "length of the row");
        for (word, spins) in self.row_mut(row).iter_mut().zip(spins.chunks(WORD)) {
            let (eights, rest) = spins.as_chunks::<8>();
            *word = rest.iter().rev().fold(0, |bits, &spin| bits << 1 | u64::from(spin >= 0));
            for eight in eights.iter().rev() {
                let ups = !u64::from_le_bytes(eight.map(|spin| spin as u8)) >> 7 & 0x0101_0101_0101_0101;
                // Byte i's bit goes to bit 56 + i, and nothing carries.
                *word = *word << 8 | ups.wrapping_mul(0x0102_0408_1020_4080) >> 56;
            }
        }
    }

    /// The words of all rows, one row after the other.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The words of all rows, one row after the other; what is beyond the last column must stay 0.
    pub fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// One bit.
    #[inline]
    pub fn get(&self, row: usize, column: usize) -> bool {
        self.row(row)[column / WORD] >> (column % WORD) & 1 == 1
    }

    /// Adds rows below the others.
    ///
    /// # Panics
    ///
    /// If they have another number of columns.
    pub fn append(&mut self, rows: BitRows) {
        assert_eq!(rows.columns, self.columns, "columns");
        self.rows += rows.rows;
        self.words.extend_from_slice(rows.words);
    }

    /// Exchanges two rows.
    pub fn swap_rows(&mut self, first: usize, second: usize) {
        let length = words_of(self.columns);
        for word in 0..length {
            self.words.swap(first * length + word, second * length + word);
        }
    }

    /// All rows.
    pub fn view(&self) -> BitRows<'_> {
        BitRows { rows: self.rows, columns: self.columns, words: &self.words }
    }

    /// The rows `from..to`.
    pub fn range(&self, from: usize, to: usize) -> BitRows<'_> {
        self.view().range(from, to)
    }

    /// Writes the values of the bits; `out` is [rows, columns].
    pub fn unpack(&self, values: Values, mut out: ArrayViewMut2<f32>) {
        out.indexed_iter_mut().for_each(|((row, column), out)| *out = values.of(self.get(row, column)));
    }

    /// Makes this the transpose of some rows.
    pub fn set_transposed(&mut self, from: BitRows) {
        (self.rows, self.columns) = (from.columns, from.rows);
        let length = words_of(self.columns);
        self.words.clear();
        self.words.resize(self.rows * length, 0);
        for column in 0..length {
            for word in 0..words_of(from.columns) {
                let height = (from.rows - column * WORD).min(WORD);
                let mut block = [0; WORD];
                for (i, line) in block[..height].iter_mut().enumerate() {
                    *line = from.row(column * WORD + i)[word];
                }
                transpose(&mut block);
                let width = (from.columns - word * WORD).min(WORD);
                for (i, &line) in block[..width].iter().enumerate() {
                    self.words[(word * WORD + i) * length + column] = line;
                }
            }
        }
    }
}

impl<'a> BitRows<'a> {
    /// The same rows as a matrix of their own.
    pub fn to_owned(&self) -> BitMatrix {
        BitMatrix { rows: self.rows, columns: self.columns, words: self.words.to_vec() }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The words of a row.
    #[inline]
    pub fn row(&self, row: usize) -> &'a [u64] {
        let length = words_of(self.columns);
        &self.words[row * length..][..length]
    }

    /// The rows `from..to` of these.
    pub fn range(&self, from: usize, to: usize) -> BitRows<'a> {
        let length = words_of(self.columns);
        BitRows { rows: to - from, columns: self.columns, words: &self.words[from * length..to * length] }
    }

    /// The number of bits that are 1 in each row.
    pub fn counts(self) -> impl Iterator<Item = u32> + 'a {
        (0..self.rows).map(move |row| self.row(row).iter().map(|word| word.count_ones()).sum())
    }

    /// The bits as spins ±1, [rows, columns]: eight at a time.
    pub fn to_spins(&self) -> Array2<i8> {
        let mut spins = Array2::zeros((self.rows, self.columns));
        for (row, mut spins) in spins.outer_iter_mut().enumerate() {
            let spins = spins.as_slice_mut().expect("rows of a row-major matrix are contiguous");
            for (&word, spins) in self.row(row).iter().zip(spins.chunks_mut(WORD)) {
                for (byte, spins) in word.to_le_bytes().into_iter().zip(spins.chunks_mut(8)) {
                    spins.copy_from_slice(&SPINS[usize::from(byte)][..spins.len()]);
                }
            }
        }
        spins
    }
}

/// The spins of each byte.
static SPINS: [[i8; 8]; 256] = {
    let mut spins = [[-1; 8]; 256];
    let mut i = 0;
    while i < 2048 {
        if ((i / 8) >> (i % 8)) & 1 == 1 {
            spins[i / 8][i % 8] = 1;
        }
        i += 1;
    }
    spins
};

/// Transposes 64 × 64 bits: halves of ever smaller squares change places (Warren, Hacker's Delight, 7-3).
fn transpose(block: &mut [u64; WORD]) {
    let mut width = WORD / 2;
    let mut mask = u64::MAX >> width;
    while width > 0 {
        for square in (0..WORD).step_by(2 * width) {
            for i in square..square + width {
                let differs = (block[i] >> width ^ block[i + width]) & mask;
                block[i] ^= differs << width;
                block[i + width] ^= differs;
            }
        }
        width /= 2;
        mask ^= mask << width;
    }
}
