//! Rows as the numbers of the bins that their values fall into.

use super::cuts::Cuts;

/// The number of a bin, small enough to keep many in a cache.
pub(super) trait Bin: Copy + Send + Sync + 'static {
    fn of(number: usize) -> Self;
    fn number(self) -> usize;
}

impl Bin for u8 {
    fn of(number: usize) -> u8 {
        number as u8
    }
    #[inline(always)]
    fn number(self) -> usize {
        usize::from(self)
    }
}

impl Bin for u16 {
    fn of(number: usize) -> u16 {
        number as u16
    }
    #[inline(always)]
    fn number(self) -> usize {
        usize::from(self)
    }
}

/// Columns that lie side by side in a row, so that their sums fit into the nearest cache together.
pub(super) const BLOCK: usize = 8;

/// What is known of one column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) bins: usize,
    /// Whether a row misses its value. Missing values are in the last slot, which no bin takes then.
    pub(super) any_missing: bool,
}

impl Column {
    /// What is known of the columns of row-major values.
    pub(super) fn all(values: &[f32], cuts: &Cuts) -> Vec<Column> {
        let width = cuts.columns().len();
        let column = |(place, bounds): (usize, &Vec<f32>)| Column {
            bins: bounds.len(),
            any_missing: values.iter().skip(place).step_by(width).any(|x| x.is_nan()),
        };
        cuts.columns().iter().enumerate().map(column).collect()
    }

    /// How many different numbers it needs.
    pub(super) fn slots(&self) -> usize {
        self.bins + usize::from(self.any_missing)
    }
}

/// The rows to learn from, with at most `SLOTS` different numbers in each column.
pub(super) struct BinnedRows<B, const SLOTS: usize> {
    pub(super) columns: Vec<Column>,
    pub(super) rows: usize,
    /// Row after row, each in blocks of columns; the last block is filled up with zeros.
    pub(super) by_row: Vec<[B; BLOCK]>,
    /// Column after column.
    pub(super) by_column: Vec<B>,
}

impl<B: Bin, const SLOTS: usize> BinnedRows<B, SLOTS> {
    /// Puts row-major values into bins; no column needs more slots than there are.
    pub(super) fn new(values: &[f32], rows: usize, cuts: &Cuts, columns: Vec<Column>) -> Self {
        let width = columns.len();
        let blocks = width.div_ceil(BLOCK);
        let mut by_row = vec![[B::of(0); BLOCK]; rows * blocks];
        let mut by_column = Vec::with_capacity(rows * width);
        for (place, bounds) in cuts.columns().iter().enumerate() {
            for row in 0..rows {
                let value = values[row * width + place];
                let bin = match value.is_nan() {
                    true => B::of(SLOTS - 1),
                    false => B::of(bin_of(value, bounds).min(bounds.len().saturating_sub(1))),
                };
                by_row[row * blocks + place / BLOCK][place % BLOCK] = bin;
                by_column.push(bin);
            }
        }
        BinnedRows {
            columns,
            rows,
            by_row,
            by_column,
        }
    }

    /// The bins of one column, for every row.
    pub(super) fn column(&self, place: usize) -> &[B] {
        &self.by_column[place * self.rows..(place + 1) * self.rows]
    }

    pub(super) fn any_missing(&self) -> bool {
        self.columns.iter().any(|column| column.any_missing)
    }

    /// How many bins all columns have together.
    pub(super) fn bins(&self) -> usize {
        self.columns.iter().map(|column| column.bins).sum()
    }

    /// How many blocks a row has.
    pub(super) fn blocks(&self) -> usize {
        self.columns.len().div_ceil(BLOCK)
    }
}

/// The rows to judge on, column after column. Unlike rows that are learned from, a value above all bounds has a
/// number of its own.
pub(crate) struct JudgedRows {
    rows: usize,
    by_column: Vec<u16>,
}

/// The number of a missing value among the rows to judge on.
const MISSING: u16 = u16::MAX;

impl JudgedRows {
    pub(super) fn new(values: &[f32], rows: usize, cuts: &Cuts) -> JudgedRows {
        let width = cuts.columns().len();
        let mut by_column = Vec::with_capacity(rows * width);
        for (place, bounds) in cuts.columns().iter().enumerate() {
            by_column.extend((0..rows).map(|row| {
                let value = values[row * width + place];
                match value.is_nan() {
                    true => MISSING,
                    false => bin_of(value, bounds) as u16,
                }
            }));
        }
        JudgedRows { rows, by_column }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn column(&self, place: usize) -> &[u16] {
        &self.by_column[place * self.rows..(place + 1) * self.rows]
    }

    #[inline(always)]
    pub(super) fn is_missing(bin: u16) -> bool {
        bin == MISSING
    }
}

/// How many bounds are not above the value.
fn bin_of(value: f32, bounds: &[f32]) -> usize {
    bounds.partition_point(|bound| *bound <= value)
}
