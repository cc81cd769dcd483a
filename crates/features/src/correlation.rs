//! Pearson's r between all columns, each pair over the rows where both are present.
//!
//! Rows are taken in blocks of a fixed size, each block sums its own products, and the blocks are
//! added in their order: the result is the same whatever the number of threads.

use std::borrow::Cow;

use rayon::prelude::*;

use crate::moments::{Moments, dot};

const BLOCK_ROWS: usize = 1024;

/// The sums over the rows that a pair shares: count, x, y, x*x, y*y, x*y.
type Sums = [f64; 6];

/// The correlation of every pair of columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlations {
    columns: usize,
    /// The pairs (0,1), (0,2), (1,2), (0,3), ...
    pairs: Vec<f64>,
}

impl Correlations {
    pub fn of(columns: &[Cow<'_, [f64]>]) -> Correlations {
        let moments: Vec<Moments> = columns.par_iter().map(|c| Moments::of(c)).collect();
        let rows = columns.first().map_or(0, |column| column.len());
        let starts: Vec<usize> = (0..rows).step_by(BLOCK_ROWS).collect();
        let blocks: Vec<Vec<Sums>> = starts
            .par_iter()
            .map(|start| block_sums(columns, &moments, *start, rows.min(start + BLOCK_ROWS)))
            .collect();
        let mut totals = vec![[0.0; 6]; pair_count(columns.len())];
        for block in &blocks {
            for (total, part) in totals.iter_mut().zip(block) {
                for (total, part) in total.iter_mut().zip(part) {
                    *total += part;
                }
            }
        }
        Correlations {
            columns: columns.len(),
            pairs: totals.iter().map(correlation).collect(),
        }
    }

    /// NaN where it is not defined: a column against itself, a constant column, too few rows.
    pub fn get(&self, one: usize, other: usize) -> f64 {
        let (low, high) = (one.min(other), one.max(other));
        if low == high || high >= self.columns {
            return f64::NAN;
        }
        self.pairs
            .get(pair_count(high) + low)
            .copied()
            .unwrap_or(f64::NAN)
    }
}

fn pair_count(columns: usize) -> usize {
    columns * columns.saturating_sub(1) / 2
}

fn correlation(sums: &Sums) -> f64 {
    let [count, x, y, xx, yy, xy] = *sums;
    let spread = (count * xx - x * x) * (count * yy - y * y);
    if count < 2.0 || spread <= 0.0 {
        return f64::NAN;
    }
    (count * xy - x * y) / spread.sqrt()
}

/// One column's rows of a block: standardised with 0 for missing, its squares, and 1 for present.
struct Part {
    z: Vec<f64>,
    squares: Vec<f64>,
    present: Vec<f64>,
    complete: bool,
    count: f64,
    sum: f64,
    sum_of_squares: f64,
}

impl Part {
    fn new(values: &[f64], moments: &Moments) -> Part {
        let (shift, scale) = (moments.shift(), moments.scale());
        let z: Vec<f64> = values
            .iter()
            .map(|x| if x.is_nan() { 0.0 } else { (x - shift) / scale })
            .collect();
        let present: Vec<f64> = values
            .iter()
            .map(|x| f64::from(u8::from(!x.is_nan())))
            .collect();
        let squares: Vec<f64> = z.iter().map(|z| z * z).collect();
        let count = present.iter().sum();
        Part {
            complete: count == values.len() as f64,
            count,
            sum: z.iter().sum(),
            sum_of_squares: squares.iter().sum(),
            z,
            squares,
            present,
        }
    }

    /// Count, sum and sum of squares over the rows where the other is present.
    fn where_present(&self, other: &Part) -> (f64, f64) {
        if other.complete {
            return (self.sum, self.sum_of_squares);
        }
        (
            dot(&self.z, &other.present),
            dot(&self.squares, &other.present),
        )
    }

    fn shared_rows(&self, other: &Part) -> f64 {
        match (self.complete, other.complete) {
            (true, _) => other.count,
            (_, true) => self.count,
            _ => dot(&self.present, &other.present),
        }
    }
}

fn block_sums(
    columns: &[Cow<'_, [f64]>],
    moments: &[Moments],
    start: usize,
    end: usize,
) -> Vec<Sums> {
    let parts: Vec<Part> = columns
        .iter()
        .zip(moments)
        .map(|(column, moments)| Part::new(column.get(start..end).unwrap_or_default(), moments))
        .collect();
    let mut sums = Vec::with_capacity(pair_count(parts.len()));
    for (high, right) in parts.iter().enumerate() {
        for left in &parts[..high] {
            let (x, xx) = left.where_present(right);
            let (y, yy) = right.where_present(left);
            let count = left.shared_rows(right);
            sums.push([count, x, y, xx, yy, dot(&left.z, &right.z)]);
        }
    }
    sums
}
