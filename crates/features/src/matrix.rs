//! The numbers that a model takes: one row per customer, one column per encoded feature.

/// A dense matrix of `f32`, row after row, as XGBoost reads it. NaN is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f32>,
}

impl Matrix {
    /// Takes row-major values; `None` when their number is not `rows * columns`.
    pub fn from_rows(rows: usize, columns: usize, values: Vec<f32>) -> Option<Matrix> {
        let expected = rows.checked_mul(columns)?;
        (values.len() == expected).then_some(Matrix {
            rows,
            columns,
            values,
        })
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    /// All values, row after row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The values of one row; empty when there is no such row.
    pub fn row(&self, row: usize) -> &[f32] {
        let start = row.saturating_mul(self.columns);
        self.values
            .get(start..start.saturating_add(self.columns))
            .unwrap_or_default()
    }

    /// The values of one column from the first row to the last.
    pub fn column(&self, column: usize) -> impl Iterator<Item = f32> + '_ {
        let step = self.columns.max(1);
        let present = column < self.columns;
        self.values
            .iter()
            .skip(column)
            .step_by(step)
            .take(if present { self.rows } else { 0 })
            .copied()
    }

    /// A copy of the values, column after column.
    pub fn to_columns(&self) -> Vec<f32> {
        (0..self.columns).flat_map(|j| self.column(j)).collect()
    }

    /// The given rows in the given order; rows that do not exist are left out.
    pub fn select(&self, rows: impl IntoIterator<Item = usize>) -> Matrix {
        let mut values = Vec::new();
        let mut count = 0;
        for row in rows.into_iter().filter(|row| *row < self.rows) {
            values.extend_from_slice(self.row(row));
            count += 1;
        }
        Matrix {
            rows: count,
            columns: self.columns,
            values,
        }
    }

    /// The given columns in the given order; columns that do not exist are left out.
    pub fn select_columns(&self, columns: &[usize]) -> Matrix {
        let kept: Vec<usize> = columns
            .iter()
            .copied()
            .filter(|column| *column < self.columns)
            .collect();
        let rows = self.values.chunks_exact(self.columns.max(1));
        let values = rows.flat_map(|row| kept.iter().map(|column| row[*column]));
        Matrix {
            rows: self.rows,
            columns: kept.len(),
            values: values.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn rows_and_columns_show_the_same_values() {
        let matrix = Matrix::from_rows(3, 2, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
        assert_eq!(matrix.row(1), [3.0, 4.0]);
        assert_eq!(matrix.column(1).collect::<Vec<_>>(), [2.0, 4.0, 6.0]);
        assert_eq!(matrix.to_columns(), [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
        assert_eq!(matrix.select([2, 0, 9]).values(), [5.0, 6.0, 1.0, 2.0]);
        let swapped = matrix.select_columns(&[1, 7, 0]);
        assert_eq!(swapped.values(), [2.0, 1.0, 4.0, 3.0, 6.0, 5.0]);
        assert_eq!((swapped.rows(), swapped.columns()), (3, 2));
        assert!(matrix.row(3).is_empty() && matrix.column(2).next().is_none());
        assert!(Matrix::from_rows(2, 2, vec![0.0]).is_none());
    }
}
