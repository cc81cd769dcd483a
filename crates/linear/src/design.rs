//! Rows made ready for many fits.

use rayon::prelude::*;

use crate::LinearError;
use crate::cholesky::Symmetric;

/// Rows whose sums are formed together. Sums of blocks are added in the order of the blocks, whichever thread
/// formed them: so the number of threads changes nothing.
pub(crate) const BLOCK: usize = 2048;

/// Rows are padded to a multiple of this.
const LANES: usize = 4;

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
        Design::new(names, rows, |row, column| columns[column][row])
    }

    /// Of row-major numbers.
    pub fn from_rows(names: &[&str], values: &[f32]) -> Result<Design, LinearError> {
        let columns = names.len();
        let rows = values.len() / columns.max(1);
        same_rows("values", rows * columns, values.len())?;
        Design::new(names, rows, |row, column| {
            f64::from(values[row * columns + column])
        })
    }

    fn new(
        names: &[&str],
        rows: usize,
        value: impl Fn(usize, usize) -> f64 + Sync,
    ) -> Result<Design, LinearError> {
        if rows == 0 {
            return Err(LinearError::NoRows);
        }
        let columns = names.len();
        let stride = (columns + 1).next_multiple_of(LANES);
        let mut values = vec![0.0; rows * stride];
        let fill = |(block, part): (usize, &mut [f64])| {
            for (index, own) in part.chunks_exact_mut(stride).enumerate() {
                for (column, place) in own[..columns].iter_mut().enumerate() {
                    *place = value(block * BLOCK + index, column);
                }
                own[columns] = 1.0;
            }
        };
        values
            .par_chunks_mut(BLOCK * stride)
            .enumerate()
            .for_each(fill);
        let mut design = Design {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            rows,
            stride,
            values,
            centre: Vec::new(),
            scale: Vec::new(),
        };
        design.standardise()?;
        Ok(design)
    }

    fn standardise(&mut self) -> Result<(), LinearError> {
        let (columns, stride, count) = (self.columns(), self.stride, self.rows as f64);
        let add = |sums: &mut [f64], _: usize, row: &[f64]| {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += value;
            }
        };
        let mut centre = self.sums(stride, add);
        centre.iter_mut().for_each(|sum| *sum /= count);
        if centre.iter().any(|mean| !mean.is_finite()) {
            self.check_finite()?;
        }
        let spread = |sums: &mut [f64], _: usize, row: &[f64]| {
            for ((sum, value), mean) in sums.iter_mut().zip(row).zip(&centre) {
                *sum += (value - mean) * (value - mean);
            }
        };
        let squares = self.sums(stride, spread);
        // What rounding alone leaves of a column that never varies is no deviation.
        let deviation = |(square, mean): (&f64, &f64)| {
            let deviation = (square / count).sqrt();
            let rounding = mean.abs() * f64::EPSILON * 4.0;
            if deviation > rounding { deviation } else { 0.0 }
        };
        let scale: Vec<f64> = squares.iter().zip(&centre).map(deviation).collect();
        let inverse: Vec<f64> = scale
            .iter()
            .map(|scale| if *scale > 0.0 { 1.0 / scale } else { 0.0 })
            .collect();
        self.values.par_chunks_mut(stride).for_each(|row| {
            for column in 0..columns {
                row[column] = (row[column] - centre[column]) * inverse[column];
            }
        });
        (self.centre, self.scale) = (centre, scale);
        self.centre.truncate(columns);
        self.scale.truncate(columns);
        match self.scale.iter().all(|scale| scale.is_finite()) {
            true => Ok(()),
            false => Err(self.too_large()),
        }
    }

    /// Values so large that their squares have no place in `f64`.
    fn too_large(&self) -> LinearError {
        let column = self.scale.iter().position(|scale| !scale.is_finite());
        LinearError::ValueMissing {
            row: 0,
            column: self.names[column.unwrap_or(0)].clone(),
            value: f64::INFINITY,
        }
    }

    fn check_finite(&self) -> Result<(), LinearError> {
        for (row, values) in self.values.chunks_exact(self.stride).enumerate() {
            if let Some(column) = values.iter().position(|value| !value.is_finite()) {
                return Err(LinearError::ValueMissing {
                    row,
                    column: self.names[column].clone(),
                    value: values[column],
                });
            }
        }
        Ok(())
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

    /// Sums over all rows, of so many numbers.
    pub(crate) fn sums(
        &self,
        size: usize,
        add: impl Fn(&mut [f64], usize, &[f64]) + Sync,
    ) -> Vec<f64> {
        let of_block = |(block, part): (usize, &[f64])| {
            let mut sums = vec![0.0; size];
            for (index, row) in part.chunks_exact(self.stride).enumerate() {
                add(&mut sums, block * BLOCK + index, row);
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
                add_four(
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
/// Four rows at once: what has been summed is read and written a quarter as often.
fn add_four(sums: &mut [f64], rows: [&[f64]; 4], weights: [f64; 4]) {
    let size = rows[0].len();
    for (place, sums) in sums.chunks_exact_mut(size).enumerate() {
        let first = place / LANES * LANES;
        let [a, b, c, d] = [0, 1, 2, 3].map(|index| weights[index] * rows[index][place]);
        let [one, two, three, four] = rows.map(|row| &row[first..]);
        let others = one.iter().zip(two).zip(three.iter().zip(four));
        for (sum, ((one, two), (three, four))) in sums[first..].iter_mut().zip(others) {
            *sum += (a * one + b * two) + (c * three + d * four);
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
