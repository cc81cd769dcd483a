//! Sums of gradients and numbers of rows, for each bin of each column.
//!
//! It is unsafe because the innermost loop does not ask again whether rows and bins exist: a fifth of a tree's time.
//! Rows are handed out from 0 up to their number (`tree`), and no bin is made that has no slot (`bins`).
#![allow(unsafe_code)]

use super::bins::{BLOCK, Bin, BinnedRows, Column};

/// The gradients of a bin added up, and how many rows they are.
pub(super) type Sum = [f64; 2];

/// The sums of a node: for each of the tree's columns, one for each slot.
pub(super) struct Histogram<const SLOTS: usize>(pub(super) Vec<[Sum; SLOTS]>);

/// The columns that a tree sees.
pub(super) struct Seen {
    /// Their places, rising.
    pub(super) places: Vec<usize>,
    pub(super) columns: Vec<Column>,
    /// For each block of columns, which of it are seen.
    blocks: Vec<Vec<usize>>,
}

impl Seen {
    pub(super) fn new(places: Vec<usize>, columns: &[Column]) -> Seen {
        let mut blocks = vec![Vec::new(); columns.len().div_ceil(BLOCK)];
        for place in &places {
            blocks[place / BLOCK].push(place % BLOCK);
        }
        Seen {
            columns: places.iter().map(|place| columns[*place]).collect(),
            places,
            blocks,
        }
    }
}

/// Rows that are added block by block, while their gradients and bins are near.
const ROWS_AT_ONCE: usize = 512;
/// How far ahead of its use a row's bins are asked for.
const ROWS_AHEAD: usize = 12;

impl<const SLOTS: usize> Histogram<SLOTS> {
    pub(super) fn new(columns: usize) -> Self {
        Histogram(vec![[[0.0; 2]; SLOTS]; columns])
    }

    pub(super) fn clear(&mut self, seen: &Seen) {
        for (sums, column) in self.0.iter_mut().zip(&seen.columns) {
            sums[..column.bins].fill([0.0; 2]);
            if column.any_missing {
                sums[SLOTS - 1] = [0.0; 2];
            }
        }
    }

    /// Adds rows to their bins.
    pub(super) fn add<B: Bin>(
        &mut self,
        seen: &Seen,
        binned: &BinnedRows<B, SLOTS>,
        gradients: &[f32],
        rows: &[u32],
    ) {
        let width = binned.blocks();
        for rows in rows.chunks(ROWS_AT_ONCE) {
            let mut sums = &mut self.0[..];
            for (block, members) in seen.blocks.iter().enumerate() {
                let of_block;
                (of_block, sums) = sums.split_at_mut(members.len());
                let at = Place {
                    lines: &binned.by_row,
                    width,
                    block,
                };
                match members.len() {
                    1 => at.add::<1, SLOTS>(of_block, members, gradients, rows),
                    2 => at.add::<2, SLOTS>(of_block, members, gradients, rows),
                    3 => at.add::<3, SLOTS>(of_block, members, gradients, rows),
                    4 => at.add::<4, SLOTS>(of_block, members, gradients, rows),
                    5 => at.add::<5, SLOTS>(of_block, members, gradients, rows),
                    6 => at.add::<6, SLOTS>(of_block, members, gradients, rows),
                    7 => at.add::<7, SLOTS>(of_block, members, gradients, rows),
                    8 => at.add::<8, SLOTS>(of_block, members, gradients, rows),
                    _ => {}
                }
            }
        }
    }

    /// Takes the sums of one child away, so that those of the other are left.
    pub(super) fn subtract(&mut self, seen: &Seen, other: &Self) {
        for ((sums, others), column) in self.0.iter_mut().zip(&other.0).zip(&seen.columns) {
            let take = |sum: &mut Sum, other: &Sum| {
                sum[0] -= other[0];
                sum[1] -= other[1];
            };
            for (sum, other) in sums[..column.bins].iter_mut().zip(&others[..column.bins]) {
                take(sum, other);
            }
            if column.any_missing {
                take(&mut sums[SLOTS - 1], &others[SLOTS - 1]);
            }
        }
    }
}

/// One block of columns in rows of blocks.
struct Place<'a, B> {
    lines: &'a [[B; BLOCK]],
    width: usize,
    block: usize,
}

impl<B: Bin> Place<'_, B> {
    /// With the number of members known, the compiler unrolls the inner loop.
    #[inline(never)]
    fn add<const MEMBERS: usize, const SLOTS: usize>(
        &self,
        sums: &mut [[Sum; SLOTS]],
        members: &[usize],
        gradients: &[f32],
        rows: &[u32],
    ) {
        let (Some(sums), Some(members)) = (
            sums.first_chunk_mut::<MEMBERS>(),
            members.first_chunk::<MEMBERS>(),
        ) else {
            return;
        };
        for (at, row) in rows.iter().enumerate() {
            let row = *row as usize;
            if let Some(ahead) = rows.get(at + ROWS_AHEAD) {
                self.fetch(*ahead as usize);
            }
            // SAFETY: the row is one of the table's, and there are so many gradients.
            let (line, gradient) = unsafe {
                let line = self.lines.get_unchecked(row * self.width + self.block);
                (line, f64::from(*gradients.get_unchecked(row)))
            };
            for (sums, member) in sums.iter_mut().zip(members) {
                // SAFETY: every bin has a slot.
                let sum = unsafe { sums.get_unchecked_mut(line[member % BLOCK].number()) };
                sum[0] += gradient;
                sum[1] += 1.0;
            }
        }
    }

    /// Asks for the bins of a row before they are needed: the rows of a node lie anywhere.
    #[inline(always)]
    fn fetch(&self, row: usize) {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            let line = self
                .lines
                .as_ptr()
                .wrapping_add(row * self.width + self.block);
            // SAFETY: a hint; it does not even have to be an address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(line.cast()) };
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = row;
    }
}
