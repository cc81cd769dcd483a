//! Rows made ready for many fits.

use rayon::prelude::*;

use crate::LinearError;
use crate::cholesky::Symmetric;
use crate::kernel::{LANES, add_squares};

/// Rows whose sums are formed together. Sums of blocks are added in the order of the blocks, whichever thread
/// formed them: so the number of threads changes nothing.
pub(crate) const BLOCK: usize = 2048;

/// Rows that stay in the processor's nearest memory while they are read twice.
pub(crate) const GROUP: usize = 64;

/// A table of finite numbers: centred, scaled, with a column of ones at the end.
#[derive(Debug, Clone)]
pub struct Design {
    names: Vec<String>,
    rows: usize,
    /// Places of a row: the columns, the ones, and zeros up to whole lanes.
    stride: usize,
    values: Vec<f64>,
    centre: Vec<f64>,
    /// Deviations; 0 for a column that never varies.
    scale: Vec<f64>,
}

impl Design {
    /// Of columns, each as long as the others.
    pub fn from_columns(names: &[&str], columns: &[&[f64]]) -> Result<Design, LinearError> {
        let rows = columns.first().map_or(0, |column| column.len());
        if names.len() != columns.len() {
            return Err(LinearError::ColumnsDiffer {
                expected: names.len(),
                found: columns.len(),
            });
        }
        for (name, column) in names.iter().zip(columns) {
            same_rows(name, rows, column.len())?;
        }
        Design::new(names, rows, columns)
    }

    /// Of row-major numbers.
    pub fn from_rows(names: &[&str], values: &[f32]) -> Result<Design, LinearError> {
        let width = names.len();
        let rows = values.len() / width.max(1);
        same_rows("values", rows * width, values.len())?;
        let column = |column: usize| -> Vec<f64> {
            let own = values.iter().skip(column).step_by(width.max(1));
            own.map(|value| f64::from(*value)).collect()
        };
        let columns: Vec<Vec<f64>> = (0..width).into_par_iter().map(column).collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        Design::new(names, rows, &columns)
    }

    fn new(names: &[&str], rows: usize, columns: &[&[f64]]) -> Result<Design, LinearError> {
        if rows == 0 {
            return Err(LinearError::NoRows);
        }
        let moments = columns.par_iter().zip(names);
        let moments: Vec<(f64, f64)> = moments
            .map(|(column, name)| moments_of(name, column))
            .collect::<Result<_, _>>()?;
        let (centre, scale): (Vec<f64>, Vec<f64>) = moments.into_iter().unzip();
        let stride = (columns.len() + 1).next_multiple_of(LANES);
        let mut values = vec![0.0; rows * stride];
        // A group of rows stays near while column after column is written into it.
        let fill = |(group, part): (usize, &mut [f64])| {
            let from = group * GROUP;
            for (place, column) in columns.iter().enumerate() {
                let (mean, inverse) = (centre[place], inverse(scale[place]));
                let values = &column[from..from + part.len() / stride];
                for (row, value) in part.chunks_exact_mut(stride).zip(values) {
                    row[place] = (value - mean) * inverse;
                }
            }
            part.chunks_exact_mut(stride)
                .for_each(|row| row[columns.len()] = 1.0);
        };
        values
            .par_chunks_mut(GROUP * stride)
            .enumerate()
            .for_each(fill);
        Ok(Design {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            rows,
            stride,
            values,
            centre,
            scale,
        })
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn columns(&self) -> usize {
        self.names.len()
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The mean of each column.
    pub(crate) fn centre(&self) -> &[f64] {
        &self.centre
    }

    pub(crate) fn scale(&self) -> &[f64] {
        &self.scale
    }

    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    pub(crate) fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.stride..(row + 1) * self.stride]
    }

    /// Sums over all rows, of so many numbers; a row is added at a time.
    pub(crate) fn sums(
        &self,
        size: usize,
        add: impl Fn(&mut [f64], usize, &[f64]) + Sync,
    ) -> Vec<f64> {
        self.group_sums(size, |sums, first, rows| {
            for (index, row) in rows.chunks_exact(self.stride).enumerate() {
                add(sums, first + index, row);
            }
        })
    }

    /// The same for rows that are added a group at a time: the first row's number, and the values of all.
    pub(crate) fn group_sums(
        &self,
        size: usize,
        add: impl Fn(&mut [f64], usize, &[f64]) + Sync,
    ) -> Vec<f64> {
        let of_block = |(block, part): (usize, &[f64])| {
            let mut sums = vec![0.0; size];
            for (group, rows) in part.chunks(GROUP * self.stride).enumerate() {
                add(&mut sums, block * BLOCK + group * GROUP, rows);
            }
            sums
        };
        let blocks: Vec<Vec<f64>> = self
            .values
            .par_chunks(BLOCK * self.stride)
            .enumerate()
            .map(of_block)
            .collect();
        total(size, &blocks)
    }

    /// The sum of weight times row times row, over the rows that are asked for, each with its weight.
    pub(crate) fn gram(&self, picked: &[usize], weights: &[f64]) -> Symmetric {
        let size = self.stride;
        let of_block = |(rows, weights): (&[usize], &[f64])| {
            let mut sums = vec![0.0; size * size];
            for (rows, weights) in rows.chunks(4).zip(weights.chunks(4)) {
                // Fewer than four are filled up by one that weighs nothing.
                let at = |index: usize| rows.get(index).copied().unwrap_or(rows[0]);
                let weight = |index: usize| weights.get(index).copied().unwrap_or(0.0);
                let four = [0, 1, 2, 3];
                add_squares(
                    &mut sums,
                    four.map(|index| self.row(at(index))),
                    four.map(weight),
                );
            }
            sums
        };
        let parts = picked.par_chunks(BLOCK).zip(weights.par_chunks(BLOCK));
        let blocks: Vec<Vec<f64>> = parts.map(of_block).collect();
        Symmetric {
            size,
            values: total(size * size, &blocks),
        }
    }
}
fn total(size: usize, blocks: &[Vec<f64>]) -> Vec<f64> {
    let mut sums = vec![0.0; size];
    for block in blocks {
        for (sum, value) in sums.iter_mut().zip(block) {
            *sum += value;
        }
    }
    sums
}

fn inverse(scale: f64) -> f64 {
    if scale > 0.0 { 1.0 / scale } else { 0.0 }
}

/// Mean and deviation of a column, which must be finite.
fn moments_of(name: &str, column: &[f64]) -> Result<(f64, f64), LinearError> {
    let count = column.len() as f64;
    let mean = sum_of(column, |value| value) / count;
    let squares = sum_of(column, |value| (value - mean) * (value - mean));
    let deviation = (squares / count).sqrt();
    if !deviation.is_finite() {
        // Of finite values the largest is to blame: its square has no place in `f64`.
        let missing = column.iter().position(|value| !value.is_finite());
        let row = missing.unwrap_or_else(|| largest(column));
        return Err(LinearError::ValueMissing {
            row,
            column: name.to_owned(),
            value: column[row],
        });
    }
    // What rounding alone leaves of a column that never varies is no deviation.
    let rounding = mean.abs() * f64::EPSILON * 4.0;
    Ok((mean, if deviation > rounding { deviation } else { 0.0 }))
}

fn sum_of(column: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let parts = column.chunks_exact(LANES);
    let rest: f64 = parts.remainder().iter().map(|value| of(*value)).sum();
    let mut lanes = [0.0; LANES];
    for part in parts {
        for lane in 0..LANES {
            lanes[lane] += of(part[lane]);
        }
    }
    (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]) + rest
}

fn largest(column: &[f64]) -> usize {
    let larger = |best: usize, row: usize| {
        if column[row].abs() > column[best].abs() {
            row
        } else {
            best
        }
    };
    (0..column.len()).fold(0, larger)
}

pub(crate) fn same_rows(what: &str, expected: usize, found: usize) -> Result<(), LinearError> {
    match expected == found {
        true => Ok(()),
        false => Err(LinearError::RowsDiffer {
            what: what.to_owned(),
            expected,
            found,
        }),
    }
}
